"""A row of one's own that names one of somebody else's tells nothing of it, at any door."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programme.models import Contrat, Decision, Financement, Projet, Publication, Seance
from territoires.models import Role
from tests import factories as f
from tests.programme.backoffice.outils import address

B = Publication.BROUILLON


@pytest.fixture
def tied(normandie, bretagne, contrats):
    """Rows of Normandie, each tied by a national administrator to a draft of somebody else."""
    contrats.breton.intitule = "SECRET-contrat"
    contrats.breton.save()
    enveloppe = f.EnveloppeFactory(region=bretagne, intitule="SECRET-enveloppe", publication=B)
    leur_projet = f.ProjetFactory(
        beneficiaire="SECRET-projet", territoire=contrats.breton.territoire, publication=B
    )
    nationale = f.SeanceFactory(
        comite_regional=None,
        comite_national=f.ComiteNationalFactory(nom="SECRET-comité"),
        publication=B,
    )
    Contrat.objects.filter(pk=contrats.normand.pk).update(seance=nationale)
    projet = f.ProjetFactory(
        territoire=None,
        departement=f.DepartementFactory(region=normandie),
        contrat=contrats.breton,
        publication=B,
    )
    seance = f.SeanceFactory(comite_regional__region=normandie, publication=B)
    return [
        projet,
        f.FinancementFactory(projet=projet, enveloppe=enveloppe),
        seance,
        f.DecisionFactory(seance=seance, contrat=contrats.breton, projet=leur_projet),
        contrats.normand,
    ]


def secrets(response):
    """What the page tells of them; a search that was typed is not told by us."""
    return set(re.findall(r"SECRET-\w+", response.content.decode()))


@pytest.mark.parametrize("role", [Role.LECTEUR, Role.REDACTEUR, Role.SECRETARIAT])
def test_no_page_names_them(signed_in, normandie, tied, role):
    client = signed_in(f.AgentFactory(role=role, regions=[normandie]))
    for row in tied:
        model = type(row)
        for page in (
            address(model, "changelist"),
            address(model, "change", row.pk),
            address(model, "history", row.pk),
            address(model, "delete", row.pk),
        ):
            response = client.get(page)
            assert response.status_code in {200, 403}
            assert not secrets(response), page
    told = client.get(address(Decision, "changelist")).content.decode()
    assert told.count("hors de votre périmètre") == 2


@pytest.mark.parametrize("model", [Projet, Financement, Seance, Decision, Contrat])
def test_no_search_finds_by_their_names(signed_in, normandie, tied, model):
    client = signed_in(f.LecteurFactory(regions=[normandie]))
    cl = client.get(address(model, "changelist"), {"q": "SECRET"}).context["cl"]
    assert cl.result_count == 0


def test_own_words_still_find_them(signed_in, normandie, tied):
    client = signed_in(f.LecteurFactory(regions=[normandie]))
    decision = tied[3]
    cl = client.get(address(Decision, "changelist"), {"q": decision.texte}).context["cl"]
    assert [row.pk for row in cl.result_list] == [decision.pk]


def test_what_is_public_is_named_and_found(signed_in, normandie, tied, contrats):
    type(tied[0]).objects.filter(beneficiaire="SECRET-projet").update(publication="publié")
    Contrat.objects.filter(pk=contrats.breton.pk).update(publication="publié")
    client = signed_in(f.LecteurFactory(regions=[normandie]))
    for parameters in ({}, {"q": "secret"}):
        response = client.get(address(Decision, "changelist"), parameters)
        assert secrets(response) == {"SECRET-contrat", "SECRET-projet"}


def test_a_national_administrator_reads_all(signed_in, national, tied):
    client = signed_in(national)
    response = client.get(address(Decision, "changelist"), {"q": "secret"})
    assert secrets(response) == {"SECRET-contrat", "SECRET-projet"}


def test_the_author_of_a_decision_is_named(signed_in, normandie, tied, secretariat):
    Decision.objects.update(auteur=secretariat)
    client = signed_in(f.LecteurFactory(regions=[normandie]))
    for page in (address(Decision, "changelist"), address(Decision, "change", tied[3].pk)):
        body = client.get(page).content.decode()
        assert "Sacha Secrétariat" in body
        assert secretariat.email not in body


def test_a_list_costs_the_same_with_more_rows(signed_in, normandie, bretagne):
    client = signed_in(f.LecteurFactory(regions=[normandie]))
    seance = f.SeanceFactory(comite_regional__region=normandie)

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(Decision, "changelist")).status_code == 200
        return len(queries)

    def decision():
        theirs = f.ContratFactory(territoire__region_porteuse=bretagne, publication=B)
        return f.DecisionFactory(seance=seance, contrat=theirs)

    decision()
    few = count()
    for _ in range(4):
        decision()
    assert count() == few
