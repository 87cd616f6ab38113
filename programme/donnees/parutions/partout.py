"""A personal datum is masked wherever the portal keeps what it published: in the records, in their
histories and the saves, in what was loaded, imported, proposed, cited and followed, in the proofs
of files, then in every parution.
"""

from urllib.parse import unquote_plus

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import models, transaction
from django.utils import timezone

from programme.donnees.parutions import occulter
from programme.models import (
    Abonnement,
    Avis,
    Citation,
    DonneesVersion,
    LigneImport,
    Preuve,
    Proposition,
)
from programme.taches import confier, genre
from territoires.models import EtatAncien, LigneChargee, Modification

OCCULTATION = "occultation"
LOT = 2_000
RETENUS = ("slug", "code", "email", "password", "jeton", "courriel")
"""Texts that are no words of somebody: addresses, codes, what an account signs in with."""
COPIES = (
    Modification,
    LigneChargee,
    EtatAncien,  # after the rows: what they said until they were masked
    LigneImport,
    Proposition,
    Citation,
    Abonnement,
    Avis,
    LogEntry,
)
"""Tables without a history that repeat what records say, or said."""


def demander(texte, raison, agent):
    """Ask for it; the text is kept encrypted until it is done. Raises `occulter.TropCourt`."""
    occulter.motif_de(texte)
    jour = timezone.localdate().toordinal()
    return confier(OCCULTATION, {"texte": texte, "raison": raison, "jour": jour}, agent=agent)


@genre(OCCULTATION)
def faire(charge):
    jour = timezone.localdate().fromordinal(charge["jour"])
    masque = occulter.Masque(charge["texte"], jour)
    with transaction.atomic():
        changed = sum(_table(model, masque) for model in _tables())
        gone = [
            preuve.pk
            for preuve in Preuve.objects.filter(entiere=False)
            if masque.motif.search(unquote_plus(preuve.adresse))
        ]
        Preuve.objects.filter(pk__in=gone).delete()
        DonneesVersion.objects.bump()
    if changed:
        call_command("reindexer", verbosity=0)
    occulter.occulter(charge["texte"], charge["raison"], jour)


def _tables():
    """The tables that have a history, those of the histories, and those that repeat them."""
    for model in apps.get_models(include_auto_created=True):
        kept = hasattr(model._meta, "simple_history_manager_attribute")
        if kept and not model._meta.label.startswith("territoires.Agent"):
            yield from (model, model.history.model)
    yield from COPIES


def _table(model, masque):
    """How many rows of a table were masked; no signal, no new version: nobody changed a fact."""
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not field.is_relation
        and not field.choices
        and field.name not in RETENUS
    ]
    count = 0
    rows = model._base_manager.order_by().only(model._meta.pk.attname, *names)
    for row in rows.iterator(LOT) if names else ():
        told = {name: getattr(row, name) for name in names}
        masked = {name: masque.sur(value) for name, value in told.items()}
        if masked != told:
            model._base_manager.filter(pk=row.pk).update(
                **{
                    name: _fitting(model._meta.get_field(name), value)
                    for name, value in masked.items()
                    if value != told[name]
                }
            )
            count += 1
    return count


def _fitting(field, value):
    return value[: field.max_length] if field.max_length else value
