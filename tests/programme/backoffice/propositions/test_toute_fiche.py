"""Every record that the public reads may be reported, and what no form changes is answered too."""

import re
from types import SimpleNamespace

import pytest
from django.urls import reverse

from programme.catalogue.signaler.fiches import AUTRE, genre_of, genres
from programme.donnees.jeux import JEUX
from programme.models import Proposition
from tests import factories as f
from tests.test_urls import MODELS_WITH_PAGE

from .test_signalements import CANARI, SOURCE, read, text_of

pytestmark = pytest.mark.django_db
SANS_FICHE = {
    "lignees": "calculée d’après les rattachements, où l’erreur se signale",
    "emploi": "relevés d’un institut, publiés tels quels",
    "besoins": "relevés d’une enquête, publiés tels quels",
    "bassins": "zonage d’un institut, publié tel quel",
    "valeurs": "chaque valeur des autres jeux, où elle se signale",
    "sources": "la notice d’un document, qui se signale sur ce qui le cite",
}
"""{dataset: why its rows are not reported}."""
SANS_LIEN = {
    "Source": SANS_FICHE["sources"],
    "Citation": "une valeur gardée telle qu’elle fut lue",
    "Parution": "des fichiers qui ne changent plus",
    "Preuve": "l’empreinte d’un fichier",
}
"""{model with a page: why it has no link to report it}."""
EN_PASSANT = {"Personne", "Affirmation", "Terme"}
"""Records told in a line of a page: the link of the line leads to their fields."""
PAGES_D_AUTRES = {"ChiffreAnnonce", "Fait", "Confrontation"}
"""Records told on a page of many: its sections lead to the list of their kind."""


def test_every_dataset_is_reported_or_says_why():
    assert set(JEUX) - set(genres()) == set(SANS_FICHE)


@pytest.mark.parametrize("model", MODELS_WITH_PAGE, ids=lambda model: model.__name__)
def test_every_record_with_a_page_leads_to_its_own_report(client, model):
    if model.__name__ in SANS_LIEN:
        assert genre_of(model) is None
        return
    record = getattr(f, f"{model.__name__}Factory")()
    page = client.get(record.get_absolute_url().partition("#")[0]).text
    genre = genre_of(model)
    if model.__name__ in PAGES_D_AUTRES:
        assert reverse("signaler_genre", args=[genre.code]) in page
        return
    own = genre.adresse(record)
    assert f'href="{own}"' in page
    if model.__name__ in EN_PASSANT:
        return
    report = client.get(own).text
    fields = set(re.findall(rf"{re.escape(own)}\?champ=(\w+)", report))
    assert fields == {*genre.champs, AUTRE}


@pytest.mark.parametrize("code", [jeu.code for jeu in JEUX.values() if jeu.liste])
def test_every_list_leads_to_the_report_of_its_rows(client, code):
    row = {"rattachements": f.RattachementFactory, "referents": f.ReferentFactory}.get(code)
    if code not in genres() or row is None:
        return
    row()
    page = client.get(reverse(JEUX[code].liste)).text
    assert reverse("signaler_genre", args=[code]) in page


def test_a_member_and_a_referent_are_reported_from_the_page_of_their_territory(client):
    member = f.RattachementFactory()
    referent = f.ReferentFactory(territoire=member.territoire)
    page = client.get(member.territoire.get_absolute_url()).text
    portrait = client.get(reverse("portrait", args=[member.territoire.slug])).text
    assert f"/signaler/rattachements/{member.pk}/" in portrait
    assert f"/signaler/referents/{referent.pk}/" in page
    hidden = f.ReferentFactory(publication="brouillon", nom="Canari Caché")
    other = client.get(hidden.territoire.get_absolute_url()).text
    assert f"/signaler/referents/{hidden.pk}/" not in other
    assert client.get(f"/signaler/referents/{hidden.pk}/").status_code == 404


CHAMPS = {
    "communes": "population",
    "intercommunalites": "nom",
    "regions": "presidence",
    "rattachements": "debut",
}


@pytest.fixture
def record(normandie, genre):
    """One of this kind, in Normandie."""
    if genre == "regions":
        return normandie
    if genre == "rattachements":
        return f.RattachementFactory(territoire__region_porteuse=normandie)
    commune = f.CommuneFactory(departement__region=normandie, nom="Gacé", population=1_900)
    if genre == "communes":
        return commune
    found = f.IntercommunaliteFactory()
    found.departements.add(commune.departement)
    return found


@pytest.fixture
def bureaux(publisher, stranger, editor):
    """The secretariat and the rédacteur of Normandie, the secretariat of another région."""
    return SimpleNamespace(publisher=publisher, stranger=stranger, editor=editor)


def report(client, genre, record, champ):
    page = genres()[genre].adresse(record, champ)
    sent = {"jeton": read(client, page), "motif": CANARI, "provient": SOURCE, "attendu": "2 000"}
    response = client.post(page, sent)
    assert response.status_code == 302, text_of(response)
    return Proposition.objects.latest("pk")


@pytest.mark.parametrize("genre", sorted(CHAMPS))
def test_the_committee_of_its_region_answers(client, bureaux, ways, record, genre):
    made = report(client, genre, record, CHAMPS[genre])
    assert made.changements["attendu"] == "2 000"
    assert CANARI not in text_of(client.get("/signaler/"))
    desk = text_of(bureaux.publisher.get(reverse("admin:index")))
    assert made.nom in desk
    assert made.nom not in text_of(bureaux.stranger.get(reverse("admin:index")))
    assert bureaux.stranger.get(made.get_absolute_url()).status_code != 200
    refused = ways.answer(bureaux.editor, made, "corriger", reponse="Non.")
    assert refused.status_code == 403
    ways.answer(bureaux.publisher, made, "corriger", reponse="Signalé à qui publie le recensement.")
    assert made.etat == "acceptée en partie"
    public = text_of(client.get("/signaler/"))
    assert "Signalé à qui publie le recensement." in public


def test_what_belongs_to_no_committee_is_answered_by_national_administrators(
    client, publisher, signed_in, ways
):
    made = report(client, "operateurs", f.OperateurFactory(), "nom")
    assert made.nom not in text_of(publisher.get(reverse("admin:index")))
    national = signed_in(f.NationalFactory())
    assert made.nom in text_of(national.get(reverse("admin:index")))
    ways.answer(national, made, "refuser", reponse="C’est bien son nom.")
    assert made.etat == "refusée"
