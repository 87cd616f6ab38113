"""From a record to the list it was found in, as it was, and from one record to the next."""

import re
from datetime import date
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.urls import resolve, reverse

from programme.catalogue import parcours, vues
from programme.catalogue.controles import TAILLES
from programme.catalogue.copies import copies
from programme.catalogue.recherche import views as recherche
from programme.catalogue.recherche.resultats import URLS
from programme.donnees.jeux import JEUX
from programme.models import Projet
from territoires.models import Certitude
from tests import factories
from tests.programme.catalogue.carte.outils import (
    CERGY,
    GRAND_ORLY,
    LISTE_148,
    LYON,
    PAU,
    SACLAY,
    member,
)
from tests.programme.catalogue.test_adresse import AU_NAVIGATEUR
from tests.programme.donnees.outils import FABRIQUES

pytestmark = pytest.mark.django_db
LIENS = re.compile(r'<a[^>]*rel="(prev|next)" href="([^"]*)"')


def links_of(page):
    return {rel: unescape(url) for rel, url in LIENS.findall(page)}


def rows_of(client, url):
    """The addresses of the records that a page of a list leads to, in order."""
    page = client.get(url)
    assert page.status_code == 200
    found = re.findall(r'href="([^"]*[?]liste=[^"]*)"', page.content.decode())
    return list(dict.fromkeys(map(unescape, found)))


def walk(client, url, rel="next"):
    """`(address, parcours)` of each record from `url` on."""
    found = []
    while url:
        assert len(found) < 100
        page = client.get(url)
        assert page.status_code == 200, url
        found.append((url, page.context["parcours"]))
        url = links_of(page.content.decode()).get(rel)
    return found


@pytest.mark.parametrize("code", list(parcours.FICHES))
def test_every_kind_of_record_leads_back_and_to_its_neighbours(client, code):
    FABRIQUES[code].create_batch(3)
    liste = reverse(JEUX[code].liste or code)
    rows = rows_of(client, liste)
    assert len(rows) == JEUX[code].published().count() >= 3
    walked = walk(client, rows[0])
    assert [url for url, _ in walked] == rows
    assert [(p.rang, p.nombre) for _, p in walked] == [(n + 1, len(rows)) for n in range(len(rows))]
    assert {p.liste for _, p in walked} == {liste}
    back = walk(client, rows[-1], "prev")
    assert [url for url, _ in back] == rows[::-1]


@pytest.fixture
def pages_de_cinq(monkeypatch):
    """The shortest list that has a second page has six rows, instead of twenty-six to walk."""
    for module in (parcours, vues):
        monkeypatch.setattr(module, "TAILLES", (5, *TAILLES[1:]))


@pytest.mark.usefixtures("pages_de_cinq")
@pytest.mark.parametrize("tri", ["", "-code", "beneficiaire", "-emplois_crees"])
def test_the_list_is_the_one_that_was_left(client, tri):
    place = factories.TerritoireFactory()
    for rank in range(9):
        axe = "recruter" if rank == 3 else "innover"
        factories.ProjetFactory(territoire=place, axe=axe, emplois_crees=(None, 5, 0)[rank % 3])
    asked = f"axe=innover&tri={tri}" if tri else "axe=innover"
    second = rows_of(client, f"/projets/?{asked}&page=2")
    assert len(second) == 3  # two rows that a sort does not tell apart are on two pages
    walked = walk(client, rows_of(client, f"/projets/?{asked}")[0])
    assert [url for url, _ in walked[5:]] == second
    assert walked[4][1].liste == f"/projets/?{asked}"
    assert walked[5][1].liste == f"/projets/?{asked}&page=2"
    assert "Projets : innover : 6 sur 8" in client.get(second[0]).content.decode()


def test_the_size_of_the_pages_is_kept(client):
    factories.projets(60)
    last = rows_of(client, "/projets/?taille=50&page=2")[-1]
    assert client.get(last).context["parcours"].liste == "/projets/?taille=50&page=2"


def test_a_record_that_left_the_list_still_leads_back(client):
    projet = factories.ProjetFactory(axe="innover")
    url = rows_of(client, "/projets/?axe=innover")[0]
    projet.axe = "recruter"
    projet.save()
    page = client.get(url)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Cette fiche n’est pas, ou n’est plus, dans cette liste." in text
    assert 'href="/projets/?axe=innover"' in text
    assert links_of(text) == {}
    assert "Dans la liste" not in client.get(projet.get_absolute_url()).content.decode()


