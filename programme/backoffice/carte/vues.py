"""The pages of the acts, under the address of their séance: choose, preview, confirm, undo."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from programme.backoffice.carte.apercu import changes, fingerprint
from programme.backoffice.carte.formulaires import ACTES, DefaireForm, ListeForm
from programme.backoffice.droits import AJUSTER, permission
from programme.models import Decision, Seance
from territoires.administration.restitution import SAISIE_RENDUE
from territoires.ajustements import preview
from territoires.models import ConflitDeVersion, Phase, Territoire

MEANWHILE = (
    "La carte a changé depuis votre aperçu : rien n’a été enregistré. Relisez l’aperçu ci-dessous, "
    "puis confirmez de nouveau."
)
TOGETHER = (
    "Une autre personne vient de changer la carte : rien n’a été enregistré. "
    "Relisez le formulaire, puis recommencez."
)


class CarteSeanceMixin:
    """For the admin of séances: the acts on the map."""

    def get_urls(self):
        view = self.admin_site.admin_view
        ours = [
            path("<int:pk>/carte/", view(self.carte), name="programme_seance_carte"),
            path("<int:pk>/carte/<slug:acte>/", view(self.acte), name="programme_seance_acte"),
            path(
                "<int:pk>/carte/<slug:acte>/<slug:code>/",
                view(self.acte),
                name="programme_seance_acte_territoire",
            ),
            path(
                "<int:pk>/defaire/<int:decision>/",
                view(self.defaire),
                name="programme_seance_defaire",
            ),
        ]
        return [*ours, *super().get_urls()]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        may = request.user.has_perm(permission(AJUSTER, Territoire))
        may = may and obj is not None and self.has_change_permission(request, obj)
        context["carte_url"] = self._home(obj) if may else ""
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # --- The pages ----------------------------------------------------------------------------

    def carte(self, request, pk):
        """The acts that this séance may decide, and those it has decided."""
        seance = self._seance(request, pk)
        mine = Territoire.objects.visible_to(request.user).with_dates()
        mine = mine.filter(phase__in=Phase.objects.at(seance.date))
        context = {
            "title": "Ajuster la carte",
            "subtitle": str(seance),
            "seance": seance,
            "territoires": [t for t in mine if t.debut and t.sortie is None],
            "partis": [t for t in mine if not t.debut or t.sortie],
            "decisions": seance.decisions.filter(ajustement__isnull=False).select_related(
                "auteur", "defaite_par__seance"
            ),
            "national": request.user.est_national,
        }
        return self.render_page(request, "admin/carte/actes.html", context)

    def acte(self, request, pk, acte, code=None):
        """One act: its form, its preview, its confirmation."""
        seance = self._seance(request, pk)
        form_class = ACTES.get(acte)
        if form_class is None or form_class.avec_territoire != (code is not None):
            raise Http404("Cet acte n’existe pas.")
        if form_class is ListeForm and not request.user.est_national:
            raise PermissionDenied
        territoire = None
        if code is not None:
            mine = Territoire.objects.visible_to(request.user)
            territoire = get_object_or_404(mine, pk=code)
        return self._conduct(request, seance, form_class, {"territoire": territoire})

    def defaire(self, request, pk, decision):
        """The contrary of a decision, recorded in this séance."""
        seance = self._seance(request, pk)
        mine = Decision.objects.visible_to(request.user).filter(ajustement__isnull=False)
        done = get_object_or_404(mine, pk=decision)
        if Decision.objects.filter(defait=done).exists():
            self.message_user(request, "Cette décision est déjà défaite.", messages.ERROR)
            return HttpResponseRedirect(self._home(seance))
        return self._conduct(request, seance, DefaireForm, {"decision": done})

    # --- How ----------------------------------------------------------------------------------

    def _seance(self, request, pk):
        seance = get_object_or_404(Seance.objects.visible_to(request.user), pk=pk)
        may = request.user.has_perm(permission(AJUSTER, Territoire))
        if not (may and self.has_change_permission(request, seance)):
            raise PermissionDenied
        return seance

    def _home(self, seance):
        return reverse("admin:programme_seance_carte", args=[seance.pk])

    def _conduct(self, request, seance, form_class, about):
        given = {"agent": request.user, "seance": seance, "site": self.admin_site, **about}
        if request.method != "POST":
            typed = getattr(request, "saisie_rendue", None)
            form = form_class(typed, **given)
            if typed is not None:
                form.add_error(None, SAISIE_RENDUE)
            return self._form(request, seance, form)
        form = form_class(request.POST, request.FILES, **given)
        if not form.is_valid():
            return self._form(request, seance, form)
        try:
            return self._decide(request, seance, form)
        except ValidationError as error:
            form.add_error(None, error)
        except (ConflitDeVersion, IntegrityError):
            form.add_error(None, TOGETHER)
        return self._form(request, seance, form)

    def _form(self, request, seance, form):
        context = {"title": form.titre, "subtitle": str(seance), "seance": seance, "form": form}
        return self.render_page(request, "admin/carte/acte.html", context)

    def _decide(self, request, seance, form):
        """Record what was previewed, or show the preview."""
        seen = fingerprint(form.ajustement)
        claimed = request.POST.get("empreinte")
        if claimed == seen:
            self._record(request, seance, form)
            return HttpResponseRedirect(self._home(seance))
        with preview(form.ajustement):
            context = {
                "title": f"{form.titre} : aperçu",
                "subtitle": str(seance),
                "seance": seance,
                "form": form,
                "empreinte": seen,
                "phrase": form.cleaned_data["texte"] or form.ajustement.en_mots(),
                "meanwhile": MEANWHILE if claimed else "",
                **changes(form.ajustement),
            }
            # Drawn while the act is applied: afterwards the rows are as they were.
            return self.render_page(request, "admin/carte/apercu.html", context).render()

    def _record(self, request, seance, form):
        act = form.ajustement
        with transaction.atomic():
            act.appliquer()
            decision = Decision(
                seance=seance,
                type=Decision.Type.CARTE,
                texte=form.cleaned_data["texte"] or act.en_mots(),
                territoire_id=act.territoires[0] if len(act.territoires) == 1 else None,
                ajustement=act.to_json(),
                defait=getattr(form, "decision", None),
                auteur=request.user,
            )
            decision.full_clean()
            decision.save()
        self.log_addition(request, decision, [{"added": {}}])
        self.message_user(request, f"Décision enregistrée. {decision.texte}", messages.SUCCESS)
