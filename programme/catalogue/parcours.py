"""The way back: from a record to the list it was found in, and to its neighbours there.

A link of a list says in `liste` what the list was asked for: its filters, its order, its size. A
page that is no list of that kind of record (the search, the map) says its name before:
`liste=recherche?q=lacq`; the page of a record that shows others says its key too:
`liste=region/bretagne?`. The page is found from where the record stands now. Nothing is remembered
of anybody: no cookie, and what is kept of a record is kept once (`catalogue/cache.py`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from programme.catalogue.adresse import Erreur
from programme.catalogue.controles import TAILLES
from programme.donnees.curseur import Ordre
from programme.donnees.jeux import JEUX
from programme.requetes import view_of

PARAMETRE = "liste"
TOUT = "tout"
"""The list without any filter."""
FICHES = {
    "territoires": "territoire",
    "regions": "region",
    "intercommunalites": "intercommunalite",
    "communes": "commune",
    "contrats": "contrat",
    "projets": "projet",
    "operateurs": "operateur",
    "sources": "source",
}
"""The URL name of the page of a row, by dataset."""
SANS_PLACE = {"au", "page", "format", "separateur", "curseur", PARAMETRE}
"""What a list is asked for that says nothing of its rows nor of their order."""
ORIGINES = ("recherche", "carte", "sources")
"""The URL names of the pages that lead to records, beside the list of their dataset. Their views
give `suivies` (the `Suivie`s, in order), `titre_filtre` and `taille` (rows a page; 0, one page).
"""
FICHES_ORIGINES = ("territoire", "region", "contrat", "commune", "intercommunalite")
"""Those of the pages of records that show other records, as their views' `sections` say."""


ORIGINE_FICHE = re.compile(rf"({'|'.join(FICHES_ORIGINES)})/[A-Za-z0-9-]+(/[a-z0-9-]+)?", re.ASCII)


def suite(requete, origine=""):
    """`?liste=…` of the links of a list that was asked for so, or of the page `origine`."""
    asked = requete.data.copy()
    for name in SANS_PLACE & set(asked):
        del asked[name]
    asked = asked.urlencode()
    return "?" + urlencode({PARAMETRE: f"{origine}?{asked}" if origine else asked or TOUT})


@dataclass(frozen=True, slots=True)
class Suivie:
    """One of what an origin leads to. page: the URL name of its record, None without one; cle: its
    primary key, as text; adresse: what its address holds.
    """

    page: str | None
    cle: str
    nom: str
    adresse: str

    @classmethod
    def toutes(cls, page, rows):
        """Those of records that have a slug."""
        return [cls(page, str(row.pk), str(row), row.slug) for row in rows]

    @property
    def url(self):
        return reverse(self.page, args=[self.adresse])


class Parcours:
    """A list, as an address asked for it, around one of its records.

    `erreurs`: what cannot be read of the list; nothing else is then to be asked for. A subclass
    says where the record stands (`rang` from 1, 0 when it is not there; `nombre`) and beside what
    (`voisins`, `{"precedent" and "suivant": (words, address)}` of those that there are).
    """

    def __init__(self, request, origine, asked, fiche):
        self.origine = origine
        page, _, cle = origine.partition("/")
        self.adresse = reverse(page, args=[cle] if cle else [])
        self.vue = view_of(request, self.adresse, "" if asked == TOUT else asked)
        self.fiche = fiche

    @property
    def erreurs(self):
        if unfit := sorted(SANS_PLACE & set(self.vue.requete.data)):
            return [self._refused(f"{unfit[0]} n’y a pas de place.")]
        return [self._refused(f"{e.parametre} : {e.message}") for e in self.vue.erreurs[:1]]

    @staticmethod
    def _refused(why):
        sentence = (
            f"La liste d’où vient cette adresse ne peut pas être relue. {why} Retirez « liste »."
        )
        return Erreur(PARAMETRE, PARAMETRE, sentence, "liste")

    def around(self, key):
        """Where the record of this primary key stands; bounded queries, whatever the list."""
        self.key = key
        return self

    @property
    def present(self):
        return bool(self.rang)

    @property
    def titre(self):
        return self.vue.titre_filtre

    @property
    def taille(self):
        """Rows a page; 0 when there is one page."""
        return self.vue.demande["taille"] or TAILLES[0]

    @property
    def liste(self):
        """The address of the page of the list that holds the record now."""
        page = (self.rang - 1) // self.taille + 1 if self.rang and self.taille else 1
        asked = self.vue.requete.avec(page=page if page > 1 else None)
        return self.adresse + asked.removesuffix("?")


