"""The five kinds of files: what each column writes, what identifies a row, what is protected.

The columns are those of the published dataset, so that a public file can be imported too, and what
the back-office adds: the record's identifier and its version, which a row carries from its export.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import Case, CharField, F, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from programme.backoffice.cadre.historique import MASQUE
from programme.donnees.jeux.contrats import SIGNATAIRES
from programme.donnees.jeux.operateurs import REALISATIONS, REFERENTS
from programme.donnees.jeux.projets import FINANCEMENTS, PROJETS
from programme.donnees.schema import Colonne, Jeu, Type
from programme.models import Publication
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
)
NON_DECLAREE = "elle ne se change pas par un fichier"

# Relations that may lead out of an agent's perimeter, to what is not public.
MASQUABLES = {"contrat", "enveloppe"}


@dataclass(frozen=True)
class Ecrit:
    """What a column writes.

    champ: the model's field. par: for a relation, the field of the target, or the annotation
    `libelle`, that the cell names; aussi: the others that may name it when only one row has them.
    anciens: the relation of the target to the codes that it had before.
    type, largeur: how the cell is read, when not as the published column says; bornes: for a
    number.
    """

    champ: str
    par: str = ""
    aussi: tuple[str, ...] = ()
    anciens: str = ""
    type: Type | None = None
    largeur: int = 0
    bornes: tuple[float, float] | None = None


@dataclass(frozen=True)
class Protege:
    """A column that no file changes: the reason says by what it is changed."""

    raison: str


@dataclass(frozen=True)
class Importable:
    """One kind of files.

    jeu: the published dataset. plus: the columns that it lacks, or says less of. cle: those that
    identify a row which has no identifier. titre: those that name it to a person. ecrits: what each
    column writes. proteges: those that a file may repeat, not change. calculees: those that follow
    from another, {name: that other}. nouveaux: the values that a protected column of a new row may
    have, whose field has its name. A column that is in none of these is set aside: nothing is
    written that is not declared. lieux: its rows lie somewhere, and their place is checked as a
    whole.
    """

    code: str
    jeu: Jeu
    cle: tuple[str, ...]
    titre: tuple[str, ...]
    ecrits: dict[str, Ecrit]
    proteges: dict[str, Protege] = field(default_factory=dict)
    calculees: dict[str, str] = field(default_factory=dict)
    plus: tuple[Colonne, ...] = ()
    nouveaux: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lieux: bool = False

    @cached_property
    def modele(self):
        return self.jeu.modele

    @cached_property
    def complet(self):
        """The dataset as the back-office exports it: drafts too, with what an import needs."""
        own = (PUBLICATION,) if issubclass(self.modele, Publiable) else ()
        more = {column.nom: column for column in self.plus}
        # What the public reads of published records alone, the back-office reads of all.
        shared = [more.pop(column.nom, column) for column in self.jeu.colonnes]
        columns = (*shared, *more.values(), *own, IDENTIFIANT, VERSION)
        return replace(self.jeu, colonnes=columns, geometrie=None, liste="", entier="")

    def vu_par(self, agent):
        """`complet` for one agent: a record that it may not see, and nobody else, is not named."""
        if agent.est_national:
            return self.complet
        columns = (self._masquee(column, agent) for column in self.complet.colonnes)
        return replace(self.complet, colonnes=tuple(columns))

    def _masquee(self, column, agent):
        if column.nom not in MASQUABLES:
            return column
        field = self.ecrits[column.nom].champ
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
        return self.modele.publication_lookups[0].rpartition("__")[0]

    def champ(self, nom):
        """The model's field that a column writes."""
        return self.modele._meta.get_field(self.ecrits[nom].champ)

    def ecartee(self, nom):
        """Why a column of the dataset is set aside, whatever it says; empty when it is read."""
        if other := self.calculees.get(nom):
            return f"elle est calculée d’après « {other} »"
        if nom in self.ecrits or self.protection(nom) or nom in LUES:
            return ""
        return NON_DECLAREE

    def protection(self, nom):
        """The `Protege` of a column, None when files may write it, or when it is set aside."""
        if nom == "publication":
            return PUBLICATION_PROTEGEE
        return self.proteges.get(nom)


