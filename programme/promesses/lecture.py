"""What the published records say of each promise, measured on the territories of phase 1.

The promises of 6 March 2019 are about phase 1: what a target counts in is how many territories the
map of that phase had at the end of each year, never those of phase 2.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.core.cache import caches
from django.db.models import Case, CharField, Count, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from programme.models import DonneesVersion, Engagement, Realisation, Referent
from programme.promesses.regle import GRACE, Jugement, Preuve, Promesse, Statut, juger
from territoires import moment
from territoires.models import Operateur, Phase, Territoire

PHASE = 1
PAR_AN = "par an"
PAR_TERRITOIRE = "par territoire"
PAR_OPERATEUR = "par opérateur"


@dataclass(frozen=True)
class Suivi:
    """One published promise: as it is measured, its evidence, what became of it.

    tenues: its published réalisations. territoires: how many it counts in, at the end of a year.
    """

    engagement: Engagement
    promesse: Promesse
    preuves: tuple[Preuve, ...]
    jugement: Jugement
    tenues: tuple[Realisation, ...] = ()
    couverts: tuple[tuple[int, int], ...] = ()
    """`(year, pairs of an opérateur and a territory that have a published référent)`."""

    def au(self, jour):
        """What became of it as of another day, by the same evidence."""
        return juger(self.promesse, self.preuves, jour)

    @property
    def statut(self):
        return self.jugement.statut

    @property
    def echeance_lue(self):
        """Whether the deadline is the portal's reading of words without a day."""
        return self.promesse.echeance is not None and self.engagement.echeance is None

    @property
    def echu_depuis(self):
        """The first day of « échu sans preuve publiée »; None when that is not its status."""
        if self.statut != Statut.ECHU:
            return None
        return self.promesse.echeance + GRACE + datetime.timedelta(days=1)


def echeance(engagement):
    """The last day of a promise.

    Of words without a day (« dès l’été »), the end of the year in which it begins: the latest that
    they may mean, so that nobody is said to be late by our reading.
    """
    if engagement.echeance:
        return engagement.echeance
    if engagement.echeance_mots and engagement.debut:
        return datetime.date(engagement.debut, 12, 31)
    return None


def promesse(engagement, territoires, operateurs):
    """The promise as it is measured; `territoires`: {year: how many phase 1 had}."""
    due, target = echeance(engagement), engagement.cible
    yearly = engagement.rythme == PAR_AN
    multiples = {}
    if PAR_TERRITOIRE in engagement.unite or _each_and_territory(engagement.unite):
        each = operateurs if PAR_OPERATEUR in engagement.unite else 1
        multiples = {year: number * each for year, number in territoires.items()}
    elif yearly and due and target is not None and engagement.debut:
        target *= due.year - engagement.debut + 1
    return Promesse(
        due, target, multiples, cumul=not multiples, sans_fin=bool(yearly and due is None)
    )


def _each_and_territory(unit):
    return PAR_OPERATEUR in unit and "territoire" in unit


def suivis():
    """A `Suivi` for each published promise, by operator and code; read once for each version."""
    version, jour = DonneesVersion.objects.current(), moment.today()
    key = moment.cle(f"promesses-{version.numero}-{jour}")
    return caches["memoire"].get_or_set(key, lambda: _read(jour))


def _read(jour):
    rows = Engagement.objects.published().select_related("operateur")
    rows = list(rows.order_by("operateur__nom", "code"))
    if not rows:
        return []
    done = defaultdict(list)
    for row in Realisation.objects.published().select_related("operateur").order_by("annee"):
        done[row.engagement_id].append(row)
    operateurs = Operateur.objects.order_by().values(_tous=Value(1)).annotate(n=Count("pk"))
    phases = Phase.objects.annotate(nb_operateurs=Coalesce(Subquery(operateurs.values("n")), 0))
    phase = phases.get(pk=PHASE)
    years = _years(rows, done, jour)
    ends = {year: _last_day(year, phase, jour) for year in years}
    lu = Lu(_territories(ends), phase.nb_operateurs, _covered(ends), jour)
    return [_suivi(row, tuple(done[row.pk]), lu) for row in rows]


@dataclass(frozen=True)
class Lu:
    """What every promise is measured with on `jour`: territories of phase 1 and pairs of an
    opérateur and a territory that have a référent, by year; how many opérateurs there are."""

    territoires: dict[int, int]
    operateurs: int
    couverts: dict[int, int]
    jour: datetime.date


def _suivi(row, tenues, lu):
    promised = promesse(row, lu.territoires, lu.operateurs)
    evidence = tuple(Preuve(one.annee, one.valeur) for one in tenues)
    pairs = ()
    if row.operateur_id is None and row.type == Engagement.Type.REFERENT and not evidence:
        # Each opérateur names one référent a territory: those that are published are the evidence.
        pairs = tuple((year, number) for year, number in sorted(lu.couverts.items()) if number)
        evidence = tuple(Preuve(year, number) for year, number in pairs)
    return Suivi(row, promised, evidence, juger(promised, evidence, lu.jour), tenues, pairs)


def _years(rows, done, jour):
    told = [row.debut for row in rows if row.debut]
    told += [one.annee for all_of_them in done.values() for one in all_of_them]
    return range(min([*told, jour.year]), jour.year + 1)


def _last_day(year, phase, jour):
    """The day on which the territories of a year are counted: its end, or that of the phase."""
    days = [datetime.date(year, 12, 31), jour]
    if phase.fin:
        days.append(phase.fin - datetime.timedelta(days=1))
    return min(days)


def _territories(ends):
    """{year: how many territories phase 1 had}, in one query."""
    of_phase = Territoire.objects.filter(phase=PHASE)
    there = {
        f"fin_{year}": Count("pk", filter=Q(pk__in=of_phase.at(day).order_by().values("pk")))
        for year, day in ends.items()
    }
    counts = of_phase.aggregate(**there)
    return {year: counts[f"fin_{year}"] for year in ends}


def _covered(ends):
    """{year: pairs of an opérateur and a territory of phase 1 with a published référent}."""
    referents = Referent.objects.published().filter(territoire__phase=PHASE)
    rows = list(referents.values_list("operateur", "territoire", "debut", "fin"))
    return {
        year: len({(o, t) for o, t, debut, fin in rows if debut <= day and (not fin or fin > day)})
        for year, day in ends.items()
    }


def statut_en_sql():
    """The status of each promise as an expression: what `suivis` found, told by primary key."""
    cases = [When(pk=one.engagement.pk, then=Value(str(one.statut.value))) for one in suivis()]
    return Case(*cases, default=Value(None), output_field=CharField(null=True))
