"""The way back: from a record to the list it was found in, and to its neighbours there.

A link of a list says in `liste` what the list was asked for: its filters, its order, its size. The
page is found from where the record stands now. Nothing is remembered of anybody: no cookie, and
what is kept of a record is kept once (`catalogue/cache.py`).
"""

from functools import cached_property

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode

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
}
"""The URL name of the page of a row, by dataset."""
SANS_PLACE = {"au", "page", "format", "separateur", "curseur"}
"""What a list is asked for that says nothing of its rows nor of their order."""


def suite(requete):
    """`?liste=…` of the links of a list that was asked for so."""
    asked = requete.data.copy()
    for name in SANS_PLACE & set(asked):
        del asked[name]
    return "?" + urlencode({PARAMETRE: asked.urlencode() or TOUT})


class Parcours:
    """The list of a dataset, as an address asked for it, around one of its records.

    `erreurs`: what cannot be read of the list; nothing else is then to be asked for.
    """

    def __init__(self, request, jeu, asked):
        self.adresse = reverse(JEUX[jeu].liste)
        self.vue = view_of(request, self.adresse, "" if asked == TOUT else asked)
        self.fiche = FICHES[jeu]

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
        """Where the record of this primary key stands; five queries, whatever the list."""
        self.key = key
        return self

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
    def present(self):
        return self._place[0] is not None

    @property
    def rang(self):
        return self._place[1]

    @property
    def nombre(self):
        return self._place[2]

    @property
    def titre(self):
        return self.vue.titre_filtre

    @property
    def liste(self):
        """The address of the page of the list that holds the record now."""
        size = self.vue.demande["taille"] or TAILLES[0]
        page = (self.rang - 1) // size + 1 if self.rang else 1
        asked = self.vue.requete.avec(page=page if page > 1 else None)
        return self.adresse + asked.removesuffix("?")

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


class AvecParcours:
    """For the view of a record: its address may say in `liste` whence one comes.

    The subclass has the code of a dataset with a list, `jeu`.
    """

    @cached_property
    def parcours(self):
        asked = self.demande.get(PARAMETRE)
        return Parcours(self.request, self.jeu, asked) if asked else None

    def page_errors(self):
        return self.parcours.erreurs if self.parcours else []

    def parcours_of(self, record):
        """What the template shows; None when the address does not say whence one comes."""
        return self.parcours and self.parcours.around(record.pk)