LUES = {IDENTIFIANT.nom, VERSION.nom}
"""Columns that designate a record and its state: read, never written."""
PUBLICATION_PROTEGEE = Protege(
    "la publication se change par les actes « Proposer », « Publier » ou « Retirer » de la liste."
)


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


def _same(*names):
    """Columns that write the field of their own name."""
    return {name: Ecrit(name) for name in names}


PROJET_IMPORTABLE = Importable(
    code="projets",
    jeu=PROJETS,
    cle=("code",),
    titre=("code", "beneficiaire"),
    plus=(
        Colonne("contrat", Type.CODE, "Contrat", "Adresse du contrat.", source="contrat__slug"),
        Colonne("slug", Type.CODE, "Adresse", "Adresse de la page publique."),
    ),
    ecrits={
        "code": Ecrit("code", type=Type.CODE),
        **_same("beneficiaire", "objet", "axe", "thematique", "filiere", "categorie"),
        **_same("localisation", "source"),
        **_same("emplois_crees", "emplois_maintenus", "investissement_eur", "mise_a_jour"),
        "siren": Ecrit("siren", largeur=9),
        "code_postal": Ecrit("code_postal", largeur=5),
        "departement_cite": Ecrit("departement_cite", type=Type.CODE, largeur=2),
        "longitude": Ecrit("lon", bornes=(-180, 180)),
        "latitude": Ecrit("lat", bornes=(-90, 90)),
        "territoire": Ecrit("territoire", par="code", aussi=("nom",)),
        "commune": Ecrit("commune", par="code", largeur=5, anciens="anciennes"),
        "departement": Ecrit("departement", par="code", largeur=2),
        "contrat": Ecrit("contrat", par="slug"),
    },
    proteges={
        "code": Protege(
            "le code désigne le projet partout où il est cité : il se change sur sa page."
        ),
        "statut": Protege("le statut se change par les actes de la page du projet."),
        "slug": Protege("l’adresse de la page est composée une fois pour toutes, sans import."),
    },
    calculees={
        "region": "departement",
        "region_nom": "departement",
        "departement_nom": "departement",
        "commune_nom": "commune",
        "territoire_nom": "territoire",
    },
    nouveaux={"statut": ("remonté",)},
    lieux=True,
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
        ),
    ),
    ecrits={
        "projet": Ecrit("projet", par="code", type=Type.CODE),
        "financeur": Ecrit("financeur", par="nom", aussi=("slug",)),
        "enveloppe": Ecrit("enveloppe", par="libelle", aussi=("intitule",)),
        **_same("montant_demande_eur", "montant_accorde_eur", "montant_verse_eur"),
        **_same("demande_le", "accorde_le", "verse_le"),
    },
    calculees={"type": "financeur"},
)

REFERENT_IMPORTABLE = Importable(
    code="referents",
    jeu=REFERENTS,
    cle=("territoire", "operateur", "debut"),
    titre=("territoire", "operateur", "nom"),
    ecrits={
        "territoire": Ecrit("territoire", par="code", aussi=("nom",)),
        "operateur": Ecrit("operateur", par="code", aussi=("nom",)),
        **_same("nom", "fonction", "debut", "fin"),
    },
    calculees={"territoire_nom": "territoire"},
)

REALISATION_IMPORTABLE = Importable(
    code="realisations",
    jeu=REALISATIONS,
    cle=("engagement", "operateur", "annee"),
    titre=("engagement", "operateur", "annee"),
    ecrits={
        "engagement": Ecrit("engagement", par="code"),
        "operateur": Ecrit("operateur", par="code", aussi=("nom",)),
        "annee": Ecrit("annee", bornes=(1950, 2100)),
        **_same("valeur", "commentaire", "source"),
    },
)

SIGNATAIRE_IMPORTABLE = Importable(
    code="signataires",
    jeu=SIGNATAIRES,
    cle=("contrat", "organisme", "nom"),
    titre=("contrat", "organisme", "nom"),
    ecrits={
        "contrat": Ecrit("contrat", par="slug"),
        **_same("organisme", "nom", "fonction", "signe_le"),
    },
)

IMPORTABLES = {
    kind.code: kind
    for kind in (
        PROJET_IMPORTABLE,
        FINANCEMENT_IMPORTABLE,
        REFERENT_IMPORTABLE,
        REALISATION_IMPORTABLE,
        SIGNATAIRE_IMPORTABLE,
    )
}
