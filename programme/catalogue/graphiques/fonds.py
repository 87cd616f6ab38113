"""The charts of the fund: what is known first, then what it adds up to, and what carries the sum.

A région is never ranked: what is told of its money depends on who told it.
"""

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil

from django.urls import reverse

from programme.catalogue.graphiques.declaration import (
    EUROS,
    Fichier,
    Graphique,
    Ligne,
    Mesure,
    Trait,
    dits_et_tus,
)
from programme.catalogue.graphiques.formes import Barres, Nuage
from programme.catalogue.ordre import fold
from programme.catalogue.pages.indicateurs import FINANCEUR_DU_FONDS, lignes_du_fonds
from programme.donnees import horizon
from programme.donnees.horizon import CITE
from programme.donnees.jeux import JEUX
from programme.enonces import quantite
from programme.models.repartition import DITS
from programme.templatetags.portail import euros_courts, pluriel
from territoires.models import Region
from territoires.reponses import NON_RENSEIGNE, SANS_OBJET, pourcentage, reponse

FICHIER = Fichier("projets", "projets", (("financeur", FINANCEUR_DU_FONDS),))
CLASSES = (
    10_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000,
    50_000_000, 100_000_000, 200_000_000, 500_000_000, 1_000_000_000, 10_000_000_000,
)  # fmt: skip
"""The bounds of the distribution, in euros; a class holds its lower bound."""
POINTS = 60
"""How many dots a class has at most: beyond, one stands for several projects."""
PART_DES_GRANDS = 50
"""From how many per cent of the sum the title names the few that carry it."""
PEU = 10
"""Below, a median is told with what it rests on."""


def derniers_jours():
    """What to measure of projects to know their horizon, besides what they cite."""
    return {nom: one for nom, one in horizon.mesures(JEUX["projets"]).items() if nom != CITE}


@dataclass
class Fonds:
    """What the charts of the fund read, each thing once; `projets`: the rows that are counted.

    fichier: where these rows are read; page: who shows them; citation, requete: by
    which a chart of other rows than those of the fund is cited.
    """

    projets: object
    fichier: Fichier = field(default_factory=lambda: FICHIER)
    page: str = "fonds"
    citation: str = ""
    requete: str = ""
    lus: dict | None = None
    """The totals of these rows, when they were read: with their `projets` and their sums."""

    @cached_property
    def sommes(self):
        """The totals of these rows: `RangementQuerySet.totaux`."""
        if self.lus is not None:
            return self.lus
        return self.projets.totaux(**derniers_jours())

    @cached_property
    def renseignes(self):
        """{name: how many tell it} of `RENSEIGNEMENTS`."""
        told = {
            name: self.sommes[f"{column}{DITS}"] for name, column in RENSEIGNEMENTS_CHIFFRES.items()
        }
        return told | self.projets.renseignements(FINANCEUR_DU_FONDS)

    @cached_property
    def etat(self):
        """The last day that the sources of these projects state."""
        told = horizon.of_rows(JEUX["projets"], self.sommes)
        return told and told.source

    @cached_property
    def repartition(self):
        """How the investments that are told are spread."""
        return self.dits.repartitions({"investissement_eur": self.sommes["investissement_eur"]})[
            "investissement_eur"
        ]

    @property
    def dits(self):
        return self.projets.filter(investissement_eur__gt=0)

    def commun(self):
        """What every chart of the fund says the same."""
        return {
            "fichier": self.fichier,
            "page": reverse(self.page),
            "sources": self.sommes[CITE],
            "jour": self.etat,
            "citation": self.citation,
            "requete": self.requete,
        }


RENSEIGNEMENTS = {
    "filiere": "Filière",
    "commune": "Commune",
    "objet": "Objet (lecture du portail)",
    "emplois_crees": "Emplois à créer",
    "investissement": "Investissement",
    "emplois_maintenus": "Emplois maintenus",
    "aide": "Aide du fonds",
}
"""{name: words}; the aid is told by their financements."""
RENSEIGNEMENTS_CHIFFRES = {
    "emplois_crees": "emplois_crees",
    "investissement": "investissement_eur",
    "emplois_maintenus": "emplois_maintenus",
}


# --- What is told --------------------------------------------------------------------------------


def renseignements(fonds):
    total = fonds.sommes["projets"]
    lignes = [
        Ligne(
            words,
            {
                "dits": fonds.renseignes[name],
                "tus": total - fonds.renseignes[name],
                "part": pourcentage(fonds.renseignes[name] or None, total),
            },
        )
        for name, words in RENSEIGNEMENTS.items()
    ]
    silent = total - fonds.sommes[f"investissement_eur{DITS}"]
    titre = "Ce que les projets disent, ce qu’ils taisent"
    if total and silent:
        titre = f"{_sur(silent, total)} ne disent pas leur investissement"
    return Graphique(
        code="fonds-renseignements",
        titre=titre,
        mesure="Projets publiés du fonds qui renseignent chaque information, "
        f"sur {quantite(total)}",
        entete="Information",
        mesures=(*dits_et_tus("la disent", "ne la disent pas"), Mesure("part", "Part", unite="%")),
        lignes=lignes if total else [],
        forme=Barres(),
        **fonds.commun(),
    )