def test_a_draft_is_nobody_s_neighbour(client):
    factories.ProjetFactory(code="A-1")
    factories.ProjetFactory(code="A-2", publication="brouillon")
    factories.ProjetFactory(code="A-3")
    walked = walk(client, rows_of(client, "/projets/?tri=code")[0])
    assert [p.nombre for _, p in walked] == [2, 2]


PREFIXE = "La liste d’où vient cette adresse ne peut pas être relue."


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("couleur=bleu", "couleur : Ce paramètre n’existe pas à cette adresse."),
        ("axe=vendre", "axe : « vendre » n’est pas une valeur possible."),
        ("tri=couleur", "tri : Cette liste ne se trie pas ainsi."),
        ("page=2", "page n’y a pas de place."),
        ("axe=innover&format=csv", "format n’y a pas de place."),
        ("curseur=debut", "curseur n’y a pas de place."),
        ("q=\x00", "q : Ce paramètre contient un caractère nul : retirez-le."),
        ("rien", "rien : Ce paramètre n’existe pas"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_a_sentence(client, asked, why):
    address = factories.ProjetFactory().get_absolute_url()
    response = client.get(address, {"liste": asked}, headers=AU_NAVIGATEUR)
    text = unescape(response.content.decode())
    if asked == "rien":  # without a value, it asks for nothing
        assert response.status_code == 200
        return
    assert response.status_code == 400
    if "\x00" not in asked:
        assert f"{PREFIXE} {why}" in text
        assert "Retirez « liste »." in text
    machine = client.get(address, {"liste": asked, "format": "json"})
    assert machine.status_code == 400
    assert machine["Content-Type"] == "application/problem+json"


def test_the_same_record_is_the_same_page_for_robots_and_citations(client, settings):
    project = factories.ProjetFactory()
    page = client.get(project.get_absolute_url(), {"liste": "axe=innover"}).content.decode()
    canonical = re.search(r'<link rel="canonical" href="([^"]*)"', page)[1]
    assert canonical == settings.SITE["url"] + project.get_absolute_url()
    assert "Disallow: /*?*liste=" in client.get("/robots.txt").content.decode().splitlines()
    whole = client.get(project.get_absolute_url(), {"liste": "tout", "format": "json"}).json()
    assert whole == client.get(project.get_absolute_url(), {"format": "json"}).json()


def test_the_way_back_costs_the_same_whatever_the_list(client, django_assert_max_num_queries):
    factories.projets(60)
    address = Projet.objects.first().get_absolute_url()
    client.get(address)
    with django_assert_max_num_queries(40) as plain:
        client.get(address)
    with django_assert_max_num_queries(len(plain) + 6):
        client.get(address, {"liste": "tri=beneficiaire"})


# --- From the search --------------------------------------------------------------------------


@pytest.fixture
def lacq():
    """One of every kind that the search finds, and a page of each but two."""
    interco = factories.IntercommunaliteFactory(nom="CC de Lacq-Orthez")
    place = factories.CommuneFactory(nom="Lacq", intercommunalite=interco)
    territoire = factories.TerritoireFactory(nom="Lacq-Pau-Tarbes", rattachement=None)
    factories.RattachementFactory(territoire=territoire, intercommunalite=interco)
    factories.RegionFactory(nom="Lacq et Béarn")
    factories.DepartementFactory(nom="Lacq maritime")
    factories.OperateurFactory(nom="Agence de Lacq")
    factories.ContratFactory(intitule="Contrat de Lacq", territoire=territoire)
    factories.ProjetFactory(beneficiaire="Fonderie de Lacq")
    factories.ProjetFactory(beneficiaire="Lacq caché", publication="brouillon")
    factories.PersonneFactory(nom="Camille Lacq")
    factories.TermeFactory(mot="Bassin de Lacq")
    return place


def places(walked):
    return [(p.rang, p.nombre) for _, p in walked]


def test_the_search_is_walked_whole_whatever_it_finds(client, lacq):
    search = "/recherche/?q=lacq"
    found = client.get(search).context["resultats"]
    rows = rows_of(client, search)
    own = [r for r in found if r.a_sa_fiche]
    assert {r.entree.type for r in own} == set(URLS)
    assert [url.partition("?")[0] for url in rows] == [r.url for r in own]
    assert {url.partition("?")[2] for url in rows} == {"liste=recherche%3Fq%3Dlacq"}
    walked = walk(client, rows[0])
    assert [url for url, _ in walked] == rows
    ranks = [n for n, r in enumerate(found, 1) if r.a_sa_fiche]
    assert places(walked) == [(rank, len(found)) for rank in ranks]
    assert {p.liste for _, p in walked} == {search}
    assert [url for url, _ in walk(client, rows[-1], "prev")] == rows[::-1]
    text = client.get(rows[0]).content.decode()
    assert f"Recherche : « lacq » : 1 sur {len(found)}" in text
    assert "caché" not in "".join(client.get(url).content.decode() for url in rows)


@pytest.mark.usefixtures("lacq")
def test_the_search_that_was_left_is_the_one_found_again(client, monkeypatch):
    monkeypatch.setattr(recherche, "TAILLE", 4)
    search = "/recherche/?q=lacq"
    second = rows_of(client, f"{search}&page=2")
    walked = walk(client, rows_of(client, search)[0])
    assert [url for url, _ in walked if url in second] == second
    assert {p.liste for url, p in walked if url in second} == {f"{search}&page=2"}
    communes = rows_of(client, f"{search}&type=commune")
    [(_, only)] = walk(client, communes[0])
    assert only.liste == f"{search}&type=commune"
    assert only.titre == "Recherche : « lacq », commune"
    slip = rows_of(client, "/recherche/?q=laqc&taille=50")
    assert client.get(slip[0]).context["parcours"].liste == "/recherche/?q=laqc&taille=50"


# --- From the map -----------------------------------------------------------------------------


def test_the_map_is_walked_in_the_order_of_its_table(client):
    for nom, siren in (("Grand Orly", GRAND_ORLY), ("Béarn", PAU), ("Évry", CERGY)):
        member(factories.TerritoireFactory(rattachement=None, nom=nom), siren, debut=LYON)
    gone = factories.TerritoireFactory(rattachement=None, nom="Saclay")
    member(gone, SACLAY, debut=LISTE_148, certitude=Certitude.EXACTE)
    carte = f"/carte/?date={LYON:%Y-%m-%d}&couleur=contrats"
    page = client.get(carte)
    shown = [p.territoire for _, rows in page.context["lignes"] for p, *_ in rows]
    own = "?" + urlencode({"liste": carte[1:].replace("/?", "?")})
    rows = [place.get_absolute_url() + own for place in shown]
    text = unescape(page.content.decode())
    # on the drawing and in the table
    assert [text.count(f'href="{url}"') for url in rows] == [2, 2, 2]
    walked = walk(client, rows[0])
    assert [url for url, _ in walked] == rows
    assert places(walked) == [(1, 3), (2, 3), (3, 3)]
    assert {p.liste for _, p in walked} == {carte}
    assert {p.titre for _, p in walked} == {"La carte au 6 mars 2019"}
    absent = client.get(gone.get_absolute_url() + own)
    assert not absent.context["parcours"].present
    assert f'href="{carte.replace("&", "&amp;")}"' in absent.content.decode()
    frame = client.get("/integrer/carte/").content.decode()
    assert "liste=" not in frame


def test_the_map_that_was_filtered_is_the_one_found_again(client):
    bretagne = factories.RegionFactory(code="53", nom="Bretagne")
    here = factories.TerritoireFactory(rattachement=None, nom="Ici", regions=[bretagne])
    member(here, PAU, debut=LYON)
    member(factories.TerritoireFactory(rattachement=None, nom="Ailleurs"), CERGY, debut=LYON)
    carte = "/carte/?region=53&date=2019-03-06"
    [row] = {url for url in rows_of(client, carte) if here.slug in url}
    seen = client.get(row).context["parcours"]
    assert (seen.rang, seen.nombre, seen.voisins) == (1, 1, {})
    assert seen.liste == carte
    assert seen.titre.endswith(" : Bretagne")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("carte?date=hier", "date : "),
        ("carte?couleur=bleu", "couleur : « bleu » n’existe pas."),
        ("carte?format=csv", "format n’y a pas de place."),
        ("recherche?type=ville", "type : « ville » n’existe pas."),
        (f"recherche?q={'a' * 201}", "q : Une recherche a 200 caractères au plus"),
        ("recherche?q=lacq&page=2", "page n’y a pas de place."),
        ("sources?q=lacq", "q : Ce paramètre n’existe pas à cette adresse."),
        ("//ailleurs.example/?q=1", "//ailleurs.example/?q : Ce paramètre n’existe pas"),
        ("https://ailleurs.example?q=1", "https://ailleurs.example?q : Ce paramètre"),
        ("admin?q=1", "admin?q : Ce paramètre n’existe pas à cette adresse."),
    ],
)
def test_another_page_that_cannot_be_read_is_refused_with_a_sentence(client, asked, why):
    for record in (factories.TerritoireFactory(), factories.ProjetFactory()):
        response = client.get(record.get_absolute_url(), {"liste": asked}, headers=AU_NAVIGATEUR)
        assert response.status_code == 400
        assert f"{PREFIXE} {why}" in unescape(response.content.decode())


