"""Every column of every kind of file, with what fits nowhere: refused, set aside, or valid."""

from datetime import datetime

import pytest

from programme.backoffice.imports.declarations import IMPORTABLES
from programme.donnees.schema import Type
from programme.models import Import, Publication
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    appliquer,
    changes,
    classeur,
    dits,
    fichier,
    importer,
)

pytestmark = pytest.mark.django_db

BROUILLON = {"publication": Publication.BROUILLON}
FABRIQUES = {
    "projets": lambda: f.ProjetFactory(territoire=None, code_postal="", **BROUILLON),
    "financements": lambda: f.FinancementFactory(projet__publication=Publication.BROUILLON),
    "referents": lambda: f.ReferentFactory(**BROUILLON),
    "realisations": lambda: f.RealisationFactory(
        engagement__publication=Publication.BROUILLON, **BROUILLON
    ),
    "contrats": lambda: f.ContratFactory(
        statut="en préparation", date_signature=None, precision_signature="", **BROUILLON
    ),
    "avenants": lambda: f.AvenantFactory(contrat__publication=Publication.BROUILLON),
    "seances": lambda: f.SeanceFactory(**BROUILLON),
    "decisions": lambda: f.DecisionFactory(seance__publication=Publication.BROUILLON),
    "documents": lambda: f.DocumentFactory(**BROUILLON),
    "binomes": f.TerritoireFactory,
    "signataires": lambda: f.SignataireFactory(contrat__publication=Publication.BROUILLON),
}
AILLEURS = {
    Type.TEXTE: "#N/A",
    Type.CHOIX: 12,
    Type.CODE: datetime(2024, 3, 1),
    Type.ENTIER: "douze",
    Type.NOMBRE: datetime(2024, 3, 1),
    Type.DATE: 43_530,
    Type.LISTE: "#N/A",
    Type.NOMS: "#N/A",
}
"""What a spreadsheet may hold in a column, and that is no value of its type."""
VALEURS = {
    "500 caractères": lambda column: "x" * 500,
    "autre type": lambda column: AILLEURS[column.type],
    "vide": lambda column: None,
}


@pytest.fixture(params=IMPORTABLES, ids=str)
def genre(request):
    return IMPORTABLES[request.param]


def raw(genre, pk):
    """{field: value} of the record, version apart."""
    fields = genre.modele._base_manager.filter(pk=pk).values().get()
    return {name: value for name, value in fields.items() if name != "version"}


@pytest.mark.parametrize("kind", VALEURS)
def test_no_column_writes_what_does_not_fit(national_client, genre, kind):
    record = FABRIQUES[genre.code]()
    before = raw(genre, record.pk)
    for name, column in genre.colonnes.items():
        if name == "identifiant":
            continue
        content = classeur(["identifiant", name], [record.pk, VALEURS[kind](column)])
        depot = importer(national_client, genre.code, content)
        said = dits(depot)
        if why := genre.ecartee(name):
            assert (said, changes(depot)) == ([], {}), name
            assert f"« {name} », est mise de côté : {why}" in " ".join(depot.lecture)
        elif depot.nb_erreurs:
            assert said[0].startswith(f"Ligne 2, {name} (B) : "), said
            assert said[0].endswith("."), said
            assert depot.etat == Import.Etat.ERRONE
        else:
            assert not is_refused(genre, name, kind), (name, kind)
            check_written(national_client, genre, name, depot, record)
        if not changes(depot):
            assert raw(genre, record.pk) == before, name
        genre.modele._base_manager.filter(pk=record.pk).update(**before)


def is_refused(genre, name, kind):
    """Whether the column takes no such value: only a text without end takes 500 characters."""
    if name not in genre.ecrits:
        return kind != "vide"
    field = genre.champ(name)
    if kind == "vide":
        return not field.blank or genre.protection(name) is not None
    endless = field.get_internal_type() == "TextField"
    return not (endless and kind == "500 caractères")


def check_written(client, genre, name, depot, record):
    """What is accepted is of a column that says so, and that the model itself would accept."""
    if not changes(depot):
        return
    assert genre.protection(name) is None, name
    appliquer(client, genre.code, depot)
    stored, field = genre.modele._base_manager.get(pk=record.pk), genre.champ(name)
    field.clean(getattr(stored, field.attname), stored)


def test_what_is_obligatory_says_so(national_client, projet):
    depot = importer(
        national_client, "projets", classeur(["code", "beneficiaire"], [projet.code, None])
    )
    assert "« porteur » est obligatoire : remplissez-la" in dits(depot)[0]


def test_what_is_too_long_says_its_length(national_client, projet):
    row = {"code": projet.code, "filiere": "x" * 500}
    (told,) = dits(importer(national_client, "projets", fichier(row)))
    assert told.startswith(f"Ligne 2, filiere (B) : « {'x' * 60}… » : Assurez-vous que cette")
    assert "au plus 60 caractères (actuellement 500)" in told
