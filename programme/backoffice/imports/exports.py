"""The list of the back-office as a file: what the agent sees, drafts too, ready to come back."""

from programme.donnees.ecriture import write_json
from programme.donnees.exports import (
    Fichier,
    TropDeFichiers,
    busy,
    today,
)
from territoires.dates import iso

FORMATS = {
    "csv": ("csv", "virgule"),
    "csv-point-virgule": ("csv", "point-virgule"),
    "xlsx": ("xlsx", ""),
    "json": ("json", ""),
}
TITRES = {"csv": "CSV", "csv-point-virgule": "CSV à point-virgule", "xlsx": "XLSX", "json": "JSON"}
DIFFUSION = "Réservée aux agents : ce fichier contient aussi des brouillons."

MODE_D_EMPLOI = (
    "Modifiez les cellules sans toucher « identifiant » ni « version » ; une cellule vidée vide la "
    "valeur ; une ligne sans identifiant est une ligne nouvelle ; une ligne retirée du fichier ne "
    "supprime rien."
)


class FichierDeListe(Fichier):
    """A file that holds drafts: streamed as the public ones are, and proved to nobody."""

    def __init__(self, request, genre, queryset, nom):
        asked, separateur = FORMATS[nom]
        super().__init__(request, genre.vu_par(request.user), queryset, asked, separateur)

    def _notice(self):
        return [
            ("Liste", self.jeu.titre),
            ("Lignes", self.lignes),
            ("Date", iso(today())),
            ("Exporté par", self.request.user.nom),
            ("Diffusion", DIFFUSION),
            (
                "Pour importer",
                MODE_D_EMPLOI,
            ),
        ]

    def _write(self):
        if self.format != "json":
            return super()._write()
        told = {**self.metadonnees.as_json(), "diffusion": DIFFUSION}
        return write_json(self.jeu, self.queryset, self.connection, told)

    def _prove(self, digest):
        pass

    def response(self):
        response = super().response()
        del response["Link"]  # the dictionary is that of the public file
        response["Cache-Control"] = "no-store"
        response["Content-Disposition"] = (
            f'attachment; filename="{self.jeu.code}-comite-{iso(today())}.{self.format}"'
        )
        return response


def exporter(request, genre, queryset, nom):
    """The response of the file `nom`, a key of `FORMATS`; 503 when every place is taken."""
    try:
        return FichierDeListe(request, genre, queryset, nom).response()
    except TropDeFichiers:
        return busy()