@pytest.mark.parametrize(
    "asked", ["carte?", "recherche?", "sources?", "//ailleurs.example", "javascript:x"]
)
def test_a_page_that_does_not_lead_there_says_so(client, asked):
    project = factories.ProjetFactory()
    response = client.get(project.get_absolute_url(), {"liste": asked})
    text = response.content.decode()
    assert response.status_code == 200
    back = re.search(r'<a class="fr-pagination__link" href="([^"]*)"', text)[1]
    assert back.startswith("/")
    assert not back.startswith("//")
    assert links_of(text) == {}


def test_the_way_back_to_a_page_costs_the_same_whatever_it_shows(
    client, django_assert_max_num_queries
):
    """The search counts, ranks and reads; the map reads its members, lists and régions."""
    place = factories.TerritoireFactory(nom="Lacq")
    address = place.get_absolute_url()
    client.get(address)
    with django_assert_max_num_queries(40) as plain:
        client.get(address)
    for number in range(2):
        factories.CommuneFactory.create_batch(5, nom="Lacq")
        for _ in range(5):
            factories.TerritoireFactory(nom=f"Lacq {number}")
        for asked, more in (("recherche?q=lacq", 8), ("carte?", 10)):
            with django_assert_max_num_queries(len(plain) + more):
                client.get(address, {"liste": asked})


