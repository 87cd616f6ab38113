"""The same answers in the same order on both databases, over the real data."""

import re
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from programme.catalogue.recherche.moteur import chercher
from programme.models import EntreeIndex
from territoires.models import Commune, Intercommunalite, Territoire

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.usefixtures("donnees_reelles"),
]

# What is asked, how many answers, the first five as the three first letters of type, and code.
REPONSES = [
    ("saint etienne", 74, "com 42218, com 04178, int 244200770, com 76575, com 44158"),
    ("42000", 1, "com 42218"),
    ("châtellerault", 6, "com 86066, ter ti2-7507, int 248600413, ter ti-7504, com 86014"),
    ("chatelleraut", 6, "ter ti-7504, com 86066, ter ti2-7507, int 248600413, com 86014"),
    ("l'aigle", 10, "com 61214, com 08003, com 39006, com 27004, pro fai-0817"),
    ("le mans", 26, "com 72181, ter ti-5205, int 247200132, com 16206, com 72182"),
    ("dunkerque", 4, "int 245900428, ter ti-3208, com 59183, ter ti2-3201"),
    ("bretagne", 33, "rég 53, com 90019, com 36024, int 243500733, int 200070662"),
    ("paris 12e", 1, "com 75056"),
    ("13201", 1, "com 13055"),
    ("ville de lens", 12, "com 62498, ter ti2-3209, int 246200364, com 26162, com 62249"),
    ("NAQ", 1, "rég 75"),
    ("69003", 1, "com 69123"),
    ("76200", 1, "com 76217"),
    ("CC de Lacq-Orthez", 1, "int 200039204"),
    ("arbignieu", 1, "com 01015"),
    ("ti-7505", 1, "ter ti-7505"),
    ("vallees de l'arve", 2, "ter ti2-8422, ter ti-8414"),
    ("bois", 380, "com 17050, com 73003, com 92009, com 94004, com 78073"),
    ("st", 1_002, "com 67482, com 93072, com 57660, int 243900354, com 59580"),
    ("saint denis reunion", 1, "com 97411"),
    ("810 565 101", 1, "pro fai-0001"),
    ("aeronautiqe", 5, "pro fai-0036, pro fai-0722, pro fai-0651, pro fai-0287, pro fai-0536"),
    ("protocole carros", 1, "con protocole-carros"),
    ("marseile", 8, "com 13055, ter ti2-9301, int 200054807, ter ti-9301, com 60387"),
    ("y", 74, "com 80829, dép 78, dép 89, ter ti2-2710, ter ti-2710"),
    ("qsdfgh", 0, ""),
    ("Picardie", 11, "rég 32, int 246000848, int 200071769, ter ti2-3208, int 200070951"),
    ("PACA", 4, "rég 93, com 42163, com 35210, com 61321"),
    ("Nord-Pas-de-Calais", 3, "rég 32, com 62487, pro fai-1050"),
    ("72000 LE MANS CEDEX 2", 4, "com 72181, com 72328, com 72127, com 72381"),
    ("76081 LE HAVRE CEDEX", 1, "com 76351"),
    ("département 29", 1, "dép 29"),
    ("Finistère", 3, "dép 29, ter ti2-5304, ter ti-5313"),
    ("LHAY LES ROSES", 1, "com 94038"),
    ("Monteau les mines", 2, "com 71306, int 247100290"),
    ("CC Monteau les mines", 2, "int 247100290, com 71306"),
    ("CC du Pays de Lacq", 7, "int 200039204, com 64300, ter ti2-7510, ter ti-7505, com 40137"),
    ("agglo Lorient", 5, "int 200042174, int 200015162, com 56121, ter ti2-5307, ter ti-5306"),
    ("bouches du rone", 2, "dép 13, com 13078"),
    ("Amareins", 1, "com 01165"),
    ("Arlod", 1, "com 01033"),
    ("Ambérieu", 3, "com 01004, com 01005, com 69005"),
]


@pytest.mark.parametrize(("texte", "total", "premiers"), REPONSES)
def test_same_answers_in_the_same_order(texte, total, premiers):
    reponse = chercher(texte)
    assert reponse.total == total
    found = [f"{entree.type[:3]} {entree.code}" for entree in reponse.entrees[:5]]
    assert ", ".join(found) == premiers


@pytest.mark.parametrize("texte", ["saint etienne", "SAINT-ÉTIENNE", "St Etienne", "42000"])
def test_saint_etienne_first(client, texte):
    found = client.get("/recherche/", {"q": texte, "format": "json"}).json()
    assert found["results"][0]["nom"] == "Saint-Étienne"
    assert found["results"][0]["url"] == "http://testserver/communes/42218/"


@pytest.mark.parametrize(
    ("texte", "expected"),
    [
        ("châtellerault", {("commune", "Châtellerault"), ("territoire", "Grand Châtellerault")}),
        ("chatelleraut", {("commune", "Châtellerault"), ("territoire", "Grand Châtellerault")}),
        ("l'aigle", {("commune", "L'Aigle"), ("territoire", "Pays de l'Aigle")}),
    ],
)
def test_places_and_their_territory(client, texte, expected):
    found = client.get(f"/recherche/?q={quote(texte)}&format=json").json()["results"]
    assert expected <= {(row["type"], row["nom"]) for row in found}


