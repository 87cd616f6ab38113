"""What the colours of the map of France mean, and their legend."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, TextChoices

from programme.models import Contrat, Projet
from territoires.carte import Carte, Classe, Presence
from territoires.dates import depuis

from .dessin import Aplat, Dessin, dessin_ensemble


class Theme(TextChoices):
    CONTRATS = "contrats", "avancement du contrat"
    PROJETS = "projets", "nombre de projets"
    PRESENCE = "presence", "présence à la date"


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
# (CSS class, meaning for the legend, what the shape and the table say)
Lecture = Callable[[Presence], tuple[str, str, str]]


def _contrats() -> Lecture:
    rang = list(AVANCEMENT)
    statuts: dict[str, str] = {}
    publies = Contrat.objects.published().values_list("territoire", "statut")
    for territoire, statut in publies:
        statuts[territoire] = max(statut, statuts.get(territoire, ""), key=rang.index)

    def lire(presence: Presence):
        classe, libelle = AVANCEMENT[statuts.get(presence.territoire.code, "")]
        return classe, libelle, libelle

    return lire


def _projets() -> Lecture:
    counts = Projet.objects.published().exclude(territoire=None).values("territoire")
    nombres = dict(counts.annotate(nombre=Count("pk")).values_list("territoire", "nombre"))

    def lire(presence: Presence):
        nombre = nombres.get(presence.territoire.code, 0)
        classe, libelle = next((c, texte) for least, c, texte in TRANCHES if nombre >= least)
        if not nombre:
            return classe, libelle, libelle
        return classe, libelle, f"{nombre} projet{'s' if nombre > 1 else ''}"

    return lire


def _presences() -> Lecture:
    def lire(presence: Presence):
        since = depuis(presence.depuis, presence.certitude)
        return *PRESENCES[presence.classe], f"{presence.classe.label}, {since}"

    return lire


_LECTURES = {Theme.CONTRATS: _contrats, Theme.PROJETS: _projets, Theme.PRESENCE: _presences}


def carte_de_france(carte: Carte, theme: Theme = Theme.PRESENCE) -> CarteDeFrance:
    """The map at its date, drawn. One query for the theme of contracts or projects, else none."""
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
                url=presence.territoire.get_absolute_url(),
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
