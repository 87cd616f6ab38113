"""Beyond one machine: two replicas of the base, two web servers behind nginx, each killed in turn.

All on loopback, under a bounded load: four visitors who read all the time, an officer who saves a
contract every second. What each of them saw, by phase; then what was confirmed is looked for.
"""

import contextlib
import platform
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import requests

from tests import mandataire, postgresql
from tests.epreuves.pannes import a_contract
from tests.epreuves.site import AGENTE, Agente, Visiteur, environment, fill

PAGES = (
    "/", "/carte/", "/territoires/", "/territoires/lacq-pau-tarbes/", "/regions/",
    "/projets/?region={region}", "/projets/?region={region}&page=2", "/communes/?region={region}",
    "/api/v1/projets/?region={region}", "/projets/?region={region}&format=csv",
)  # fmt: skip
DOCUMENT = Path(__file__).parents[2] / "docs" / "passage-a-l-echelle.md"
TITRE = "## Fait pour de vrai\n"  # what comes before it is written by hand
REGIONS = ("11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93")
VISITEURS, ECRITURE, DUREE = 4, "Écriture d’épreuve n° ", 15
# A page that waited this long is a fault; and what was published is seen within that time.
TROP_LONG, BIENTOT = 12.0, 6.0


@dataclass
class Phase:
    nom: str
    ecrit: bool = True
    """Whether an officer must be able to save."""
    vues: list = field(default_factory=list)
    confirmees: int = 0
    refusees: int = 0

    def fautes(self):
        refused = Counter(f"{vu.code} {vu.dit}" for vu in self.vues if vu.code != 200)
        for told, count in refused.items():
            yield f"{self.nom} : {count} visite(s) de {told}"
        if any(vu.secondes > TROP_LONG for vu in self.vues):
            yield f"{self.nom} : une visite a duré plus de {TROP_LONG:.0f} s"
        if self.ecrit and not self.confirmees:
            yield f"{self.nom} : rien n’a pu être enregistré"

    def ligne(self):
        slow = max((vu.secondes for vu in self.vues), default=0)
        kept = sum(vu.gardee for vu in self.vues)
        other = sum(vu.code != 200 for vu in self.vues)
        told = [len(self.vues), other, kept, f"{slow:.1f} s".replace(".", ",")]
        return [self.nom, *told, self.confirmees, self.refusees]


