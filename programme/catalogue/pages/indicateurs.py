"""What the published records add up to: each announced figure's recount is declared here, once.

A recount is a `Recompte`: a value, and the records of which it is made. Nothing here says why it
differs from what was announced: `recomptes.expliquer` computes it.

`calculer()` evaluates any number of expressions in one query, for every page that counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import BigIntegerField, DateField, F, Func, Subquery
from django.db.models.functions import Cast, Coalesce
from django.utils.http import urlencode
from django.utils.text import get_text_list

from programme.catalogue.pages.recomptes import (
    Groupe,
    Recompte,
    Situation,
    jour_de_calcul,
    situation,
)
from programme.colonnes import Lignes, lignes
from programme.enonces import quantite
from programme.models import (
    ChiffreAnnonce,
    Contrat,
    DonneesVersion,
    Enveloppe,
    Fait,
    Precision,
)
from programme.models.chiffres import codes_des_sources
from programme.models.repartition import DITS
from territoires import moment
from territoires.carte import code_membre
from territoires.dates import date_in_words, le

FONDS = "Fonds d’accélération des investissements industriels dans les territoires"
FINANCEUR_DU_FONDS = "etat-fonds-acceleration"
NORMANDIE = "28"
EMPLOIS = "Somme des emplois créés des projets publiés que le fonds finance."


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


def derniere_date(queryset, field):
    """The latest date of a column, as an expression; null when no row states it."""
    latest = _Whole(F(field), function="MAX", output_field=DateField())
    return Subquery(queryset.order_by().annotate(_value=latest).values("_value"))


def lignes_du_fonds():
    """The public projects that the fund of acceleration pays for, to be counted."""
    return lignes().finances([FINANCEUR_DU_FONDS])


def sommaire(rows):
    """Expressions over rangements: how many, their jobs, how many tell them, their last day."""
    return {
        "projets": compte(rows),
        "emplois": somme(rows, "emplois_crees"),
        "emplois_renseignes": compte(rows.filter(emplois_crees__isnull=False)),
        "etat_des_projets": derniere_date(rows, "mise_a_jour"),
    }


def calculer_avec_le_fonds(wanted):
    """As `calculer`, with the `sommaire` of the projects of the fund: one query at most."""
    rows = lignes_du_fonds()
    if isinstance(rows, Lignes):
        return calculer(wanted) | rows.sommaire()
    return calculer(wanted | sommaire(rows))


def requete_du_fonds():
    """The query string by which the list of projects shows them."""
    return urlencode({"financeur": FINANCEUR_DU_FONDS})


def enveloppes_du_fonds():
    return Enveloppe.objects.published().filter(fonds=FONDS)


@dataclass(frozen=True)
class Indicateur:
    """What an announced figure counts, and how the published records recount it.

    methode: how it is computed, in a sentence. recompter(annonce, registre): the `Recompte`; None
    for a figure that no published record can recount, `methode` then says why.
    """

    code: str
    theme: str
    titre: str
    methode: str
    recompter: Callable[[ChiffreAnnonce, Any], Recompte] | None = None


SANS_DONNEE = "Aucune donnée publiée ne permet de recompter ce chiffre."
Theme = Fait.Theme


# --- The map ----------------------------------------------------------------------------------


def _territoires(annonce, registre):
    carte = registre.carte(annonce)
    possibles, deduced = len(carte.possibles), len(carte.reconstitues)
    by = max((p.depuis for p in carte.possibles), default=None)
    last = date_in_words(by, Precision.AU_PLUS_TARD)
    open_ones = Groupe(
        possibles,
        f"sur les {quantite(possibles)} possibles ce jour-là, dont l’entrée n’est attestée que "
        f"plus tard, {last} pour les derniers",
    )
    return Recompte(
        len(carte.presents),
        fiches=len(carte.presents),
        propres=sum(_propre(annonce, *_sources(p)) for p in carte.presents),
        incertaines=(Groupe(deduced, "qu’aucun document ne place sur la carte ce jour-là"),),
        ecartees=(open_ones,),
        possibles=possibles,
        reconstitues=deduced,
        notes=_notes(
            deduced
            and f"{quantite(deduced)} de ces {quantite(len(carte.presents))} territoires par "
            "reconstitution : aucune liste ni aucun document ne dit qu’ils y étaient ce jour-là.",
            _au_dela(carte),
        ),
    )


def _au_dela(carte):
    """What a count after the last list known is worth; "" before."""
    if not carte.derniers:
        return ""
    return (
        f"Rien n’est attesté à cette date : c’est la dernière liste connue, {le(carte.horizon)}, "
        "qui est comptée."
    )


def _sources(presence):
    """The sources that state the members of a territory that day."""
    return [membre.source for membre in presence.membres]


def _membres(annonce, registre):
    """The members of the map of the day, each once."""
    membres = {
        code_membre(membre): membre
        for presence in registre.carte(annonce).presents
        for membre in presence.membres
    }
    return membres.values()


def _intercommunalites(annonce, registre):
    counted = [m for m in _membres(annonce, registre) if m.intercommunalite_id]
    return Recompte(
        len(counted),
        fiches=len(counted),
        propres=sum(_propre(annonce, membre.source) for membre in counted),
        notes=_notes(_au_dela(registre.carte(annonce))),
    )


def _communes(annonce, registre):
    membres = _membres(annonce, registre)
    return Recompte(
        registre.nb_communes(annonce),
        fiches=len(membres),
        propres=sum(_propre(annonce, membre.source) for membre in membres),
        notes=_notes(_au_dela(registre.carte(annonce))),
    )


def _dits(annonce, presences, dire, non, citer=lambda territoire: ""):
    """Territories of which something is said; `dire` gives True, False, or None.

    What nobody says of a territory is not « no »: each silent one may be one more. `citer` gives
    the source of what is said.
    """
    said = [(presence.territoire, dire(presence.territoire)) for presence in presences]
    counted = [territoire for territoire, answer in said if answer]
    silent = sum(answer is None for _, answer in said)
    stated = len(said) - silent
    return Recompte(
        len(counted) if stated else None,
        fiches=len(counted),
        propres=sum(_propre(annonce, citer(territoire)) for territoire in counted),
        renseignes=stated,
        ecartees=(Groupe(silent, f"sur les {quantite(silent)} territoires {non}"),),
        manque=silent and f"ce jour-là, {quantite(silent, 'territoires')} {non}",
    )


def _des_debuts(dire, citer=lambda territoire: ""):
    """To be one of the first proves that a territory was there, whatever the date of its entry."""

    def recompter(annonce, registre):
        carte = registre.carte(annonce)
        known = [p for p in carte.presences if dire(p.territoire) is not None]
        open_ones = [p for p in [*carte.presents, *carte.possibles] if dire(p.territoire) is None]
        non = "dont aucune source publiée ne dit s’ils en étaient"
        return _dits(annonce, [*known, *open_ones], dire, non, citer)

    return recompter


def _chefs_de_projet(annonce, registre):
    non = "dont le chef de projet n’est pas renseigné"
    here = registre.carte(annonce).presents
    return _dits(annonce, here, lambda territoire: bool(territoire.chef_de_projet) or None, non)


# --- Acts -------------------------------------------------------------------------------------


def _signatures(annonce, registre, keep=lambda contrat, annonce: True):
    """`(counted, open)`: the protocols signed by then, each act once; those that may have been."""
    counted, undecided = [], []
    for contrat in registre.contrats:
        if contrat.type == Contrat.Type.CONTRAT or not keep(contrat, annonce):
            continue
        when = situation(annonce, contrat.date_signature, contrat.precision_signature)
        if when == Situation.COMPTEE and contrat.type == Contrat.Type.PROTOCOLE:
            counted.append(contrat)
        elif when != Situation.POSTERIEURE:
            undecided.append(contrat)
    keys = {contrat.pk for contrat in counted}
    return [c for c in counted if c.meme_acte_que_id not in keys], undecided


def _protocoles(annonce, registre, keep=lambda contrat, annonce: True):
    counted, undecided = _signatures(annonce, registre, keep)
    reason = "dont la date de signature, ou la nature de l’acte, n’est pas assez connue"
    return Recompte(
        len(counted),
        fiches=len(counted),
        propres=sum(_propre(annonce, contrat.source) for contrat in counted),
        ecartees=(Groupe(len(undecided), f"sur les {quantite(len(undecided))} actes {reason}"),),
        notes=_notes(_doubles(counted, registre)),
    )


def _doubles(counted, registre):
    """What is said of those that may be the same act as another published one."""
    by_key = {contrat.pk: contrat for contrat in registre.contrats}
    twins = [by_key[c.meme_acte_que_id] for c in counted if c.meme_acte_que_id in by_key]
    if not twins:
        return ""
    names = get_text_list([twin.intitule for twin in twins], "et")
    some = f"{quantite(len(twins))} de ces {quantite(len(counted))} protocoles"
    if len(twins) == 1:
        said = f"{some} est peut-être le même acte qu’un autre publié ({names})"
        return f"{said} : un compte des actes signés ne le compte qu’une fois."
    said = f"{some} sont peut-être les mêmes actes que d’autres publiés ({names})"
    return f"{said} : un compte des actes signés ne les compte qu’une fois."


def _en_normandie(contrat, annonce):
    """Signed on the very day, in Normandie."""
    on_the_day = contrat.date_signature == annonce.date
    on_the_day &= contrat.precision_signature == Precision.JOUR
    return on_the_day and NORMANDIE in {region.pk for region in contrat.territoire.regions.all()}


def _regions(annonce, registre):
    counted, undecided = _signatures(annonce, registre)
    here, maybe = (
        {region.pk for contrat in rows for region in contrat.territoire.regions.all()}
        for rows in (counted, undecided)
    )
    others = len(maybe - here)
    shared = [c.intitule for c in counted if len(c.territoire.regions.all()) > 1]
    return Recompte(
        len(here),
        fiches=len(counted),
        propres=sum(_propre(annonce, contrat.source) for contrat in counted),
        ecartees=(Groupe(others, "où un acte est signé à une date trop peu connue"),),
        notes=_notes(
            shared and f"Partagé entre deux régions, compté dans chacune : {', '.join(shared)}."
        ),
    )


def _conventions(annonce, registre):
    counted = [
        convention
        for convention in registre.conventions
        if situation(annonce, convention.signee_le, Precision.JOUR) == Situation.COMPTEE
    ]
    propres = sum(_propre(annonce, convention.source) for convention in counted)
    return Recompte(len(counted), fiches=len(counted), propres=propres)


# --- Projects and money -----------------------------------------------------------------------


def _projets_remontes(annonce, registre):
    found = registre.projets
    silent = found["publies"] - found["renseignes"]
    return Recompte(
        found["comptes"] if found["renseignes"] else None,
        fiches=found["comptes"],
        renseignes=found["renseignes"],
        ecartees=(Groupe(silent, f"sur les {quantite(silent)} projets publiés sans statut"),),
        notes=_notes(
            found["renseignes"]
            and silent
            and f"{quantite(silent)} projets publiés n’ont pas de statut renseigné."
        ),
        manque=silent and f"aucun des {quantite(silent)} projets publiés ne dit son statut",
    )


def _apres(annonce):
    """The day after which a record is later than the announcement, and what is said of it."""
    day = jour_de_calcul(annonce)
    words = date_in_words(day)
    return day, f"par une mise à jour de la liste postérieure au {words}"


def _projets_du_fonds(annonce, registre):
    day, reason = _apres(annonce)
    total = registre.du_fonds("projets")
    later = registre.du_fonds("projets", day) or 0
    return Recompte(
        total, fiches=total or 0, posterieures=Groupe(later, f"projets inscrits {reason}")
    )


def _entreprises_du_fonds(annonce, registre):
    day, reason = _apres(annonce)
    total, later = registre.nb_entreprises(), registre.nb_entreprises(day)
    _, silent = registre.entreprises
    return Recompte(
        total or None,
        fiches=total,
        posterieures=Groupe(later, f"entreprises inscrites {reason}"),
        ecartees=(Groupe(silent, f"sur les {quantite(silent)} projets sans SIREN"),),
    )


def _somme_du_fonds(field):
    def recompter(annonce, registre):
        day, reason = _apres(annonce)
        total = registre.du_fonds("projets") or 0
        stated = registre.du_fonds(f"{field}{DITS}") or 0
        later = registre.du_fonds(f"{field}{DITS}", day) or 0
        silent = total - stated
        return Recompte(
            registre.du_fonds(field),
            fiches=stated,
            renseignes=stated,
            posterieures=Groupe(
                registre.du_fonds(field, day) or 0,
                f"de {quantite(later)} projets inscrits {reason}",
            ),
            notes=_notes(
                silent
                and f"{quantite(silent)} projets sur {quantite(total)} ne le renseignent pas : ce "
                "qu’ils feraient de l’écart n’est pas connu."
            ),
        )

    return recompter


def _enveloppes(keep, noter=lambda counted: ""):
    def recompter(annonce, registre):
        year = annonce.date.year
        counted = [e for e in registre.enveloppes if e.annee == year and keep(e)]
        amounts = [e.montant_eur for e in counted if e.montant_eur is not None]
        return Recompte(
            sum(amounts) if amounts else None,
            fiches=len(amounts),
            propres=sum(_propre(annonce, enveloppe.source) for enveloppe in counted),
            notes=_notes(noter(counted)),
            manque=f"aucune enveloppe publiée du fonds pour {year} ne le dit",
        )

    return recompter


def _nommant(words):
    """Whether the title of an envelope has one of these words."""
    return lambda enveloppe: any(word in enveloppe.intitule.lower() for word in words)


_A_REPARTIR = _nommant(("entre les régions",))


def _regionalisee(enveloppe):
    return enveloppe.region_id is not None or _A_REPARTIR(enveloppe)


def _sans_repartition(counted):
    """What is said of regional money that no published record gives to a région."""
    shared = [e for e in counted if e.region_id is None and e.montant_eur]
    total = quantite(sum(e.montant_eur for e in shared), "EUR")
    return shared and f"{total} à répartir : la part de chaque région n’est pas publiée."


# --- What they share --------------------------------------------------------------------------


def _propre(annonce, *sources):
    """Whether a record rests on the documents of the announcement alone."""
    cited = {code for text in sources for code in codes_des_sources(text)}
    return bool(cited) and cited <= annonce.codes_des_sources


def _notes(*notes):
    return tuple(note for note in notes if note)


INDICATEURS = {
    indicateur.code: indicateur
    for indicateur in (
        Indicateur(
            "territoires",
            Theme.TERRITOIRES,
            "Territoires sur la carte",
            "Territoires dont un membre au moins est attesté à la date du chiffre.",
            _territoires,
        ),
        Indicateur(
            "intercommunalites",
            Theme.TERRITOIRES,
            "Intercommunalités de ces territoires",
            "Intercommunalités membres d’un territoire attesté à la date du chiffre, chacune une "
            "fois ; une commune membre à elle seule n’en est pas une.",
            _intercommunalites,
        ),
        Indicateur(
            "communes",
            Theme.TERRITOIRES,
            "Communes de ces territoires",
            "Communes des membres des territoires attestés à la date du chiffre, dans la "
            "géographie de la liste alors en vigueur.",
            _communes,
        ),
        Indicateur(
            "territoires_prefigurateurs",
            Theme.TERRITOIRES,
            "Territoires préfigurateurs",
            "Territoires de la carte dits préfigurateurs.",
            _des_debuts(lambda territoire: territoire.prefigurateur),
        ),
        Indicateur(
            "territoires_pilotes",
            Theme.TERRITOIRES,
            "Territoires pilotes",
            "Territoires qu’un document publié nomme parmi les pilotes.",
            _des_debuts(
                lambda territoire: bool(territoire.pilote) or None,
                lambda territoire: territoire.pilote,
            ),
        ),
        Indicateur(
            "participants_assemblee",
            Theme.GOUVERNANCE,
            "Participants à l’assemblée générale",
            f"{SANS_DONNEE} La liste des participants n’est pas publiée.",
        ),
        Indicateur(
            "conventions_operateurs",
            Theme.OPERATEURS,
            "Conventions signées par les opérateurs",
            "Conventions publiées, signées au plus tard à la date du chiffre.",
            _conventions,
        ),
        Indicateur(
            "projets_remontes",
            Theme.PROJETS,
            "Projets remontés par les territoires",
            "Projets publiés dont le statut est renseigné, abandonnés exclus.",
            _projets_remontes,
        ),
        Indicateur(
            "protocoles_signes",
            Theme.CONTRATS,
            "Protocoles d’accord signés",
            "Protocoles publiés signés à cette date ; « au plus tard » ce jour compte comme avant "
            "l’événement, « ce jour » comme pendant.",
            _protocoles,
        ),
        Indicateur(
            "protocoles_signes_normandie",
            Theme.CONTRATS,
            "Protocoles signés le jour du comité, en Normandie",
            "Protocoles publiés de Normandie signés ce jour même.",
            partial(_protocoles, keep=_en_normandie),
        ),
        Indicateur(
            "regions_protocoles",
            Theme.CONTRATS,
            "Régions des protocoles signés avant ce comité",
            "Régions des territoires de ces protocoles, chacune une fois.",
            _regions,
        ),
        Indicateur(
            "renforcement_fonds",
            Theme.FONDS,
            "Renforcement du fonds d’accélération",
            "Somme des enveloppes publiées du fonds pour l’année du chiffre.",
            _enveloppes(lambda enveloppe: True),
        ),
        Indicateur(
            "renforcement_fonds_reconversion_collectifs",
            Theme.FONDS,
            "Renforcement du fonds : territoires en reconversion et projets collectifs",
            "Somme des enveloppes publiées du fonds pour l’année du chiffre dont l’intitulé nomme "
            "la reconversion ou les projets collectifs.",
            _enveloppes(_nommant(("reconversion", "projets collectifs"))),
        ),
        Indicateur(
            "renforcement_fonds_enveloppes_regionales",
            Theme.FONDS,
            "Renforcement du fonds : enveloppes régionalisées",
            "Somme des enveloppes publiées du fonds pour l’année du chiffre qui nomment leur "
            "région, ou que leur intitulé dit à répartir entre les régions.",
            _enveloppes(_regionalisee, _sans_repartition),
        ),
        Indicateur(
            "chefs_de_projet",
            Theme.GOUVERNANCE,
            "Chefs de projet",
            "Territoires de la carte dont le chef de projet est renseigné.",
            _chefs_de_projet,
        ),
        Indicateur(
            "projets_fonds_acceleration",
            Theme.FONDS,
            "Projets soutenus par le fonds d’accélération",
            "Projets publiés que le fonds finance, chacun compté une fois.",
            _projets_du_fonds,
        ),
        Indicateur(
            "entreprises_accompagnees_fonds",
            Theme.FONDS,
            "Entreprises accompagnées par le fonds d’accélération",
            "SIREN différents des projets publiés que le fonds finance.",
            _entreprises_du_fonds,
        ),
        Indicateur(
            "emplois_fonds_acceleration",
            Theme.FONDS,
            "Créations d’emplois des projets du fonds d’accélération",
            EMPLOIS,
            _somme_du_fonds("emplois_crees"),
        ),
        Indicateur(
            "emplois_fonds_acceleration_declaration",
            Theme.FONDS,
            "Emplois créés par ces projets, selon une déclaration",
            EMPLOIS,
            _somme_du_fonds("emplois_crees"),
        ),
        Indicateur(
            "investissement_fonds_acceleration",
            Theme.FONDS,
            "Investissement industriel des projets du fonds d’accélération",
            "Somme de l’investissement des projets publiés que le fonds finance.",
            _somme_du_fonds("investissement_eur"),
        ),
        Indicateur(
            "engagement_total_trois_ans",
            Theme.ARGENT,
            "Engagement total de l’État, des opérateurs et des régions",
            f"{SANS_DONNEE} Les fiches ne disent pas ce que chacun a accordé.",
        ),
        Indicateur(
            "personnes_formees",
            Theme.EMPLOI,
            "Personnes formées",
            f"{SANS_DONNEE} Aucune fiche ne compte de personnes formées.",
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
    if instant := moment.actuel():
        found["modifie_le"] = instant
    return found
