"""The shapes of a chart. Each says its drawing from the rows and the drawn measures of one.

A length starts at zero, always; a line may not, and its axis then says where it starts.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any

from django.utils.formats import number_format
from django.utils.html import strip_tags

from programme.catalogue.graphiques.dessin import (
    LIGNE,
    Dessin,
    ligne,
    point,
    rectangle,
    texte,
)
from programme.templatetags.portail import euros_courts

INTERVALLE = 0.3
"""Between two segments of a bar, % of the width: neighbours are told apart without colour."""


@dataclass(frozen=True)
class Barres:
    """One bar a row, its segments one after another; `repere`: a value to compare all to.

    libelle_repere: what that value is, in the image.
    """

    repere: float | None = None
    libelle_repere: str = ""
    en_barres = True
    EPAISSEUR = 14

    def dessiner(self, graphique):
        return None

    def barres(self, graphique):
        """The marks of each row."""
        return [
            [*self._segments(graphique, row, 0, 100), *self._repere(graphique, 0, 0, 100)]
            for row in graphique.lignes
        ]

    def _top(self, graphique):
        sums = [sum(row.nombre(m) for m in graphique.dessinees) for row in graphique.lignes]
        return float(max([*sums, self.repere or 0]) or 1)

    def _segments(self, graphique, row, y, width, left=0):
        top, marks, x = self._top(graphique), [], float(left)
        for mesure in graphique.dessinees:
            if size := float(row.nombre(mesure)) / top * width:
                gap = INTERVALLE if marks and size > 3 * INTERVALLE else 0
                box = x + gap, size - gap, y + 0.5, self.EPAISSEUR - 1
                marks.append(rectangle(row.trait or mesure.trait, *box))
                x += size
        return marks

    def _repere(self, graphique, y, left, width):
        if self.repere is None:
            return []
        x = left + float(self.repere) / self._top(graphique) * width
        return [ligne("g-repere", x, y - 4, x, y + self.EPAISSEUR + 4)]

    def en_image(self, graphique):
        marks, step = [], 26
        for rank, row in enumerate(graphique.lignes):
            y = rank * step
            total = " · ".join(str(_plain(m, row)) for m in graphique.dessinees)
            marks.append(texte(_court(str(row.titre), 32), 31, y + 12, "end"))
            marks += self._segments(graphique, row, y, 48, 32.5)
            marks += self._repere(graphique, y, 32.5, 48)
            marks.append(texte(total, 82, y + 12))
        return marks, step * len(graphique.lignes)


@dataclass(frozen=True)
class Colonnes:
    """Steps of a story: one column a row, from bottom to top, its total above, its name under.

    total: the name of the measure whose value stands above; the sum of the drawn ones without.
    """

    total: str = ""
    hauteur: int = 150
    en_barres = False

    def dessiner(self, graphique):
        rows, bottom = graphique.lignes, self.hauteur + LIGNE + 4
        sums = [sum(float(row.nombre(m)) for m in graphique.dessinees) for row in rows]
        top, width = max(sums) or 1, 100 / len(rows)
        marks = [ligne("g-axe", 0, bottom + 0.5, 100, bottom + 0.5)]
        for rank, (row, whole) in enumerate(zip(rows, sums, strict=True)):
            left, y = rank * width, float(bottom)
            for mesure in graphique.dessinees:
                if size := float(row.nombre(mesure)) / top * self.hauteur:
                    y -= size
                    marks.append(
                        rectangle(mesure.trait, left + width * 0.08, width * 0.84, y, size)
                    )
            middle = left + width / 2
            said = row.valeurs.get(self.total) if self.total else whole
            words = "" if said is None else number_format(int(said), force_grouping=True)
            marks.append(texte(words, middle, y - 5, "middle", "g-nombre"))
            for line, words in enumerate(row.court or (str(row.titre),), 1):
                marks.append(texte(words, middle, bottom + line * LIGNE, "middle"))
        lines = max(len(row.court) or 1 for row in rows)
        return Dessin(bottom + lines * LIGNE + 6, marks)

    def en_image(self, graphique):
        return _en_image(self, graphique)


@dataclass(frozen=True)
class Courbes:
    """Lines over regular steps, named at their end; the axis is marked every `pas`."""

    pas: int = 5
    noms: tuple[tuple[str, str], ...] = ()
    en_barres = False
    HAUT, BAS, GAUCHE, DROITE = 12, 172, 9, 84

    def dessiner(self, graphique):
        rows, drawn = graphique.lignes, graphique.dessinees
        values = [float(row.nombre(m)) for m in drawn for row in rows if row.dit(m)]
        if not values or len(rows) < 2:
            return None
        low, high = (
            self.pas * floor(min(values) / self.pas),
            self.pas * ceil(max(values) / self.pas),
        )
        high = max(high, low + self.pas)

        def x(rank):
            return self.GAUCHE + (self.DROITE - self.GAUCHE) * rank / (len(rows) - 1)

        def y(value):
            return self.BAS - (self.BAS - self.HAUT) * (float(value) - low) / (high - low)

        marks = []
        for mark in range(low, high + 1, self.pas * ceil((high - low) / self.pas / 6)):
            marks.append(ligne("g-filet", self.GAUCHE, y(mark), self.DROITE, y(mark)))
            marks.append(texte(number_format(mark), self.GAUCHE - 2, y(mark) + 4, "end"))
        marks += [
            texte(" ".join(row.court) or row.titre, x(rank), self.BAS + 22, "middle")
            for rank, row in enumerate(rows)
            if rank % 2 == 0
        ]
        ends = []
        for mesure in reversed(drawn):
            told = [(x(r), y(row.nombre(mesure))) for r, row in enumerate(rows) if row.dit(mesure)]
            marks += [ligne(f"g-ligne-{mesure.trait}", *a, *b) for a, b in pairwise(told)]
            if told:
                ends.append([told[-1][1] + 4, mesure])
        return Dessin(self.BAS + 30, marks + self._names(ends))

    def _names(self, ends):
        """The name of each line at its end, a line of words away from the one above."""
        names, marks = dict(self.noms), []
        last = None
        for end, mesure in sorted(ends, key=lambda pair: pair[0]):
            place = end if last is None else max(end, last + LIGNE)
            classe = "g-nombre" if mesure.trait == "fort" else "g-mot"
            marks.append(
                texte(
                    names.get(mesure.nom, mesure.titre), self.DROITE + 1.5, place, "start", classe
                )
            )
            last = place
        return marks

    def en_image(self, graphique):
        return _en_image(self, graphique)


@dataclass(frozen=True)
class Marches:
    """A count that grows day by day: `Ligne.jour` in time, the value of the only drawn measure.

    Rows without a day are in the table alone.
    """

    hauteur: int = 160
    en_barres = False
    GAUCHE, DROITE, HAUT = 6, 94, 22

    def dessiner(self, graphique):
        dated = [row for row in graphique.lignes if row.jour]
        if len(dated) < 2:
            return None
        (mesure,) = graphique.dessinees
        first, last = dated[0].jour, dated[-1].jour
        start, stop = first.replace(month=1, day=1), last.replace(month=12, day=31)
        top = float(max(row.nombre(mesure) for row in dated)) or 1
        bottom = self.HAUT + self.hauteur

        def x(day):
            return (
                self.GAUCHE + (self.DROITE - self.GAUCHE) * (day - start).days / (stop - start).days
            )

        def y(value):
            return bottom - self.hauteur * float(value) / top

        marks = [ligne("g-axe", self.GAUCHE, bottom, self.DROITE, bottom)]
        for year in range(start.year, stop.year + 1):
            here = x(start.replace(year=year))
            marks.append(ligne("g-filet", here, self.HAUT, here, bottom))
            middle = (here + x(stop.replace(year=year))) / 2
            marks.append(texte(year, middle, bottom + LIGNE, "middle"))
        at, value = x(start), 0
        for row in dated:
            here, new = x(row.jour), row.nombre(mesure)
            marks.append(ligne(f"g-ligne-{mesure.trait}", at, y(value), here, y(value)))
            marks.append(ligne(f"g-ligne-{mesure.trait}", here, y(value), here, y(new)))
            at, value = here, new
        marks.append(point(mesure.trait, at, y(value), 4))
        words = number_format(value, force_grouping=True)
        anchor = "end" if at > 80 else "start"
        marks.append(
            texte(words, at + (-1.5 if at > 80 else 1.5), y(value) - 6, anchor, "g-nombre")
        )
        return Dessin(bottom + LIGNE + 8, marks)

    def en_image(self, graphique):
        return _en_image(self, graphique)


@dataclass(frozen=True)
class Nuage:
    """One dot a record, piled in classes of a logarithmic scale, each row a class.

    bornes: the lower bound of each row, and the upper of the last. mediane: drawn across;
    grands: `(name, key, value)` of the largest, named. par: how many records a dot stands for.
    """

    bornes: tuple[float, ...]
    mediane: float | None = None
    grands: tuple[tuple[str, Any, float], ...] = ()
    par: int = 1
    en_barres = False
    DE_FRONT, PAS, RAYON, HAUT = 4, 8, 3, 82

    def _x(self, value):
        low, high = log10(self.bornes[0]), log10(self.bornes[-1])
        return 1 + 98 * (log10(value) - low) / (high - low)

    def dessiner(self, graphique):
        (mesure,) = graphique.dessinees
        rows = graphique.lignes
        dots = [ceil(row.nombre(mesure) / self.par) for row in rows]
        piles = [ceil(number / self.DE_FRONT) for number in dots]
        bottom = self.HAUT + max(piles) * self.PAS + 4
        marks = [ligne("g-axe", 0, bottom + 0.5, 100, bottom + 0.5)]
        named = len(self.grands) if self.par == 1 else 0
        total = sum(dots)
        seen = 0
        for rank, number_of_dots in enumerate(dots):
            left, right = self._x(self.bornes[rank]), self._x(self.bornes[rank + 1])
            step = (right - left) / (self.DE_FRONT + 0.6)
            for number in range(number_of_dots):
                trait = "accent" if seen >= total - named else mesure.trait
                seen += 1
                column, up = number % self.DE_FRONT, number // self.DE_FRONT
                x = left + step * (column + 0.8)
                marks.append(point(trait, x, bottom - 4 - up * self.PAS, self.RAYON))
        marks += [
            texte(euros_courts(int(value)), self._x(value), bottom + LIGNE, "middle")
            for value in self.bornes
            if f"{value:.0e}"[0] == "1" and 2 < self._x(value) < 98
        ]
        return Dessin(int(bottom + LIGNE + 6), marks + self._mediane(bottom) + self._grands(bottom))

    def _mediane(self, bottom):
        if self.mediane is None:
            return []
        x = self._x(self.mediane)
        return [
            ligne("g-repere-encre", x, self.HAUT - 12, x, bottom),
            texte(
                f"médiane : {euros_courts(self.mediane)}", x, self.HAUT - 18, "middle", "g-nombre"
            ),
        ]

    def _grands(self, bottom):
        """The names of the largest, the greatest on top, ending where its dot is."""
        marks = []
        for rank, (name, _, value) in enumerate(self.grands):
            y = 12 + rank * LIGNE
            marks.append(
                texte(f"{_court(name, 30)}, {euros_courts(value)}", 100, y, "end", "g-mot-accent")
            )
        return marks

    def en_image(self, graphique):
        return _en_image(self, graphique)


def _en_image(forme, graphique):
    drawn = forme.dessiner(graphique) if graphique.lignes else None
    return (drawn.marques, drawn.hauteur) if drawn else ([], 0)


def _plain(mesure, row):
    return strip_tags(str(row.ecrire(mesure)))


def _court(words, most):
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