# --- The distribution -----------------------------------------------------------------------------


def investissements(fonds):
    found = fonds.dits.classes(CLASSES[1:-1])
    counts = {rank: number for rank, (number, _) in found.items()}
    sums = {rank: somme for rank, (_, somme) in found.items()}
    ranks = range(min(counts), max(counts) + 1) if counts else range(0)
    lignes = [
        Ligne(
            f"de {euros_courts(CLASSES[rank])} à {euros_courts(CLASSES[rank + 1])}",
            {"projets": counts.get(rank, 0), "somme": sums.get(rank, 0)},
        )
        for rank in ranks
    ]
    repartition = fonds.repartition
    told, total = sum(counts.values()), fonds.sommes["projets"]
    silent = total - told
    each = ceil(max(counts.values(), default=0) / POINTS) or 1
    dots = "un point par projet" if each == 1 else f"un point pour {each} projets"
    return Graphique(
        code="fonds-investissements",
        titre=_titre_des_investissements(repartition),
        mesure=f"Projets selon l’investissement qu’ils disent : {dots}, échelle logarithmique",
        entete="Investissement",
        mesures=(
            Mesure("projets", "Projets", Trait.MOYEN, zero="aucun"),
            Mesure("somme", "En tout", unite=EUROS),
        ),
        lignes=lignes,
        forme=Nuage(
            bornes=tuple(CLASSES[rank] for rank in (*ranks, ranks[-1] + 1)) if counts else (),
            mediane=repartition.mediane,
            grands=repartition.nommes,
            par=each,
        ),
        reserve=_reserve_des_investissements(silent, repartition),
        **fonds.commun(),
    )


def _reserve_des_investissements(silent, repartition):
    said = []
    if repartition.nommes:
        named = " ; ".join(f"{one.nom}, {euros_courts(one.valeur)}" for one in repartition.nommes)
        said.append(f"Les trois plus grands : {named}.")
    if repartition.dits and silent:
        others = f"Des {quantite(silent)} autres projets" if silent > 1 else "De l’autre projet"
        said.append(f"{others}, on ne sait rien : ni petits, ni grands.")
    return " ".join(said)


def _titre_des_investissements(repartition):
    told, median = repartition.dits, repartition.mediane
    if not told:
        return "Aucun projet ne dit son investissement"
    if repartition.nommes and repartition.part >= PART_DES_GRANDS:
        return (
            f"Trois projets font {repartition.part} % des {euros_courts(repartition.somme)} dits ; "
            f"la moitié des {quantite(told)} ne dépasse pas {euros_courts(median)}"
        )
    if told == 1:
        return "Un seul projet dit son investissement"
    return (
        f"La moitié des {quantite(told)} investissements dits ne dépasse pas {euros_courts(median)}"
    )


# --- By région, filière, size, year --------------------------------------------------------------


def par_region(fonds):
    found = {row["cle"]: row for row in fonds.projets.par("region")}
    regions = sorted(Region.objects.all(), key=lambda region: fold(region.nom))
    places = [(region.pk, region.nom, region.get_absolute_url()) for region in regions]
    if None in found:
        places.append((None, "Hors des 18 régions, ou lieu non renseigné", ""))
    lignes = [_ligne(nom, found.get(pk), "investissement_eur", url) for pk, nom, url in places]
    told = fonds.sommes[f"investissement_eur{DITS}"]
    return Graphique(
        code="fonds-par-region",
        titre=_titre_des_regions(lignes, told),
        mesure="Projets par région, selon qu’ils disent ou non leur investissement",
        entete="Région",
        mesures=(
            Mesure("projets", "Projets"),
            *dits_et_tus("le disent", "ne le disent pas"),
            Mesure("somme", "Investissement dit", unite=EUROS, court="investissement"),
        ),
        lignes=lignes if fonds.sommes["projets"] else [],
        forme=Barres(),
        reserve="Dans l’ordre des noms ; chaque projet compte une fois, dans la région de son "
        "département.",
        **fonds.commun(),
    )


def _titre_des_regions(lignes, told):
    most = sorted(lignes, key=lambda row: -(row.valeurs["dits"] or 0))[:2]
    few = sum(row.valeurs["dits"] or 0 for row in most)
    if told >= PEU and len(lignes) > 2 and 2 * few > told:
        names = " et ".join(str(row.titre) for row in most)
        return (
            f"{names} font {quantite(few)} des {quantite(told)} investissements dits : "
            "comparer les régions en euros tromperait"
        )
    return "Les projets du fonds, région par région"


