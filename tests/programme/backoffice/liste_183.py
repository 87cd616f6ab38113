"""The lists of phase 2, imported by an administrator into a base that holds phase 1 only."""

import csv
import html
import io
import re
from dataclasses import dataclass
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from programme.models import Decision
from territoires.carte import avec_membres, est_membre
from territoires.liste_membres import COLUMNS
from territoires.models import (
    AutreNom,
    Commune,
    Intercommunalite,
    Lignee,
    Liste,
    Phase,
    Rattachement,
    Territoire,
)
from territoires.signaux import donnees_chargees
from tests import factories as f
from tests.public import MOUVANT, gaps

OUVERTURE, SUIVANTE = date(2023, 11, 9), date(2024, 7, 4)
PHASE_2 = {"phase": "2", "nom_phase": "Phase 2 (2023-2027)"}
PLACES = ("regions", "departements")
COMMUNES = ("14118", "76540", "29019", "61001", "27229", "23067")
SOURCES = {OUVERTURE: "anct-liste-183-2023", SUIVANTE: "anct-liste-183-2024"}


def as_list(day):
    """The complete list of `day`, as ANCT lays it out, from the territories of the base."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for territoire in avec_membres(Territoire.objects.filter(phase=2)):
        earlier = [a for a in territoire.autres_noms.all() if a.fin and a.fin > day]
        name = min(earlier, key=lambda a: a.fin).nom if earlier else territoire.nom
        for row in territoire.rattachements.all():
            if est_membre(row, day):
                writer.writerow(
                    {
                        "id_ti": territoire.code_anct,
                        "lib_ti": name,
                        "insee_reg": territoire.region_porteuse_id,
                        "siren_groupement": row.intercommunalite_id or "",
                        "lib_groupement": row.membre.nom,
                        "type": row.nature,
                        "insee_com": row.commune_id or "",
                    }
                )
    return out.getvalue().encode()


def without_phase_2():
    """Take phase 2 out of the base, with its lists: what it was before that of 2023."""
    rows = Rattachement.objects.filter(phase=2)
    rows._raw_delete(rows.db)
    AutreNom.objects.filter(territoire__phase=2).delete()
    Territoire.objects.filter(phase=2).update(successeur=None)
    Territoire.objects.filter(phase=2).delete()
    Liste.objects.filter(phase=2).delete()
    for model in (Rattachement, Territoire, AutreNom):
        gone = model.history.exclude(
            **{f"{model._meta.pk.attname}__in": model.objects.values("pk")}
        )
        gone.delete()
    Phase.objects.filter(pk=2).delete()
    Phase.objects.filter(pk=1).update(fin=None, fin_certitude="")
    donnees_chargees.send(sender=None)


def stored():
    """{table: its rows} of all that makes the map, but for what counts and numbers them."""
    territoires = Territoire._meta
    models = [Phase, Liste, Territoire, Rattachement, AutreNom, Lignee]
    models += [territoires.get_field(name).remote_field.through for name in PLACES]
    found = {}
    for model in models:
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if field.attname not in {"id", "version"}
        ]
        rows = model._base_manager.order_by(*names).values(*names)
        found[model._meta.label] = [str(row) for row in rows]
    return found


@dataclass(frozen=True)
class Apercu:
    """The preview as a browser has it: its text, and what its form would send."""

    texte: str
    champs: dict

    @property
    def choix(self):
        """The fields that correct the lines of the table."""
        return {n: v for n, v in self.champs.items() if n.startswith("correspondance-")}

    @property
    def etapes(self):
        steps = self.texte.partition("import-etapes")[2].partition("</ol>")[0]
        return re.findall(r"<li>(.*?)</li>", steps)


def apercu(response):
    body = b"".join(response) if response.streaming else response.content
    texte = body.decode()
    form = texte.rpartition('<form method="post"')[2]
    fields = (
        dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", form)
    )
    typed = (f for f in fields if "name" in f and f.get("type") != "submit")
    sent = {f["name"]: html.unescape(f.get("value", "")) for f in typed}
    return Apercu(texte, sent)


def address(seance):
    return reverse("admin:programme_seance_acte", args=[seance.pk, "liste"])


def send(client, seance, content, day, certitude="exacte", **more):
    """The `Apercu` of the list."""
    data = {
        "le": f"{day:%Y-%m-%d}",
        "source": SOURCES.get(day, "anct-liste-suivante"),
        "certitude": certitude,
        "fichier": SimpleUploadedFile("liste.csv", content, "text/csv"),
        **more,
    }
    return apercu(client.post(address(seance), data))


def confirm(client, seance, shown, **more):
    """Send the form of an `Apercu`."""
    return client.post(address(seance), {**shown.champs, **more})


def addresses():
    """What is compared: map, lists, lignées and communes, at several days."""
    days = ("2021-11-22", "2023-11-08", "2023-11-09", "2024-07-03", "2024-07-04")
    found = [f"/carte/?date={day}&format=json" for day in days]
    found += [f"/territoires/?date={day}&format=json" for day in days]
    found += ["/territoires/?phase=2&format=json", "/territoires/?format=json"]
    found += ["/carte/differences/?de=2023-11-08&a=2023-11-09", "/carte/lignees/?format=csv"]
    communes = Commune.objects.order_by("pk").values_list("pk", flat=True)
    known = communes.filter(pk__in=COMMUNES) or communes[:2]
    found += [f"/communes/{code}/?format=json" for code in known]
    found += [f"/communes/{code}/?format=json&date=2023-11-09" for code in known]
    sirens = list(Intercommunalite.objects.order_by("pk").values_list("pk", flat=True)[:200])
    return [*found, *(f"/intercommunalites/{siren}/" for siren in sirens[::40])]


def answers(*more):
    """{address: what anybody is answered there}."""
    found = {}
    for place in (*addresses(), *more):
        response = Client().get(place)
        body = b"".join(response) if response.streaming else response.content
        found[place] = (response.status_code, MOUVANT.sub(b"", body))
    return found


# --- The proof --------------------------------------------------------------------------------


def seance_of(day):
    national = f.ComiteNationalFactory()
    return f.SeanceFactory(comite_regional=None, comite_national=national, date=day)


def importer(client, seance, content, day, etapes=5, **more):
    shown = send(client, seance, content, day, **more)
    assert "empreinte" in shown.champs, shown.texte
    assert len(shown.etapes) == etapes
    assert confirm(client, seance, shown).status_code == 302


def corriger(client):
    trace = Decision.objects.filter(ajustement__isnull=False).latest("pk").trace
    address = f"/admin/territoires/modification/{trace.pk}/corriger/"
    assert client.post(address, {"motif": "Une erreur."}).status_code == 302


def same(one, other):
    found = gaps(one, other)
    assert not found, found


def same_rows(before):
    after = stored()
    found = {table: set(rows) ^ set(after[table]) for table, rows in before.items()}
    assert after == before, {table: rows for table, rows in found.items() if rows}


def prouver(client):
    """Take phase 2 out of the base, import its lists, compare; correct them away, compare."""
    client.force_login(f.NationalFactory())
    seances = {day: seance_of(day) for day in (OUVERTURE, SUIVANTE)}
    lists = {day: as_list(day) for day in seances}
    rows, told = stored(), answers()
    without_phase_2()
    without, before = stored(), answers("/journal/flux.atom")
    assert gaps(told, before) != {}

    importer(client, seances[OUVERTURE], lists[OUVERTURE], OUVERTURE, **PHASE_2)
    between = answers("/journal/flux.atom")
    importer(client, seances[SUIVANTE], lists[SUIVANTE], SUIVANTE, certitude="au plus tard")
    same_rows(rows)
    same(told, answers())

    corriger(client)
    same(between, answers("/journal/flux.atom"))
    corriger(client)
    assert not Territoire.objects.filter(phase=2).exists()
    same_rows(without)
    same(before, answers("/journal/flux.atom"))
