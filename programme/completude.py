"""What a record lacks: each rule is declared once, as a condition that the database reads.

The public page of a région counts by these rules, the desk of its committee names the records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, Model, OuterRef, Q

from programme.models import Contrat, Projet, Publication, Realisation, Referent, Seance, Signataire
from territoires.models import Territoire


@dataclass(frozen=True)
class Regle:
    """One thing that a record of `modele` may lack.

    manque: what is missing, as a noun. condition(day): the `Q` of the records that lack it.
    liste: the parameters of the admin list that shows the same records; empty when no list can.
    bloque: whether a committee cannot decide without it.
    """

    code: str
    modele: type[Model]
    manque: str
    condition: Callable[[date], Q]
    liste: dict[str, str] = field(default_factory=dict)
    bloque: bool = False


def referents_en_fonction(day):
    """The référents that count: published, and in function on `day`."""
    return Referent.objects.published().at(day)


def _empty(code, modele, manque, *names):
    """A text that is empty; several: each of them is."""
    given = dict.fromkeys(names, "")
    return Regle(code, modele, manque, lambda day: Q(**given))


def _has(rows, path):
    """Whether one of `rows` names the record by `path`."""
    return Q(Exists(rows.filter(**{path: OuterRef("pk")})))


# --- Territories ------------------------------------------------------------------------------

TERRITOIRE = (
    _empty("territoire-entree", Territoire, "source de la date d’entrée", "source_entree"),
    Regle(
        "territoire-contrat",
        Territoire,
        "contrat ou protocole publié",
        lambda day: ~_has(Contrat.objects.published(), "territoire"),
    ),
    _empty("territoire-elu", Territoire, "élu du binôme", "elu"),
    _empty("territoire-industriel", Territoire, "industriel du binôme", "industriel"),
    _empty("territoire-chef", Territoire, "chef de projet", "chef_de_projet"),
    Regle(
        "territoire-prefigurateur",
        Territoire,
        "préfigurateur ou non",
        lambda day: Q(prefigurateur__isnull=True),
    ),
)


def sans_referent(operateur):
    """The rule of the territories that no référent of `operateur` follows."""

    def condition(day):
        return ~_has(referents_en_fonction(day).filter(operateur=operateur), "territoire")

    return Regle(f"referent-{operateur.pk}", Territoire, f"référent de {operateur}", condition)


# --- Contracts --------------------------------------------------------------------------------

_SIGNES = [Contrat.Statut.SIGNE, Contrat.Statut.EN_COURS, Contrat.Statut.ACHEVE]
_SIGNE = {"statut__in": ",".join(_SIGNES)}


def _of_signed(code, manque, name, *, bloque=False):
    """What a signed contract states: a column that is null."""
    return Regle(
        code,
        Contrat,
        manque,
        lambda day: Q(statut__in=_SIGNES, **{f"{name}__isnull": True}),
        {**_SIGNE, f"{name}__isnull": "True"},
        bloque,
    )


CONTRAT = (
    _of_signed("contrat-date", "date de signature", "date_signature", bloque=True),
    Regle(
        "contrat-signataires",
        Contrat,
        "signataires",
        lambda day: Q(statut__in=_SIGNES) & ~_has(Signataire.objects.all(), "contrat"),
        bloque=True,
    ),
    _of_signed("contrat-montant", "montant", "montant_eur"),
    _of_signed("contrat-actions", "nombre d’actions", "nb_actions"),
    Regle(
        "contrat-seance",
        Contrat,
        "séance de validation publiée",
        lambda day: Q(statut=Contrat.Statut.VALIDE) & ~Q(seance__publication=Publication.PUBLIE),
        bloque=True,
    ),
    Regle(
        "contrat-fin",
        Contrat,
        "date d’achèvement",
        lambda day: Q(statut=Contrat.Statut.ACHEVE, date_fin__isnull=True),
        {"statut__exact": Contrat.Statut.ACHEVE, "date_fin__isnull": "True"},
    ),
)

# --- Projects ---------------------------------------------------------------------------------


def _of_projet(name, manque, **condition):
    """A column of a project that states nothing."""
    given = condition or {name: ""}
    shown = {key: "True" if value is True else value for key, value in given.items()}
    # The admin list of projects does not filter on a commune.
    liste = {} if name == "commune" else shown
    return Regle(f"projet-{name}", Projet, manque, lambda day: Q(**given), liste)


PROJET = (
    _of_projet("objet", "objet"),
    _of_projet("axe", "axe"),
    _of_projet("statut", "statut"),
    _of_projet("commune", "commune", commune__isnull=True),
    _of_projet("siren", "SIREN du porteur"),
    _of_projet("emplois", "emplois créés", emplois_crees__isnull=True),
    _of_projet("investissement", "investissement", investissement_eur__isnull=True),
)

# --- Séances, réalisations --------------------------------------------------------------------

SEANCE = (
    Regle(
        "seance-compte-rendu",
        Seance,
        "compte rendu",
        lambda day: Q(date__lt=day, compte_rendu=""),
    ),
)

REALISATION = (
    Regle("realisation-valeur", Realisation, "valeur", lambda day: Q(valeur__isnull=True)),
)

REGLES = (*CONTRAT, *TERRITOIRE, *PROJET, *SEANCE)
"""What a committee completes; the référents are told apart, one rule for each operator."""
