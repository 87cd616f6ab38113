"""The incomplete records of a desk: counts by rule, and the records, the worst first."""

from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, Model, Q, Value, When
from django.utils.text import capfirst

from programme import completude
from programme.backoffice.bureau.liens import avec_noms
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.completude import Regle
from programme.models import Contrat, Projet, Publication, Realisation, Seance
from territoires.models import Operateur, Territoire

_EN_VIE = [state for state in Publication.values if state != Publication.RETIRE]
_PROJETS = ["", *(s for s in Projet.Statut.values if s != Projet.Statut.ABANDONNE)]
# The admin list that shows what counts here: neither withdrawn nor abandoned.
LISTES = {
    Contrat: {"publication__in": ",".join(_EN_VIE)},
    Projet: {"publication__in": ",".join(_EN_VIE), "statut__in": ",".join(_PROJETS)},
}


@dataclass(frozen=True)
class Compte:
    """How many records lack what a rule asks for."""

    regle: Regle
    nombre: int


@dataclass(frozen=True)
class Genre:
    """One kind of record: its rules with their counts, how many records lack something."""

    modele: type[Model]
    comptes: list[Compte]
    nombre: int

    @property
    def code(self):
        return self.modele._meta.model_name

    @property
    def nom(self):
        return capfirst(str(self.modele._meta.verbose_name_plural))

    @property
    def regles(self):
        return [compte.regle for compte in self.comptes]


@dataclass(frozen=True)
class Incomplet:
    """A record, and what it lacks, in words."""

    objet: Model
    manques: list[str]


def regles_de(cadre):
    """The rules of the desk by kind of record; an operator's officer has its own."""
    if cadre.agent.est_referent:
        mine = completude.sans_referent(cadre.agent.operateur)
        return {Territoire: [mine], Realisation: list(completude.REALISATION)}
    referents = [completude.sans_referent(operateur) for operateur in Operateur.objects.all()]
    return {
        Contrat: list(completude.CONTRAT),
        Territoire: [*completude.TERRITOIRE, *referents],
        Projet: list(completude.PROJET),
        Seance: list(completude.SEANCE),
    }


def concernes(cadre, model, day):
    """The records that a rule looks at: on the map, neither withdrawn nor abandoned."""
    rows = cadre.rows(model)
    if model is Territoire:
        return rows.catalogue()
    rows = rows.exclude(publication=Publication.RETIRE)
    return rows.exclude(statut="abandonné") if model in {Contrat, Projet} else rows


def _lack(regles, day):
    """The `Q` of the records that lack anything."""
    condition = Q(pk__in=[])
    for regle in regles:
        condition |= regle.condition(day)
    return condition


def genres(cadre, day):
    """The `Genre`s of the desk, in one query beside that of the operators."""
    rules = {model: found for model, found in regles_de(cadre).items() if cadre.lit(model)}
    wanted = {}
    for model, regles in rules.items():
        rows = concernes(cadre, model, day)
        wanted[model._meta.model_name] = compte(rows.filter(_lack(regles, day)))
        wanted |= {regle.code: compte(rows.filter(regle.condition(day))) for regle in regles}
    found = calculer(wanted)
    return [
        Genre(
            model,
            [Compte(regle, found[regle.code]) for regle in regles],
            found[model._meta.model_name],
        )
        for model, regles in rules.items()
    ]


def incomplets(cadre, model, regles, day, regle=None):
    """The rows that lack something that `regles` ask for, or `regle` alone, the worst first.

    `nb_manques` says how much they lack; `nommes` says what.
    """
    flags = {
        f"manque_{rank}": Case(
            When(rule.condition(day), then=1), default=0, output_field=IntegerField()
        )
        for rank, rule in enumerate(regles)
    }
    total = sum((F(name) for name in flags), Value(0))
    asked = regle.condition(day) if regle else _lack(regles, day)
    rows = concernes(cadre, model, day).filter(asked).annotate(**flags)
    order = model._meta.ordering or ["pk"]
    return avec_noms(rows).annotate(nb_manques=total).order_by("-nb_manques", *order, "pk")


def nommes(rows, regles):
    """The `Incomplet`s of rows that `incomplets` gave for the same rules."""
    return [
        Incomplet(
            row,
            [rule.manque for rank, rule in enumerate(regles) if getattr(row, f"manque_{rank}")],
        )
        for row in rows
    ]
