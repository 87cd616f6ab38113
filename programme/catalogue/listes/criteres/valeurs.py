"""Filters by one value: words, a code, a day, a box."""

from django.db.models import Model, Q
from django.db.models.lookups import Contains

from programme.catalogue.listes import index
from programme.catalogue.listes.champs import (
    NON_RENSEIGNE,
    JourField,
    LieuField,
    MotsField,
    OuiField,
    in_words,
)
from programme.catalogue.ordre import OrdreFrancais, fold
from territoires import lecture
from territoires.dates import en_chiffres, iso

from .base import Critere, Etiquette, understood


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


class Lieu(Critere):
    """One place of a reference table, too long a table to be listed: by its name or its code."""

    gabarit = "programme/listes/criteres/texte.html"
    field_class = LieuField

    def __init__(self, label, chemin, *, modele, exemple, **kwargs):
        aide = f"Son nom ou son code : {exemple}, ou « {NON_RENSEIGNE} »."
        super().__init__(label, modele=modele, exemple=exemple, aide=aide, **kwargs)
        self.chemin = chemin

    def ecrire(self, parametre, text):
        found = understood(self.field, text)
        return found.pk if isinstance(found, Model) else lecture.net(text)

    def condition(self, value):
        return Q(
            **{f"{self.chemin}__isnull": True}
            if value == NON_RENSEIGNE
            else {self.chemin: value.pk}
        )

    def etiquettes(self, value):
        said = value if value == NON_RENSEIGNE else in_words(value)
        return [Etiquette((self.nom,), None, self.label, said, value == NON_RENSEIGNE)]

    def presentation(self, comptes):
        """A code that a link carries is shown as the place it names."""
        shown = super().presentation(comptes)
        row = self.parent.form.cleaned_data.get(self.nom) if not shown.erreurs else None
        if row and row != NON_RENSEIGNE:
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
