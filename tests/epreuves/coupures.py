"""Processes killed at work, small disks full, the clock elsewhere: what is lost, and who sees what.

Each drill runs on the real site and its real data. It answers in a sentence what was seen, or
raises `Faute`: a confirmed write that is lost, a half of one, a page that no longer answers.
"""

import contextlib
import os
import secrets
import signal
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from tests.epreuves.site import (
    AGENTE,
    TROP_LONG,
    Agente,
    Telechargement,
    Visiteur,
    environment,
    fields,
    filled,
    free_port,
    manage,
    served,
    small_disk,
    started,
    together,
)

PAGES = ["/", "/carte/", "/territoires/", "/territoires/lacq-pau-tarbes/", "/projets/", "/journal/"]
GROS = "/communes/?format=csv"  # more than what sockets hold
PUBLIEE = "b549d48e06e9"
"""The last commit of the last release, 1.0.0."""

LIGNES = 1_500
RETARD = 0.05  # seconds added to each answer of a slow database


class Faute(Exception):
    """What should not have been seen."""


def exige(condition, sentence):
    if not condition:
        raise Faute(sentence)


class Banc:
    """One database filled with the real data, on which things are broken one after the other."""

    def __init__(self, base, passwords, contrat, folder):
        self.base, self.passwords, self.folder = base, passwords, folder
        self.page = f"/admin/programme/contrat/{contrat}/change/"
        self.log = folder / "coupures.log"

    def started(self, port=None, **more):
        return started(self.base.url, self.log, port or free_port(), **more)

    def served(self, **more):
        return served(self.base.url, self.log, **more)

    def agente(self, site):
        """The officer, signed in."""
        agente = Agente(site)
        exige(agente.sign_in(AGENTE, self.passwords[AGENTE]).code == 302, "connexion refusée")
        return agente

    def told(self, expression):
        """What a Python expression over the models is, as the database holds it."""
        return manage(
            self.base.url, "shell", "--no-imports", "-c",
            "from programme.models import *\nfrom territoires.models import *\n"
            f"print('DIT', {expression})",
        ).split("DIT ")[1].strip()  # fmt: skip

    def source(self):
        key = self.page.split("/")[-3]
        return self.told(f"Contrat.objects.get(pk={key}).source")

    def form(self, agente):
        """A form about to be sent, and the word typed in it."""
        word = f"mot{secrets.token_hex(8)}"
        return agente.opens(self.page) | {"source": word, "_save": "Enregistrer"}, word


