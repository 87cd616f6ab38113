"""The régions side by side, in the order of their names: what is told, and how much is not.

None is ranked: a région that tells little would come last for its silence alone.
"""

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from programme.catalogue.graphiques.declaration import (
    EUROS,
    Fichier,
    Graphique,
    Ligne,
    Mesure,
    dits_et_tus,
)
from programme.catalogue.graphiques.fonds import Fonds, derniers_jours
from programme.catalogue.graphiques.formes import Barres
from programme.catalogue.ordre import fold
from programme.colonnes import lignes
from programme.enonces import quantite
from programme.models import Contrat
from programme.templatetags.portail import pluriel
from territoires.models import Region, Territoire
from territoires.reponses import SANS_OBJET, reponse

PROJETS = Fichier("projets", "projets")
PAR_NOM = "Dans l’ordre des noms : ranger les régions par ce que les sources taisent tromperait."


def projets(par_region=None):
    """Projects, jobs and money of each région; drawn: how many tell the jobs that they create.

    par_region: the rows of each, when they were read.
    """
    rows = lignes()
    found = {row["cle"]: row for row in par_region or rows.par("region")}
    totaux = rows.cites(**derniers_jours())
    lus = Fonds(rows, fichier=PROJETS, page="regions", lus=totaux)
    places = [(r.pk, r.nom, r.get_absolute_url()) for r in _regions()]
    if None in found:
        places.append((None, "Hors des 18 régions, ou lieu non renseigné", ""))
    total = sum(row["projets"] for row in found.values())
    told = sum(row["emplois_crees_renseignes"] for row in found.values())
    silent = total - told
    titre = "Les projets publiés, région par région"
    if silent:
        titre = f"{pluriel(silent, 'projet')} sur {quantite(total)} ne "
        titre += "dit pas ses emplois" if silent == 1 else "disent pas leurs emplois"
    return Graphique(
        code="regions-projets",
        titre=titre,
        mesure="Projets publiés par région, selon qu’ils disent ou non les emplois qu’ils créent ; "
        "à côté, les emplois et l’investissement dits",
        entete="Région",
        mesures=(
            Mesure("projets", "Projets", zero="aucun"),
            *dits_et_tus("disent leurs emplois", "ne les disent pas"),
            Mesure("emplois", "Emplois dits", court="emplois"),
            Mesure("disent", "Disent l’investissement", court="investissement", zero="aucun"),
            Mesure("somme", "Investissement dit", unite=EUROS, court="dit"),
        ),
        lignes=[_ligne(nom, found.get(pk), url) for pk, nom, url in places] if total else [],
        forme=Barres(),
        reserve=f"{PAR_NOM} Chaque projet compte une fois, dans la région de son département.",
        **lus.commun(),
    )


def _regions():
    return sorted(Region.objects.all(), key=lambda region: fold(region.nom))


def _ligne(titre, row, url):
    if row is None:
        return Ligne(
            titre,
            {"projets": 0}
            | dict.fromkeys(("dits", "tus", "emplois", "disent", "somme"), SANS_OBJET),
            url,
        )
    total, told = row["projets"], row["emplois_crees_renseignes"]
    of_money = row["investissement_eur_renseignes"]
    money = None if row["investissement_eur"] is None else int(row["investissement_eur"])
    return Ligne(
        titre,
        {
            "projets": total,
            "dits": told,
            "tus": total - told,
            "emplois": reponse(row["emplois_crees"], dits=told, sur=total),
            "disent": of_money,
            "somme": reponse(money, dits=of_money, sur=total),
        },
        url,
    )


def contrats():
    """How many territories of phase 1 that each région carries have a published act, or none."""
    acts = Contrat.objects.published().order_by()
    here = Exists(acts.filter(territoire=OuterRef("pk")))
    rows = Territoire.objects.catalogue().annotate(dit=here).order_by()
    counted = rows.values("region_porteuse", "dit").annotate(n=Count("pk"))
    found = {(row["region_porteuse"], row["dit"]): row["n"] for row in counted}
    lignes = []
    for region in _regions():
        told, silent = (found.get((region.pk, said), 0) for said in (True, False))
        lignes.append(
            Ligne(
                region.nom,
                {"territoires": told + silent, "dits": told, "tus": silent},
                region.get_absolute_url(),
            )
        )
    silent = sum(ligne.valeurs["tus"] for ligne in lignes)
    total = sum(ligne.valeurs["territoires"] for ligne in lignes)
    titre = "Les contrats publiés, région par région"
    if silent:
        titre = f"{pluriel(silent, 'territoire')} sur {quantite(total)} "
        titre += "sans contrat ni protocole publié"
    return Graphique(
        code="regions-contrats",
        titre=titre,
        mesure="Territoires de la phase 1 par région porteuse, selon qu’un contrat ou un protocole "
        "au moins est publié",
        entete="Région",
        mesures=(
            Mesure("territoires", "Territoires", zero="aucun"),
            *dits_et_tus("un acte publié", "rien de publié"),
        ),
        lignes=lignes if total else [],
        forme=Barres(),
        fichier=Fichier("territoires", "territoires", (("phase", "1"),)),
        page=reverse("regions"),
        sources=sorted(set(acts.values_list("source", flat=True)) - {""}),
        reserve=f"{PAR_NOM} Rien de publié ne veut pas dire rien de signé.",
    )
