"""What a word that was not found may have meant.

Candidates share trigrams with it: a slip spoils three of them at most. The distance decides, in
Python, so that both databases agree.
"""

from django.db.models import Count, Q

from programme.catalogue.recherche.indexation import LONGUEUR_CORRIGEE
from programme.models import MotIndex
from territoires.recherche.texte import distance, racine, trigrammes

MOTS_CORRIGES = 4
"""Of a long text only the first words are corrected: one query each."""

_LONGUEUR_DEUX_FAUTES = 8
_PLUS_COURANT = 2  # a word that exists gives way to one that is so many times as frequent


def corriger(mots):
    """The words with their slips corrected, as they are written; "" when none could be."""
    corriges, change = [], False
    for rang, mot in enumerate(mots):
        autre = _correction(mot) if rang < MOTS_CORRIGES else None
        corriges.append(autre or mot)
        change = change or autre is not None
    return " ".join(corriges) if change else ""


def _correction(mot):
    """The nearest word of the index, the most frequent of the nearest; None for `mot` itself."""
    if not mot.isalpha() or len(mot) < LONGUEUR_CORRIGEE:
        return None
    fautes = 2 if len(mot) >= _LONGUEUR_DEUX_FAUTES else 1
    candidats = {autre: (forme, nombre) for autre, forme, nombre in _voisins(mot, fautes)}
    connu = candidats.get(mot)
    if connu:
        fautes = 1
    choix = []
    for autre, (forme, nombre) in candidats.items():
        ecart = distance(mot, autre, fautes)
        if not 0 < ecart <= fautes or racine(autre) == racine(mot):
            continue
        if connu and nombre < _PLUS_COURANT * connu[1]:
            continue
        choix.append((ecart, -nombre, autre, forme))
    return min(choix)[-1] if choix else None


def _voisins(mot, fautes):
    """`(folded word, as written, number of entries)` of the words that may be `fautes` away."""
    cherches = trigrammes(mot)
    # Two letters exchanged spoil four trigrams: those words are named.
    echanges = {mot[:i] + mot[i + 1] + mot[i] + mot[i + 2 :] for i in range(len(mot) - 1)}
    communs = max(2, len(cherches) - 3 * fautes)
    return (
        MotIndex.objects.filter(
            trigrammes__trigramme__in=sorted(cherches),
            longueur__range=(len(mot) - fautes, len(mot) + fautes),
        )
        .annotate(communs=Count("pk"))
        .filter(Q(communs__gte=communs) | Q(mot__in=sorted(echanges)))
        .values_list("mot", "forme", "nombre")
    )
