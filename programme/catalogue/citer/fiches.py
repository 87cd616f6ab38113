"""The figures of one record: the values that it tells, and what its page computes of it."""

from dataclasses import dataclass
from functools import cached_property, partial

from django import forms
from django.urls import reverse

from programme.catalogue.adresse import AdresseView, Erreur
from programme.catalogue.citer.citable import (
    Citable,
    Filtre,
    Mesure,
    mesure_de_la_mediane,
    mesure_du_dessin,
    nombre,
)
from programme.catalogue.listes.champs import shown
from programme.catalogue.pages import chiffres, operateurs, regions, territoires
from programme.catalogue.recherche import lieux
from programme.donnees import horizon, provenance
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Type
from programme.enonces import NBSP, nature_de_promesse, quantite
from programme.models import ChiffreAnnonce, Projet
from programme.requetes import put_to
from territoires.dates import le
from territoires.models import Commune, Intercommunalite
from territoires.moment import today
from territoires.reponses import pourcentage

EUROS = "EUR"
UNITES = {"euros": EUROS}
"""Units of columns, as figures write them."""


# --- A record, named by a query -----------------------------------------------------------------


class FicheForm(forms.Form):
    """fiche: the code of a record, or its number where its dataset has no code."""

    fiche = forms.CharField(
        error_messages={"required": "Dites de quelle fiche : partez du bouton de sa page."}
    )


class ValeurForm(FicheForm):
    jeu = forms.CharField(error_messages={"required": "Dites de quel jeu de données."})
    colonne = forms.CharField(error_messages={"required": "Dites quelle colonne du jeu."})


LIEUX = (Commune, Intercommunalite)
"""What has a page for good: its dataset holds those of the last geography."""


def rows_of(jeu):
    """Every record of a dataset that the public reads somewhere."""
    return jeu.modele.objects.all() if jeu.modele in LIEUX else jeu.published()


def fiche_de(jeu, cle):
    """The public record of this key; None when there is none."""
    if jeu.colonne_cle:
        found = jeu.with_keys(rows_of(jeu), [cle]).first()
        if found is None and (kept := jeu.devenu(cle)) is not None:
            found = jeu.with_keys(rows_of(jeu), [kept]).first()
        return found
    if not (cle.isdecimal() and cle.isascii() and len(cle) < 10):
        return None
    return rows_of(jeu).filter(pk=cle).first()


def page_de(jeu, record):
    """Where the public reads a record: its page, that of what it belongs to, or its dataset."""
    related = (getattr(record, f.name) for f in record._meta.fields if f.is_relation)
    for one in (record, *related):
        if hasattr(one, "get_absolute_url"):
            return one.get_absolute_url()
    return reverse(jeu.liste) if jeu.liste else jeu.get_absolute_url()


class VueDeFiche(AdresseView):
    """One record of the dataset `jeu_code`, as the query of a figure names it."""

    form_class = FicheForm
    jeu_code = ""

    @property
    def jeu(self):
        return JEUX[self.jeu_code]

    @cached_property
    def fiche(self):
        return fiche_de(self.jeu, self.demande["fiche"])

    def page_errors(self):
        if self.fiche is not None:
            return []
        words = f"Aucune fiche publiée n’y a ce code : « {shown(self.demande['fiche'])} »."
        return [Erreur("fiche", self.jeu.titre, words)]

    @property
    def titre(self):
        return self.jeu.titre

    @property
    def filtres(self):
        return [Filtre("Fiche", self.nom_de_la_fiche, True)]

    @property
    def nom_de_la_fiche(self):
        return str(self.fiche)

    ecartes = ()

    @cached_property
    def totaux(self):
        rows = rows_of(self.jeu).filter(pk=self.fiche.pk).order_by()
        return rows.aggregate(**horizon.mesures(self.jeu))


