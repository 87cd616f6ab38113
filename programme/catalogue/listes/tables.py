"""The columns each list shows. A column has the name it has in the published dataset."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import django_tables2 as tables
from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from programme.catalogue.listes import choix, declarees
from programme.catalogue.listes.choix import NATURES
from programme.catalogue.parcours import FICHES, suite
from programme.donnees.expressions import count_of
from programme.donnees.jeux import JEUX
from programme.donnees.schema import SEPARATEUR_LISTE
from programme.enonces import promesse
from programme.models import Desaccord
from programme.models.projets import HORS_TERRITOIRE, territoire_ou_hors
from programme.templatetags.portail import aucun, avec_liens, date_precise, part, renseigne
from territoires.models import Intercommunalite, Territoire
from territoires.models.phase import adresse_at
from territoires.reponses import NON_RENSEIGNE, SANS_OBJET

ABSENT = NON_RENSEIGNE
HORS = "dans aucun territoire"
"""What does not apply is said, never as what nobody told."""
PEU = 5
"""A column that one row in so many tells, or fewer, is no column of the page."""


@dataclass(frozen=True)
class Entete:
    """One column's heading. `ordre`: ascending, descending, none, or "" when it does not sort."""

    libelle: str
    classe: str
    ordre: str
    url: str


@dataclass(frozen=True)
class Cellule:
    """One cell: what it shows, the words of its column, its CSS classes."""

    contenu: str
    libelle: str
    classe: str


class Nombre(tables.Column):
    """A number, to the right. `compte`: it counts records, and « aucun » is said of these words."""

    classe = "nombre"

    def __init__(self, *args, compte="", **kwargs):
        super().__init__(*args, **kwargs)
        self.compte = compte

    def render(self, value):
        if self.compte and not value:
            return f"{aucun(self.compte)} {self.compte}".strip()
        return renseigne(value)


class Jour(tables.Column):
    """A date and what it stands for: the value of the column `precision`."""

    classe = "date"

    def __init__(self, *args, precision="", **kwargs):
        super().__init__(*args, **kwargs)
        self.precision = precision

    def render(self, value, record):
        return date_precise(value, record.get(self.precision) or "jour")


class Choix(tables.Column):
    """A word of a closed list, as its label."""

    def __init__(self, choices, **kwargs):
        super().__init__(**kwargs)
        self.labels = dict(choices)

    def render(self, value):
        return self.labels.get(value, value)


class Page(tables.Column):
    """Words that lead to a page: the URL name, the column of its key, the column of the words.

    `tri` is the column of the dataset that sorts it, when it is another.
    """

    def __init__(self, page, key, *, words="", tri="", **kwargs):
        super().__init__(**kwargs)
        self.page, self.key, self.words, self.tri = page, key, words, tri

    def render(self, value, record, table):
        return table.lien(self.page, record[self.key], record[self.words] if self.words else value)


class Mots(tables.Column):
    """Codes of one filter, in the words of that filter."""

    def __init__(self, filtre, **kwargs):
        super().__init__(**kwargs)
        self.filtre = filtre

    def render(self, value, table):
        words = table.words(self.filtre)
        codes = value.split(SEPARATEUR_LISTE)
        return format_html_join(", ", "{}", ((words.get(code, code),) for code in codes))


