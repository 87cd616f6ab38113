"""From the bytes of an upload to a table: CSV, XLSX or ODS, as Excel and LibreOffice make them."""

from territoires.lecture.tables.classeur import lire_classeur
from territoires.lecture.tables.tableau import FichierRefuse, Tableau
from territoires.lecture.tables.texte import lire_texte

TAILLE_MAX = 10 * 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PASSWORD = "EncryptedPackage".encode("utf-16-le")
OTHER_KINDS = {
    b"%PDF": "un PDF",
    b"\x89PNG": "une image",
    b"\xff\xd8\xff": "une image",
    b"{\\rtf": "un document RTF",
    b"<html": "une page web",
    b"<!DOC": "une page web",
    b"<?xml": "un fichier XML",
    b"\x1f\x8b": "un fichier compressé (.gz)",
    b"7z\xbc\xaf": "une archive (.7z)",
    b"Rar!": "une archive (.rar)",
}

__all__ = ["TAILLE_MAX", "FichierRefuse", "Tableau", "check_size", "ouvrir"]


def check_size(size, largest=TAILLE_MAX):
    """Raise `FichierRefuse` beyond `largest` bytes."""
    if size > largest:
        found = f"{size / 1024 / 1024:.1f}".replace(".", ",")
        raise FichierRefuse(
            f"Le fichier pèse {found} Mo ; la limite est de {largest // 1024 // 1024} Mo. "
            "Coupez-le en plusieurs fichiers."
        )


def ouvrir(contenu):
    """The `Tableau` of a file's bytes; its name proves nothing, its first bytes do.

    Raises `FichierRefuse`, with a sentence that says the remedy, when it is no table.
    """
    check_size(len(contenu))
    if not contenu.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise FichierRefuse("Le fichier est vide : exportez la liste, et partez de ce fichier.")
    if contenu.startswith(OLE):
        raise FichierRefuse(_ole(contenu))
    if contenu.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return lire_classeur(contenu)
    head = contenu[:16].lstrip(b"\xef\xbb\xbf \r\n")
    for start, kind in OTHER_KINDS.items():
        if head[: len(start)].upper() == start.upper():
            raise FichierRefuse(
                f"Ce fichier est {kind}, pas un tableau, quel que soit son nom : "
                "enregistrez le tableau au format CSV, XLSX ou ODS."
            )
    return lire_texte(contenu)


def _ole(contenu):
    if PASSWORD in contenu:
        return (
            "Ce classeur est protégé par un mot de passe : ôtez la protection "
            "(Fichier, Informations, Protéger le classeur), puis enregistrez-le de nouveau."
        )
    return (
        "Ce fichier est à l’ancien format d’Excel (.xls) : ouvrez-le et enregistrez-le au format "
        "« Classeur Excel (.xlsx) »."
    )
