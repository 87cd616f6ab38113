"""What was typed, given back with the names of its fields when no form can show it again."""

import re
from dataclasses import dataclass, field

from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.forms.models import _get_foreign_key
from django.utils.text import capfirst

from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.fusion import name_of, plain, value_in
from programme.backoffice.cadre.historique import Formateur, who_and_when
from programme.backoffice.cadre.pages import headline

ROW = re.compile(r"^(?P<prefix>.+)-(?P<rank>\d+)-(?P<name>\w+)$")
SAISIE_RENDUE = (
    "Votre session avait expiré : rien n’a été enregistré. Voici votre saisie : relisez, puis "
    "enregistrez."
)


@dataclass
class Groupe:
    """What was typed in one record: the page's own, or one of its rows."""

    titre: str
    valeurs: list = field(default_factory=list)


class Saisie:
    """Reads the posted data of a ModelAdmin's form: `groups` says it in words.

    `base` is the historical record that its author saw: what they did not change is left out.
    """

    def __init__(self, admin, request, base=None):
        self.admin, self.request, self.base = admin, request, base
        self.words = Formateur(request.user).value

    @property
    def groups(self):
        own, rows = self._sorted()
        found = [self._group(Groupe(""), self.admin.model, own, self.base)]
        for inline in self.admin.inlines:
            relation = _get_foreign_key(self.admin.model, inline.model, fk_name=inline.fk_name)
            prefix = relation.remote_field.get_accessor_name(model=inline.model).replace("+", "")
            ranks = sorted(rank for kind, rank in rows if kind == prefix)
            for rank in ranks:
                rows[prefix, rank].pop(relation.name, None)
            found += [self._row(inline.model, rank, rows[prefix, rank]) for rank in ranks]
        return [group for group in found if group.valeurs]

    def _sorted(self):
        """({name: values} of the record, {(prefix, rank): the same} of its rows)."""
        own, rows = {}, {}
        for key in self.request.POST:
            match = ROW.match(key)
            values = self.request.POST.getlist(key)
            if match:
                row = rows.setdefault((match["prefix"], int(match["rank"])), {})
                row[match["name"]] = values
            else:
                own[key] = values
        return own, rows

    def _row(self, model, rank, data):
        name = capfirst(str(model._meta.verbose_name))
        base = self._base_of(model, data) if self.base is not None else None
        titre = f"{name} « {name_of(base)} »" if base else f"{name}, ligne {rank + 1}"
        group = self._group(Groupe(titre), model, data, base)
        if data.get("DELETE"):
            group.valeurs.append(("Supprimer cette ligne", "oui"))
        return group

    def _base_of(self, model, data):
        pk, seen = (data.get(name, [""])[-1] for name in (model._meta.pk.name, "version_vue"))
        if not (pk.isdecimal() and seen.isdecimal()):
            return None
        return model.history.filter(**{model._meta.pk.attname: pk}, version=seen).first()

    def _group(self, group, model, data, base):
        for name, values in data.items():
            column = self._column(model, name.removesuffix("_code"))
            typed = [plain(value) for value in values if value]
            if column is None or not (typed or base) or self._is_same(column, typed, base):
                continue
            group.valeurs.append((str(column.verbose_name), self._in_words(column, typed)))
        if model is self.admin.model:
            for name, file in self.request.FILES.items():
                if column := self._column(model, name):
                    group.valeurs.append((str(column.verbose_name), file.name))
        return group

    @staticmethod
    def _column(model, name):
        """The field of `model` that a posted name stands for, if any."""
        try:
            column = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        return None if not column.concrete or column.auto_created else column

    def _is_same(self, column, typed, base):
        if base is None or not hasattr(
            base, column.name if column.many_to_many else column.attname
        ):
            return False
        stored = value_in(base, column)
        if column.many_to_many:
            return {str(key) for key in stored} == set(typed)
        try:
            return self._python(column, typed) == stored
        except ValidationError:
            return False

    def _python(self, column, typed):
        if not typed:
            return None if column.null else ""
        if isinstance(column, models.BooleanField):
            return True
        return column.to_python(typed[-1])

    def _in_words(self, column, typed):
        if column.is_relation:
            return self._names(column, typed)
        if isinstance(column, models.BooleanField):
            return "oui"
        try:
            return self.words(column, self._python(column, typed))
        except ValidationError:
            return ", ".join(typed)

    def _names(self, column, keys):
        """The rows that were chosen, by their names where the agent may choose them."""
        try:
            rows = self.admin.choices_for(self.request, column).filter(pk__in=keys)
            names = {str(row.pk): str(row) for row in rows}
        except (ValueError, ValidationError):
            names = {}
        return ", ".join(names.get(key, key) for key in keys) or "aucun choix"


class Restitution(Piece):
    """The pages that give back what a form held and may not save."""

    def give_back(self, request, object_id):
        """403, with the reason and what was typed; None when nothing was."""
        if request.method != "POST":
            return None
        obj = self.ecran.get_object(request, unquote(object_id)) if object_id else None
        shown = obj is not None and self.ecran.has_view_permission(request, obj)
        base = self._seen_by(request, obj.pk) if shown else None
        return self._given_back(
            request,
            groups=self.ecran.typed_groups(request, base),
            status=403,
            title="Votre saisie n’a pas été enregistrée",
            raison=self.ecran.why_refused(request, obj if shown else None),
            original=obj if shown else None,
        )

    def give_back_gone(self, request, object_id, gone):
        """409 when the record was deleted, 404 when it is out of reach; None without any text."""
        if gone is None:
            # The same words for what never existed: nothing tells that it lies elsewhere.
            return self._given_back(
                request,
                groups=self.ecran.typed_groups(request),
                status=404,
                title="Enregistrement hors de portée",
                raison="Cet enregistrement n’existe pas, ou n’est plus dans votre périmètre : "
                "rien n’a été enregistré.",
            )
        key = getattr(gone, self.opts.pk.attname)
        return self._given_back(
            request,
            groups=self.ecran.typed_groups(request, self._seen_by(request, key)),
            status=409,
            title="Enregistrement supprimé entre-temps",
            raison=f"{who_and_when([gone])} a supprimé « {name_of(gone)} » "
            f"({self.opts.verbose_name}) pendant que vous l’aviez ouvert : votre enregistrement "
            "n’a pas été fait.",
            object_id=object_id,
            always=True,
        )

    def _seen_by(self, request, key):
        """The historical record that the author of the form saw."""
        seen = request.POST.get("version_vue", "")
        if not seen.isdecimal():
            return None
        records = self.model.history.filter(**{self.opts.pk.attname: key}, version=seen)
        return records.exclude(history_type="-").first()

    def _given_back(
        self, request, *, groups, status, title, raison, object_id=None, original=None, always=False
    ):
        if not (groups or always):
            return None
        context = {
            "title": title,
            "subtitle": None if original is None else headline(original),
            "raison": raison,
            "groupes": groups,
            "object_id": object_id,
            "original": original,
            "demande_url": self.ecran.request_address(original),
            "liste": self.ecran.has_view_permission(request),
        }
        return self.ecran.render_page(request, "admin/supprime.html", context, status)
