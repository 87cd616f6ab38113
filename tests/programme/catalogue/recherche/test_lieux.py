"""« Ma commune »: the pages of communes and intercommunalités."""

from datetime import date

import pytest
from django.utils import timezone

from programme.models import Publication
from territoires.models import Liste
from tests.factories import (
    CommuneAncienneFactory,
    CommuneFactory,
    DepartementFactory,
    IntercommunaliteFactory,
    JalonFactory,
    ListeFactory,
    MouvementCommuneFactory,
    ProjetFactory,
    RattachementFactory,
    TerritoireFactory,
)
from tests.programme.catalogue.pages.outils import section, texte

pytestmark = pytest.mark.django_db


def get(client, url, **parameters):
    response = client.get(url, parameters)
    assert response.status_code == 200
    return response


@pytest.fixture
def place():
    """A commune in a territory since 14 November 2019 at the latest."""
    rattachement = RattachementFactory(
        territoire=TerritoireFactory(nom="Pays des Forges", phase_id=2, rattachement=None)
    )
    interco = rattachement.intercommunalite
    return CommuneFactory(code="61214", nom="L'Aigle", intercommunalite=interco)


@pytest.fixture
def derniere_liste():
    Liste.objects.create(date=date(2024, 7, 4), phase_id=2, nombre=183, source="liste")


# --- Commune ----------------------------------------------------------------------------------


def test_the_page_says_territory_date_certainty_and_source(client, place, derniere_liste):
    page = texte(get(client, "/communes/61214/"))
    told = "Dans le Territoire d’industrie Pays des Forges (phase 2), depuis le 14 novembre 2019 au"
    assert f"{told} plus tard. Dernière liste connue : 4 juillet 2024" in page
    assert "attesté à cette date, l’entrée a pu avoir lieu avant" in page
    assert f"Par {place.intercommunalite.nom}" in page
    assert "Source liste ANCT du 15/10/2020" in page


def test_a_commune_that_is_a_member_by_itself(client):
    place = CommuneFactory(code="58046", intercommunalite=None)
    RattachementFactory(
        intercommunalite=None, commune=place, certitude="exacte", territoire__phase_id=2
    )
    page = texte(get(client, "/communes/58046/"))
    assert "depuis le 14 novembre 2019." in page
    assert "Par la commune elle-même" in page
    assert "aucune : la commune n’appartient à aucune intercommunalité" in page


def test_a_commune_outside_names_the_nearest_territories(client):
    near = TerritoireFactory(nom="Tout près", phase_id=2, rattachement=None)
    RattachementFactory(
        territoire=near, intercommunalite=IntercommunaliteFactory(lon=0.7, lat=48.76)
    )
    CommuneFactory(code="27056", nom="Bernay", lon=0.6, lat=49.08, departement__code="27")
    response = get(client, "/communes/27056/")
    page = texte(response)
    assert "Dans aucun Territoire d’industrie que nomme une source publiée, au " in page
    assert "Tout près, à 36 km environ" in section(response, "territoire")
    assert "hors territoire" in page


def test_what_it_was_before_is_told(client):
    place = CommuneFactory(code="29019")
    brest = TerritoireFactory(nom="Pays de Brest", phase_id=2, rattachement=None)
    interco = place.intercommunalite
    RattachementFactory(territoire=brest, intercommunalite=interco, fin=date(2021, 11, 22))
    finistere = TerritoireFactory(nom="Finistère", phase_id=2, rattachement=None)
    RattachementFactory(
        territoire=finistere,
        intercommunalite=interco,
        debut=date(2021, 11, 22),
        certitude="reconstituée",
    )
    part = section(get(client, "/communes/29019/"), "territoire")
    assert "22 novembre 2021 (date reconstituée)" in part
    told = "Pays de Brest : entrée au plus tard le 14 novembre 2019, sortie le 22 novembre"
    assert told in part


