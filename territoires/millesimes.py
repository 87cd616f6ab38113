"""Which communes make an intercommunalité, or a territory, in the geography of a list.

The rule: at a date, the geography of the list in force then (`millesime`): 2022 for phase 1, 2023
from 9 November 2023, 2024 from 4 July 2024 and after. What became of the communes since is told
beside the answer; it does not make it. SQL asks `Commune.objects.at(date)`; what holds its
communes already, `Geographies`.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from territoires.models import Commune, MouvementCommune, Rattachement
from territoires.models.geographie import millesime

__all__ = ["Geographies", "avec_situation", "communes_des_territoires", "etat", "millesime"]


def etat(date: datetime.date) -> datetime.date:
    """The day whose geography answers at `date`: a 1 January."""
    return datetime.date(millesime(date), 1, 1)


class Geographies:
    """What some communes belonged to, in every known vintage. One query, whatever their number."""

    def __init__(self, mouvements: Iterable[MouvementCommune]):
        self._par_commune = defaultdict(list)
        for mouvement in sorted(mouvements, key=lambda m: m.date):
            self._par_commune[mouvement.commune_id].append(mouvement)

    @classmethod
    def of(cls, communes: Iterable[Commune]):
        codes = [commune.pk for commune in communes]
        return cls(MouvementCommune.objects.filter(commune__in=codes) if codes else ())

    @classmethod
    def toutes(cls):
        return cls(MouvementCommune.objects.all())

    def mouvements(self, commune: Commune) -> list[MouvementCommune]:
        """All of a commune, the first one first."""
        return self._par_commune.get(commune.pk, [])

    def existe(self, commune: Commune, date: datetime.date) -> bool:
        """Whether the geography in force at `date` has it: `Commune.objects.at(date)`."""
        day = etat(date)
        return not any(
            (m.date <= day and m.rejointe_id is None) or (m.date > day and m.quittee_id is None)
            for m in self.mouvements(commune)
        )

    def intercommunalite(self, commune: Commune, date: datetime.date) -> str | None:
        """The SIREN of its intercommunalité in the geography in force at `date`.

        Before it appears, or once it is gone, that of its first or last day: its place was, or is,
        in a commune of the same.
        """
        day, siren = etat(date), commune.intercommunalite_id
        for mouvement in self.mouvements(commune):
            if mouvement.quittee_id is None or mouvement.date <= day:
                siren = mouvement.rejointe_id or mouvement.quittee_id
        return siren

    def organismes(self, commune: Commune, date: datetime.date) -> list[str]:
        """What it may belong to a territory through, in order: itself, its EPT, its EPCI."""
        found = [commune.pk, commune.ept_id, self.intercommunalite(commune, date)]
        return [code for code in found if code]

    def tous_organismes(self, commune: Commune) -> set[str]:
        """The same in all vintages."""
        bodies = {commune.pk, commune.ept_id, commune.intercommunalite_id}
        for mouvement in self.mouvements(commune):
            bodies |= {mouvement.quittee_id, mouvement.rejointe_id}
        return bodies - {None}


def communes_des_territoires(date: datetime.date, rattachements=None) -> dict[str, list[str]]:
    """{code of a territory: codes of its communes} at `date`, in two queries.

    `rattachements`: a queryset that keeps only some of those of that day. A commune belongs by
    itself first, else through its EPT, else through its intercommunalité.
    """
    rows = Rattachement.objects.at(date) if rattachements is None else rattachements
    of_member = {
        intercommunalite or commune: territoire
        for territoire, intercommunalite, commune in rows.order_by().values_list(
            "territoire", "intercommunalite", "commune"
        )
    }
    found = defaultdict(list)
    communes = Commune.objects.at(date).order_by("code")
    for code, ept, body in communes.values_list("code", "ept", "intercommunalite_alors"):
        territoire = of_member.get(code) or of_member.get(ept) or of_member.get(body)
        if territoire:
            found[territoire].append(code)
    return dict(found)


def avec_situation(queryset, path: str, date: datetime.date):
    """Annotate `situation`: the code of the territory at `date` of the commune at `path`, or null.

    The same rule in SQL: by itself, else through its EPT, else through the intercommunalité that
    it had in the geography in force then; for one that is gone, the last that is known.
    """
    members = Rattachement.objects.at(date).order_by("pk")
    past = MouvementCommune.objects.filter(commune=OuterRef(path), date__lte=etat(date))
    past = past.exclude(rejointe=None).order_by("-date")

    def through(**member):
        return Subquery(members.filter(**member).values("territoire")[:1])

    body = Coalesce(Subquery(past.values("rejointe")[:1]), f"{path}__intercommunalite")
    return queryset.annotate(_siren=body).annotate(
        situation=Coalesce(
            through(commune=OuterRef(path)),
            through(intercommunalite=OuterRef(f"{path}__ept")),
            through(intercommunalite=OuterRef("_siren")),
        )
    )