class VueDeValeur(VueDeFiche):
    """One value of a record: that of the column `colonne` of any dataset."""

    form_class = ValeurForm

    @property
    def jeu_code(self):
        return self.demande["jeu"]

    @cached_property
    def colonne(self):
        named = (column for column in self.jeu.colonnes if column.nom == self.demande["colonne"])
        return next((column for column in named if column.type in NOMBRES), None)

    def page_errors(self):
        jeu, name = self.jeu_code, self.demande["colonne"]
        if jeu not in JEUX or JEUX[jeu].nombre:
            return [Erreur("jeu", "Jeu", f"Aucun jeu de données ne s’appelle « {shown(jeu)} ».")]
        if self.colonne is None:
            words = f"Ce jeu n’a aucune colonne de nombres « {shown(name)} »."
            return [Erreur("colonne", "Colonne", words)]
        return super().page_errors()

    @cached_property
    def ligne(self):
        """The row of the record, as its dataset publishes it."""
        rows = rows_of(self.jeu).filter(pk=self.fiche.pk)
        return next(self.jeu.records(rows))

    @property
    def nom_cite(self):
        return self.colonne.libelle

    @property
    def definition(self):
        return self.colonne.description

    @property
    def unite(self):
        if self.colonne.unite:
            return UNITES.get(self.colonne.unite, self.colonne.unite)
        owner = getattr(self.fiche, "engagement", self.fiche)
        return getattr(owner, "unite", "") if self.colonne.nom in SELON_LA_LIGNE else ""

    @property
    def nature(self):
        """The hedge that the source has: of an announced figure, of a target."""
        if self.colonne.nom == "valeur":
            return getattr(self.fiche, "nature", "")
        if self.colonne.nom == "cible":
            return nature_de_promesse(self.fiche.approximatif, self.fiche.cible_mots)
        return ""

    @cached_property
    def totaux(self):
        declared = provenance.of_colonne(self.jeu, self.colonne)
        constant = declared and provenance.constantes(declared.source)
        return super().totaux | ({horizon.CITE: list(constant)} if constant else {})


NOMBRES = {Type.ENTIER, Type.NOMBRE}
SELON_LA_LIGNE = {"valeur", "cible", "realise"}
"""Columns whose unit is that of their row."""


@dataclass(frozen=True)
class DeFiche(Citable):
    """A figure of one record. jeu: its dataset; "" when the query names it. vue_class: reads it."""

    jeu: str = ""
    vue_class: type[VueDeFiche] = VueDeFiche
    fiches_de: str = "fiches"

    @property
    def exemple(self):
        return None

    def vue(self, request, query):
        vue = self.vue_class(**({"jeu_code": self.jeu} if self.jeu else {}))
        return put_to(vue, request, query)

    def lien(self, request, requete):
        vue = self.vue(request, requete)
        return self.adresse if vue.erreurs else page_de(vue.jeu, vue.fiche)

    def retenus(self, mesure):
        told = quantite(mesure.fiches, self.fiches_de)
        if mesure.fiches == mesure.dites:
            return told
        return f"{told}, dont {quantite(mesure.fiches - mesure.dites)}{NBSP}qui ne le disent pas"


# --- What a record tells ------------------------------------------------------------------------


def _valeur(vue):
    value = nombre(vue.ligne[vue.colonne.nom])
    return Mesure(value, 1, 0 if value is None else 1, unite=vue.unite, nature=vue.nature)


VALEUR = DeFiche(
    code="valeur",
    titre="Valeur d’une fiche",
    definition="Le nombre que dit une fiche publiée, dans la colonne nommée.",
    unite="unité de la colonne",
    page="valeurs",
    mesurer=_valeur,
    vue_class=VueDeValeur,
)


# --- What is recounted beside an announced figure -----------------------------------------------


class VueDeRecompte(VueDeFiche):
    jeu_code = "chiffres"

    @cached_property
    def comparaison(self):
        announced = ChiffreAnnonce.objects.published().filter(pk=self.fiche.pk)
        return chiffres.comparer(announced)[0]

    @property
    def nom_de_la_fiche(self):
        announced = self.fiche
        return f"{announced.enonce}, annoncé {le(announced.date, announced.precision_date)}"

    @property
    def nom_cite(self):
        return f"Recompté : {self.comparaison.indicateur.titre}"

    @property
    def definition(self):
        return self.comparaison.indicateur.methode


