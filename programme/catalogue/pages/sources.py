"""The page of a source: the document, and all that the published datasets draw from it."""

import re
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.shortcuts import render
from django.views.decorators.http import require_safe

from programme.catalogue.pages.fiche import Introuvable
from programme.donnees import provenance
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Jeu
from programme.models import Source

MONTRES = 10
"""Records named by dataset; the dataset has them all."""


@dataclass(frozen=True)
class Appui:
    """The public rows of a dataset that cite the source: how many, and the first of them."""

    jeu: Jeu
    nombre: int
    fiches: list

    @property
    def reste(self):
        return self.nombre - len(self.fiches)


@require_safe
def source(request, code):
    found = Source.objects.filter(pk=code).first()
    if found is None:
        raise Introuvable("Aucune source n’a ce code.")
    return render(
        request, "programme/pages/source.html", {"objet": found, "appuis": appuis(found.code)}
    )


def appuis(code):
    """An `Appui` for each dataset of which a row cites `code`, two queries a dataset."""
    for jeu in JEUX.values():
        rows = citing(jeu.published(), code)
        if rows is not None and (nombre := rows.count()):
            named = hasattr(rows.model, "get_absolute_url")
            yield Appui(jeu, nombre, list(rows[:MONTRES]) if named else [])


def citing(rows, code) -> QuerySet | None:
    """Those of `rows` of which a source field holds this very code; None without such a field."""
    names = [f.name for f in rows.model._meta.fields if re.match(r"source(_|$)", f.name)]
    if not names:
        return None
    cited = Q()
    for name in names:
        cited |= Q(**{f"{name}__regex": provenance.citing(code)})
    return rows.filter(cited)
