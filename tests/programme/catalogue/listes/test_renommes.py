"""A filter that names a record as it was called, or as it is called since, keeps its rows."""

import pytest
from django.utils import timezone

from programme.models import Projet
from tests.factories import ContratFactory, FinancementFactory, ProjetFactory

from .outils import ask

pytestmark = pytest.mark.django_db


def total(client, liste, **asked):
    page = ask(client, liste, **asked)
    assert page.status_code == 200, page.context["erreurs"]
    return page.context["totaux"]["lignes"]


@pytest.fixture
def financeur():
    """Who pays for one project of two, renamed since; the moment before."""
    financement = FinancementFactory(financeur__slug="ademe", financeur__nom="Ademe")
    ProjetFactory(territoire=financement.projet.territoire)
    found, then = financement.financeur, timezone.now().isoformat()
    found.slug, found.nom = "agence-de-la-transition", "Agence de la transition"
    found.save()
    return then


@pytest.mark.parametrize("slug", ["ademe", "agence-de-la-transition"])
def test_who_pays_is_found_by_either_address_at_either_moment(client, financeur, slug):
    now = ask(client, "projets", financeur=slug)
    assert now.context["totaux"]["lignes"] == 1
    assert "Agence de la transition" in now.content.decode()
    then = ask(client, "projets", financeur=slug, au=financeur)
    assert then.context["totaux"]["lignes"] == 1
    assert "Ademe" in then.content.decode()
    for when in ({}, {"au": financeur}):
        assert client.get("/api/v1/projets/", {"financeur": slug, **when}).json()["count"] == 1


def test_an_address_that_nobody_had_is_refused(client, financeur):
    assert ask(client, "projets", financeur="ademe-2").status_code == 400


def test_what_was_cited_by_an_old_address_is_told_today(client, financeur):
    asked = {"chiffre": "projets", "requete": "financeur=ademe", "au": financeur}
    made = client.post("/citer/", asked)
    assert made.status_code == 303, made.content.decode()
    told = client.get(f"{made['Location']}citation.json").json()
    assert told["aujourdhui"]["valeur"] == 1


@pytest.mark.parametrize(
    ("liste", "factory", "field"),
    [("projets", ProjetFactory, "code"), ("contrats", ContratFactory, "slug")],
)
def test_a_code_that_changed_finds_its_record(client, liste, factory, field):
    row = factory(**{field: "ancien-1"})
    other = factory(**{field: "autre-1"}, territoire=row.territoire)
    then = timezone.now().isoformat()
    setattr(row, field, "nouveau-1")
    row.save()
    for code in ("ancien-1", "nouveau-1"):
        assert total(client, liste, code=code) == 1
        assert total(client, liste, code=code, au=then) == 1
    assert total(client, liste, code=f"ancien-1,{getattr(other, field)}") == 2
    assert total(client, liste, code="jamais-1") == 0


def test_the_code_of_a_draft_finds_nothing(client):
    row = ProjetFactory(code="secret-1", publication="brouillon")
    row.code = "public-1"
    row.save()
    row.publication = "publié"
    row.save()
    assert total(client, "projets", code="secret-1") == 0
    assert total(client, "projets", code="public-1") == 1


def test_a_free_value_that_no_row_has_any_more_keeps_none(client):
    row = ProjetFactory(filiere="Bois")
    then = timezone.now().isoformat()
    row.filiere = "Cuir"
    row.save()
    assert total(client, "projets", filiere="Bois") == 0
    assert total(client, "projets", filiere="Cuir", au=then) == 0
    assert total(client, "projets", filiere=["Bois", "Cuir"]) == 1
    assert total(client, "projets", filiere="Bois", au=then) == 1


def test_a_free_value_that_only_a_draft_had_is_known_to_nobody(client):
    row = ProjetFactory(filiere="Canari", publication="brouillon")
    Projet.objects.filter(pk=row.pk).update(filiere="Cuir")
    assert ask(client, "projets", filiere="Canari").status_code == 400
