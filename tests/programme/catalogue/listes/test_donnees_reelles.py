"""On the real data: whatever the filters, the page, its facets and every file say the same."""

from datetime import date
from functools import cache

import pytest
from django.db.models import Q
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from programme.donnees.jeux import JEUX
from programme.models import Projet
from territoires.models import Rattachement, Territoire
from tests.exemples import exemples

from .outils import LISTES, ask, read_csv, read_geojson, read_xlsx

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
    pytest.mark.lent,
]

MEASURES = ("emplois_crees", "emplois_maintenus", "investissement_eur")
# Facets where a row has one value, or none: their numbers add up to the rows.
PARTITIONS = {
    "projets": ("region", "departement", "territoire", "axe", "filiere", "statut", "categorie"),
    "rattachements": ("territoire", "nature", "certitude"),
    "contrats": ("type", "statut", "territoire", "precision_signature"),
    "intercommunalites": ("nature", "territoire"),
}
KEYS = {"projets": ["code"], "territoires": ["code"], "contrats": ["code"]} | {
    code: list(JEUX[code].cle) for code in ("rattachements", "intercommunalites")
}


# --- Known figures ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("liste", "parameters", "number"),
    [
        ("territoires", {}, 146),
        ("territoires", {"tous": "1"}, 335),
        ("territoires", {"date": "2020-10-15"}, 148),
        ("rattachements", {}, 1245),
        ("regions", {}, 18),
        ("contrats", {}, 28),
        ("projets", {}, 1158),
        ("projets", {"territoire": "dans un territoire"}, 760),
        ("projets", {"territoire": "hors territoire"}, 398),
        ("projets", {"axe": "non renseigné"}, 251),
        ("projets", {"thematique": "transition écologique"}, 79),
        ("projets", {"region": "non renseigné"}, 9),
        ("conventions", {}, 4),
        ("engagements", {}, 11),
        ("jalons", {}, 17),
        ("operateurs", {}, 4),
        ("communes", {"departement": "61"}, 385),
        ("intercommunalites", {}, 1268),
    ],
)
def test_every_format_has_the_known_number_of_rows(client, liste, parameters, number):
    assert ask(client, liste, **parameters).context["totaux"]["lignes"] == number
    assert ask(client, liste, format="json", taille=1, **parameters).json()["count"] == number
    assert len(read_csv(ask(client, liste, format="csv", **parameters))) == number


def test_the_file_tells_who_is_outside(client):
    rows = read_csv(ask(client, "projets", format="csv"))
    assert sum(not row["territoire"] for row in rows) == 398


def test_shared_territories_explain_the_sum_over_regions(client):
    response = ask(client, "regions")
    rows = response.context["table"].data.data
    followed = sum(row["nb_territoires"] for row in rows)
    extra = sum(len(t.regions.all()) - 1 for t in response.context["partages"])
    assert response.context["national"] == 146
    assert followed - extra == 146
    assert sum(row["nb_territoires_portes"] for row in rows) == 146


@pytest.mark.parametrize("liste", LISTES)
def test_no_list_costs_more_than_its_share(client, django_assert_max_num_queries, liste):
    # Four of them once a version: it, the facts of every page, the titles of the sources, the words
    # of the glossary. The opérateurs are under a board, whose promises and their evidence are read
    # once a version; that of the projects has its totals and what carries them, and the
    # distribution of what they invest; those of the régions and of the contracts two charts each,
    # and the latter their map.
    most = {"operateurs": 19, "projets": 21, "regions": 21, "contrats": 22}.get(liste, 16)
    with django_assert_max_num_queries(most):
        response = ask(client, liste)
    assert response.status_code == 200
    assert response.content.decode().count("<") < 2 * 1_500  # opening and closing tags


# --- Any filter -------------------------------------------------------------------------------


def offered(liste):
    """The values that the page of a list offers, by filter."""
    response = ask(Client(), liste)
    return {
        critere.nom: [modalite.valeur for modalite in critere.modalites]
        for critere in response.context["criteres"]
        if critere.modalites
    }


values_of = cache(offered)  # the same for all the tests of the real data


RANGES = st.fixed_dictionaries(
    {},
    optional={
        "emplois_crees_min": st.integers(0, 800),
        "emplois_crees_max": st.integers(800, 10**15),
        "emplois_maintenus_min": st.integers(0, 300),
        "investissement_eur_min": st.integers(0, 10**7),
        "investissement_eur_max": st.integers(10**7, 10**9),
        "mise_a_jour_du": st.dates(date(1950, 1, 1), date(2100, 12, 31)).map(str),
        "q": st.sampled_from(["industriel", "Saint", "boulangerie usine", "bois"]),
    },
)


