"""Filters by two bounds."""

from django.db.models import Q, Value

from programme.catalogue.listes.champs import NON_RENSEIGNE, PeriodeField, PlageField
from territoires import lecture
from territoires.dates import en_chiffres, iso
from territoires.lecture.nombres import EUROS

from .base import Critere, Etiquette, Modalite, facette, understood


class Intervalle(Critere):
    """Two bounds on a column; says how many rows have no value there."""

    gabarit = "programme/listes/criteres/plage.html"
    court = False
    field_class = PlageField
    entre = ("≥", "≤")

    def __init__(self, label, chemin, *, facultatif=True, **kwargs):
        self.unite = EUROS if chemin.endswith("_eur") else ""
        if self.unite:
            kwargs["unite"] = EUROS
        super().__init__(label, **kwargs)
        self.chemin = chemin
        self.facultatif = facultatif

    @property
    def parametres(self):
        suffixes = self.field_class.suffixes
        return tuple(f"{self.nom}_{suffix}" if suffix else self.nom for suffix in suffixes)

    def ecrire(self, parametre, text):
        if parametre == self.nom:
            return lecture.net(text)
        bound = understood(self.field.fields[0], text)
        return text if bound is None else str(bound)  # a day as AAAA-MM-JJ

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

    def echo(self, bound):
        """A bound as its field says that it understood it, and as it reads it back."""
        return f"{self.words(bound)}\u00a0{self.unite}".rstrip()

    def presentation(self, comptes):
        shown = super().presentation(comptes)
        read = self.parent.form.cleaned_data.get(self.nom) if not shown.erreurs else None
        for rank, bound in enumerate((read.debut, read.fin) if read else ()):
            if bound is not None:
                shown.valeurs[rank] = self.echo(bound)
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
        return en_chiffres(bound)

    def echo(self, bound):
        return iso(bound)  # what a browser shows as a day
