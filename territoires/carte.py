"""The map at a date, and what changed between two dates.

Nothing here is stored: everything is computed from the rattachements, in a constant number of
queries (territories, members, earlier names, lists).
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.db.models import Prefetch, Subquery

from territoires.geometrie import trace
from territoires.models import AutreNom, Certitude, Liste, Rattachement, Territoire
from territoires.recherche.texte import plier

LANCEMENT = datetime.date(2018, 11, 22)
"""The day the programme was announced, which the map opens on."""


class Classe(models.TextChoices):
    """What the records say of a territory at a date."""

    ATTESTE = "attesté", "attesté"
    DERNIER = "dernière liste connue", "sur la dernière liste connue"
    POSSIBLE = "possible", "possible"
    ABSENT = "absent", "absent"


@dataclass(frozen=True, slots=True)
class Presence:
    """A territory at a date.

    `nom` is its name at that date. `membres` are its rattachements on that day; for a possible
    territory, those of its coming entry: where it may already be. `depuis` is the day its
    presence is attested from and `certitude` how well that day is known; for an absent
    territory, None and "". `reconstituee`: no list nor document says that it was on the map by
    then; its entry was deduced.
    """

    territoire: Territoire
    nom: str
    classe: Classe
    depuis: datetime.date | None
    certitude: str
    membres: tuple[Rattachement, ...]
    reconstituee: bool = False

    @property
    def presente(self) -> bool:
        """Whether it is on the map, attested or, after the horizon, by the last list."""
        return self.classe in (Classe.ATTESTE, Classe.DERNIER)

    @property
    def mots(self) -> tuple[str, str]:
        """The words that lead to its day, and the form of this day in them (`dates.parties`).

        « attesté, depuis le 6 mars 2019 » ; « possible : entrée attestée au plus tard le … ».
        """
        if self.classe == Classe.POSSIBLE:
            return f"{self.classe.label} : entrée attestée ", "le"
        return (f"{self.classe.label}, ", "depuis") if self.depuis else (self.classe.label, "")

    @property
    def codes_membres(self) -> frozenset[str]:
        """SIREN and commune codes of the members, as the geometry knows them."""
        return frozenset(code_membre(membre) for membre in self.membres)


def code_membre(rattachement: Rattachement) -> str:
    """The SIREN of an intercommunalité, or the INSEE code of a commune member by itself."""
    return rattachement.intercommunalite_id or rattachement.commune_id


def est_membre(rattachement: Rattachement, date: datetime.date) -> bool:
    """`Rattachement.objects.at(date)`, for a row that is already in memory with its phase."""
    terme = rattachement.terme
    return rattachement.debut <= date and (terme is None or terme > date)


def debut_continu(rattachements: Iterable[Rattachement], date: datetime.date) -> datetime.date:
    """The first day of the uninterrupted presence that includes `date`.

    `TerritoireQuerySet.with_dates` says the same in SQL, of the last presence.
    """
    debut = date
    for rattachement in sorted(rattachements, key=lambda r: r.debut, reverse=True):
        if rattachement.debut < debut and (rattachement.fin is None or rattachement.fin >= debut):
            debut = rattachement.debut
    return debut


def certitude_entree(rattachements: Iterable[Rattachement], debut: datetime.date) -> str:
    """How surely the entry of `debut` is known: as the least sure of the members of that day."""
    return Certitude.la_moins_sure([r.certitude for r in rattachements if r.debut == debut])


def premier_jour_possible(rattachements: Iterable[Rattachement], debut: datetime.date):
    """From when the territory that entered on `debut` may have been in; None: not before it."""
    return min(
        (r.possible_des for r in rattachements if r.debut == debut and r.possible_des),
        default=None,
    )


def est_reconstituee(
    territoire: Territoire, debut: datetime.date, certitude: str, date: datetime.date
) -> bool:
    """Whether the presence that began on `debut` is deduced, and not yet confirmed at `date`.

    A day is deduced that says so, or that is drawn from the list of a later day; the first list
    that has the territory confirms it.
    """
    listes = territoire.phase.listes.all()
    if any(debut <= liste.date <= date for liste in listes):
        return False
    cited = territoire.source_entree.split(" ; ")
    drawn = any(liste.source in cited and liste.date > debut for liste in listes)
    return drawn or certitude == Certitude.RECONSTITUEE


def _presence(territoire: Territoire, date: datetime.date, horizon) -> Presence:
    """`territoire` at `date`, from its prefetched rattachements and names.

    It is possible, not absent, when its next entry is dated "au plus tard": it may have been in
    before, though not before its first possible day. A surer date says it was not.
    """
    rattachements = territoire.rattachements.all()
    nom = _nom(territoire, date)
    membres = tuple(r for r in rattachements if est_membre(r, date))
    if membres:
        debut = debut_continu(rattachements, date)
        certitude = certitude_entree(rattachements, debut)
        classe = Classe.DERNIER if horizon and date > horizon else Classe.ATTESTE
        deduced = est_reconstituee(territoire, debut, certitude, date)
        return Presence(territoire, nom, classe, debut, certitude, membres, deduced)
    entree = min((r.debut for r in rattachements if r.debut > date), default=None)
    possible = entree and premier_jour_possible(rattachements, entree)
    if possible and possible <= date:
        membres = tuple(r for r in rattachements if est_membre(r, entree))
        return Presence(
            territoire, nom, Classe.POSSIBLE, entree, Certitude.AU_PLUS_TARD.value, membres
        )
    return Presence(territoire, nom, Classe.ABSENT, None, "", ())


def _nom(territoire: Territoire, date: datetime.date) -> str:
    """The name at `date`: the earlier name that was then in use, else today's."""
    anciens = [a for a in territoire.autres_noms.all() if a.fin and a.fin > date]
    return min(anciens, key=lambda a: a.fin).nom if anciens else territoire.nom