def test_each_announcement_says_where_it_stood(client, place):
    JalonFactory(date=date(2018, 11, 22), nb_territoires=124)
    JalonFactory(date=date(2018, 12, 31), nb_territoires=125)
    ListeFactory(date=date(2018, 12, 31), nombre=125)
    JalonFactory(date=date(2019, 11, 14), nb_territoires=146)
    JalonFactory(date=date(2020, 1, 1), nb_territoires=None, intitule="Sans nombre")
    JalonFactory(
        date=date(2020, 2, 2), nb_territoires=777, publication=Publication.BROUILLON, intitule="x"
    )
    response = get(client, "/communes/61214/")
    part = section(response, "etapes")
    # Only a complete list says that a place is in no territory.
    assert "22 novembre 2018 124 aucune source ne l’y place" in part
    assert "31 décembre 2018 125 dans aucun territoire" in part
    assert "14 novembre 2019 146 attestée dans Pays des Forges" in part
    assert "777" not in part
    assert "/carte/?date=2018-11-22" in response.content.decode()


def test_published_projects_are_counted_and_linked(client, place):
    shown = ProjetFactory(commune=place, objet="Four électrique")
    ProjetFactory(commune=place, objet="Projet caché", publication=Publication.A_VALIDER)
    response = get(client, "/communes/61214/")
    part = section(response, "projets")
    assert "1 projet publié" in part
    assert "Four électrique" in part
    assert "Projet caché" not in response.content.decode()
    body = response.content.decode()
    assert f'href="{shown.get_absolute_url()}?liste=commune%2F61214%3F"' in body
    assert 'href="/projets/?commune=61214"' in body
    assert client.get("/projets/?commune=61214&format=json&page=1").json()["count"] == 1


def test_projects_elsewhere_in_the_territory_are_counted(client, place):
    territoire = place.intercommunalite.rattachements.get().territoire
    for _ in range(2):
        ProjetFactory(territoire=territoire)
    ProjetFactory(territoire=territoire, publication=Publication.BROUILLON)
    response = get(client, "/communes/61214/")
    part = section(response, "projets")
    assert "Aucun projet publié ici." in part
    assert "2 projets publiés dans tout le territoire Pays des Forges" in part
    assert f'href="/projets/?territoire={territoire.code}"' in response.content.decode()


def test_earlier_communes_are_named(client, place):
    CommuneAncienneFactory(commune=place, nom="Saint-Barthélemy", code="61999")
    assert "Communes réunies Saint-Barthélemy (61999)" in texte(get(client, "/communes/61214/"))


def test_an_earlier_code_leads_to_the_commune_of_today(client, place):
    CommuneAncienneFactory(commune=place, code="98001")
    response = client.get("/communes/98001/?format=json")
    assert response.status_code == 302
    assert response["Location"] == "/communes/61214/?format=json"


@pytest.mark.parametrize(
    ("code", "shown"),
    [("99999", "99999"), ("abc", "abc"), ("61214x", "61214x"), ("%00", "␀"), ("1" * 99, "1" * 20)],
)
def test_an_unknown_code_is_told(client, place, code, shown):
    response = client.get(f"/communes/{code}/")
    assert response.status_code == 404
    assert f"Aucune commune n’a, ni n’a eu, le code INSEE « {shown} »." in texte(response)


def test_letters_of_a_code_may_be_small(client):
    CommuneFactory(code="2A004")
    assert client.get("/communes/2a004/")["Location"] == "/communes/2A004/"


@pytest.fixture
def before(place):
    """The territory of phase 1 in which the same commune was; that of today is of phase 2."""
    place.intercommunalite.rattachements.update(debut=date(2023, 11, 9), certitude="exacte")
    rattachement = RattachementFactory(
        territoire=TerritoireFactory(nom="Ancien Pays", rattachement=None),
        intercommunalite=place.intercommunalite,
    )
    return rattachement.territoire


