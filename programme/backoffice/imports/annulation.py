"""An applied import undone in one act: its new rows go, the others say again what they said before.

As long as nobody changed them since: what came later stands on them. It is a save like any other,
so that the histories tell both; and it is done whole, or not at all.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from programme.backoffice.avis import prevenir_ensemble
from programme.backoffice.cadre.historique import who_and_when
from programme.backoffice.cadre.perimetre import would_be_inside
from programme.backoffice.imports.application import BATCH, indexer_lignes, modifier, porte_de
from programme.backoffice.imports.plan import Retenue, dire
from programme.backoffice.imports.regles import violations
from programme.backoffice.publication import lock_on
from programme.models import Avis, DonneesVersion, Import
from programme.suivi_public import any_public
from territoires.models import Modification
from territoires.models.modification import annoncer

CITEES = 20
PAS_RENDU = "l’état d’avant n’est plus possible : modifiez l’enregistrement sur sa page."
PLUS_POSSIBLE = (
    "L’import ne peut plus être annulé d’un coup, rien n’a changé : rétablissez, ou supprimez, les "
    "enregistrements un par un."
)
DEJA = "Cet import n’est pas appliqué, ou il est déjà annulé : rien n’a été fait."
HEURTE = (
    "Un enregistrement fait depuis ne va pas avec ce qui serait rendu : rien n’a été annulé. "
    "Rétablissez les enregistrements un par un, depuis leur historique."
)


class NonAnnulable(ValidationError):
    """The sentences that say why an import cannot be undone any more."""


def lignes_de(depot, modele):
    """The rows of the histories that the import left: one a record, « + » for a new one."""
    saves = Modification.objects.filter(
        porte=porte_de(depot), modele=Import._meta.label, objet=str(depot.pk)
    )
    first = saves.order_by("pk").first()
    if first is None:
        return modele.history.none()
    return modele.history.filter(modification=first).order_by(modele._meta.pk.attname)


def annuler(depot, genre, admin, request):
    """Undo `depot`; yields sentences of progress. Raises `NonAnnulable`, nothing written."""
    try:
        with transaction.atomic():
            annoncer(porte_de(depot), depot.annulation, depot)
            _reserver(depot)
            yield from _Annulation(depot, genre, admin, request).etapes()
            depot.etat, depot.annule_le = Import.Etat.ANNULE, timezone.now()
            depot.save(update_fields=["etat", "annule_le"])
    except IntegrityError as error:
        raise NonAnnulable(HEURTE) from error
    yield "L’import est annulé."


def _reserver(depot):
    held = Import.objects.select_for_update().filter(pk=depot.pk, etat=Import.Etat.APPLIQUE)
    if not held.exists():
        raise NonAnnulable(DEJA)


class _Annulation:
    def __init__(self, depot, genre, admin, request):
        self.depot, self.genre, self.admin, self.request = depot, genre, admin, request
        self.agent, self.modele = request.user, genre.modele
        self.cle = self.modele._meta.pk.attname
        self.records = {self._key(record): record for record in lignes_de(depot, self.modele)}

    def _key(self, record):
        """The key of the row that a record of a history is of."""
        return getattr(record, self.cle)

    def etapes(self):
        if not self.records:
            raise NonAnnulable("Rien ne reste de ce que cet import a écrit : rien n’est à annuler.")
        instances = self._verrouillees()
        self._inchangees(instances)
        new = [instances[pk] for pk, record in self.records.items() if record.history_type == "+"]
        old = [instances[pk] for pk, record in self.records.items() if record.history_type != "+"]
        keys = list(self.records)
        was_public = any_public(self.modele, keys)
        back = self._rendues(old)
        yield f"Enregistrements vérifiés : {dire(len(keys))}."
        yield from modifier(self.modele, back, self.agent)
        yield from indexer_lignes(self.modele, back)
        yield from self._retirer(new)
        if was_public or any_public(self.modele, [row.pk for row in old]):
            DonneesVersion.objects.bump()
        prevenir_ensemble(
            Avis.Genre.IMPORT,
            self.modele,
            [row.pk for row in old],
            auteur=self.agent,
            precision=f"{self.depot.titre} : annulé{'e' if self.depot.est_groupee else ''}",
        )

    # --- What must be so --------------------------------------------------------------------------

    def _verrouillees(self):
        """{key: record as it is now}, locked; those that the agent does not see are not there."""
        keys, found = sorted(self.records), {}
        visible = self.admin.get_queryset(self.request).order_by()
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            locked = self.modele._base_manager.select_for_update(of=("self",)).order_by("pk")
            list(locked.filter(pk__in=part).values_list("pk"))
            related = visible.select_related(self.genre.parent) if self.genre.parent else visible
            found |= {row.pk: row for row in related.filter(pk__in=part)}
        return found

    def _inchangees(self, instances):
        """Refuse what somebody changed, deleted, or locked since."""
        told = []
        for pk, record in self.records.items():
            row = instances.get(pk)
            if row is None:
                told.append("un enregistrement a été supprimé, ou n’est plus de votre périmètre.")
            elif row.version != record.version:
                told.append(f"« {row} » a été modifié depuis, par {self._by(record)}.")
            elif reason := lock_on(self.agent, row):
                told.append(f"« {row} » : {reason}")
        self._refuser(told)

    def _by(self, record):
        since = self.modele.history.filter(**{self.cle: self._key(record)}).select_related(
            "history_user"
        )
        since = since.order_by("-history_date", "-history_id")
        return who_and_when([other for other in since if other.version > record.version])

    def _refuser(self, told):
        if not told:
            return
        told = list(dict.fromkeys(told))
        more = [f"Et {len(told) - CITEES} autres."] if len(told) > CITEES else []
        raise NonAnnulable(
            [
                PLUS_POSSIBLE,
                *(sentence[0].upper() + sentence[1:] for sentence in told[:CITEES]),
                *more,
            ]
        )

    # --- What is done -----------------------------------------------------------------------------

    def _rendues(self, rows):
        """A `Retenue` for each record that is given back what it was."""
        before, told, back = self._avant([row.pk for row in rows]), [], []
        for row in rows:
            record, past = self.records[row.pk], before.get(row.pk)
            if past is None:
                told.append(f"« {row} » : son état d’avant n’est pas connu.")
                continue
            fields = [
                field
                for field in record.tracked_fields
                if field.name != "version"
                and getattr(record, field.attname) != getattr(past, field.attname)
            ]
            for field in fields:
                setattr(row, field.attname, getattr(past, field.attname))
            row._change_reason = self.depot.annulation[:100]
            back.append(Retenue(0, row, row.version, champs={field.name for field in fields}))
        inside = would_be_inside(self.agent, rows)
        for index, row in enumerate(rows):
            if index not in inside:
                told.append(f"« {row} » serait hors de votre périmètre.")
        told += [
            f"« {rows[index]} » : {PAS_RENDU} {said}"
            for index, _, said in violations(self.modele, rows)
        ]
        self._refuser(told)
        return back

    def _avant(self, keys):
        """{key: the record of its history that stood before the import}."""
        found = {}
        for start in range(0, len(keys), BATCH):
            past = self.modele.history.filter(**{f"{self.cle}__in": keys[start : start + BATCH]})
            for record in past.order_by("version", "history_id"):
                key = self._key(record)
                if record.version < self.records[key].version:
                    found[key] = record
        return found

    def _retirer(self, rows):
        """Delete the new rows, those that nothing stands on."""
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            _, counts, needed, protected = self.admin.get_deleted_objects(part, self.request)
            own = self.modele._meta.verbose_name_plural
            told = [f"vous ne pouvez pas supprimer : {name}." for name in sorted(needed)]
            told += [
                f"{name} : {number}, ajoutés depuis aux lignes nouvelles."
                for name, number in counts.items()
                if name != own
            ]
            if protected:
                told.append("d’autres enregistrements dépendent des lignes nouvelles.")
            self._refuser(told)
            for row in part:
                row._change_reason = self.depot.annulation[:100]
                try:
                    row.delete()
                except ProtectedError:
                    self._refuser([f"d’autres enregistrements dépendent de « {row} »."])
            yield f"Lignes retirées : {dire(start + len(part))} sur {dire(len(rows))}."