class Liste(tables.Table):
    """A table of a list, sorted by the database and never here.

    `jeu`: the dataset, whose columns say that they sort the list (`tris`), and that the table shows
    them after those of the class. `extras`: what cells need besides the dataset's columns, name →
    expression or function that makes it. `lus`: columns of the dataset that cells read besides
    their own.
    """

    jeu = ""
    tris = ()
    extras = {}
    lus = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.jeu:
            cls.base_columns |= declarees.colonnes(cls.jeu, Nombre, Jour)
            cls.tris = declarees.tris(cls.jeu)

    def __init__(self, rows, *, vue):
        super().__init__(rows, orderable=False, default=ABSENT)
        self.vue = vue
        self._words = {}

    def words(self, filtre):
        """`{code: words}` of a filter of the list, already read for the form."""
        if filtre not in self._words:
            self._words[filtre] = dict(self.vue.filterset.filters[filtre].libelles())
        return self._words[filtre]

    @classmethod
    def read(cls):
        """Names of the dataset's columns that the cells need."""
        return [name for name in (*cls.base_columns, *cls.lus) if name not in cls.extras]

    @classmethod
    def own_page(cls, fiche):
        """The column that leads to the pages of that URL name, after the one that has its words."""
        for name, column in cls.base_columns.items():
            if getattr(column, "page", "") == fiche:
                return column.words or name, column
        raise LookupError(fiche)

    def lien(self, page, key, words):
        """Words that lead to a page; to that of a row, with the way back to this list."""
        own = FICHES.get(self.vue.jeu.code) == page
        back = suite(self.vue.requete) if own else ""
        return format_html('<a href="{}{}">{}</a>', reverse(page, args=[key]), back, words)

    @classmethod
    def get_extras(cls):
        return {
            name: expression if hasattr(expression, "resolve_expression") else expression()
            for name, expression in cls.extras.items()
        }

    @cached_property
    def _cells(self):
        return [[cell for _, cell in row.items()] for row in self.rows]

    @cached_property
    def dits(self):
        """`{column: rows of the page that tell it}` of those that few or none of them tell.

        One sentence says so, not a wall: what few rows tell is told under their name.
        """
        number = len(self._cells)
        if number < 2:
            return {}
        told = {
            name: sum(row[rank] is not ABSENT for row in self._cells)
            for rank, name in enumerate(self.base_columns)
        }
        return {name: count for name, count in told.items() if count * PEU <= number}

    @property
    def tues(self):
        """`(words, rows that tell it)` of these columns, for that sentence."""
        return [(self._words_of(name), count) for name, count in self.dits.items()]

    def _words_of(self, name):
        return self.base_columns[name].verbose_name.replace("\u00ad", "")

    @property
    def entetes(self):
        asked, requete = self.vue.tri_demande, self.vue.requete
        for name, column in self.base_columns.items():
            if name in self.dits:
                continue
            ordre = url = ""
            tri = getattr(column, "tri", "") or name
            if tri in self.tris:
                ordre = {tri: "ascending", f"-{tri}": "descending"}.get(asked, "none")
                url = requete.avec(tri=f"-{tri}" if asked == tri else tri)
            yield Entete(column.verbose_name, getattr(column, "classe", ""), ordre, url)

    @property
    def lignes(self):
        """The `Cellule`s of each row."""
        entetes = list(self.entetes)
        for cells in self._cells:
            yield [
                Cellule(shown, entete.libelle, f"{entete.classe} non-renseigne".strip())
                if shown is ABSENT
                else Cellule(shown, entete.libelle, entete.classe)
                for entete, shown in zip(entetes, self._told(cells), strict=True)
            ]

    def _told(self, cells):
        """The cells of a row, what its few-told columns tell under the first one."""
        told = dict(zip(self.base_columns, cells, strict=True))
        rare = [(name, told.pop(name)) for name in self.dits]
        first, *others = told.values()
        said = [(self._words_of(name), cell) for name, cell in rare if cell is not ABSENT]
        if said:
            lines = format_html_join("", '<span class="objet">{} : {}</span>', said)
            first = format_html("{}{}", first, lines)
        return [first, *others]


class TerritoireTable(Liste):
    nom = Page("territoire", "slug", verbose_name="Territoire")
    regions = Mots("region", verbose_name="Régions")
    departements = Mots("departement", verbose_name="Départe\u00adments")
    debut = Jour(precision="debut_certitude", verbose_name="Sur la carte depuis")
    population = Nombre(verbose_name="Population")
    nb_communes = Nombre(verbose_name="Communes")
    nb_projets = Nombre(verbose_name="Projets publiés", compte="publié")

    jeu = "territoires"
    extras = {"slug": adresse_at(), "sortie": F("sortie")}
    lus = ("debut_certitude",)

    def render_nom(self, value, record):
        page = self.lien("territoire", record["slug"], value)
        if not record["sortie"]:
            return page
        return format_html("{} (sorti de la carte : {})", page, date_precise(record["sortie"]))