def worker(server):
    """The process that answers, of gunicorn's master."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    for _ in range(200):
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.05)
    raise Faute("gunicorn n’a plus de processus qui réponde")


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def back(site):
    """Seconds until a page that is not kept is there."""
    begun = time.monotonic()
    while time.monotonic() - begun < TROP_LONG:
        if Visiteur(site).voit(f"/projets/?q={secrets.token_hex(3)}").code == 200:
            return f"{time.monotonic() - begun:.1f} s".replace(".", ",")
        time.sleep(0.1)
    raise Faute("le site ne revient pas")


def all_answer(site, sentence="une page ne répond pas"):
    for path in PAGES:
        seen = Visiteur(site).voit(path)
        exige(seen.code == 200, f"{sentence} : {path}, {seen.en_mots}")


# --- Killed in the middle -------------------------------------------------------------------------


def enregistrement(banc):
    """The worker dies while a save waits for its turn to write."""
    with banc.started() as (site, server):
        agente = banc.agente(site)
        form, word = banc.form(agente)
        before, acts = banc.source(), banc.told("Modification.objects.count()")
        seen = []
        with banc.base.writes_held():
            sent = threading.Thread(target=lambda: seen.append(agente.envoie(banc.page, form)))
            sent.start()
            time.sleep(1.5)
            exige(not seen, "l’enregistrement n’a pas attendu")
            kill(worker(server))
            sent.join()
        exige(seen[0].code == 0, f"une réponse est venue : {seen[0].code}")
        waited = back(site)
        after = banc.source(), banc.told("Modification.objects.count()")
        exige(after == (before, acts), "une moitié d’enregistrement est restée")
        exige(agente.envoie(banc.page, form).code == 302, "la page renvoyée est refusée")
        after = banc.source(), banc.told("Modification.objects.count()")
        exige(
            after == (word, str(int(acts) + 1)), "la page renvoyée n’est pas enregistrée une fois"
        )
    return (
        f"rien d’écrit ; page rendue après {waited} ; renvoyée telle quelle, enregistrée une fois"
    )


def application(banc):
    """The worker dies while it writes the rows of a file."""
    code = banc.told(
        "Territoire.objects.filter(region_porteuse__code='28').values_list('code', flat=True)[0]"
    )
    mark = f"Coupure {secrets.token_hex(4)}"
    rows = (
        f"{mark[-8:]}-{rank};{mark} {rank};{code};{'Un atelier agrandi. ' * 5}"
        for rank in range(LIGNES)
    )
    content = "\n".join(["code;beneficiaire;territoire;objet", *rows]).encode()
    count = f"Projet.objects.filter(beneficiaire__startswith={mark!r}).count()"
    list_page = "/admin/programme/projet/importer/"
    with banc.started() as (site, server):
        agente = banc.agente(site)
        token = fields(agente.voit(list_page).texte, "multipart/form-data")["csrfmiddlewaretoken"]
        read = agente.envoie(
            list_page, {"csrfmiddlewaretoken": token}, files={"fichier": ("coupure.csv", content)}
        )
        exige(
            read.code == 200, f"le fichier est refusé : {read.code} {read.entetes.get('Location')}"
        )
        depot = banc.told("Import.objects.latest('pk').pk")
        page = f"{list_page}{depot}/"
        apply = {"csrfmiddlewaretoken": token, "action": "appliquer"}
        with agente.session.post(
            site + page, apply, headers={"Referer": site + page}, stream=True, timeout=TROP_LONG
        ) as answer:
            lines = answer.iter_lines(decode_unicode=True)
            step = next((line for line in lines if "Lignes ajoutées" in line), "")
            kill(worker(server))
            with contextlib.suppress(requests.RequestException):
                exige("Voir le résultat" not in "".join(lines), "l’import était déjà fini")
        exige(step, "l’application n’a pas commencé")
        waited = back(site)
        exige(banc.told(count) == "0", "une partie du fichier est restée")
        exige(agente.envoie(page, apply).code == 200, "l’import ne s’applique plus")
        exige(banc.told(count) == str(LIGNES), "l’import repris n’est pas entier")
    return f"{LIGNES} lignes : aucune écrite ; page rendue après {waited} ; repris, toutes une fois"


def envoi(banc):
    """The worker dies while a file is being sent."""
    with banc.started() as (site, server):
        file = Telechargement(site, GROS)
        kill(worker(server))
        file.go_on()
        seen = file.ended()
        exige(not file.is_false, "un fichier coupé passe pour entier")
        exige(seen.dit.startswith("coupé"), "le fichier était déjà parti")
        waited = back(site)
    return f"coupé, et le navigateur le dit ; page rendue après {waited}"


def chargement(banc):
    """The load of the data dies, on an empty base; it is then asked again."""
    with banc.base.empty() as url:
        manage(url, "migrate", "--verbosity", "0")
        load = subprocess.Popen(
            [sys.executable, "manage.py", "charger_donnees"],
            env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(5)
        exige(load.poll() is None, "le chargement était déjà fini")
        load.kill()
        load.wait()
        manage(url, "charger_donnees")
        exige("Aucun changement" in manage(url, "charger_donnees"), "le chargement repris diffère")
    return "tué après 5 s, refait : entier ; une fois de plus : aucun changement"


def courriel(banc):
    """What sends the mails dies while the server of mails reads one."""
    word = secrets.token_hex(8)
    banc.told(
        "__import__('django.core.mail').core.mail.send_mail("
        f"{word!r}, 'Un mot.', None, ['lea@exemple.fr'])"
    )
    with ServeurDeCourriel(word) as smtp:
        url = f"smtp://127.0.0.1:{smtp.port}"
        clock = subprocess.Popen(
            [sys.executable, "manage.py", "minuteur"],
            env=environment(banc.base.url, EMAIL_URL=url), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        exige(smtp.begun.wait(3 * TROP_LONG), "le courriel n’est pas parti")
        clock.kill()
        clock.wait()
        # The portal tries again some minutes later.
        for shift in ("+1m", "+6m", "+40m"):
            manage(banc.base.url, "minuteur", EMAIL_URL=url, **ahead(shift))
            found = sum(word in mail for mail in smtp.received)
            exige(shift != "+1m" or not found, "remis avant l’attente promise")
    exige(found == 1, f"le courriel est parti {found} fois")
    return "remis à la tentative suivante, une fois"


class ServeurDeCourriel:
    """A server of mails that reads the first one with `word` and never says that it has it."""

    def __init__(self, word):
        self.word, self.received, self.begun = word, [], threading.Event()

    def __enter__(self):
        outer = self

        class Dialogue(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 epreuve\r\n")
                for line in self.rfile:
                    word = line[:4].upper()
                    if word == b"DATA":
                        self.wfile.write(b"354 oui\r\n")
                        mail = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                        if outer.word in mail and not outer.begun.is_set():
                            outer.begun.set()
                            self.rfile.read()  # until its author is gone
                            return
                        outer.received.append(mail)
                    self.wfile.write(b"221 fin\r\n" if word == b"QUIT" else b"250 oui\r\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dialogue)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def maitre(banc):
    """gunicorn's master dies just after a save was confirmed; the site is started again."""
    port = free_port()
    with banc.started(port) as (site, server):
        agente = banc.agente(site)
        form, word = banc.form(agente)
        exige(agente.envoie(banc.page, form).code == 302, "l’enregistrement est refusé")
        kill(server.pid)
        server.wait()
        begun = time.monotonic()
        while Visiteur(site).voit("/robots.txt").code:
            exige(time.monotonic() - begun < TROP_LONG, "des processus restent sans maître")
            time.sleep(0.1)
    with banc.started(port) as (site, _):
        exige(banc.source() == word, "un enregistrement confirmé est perdu")
        exige(agente.voit(banc.page).code == 200, "la connexion est perdue")
    return "l’enregistrement confirmé est là ; la session dure"


