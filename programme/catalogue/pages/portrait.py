"""The portrait of a territory: employment of its members, recruitment needs of its basins.

Jobs are added up; shares and basins never are. What no source tells is named, not counted as zero.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.utils.formats import number_format

from programme.catalogue.graphiques.declaration import (
    Fichier,
    Graphique,
    Ligne,
    Mesure,
    Trait,
)
from programme.catalogue.graphiques.formes import Barres, Courbes
from programme.models import BassinCommune, BesoinMainOeuvre, MesureEmploi
from territoires.carte import code_membre
from territoires.models import Commune, Intercommunalite
from territoires.reponses import pourcentage

METIERS_MONTRES = 8
EMPLOI = Fichier("emploi")


@dataclass(frozen=True)
class Portrait:
    """What is known of employment where `membres` are; None: no member's figure is known."""

    industrie: "Industrie | None"
    salaries: "Salaries | None"
    recrutement: "Recrutement"

    @property
    def connu(self):
        """Whether any of its charts has a row."""
        return bool(self.industrie or self.salaries or self.recrutement.bassins)


def of_membres(rattachements, date, requete="", region=None):
    """The portrait of the rattachements of one day, in three queries, four with their région.

    Their communes are those of the geography in force at `date`. requete: by which its charts are
    cited.
    """
    membres = [r.membre for r in rattachements]
    sirens = [r.intercommunalite_id for r in rattachements if r.intercommunalite_id]
    rows = list(
        MesureEmploi.objects.filter(Q(intercommunalite__in=sirens) | Q(intercommunalite=None))
    )
    indicateurs = MesureEmploi.Indicateur
    return Portrait(
        _industrie(
            membres, [r for r in rows if r.indicateur == indicateurs.PART_INDUSTRIE], requete
        ),
        _salaries(
            membres,
            [r for r in rows if r.indicateur == indicateurs.SALARIES_PRIVES],
            requete,
            region,
        ),
        _recrutement(
            Commune.objects.at(date).membres(code_membre(r) for r in rattachements), requete
        ),
    )


# --- The share of industry, member by member ----------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A member's share, in %, and whether it is above that of France."""

    membre: object
    valeur: Decimal
    depasse: bool


@dataclass(frozen=True)
class Industrie:
    """Shares of industry in employment, the greatest first; `absents`: members without one."""

    annee: int
    source: str
    france: Decimal | None
    parts: list[Part]
    absents: list
    requete: str = ""

    @property
    def titre(self):
        if self.france is None:
            return "La part de l’industrie dans l’emploi, membre par membre"
        above, known = sum(part.depasse for part in self.parts), len(self.parts)
        if known == 1 and not self.absents:
            return f"{'Plus' if above else 'Pas plus'} industriel que la France"
        told = " renseigné" if self.absents else ""
        if not above:
            return f"Aucun membre{told} n’est plus industriel que la France"
        whole = f"{known}{told and told + 's' * (known > 1)}"
        if above == 1:
            return f"1 membre sur {whole} est plus industriel que la France"
        return f"{above} membres sur {whole} sont plus industriels que la France"

    @property
    def graphique(self):
        said = f"Part de l’industrie dans l’emploi, {self.annee}, en %."
        if self.france is not None:
            said += f" Trait : la France, {number_format(round(self.france, 1), 1)} %."
        return Graphique(
            code="territoire-industrie",
            titre=self.titre,
            mesure=f"{said} Chaque membre est pris entier, tel que la source le découpe.",
            entete="Membre",
            mesures=(Mesure("part", "Industrie", Trait.MOYEN, unite="%", decimales=1),),
            lignes=[
                Ligne(
                    part.membre,
                    {"part": part.valeur},
                    url=part.membre.get_absolute_url(),
                    trait=Trait.FORT if part.depasse else Trait.MOYEN,
                )
                for part in self.parts
            ],
            forme=Barres(repere=self.france),
            fichier=EMPLOI,
            requete=self.requete,
        )


