"""The promises of the opérateurs, by status: whose they are, and year after year."""

import datetime
from collections import Counter

from django.urls import reverse

from programme.catalogue.graphiques.declaration import Fichier, Graphique, Ligne, Mesure, Trait
from programme.catalogue.graphiques.formes import Barres, Colonnes
from programme.donnees import horizon
from programme.promesses.lecture import suivis
from programme.promesses.regle import Statut
from programme.templatetags.portail import pluriel
from territoires import moment
from territoires.dates import date_in_words

TRAITS = {
    Statut.TENU: Trait.FORT,
    Statut.TENU_APRES: Trait.PALE,
    Statut.EN_COURS: Trait.MOYEN,
    Statut.ECHU: Trait.ACCENT,
    Statut.SANS_ECHEANCE: Trait.VIDE,
    Statut.RIEN: Trait.INCONNU,
}
TOUS = "Chacun des opérateurs"


def _mesures(lignes):
    """A measure for each status that a row has; all of them without any row."""
    met = {nom for ligne in lignes for nom, number in ligne.valeurs.items() if number}
    return tuple(
        Mesure(statut.name, statut.label, trait, zero="aucun")
        for statut, trait in TRAITS.items()
        if statut.name in met or not lignes
    )


def _comptes(statuts):
    counted = Counter(statuts)
    return {statut.name: counted[statut] for statut in Statut}


def _commun(lus):
    told = horizon.of_texts([suivi.engagement.source for suivi in lus])
    return {
        "fichier": Fichier("engagements", "engagements"),
        "page": reverse("operateurs"),
        "sources": sorted({suivi.engagement.source for suivi in lus if suivi.engagement.source}),
        "jour": told.jour,
    }


def operateur_nom(engagement):
    return engagement.operateur.nom if engagement.operateur else TOUS


def par_operateur(lus=None):
    lus = suivis() if lus is None else lus
    noms = dict.fromkeys(operateur_nom(suivi.engagement) for suivi in lus)
    lignes = [
        Ligne(
            nom,
            _comptes(s.statut for s in lus if operateur_nom(s.engagement) == nom),
            url=next(
                (
                    s.engagement.operateur.get_absolute_url()
                    for s in lus
                    if s.engagement.operateur and s.engagement.operateur.nom == nom
                ),
                "",
            ),
        )
        for nom in sorted(noms, key=lambda nom: (nom == TOUS, nom))
    ]
    return Graphique(
        code="promesses-par-operateur",
        titre=_titre_des_operateurs(lus),
        mesure=f"Engagements de chaque opérateur, selon leur statut au "
        f"{date_in_words(moment.today())}",
        entete="Opérateur",
        mesures=_mesures(lignes),
        lignes=lignes,
        forme=Barres(),
        **_commun(lus),
    )


def _titre_des_operateurs(lus):
    each, silent = set(), set()
    for suivi in lus:
        each.add(suivi.engagement.operateur_id)
        if not suivi.preuves:
            silent.add(suivi.engagement.operateur_id)
    if lus and each == silent:
        return "Chez chaque opérateur, au moins un engagement dont rien n’est publié"
    return "Les engagements de chaque opérateur, selon leur statut"


def constat(lus):
    """What the board finds, in a sentence; without any promise, that there is none."""
    if not lus:
        return "Aucun engagement n’est publié"
    counted = Counter(suivi.statut for suivi in lus)
    kept = counted[Statut.TENU] + counted[Statut.TENU_APRES]
    words = f"Sur {pluriel(len(lus), 'engagement')}, "
    words += (
        f"{pluriel(kept, 'est tenu,sont tenus')} d’après ce qui est publié"
        if kept
        else "aucun ne peut être dit tenu d’après ce qui est publié"
    )
    silent = sum(not suivi.preuves for suivi in lus)
    if silent == len(lus):
        return f"{words} : aucune réalisation n’est publiée"
    if silent:
        words += f" ; pour {'un' if silent == 1 else silent}, rien n’est publié"
    return words


def dans_le_temps(lus=None):
    """The status of each at the end of every year, by the evidence that is published now."""
    lus = suivis() if lus is None else lus
    today = moment.today()
    years = [suivi.engagement.debut for suivi in lus if suivi.engagement.debut]
    days = [datetime.date(year, 12, 31) for year in range(min(years), today.year)] if years else []
    lignes = [
        Ligne(
            date_in_words(day),
            _comptes(suivi.au(day).statut for suivi in lus),
            court=(str(day.year),),
            jour=day,
        )
        for day in [*days, *([today] if lus else [])]
    ]
    return Graphique(
        code="promesses-dans-le-temps",
        titre=_titre_du_temps(lus),
        mesure="Engagements selon leur statut à la fin de chaque année, et ce jour",
        entete="Jour",
        mesures=_mesures(lignes),
        lignes=lignes,
        forme=Colonnes(hauteur=130),
        reserve="D’après les réalisations publiées, placées à leur année.",
        **_commun(lus),
    )


def _titre_du_temps(lus):
    due = sorted(filter(None, (suivi.echu_depuis for suivi in lus)))
    if not due:
        return "Le statut des engagements, année après année"
    if len(due) == 1:
        return f"Un engagement est échu sans preuve publiée depuis le {date_in_words(due[0])}"
    return (
        f"{len(due)} engagements sont échus sans preuve publiée, le premier depuis le "
        f"{date_in_words(due[0])}"
    )
