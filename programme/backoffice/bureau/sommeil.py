"""Contracts and projects under way that nobody has touched for six months."""

from calendar import monthrange
from datetime import date

from django.db.models import Exists, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.text import capfirst

from programme.backoffice.bureau.evolutions import fin_du_jour
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.models import Avenant, Contrat, Financement, Projet, Publication, Signataire
from territoires.historiques import evenements

MOIS = 6
FINIS = {
    Contrat: [Contrat.Statut.ACHEVE, Contrat.Statut.ABANDONNE],
    Projet: [Projet.Statut.REALISE, Projet.Statut.ABANDONNE],
}
LIGNES_DE = {
    Contrat: [(Signataire, "contrat_id"), (Avenant, "contrat_id")],
    Projet: [(Financement, "projet_id")],
}
"""The rows that belong to a record: a change of theirs is a change of its own."""


def il_y_a_six_mois(day):
    """The same day six months before, or the last of its month."""
    months = day.year * 12 + day.month - 1 - MOIS
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def en_sommeil(cadre, model, day):
    """The rows under way without any change since six months, annotated `derniere`.

    `derniere` is the latest date of the histories of the record and of its rows; what a load wrote
    is no change. A record that no history tells of is not judged.
    """
    limit = fin_du_jour(il_y_a_six_mois(day))
    key = model._meta.pk.attname
    histories = [(model, key), *LIGNES_DE[model]]
    rows = cadre.rows(model).exclude(statut__in=FINIS[model])
    rows = rows.exclude(publication=Publication.RETIRE)
    for source, column in histories:
        recent = evenements(source).filter(**{column: OuterRef("pk")}, history_date__gte=limit)
        rows = rows.exclude(Exists(recent))
    own = _latest(model, key)
    others = [Coalesce(_latest(source, column), own) for source, column in LIGNES_DE[model]]
    latest = Greatest(Coalesce(own, *others), *others)
    return rows.annotate(derniere=latest).filter(derniere__isnull=False).order_by("derniere", "pk")


def _latest(model, column):
    found = evenements(model).filter(**{column: OuterRef("pk")}).order_by().values(column)
    return Subquery(found.annotate(_latest=Max("history_date")).values("_latest"))


def dormants(cadre, day):
    """(name of the kind, rows that sleep, how many) of each kind that the agent reads."""
    kinds = {model: en_sommeil(cadre, model, day) for model in FINIS if cadre.lit(model)}
    counts = calculer({model._meta.model_name: compte(rows) for model, rows in kinds.items()})
    return [
        (capfirst(str(model._meta.verbose_name_plural)), rows, counts[model._meta.model_name])
        for model, rows in kinds.items()
    ]
