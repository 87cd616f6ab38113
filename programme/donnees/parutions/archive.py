"""The archive of a parution: its tables, what changed, their manifest, dictionary and licence, and
the scripts that check and apply them. The same files make the same archive, byte for byte.
"""

import csv
import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from programme.donnees.descriptions import data_package
from programme.donnees.exports import LICENCE, LICENCE_URL
from programme.donnees.jeux import JEUX
from programme.donnees.parutions.mots import changements
from programme.donnees.parutions.reserve import brouillon, deposer, ouvrir
from programme.models import DonneesVersion, FichierParution
from territoires.dates import iso

DONNEES, DELTAS, ARCHIVE = FichierParution.Genre.values
SCRIPTS = Path(__file__).parent / "scripts"
DATE = (1980, 1, 1, 0, 0, 0)
"""Of every member: when it was written says nothing of what it holds."""
FORMAT = "csv"
"""The form of the tables inside."""


def absolute(path):
    return f"{settings.SITE['url']}{path}"


def manifeste(parution, fichiers, *, textes=None):
    """What a parution holds, as `json.dumps` writes it.

    textes: `{name: bytes}` of what the archive holds besides.
    """
    precedente = parution.precedente
    return {
        "parution": parution.numero,
        "faite_le": iso(parution.faite_le),
        "version": parution.version,
        "etat": parution.etat,
        "adresse": absolute(parution.get_absolute_url()),
        "licence": {"nom": LICENCE, "adresse": LICENCE_URL},
        "comparee_a": precedente and precedente.numero,
        "note": parution.note,
        "changements": changements(parution, fichiers),
        "fichiers": [decrit(fichier) for fichier in fichiers]
        + [
            {"nom": nom, "octets": len(texte), "sha256": hashlib.sha256(texte).hexdigest()}
            for nom, texte in sorted((textes or {}).items())
        ],
    }


def decrit(fichier):
    """One file, as the manifest tells it."""
    told = {
        "nom": fichier.nom,
        "genre": fichier.genre,
        "jeu": fichier.jeu,
        "format": fichier.format,
        "octets": fichier.octets,
        "sha256": fichier.sha256,
        "lignes": fichier.lignes,
        "adresse": absolute(fichier.adresse),
    }
    if fichier.genre == DELTAS:
        told |= {name: getattr(fichier, name) for name in ("ajoutees", "changees", "retirees")}
    if fichier.pk and (anciennes := list(fichier.anciennes.all())):
        told["empreintes_anciennes"] = [
            {
                "sha256": each.sha256,
                "octets": each.octets,
                "remplacee_le": iso(each.remplacee_le),
                "motif": each.motif,
            }
            for each in anciennes
        ]
    return {name: value for name, value in told.items() if value not in (None, "")}


def faire(parution, fichiers):
    """The archive of `fichiers`, kept; an unsaved `FichierParution`."""
    inside = [f for f in fichiers if f.format == FORMAT and f.genre != ARCHIVE]
    for fichier in inside:
        fichier.parution = parution
    texts = _texts(parution, inside)
    texts["manifeste.json"] = _json(manifeste(parution, inside, textes=texts))
    with brouillon() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in sorted(texts.items()):
                archive.writestr(_member(name), text)
            for fichier in sorted(inside, key=lambda one: one.nom):
                with (
                    ouvrir(fichier.sha256) as source,
                    archive.open(_member(fichier.nom, fichier.octets), "w") as member,
                ):
                    shutil.copyfileobj(source, member)
        sha256, octets = deposer(file)
    return FichierParution(genre=ARCHIVE, format="zip", sha256=sha256, octets=octets)


def _member(name, size=0):
    member = zipfile.ZipInfo(name, DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3
    member.external_attr = 0o100644 << 16
    member.file_size = size
    return member


def _texts(parution, fichiers):
    context = {"parution": parution, "licence": LICENCE, "licence_url": LICENCE_URL}
    context |= {"changements": changements(parution, fichiers), "adresse": absolute("")}
    context["SITE"] = settings.SITE
    return {
        "LISEZMOI.txt": render_to_string("programme/donnees/parution.txt", context).encode(),
        "LICENCE.txt": f"{LICENCE}\n{LICENCE_URL}\n".encode(),
        "datapackage.json": _json(paquet(parution, fichiers)),
        "dictionnaire.csv": _dictionnaire(),
        **{file.name: file.read_bytes() for file in sorted(SCRIPTS.glob("*.py"))},
    }


def paquet(parution, fichiers):
    """The Data Package of the tables, beside them."""
    package = data_package(absolute, DonneesVersion(numero=parution.version))
    package["version"] = f"parution {parution.numero}"
    package["created"] = iso(parution.faite_le)
    whole = {f.jeu: f for f in fichiers if f.genre == DONNEES and f.format == FORMAT}
    package["resources"] = [
        resource
        | {
            "path": whole[resource["name"]].nom,
            "bytes": whole[resource["name"]].octets,
            "hash": f"sha256:{whole[resource['name']].sha256}",
        }
        for resource in package["resources"]
        if resource["name"] in whole
    ]
    return package


def _dictionnaire():
    """Every column of every dataset, as a table."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["jeu", "colonne", "titre", "description", "type", "unite", "valeurs"])
    for jeu in JEUX.values():
        for col in jeu.colonnes:
            words = col.titre, col.description, col.type.titre, col.unite, "|".join(col.valeurs)
            rows.writerow([jeu.code, col.nom, *words])
    return text.getvalue().encode("utf-8-sig")


def _json(body):
    return json.dumps(body, ensure_ascii=False, indent=1).encode()
