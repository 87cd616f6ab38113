"""What a published dataset is: its columns, declared once.

CSV, XLSX, JSON, GeoJSON, Table Schema, the dictionary page, OpenAPI and DCAT all read a `Jeu`;
none of them knows a column that is not in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from django.db.models import F, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import NullIf
from django.db.models.lookups import In
from django.urls import reverse
from django.utils.http import urlencode

from programme.donnees.provenance import Provenance
from programme.models.base import Absorbable

FORMATS = ("csv", "xlsx", "json", "geojson")
OFFRES = (
    ("CSV", {"format": "csv"}),
    ("CSV pour Excel (point-virgule)", {"format": "csv", "separateur": "point-virgule"}),
    ("Excel (XLSX)", {"format": "xlsx"}),
    ("JSON", {"format": "json"}),
    ("GeoJSON", {"format": "geojson"}),
)
"""The files that a page offers, in order: their words, and the parameters that ask for each."""
SEPARATEUR_LISTE = "|"
"""Between the values of a list's column. No code of ours holds it, and no name keeps it."""


class Type(Enum):
    """The type of a column: its French name, and its type in Table Schema."""

    CODE = ("code", "string")
    TEXTE = ("texte", "string")
    CHOIX = ("mot d’une liste fermée", "string")
    LISTE = (f"codes séparés par {SEPARATEUR_LISTE}", "string")
    NOMS = (f"noms séparés par {SEPARATEUR_LISTE}", "string")
    ENTIER = ("nombre entier", "integer")
    NOMBRE = ("nombre décimal", "number")
    DATE = ("date (AAAA-MM-JJ)", "date")
    BOOLEEN = ("oui ou non", "boolean")

    def __init__(self, titre, table_schema):
        self.titre = titre
        self.table_schema = table_schema

    @property
    def is_text(self):
        return self.is_list or self in (Type.CODE, Type.TEXTE, Type.CHOIX)

    @property
    def is_list(self):
        """Whether it holds several values: an array in JSON, one text elsewhere."""
        return self in (Type.LISTE, Type.NOMS)

    @property
    def is_free_text(self):
        """Whether somebody may have typed anything in it, a spreadsheet formula too."""
        return self in (Type.TEXTE, Type.CHOIX, Type.NOMS)


@dataclass(frozen=True)
class Ecrit:
    """How a committee writes a column: in the form of a record, and in a file of many.

    champ: the model's field, by default the column's name. aide: what the form says beside it.
    partage: whether many records may be given the same value at once, from their list.
    reserve: by what it is changed, when no file changes it; neuf: the values that a new row may
    have all the same. par: for a relation, the field of the target, or the annotation `libelle`,
    that a cell names; aussi: the others that may name it when only one row has them; anciens: the
    relation of the target to the codes that it had before. noms: what files of others call the
    column, beside its name and its title. type, largeur: how a cell is read, when
    not as the published column says; bornes: for a number. source: what the back-office reads,
    when the public reads published records alone.
    """

    champ: str = ""
    aide: str = ""
    partage: bool = False
    reserve: str = ""
    neuf: tuple[str, ...] = ()
    par: str = ""
    aussi: tuple[str, ...] = ()
    anciens: str = ""
    noms: tuple[str, ...] = ()
    type: Type | None = None
    largeur: int = 0
    bornes: tuple[float, float] | None = None
    source: Any = None


