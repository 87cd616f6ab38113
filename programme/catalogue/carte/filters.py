"""The filters of the map: those of the list of territories that hold at any date."""

from copy import deepcopy

from programme.catalogue.listes.filters import TerritoireFilter
from programme.catalogue.listes.filterset import CatalogueFilterSet

_SHARED = TerritoireFilter.base_filters


class CarteFilter(CatalogueFilterSet):
    q = deepcopy(_SHARED["q"])
    region = deepcopy(_SHARED["region"])
    departement = deepcopy(_SHARED["departement"])
    contrat = deepcopy(_SHARED["contrat"])
