"""What every list's filters share: strict reading, facets in one query, active filters in words."""

from collections import defaultdict
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from django.db.models import Value
from django_filters import Filter, FilterSet

from programme.catalogue.adresse import Erreur
from programme.catalogue.listes.declarees import criteres
from programme.colonnes import Lignes


class Ecarte(NamedTuple):
    """How many rows a filter leaves out because nobody told their value."""

    filtre: str
    libelle: str
    lignes: int


class Declares(Filter):
    """Stands for the filters that the columns of a dataset declare.

    lignes: the model of the rows that are filtered, where they stand for those of the dataset.
    """

    def __init__(self, jeu, lignes=None):
        super().__init__()
        self.jeu, self.lignes = jeu, lignes


class CatalogueFilterSet(FilterSet):
    """A `FilterSet` whose filters are `Critere`s.

    Reads only what it knows: an unknown parameter, or two values where one is expected, is an
    error, so that a misspelt address never gives more rows than it asked for.

    modele: what is listed, when other rows, one each and by the same key, are filtered and counted.
    """

    modele = None

    @classmethod
    def get_filters(cls):
        written = super().get_filters()
        found = {}
        for nom, critere in written.items():
            if isinstance(critere, Declares):
                declared = criteres(critere.jeu, critere.lignes).items()
                found |= {name: own for name, own in declared if name not in written}
            else:
                found[nom] = critere
        return found

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for nom, critere in self.filters.items():
            critere.nom = nom
        self._ecrire()

    def _ecrire(self):
        """Write again, in the query string, what was understood: « 2a » becomes 2A.

        The labels, the links that add or remove a filter and the canonical address all read it.
        """
        if not getattr(self.data, "_mutable", False):
            return
        for critere in self.filters.values():
            for name in critere.parametres:
                moved = critere.deplaces.get(self.data.get(name))
                if moved and len(self.data.getlist(name)) == 1:
                    # An address of before keeps its rows, under the filter that has them now.
                    del self.data[name]
                    self.data.appendlist(*moved)
            for name in critere.parametres:
                if values := self.data.getlist(name):
                    self.data.setlist(name, [critere.ecrire(name, text) for text in values])

    @classmethod
    def parametres(cls):
        """Parameter → whether it may be repeated."""
        known = {}
        for nom, critere in cls.base_filters.items():
            critere.nom = nom
            known |= dict.fromkeys(critere.parametres, hasattr(critere, "choix"))
        return known

    def filter_queryset(self, queryset, sauf=None):
        """Apply every filter, or every one but `sauf`."""
        for nom, value in self.form.cleaned_data.items():
            if nom != sauf:
                queryset = self.filters[nom].filter(queryset, value)
        return queryset

    @property
    def comptees(self):
        """All the rows, as counts read them: a queryset, or `Lignes`."""
        return self.queryset.all()

    @cached_property
    def retenues(self):
        """The rows that every filter keeps, as counts read them."""
        self.is_valid()  # as `qs` does, who may not have been asked
        return self.filter_queryset(self.comptees)

    @property
    def qs(self):
        return self.fiches(self.lignes)

    @property
    def lignes(self):
        """The rows that are filtered and counted."""
        return super().qs

    @property
    def trouvees(self):
        """The records that are listed, for a page of them: the same as `qs`, sooner found."""
        return self.qs

    def fiches(self, rows):
        """The records that are listed, of filtered `rows`."""
        return rows

    def conflicts(self, cleaned):
        """Yield `(filter, message)` for valid values that do not go together."""
        return ()

    @cached_property
    def erreurs(self):
        errors = [
            (nom, message, error.code or "")
            for nom, listed in self.form.errors.as_data().items()
            for error in listed
            for message in error.messages
        ]
        errors += ((nom, said, "") for nom, said in self.conflicts(self.form.cleaned_data))
        return [
            Erreur(nom, str(self.filters[nom].label), str(message), code)
            for nom, message, code in errors
        ]

    @cached_property
    def comptes(self):
        """`{filter: {value: number of rows}}`, every other filter applied; one query."""
        return self._compter(self.filters.values())

    def _compter(self, criteres):
        used = {critere.nom for critere, _ in self.actifs}
        kept = self.retenues
        parts = [
            part
            for critere in criteres
            for part in critere.comptes(
                kept
                if isinstance(kept, Lignes) and critere.nom not in used
                else self.filter_queryset(self.comptees, sauf=critere.nom)
            )
        ]
        found = defaultdict(lambda: defaultdict(int))
        if parts:
            first, *others = parts
            rows = chain(*parts) if isinstance(first, list) else first.union(*others, all=True)
            for nom, value, number in rows:
                # An empty text and a null are the same answer: not stated.
                found[nom][value or ""] += number
        return found

    @cached_property
    def libres(self):
        """`{free column that a filter offers: values that rows hold}`; one query."""
        offered = (getattr(critere, "choix", None) for critere in self.filters.values())
        columns = [choix.colonne for choix in offered if hasattr(choix, "colonne")]
        if isinstance(self.comptees, Lignes):
            return {column: self.comptees.valeurs(column) for column in columns}
        first, *others = (
            self.queryset.order_by()
            .exclude(**{column: ""})
            .annotate(_colonne=Value(column))
            .values_list("_colonne", column)
            .distinct()
            for column in columns
        )
        found = {column: [] for column in columns}
        for column, value in first.union(*others, all=True):
            found[column].append(value)
        return found

    @cached_property
    def presentations(self):
        """What the templates show of each filter, in order; without numbers when invalid."""
        counted = not self.erreurs
        return [
            critere.presentation(self.comptes[nom] if counted else None)
            for nom, critere in self.filters.items()
            if not critere.discret or self.data.get(nom)
        ]

    @cached_property
    def actifs(self):
        """`(filter, cleaned value)` of the filters in use."""
        return [
            (self.filters[nom], value) for nom, value in self.form.cleaned_data.items() if value
        ]

    @property
    def etiquettes(self):
        return [tag for critere, value in self.actifs for tag in critere.etiquettes(value)]

    @property
    def notes(self):
        """What is to be said of the rows that the filters in use find otherwise than their own."""
        said = (critere.note(value) for critere, value in self.actifs)
        return [note for note in said if note]

    @cached_property
    def ecartes(self):
        """An `Ecarte` for each filter in use that leaves out what nobody told: one query."""
        counted = "comptes" in self.__dict__
        comptes = self.comptes if counted else self._compter(c for c, _ in self.actifs)
        return [
            Ecarte(critere.nom, str(critere.label), number)
            for critere, value in self.actifs
            if (number := critere.left_out(value, comptes[critere.nom]))
        ]
