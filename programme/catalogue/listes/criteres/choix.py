"""Filters by values of a closed list, each with the number of rows it keeps."""

from functools import cached_property

from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models.lookups import Exact, In, IsNull

from programme.catalogue.listes.champs import NON_RENSEIGNE, ChoixField
from programme.catalogue.listes.renommes import connues, devenus
from programme.colonnes import Lignes
from territoires.reponses import reponse

from .base import Critere, Etiquette, Modalite, facette

LONG = 16  # beyond, a list of boxes becomes a drop-down
COURT = 5  # beyond, the page of a list only leads to them


class Choix(Critere):
    """One or several values of a column: any of them.

    `chemin` is a path, an expression, or a function that makes one. `absent` is the word of an
    empty value, `present` that of any value at all; without it, the filter does not offer it.
    `deplaces`: {value that this filter had: (filter, value) that keeps these rows now}. Values
    that may change with their record are said by `choix.champ`, (model, field): an address keeps
    its rows. A free value (`choix.colonne`) that no row has any more keeps none, and is no error.
    """

    field_class = ChoixField
    has_values = True

    def __init__(
        self, label, chemin, *, choix, absent=NON_RENSEIGNE, present="", deplaces=None, **kwargs
    ):
        super().__init__(label, **kwargs)
        self.deplaces = deplaces or {}
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

    def ecrire(self, parametre, text):
        item = self.field.lire(text)
        champ = getattr(self.choix, "champ", None)
        if champ is None or item in dict(self.libelles()):
            return item
        return devenus(*champ, [item]).get(item, item)

    def libelles(self):
        """`(value, words)` of every value, read once for a filter set."""
        if self._libelles is None:
            choix = self.choix(self.parent) if callable(self.choix) else self.choix
            special = [(word, word) for word in (self.present, self.absent) if word]
            self._libelles = special + [(str(value), str(words)) for value, words in choix]
            self._libelles += [(value, value) for value in self._gone()]
        return self._libelles

    def _gone(self):
        """The values that the address asks for and that published rows had, or will have."""
        if not hasattr(self.choix, "colonne"):
            return []
        known = {value for value, _ in self._libelles}
        asked = set(self.parent.data.getlist(self.nom)) - known - {""}
        model = self.parent.modele or self.model
        column = self.choix.colonne.rpartition("__")[2]
        return sorted(connues(model, column, asked)) if asked else []

    @property
    def court(self):
        return len(self.libelles()) <= COURT

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
        *_, field = get_fields_from_path(self.model, self.chemin)
        is_text = field.empty_strings_allowed and not field.is_relation
        return empty | Q(**{self.chemin: ""}) if is_text else empty

    def comptes(self, queryset):
        return [facette(queryset, self.nom, self.expression)]

    def left_out(self, value, comptes):
        """« hors territoire » is an answer, and leaves out nobody who did not answer."""
        told = self.absent not in ("", NON_RENSEIGNE) or self.absent in value
        return 0 if told else comptes.get("", 0)

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
        """None: not counted, or nothing to count in rows of which nobody told anything."""
        if comptes is None:
            return None
        if value != self.absent and reponse(0, dits=self._told(comptes), sur=1) is None:
            return None
        if value == self.present:
            return sum(number for key, number in comptes.items() if key)
        return comptes.get("" if value == self.absent else value, 0)

    def _told(self, comptes):
        """How many rows answer, where an empty value is no answer; any, where it is one."""
        if self.absent not in ("", NON_RENSEIGNE):
            return sum(comptes.values())
        return sum(number for key, number in comptes.items() if key)


class ChoixSansCompte(Choix):
    """The same, without numbers: rows that are made to be read are not all read to be counted."""

    def __init__(self, label, chemin, **kwargs):
        super().__init__(label, chemin, **{"absent": ""} | kwargs)

    def comptes(self, queryset):
        return []


class Conditions(Choix):
    """One or several conditions that a row may meet together: any of them.

    `condition_de` makes the boolean expression of one value.
    """

    def __init__(self, label, *, choix, condition_de, present):
        super().__init__(label, "", choix=choix, absent="", present=present)
        self.condition_de = condition_de

    def condition(self, value):
        chosen = self.values() if self.present in value else value
        kept = Q()
        for item in chosen:
            kept |= Q(Exact(self.condition_de(item), True))
        return kept

    def values(self):
        return [value for value, _ in self.libelles() if value != self.present]

    def comptes(self, queryset):
        parts = {value: self.condition([value]) for value in self.values()}
        parts[self.present] = self.condition([self.present])
        return [
            facette(queryset.filter(condition), self.nom, Value(value))
            for value, condition in parts.items()
        ]

    def _number(self, value, comptes):
        return None if comptes is None else comptes.get(value, 0)


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

    def filter(self, qs, value):
        if not isinstance(qs, Lignes) or not value:
            return super().filter(qs, value)
        ways = {"absent": self.absent in value, "present": self.present in value}
        return qs.finances(self.stated(value), **ways)

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
        if isinstance(queryset, Lignes):
            return [queryset.facette_finances(self.nom, self.absent)]
        ours = queryset.order_by().values("pk")
        linked = self.linked().filter(**{f"{self.cle}__in": ours})
        number = Count(self.cle, distinct=True)
        parts = [facette(linked, self.nom, self.expression, compte=number)]
        if self.absent:
            alone = ~Exists(self.linked().filter(**{self.cle: OuterRef("pk")}))
            parts.append(facette(queryset.filter(alone), self.nom, Value("")))
        return parts
