"""Measure the import of a file of projects: new rows, then the same ones changed, untouched.

    python -m tests.postgresql -- python -m bench.imports --lignes 10000

does on the database of `DATABASE_URL` (an empty PostgreSQL), then on an SQLite file, what an agent
does in the back-office: deposits a CSV, reads the preview, confirms. JSON on standard output, for
each step: seconds, processor seconds, and how much memory it took. `rapport` is the time that
writing the same rows and their history takes without reading, checking or comparing anything,
over that of the step.
"""

import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time

from bench.exports import peak_memory, setup

LIGNES = 10_000
LIST = "/admin/programme/projet/"


def measure(lines):
    """The steps of the database that Django is set up on."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from programme.models import Projet
    from territoires.models import Agent, Role

    settings.SECOND_FACTEUR_OBLIGATOIRE = False
    call_command("migrate", verbosity=0)
    call_command("charger_donnees", verbosity=0)
    client = Client(SERVER_NAME="localhost")
    client.force_login(Agent.objects.create_user("mesure@agents.example", role=Role.NATIONAL))

    header, rows = read(client)
    place = {name: header.index(name) for name in header}
    own = [place[name] for name in ("identifiant", "version", "slug", "statut", "publication")]
    made = []
    for rank in range(lines):
        row = list(rows[rank % len(rows)])
        row[place["code"]] = f"mesure-{rank}"
        for column in own:
            row[column] = ""
        made.append(row)
    steps, floor = {}, write_alone(lines)
    steps["ajouter"] = follow(client, header, made, floor)

    _, rows = read(client)
    changed = [row for row in rows if row[place["code"]].startswith("mesure-")]
    for row in changed:
        row[place["emplois_crees"]] = str(int(row[place["emplois_crees"]] or 0) + 1)
    steps["modifier"] = follow(client, header, changed, floor)
    steps["rien"] = follow(client, *read(client), floor)
    return steps | {"projets": Projet.objects.count(), "ecrire_seul_s": round(floor, 2)}


def read(client):
    """The header and the rows of the list's own export."""
    response = client.get(f"{LIST}exporter/csv/")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return header, rows


def write_alone(lines):
    """Seconds to write `lines` projects and their history in bulk, taken back afterwards."""
    from django.db import transaction
    from simple_history.utils import bulk_create_with_history

    from programme.models import Projet

    rows = [
        Projet(code=f"seul-{rank}", slug=f"seul-{rank}", beneficiaire="Forges")
        for rank in range(lines)
    ]
    started = time.perf_counter()
    with transaction.atomic():
        bulk_create_with_history(rows, Projet, batch_size=500)
        transaction.set_rollback(True)
    return time.perf_counter() - started


def follow(client, header, rows, floor):
    """Deposit a file and confirm what it changes, if anything."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from programme.models import Import

    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    upload = SimpleUploadedFile("mesure.csv", text.getvalue().encode())

    def deposit():
        return client.post(f"{LIST}importer/", {"fichier": upload})

    def confirm():
        return client.post(f"{LIST}importer/{depot.pk}/", {"action": "appliquer"})

    steps = {"lire": timed(deposit)}
    depot = Import.objects.defer("contenu").latest("pk")
    if depot.nb_nouveaux or depot.nb_modifies:
        steps["appliquer"] = timed(confirm)
        steps["appliquer"]["rapport"] = round(floor / steps["appliquer"]["secondes"], 3)
        depot.refresh_from_db(fields=["etat"])
    told = {"octets": upload.size, "lignes": len(rows), "etat": str(depot.etat)}
    return told | {"nouveaux": depot.nb_nouveaux, "modifies": depot.nb_modifies, **steps}


def timed(act):
    memory, cpu, started = peak_memory(), time.process_time(), time.perf_counter()
    response = act()
    for _ in response.streaming_content if response.streaming else ():
        pass
    return {
        "secondes": round(time.perf_counter() - started, 2),
        "processeur_s": round(time.process_time() - cpu, 2),
        "memoire_mo": round(peak_memory() - memory, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lignes", type=int, default=LIGNES, help=f"{LIGNES} au plus")
    parser.add_argument("--ici", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    lines, url = min(options.lignes, LIGNES), os.environ.get("DATABASE_URL", "")
    if options.ici:
        setup(url)
        print(json.dumps(measure(lines), ensure_ascii=False))
        return
    if not url.startswith("postgres"):
        sys.exit("RIEN N’EST MESURÉ : il faut python -m tests.postgresql -- devant.")
    with tempfile.TemporaryDirectory() as directory:
        sqlite = f"sqlite:///{directory}/mesures.sqlite3"
        found = {"postgresql": child(url, lines), "sqlite": child(sqlite, lines)}
    print(json.dumps(found, ensure_ascii=False, indent=1))


def child(url, lines):
    done = subprocess.run(
        [sys.executable, "-m", "bench.imports", "--ici", "--lignes", str(lines)],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
