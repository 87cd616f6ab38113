"""The database stopped, paused, locked, full, read-only, out of connections: who sees what.

For each failure, on the real site: a visitor, an officer who saves, somebody who signs in, the
watch on `/sante/`; how long each waits; and that what was typed is saved in the end.
"""

import contextlib
import json
import os
import platform
import secrets
import shutil
import sqlite3
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import psycopg

from tests import postgresql
from tests.epreuves import coupures
from tests.epreuves.site import (
    AGENTE,
    Agente,
    Telechargement,
    Visiteur,
    fields,
    fill,
    filled,
    manage,
    relayed,
    served,
    small_disk,
    together,
)

GARDEE, NOUVELLE = "/territoires/", "/projets/?region=53"
PERSONNE, FICHE = "/", "/territoires/lacq-pau-tarbes/"
CSV, API = "/projets/?format=csv", "/api/v1/projets/"
GROS = "/communes/?format=csv"  # more than what sockets hold
# 20 kB that no database compresses: more than what a page on disk has left.
SAISIE = f"Saisie pendant la panne. {secrets.token_hex(10_000)}"
AUTRE = "redacteur.normandie@demonstration.invalid"
TABLES = "territoires_territoire, programme_projet, programme_contrat, programme_entreeindex"


# --- What breaks ------------------------------------------------------------------------------


class PostgreSQL:
    """A private cluster that can be broken; its files on a small disk when that is allowed."""

    nom = "PostgreSQL"

    def __init__(self, url):
        self.url = url
        self.root = Path(url.split("@/", 1)[1].rsplit("/", 1)[0])

    def connect(self, **options):
        return psycopg.connect(
            host=str(self.root), user=postgresql.USER, dbname=postgresql.USER, autocommit=True,
            **options,
        )  # fmt: skip

    def _ctl(self, *command):
        binaries = postgresql.find_binaries()
        postgresql._run(
            [binaries / "pg_ctl", "-D", self.root / "data", "-l", self.root / "log", "-w",
             *command],
            self.root / "log",
        )  # fmt: skip

    @contextlib.contextmanager
    def stopped(self):
        self._ctl("-m", "immediate", "stop")
        try:
            yield
        finally:
            flags = " ".join(f"-c {n}='{v}'" for n, v in postgresql.OPTIONS.items())
            self._ctl("-o", f"{flags} -k {self.root}", "start")

    def paused(self):
        return postgresql.paused(self.root / "data")

    @contextlib.contextmanager
    def read_only(self):
        def turn(value):
            with self.connect() as connection:
                connection.execute("SET default_transaction_read_only = off")
                connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
                connection.execute("SELECT pg_reload_conf()")
            time.sleep(0.3)

        turn("on")
        try:
            yield
        finally:
            turn("off")

    @contextlib.contextmanager
    def locked(self):
        with self.connect() as connection, connection.transaction():
            connection.execute(f"LOCK TABLE {TABLES} IN ACCESS EXCLUSIVE MODE")
            yield

    @contextlib.contextmanager
    def writes_held(self):
        """Whoever saves a contract waits in the middle of its transaction."""
        with self.connect() as connection, connection.transaction():
            connection.execute("LOCK TABLE programme_historicalcontrat IN SHARE MODE")
            yield

    @contextlib.contextmanager
    def empty(self):
        """The address of another base, that holds nothing."""
        with self.connect() as connection:
            connection.execute("CREATE DATABASE vide")
            try:
                yield self.url.rsplit("/", 1)[0] + "/vide"
            finally:
                connection.execute("DROP DATABASE vide WITH (FORCE)")

    @contextlib.contextmanager
    def slow(self, delay):
        """The address of the base, each of whose answers comes `delay` seconds late."""
        with tempfile.TemporaryDirectory(prefix="lent-", dir="/tmp") as folder:
            name = ".s.PGSQL.5432"
            with relayed(self.root / name, Path(folder) / name, delay):
                yield self.url.replace(str(self.root), folder)

    @contextlib.contextmanager
    def exhausted(self):
        """The site's connections are closed, and somebody else takes every place."""
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(self.connect())
            first.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            with contextlib.suppress(psycopg.OperationalError):
                while True:
                    stack.enter_context(self.connect())
            yield

    @contextlib.contextmanager
    def full(self):
        """The tables of contracts lie on a small disk, which is filled."""
        with small_disk(24) as disk:
            if os.geteuid() == 0:
                shutil.chown(disk, "postgres", "postgres")
            own = ("programme_contrat", "programme_historicalcontrat")
            with self.connect() as connection:
                connection.execute(f"CREATE TABLESPACE petit LOCATION '{disk}'")
                for table in own:
                    connection.execute(f"ALTER TABLE {table} SET TABLESPACE petit")
            try:
                with filled(disk):
                    yield
            finally:
                with self.connect() as connection:
                    for table in own:
                        connection.execute(f"ALTER TABLE {table} SET TABLESPACE pg_default")
                    connection.execute("DROP TABLESPACE petit")


