"""Load the territories and their members with their dates."""

from territoires.chargement.commande import CommandeDeChargement
from territoires.chargement.fichiers import CARTE


class Command(CommandeDeChargement):
    help = "Charge la carte : territoires, autres noms, rattachements datés."
    fichiers = CARTE
