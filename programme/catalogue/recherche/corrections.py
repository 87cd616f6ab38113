"""What a word that was not found may have meant.

Candidates share trigrams with it: a slip spoils three of them at most. The distance decides, in
Python, so that both databases agree.
"""

from itertools import islice, product

from django.db.models import Count, Q

from programme.catalogue.recherche.indexation import LONGUEUR_CORRIGEE
from programme.models import MotIndex
from territoires.recherche.texte import distance, racine, trigrammes

MOTS_CORRIGES = 4
"""Of a long text only the first words are corrected: one query each."""

CHOIX = 4
"""How many words each may have meant."""

SUITES = 12
"""How many corrected texts are tried: one or two queries each."""

SUITES_COMPAREES = 200

_LONGUEUR_DEUX_FAUTES = 8
_PLUS_COURANT = 2  # a word that exists gives way to one that is so many times as frequent


def corriger(mots, *, trouve=False):
    """Yield what was typed with its slips corrected, as it is written, the likeliest first.

    A word may have meant several: each of them is tried with those of the other words. `trouve`:
    something was found as typed, so that a word that exists gives way to a commoner one only.
    """
    choix = [
        [(0, 0, mot), *(_corrections(mot, trouve) if rang < MOTS_CORRIGES else ())]
        for rang, mot in enumerate(mots)
    ]
    suites = sorted(
        islice(product(*choix), 1, SUITES_COMPAREES),
        key=lambda suite: (_ecarts(suite), [courant for _, courant, _ in suite]),
    )
    for suite in suites[:SUITES]:
        yield " ".join(forme for _, _, forme in suite)


def _ecarts(suite):
    return sum(ecart for ecart, _, _ in suite)


def _corrections(mot, trouve):
    """`(slips, - frequency, word)` of the nearest words of the index, the nearest first."""
    if not mot.isalpha() or len(mot) < LONGUEUR_CORRIGEE:
        return []
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
        if connu and trouve and nombre < _PLUS_COURANT * connu[1]:
            continue
        choix.append((ecart, -nombre, autre, forme))
    return [(ecart, courant, forme) for ecart, courant, _, forme in sorted(choix)[:CHOIX]]


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