class Grappe:
    """The primary, and its two replicas."""

    def __init__(self, url):
        self.url = url
        self.root = Path(url.split("@/", 1)[1].rsplit("/", 1)[0])

    def add(self, number):
        """A replica that streams; its address."""
        data, socket = self.root / f"r{number}", self.root / str(number)
        socket.mkdir()
        postgresql.own(socket)
        postgresql.tool(self.root, "pg_basebackup", "-h", self.root, "-U", postgresql.USER,
                        "-D", data, "-R", "-X", "stream", "--checkpoint=fast")  # fmt: skip
        self.start(number)
        return f"postgres://{postgresql.USER}@/{socket}/{postgresql.USER}"

    def start(self, number):
        postgresql.ctl(self.root, self.root / f"r{number}", "start",
                       socket=self.root / str(number))  # fmt: skip

    def stop(self, number):
        postgresql.ctl(self.root, self.root / f"r{number}", "stop", mode="immediate")

    @contextlib.contextmanager
    def without(self, number):
        self.stop(number)
        try:
            yield
        finally:
            self.start(number)

    def paused(self, number):
        return postgresql.paused(self.root / f"r{number}")

    @contextlib.contextmanager
    def late(self, *numbers):
        """The replicas receive what is written, and do not show it."""
        urls = [f"postgres://{postgresql.USER}@/{self.root}/{n}/{postgresql.USER}" for n in numbers]
        for url in urls:
            with postgresql.connect(url) as connection:
                connection.execute("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            for url in urls:
                with postgresql.connect(url) as connection:
                    connection.execute("SELECT pg_wal_replay_resume()")

    @contextlib.contextmanager
    def without_primary(self):
        postgresql.ctl(self.root, self.root / "data", "stop", mode="immediate")
        try:
            yield
        finally:
            postgresql.ctl(self.root, self.root / "data", "start")


class Web:
    """Two gunicorns on their ports, and nginx in front of both."""

    def __init__(self, folder, url, replicas):
        self.folder, self._stacks = folder, {}
        self.ports = [mandataire.free_port() for _ in range(2)]
        self.env = environment(
            url, DATABASE_REPLICAS=" ".join(replicas), ALLOWED_HOSTS=mandataire.NAME,
            BEHIND_PROXY="oui", WEB_CONCURRENCY="1", MEDIA_ROOT=str(folder / "media"),
        )  # fmt: skip

    def start(self, number):
        port = self.ports[number - 1]
        command = [sys.executable, "-m", "gunicorn", "--config", "python:programme.gunicorn",
                   "programme.wsgi"]  # fmt: skip
        stack = contextlib.ExitStack()
        out = stack.enter_context((self.folder / f"web{number}.log").open("a"))
        env = {**self.env, "BIND": f"127.0.0.1:{port}"}
        stack.enter_context(mandataire.started(command, port, env=env, stdout=out, stderr=out))
        self._stacks[number] = stack

    def kill(self, number):
        self._stacks.pop(number).close()

    @contextlib.contextmanager
    def without(self, number):
        self.kill(number)
        try:
            yield
        finally:
            self.start(number)

    @contextlib.contextmanager
    def served(self):
        """The address that visitors know."""
        https, http = mandataire.free_port(), mandataire.free_port()
        site = f"https://{mandataire.NAME}:{https}"
        self.env["CSRF_TRUSTED_ORIGINS"] = site  # the port is not in the name that nginx tells
        mandataire.write_certificate(self.folder)
        command = mandataire.write_nginx(self.folder, https=https, http=http, portal=self.ports[0])
        conf = self.folder / "portail.conf"
        one, two = (f"server 127.0.0.1:{port};" for port in self.ports)
        conf.write_text(conf.read_text().replace(one, f"{one} {two}"))
        for number in (1, 2):
            self.start(number)
        try:
            with mandataire.started(command, https):
                yield site
        finally:
            for number in list(self._stacks):
                self.kill(number)


def _trusting(visiteur, certificate):
    """Who trusts the certificate of the day, whatever this machine trusts."""
    visiteur.session.verify, visiteur.session.trust_env = str(certificate), False
    return visiteur


class Charge:
    """Who reads and who writes, until `stop`; each thing goes to the phase of its moment."""

    def __init__(self, site, certificate, contrat, password):
        self.site, self.certificate, self.contrat = site, certificate, contrat
        self.password, self.phase = password, None
        self.confirmees, self._end = [], threading.Event()
        readers = [threading.Thread(target=self._read, args=(n,)) for n in range(VISITEURS)]
        self._threads = [*readers, threading.Thread(target=self._write)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()

    def during(self, phase):
        self.phase = phase
        time.sleep(DUREE)
        self.phase = None
        time.sleep(1)  # what is on its way ends outside

    def _read(self, number):
        dice, visiteur = random.Random(number), _trusting(Visiteur(self.site), self.certificate)
        while not self._end.wait(0.1):
            phase = self.phase
            path = dice.choice(PAGES).format(region=dice.choice(REGIONS))
            vu = visiteur.voit(path)
            if phase and phase is self.phase:
                vu.texte, vu.dit = "Page gardée du" if vu.gardee else "", path
                phase.vues.append(vu)

    def _write(self):
        agente = _trusting(Agente(self.site), self.certificate)
        if agente.sign_in(AGENTE, self.password).code != 302:
            return
        page, number = f"/admin/programme/contrat/{self.contrat}/change/", 0
        while not self._end.wait(1):
            phase = self.phase
            number += 1
            text = f"{ECRITURE}{number}."
            try:
                form = agente.opens(page) | {"source": text, "_save": "Enregistrer"}
                confirmed = agente.envoie(page, form).code == 302
            except (RuntimeError, requests.RequestException):
                confirmed = False
            if confirmed:
                self.confirmees.append(text)
            if phase:
                phase.confirmees += confirmed
                phase.refusees += not confirmed


def main(options):
    """`(the document, whether every visitor was answered and nothing confirmed was lost)`."""
    binaries = postgresql.find_binaries()
    if binaries is None or mandataire.find_nginx() is None:
        raise SystemExit("PostgreSQL ou nginx manque : apt-get install postgresql nginx-light")
    with tempfile.TemporaryDirectory() as folder, postgresql.cluster(binaries) as url:
        passwords, grappe = fill(url), Grappe(url)
        replicas = [grappe.add(number) for number in (1, 2)]
        try:
            phases, lost, seen = _drill(Path(folder), grappe, replicas, passwords[AGENTE])
        finally:
            for number in (1, 2):
                grappe.stop(number)
    faults = [fault for phase in phases for fault in phase.fautes()]
    faults += [f"{len(lost)} enregistrement(s) confirmé(s) perdu(s)"] * bool(lost)
    faults += ["une réplique en retard a montré l’état d’avant"] * (not seen)
    return _document(phases, faults), not faults


def _drill(folder, grappe, replicas, password):
    contrat = a_contract(grappe.url)
    web = Web(folder, grappe.url, replicas)
    with web.served() as site:
        certificate = folder / "fullchain.pem"
        with Charge(site, certificate, contrat, password) as charge:
            time.sleep(5)
            phases = []
            for phase, breaks in (
                (Phase("tout va"), contextlib.nullcontext()),
                (Phase("une réplique tuée"), grappe.without(1)),
                (Phase("une réplique muette (SIGSTOP)"), grappe.paused(2)),
                (Phase("les deux répliques en retard"), grappe.late(1, 2)),
                (Phase("un serveur web tué"), web.without(1)),
                (Phase("la base tuée, les répliques restent", ecrit=False),
                 grappe.without_primary()),
                (Phase("tout est revenu"), contextlib.nullcontext()),
            ):  # fmt: skip
                with breaks:
                    charge.during(phase)
                phases.append(phase)
                time.sleep(5)
            seen = _seen_at_once(grappe, site, certificate)
        with postgresql.connect(grappe.url) as connection:
            rows = connection.execute(
                "SELECT source FROM programme_historicalcontrat WHERE id = %s", [contrat]
            ).fetchall()
    known = {source for (source,) in rows}
    return phases, [text for text in charge.confirmees if text not in known], seen


def _seen_at_once(grappe, site, certificate):
    """Whether a visitor soon sees what was just published, while both replicas lag."""
    visiteur = _trusting(Visiteur(site), certificate)
    address, name = "/territoires/lacq-pau-tarbes/", "Lacq d’épreuve"
    visiteur.voit(address)
    with grappe.late(1, 2):
        with postgresql.connect(grappe.url) as connection:
            connection.execute(
                "UPDATE territoires_territoire SET nom = %s WHERE slug = 'lacq-pau-tarbes'", [name]
            )
            connection.execute(
                "UPDATE programme_donneesversion SET numero = numero + 1, modifie_le = now()"
            )
        limit = time.monotonic() + BIENTOT
        while time.monotonic() < limit:
            if name in visiteur.voit(address).texte:
                return True
            time.sleep(0.5)
    return False


def _document(phases, faults):
    head = ["", "visites", "sans 200", "« page gardée »", "la plus longue", "enregistrées",
            "refusées"]  # fmt: skip
    rows = [head, ["---"] * len(head), *(phase.ligne() for phase in phases)]
    table = "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)
    told = "\n".join(f"- **{fault}**" for fault in faults) or (
        "Chaque visiteur a eu sa page ; aucun enregistrement confirmé n’est perdu ; une réplique "
        "en retard n’a montré à personne l’état d’avant."
    )
    day = f"{datetime.now().astimezone():%d/%m/%Y}"
    return (
        DOCUMENT.read_text().partition(TITRE)[0]
        + TITRE
        + FAIT.format(
            jour=day, python=platform.python_version(), table=table, verdict=told, duree=DUREE
        )
    )


FAIT = """
Une base, deux répliques, deux serveurs web (un processus chacun), nginx devant, sur une même
machine ; quatre visiteurs qui lisent sans cesse, une agente qui enregistre chaque seconde ;
{duree} s par étape. [Ce qu’il en est d’une seule machine](fiabilite.md).

    make epreuves ARGS="echelle --ecrire"

Dernière fois : {jour}, 2 cœurs partagés, Python {python}.

{table}

{verdict}
"""
