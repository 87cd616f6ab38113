"""What the lists have of a column because its dataset says so: a filter, a heading, a sort."""

import django_tables2 as tables

from programme.donnees.jeux import JEUX
from programme.donnees.provenance import field_of
from programme.donnees.schema import Type
from territoires.reponses import NON_RENSEIGNE

from . import choix
from .criteres import Choix, Intervalle, Periode

MOTS, NOMBRES, JOURS = (Type.CHOIX, Type.TEXTE), (Type.ENTIER,), (Type.DATE,)
"""What filters by a drop-down, by two numbers, by two days; offered in this order."""
EUROS = "euros"


def criteres(jeu, lignes=None):
    """{name: `Critere`} of the columns that filter their list: words, then numbers, then days.

    lignes: the model of the rows that are filtered, whose own columns are read where it has them.
    """
    declared = [column for column in JEUX[jeu].colonnes if column.filtre]
    ordered = (
        column for types in (MOTS, NOMBRES, JOURS) for column in declared if column.type in types
    )
    return {column.nom: _critere(JEUX[jeu], column, lignes) for column in ordered}


def _critere(jeu, column, lignes):
    path = column.source or column.nom
    if lignes and path not in {field.name for field in lignes._meta.concrete_fields}:
        path = f"{lignes._meta.pk.name}__{path}"
    if column.type in JOURS:
        found = Periode(column.libelle, path, facultatif=not column.obligatoire)
    elif column.type in NOMBRES:
        label = f"{column.libelle} (euros)" if column.unite == EUROS else column.libelle
        found = Intervalle(label, path, facultatif=not column.obligatoire)
    else:
        words = getattr(field_of(jeu, column), "choices", None)
        words = words or [(word, word) for word in column.valeurs] or choix.used(path)
        absent = "" if column.obligatoire else NON_RENSEIGNE
        found = Choix(column.libelle, path, choix=words, absent=absent)
    found.field_name = column.nom
    return found


def tris(jeu):
    """The names of the columns that sort their list."""
    return tuple(column.nom for column in JEUX[jeu].colonnes if column.tri)


def colonnes(jeu, nombre, jour):
    """{name: column of the table} of those that their list shows; the classes of two kinds."""
    kinds = {Type.ENTIER: nombre, Type.DATE: jour}
    return {
        column.nom: kinds.get(column.type, tables.Column)(verbose_name=_heading(column))
        for column in JEUX[jeu].colonnes
        if column.liste
    }


def _heading(column):
    return f"{column.libelle} (€)" if column.unite == EUROS else column.libelle
