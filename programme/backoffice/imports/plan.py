"""What an import would do, row by row, and how it is kept and told."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from django.db import transaction
from django.utils.formats import number_format

from programme.backoffice.cadre.historique import VIDE
from programme.models import Import, LigneImport
from territoires.dates import date_in_words

FAUTES_GARDEES = 5_000
BATCH = 1_000
LONGEST_SHOWN = 2_000
"""Characters of a value that the preview keeps; what is written is the value of the file."""


@dataclass(frozen=True)
class Faute:
    """What is wrong with one row, or one cell of it, and the remedy."""

    numero: int
    phrase: str
    colonne: str = ""
    lettre: str = ""

    def __str__(self):
        where = f", colonne « {self.colonne} » ({self.lettre})" if self.lettre else ""
        where = where or (f", colonne « {self.colonne} »" if self.colonne else "")
        return f"Ligne {self.numero}{where} : {self.phrase}"


@dataclass
class Retenue:
    """One row that would be written: the record as it would be, and what changes, in words."""

    numero: int
    instance: object
    version: int | None = None
    nom: str = ""
    changements: list = field(default_factory=list)
    champs: set = field(default_factory=set)
    remarques: list = field(default_factory=list)
    a_verifier: bool = False

    @property
    def est_nouvelle(self):
        return self.instance._state.adding

    @property
    def nature(self):
        nature = LigneImport.Nature
        return nature.NOUVEAU if self.est_nouvelle else nature.MODIFIE

    def ligne(self, depot):
        return LigneImport(
            depot=depot,
            numero=self.numero,
            nature=self.nature,
            nom=self.nom[:250],
            objet="" if self.est_nouvelle else str(self.instance.pk),
            version=self.version,
            changements=self.changements,
            motif=" ".join(self.remarques),
            acceptee=not self.a_verifier,
        )


@dataclass(frozen=True)
class Perimee:
    """A row that somebody changed since the file was exported, told as such."""

    numero: int
    nom: str
    motif: str
    objet: str
    version: int
    changements: list


@dataclass
class Plan:
    """All that a file would do to the database as it is now."""

    retenues: list = field(default_factory=list)
    perimees: list = field(default_factory=list)
    fautes: list = field(default_factory=list)
    inchanges: int = 0
    remarques: list = field(default_factory=list)

    @classmethod
    def illisible(cls, refus):
        """That of a file which can be read no further: the sentences of a `FichierRefuse`."""
        return cls(fautes=[Faute(0, message) for message in refus.messages])

    @property
    def nouvelles(self):
        return [row for row in self.retenues if row.est_nouvelle]

    @property
    def modifiees(self):
        return [row for row in self.retenues if not row.est_nouvelle]


def dire(value):
    """A value in words, as the preview shows it."""
    if value is None or value == "":
        return VIDE
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int):
        return number_format(value, force_grouping=True)
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
    if isinstance(value, date):
        return _jour(value)
    text = value.replace("\0", "�")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


@lru_cache(maxsize=1_000)
def _jour(value):
    return date_in_words(value)


def garder(depot, plan):
    """Keep what `plan` says under `depot`, and the choices already made on its rows."""
    nature = LigneImport.Nature
    chosen = depot.lignes.filter(nature__in=[nature.NOUVEAU, nature.MODIFIE])
    chosen = dict(chosen.values_list("numero", "acceptee"))
    rows = [row.ligne(depot) for row in plan.retenues]
    for row in rows:
        row.acceptee = chosen.get(row.numero, row.acceptee)
    rows += [
        LigneImport(
            depot=depot,
            numero=stale.numero,
            nature=nature.REFUSE,
            nom=stale.nom[:250],
            objet=stale.objet,
            version=stale.version,
            motif=stale.motif,
            changements=stale.changements,
            acceptee=False,
        )
        for stale in plan.perimees
    ]
    rows += [
        LigneImport(
            depot=depot,
            numero=fault.numero,
            nature=nature.ERREUR,
            colonne=fault.colonne[:250],
            lettre=fault.lettre,
            motif=fault.phrase,
            acceptee=False,
        )
        for fault in plan.fautes[:FAUTES_GARDEES]
    ]
    depot.lecture = plan.remarques
    depot.nb_nouveaux = len(plan.nouvelles)
    depot.nb_modifies = len(plan.modifiees)
    depot.nb_inchanges = plan.inchanges
    depot.nb_refuses = len(plan.perimees)
    depot.nb_erreurs = len(plan.fautes)
    depot.etat = Import.Etat.ERRONE if plan.fautes else Import.Etat.A_CONFIRMER
    depot.portee = Import.portee_de(depot.agent)
    with transaction.atomic():
        depot.lignes.all().delete()
        LigneImport.objects.bulk_create(rows, batch_size=BATCH)
        depot.save()
