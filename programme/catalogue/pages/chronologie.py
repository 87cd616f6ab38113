"""What happened to a territory or a contract, as dated events in one order."""

from dataclasses import dataclass
from datetime import date

from programme.enonces import quantite
from programme.models import Precision, Publication


@dataclass(frozen=True)
class Evenement:
    """One dated fact. `precision` is a `Precision` or a certitude; no date: not known."""

    date: date | None
    titre: str
    precision: str = Precision.JOUR
    detail: str = ""
    url: str = ""
    source: str = ""


def in_order(events):
    """The oldest first; those without a date last."""
    return sorted(events, key=lambda event: (event.date is None, event.date or date.max))


def of_contrat(contrat):
    """The events of one contract, its séance already read; its avenants apart."""
    if contrat.seance and contrat.seance.publication == Publication.PUBLIE:
        yield Evenement(
            contrat.seance.date,
            "Validé en comité de pilotage",
            contrat.seance.precision,
            detail=contrat.seance.lieu,
        )
    yield signature(contrat)
    if contrat.date_fin:
        yield Evenement(contrat.date_fin, "Achèvement")


def of_avenant(numero, signe_le, objet, source):
    return Evenement(signe_le, f"Avenant n° {numero} signé", detail=objet, source=source)


def _en_bref(contrat):
    """Where it was signed, and what it tells: « Pau ; 30 actions ; 166 M€ »."""
    told = [contrat.lieu] if contrat.lieu else []
    if contrat.nb_actions is not None:
        told.append(quantite(contrat.nb_actions, "actions"))
    if contrat.montant_eur is not None:
        told.append(quantite(contrat.montant_eur, "EUR"))
    return " ; ".join(told)


def signature(contrat):
    """The signature itself, or the state of a contract that is not signed."""
    waiting = contrat.statut in (contrat.Statut.EN_PREPARATION, contrat.Statut.VALIDE)
    name = contrat.get_type_display()
    return Evenement(
        contrat.date_signature,
        f"{name[0].upper()}{name[1:]} : {contrat.get_statut_display()}"
        if waiting
        else f"{name[0].upper()}{name[1:]} signé",
        contrat.precision_signature or Precision.JOUR,
        detail=_en_bref(contrat),
        url=contrat.get_absolute_url(),
        source=contrat.source,
    )
