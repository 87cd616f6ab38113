"""What was made for the demonstration, noted one by one; how it all goes."""

from datetime import timedelta

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from programme.demonstration import EXEMPLE, FICHIER
from programme.models import (
    Avenant,
    Avis,
    Contrat,
    Decision,
    Document,
    Financement,
    Import,
    LigneImport,
    Projet,
    Proposition,
    Seance,
    Signataire,
)
from territoires.historiques import suivis
from territoires.models import EtatAncien, LigneChargee, Modification

PARTIES = (Decision, Document, Signataire, Avenant, Financement, LigneImport)
"""What belongs to a record, and goes with it; in the order in which it may."""
ENSUITE = (Projet, Contrat, Seance)


class Indelebile(Exception):
    """An example decided something of the real map: the message says what to do first."""


class Registre:
    """Makes the examples that were never made, and counts them."""

    def __init__(self):
        lignes = LigneChargee.objects.filter(fichier=FICHIER)
        self.faits = {ligne.cle: ligne for ligne in lignes}
        self.nouveaux = 0

    def faire(self, cle, record, auteur, *, jours=0):
        """Save `record` as `auteur` did `jours` days ago; or find what was made before.

        None when an officer deleted it since: it is not made again.
        """
        if ligne := self.faits.get(cle):
            return type(record)._base_manager.filter(pk=ligne.objet).first()
        record._history_user, record._change_reason = auteur, EXEMPLE.lower()
        record._history_date = timezone.now() - timedelta(days=jours)
        record.full_clean()
        record.save()
        self.noter(cle, record)
        return record

    def noter(self, cle, record):
        self.nouveaux += 1
        LigneChargee.objects.create(
            fichier=FICHIER,
            cle=cle,
            objet=str(record.pk),
            valeurs={"modele": record._meta.label},
        )


# --- How it goes ------------------------------------------------------------------------------


@transaction.atomic
def retirer():
    """Delete what was noted and what belongs to it.

    Returns how many records were noted, and those that named one of them and stay. Raises
    `Indelebile` when an example decided something of the real map.
    """
    lignes = LigneChargee.objects.filter(fichier=FICHIER)
    rows = {}
    for ligne in lignes:
        model = apps.get_model(ligne.valeurs["modele"])
        _add(rows, model._base_manager.filter(pk=ligne.objet))
    _add(rows, _imported(rows.get(Import, {}).values()))
    detached = _follow(rows)
    for model, found in [*rows.items()]:
        about = {"genre": model._meta.label_lower, "cle__in": [str(key) for key in found]}
        _add(rows, Proposition._base_manager.filter(**about))
    _check_map(rows.get(Decision, {}).values())
    others = [model for model in rows if model not in {*PARTIES, *ENSUITE}]
    saves = set()
    for model in (*PARTIES, *ENSUITE, *others):
        saves |= _delete(model, rows.get(model, {}))
    _forget(saves)
    keys = [str(key) for key in lignes.values_list("pk", flat=True)]
    count, _ = lignes.delete()
    EtatAncien.objects.filter(modele=LigneChargee._meta.label, cle__in=keys).delete()
    return count, detached


def _add(rows, queryset):
    """Add the rows of a queryset to {model: {key: row}}; those that were not there yet."""
    known = rows.setdefault(queryset.model, {})
    new = {row.pk: row for row in queryset if row.pk not in known}
    known.update(new)
    return new


def _imported(depots):
    """The projects that an applied example made."""
    reasons = [f"import de {depot.nom_fichier}, " for depot in depots]
    made = [
        key
        for reason in reasons
        for key in Projet.history.filter(
            history_type="+", history_change_reason__startswith=reason
        ).values_list("id", flat=True)
    ]
    return Projet._base_manager.filter(pk__in=made)


def _follow(rows):
    """Add the parts of all the rows; let go of the others, which name them. Returns the latter."""
    naming, left = {}, [(model, dict(found)) for model, found in rows.items()]
    while left:
        model, found = left.pop()
        for relation in model._meta.related_objects if found else ():
            related, field = relation.related_model, relation.field
            if hasattr(related, "history_object"):
                continue
            theirs = related._base_manager.filter(**{f"{field.name}__in": list(found)})
            if related in PARTIES:
                left.append((related, _add(rows, theirs)))
            elif field.null:
                naming.update({(related, row.pk, field.name): row for row in theirs})
    detached = {}
    for (model, pk, name), row in naming.items():
        if pk not in rows.get(model, {}):
            kept = detached.setdefault((model, pk), row)
            setattr(kept, name, None)
    for row in detached.values():
        row._change_reason = f"{EXEMPLE.lower()} retiré"
        row.save()
    return [*detached.values()]


def _check_map(decisions):
    undone = {decision.defait_id for decision in decisions}
    for decision in decisions:
        contrary = decision.defait_id is not None
        if decision.ajustement and not contrary and decision.pk not in undone:
            raise Indelebile(
                f"La décision « {decision.texte} » ({decision.seance}) a changé la carte : "
                "défaites-la d’abord depuis la page « carte » de cette séance. Rien n’a été retiré."
            )


def _delete(model, found):
    """Delete rows with their histories, their traces in the back-office, their files.

    Returns the keys of the saves that they were in.
    """
    if not found:
        return set()
    keys = list(found)
    told = {"modele": model._meta.label, "objet__in": [str(key) for key in keys]}
    saves = set(Modification.objects.filter(**told).values_list("pk", flat=True))
    files = [row.fichier for row in found.values() if model is Document and row.fichier]
    if model is Decision:
        Decision._base_manager.filter(pk__in=keys, defait__isnull=False).delete()
    model._base_manager.filter(pk__in=keys).delete()
    if hasattr(model, "history"):
        records = model.history.filter(**{f"{model._meta.pk.attname}__in": keys})
        saves |= set(records.order_by().values_list("modification", flat=True))
        records.delete()
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=map(str, keys)
    ).delete()
    Avis.objects.filter(modele=model._meta.label_lower, cle__in=map(str, keys)).delete()
    for file in files:
        transaction.on_commit(lambda file=file: file.storage.delete(file.name))
    return saves


def _forget(saves):
    """Delete the saves, by key, that left nothing but what is gone."""
    for model in suivis():
        kept = model.history.order_by().filter(modification__in=saves)
        saves = saves - set(kept.values_list("modification", flat=True))
    Modification.objects.filter(pk__in=saves).delete()