def par_filiere(fonds):
    rows = sorted(fonds.projets.par("filiere"), key=lambda row: (-row["projets"], fold(row["cle"])))
    named = [row for row in rows if row["cle"]] + [row for row in rows if not row["cle"]]
    lignes = [
        _ligne(row["cle"] or "non renseignée", row, "emplois_crees", _liste("filiere", row["cle"]))
        for row in named
    ]
    total = fonds.sommes["projets"]
    titre = "Les projets du fonds, filière par filière"
    if len(named) > 1 and named[0]["cle"] and named[0]["projets"] > named[1]["projets"]:
        share = pourcentage(named[0]["projets"], total)
        titre = f"{named[0]['cle']} vient en tête, avec {share} % des projets"
    return Graphique(
        code="fonds-par-filiere",
        titre=titre,
        mesure="Projets par filière, selon qu’ils disent ou non les emplois qu’ils créent",
        entete="Filière",
        mesures=(
            Mesure("projets", "Projets"),
            *dits_et_tus("les disent", "ne les disent pas"),
            Mesure("somme", "Emplois créés dits", court="emplois"),
        ),
        lignes=lignes,
        forme=Barres(),
        **fonds.commun(),
    )


def par_taille(fonds):
    rows = sorted(fonds.projets.par("categorie"), key=lambda row: -row["projets"])
    medianes = fonds.dits.medianes("categorie")
    lignes = []
    for row in rows:
        said = CATEGORIES.get(row["cle"], row["cle"]) or "non renseignée"
        ligne = _ligne(said, row, "investissement_eur")
        told, median = row["investissement_eur_renseignes"], medianes.get(row["cle"])
        ligne.valeurs["mediane"] = reponse(median, dits=told, sur=row["projets"])
        note = f"médiane sur {pluriel(told, 'projet')} seulement" if 0 < told < PEU else ""
        lignes.append(
            Ligne(ligne.titre, ligne.valeurs, note=" ; ".join(filter(None, (ligne.note, note))))
        )
    total = fonds.sommes["projets"]
    small = next((row["projets"] for row in rows if row["cle"] == "TPE / PME"), 0)
    titre = "Les projets du fonds, selon la taille de l’entreprise"
    if total and 2 * small > total:
        titre = f"{pourcentage(small, total)} % des projets viennent d’une TPE ou d’une PME"
    return Graphique(
        code="fonds-par-taille",
        titre=titre,
        mesure="Projets par taille d’entreprise, selon qu’ils disent ou non leur investissement",
        entete="Taille",
        mesures=(
            Mesure("projets", "Projets"),
            *dits_et_tus("le disent", "ne le disent pas"),
            Mesure("somme", "Investissement dit", unite=EUROS, court="investissement"),
            Mesure("mediane", "Médiane", unite=EUROS),
        ),
        lignes=lignes,
        forme=Barres(),
        **fonds.commun(),
    )


CATEGORIES = {"TPE / PME": "TPE et PME", "GE": "Grandes entreprises"}


def par_annee(fonds):
    rows = fonds.projets.par("annee")
    rows.sort(key=lambda row: (row["cle"] is None, row["cle"] or 0))
    lignes = [_ligne(str(row["cle"] or "non renseignée"), row, "emplois_crees") for row in rows]
    return Graphique(
        code="fonds-par-annee",
        titre="Les projets du fonds, année par année de la liste",
        mesure="Projets selon l’année de la mise à jour de la liste où ils figurent, qui n’est pas "
        "celle de la décision, et selon qu’ils disent ou non les emplois qu’ils créent",
        entete="Année de la liste",
        mesures=(
            Mesure("projets", "Projets"),
            *dits_et_tus("les disent", "ne les disent pas"),
            Mesure("somme", "Emplois créés dits", court="emplois"),
        ),
        lignes=lignes,
        forme=Barres(),
        **fonds.commun(),
    )


def _ligne(titre, row, nom, url=""):
    """How many projects, how many tell `nom`, and their sum; without any, a true zero."""
    if row is None:
        return Ligne(
            titre, {"projets": 0, "dits": SANS_OBJET, "tus": SANS_OBJET, "somme": SANS_OBJET}, url
        )
    told = row[f"{nom}_renseignes"]
    somme = None if row[nom] is None else int(row[nom])
    values = {
        "projets": row["projets"],
        "dits": told,
        "tus": row["projets"] - told,
        "somme": reponse(somme, dits=told, sur=row["projets"]),
    }
    return Ligne(titre, values, url, _dont(row, nom, told))


def _dont(row, nom, told):
    """The largest, when it makes half of the sum of several."""
    if nom != "investissement_eur" or told < 3 or 2 * row["plus_grand"] < row[nom]:
        return ""
    return f"dont {euros_courts(row['plus_grand'])} en un projet"


def _liste(colonne, value):
    """The address of the projects of the fund that have this value, or none."""
    parameters = (*FICHIER.parametres, (colonne, value or NON_RENSEIGNE))
    return Fichier("projets", "projets", parameters).adresse()


def _sur(count, total):
    """« 1 037 projets sur 1 158 »."""
    return f"{pluriel(count, 'projet')} sur {quantite(total)}"


def fonds():
    """The fund as it is now."""
    return Fonds(lignes_du_fonds())
