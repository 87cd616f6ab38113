"""Behind a real nginx: a cut file fails, slow visitors stop nobody, no header is an address."""

import base64
import hashlib
import io
import os
import re
import socket
import subprocess
import sys
import zipfile
from http.client import IncompleteRead

import pytest
from django.db import connection

from programme.models import Projet, Publication
from tests import mandataire
from tests.donnees import module_sur_copie
from tests.programme.donnees.parutions.conftest import quelques_jeux, sur_disque
from tests.programme.donnees.parutions.outils import paraitre

pytestmark = pytest.mark.django_db
MISSING = "nginx est absent : apt-get install nginx-light"
LIGNES = 2_000
FICHIER = "/projets/?format=csv"
SLOW = 30


@pytest.fixture(scope="module")
def serveur(bases, django_db_blocker, tmp_path_factory):
    """Another process serves, and writes (proofs of files): a database of its own."""
    if mandataire.find_nginx() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    folder = tmp_path_factory.mktemp("mandataire")
    with django_db_blocker.unblock(), module_sur_copie(bases, bases.main):
        Projet.objects.bulk_create(
            Projet(
                code=f"P{n:06d}",
                slug=f"p-{n}",
                beneficiaire="Forges de l’Orne",
                objet="Une ligne de laminage. " * 60,
                publication=Publication.PUBLIE,
            )
            for n in range(LIGNES)
        )
        with sur_disque(mandataire.media(folder)), quelques_jeux():
            paraitre()
        with mandataire.serving(connection, folder) as found:
            yield found


def test_a_whole_file_arrives_whole(serveur):
    response, content = serveur.get(FICHIER)
    assert response.status == 200
    assert response.headers["X-Total-Count"] == str(LIGNES)
    assert content.count(b"\n") == LIGNES + 1


def test_a_file_cut_by_the_death_of_its_worker_fails(serveur):
    with pytest.raises(IncompleteRead):
        serveur.get(FICHIER, **{mandataire.COUPER: "1"})
    assert serveur.get(FICHIER)[1].count(b"\n") == LIGNES + 1, "another worker took over"


# --- A kept file: the documented check, through the whole chain ---------------------------------

GARDE = "/donnees/parutions/1/projets.csv"