def rechargement(banc):
    """Three reloads while four visitors read and the officer saves."""
    stop, codes = threading.Event(), []

    def read(site):
        while not stop.is_set():
            codes.append(Visiteur(site).voit(PAGES[len(codes) % len(PAGES)]).code)

    with banc.started() as (site, server):
        agente = banc.agente(site)
        readers = [threading.Thread(target=read, args=[site]) for _ in range(4)]
        for reader in readers:
            reader.start()
        try:
            for _ in range(3):
                form, word = banc.form(agente)
                server.send_signal(signal.SIGHUP)
                exige(agente.envoie(banc.page, form).code == 302, "l’enregistrement est refusé")
                time.sleep(3)
                exige(banc.source() == word, "un enregistrement confirmé est perdu")
        finally:
            stop.set()
            for reader in readers:
                reader.join()
    lost = sum(code != 200 for code in codes)
    exige(not lost, f"{lost} visites sur {len(codes)} sans page")
    return f"{len(codes)} visites, toutes servies ; 3 enregistrements, tous gardés"


# --- Full, slow, gone -----------------------------------------------------------------------------


def documents_pleins(banc):
    """The disk of documents is full when a document is added."""
    sent, titre = _depot(banc, "MEDIA_ROOT", 4)
    exige(titre in sent.texte, "ce qui a été saisi n’est pas rendu")
    return "dit, la saisie rendue ; les pages servies ; de la place, enregistré"


def temporaire_plein(banc):
    """The disk of temporary files is full when a large document is sent: no form can be read."""
    sent, _ = _depot(banc, "TMPDIR", 8)
    told = "la saisie dans le navigateur ; les pages servies ; de la place, enregistré"
    return f"{sent.code} dit, {told}"


