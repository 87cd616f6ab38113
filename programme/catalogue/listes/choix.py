"""The values that filters offer: codes and words, read from the reference tables."""

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf

from programme.catalogue.ordre import fold
from programme.donnees import provenance
from programme.donnees.jeux import JEUX
from programme.models import Financeur, Source
from programme.models.projets import HORS_TERRITOIRE
from territoires.models import Departement, Intercommunalite, Operateur, Phase, Region, Territoire

COMMUNE_SEULE = ("COM", "commune")
NATURES = [*Intercommunalite.Nature.choices, COMMUNE_SEULE]


def natures(filterset):
    return NATURES


def _in_order(rows):
    return sorted(rows, key=lambda row: fold(row[1]))


def regions(filterset):
    return _in_order(Region.objects.values_list("code", "nom"))


def departements(filterset):
    rows = Departement.objects.values_list("code", "nom")
    return [(code, f"{nom} ({code})") for code, nom in rows]


def territoires(filterset):
    return _in_order(Territoire.objects.values_list("code", "nom"))


def territoires_et_hors(filterset):
    return [(HORS_TERRITOIRE, HORS_TERRITOIRE), *territoires(filterset)]


def de_phase(numero):
    """The territories of one phase."""

    def values(filterset):
        return _in_order(Territoire.objects.filter(phase=numero).values_list("code", "nom"))

    return values


def phases(filterset):
    return Phase.objects.values_list("numero", "nom")


def operateurs(filterset):
    current = Coalesce(NullIf(F("nom_actuel"), Value("")), F("nom"))
    return _in_order(Operateur.objects.values_list("code", current))


def financeurs(filterset):
    return _in_order(Financeur.objects.published().values_list("slug", "nom"))


financeurs.champ = (Financeur, "slug")


def jeux(filterset):
    """The datasets of which values are told."""
    return _in_order((code, jeu.titre) for code, jeu in JEUX.items() if provenance.stated(jeu))


def colonnes(filterset):
    """The columns whose values are told: of the datasets asked for, or of any."""
    asked = filterset.data.getlist("jeu")
    told = {}
    for code, jeu in JEUX.items():
        for _, colonne, _ in provenance.stated(jeu) if code in asked or not asked else ():
            told.setdefault(colonne.nom, f"{colonne.titre} ({colonne.nom})")
    return _in_order(told.items())


def sources(filterset):
    return _in_order(Source.objects.values_list("code", "titre"))


def used(column):
    """The values of a free column that published rows hold."""

    def values(filterset):
        return _in_order((value, value) for value in filterset.libres[column])

    values.colonne = column
    return values
