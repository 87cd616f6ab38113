"""The kinds of filters: what each keeps, counts, and says in words.

A filter narrows a queryset by a condition on the row itself or by a subquery, never by a join:
a row comes once, whatever it is linked to.
"""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Contains, In, IsNull
from django_filters import Filter

from programme.catalogue.ordre import OrdreFrancais, fold

from . import index
from .champs import (
    NON_RENSEIGNE,
    ChoixField,
    CodeField,
    JourField,
    MotsField,
    OuiField,
    PeriodeField,
    PlageField,
)

LONG = 16  # beyond, a list of boxes becomes a drop-down
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


class Critere(Filter):
    """A filter of a list. `nom` is its parameter in addresses, `label` its words."""

    gabarit = ""

    def __init__(self, label, *, aide="", **kwargs):
        super().__init__(label=label, **kwargs)
        self.aide = aide
        self.nom = ""

    @property
    def parametres(self):
        return (self.nom,)

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
        )


class Texte(Critere):
    """Words to find, as the search of the site understands them: accents, plurals, slips of case.

    index: path → type of the records of the search's index that the path leads to. chemins:
    columns of our own, where each word must be somewhere.
    """

    gabarit = "programme/listes/criteres/texte.html"
    field_class = MotsField

    def __init__(self, label, *, index=None, chemins=(), **kwargs):
        super().__init__(label, **kwargs)
        self.index = index or {}
        self.chemins = chemins

    def condition(self, value):
        found = Q()
        for path, type_ in self.index.items():
            found |= Q(**{f"{path}__in": index.keys(value, type_)})
        if self.chemins:
            found |= self._in_columns(value)
        return found

    def _in_columns(self, value):
        found = Q()
        for word in fold(value).split():
            somewhere = Q()
            for path in self.chemins:
                somewhere |= Q(Contains(OrdreFrancais(path), word))
            found &= somewhere
        return found

    def etiquettes(self, value):
        return [Etiquette(self.parametres, None, self.label, f"« {value} »")]


class Choix(Critere):
    """One or several values of a column: any of them.

    `chemin` is a path, an expression, or a function that makes one. `absent` is the word of an
    empty value, `present` that of any value at all; without it, the filter does not offer it.
    """

    field_class = ChoixField

    def __init__(self, label, chemin, *, choix, absent=NON_RENSEIGNE, present="", **kwargs):
        super().__init__(label, **kwargs)
        self.chemin = chemin
        self.choix = choix
        self.absent = absent
        self.present = present
        self._libelles = None

    @cached_property
    def field(self):
        # A function of our own: copying the form must not copy this filter and its request.
        def choices():
            return self.libelles()

        return self.field_class(label=self.label, required=False, choices=choices)

    def libelles(self):
        """`(value, words)` of every value, read once for a filter set."""
        if self._libelles is None:
            choix = self.choix(self.parent) if callable(self.choix) else self.choix
            special = [(word, word) for word in (self.present, self.absent) if word]
            self._libelles = special + [(str(value), str(words)) for value, words in choix]
        return self._libelles

    @property
    def gabarit(self):
        if len(self.libelles()) > LONG:
            return "programme/listes/criteres/choix_long.html"
        return "programme/listes/criteres/choix.html"

    @property
    def expression(self):
        if isinstance(self.chemin, str):
            return F(self.chemin)
        return self.chemin if hasattr(self.chemin, "resolve_expression") else self.chemin()

    def stated(self, value):
        return [item for item in value if item not in (self.absent, self.present)]

    def condition(self, value):
        kept = Q()
        if stated := self.stated(value):
            kept |= Q(In(self.expression, stated))
        if self.absent in value:
            kept |= self.missing()
        if self.present in value:
            kept |= ~self.missing()
        return kept

    def missing(self):
        empty = Q(IsNull(self.expression, True))
        if not isinstance(self.chemin, str):
            return empty
        field = self.model._meta.get_field(self.chemin.split("__")[0])
        return empty | Q(**{self.chemin: ""}) if field.empty_strings_allowed else empty

    def comptes(self, queryset):
        return [facette(queryset, self.nom, self.expression)]

    def etiquettes(self, value):
        words = dict(self.libelles())
        return [
            Etiquette((self.nom,), item, self.label, words[item], item == NON_RENSEIGNE)
            for item in value
        ]

    def presentation(self, comptes):
        shown = super().presentation(comptes)
        chosen = set(self.parent.data.getlist(self.nom))
        shown.modalites = [
            Modalite(value, words, self._number(value, comptes), choisie=value in chosen)
            for value, words in self.libelles()
        ]
        return shown

    def _number(self, value, comptes):
        if comptes is None:
            return None
        if value == self.present:
            return sum(number for key, number in comptes.items() if key)
        return comptes.get("" if value == self.absent else value, 0)


class ChoixMultiple(Choix):
    """One or several values at a path that leads to several rows. A row counts once a value.

    The sum of its numbers may exceed that of the rows: the filter then says by how much.
    """

    lignes = "*"

    def condition(self, value):
        inside = self.model._base_manager.filter(super().condition(value))
        return Q(pk__in=inside.values("pk"))

    def comptes(self, queryset):
        number = Count("pk", distinct=True)
        return [
            facette(queryset, self.nom, self.expression, compte=number),
            facette(queryset, self.nom, Value(self.lignes)),
        ]

    def presentation(self, comptes):
        shown = super().presentation(comptes)
        counted = sum(modalite.nombre or 0 for modalite in shown.modalites)
        if comptes and (surplus := counted - comptes[self.lignes]) > 0:
            shown.aide = (
                "Ce qui a plusieurs valeurs compte dans chacune : la somme des nombres dépasse "
                f"de {surplus} le total."
            )
        return shown