def checked(serveur, folder, **files):
    """What `verifier.py` says of files beside the manifest, as a reader does it."""
    for path in folder.iterdir():
        path.unlink()
    for name in ("manifeste.json", "../verifier.py"):
        content = serveur.get(f"/donnees/parutions/1/{name}".replace("1/../", ""))[1]
        (folder / name.removeprefix("../")).write_bytes(content)
    for name, content in files.items():
        (folder / name.replace("__", ".").replace("_", "-")).write_bytes(content)
    command = [sys.executable, "-X", "utf8", "verifier.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if not line.endswith(": absent")]


def test_a_kept_file_says_its_size_and_digest_and_is_checked(serveur, tmp_path):
    response, whole = serveur.get(GARDE, **{"Accept-Encoding": "gzip"})
    assert response.status == 200
    assert int(response.headers["Content-Length"]) == len(whole) > 1_000_000
    digest = base64.b64encode(hashlib.sha256(whole).digest()).decode()
    assert response.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert response.headers["ETag"] == f'"{hashlib.sha256(whole).hexdigest()}"', "strong still"
    assert checked(serveur, tmp_path, projets__csv=whole) == ["projets.csv : intact"]
    (told,) = checked(serveur, tmp_path, projets__csv=whole[:-1] + b"x")
    assert told.startswith("projets.csv : modifié,")


def test_a_kept_file_that_was_cut_is_named_then_resumed(serveur, tmp_path):
    with pytest.raises(IncompleteRead) as cut:
        serveur.get(GARDE, **{mandataire.COUPER: "1"})
    start = cut.value.partial
    (told,) = checked(serveur, tmp_path, projets__csv=start)
    assert told.startswith(f"projets.csv : coupé, {len(start)} octets au lieu de ")
    etag = serveur.get(GARDE, Range="bytes=0-0")[0].headers["ETag"]
    asked = {"Range": f"bytes={len(start)}-", "If-Range": etag}
    response, rest = serveur.get(GARDE, **asked)
    assert response.status == 206
    assert checked(serveur, tmp_path, projets__csv=start + rest) == ["projets.csv : intact"]


def test_an_archive_that_was_zipped_again_is_named(serveur, tmp_path):
    whole = serveur.get("/donnees/parutions/1/parution-1.zip")[1]
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as one, zipfile.ZipFile(again, "w") as other:
        for name in one.namelist():
            other.writestr(name, one.read(name))
    assert checked(serveur, tmp_path, parution_1__zip=whole) == ["parution-1.zip : intact"]
    (told,) = checked(serveur, tmp_path, parution_1__zip=again.getvalue())
    assert told.startswith("parution-1.zip : recompressé,")


def test_visitors_who_send_or_read_nothing_stop_nobody(serveur):
    request = f"GET {FICHIER} HTTP/1.1\r\nHost: {mandataire.NAME}\r\n"
    slow = []
    try:
        for number in range(SLOW):
            one = serveur.connect()
            slow.append(one)
            # Two thirds never end their headers; the others never read their file.
            one.sendall(f"{request}{'X-A: ' if number % 3 else chr(13) + chr(10)}".encode())
        assert serveur.get("/sante/")[0].status == 200
        assert serveur.get("/mentions-legales/")[0].status == 200
        assert serveur.get(FICHIER)[1].count(b"\n") == LIGNES + 1
    finally:
        for one in slow:
            one.close()


# --- What gunicorn is told ----------------------------------------------------------------------


def title(answer):
    found = re.search(rb"<title>(.*?)</title>", answer, re.DOTALL)
    return found and found[1].decode()


@pytest.mark.parametrize(
    "header",
    [
        "SCRIPT_NAME: /mentions-legales",
        "Script-Name: /mentions-legales",
        "PATH_INFO: /projets/",
        "X-Script-Name: /mentions-legales",
        "X-Forwarded-Prefix: /pirate",
        "X-Forwarded-Host: pirate.example",
        "X-Forwarded-Proto: https",
        "X-HTTP-Method-Override: DELETE",
        "Forwarded: host=pirate.example",
    ],
)
def test_no_header_of_a_local_peer_says_where_it_asks(serveur, header):
    start = "GET /mentions-legales/ HTTP/1.1", f"Host: {mandataire.NAME}"
    answer = serveur.ask_portal(*start, header)
    assert answer.startswith(b"HTTP/1.1 200")
    assert title(answer).startswith("Mentions légales")
    assert b"pirate" not in answer


@pytest.mark.parametrize(
    "lines",
    [
        ("GET /mentions-legales/ HTTP/1.1", "Host: pirate.example"),
        ("GET /mentions-legales/ HTTP/1.1", "Host: localhost", "Host: pirate.example"),
        ("GET /mentions-legales/ HTTP/1.1", "Host: localhost, pirate.example"),
        ("GET http://pirate.example/mentions-legales/ HTTP/1.1", "Host: pirate.example"),
    ],
)
def test_another_host_is_refused(serveur, lines):
    assert serveur.ask_portal(*lines).startswith(b"HTTP/1.1 400")


# --- No name of a program, and what is no request of HTTP at all --------------------------------


def head_of(answer):
    return answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower()


def test_no_answer_names_the_program_that_serves(serveur):
    start = "GET /mentions-legales/ HTTP/1.1", f"Host: {mandataire.NAME}"
    assert "\nserver:" not in head_of(serveur.ask_portal(*start))
    assert serveur.get("/mentions-legales/")[0].headers["Server"] in {None, "nginx"}


@pytest.mark.parametrize(
    ("lines", "status", "sentence"),
    [
        (("N’IMPORTE QUOI",), 400, "Cette demande n’est pas comprise"),
        (("GET / HTTP/1.1", "Host: x", "Nom invalide: 1"), 400, "n’est pas comprise"),
        ((f"GET /{'x' * 5000} HTTP/1.1", "Host: x"), 414, "Cette adresse est trop longue"),
        (("GET / HTTP/1.1", "Host: x", f"Trop: {'x' * 9000}"), 431, "sont trop longs"),
    ],
)
def test_what_is_no_request_gets_a_sentence_and_the_same_care(serveur, lines, status, sentence):
    answer = serveur.ask_portal(*(line.encode().decode("latin-1") for line in lines))
    head = head_of(answer)
    assert head.startswith(f"http/1.1 {status}")
    assert sentence in answer.decode()
    assert "server:" not in head
    assert "x-content-type-options: nosniff" in head
    assert "content-security-policy: default-src 'none'" in head
    assert answer.count(b"xxxxx") == 0, "nothing of it is said back"


def test_the_scheme_is_that_of_the_proxy(serveur):
    """nginx overwrites what a visitor says of it, and of the chain of addresses keeps the end."""
    answer = serveur.get("/api/v1/", **{"X-Forwarded-Proto": "http"})[1]
    assert f"https://{mandataire.NAME}".encode() in answer


def test_connections_have_a_limit_of_silence(serveur):
    """What gunicorn accepts inherits the limits of its socket."""
    from programme.gunicorn import SILENCE, when_ready

    class Listener:
        sock = socket.socket()

    class Server:
        LISTENERS = (Listener,)

    with Listener.sock:
        when_ready(Server)
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            kept = Listener.sock.getsockopt(socket.SOL_SOCKET, option, 16)
            assert int.from_bytes(kept[:8], "little") == SILENCE
