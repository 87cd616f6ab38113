"""The page of a région: what its committee follows."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.http import urlencode
from django.utils.text import capfirst

from programme import completude
from programme.catalogue.carte.dessin import Aplat, dessin_proche
from programme.catalogue.pages.fiche import FicheView
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.catalogue.parcours import Section, Suivie
from programme.catalogue.personnes import sans_personne
from programme.colonnes import lignes
from programme.completude import referents_en_fonction
from programme.models import Contrat, Decision, Enveloppe, Seance
from programme.perimetres import suivi_des_lignes
from territoires import moment
from territoires.carte import carte_at
from territoires.models import Operateur, Phase, Region, Territoire

SEANCES_MONTREES = 10


@dataclass(frozen=True)
class Critere:
    """One line of the completeness score: so many stated, out of so many expected."""

    titre: str
    renseignes: int
    attendus: int


def _suivis(region):
    rows = [presence.territoire for presence in carte_de(region).presents]
    return [Suivie("territoire", row.pk, row.nom, row.adresse) for row in rows]


@sans_personne
class RegionView(FicheView):
    sections = {"territoire": Section("territoires", "territoires", _suivis)}
    jeu = "regions"
    template_name = "programme/pages/region.html"
    absent = "Aucune région à cette adresse."

    def get_queryset(self):
        return Region.objects.select_related("comite")

    def get_context_data(self):
        region, today = self.objet, moment.today()
        phase = Phase.objects.get(pk=1)
        carte = carte_de(region, phase)
        contrats = _contrats(carte)
        rows = lignes()
        projets = rows.filter(region=region.pk)
        criteres = criteres_de(region, today)
        totaux = projets.totaux()
        enveloppes = Enveloppe.objects.published().with_consumption()
        return {
            "date": today,
            "phase": phase,
            "achevee": phase.fin is not None and phase.fin <= today,
            "carte": carte,
            "lignes": [_ligne(p, region, contrats) for p in carte.presents],
            "sortis": [p.territoire for p in carte.absents],
            "avancement": _avancement(carte, contrats),
            "seances": _seances(region),
            "enveloppes": enveloppes.filter(region=region).select_related("region"),
            "totaux": totaux,
            "repartitions": projets.repartitions(totaux),
            "dans_la_region": urlencode({"region": region.pk}),
            "suivi": suivi_des_lignes(region, rows),
            "criteres": criteres,
            "score": score_de(criteres),
            "dessin": _dessin(region, carte, self.suite_of(region.slug)),
        }


def _contrats(carte):
    """Published contracts by territory code."""
    codes = [presence.territoire.code for presence in carte.presents]
    found = {code: [] for code in codes}
    for contrat in Contrat.objects.published().filter(territoire__in=codes):
        found[contrat.territoire_id].append(contrat)
    return found


def _ligne(presence, region, contrats):
    others = [other.nom for other in presence.territoire.regions.all() if other != region]
    return {
        "territoire": presence.territoire,
        "depuis": presence.depuis,
        "certitude": presence.certitude,
        "membres": len(presence.membres),
        "contrats": contrats[presence.territoire.code],
        "partage_avec": sorted(others),
    }


def carte_de(region, phase=None):
    """The territories of phase 1 that its committee follows, on the map of their catalogue."""
    phase = phase or Phase.objects.get(pk=1)
    followed = Territoire.objects.in_regions([region]).filter(phase=phase)
    return carte_at(phase.reference, followed.prefetch_related("regions"))


def avancement_de(region):
    """`(status, territories)`, the furthest first; the last line is for those without an act."""
    carte = carte_de(region)
    return _avancement(carte, _contrats(carte))


def _avancement(carte, contrats):
    """How many territories have reached each status of a contract, the furthest one counting."""
    order = list(Contrat.Statut)
    counts = dict.fromkeys(reversed(order), 0)
    for acts in contrats.values():
        if acts:
            counts[max((act.statut for act in acts), key=order.index)] += 1
    lines = [(status.label, count) for status, count in counts.items() if count]
    return [*lines, ("aucun contrat publié", sum(not acts for acts in contrats.values()))]


def _seances(region):
    decisions = Prefetch("decisions", Decision.objects.published(), to_attr="decisions_publiees")
    rows = Seance.objects.published().filter(comite_regional__region=region)
    rows = rows.select_related("comite_regional__region")  # each is named by its committee
    return rows.prefetch_related(decisions)[:SEANCES_MONTREES]


def criteres_de(region, today):
    """What is known of the territories that the committee follows, in one query."""
    here = Territoire.objects.catalogue().in_regions([region])
    referents = referents_en_fonction(today).filter(territoire__in=here.values("pk"))
    regles = completude.TERRITOIRE
    found = calculer(
        {
            "territoires": compte(here),
            "operateurs": compte(Operateur.objects.all()),
            "referents": compte(referents),
            **{regle.code: compte(here.exclude(regle.condition(today))) for regle in regles},
        }
    )
    all_of_them = found["territoires"]
    return [
        *(Critere(capfirst(regle.manque), found[regle.code], all_of_them) for regle in regles),
        Critere("Référents des opérateurs", found["referents"], all_of_them * found["operateurs"]),
    ]


def score_de(criteres):
    """The mean share of the criteria, of equal weight, in whole per cent; None if empty."""
    shares = [c.renseignes / c.attendus for c in criteres if c.attendus]
    return round(100 * sum(shares) / len(shares)) if shares else None


def _dessin(region, carte, suite):
    """Each territory is a shape that leads to it. suite: the way back."""
    shapes = []
    for presence in carte.presents:
        territoire = presence.territoire
        url = territoire.get_absolute_url() + suite
        codes = presence.codes_membres
        shapes.append(Aplat(territoire.code, presence.nom, "carte-ici", codes, url))
    return dessin_proche(shapes, contour=("regions", frozenset([region.code])))
