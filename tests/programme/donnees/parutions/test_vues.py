"""The pages of the parutions and the door of their files: sizes, digests, ranges, withdrawal."""

import base64
import hashlib
import json
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
from io import BytesIO

import pytest

from programme.donnees.parutions.refaire import comparer_a_nouveau, retirer
from programme.models import EmpreinteAncienne, Parution
from tests import factories
from tests.donnees import module_sur_monde
from tests.programme.donnees.outils import body
from tests.programme.donnees.parutions.conftest import quelques_jeux, sur_disque
from tests.programme.donnees.parutions.outils import appliques, contenu, lancer, paraitre

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def _deux(bases, django_db_blocker, tmp_path_factory):
    """Two parutions: a project changed in between."""
    folder = tmp_path_factory.mktemp("media")

    def make():
        projet = factories.ProjetFactory(
            code="P1", beneficiaire="Forges de l’Orne", objet="Un four."
        )
        with sur_disque(folder), quelques_jeux():
            paraitre()
            projet.objet = "Deux fours."
            projet.save()
            paraitre(note="Après correction.")

    with django_db_blocker.unblock(), module_sur_monde(bases, make):
        yield folder


@pytest.fixture
def deux(_deux, db, tmp_path):
    shutil.copytree(_deux, tmp_path / "copie")
    with sur_disque(tmp_path / "copie"):
        yield tuple(Parution.objects.order_by("numero"))


@pytest.fixture(autouse=True)
def _monde(deux):
    """Every test of the module reads it."""


def text(response):
    words = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ")
    return " ".join(words.split())


def test_the_pages_say_what_changed(client, deux):
    told = text(client.get("/donnees/parutions/"))
    assert "Parution n° 2" in told
    assert "Après correction." in told
    assert "Projets : 1 ligne changée." in told
    assert "Première parution : rien à quoi la comparer." in told
    page = client.get("/donnees/parutions/2/")
    assert "Ce qui a changé depuis la parution n° 1" in text(page)
    for fichier in deux[1].fichiers.exclude(genre="écarts"):
        assert fichier.sha256 in page.content.decode()
        assert fichier.adresse in page.content.decode()
    assert client.get("/donnees/parutions/3/").status_code == 404
    assert "Il n’y a pas de parution n° 3." in text(client.get("/donnees/parutions/3/"))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/donnees/parutions/?sort=1", "Ce paramètre n’existe pas à cette adresse."),
        ("/donnees/parutions/?page=1&page=2", "gardez une seule valeur"),
        ("/donnees/parutions/?page=0", "Un numéro de page est un nombre entier à partir de 1."),
        ("/donnees/parutions/?format=csv", "« csv » n’existe pas"),
        ("/donnees/parutions/2/?x=1", "Ce paramètre n’existe pas à cette adresse."),
        ("/donnees/parutions/2/projets.csv?x=1", "Ce paramètre n’existe pas à cette adresse."),
        ("/donnees/versions.json?x=1", "Ce paramètre n’existe pas à cette adresse."),
    ],
)
def test_an_address_is_read_strictly(client, deux, address, sentence):
    response = client.get(address)
    assert response.status_code == 400
    assert sentence in response.content.decode().replace("\xa0", " ")


def test_programs_read_the_same(client, deux):
    told = client.get("/donnees/versions.json").json()["parutions"]
    assert [each["numero"] for each in told] == [2, 1]
    assert told[0]["changements"] == ["Projets : 1\xa0ligne changée."]
    body = client.get("/donnees/parutions/2/manifeste.json").json()
    assert body["comparee_a"] == 1
    for each in body["fichiers"]:
        path = each["adresse"].partition("//")[2].partition("/")[2]
        response = client.get(f"/{path}")
        content = b"".join(response.streaming_content)
        assert response.status_code == 200
        assert hashlib.sha256(content).hexdigest() == each["sha256"]
        assert len(content) == each["octets"] == int(response["Content-Length"])
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert response["Repr-Digest"] == response["Content-Digest"] == f"sha-256=:{digest}:"
        assert response["ETag"] == f'"{each["sha256"]}"'
        assert response["Accept-Ranges"] == "bytes"
        assert response["Access-Control-Allow-Origin"] == "*"


