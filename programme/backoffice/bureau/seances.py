"""The coming séance of a committee, and the last one that was held."""

from programme.models import Publication, Seance


def seances_de(cadre):
    """The séances of the frame, those that were withdrawn left out.

    An officer of régions reads those of their committees; a national administrator, all régions
    together, those of the national committee.
    """
    rows = cadre.rows(Seance).exclude(publication=Publication.RETIRE)
    if cadre.agent.est_national and cadre.region is None:
        rows = rows.filter(comite_national__isnull=False)
    return rows.select_related("comite_regional__region", "comite_national")


def prochaine(rows, day):
    """The first séance of `rows` on `day` or after; None when none is planned."""
    return rows.filter(date__gte=day).order_by("date", "pk").first()


def derniere(rows, day):
    """The latest séance of `rows` before `day`; None when none was held."""
    return rows.filter(date__lt=day).order_by("-date", "pk").first()
