"""The history of a record, readable: who, when, which field, from what to what.

Deleted records keep theirs: a list of them leads to it.
"""

from dataclasses import dataclass

from django.contrib.admin.utils import display_for_field, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list

from territoires.administration.perimetre import is_inside, was_inside

VIDE = "non renseigné"
MASQUE = "hors de votre périmètre"
LIGNES_PAR_PAGE = 50
SUPPRESSIONS_LUES = 200
TYPES = {"+": "création", "~": "modification", "-": "suppression"}


@dataclass(frozen=True)
class Changement:
    """One field that changed, in words."""

    nom: str
    champ: str
    avant: str
    apres: str


class Formateur:
    """Says a field's value in French, without naming a row that the agent may not see."""

    def __init__(self, agent):
        self.agent = agent
        self.memo = {}

    def _row(self, instance):
        if not hasattr(type(instance), "perimetre"):
            return str(instance)  # a row deleted since: simple_history says which
        key = (type(instance), instance.pk)
        if key not in self.memo:
            self.memo[key] = is_inside(self.agent, instance)
        return str(instance) if self.memo[key] else MASQUE

    def value(self, field, value):
        """`value` is as `diff_against` gives it: rows, not keys, for relations."""
        if value is None or value in ("", []):
            return VIDE
        if field.many_to_many:
            target = field.m2m_reverse_field_name()
            return ", ".join(sorted(self._row(link[target]) for link in value))
        if field.is_relation:
            return self._row(value)
        return str(display_for_field(value, field, VIDE))

    def changes(self, model, new, old):
        """The `Changement`s between two historical records of `model`, `version` left out."""
        delta = new.diff_against(old, excluded_fields=["version"], foreign_keys_are_objs=True)
        fields = [(model._meta.get_field(change.field), change) for change in delta.changes]
        return [
            Changement(
                field.name,
                str(field.verbose_name),
                self.value(field, change.old),
                self.value(field, change.new),
            )
            for field, change in fields
        ]


class HistoriqueMixin:
    """History pages for a ModelAdmin whose model keeps a `history`."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("supprimes/", wrap(self.deleted_view), name=f"{name}_supprimes"),
            path("<path:object_id>/history/<int:history_id>/", wrap(self.version_view),
                 name=f"{name}_version"),
            *super().get_urls(),
        ]  # fmt: skip

    def _records(self, request, object_id):
        """The history of one record that the agent may see, newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = self.opts.pk
        try:
            key = pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404 from error
        records = self.model.history.filter(**{pk.attname: key}).select_related("history_user")
        obj = self.model._base_manager.filter(pk=key).first()
        if obj is not None:
            allowed = self.has_view_permission(request, obj)
        else:
            last = records.first()
            allowed = last is not None and was_inside(request.user, last)
        if not allowed:
            raise Http404(f"Aucun enregistrement « {self.opts.verbose_name} » à cette adresse.")
        return obj, records._select_related_history_tracked_objs()

    def history_view(self, request, object_id, extra_context=None):
        obj, records = self._records(request, object_id)
        page = Paginator(records, LIGNES_PAR_PAGE).get_page(request.GET.get("p"))
        rows = list(page.object_list)
        # The row before the page's oldest one, so that it too is told as a change.
        following = list(records[page.end_index() : page.end_index() + 1])
        formateur = Formateur(request.user)
        lines = [
            {
                "record": new,
                "type": TYPES[new.history_type],
                "changements": (
                    formateur.changes(self.model, new, old)
                    if old is not None and new.history_type == "~"
                    else []
                ),
            }
            for new, old in zip(rows, [*rows[1:], *(following or [None])], strict=False)
        ]
        context = {
            "title": "Historique",
            "subtitle": str(obj if obj is not None else rows[0].instance),
            "object": obj,
            "object_id": object_id,
            "lignes": lines,
            "page": page,
        }
        return self._page(request, "admin/historique.html", context | (extra_context or {}))

    def version_view(self, request, object_id, history_id):
        """One record as it was after one save."""
        obj, records = self._records(request, object_id)
        record = records.filter(history_id=history_id).first()
        if record is None:
            raise Http404("Aucune version de cet enregistrement à cette adresse.")
        formateur = Formateur(request.user)
        tracked = [f for f in record.tracked_fields if f.name != "version"]
        values = [(f.verbose_name, formateur.value(f, getattr(record, f.name))) for f in tracked]
        for field in self.opts.many_to_many:
            if hasattr(record, field.name):
                target = field.m2m_reverse_field_name()
                links = getattr(record, field.name).select_related(target)
                links = [{target: getattr(link, target)} for link in links]
                values.append((field.verbose_name, formateur.value(field, links)))
        context = {
            "title": f"Version n° {record.version}",
            "subtitle": str(record.instance),
            "object": obj,
            "object_id": object_id,
            "record": record,
            "type": TYPES[record.history_type],
            "valeurs": values,
        }
        return self._page(request, "admin/historique_version.html", context)

    def deleted_view(self, request):
        """The records that were deleted, newest first, with the way to their history."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = self.opts.pk.attname
        gone = self.model.history.filter(history_type="-").exclude(
            **{f"{pk}__in": self.model._base_manager.values("pk")}
        )
        latest = gone.select_related("history_user")[:SUPPRESSIONS_LUES]
        lines = [record for record in latest if was_inside(request.user, record)]
        context = {
            "title": f"{capfirst(str(self.opts.verbose_name_plural))} : suppressions",
            "subtitle": None,
            "lignes": [(record, getattr(record, pk), str(record.instance)) for record in lines],
            "plafond": SUPPRESSIONS_LUES,
        }
        return self._page(request, "admin/suppressions.html", context)

    def _page(self, request, template, context):
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, context)


def who_and_when(records):
    """« Camille Martin, le 3 mai 2022 à 14:05 » of the authors of `records`, each once."""
    last = {}
    for record in records:
        author = str(record.history_user) if record.history_user else "une commande"
        last.setdefault(author, timezone.localtime(record.history_date))
    said = [f"{who} (le {date_format(when, 'j F Y à H:i')})" for who, when in last.items()]
    return get_text_list(said, "et") or "quelqu’un"
