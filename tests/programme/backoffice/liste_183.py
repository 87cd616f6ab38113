"""The list of 183, imported by an administrator into a base that holds phase 1 only."""

import csv
import html
import io
import re
from dataclasses import dataclass
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from territoires.carte import avec_membres, est_membre
from territoires.liste_membres import COLUMNS
from territoires.models import (
    AutreNom,
    Intercommunalite,
    Liste,
    Rattachement,
    Territoire,
)
from territoires.signaux import donnees_chargees

OUVERTURE, SUIVANTE = date(2023, 11, 9), date(2024, 7, 4)
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
    Territoire.objects.filter(phase=2).delete()
    Liste.objects.filter(phase=2).delete()
    for model in (Rattachement, Territoire, AutreNom):
        gone = model.history.exclude(
            **{f"{model._meta.pk.attname}__in": model.objects.values("pk")}
        )
        gone.delete()
    donnees_chargees.send(sender=None)


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
        return re.findall(r"<li>(.*?)</li>", self.texte.partition("</ol>")[0].rpartition("<ol")[2])


def apercu(response):
    body = b"".join(response) if response.streaming else response.content
    texte = body.decode()
    form = texte.rpartition('<form method="post"')[2]
    fields = (dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", form))
    sent = {f["name"]: html.unescape(f.get("value", "")) for f in fields if "name" in f}
    return Apercu(texte, sent)


def address(seance):
    return reverse("admin:programme_seance_acte", args=[seance.pk, "liste"])


def send(client, seance, content, day, certitude="exacte", **more):
    """The `Apercu` of the list."""
    data = {
        "le": f"{day:%Y-%m-%d}",
        "source": SOURCES[day],
        "certitude": certitude,
        "fichier": SimpleUploadedFile("liste.csv", content, "text/csv"),
        **more,
    }
    return apercu(client.post(address(seance), data))


def confirm(client, seance, shown, **more):
    """Send the form of an `Apercu`."""
    return client.post(address(seance), {**shown.champs, **more})


def addresses():
    """What is compared: map, lists and communes, at several days."""
    days = ("2021-11-22", "2023-11-08", "2023-11-09", "2024-07-03", "2024-07-04")
    found = [f"/carte/?date={day}&format=json" for day in days]
    found += [f"/territoires/?date={day}&format=json" for day in days]
    found += ["/territoires/?phase=2&format=json", "/territoires/?format=json"]
    found += ["/carte/differences/?de=2023-11-08&a=2023-11-09", "/journal/flux.atom"]
    communes = ("14118", "76540", "29019", "61001", "27229", "23067")
    found += [f"/communes/{code}/?format=json" for code in communes]
    found += [f"/communes/{code}/?format=json&date=2023-11-09" for code in communes]
    sirens = Intercommunalite.objects.order_by("pk").values_list("pk", flat=True)[:200:40]
    return [*found, *(f"/intercommunalites/{siren}/" for siren in sirens)]