def test_json_of_a_commune(client, place, before):
    today = place.intercommunalite.rattachements.get(phase=2).territoire_id
    later = {"code": today, "nom": "Pays des Forges", "phase": 2}
    later |= {"depuis": "2023-11-09", "certitude": "exacte"}
    earlier = {"code": before.pk, "nom": "Ancien Pays", "phase": 1}
    earlier |= {"depuis": "2019-11-14", "certitude": "au plus tard"}
    day = timezone.localdate().isoformat()
    assert get(client, "/communes/61214/", format="json").json() == {
        "code": "61214",
        "nom": "L'Aigle",
        "intercommunalite": place.intercommunalite_id,
        "geographie": "2024-01-01",
        "territoire": later,
        "possible": None,
        "date": day,
        "phases": [
            {"phase": 1, "au": "2023-11-08", "territoire": earlier},
            {"phase": 2, "au": day, "territoire": later},
        ],
    }


@pytest.mark.parametrize("url", ["/communes/61214/", "/intercommunalites/{}/"])
def test_json_at_a_date(client, place, before, url):
    found = get(client, url.format(place.intercommunalite_id), format="json", date="2021-11-22")
    found = found.json()
    assert found["territoire"]["code"] == before.pk
    assert found["date"] == "2021-11-22"
    assert [(row["phase"], row["au"]) for row in found["phases"]] == [
        (1, "2021-11-22"),
        (2, "2023-11-09"),
    ]


def test_json_tells_a_possible_territory_apart(client):
    rattachement = RattachementFactory(territoire=TerritoireFactory(rattachement=None))
    CommuneFactory(code="61214", intercommunalite=rattachement.intercommunalite)
    found = get(client, "/communes/61214/", format="json", date="2019-03-06").json()
    assert found["territoire"] is None
    assert found["possible"]["code"] == rattachement.territoire_id


def test_the_page_at_a_date_says_so_and_leads_to_today(client, place, before):
    page = texte(get(client, "/communes/61214/", date="2021-11-22"))
    assert "Au 22 novembre 2021 : Dans le Territoire d’industrie Ancien Pays (phase 1)" in page
    assert "Et aujourd’hui ?" in page
    assert "Dernière liste connue" not in page


def test_the_page_tells_today_then_phase_1(client, place, before, derniere_liste):
    page = texte(get(client, "/communes/61214/"))
    today = (
        "Pays des Forges (phase 2), depuis le 9 novembre 2023. Dernière liste connue : 4 juillet"
    )
    earlier = "En phase 1, finie le 9 novembre 2023 (date reconstituée) : dans Ancien Pays, depuis"
    assert page.index(today) < page.index(earlier)


@pytest.mark.parametrize("day", ["2099-01-01", "demain"])
def test_a_date_that_cannot_be_answered_is_refused(client, place, day):
    response = client.get("/communes/61214/", {"date": day, "format": "json"})
    assert response.status_code == 400
    assert response.json()["erreur"].startswith("date : ")
    response = client.get("/communes/61214/", {"date": day})
    assert response.status_code == 400
    assert "date : " in texte(response)


def test_json_of_a_commune_outside(client):
    CommuneFactory(code="29083", nom="Île-de-Sein", intercommunalite=None)
    found = get(client, "/communes/29083/", format="json").json()
    assert (found["intercommunalite"], found["territoire"]) == (None, None)
    assert [row["territoire"] for row in found["phases"]] == [None, None]


@pytest.mark.parametrize("url", ["/communes/61214/", "/intercommunalites/{}/"])
def test_another_format_is_refused(client, place, url):
    response = client.get(url.format(place.intercommunalite_id), {"format": "csv"})
    assert response.status_code == 400
    assert "« csv » n’existe pas. Valeurs possibles : json." in texte(response)


# --- Intercommunalité -------------------------------------------------------------------------


def test_the_page_of_an_intercommunalite(client, place):
    interco = place.intercommunalite
    ProjetFactory(commune=place, objet="Four électrique")
    response = get(client, interco.get_absolute_url())
    page = texte(response)
    assert "Membre du Territoire d’industrie Pays des Forges" in page
    assert "Par l’intercommunalité elle-même" in page
    assert "1 commune L'Aigle" in section(response, "communes")
    assert "Four électrique" in section(response, "projets")


