"""The records that words find, by the index of the search."""

from programme.catalogue.recherche import passe
from programme.catalogue.recherche.moteur import Lecture, chercher
from programme.models import EntreeIndex
from programme.models.index import tous, un_de
from territoires import moment
from territoires.recherche.texte import plier, racine

NO_LIMIT = 2**31 - 1
HOMONYMES = 6
Type = EntreeIndex.Type
# The column of the index that holds the key of a record.
_KEYS = {Type.PROJET: "projet", Type.CONTRAT: "contrat"}


def named(texte, type_):
    """Primary keys of the records of `type_` that have this very name, or had it or this code."""
    for sort in "na":
        names = [f"{sort}_{cle.replace(' ', '_')}" for cle in Lecture.of(texte).cles if cle]
        if names and (found := _keys_of(un_de(*names), type_)):
            return found
    return []


def nearest(texte, type_):
    """Primary keys of the records of `type_` that the search of the site answers, best first."""
    return [entree.identifiant for entree in chercher(texte, type_).entrees[:HOMONYMES]]


def _keys_of(expression, type_):
    if moment.actuel() and type_ in passe.models():
        return passe.identifiants(expression, type_)
    with moment.maintenant():  # what has no past is found as today
        asked = tous(expression, f"t_{plier(type_)}")
        entries = EntreeIndex.objects.matching(asked, limit=NO_LIMIT)
        return list(entries.values_list("identifiant", flat=True))


def keys(texte, type_):
    """The primary keys of every record of `type_` that the words of `texte` find, or their query.

    The words are read as the search of the site reads them, but a list is never cut short. The
    commune of a project, which the search takes as a mere context, finds it here.
    """
    lecture = Lecture.of(texte)
    found = lecture.expressions()
    if type_ == Type.PROJET:
        words = [(mot, racine(mot)) for mot in lecture.mots]
        found = (*found, tous(*(un_de(*two, *(f"c_{mot}" for mot in two)) for two in words)))
    if moment.actuel():
        return _keys_of(un_de(*found), type_)
    entries = EntreeIndex.objects.matching(tous(un_de(*found), f"t_{plier(type_)}"), limit=NO_LIMIT)
    return entries.values(_KEYS.get(type_, "identifiant"))
