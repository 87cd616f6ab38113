"""Our own assessment of the site against RGAA 4.1: `rgaa.csv`, a row a criterion.

The statement of the site and docs/rgaa.md are read from it. A proof is a test, by its name, or a
check by hand with its day; without any, a criterion is not held to conform.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FICHIER = Path(__file__).parent / "rgaa.csv"
SEPARATEUR = " | "
THEMES = (
    "Images",
    "Cadres",
    "Couleurs",
    "Multimédia",
    "Tableaux",
    "Liens",
    "Scripts",
    "Éléments obligatoires",
    "Structuration de l’information",
    "Présentation de l’information",
    "Formulaires",
    "Navigation",
    "Consultation",
)
ETATS = {"C": "conforme", "NC": "non conforme", "NA": "non applicable"}
ECHANTILLON = {
    "Accueil": "/",
    "Recherche": "/recherche/?q=pau",
    "Carte et son tableau": "/carte/",
    "Liste et son tableau": "/projets/",
    "Graphiques": "/fonds/",
    "Territoire": "/territoires/lacq-pau-tarbes/",
    "Formulaire : signaler": "/signaler/projets/fai-0001/",
    "Formulaire : suivre": "/suivre/?adresse=/projets/",
    "Fichiers à télécharger": "/donnees/projets/",
    "Cadre à intégrer": "/integrer/",
    "Page en anglais": "/en/",
    "Déclaration d’accessibilité": "/accessibilite/",
    "Connexion": "/admin/compte/connexion/",
    "Administration : une liste": "/admin/programme/contrat/",
    "Administration : un formulaire": "/admin/programme/contrat/add/",
}
"""The pages that were looked at; each is also read as it is printed."""


@dataclass(frozen=True)
class Critere:
    """`etat` is a key of `ETATS`; `preuves`: tests, `path::name`, or checks by hand."""

    code: str
    titre: str
    etat: str
    preuves: tuple[str, ...]
    remarque: str

    @property
    def theme(self):
        return int(self.code.partition(".")[0])


@cache
def criteres():
    with FICHIER.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Critere(
            row["critere"],
            row["titre"],
            row["etat"],
            tuple(filter(None, row["preuves"].split(SEPARATEUR))),
            row["remarque"],
        )
        for row in rows
    ]


def en_etat(etat):
    return [critere for critere in criteres() if critere.etat == etat]


def taux():
    """Per cent of the criteria that apply that conform, rounded down: it is never flattered."""
    conform, other = len(en_etat("C")), len(en_etat("NC"))
    return conform * 100 // (conform + other)