# --- Every page that leads to records ---------------------------------------------------------

PAGES = [
    *dict.fromkeys(
        f"/{jeu.liste}/" for jeu in JEUX.values() if jeu.liste and jeu.liste != "lignees"
    ),
    "/recherche/?q=lacq",
    "/carte/?date=2020-10-15",
    *("/sources/", "/agenda/", "/journal/", "/fonds/", "/actualites/"),
]
RAISONS = {
    "Ce à quoi une ligne appartient n’est pas une ligne de la liste : il n’y a pas d’ordre.": {
        ("communes", "intercommunalite"),
        ("contrats", "territoire"),
        ("conventions", "operateur"),
        ("projets", "territoire"),
        ("rattachements", "intercommunalite"),
        ("rattachements", "territoire"),
        ("referents", "operateur"),
        ("referents", "territoire"),
    },
    "Un changement, un événement, une séance : la même fiche y est autant de fois.": {
        ("actualites", "contrat"),
        ("actualites", "region"),
        ("agenda", "region"),
        *(("journal", kind) for kind in ("contrat", "operateur", "projet", "source", "territoire")),
    },
    "Où la fiche se trouve, ce dont elle dépend, elle-même ou un double : pas une liste.": {
        *(("commune", kind) for kind in ("commune", "intercommunalite", "region", "territoire")),
        ("contrat", "contrat"),
        ("contrat", "territoire"),
        *(("intercommunalite", kind) for kind in ("intercommunalite", "region", "territoire")),
        *(("projet", kind) for kind in ("commune", "projet", "region", "territoire")),
        ("territoire", "region"),
    },
    "Une ligne du tableau d’un graphique, au-dessus de la liste : l’ordre est celui du dessin.": {
        ("regions", "region"),
    },
    "La réponse, en tête de la recherche : elle est seule, et la liste est dessous.": {
        ("recherche", "territoire"),
    },
    "Chaque opérateur est sur la page de chaque territoire, avec son référent : ce n’en est pas la "
    "liste.": {("territoire", "operateur")},
}
"""Why a page leads to a kind of record without a way back: each pair of their URL names."""


