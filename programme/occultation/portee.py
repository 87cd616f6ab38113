"""Where a personal datum is looked for: in every column of every table that may hold words.

A column is swept, or it says here why it is not: one that nobody thought of is swept.
"""

from django.apps import apps
from django.db import models

from programme.occultation.mots import SIGNES

SANS_MOTS = (
    models.IntegerField,
    models.DecimalField,
    models.FloatField,
    models.BooleanField,
    models.DateField,  # and with an hour
    models.UUIDField,
    models.GenericIPAddressField,
)
"""Columns that hold no word. Foreign keys hold those of another table."""

COMPTES = (
    "un compte, une session, un second facteur : ils se corrigent ou se ferment, et s’oublient"
)
APPLICATIONS = {
    "account": COMPTES,
    "auth": "les rôles et les droits, nommés par le code",
    "contenttypes": "les noms des tables",
    "mfa": COMPTES,
    "socialaccount": COMPTES,
    "usersessions": COMPTES,
}
"""Those of others; of ours, each column."""

EMPREINTE = "une empreinte : rien ne s’y lit"
CHIFFREE = "une adresse chiffrée, effacée à l’arrêt ou à la réponse"
OFFICIEL = "un nom ou un code d’une nomenclature officielle"
INDEX = "l’index de la recherche, refait de ce que le public peut voir"
CODE = "un mot du code"
EN_COLONNES = {
    ("*", "sha256"): EMPREINTE,
    ("programme.Abonne", "empreinte"): EMPREINTE,
    ("programme.Abonne", "courriel"): CHIFFREE,
    ("programme.Abonnement", "vue"): CODE,
    ("programme.Avis", "cle"): "la clé d’un enregistrement",
    ("programme.Avis", "modele"): CODE,
    ("programme.Citation", "citable"): CODE,
    ("programme.Citation", "code"): EMPREINTE,
    ("programme.DecisionPreparee", "acte"): CODE,
    ("programme.EntreeIndex", "*"): INDEX,
    ("programme.FichierParution", "format"): CODE,
    ("programme.FichierParution", "jeu"): CODE,
    ("programme.Import", "genre"): CODE,
    ("programme.Import", "portee"): EMPREINTE,
    ("programme.JournalAcces", "*"): "le journal des accès, que rien ne réécrit et qui s’oublie",
    ("programme.MotIndex", "*"): INDEX,
    ("programme.Preuve", "format"): CODE,
    ("programme.Preuve", "jeu"): CODE,
    ("programme.Proposition", "cle"): "la clé d’un enregistrement",
    ("programme.Proposition", "courriel"): CHIFFREE,
    ("programme.Proposition", "genre"): CODE,
    ("programme.Proposition", "jeton"): EMPREINTE,
    ("programme.Rangement", "*"): "le rangement des projets, refait de ce qu’ils disent",
    ("programme.Retouche", "*"): "la clé d’un projet",
    ("programme.Source", "code"): "la clé d’une source, que citent tous les enregistrements",
    ("programme.Tache", "genre"): CODE,
    ("programme.Tournee", "nom"): CODE,
    ("programme.TrigrammeIndex", "*"): INDEX,
    ("programme.BassinEmploi", "*"): OFFICIEL,
    ("programme.Metier", "*"): OFFICIEL,
    ("programme.VueDeListe", "liste"): CODE,
    ("sessions.Session", "session_key"): "une clé tirée au hasard",
    ("territoires.Agent", "email"): COMPTES,
    ("territoires.Agent", "nom"): COMPTES,
    ("territoires.Agent", "password"): EMPREINTE,
    ("territoires.CodePostal", "*"): OFFICIEL,
    ("territoires.Commune", "*"): OFFICIEL,
    ("territoires.CommuneAncienne", "*"): OFFICIEL,
    ("territoires.Departement", "*"): OFFICIEL,
    ("territoires.Intercommunalite", "*"): OFFICIEL,
    ("territoires.EtatAncien", "cle"): "la clé d’un enregistrement",
    ("territoires.EtatAncien", "modele"): CODE,
    ("territoires.LigneChargee", "fichier"): CODE,
    ("territoires.Modification", "acte"): CODE,
    ("territoires.Modification", "modele"): CODE,
    ("territoires.Modification", "objet"): "la clé d’un enregistrement",
    ("territoires.Operateur", "code"): "la clé d’un opérateur",
    ("territoires.Region", "*"): OFFICIEL,
    ("territoires.Territoire", "code"): "la clé d’un territoire",
}
"""{(table or « * », column or « * »): why it is not swept}. A history is its model's."""

A_PART = {
    ("programme.Abonnement", "cle"),
    ("programme.Document", "fichier"),
    ("programme.Import", "contenu"),
    ("programme.Tache", "charge"),
    ("sessions.Session", "session_data"),
}
"""Columns whose words are not read as they are kept: `acte` has a way for each."""

ADRESSES = {"slug", "code"}
"""Columns that are part of the address of a page."""


def tables():
    """Every table, those of the histories among them."""
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]


def colonnes(model):
    """`(field, why)` of each column of a table that may hold words; why it is not swept, or ""."""
    for field in model._meta.concrete_fields:
        if not (field.is_relation or isinstance(field, (*SANS_MOTS, models.AutoField))):
            yield field, _pourquoi(model, field)


def _pourquoi(model, field):
    # The field of a history says its file as a text.
    opts = getattr(model, "instance_type", model)._meta
    told = APPLICATIONS.get(opts.app_label, "")
    for table in (opts.label, "*"):
        for name in (field.name, "*"):
            told = told or EN_COLONNES.get((table, name), "")
    if told:
        return told
    if field.choices:
        return "une valeur d’une liste du code"
    if field.max_length and field.max_length < SIGNES:
        return "trop courte pour qu’on y trouve quelqu’un"
    return ""


def est_a_part(model, field):
    return (model._meta.label, field.name) in A_PART


def balayees(model):
    """The columns of a table that are swept as they are kept."""
    return [field for field, why in colonnes(model) if not why and not est_a_part(model, field)]