def test_the_feed_tells_each_once(client, deux):
    response = client.get("/donnees/parutions/?format=atom")
    feed = ET.fromstring(response.content)
    titles = [each.findtext(f"{ATOM}title") for each in feed.iter(f"{ATOM}entry")]
    assert [title[:14] for title in titles] == ["Parution n° 2 ", "Parution n° 1 "]
    assert "Projets : 1" in response.content.decode()


def test_a_file_is_never_compressed_on_the_way(client, deux):
    response = client.get("/donnees/parutions/1/projets.csv", headers={"accept-encoding": "gzip"})
    assert not response.has_header("Content-Encoding")
    assert b"".join(response.streaming_content) == contenu(deux[0], "données", "projets", "csv")


# --- Ranges (RFC 9110) ------------------------------------------------------------------------

PLAGES = {
    "bytes=0-9": slice(0, 10),
    "bytes=10-": slice(10, None),
    "bytes=-5": slice(-5, None),
    "bytes=0-999999999": slice(None),
    "bytes=-999999999": slice(None),
}


@pytest.mark.parametrize("asked", PLAGES)
def test_a_part_is_given(client, deux, asked):
    whole = contenu(deux[0], "données", "projets", "csv")
    response = client.get("/donnees/parutions/1/projets.csv", headers={"range": asked})
    part = b"".join(response.streaming_content)
    assert response.status_code == 206
    assert part == whole[PLAGES[asked]]
    first = whole.index(part)
    assert response["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
    assert int(response["Content-Length"]) == len(part)
    assert response["Repr-Digest"].startswith("sha-256=:"), "that of the whole"
    assert not response.has_header("Content-Digest")


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused(client, deux, asked):
    response = client.get("/donnees/parutions/1/projets.csv", headers={"range": asked})
    whole = contenu(deux[0], "données", "projets", "csv")
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(whole)}"
    assert f"Ce fichier compte {len(whole)} octets" in response.content.decode()


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-2", "bytes=-", "octets=0-1", "bytes=0-1,4-5", "bytes=a-b", "0-9", "", "bytes=٣-"],
)
def test_what_is_no_range_is_ignored(client, deux, asked):
    response = client.get("/donnees/parutions/1/projets.csv", headers={"range": asked})
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == contenu(deux[0], "données", "projets", "csv")


def test_a_resumed_download_is_the_file_or_begins_again(client, deux):
    address = "/donnees/parutions/1/projets.csv"
    start = client.get(address, headers={"range": "bytes=0-99"})
    etag = start["ETag"]
    head = b"".join(start.streaming_content)
    rest = client.get(address, headers={"range": "bytes=100-", "if-range": etag})
    assert rest.status_code == 206
    whole = head + b"".join(rest.streaming_content)
    assert f'"{hashlib.sha256(whole).hexdigest()}"' == etag
    other = client.get(address, headers={"range": "bytes=100-", "if-range": '"autre"'})
    assert (other.status_code, body(other)) == (200, whole)
    weak = client.get(address, headers={"range": "bytes=100-", "if-range": f"W/{etag}"})
    assert (weak.status_code, body(weak)) == (200, whole)
    assert client.get(address, headers={"if-none-match": etag}).status_code == 304
    assert client.get(address, headers={"if-match": '"autre"'}).status_code == 412
    told = client.head(address, headers={"range": "bytes=0-9"})
    assert (told.status_code, int(told["Content-Length"])) == (200, len(whole))


# --- The archive ------------------------------------------------------------------------------


