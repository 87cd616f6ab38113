"""What the colours of the map of France mean, and their legend."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import TextChoices

from programme.colonnes import lignes
from programme.models import Contrat
from territoires.carte import Carte, Classe, Presence
from territoires.dates import parties
from territoires.models import Lignee
from territoires.models.lignee import Nature

from .dessin import Aplat, Dessin, dessin_ensemble


class Theme(TextChoices):
    CONTRATS = "contrats", "avancement du contrat"
    PROJETS = "projets", "nombre de projets"
    PRESENCE = "presence", "présence à la date"
    PHASES = "phases", "d’une phase à l’autre"


@dataclass(frozen=True, slots=True)
class Cle:
    """One line of the legend: CSS class, meaning, number of territories."""

    classe: str
    libelle: str
    nombre: int


@dataclass(frozen=True, slots=True)
class CarteDeFrance:
    """The whole map under one theme, with its legend. Only classes that are used have a key."""

    theme: Theme
    dessin: Dessin
    cles: list[Cle]
    libelles: dict[str, str]
    """What the map says of each territory, by code: the column of the table beside it."""


# From the least advanced; a territory shows its most advanced contract.
AVANCEMENT = {
    "": ("carte-n0", "aucun contrat publié"),
    Contrat.Statut.ABANDONNE: ("carte-abandonne", "contrat abandonné"),
    Contrat.Statut.EN_PREPARATION: ("carte-n1", "contrat en préparation"),
    Contrat.Statut.VALIDE: ("carte-n2", "contrat validé en comité"),
    Contrat.Statut.SIGNE: ("carte-n3", "contrat signé"),
    Contrat.Statut.EN_COURS: ("carte-n4", "contrat en cours"),
    Contrat.Statut.ACHEVE: ("carte-n5", "contrat achevé"),
}
# Least number of projects, class, meaning.
TRANCHES = (
    (8, "carte-n4", "8 projets et plus"),
    (4, "carte-n3", "4 à 7 projets"),
    (1, "carte-n2", "1 à 3 projets"),
    (0, "carte-n1", "aucun projet publié"),
)
PRESENCES = {
    Classe.ATTESTE: ("carte-atteste", "attesté à cette date"),
    Classe.DERNIER: ("carte-dernier", "sur la dernière liste connue"),
    Classe.POSSIBLE: ("carte-possible", "possible : entrée attestée plus tard"),
}
# Under another theme than presence, a territory that is only possible says so by its outline.
INCERTAIN = ("carte-incertain", "contour tireté : possible à cette date")
# What phase 1 did is shown on its heirs as such.
PAR_LIGNEE = " (phase 1, par lignée)"
DE_LA_PHASE_1 = " de la phase 1, par leur lieu"

# (CSS class, meaning for the legend, what the shape and the table say)
Lecture = Callable[[Presence], tuple[str, str, str]]


def _contrats() -> Lecture:
    """The most advanced contract of each territory; one of phase 2 shows those of its lignée."""
    rang = list(AVANCEMENT)
    own, inherited = defaultdict(str), defaultdict(str)
    publies = list(Contrat.objects.published().values_list("territoire", "statut"))
    for territoire, statut in publies:
        own[territoire] = max(statut, own[territoire], key=rang.index)
    lignees = Lignee.objects.filter(avant__in=own, apres__isnull=False)
    for avant, apres in lignees.values_list("avant", "apres"):
        inherited[apres] = max(own[avant], inherited[apres], key=rang.index)

    def lire(presence: Presence):
        code = presence.territoire.code
        if code not in own and presence.territoire.phase_id != 1:
            classe, libelle = AVANCEMENT[inherited[code]]
            return classe, f"{libelle}{PAR_LIGNEE}", f"{libelle}{PAR_LIGNEE}"
        classe, libelle = AVANCEMENT[own[code]]
        return classe, libelle, libelle

    return lire


def _projets() -> Lecture:
    """The projects of each territory; for one of phase 2, those of phase 1 that lie in it."""
    rows = lignes()
    own, lying = rows.nombres("territoire"), rows.nombres("situation")

    def lire(presence: Presence):
        later = presence.territoire.phase_id != 1
        nombre = (lying if later else own).get(presence.territoire.code, 0)
        classe, libelle = next((c, texte) for least, c, texte in TRANCHES if nombre >= least)
        dit = f"{nombre} projet{'s' if nombre > 1 else ''}" if nombre else libelle
        if later:
            ici = "situés ici" if nombre > 1 else "situé ici"
            return classe, f"{libelle}{DE_LA_PHASE_1}", f"{dit} de la phase 1 {ici}"
        return classe, libelle, dit

    return lire


def _presences() -> Lecture:
    def lire(presence: Presence):
        words, forme = presence.mots
        day = "".join(parties(presence.depuis, presence.certitude, forme))
        return *PRESENCES[presence.classe], f"{words}{day}"

    return lire


def _phases() -> Lecture:
    """What a territory of one phase is in the other, by the communes that they share."""
    natures = defaultdict(set)
    for avant, apres, nature in Lignee.objects.values_list("avant", "apres", "nature"):
        natures[avant].add(nature)
        natures[apres].add(nature)

    def lire(presence: Presence):
        first = presence.territoire.phase_id == 1
        known = natures[presence.territoire.code]
        if not known:
            classe, libelle = SANS_LIGNEE
        elif Nature.NOUVEAU in known:
            classe, libelle = NOUVEAU
        elif Nature.SORTI in known:
            classe, libelle = SANS_HERITIER
        else:
            classe, libelle = CONTINUE if first else PROLONGE
        return classe, libelle, libelle

    return lire


PROLONGE = ("carte-n2", "a des communes de la phase 1")
CONTINUE = ("carte-n2", "a des communes en phase 2")
NOUVEAU = ("carte-entree-ancienne", "nouveau : n’en a aucune")
SANS_HERITIER = ("carte-sortie", "aucune commune en phase 2")
SANS_LIGNEE = ("carte-n1", "aucune autre phase à comparer")

_LECTURES = {
    Theme.CONTRATS: _contrats,
    Theme.PROJETS: _projets,
    Theme.PRESENCE: _presences,
    Theme.PHASES: _phases,
}


def carte_de_france(carte: Carte, theme: Theme = Theme.PRESENCE, suite: str = "") -> CarteDeFrance:
    """The map at its date, drawn. One query for the theme of contracts or projects, else none.

    suite: what the links of the territories end with.
    """
    lire = _LECTURES[theme]()
    aplats, libelles = [], {}
    nombres: dict[tuple[str, str], int] = {}
    incertains = 0
    for presence in carte.presences:
        if presence.classe not in PRESENCES:
            continue
        classe, sens, libelle = lire(presence)
        code = presence.territoire.code
        libelles[code] = libelle
        nombres[classe, sens] = nombres.get((classe, sens), 0) + 1
        titre = f"{presence.nom} : {libelle}"
        if presence.classe == Classe.POSSIBLE and theme != Theme.PRESENCE:
            classe, titre = f"{classe} {INCERTAIN[0]}", f"{titre} (possible à cette date)"
            incertains += 1
        aplats.append(
            Aplat(
                code=code,
                titre=titre,
                classe=classe,
                membres=presence.codes_membres,
                url=presence.territoire.get_absolute_url() + suite,
            )
        )
    return CarteDeFrance(
        theme=theme,
        dessin=dessin_ensemble(aplats),
        cles=[
            *(Cle(*key, nombre) for key, nombre in sorted(nombres.items())),
            *([Cle(*INCERTAIN, incertains)] if incertains else []),
        ],
        libelles=libelles,
    )