def links_to_records(client, url):
    """`{URL name of a record: {its addresses}}` of the links of the content of a page."""
    page = client.get(url)
    if page.status_code == 301:  # it is told on another page, that is read too
        assert page["Location"].partition("?")[0] in PAGES
        return {}
    assert page.status_code == 200, url
    content = page.content.decode().partition("<main")[2].partition("</main>")[0]
    found = {}
    for href in map(unescape, re.findall(r'<a\b[^>]*?href="(/[^"]*)"', content)):
        match = resolve(href.partition("?")[0].partition("#")[0])
        if match.url_name in FICHES:
            found.setdefault(match.url_name, set()).add(href)
    return found


FICHES = set(parcours.FICHES.values())


@pytest.mark.parametrize(
    ("depart", "kind", "ancre", "titre"),
    [
        ("territoire", "projet", "projets", "Lacq-Pau-Tarbes : projets"),
        ("territoire", "contrat", "contrat", "Lacq-Pau-Tarbes : contrats"),
        ("territoire", "intercommunalite", "membres", "Lacq-Pau-Tarbes : membres"),
        ("contrat", "projet", "projets", "Contrat de territoire – Axe : projets"),
        ("region", "territoire", "territoires", "Béarn : territoires"),
        ("commune", "projet", "projets", "Lacq (64) : projets"),
        ("intercommunalite", "projet", "projets", "CC de Lacq : projets"),
        ("intercommunalite", "commune", "communes", "CC de Lacq : communes"),
    ],
)
def test_the_records_that_a_record_shows_are_walked_and_lead_back_to_it(
    client, django_assert_max_num_queries, *, depart, kind, ancre, titre
):
    region = factories.RegionFactory(nom="Béarn")
    interco = factories.IntercommunaliteFactory(nom="CC de Lacq")
    departement = factories.DepartementFactory(code="64")
    place = factories.CommuneFactory(nom="Lacq", departement=departement, intercommunalite=interco)
    factories.CommuneFactory.create_batch(2, intercommunalite=interco)
    territoire = factories.TerritoireFactory(
        nom="Lacq-Pau-Tarbes", region_porteuse=region, rattachement=None, phase_id=2
    )
    factories.TerritoireFactory.create_batch(2, region_porteuse=region)
    factories.RattachementFactory(territoire=territoire, intercommunalite=interco)
    factories.RattachementFactory.create_batch(2, territoire=territoire)
    contrats = [
        factories.ContratFactory(intitule=intitule, territoire=territoire)
        for intitule in ("Axe", "Bassin")
    ]
    ancien = factories.TerritoireFactory(rattachement=None)
    factories.RattachementFactory(territoire=ancien, intercommunalite=interco)
    for _ in range(3):
        factories.ProjetFactory(commune=place, territoire=ancien, contrat=contrats[0])
    records = {
        "territoire": territoire,
        "contrat": contrats[0],
        "region": region,
        "commune": place,
        "intercommunalite": interco,
    }
    page = records[depart].get_absolute_url()
    text = unescape(client.get(page).content.decode()).partition("<main")[2]
    links = re.findall(r'<a[^>]*href="(/[^"]*[?]liste=[^"]*)"', text)
    ours = [url for url in links if resolve(url.partition("?")[0]).url_name == kind]
    # a drawing says them in its own order; the table tells each last
    rows = list(dict.fromkeys(reversed(ours)))[::-1]
    assert len(rows) >= 2
    walked = walk(client, rows[0])
    assert [url for url, _ in walked] == rows
    assert {(p.liste, p.titre) for _, p in walked} == {(f"{page}#{ancre}", titre)}
    with django_assert_max_num_queries(60) as plain:
        client.get(rows[0].partition("?")[0])
    with django_assert_max_num_queries(len(plain) + 8):  # a région reads its map
        client.get(rows[0])


