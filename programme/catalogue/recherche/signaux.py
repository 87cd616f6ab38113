"""Each save, deletion and load of indexed records is followed by the index, in its transaction."""

from django.db.models.signals import m2m_changed, post_delete, post_save

from programme.catalogue.recherche.fiches import FICHES
from programme.catalogue.recherche.indexation import desindexer, indexer, reindexer
from territoires.models import (
    AutreNom,
    CodePostal,
    CommuneAncienne,
    Intercommunalite,
    Rattachement,
    Territoire,
)
from territoires.signaux import donnees_chargees

# Rows that say something of another record, and the link to it.
PARTIES = {
    CodePostal: "commune",
    CommuneAncienne: "commune",
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


def _on_save(sender, instance, raw=False, **kwargs):
    # A raw fixture may name rows that are not there yet: `reindexer` comes after it.
    if not raw:
        indexer(sender._default_manager.filter(pk=instance.pk))


def _on_delete(sender, instance, **kwargs):
    desindexer(sender, [instance.pk])


def _on_part(sender, instance, raw=False, **kwargs):
    lien = sender._meta.get_field(PARTIES[sender])
    if not raw:
        modele = lien.related_model
        indexer(modele._default_manager.filter(pk=getattr(instance, lien.attname)))


def _on_list(sender, instance, action, reverse, pk_set, **kwargs):
    if action.startswith("post_"):
        changed = (pk_set or ()) if reverse else [instance.pk]
        indexer(LISTES[sender]._default_manager.filter(pk__in=changed))


def _on_load(sender, **kwargs):
    reindexer()