def _recompte(vue):
    told = vue.comparaison.recompte
    unite = vue.fiche.unite
    if told is None or told.valeur is None:
        return Mesure(None, told.fiches if told else 0, 0, unite=unite)
    dites = told.fiches if told.renseignes is None else told.renseignes
    why = vue.comparaison.explication
    parts = [(part.raison, part.nombre) for part in why.parts]
    rest = [("reste", why.reste)] if why.reste else []
    table = (("Écart avec l’annonce", "Nombre"), ("écart", why.ecart), *parts, *rest)
    return Mesure(told.valeur, told.fiches, dites, tableau=table, unite=unite)


RECOMPTE = DeFiche(
    code="recompte",
    titre="Chiffre annoncé, recompté",
    definition="Ce que donnent les fiches publiées, à la date du chiffre annoncé.",
    unite="unité du chiffre annoncé",
    page="chiffres",
    mesurer=_recompte,
    jeu="chiffres",
    vue_class=VueDeRecompte,
)


# --- What the page of a record computes -----------------------------------------------------------


def _completude(vue):
    criteres = regions.criteres_de(vue.fiche, today())
    table = [(c.titre, c.renseignes, c.attendus) for c in criteres]
    expected = sum(critere.attendus for critere in criteres)
    told = sum(critere.renseignes for critere in criteres)
    score = regions.score_de(criteres) or None
    return Mesure(score, expected, told, tableau=(("Critère", "Renseignés", "Attendus"), *table))


def _avancement(vue):
    lines = regions.avancement_de(vue.fiche)
    number = sum(count for _, count in lines)
    without = lines[-1][1]
    table = (("Statut", "Territoires"), *((str(words), count) for words, count in lines))
    return Mesure(number - without, number, number - without, tableau=table)


def _engagements(vue):
    number = operateurs.engagements_de(vue.fiche).count()
    return Mesure(number, number, number)


def _couverture(vue):
    told = operateurs.couverture_de(vue.fiche, today())
    share = pourcentage(told["couverts"], told["territoires"])
    rows = operateurs.couverture_par_region(vue.fiche, today()) if share is not None else ()
    table = [(row.nom, row.nb_couverts, row.nb_territoires) for row in rows]
    header = ("Région", "Avec référent", "Territoires")
    value = share if isinstance(share, int) else None
    return Mesure(
        value, told["territoires"], told["couverts"] or 0, tableau=(header, *table) if table else ()
    )


def _projets(projets_de, vue):
    number = projets_de(vue.fiche).count()
    return Mesure(number, number, number)


def _somme(projets_de, nom, vue):
    totaux = projets_de(vue.fiche).totaux()
    return Mesure(totaux[nom], totaux["projets"], totaux[f"{nom}_renseignes"])


def _du_contrat(contrat):
    return Projet.objects.published().filter(contrat=contrat)


def _sommes_de(jeu, mots, projets_de, *noms):
    """The sums of the projects of a record, which no filter of their list chooses."""
    return [
        DeFiche(
            code=f"{mots[0]}-{nom.removesuffix('_eur').replace('_', '-')}",
            titre=f"{titre} des projets {mots[1]}",
            definition=f"Somme des projets publiés {mots[1]}, chacun une fois, sur les fiches dont "
            "la source donne la valeur ; ce qu’elle ne donne pas ne compte pas pour zéro.",
            unite=unite,
            page=jeu,
            mesurer=partial(_somme, projets_de, nom),
            somme=True,
            jeu=jeu,
            fiches_de="projets",
        )
        for nom, titre, unite in noms
    ]


def _mediane(projets_de, nom, titre, vue):
    projets = projets_de(vue.fiche)
    totaux = projets.totaux()
    return mesure_de_la_mediane(projets.repartitions(totaux)[nom], totaux["projets"], titre)


def _medianes_de(jeu, mots, projets_de, *noms):
    """The medians beside these sums."""
    return [
        DeFiche(
            code=f"{mots[0]}-{nom.removesuffix('_eur').replace('_', '-')}-mediane",
            titre=f"{titre} : médiane des projets {mots[1]}, et les trois plus grands",
            definition=f"La moitié des projets publiés {mots[1]}, et dont la source donne la "
            "valeur, ne dépasse pas ce nombre, arrondi à l’unité ; le tableau nomme les trois plus "
            "grands.",
            unite=unite,
            page=jeu,
            mesurer=partial(_mediane, projets_de, nom, titre),
            somme=True,
            jeu=jeu,
            fiches_de="projets",
        )
        for nom, titre, unite in noms
    ]


