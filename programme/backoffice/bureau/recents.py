"""What changed on a desk since its last séance: how many records of each kind, the latest saves.

What was deleted is told for a month, with the way to restore it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Exists, F, Model, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.text import capfirst

from programme.backoffice.bureau.liens import Groupe, avec_noms
from programme.backoffice.cadre.historique.mots import TYPES
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.models import (
    Avenant,
    Contrat,
    Decision,
    Document,
    Financement,
    Projet,
    Referent,
    Seance,
    Signataire,
)
from territoires.historiques import chargements
from territoires.models import Agent, Territoire

LIGNES = 8
GARDES = timedelta(days=30)
"""How long the desk tells what was deleted."""
SUIVIS = [
    Contrat,
    Signataire,
    Avenant,
    Projet,
    Financement,
    Territoire,
    Referent,
    Seance,
    Decision,
    Document,
]


@dataclass(frozen=True)
class Bilan:
    """One kind of record: how many were made, changed and deleted since a moment."""

    modele: type[Model]
    crees: int
    modifies: int
    supprimes: int

    @property
    def nom(self):
        return capfirst(str(self.modele._meta.verbose_name_plural))


@dataclass(frozen=True)
class Ligne:
    """One save: of what, by whom, when, and the address of its history."""

    nom: str
    genre: str
    type: str
    quand: datetime
    qui: str
    url: str


def bilans(cadre, depuis):
    """The `Bilan`s of the kinds where something changed since the moment `depuis`, in one query.

    What a load wrote is no change: it was there before, though nobody had written it here.
    """
    wanted = {}
    for model in SUIVIS:
        key = model._meta.pk.attname
        of_row = model.history.filter(**{key: OuterRef("pk")})
        since = Exists(of_row.exclude(chargements()).filter(history_date__gte=depuis))
        before = Exists(of_row.filter(Q(history_date__lt=depuis) | chargements()))
        rows = cadre.rows(model).filter(since)
        gone = cadre.historique(model).filter(history_type="-", history_date__gte=depuis)
        name = model._meta.model_name
        wanted[f"{name}_crees"] = compte(rows.filter(~before))
        wanted[f"{name}_modifies"] = compte(rows.filter(before))
        wanted[f"{name}_supprimes"] = compte(gone)
    found = calculer(wanted)
    acts = ("crees", "modifies", "supprimes")
    lines = [
        Bilan(model, *(found[f"{model._meta.model_name}_{act}"] for act in acts))
        for model in SUIVIS
    ]
    return [line for line in lines if line.crees or line.modifies or line.supprimes]


def supprimes(site, request, cadre, depuis):
    """A `Groupe` without lines of each kind of which the agent may restore what was deleted since
    the moment `depuis`, in one query.
    """
    counts = {}
    for model in SUIVIS:
        if not site._registry[model].has_add_permission(request):
            continue
        gone = cadre.historique(model).filter(history_type="-", history_date__gte=depuis)
        back = {f"{model._meta.pk.attname}__in": model._base_manager.values("pk")}
        counts[model] = compte(gone.exclude(**back))
    found = calculer({model._meta.model_name: wanted for model, wanted in counts.items()})
    return [
        Groupe(
            capfirst(str(opts.verbose_name_plural)),
            [],
            found[opts.model_name],
            reverse(f"{site.name}:{opts.app_label}_{opts.model_name}_supprimes"),
        )
        for opts in (model._meta for model in counts)
        if found[opts.model_name]
    ]


def dernieres(site, cadre, depuis):
    """The latest `Ligne`s that officers saved since `depuis`, the newest first.

    What a command wrote is counted in the `bilans`, not told line by line. Two queries, and one
    for each kind of record among the lines.
    """
    models = {model._meta.model_name: model for model in SUIVIS}
    parts = [_saves(cadre, model, depuis) for model in SUIVIS]
    newest = parts[0].union(*parts[1:], all=True).order_by("-history_date", "-history_id")
    lines = list(newest[:LIGNES])
    names = {model: _names(model, lines) for model in {models[line["kind"]] for line in lines}}
    authors = Agent.objects.in_bulk({line["history_user_id"] for line in lines})
    return [
        _ligne(site, models[line["kind"]], line, names[models[line["kind"]]], authors)
        for line in lines
    ]


def _saves(cadre, model, depuis):
    rows = cadre.historique(model).order_by().filter(history_date__gte=depuis)
    return (
        rows.filter(history_user__isnull=False)
        .annotate(
            kind=Value(model._meta.model_name, CharField()),
            key=Cast(F(model._meta.pk.attname), CharField()),
        )
        .values("kind", "key", "history_id", "history_date", "history_type", "history_user_id")
    )


def _names(model, lines):
    """{key as text: name} of the rows of `model` among the lines that are still there."""
    keys = {line["key"] for line in lines if line["kind"] == model._meta.model_name}
    rows = avec_noms(model._base_manager.filter(pk__in=keys))
    return {str(row.pk): str(row) for row in rows}


def _ligne(site, model, line, names, authors):
    opts = model._meta
    page = f"{site.name}:{opts.app_label}_{opts.model_name}_history"
    return Ligne(
        names.get(line["key"], "enregistrement supprimé depuis"),
        str(opts.verbose_name),
        TYPES[line["history_type"]],
        line["history_date"],
        str(authors.get(line["history_user_id"], "un agent")),
        reverse(page, args=[line["key"]]),
    )
