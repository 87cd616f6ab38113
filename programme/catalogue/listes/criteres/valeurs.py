"""Filters by one value: words, a code, a day, a box."""

from functools import partial

from django.db.models import Model, Q, Value
from django.db.models.lookups import Contains, In

from programme.catalogue.listes import index
from programme.catalogue.listes.champs import (
    NON_RENSEIGNE,
    ClesField,
    JourField,
    LieuField,
    MotsField,
    OuiField,
    in_words,
)
from programme.catalogue.listes.renommes import devenus
from programme.catalogue.ordre import OrdreFrancais, fold
from programme.colonnes import Lignes
from programme.donnees.jeux import JEUX
from programme.donnees.provenance import field_of
from territoires import lecture
from territoires.dates import en_chiffres, iso
from territoires.models import Commune

from .base import Critere, Etiquette, facette, understood


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
        self._keys = {}

    def condition(self, value):
        found = Q()
        for path, type_ in self.index.items():
            found |= Q(**{f"{path}__in": self.keys(value, type_)})
        if self.chemins:
            found |= self._in_columns(value)
        return found

    def keys(self, value, type_):
        """What the index finds, looked for once by a filter set; or by all, for as long as the
        rows that they count in memory are the same.
        """
        if (value, type_) not in self._keys:
            read, rows = partial(index.keys, value, type_), self.parent.comptees
            kept = isinstance(rows, Lignes)
            found = rows.colonnes.chercher((value, type_), read) if kept else read()
            self._keys[value, type_] = found
        return self._keys[value, type_]

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


class Egal(Texte):
    """The one text that a column holds, as it is written."""

    def __init__(self, label, chemin, **kwargs):
        super().__init__(label, **kwargs)
        self.chemin = chemin

    def condition(self, value):
        return Q(**{self.chemin: value})


NOMMEES = 3
"""How many records chosen by their codes a title names."""


class Cles(Critere):
    """The rows of these codes, whatever else is asked; on the page only once an address says it."""

    gabarit = "programme/listes/criteres/texte.html"
    field_class = ClesField
    discret = True

    def __init__(self, jeu):
        self.jeu = jeu
        super().__init__("Codes", aide="Séparés par des virgules.")

    def ecrire(self, parametre, text):
        """A code that its record has no more, or not yet, becomes the one that it has."""
        codes = understood(self.field, text)
        field = field_of(JEUX[self.jeu], JEUX[self.jeu].colonne_cle)
        if not codes or field is None or field.primary_key:
            return super().ecrire(parametre, text)
        rows = field.model.objects.published().filter(**{f"{field.name}__in": codes})
        known = set(rows.values_list(field.name, flat=True))
        if gone := [code for code in codes if code not in known]:
            become = devenus(field.model, field.name, gone)
            codes = dict.fromkeys(become.get(code, code) for code in codes)
        return ",".join(codes)

    def condition(self, value):
        jeu = JEUX[self.jeu]
        named = jeu.modele._base_manager.filter(In(jeu.colonne_cle.expression(), value))
        return Q(pk__in=named.order_by().values("pk"))

    def etiquettes(self, value):
        """Their names; a code that names no public record stays as it is asked."""
        shown, others = value[:NOMMEES], len(value) - NOMMEES
        names = JEUX[self.jeu].named(shown)
        words = ", ".join(names.get(code, f"code {code}") for code in shown)
        if others > 0:
            words += f" et {others} autre{'s' if others > 1 else ''}"
        return [Etiquette(self.parametres, None, "Fiches", words)]


class Lieu(Critere):
    """One place of a reference table, too long a table to be listed: by its name or its code."""

    gabarit = "programme/listes/criteres/texte.html"
    field_class = LieuField

    def __init__(self, label, chemin, *, modele, exemple, absent=NON_RENSEIGNE, **kwargs):
        aide = f"Son nom ou son code : {exemple}, ou « {absent} »."
        kwargs |= {"modele": modele, "exemple": exemple, "absent": absent}
        super().__init__(label, aide=aide, **kwargs)
        self.chemin = chemin
        self.absent = absent

    def ecrire(self, parametre, text):
        found = understood(self.field, text)
        return found.pk if isinstance(found, Model) else lecture.net(text)

    def condition(self, value):
        if value == self.absent:
            return Q(**{f"{self.chemin}__isnull": True})
        if isinstance(value, Commune):
            # What lies in a commune that it took over since lies there too.
            return Q(**{f"{self.chemin}__in": value.avec_les_absorbees()})
        return Q(**{self.chemin: value.pk})

    def comptes(self, queryset):
        missing = queryset.filter(**{f"{self.chemin}__isnull": True})
        return [facette(missing, self.nom, Value(""))]

    def left_out(self, value, comptes):
        told = self.absent != NON_RENSEIGNE or value == self.absent
        return 0 if told else comptes.get("", 0)

    def etiquettes(self, value):
        said = value if value == self.absent else in_words(value)
        return [Etiquette((self.nom,), None, self.label, said, value == self.absent)]

    def presentation(self, comptes):
        """A code that a link carries is shown as the place it names."""
        shown = super().presentation(comptes)
        row = self.parent.form.cleaned_data.get(self.nom) if not shown.erreurs else None
        if row and row != self.absent:
            shown.valeurs = [in_words(row)]
        return shown


class Jour(Critere):
    """A date the whole list depends on; applied by the filter set, not as a condition."""

    gabarit = "programme/listes/criteres/jour.html"
    field_class = JourField

    def ecrire(self, parametre, text):
        day = understood(self.field, text)
        return iso(day) if day else text

    def filter(self, qs, value):
        return qs

    def etiquettes(self, value):
        return [Etiquette((self.nom,), None, self.label, en_chiffres(value), True)]


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
