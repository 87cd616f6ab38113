"""The last day on which a source states facts of a kind: computed from them, said with them."""

import datetime

import pytest
from django.urls import reverse

from programme.donnees import horizon
from programme.donnees.horizon import Horizon, Jour
from programme.donnees.jeux import JEUX
from programme.models import Precision
from tests import factories as f
from tests.adresses import texte

pytestmark = pytest.mark.django_db

MAI = datetime.date(2019, 5, 6)
NOVEMBRE = datetime.date(2019, 11, 14)
SANS_DATE = {"date_signature": None, "precision_signature": ""}


def source(code, date=None, precision=Precision.JOUR):
    return f.SourceFactory(code=code, date=date, precision_date=precision if date else "")


def test_it_is_the_day_of_the_last_document_that_the_rows_cite():
    source("un-communique", MAI)
    source("une-liste", NOVEMBRE)
    source("une-autre", datetime.date(2022, 1, 1))  # that no row cites
    f.ConventionFactory(source="un-communique ; une-liste", signee_le=MAI)
    assert str(horizon.whole("conventions")) == (
        "Dernière source : 14 novembre 2019 ; rien n’est attesté après cette date"
    )


def test_a_document_known_to_the_month_says_the_month():
    source("un-article", MAI.replace(day=1), Precision.MOIS)
    f.EngagementFactory(
        source="un-article", echeance=datetime.date(2022, 12, 31), precision_echeance="jour"
    )
    assert str(horizon.whole("engagements")).startswith("Dernière source : mai 2019 ;")


def test_the_day_that_the_source_of_a_project_gives_counts():
    source("dge-liste", MAI)
    f.ProjetFactory(source="dge-liste", mise_a_jour=NOVEMBRE)
    assert horizon.whole("projets").source == Jour(NOVEMBRE)


def test_an_undated_source_is_said_with_the_last_fact_that_it_tells():
    source("un-communique", MAI)
    source("un-journal")
    f.ContratFactory(source="un-communique", **SANS_DATE)
    f.ContratFactory(
        source="un-journal", date_signature=NOVEMBRE, precision_signature=Precision.AU_PLUS_TARD
    )
    assert str(horizon.whole("contrats")) == (
        "Dernière source datée : 6 mai 2019 ; dernier fait daté : au plus tard le 14 novembre 2019"
        " ; rien n’est attesté après cette date"
    )


def test_what_is_not_published_or_to_come_tells_nothing():
    source("un-communique", MAI)
    f.ContratFactory(source="un-communique", **SANS_DATE)
    f.ContratFactory(publication="brouillon", source="", date_signature=NOVEMBRE)
    f.ContratFactory(source="un-communique", date_signature=datetime.date(2999, 1, 1))
    assert horizon.whole("contrats") == Horizon(Jour(MAI))


def test_without_any_day_it_says_so():
    assert str(horizon.whole("contrats")) == "Date de la dernière source : non renseignée"


def test_every_dataset_has_one():
    told = [code for code in JEUX if horizon.whole(code) is not None]
    assert told == [code for code in JEUX if code != "valeurs"]  # it restates all the others


def test_lists_files_and_records_say_it(client):
    source("un-communique", MAI)
    contrat = f.ContratFactory(source="un-communique", **SANS_DATE)
    said = "Dernière source : 6 mai 2019"
    assert said in texte(client.get(reverse("contrats")))
    assert said in texte(client.get(contrat.get_absolute_url()))
    for sorte in ("csv", "xlsx", "json", "geojson"):
        answer = client.get(reverse("contrats"), {"format": sorte})
        assert answer["X-Horizon"] == "2019-05-06", sorte
    assert client.get(reverse("api_jeu", args=["contrats"])).json()["horizon"] == "2019-05-06"


def test_files_say_what_a_filter_leaves_out_as_the_page_does(client):
    f.ProjetFactory(emplois_crees=5)
    f.ProjetFactory.create_batch(2, emplois_crees=None)
    asked = {"emplois_crees_min": 1}
    left_out = [{"filtre": "emplois_crees", "libelle": "Emplois créés", "lignes": 2}]
    page = client.get(reverse("projets"), asked)
    assert "« Emplois créés » laisse de côté 2\N{NO-BREAK SPACE}projets" in texte(page)
    for parameters in ({"page": 1}, {"format": "json"}):
        answer = client.get(reverse("api_jeu", args=["projets"]), asked | parameters)
        assert texte(answer).count('"lignes": 2') == 1
        assert answer["X-Ecartes"] == "emplois_crees=2"
    assert client.get(reverse("api_jeu", args=["projets"]), asked).json()["ecartes"] == left_out
    assert client.get(reverse("projets"), asked | {"format": "csv"})["X-Ecartes"]
    assert "X-Ecartes" not in client.get(reverse("projets"), {"format": "csv"})
