"""How a parution is made: every dataset from one state of the base, then what changed, then kept.

Nothing is published before all of it is kept; two that are made at once cannot have one number.
"""

from contextlib import ExitStack

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from programme.donnees import horizon
from programme.donnees.exports import Metadonnees, first_row, measure
from programme.donnees.instantane import snapshot
from programme.donnees.jeux import JEUX
from programme.donnees.parutions import archive
from programme.donnees.parutions.ecarts import ECARTS
from programme.donnees.parutions.formes import FORMES, Table, triees
from programme.donnees.parutions.reserve import brouillon, deposer, ouvrir
from programme.models import DonneesVersion, FichierParution, Parution
from programme.taches.minuteur import laisser_passer
from territoires.dates import MOIS, date_in_words

DONNEES, DELTAS = FichierParution.Genre.DONNEES, FichierParution.Genre.ECARTS


class RienDeNeuf(Exception):
    """Every file would be that of the last parution; the sentence says which."""


class DejaFaite(Exception):
    """Another parution was made meanwhile."""


def faire(par, *, auteur=None, note="", mois=None):
    """Make a parution of what is public now; returns it. Raises `RienDeNeuf`, `DejaFaite`.

    par: a `Parution.Par`. mois: the first day of the month whose parution the clock makes.
    """
    if mois and Parution.objects.filter(mois=mois).exists():
        raise DejaFaite(f"la parution de {date_in_words(mois, MOIS)} est déjà faite")
    precedente = Parution.objects.derniere()
    parution = Parution(
        numero=(Parution.objects.aggregate(Max("numero"))["numero__max"] or 0) + 1,
        par=par,
        auteur=auteur,
        note=note,
        mois=mois,
        precedente=precedente,
    )
    fichiers = _donnees(parution)
    if precedente and _same(fichiers, precedente):
        raise RienDeNeuf(f"rien n’a changé depuis la {precedente}")
    fichiers += ecarts(parution, fichiers)
    fichiers.append(archive.faire(parution, fichiers))
    try:
        with transaction.atomic():
            parution.save(force_insert=True)
            for fichier in fichiers:
                fichier.parution = parution
            FichierParution.objects.bulk_create(fichiers)
    except IntegrityError:
        raise DejaFaite("une autre parution vient d’être faite") from None
    return parution


def _donnees(parution):
    """Every dataset in each form, kept; unsaved `FichierParution`s."""
    found = []
    with snapshot() as connection:
        parution.faite_le = timezone.now()
        row = first_row(DonneesVersion.objects.values_list("numero"), connection)
        parution.version = row[0] if row else 1
        for jeu in JEUX.values():
            told = measure(jeu, jeu.published(), connection)
            metadata = Metadonnees(told["lignes"], horizon.of_rows(jeu, told), ()).as_json()
            found += [_donnee(jeu, forme, connection, metadata) for forme in FORMES.values()]
            laisser_passer()
    return found


def _donnee(jeu, forme, connection, metadata):
    with ExitStack() as stack:
        brut, trie = stack.enter_context(brouillon()), stack.enter_context(brouillon())
        for block in forme.exporter(jeu, jeu.published(), connection, metadata):
            brut.write(block)
        table = forme.lire(brut)
        table.lignes = triees(table.lignes, jeu.cle)
        return garder(trie, forme, table, FichierParution(genre=DONNEES, jeu=jeu.code))


def garder(file, forme, table, fichier):
    """Write a table in an open file and keep it as `fichier`, which is not saved."""
    fichier.lignes = forme.ecrire(file, table)
    fichier.format = forme.nom
    fichier.sha256, fichier.octets = deposer(file)
    return fichier


def _same(fichiers, precedente):
    kept = precedente.fichiers.filter(genre=DONNEES).values_list("jeu", "format", "sha256")
    return set(kept) == {(f.jeu, f.format, f.sha256) for f in fichiers}


def ecarts(parution, fichiers):
    """What changed in each dataset that the one before has too, kept; `FichierParution`s, unsaved.

    fichiers: the whole datasets of `parution`.
    """
    if parution.precedente is None:
        return []
    kept = parution.precedente.fichiers.filter(genre=DONNEES, jeu__in=JEUX)
    before = {(each.jeu, each.format): each for each in kept}
    told = (
        _ecart(parution, before[key], fichier)
        for fichier in fichiers
        if fichier.genre == DONNEES and (key := (fichier.jeu, fichier.format)) in before
    )
    return [fichier for fichier in told if fichier]


def _ecart(parution, avant, apres):
    laisser_passer()
    forme, jeu = FORMES[apres.format], JEUX[apres.jeu]
    who = {"jeu": jeu.code, "de": parution.precedente.numero, "a": parution.numero}
    with ExitStack() as stack:
        tables = []
        for fichier in (avant, apres):
            file = stack.enter_context(ouvrir(fichier.sha256))
            tables.append(forme.lire(file))
        if not set(jeu.cle) <= set(tables[0].colonnes or jeu.cle):
            return None  # its rows were told apart otherwise
        if avant.sha256 == apres.sha256:
            tables = [Table(table.colonnes, (), table.entete) for table in tables]
        file = stack.enter_context(brouillon())
        compte = ECARTS[forme.nom].ecrire(file, *tables, jeu.cle, who)
        sha256, octets = deposer(file)
    return FichierParution(
        genre=DELTAS,
        jeu=jeu.code,
        format=forme.nom,
        sha256=sha256,
        octets=octets,
        **vars(compte),
    )
