"""The kinds of files: what identifies a row of each, and what it holds besides its dataset.

The columns are those of the published dataset, so that a public file can be imported too; each says
there how it is written. The back-office adds the record's identifier and its version, which a row
carries from its export.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Case, CharField, F, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from programme.backoffice.cadre.historique import MASQUE
from programme.backoffice.imports.conditions import avenant, contrat, decision, territoire
from programme.donnees.jeux.comites import (
    BINOMES,
    DECISIONS,
    DOCUMENTS,
    SEANCES,
    libelle_seance,
)
from programme.donnees.jeux.contrats import AVENANTS, CONTRATS, SIGNATAIRES
from programme.donnees.jeux.operateurs import REALISATIONS, REFERENTS
from programme.donnees.jeux.projets import FINANCEMENTS, PROJETS
from programme.donnees.schema import Colonne, Ecrit, Jeu, Type
from programme.models import Enveloppe, Publication, Seance
from programme.models.base import Publiable

IDENTIFIANT = Colonne(
    "identifiant",
    Type.ENTIER,
    "Identifiant",
    "Ce qui désigne l’enregistrement, quoi qu’il devienne. Vide : ligne nouvelle.",
    source="pk",
)
VERSION = Colonne(
    "version",
    Type.ENTIER,
    "Version",
    "La version exportée : une ligne modifiée depuis par quelqu’un d’autre est refusée.",
)
PUBLICATION = Colonne(
    "publication",
    Type.CHOIX,
    "Publication",
    "L’état de l’enregistrement sur le site.",
    valeurs=tuple(Publication.values),
    ecrit=Ecrit(
        reserve="la publication se change par les actes « Proposer », « Publier » ou « Retirer » "
        "de la liste."
    ),
)
NON_DECLAREE = "elle ne se change pas par un fichier"


@dataclass(frozen=True)
class Protege:
    """A column that no file changes: the reason says by what it is changed."""

    raison: str


@dataclass(frozen=True)
class Importable:
    """One kind of files.

    jeu: the published dataset, whose columns say how each is written. plus: those that it lacks.
    cle: the columns that identify a row which has no identifier. titre: those that name it to a
    person. lieux: its rows lie somewhere, and their place is checked as a whole. secours: what
    tells a row from another in a file that lacks `cle`. suite: the column whose codes may be
    proposed, one after the other. partie: what it holds of its records, when not the whole.
    masquables: the relations that may lead out of an agent's perimeter, to what is not public.
    condition: what refuses a row beyond the model (`conditions`).
    """

    code: str
    jeu: Jeu
    cle: tuple[str, ...]
    titre: tuple[str, ...]
    plus: tuple[Colonne, ...] = ()
    lieux: bool = False
    secours: tuple[str, ...] = ()
    suite: str = ""
    partie: str = ""
    masquables: tuple[str, ...] = ("contrat", "enveloppe")
    condition: Callable = lambda agent, record, avant, champs: ""

    @cached_property
    def modele(self):
        return self.jeu.modele

    @cached_property
    def complet(self):
        """The dataset as the back-office exports it: drafts too, with what an import needs."""
        own = (PUBLICATION,) if issubclass(self.modele, Publiable) else ()
        shared = [
            replace(column, source=column.ecrit.source)
            if column.ecrit and column.ecrit.source
            else column
            for column in self.jeu.colonnes
        ]
        key = IDENTIFIANT
        if self.modele._meta.pk.get_internal_type() == "CharField":
            key = replace(IDENTIFIANT, type=Type.CODE)
        columns = (*shared, *self.plus, *own, key, VERSION)
        return replace(self.jeu, colonnes=columns, geometrie=None, liste="", entier="")

    # What a column is for a file: written, protected, computed. One that says none of these is set
    # aside: nothing is written that is not declared.

    @cached_property
    def ecrits(self):
        """{name: `Ecrit`} of the columns that write something: of a new row alone, for a key."""
        return {
            column.nom: column.ecrit
            for column in self.complet.colonnes
            if column.ecrit and (not column.ecrit.reserve or column.nom in self.cle)
        }

    @cached_property
    def proteges(self):
        """{name: `Protege`} of the columns that a file may repeat, not change."""
        return {
            column.nom: Protege(column.ecrit.reserve)
            for column in self.complet.colonnes
            if column.ecrit and column.ecrit.reserve
        }

    @cached_property
    def nouveaux(self):
        """{name: values} that a protected column of a new row may have."""
        return {
            column.nom: column.ecrit.neuf
            for column in self.complet.colonnes
            if column.ecrit and column.ecrit.neuf
        }

    @cached_property
    def calculees(self):
        """{name: the column it follows from}."""
        columns = self.complet.colonnes
        return {column.nom: column.calculee for column in columns if column.calculee}

    @cached_property
    def champs(self):
        """{name of a model's field: that of the column which writes it}."""
        return {self.colonnes[name].champ: name for name in self.ecrits}

    @cached_property
    def obligatoires(self):
        """The columns without which no row is new; an address is composed, whatever they say."""
        found = []
        for name in self.ecrits:
            field = self.champ(name)
            given = field.blank or field.null or field.has_default()
            if not given and field.name != "slug":
                found.append(name)
        return found

    def vu_par(self, agent):
        """`complet` for one agent: a record that it may not see, and nobody else, is not named."""
        if agent.est_national:
            return self.complet
        columns = (self._masquee(column, agent) for column in self.complet.colonnes)
        return replace(self.complet, colonnes=tuple(columns))

    def _masquee(self, column, agent):
        if column.nom not in self.masquables:
            return column
        field = column.champ
        target = self.champ(column.nom).related_model.objects
        known = target.visible_to(agent).values("pk"), target.published().values("pk")
        shown = [When(**{f"{field}__in": keys}, then=column.expression()) for keys in known]
        hidden = When(**{f"{field}__isnull": False}, then=Value(MASQUE))
        return replace(column, source=Case(*shown, hidden, output_field=TextField()))

    @cached_property
    def colonnes(self):
        """{name: `Colonne`}, each as its cells are read."""
        return {
            column.nom: replace(column, type=written.type)
            if (written := self.ecrits.get(column.nom)) and written.type
            else column
            for column in self.complet.colonnes
        }

    @cached_property
    def parent(self):
        """The relation to the record whose publication counts; empty when it is the row's own."""
        lookups = getattr(self.modele, "publication_lookups", ("",))
        return lookups[0].rpartition("__")[0]

    def champ(self, nom):
        """The model's field that a column writes."""
        return self.modele._meta.get_field(self.colonnes[nom].champ)

    def ecartee(self, nom):
        """Why a column of the dataset is set aside, whatever it says; empty when it is read."""
        if other := self.calculees.get(nom):
            return f"elle est calculée d’après « {other} »"
        if nom in self.ecrits or self.protection(nom) or nom in LUES:
            return ""
        return NON_DECLAREE

    def protection(self, nom):
        """The `Protege` of a column, None when files may write it, or when it is set aside."""
        return self.proteges.get(nom)


LUES = {IDENTIFIANT.nom, VERSION.nom}
"""Columns that designate a record and its state: read, never written."""


def libelle_enveloppe(prefixe=""):
    """What names an enveloppe, which has no code: all that makes it unique, in words."""

    def of(name):
        return F(f"{prefixe}{name}")

    text = Concat(
        of("intitule"),
        Value(" – "),
        Cast(of("annee"), CharField()),
        Value(" – "),
        Coalesce(Cast(of("region"), CharField()), Value("nationale")),
        Value(" – "),
        of("fonds"),
        output_field=TextField(),
    )
    return Case(When(**{f"{prefixe}pk__isnull": False}, then=text), output_field=TextField())


LIBELLES = {Enveloppe: libelle_enveloppe, Seance: libelle_seance}
"""What names the rows that have no code, where a cell may: `Ecrit(par="libelle")`."""

PROJET_IMPORTABLE = Importable(
    code="projets",
    jeu=PROJETS,
    cle=("code",),
    titre=("code", "beneficiaire"),
    plus=(
        Colonne(
            "slug",
            Type.CODE,
            "Adresse",
            "Adresse de la page publique.",
            ecrit=Ecrit(
                reserve="l’adresse de la page est composée une fois pour toutes, sans import."
            ),
        ),
    ),
    lieux=True,
    secours=("objet", "commune"),
    suite="code",
)

FINANCEMENT_IMPORTABLE = Importable(
    code="financements",
    jeu=FINANCEMENTS,
    cle=("projet", "financeur", "enveloppe"),
    titre=("projet", "financeur"),
    plus=(
        Colonne(
            "enveloppe",
            Type.TEXTE,
            "Enveloppe",
            "Intitulé – année – code de la région ou « nationale » – fonds.",
            source=lambda: libelle_enveloppe("enveloppe__"),
            ecrit=Ecrit(par="libelle", aussi=("intitule",)),
        ),
    ),
)

REFERENT_IMPORTABLE = Importable(
    code="referents",
    jeu=REFERENTS,
    cle=("territoire", "operateur", "debut"),
    titre=("territoire", "operateur", "nom"),
)

REALISATION_IMPORTABLE = Importable(
    code="realisations",
    jeu=REALISATIONS,
    cle=("engagement", "operateur", "annee"),
    titre=("engagement", "operateur", "annee"),
)

SIGNATAIRE_IMPORTABLE = Importable(
    code="signataires",
    jeu=SIGNATAIRES,
    cle=("contrat", "organisme", "nom"),
    titre=("contrat", "organisme", "nom"),
)

CONTRAT_IMPORTABLE = Importable(
    code="contrats",
    jeu=CONTRATS,
    cle=("code",),
    titre=("type", "intitule"),
    secours=("territoire", "type", "intitule"),
    masquables=("meme_acte",),
    condition=contrat,
)

AVENANT_IMPORTABLE = Importable(
    code="avenants",
    jeu=AVENANTS,
    cle=("contrat", "numero"),
    titre=("contrat", "numero"),
    condition=avenant,
)

SEANCE_IMPORTABLE = Importable(
    code="seances",
    jeu=SEANCES,
    cle=("date", "comite_regional", "comite_national"),
    titre=("comite_regional", "comite_national", "date"),
)

DECISION_IMPORTABLE = Importable(
    code="decisions",
    jeu=DECISIONS,
    cle=("type", "texte", "seance"),
    titre=("seance", "texte"),
    masquables=("contrat", "projet"),
    condition=decision,
)

DOCUMENT_IMPORTABLE = Importable(
    code="documents",
    jeu=DOCUMENTS,
    cle=("titre", "date"),
    titre=("titre",),
    masquables=("contrat", "projet", "seance"),
)

BINOME_IMPORTABLE = Importable(
    code="binomes",
    jeu=BINOMES,
    cle=("code",),
    titre=("code", "nom"),
    partie="binômes et chefs de projet",
    condition=territoire,
)

IMPORTABLES = {
    kind.code: kind
    for kind in (
        PROJET_IMPORTABLE,
        CONTRAT_IMPORTABLE,
        AVENANT_IMPORTABLE,
        SEANCE_IMPORTABLE,
        DECISION_IMPORTABLE,
        DOCUMENT_IMPORTABLE,
        BINOME_IMPORTABLE,
        FINANCEMENT_IMPORTABLE,
        REFERENT_IMPORTABLE,
        REALISATION_IMPORTABLE,
        SIGNATAIRE_IMPORTABLE,
    )
}
