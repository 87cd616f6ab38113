"""A personal datum is masked in every parution: tables, deltas, archives, notes.

Each file made again keeps its old digest, with the reason; the content of before is deleted.
"""

import zipfile
from contextlib import ExitStack

from django.db import transaction

from programme.donnees.comparaison import cle
from programme.donnees.jeux import JEUX
from programme.donnees.parutions.archive import ARCHIVE
from programme.donnees.parutions.faire import DONNEES, garder
from programme.donnees.parutions.formes import FORMES, triees
from programme.donnees.parutions.refaire import refaire, remplacer
from programme.donnees.parutions.reserve import brouillon, oublier, ouvrir
from programme.models import DonneesVersion, EmpreinteAncienne, FichierParution, Parution
from programme.taches.minuteur import laisser_passer
from territoires.occultes import porte_marque


def occulter(masque, raison):
    """Mask what a `Masque` finds in every parution; how many files were made again.

    raison: said with each old digest, in public: it does not repeat what is masked. Doing it twice
    changes nothing more.
    """
    before = EmpreinteAncienne.objects.count()
    made, old = {}, []
    touched = set()
    for parution in Parution.objects.order_by("numero"):
        if _said(parution, masque) or _in_archive(parution, masque):
            touched.add(parution)
        for fichier in parution.fichiers.filter(genre=DONNEES):
            if fichier.sha256 not in made:
                laisser_passer()
                made[fichier.sha256] = _masked(fichier, masque)
            if new := made[fichier.sha256]:
                touched.add(parution)
                with transaction.atomic():
                    new = FichierParution(genre=DONNEES, jeu=fichier.jeu, **new)
                    old.append(remplacer(parution, new, raison))
    for parution in Parution.objects.select_related("precedente").order_by("numero"):
        if parution in touched or parution.precedente in touched:
            refaire(parution, raison)
    DonneesVersion.objects.bump(sans_copies=True)
    oublier(filter(None, old))
    return EmpreinteAncienne.objects.count() - before


def _said(parution, masque):
    """Mask what administrators wrote of it; whether they had written it."""
    told = {name: masque.sur(getattr(parution, name)) for name in ("note", "motif")}
    if all(getattr(parution, name) == text for name, text in told.items()):
        return False
    return bool(Parution.objects.filter(pk=parution.pk).update(**told))


def _in_archive(parution, masque):
    """Whether what its archive holds besides the tables tells it: its notes, its reasons."""
    for fichier in parution.fichiers.filter(genre=ARCHIVE):
        with ouvrir(fichier.sha256) as file, zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if not name.endswith(".csv")]
            if any(masque.est_dans(archive.read(name).decode()) for name in names):
                return True
    return False


def _masked(fichier, masque):
    """What a whole dataset becomes, kept; None when it has nothing to mask."""
    forme, jeu = FORMES[fichier.format], JEUX.get(fichier.jeu)
    with ExitStack() as stack:
        source = stack.enter_context(ouvrir(fichier.sha256))
        table = forme.lire(source)
        head = masque.sur(table.entete)
        if head == table.entete and all(masque.ligne(row) == row for row in table.lignes):
            return None
        table = forme.lire(source)
        table.entete = head
        names = jeu.cle if jeu else ()
        rows = triees(map(masque.ligne, table.lignes), names) if names else table.lignes
        table.lignes = _told_apart(rows, names)
        file = stack.enter_context(brouillon())
        made = garder(file, forme, table, FichierParution())
    return {name: getattr(made, name) for name in ("format", "sha256", "octets", "lignes")}


def _told_apart(rows, names):
    """Rows whose keys were told apart by what is masked alone get a rank."""
    last, rank = None, 1
    for row in rows:
        key = cle(row, names)
        rank = rank + 1 if names and key == last else 1
        last = key
        if rank > 1:
            masked = next(nom for nom in reversed(names) if porte_marque(str(row[nom])))
            row = row | {masked: f"{row[masked]} ({rank})"}  # noqa: PLW2901
        yield row