def test_everything_public_is_in_the_index():
    counts = {
        # Ten are gone without a successor that the sources name.
        "commune": Commune.objects.existantes(timezone.localdate()).count() + 10,
        "intercommunalité": Intercommunalite.objects.count(),
        "territoire": Territoire.objects.count(),
        "projet": 1_158,
        "contrat": 28,
        "opérateur": 4,
        "région": 18,
        "département": 101,
    }
    for type_, count in counts.items():
        assert EntreeIndex.objects.filter(type=type_).count() == count, type_


def test_every_commune_finds_itself_by_its_name():
    """One commune in two hundred: first among those of its name, or of a heavier namesake."""
    today = Commune.objects.existantes(timezone.localdate())
    for commune in today.order_by("code")[::200]:
        found = list(chercher(commune.nom).entrees[:40])
        assert commune.code in {entree.code for entree in found if entree.rang == 0}, commune


@pytest.mark.parametrize(
    ("texte", "code"),
    [
        ("Culoz-Béon", "01138"),
        ("Culoz", "01138"),
        ("Béon (01)", "01138"),
        ("Les Trois-Saints", "19248"),
        ("Saint-Ybard", "19248"),
        ("Pierre-Bénite", "69149"),
        ("69310", "69149"),
        ("L'Oie", "85165"),
        ("Orée d'Anjou", "49126"),
        ("Éragny-sur-Oise", "95218"),
    ],
)
def test_names_of_before_and_since_find_the_commune_of_today(texte, code):
    assert code in {entree.code for entree in chercher(texte).entrees[:3]}


def test_an_earlier_or_later_code_leads_to_today(client):
    for code, today in {"01039": "01138", "27058": "27676", "49069": "49126"}.items():
        assert client.get(f"/communes/{code}/")["Location"] == f"/communes/{today}/"
    page = client.get("/communes/01138/").content.decode()
    assert "s’appelait Culoz jusqu’en 2023" in page
    assert "A absorbé Béon (01039), commune jusqu’en 2023" in page
    assert "sources ne nomment pas" in client.get("/communes/16238/").content.decode()


@pytest.mark.parametrize(
    ("code", "intercommunalite", "territoire"),
    [
        ("86066", "248600413", "ti2-7507"),
        ("42218", "244200770", "ti2-8424"),
        ("95018", "200054781", "ti2-1101"),
        ("29083", None, None),
        ("64445", "200067254", "ti2-7510"),
    ],
)
def test_a_commune_answers_as_json(client, code, intercommunalite, territoire):
    found = client.get(f"/communes/{code}/?format=json").json()
    keys = ["code", "nom", "intercommunalite", "geographie", "territoire"]
    keys += ["possible", "date", "phases"]
    assert list(found) == keys
    assert found["intercommunalite"] == intercommunalite
    assert (found["territoire"] and found["territoire"]["code"]) == territoire


@pytest.mark.parametrize("code", ["86066", "01001", "75056", "29083", "97411", "2A004", "29019"])
def test_pages_of_communes_stand(client, code):
    response = client.get(f"/communes/{code}/")
    assert response.status_code == 200
    assert "À chaque étape de la carte" in response.content.decode()


@pytest.mark.parametrize("siren", ["248600413", "200054781", "200067221", "200058014"])
def test_pages_of_intercommunalites_stand(client, siren):
    assert client.get(f"/intercommunalites/{siren}/").status_code == 200


@pytest.mark.parametrize("page", ["/", "/recherche/", "/recherche/?q=qsdfgh"])
def test_every_example_that_a_page_gives_finds_something(client, page):
    links = re.findall(r'href="(/recherche/\?q=[^"]+)"', client.get(page).content.decode())
    assert len(links) >= 3
    for link in links:
        response = client.get(link.replace("&amp;", "&"))
        assert response.context["resultats"], link
        assert not response.context["reponse"].correction, link


def test_every_example_of_a_filter_keeps_the_page_readable(client):
    """What a filter gives as an example, it reads."""
    for liste, nom in (("projets", "commune"), ("communes", "intercommunalite")):
        aide = client.get(reverse(liste)).context["vue"].filterset_class.base_filters[nom].aide
        examples = re.findall(r"« ([^»]+) »", aide) + re.findall(r"\b[0-9]{5,9}\b", aide)
        assert len(examples) >= 3
        for example in examples:
            assert client.get(reverse(liste), {nom: example}).status_code == 200, example


def test_a_name_that_was_never_quite_that_one_is_found_by_its_own_word(client):
    response = client.get("/recherche/", {"q": "CC du Pays de Lacq"})
    assert response.context["reponse"].correction == "lacq"
    assert response.context["resultats"][0].entree.identifiant == "200039204"