def test_communes_in_another_territory_are_named(client):
    interco = IntercommunaliteFactory()
    alone = CommuneFactory(nom="Cercy-la-Tour", intercommunalite=interco)
    other = TerritoireFactory(nom="Nevers", phase_id=2, rattachement=None)
    RattachementFactory(territoire=other, intercommunalite=None, commune=alone)
    part = section(get(client, interco.get_absolute_url()), "territoire")
    assert "Des communes sont dans un territoire" in part
    assert "dans Nevers : Cercy-la-Tour" in part


def test_the_communes_of_an_ept_are_its_own(client):
    ept = IntercommunaliteFactory(nature="EPT", departements=[DepartementFactory()])
    CommuneFactory(nom="Argenteuil", ept=ept)
    assert "Argenteuil" in section(get(client, ept.get_absolute_url()), "communes")


def test_an_intercommunalite_without_commune_says_why(client):
    gone = IntercommunaliteFactory()
    assert "ne compte plus aucune commune" in section(
        get(client, gone.get_absolute_url()), "communes"
    )


def test_json_of_an_intercommunalite(client, place):
    interco = place.intercommunalite
    found = get(client, interco.get_absolute_url(), format="json").json()
    assert found["siren"] == interco.siren
    assert found["territoire"]["depuis"] == "2019-11-14"


@pytest.mark.parametrize(("siren", "shown"), [("123456789", "123456789"), ("%00", "␀")])
def test_an_unknown_siren_is_told(client, siren, shown):
    response = client.get(f"/intercommunalites/{siren}/")
    assert response.status_code == 404
    assert f"Aucune intercommunalité n’a le SIREN « {shown} »." in texte(response)


# --- Queries ----------------------------------------------------------------------------------


def test_queries_do_not_grow(client, place, django_assert_max_num_queries):
    urls = {
        # With the members of the territory and its contracts, for the card, and the reports.
        "/communes/61214/": 22,
        place.intercommunalite.get_absolute_url(): 21,
        "/communes/61214/?format=json": 5,
    }

    def counts():
        found = []
        for url, most in urls.items():
            with django_assert_max_num_queries(most) as captured:
                assert client.get(url).status_code == 200
            found.append(len(captured))
        return found

    def make():
        ProjetFactory(commune=place)
        CommuneAncienneFactory(commune=place)
        CommuneFactory(intercommunalite=place.intercommunalite)
        RattachementFactory(territoire__phase_id=2)
        JalonFactory(nb_territoires=100)

    make()
    first = counts()
    for _ in range(4):
        make()
    assert counts() == first


def test_a_code_is_answered_in_the_geography_of_the_date(client):
    """A commune that is gone since, or that was not there yet, or that had another code."""
    gone, heir = CommuneFactory(code="22027"), CommuneFactory(code="22241", nom="Plumieux")
    MouvementCommuneFactory(commune=gone, date=date(2025, 1, 1), rejointe=None)
    CommuneAncienneFactory(code="22027", commune=heir, nature="commune-absorbee")
    whole, part = CommuneFactory(code="85084"), CommuneFactory(code="85165", intercommunalite=None)
    MouvementCommuneFactory(commune=part, quittee=None, rejointe=whole.intercommunalite)
    CommuneAncienneFactory(code="85165", commune=whole, jusqu_en=date(2024, 1, 1))

    def answered(code, day):
        response = client.get(f"/communes/{code}/?date={day}&format=json", follow=True)
        return response.json()["code"]

    assert answered("22027", "2021-11-22") == answered("22027", "2024-07-04") == "22027"
    assert client.get("/communes/22027/")["Location"] == "/communes/22241/"
    page = texte(get(client, "/communes/22027/", date="2024-07-04"))
    assert "le 1er janvier 2025, la commune a été réunie à Plumieux" in page
    assert answered("85165", "2021-11-22") == "85084"
    assert answered("85165", "2024-07-04") == "85165"