@dataclass(frozen=True)
class Colonne:
    """One published column, and all that the site knows of it.

    `source` is an ORM path from the dataset's model, an expression, or a function without argument
    that returns one; by default the path is `nom`. An empty text is published as a missing value.
    `valeurs` are the only words that a `CHOIX` column holds. `provenance`: where its values come
    from, when it is not whence the row does. `a_venir`: a day that a source states before it comes,
    which tells nothing of when the source speaks.

    `ecrit`: how a committee writes it; without it, nobody does. `calculee`: the column that it
    follows from. `filtre`, `tri`, `liste`: whether the dataset's list is filtered by it, sorted by
    it, shows it; `fiche`: whether the page of a record tells it among its facts. `mots`: what the
    pages call it, when not by its title.
    """

    nom: str
    type: Type
    titre: str
    description: str
    source: Any = None
    unite: str = ""
    valeurs: tuple[str, ...] = ()
    obligatoire: bool = False
    provenance: Provenance | None = None
    a_venir: bool = False
    ecrit: Ecrit | None = None
    calculee: str = ""
    filtre: bool = False
    tri: bool = False
    liste: bool = False
    fiche: bool = False
    mots: str = ""

    @property
    def champ(self):
        """The name of the model's field that it writes; empty for what nobody writes."""
        return (self.ecrit.champ or self.nom) if self.ecrit else ""

    @property
    def libelle(self):
        """What the pages call it."""
        return self.mots or self.titre

    @property
    def alias(self):
        """The column's name inside SQL, where the model's own fields keep theirs."""
        return f"c_{self.nom}"

    def expression(self):
        """The ORM expression of the typed value, null when it is missing."""
        source = self.raw_expression()
        if self.type.is_text:
            return NullIf(source, Value(""), output_field=TextField())
        return source

    def raw_expression(self):
        """The same, where a missing text may also be an empty one."""
        source = self.source or self.nom
        if callable(source) and not hasattr(source, "resolve_expression"):
            source = source()
        return F(source) if isinstance(source, str) else source


@dataclass(frozen=True)
class Geometrie:
    """Where the point of a row is: ORM paths of its longitude and latitude (WGS84)."""

    longitude: str
    latitude: str

    description = "un point par ligne, en WGS84"


@dataclass(frozen=True)
class Contours:
    """The outline of a row: the objects of a layer of the topology, merged.

    couche: `membres`, `regions` or `departements`. codes: function that returns the expression of
    their codes, joined by `SEPARATEUR_LISTE`.
    """

    couche: str
    codes: Callable[[], Any]

    description = "le contour de chaque ligne, en WGS84, simplifié à 400 m environ"


