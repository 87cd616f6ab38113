"""Every address of the public site answers, and every page of it keeps the same promises."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse

from tests import factories
from tests.balisage import fautes

# Addresses with arguments, beside the pages of the models: name → arguments of an example.
EXAMPLES = {
    "document": {"pk": 1},
    "filtrer": {"jeu": "projets"},
    "graphique": {"code": "graphique-contrats-signes"},
    "portrait": {"slug": "inconnu"},
    "django.contrib.sitemaps.views.sitemap": {"section": "pages"},
    "donnees_jeu": {"code": "projets"},
    "donnees_schema": {"code": "projets"},
    "parution_manifeste": {"numero": 1},
    "parution_archive": {"numero": 1, "meme": 1},
    "parution_fichier": {"numero": 1, "jeu": "projets", "forme": "csv"},
    "parution_ecarts": {"numero": 1, "jeu": "projets", "forme": "csv"},
    "parution_script": {"script": "verifier"},
    "signaler_genre": {"genre": "faits"},
    "signaler_fiche": {"genre": "projets", "code": "fai-0001"},
    "signaler_suivi": {"secret": "inconnu"},
    "suivre_confirmer": {"jeton": "abc"},
    "suivre_gerer": {"jeton": "abc"},
    "suivre_arreter": {"jeton": "abc"},
    "api_jeu": {"code": "projets"},
    "api_fiche": {"code": "projets", "cle": "fai-0001"},
    "integrer_chiffre": {"chiffre": "projets"},
    "integrer_tableau": {"jeu": "projets"},
    "integrer_citation": {"code": "bcdfghjkmnpq"},
    "integrer_absent": {"reste": "ancien"},
    "citation_bib": {"code": "bcdfghjkmnpq"},
    "citation_json": {"code": "bcdfghjkmnpq"},
    "citation_image": {"code": "bcdfghjkmnpq"},
}
# Answers that are no 200 without a query: name → status.
# A contact that the test settings do not give; an address that leads to a hashed file; the board
# of what was promised.
OTHER_STATUS = {
    "securite": 404,
    "securite_ailleurs": 301,
    "favicon": 302,
    "engagements": 301,
    "metriques": 404,
}
# The state of the server: what watches it may add parameters of its own.
SONDES = {"sante", "sante_vivant", "sante_pret", "metriques"}
# Forms that anybody may send: what an empty one is answered.
FORMULAIRES = {"suivre": 400, "citer": 400}


def public_patterns(resolver=None, prefix=""):
    """(name, number of arguments) of every public address."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if route.startswith("admin/"):
            continue
        if isinstance(entry, URLPattern):
            yield entry.name, route, len(entry.pattern.converters)
        else:
            yield from public_patterns(entry, route)


PATTERNS = sorted(public_patterns(), key=str)
WITHOUT_ARGUMENT = [name for name, _, count in PATTERNS if name and not count]
WITH_ARGUMENTS = [name for name, _, count in PATTERNS if name and count]
MODELS_WITH_PAGE = [
    model
    for label in ("territoires", "programme")
    for model in apps.get_app_config(label).get_models()
    if hasattr(model, "get_absolute_url")
    and not model.__name__.startswith("Historical")
    and model.__name__ != "Proposition"  # its only page is in the back-office
]


def test_every_address_has_a_name():
    assert [route for name, route, _ in PATTERNS if not name] == []


def test_lists_are_plural_and_pages_are_singular():
    plural = [name for name in WITHOUT_ARGUMENT if f"{name}s" in WITH_ARGUMENTS]
    assert plural == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", WITHOUT_ARGUMENT)
def test_address_answers(client, name):
    response = client.get(reverse(name))
    assert response.status_code == OTHER_STATUS.get(name, 200)
    check(response)


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS_WITH_PAGE, ids=lambda model: model.__name__)
def test_page_of_a_record_answers(client, model):
    record = getattr(factories, f"{model.__name__}Factory")()
    response = client.get(record.get_absolute_url())
    assert response.status_code == 200
    check(response)
    assert client.post(record.get_absolute_url()).status_code in {403, 405}


@pytest.mark.django_db
def test_every_address_with_arguments_has_an_example(client):
    seen = set(EXAMPLES)
    for model in MODELS_WITH_PAGE:
        record = getattr(factories, f"{model.__name__}Factory")()
        page = record.get_absolute_url().partition("#")[0]
        seen.add(resolve(page).url_name)
    # Some records are told on a page that they share.
    assert set(WITH_ARGUMENTS) == seen - set(WITHOUT_ARGUMENT)
    for name, arguments in EXAMPLES.items():
        check(client.get(reverse(name, kwargs=arguments)))


@pytest.mark.django_db
@pytest.mark.parametrize("name", WITHOUT_ARGUMENT)
def test_address_survives_what_it_does_not_expect(client, name):
    """Unknown parameters, nonsense and other methods get an answer below 500."""
    url = reverse(name)
    for query in (
        "?page=-1",
        "?page=zzz",
        "?taille=99999",
        "?format=xyz",
        "?tri=x",
        "?q=%00",
        "?x",
    ):
        assert client.get(url + query).status_code < 500, query
    assert client.post(url).status_code in {FORMULAIRES.get(name, 405), 403}
    assert client.head(url).status_code == client.get(url).status_code


# --- What every public page promises ----------------------------------------------------------


class Reader(HTMLParser):
    """Collects from a page what `check` judges."""

    LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href"}

    def __init__(self):
        super().__init__()
        self.counts, self.inline, self.loads, self.links, self.ids = {}, [], [], [], []
        self.lang, self.title, self._in_title = None, "", False

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self._in_title = tag == "title" and not self.title
        self.lang = values.get("lang", self.lang) if tag == "html" else self.lang
        self.inline += [f"{tag} {name}" for name in values if name == "style" or name[:2] == "on"]
        if tag == "style" or (
            tag == "script" and "src" not in values and "json" not in (values.get("type") or "")
        ):
            self.inline.append(tag)
        loads = values.get(self.LOADING.get(tag, ""))
        if tag == "link" and values.get("rel") not in {"canonical", "alternate", "license"}:
            loads = values.get("href")
        if loads:
            self.loads.append(loads)
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if values.get("id"):
            self.ids.append(values["id"])

    def handle_endtag(self, tag):
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data):
        if self._in_title:
            self.title += data


def check(response):
    """No cookie, the security headers; for HTML: one title, one h1, nothing inline or foreign."""
    assert not response.cookies
    assert "'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    moved = "Location" in response.headers
    if moved or not response.headers["Content-Type"].startswith("text/html"):
        return
    reader = Reader()
    reader.feed(response.content.decode())
    assert reader.lang == ("en" if response.request["PATH_INFO"] == reverse("anglais") else "fr")
    assert reader.title.strip()
    assert reader.counts.get("h1") == 1
    assert reader.counts.get("main") == 1
    assert reader.inline == []
    assert [url for url in reader.loads if urlsplit(url).netloc or url.startswith("data:")] == []
    assert fautes(response.text) == []
    assert [link for link in reader.links if not leads_somewhere(link, reader.ids)] == []


def leads_somewhere(link, ids):
    """Whether a link of ours has a route, and its fragment, on this page, a target."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    if not parts.path:
        return parts.query or not parts.fragment or parts.fragment in ids
    if parts.path.startswith(settings.STATIC_URL):
        return True
    try:
        resolve(parts.path)
    except Resolver404:
        # Relative links are resolved against the page's own address by the browser.
        return not parts.path.startswith("/")
    return True
