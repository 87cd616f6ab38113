"""The two acts of a history: put a value back, make a deleted record again."""

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect

from programme.backoffice.cadre.historique.mots import day_of, names_of
from programme.backoffice.cadre.historique.retablissement import (
    NON_RETABLIS,
    Recreation,
    Retablissement,
    deleted_with,
    in_words,
)
from programme.backoffice.cadre.pages import headline
from programme.backoffice.cadre.perimetre import Refus
from territoires.models import ConflitDeVersion

MEANWHILE = (
    "Cet enregistrement a été modifié depuis que vous avez ouvert la page : rien n’a été rétabli. "
    "Relisez ci-dessous, puis confirmez de nouveau."
)
NOTHING_TICKED = "Cochez au moins un champ à rétablir."


class Refuse(Exception):
    """What may not be put back; its arguments are the sentences that say why."""


class RetablirMixin:
    """For the admin of a model that keeps a `history`: the rights are those of an ordinary edit."""

    # --- The rules ----------------------------------------------------------------------------

    def may_restore(self, request, obj):
        return self.has_change_permission(request, obj)

    def why_locked(self, request, obj):
        """The sentence of what locks the record for this agent; empty when nothing does."""
        return ""

    def why_not_restored(self, request, obj, field):
        """Why the field is never put back in this record by this agent; empty when it may be."""
        if reason := NON_RETABLIS.get(field.name):
            return reason
        if field.get_internal_type() == "FileField":
            return "un fichier se joint de nouveau depuis le formulaire"
        if field.name in self.get_readonly_fields(request, obj):
            return "ce champ est en lecture seule pour vous"
        return ""

    def recreated(self, request, instance):
        """Prepare a deleted row that is about to be made again."""

    # --- Putting values back ------------------------------------------------------------------

    def restore_view(self, request, object_id, history_id):
        """Field, value now, value put back; then, once confirmed, an ordinary save."""
        obj, records = self._records(request, object_id)
        record = records.filter(history_id=history_id).exclude(history_type="-").first()
        if obj is None or record is None:
            raise Http404("Rien à rétablir à cette adresse.")
        if not self.may_restore(request, obj):
            if reason := self.why_locked(request, obj):
                return self._restore_page(request, obj, record, verrou=reason, status=403)
            raise PermissionDenied
        if request.method != "POST":
            return self._restore_page(request, obj, record)
        errors, status = self._attempt(lambda: self._restore(request, obj, record))
        if errors:
            return self._restore_page(request, obj, record, errors, status=status)
        return HttpResponseRedirect(self.page_address("history", obj.pk))

    def _attempt(self, act):
        """Do it, all or nothing: `(sentences that say why it was not done, status of the page)`."""
        try:
            with transaction.atomic():
                act()
        except Refuse as refusal:
            return list(refusal.args), 200
        except Refus as refusal:
            return [str(refusal)], 200
        except ConflitDeVersion:
            return [MEANWHILE], 409
        except IntegrityError as error:
            return [self._explain(error)], 409
        return [], 200

    def _restoration(self, request, obj, record):
        names = request.GET.getlist("champ")
        editable = {field.name for field in self.opts.get_fields() if hasattr(field, "attname")}
        if unknown := set(names) - editable:
            raise Http404(f"Aucun champ « {min(unknown)} » dans cet enregistrement.")
        return Retablissement(self, request, obj, record, names)

    def _restore(self, request, obj, record):
        if request.POST.get("version_vue") != str(obj.version):
            raise ConflitDeVersion(obj)
        work = self._restoration(request, obj, record)
        ticked = request.POST.getlist("retablir")
        if not ticked:
            raise Refuse(NOTHING_TICKED)
        offered = {valeur.nom: valeur for valeur in work.valeurs}
        refused = [
            f"{offered[name].champ} : {offered[name].raison}."
            for name in ticked
            if name in offered and offered[name].raison
        ]
        if refused:
            raise Refuse(*refused)
        if set(ticked) - set(offered):
            raise Refuse(MEANWHILE)
        form = work.bound(ticked)
        if not form.is_valid():
            raise Refuse(*in_words(form))
        what = "valeur" if len(ticked) == 1 else "valeurs"
        reason = f"{what} du {work.quand} {'rétablie' if len(ticked) == 1 else 'rétablies'}"
        form.instance._change_reason = reason
        saved = self.save_form(request, form, change=True)
        self.save_model(request, saved, form, change=True)
        self.save_related(request, form, [], change=True)
        self.log_change(request, saved, reason)
        names = ", ".join(offered[name].champ for name in ticked)
        self.message_user(request, f"« {saved} », {names} : {reason}.", messages.SUCCESS)

    def _restore_page(self, request, obj, record, errors=(), *, verrou="", status=200):
        # Read again: a form that was refused has left its values in the row.
        obj = self.model._base_manager.get(pk=obj.pk)
        work = None if verrou else self._restoration(request, obj, record)
        chosen = set(request.POST.getlist("retablir")) if request.method == "POST" else None
        values = work.valeurs if work else []
        context = {
            "title": "Rétablir",
            "subtitle": headline(obj),
            "object": obj,
            "object_id": quote(obj.pk),
            "quand": day_of(record.history_date),
            "record": record,
            "version_vue": obj.version,
            "erreurs": errors,
            "verrou": verrou,
            "valeurs": [
                (valeur, not valeur.raison and (chosen is None or valeur.nom in chosen))
                for valeur in values
            ],
            "possible": any(not valeur.raison for valeur in values),
        }
        return self.render_page(request, "admin/retablir.html", context, status=status)

    # --- Making a deleted record again --------------------------------------------------------

    def recreate_view(self, request, object_id):
        """A deleted record, and the rows that went with it; then all of what was ticked, or none.

        A record comes back as a draft, unless the agent may publish it.
        """
        obj, records = self._records(request, object_id)
        record = records.filter(history_type="-").first()
        if obj is not None or record is None:
            raise Http404("Cet enregistrement n’est pas supprimé.")
        if not self.has_add_permission(request):
            raise PermissionDenied
        parts = self._parts(request, record)
        if request.method != "POST":
            errors = Recreation(self, request, record).errors()
            return self._recreate_page(request, record, parts, errors)
        errors, status = self._attempt(lambda: self._recreate(request, record, parts))
        if errors:
            return self._recreate_page(request, record, parts, errors, status=status)
        return HttpResponseRedirect(
            self.page_address("history", getattr(record, self.opts.pk.attname))
        )

    def _parts(self, request, record):
        """The rows that went with it and that the agent may add: dicts."""
        records = [
            part
            for part in deleted_with(self, record)
            if self._admin_of(part).has_add_permission(request)
        ]
        names = names_of(records)
        return [
            {
                "record": part,
                "cle": f"{part.instance_type._meta.model_name}-{part.history_id}",
                "genre": part.instance_type._meta.verbose_name,
                "nom": names[
                    part.instance_type, getattr(part, part.instance_type._meta.pk.attname)
                ],
            }
            for part in records
        ]

    def _admin_of(self, record):
        return self.admin_site.get_model_admin(record.instance_type)

    def _recreate(self, request, record, parts):
        if request.POST.get("suppression") != str(record.history_id):
            raise ConflitDeVersion(record.instance)
        ticked = set(request.POST.getlist("ligne"))
        parts = [part for part in parts if part["cle"] in ticked]
        reason = f"enregistrement supprimé le {day_of(record.history_date)}, rétabli"
        work = Recreation(self, request, record)
        if errors := work.errors():
            raise Refuse(*errors)
        row = work.save(reason)
        for part in parts:
            child = Recreation(self._admin_of(part["record"]), request, part["record"])
            if errors := child.errors():
                raise Refuse(*(f"{part['nom']} – {error}" for error in errors))
            child.save(reason)
        rows = f", avec ce qui en dépendait : {len(parts)}" if parts else ""
        self.message_user(request, f"« {row} » est rétabli{rows}.", messages.SUCCESS)

    def _recreate_page(self, request, record, parts, errors=(), *, status=200):
        posted = request.method == "POST"
        ticked = set(request.POST.getlist("ligne"))
        instance = Recreation(self, request, record).instance
        name = next(iter(names_of([record]).values()))
        context = {
            "title": "Rétablir l’enregistrement",
            "subtitle": headline(name),
            "object_id": quote(getattr(record, self.opts.pk.attname)),
            "record": record,
            "quand": day_of(record.history_date),
            "publication": getattr(instance, "publication", ""),
            "publication_avant": getattr(record, "publication", ""),
            "parties": [(part, not posted or part["cle"] in ticked) for part in parts],
            "erreurs": errors,
        }
        return self.render_page(request, "admin/recreer.html", context, status=status)