class SQLite:
    nom = "SQLite"

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite:///{path}"

    def locked(self):
        return self._begun("EXCLUSIVE")

    def writes_held(self):
        """Whoever saves waits for the turn to write."""
        return self._begun("IMMEDIATE")

    @contextlib.contextmanager
    def _begun(self, kind):
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute(f"BEGIN {kind}")
        try:
            yield
        finally:
            connection.rollback()
            connection.close()

    @contextlib.contextmanager
    def empty(self):
        """The address of another base, that holds nothing."""
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/vide.sqlite3"

    def slow(self, delay):
        raise NotImplementedError("a file has no network")

    @contextlib.contextmanager
    def full(self):
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        with filled(self.path.parent):
            yield


# --- Who comes --------------------------------------------------------------------------------


class Epreuve:
    """One failure: `gens` is what each person saw, `fautes` what should not have been seen."""

    def __init__(self, base, nom, panne, *, duree, passwords, log):
        self.base, self.nom, self.panne, self.duree = base, nom, panne, duree
        self.passwords, self.log = passwords, log
        self.gens, self.fautes = {}, []

    def run(self, contrat):
        with served(self.base.url, self.log) as site:
            page = f"/admin/programme/contrat/{contrat}/change/"
            visiteur, agente = Visiteur(site), Agente(site)
            for path in (GARDEE, PERSONNE, FICHE):
                self._expect(visiteur.voit(path), path, {200})
            self._expect(agente.sign_in(AGENTE, self.passwords[AGENTE]), "connexion", {302})
            form = agente.opens(page) | {"source": SAISIE, "_save": "Enregistrer"}
            newcomer = Agente(site)
            newcomer.voit(Agente.CONNEXION)
            # A file that is being read holds back the room that SQLite would give up.
            before = None if self.nom == "disque plein" else Telechargement(site, GROS)
            with self.panne():
                envoi = before or Telechargement(site, GROS)
                envoi.go_on()
                started = time.monotonic()
                sent = self._during(site, (visiteur, agente, newcomer), page, form)
                time.sleep(max(0, self.duree - (time.monotonic() - started)))
            self.gens["fichier en cours d’envoi"] = envoi.ended()
            if envoi.is_false:
                self.fautes.append("un fichier coupé passe pour entier")
            self._after(visiteur, agente, page, sent, contrat)
        return self

    def _during(self, site, people, page, form):
        visiteur, agente, newcomer = people
        time.sleep(0.2)
        seen = self.gens
        slowest, all_seen = together(site, [GARDEE, PERSONNE, FICHE] * 8)
        seen["24 visiteurs, pages gardées"] = slowest
        for one in all_seen:
            self._expect(one, "page gardée", {200})
        seen["visiteur, page gardée"] = self._expect(visiteur.voit(GARDEE), GARDEE, {200})
        slowest, all_seen = together(site, [f"{NOUVELLE}&page=1&taille={n}" for n in (25, 50, 100)])
        seen["visiteur, page jamais vue"] = slowest
        for one in all_seen:
            self._expect(one, NOUVELLE, {200, 503})
        for who, path in (("fichier CSV", CSV), ("API JSON", API), ("/sante/", "/sante/")):
            seen[who] = self._expect(visiteur.voit(path), path, {200, 503})
        seen["/sante/"].texte = seen["/sante/"].texte.strip()
        seen["agente, page"] = self._expect(agente.voit(page), page, {200, 503})
        sent = agente.envoie(page, form)
        seen["agente, enregistre"] = self._expect(sent, page, {302, 503})
        if sent.code == 503 and "Saisie pendant la panne." not in sent.texte:
            self.fautes.append("la saisie n’est pas rendue")
        login = newcomer.sign_in_blind(AUTRE, self.passwords[AUTRE])
        seen["autre agent, se connecte"] = self._expect(login, "connexion", {302, 503})
        return sent

    def _after(self, visiteur, agente, page, sent, contrat):
        started = time.monotonic()
        while True:
            one = visiteur.voit(GARDEE)
            if one.code == 200 and not one.gardee:
                break
            if time.monotonic() - started > 20:
                self.fautes.append("la page ne revient pas à jour")
                break
            time.sleep(0.2)
        self.retour = time.monotonic() - started
        if sent.code == 503:
            again = fields(sent.texte, f'action="{page}"')
            sent = agente.envoie(page, again)
            self._expect(sent, "envoyer de nouveau", {302})
        kept = manage(
            self.base.url, "shell", "--no-imports", "-c",
            "from programme.models import Contrat;"
            f"print('Saisie pendant' in Contrat.objects.get(pk={contrat}).source)",
        )  # fmt: skip
        self.enregistre = "True" in kept
        if not self.enregistre:
            self.fautes.append("ce qui a été saisi n’est pas enregistré à la fin")

    def _expect(self, one, what, codes):
        if one.code not in codes:
            self.fautes.append(f"{what} : {one.code} en {one.secondes:.1f} s")
        return one


