"""The board « Promis, tenu »: a row for each promise, beside what other sources say of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse

from programme.catalogue.adresse import MotField
from programme.catalogue.controles import ControlesForm
from programme.catalogue.graphiques import promesses as dessins
from programme.enonces import enonce
from programme.models import Engagement, Fait
from programme.promesses.lecture import PAR_AN, Suivi, suivis
from programme.promesses.regle import GRACE, Statut
from programme.templatetags.portail import renseigne
from territoires import moment
from territoires.dates import iso
from territoires.models import Operateur
from territoires.reponses import SANS_OBJET

CHOIX = ("operateur", "type", "statut")
"""What chooses promises; each filters the dataset `engagements` too, by the same values."""
NON_CALCULABLE = "non calculable"

FAITS = {
    "bdt-fonds-propres": (
        "fonds_propres_promis_bdt",
        "engage_banque_des_territoires",
        "fonds_propres_mobilises_bdt",
    ),
    "bdt-ingenierie": ("ingenierie_promise_bdt",),
    "bpi-vte": (
        "objectif_vte",
        "contrats_vte",
        "vte_territoires_industrie",
        "aide_vte_territoire",
    ),
}
"""{promise: indicators of the facts that other sources state about it}: a reading of the portal."""
COMPTE = {
    "fonds_propres_promis_bdt": "la même promesse, dite par une autre source",
    "engage_banque_des_territoires": "tout ce que la banque a engagé, quand la promesse est en "
    "fonds propres",
    "fonds_propres_mobilises_bdt": "la source ne dit pas si c’est dans les seuls projets des "
    "territoires",
    "ingenierie_promise_bdt": "une promesse de plus, pas une réalisation",
    "objectif_vte": "un objectif, pas une réalisation",
    "contrats_vte": "pas les seuls territoires",
    "aide_vte_territoire": "le montant d’une aide, pas un nombre de volontaires",
}
"""What such a figure counts that the promise does not: a reading of the portal, said as such."""


class PromessesForm(ControlesForm):
    """What arranges the list of the opérateurs, and which promises the board shows."""

    operateur = MotField()
    type = MotField(tuple(Engagement.Type.values))
    statut = MotField(tuple(Statut.values))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.data.get("operateur"):
            codes = Operateur.objects.order_by("code").values_list("code", flat=True)
            self.fields["operateur"].mots = (*codes, COMMUN)

    def clean(self):
        cleaned = super().clean()
        asked = next((name for name in CHOIX if self.data.get(name)), None)
        if asked and self.data.get("format"):
            self.add_error(
                asked,
                forms.ValidationError(
                    "Ce paramètre choisit des engagements, et ce fichier est celui des opérateurs. "
                    f"Demandez {reverse('engagements')} avec ce paramètre et ce format."
                ),
            )
        return cleaned


COMMUN = "chacun des opérateurs"
"""The value of `operateur` for what each of them promised, in the dataset’s list too."""


@dataclass(frozen=True)
class Rang:
    """A row of the board: the promise as it is followed, and the facts of other sources."""

    suivi: Suivi
    faits: list

    @property
    def engagement(self):
        return self.suivi.engagement

    @property
    def soit(self):
        """What the target comes to, when it is counted over years or territories; or nothing."""
        goal = self.suivi.jugement.cible
        if goal is None or goal == self.engagement.cible:
            return ""
        return _dit(self.engagement, goal)

    @property
    def ecart(self):
        """In words: a gap with its sign, « non calculable », « sans objet »."""
        if self.engagement.cible is None:
            return SANS_OBJET
        gap = self.suivi.jugement.ecart
        if gap is None:
            return NON_CALCULABLE
        sign = "−" if gap < 0 else "+" if gap else ""
        return f"{sign}{_dit(self.engagement, abs(gap))}"

    @property
    def publie(self):
        """`(year, value in words, its source)` of what is published as done, in order."""
        told = [
            (
                row.annee,
                renseigne(None) if row.valeur is None else _dit(self.engagement, row.valeur),
                row.source,
            )
            for row in self.suivi.tenues
        ]
        return told + [
            (year, f"{pairs} référents publiés" if pairs > 1 else "1 référent publié", "")
            for year, pairs in self.suivi.couverts
        ]


def _dit(engagement, value):
    """A number in the unit of the promise, but « par territoire »: it was counted over them."""
    unit = "" if " par " in engagement.unite else engagement.unite
    hedge = "environ" if engagement.approximatif and value else "exact"
    return enonce(hedge if engagement.rythme == PAR_AN else "exact", value, unit)


@dataclass(frozen=True)
class Choisi:
    """A link that chooses promises: its words, how many it keeps, its address."""

    mots: str
    nombre: int
    adresse: str
    courant: bool


def tableau(demande, requete) -> dict[str, Any]:
    """What the page shows of the promises that `demande`, read by `PromessesForm`, chooses."""
    lus = suivis()
    faits = _faits()
    kept = [suivi for suivi in lus if _keeps(suivi, demande)]
    rangs = [Rang(suivi, faits[suivi.engagement.code]) for suivi in kept]
    groups = defaultdict(list)
    for rang in rangs:
        groups[rang.engagement.operateur].append(rang)
    return {
        "constat": dessins.constat(lus),
        "nb_engagements": len(lus),
        "groupes": sorted(
            groups.items(), key=lambda pair: (pair[0] is None, pair[0] and pair[0].nom)
        ),
        "rangs": rangs,
        "cites": [suivi.engagement.source for suivi in kept],
        "filtre": any(demande[name] for name in CHOIX),
        "statuts": [(statut, statut.definition) for statut in Statut],
        "par_statut": _par_statut(lus, demande, requete),
        "choix_operateurs": _par_operateur(lus, demande, requete),
        "fichier": f"{reverse('engagements')}?"
        + requete.avec(**dict.fromkeys(set(requete.data) - set(CHOIX)))[1:],
        "suivre_un": f"{reverse('engagements')}?code=",
        "par_operateur": dessins.par_operateur(lus),
        "dans_le_temps": dessins.dans_le_temps(lus),
        "grace": GRACE.days,
        "jour": moment.today(),
        "jour_iso": iso(moment.today()),
    }


def _keeps(suivi, demande, sauf=""):
    engagement = suivi.engagement
    told = {
        "operateur": engagement.operateur_id or COMMUN,
        "type": engagement.type,
        "statut": suivi.statut,
    }
    return all(not demande[name] or told[name] == demande[name] for name in CHOIX if name != sauf)


def _par_statut(lus, demande, requete):
    kept = [suivi for suivi in lus if _keeps(suivi, demande, sauf="statut")]
    counted = Counter(suivi.statut for suivi in kept)
    asked = demande["statut"]
    return [
        Choisi("tous", len(kept), _avec(requete, "statut", None), not asked),
        *(
            Choisi(s.label, counted[s], _avec(requete, "statut", s.value), s == asked)
            for s in Statut
            if counted[s] or s == asked
        ),
    ]


def _par_operateur(lus, demande, requete):
    kept = [suivi for suivi in lus if _keeps(suivi, demande, sauf="operateur")]
    asked = demande["operateur"]
    found = Counter(suivi.engagement.operateur_id or COMMUN for suivi in kept)
    noms = {s.engagement.operateur_id or COMMUN: dessins.operateur_nom(s.engagement) for s in lus}
    return [
        Choisi("tous", len(kept), _avec(requete, "operateur", None), not asked),
        *(
            Choisi(nom, found[code], _avec(requete, "operateur", code), code == asked)
            for code, nom in sorted(noms.items(), key=lambda pair: (pair[0] == COMMUN, pair[1]))
            if found[code] or code == asked
        ),
    ]


def _avec(requete, nom, valeur):
    return f"{requete.avec(**{nom: valeur})}#engagements"


def _faits():
    """{code of a promise: `(fact, what it counts)`} that sources state by today, in order."""
    whose = {indicateur: code for code, indicateurs in FAITS.items() for indicateur in indicateurs}
    rows = Fait.objects.published().filter(indicateur__in=whose, date__lte=moment.today())
    found = defaultdict(list)
    for fait in rows.order_by("date", "code"):
        found[whose[fait.indicateur]].append((fait, COMPTE.get(fait.indicateur, "")))
    return found
