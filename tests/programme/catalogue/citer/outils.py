"""A query for any figure: of a record, one is made."""

from django.utils.http import urlencode

from programme.catalogue.citer.citables import CITABLES
from programme.donnees.jeux import JEUX
from tests import factories as f

FABRIQUES = {
    "chiffres": f.ChiffreAnnonceFactory,
    "contrats": f.ContratFactory,
    "intercommunalites": f.IntercommunaliteFactory,
    "operateurs": f.OperateurFactory,
    "projets": f.ProjetFactory,
    "regions": f.RegionFactory,
    "territoires": f.TerritoireFactory,
}


def requete_de(code):
    """The query by which the figure `code` is cited."""
    citable = CITABLES[code]
    if citable.exemple is not None:
        return citable.exemple
    jeu = citable.jeu or "projets"
    asked = {"fiche": JEUX[jeu].cle_de(FABRIQUES[jeu]())}
    return urlencode(asked if citable.jeu else asked | {"jeu": jeu, "colonne": "emplois_crees"})