EMPLOIS_CREES = ("emplois_crees", "Emplois créés", "emplois créés")
INVESTISSEMENT = ("investissement_eur", "Investissement", EUROS)


@dataclass(frozen=True)
class DessinDePortrait:
    """The chart of one part of the portrait of a territory, from the view of the record."""

    partie: str

    def __call__(self, vue):
        told = getattr(territoires.portrait_de(vue.fiche), self.partie)
        return told.graphique if told and getattr(told, "bassins", True) else None


def _dessin(dessiner, vue):
    drawn = dessiner(vue)
    return mesure_du_dessin(drawn) if drawn else Mesure(None, 0, 0, SANS_DESSIN)


SANS_DESSIN = "Non renseigné pour les membres de ce territoire"


def _portrait(partie, titre, definition):
    dessiner = DessinDePortrait(partie)
    return DeFiche(
        code=f"graphique-territoire-{partie}",
        titre=titre,
        definition=definition,
        unite="",
        page="territoires",
        mesurer=partial(_dessin, dessiner),
        dessiner=dessiner,
        jeu="territoires",
    )


CITABLES_DE_FICHES = [
    VALEUR,
    RECOMPTE,
    *_sommes_de("contrats", ("contrat", "du contrat"), _du_contrat, EMPLOIS_CREES, INVESTISSEMENT),
    *_medianes_de(
        "contrats", ("contrat", "du contrat"), _du_contrat, EMPLOIS_CREES, INVESTISSEMENT
    ),
    DeFiche(
        code="intercommunalite-projets",
        titre="Projets d’une intercommunalité",
        definition="Les projets publiés des communes de l’intercommunalité, chacun une fois.",
        unite="projets",
        page="intercommunalites",
        mesurer=partial(_projets, lieux.projets_de_l_intercommunalite),
        jeu="intercommunalites",
        fiches_de="projets",
    ),
    *_sommes_de(
        "intercommunalites",
        ("intercommunalite", "de l’intercommunalité"),
        lieux.projets_de_l_intercommunalite,
        EMPLOIS_CREES,
    ),
    DeFiche(
        code="region-completude",
        titre="Complétude des fiches d’une région",
        definition="Moyenne, de même poids, des parts de ce qui est renseigné des territoires que "
        "suit le comité, critère par critère.",
        unite="%",
        page="regions",
        mesurer=_completude,
        jeu="regions",
        fiches_de="réponses attendues",
    ),
    DeFiche(
        code="region-avancement",
        titre="Territoires d’une région dont un acte est publié",
        definition="Territoires que suit le comité, sur la carte de la phase 1, par l’acte publié "
        "le plus avancé de chacun.",
        unite="territoires",
        page="regions",
        mesurer=_avancement,
        jeu="regions",
        fiches_de="territoires",
    ),
    DeFiche(
        code="operateur-engagements",
        titre="Engagements d’un opérateur",
        definition="Ses engagements publiés, et ceux que prennent tous les opérateurs.",
        unite="engagements",
        page="operateurs",
        mesurer=_engagements,
        jeu="operateurs",
        fiches_de="engagements",
    ),
    DeFiche(
        code="operateur-couverture",
        titre="Territoires qui ont un référent d’un opérateur",
        definition="Part des territoires de la carte qui ont ce jour-là un référent publié de "
        "l’opérateur. Un territoire que deux régions partagent compte dans chacune.",
        unite="%",
        page="operateurs",
        mesurer=_couverture,
        jeu="operateurs",
        fiches_de="territoires",
    ),
    _portrait(
        "industrie",
        "L’industrie dans l’emploi d’un territoire",
        "Part de l’industrie dans l’emploi de chaque membre, pris entier. Une part ne s’additionne "
        "ni ne se moyenne.",
    ),
    _portrait(
        "recrutement",
        "Besoins de recrutement, bassin par bassin",
        "Bassins d’emploi où se trouve une commune du territoire, chacun entier : leurs projets de "
        "recrutement dans l’industrie ne s’additionnent pas d’un bassin à l’autre.",
    ),
    _portrait(
        "salaries",
        "L’emploi salarié privé d’un territoire",
        "Sommes et indices calculés sur les membres que chaque année renseigne.",
    ),
]
