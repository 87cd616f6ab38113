"""The dossier de COPIL: what a committee reads before a séance, on paper or on a screen."""

from dataclasses import dataclass

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone

from programme import completude
from programme.backoffice.bureau import attentes
from programme.backoffice.bureau.accueil import adresse_dossier
from programme.backoffice.bureau.cadre import Cadre
from programme.backoffice.bureau.changements import LIGNES, changements, par_statut
from programme.backoffice.bureau.incomplets import incomplets, nommes
from programme.backoffice.bureau.liens import Lien, depuis_le, lien
from programme.backoffice.bureau.retards import retards
from programme.backoffice.bureau.seances import derniere, prochaine
from programme.backoffice.cadre.composition import Piece
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.models import (
    ComiteRegional,
    Contrat,
    Document,
    Enveloppe,
    Projet,
    Publication,
    Referent,
    Seance,
)
from programme.perimetres import suivi
from territoires import dates
from territoires.models import Operateur, Territoire
from territoires.reponses import reponse

A_PUBLIER = [Contrat, Projet, Seance, Enveloppe, Document, Referent]


class Dossier(Piece):
    """Of committees: the dossier of each, for its coming séance or `?seance=`."""

    def urls(self):
        view = self.admin_site.admin_view(self.dossier)
        return [path("<path:object_id>/dossier/", view, name=self.address_name("dossier"))]

    def context(self, request, obj):
        return {"dossier_url": adresse_dossier(obj) if obj is not None else ""}

    def dossier(self, request, object_id):
        """Read-only, for whoever may read the committee, its contracts and its projects."""
        try:
            key = self.opts.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Introuvable("Aucun comité à cette adresse.") from error
        comite = get_object_or_404(self.model.objects.visible_to(request.user), pk=key)
        cadre = Cadre(request.user, comite.region if isinstance(comite, ComiteRegional) else None)
        if not all(cadre.lit(model) for model in (self.model, Seance, Contrat, Projet)):
            raise PermissionDenied
        context = {
            "title": "Dossier de COPIL",
            "subtitle": str(comite),
            "comite": comite,
            **dossier(cadre, comite, request.GET.get("seance", "")),
        }
        return self.ecran.render_page(request, "admin/bureau/dossier.html", context)


@dataclass(frozen=True)
class Question:
    """What a séance is asked about some records of one kind; `nombre` of them in all."""

    titre: str
    demande: str
    lignes: list[Lien]
    nombre: int

    @property
    def reste(self):
        return self.nombre - len(self.lignes)


def dossier(cadre, comite, asked):
    """Context of the dossier of a committee; `asked` is the key of a séance of its, as text."""
    day = timezone.localdate()
    seances = comite.seances.exclude(publication=Publication.RETIRE)
    seances = seances.select_related("comite_regional__region", "comite_national")
    if asked:
        seance = seances.filter(pk=int(asked)).first() if asked.isdecimal() else None
        if seance is None:
            raise Introuvable("Ce comité n’a aucune séance à cette adresse.")
    else:
        seance = prochaine(seances, day)
    last = derniere(seances, min(day, seance.date) if seance else day)
    return {
        "cadre": cadre,
        "date": day,
        "maintenant": timezone.localtime(),
        "seance": seance,
        "derniere": last,
        "changements": changements(cadre, last, day) if last else None,
        "limite": LIGNES,
        "tranche": f":{LIGNES}",
        "questions": questions(cadre, day),
        "etat": etat(cadre, day),
    }


# --- Decisions to take ------------------------------------------------------------------------


def questions(cadre, day):
    """The `Question`s that a séance answers; none without a record."""
    asked = [
        _question(
            name,
            "valider en comité" if rows.model is Contrat else "contractualiser",
            rows,
            lambda row: _said(row.territoire, row.publication),
        )
        for name, rows in attentes.a_decider(cadre).items()
    ]
    asked.append(
        _question(
            "Contrats dont la date d’achèvement est passée",
            "achever, prolonger ou abandonner",
            attentes.contrats_echus(cadre, day),
            lambda row: f"{row.statut}, fin {dates.le(row.date_fin)}",
        )
    )
    asked.append(_blocked(cadre, day))
    asked += [
        _question(
            f"{model._meta.verbose_name_plural} à valider".capitalize(),
            "publier",
            attentes.proposes(cadre, model),
            lambda row: f"à valider {depuis_le(row.depuis)}".strip(),
        )
        for model in A_PUBLIER
    ]
    return [question for question in asked if question.nombre]


def _question(title, request, rows, mention):
    # One more than is shown tells whether a count is needed.
    lines = list(rows[: LIGNES + 1])
    number = len(lines) if len(lines) <= LIGNES else rows.count()
    return Question(title, request, [lien(row, mention(row)) for row in lines[:LIGNES]], number)


def _blocked(cadre, day):
    """The contracts that lack what a committee needs to decide."""
    rules = [rule for rule in completude.CONTRAT if rule.bloque]
    rows = incomplets(cadre, Contrat, rules, day)
    lines = nommes(rows[: LIGNES + 1], rules)
    number = len(lines) if len(lines) <= LIGNES else rows.count()
    shown = [lien(row.objet, f"sans {', '.join(row.manques)}") for row in lines[:LIGNES]]
    return Question("Contrats incomplets", "compléter", shown, number)


def _said(*parts):
    return ", ".join(str(part) for part in parts if part)


# --- State ------------------------------------------------------------------------------------


def etat(cadre, day):
    """Context of the state of the région, or of the country."""
    contrats, projets = (
        cadre.rows(model).exclude(publication=Publication.RETIRE) for model in (Contrat, Projet)
    )
    enveloppes = cadre.rows(Enveloppe).exclude(publication=Publication.RETIRE)
    here = cadre.rows(Territoire).catalogue()
    operateurs = list(Operateur.objects.all())
    found = calculer(
        {
            "territoires": compte(here),
            **{
                f"sans_{rank}": compte(
                    here.filter(completude.sans_referent(operateur).condition(day))
                )
                for rank, operateur in enumerate(operateurs)
            },
            **{
                f"dits_{rank}": compte(Referent.objects.published().filter(operateur=operateur))
                for rank, operateur in enumerate(operateurs)
            },
        }
    )
    total = found["territoires"]
    return {
        "territoires": total,
        "contrats": par_statut(contrats),
        "projets": par_statut(projets),
        "totaux": projets.totaux(),
        "suivi": suivi(cadre.region, projets) if cadre.region else None,
        "enveloppes": enveloppes.with_consumption().select_related("region"),
        "couverture": [
            (
                operateur,
                reponse(total - found[f"sans_{rank}"], dits=found[f"dits_{rank}"], sur=total),
            )
            for rank, operateur in enumerate(operateurs)
        ],
        "retards": retards(cadre.agent, day),
    }