def test_the_walk_of_a_place_is_that_of_the_day_of_its_page(client):
    interco = factories.IntercommunaliteFactory(nom="CC de Lacq")
    reste, part = factories.CommuneFactory.create_batch(2, intercommunalite=interco)
    factories.MouvementCommuneFactory(commune=part, date=date(2024, 1, 1))
    for commune in (reste, part):
        factories.ProjetFactory(commune=commune)
    page = f"{interco.get_absolute_url()}?date=2023-01-01"
    for kind in ("commune", "projet"):
        links = links_to_records(client, page)[kind]
        rows = list(dict.fromkeys(href for href in links if "liste=" in href))
        assert len(rows) == 2, kind
        walked = [*walk(client, rows[0]), *walk(client, rows[0], "prev")]
        assert {url for url, _ in walked} == set(rows)
        assert {p.liste.partition("#")[0] for _, p in walked} == {page}


@pytest.mark.parametrize(
    "asked",
    [
        "region/ailleurs?",
        "contrat/aucun?",
        "commune/99999?",
        "intercommunalite/abc?",
        "territoire/aucun?",
        "territoire/2023/aucun?",
        "operateur/agence?x=1",
        "territoire/..%2Fadmin?x=1",
        "region/bretagne?liste=region/bretagne%3F",
        "region/bretagne?page=2",
    ],
)
def test_a_record_that_leads_nowhere_near_is_refused(client, asked):
    factories.RegionFactory(nom="Bretagne", slug="bretagne")
    project = factories.ProjetFactory()
    response = client.get(project.get_absolute_url(), {"liste": asked}, headers=AU_NAVIGATEUR)
    assert response.status_code == 400
    assert PREFIXE in unescape(response.content.decode())


@pytest.mark.usefixtures("lacq")
def test_every_page_that_leads_to_records_is_led_back_to_or_says_why_not(client):
    for code in JEUX:
        FABRIQUES[code].create()
    factories.SeanceFactory()
    records = [r.url for r in client.get("/recherche/?q=lacq").context["resultats"] if r.a_sa_fiche]
    without = {}
    for url in (*PAGES, *records):
        name = resolve(url.partition("?")[0]).url_name
        for record, hrefs in links_to_records(client, url).items():
            led = [href for href in hrefs if "liste=" in href]
            # Each link, not each pair: one that leads back does not answer for the others.
            known = {href.partition("?")[0] for href in led}
            alone = {h for h in hrefs if h.partition("?")[0].partition("#")[0] not in known}
            if alone:
                without.setdefault((name, record), set()).update(alone)
            if not led:
                continue
            shown = client.get(led[0])
            assert shown.status_code == 200, led[0]
            back = shown.context["parcours"]
            assert back.liste.partition("?")[0].partition("#")[0] == url.partition("?")[0], led[0]
            assert 'aria-label="Dans la liste"' in shown.content.decode(), led[0]
    told = set().union(*RAISONS.values())
    wrong = without.keys() ^ told
    assert not wrong, "".join(f"\n{pair} {without.get(pair)}" for pair in sorted(wrong))


# --- What is kept -----------------------------------------------------------------------------


@pytest.fixture
def kept(settings):
    settings.PAGES_KEPT = 10
    copies.forget_all()
    yield copies
    copies.forget_all()


def number(kept):
    return sum(len(place.copies) for place in kept._places.values())


def test_a_record_is_kept_once_whatever_list_led_to_it(client, kept):
    address = factories.ProjetFactory().get_absolute_url()
    for asked in ("tout", "axe=innover", "tri=code"):
        first = client.get(address, {"liste": asked})
        etag = first["ETag"]
        again = client.get(address, {"liste": asked}, headers={"If-None-Match": etag})
        assert again.status_code == 304
        assert client.get(address, {"liste": "zzz=1"}).status_code == 400
    assert number(kept) == 0
    plain = client.get(address)
    assert number(kept) == 1
    assert plain["ETag"] != etag
    client.get(address, {"liste": "zzz=1"})
    assert number(kept) == 1


def test_the_page_itself_stands_in_when_the_database_does_not_answer(client, kept, monkeypatch):
    address = factories.RegionFactory().get_absolute_url()
    client.get(address)

    def fails(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr("programme.catalogue.pages.fiche.FicheView.answer", fails)
    client.raise_request_exception = False
    response = client.get(address, {"liste": "tout"})
    assert response.status_code == 200
    assert "La base de données ne répond pas" in response.content.decode()
