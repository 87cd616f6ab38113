"""What was accepted, written at once: all of it or nothing, with history, index and version.

The rows' locks are taken first and their versions compared with those that were shown: as a save
of `Versionne` does one row at a time, nothing is written over a change that nobody has seen.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone

from programme.backoffice.avis import prevenir_ensemble
from programme.backoffice.imports.plan import dire
from programme.catalogue.recherche.fiches import FICHES
from programme.catalogue.recherche.indexation import indexer
from programme.models import Avis, DonneesVersion, Financement, Import, Projet
from programme.suivi_public import any_public
from programme.suivi_rangements import noter, ranger
from territoires.chargement import liens
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
        row.instance._change_reason = _reason(depot, row.numero)
    try:
        # The generator that is closed in the middle raises here, and the transaction goes back.
        with transaction.atomic():
            annoncer(porte_de(depot), depot.nom_fichier, depot)
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
    if depot.est_groupee:
        return depot.titre
    counts = f"lignes nouvelles : {depot.nb_nouveaux}, modifiées : {depot.nb_modifies}"
    return f"Import de {depot.nom_fichier} appliqué ({counts})"


def porte_de(depot):
    """The door by which an import writes."""
    return Porte.LISTE if depot.est_groupee else Porte.IMPORT


def _reason(depot, number):
    if depot.est_groupee:
        return f"modification groupée : {depot.nom_fichier}"[:REASON_LENGTH]
    name = depot.nom_fichier
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
        _historiser(model, instances, "~", agent)
        yield f"Lignes modifiées : {dire(start + len(batch))} sur {dire(len(rows))}."


def _ajouter(model, rows, agent):
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        instances = [row.instance for row in batch]
        model._default_manager.bulk_create(instances)
        _historiser(model, instances, "+", agent)
        yield f"Lignes ajoutées : {dire(start + len(batch))} sur {dire(len(rows))}."


def _historiser(model, instances, history_type, agent):
    """Their history: copied by the database, for others wait while it is written."""
    history = model.history
    links = [field.name for field in history.model._history_m2m_fields]
    if not links:
        history.copy_rows(instances, history_type, agent)
        return
    made = history.bulk_history_create(instances, update=history_type == "~", default_user=agent)
    # A record of a history without its links would say that the row has lost them.
    liens.historiser(model, links, made)


def indexer_lignes(model, rows):
    """The search and the counts follow: bulk writes send no signal."""
    if model is Projet:
        ranger([row.instance.pk for row in rows])
    if model is Financement:
        # Of the project that each pays for, and of the one that it paid for before.
        paid = set()
        for start in range(0, len(rows), BATCH):
            keys = [row.instance.pk for row in rows[start : start + BATCH]]
            paid.update(model.history.filter(id__in=keys).values_list("projet", flat=True))
        noter(sorted(paid))
    if model not in FICHES:
        return
    for start in range(0, len(rows), BATCH):
        keys = [row.instance.pk for row in rows[start : start + BATCH]]
        indexer(model, keys)
        yield f"Recherche mise à jour : {dire(start + len(keys))} sur {dire(len(rows))}."
