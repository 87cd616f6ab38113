"""The site as it is served, and the people who come: what each of them sees, in how long."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import requests

from tests.mandataire import ROOT, free_port

AGENTE = "secretariat.normandie@demonstration.invalid"
TROP_LONG = 60  # seconds: what lasts more is a hang


def environment(url, **more):
    """The environment of a site on the database of `url`; nothing of a developer's own settings."""
    return {
        **os.environ,
        "ENV_FILE": os.devnull,
        "DATABASE_URL": url,
        "SECRET_KEY": "cle-d-epreuve-" + "0123456789abcdef" * 4,
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "False",
        "DEMONSTRATION": "True",
        **more,
    }


def manage(url, *command, **more):
    """Run a command of the site; its output, its errors if it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        env=environment(url, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def fill(url):
    """The real data and the demonstration agents; `{address: password}`."""
    manage(url, "migrate", "--verbosity", "0")
    manage(url, "charger_donnees")
    told = manage(url, "creer_agents_demonstration")
    return dict(re.findall(r"^\s+(\S+@demonstration\.invalid)\s+(\S+)", told, re.MULTILINE))


@contextlib.contextmanager
def served(url, log, **more):
    """gunicorn with one process, on `url`; yields its address."""
    with started(url, log, free_port(), **more) as (site, _):
        yield site


@contextlib.contextmanager
def started(url, log, port, *, folder=ROOT, python=sys.executable, **more):
    """gunicorn with one worker, on `url` and `port`; yields its address and its process.

    folder, python: where the code is and what runs it, when they are not those of here.
    """
    settings = {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1", **more}
    with log.open("a") as out:
        server = subprocess.Popen(
            [python, "-m", "gunicorn", "--config", "python:programme.gunicorn", "programme.wsgi"],
            cwd=folder, env=environment(url, **settings), stdout=out, stderr=out,
        )  # fmt: skip
    try:
        for _ in range(300):
            with contextlib.suppress(requests.RequestException):
                requests.get(f"http://127.0.0.1:{port}/robots.txt", timeout=5)
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"the site did not start: see {log}")
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait(20)


@contextlib.contextmanager
def small_disk(megabytes):
    """A disk of that size, in memory. Raises `PermissionError` where none can be made."""
    folder = Path(tempfile.mkdtemp(prefix="disque-", dir="/tmp"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        folder.rmdir()
        raise PermissionError("mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        folder.rmdir()


@contextlib.contextmanager
def filled(folder):
    ballast = folder / "lest"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:
        while True:
            out.write(b"\0" * 65_536)
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as out:
        while True:
            out.write(b"\0" * 512)
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def relayed(target, place, delay):
    """A socket at `place` that leads to that of `target`; answers come `delay` seconds late."""

    def pour(source, sink, wait):
        with contextlib.suppress(OSError):
            while block := source.recv(65_536):
                time.sleep(wait)
                sink.sendall(block)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                client, _ = door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(target))
                for source, sink, wait in ((client, server, 0), (server, client, delay)):
                    threading.Thread(target=pour, args=[source, sink, wait], daemon=True).start()

    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(place))
        door.listen()
        threading.Thread(target=accept, daemon=True).start()
        yield
        door.shutdown(socket.SHUT_RDWR)


@dataclass
class Vu:
    """What somebody saw."""

    code: int
    secondes: float
    texte: str = ""
    entetes: dict | None = None
    dit: str = ""

    @property
    def gardee(self):
        return "Page gardée du" in self.texte

    @property
    def en_mots(self):
        told = self.dit or {0: "rien (délai)"}.get(self.code, str(self.code))
        if self.gardee:
            told += " gardée"
        elif self.code == 503 and self.entetes and "Retry-After" in self.entetes:
            told += ", Retry-After"
        return f"{told} · {self.secondes:.1f} s".replace(".", ",")


class _Champs(HTMLParser):
    """The fields of the form whose page is read, as a browser would send them."""

    def __init__(self):
        super().__init__()
        self.sent, self._area, self._select = {}, None, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name, kind = attrs.get("name"), attrs.get("type", "text")
        if tag == "input" and name and "disabled" not in attrs:
            if kind in ("checkbox", "radio"):
                if "checked" in attrs:
                    self.sent[name] = attrs.get("value", "on")
            elif kind not in ("submit", "file", "button"):
                self.sent[name] = attrs.get("value") or ""
        elif tag == "textarea" and name:
            self._area = name
            self.sent[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and "selected" in attrs:
            self.sent[self._select] = attrs.get("value", "")

    def handle_data(self, data):
        if self._area:
            self.sent[self._area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None


def fields(page, form):
    """The data of the form of `page` whose opening tag holds `form`."""
    start = page.index(form)
    reader = _Champs()
    reader.feed(page[start : page.index("</form>", start)])
    return reader.sent


class Visiteur:
    def __init__(self, site):
        self.site, self.session = site, requests.Session()

    def voit(self, path, **options):
        return self._asked("get", path, **options)

    def envoie(self, path, data, **options):
        headers = {"Referer": self.site + path}
        return self._asked("post", path, data=data, headers=headers, **options)

    def _asked(self, method, path, **options):
        started = time.monotonic()
        try:
            answer = self.session.request(
                method, self.site + path, timeout=TROP_LONG, allow_redirects=False, **options
            )
            code, text, headers = answer.status_code, answer.text, answer.headers
        except requests.RequestException as error:
            code, text, headers = 0, str(error), {}
        return Vu(code, time.monotonic() - started, text, dict(headers))


def together(site, paths):
    """Several visitors at once: the slowest of what they see."""
    with ThreadPoolExecutor(len(paths)) as pool:
        seen = list(pool.map(lambda path: Visiteur(site).voit(path), paths))
    return max(seen, key=lambda one: one.secondes), seen


class Telechargement:
    """A file of which the beginning was read, and that goes on while something breaks."""

    def __init__(self, site, path):
        host, port = site.removeprefix("http://").split(":")
        self._sock = socket.socket()
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # nothing in advance
        self._sock.settimeout(TROP_LONG + 30)
        self._sock.connect((host, int(port)))
        client = http.client.HTTPConnection(host, int(port))
        client.sock = self._sock
        client.request("GET", path)
        self._response = client.getresponse()
        self._announced = int(self._response.headers["X-Total-Count"])
        self._lines = self._response.read(1000).count(b"\n")
        self._code, self.is_false = self._response.status, False

    def go_on(self):
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        try:
            self._lines += self._response.read().count(b"\n")
            self.is_false = self._lines != self._announced + 1  # the header
            self._told = "200 entier"
        except (http.client.HTTPException, OSError):
            self._told = "coupé, erreur dite"
        self._seconds = time.monotonic() - self._started
        self._sock.close()

    def ended(self):
        self._thread.join()
        return Vu(self._code, self._seconds, dit=self._told)


class Agente(Visiteur):
    """An officer, who signs in and opens the form of a contract."""

    CONNEXION = "/admin/compte/connexion/"

    def sign_in(self, address, password):
        page = self.voit(self.CONNEXION).texte
        token = fields(page, 'method="post"')["csrfmiddlewaretoken"]
        sent = {"csrfmiddlewaretoken": token, "login": address, "password": password}
        return self.envoie(self.CONNEXION, sent)

    def sign_in_blind(self, address, password):
        """With the token of a page that was open before."""
        token = self.session.cookies.get("csrftoken", "")
        sent = {"csrfmiddlewaretoken": token, "login": address, "password": password}
        return self.envoie(self.CONNEXION, sent)

    def opens(self, path):
        raw = self.session.get(self.site + path, timeout=TROP_LONG)
        if raw.status_code != 200:
            raise RuntimeError(f"{path}: {raw.status_code}")
        return fields(raw.text, 'id="contrat_form"')