def _industrie(membres, rows, requete):
    rows, annee = _of_latest_year(rows)
    shares = {row.intercommunalite_id: row.valeur for row in rows}
    france = shares.pop(None, None)
    if not shares:
        return None
    parts = [
        Part(
            membre,
            shares[membre.pk],
            # At the precision of the figure of France, which is published with one decimal.
            france is not None and round(shares[membre.pk], 1) > round(france, 1),
        )
        for membre in membres
        if membre.pk in shares
    ]
    return Industrie(
        annee=annee,
        source=rows[0].source,
        france=france,
        parts=sorted(parts, key=lambda part: (-part.valeur, str(part.membre))),
        absents=[membre for membre in membres if membre.pk not in shares],
        requete=requete,
    )


def _of_latest_year(rows):
    annee = max((row.annee for row in rows if row.intercommunalite_id), default=None)
    return [row for row in rows if row.annee == annee], annee


# --- Jobs over the years --------------------------------------------------------------------------


@dataclass(frozen=True)
class Annee:
    """Jobs of one year, here and in France, and their index: 100 in the first year, here, in the
    région and in France.
    """

    annee: int
    ici: int
    indice: float
    france: int | None
    indice_france: float | None
    indice_region: float | None = None


@dataclass(frozen=True)
class Salaries:
    """Jobs of the members that every year tells; `absents`: those left out of the sum."""

    source: str
    annees: list[Annee]
    renseignes: int
    absents: list
    requete: str = ""
    region: object = None
    """The one it is compared with, when its intercommunalités tell every year."""

    @property
    def titre(self):
        first, last = self.annees[0], self.annees[-1]
        whose = " des membres renseignés" if self.absents else ""
        words = f"L’emploi salarié privé{whose} {_evolution(last.indice)}"
        words += f" de {first.annee} à {last.annee}"
        if last.indice_region is not None:
            words += f" ; dans la région, il {_evolution(last.indice_region)}"
        if last.indice_france is None:
            return words
        return f"{words} ; en France, il {_evolution(last.indice_france)}"

    @property
    def graphique(self):
        first = self.annees[0].annee
        return Graphique(
            code="territoire-salaries",
            titre=self.titre,
            mesure="Salariés du secteur privé, toutes activités, périmètre actuel des membres ; "
            f"{first} = 100. L’échelle ne commence pas à zéro."
            + (f" Région : {self.region.nom}." if self.region else ""),
            entete="Année",
            mesures=(
                Mesure("ici", "Salariés ici"),
                Mesure("indice", "Indice ici", Trait.FORT, decimales=1),
                *([REGION] if self.region else ()),
                Mesure("indice_france", "Indice France", Trait.MOYEN, decimales=1),
            ),
            lignes=[
                Ligne(
                    str(annee.annee),
                    {
                        "ici": annee.ici,
                        "indice": annee.indice,
                        "indice_region": annee.indice_region,
                        "indice_france": annee.indice_france,
                    },
                )
                for annee in self.annees
            ],
            forme=Courbes(noms=NOMS),
            fichier=EMPLOI,
            requete=self.requete,
        )


REGION = Mesure("indice_region", "Indice région", Trait.ACCENT, decimales=1)
NOMS = (("indice", "ici"), ("indice_region", "région"), ("indice_france", "France"))


def _evolution(indice):
    change = round(indice - 100, 1)
    if not change:
        return "est resté stable"
    size = number_format(abs(change), 1)
    return f"a crû de {size} %" if change > 0 else f"a reculé de {size} %"


def _de_la_region(region, annees):
    """{year: jobs of the intercommunalités of the région}; empty unless the same tell all years."""
    there = Intercommunalite.objects.filter(departements__region=region).order_by()
    rows = MesureEmploi.objects.filter(
        indicateur=MesureEmploi.Indicateur.SALARIES_PRIVES,
        intercommunalite__in=there.values("pk"),
        annee__in=annees,
    )
    found = rows.order_by().values_list("annee").annotate(Sum("valeur"), Count("pk"))
    told = {annee: int(jobs) for annee, jobs, _ in found}
    return told if set(told) == set(annees) and len({count for *_, count in found}) == 1 else {}


