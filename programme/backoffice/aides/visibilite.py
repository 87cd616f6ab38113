"""Who sees a field: read from the published datasets and from the perimeter, never typed.

A field that no dataset holds may still be read on a page of the portal: those are listed here, and
a test looks for each of them, and for none of the others, on the public pages.
"""

from functools import cache

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F

from programme.donnees.jeux import JEUX
from programme.models.base import Publication
from territoires.perimetre import TOUT

SUR_LES_PAGES = {
    "territoires.Territoire": {
        "elu", "fonction_elu", "industriel", "fonction_industriel", "chef_de_projet",
        "pilote", "source_sortie",
    },
    "territoires.AutreNom": {"territoire", "nom", "fin"},
    "programme.ComiteRegional": {"region", "secretariat", "source"},
    "programme.ComiteNational": {"nom"},
    "programme.Seance": {
        "comite_regional", "comite_national", "date", "precision", "lieu", "ordre_du_jour",
        "compte_rendu", "source",
    },
    "programme.Decision": {"seance", "texte", "territoire", "contrat", "projet"},
    "programme.Contrat": {"seance"},
    "programme.Affirmation": {"ordre"},
    "programme.Terme": {"page"},
    # What a project consumes of an envelope is in the envelope's published total.
    "programme.Financement": {"enveloppe"},
    "programme.Document": {
        "titre", "date", "fichier", "url", "territoire", "contrat", "projet", "seance",
    },
}  # fmt: skip

DES_PARENTS = {
    "contrat": "Public quand le contrat est publié.",
    "projet": "Public quand le projet est publié.",
    "seance": "Public quand la séance est publiée.",
}


def _names(expression):
    """The paths that an ORM expression reads from its own row."""
    if isinstance(expression, F):
        return {expression.name} if type(expression) is F else set()
    if not hasattr(expression, "get_source_expressions") or hasattr(expression, "query"):
        return set()
    return {name for part in expression.get_source_expressions() for name in _names(part)}


def _paths(column):
    """The paths of a dataset's column; one that is computed may bear the name of its field."""
    names = _names(column.raw_expression())
    return names if isinstance(column.source, str) else names | {column.nom}


def _walk(model, path):
    """(label, field name) of each field that an ORM path goes through."""
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return
        yield field.model._meta.label, field.name
        if not field.is_relation:
            return
        model = field.related_model


@cache
def published_fields():
    """(label of a model, name of a field) of all that the datasets publish."""
    return frozenset(
        pair
        for jeu in JEUX.values()
        for column in jeu.colonnes
        for path in _paths(column)
        for pair in _walk(jeu.modele, path)
    )


def is_public(field):
    """Whether the public reads `field` in a dataset or on a page, once it is published."""
    label = field.model._meta.label
    in_dataset = (label, field.name) in published_fields()
    return in_dataset or field.name in SUR_LES_PAGES.get(label, ())


def _when(model):
    """From when on the public reads the public fields of `model`."""
    lookup = next(iter(getattr(model, "publication_lookups", ())), None)
    if lookup is None:
        return "Public dès l’enregistrement."
    parent = lookup.rpartition("__")[0]
    return DES_PARENTS[parent] if parent else "Public quand la fiche est publiée."


def _insiders(model):
    """The agents who see the rows of `model`, as its perimeter says."""
    regions, operators = model.perimetre.regions, model.perimetre.operateurs
    if not regions and not operators:
        return "Interne : visible des administrateurs nationaux seulement."
    if regions == TOUT:
        return "Interne : visible des agents seulement."
    shared = " et des opérateurs" if operators else ""
    return f"Interne : visible des agents de la région{shared} seulement."


def who_sees(field):
    """Who will read what is typed in `field`, in French; empty where its help says it all."""
    if field.choices and field.choices == Publication.choices:
        return ""
    return _when(field.model) if is_public(field) else _insiders(field.model)
