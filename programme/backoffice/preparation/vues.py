"""The pages of a séance that prepare what it decides, try it, and apply it in one act."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import path

from programme.backoffice.bureau import attentes
from programme.backoffice.bureau.accueil import adresse_dossier
from programme.backoffice.bureau.cadre import Cadre
from programme.backoffice.bureau.liens import Lien, lien
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.pages import headline
from programme.backoffice.cadre.perimetre import is_inside
from programme.backoffice.droits import may_correct
from programme.backoffice.preparation import decisions
from programme.backoffice.preparation.essai import ACTE, appliquer, depuis, essayer, pas_encore
from programme.backoffice.preparation.portes import GENRES, may_prepare
from programme.backoffice.preparation.redaction import (
    PrepareeForm,
    Redaction,
    est_cle,
    preparee,
    sujet,
)
from programme.models import Contrat, DecisionPreparee, Projet, Proposition, Seance
from programme.templatetags.portail import pluriel
from territoires.models import Modification

OFFERTS = 40
"""Records of one kind that the page offers; the others are added from their own page."""
PLUS_LA = (
    "Cette décision n’est plus dans la préparation : elle a été appliquée, ou retirée, entre-temps."
)
CHANGEE = (
    "Cette décision préparée a changé depuis que vous avez ouvert la page : rien n’est enregistré, "
    "et votre saisie est gardée. Relisez, puis enregistrez de nouveau."
)
AUTRE_CHOSE = (
    "Rien n’a été appliqué : ce que feraient ces décisions n’est plus ce que vous aviez lu. "
    "Relisez l’essai ci-dessous, puis appliquez-le."
)
RIEN_A_APPLIQUER = (
    "Rien n’a été appliqué : aucune décision préparée n’attend plus dans cette séance."
)


@dataclass(frozen=True)
class Offre:
    """One thing to add; `case` is what its box sends."""

    case: str
    lien: Lien


@dataclass(frozen=True)
class Offres:
    """Those of one kind, `nombre` in all."""

    titre: str
    acte: str
    lignes: list[Offre]
    nombre: int

    @property
    def reste(self):
        return self.nombre - len(self.lignes)


class Preparation(Piece):
    """Of séances: prepare, try, apply."""

    def urls(self):
        view, name = self.admin_site.admin_view, self.address_name
        return [
            path("<path:object_id>/preparer/", view(self.preparer), name=name("preparer")),
            path("<path:object_id>/essayer/", view(self.essayer), name=name("essayer")),
            path(
                "<path:object_id>/preparer/<int:decision>/",
                view(self.modifier),
                name=name("preparee"),
            ),
            path(
                "<path:object_id>/preparer/<slug:genre>/<int:cle>/<slug:acte>/",
                view(self.ajouter),
                name=name("preparer_acte"),
            ),
        ]

    def context(self, request, obj):
        return {"preparer_url": self._home(obj) if obj is not None else ""}

    def _home(self, seance):
        return self.ecran.page_address("preparer", seance.pk)

    def _seance(self, request, object_id):
        if not self.ecran.has_view_permission(request):
            raise PermissionDenied
        seance = self.ecran.get_object(request, unquote(object_id))
        if seance is None or not self.ecran.has_view_permission(request, seance):
            raise Http404("Aucune séance à cette adresse.")
        return seance

    def _seance_a_preparer(self, request, object_id):
        seance = self._seance(request, object_id)
        if not may_prepare(request.user):
            raise PermissionDenied
        return seance

    # --- The page -----------------------------------------------------------------------------

    def preparer(self, request, object_id):
        """What is prepared, what was applied, what may be added (GET); one change to it (POST)."""
        seance = self._seance(request, object_id)
        if request.method != "POST":
            return self._page(request, seance)
        if not may_prepare(request.user):
            raise PermissionDenied
        for nom in ("monter", "descendre", "retirer"):
            if nom in request.POST:
                return self._change(request, seance, nom, request.POST[nom])
        return self._add(request, seance, request.POST.getlist("offre"))

    def _change(self, request, seance, nom, key):
        with transaction.atomic():
            Seance.objects.select_for_update(of=("self",)).get(pk=seance.pk)
            row = preparee(seance, key) if est_cle(key) else None
            if row is None:
                return self._page(request, seance, erreurs=[PLUS_LA], status=409)
            if nom == "retirer":
                row._change_reason = "retirée de la préparation"
                row.delete()
                self.ecran.message_user(request, "Décision retirée.", messages.SUCCESS)
            else:
                row.deplacer(-1 if nom == "monter" else 1)
        return HttpResponseRedirect(self._home(seance))

    def _add(self, request, seance, wanted):
        if not wanted:
            told = "Cochez au moins une ligne de ce qui attend."
            return self._page(request, seance, erreurs=[told], status=400)
        errors, added = [], 0
        with transaction.atomic():
            Seance.objects.select_for_update(of=("self",)).get(pk=seance.pk)
            for valeur in wanted[: 4 * OFFERTS]:
                try:
                    self._add_one(request.user, seance, valeur)
                    added += 1
                except ValidationError as error:
                    errors += error.messages
            if errors:
                transaction.set_rollback(True)
        if errors:
            told = ["Rien n’a été ajouté.", *errors]
            return self._page(request, seance, erreurs=told, status=409)
        said = pluriel(added, "décision ajoutée,décisions ajoutées")
        self.ecran.message_user(request, f"{said} à la séance.", messages.SUCCESS)
        return HttpResponseRedirect(self._home(seance))

    @staticmethod
    def _add_one(agent, seance, valeur):
        genre, cle, nom = [*valeur.split(":"), "", ""][:3]
        if not est_cle(cle):
            raise ValidationError("Une des lignes cochées n’est pas de cette page.")
        record = sujet(agent, genre, cle)
        if record is None:
            raise ValidationError(
                "Un des enregistrements cochés n’est plus là, ou n’est plus dans votre périmètre."
            )
        one = Redaction(agent, seance, record, nom)
        if refus := one.refus():
            raise ValidationError(refus)
        form = one.form()
        one.ajouter(decisions.initiale(form), form["texte"].value())

    def _page(self, request, seance, *, erreurs=(), status=200):
        may = may_prepare(request.user)
        waiting = list(
            seance.preparees.a_prendre().select_related(
                "contrat", "projet", "proposition", "auteur"
            )
        )
        done = Modification.objects.of(seance).filter(acte=ACTE)
        context = {
            "title": "Préparer la séance",
            "subtitle": headline(seance),
            "seance": seance,
            "retour": self.ecran.page_address("change", seance.pk),
            "erreurs": erreurs,
            "preparees": [self._told(request, seance, row) for row in waiting],
            "offres": offres(request.user, seance) if may else [],
            "du_public": du_public(request.user, seance) if may else [],
            "coches": set(request.POST.getlist("offre")),
            "prepare": may,
            "essayer_url": self.ecran.page_address("essayer", seance.pk),
            "carte_url": self.ecran.carte.context(request, seance)["carte_url"],
            "dossier_url": adresse_dossier(seance.comite, seance),
            "demande_url": self.ecran.page_address("demander", seance.pk),
            "corrige": may_correct(request.user),
            "appliquees": [
                (act, list(act.decisions_preparees.order_by("ordre", "pk")))
                for act in done.filter(correction__isnull=True).select_related("auteur")
            ],
            "corrigees": list(done.corriges().select_related("auteur", "correction__auteur")),
        }
        return self.ecran.render_page(request, "admin/preparation/preparer.html", context, status)

    def _told(self, request, seance, row):
        record = row.sujet
        inside = record is not None and is_inside(request.user, record)
        return {
            "preparee": row,
            "titre": decisions.titre(row),
            "lien": lien(record) if inside else None,
            "depuis": depuis(request.user, row) if inside else [],
            "url": self.ecran.page_address("preparee", seance.pk, row.pk),
        }

    # --- One decision ---------------------------------------------------------------------------

    def ajouter(self, request, object_id, genre, cle, acte):
        """The form of an act as this séance would do it (GET), kept as prepared (POST)."""
        seance = self._seance_a_preparer(request, object_id)
        about = sujet(request.user, genre, cle)
        if about is None:
            raise Http404("Aucun enregistrement à cette adresse.")
        one = Redaction(request.user, seance, about, acte)
        form = one.form(self._sent(request))
        refus = one.refus()
        if request.method != "POST" or _more_rows(request, form):
            return self._form_page(request, one, form, refus=refus)
        if refus:
            return self._form_page(request, one, form, 409, refus=refus)
        if form.is_valid():
            try:
                one.ajouter(decisions.saisie_de(form), form.cleaned_data["texte"])
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                return self._done(request, seance, f"Ajoutée à la {seance.du_jour}.")
        return self._form_page(request, one, form, 400)

    def modifier(self, request, object_id, decision):
        """The same form, of a decision that is prepared already."""
        seance = self._seance_a_preparer(request, object_id)
        row = preparee(seance, decision)
        if row is None:
            self.ecran.message_user(request, PLUS_LA, messages.ERROR)
            return HttpResponseRedirect(self._home(seance))
        about = row.proposition or row.contrat or row.projet
        if about is not None and sujet(request.user, about._meta.model_name, about.pk) is None:
            raise Http404("Aucun enregistrement à cette adresse.")
        one = Redaction(request.user, seance, about, row.acte, row)
        sent = self._sent(request)
        form = one.form(sent)
        seen = PrepareeForm(sent, initial={"version_preparee": row.version})
        if request.method != "POST" or _more_rows(request, form):
            return self._form_page(request, one, form, seen=seen)
        if not (form.is_valid() and seen.is_valid()):
            return self._form_page(request, one, form, 400, seen=seen)
        if seen.cleaned_data["version_preparee"] == row.version and one.amender(form):
            return self._done(request, seance, "Décision préparée modifiée.")
        row.refresh_from_db()
        seen = PrepareeForm(initial={"version_preparee": row.version})
        return self._form_page(request, one, form, 409, refus=CHANGEE, seen=seen)

    def _sent(self, request):
        return request.POST if request.method == "POST" else self.ecran.tour.rendue

    def _done(self, request, seance, said):
        self.ecran.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self._home(seance))

    def _form_page(self, request, one, form, status=200, **said):
        context = {
            "refus": "",
            "seen": None,
            "title": f"{one.titre} : préparer",
            "subtitle": headline(one.record) if one.record is not None else str(one.seance),
            "seance": one.seance,
            "lien": lien(one.record) if one.record is not None else None,
            "row": one.row,
            "form": form,
            "lignes": getattr(form, "lignes", None),
            "erreurs": request.method == "POST" and "_lignes" not in request.POST,
            "retour": self._home(one.seance),
            **said,
        }
        return self.ecran.render_page(request, "admin/preparation/decision.html", context, status)

    # --- Trying, applying -----------------------------------------------------------------------

    def essayer(self, request, object_id):
        """What all of it would do; with the digest of what was read, it is done."""
        seance = self._seance(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(self._home(seance))
        if not may_prepare(request.user):
            raise PermissionDenied
        if "appliquer" not in request.POST:
            return self._essai(request, seance, essayer(seance, request))
        if refus := (decisions.empechement(request.user, seance)):
            return self._essai(request, seance, essayer(seance, request), status=403, dit=refus)
        if refus := pas_encore(seance):
            return self._essai(request, seance, essayer(seance, request), status=409, dit=refus)
        found = appliquer(seance, request, request.POST.get("empreinte", ""))
        if found.trace is None:
            dit = AUTRE_CHOSE if found.resultats else RIEN_A_APPLIQUER
            return self._essai(request, seance, found, status=409, dit=dit)
        self.ecran.message_user(request, f"{found.trace.texte}.", messages.SUCCESS)
        return HttpResponseRedirect(f"{self._home(seance)}#appliquees")

    def _essai(self, request, seance, found, *, status=200, dit=""):
        empeche = decisions.empechement(request.user, seance)
        context = {
            "title": "Essayer la séance",
            "subtitle": headline(seance),
            "seance": seance,
            "essai": found,
            "dit": dit,
            "empeche": "" if dit == empeche else empeche,
            "pas_encore": "" if dit else pas_encore(seance),
            "applicable": bool(found.resultats)
            and not (found.refusees or empeche or pas_encore(seance)),
            "retour": self._home(seance),
            "fiche": self.ecran.page_address("change", seance.pk),
        }
        return self.ecran.render_page(request, "admin/preparation/essai.html", context, status)


def _more_rows(request, form):
    """Whether more rows are asked for: they are added to what was typed, and nothing is judged."""
    asked = "_lignes" in request.POST and getattr(form, "lignes", None) is not None
    if asked:
        form.add_rows()
    return asked


def offres(agent, seance):
    """The `Offres` of what waits for a committee and that its séance has not prepared."""
    region = seance.comite_regional.region if seance.comite_regional_id else None
    cadre = Cadre(agent, region)
    known = {
        (field, key, acte)
        for field in GENRES
        for key, acte in seance.preparees.a_prendre().values_list(field, "acte")
    }
    found = [
        _offres(name, decisions.preparables(rows.model)[0], rows, known)
        for name, rows in attentes.a_decider(cadre).items()
    ]
    sign = attentes.a_signer(cadre)
    found.append(_offres("Contrats à signer", decisions.acte_de(Contrat, "signer"), sign, known))
    ended = attentes.contrats_echus(cadre, seance.date).filter(statut=Contrat.Statut.EN_COURS)
    ended = ended.order_by("date_fin", "pk")
    close = decisions.acte_de(Contrat, "clore")
    found.append(_offres("Contrats dont la date d’achèvement est passée", close, ended, known))
    for model in (Contrat, Projet):
        name = f"{model._meta.verbose_name_plural} à publier".capitalize()
        rows = attentes.proposes(cadre, model)
        found.append(_offres(name, decisions.acte_de(model, "publier"), rows, known))
    waiting = _propositions(agent, seance)
    waiting = waiting.exclude(visibilite=Proposition.Visibilite.PUBLIQUE).order_by("pk")
    found.append(_offres("Propositions de changement", None, waiting, known))
    return [kind for kind in found if kind.lignes]


def du_public(agent, seance):
    """The `Lien`s of what the public reported and that waits: each is answered on its own page."""
    rows = _propositions(agent, seance).filter(visibilite=Proposition.Visibilite.PUBLIQUE)
    rows = rows.order_by("pk")[:OFFERTS]
    return [Lien(row.nom, row.get_absolute_url(), row.resume) for row in rows]


def _propositions(agent, seance):
    rows = Proposition.objects.visible_to(agent).en_attente()
    return rows.of_region(seance.comite_regional.region) if seance.comite_regional_id else rows


def _offres(titre, acte, rows, known):
    nom = acte.nom if acte else DecisionPreparee.ACCEPTER
    kind = rows.model._meta.model_name
    taken = [key for field, key, name in known if (field, name) == (kind, nom)]
    rows = rows.exclude(pk__in=taken)
    lines = list(rows[: OFFERTS + 1])
    number = len(lines) if len(lines) <= OFFERTS else rows.count()
    shown = [Offre(f"{kind}:{row.pk}:{nom}", lien(row, _mention(row))) for row in lines[:OFFERTS]]
    return Offres(titre, acte.titre if acte else decisions.TITRES[nom], shown, number)


def _mention(row):
    if isinstance(row, Proposition):
        return row.resume
    return ", ".join(str(said) for said in (row.territoire, row.publication) if said)