@dataclass(frozen=True)
class Carte:
    """The map at `date`: territories, with what the records say of each then.

    `horizon` is the day of the last list known, None without any: after it nothing is attested.
    """

    date: datetime.date
    presences: tuple[Presence, ...]
    horizon: datetime.date | None = None

    def de_classe(self, classe: Classe) -> list[Presence]:
        """The territories of one class, by name."""
        return [presence for presence in self.presences if presence.classe == classe]

    @cached_property
    def attestes(self) -> list[Presence]:
        return self.de_classe(Classe.ATTESTE)

    @cached_property
    def derniers(self) -> list[Presence]:
        """Those of the last list known, after the horizon."""
        return self.de_classe(Classe.DERNIER)

    @cached_property
    def presents(self) -> list[Presence]:
        """Those on the map: attested, or on the last list known."""
        return [presence for presence in self.presences if presence.presente]

    @cached_property
    def reconstitues(self) -> list[Presence]:
        """Those of them that no list nor document says on the map by then."""
        return [presence for presence in self.presents if presence.reconstituee]

    @cached_property
    def possibles(self) -> list[Presence]:
        return self.de_classe(Classe.POSSIBLE)

    @cached_property
    def absents(self) -> list[Presence]:
        return self.de_classe(Classe.ABSENT)

    @cached_property
    def par_code(self) -> dict[str, Presence]:
        return {presence.territoire.code: presence for presence in self.presences}

    def voisins(self, code: str) -> list[Presence]:
        """The attested territories that share a border with this one."""
        touching = trace().topologie.voisins(_dessinables(self.par_code[code]))
        return [
            p for p in self.presents if p.territoire.code != code and p.codes_membres & touching
        ]


def _dessinables(presence: Presence) -> frozenset[str]:
    """The members whose outline is known: one that was added since may have none yet."""
    return presence.codes_membres & trace().topologie.objets["membres"].keys()


def carte_at(date: datetime.date, territoires=None) -> Carte:
    """The map at `date`: every territory ever known of its phase. In four queries.

    `territoires` is a queryset that keeps only some (a région's, a filter's); default: all.
    """
    known = list(avec_membres(territoires))
    here = [t for t in known if t.phase.a_la_carte(date)]
    return carte_de(date, here, horizon_de(known))


def horizon_de(territoires: Iterable[Territoire]) -> datetime.date | None:
    """The day of the last list that these territories, read `avec_membres`, bring along."""
    return max((t.horizon for t in territoires if t.horizon), default=None)


def carte_de(date: datetime.date, territoires, horizon: datetime.date | None = None) -> Carte:
    """The map of `territoires`, read `avec_membres`: by name, in French order on any database."""
    presences = (_presence(territoire, date, horizon) for territoire in territoires)
    by_name = sorted(presences, key=lambda p: (plier(p.nom), p.territoire.code))
    return Carte(date, tuple(by_name), horizon)


def cartes_at(dates: Iterable[datetime.date], territoires=None) -> dict[datetime.date, Carte]:
    """The map at each of `dates`, of all phases, in four queries altogether."""
    connus = list(avec_membres(territoires))
    horizon = horizon_de(connus)
    return {date: carte_de(date, connus, horizon) for date in set(dates)}


def avec_membres(territoires=None):
    """Territories with all their rattachements, earlier names and lists, in four queries."""
    territoires = Territoire.objects.all() if territoires is None else territoires
    horizon = Subquery(Liste.objects.order_by("-date").values("date")[:1])
    return (
        territoires.annotate(horizon=horizon)
        .select_related("phase")
        .prefetch_related(
            "phase__listes",
            Prefetch(
                "rattachements",
                Rattachement.objects.select_related("intercommunalite", "commune", "phase"),
            ),
            Prefetch("autres_noms", AutreNom.objects.order_by("fin", "nom")),
        )
    )


class Datation(models.TextChoices):
    """What is known of the day of an entry or of an exit, between two dates."""

    SURE = "entre les deux dates", "entre les deux dates"
    ANCIENNE = "peut-être avant", "peut-être avant la première date"
    AU_PLUS_TARD = "au plus tard", "au plus tard le jour dit : leur sortie peut être plus ancienne"
    RECONSTITUEE = "reconstituée", "à un jour reconstitué"


