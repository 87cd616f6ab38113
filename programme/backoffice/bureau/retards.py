"""The operators' commitments that are late: a deadline that has passed, a year without its result.

The years, what was promised and what was delivered are those of the operator's public page.
"""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.text import get_text_list

from programme.catalogue.pages.operateurs import annees_de
from programme.enonces import quantite
from programme.models import Engagement, Realisation
from territoires.dates import date_in_words
from territoires.models import Operateur

AUCUNE = "aucune réalisation publiée"


@dataclass(frozen=True)
class Retard:
    """A commitment that one operator is late on, and why, in words."""

    engagement: Engagement
    operateur: Operateur
    raisons: list[str]


def retards(agent, day):
    """The `Retard`s at `day`, in three queries; an operator's officer reads its own."""
    delivered = Realisation.objects.published().order_by("annee")
    engagements = Engagement.objects.published().visible_to(agent).order_by("type", "code")
    rows = list(engagements.prefetch_related(Prefetch("realisations", delivered, "tenues")))
    operateurs = list(Operateur.objects.visible_to(agent))
    return [
        Retard(engagement, operateur, raisons)
        for operateur in operateurs
        for engagement in rows
        if engagement.operateur_id in {operateur.pk, None}
        and (raisons := _reasons(engagement, operateur, day))
    ]


def _reasons(engagement, operateur, day):
    tenues = [row for row in engagement.tenues if row.operateur_id == operateur.pk]
    years = annees_de(engagement, tenues, day)
    yearly = engagement.rythme == "par an"
    late = engagement.echeance is not None and engagement.echeance < day
    if not tenues:
        if late:
            said = date_in_words(engagement.echeance, engagement.precision_echeance)
            return [f"échéance passée ({said}), {AUCUNE}"]
        return [AUCUNE] if yearly else []
    if yearly:
        return _by_year(years, engagement, day)
    return _in_all(tenues, engagement) if late else []


def _by_year(years, engagement, day):
    # The year under way is not late yet.
    missing = [str(y.annee) for y in years if y.tenu is None and y.annee < day.year]
    reasons = [f"non renseigné : {get_text_list(missing, 'et')}"] if missing else []
    under = [y for y in years if y.ecart is not None and y.ecart < 0 and y.annee < day.year]
    return reasons + [f"{y.annee} : {_out_of(y.tenu, engagement)}" for y in under]


def _in_all(tenues, engagement):
    """The deadline has passed: what was delivered in all, against the target."""
    if engagement.cible is None:
        return []
    stated = [row.valeur for row in tenues if row.valeur is not None]
    said = date_in_words(engagement.echeance, engagement.precision_echeance)
    if not stated:
        return [f"échéance passée ({said}), valeur non renseignée"]
    total = sum(stated)
    if total >= engagement.cible:
        return []
    return [f"échéance passée ({said}) : {_out_of(total, engagement)}"]


def _out_of(delivered, engagement):
    """« 18 sur 20 territoires », « 18 sur une vingtaine de territoires »."""
    unit = "EUR" if engagement.unite == "EUR" else ""
    return f"{quantite(delivered, unit)} sur {engagement.promis}"
