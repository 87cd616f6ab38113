"""Load régions, départements, intercommunalités and communes."""

from territoires.chargement.commande import CommandeDeChargement
from territoires.chargement.fichiers import GEOGRAPHIE


class Command(CommandeDeChargement):
    help = "Charge la géographie de référence : régions, départements, intercommunalités, communes."
    fichiers = GEOGRAPHIE
