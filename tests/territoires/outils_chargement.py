"""A small folder of fixtures for the loading tests: complete, valid, and easy to spoil."""

import io

from django.core.management import call_command

from programme.chargement import PROGRAMME
from territoires.chargement.fichiers import CARTE, GEOGRAPHIE

FICHIERS = {fichier.nom: fichier for fichier in GEOGRAPHIE + CARTE + PROGRAMME}

PROJET = (
    "fai-0001,fai-0001-forge,Forge,810565101,ETI,Bois,Un atelier,innover,,61300,61214,61,61,"
    "coordonnées,48.7,0.6,ti-2807,8,,,2021-03-02,dge"
)
LIGNES = {
    "regions.csv": ["28,Normandie,normandie,Basse-Normandie", "53,Bretagne,bretagne,"],
    "departements.csv": ["61,Orne,28", "27,Eure,28", "35,Ille-et-Vilaine,53"],
    "intercommunalites.csv": [
        "200068468,CC des Pays de L'Aigle,CC,61 27,25000,32,0.62,48.76",
        "200068443,CC Argentan Intercom,CC,61,34000,49,-0.01,48.74",
    ],
    "communes.csv": ["61214,L'Aigle,61,200068468,,7900,0.6281,48.7646"],
    "codes_postaux.csv": ["61214,61300"],
    "communes_anciennes.csv": [],
    "communes_mouvements.csv": [],
    "phases.csv": [
        "1,Phase 1 (2018-2023),2018-11-22,2023-11-09,reconstituée,2021-11-22,liste",
        "2,Phase 2 (2023-2027),2023-11-09,,,2024-07-04,liste",
    ],
    "listes.csv": ["2020-10-15,1,148,liste"],
    "territoires.csv": [
        "ti-2807,1,ti-2807,Pays de l'Aigle,pays-de-l-aigle,28,28,61 27,,,liste,,",
        "ti-2808,1,ti-2808,Argentan,argentan,28,28,61,,,liste,,",
    ],
    "autres_noms.csv": ["ti-2807,L'Aigle,"],
    "rattachements.csv": [
        "ti-2807,200068468,,2019-11-14,au plus tard,2018-11-22,,,liste,",
        "ti-2808,200068443,,2019-11-14,au plus tard,2018-11-22,2021-11-22,reconstituée,liste,",
    ],
    "projets.csv": [
        PROJET,
        "fai-0002,fai-0002-fonte,Fonte,,,,,,,,,,98,,,,,,,,,dge",
    ],
    "financeurs.csv": ["etat,État,État,"],
    "financements.csv": ["fai-0001,etat"],
    "bassins_emploi.csv": ["2801,L'Aigle,61"],
    "metiers.csv": ["C0X30,Ouvriers de l'électricité"],
    "besoins_main_oeuvre.csv": ["2024,2801,C0X30,1,52,*,0,france-travail-bmo-2024"],
}


class Dossier:
    """The folder; `poser` writes a file's rows, `charger` runs the whole load."""

    def __init__(self, path):
        self.path = path
        for nom in FICHIERS:
            self.poser(nom, LIGNES.get(nom, []))

    def poser(self, nom, lignes):
        entete = ",".join(FICHIERS[nom].colonnes)
        (self.path / nom).write_text("\n".join([entete, *lignes]) + "\n", encoding="utf-8")

    def remplacer(self, nom, avant, apres):
        """Replace a text that stands once in a file."""
        text = (self.path / nom).read_text(encoding="utf-8")
        assert text.count(avant) == 1
        (self.path / nom).write_text(text.replace(avant, apres), encoding="utf-8")

    def charger(self, commande="charger_donnees"):
        out = io.StringIO()
        call_command(commande, dossier=self.path, stdout=out, no_color=True)
        return out.getvalue()