def _depot(banc, where, size):
    """Add a document of 3 MB with a full disk at `where`, then once it has room.

    Returns what was seen first, and the title that was typed.
    """
    page = f"{banc.page.replace('contrat', 'document').rsplit('/', 3)[0]}/add/"
    titre = f"Convention {secrets.token_hex(4)}"
    content = b"%PDF-1.4\n" + secrets.token_bytes(3_000_000) + b"\n%%EOF"
    contrat = banc.page.split("/")[-3]
    count = f"Document.objects.filter(titre={titre!r}).count()"
    with small_disk(size) as disk, banc.served(**{where: str(disk)}) as site:
        agente = banc.agente(site)
        form = fields(agente.voit(page).texte, 'id="document_form"')
        form |= {"titre": titre, "date": "2024-05-13", "contrat": contrat, "_save": "Enregistrer"}
        files = {"fichier": ("convention.pdf", content, "application/pdf")}
        with filled(disk):
            sent = agente.envoie(page, form, files=files)
            told = "rien n’a été enregistré" in sent.texte.lower()
            exige(told, f"disque plein, et rien ne le dit : {sent.code}")
            exige("Traceback" not in sent.texte, "une trace de programme est montrée")
            all_answer(site)
            exige(banc.told(count) == "0", "un document sans son fichier est resté")
        again = agente.envoie(page, form, files=files)
        exige(again.code == 302, f"de la place, et la réponse est {again.code}")
        exige(banc.told(count) == "1", "le document n’est pas enregistré")
    return sent, titre


def sans_cache(banc):
    """The shared cache dies, then comes back."""
    port = free_port()
    with banc.served(CACHE_URL=f"redis://127.0.0.1:{port}/0") as site:
        with redis(port):
            agente = banc.agente(site)
        all_answer(site)
        form, word = banc.form(agente)
        exige(agente.envoie(banc.page, form).code == 302, "l’enregistrement est refusé")
        exige(banc.source() == word, "l’enregistrement est perdu")
        refused = Agente(site).sign_in(AGENTE, banc.passwords[AGENTE]).code
        exige(refused == 503, f"connexion sans compteurs : {refused}")
        with redis(port):
            banc.agente(site)
    return "pages servies, enregistrement gardé ; se connecter : 503, puis revenu"


@contextlib.contextmanager
def redis(port):
    """Redis on that port. Raises `FileNotFoundError` where it is not installed."""
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
    )
    try:
        time.sleep(1)
        yield
    finally:
        server.kill()
        server.wait()


def base_lente(banc):
    """Each answer of the database comes late."""
    with banc.base.slow(RETARD) as url, served(url, banc.log) as site:
        slowest, seen = together(site, PAGES)
        exige({one.code for one in seen} <= {200, 503}, "une page n’est ni servie ni dite lente")
        first = slowest.secondes
        kept, _ = together(site, PAGES)
        agente = banc.agente(site)
        form, word = banc.form(agente)
        sent = agente.envoie(banc.page, form)
        exige(sent.code == 302, f"l’enregistrement est refusé : {sent.code}")
        exige(banc.source() == word, "l’enregistrement est perdu")
    told = f"{RETARD * 1000:.0f} ms de plus par requête : page neuve {first:.1f} s au plus, gardée "
    return f"{told}{kept.secondes:.1f} s ; enregistré en {sent.secondes:.1f} s".replace(".", ",")


# --- Elsewhere in time, twice at once -------------------------------------------------------------


def demain(banc):
    """The clock is one day ahead."""
    return _plus_tard(banc, "+1d")


def dans_dix_ans(banc):
    """The clock is ten years ahead."""
    return _plus_tard(banc, "+10y")


