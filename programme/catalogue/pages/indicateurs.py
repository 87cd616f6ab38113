"""What the published records add up to: each indicator's computation is declared here, once.

`calculer()` evaluates any number of them in one query. Pages show the result beside the announced
figures, with how it is computed and why the two differ.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import BigIntegerField, DateField, Expression, F, Func, Subquery
from django.db.models.functions import Cast, Coalesce

from programme.models import (
    Contrat,
    Convention,
    DonneesVersion,
    Enveloppe,
    Projet,
)
from territoires.models import Territoire

FONDS = "Fonds d’accélération des investissements industriels dans les territoires"
FINANCEUR_DU_FONDS = "etat-fonds-acceleration"


class _Whole(Func):
    """An aggregate of all rows of a subquery, without GROUP BY: exactly one value."""

    def __init__(self, *expressions, output_field=None, **extra):
        super().__init__(*expressions, output_field=output_field or BigIntegerField(), **extra)


def compte(queryset):
    """How many rows, as an expression."""
    counted = queryset.order_by().annotate(_value=_Whole(F("pk"), function="COUNT"))
    return Coalesce(Subquery(counted.values("_value")), 0)


def somme(queryset, field):
    """The sum of a column, as an expression; null when no row states it."""
    added = queryset.order_by().annotate(_value=_Whole(F(field), function="SUM"))
    return Cast(Subquery(added.values("_value")), BigIntegerField())  # numeric on PostgreSQL


def distincts(queryset, field):
    """How many different values of a column, as an expression."""
    template = "COUNT(DISTINCT %(expressions)s)"
    counted = queryset.order_by().annotate(_value=_Whole(F(field), template=template))
    return Coalesce(Subquery(counted.values("_value")), 0)


def derniere_date(queryset, field):
    """The latest date of a column, as an expression; null when no row states it."""
    latest = _Whole(F(field), function="MAX", output_field=DateField())
    return Subquery(queryset.order_by().annotate(_value=latest).values("_value"))


def projets_du_fonds():
    """Published projects that the fund of acceleration pays for, each once."""
    laureats = Projet.objects.filter(financements__financeur__slug=FINANCEUR_DU_FONDS)
    return Projet.objects.published().filter(pk__in=laureats.values("pk"))


def enveloppes_du_fonds():
    return Enveloppe.objects.published().filter(fonds=FONDS)


@dataclass(frozen=True)
class Indicateur:
    """One figure computed from the published records.

    calcul(date) is the expression of its value; `date` is that of the announced figure, or today.
    renseignes(date), when a sum rests on some rows only, that of how many state it.
    methode: how it is computed, in a sentence. ecart: why it differs from what was announced.
    """

    code: str
    titre: str
    unite: str
    methode: str
    ecart: str
    calcul: Callable[[date], Expression] | None = None
    renseignes: Callable[[date], Expression] | None = None


def _signed_by(day, types):
    signed = Contrat.objects.published().filter(type__in=types, date_signature__lte=day)
    return signed.exclude(statut=Contrat.Statut.ABANDONNE)


SANS_DONNEE = "Les données publiées ne permettent pas de recompter ce chiffre."
MEME_ANNONCE = (
    "Les protocoles publiés de ce jour viennent de la même annonce : les recompter ne prouverait "
    "rien."
)

EMPLOIS_DU_FONDS = Indicateur(
    "emplois_fonds_acceleration",
    "Créations d’emplois annoncées par ces projets",
    "emplois",
    "Somme des emplois créés des projets publiés que le fonds finance.",
    "La source ne donne les emplois que d’une partie des projets : les autres sont non "
    "renseignés, et comptés nulle part.",
    lambda day: somme(projets_du_fonds(), "emplois_crees"),
    lambda day: compte(projets_du_fonds().filter(emplois_crees__isnull=False)),
)


def _chefs_de_projet(day):
    return compte(Territoire.objects.at(day).exclude(chef_de_projet=""))


INDICATEURS = {
    indicateur.code: indicateur
    for indicateur in (
        Indicateur(
            "territoires",
            "Territoires sur la carte",
            "territoires",
            "Territoires dont un membre au moins est attesté à la date du chiffre.",
            "Avant le 15 octobre 2020, beaucoup d’entrées ne sont datées que « au plus tard » : "
            "ces territoires sont comptés possibles, et non absents.",
            lambda day: compte(Territoire.objects.at(day)),
        ),
        Indicateur(
            "territoires_prefigurateurs",
            "Territoires préfigurateurs",
            "territoires",
            "Territoires marqués préfigurateurs.",
            "La liste nominative des 29 n’est pas dans les sources publiées.",
            lambda day: compte(Territoire.objects.filter(prefigurateur=True)),
            lambda day: compte(Territoire.objects.filter(prefigurateur__isnull=False)),
        ),
        Indicateur(
            "participants_assemblee",
            "Participants à l’assemblée générale",
            "élus et industriels",
            SANS_DONNEE,
            "Aucune liste de participants n’est publiée.",
        ),
        Indicateur(
            "conventions_operateurs",
            "Conventions signées par les opérateurs",
            "conventions",
            "Conventions publiées, signées au plus tard à la date du chiffre.",
            "",
            lambda day: compte(Convention.objects.published().filter(signee_le__lte=day)),
        ),
        Indicateur(
            "projets_remontes",
            "Projets remontés par les territoires",
            "projets",
            "Projets publiés dont le statut est renseigné, abandonnés exclus.",
            "Les projets publiés sont les lauréats du fonds d’accélération (2020 à 2022), dont la "
            "source ne donne pas le statut ; la liste des projets remontés en 2019 n’est pas "
            "publiée.",
            lambda day: compte(
                Projet.objects.published().exclude(statut__in=["", Projet.Statut.ABANDONNE])
            ),
            lambda day: compte(Projet.objects.published().exclude(statut="")),
        ),
        Indicateur(
            "protocoles_signes",
            "Protocoles d’accord signés",
            "protocoles d’accord",
            "Protocoles publiés, signés au plus tard à la date du chiffre.",
            "Seuls comptent les protocoles dont une source publique atteste la signature et la "
            "date.",
            lambda day: compte(_signed_by(day, [Contrat.Type.PROTOCOLE])),
        ),
        Indicateur(
            "protocoles_signes_normandie",
            "dont signés le jour du comité, en Normandie",
            "protocoles d’accord",
            "Non recompté.",
            MEME_ANNONCE,
        ),
        Indicateur(
            "regions_protocoles",
            "Régions des protocoles signés avant ce comité",
            "régions",
            "Non recompté.",
            MEME_ANNONCE,
        ),
        Indicateur(
            "renforcement_fonds",
            "Renforcement du fonds d’accélération",
            "€",
            "Somme des enveloppes publiées du fonds pour l’année du chiffre.",
            "",
            lambda day: somme(enveloppes_du_fonds().filter(annee=day.year), "montant_eur"),
        ),
        Indicateur(
            "renforcement_fonds_reconversion_collectifs",
            "dont territoires en reconversion et projets collectifs",
            "€",
            SANS_DONNEE,
            "L’enveloppe publiée vient de la même annonce : la recompter ne prouverait rien.",
        ),
        Indicateur(
            "renforcement_fonds_enveloppes_regionales",
            "dont enveloppes régionalisées",
            "€",
            "Somme des enveloppes publiées qui nomment leur région, pour l’année du chiffre.",
            "La répartition des 100 M€ entre les régions n’est pas publiée.",
            lambda day: somme(
                enveloppes_du_fonds().filter(annee=day.year, region__isnull=False), "montant_eur"
            ),
        ),
        Indicateur(
            "chefs_de_projet",
            "Chefs de projet",
            "chefs de projet",
            "Territoires de la carte dont le chef de projet est renseigné.",
            "Les noms ne sont pas dans les sources publiées.",
            _chefs_de_projet,
            _chefs_de_projet,  # each that is named is counted
        ),
        Indicateur(
            "projets_fonds_acceleration",
            "Projets soutenus par le fonds d’accélération",
            "projets",
            "Projets publiés que le fonds finance, chacun compté une fois.",
            "La liste publiée des lauréats s’arrête à mars 2022 et ne contient pas tous les "
            "projets annoncés.",
            lambda day: compte(projets_du_fonds()),
        ),
        Indicateur(
            "entreprises_accompagnees_fonds",
            "Entreprises accompagnées par le fonds d’accélération",
            "entreprises",
            "SIREN différents des projets publiés que le fonds finance.",
            "La liste publiée des lauréats s’arrête à mars 2022 ; un projet sans SIREN n’y compte "
            "pas.",
            lambda day: distincts(projets_du_fonds().exclude(siren=""), "siren"),
            lambda day: compte(projets_du_fonds().exclude(siren="")),
        ),
        EMPLOIS_DU_FONDS,
        replace(
            EMPLOIS_DU_FONDS,
            code="emplois_fonds_acceleration_declaration",
            titre="Les mêmes, dans une déclaration",
        ),
        Indicateur(
            "investissement_fonds_acceleration",
            "Investissement industriel de ces projets",
            "€",
            "Somme de l’investissement des projets publiés que le fonds finance.",
            "La source ne donne l’investissement que d’une partie des projets.",
            lambda day: somme(projets_du_fonds(), "investissement_eur"),
            lambda day: compte(projets_du_fonds().filter(investissement_eur__isnull=False)),
        ),
        Indicateur(
            "engagement_total_trois_ans",
            "Engagement total de l’État, des opérateurs et des régions",
            "€",
            SANS_DONNEE,
            "Aucun montant d’aide par projet n’est publié.",
        ),
        Indicateur(
            "personnes_formees",
            "Personnes formées",
            "personnes",
            SANS_DONNEE,
            "Aucune donnée par territoire n’est publiée.",
        ),
    )
}


def calculer(wanted):
    """The value of each expression of `wanted` (a dict), in one query.

    The answer has the same keys, and `modifie_le`: when the data last changed.
    """
    row = DonneesVersion.objects.filter(pk=1).annotate(**wanted).values("modifie_le", *wanted)
    if (found := row.first()) is None:  # nothing was ever written
        DonneesVersion.objects.current()
        found = row.get()
    return found
