"""Where each part of France lies in the drawing, and in which projection.

The drawing space is one plane for the whole portal: 1 unit is 100 m of mainland France, x grows
eastwards and y southwards. Overseas régions and an enlarged Île-de-France have frames of their
own, with their own scale, around the mainland.
"""

from dataclasses import dataclass
from functools import lru_cache

from pyproj import Transformer

WGS84 = 4326
METRES_PAR_UNITE = 100
LARGEUR, HAUTEUR = 12_560, 13_220


@dataclass(frozen=True, slots=True)
class Cadre:
    """One frame of the drawing.

    `epsg` is the projection; `origine` the projected point, in metres, drawn at `position`;
    `zoom` the scale against the mainland's; `boite` the frame (x, y, width, height);
    `emprise` the area it shows (west, south, east, north, in degrees); `region` the INSEE code
    of the only région it shows, if there is one.
    """

    code: str
    nom: str
    epsg: int
    origine: tuple[int, int]
    position: tuple[int, int]
    zoom: float
    boite: tuple[int, int, int, int]
    emprise: tuple[float, float, float, float]
    region: str = ""

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A projected point, in metres, at its place in the drawing."""
        scale = self.zoom / METRES_PAR_UNITE
        return (
            self.position[0] + (x - self.origine[0]) * scale,
            self.position[1] + (self.origine[1] - y) * scale,
        )

    def origine_de(self, x: float, y: float) -> tuple[float, float]:
        """The projected point, in metres, that is drawn at (x, y): the reverse of `place`."""
        scale = METRES_PAR_UNITE / self.zoom
        return (
            self.origine[0] + (x - self.position[0]) * scale,
            self.origine[1] - (y - self.position[1]) * scale,
        )

    def montre(self, lon: float, lat: float) -> bool:
        """True when the frame's area covers the point."""
        west, south, east, north = self.emprise
        return west <= lon <= east and south <= lat <= north

    def project(self, lons: list[float], lats: list[float]) -> list[tuple[float, float]]:
        """Points in degrees at their places in the drawing."""
        return [
            self.place(x, y)
            for x, y in zip(*_transformer(self.epsg).transform(lons, lats), strict=True)
        ]


@lru_cache
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(WGS84, epsg, always_xy=True)


LAMBERT_93 = 2154
METROPOLE = Cadre(
    code="metropole",
    nom="France métropolitaine",
    epsg=LAMBERT_93,
    origine=(99_000, 7_110_000),
    position=(1_030, 60),
    zoom=1,
    boite=(0, 0, LARGEUR, 10_760),
    emprise=(-6.0, 41.0, 10.0, 51.5),
)
# Île-de-France once more, twice as large: its intercommunalités are the smallest of all.
LOUPE = Cadre(
    code="ile-de-france",
    nom="Île-de-France",
    epsg=LAMBERT_93,
    origine=(587_000, 6_905_500),
    position=(120, 5_540),
    zoom=2,
    boite=(40, 5_100, 3_240, 3_000),
    emprise=(1.44, 48.1, 3.57, 49.25),
    region="11",
)
OUTRE_MER = tuple(
    Cadre(
        code=code,
        nom=nom,
        epsg=epsg,
        origine=origine,
        position=(40 + rang * 2_516 + marge[0], 10_860 + marge[1]),
        zoom=zoom,
        boite=(40 + rang * 2_516, 10_860, 2_416, 2_320),
        emprise=emprise,
        region=region,
    )
    for rang, (code, region, nom, epsg, origine, marge, zoom, emprise) in enumerate(
        (
            ("guadeloupe", "01", "Guadeloupe", 5490, (628_000, 1_827_000), (240, 520), 2.2,
             (-61.9, 15.7, -60.9, 16.6)),
            ("martinique", "02", "Martinique", 5490, (691_000, 1_646_000), (450, 480), 3.2,
             (-61.3, 14.3, -60.7, 15.0)),
            ("guyane", "03", "Guyane", 2972, (99_000, 637_000), (460, 480), 0.43,
             (-54.7, 2.0, -51.5, 5.9)),
            ("la-reunion", "04", "La Réunion", 2975, (314_000, 7_691_500), (230, 520), 2.9,
             (55.1, -21.5, 55.9, -20.8)),
            ("mayotte", "06", "Mayotte", 4471, (504_500, 8_599_500), (520, 480), 4.7,
             (44.9, -13.1, 45.4, -12.6)),
        )
    )
)  # fmt: skip
CADRES = {cadre.code: cadre for cadre in (METROPOLE, LOUPE, *OUTRE_MER)}


def cadre_de(lon: float, lat: float) -> Cadre | None:
    """The frame a point is drawn in at the general scale; None outside the 18 régions' areas."""
    for cadre in (METROPOLE, *OUTRE_MER):
        if cadre.montre(lon, lat):
            return cadre
    return None
