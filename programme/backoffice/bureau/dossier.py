"""The dossier de COPIL: what a committee reads before a séance, on paper or on a screen."""

from dataclasses import dataclass, replace

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone

from programme import completude
from programme.backoffice.bureau import attentes
from programme.backoffice.bureau.accueil import adresse_dossier
from programme.backoffice.bureau.cadre import Cadre
from programme.backoffice.bureau.changements import LIGNES, changements, par_statut
from programme.backoffice.bureau.docx import TYPE
from programme.backoffice.bureau.dossier_docx import docx
from programme.backoffice.bureau.incomplets import incomplets, nommes
from programme.backoffice.bureau.liens import Lien, depuis_le, lien
from programme.backoffice.bureau.retards import retards
from programme.backoffice.bureau.seances import derniere, prochaine
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.preparation.portes import may_prepare
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
from territoires.dates import iso
from territoires.models import Operateur, Phase, Territoire
from territoires.recherche.texte import plier
from territoires.reponses import reponse

A_DECIDER = 10
"""Records that each question names."""
SANS_TERRITOIRE = "Sans territoire"
A_PUBLIER = [Contrat, Projet, Seance, Enveloppe, Document, Referent]


class Dossier(Piece):
    """Of committees: the dossier of each, for its coming séance or `?seance=`."""

    def urls(self):
        view, name = self.admin_site.admin_view, self.address_name
        return [
            path("<path:object_id>/dossier/", view(self.dossier), name=name("dossier")),
            path("<path:object_id>/dossier.docx", view(self.document), name=name("dossier_docx")),
        ]

    def context(self, request, obj):
        return {"dossier_url": adresse_dossier(obj) if obj is not None else ""}

    def dossier(self, request, object_id):
        """Read-only, for whoever may read the committee, its contracts and its projects."""
        found = self._read(request, object_id)
        comite, seance = found["comite"], found["seance"]
        document = self.ecran.page_address("dossier_docx", comite.pk)
        context = {
            "title": "Dossier de COPIL",
            "subtitle": str(comite),
            **found,
            "docx_url": f"{document}?seance={seance.pk}" if seance else document,
            "calendrier_url": adresse_calendrier(comite),
            "ecrire": self._to_write(request, seance, found["derniere"]),
        }
        return self.ecran.render_page(request, "admin/bureau/dossier.html", context)

    def document(self, request, object_id):
        """The same, as a text document to amend."""
        found = self._read(request, object_id)
        day = iso(found["seance"].date if found["seance"] else found["date"])
        response = HttpResponse(docx(found), content_type=TYPE)
        response["Content-Disposition"] = f'attachment; filename="dossier-de-copil-{day}.docx"'
        return response

    def _to_write(self, request, coming, last):
        """The ways to what the séance prepares, to its agenda and to the minutes of the last."""
        screen = self.ecran.beside(Seance)
        prepare = (
            [Lien("Préparer la séance", screen.page_address("preparer", coming.pk))]
            if coming is not None and may_prepare(request.user)
            else []
        )
        return prepare + [
            Lien(title, f"{screen.page_address('change', seance.pk)}#id_{name}")
            for title, seance, name in (
                ("Écrire l’ordre du jour", coming, "ordre_du_jour"),
                ("Écrire le compte rendu de la dernière séance", last, "compte_rendu"),
            )
            if seance is not None and screen.has_change_permission(request)
        ]

    def _read(self, request, object_id):
        """The context of the dossier of a committee."""
        try:
            key = self.opts.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Introuvable("Aucun comité à cette adresse.") from error
        comite = get_object_or_404(self.model.objects.visible_to(request.user), pk=key)
        cadre = Cadre(request.user, comite.region if isinstance(comite, ComiteRegional) else None)
        if not all(cadre.lit(model) for model in (self.model, Seance, Contrat, Projet)):
            raise PermissionDenied
        return {"comite": comite, **dossier(cadre, comite, request.GET.get("seance", ""))}


def adresse_calendrier(comite):
    """The public calendar of the committee's published séances, to subscribe to."""
    page = reverse("agenda_ics")
    return f"{page}?region={comite.region_id}" if isinstance(comite, ComiteRegional) else page


@dataclass(frozen=True)
class Question:
    """What a séance is asked about some records of one kind; `nombre` of them in all."""

    titre: str
    demande: str
    lignes: list[Lien]
    nombre: int
    lieux: list[str]
    """Where each of `lignes` is; empty when it is in no territory."""

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
    asked = questions(cadre, day)
    prepared = preparees(seance) if seance else []
    return {
        "cadre": cadre,
        "date": day,
        "maintenant": timezone.localtime(),
        "seance": seance,
        "derniere": last,
        "changements": changements(cadre, last, day) if last else None,
        "limite": LIGNES,
        "tranche": f":{LIGNES}",
        "questions": asked,
        "preparees": prepared,
        "decisions": par_lieu(asked, sans={line.url for line in prepared}),
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
    lines = list(rows[: A_DECIDER + 1])
    number = len(lines) if len(lines) <= A_DECIDER else rows.count()
    shown = lines[:A_DECIDER]
    return Question(
        title, request, [lien(row, mention(row)) for row in shown], number, _places(shown)
    )


def _places(rows):
    return [str(getattr(row, "territoire", None) or "") for row in rows]


def preparees(seance):
    """The decisions that a séance has prepared, in its order: [Lien], each said by its text."""
    rows = seance.preparees.a_prendre().select_related("contrat", "projet", "proposition")
    return [
        replace(lien(row.sujet), nom=row.texte) if row.sujet else Lien(row.texte, "")
        for row in rows
    ]


def par_lieu(questions, sans=()):
    """{territory: [(Lien, what is asked)]}: each record once, with all that is asked of it.

    What is in no territory comes last. sans: addresses of records that are told elsewhere.
    """
    asked, places = {}, {}
    for question in questions:
        for line, place in zip(question.lignes, question.lieux, strict=True):
            if line.url in sans:
                continue
            told, demands = asked.setdefault(line.url, (line, []))
            why = f" ({line.mention})" if line.mention and line is not told else ""
            demands.append(f"{question.demande}{why}")
            places.setdefault(place, {})[line.url] = told
    names = sorted(places, key=lambda place: (not place, plier(place)))
    return {
        place or SANS_TERRITOIRE: [
            (line, " ; ".join(asked[url][1])) for url, line in places[place].items()
        ]
        for place in names
    }


def _blocked(cadre, day):
    """The contracts that lack what a committee needs to decide."""
    rules = [rule for rule in completude.CONTRAT if rule.bloque]
    rows = incomplets(cadre, Contrat, rules, day)
    lines = nommes(rows[: A_DECIDER + 1], rules)
    number = len(lines) if len(lines) <= A_DECIDER else rows.count()
    shown = [lien(row.objet, f"sans {', '.join(row.manques)}") for row in lines[:A_DECIDER]]
    places = _places([row.objet for row in lines[:A_DECIDER]])
    return Question("Contrats incomplets", "compléter", shown, number, places)


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
        "phase": Phase.objects.get(pk=1),
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
