"""Every announced figure beside what the published records add up to, and beside other sources."""

from collections import defaultdict
from dataclasses import dataclass

from django.shortcuts import render
from django.views.decorators.http import require_safe

from programme.catalogue.graphiques.carte import croissance
from programme.catalogue.pages.indicateurs import INDICATEURS, SANS_DONNEE, Indicateur
from programme.catalogue.pages.recomptes import (
    Explication,
    Recompte,
    Verdict,
    expliquer,
    juger,
    note_des_sources,
    reserve,
)
from programme.catalogue.pages.registre import Registre
from programme.catalogue.personnes import sans_personne
from programme.models import ChiffreAnnonce, Confrontation, Fait
from territoires import moment


@dataclass(frozen=True)
class Comparaison:
    """One announced figure, what is recounted at its date, why the two differ, what others say.

    `recompte` is None when nothing can be recounted: no published record, or a day to come.
    """

    annonce: ChiffreAnnonce
    indicateur: Indicateur
    recompte: Recompte | None
    explication: Explication | None
    a_venir: bool
    ailleurs: tuple[Fait, ...] = ()

    @property
    def recomptable(self):
        return self.indicateur.recompter is not None and not self.a_venir

    @property
    def verdict(self):
        return juger(self.recompte, self.explication)

    @property
    def manque(self):
        """Why there is nothing beside the figure; "" where something is."""
        if self.a_venir:
            return "un chiffre daté d’un jour à venir ne se recompte pas encore"
        if self.calcule is not None or self.recompte is None:
            return ""
        return self.recompte.manque or "aucune fiche publiée ne le renseigne"

    @property
    def calcule(self):
        return self.recompte and self.recompte.valeur

    @property
    def renseignes(self):
        return self.recompte and self.recompte.renseignes

    @property
    def possibles(self):
        return self.recompte and self.recompte.possibles

    @property
    def ecart(self):
        return self.explication and self.explication.ecart

    @property
    def reserve(self):
        """What weakens the recount, in a few words."""
        return reserve(self.recompte)

    @property
    def notes(self):
        """What else the records say of this recount, in sentences."""
        if self.recompte is None:
            return []
        return [note for note in (note_des_sources(self.recompte), *self.recompte.notes) if note]


@sans_personne
@require_safe
def chiffres(request):
    faits = list(Fait.objects.published().order_by("date", "code"))
    comparaisons = comparer(ChiffreAnnonce.objects.published(), faits)
    context = {
        "date": moment.today(),
        "verdicts": _par_verdict(comparaisons),
        "comparaisons": _par_theme(comparaisons, lambda c: c.indicateur.theme),
        "confrontations": _par_nature(Confrontation.objects.published()),
        "themes": _par_theme(faits, lambda fait: fait.theme),
        "croissance": croissance(),
    }
    return render(request, "programme/pages/chiffres.html", context)


def comparer(announced, faits=()):
    """A `Comparaison` for each announced figure, by indicator and date, in a few queries."""
    rows = list(announced.order_by("date", "valeur", "pk"))
    registre = Registre(rows)
    stated = defaultdict(list)
    for fait in faits:
        stated[fait.indicateur].append(fait)
    compared = [_comparaison(row, registre, tuple(stated[row.indicateur])) for row in rows]
    return sorted(compared, key=_rank)


def _comparaison(annonce, registre, ailleurs):
    indicateur = indicateur_of(annonce)
    coming = annonce.date > registre.aujourd_hui
    recompte = None
    if indicateur.recompter and not coming:
        recompte = indicateur.recompter(annonce, registre)
    return Comparaison(
        annonce, indicateur, recompte, expliquer(annonce, recompte), coming, ailleurs
    )


_RANKS = {code: rank for rank, code in enumerate(INDICATEURS)}


def _rank(comparaison):
    code = comparaison.indicateur.code
    return _RANKS.get(code, len(_RANKS)), code


def indicateur_of(chiffre):
    """The declared indicator, or one that nobody knows how to recount."""
    code = chiffre.indicateur
    return INDICATEURS.get(code) or Indicateur(
        code, "", code.replace("_", " ").capitalize(), SANS_DONNEE
    )


def _par_nature(confrontations):
    """`(whether they disagree, pairs)`: true disagreements first, then what only looks like one."""
    rows = list(confrontations.order_by("code"))
    return [
        (disagree, found)
        for disagree in (True, False)
        if (found := [row for row in rows if row.est_un_desaccord is disagree])
    ]


def _par_verdict(comparaisons):
    """`(verdict, figures)`, from what agrees to what cannot be recounted."""
    return [
        (verdict, found)
        for verdict in Verdict
        if (found := [c for c in comparaisons if c.verdict == verdict])
    ]


def _par_theme(rows, theme_of):
    """`(theme, label, rows)` in the order of the themes, what has none last."""
    return [
        (theme or "autres", label, found)
        for theme, label in [*Fait.Theme.choices, ("", "autres chiffres")]
        if (found := [row for row in rows if theme_of(row) == theme])
    ]
