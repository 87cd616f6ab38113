"""What was added, changed and removed in a list between two moments: `au=A..B`.

The list is read at both, by its own view: the same filters, the same columns. A row that the
filters no longer keep was removed from the list.
"""

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from django.core.paginator import Paginator
from django.db.models import TextChoices
from django.shortcuts import render

from programme.catalogue.adresse import Erreur
from programme.catalogue.carte.fichiers import Tableau, as_csv, as_json
from programme.catalogue.moments import PARIS
from programme.donnees.comparaison import cle, comparer, texte
from programme.donnees.schema import SEPARATEUR_LISTE, Colonne, Type
from territoires import moment
from territoires.dates import iso

PAR_PAGE = 50
LE_PLUS = 50_000
"""Rows of each side: more are to be filtered."""
FORMATS = ("", "csv", "json")


class Acte(TextChoices):
    AJOUT = "ajout", "ajouté"
    MODIFICATION = "modification", "modifié"
    RETRAIT = "retrait", "retiré"


COLONNES = (
    Colonne("acte", Type.CHOIX, "Acte", "Ce qui est arrivé à la ligne.", valeurs=Acte.values),
    Colonne("cle", Type.TEXTE, "Clé", "Ce qui distingue la ligne dans son jeu."),
    Colonne("colonne", Type.TEXTE, "Colonne", "Le nom de la colonne."),
    Colonne("avant", Type.TEXTE, "Avant", "Sa valeur au premier moment."),
    Colonne("apres", Type.TEXTE, "Après", "Sa valeur au second moment."),
)


@dataclass(frozen=True)
class Ecart:
    """What happened to a row: `valeurs` are `(column, before, after)` of those that differ."""

    acte: Acte
    cle: tuple
    avant: dict | None
    apres: dict | None
    valeurs: list[tuple]

    @property
    def ligne(self):
        """The row as it was last."""
        return self.apres or self.avant

    @property
    def en_texte(self):
        return SEPARATEUR_LISTE.join(map(texte, self.cle))


def ecarts(jeu, avant, apres):
    """The `Ecart`s between two lists of records of `jeu`, in the order of its keys."""
    columns = {column.nom: column for column in jeu.colonnes}
    tables = (sorted(rows, key=lambda row: cle(row, jeu.cle)) for rows in (avant, apres))
    for _, old, new, fields in comparer(*tables, jeu.cle, columns, _said):
        acte = Acte.AJOUT if old is None else Acte.RETRAIT if new is None else Acte.MODIFICATION
        key = tuple((new or old)[name] for name in jeu.cle)
        yield Ecart(acte, key, old, new, [(columns[nom], *values) for nom, *values in fields])


def _said(before, after):
    """Whether a value differs: nothing told is one."""
    return (None if before in ("", []) else before) != (None if after in ("", []) else after)


class EntreDeux:
    """For the view of a dataset, whose `get` asks it first."""

    entre_deux = True

    @cached_property
    def moments(self):
        """The two moments asked for, or None."""
        asked = getattr(self.request, "au", None)
        return asked if getattr(asked, "avant", None) else None

    def get(self, request, **kwargs):
        if self.moments and not self.erreurs:
            return self.answer_ecarts()
        return super().get(request, **kwargs)

    def ecart_errors(self):
        if self.demande["format"] not in FORMATS:
            sentence = "Ce qui a changé se lit en page, en csv ou en json : choisissez l’un d’eux."
            return [Erreur("format", "format", sentence, "invalid_choice")]
        if self.totaux["lignes"] > LE_PLUS:
            sentence = f"Plus de {LE_PLUS} lignes à comparer : ajoutez un filtre."
            return [Erreur("au", "au", sentence, "moment")]
        return self._ecart_page_errors()

    def _ecart_page_errors(self):
        asked, last = self.demande.get("page") or 1, self.ecart_pages.num_pages
        if asked <= last:
            return []
        sentence = f"La page {asked} n’existe pas : demandez la page de 1 à {last}."
        return [Erreur("page", "page", sentence, "page")]

    @cached_property
    def ecarts(self):
        with moment.a(self.moments.avant.instant):
            before = list(self._alors().lues())
        return list(ecarts(self.jeu, before, self.lues()))

    @cached_property
    def ecart_pages(self):
        return Paginator(self.ecarts, PAR_PAGE)

    def _alors(self):
        """The same view, that has read nothing yet."""
        other = copy(self)
        for name in [*vars(other)]:
            if isinstance(getattr(type(self), name, None), cached_property):
                del other.__dict__[name]
        return other

    def lues(self):
        """The records of the list, filtered; none when its filters name what was not there."""
        filters = self.filterset
        if not self.form.is_valid() or (filters is not None and not filters.is_valid()):
            return []
        return self.jeu.records(self.sorted_queryset)

    def answer_ecarts(self):
        when = self.moments
        name = f"{self.jeu.code}-changements"
        if self.demande["format"] == "csv":
            rows = [
                (each.acte.value, each.en_texte, column.nom, texte(before), texte(after))
                for each in self.ecarts
                for column, before, after in each.valeurs
            ]
            tableau = Tableau(self.jeu.titre, name, COLONNES, rows)
            return as_csv(tableau, self.demande["separateur"]).response(self.request)
        if self.demande["format"] == "json":
            return as_json(self._as_json(), len(self.ecarts), nom=f"{name}.json").response(
                self.request
            )
        pages = self.get_page_context(self.ecart_pages)
        return render(
            self.request,
            "programme/listes/ecarts.html",
            {
                "titre": getattr(self, "titre_filtre", self.jeu.titre),
                "jeu": self.jeu,
                "au": when,
                **pages,
                "comptes": [(acte, self._number(acte)) for acte in Acte],
                "ecarts": [(each, _words(self.jeu, each)) for each in pages["page"].object_list],
                "fichiers": [
                    ("CSV", self.requete.fichier(format="csv")),
                    ("JSON", self.requete.fichier(format="json")),
                ],
            },
        )

    def _number(self, acte):
        return sum(each.acte is acte for each in self.ecarts)

    def _as_json(self):
        found = {acte: [each for each in self.ecarts if each.acte is acte] for acte in Acte}
        return {
            "jeu": self.jeu.code,
            "de": iso(self.moments.avant.instant.astimezone(PARIS)),
            "a": iso(self.moments.instant.astimezone(PARIS)),
            "ajouts": [each.apres for each in found[Acte.AJOUT]],
            "retraits": [each.avant for each in found[Acte.RETRAIT]],
            "modifications": [
                {
                    **dict(zip(self.jeu.cle, each.cle, strict=True)),
                    "changements": {
                        column.nom: {"avant": before, "apres": after}
                        for column, before, after in each.valeurs
                    },
                }
                for each in found[Acte.MODIFICATION]
            ],
        }


def _words(jeu, ecart):
    """How a page names the row: its first text, its key."""
    texts = (c.nom for c in jeu.colonnes if c.type is Type.TEXTE and c.nom not in (*jeu.cle, "url"))
    told = next(chain(filter(None, (ecart.ligne[name] for name in texts)), [""]))
    return f"{told} ({ecart.en_texte})" if told else ecart.en_texte
