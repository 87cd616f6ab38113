"""Load everything: the geography, the map, the programme."""

from programme.chargement import PROGRAMME
from territoires.chargement.commande import CommandeDeChargement
from territoires.chargement.fichiers import CARTE, GEOGRAPHIE


class Command(CommandeDeChargement):
    help = "Charge toutes les données, dans l’ordre : la géographie, la carte, le programme."
    fichiers = GEOGRAPHIE + CARTE + PROGRAMME
