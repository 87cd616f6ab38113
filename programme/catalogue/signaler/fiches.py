"""What may be reported: each public record, in each value that the public reads of it.

A record is found among those that are published, and nowhere else: one that is not has no page
here, like one that does not exist.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from programme.backoffice.cadre.fusion import tracked_fields, value_in
from programme.catalogue.journal.lignes import FormateurPublic
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Jeu
from programme.models import Decision, Document, Seance
from programme.models.propositions import EN_MOTS, modeles
from programme.suivi_public import public_rows
from territoires.models import AutreNom, Territoire

AUTRE = "autre"
SANS_INTERET = {"url", "code", "slug"}
"""Columns that say where the record is, not what it is."""
HORS_JEUX = {
    "seances": (Seance, ("date", "lieu", "ordre_du_jour", "compte_rendu")),
    "decisions": (Decision, ("type", "texte")),
    "documents": (Document, ("titre", "date", "url")),
    "autres-noms": (AutreNom, ("nom", "fin")),
}
"""Records that the public reads on the page of another, in no dataset of their own."""
EN_PLUS = {
    Territoire: ("elu", "fonction_elu", "industriel", "fonction_industriel", "chef_de_projet"),
}
"""Fields that pages show and that no dataset has."""
PAR_ACTE = {"statut", "publication"}
"""Fields that no form changes: an act does."""


@dataclass(frozen=True)
class Champ:
    """One value of a kind of records. colonne: its model field; None for what is computed."""

    nom: str
    titre: str
    colonne: Any = None

    @property
    def se_propose(self):
        """Whether a value may be typed in its place, as in the form of who publishes it."""
        column = self.colonne
        return (
            column is not None
            and column.model not in EN_MOTS
            and column.editable
            and not column.is_relation
            and not isinstance(column, models.FileField | models.SlugField)
            and column.name not in PAR_ACTE
        )


@dataclass(frozen=True)
class Genre:
    """One kind of public records, by the name that it has in addresses."""

    code: str
    modele: type[models.Model]
    jeu: Jeu | None = None

    @cached_property
    def cle(self):
        """The model's field that addresses name a record by: that of its code, if it has one."""
        column = self.jeu and self.jeu.colonne_cle
        return str(column.source or column.nom) if column else "pk"

    @cached_property
    def precisions(self):
        """The fields that say what a date stands for: they are typed with it."""
        return set(getattr(self.modele, "precisions", {}).values())

    def rows(self):
        """Its public records; those of a place, in any geography: their pages stay."""
        return (
            self.jeu.published()
            if self.jeu and self.modele not in EN_MOTS
            else (public_rows(self.modele))
        )

    def find(self, code):
        """The public record of this address; None when there is none."""
        if self.cle == "pk" and not (code.isdecimal() and code.isascii() and len(code) < 10):
            return None
        found = self.rows().filter(**{self.cle: code}).first()
        if found is None and self.jeu is not None and (kept := self.jeu.devenu(code)):
            return self.rows().filter(**{self.cle: kept}).first()
        return found

    def adresse(self, record, champ=""):
        """Where an error in `record` is reported; record: a row, or a dictionary of one."""
        key = record[self.cle] if isinstance(record, dict) else getattr(record, self.cle)
        path = reverse("signaler_fiche", args=[self.code, key])
        return f"{path}?{urlencode({'champ': champ})}" if champ else path

    @cached_property
    def champs(self):
        """{name: `Champ`} of what the public reads of a record, as its dataset lists it."""
        if self.jeu is None:
            return self._fields(HORS_JEUX[self.code][1])
        found = {}
        for column in self.jeu.colonnes:
            path = column.source or column.nom
            name = path.partition("__")[0] if isinstance(path, str) else column.nom
            if name in SANS_INTERET | found.keys() | self.precisions:
                continue
            field = _fields_of(self.modele).get(name)
            if field is None:
                found[column.nom] = Champ(column.nom, column.libelle)
            else:
                direct = isinstance(path, str) and "__" not in path
                title = column.libelle if direct else capfirst(str(field.verbose_name))
                found[name] = Champ(name, title, field)
        return found | self._fields(EN_PLUS.get(self.modele, ()))

    def _fields(self, names):
        columns = _fields_of(self.modele)
        return {n: Champ(n, capfirst(str(columns[n].verbose_name)), columns[n]) for n in names}

    def valeurs(self, record):
        """[(`Champ`, its value of now in words)]."""
        told = {}
        if self.jeu:
            rows = self.rows().filter(pk=record.pk)
            told = next(iter(self.jeu.records(rows)), {})
        words = FormateurPublic()
        return [(champ, self._valeur(champ, record, told, words)) for champ in self.champs.values()]

    @staticmethod
    def _valeur(champ, record, told, words):
        if champ.colonne is not None:
            precision = getattr(record, _precision_of(champ) or "", None)
            return words.value(champ.colonne, value_in(record, champ.colonne), precision)
        value = told.get(champ.nom)
        if isinstance(value, list):
            return ", ".join(value)
        if isinstance(value, bool):
            return "oui" if value else "non"
        return "" if value is None else str(value)


def _fields_of(model):
    """The fields that are saved here; none of what only a load writes."""
    tracked = tracked_fields(model) if hasattr(model, "history") else ()
    return {field.name: field for field in tracked}


def _precision_of(champ):
    """The name of the field that says what the date of `champ` stands for."""
    return getattr(champ.colonne.model, "precisions", {}).get(champ.colonne.name)


def colonnes_de(champ):
    """The names of the fields that are typed together for `champ`: a date and its precision."""
    return [name for name in (champ.nom, _precision_of(champ)) if name]


@cache
def genres():
    """{code: `Genre`} of every kind of records that may be reported."""
    known = modeles()
    found = {jeu.code: Genre(jeu.code, jeu.modele, jeu) for jeu in JEUX.values()}
    found = {code: genre for code, genre in found.items() if genre.modele in known}
    return found | {code: Genre(code, model) for code, (model, _) in HORS_JEUX.items()}


@cache
def genre_of(model):
    """The `Genre` of a model; None for what is not reported."""
    return next((genre for genre in genres().values() if genre.modele is model), None)
