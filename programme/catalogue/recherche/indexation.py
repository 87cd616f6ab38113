"""The index, made anew (`reindexer`) or for some records (`indexer`).

Both are plain functions for commands and bulk writers: a `queryset.update()` or a bulk load sends
no signal. One save at a time is followed by `signaux`.
"""

import re
from collections import Counter
from functools import lru_cache

from django.db import connections, router, transaction
from django.db.models import F, Max

from programme.catalogue.recherche.fiches import COLONNES, FICHES, LONGUEUR_MOT, TYPES, fiches
from programme.models import DonneesVersion, EntreeIndex, MotIndex, TrigrammeIndex
from territoires.recherche.texte import mots, plier

LONGUEUR_CORRIGEE = 4
"""Words shorter than this have no slip: too many others are near."""

LOT = 500
RANGS = {type_: rang for rang, type_ in enumerate(EntreeIndex.Type)}
_TEXTE = COLONNES.index("texte")
_LETTRES = re.compile(r"[^\W\d_]+")


def importance(fiche):
    """The key that sorts the heaviest first."""
    return -fiche.poids, RANGS[fiche.type], plier(fiche.nom), fiche.code


def reindexer():
    """Make the whole index anew, in one transaction; returns the number of entries.

    The heaviest come first: the search ranks the first thousand entries that match. They are given
    the numbers that there were, which nobody else can take meanwhile: so the first stay small, as
    `EntreeIndex.objects.matching` supposes.
    """
    toutes = [fiche for modele in FICHES for fiche in fiches(modele._default_manager.all())]
    toutes.sort(key=importance)
    lignes = [fiche.ligne() for fiche in toutes]
    with transaction.atomic():
        numeros = list(EntreeIndex.objects.order_by("pk").values_list("pk", flat=True))
        for modele in (TrigrammeIndex, MotIndex, EntreeIndex):
            modele._base_manager.all()._raw_delete(router.db_for_write(modele))
        _executer(
            _AJOUTER_NUMEROTEES,
            [(numero, *ligne) for numero, ligne in zip(numeros, lignes, strict=False)],
        )
        _executer(_AJOUTER_ENTREES, lignes[len(numeros) :])
        _ajouter_mots(_compter(ligne[_TEXTE] for ligne in lignes), _formes(toutes))
        DonneesVersion.objects.bump()
    return len(toutes)


def indexer(modele, identifiants):
    """Index again the records of `modele` with these keys, and drop those not public any more."""
    trouvees = list(fiches(modele._default_manager.filter(pk__in=identifiants)))
    lignes = [fiche.ligne() for fiche in trouvees]
    with transaction.atomic():
        connues = _entrees(modele, identifiants)
        avant = _compter(connues.values_list("texte", flat=True))
        restantes = [str(fiche.pk) for fiche in trouvees]
        _supprimer(connues.exclude(identifiant__in=restantes))
        _executer(_AJOUTER_ENTREES, lignes)
        apres = _compter(ligne[_TEXTE] for ligne in lignes)
        _recompter(avant, apres, _formes(trouvees))


def _entrees(modele, identifiants):
    identifiants = [str(pk) for pk in identifiants]
    return EntreeIndex.objects.filter(type=TYPES[modele], identifiant__in=identifiants)


def _supprimer(queryset):
    """Delete without signals: nothing follows the index itself."""
    queryset._raw_delete(queryset.db)


# --- Rows -------------------------------------------------------------------------------------

# Statements of our own: with 40 000 entries and 300 000 trigrams, instances cost ten seconds.
# Many rows each: SQLite writes its full-text index at the end of every statement.
_AJOUTER_ENTREES = f"""
    INSERT INTO programme_entreeindex ({", ".join(COLONNES)}) VALUES {{valeurs}}
    ON CONFLICT (type, identifiant)
    DO UPDATE SET {", ".join(f"{nom} = excluded.{nom}" for nom in COLONNES[2:])}
"""  # noqa: S608 - names of columns, all ours
_AJOUTER_NUMEROTEES = _AJOUTER_ENTREES.replace("(type, ", "(id, type, ", 1)
_AJOUTER_MOTS = """
    INSERT INTO programme_motindex (mot, forme, longueur, nombre) VALUES {valeurs}
    ON CONFLICT (mot) DO UPDATE SET nombre = programme_motindex.nombre + excluded.nombre
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


# --- Words ------------------------------------------------------------------------------------


def _compter(textes):
    """How many of `textes` hold each word in which a slip can be told."""
    return Counter(
        jeton
        for texte in textes
        for jeton in texte.split()
        if len(jeton) >= LONGUEUR_CORRIGEE and jeton.isalpha()
    )


def _formes(toutes):
    """`{folded word: as most often written}`."""
    ecrits = Counter()
    for fiche in toutes:
        ecrits.update(set(_LETTRES.findall(fiche.mots())))
    formes = {}
    for ecrit, _ in sorted(ecrits.items(), key=lambda item: (-item[1], item[0])):
        plies = _mots(ecrit)
        if len(plies) == 1:
            formes.setdefault(plies[0], ecrit)
    return formes


_mots = lru_cache(maxsize=65_536)(mots)


def _recompter(avant, apres, formes):
    """Correct the counts of words, from how many of some entries held each before and after."""
    perdus = avant - apres
    for nombre in set(perdus.values()):
        moins = [mot for mot, perdu in perdus.items() if perdu == nombre]
        MotIndex.objects.filter(mot__in=moins).update(nombre=F("nombre") - nombre)
    if perdus:
        inutiles = MotIndex.objects.filter(mot__in=list(perdus), nombre=0)
        _supprimer(TrigrammeIndex.objects.filter(mot__in=inutiles.values("pk")))
        _supprimer(inutiles)
    _ajouter_mots(apres - avant, formes)


def _ajouter_mots(nombres, formes):
    """Count more entries for each word; a new one comes with its trigrams."""
    if not nombres:
        return
    dernier = MotIndex.objects.aggregate(dernier=Max("pk"))["dernier"] or 0
    _executer(
        _AJOUTER_MOTS,
        [
            (mot, formes.get(mot, mot)[:60], len(mot), nombre)
            for mot, nombre in sorted(nombres.items())
        ],
    )
    with _connexion().cursor() as cursor:
        cursor.execute(_AJOUTER_TRIGRAMMES, [LONGUEUR_MOT, dernier])
