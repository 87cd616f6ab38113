"""The column of CONTRIBUTING, declared as it says there: nowhere before, everywhere after."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from programme.backoffice import aides
from programme.backoffice.cadre.filtres import FiltreValeurs, filtres_declares
from programme.backoffice.imports.declarations import IMPORTABLES
from programme.catalogue.listes.filters import ProjetFilter
from programme.catalogue.listes.tables import ProjetTable
from programme.catalogue.listes.views import Projets
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Colonne, Ecrit, Type
from programme.models import Projet, Publication
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    appliquer,
    changes,
    dits,
    fichier,
    importer,
)
from tests.programme.backoffice.outils import address
from tests.programme.donnees.outils import body

pytestmark = pytest.mark.django_db

NOM, MOT = "categorie", "ETI d’essai"


def example():
    """The column that CONTRIBUTING declares."""
    text = (Path(settings.BASE_DIR) / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(Colonne\(.*?\n\))\n```", text, re.DOTALL)
    return eval(code, {"Colonne": Colonne, "Ecrit": Ecrit, "Type": Type})


@pytest.fixture
def declare(monkeypatch):
    """`declare(column, …)`: the projects have these columns instead of that of the example."""

    def columns_are(*more):
        jeu = JEUX["projets"]
        kept = tuple(column for column in jeu.colonnes if column.nom != NOM)
        jeu = replace(jeu, colonnes=(*kept, *more))
        monkeypatch.setitem(JEUX, "projets", jeu)
        monkeypatch.setitem(IMPORTABLES, "projets", replace(IMPORTABLES["projets"], jeu=jeu))
        # A class reads its dataset when it is made.
        monkeypatch.setattr(Projets, "filterset_class", type("Filtre", (ProjetFilter,), {}))
        monkeypatch.setattr(Projets, "table_class", type("Table", (sans(ProjetTable),), {}))
        aides.declared.cache_clear()

    yield columns_are
    aides.declared.cache_clear()


def sans(table):
    """The table without what its dataset declared."""
    kept = {name: c for name, c in table.base_columns.items() if name != NOM}
    return type("Sans", (table,), {"base_columns": kept})


@pytest.fixture
def rows(normandie):
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    one = f.ProjetFactory(code="un", territoire=territoire, categorie=MOT)
    other = f.ProjetFactory(code="deux", territoire=territoire, categorie="PME")
    return one, other


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def officer(normandie):
    client = Client()
    client.force_login(f.SecretariatFactory(regions=[normandie]))
    return client


def listed(client, **asked):
    return client.get(reverse("projets"), asked)


def read_json(response):
    return json.loads(body(response))["results"]


def test_the_example_is_declared_as_contributing_says():
    written = replace(JEUX["projets"].colonne(NOM), mots="", tri=True, liste=True)
    assert written == example()


def test_nothing_knows_a_column_that_nobody_declared(declare, rows, client, officer):
    declare()
    assert listed(client, **{NOM: MOT}).status_code == 400
    assert listed(client, tri=NOM).status_code == 400
    assert MOT not in listed(client).content.decode()
    assert MOT not in client.get(rows[0].get_absolute_url()).content.decode()
    for extension in ("csv", "json"):
        assert NOM not in body(listed(client, format=extension)).decode()
    assert NOM not in client.get(reverse("donnees_jeu", args=["projets"])).content.decode()
    Projet.objects.update(publication=Publication.BROUILLON)
    depot = importer(officer, "projets", fichier({"code": "un", NOM: "x" * 500, "objet": "Neuf"}))
    assert (dits(depot), [name for name, *_ in changes(depot)[2]]) == ([], ["Objet"])
    assert "« categorie », est mise de côté" in " ".join(depot.lecture)
    appliquer(officer, "projets", depot)
    assert Projet.objects.get(code="un").categorie == MOT


def test_a_declared_column_is_in_the_list(declare, rows, client):
    declare(example())
    page = listed(client, **{NOM: MOT})
    assert page.context["totaux"]["lignes"] == 1
    assert [head.libelle for head in page.context["table"].entetes][-1] == "Catégorie"
    assert [(tag.libelle, tag.texte) for tag, _ in page.context["etiquettes"]] == [
        ("Catégorie", MOT)
    ]
    codes = [row["code"] for row in read_json(listed(client, format="json", tri=f"-{NOM}"))]
    assert codes == ["deux", "un"]
    assert MOT in client.get(rows[0].get_absolute_url()).content.decode()


def test_a_declared_column_is_in_every_file_and_description(declare, rows, client):
    declare(example())
    told = csv.DictReader(io.StringIO(body(listed(client, format="csv")).decode("utf-8-sig")))
    assert {row["code"]: row[NOM] for row in told} == {"un": MOT, "deux": "PME"}
    found = read_json(listed(client, format="json"))
    assert {row[NOM] for row in found} == {MOT, "PME"}
    features = client.get(reverse("projets"), {"format": "geojson"})
    assert MOT in body(features).decode()
    for name, args in [
        ("donnees_jeu", ["projets"]),
        ("donnees_schema", ["projets"]),
        ("datapackage", []),
    ]:
        assert example().description in client.get(reverse(name, args=args)).content.decode()
    described = client.get(reverse("openapi")).json()
    assert NOM in described["components"]["schemas"]["projets"]["properties"]
    asked = described["paths"]["/api/v1/projets/"]["get"]["parameters"]
    assert NOM in [parameter.get("name") for parameter in asked]


def test_a_declared_column_is_written_by_who_may(declare, rows, officer):
    declare(example())
    Projet.objects.update(publication=Publication.BROUILLON)
    page = officer.get(address(Projet, "change", rows[0].pk)).content.decode()
    assert example().ecrit.aide in page
    assert (NOM, FiltreValeurs) in filtres_declares(JEUX["projets"])
    depot = importer(officer, "projets", fichier({"code": "un", NOM: "Grande entreprise"}))
    assert changes(depot) == {2: [["Catégorie", MOT, "Grande entreprise"]]}
    appliquer(officer, "projets", depot)
    assert Projet.objects.get(code="un").categorie == "Grande entreprise"
    depot = importer(officer, "projets", fichier({"code": "un", NOM: "x" * 500}))
    (told,) = dits(depot)
    assert "au plus 30 caractères (actuellement 500)" in told


@pytest.mark.parametrize("genre", IMPORTABLES.values(), ids=lambda genre: genre.code)
def test_what_is_declared_as_written_has_a_place_in_the_form(genre, national_request):
    screen = admin.site.get_model_admin(genre.modele)
    shown = set(screen.get_form(national_request).base_fields)
    shown |= set(screen.get_readonly_fields(national_request))
    assert [name for name in genre.champs if name not in shown] == []


@pytest.fixture
def national_request(rf, db):
    request = rf.get("/admin/")
    request.user = f.NationalFactory()
    return request
