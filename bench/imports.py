"""The import of a file of projects: new rows, then the same ones changed, then untouched.

What an agent does in the back-office, on an empty base: deposits a CSV, reads the preview,
confirms. For each step: seconds, processor seconds, and how much memory it took. `rapport` is the
time that writing the same rows and their history takes without reading, checking or comparing
anything, over that of the step; `collegue_s`, the longest that a colleague waited meanwhile:
another process that saves a record which is not in the file, again and again.
"""

import csv
import io
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from select import select

from bench.outils import child, peak_memory

LIGNES = 10_000
LIST = "/admin/programme/projet/"
PROPRES = ("identifiant", "version", "slug", "statut", "publication", "code_postal", "siren")
"""What a drawn row does not copy: what the portal gives, and what sources disagree on, which a file
is refused for."""
PAUSE = 0.05
"""Seconds between two saves of the colleague."""


def steps(lines):
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
    own = [place[name] for name in (*PROPRES, "longitude", "latitude")]
    made = []
    for rank in range(lines):
        row = list(rows[rank % len(rows)])
        row[place["code"]] = f"mesure-{rank}"
        for column in own:
            row[column] = ""
        made.append(row)
    found, floor = {}, write_alone(lines)
    found["ajouter"] = follow(client, header, made, floor)

    _, rows = read(client)
    changed = [row for row in rows if row[place["code"]].startswith("mesure-")]
    for row in changed:
        row[place["emplois_crees"]] = str(int(row[place["emplois_crees"]] or 0) + 1)
    found["modifier"] = follow(client, header, changed, floor)
    found["rien"] = follow(client, *read(client), floor)
    return found | {"projets": Projet.objects.count(), "ecrire_seul_s": round(floor, 2)}


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

    with colleague() as waited:
        steps = {"lire": timed(deposit)}
    steps["lire"] |= waited
    depot = Import.objects.defer("contenu").latest("pk")
    if depot.nb_nouveaux or depot.nb_modifies:
        with colleague() as waited:
            steps["appliquer"] = timed(confirm)
        steps["appliquer"] |= waited
        steps["appliquer"]["rapport"] = round(floor / steps["appliquer"]["secondes"], 3)
        depot.refresh_from_db(fields=["etat"])
    told = {"octets": upload.size, "lignes": len(rows), "etat": str(depot.etat)}
    return told | {"nouveaux": depot.nb_nouveaux, "modifies": depot.nb_modifies, **steps}


@contextmanager
def colleague():
    """Another process that saves a record meanwhile; yields what is told of its waits, after."""
    other = subprocess.Popen(
        [sys.executable, "-m", "bench.imports", "--collegue"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    other.stdout.readline()  # it has saved once: what it loads is not what is measured
    told = {}
    try:
        yield told
    finally:
        told["collegue_s"] = float(other.communicate()[0])


def save_again_and_again():
    """Until standard input is closed; prints the longest save, in seconds."""
    from programme.models import Contrat

    contrat = Contrat.objects.published().order_by("pk").first()
    intitule, waits = contrat.intitule, []
    while not waits or not select([sys.stdin], [], [], PAUSE)[0]:
        contrat.intitule = f"{intitule} {len(waits) % 2}"
        started = time.perf_counter()
        contrat.save()
        if not waits:
            print("prêt", flush=True)
        waits.append(time.perf_counter() - started)
    contrat.intitule = intitule
    contrat.save()
    print(round(max(waits[1:], default=0), 2))


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


def measure(bases, lines):
    """{database: its steps}, of a file of so many rows, `LIGNES` at most."""
    return {base: child("imports", bases.empty(base), min(lines, LIGNES)) for base in bases.noms}


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "programme.settings")
    django.setup()
    if sys.argv[1:] == ["--collegue"]:
        save_again_and_again()
    else:
        print(json.dumps(steps(int(sys.argv[1])), ensure_ascii=False))