def scenarios(base):
    """`(name, failure, seconds)` of each drill that this database can have."""
    if base.nom == "PostgreSQL":
        return [
            ("arrêté", base.stopped, 5),
            ("en pause 30 s (SIGSTOP)", base.paused, 30),
            ("en lecture seule", base.read_only, 0),
            ("tables verrouillées 20 s", base.locked, 20),
            ("sans connexion libre", base.exhausted, 5),
            ("disque plein", base.full, 0),
        ]
    return [
        ("verrouillé 20 s", base.locked, 20),
        ("disque plein", base.full, 0),
    ]


# --- The table --------------------------------------------------------------------------------


def main(options):
    """(the document, whether all was as it must be)."""
    with tempfile.TemporaryDirectory(prefix="epreuves-") as folder:
        log = Path(folder) / "site.log"
        done, skipped, seen, faults = [], [], {}, []
        for base, passwords in bases(Path(folder), skipped):
            contrat = a_contract(base.url)
            for nom, panne, duree in scenarios(base):
                if options.seulement and options.seulement not in f"{base.nom} {nom}":
                    continue
                print(f"{base.nom} {nom}…", file=sys.stderr, flush=True)
                epreuve = Epreuve(base, nom, panne, duree=duree, passwords=passwords, log=log)
                try:
                    done.append(epreuve.run(contrat))
                except PermissionError:
                    skipped.append(f"{base.nom} {nom} : aucun petit disque ne peut être monté ici.")
                reset(base.url, contrat)
                for faute in epreuve.fautes:
                    print(f"  ! {faute}", file=sys.stderr, flush=True)
            seen[base.nom], found = coupures.measured(
                base, passwords, contrat, Path(folder), options.seulement
            )
            faults += found
        if faults or any(epreuve.fautes for epreuve in done):
            print(log.read_text()[-6000:], file=sys.stderr)
    faults += [f"{e.base.nom} {e.nom} : {faute}" for e in done for faute in e.fautes]
    return document(done, seen, skipped, faults), not faults