def test_the_archive_is_checked_without_network(client, deux, tmp_path):
    response = client.get("/donnees/parutions/2/parution-2.zip")
    content = b"".join(response.streaming_content)
    folder = tmp_path / "lu"
    zipfile.ZipFile(BytesIO(content)).extractall(folder)
    names = {path.name for path in folder.iterdir()}
    assert {
        "projets.csv",
        "ecarts",
        "manifeste.json",
        "datapackage.json",
        "dictionnaire.csv",
    } < names
    assert {"LICENCE.txt", "LISEZMOI.txt", "verifier.py", "appliquer.py"} < names
    assert "Projets : 1 ligne changée." in (folder / "LISEZMOI.txt").read_text().replace(
        "\xa0", " "
    )
    done = lancer("verifier", cwd=folder)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(": intact") == len(done.stdout.splitlines())
    whole = (folder / "projets.csv").read_bytes()
    (folder / "projets.csv").write_bytes(whole[:-9])
    (folder / "personnes.csv").write_bytes(b"a" * len((folder / "personnes.csv").read_bytes()))
    (folder / "territoires.csv").unlink()
    done = lancer("verifier", cwd=folder)
    assert done.returncode == 1
    size = len(whole)
    assert f"projets.csv : coupé, {size - 9} octets au lieu de {size}" in done.stdout
    assert "personnes.csv : modifié," in done.stdout
    assert "territoires.csv : absent" in done.stdout


def test_an_archive_that_was_zipped_again_is_named(client, deux, tmp_path):
    content = b"".join(client.get("/donnees/parutions/2/parution-2.zip").streaming_content)
    (tmp_path / "manifeste.json").write_bytes(
        client.get("/donnees/parutions/2/manifeste.json").content
    )
    kept = tmp_path / "parution-2.zip"
    kept.write_bytes(content)
    assert "parution-2.zip : intact" in lancer("verifier", cwd=tmp_path).stdout
    with zipfile.ZipFile(BytesIO(content)) as one, zipfile.ZipFile(kept, "w") as other:
        for name in one.namelist():
            other.writestr(name, one.read(name))
    assert "parution-2.zip : recompressé," in lancer("verifier", cwd=tmp_path).stdout
    kept.write_bytes(content[:-30])
    assert "parution-2.zip : coupé," in lancer("verifier", cwd=tmp_path).stdout


def test_scripts_are_given(client):
    for name in ("verifier", "appliquer", "appliquer_json"):
        assert client.get(f"/donnees/parutions/{name}.py").content.startswith(b'"""python3 ')
    assert client.get("/donnees/parutions/autre.py").status_code == 404


# --- Withdrawal -------------------------------------------------------------------------------


def test_a_withdrawn_parution_says_so_and_stays(client, deux, tmp_path):
    factories.ProjetFactory(code="P2")
    third = paraitre()
    retirer(deux[1], "Le montant de P1 était faux.")
    comparer_a_nouveau(Parution.objects.get(numero=2))
    page = client.get("/donnees/parutions/2/")
    assert page.status_code == 200
    assert "Cette parution a été retirée" in text(page)
    assert "Le montant de P1 était faux." in text(page)
    assert contenu_digest(deux[1]) in page.content.decode()
    for name in ("projets.csv", "ecarts/projets.json", "parution-2.zip"):
        gone = client.get(f"/donnees/parutions/2/{name}")
        assert gone.status_code == 410
        assert "La parution n° 2 a été retirée le" in gone.content.decode()
        assert "Le montant de P1 était faux." in gone.content.decode()
    told = client.get("/donnees/versions.json").json()["parutions"][1]
    assert (told["etat"], told["motif"]) == ("retirée", "Le montant de P1 était faux.")
    third.refresh_from_db()
    assert third.precedente == deux[0]
    appliques(third, "csv", tmp_path)
    old = EmpreinteAncienne.objects.filter(fichier__parution=third)
    assert {each.motif for each in old} == {
        "La parution n° 2, à laquelle il comparait, est retirée."
    }
    assert "Empreintes remplacées" in text(client.get("/donnees/parutions/3/"))


def contenu_digest(parution):
    return parution.fichiers.get(jeu="projets", genre="données", format="csv").sha256


def test_the_manifest_of_the_archive_is_that_of_its_files(client, deux):
    content = b"".join(client.get("/donnees/parutions/2/parution-2.zip").streaming_content)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        body = json.loads(archive.read("manifeste.json"))
        assert {each["nom"] for each in body["fichiers"]} == {
            name for name in archive.namelist() if name != "manifeste.json"
        }
        package = json.loads(archive.read("datapackage.json"))
        for resource in package["resources"]:
            table = archive.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(table).hexdigest()}"
            assert resource["bytes"] == len(table)
