"""Saves, deletions and loads of indexed records are followed by the index, in their transaction."""

from django.db.models.signals import m2m_changed, post_delete, post_save

from programme.bases import a_la_fin
from programme.catalogue.recherche.fiches import FICHES
from programme.catalogue.recherche.indexation import indexer, reindexer
from territoires.models import (
    AutreNom,
    CodePostal,
    CommuneAncienne,
    Intercommunalite,
    MouvementCommune,
    Rattachement,
    Territoire,
)
from territoires.signaux import carte_changee, donnees_chargees

# Rows that say something of another record, and the link to it.
PARTIES = {
    CodePostal: "commune",
    CommuneAncienne: "commune",
    MouvementCommune: "commune",
    AutreNom: "territoire",
    Rattachement: "territoire",
}
# Lists that a record is told apart by: their tables, and the record they belong to.
LISTES = {
    Territoire.regions.through: Territoire,
    Territoire.departements.through: Territoire,
    Intercommunalite.departements.through: Intercommunalite,
}


def connect():
    for modele in FICHES:
        post_save.connect(_on_save, sender=modele, dispatch_uid="recherche.save")
        post_delete.connect(_on_delete, sender=modele, dispatch_uid="recherche.delete")
    for modele in PARTIES:
        for signal in (post_save, post_delete):
            signal.connect(_on_part, sender=modele, dispatch_uid="recherche.partie")
    for table in LISTES:
        m2m_changed.connect(_on_list, sender=table, dispatch_uid="recherche.liste")
    donnees_chargees.connect(_on_load, dispatch_uid="recherche.chargement")
    carte_changee.connect(_on_map, dispatch_uid="recherche.carte")


def _on_save(sender, instance, raw=False, **kwargs):
    # A raw fixture may name rows that are not there yet: `reindexer` comes after it.
    if not raw:
        _a_indexer(sender, instance.pk)


def _on_delete(sender, instance, **kwargs):
    _a_indexer(sender, instance.pk)


def _on_part(sender, instance, raw=False, **kwargs):
    lien = sender._meta.get_field(PARTIES[sender])
    if not raw:
        _a_indexer(lien.related_model, getattr(instance, lien.attname))


def _on_list(sender, instance, action, reverse, pk_set, **kwargs):
    if action.startswith("post_"):
        _a_indexer(LISTES[sender], *((pk_set or ()) if reverse else [instance.pk]))


def _on_load(sender, **kwargs):
    reindexer()


def _on_map(sender, codes, **kwargs):
    _a_indexer(Territoire, *codes)


def _a_indexer(modele, *identifiants):
    a_la_fin(indexer_sujets, *((modele, identifiant) for identifiant in identifiants))


def indexer_sujets(sujets):
    """Index the records of (model, key): one call a model."""
    by_model = {}
    for modele, identifiant in sujets:
        by_model.setdefault(modele, []).append(identifiant)
    for modele, identifiants in by_model.items():
        indexer(modele, identifiants)
