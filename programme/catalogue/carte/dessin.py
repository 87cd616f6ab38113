"""The drawing of the map, as plain data that `templates/partials/carte.html` writes as SVG.

A caller says what to show (`Aplat`: members under one class, one title, one link; `Repere`: a
point in degrees); these functions place it, with the background and the frames it needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import product
from math import hypot

from programme.catalogue.carte.noms import Nom, noms_de_villes
from territoires.geometrie import (
    DETAIL,
    ENSEMBLE,
    HAUTEUR,
    LARGEUR,
    LOUPE,
    METROPOLE,
    OUTRE_MER,
    Boite,
    agrandie,
    project,
    trace,
)

# Beyond this size, in units of 100 m, a near drawing is as coarse as the whole map.
TAILLE_DETAILLEE = 2_500
TAILLE_MINIMALE = 160
MARGE = 0.08
RAPPORT = 4 / 3
AUTOUR = tuple(product((-1, 0, 1), repeat=2))


@dataclass(frozen=True, slots=True)
class Aplat:
    """What to fill: members (SIREN or commune codes) under one CSS class, title and link."""

    code: str
    titre: str
    classe: str
    membres: frozenset[str]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Repere:
    """A point to mark, in degrees (WGS84): what is there, and the name of the place.

    `nombre` is how many projects it stands for.
    """

    lon: float
    lat: float
    titre: str
    lieu: str
    url: str = ""
    nombre: int = 1


@dataclass(frozen=True, slots=True)
class Forme:
    """An `Aplat` as drawn: path data in place, and in the enlarged Île-de-France ("" if none)."""

    code: str
    titre: str
    classe: str
    url: str
    d: str
    d_loupe: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One or several `Repere` at one place of the drawing; `rayon` in its units.

    `corps` is the size of the number to write in it, 0 for none.
    """

    x: float
    y: float
    rayon: float
    nombre: int
    titre: str
    url: str
    corps: float = 0


@dataclass(frozen=True, slots=True)
class Encadre:
    """A frame of the drawing, with its label; a nameless one shows what another enlarges."""

    nom: str
    x: float
    y: float
    largeur: float
    hauteur: float


@dataclass(frozen=True, slots=True)
class Dessin:
    """A drawing ready for the template. Numbers are in units of the `viewbox`.

    `pas` is the step of the fill patterns; `vides` fills the gaps of the background; `contour`
    is the path data of a line drawn above all; `sans_contour` has the titles of what cannot be
    drawn, because none of its outlines is known; `corps` is the size of the names of towns.
    """

    viewbox: str
    pas: float
    fonds: list[str]
    vides: str
    formes: list[Forme]
    points: list[Point] = field(default_factory=list)
    encadres: list[Encadre] = field(default_factory=list)
    contour: str = ""
    sans_contour: list[str] = field(default_factory=list)
    corps: float = 0
    noms: list[Nom] = field(default_factory=list)

    @property
    def villes(self) -> list[tuple[str, bool]]:
        """The dots of the towns as two paths: of those named on a telephone too, or not."""
        return [
            ("".join(f"M{nom.x} {nom.y}h0" for nom in self.noms if nom.premier is first), first)
            for first in (True, False)
        ]

    @property
    def largeur_cle(self) -> float:
        """The width of a key of the legend, so that its pattern looks as on the map."""
        return round(5 * self.pas, 1)

    @property
    def hauteur_cle(self) -> float:
        return round(10 * self.pas / 3, 1)


def _dessinables(aplats: Iterable[Aplat]) -> tuple[list[Aplat], list[str]]:
    """What can be drawn, without the members whose outline is unknown; titles of the rest."""
    drawn, rest = [], []
    for aplat in aplats:
        membres = trace().connus(aplat.membres)
        if membres:
            drawn.append(replace(aplat, membres=membres))
        else:
            rest.append(aplat.titre)
    return drawn, rest


def dessin_ensemble(aplats: Iterable[Aplat], reperes: Iterable[Repere] = ()) -> Dessin:
    """The whole of France: régions, frames overseas, Île-de-France enlarged."""
    tr = trace()
    aplats, sans_contour = _dessinables(aplats)
    pas = tr.pas_ensemble
    regions = [frozenset([code]) for code in tr.topologie.objets["regions"]]
    ile_de_france = tr.boite("regions", frozenset([LOUPE.region]))
    largeur = LARGEUR // pas
    corps, noms = noms_de_villes(largeur, pas, Boite(*METROPOLE.boite, METROPOLE.code))
    return Dessin(
        viewbox=f"0 0 {largeur} {HAUTEUR // pas}",
        pas=round(largeur / 130, 1),
        fonds=[tr.d("regions", code, ENSEMBLE) for code in regions]
        + [tr.d("regions", frozenset([LOUPE.region]), ENSEMBLE, loupe=True)],
        vides=tr.vides(ENSEMBLE),
        formes=[
            Forme(
                code=aplat.code,
                titre=aplat.titre,
                classe=aplat.classe,
                url=aplat.url,
                d=tr.d("membres", aplat.membres, ENSEMBLE),
                d_loupe=tr.d("membres", aplat.membres, ENSEMBLE, loupe=True),
            )
            for aplat in aplats
        ],
        points=_points(reperes, unite=pas, rayon=largeur / 200, loupe=True),
        encadres=[
            _encadre("", ile_de_france.cotes, pas),
            _encadre(f"{LOUPE.nom} × {LOUPE.zoom}", LOUPE.boite, pas),
            *(_encadre(cadre.nom, cadre.boite, pas) for cadre in OUTRE_MER),
        ],
        sans_contour=sans_contour,
        corps=corps,
        noms=noms,
    )