def draw_filters(data, liste):
    """Up to three filters with up to three values each; ranges too for projects."""
    offered = values_of(liste)
    names = data.draw(st.lists(st.sampled_from(sorted(offered)), unique=True, max_size=3))
    parameters = {
        name: data.draw(st.lists(st.sampled_from(offered[name]), min_size=1, max_size=3))
        for name in names
    }
    for name in parameters:
        if offered[name] == ["non renseigné"]:  # the box of a range
            parameters[name] = "non renseigné"
    if liste == "projets":
        parameters |= data.draw(RANGES)
    return parameters


def read_json(client, liste, parameters):
    """Every row, page after page, by the links of the answer."""
    answer = ask(client, liste, format="json", taille=500, **parameters).json()
    rows = answer["results"]
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        rows += answer["results"]
    assert len(rows) == answer["count"]
    return rows


def total(rows, measure):
    stated = [int(row[measure]) for row in rows if row[measure] not in ("", None)]
    return sum(stated) if stated else None


@pytest.mark.parametrize("liste", KEYS)
@exemples(suite=4, epreuves=30)
@given(data=st.data())
def test_every_answer_says_the_same(liste, data):
    client = Client()
    parameters = draw_filters(data, liste)
    page = ask(client, liste, **parameters)
    assert page.status_code == 200, page.context["erreurs"]
    totaux = page.context["totaux"]

    answers = {
        "csv": read_csv(ask(client, liste, format="csv", **parameters)),
        "xlsx": read_xlsx(ask(client, liste, format="xlsx", **parameters)),
        "json": read_json(client, liste, parameters),
    }
    if JEUX[liste].geometrie:
        answers["geojson"] = read_geojson(ask(client, liste, format="geojson", **parameters))
    for rows in answers.values():
        assert len(rows) == totaux["lignes"]
        keys = [tuple(row[name] or "" for name in KEYS[liste]) for row in rows]
        assert len(set(keys)) == len(keys)
    if liste == "projets":
        for measure in MEASURES:
            sums = {total(rows, measure) for rows in answers.values()}
            assert sums == {totaux[measure]}


@pytest.mark.parametrize("liste", PARTITIONS)
@exemples(suite=4, epreuves=30)
@given(data=st.data())
def test_facets_add_up(liste, data):
    parameters = draw_filters(data, liste)
    page = ask(Client(), liste, **parameters)
    number = page.context["totaux"]["lignes"]
    criteres = {critere.nom: critere for critere in page.context["criteres"]}
    for nom in PARTITIONS[liste]:
        modalites = [m for m in criteres[nom].modalites if m.valeur != "dans un territoire"]
        if nom not in parameters:
            assert sum(m.nombre or 0 for m in modalites) == number, nom
        elif "dans un territoire" not in parameters[nom]:
            assert sum(m.nombre or 0 for m in modalites if m.choisie) == number, nom


@exemples(suite=8, epreuves=60)
@given(data=st.data())
def test_a_facet_tells_what_choosing_it_gives(data):
    client = Client()
    liste = data.draw(st.sampled_from(["projets", "territoires", "contrats", "rattachements"]))
    parameters = draw_filters(data, liste)
    page = ask(client, liste, **parameters)
    offered = [c for c in page.context["criteres"] if c.modalites and len(c.modalites) > 1]
    critere = data.draw(st.sampled_from(offered))
    modalite = data.draw(st.sampled_from(critere.modalites))
    chosen = ask(client, liste, **parameters | {critere.nom: modalite.valeur})
    if critere.nom == "referent_manquant":  # no opérateur has reported any: no number to tell
        assert modalite.nombre is None
    else:
        assert chosen.context["totaux"]["lignes"] == (modalite.nombre or 0)


def test_sums_are_those_of_the_database(client):
    condition = Q(axe="innover") & Q(departement__region="84")
    inside = Projet.objects.published().filter(condition)
    totaux = ask(client, "projets", axe="innover", region="84").context["totaux"]
    assert totaux["lignes"] == len(inside)
    for measure in MEASURES:
        stated = [getattr(p, measure) for p in inside if getattr(p, measure) is not None]
        assert totaux[measure] == (sum(stated) if stated else None)
        assert totaux[f"{measure}_renseignes"] == len(stated)


def test_the_list_at_a_date_is_the_map_at_that_date(client):
    for day in ("2018-11-22", "2019-03-06", "2019-11-14", "2020-10-15", "2021-11-22"):
        members = Rattachement.objects.at(day).values("territoire")
        expected = Territoire.objects.filter(pk__in=members).count()
        assert ask(client, "territoires", date=day).context["totaux"]["lignes"] == expected