class ChoixLie(Choix):
    """One or several values found in rows linked to ours, of which only some count.

    `lien(filterset)` gives the linked rows, whose column `cle` points to ours and whose `chemin`
    is the value.
    """

    def __init__(self, label, chemin, *, lien, cle, **kwargs):
        super().__init__(label, chemin, **kwargs)
        self.lien = lien
        self.cle = cle

    def linked(self):
        return self.lien(self.parent).order_by().annotate(_valeur=self.expression)

    def condition(self, value):
        mine = self.linked().filter(**{self.cle: OuterRef("pk")})
        kept = Q()
        if stated := self.stated(value):
            kept |= Q(Exists(mine.filter(_valeur__in=stated)))
        if self.absent in value:
            kept |= ~Q(Exists(mine))
        if self.present in value:
            kept |= Q(Exists(mine))
        return kept

    def comptes(self, queryset):
        ours = queryset.order_by().values("pk")
        linked = self.linked().filter(**{f"{self.cle}__in": ours})
        number = Count(self.cle, distinct=True)
        parts = [facette(linked, self.nom, self.expression, compte=number)]
        if self.absent:
            alone = ~Exists(self.linked().filter(**{self.cle: OuterRef("pk")}))
            parts.append(facette(queryset.filter(alone), self.nom, Value("")))
        return parts


class Code(Critere):
    """The code of one row of a reference table, too long a table to be listed."""

    gabarit = "programme/listes/criteres/texte.html"
    field_class = CodeField

    def __init__(self, label, chemin, *, modele, exemple, **kwargs):
        aide = f"Par exemple {exemple}, ou « {NON_RENSEIGNE} »."
        super().__init__(label, modele=modele, exemple=exemple, aide=aide, **kwargs)
        self.chemin = chemin

    def condition(self, value):
        return Q(
            **{f"{self.chemin}__isnull": True}
            if value == NON_RENSEIGNE
            else {self.chemin: value.pk}
        )

    def etiquettes(self, value):
        return [Etiquette((self.nom,), None, self.label, str(value), value == NON_RENSEIGNE)]


class Intervalle(Critere):
    """Two bounds on a column; says how many rows have no value there."""

    gabarit = "programme/listes/criteres/plage.html"
    field_class = PlageField
    entre = ("≥", "≤")

    def __init__(self, label, chemin, *, facultatif=True, **kwargs):
        super().__init__(label, **kwargs)
        self.chemin = chemin
        self.facultatif = facultatif

    @property
    def parametres(self):
        suffixes = self.field_class.suffixes
        return tuple(f"{self.nom}_{suffix}" if suffix else self.nom for suffix in suffixes)

    def condition(self, value):
        bounds = {f"{self.chemin}__gte": value.debut, f"{self.chemin}__lte": value.fin}
        stated = {lookup: bound for lookup, bound in bounds.items() if bound is not None}
        kept = Q(**stated)
        if value.absents:
            kept |= Q(**{f"{self.chemin}__isnull": True})
        return kept

    def comptes(self, queryset):
        missing = queryset.filter(**{f"{self.chemin}__isnull": True})
        return [facette(missing, self.nom, Value(""))] if self.facultatif else []

    def etiquettes(self, value):
        low, high, absent = self.parametres
        shown = [
            Etiquette((name,), None, self.label, f"{sign} {self.words(bound)}", True)
            for name, sign, bound in zip(
                (low, high), self.entre, (value.debut, value.fin), strict=True
            )
            if bound is not None
        ]
        if value.absents:
            shown.append(Etiquette((absent,), None, self.label, NON_RENSEIGNE, True))
        return shown

    @staticmethod
    def words(bound):
        return f"{bound:,}".replace(",", "\u202f")

    def left_out(self, value, comptes):
        """How many rows a bound leaves out because they state no value."""
        return comptes.get("", 0) if value and value.bornee and not value.absents else 0

    def presentation(self, comptes):
        shown = super().presentation(comptes)
        if self.facultatif:
            shown.absents = None if comptes is None else comptes.get("", 0)
        shown.modalites = [
            Modalite(NON_RENSEIGNE, NON_RENSEIGNE, shown.absents, choisie=shown.valeurs[2] != "")
        ] * self.facultatif
        return shown


class Periode(Intervalle):
    gabarit = "programme/listes/criteres/periode.html"
    field_class = PeriodeField
    entre = ("à partir du", "jusqu’au")

    @staticmethod
    def words(bound):
        return f"{bound:%d/%m/%Y}"


class Jour(Critere):
    """A date the whole list depends on; applied by the filter set, not as a condition."""

    gabarit = "programme/listes/criteres/jour.html"
    field_class = JourField

    def filter(self, qs, value):
        return qs

    def etiquettes(self, value):
        return [Etiquette((self.nom,), None, self.label, f"{value:%d/%m/%Y}", True)]


class Oui(Critere):
    """A box to tick; `q` is what a ticked box keeps, nothing when the filter set applies it."""

    gabarit = "programme/listes/criteres/oui.html"
    field_class = OuiField

    def __init__(self, label, q=None, **kwargs):
        super().__init__(label, **kwargs)
        self.q = q or Q()

    def condition(self, value):
        return self.q

    def etiquettes(self, value):
        return [Etiquette((self.nom,), None, self.label, "oui", nomme=True)]
