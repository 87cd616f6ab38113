"""What changes in a parution once it is made: it is withdrawn, or what it is compared to changes.

A file made again keeps its old digest, with the reason.
"""

from django.db import transaction
from django.utils import timezone

from programme.donnees.parutions import archive
from programme.donnees.parutions.faire import DONNEES, ecarts
from programme.donnees.parutions.reserve import oublier
from programme.models import DonneesVersion, EmpreinteAncienne, FichierParution, Parution

CONTENU = ("sha256", "octets", "lignes", "ajoutees", "changees", "retirees")


class DejaRetiree(Exception):
    """It was withdrawn before."""


def retirer(parution, motif):
    """Withdraw a parution: its page says why and stays, its files are given no more.

    What is compared to it is to be compared to the one before: `comparer_a_nouveau`.
    """
    with transaction.atomic():
        done = Parution.objects.en_vigueur().filter(pk=parution.pk)
        if not done.update(etat=Parution.Etat.RETIREE, motif=motif, retiree_le=timezone.now()):
            raise DejaRetiree
        DonneesVersion.objects.bump()


def comparer_a_nouveau(retiree):
    """Compare what came after a withdrawn parution to the last one before that is in force."""
    before = retiree.precedente
    while before and before.est_retiree:
        before = before.precedente
    for parution in retiree.suivantes.all():
        parution.precedente = before
        parution.save()
        refaire(parution, f"La parution n° {retiree.numero}, à laquelle il comparait, est retirée.")


def refaire(parution, motif):
    """Make its deltas and its archive again, of the datasets that it holds."""
    whole = list(parution.fichiers.filter(genre=DONNEES))
    made = ecarts(parution, whole)
    made.append(archive.faire(parution, [*whole, *made]))
    with transaction.atomic():
        old = [remplacer(parution, fichier, motif) for fichier in made]
        kept = {(each.genre, each.jeu, each.format) for each in [*whole, *made]}
        for fichier in parution.fichiers.all():
            if (fichier.genre, fichier.jeu, fichier.format) not in kept:
                old.append(fichier.sha256)
                fichier.delete()
        DonneesVersion.objects.bump()
    oublier(filter(None, old))


def remplacer(parution, nouveau, motif):
    """Put a file in place of the one of its name; the digest of that one, if it is another."""
    same = {"genre": nouveau.genre, "jeu": nouveau.jeu, "format": nouveau.format}
    kept = FichierParution.objects.filter(parution=parution, **same).first()
    if kept is None:
        nouveau.parution = parution
        nouveau.save()
        return None
    if kept.sha256 == nouveau.sha256:
        return None
    old = kept.sha256
    EmpreinteAncienne.objects.create(fichier=kept, sha256=old, octets=kept.octets, motif=motif)
    for name in CONTENU:
        setattr(kept, name, getattr(nouveau, name))
    kept.save()
    return old
