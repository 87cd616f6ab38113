"""The card that answers « is it in a Territoire d’industrie? »: of a place, or of a territory.

Yes or no, since when, with whom, what is done there, what one may do next. The search shows it
above its results, the page of a place opens on it.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Q

from programme.catalogue.ordre import fold
from programme.catalogue.pages.heritage import contrats_de, dans
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.models import Contrat, EntreeIndex, Rangement
from territoires import moment
from territoires.models import Commune, Liste, Rattachement, Territoire
from territoires.recherche.commune import Appartenance, EnPhase
from territoires.recherche.texte import mots

Type = EntreeIndex.Type
LIEUX = (Type.COMMUNE, Type.TERRITOIRE, Type.INTERCOMMUNALITE)
"""What the card answers for; of one name, the first that has it."""
NOMMES = 4
"""How many members are named."""


@dataclass(frozen=True)
class Carton:
    """The answer for `lieu` on `date`; `horizon`: the day of the last list known, or None.

    territoire: the one it is in, or is; None: none that a source attests. avant: the earlier phases
    of a place. membres: of the territory, by name, at most `NOMMES`, of `nb_membres`. contrats: its
    own, then those of the territories of phase 1 that it comes from. projets: how many published
    projects lie in the territory, `projets_ici` in the place.
    """

    lieu: Any
    date: datetime.date
    horizon: datetime.date | None
    territoire: Territoire | None = None
    appartenance: Appartenance | None = None
    avant: Sequence[EnPhase] = ()
    membres: Sequence[Any] = ()
    nb_membres: int = 0
    contrats: Sequence[Contrat] = ()
    projets: int = 0
    projets_ici: int = 0
    aujourdhui: datetime.date = field(default_factory=moment.today)

    @property
    def est_un_territoire(self):
        return isinstance(self.lieu, Territoire)

    @property
    def est_une_commune(self):
        return isinstance(self.lieu, Commune)

    @property
    def fini(self):
        """Whether the territory that was asked for is no more, or is of a phase that ended."""
        return self.est_un_territoire and bool(self.lieu.fin and self.lieu.fin <= self.date)

    @property
    def oui(self):
        return self.territoire is not None and not self.fini

    @property
    def possible(self):
        return self.appartenance is not None and self.appartenance.possible

    @property
    def autres(self):
        """How many members are not named."""
        return self.nb_membres - len(self.membres)


def carton_du_lieu(lieu, appartenance, avant, date, horizon):
    """The card of a commune or an intercommunalité. Four queries, one outside of any territory."""
    territoire = appartenance.territoire
    inside = [lieu.pk]
    if isinstance(lieu, Commune):
        here = Q(commune__in=lieu.avec_les_absorbees())
    else:
        here = Q(commune__in=Commune.objects.at(date).membres(inside).order_by().values("pk"))
    counts = {"ici": compte(Rangement.objects.filter(here))}
    return Carton(
        lieu,
        date,
        horizon,
        territoire,
        appartenance,
        avant,
        **_du_territoire(territoire, date, counts),
    )


def carton_du_territoire(code, date, horizon):
    """The card of a territory. Four queries."""
    lieu = Territoire.objects.with_adresse().with_dates().select_related("phase").get(pk=code)
    jour = min(date, lieu.phase.dernier_jour(date))
    return Carton(lieu, date, horizon, lieu, **_du_territoire(lieu, jour, {}))


def _du_territoire(territoire, date, counts):
    """Who makes it, its contracts, its projects; of none, the projects of the place alone."""
    if territoire is None:
        return {"projets_ici": calculer(counts)["ici"]}
    found = calculer(counts | {"tous": compte(Rangement.objects.filter(dans(territoire)))})
    rows = Rattachement.objects.at(date).filter(territoire=territoire)
    rows = rows.select_related("intercommunalite", "commune")
    membres = sorted((row.membre for row in rows), key=lambda membre: fold(membre.nom))
    return {
        "membres": membres[:NOMMES],
        "nb_membres": len(membres),
        "contrats": contrats_de(territoire),
        "projets": found["tous"],
        "projets_ici": found.get("ici", 0),
    }


@dataclass(frozen=True)
class Choix:
    """What a search answers for: one card, or several places of the same name or code."""

    carton: Carton | None = None
    homonymes: int = 0
    genre: str = ""


def choisir(resultats, texte, date):
    """The `Choix` of what was typed among the results of a page.

    The communes that have the very name or code come first, then the territories, then the
    intercommunalités; a territory of an earlier phase gives way to one of today.
    """
    typed = " ".join(mots(texte))
    named = [r for r in resultats if r.entree.type in LIEUX and _est_nomme(r.entree, typed)]
    for type_ in LIEUX:
        same = [r for r in named if r.entree.type == type_]
        if type_ == Type.TERRITOIRE:
            same = _de_la_derniere_phase(same)
        if len(same) > 1:
            return Choix(homonymes=len(same), genre=Type(type_).label)
        if same:
            return Choix(_carton(same[0], date))
    return Choix()


def _est_nomme(entree, typed):
    return bool(typed) and (f"|{typed}|" in entree.noms or f"|{typed}|" in entree.autres)


def _de_la_derniere_phase(same):
    ordered = sorted(same, key=lambda r: -r.territoire.phase_id)
    return list(next((group for _, group in groupby(ordered, lambda r: r.territoire.phase_id)), ()))


def _carton(resultat, date):
    horizon = Liste.objects.order_by("-date").values_list("date", flat=True).first()
    if resultat.entree.type == Type.TERRITOIRE:
        return carton_du_territoire(resultat.entree.identifiant, date, horizon)
    return carton_du_lieu(resultat.lieu, resultat.appartenance, resultat.avant, date, horizon)