@dataclass(frozen=True, slots=True)
class Mouvement:
    """A territory on the map at one date only. `avant` and `apres` are it at both dates."""

    territoire: Territoire
    avant: Presence
    apres: Presence

    @property
    def sortie(self) -> datetime.date | None:
        """The first day a territory that left was out: the end of its last members."""
        return max((r.terme for r in self.avant.membres), default=None)

    @property
    def certitude(self) -> str:
        """How surely its day is known, as the least sure of the members of that day."""
        if self.apres.presente:
            return self.apres.certitude
        ends = [r.terme_certitude for r in self.avant.membres if r.terme == self.sortie]
        return Certitude.la_moins_sure([end for end in ends if end])

    @property
    def datation(self) -> Datation:
        """An entry may be older than the first date, an exit than its day; a day may be deduced."""
        if self.avant.classe == Classe.POSSIBLE:
            return Datation.ANCIENNE
        if self.avant.presente and self.certitude == Certitude.AU_PLUS_TARD:
            return Datation.AU_PLUS_TARD
        deduced = self.apres.presente and self.apres.reconstituee
        if deduced or self.certitude == Certitude.RECONSTITUEE:
            return Datation.RECONSTITUEE
        return Datation.SURE


@dataclass(frozen=True, slots=True)
class Fusion:
    """Territories that left the map for one that took them over."""

    successeur: Territoire
    predecesseurs: tuple[Territoire, ...]
    gagnes: tuple[Rattachement, ...]
    perdus: tuple[Rattachement, ...]


@dataclass(frozen=True, slots=True)
class Renommage:
    """A territory that is attested at both dates under two names."""

    territoire: Territoire
    ancien: str
    nouveau: str


@dataclass(frozen=True, slots=True)
class ChangementMembres:
    """Members gained and lost by a territory that is attested at both dates."""

    territoire: Territoire
    gagnes: tuple[Rattachement, ...]
    perdus: tuple[Rattachement, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What changed on the map between two dates. Mergers also count as entries and exits."""

    de: Carte
    a: Carte
    entrees: tuple[Mouvement, ...]
    sorties: tuple[Mouvement, ...]
    fusions: tuple[Fusion, ...]
    renommages: tuple[Renommage, ...]
    membres: tuple[ChangementMembres, ...]


def differences(de: datetime.date, a: datetime.date, territoires=None) -> Differences:
    """What changed between two dates, in three queries. ValueError when `de` is after `a`."""
    if de > a:
        raise ValueError("La date de départ vient après la date d’arrivée.")
    cartes = cartes_at((de, a), territoires)
    return comparer(cartes[de], cartes[a])


def comparer(avant: Carte, apres: Carte) -> Differences:
    """What changed between two maps of the same territories."""
    pairs = [(q.territoire, avant.par_code[q.territoire.code], q) for q in apres.presences]
    stayed = [(t, p, q) for t, p, q in pairs if p.presente and q.presente]
    entrees, sorties = (
        tuple(
            Mouvement(t, p, q)
            for t, p, q in pairs
            if (p, q)[side].presente and not (p, q)[1 - side].presente
        )
        for side in (1, 0)
    )
    changes = ((t, *_membres(p.membres, q.membres)) for t, p, q in stayed)
    return Differences(
        de=avant,
        a=apres,
        entrees=entrees,
        sorties=sorties,
        fusions=tuple(_fusions(sorties, avant, apres)),
        renommages=tuple(Renommage(t, p.nom, q.nom) for t, p, q in stayed if p.nom != q.nom),
        membres=tuple(
            ChangementMembres(t, gagnes, perdus)
            for t, gagnes, perdus in changes
            if gagnes or perdus
        ),
    )


def _membres(avant: Iterable[Rattachement], apres: Iterable[Rattachement]):
    """Members gained and lost, whatever the dates of their rattachements."""
    before, after = ({code_membre(r): r for r in side} for side in (avant, apres))
    return (
        tuple(r for code, r in after.items() if code not in before),
        tuple(r for code, r in before.items() if code not in after),
    )


def _fusions(sorties: Iterable[Mouvement], avant: Carte, apres: Carte):
    """Exits towards one same successor that is attested at the second date."""
    groups: dict[str, list[Mouvement]] = {}
    for sortie in sorties:
        successeur = apres.par_code.get(sortie.territoire.successeur_id)
        if successeur and successeur.presente:
            groups.setdefault(successeur.territoire.code, []).append(sortie)
    for code, group in groups.items():
        before = [r for sortie in group for r in sortie.avant.membres]
        if avant.par_code[code].presente:  # it was there already, and absorbed them
            before += avant.par_code[code].membres
        yield Fusion(
            apres.par_code[code].territoire,
            tuple(sortie.territoire for sortie in group),
            *_membres(before, apres.par_code[code].membres),
        )
