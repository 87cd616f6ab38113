"""The panel of the acts on a record's page, and the page of each act."""

from copy import copy

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpResponseRedirect
from django.urls import path

from programme.backoffice.actes.acte import Acte
from programme.backoffice.actes.conflit import told_since
from programme.backoffice.actes.registre import cycles_of
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.pages import headline
from programme.backoffice.cadre.restitution import SAISIE_RENDUE
from programme.backoffice.droits import may_correct
from programme.backoffice.preparation.portes import portes
from territoires.historiques import chargements
from territoires.models import ConflitDeVersion

DERNIERS_ACTES = 3


class Actes(Piece):
    """Of what can be published: its life-cycles change by acts alone."""

    def urls(self):
        view = self.admin_site.admin_view(self.acte_view)
        return [
            path(
                f"<path:object_id>/acte/{acte.nom}/",
                view,
                {"acte": acte},
                name=self.address_name(f"acte_{acte.nom}"),
            )
            for cycle in cycles_of(self.model)
            for acte in cycle.actes
        ]

    def readonly(self, request, obj):
        return [] if obj is None else [cycle.champ for cycle in cycles_of(self.model)]

    def context(self, request, obj):
        return {
            "cycles": self._cycles(request, obj) if obj is not None else [],
            "derniers_actes": self._latest(obj) if obj is not None else [],
            "corrige": may_correct(request.user),
        }

    # --- The panel ----------------------------------------------------------------------------

    def _cycles(self, request, obj):
        """The acts of each life-cycle: those that may be done, and why the others may not."""
        told = []
        for cycle in cycles_of(self.model):
            lines = [(acte, acte.empechement(request.user, obj)) for acte in cycle.actes]
            reasons = {}  # a reason that several acts share is said once
            for acte, empeche in lines:
                if empeche is not None:
                    reasons.setdefault(empeche.raison, []).append(acte)
            forward = (acte for acte, empeche in lines if empeche is None and acte.avance)
            following = next(forward, None)
            told.append(
                {
                    "titre": cycle.titre,
                    "champ": cycle.champ,
                    "etat": getattr(obj, cycle.champ) or "sans statut",
                    "possibles": [
                        {
                            "acte": acte,
                            "url": self.ecran.page_address(f"acte_{acte.nom}", obj.pk),
                            "avertissement": acte.avertir(obj),
                            "principal": acte is following,
                        }
                        for acte, empeche in lines
                        if empeche is None
                    ],
                    "empeches": reasons,
                    "interdits": any(e is not None and e.interdit for _, e in lines),
                    "nb_empeches": sum(len(acts) for acts in reasons.values()),
                }
            )
        return told

    def _latest(self, obj):
        records = obj.history.filter(history_type="~", history_change_reason__gt="")
        records = records.exclude(chargements())
        told = "modification__correction__auteur"
        return list(records.select_related("history_user", told)[:DERNIERS_ACTES])

    # --- The page of an act -------------------------------------------------------------------

    def acte_view(self, request, object_id, acte):
        """What will happen (GET), then the act itself (POST); or why it may not be done."""
        if not self.ecran.has_view_permission(request):
            raise PermissionDenied
        record = self.ecran.get_object(request, unquote(object_id))
        if record is None:
            return self.ecran._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        empeche = acte.empechement(request.user, record)
        if request.method == "POST":
            try:
                return self._post(request, record, acte, empeche)
            except ConflitDeVersion:
                # Somebody saved between our reading and our writing: read again, and tell it.
                return self.acte_view(request, object_id, acte)
        if (typed := self.ecran.tour.rendue) is not None:
            return self._give_act_back(request, record, acte, empeche, typed)
        form = acte.form(record=record, agent=request.user) if empeche is None else None
        status = 403 if empeche and empeche.interdit else 200
        return self._page_of(request, record, acte, empeche, form=form, status=status)

    def typed(self, request):
        """On the page of an act, the `Groupe`s of what its form held; nothing elsewhere."""
        acte = request.resolver_match.kwargs.get("acte")
        return acte.form.typed(request.POST, request.user) if isinstance(acte, Acte) else None

    def _give_act_back(self, request, record, acte, empeche, typed):
        """The form as it was sent without a session: nothing is done before it is sent again."""
        form = acte.form(typed, record=record, agent=request.user)
        more = "_lignes" in typed and form.lignes is not None
        if more:
            form.add_rows()
        form.is_valid()
        since = told_since(request.user, record, form.cleaned_data.get("version_vue"))
        form.confirm_again()
        told = [SAISIE_RENDUE, *since]
        status = 403 if empeche and empeche.interdit else 200
        page = {"form": form, "erreurs": not more, "since": told, "status": status}
        return self._page_of(request, record, acte, empeche, **page)

    def _post(self, request, record, acte, empeche):
        form = acte.form(request.POST, record=record, agent=request.user)
        page = {"form": form, "erreurs": True}
        if empeche and empeche.interdit:
            return self._page_of(request, record, acte, empeche, **page, status=403)
        if "_lignes" in request.POST and form.lignes is not None and not empeche:
            form.add_rows()
            return self._page_of(request, record, acte, None, form=form)
        valid = form.is_valid()
        since = told_since(request.user, record, form.cleaned_data.get("version_vue"))
        if since or empeche:
            form.confirm_again()
            return self._page_of(request, record, acte, empeche, **page, since=since, status=409)
        if valid and self._do(request, record, acte, form):
            return HttpResponseRedirect(self.ecran.page_address("change", record.pk))
        return self._page_of(request, record, acte, None, **page)

    def _do(self, request, record, acte, form):
        """Do the act, all of it or nothing; False when it was refused, and the form says why."""
        done = copy(record)  # `record` stays as it was, for the page that tells a refusal
        try:
            acte.mener(done, form, request.user)
        except ValidationError as error:
            form.refuse(error)
            return False
        except IntegrityError as error:
            form.refuse(ValidationError(self.ecran._explain(error)))
            return False
        self.ecran.message_user(request, f"« {record} » : {done._change_reason}.", messages.SUCCESS)
        if form.suite:
            self.ecran.message_user(request, form.suite)
        return True

    def _page_of(
        self, request, record, acte, empeche, *, form=None, erreurs=False, since=(), status=200
    ):
        cycle = next(cycle for cycle in cycles_of(self.model) if acte in cycle.actes)
        prepares = bool(acte.en_seance) and (empeche is None or empeche.interdit)
        context = {
            "seances": portes(request.user, record, acte.nom) if prepares else [],
            "title": acte.titre,
            "subtitle": headline(record),
            "record": record,
            "acte": acte,
            "effet": acte.effet_sur(record),
            "avertissement": "" if empeche else acte.avertir(record),
            "etat": getattr(record, cycle.champ) or "sans statut",
            "champ": cycle.champ,
            "retour": self.ecran.page_address("change", record.pk),
            "empechement": empeche,
            "demande_url": (
                self.ecran.page_address("demander", record.pk)
                if empeche and empeche.interdit
                else ""
            ),
            "form": None if empeche else form,
            "saisie": form.typed(form.data, request.user) if empeche and form else [],
            "erreurs": erreurs,
            "entretemps": since,
        }
        return self.ecran.render_page(request, "admin/actes/acte.html", context, status)
