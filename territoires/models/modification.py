"""One row per save: who, when, by which door, why; every row of a history points to it.

A save is what one transaction writes in the name of one author. An act on a record is a save with
a name: it can be corrected, « cet acte n’a pas eu lieu », and whoever tells the past in public
then leaves out both the mistake and its correction.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import connections, models, router, transaction
from django.db.models import Q
from django.utils import timezone
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from territoires.perimetre import NATIONAL, PerimetreQuerySet


class Porte(models.TextChoices):
    """By which door a save came."""

    ADMINISTRATION = "administration", "administration"
    ACTE = "acte", "acte"
    IMPORT = "import", "import"
    LISTE = "liste", "modification groupée"
    CHARGEMENT = "chargement", "chargement"
    CONSOLE = "console", "console"


class ModificationQuerySet(PerimetreQuerySet):
    def actes(self):
        """The saves that are acts."""
        return self.exclude(acte="")

    def corriges(self):
        """Those that were corrected as mistakes."""
        return self.filter(correction__isnull=False)

    def of(self, record):
        """The acts done to `record`, the latest first."""
        label = record._meta.label
        return self.actes().filter(modele=label, objet=str(record.pk)).order_by("-pk")


class Modification(models.Model):
    """A save: its author, its door, its reason, and the record that it was about.

    An act also says its name and what it did, in words. If it was a mistake, its `correction` is
    the save that says so: who, when and why.
    """

    instant = models.DateTimeField("fait le", default=timezone.now, db_index=True)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="modifications",
        verbose_name="auteur",
    )
    porte = models.CharField("porte", max_length=20, choices=Porte, db_index=True)
    acte = models.SlugField("nom de l’acte", max_length=30, blank=True)
    texte = models.TextField("acte", blank=True)
    raison = models.TextField("raison", blank=True)
    modele = models.CharField("modèle", max_length=60, blank=True)
    objet = models.CharField("enregistrement", max_length=60, blank=True)
    corrige = models.OneToOneField(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="correction",
        verbose_name="corrige l’acte",
    )
    dans = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="parties",
        verbose_name="fait dans l’acte",
        help_text="Celui qui en réunit plusieurs : les corriger se fait alors en une fois.",
    )
    references = models.JSONField(
        "lignes de référence faites",
        default=list,
        blank=True,
        help_text="[modèle, clé] de celles qui n’ont pas d’historique.",
    )

    perimetre = NATIONAL
    objects = ModificationQuerySet.as_manager()

    class Meta:
        verbose_name = "modification"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["modele", "objet"], name="modification_objet"),
            models.Index(
                fields=["corrige"],
                condition=Q(corrige__isnull=False),
                name="modification_correction",
            ),
            models.Index(
                fields=["dans"], condition=Q(dans__isnull=False), name="modification_dans"
            ),
        ]

    def __str__(self):
        if self.texte:
            return self.texte
        noun = apps.get_model(self.modele)._meta.verbose_name if self.modele else "modification"
        return f"{noun} {self.objet} : {self.raison}" if self.raison else f"{noun} {self.objet}"

    @property
    def est_corrigible(self):
        """Whether it is an act that nobody said to be a mistake."""
        return bool(self.acte) and self.corrigee is None

    @property
    def corrigee(self):
        """The save that corrected it as a mistake; None when nobody said that it was one."""
        return getattr(self, "correction", None)


# --- The histories ----------------------------------------------------------------------------


class LigneHistorique(models.Model):
    """For every row of a history: the save that left it."""

    modification = models.ForeignKey(
        Modification,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="modification",
    )

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self._state.adding and self.modification_id is None:
            self.modification = modification_de(
                self.history_user_id,
                self.instance_type._meta.label,
                getattr(self, self.instance_type._meta.pk.attname),
                instant=self.history_date,
                raison=self.history_change_reason or "",
            )
        super().save(*args, **kwargs)


class GestionnaireHistorique(HistoryManager):
    """`model.history`."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class, class_name=None):
        # `model.history` asks for a class each time it is read, and each save reads it.
        return super().from_queryset(queryset_class, class_name)

    def bulk_history_create(self, objs, *args, default_user=None, **kwargs):
        if not objs:
            return []
        reason = kwargs.get("default_change_reason") or ""
        kwargs["custom_historical_attrs"] = {
            "modification": self._modification(objs[0], default_user, reason),
            **(kwargs.get("custom_historical_attrs") or {}),
        }
        return super().bulk_history_create(objs, *args, default_user=default_user, **kwargs)

    def copy_rows(self, written, history_type, user):
        """The history of `written`, rows of the base just written in bulk: its own columns, copied.

        written: instances of one model without links, each with its `_change_reason`; `user`: who
        wrote them. It takes a tenth of the time of `bulk_history_create`, and returns nothing.
        """
        if not written:
            return
        first, connection = written[0], connections[router.db_for_write(self.model)]
        history, live = self.model._meta, first._meta
        told = {
            "history_date": timezone.now(),
            "history_type": history_type,
            "history_user": user.pk,
            "modification": self._modification(first, user).pk,
        }
        values = [
            history.get_field(name).get_db_prep_save(value, connection)
            for name, value in told.items()
        ]
        quote = connection.ops.quote_name
        copied = [quote(field.column) for field in self.model.tracked_fields]
        names = [quote(history.get_field(name).column) for name in told]
        base, key = quote(live.db_table), quote(live.pk.column)
        reasons = [
            part for row in written for part in (row.pk, getattr(row, "_change_reason", None))
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH ecrites (cle, raison) AS (VALUES {", ".join(["(%s, %s)"] * len(written))})
                INSERT INTO {quote(history.db_table)}
                  ({", ".join([*copied, *names])}, history_change_reason)
                SELECT {", ".join(f"{base}.{name}" for name in copied)},
                  {", ".join(["%s"] * len(values))}, raison
                FROM {base} JOIN ecrites ON ecrites.cle = {base}.{key} ORDER BY ecrites.cle
                """,  # noqa: S608 - names of columns, all ours
                [*reasons, *values],
            )

    def _modification(self, first, default_user, reason=""):
        """That of rows written at once, which began with `first`."""
        user = default_user or self.model.get_default_history_user(first)
        user = getattr(first, "_history_user", user)
        return modification_de(
            user and user.pk,
            first._meta.label,
            first.pk,
            raison=getattr(first, "_change_reason", None) or reason,
        )


class Historique(HistoricalRecords):
    """The history of a model; each of its rows points to its `Modification`.

    longue: of a model with so many rows that a day may create a million of them: what else was done
    that day is found without reading those.
    """

    def __init__(self, *args, longue=False, **kwargs):
        self.longue = longue
        super().__init__(
            *args, bases=(LigneHistorique,), history_manager=GestionnaireHistorique, **kwargs
        )

    def get_meta_options(self, model):
        found = super().get_meta_options(model)
        if self.longue:
            found["indexes"] = [models.Index(fields=["history_type", "history_date"])]
        return found


def sans_erreurs(records):
    """The records of a history, without those of acts that were corrected as mistakes.

    Nor those of their corrections.
    """
    wrong = Modification.objects.order_by().filter(corrige__isnull=False)
    return records.exclude(
        Q(modification__in=wrong.values("pk")) | Q(modification__in=wrong.values("corrige"))
    )


# --- The save that is being done --------------------------------------------------------------

_acte: ContextVar[Modification | None] = ContextVar("acte", default=None)


class Marque:
    """What a transaction says of its save, kept among what it does at its COMMIT.

    It goes with the transaction, or with the savepoint, in which it was said. `modification` is
    that of the rows of one author; None for what is known before any row is written (`dit`).
    """

    def __init__(self, auteur=None, modification=None, **dit):
        self.auteur, self.modification, self.dit = auteur, modification, dit

    def __call__(self):
        """Nothing is done at COMMIT."""


def en_transaction(connection):
    """Whether a COMMIT is to come."""
    return connection.in_atomic_block


def annoncer(porte, raison="", sujet=None):
    """Say, at the beginning of a transaction, by which door it writes, why, and about what."""
    about = {"modele": sujet._meta.label, "objet": str(sujet.pk)} if sujet is not None else {}
    if en_transaction(transaction.get_connection()):
        transaction.on_commit(Marque(porte=porte, raison=raison, **about))


def modification_de(auteur, modele, objet, *, instant=None, raison=""):
    """The `Modification` that a row of a history belongs to, made if it is the first of its save.

    `auteur` is a key, None for a command; `modele` and `objet`, the row that is written, tell what
    a save that began with it was about.
    """
    if (acte := _acte.get()) is not None:
        return acte
    connection, dit = transaction.get_connection(), {}
    kept = en_transaction(connection)
    for _, marque, *_ in connection.run_on_commit if kept else ():
        if not isinstance(marque, Marque):
            continue
        if marque.modification is None:
            dit = marque.dit
        elif marque.auteur == auteur:
            return marque.modification
    about = {"porte": _porte(), "raison": raison, "modele": modele, "objet": str(objet), **dit}
    made = Modification(auteur_id=auteur, instant=instant or timezone.now(), **about)
    made.save(force_insert=True)
    if kept:
        transaction.on_commit(Marque(auteur, made))
    return made


def _porte():
    """The door of whoever writes without saying it: a page, or else a console."""
    asked = getattr(HistoricalRecords.context, "request", None)
    return Porte.CONSOLE if asked is None else Porte.ADMINISTRATION


# --- Acts -------------------------------------------------------------------------------------

_references: ContextVar[list | None] = ContextVar("references", default=None)


def noter_reference(row, changes=None):
    """Add a row without history, which the act that is being done has just made.

    Or changed: `changes` is then {field: [before, after]}, of what JSON can hold.
    """
    if (notes := _references.get()) is not None:
        notes.append([row._meta.label, str(row.pk), *([changes] if changes else [])])


@contextmanager
def tracer(acte, record, auteur, texte="", *, dans=None):
    """What is written within the block is one act on `record`; yields its `Modification`.

    Its `texte` and its `raison` may be given at the end of the block. An act within an act keeps
    its own writes; `dans`: the act of which it is a part, with which it is corrected.
    """
    with transaction.atomic():
        made = Modification(porte=Porte.ACTE, acte=acte, texte=texte, auteur=auteur, dans=dans)
        made.modele, made.objet = record._meta.label, str(record.pk)
        made.save(force_insert=True)
        token = _references.set(made.references)
        try:
            with writing(made):
                yield made
        finally:
            _references.reset(token)
        made.save(update_fields=["texte", "raison", "references"])


@contextmanager
def corriger(acte, auteur, motif):
    """What is written within the block corrects `acte`, inside a transaction."""
    made = Modification(porte=Porte.ACTE, auteur=auteur, raison=motif, corrige=acte)
    made.modele, made.objet = acte.modele, acte.objet
    made.save(force_insert=True)
    with writing(made):
        yield made


@contextmanager
def writing(modification):
    """The rows of histories that are written within the block are of `modification`."""
    token = _acte.set(modification)
    try:
        yield
    finally:
        _acte.reset(token)
