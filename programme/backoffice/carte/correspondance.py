"""The table of a complete list: what each entry is, what it carries, to confirm or correct."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from programme.models import Contrat, Projet
from territoires.correspondance import code_de_liste

ORDRE = (
    "nouveau", "disparu", "réuni", "partagé", "issu d’une réunion", "issu d’un partage",
    "renommé", "renuméroté", "reconnu",
)  # fmt: skip
"""What one must look at first comes first."""


@dataclass(frozen=True)
class Rangee:
    """One row: an entry of the list, or a territory that is on it no more (`entree` None).

    `avant`, `code_avant`: the name and the code of the list of the territory as it was, or empty;
    `champ`: the name of the field that corrects it, empty when there is nothing to correct.
    """

    natures: list
    entree: object
    avant: str
    code_avant: str
    autres: list
    gagnes: int
    perdus: int
    contrats: int
    projets: int
    champ: str = ""
    choix: str = ""


@dataclass(frozen=True)
class Table:
    rangees: list
    comptes: list
    territoires: dict = field(default_factory=dict)
    precedente: bool = False


def table(form):
    """The `Table` of the list that a form has read; in two queries.

    Made before the act is done on the map in memory: it tells what was.
    """
    proposal = form.proposition
    carried = {}
    codes = {code for line in proposal.lignes for code in line.porteurs}
    for model in (Contrat, Projet):
        rows = model.objects.filter(territoire__in=codes).order_by().values_list("territoire")
        carried[model] = dict(rows.annotate(Count("pk")))
    rows = [_row(form, line, carried) for line in proposal.lignes]
    rows.sort(key=lambda row: (min(map(ORDRE.index, row.natures)), not row.gagnes + row.perdus))
    counts = Counter(nature for row in rows for nature in row.natures)
    known = {t.pk: t.nom for line in proposal.lignes if (t := line.territoire) is not None}
    return Table(
        rows,
        [(nature, counts[nature]) for nature in ORDRE if counts[nature]],
        dict(sorted(known.items())),
        proposal.precedente,
    )


def _row(form, line, carried):
    others = line.sources if line.entree else line.heritiers
    return Rangee(
        natures=line.natures,
        entree=line.entree,
        avant=line.territoire.nom if line.territoire else "",
        code_avant=code_de_liste(line.territoire) if line.territoire else "",
        autres=[other.nom for other in others],
        gagnes=len(line.gagnes),
        perdus=len(line.perdus),
        contrats=sum(carried[Contrat].get(code, 0) for code in line.porteurs),
        projets=sum(carried[Projet].get(code, 0) for code in line.porteurs),
        champ=f"{form.PREFIXE}{line.entree.code}" if line.entree else "",
        choix=line.territoire.pk if line.territoire else "",
    )
