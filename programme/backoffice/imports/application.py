"""What was accepted, written at once: all of it or nothing, with history, index and version.

The rows' locks are taken first and their versions compared with those that were shown: as a save
of `Versionne` does one row at a time, nothing is written over a change that nobody has seen.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from programme.backoffice.avis import prevenir_ensemble
from programme.backoffice.imports.plan import dire
from programme.catalogue.recherche.fiches import FICHES
from programme.catalogue.recherche.indexation import indexer
from programme.models import Avis, DonneesVersion, Import
from programme.suivi_public import any_public
from territoires.models.modification import Porte, annoncer

BATCH = 500
REASON_LENGTH = 100
MEMES_LIGNES = (
    "Deux lignes du fichier, ou une ligne et un enregistrement fait entre-temps, se contredisent : "
    "rien n’a été enregistré. Vérifiez ce qui doit être unique, puis déposez le fichier de nouveau."
)


class DejaFait(Exception):
    """The import was applied, or given up, by somebody else or in another window."""


class ModifieEntreTemps(Exception):
    """Records of the file are not any more what the preview showed; `numeros`: their rows."""

    def __init__(self, numeros):
        self.numeros = numeros
        super().__init__(f"{len(numeros)} rows changed since the preview")


class LignesContradictoires(Exception):
    """The database refused a rule that only the whole of the rows breaks."""


def appliquer(depot, genre, retenues, agent):
    """Write `retenues`; yields sentences of progress. Whoever stops listening undoes everything.

    Raises `DejaFait`, `ModifieEntreTemps` or `LignesContradictoires`; nothing is written then.
    """
    changed = [row for row in retenues if not row.est_nouvelle]
    new = [row for row in retenues if row.est_nouvelle]
    for row in retenues:
        row.instance._change_reason = _reason(depot.nom_fichier, row.numero)
    try:
        # The generator that is closed in the middle raises here, and the transaction goes back.
        with transaction.atomic():
            annoncer(Porte.IMPORT, depot.nom_fichier, depot)
            _reserver(depot)
            _verrouiller(genre.modele, changed)
            was_public = any_public(genre.modele, [row.instance.pk for row in changed])
            yield from modifier(genre.modele, changed, agent)
            yield from _ajouter(genre.modele, new, agent)
            yield from indexer_lignes(genre.modele, retenues)
            if was_public or any_public(genre.modele, [row.instance.pk for row in retenues]):
                DonneesVersion.objects.bump()
            depot.etat, depot.applique_le = Import.Etat.APPLIQUE, timezone.now()
            depot.nb_modifies, depot.nb_nouveaux = len(changed), len(new)
            depot.contenu = None
            depot.save()
            prevenir_ensemble(
                Avis.Genre.IMPORT,
                genre.modele,
                [row.instance.pk for row in retenues],
                auteur=agent,
                precision=_dit(depot),
            )
    except IntegrityError as error:
        raise LignesContradictoires(MEMES_LIGNES) from error


def _dit(depot):
    """« Import de projets.csv appliqué (3 nouvelles, 12 modifiées) »."""
    counts = f"lignes nouvelles : {depot.nb_nouveaux}, modifiées : {depot.nb_modifies}"
    return f"Import de {depot.nom_fichier} appliqué ({counts})"


def _reason(name, number):
    end = f", ligne {number}"
    start = "import de "
    return f"{start}{name[: REASON_LENGTH - len(start) - len(end)]}{end}"


def _reserver(depot):
    """Hold the import itself: two windows that confirm it come one after the other."""
    held = Import.objects.select_for_update().filter(pk=depot.pk, etat=Import.Etat.A_CONFIRMER)
    if not held.exists():
        raise DejaFait


def _verrouiller(model, rows):
    """Lock the rows to change, in the order of their keys, and compare their versions."""
    versions = {}
    keys = sorted(row.instance.pk for row in rows)
    for start in range(0, len(keys), BATCH):
        part = model._base_manager.select_for_update(of=("self",)).order_by("pk")
        part = part.filter(pk__in=keys[start : start + BATCH])
        versions |= dict(part.values_list("pk", "version"))
    stale = [row.numero for row in rows if versions.get(row.instance.pk) != row.version]
    if stale:
        raise ModifieEntreTemps(stale)


def modifier(model, rows, agent):
    """Rewrite the changed fields of locked rows: one statement a batch, where one a row is slow."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        for row in batch:
            row.instance.version = row.version + 1
        fields = {name for row in batch for name in row.champs} | {"version"}
        instances = [row.instance for row in batch]
        model._base_manager.bulk_create(
            instances, update_conflicts=True, unique_fields=["pk"], update_fields=sorted(fields)
        )
        model.history.bulk_history_create(instances, update=True, default_user=agent)
        yield f"Lignes modifiées : {dire(start + len(batch))} sur {dire(len(rows))}."


def _ajouter(model, rows, agent):
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        instances = [row.instance for row in batch]
        made = bulk_create_with_history(instances, model, default_user=agent)
        for row, instance in zip(batch, made, strict=True):
            row.instance.pk = instance.pk
        yield f"Lignes ajoutées : {dire(start + len(batch))} sur {dire(len(rows))}."


def indexer_lignes(model, rows):
    """The search follows: bulk writes send no signal."""
    if model not in FICHES:
        return
    for start in range(0, len(rows), BATCH):
        keys = [row.instance.pk for row in rows[start : start + BATCH]]
        indexer(model, keys)
        yield f"Recherche mise à jour : {dire(start + len(keys))} sur {dire(len(rows))}."