class HeritierTable(TerritoireTable):
    """The territories of phase 2: what phase 1 did there, never as theirs."""

    projets_phase1_ici = Nombre(verbose_name="Projets de la phase 1 situés ici", compte="publié")
    contrats_phase1_lignee = Nombre(
        verbose_name="Contrats de la phase 1 (par lignée)", compte="publié"
    )
    nb_projets = None


class Part(tables.Column):
    """A part, from 0 to 1, as a percentage."""

    classe = "nombre"

    def render(self, value):
        return part(value)


class LigneeTable(Liste):
    phase1_nom = Page(
        "territoire", "avant_adresse", verbose_name="Phase 1", default="aucune commune en phase 1"
    )
    nature = tables.Column(verbose_name="Nature")
    phase2_nom = Page(
        "territoire", "apres_adresse", verbose_name="Phase 2", default="sans héritier"
    )
    communes_communes = Nombre(verbose_name="Communes")
    part_habitants_1 = Part(verbose_name="Habitants, phase 1", default="")
    part_habitants_2 = Part(verbose_name="Habitants, phase 2", default="")

    jeu = "lignees"
    extras = {"avant_adresse": adresse_at("avant__"), "apres_adresse": adresse_at("apres__")}


def shared_with_another():
    """How many of a région's territories another région follows too."""
    shared = Territoire.objects.catalogue().shared()
    rows = Territoire.regions.through.objects.filter(region=OuterRef("pk"), territoire__in=shared)
    return count_of(rows, "region")


class RegionTable(Liste):
    nom = Page("region", "slug", verbose_name="Région")
    nb_territoires = Nombre(verbose_name="Territoires suivis", compte=" ")
    partages = Nombre(verbose_name="dont partagés", compte=" ")
    nb_territoires_portes = Nombre(verbose_name="dont portés", compte=" ")
    nb_projets = Nombre(verbose_name="Projets publiés", compte="publié")

    jeu = "regions"
    extras = {"slug": F("slug"), "partages": shared_with_another}


class IntercommunaliteTable(Liste):
    nom = Page("intercommunalite", "siren", verbose_name="Intercommunalité")
    nature = Choix(NATURES, verbose_name="Nature")
    departements = Mots("departement", verbose_name="Départements")
    population = Nombre(verbose_name="Population")
    nb_communes = Nombre(verbose_name="Communes")
    territoire = Mots("territoire", verbose_name="Territoire", default=HORS)

    jeu = "intercommunalites"
    lus = ("siren",)


def _nom_de_l_intercommunalite():
    """The name of that of a commune in the geography of the list."""
    bodies = Intercommunalite.objects.filter(pk=OuterRef("intercommunalite_alors"))
    return Subquery(bodies.values("nom"))


class CommuneTable(Liste):
    nom = Page("commune", "code", verbose_name="Commune")
    code = tables.Column(verbose_name="Code INSEE")
    departement = Mots("departement", verbose_name="Département")
    intercommunalite = Page(
        "intercommunalite",
        "intercommunalite",
        words="epci_nom",
        verbose_name="Intercommunalité",
        default="aucune",
    )
    territoire = Mots("territoire", verbose_name="Territoire", default=HORS)
    population = Nombre(verbose_name="Population")

    jeu = "communes"
    extras = {"epci_nom": _nom_de_l_intercommunalite}


class RattachementTable(Liste):
    nom = tables.Column(verbose_name="Membre")
    nature = Choix(NATURES, verbose_name="Nature")
    territoire = Page("territoire", "slug", words="territoire_nom", verbose_name="Territoire")
    debut = Jour(precision="certitude", verbose_name="Membre depuis")
    fin = Jour(precision="fin_certitude", verbose_name="Jusqu’au", default="")
    certitude = tables.Column(verbose_name="Certitude")

    jeu = "rattachements"
    extras = {"slug": adresse_at("territoire__"), "territoire_nom": F("territoire__nom")}
    lus = ("siren", "commune", "fin_certitude")

    def render_nom(self, value, record):
        if record["siren"]:
            return self.lien("intercommunalite", record["siren"], value)
        return self.lien("commune", record["commune"], value)