@dataclass(frozen=True)
class Jeu:
    """One published dataset.

    code: its name in addresses and file names. lignes: returns the queryset of all public rows.
    preparer: adds to any queryset of the model the annotations that the columns read.
    cle: the columns that identify a row. liste: the URL name of its list, a `CatalogueView`, if it
    has one; entier: the parameters that make this list the whole dataset. source: who states these
    facts; documents: codes of those from which all of it comes. nombre: dotted path of a function
    that makes the expression of its number of rows, when they are not to be made to be counted.
    provenance: what its columns, without their own, know of their values. selon: codes of the
    datasets whose facts its rows restate. listee: makes the expression of the last day that a
    list has the row. frequence: how often it changes, a code of the European list of frequencies.
    """

    code: str
    titre: str
    description: str
    colonnes: tuple[Colonne, ...]
    lignes: Callable[[], QuerySet]
    cle: tuple[str, ...] = ()
    liste: str = ""
    entier: str = ""
    source: str = ""
    provenance: Provenance | None = None
    mots_cles: tuple[str, ...] = ()
    geometrie: Geometrie | Contours | None = None
    preparer: Callable[[QuerySet], QuerySet] = field(default=lambda queryset: queryset)
    documents: tuple[str, ...] = ()
    nombre: str = ""
    selon: tuple[str, ...] = ()
    listee: Callable[[], Any] | None = None
    frequence: str = "IRREG"

    @cached_property
    def modele(self) -> type[Model]:
        return self.lignes().model

    @property
    def noms(self):
        """The header: the columns' names, in order."""
        return [colonne.nom for colonne in self.colonnes]

    def published(self):
        """Every public row, and nothing else."""
        return self.lignes()

    def get_absolute_url(self):
        """The page of its dictionary."""
        return reverse("donnees_jeu", args=[self.code])

    def get_file_url(self, format, **parameters):  # noqa: A002
        """The address of the whole dataset as a file."""
        path = reverse(self.liste) if self.liste else self.get_api_url()
        return f"{path}?{self.entier}{'&' if self.entier else ''}" + urlencode(
            {"format": format, **parameters}
        )

    def whole_files(self):
        """`(words, address)` of each file that holds the whole dataset."""
        return [(words, self.get_file_url(**parameters)) for words, parameters in self.offres]

    @property
    def offres(self):
        """`OFFRES`, without what this dataset has not."""
        return [offre for offre in OFFRES if offre[1]["format"] in self.formats]

    @property
    def formats(self):
        return [name for name in FORMATS if name != "geojson" or self.geometrie]

    def get_api_url(self):
        return reverse("api_jeu", args=[self.code])

    @property
    def colonne_cle(self):
        """The only column that tells its rows apart; None when it takes several."""
        return self.colonne(self.cle[0]) if len(self.cle) == 1 else None

    def cle_de(self, record):
        """What names one of its rows in an address: its code, which stays, or its number."""
        column, value = self.colonne_cle, record
        for name in str(column.source or column.nom).split("__") if column else ("pk",):
            value = getattr(value, name)
        return value

    def with_keys(self, queryset, values):
        """The rows of `queryset` that have these keys, `colonne_cle` being one."""
        return queryset.filter(Q(In(self.colonne_cle.expression(), values)))

    def devenu(self, cle):
        """The key of the public row that replaced the one of this key, merged in it; or None."""
        path = (self.colonne_cle.source or self.colonne_cle.nom) if self.colonne_cle else ""
        if not issubclass(self.modele, Absorbable) or not isinstance(path, str) or not path:
            return None
        kept = self.modele.devenu(**{path: cle})
        return None if kept is None else self.cle_de(kept)

    def named(self, keys):
        """`{key: what its record is called}` of the public rows of these keys, in one query."""
        rows = self.with_keys(self.published(), keys)
        return {str(self.cle_de(row)): str(row) for row in rows}

    def colonne(self, nom):
        return next(colonne for colonne in self.colonnes if colonne.nom == nom)

    def annotated(self, queryset, **expressions):
        """`queryset` in a total order, each row once, with `expressions` annotated on it."""
        if queryset.query.distinct:
            # DISTINCT would compare the columns of the file, not the rows.
            once = self.modele.objects.filter(pk__in=queryset.order_by().values("pk"))
            once = once.order_by(*queryset.query.order_by)
        else:
            once = queryset
        return in_total_order(self.preparer(once)).annotate(**expressions)

    def rows(self, queryset):
        """The typed values of each row of `queryset`: tuples in the order of `noms`.

        Numbers, dates and booleans are Python's; a list is text; a missing value is None.
        """
        expressions = {colonne.alias: colonne.expression() for colonne in self.colonnes}
        return self.annotated(queryset, **expressions).values_list(*expressions)

    def records(self, queryset, part=slice(None)):
        """The rows `part` of `queryset` as dictionaries keyed by `noms`, lists as lists."""
        for values in self.rows(queryset)[part]:
            yield {
                colonne.nom: _as_list(value) if colonne.type.is_list else value
                for colonne, value in zip(self.colonnes, values, strict=True)
            }


def _as_list(text):
    return text.split(SEPARATEUR_LISTE) if text else []


def in_total_order(queryset):
    """`queryset` in its own order, then by primary key.

    Without the key, two rows that the order does not tell apart could swap between two pages, or
    between two databases.
    """
    order = queryset.query.order_by or queryset.model._meta.ordering
    unique = {field.name for field in queryset.model._meta.fields if field.unique}
    known = {str(term).removeprefix("-") for term in order}
    told = known & (unique | {"pk"})
    return queryset.order_by(*order, *(() if told else ordre_total(queryset.model)))


def ordre_total(model):
    """What tells two rows apart, when the order that was asked does not."""
    return getattr(model, "ordre_total", ("pk",))