def bases(folder, skipped):
    """Each database, filled, with the passwords of its agents."""
    binaries = postgresql.find_binaries()
    if binaries is None:
        skipped.append("PostgreSQL n’est pas installé.")
    else:
        with postgresql.cluster(binaries) as url:
            yield PostgreSQL(url), fill(url)
    try:
        with small_disk(300) as disk:
            base = SQLite(disk / "db.sqlite3")
            yield base, fill(base.url)
    except PermissionError:
        skipped.append("SQLite sur disque plein : aucun petit disque ne peut être monté ici.")
        base = SQLite(folder / "db.sqlite3")
        base.full = _refused
        yield base, fill(base.url)


def _refused():
    raise PermissionError("mount")


def a_contract(url):
    """The key of a contract that the officer of Normandie may change."""
    told = manage(
        url, "shell", "--no-imports", "-c",
        "from programme.models import Contrat;"
        "print('CLE', Contrat.objects.filter(territoire__region_porteuse__code='28')"
        ".order_by('pk').values_list('pk', flat=True)[0])",
    )  # fmt: skip
    return int(told.split("CLE")[1])


def reset(url, contrat):
    manage(
        url, "shell", "--no-imports", "-c",
        "from programme.models import Contrat;"
        f"c = Contrat.objects.get(pk={contrat}); c.source = 'source d’épreuve'; c.save()",
    )  # fmt: skip


ENTETE = """\
# Quand quelque chose casse

Ce que chacun voit, et en combien de temps, quand cela casse **pour de vrai** : le site est servi
par gunicorn (un processus, huit fils), sur les données réelles. D’abord la base ; puis les
processus, les disques, le cache et l’horloge. Une réplique ou un serveur web perdus :
[au-delà d’une machine](passage-a-l-echelle.md) ; une sauvegarde remise : [revenir en
arrière](retour.md) ; les mauvaises entrées : [les longues preuves](essais.md).

    make epreuves ARGS=pannes        # refait ce tableau ; échoue si une règle n’est pas tenue

Dernière mesure : {le}, {machine}. Les secondes changent d’une machine à l’autre ;
les limites, non (`BASE_CONNEXION`, `BASE_REQUETE`, `BASE_VERROU`, dans `.env.example`).
"""


def document(done, seen, skipped, faults):
    machine = f"{os.cpu_count()} cœurs partagés, Python {platform.python_version()}"
    lines = [ENTETE.format(le=f"{datetime.now().astimezone():%d/%m/%Y}", machine=machine)]
    for base in dict.fromkeys(epreuve.base.nom for epreuve in done):
        mine = [epreuve for epreuve in done if epreuve.base.nom == base]
        people = list(mine[0].gens)
        lines += [
            f"## {base}",
            "",
            "| | " + " | ".join(epreuve.nom for epreuve in mine) + " |",
            "|---|" + "---|" * len(mine),
        ]
        for who in people:
            lines.append(f"| {who} | " + " | ".join(e.gens[who].en_mots for e in mine) + " |")
        lines += [
            "| /sante/ dit | " + " | ".join(_health(e) for e in mine) + " |",
            "| retour à l’ordinaire | "
            + " | ".join(f"{e.retour:.1f} s".replace(".", ",") for e in mine)
            + " |",
            "| la saisie est enregistrée à la fin | "
            + " | ".join("oui" if e.enregistre else "**non**" for e in mine)
            + " |",
            "",
        ]
    lines += coupures.table(seen)
    lines += [f"Non éprouvé : {reason}" for reason in skipped]
    lines += ["**Fautes :**", *(f"- {fault}" for fault in faults), ""] if faults else []
    return "\n".join(lines).rstrip() + "\n"


def _health(epreuve):
    try:
        told = json.loads(epreuve.gens["/sante/"].texte)
    except ValueError:
        return "rien"
    return f"« {told['etat']} »"