class ContratTable(Liste):
    intitule = Page("contrat", "code", verbose_name="Intitulé")
    type = tables.Column(verbose_name="Type")
    territoire = Page("territoire", "slug", words="territoire_nom", verbose_name="Territoire")
    statut = tables.Column(verbose_name="Statut")
    date_signature = Jour(precision="precision_signature", verbose_name="Signature")
    nb_actions = Nombre(verbose_name="Actions")
    montant_eur = Nombre(verbose_name="Montant (€)")

    jeu = "contrats"
    extras = {"slug": adresse_at("territoire__"), "territoire_nom": F("territoire__nom")}
    lus = ("code", "precision_signature")


class ProjetTable(Liste):
    beneficiaire = Page("projet", "slug", verbose_name="Projet")
    commune_nom = tables.Column(verbose_name="Commune")
    territoire = Page(
        "territoire",
        "territoire_slug",
        words="territoire_nom",
        tri="territoire_nom",
        verbose_name="Territoire",
        empty_values=(),
    )

    jeu = "projets"
    extras = {
        "slug": F("slug"),
        "territoire_slug": adresse_at("territoire__"),
        "situation": territoire_ou_hors,
    }
    lus = ("objet", "departement", "territoire_nom", "desaccords")

    def render_beneficiaire(self, value, record):
        cell = self.lien("projet", record["slug"], value)
        if objet := record["objet"]:
            cell = format_html('{}<span class="objet">{}</span>', cell, objet)
        if kinds := record["desaccords"]:
            words = ", ".join(Desaccord(kind).label for kind in kinds.split(SEPARATEUR_LISTE))
            cell = format_html(
                '{}<span class="objet"><strong>Sources en désaccord</strong> : {}</span>',
                cell,
                words,
            )
        return cell

    def render_territoire(self, record):
        # Within the second that both were written, a moment may have the project alone.
        if slug := record["territoire_slug"]:
            return self.lien("territoire", slug, record["territoire_nom"])
        return HORS_TERRITOIRE if record["situation"] == HORS_TERRITOIRE else ABSENT

    def render_commune_nom(self, value, record):
        return f"{value} ({record['departement']})" if record["departement"] else value


class OperateurTable(Liste):
    nom = Page("operateur", "code", verbose_name="Opérateur")
    nom_actuel = tables.Column(verbose_name="Nom actuel", default="inchangé")
    missions = tables.Column(verbose_name="Missions")

    jeu = "operateurs"
    lus = ("code",)


class ConventionTable(Liste):
    intitule = tables.Column(verbose_name="Intitulé")
    operateur = Page("operateur", "operateur", words="operateur_nom", verbose_name="Opérateur")
    signee_le = Jour(verbose_name="Signée le")
    lieu = tables.Column(verbose_name="Lieu")

    jeu = "conventions"
    extras = {"operateur_nom": F("operateur__nom")}


class EngagementTable(Liste):
    intitule = tables.Column(verbose_name="Engagement")
    operateur = Page(
        "operateur",
        "operateur",
        words="operateur_nom",
        verbose_name="Opérateur",
        default="chacun des opérateurs",
    )
    type = tables.Column(verbose_name="Type")
    cible = tables.Column(verbose_name="Promis")
    realise = tables.Column(verbose_name="Réalisé")
    echeance = Jour(precision="precision_echeance", verbose_name="Échéance")

    jeu = "engagements"
    extras = {"operateur_nom": F("operateur__nom")}
    lus = ("precision_echeance", "rythme", "approximatif", "unite", "cible_mots")

    def render_cible(self, value, record):
        unit, words = record["unite"] or "", record["cible_mots"] or ""
        said = promesse(value, unit, record["approximatif"], words)
        return f"{said} {record['rythme'] or ''}".rstrip()

    def render_realise(self, value, record):
        return renseigne(value, record["unite"] or "")


