"""The pages of the acts, under the address of their séance: choose, preview, confirm, undo."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from programme.backoffice import flux
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.restitution import SAISIE_RENDUE
from programme.backoffice.carte.apercu import changes, fingerprint
from programme.backoffice.carte.correspondance import table
from programme.backoffice.carte.formulaires import (
    AjouterForm,
    DefaireForm,
    DetacherForm,
    RattacherForm,
    RenommerForm,
    RetirerForm,
    ReunirForm,
)
from programme.backoffice.carte.liste import ListeForm
from programme.backoffice.droits import AJUSTER, may_correct, permission
from programme.models import Decision, DecisionPreparee, Publication, Seance
from programme.models.comites import ACTE_SUR_LA_CARTE
from territoires.carte_a_venir import CarteAVenir
from territoires.models import ConflitDeVersion, Modification, Phase, Territoire

ACTES = {
    "ajouter": AjouterForm,
    "reunir": ReunirForm,
    "liste": ListeForm,
    "rattacher": RattacherForm,
    "detacher": DetacherForm,
    "renommer": RenommerForm,
    "retirer": RetirerForm,
}
"""The acts by the last part of their address."""
MEANWHILE = (
    "La carte a changé depuis votre aperçu : rien n’a été enregistré. Relisez l’aperçu ci-dessous, "
    "puis confirmez de nouveau."
)
CORRIGEE = (
    "La carte, ou votre correspondance, a changé depuis l’aperçu : rien n’a été enregistré. Lisez "
    "l’aperçu ci-dessous, puis confirmez de nouveau."
)
RIEN = "Rien n’a été enregistré : l’aperçu est fait sans ces choix, corrigez-les dans la table."
TOGETHER = (
    "Une autre personne vient de changer la carte : rien n’a été enregistré. "
    "Relisez le formulaire, puis recommencez."
)
APERCU = "{} : aperçu"
EN_ATTENTE = (
    "Décision enregistrée : elle attend. La carte publique changera quand la séance sera publiée."
)


class ActesSurLaCarte(Piece):
    """Of séances: the acts on the map."""

    def urls(self):
        view = self.admin_site.admin_view
        return [
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

    def context(self, request, obj):
        may = request.user.has_perm(permission(AJUSTER, Territoire))
        may = may and obj is not None and self.ecran.has_change_permission(request, obj)
        return {"carte_url": self._home(obj) if may else ""}

    # --- The pages ----------------------------------------------------------------------------

    def carte(self, request, pk):
        """The acts that this séance may decide, and those it has decided."""
        seance = self._seance(request, pk)
        carte, refus = carte_de_la_seance(seance)
        mine = Territoire.objects.visible_to(request.user).with_dates()
        mine = mine.filter(phase__in=Phase.objects.at(seance.date))
        context = {
            "title": "Ajuster la carte",
            "subtitle": str(seance),
            "seance": seance,
            "territoires": [t for t in mine if t.debut and t.sortie is None],
            "partis": [t for t in mine if not t.debut or t.sortie],
            "nouveaux": [t for t in carte.of(request.user) if t.pk in carte.nouveaux],
            "decisions": seance.decisions.filter(ajustement__isnull=False).select_related(
                "auteur", "defaite_par__seance", "trace"
            ),
            "refus": refus,
            "corriges": Modification.objects.of(seance)
            .filter(acte=ACTE_SUR_LA_CARTE)
            .corriges()
            .select_related("correction__auteur", "auteur"),
            "corrige": may_correct(request.user),
            "national": request.user.est_national,
        }
        return self.ecran.render_page(request, "admin/carte/actes.html", context)

    def acte(self, request, pk, acte, code=None):
        """One act: its form, its preview, its confirmation."""
        seance = self._seance(request, pk)
        form_class = ACTES.get(acte)
        if form_class is None or form_class.avec_territoire != (code is not None):
            raise Http404("Cet acte n’existe pas.")
        if form_class is ListeForm and not request.user.est_national:
            raise PermissionDenied
        carte, refus = carte_de_la_seance(seance)
        mine = {territoire.pk: territoire for territoire in carte.of(request.user)}
        if code is not None and code not in mine:
            raise Http404("Ce territoire n’existe pas.")
        about = {"territoire": mine.get(code), "carte": carte}
        return self._conduct(request, seance, form_class, about, refus)

    def defaire(self, request, pk, decision):
        """The contrary of a decision, recorded in this séance."""
        seance = self._seance(request, pk)
        mine = Decision.objects.visible_to(request.user).filter(ajustement__isnull=False)
        done = get_object_or_404(mine, pk=decision)
        if not done.change_la_carte:
            message = "Cette décision attend : elle se supprime, et ne se défait pas."
            self.ecran.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(self._home(seance))
        if Decision.objects.filter(defait=done).exists():
            self.ecran.message_user(request, "Cette décision est déjà défaite.", messages.ERROR)
            return HttpResponseRedirect(self._home(seance))
        carte, refus = carte_de_la_seance(seance)
        about = {"decision": done, "carte": carte}
        return self._conduct(request, seance, DefaireForm, about, refus)

    # --- How ----------------------------------------------------------------------------------

    def _seance(self, request, pk):
        seance = get_object_or_404(Seance.objects.visible_to(request.user), pk=pk)
        may = request.user.has_perm(permission(AJUSTER, Territoire))
        if not (may and self.ecran.has_change_permission(request, seance)):
            raise PermissionDenied
        return seance

    def _home(self, seance):
        return reverse("admin:programme_seance_carte", args=[seance.pk])

    def _conduct(self, request, seance, form_class, about, refus):
        given = {"agent": request.user, "seance": seance, "site": self.admin_site, **about}
        if request.method != "POST":
            typed = self.ecran.tour.rendue
            form = form_class(typed, **given)
            if typed is not None:
                form.add_error(None, SAISIE_RENDUE)
            return self._form(request, seance, form)
        form = form_class(request.POST, request.FILES, **given)
        if not form.is_valid():
            return self._form(request, seance, form)
        if refus:
            form.add_error(None, refus)
            return self._form(request, seance, form)
        steps = self._mener(request, seance, form)
        if form.est_long and "empreinte" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                **self._context(seance, form),
                "title": APERCU.format(form.titre),
            }
            return flux.en_flux(flux.page(request, "admin/carte/avancement.html", context, steps))
        return flux.au_bout(steps)

    def _context(self, seance, form):
        return {"title": form.titre, "subtitle": str(seance), "seance": seance, "form": form}

    def _form(self, request, seance, form):
        return self.ecran.render_page(request, "admin/carte/acte.html", self._context(seance, form))

    def _mener(self, request, seance, form):
        """Yield what is done, in sentences; return the response, or the form that says why not."""
        try:
            return (yield from self._decider(request, seance, form))
        except ValidationError as error:
            form.add_error(None, error)
        except (ConflitDeVersion, IntegrityError):
            form.add_error(None, TOGETHER)
        return self._form(request, seance, form)

    def _decider(self, request, seance, form):
        """Record what was previewed, or show the preview; the steps of it in sentences."""
        yield from form.etapes()
        rows = table(form) if form.proposition else None
        if rows:
            yield f"Contrats et projets comptés : {len(rows.rangees)} lignes à relire."
        act, carte = form.ajustement, form.carte
        seen = fingerprint(act, carte, seance.actes_en_attente)
        claimed = request.POST.get("empreinte")
        carte.faire(act)
        phrase = form.cleaned_data["texte"] or act.en_mots(carte.noms)
        if claimed == seen and not form.fautes and "preparer" in request.POST:
            self._prepare(request, seance, form, phrase)
            return HttpResponseRedirect(self.ecran.page_address("preparer", seance.pk))
        if claimed == seen and not form.fautes:
            self._record(request, seance, form, phrase)
            return HttpResponseRedirect(self._home(seance))
        yield f"Acte essayé sur la carte : {len(act.territoires)} territoires changeraient."
        again = CORRIGEE if form.proposition else MEANWHILE
        context = {
            **self._context(seance, form),
            "title": APERCU.format(form.titre),
            "empreinte": seen,
            "phrase": phrase,
            "meanwhile": [*form.fautes, RIEN] if form.fautes else [again] if claimed else [],
            "table": rows,
            **changes(act, carte),
        }
        yield "Cartes de la veille et du jour dessinées. L’aperçu est ci-dessous."
        return self.ecran.render_page(request, "admin/carte/apercu.html", context)

    def _prepare(self, request, seance, form, phrase):
        """Keep it for the séance, which will do it with what else it decides."""
        DecisionPreparee.ajouter(
            seance,
            acte=DecisionPreparee.CARTE,
            texte=phrase,
            ajustement=form.ajustement.to_json(),
            saisie={"defait": [str(form.decision.pk)]} if form.decision else {},
            auteur=request.user,
        )
        self.ecran.message_user(request, f"Ajoutée à la {seance.du_jour}.", messages.SUCCESS)

    def _record(self, request, seance, form, phrase):
        """Keep the decision; the map changes at once if the séance is public, else with it."""
        act = form.ajustement
        with transaction.atomic():
            # Whoever publishes the séance meanwhile comes before or after, never between.
            held = Seance.objects.select_for_update(of=("self",)).get(pk=seance.pk)
            decision = Decision(
                seance=held,
                type=Decision.Type.CARTE,
                texte=phrase,
                ajustement=act.to_json(),
                defait=form.decision,
                auteur=request.user,
            )
            decision.full_clean()
            decision.save()
            if held.publication == Publication.PUBLIE:
                decision.appliquer()
        self.ecran.log_addition(request, decision, [{"added": {}}])
        told = "Décision enregistrée." if decision.change_la_carte else EN_ATTENTE
        self.ecran.message_user(request, f"{told} {decision.texte}", messages.SUCCESS)


def carte_de_la_seance(seance):
    """`(CarteAVenir, why)`: the map with what the séance decided and that waits with it.

    `why` is empty, or says which of its decisions cannot be done any more: then none is.
    """
    carte = CarteAVenir.lire()
    for decision in seance.actes_en_attente:
        try:
            carte.faire(decision.acte)
        except ValidationError as error:
            return CarteAVenir.lire(), decision.ne_peut_plus(error)
    return carte, ""