def _salaries(membres, rows, requete, region):
    by_year = {}
    for row in rows:
        by_year.setdefault(row.annee, {})[row.intercommunalite_id] = int(row.valeur)
    keys = [membre.pk for membre in membres]
    known = [key for key in keys if all(key in told for told in by_year.values())]
    first = min(by_year, default=None)
    if not known or len(by_year) < 2 or not sum(by_year[first][key] for key in known):
        return None
    base, base_france = (sum(by_year[first][key] for key in known), by_year[first].get(None))
    around = _de_la_region(region, by_year) if region else {}
    annees = []
    for annee, told in sorted(by_year.items()):
        ici, france = sum(told[key] for key in known), told.get(None)
        of_france = 100 * france / base_france if france is not None and base_france else None
        of_region = 100 * around[annee] / around[first] if around.get(first) else None
        annees.append(Annee(annee, ici, 100 * ici / base, france, of_france, of_region))
    return Salaries(
        source=next(row.source for row in rows if row.intercommunalite_id),
        annees=annees,
        renseignes=len(known),
        absents=[membre for membre in membres if membre.pk not in known],
        requete=requete,
        region=region if around.get(first) else None,
    )


# --- Recruitment needs, basin by basin ------------------------------------------------------------


@dataclass
class Metier:
    """Needs of one trade in one basin; None: under statistical secret."""

    nom: str
    projets: int | None
    difficiles: int | None


@dataclass
class Bassin:
    """A basin: communes it shares with the territory, needs of the trades that are not secret.

    `projets` is None when every trade is secret, a minimum when some are; `autres`: those not
    judged hard, of the trades that tell both; `metiers` are the most sought, the greatest first.
    """

    code: str
    nom: str
    nb_communes: int
    nb_communes_bassin: int
    projets: int | None = None
    difficiles: int | None = None
    autres: int | None = None
    secrets: int = 0
    projets_minimum: bool = False
    difficiles_minimum: bool = False
    metiers: list[Metier] = field(default_factory=list)

    @property
    def ligne(self):
        """Its row of the chart; what is secret is said, a sum without it is a minimum."""
        hard, rest = self.difficiles, self.autres
        return Ligne(
            self.nom,
            {"ici": self.nb_communes, "difficiles": hard, "autres": rest, "projets": self.projets}
            | {"secrets": self.secrets},
            mots={
                "ici": f"{self.nb_communes} sur {self.nb_communes_bassin}",
                "difficiles": _avec_secret(hard, self.difficiles_minimum),
                "autres": _avec_secret(rest, self.projets_minimum or self.difficiles_minimum),
                "projets": _avec_secret(self.projets, self.projets_minimum),
            },
        )


@dataclass(frozen=True)
class Recrutement:
    """`bassins` with figures, `muets` without.

    The territory has `nb_communes` in all; the basin of `sans_bassin` of them is not known.
    """

    annee: int | None
    source: str
    nb_communes: int
    sans_bassin: int
    bassins: list[Bassin]
    muets: list[Bassin]
    requete: str = ""

    @property
    def graphique(self):
        return Graphique(
            code="territoire-recrutement",
            titre=self.titre,
            mesure=f"Projets de recrutement de {self.annee} dans les métiers industriels, par "
            "bassin d’emploi entier, selon que l’employeur les juge difficiles",
            entete="Bassin",
            mesures=(
                Mesure("ici", "Ses communes ici", court="ici"),
                Mesure("difficiles", "jugés difficiles", Trait.FORT, court="difficiles"),
                Mesure("autres", "autres", Trait.PALE, zero="aucun"),
                Mesure("projets", "Projets"),
                Mesure("secrets", "Métiers sous secret", court="sous secret", zero="aucun"),
            ),
            lignes=[bassin.ligne for bassin in self.bassins],
            forme=Barres(),
            fichier=Fichier("besoins"),
            requete=self.requete,
        )

    @property
    def titre(self):
        """The finding of the basin with the most projects: a share, or minima of what is secret."""
        told = [b for b in self.bassins if b.projets and b.difficiles is not None]
        most = max(told, key=lambda b: b.projets, default=None)
        if most is None or (most.secrets and min(most.projets, most.difficiles) < 2):
            return "Les besoins de recrutement dans l’industrie, bassin par bassin"
        if most.projets_minimum or most.difficiles_minimum:
            return (
                f"{most.nom} : {_en_mots(most.projets, most.projets_minimum)} projets de "
                "recrutement dans l’industrie, dont "
                f"{_en_mots(most.difficiles, most.difficiles_minimum)} jugés difficiles"
            )
        share = pourcentage(most.difficiles, most.projets)
        return f"{most.nom} : {share} % des recrutements industriels jugés difficiles"


