"""Whatever is not published is on no public page, in no file, feed, answer or suggestion."""

import io
import re
import zipfile
from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest

from programme.catalogue.recherche.indexation import reindexer
from programme.donnees.jeux import JEUX
from programme.models import Contrat, Document, Projet, Publication, Seance
from tests import factories as f
from tests.programme.backoffice.monde import rows

SECRET = "Xyloglyphe"
PAGES = 200


@pytest.fixture
def drafts(db):
    """One row of each model in draft, others proposed or withdrawn; children are published."""
    world = rows(f.RegionFactory(code="28"), f.OperateurFactory(), Publication.BROUILLON)
    territoire = world[Contrat].territoire
    for model, field in ((Contrat, "intitule"), (Projet, "beneficiaire"), (Seance, "lieu")):
        model.objects.update(**{field: f"{SECRET} {field}"})
    f.DocumentFactory(territoire=None, contrat=world[Contrat], titre=f"{SECRET} document")
    f.DecisionFactory(seance=world[Seance], territoire=territoire, texte=f"{SECRET} décision")
    f.SignataireFactory(contrat=world[Contrat], nom=f"{SECRET} signataire")
    for rank, state in enumerate((Publication.A_VALIDER, Publication.RETIRE)):
        common = {"publication": state}
        f.ProjetFactory(territoire=territoire, objet=f"{SECRET} objet {rank}", **common)
        f.ContratFactory(territoire=territoire, intitule=f"{SECRET} acte {rank}", **common)
        f.JalonFactory(intitule=f"{SECRET} jalon {rank}", **common)
        f.ServiceFactory(intitule=f"{SECRET} service {rank}", **common)
        f.EnveloppeFactory(intitule=f"{SECRET} enveloppe {rank}", **common)
    reindexer()
    return world


def addresses(drafts):
    """Where to begin: every format of every dataset, the searches, the drafts themselves."""
    yield from ("/", "/sitemap.xml", "/actualites/flux.atom", "/agenda/agenda.ics", "/api/v1/")
    for code, jeu in JEUX.items():
        yield f"/donnees/{code}/"
        yield from (f"/api/v1/{code}/?format={name}" for name in ("json", *jeu.formats))
    for words in (SECRET.lower(), "xylo"):
        yield from (f"/{path}/?q={words}" for path in ("recherche", "projets", "contrats"))
        yield f"/recherche/suggestions/?q={words}"
    for row in (drafts[Contrat], drafts[Projet]):
        yield from (row.get_absolute_url(), f"{row.get_absolute_url()}?format=json")
    yield from (f"/documents/{pk}/" for pk in Document.objects.values_list("pk", flat=True))


def text_of(response):
    body = response.getvalue()
    if "spreadsheet" in response.get("Content-Type", ""):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return body.decode(errors="replace")


def links_of(page, body):
    for found in re.findall(r'href="([^"#]+)', body):
        parts = urlsplit(urljoin(f"http://testserver{page}", found.replace("&amp;", "&")))
        ours = parts.netloc == "testserver" and not parts.path.startswith(("/static/", "/admin/"))
        if ours and len(parts.query) < 60:
            yield parts._replace(scheme="", netloc="", fragment="").geturl()


def crawl(client, queue, *secrets):
    """Follow public pages from those of `queue`: none tells a secret."""
    seen = set()
    while queue and len(seen) < PAGES:
        page = queue.popleft()
        if page in seen:
            continue
        seen.add(page)
        response = client.get(page)
        assert response.status_code < 500, page
        body = text_of(response)
        for secret in secrets:
            assert secret not in body, page
        if "html" in response.get("Content-Type", ""):
            queue.extend(links_of(page, body))
    assert len(seen) > 100


@pytest.mark.lent
def test_no_public_page_tells_a_draft(client, drafts):
    crawl(client, deque(addresses(drafts)), SECRET)
