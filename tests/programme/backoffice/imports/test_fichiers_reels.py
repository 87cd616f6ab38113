"""Files as the tools of our correspondents leave them: imported, undone, imported again.

Made by `python -m tests.programme.backoffice.imports.fichiers.fabriquer`, and kept beside it.
"""

import pytest

from programme.models import Import, Projet
from tests import factories as f
from tests.programme.backoffice.imports.fichiers.fabriquer import FICHIERS, ICI, LIGNES
from tests.programme.backoffice.imports.outils import agir, appliquer, deposer, dits
from tests.programme.backoffice.outils import address

pytestmark = pytest.mark.django_db

SANS_SAUT = {
    "excel-windows.csv",
    "excel-windows-utf8.csv",
    "excel-windows-unicode.txt",
    "excel-mac.csv",
    "export-d-un-outil.xlsx",
}
"""Files that show a text on one line."""
DITS = {
    "excel-windows.csv": ("windows-1252",),
    "excel-windows-utf8.csv": ("« TOTAL » : ligne de total",),
    "excel-windows-unicode.txt": ("UTF-16",),
    "excel-windows.xlsx": ("« Fiches actions »", "« Total » : ligne de total", "L’en-tête est à"),
    "excel-mac.csv": ("mac",),
    "libreoffice.ods": ("« Fiches actions »", "« Total » : ligne de total", "L’en-tête est à"),
    "ressaisie.xlsx": ("« Total » : ligne de total", "L’en-tête est à"),
}
"""What is told of a file: its encoding, its sheet, the rows that are not read."""
MASQUEES = {"excel-windows.xlsx", "libreoffice.ods"}
"""Those that hide a row, which is said and not chosen."""


@pytest.fixture(autouse=True)
def communes(normandie, orne):
    places = {"61": orne, "14": f.DepartementFactory(code="14", nom="Calvados", region=normandie)}
    for code, nom in {(ligne.commune, ligne.nom) for ligne in LIGNES}:
        f.CommuneFactory(code=code, nom=nom, departement=places[code[:2]])


def importer(client, nom):
    """The import of a file, its columns confirmed as they are proposed when they are asked."""
    response = deposer(client, "projets", (ICI / nom).read_bytes(), nom)
    depot = Import.objects.latest("pk")
    step = address(Projet, "import_colonnes", depot.pk)
    if response.status_code == 302 and response["Location"] == step:
        shown = client.get(step).context["form"]
        sent = {bound.html_name: bound.value() or "" for bound in shown}
        assert client.post(step, sent).status_code == 302
        depot.refresh_from_db()
    assert (depot.etat, depot.nb_erreurs) == (Import.Etat.A_CONFIRMER, 0), dits(depot)
    return depot


def dit(nom, ligne):
    """(code, porteur, SIREN, objet, commune, jobs, euros, day) as the file tells it.

    A file without codes is given some, one after the other.
    """
    objet = ligne.objet.replace("\n", " ") if nom in SANS_SAUT else ligne.objet
    code = f"r28-{ligne.code[-3:]}" if nom == "ressaisie.xlsx" else ligne.code
    told = (ligne.porteur, ligne.siren, objet, ligne.commune, ligne.emplois)
    return (code, *told, ligne.euros, ligne.jour)


def enregistres():
    fields = ("code", "beneficiaire", "siren", "objet", "commune", "emplois_crees")
    rows = Projet.objects.order_by("code")
    return list(rows.values_list(*fields, "investissement_eur", "mise_a_jour"))


@pytest.mark.parametrize("nom", FICHIERS)
def test_a_real_file_is_imported_undone_and_imported_again(client, nom):
    expected = [dit(nom, ligne) for ligne in LIGNES]
    depot = importer(client, nom)
    told = " ".join(depot.lecture)
    for words in DITS.get(nom, ()):
        assert words.lower() in told.lower(), told
    if nom in MASQUEES:
        assert "Ligne masquée dans le classeur." in " ".join(dits(depot))
    appliquer(client, "projets", depot)
    assert depot.etat == Import.Etat.APPLIQUE
    assert enregistres() == expected
    again = importer(client, nom)
    assert (again.nb_modifies, again.nb_inchanges) == (0, len(LIGNES)), "the same changes nothing"

    agir(client, "projets", depot, "annuler")
    assert depot.etat == Import.Etat.ANNULE, depot.remarques
    assert enregistres() == []
    appliquer(client, "projets", importer(client, nom))
    assert enregistres() == expected


def test_the_files_are_those_that_their_maker_makes():
    """Those of LibreOffice hold the day on which they were saved."""
    kept = {path.name for path in ICI.iterdir() if path.suffix not in {".py", ".pyc"}}
    assert kept - {"__pycache__"} == set(FICHIERS)
    for nom in ("excel-windows.csv", "excel-mac.csv", "excel-windows-unicode.txt"):
        assert (ICI / nom).read_bytes() == FICHIERS[nom]()