def _recrutement(communes, requete):
    basin = "bassin_commune__bassin"
    whole = BassinCommune.objects.filter(bassin=OuterRef(basin)).order_by().values("bassin")
    rows = list(
        communes.order_by()
        .values_list(basin, f"{basin}__nom")
        .annotate(ici=Count("pk"), tout=Subquery(whole.annotate(n=Count("pk")).values("n")))
    )
    bassins = {
        code: Bassin(code, nom or f"bassin n° {code}", ici, tout)
        for code, nom, ici, tout in rows
        if code
    }
    needs = list(
        BesoinMainOeuvre.objects.filter(bassin__in=bassins)
        .order_by("annee", "bassin", "metier", "partie")
        .values_list(
            "annee", "bassin", "metier__nom", "projets", "difficiles", "source", named=True
        )
    )
    annee = max((need.annee for need in needs), default=None)
    needs = [need for need in needs if need.annee == annee]
    for code, metiers in _by_bassin(needs).items():
        _tell(bassins[code], metiers)
    told = [b for b in bassins.values() if b.metiers or b.secrets]
    return Recrutement(
        annee=annee,
        source=needs[0].source if needs else "",
        nb_communes=sum(here for _, _, here, _ in rows),
        sans_bassin=sum(here for code, _, here, _ in rows if not code),
        bassins=sorted(told, key=_by_overlap),
        muets=sorted((b for b in bassins.values() if b not in told), key=_by_overlap),
        requete=requete,
    )


def _avec_secret(number, minimum):
    """« secret statistique », « au moins 40 », or nothing where the number says it all."""
    if number is None:
        return "secret statistique"
    return _en_mots(number, minimum) if minimum else ""


def _en_mots(number, minimum):
    return f"{'au moins ' if minimum else ''}{number_format(number, force_grouping=True)}"


def _by_overlap(bassin):
    return (-bassin.nb_communes, bassin.nom)


def _by_bassin(needs):
    """{basin: trades}; the parts of one trade are added up, unless one is secret."""
    found = {}
    for need in needs:
        trades = found.setdefault(need.bassin, {})
        trade = trades.get(need.metier__nom)
        if trade is None:
            trades[need.metier__nom] = Metier(need.metier__nom, need.projets, need.difficiles)
        else:
            trade.projets = _plus(trade.projets, need.projets)
            trade.difficiles = _plus(trade.difficiles, need.difficiles)
    return {code: list(trades.values()) for code, trades in found.items()}


def _plus(one, other):
    return None if one is None or other is None else one + other


def _tell(bassin, metiers):
    known = [m for m in metiers if m.projets is not None]
    hard = [m.difficiles for m in metiers if m.difficiles is not None]
    bassin.projets = sum(m.projets for m in known) if known else None
    bassin.difficiles = sum(hard) if hard else None
    both = [m.projets - m.difficiles for m in known if m.difficiles is not None]
    bassin.autres = sum(both) if both else None
    bassin.projets_minimum = any(m.projets is None for m in metiers)
    bassin.difficiles_minimum = any(m.difficiles is None for m in metiers)
    bassin.secrets = sum(m.projets is None or m.difficiles is None for m in metiers)
    bassin.metiers = sorted(known, key=lambda m: (-m.projets, m.nom))[:METIERS_MONTRES]
