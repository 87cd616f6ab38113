"""What every filter shares, and what a template is given of it."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import CharField, Count, Value
from django.db.models.functions import Cast
from django_filters import Filter

from programme.colonnes import Lignes
from territoires import lecture

FACETTE = ("_critere", "_valeur", "_nombre")


@dataclass(frozen=True)
class Modalite:
    """One value of a filter, and how many rows it keeps with the other filters applied."""

    valeur: str
    libelle: str
    nombre: int | None
    choisie: bool


@dataclass(frozen=True)
class Etiquette:
    """One active value, in words, with the parameters that carry it."""

    parametres: tuple[str, ...]
    valeur: str | None
    libelle: str
    texte: str
    nomme: bool = False

    @property
    def titre(self):
        """The words for a title: the filter's own name too, where the value does not say it."""
        return f"{self.libelle} {self.texte}" if self.nomme else self.texte


@dataclass
class Presentation:
    """What the template of a filter needs, and nothing else."""

    nom: str
    libelle: str
    gabarit: str
    aide: str = ""
    erreurs: list[str] = field(default_factory=list)
    valeurs: list[str] = field(default_factory=list)
    modalites: list[Modalite] = field(default_factory=list)
    absents: int | None = None
    actif: bool = False
    court: bool = True

    @property
    def ailleurs(self):
        """Whether the page of a list only leads to it: nothing is asked of it, nothing refused."""
        return not (self.court or self.actif or self.erreurs)

    @property
    def choisies(self):
        return [modalite for modalite in self.modalites if modalite.choisie]

    @property
    def autres(self):
        """The values worth adding: in a drop-down, one that would keep no row is left out."""
        return [
            modalite for modalite in self.modalites if not modalite.choisie and modalite.nombre != 0
        ]


def facette(queryset, critere, valeur, *, compte=None):
    """`(critère, valeur, nombre)` rows; every part has the same types, for a union."""
    if isinstance(queryset, Lignes):
        return queryset.facette(critere, valeur)
    return (
        queryset.order_by()
        .values(_critere=Value(critere), _valeur=Cast(valeur, CharField()))
        .annotate(_nombre=compte or Count("pk"))
        .values_list(*FACETTE)
    )


def count_all(queryset):
    """How many rows `queryset` has, as a subquery of one number."""
    return (
        queryset.order_by().values(_tout=Value(1)).annotate(_nombre=Count("pk")).values("_nombre")
    )


def understood(field, text):
    """What a form field reads in a text; None when it refuses it."""
    try:
        return field.to_python(text)
    except ValidationError:
        return None


class Critere(Filter):
    """A filter of a list. `nom` is its parameter in addresses, `label` its words."""

    gabarit = ""
    court = True  # whether the form beside a list holds it; else the page of its filters alone does
    deplaces = {}
    has_values = False  # whether `libelles` lists its values
    discret = False  # shown by the form when the address says it, and only then

    def __init__(self, label, *, aide="", **kwargs):
        super().__init__(label=label, **kwargs)
        self.aide = aide
        self.nom = ""

    @property
    def parametres(self):
        return (self.nom,)

    def ecrire(self, parametre, text):
        """A text of the address, as this filter writes what it understands; itself otherwise."""
        return lecture.net(text)

    def condition(self, value):
        """The `Q` of the rows that `value`, as cleaned, keeps."""
        raise NotImplementedError

    def filter(self, qs, value):
        return qs.filter(self.condition(value)) if value else qs

    def comptes(self, queryset):
        """Facet rows counted on `queryset`, to which every other filter is applied."""
        return []

    def etiquettes(self, value):
        return []

    def left_out(self, value, comptes):
        """How many rows a value leaves out because nobody told theirs."""
        return 0

    def note(self, value):
        """A sentence on the rows that `value` finds, "" when its words say it all."""
        return ""

    def presentation(self, comptes):
        """`comptes` maps values to numbers; None when nothing could be counted."""
        data = self.parent.data
        return Presentation(
            nom=self.nom,
            libelle=self.label,
            gabarit=self.gabarit,
            aide=self.aide,
            erreurs=[e.message for e in self.parent.erreurs if e.parametre == self.nom],
            valeurs=[data.get(name, "") for name in self.parametres],
            actif=any(data.get(name, "").strip() for name in self.parametres),
            court=self.court,
        )