def ahead(shift):
    """The settings of a process whose clock is ahead; `FileNotFoundError` without faketime."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        raise FileNotFoundError("libfaketime")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": shift,
        "FAKETIME_DONT_RESET": "1",
        "NO_FAKE_STAT": "1",
    }


def _plus_tard(banc, shift):
    with banc.served(**ahead(shift)) as site:
        all_answer(site)
        agente = banc.agente(site)
        form, word = banc.form(agente)
        exige(agente.envoie(banc.page, form).code == 302, "l’enregistrement est refusé")
        exige(agente.voit("/admin/").code == 200, "le bureau ne s’ouvre pas")
    # Back to the present: what was written in the future is still there, and may be changed.
    exige(banc.source() == word, "l’enregistrement est perdu")
    with banc.served() as site:
        all_answer(site, "revenu au présent, une page ne répond pas")
        agente = banc.agente(site)
        form, word = banc.form(agente)
        exige(agente.envoie(banc.page, form).code == 302, "revenu au présent, rien ne s’enregistre")
    return "pages servies, enregistrement gardé ; revenu au présent, de même"


def deux_deploiements(banc):
    """Two migrations at once on an empty base, then two loads."""
    with banc.base.empty() as url:
        for command in (["migrate", "--verbosity", "0"], ["charger_donnees"]):
            both = [
                subprocess.Popen(
                    [sys.executable, "manage.py", *command], env=environment(url), text=True,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                )
                for _ in range(2)
            ]  # fmt: skip
            told = [one.communicate()[0] for one in both]
            exige(not any(one.returncode for one in both), f"{command[0]} a échoué : {told}")
            exige(
                sum("est déjà en cours" in text for text in told) == 1,
                f"{command[0]} n’a pas dit que l’autre attend",
            )
        exige("Aucun changement" in manage(url, "charger_donnees"), "le chargement diffère")
    return "le second attend et le dit ; tout est là, une fois"


def ancien_code(banc):
    """The code of the last release serves beside that of here, on the base that is migrated."""
    if banc.base.nom == "SQLite":
        raise NotImplementedError("whoever serves from a file has one machine")
    folder = banc.folder / "publiee"
    folder.mkdir()
    archive = subprocess.run(["git", "archive", PUBLIEE], capture_output=True, check=False)
    if archive.returncode:
        raise FileNotFoundError(f"l’historique jusqu’à {PUBLIEE}")
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    make = ["make", "-C", folder, f"PYTHON={sys.executable}", ".cache/statiques"]
    subprocess.run(make, env=environment(banc.base.url), capture_output=True, check=True)
    old = {"folder": folder, "python": folder / ".venv/bin/python"}
    with banc.started() as (new_site, _), banc.started(**old) as (old_site, _):
        for site in (old_site, new_site, old_site):
            all_answer(site)
            agente = banc.agente(site)
            form, word = banc.form(agente)
            exige(agente.envoie(banc.page, form).code == 302, "l’enregistrement est refusé")
            exige(banc.source() == word, "l’enregistrement est perdu")
    return "l’un et l’autre servent les pages et enregistrent, tour à tour"


EPREUVES = {
    "processus tué en plein enregistrement": enregistrement,
    "processus tué en pleine application d’un import": application,
    "processus tué en plein envoi d’un fichier": envoi,
    "chargement des données tué": chargement,
    "minuteur tué en plein courriel": courriel,
    "gunicorn tué (son maître)": maitre,
    "gunicorn rechargé trois fois": rechargement,
    "disque des documents plein": documents_pleins,
    "disque temporaire plein": temporaire_plein,
    "cache partagé tué": sans_cache,
    "base lente": base_lente,
    "horloge avancée d’un jour": demain,
    "horloge avancée de dix ans": dans_dix_ans,
    "deux déploiements à la fois": deux_deploiements,
    "code de 1.0 à côté de celui-ci": ancien_code,
}


def run(banc, nom, drill):
    """What is said in the table, and the fault if there is one."""
    try:
        return drill(banc), None
    except Faute as fault:
        return f"**{fault}**", f"{banc.base.nom} {nom} : {fault}"
    except (FileNotFoundError, PermissionError) as missing:
        return f"non éprouvé ici ({missing})", None
    except NotImplementedError:
        return "—", None


def measured(base, passwords, contrat, folder, seulement):
    """{name: what was seen}, and the faults, of one database."""
    banc, seen, faults = Banc(base, passwords, contrat, folder), {}, []
    for nom, drill in EPREUVES.items():
        if seulement not in f"{base.nom} {nom}":
            continue
        print(f"{base.nom} {nom}…", file=sys.stderr, flush=True)
        seen[nom], fault = run(banc, nom, drill)
        print(f"  {seen[nom]}", file=sys.stderr, flush=True)
        faults += [fault] if fault else []
    return seen, faults


def table(seen):
    """The lines of the document. seen: {database: {name: what was seen}}."""
    named = dict.fromkeys(nom for one in seen.values() for nom in one)
    return [
        "## Tué, plein, lent, ailleurs dans le temps",
        "",
        "| | " + " | ".join(seen) + " |",
        "|---|" + "---|" * len(seen),
        *(
            f"| {nom} | " + " | ".join(one.get(nom, "") for one in seen.values()) + " |"
            for nom in named
        ),
        "",
    ]