class ReferentTable(Liste):
    nom = tables.Column(verbose_name="Référent")
    fonction = tables.Column(verbose_name="Fonction")
    operateur = Page("operateur", "operateur", words="operateur_nom", verbose_name="Opérateur")
    territoire = Page("territoire", "slug", words="territoire_nom", verbose_name="Territoire")
    debut = Jour(verbose_name="Depuis le")
    fin = Jour(verbose_name="Jusqu’au", default="")

    jeu = "referents"
    extras = {
        "slug": adresse_at("territoire__"),
        "territoire_nom": F("territoire__nom"),
        "operateur_nom": F("operateur__nom"),
    }


CODES = {
    "region": choix.regions,
    "region_porteuse": choix.regions,
    "regions": choix.regions,
    "departement": choix.departements,
    "departements": choix.departements,
    "territoire": choix.territoires,
    "successeur": choix.territoires,
    "operateur": choix.operateurs,
    "nature": choix.natures,
}
"""The columns that hold codes in any dataset, and the function of what they stand for."""
CLES = {
    "siren": "intercommunalites",
    "intercommunalite": "intercommunalites",
    "ept": "intercommunalites",
    "commune": "communes",
    "contrat": "contrats",
    "meme_acte": "contrats",
}
"""Those that hold keys of a dataset: a firm's SIREN is that of no intercommunalité."""


def nomme(words, code):
    """« Bretagne (53) »; the code alone when it stands for nothing here."""
    if not words:
        return code
    if code in words:
        return words
    return f"{words.removesuffix(')')}, {code})" if words.endswith(")") else f"{words} ({code})"


class ValeurTable(Liste):
    fiche = tables.Column(verbose_name="Fiche")
    colonne_titre = tables.Column(verbose_name="Colonne")
    valeur = tables.Column(verbose_name="Valeur")
    source = tables.Column(verbose_name="Source", default="aucune")
    date = Jour(precision="precision_date", verbose_name="Date")
    mode = tables.Column(verbose_name="Comment elle est connue")

    jeu = "valeurs"
    lus = ("jeu", "colonne", "url", "precision_date")

    @cached_property
    def mots(self):
        """`{column: {code: words}}` of the columns of the page that hold codes of something."""
        told = defaultdict(set)
        for row in self.data:
            told[row["colonne"]] |= set(row["valeur"].split(SEPARATEUR_LISTE))
        named = {c: dict(CODES[c](self.vue.filterset)) for c in CODES if c in told}
        return named | {c: JEUX[jeu].named(told[c]) for c, jeu in CLES.items() if c in told}

    @cached_property
    def noms(self):
        """`{(dataset, key): name}` of the records of the page that have a page of their own."""
        keys = defaultdict(set)
        for row in self.data:
            keys[row["jeu"]].add(row["fiche"])
        named = {jeu: JEUX[jeu].named(keys[jeu]) for jeu in FICHES if jeu in keys}
        return {(jeu, key): name for jeu, found in named.items() for key, name in found.items()}

    def render_fiche(self, value, record):
        words = self.noms.get((record["jeu"], value), value)
        page = format_html('<a href="{}">{}</a>', record["url"], words) if record["url"] else words
        return format_html('{}<span class="objet">{}</span>', page, JEUX[record["jeu"]].titre)

    def render_valeur(self, value, record):
        """Codes with the names of what they stand for; the files keep the codes alone."""
        words = self.mots.get(record["colonne"])
        codes = value.split(SEPARATEUR_LISTE) if words else [value]
        return ", ".join(nomme(words.get(code), code) if words else code for code in codes)

    def render_source(self, value):
        return avec_liens(value)


class JalonTable(Liste):
    date = Jour(precision="precision_date", verbose_name="Date")
    intitule = tables.Column(verbose_name="Jalon")
    lieu = tables.Column(verbose_name="Lieu")
    nb_territoires = Nombre(verbose_name="Territoires annoncés", default=str(SANS_OBJET))

    jeu = "jalons"
    lus = ("precision_date",)