def dessin_proche(
    aplats: Iterable[Aplat],
    *,
    voisins: Iterable[Aplat] = (),
    reperes: Iterable[Repere] = (),
    contour: tuple[str, frozenset[str]] | None = None,
) -> Dessin | None:
    """The same map nearer: around `aplats`, with what of `voisins` is in sight.

    `contour` is (layer, codes) of an outline to draw above, which then sets the view too; codes
    that the layer does not have (a place newer than the contours) are left out.
    None when there is nothing to draw around.
    """
    tr = trace()
    aplats, sans_contour = _dessinables(aplats)
    voisins, _ = _dessinables(voisins)
    emprises = [("membres", aplat.membres) for aplat in aplats]
    if contour:
        couche, codes = contour
        known = frozenset(codes & tr.topologie.objets[couche].keys())
        contour = (couche, known) if known else None
    if contour:
        emprises.append(contour)
    if not emprises:
        return None
    vue = tr.boite(*emprises[0])
    for emprise in emprises[1:]:
        vue |= tr.boite(*emprise)
    vue = _cadrage(vue)
    niveau, unite = (DETAIL, 1) if vue.largeur <= TAILLE_DETAILLEE else (ENSEMBLE, tr.pas_ensemble)

    def visible(couche: str, codes: frozenset[str]) -> bool:
        boite = tr.boite(couche, codes)
        return boite.cadre == vue.cadre and boite.touche(vue)

    departements = (frozenset([code]) for code in tr.topologie.objets["departements"])
    corps, noms = noms_de_villes(vue.largeur / unite, unite, vue)
    return Dessin(
        viewbox=" ".join(str(round(v / unite)) for v in (vue.x, vue.y, vue.largeur, vue.hauteur)),
        pas=round(vue.largeur / unite / 70, 1),
        fonds=[tr.d("departements", d, niveau) for d in departements if visible("departements", d)],
        vides=tr.vides(niveau, vue),
        formes=[
            Forme(a.code, a.titre, a.classe, a.url, tr.d("membres", a.membres, niveau))
            for a in (*voisins, *aplats)
            if visible("membres", a.membres)
        ],
        points=_points(reperes, unite=unite, rayon=vue.largeur / unite / 75, vue=vue),
        contour=tr.d(*contour, niveau) if contour else "",
        sans_contour=sans_contour,
        corps=corps,
        noms=noms,
    )


def _cadrage(boite: Boite) -> Boite:
    """The view around a box: a margin, a least size, and one shape for all pages."""
    largeur = max(boite.largeur * (1 + 2 * MARGE), TAILLE_MINIMALE)
    hauteur = max(boite.hauteur * (1 + 2 * MARGE), TAILLE_MINIMALE / RAPPORT)
    largeur, hauteur = max(largeur, hauteur * RAPPORT), max(hauteur, largeur / RAPPORT)
    return Boite(
        round(boite.x - (largeur - boite.largeur) / 2),
        round(boite.y - (hauteur - boite.hauteur) / 2),
        round(largeur),
        round(hauteur),
        boite.cadre,
    )


def _encadre(nom: str, boite: tuple[int, int, int, int], unite: int) -> Encadre:
    return Encadre(nom, *(round(v / unite) for v in boite))


def _points(
    reperes: Iterable[Repere],
    *,
    unite: int,
    rayon: float,
    vue: Boite | None = None,
    loupe: bool = False,
) -> list[Point]:
    """Marks, those that would overlap put together; what lies out of the drawing is left out.

    A mark joins the first one placed within `ecart`; the cells of that size keep the search short.
    """
    ecart = 2.6 * rayon
    groupes: list[list[tuple[float, float, Repere]]] = []
    cells: dict[tuple[int, int], list[list]] = {}
    for repere in reperes:
        position = project(repere.lon, repere.lat)
        if position is None or (vue and position.cadre != vue.cadre):
            continue
        for place in (position, agrandie(position) if loupe else None):
            if place is None:
                continue
            x, y = place.x / unite, place.y / unite
            i, j = int(x // ecart), int(y // ecart)
            near = (g for di, dj in AUTOUR for g in cells.get((i + di, j + dj), ()))
            groupe = next((g for g in near if hypot(g[0][0] - x, g[0][1] - y) < ecart), None)
            if groupe is None:
                groupe = []
                groupes.append(groupe)
                cells.setdefault((i, j), []).append(groupe)
            groupe.append((x, y, repere))
    return [_point(groupe, rayon, numero=not loupe) for groupe in groupes]


def _point(groupe: list[tuple[float, float, Repere]], rayon: float, *, numero: bool) -> Point:
    nombre = sum(repere.nombre for _, _, repere in groupe)
    if len(groupe) == 1:
        [(x, y, repere)] = groupe
        titre, url = f"{repere.lieu} : {repere.titre}", repere.url
    else:
        lieux = list(dict.fromkeys(repere.lieu for _, _, repere in groupe))
        suite = f" et {len(lieux) - 3} autres lieux" if len(lieux) > 4 else ""
        titre = f"{', '.join(lieux[:3] if suite else lieux)}{suite} : {nombre} projets"
        x, y, _ = groupe[0]
        url = ""
    rayon = rayon * (1 + min(nombre - 1, 9) ** 0.5 / 3)
    return Point(
        x=round(x, 1),
        y=round(y, 1),
        rayon=round(rayon, 1),
        nombre=nombre,
        titre=titre,
        url=url,
        # On the whole of France the circles are too small for a number that one can read.
        corps=round(1.1 * rayon, 1) if numero and nombre > 1 else 0,
    )
