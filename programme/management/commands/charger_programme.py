"""Load the committees, contracts, commitments, projects, figures and employment basins."""

from programme.chargement import PROGRAMME
from territoires.chargement.commande import CommandeDeChargement


class Command(CommandeDeChargement):
    help = "Charge les faits publics du programme : comités, contrats, engagements, projets…"
    fichiers = PROGRAMME