class ParcoursDeJeu(Parcours):
    """The list of a dataset: five queries, whatever its length."""

    @cached_property
    def _place(self):
        """`(place, rank from 1, rows in the list)`; the place is None when it is not there."""
        order = self.ordre
        found = order.placed(order.rows.filter(pk=self.key))
        if not found:
            return None, 0, 0
        place = found[0][1]
        before = Count("pk", filter=order.condition(place, backwards=True))
        counted = order.rows.aggregate(avant=before, tout=Count("pk"))
        return place, counted["avant"] + 1, counted["tout"]

    @cached_property
    def ordre(self):
        return Ordre(self.vue.sorted_queryset)

    @property
    def rang(self):
        return self._place[1]

    @property
    def nombre(self):
        return self._place[2]

    @cached_property
    def voisins(self):
        """`{"precedent" and "suivant": (words, address)}` of those that there are."""
        place = self._place[0]
        if place is None:
            return {}
        keys = {}
        for name, backwards in (("precedent", True), ("suivant", False)):
            near = self.ordre.beyond(place, backwards=backwards).values_list("pk", flat=True)
            if (key := near.first()) is not None:
                keys[name] = key
        rows = self.vue.read_rows(list(keys.values()))
        words, column = self.vue.table_class.own_page(self.fiche)
        own = suite(self.vue.requete)
        return {
            name: (row[words], reverse(self.fiche, args=[row[column.key]]) + own)
            for name, row in zip(keys, rows, strict=True)
        }


class ParcoursDePage(Parcours):
    """One of the `ORIGINES`: what it leads to is short enough to be read whole."""

    @property
    def taille(self):
        return self.vue.taille

    @cached_property
    def suivies(self):
        return self.vue.suivies

    @cached_property
    def rang(self):
        asked = self.fiche, str(self.key)
        found = (n for n, s in enumerate(self.suivies, 1) if (s.page, s.cle) == asked)
        return next(found, 0)

    @property
    def nombre(self):
        return len(self.suivies)

    @cached_property
    def voisins(self):
        if not self.rang:
            return {}
        before, after = self.suivies[: self.rang - 1], self.suivies[self.rang :]
        near = {"precedent": reversed(before), "suivant": after}
        own = suite(self.vue.requete, self.origine)
        first = {name: next((s for s in rows if s.page), None) for name, rows in near.items()}
        return {name: (s.nom, s.url + own) for name, s in first.items() if s}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page of a record that shows others: its `ancre`, its title, and `lire`, which
    gives the `Suivie`s of them all from the record.
    """

    ancre: str
    titre: str
    lire: Callable


class ParcoursDeFiche(ParcoursDePage):
    """One of the `FICHES_ORIGINES`: the part of it that shows records of this kind."""

    taille = 0

    @cached_property
    def section(self):
        return self.vue.sections.get(self.fiche)

    @cached_property
    def depart(self):
        return self.vue.depart()

    @property
    def erreurs(self):
        if found := super().erreurs:
            return found
        if self.section is None or self.depart is None:
            return [self._refused("Cette page n’y mène pas, ou n’est plus publiée.")]
        return []

    @cached_property
    def suivies(self):
        # Each once, whatever the number of reasons for which the page shows it: a walk that came
        # twice to the same record would never end.
        return list(dict.fromkeys(self.section.lire(self.depart)))

    @property
    def titre(self):
        return f"{capfirst(str(self.depart))} : {self.section.titre}"

    @property
    def liste(self):
        return f"{super().liste}#{self.section.ancre}"


class AvecParcours:
    """For the view of a record: its address may say in `liste` whence one comes.

    The subclass has the code of the dataset of its rows, `jeu`; `sections`, `{URL name: Section}`
    of the records that its page shows, and `depart`, its own record, or None.
    """

    sections = {}

    @cached_property
    def parcours(self):
        asked = self.demande.get(PARAMETRE)
        if not asked:
            return None
        fiche = FICHES[self.jeu]
        origine, named, rest = asked.partition("?")
        if named and origine in ORIGINES:
            return ParcoursDePage(self.request, origine, rest, fiche)
        if named and ORIGINE_FICHE.fullmatch(origine):
            return ParcoursDeFiche(self.request, origine, rest, fiche)
        if liste := JEUX[self.jeu].liste:
            return ParcoursDeJeu(self.request, liste, asked, fiche)
        return ParcoursDePage(self.request, self.jeu, asked, fiche)

    def page_errors(self):
        return self.parcours.erreurs if self.parcours else []

    def suite_of(self, cle):
        """The way back to the page of its record, of which the address holds `cle`."""
        return suite(self.requete, f"{FICHES[self.jeu]}/{cle}")

    def parcours_of(self, record):
        """What the template shows; None when the address does not say whence one comes."""
        return self.parcours and self.parcours.around(record.pk)
