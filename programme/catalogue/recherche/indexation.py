"""The index, made anew (`reindexer`) or for some records (`indexer`).

Both are plain functions for commands and bulk writers: a `queryset.update()` or a bulk load sends
no signal. One save at a time is followed by `signaux`.
"""

import re
from collections import Counter
from functools import lru_cache

from django.db import connections, router, transaction
from django.db.models import Max

from programme.catalogue.recherche.fiches import COLONNES, FICHES, LONGUEUR_MOT, TYPES, fiches
from programme.models import DonneesVersion, EntreeIndex, MotIndex, TrigrammeIndex
from territoires.recherche.texte import mots, plier

LONGUEUR_CORRIGEE = 4
"""Words shorter than this have no slip: too many others are near."""

LOT = 500
RANGS = {type_: rang for rang, type_ in enumerate(EntreeIndex.Type)}
_LETTRES = re.compile(r"[^\W\d_]+")


def reindexer():
    """Make the whole index anew, in one transaction; returns the number of entries.

    The heaviest come first: the search ranks the first thousand entries that match.
    """
    toutes = [fiche for modele in FICHES for fiche in fiches(modele._default_manager.all())]
    toutes.sort(key=lambda fiche: (-fiche.poids, RANGS[fiche.type], plier(fiche.nom), fiche.code))
    with transaction.atomic():
        for modele in (TrigrammeIndex, MotIndex, EntreeIndex):
            modele._base_manager.all()._raw_delete(router.db_for_write(modele))
        _executer(_AJOUTER_ENTREES, [fiche.ligne() for fiche in toutes])
        _ajouter_mots(_compter(toutes))
        DonneesVersion.objects.bump()
    return len(toutes)


def indexer(queryset):
    """Index again the records of `queryset`, and drop those that are not public any more."""
    modele = queryset.model
    identifiants = [str(pk) for pk in queryset.values_list("pk", flat=True)]
    trouvees = list(fiches(queryset))
    with transaction.atomic():
        restantes = {str(fiche.pk) for fiche in trouvees}
        desindexer(modele, [pk for pk in identifiants if pk not in restantes])
        _executer(_AJOUTER_ENTREES, [fiche.ligne() for fiche in trouvees])
        _ajouter_mots(_inconnus(_compter(trouvees)))


def desindexer(modele, identifiants):
    """Drop the entries of records of `modele`, by primary key."""
    entrees = EntreeIndex.objects.filter(
        type=TYPES[modele], identifiant__in=[str(pk) for pk in identifiants]
    )
    entrees._raw_delete(entrees.db)


# Statements of our own: with 40 000 entries and 300 000 trigrams, instances cost ten seconds.
# Many rows each: SQLite writes its full-text index at the end of every statement.
_AJOUTER_ENTREES = f"""
    INSERT INTO programme_entreeindex ({", ".join(COLONNES)}) VALUES {{valeurs}}
    ON CONFLICT (type, identifiant)
    DO UPDATE SET {", ".join(f"{nom} = excluded.{nom}" for nom in COLONNES[2:])}
"""  # noqa: S608 - names of columns, all ours
_AJOUTER_MOTS = """
    INSERT INTO programme_motindex (mot, forme, longueur, nombre) VALUES {valeurs}
    ON CONFLICT (mot) DO NOTHING
"""
# As territoires.recherche.texte.trigrammes.
_AJOUTER_TRIGRAMMES = """
    WITH RECURSIVE rang(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rang WHERE n <= %s)
    INSERT INTO programme_trigrammeindex (trigramme, mot_id)
    SELECT DISTINCT substr('  ' || mot || ' ', n, 3), id
    FROM programme_motindex JOIN rang ON n <= longueur + 1
    WHERE id > %s
"""


def _executer(instruction, lignes):
    """Run `instruction` for all of `lignes`, tuples of one length, some hundreds at a time."""
    with _connexion().cursor() as cursor:
        for debut in range(0, len(lignes), LOT):
            lot = lignes[debut : debut + LOT]
            ligne = f"({', '.join(['%s'] * len(lot[0]))})"
            cursor.execute(
                instruction.format(valeurs=", ".join([ligne] * len(lot))),
                [valeur for ligne in lot for valeur in ligne],
            )


def _connexion():
    return connections[router.db_for_write(EntreeIndex)]


def _compter(toutes):
    """`{folded word: (as most often written, number of entries)}`: where a slip can be told."""
    ecrits, nombres = Counter(), Counter()
    for fiche in toutes:
        presents = {ecrit: _plier_mot(ecrit) for ecrit in _LETTRES.findall(fiche.mots())}
        ecrits.update(presents.keys())
        nombres.update({mot for mot in presents.values() if mot})
    formes = {}
    for ecrit, _ in sorted(ecrits.items(), key=lambda item: (-item[1], item[0])):
        formes.setdefault(_plier_mot(ecrit), ecrit)
    return {mot: (formes[mot], nombre) for mot, nombre in nombres.items()}


@lru_cache(maxsize=65_536)
def _plier_mot(ecrit):
    """One written word folded, or None when a slip in it could not be told."""
    plies = mots(ecrit)
    if len(plies) == 1 and LONGUEUR_CORRIGEE <= len(plies[0]) <= LONGUEUR_MOT:
        return plies[0]
    return None


def _inconnus(comptes):
    """Those of `comptes` that the index does not hold yet."""
    candidats = list(comptes)
    for debut in range(0, len(candidats), LOT):
        connus = MotIndex.objects.filter(mot__in=candidats[debut : debut + LOT])
        for mot in connus.values_list("mot", flat=True):
            del comptes[mot]
    return comptes


def _ajouter_mots(nouveaux):
    """Add words and their trigrams. `nouveaux`: as `_compter` returns them."""
    if not nouveaux:
        return
    dernier = MotIndex.objects.aggregate(dernier=Max("pk"))["dernier"] or 0
    _executer(
        _AJOUTER_MOTS,
        [(mot, forme[:60], len(mot), nombre) for mot, (forme, nombre) in nouveaux.items()],
    )
    with _connexion().cursor() as cursor:
        cursor.execute(_AJOUTER_TRIGRAMMES, [LONGUEUR_MOT, dernier])
