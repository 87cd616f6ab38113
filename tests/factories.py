"""One factory per model: French data, valid rows, published when the model can be.

Codes are drawn outside those of the real geography, so that made rows live beside loaded ones.
Geography is found again by its code: `RegionFactory(code="28")` twice is one région, Normandie.
"""

import hashlib
from datetime import date, timedelta

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.text import slugify
from factory import LazyAttribute, LazyFunction, RelatedFactory, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from programme import models as programme
from programme.catalogue.suivre import abonnes
from programme.models.citations import code_of
from programme.taches import CHIFFRE
from territoires import models as territoires
from territoires.models import Role
from tests.fin_de_transaction import attente

MOT_DE_PASSE = "Un-mot-de-passe-de-test-2019"
PUBLIE = programme.Publication.PUBLIE

REGIONS = {
    "11": "Île-de-France",
    "28": "Normandie",
    "32": "Hauts-de-France",
    "44": "Grand Est",
    "53": "Bretagne",
    "75": "Nouvelle-Aquitaine",
    "76": "Occitanie",
    "84": "Auvergne-Rhône-Alpes",
}


class Fabrique(DjangoModelFactory):
    """What follows a row waits until a test reads it: see `fin_de_transaction`."""

    class Meta:
        abstract = True

    @classmethod
    def _generate(cls, strategy, params):
        with attente.paresse():
            return super()._generate(strategy, params)


def _siren(number):
    """A SIREN whose eight first digits are `number`, with its key."""
    digits = f"{number:08d}"
    doubled = [int(d) * (1 + rank % 2) for rank, d in enumerate(digits)]
    return f"{digits}{-sum(d - 9 * (d > 9) for d in doubled) % 10}"


# --- Geography --------------------------------------------------------------------------------


class RegionFactory(Fabrique):
    class Meta:
        model = territoires.Region
        django_get_or_create = ["code"]

    code = Sequence(lambda n: str(100 + n % 800))
    nom = LazyAttribute(lambda o: REGIONS.get(o.code, f"Région des Forges {o.code}"))
    slug = LazyAttribute(lambda o: slugify(o.nom))


class DepartementFactory(Fabrique):
    class Meta:
        model = territoires.Departement
        django_get_or_create = ["code"]

    code = Sequence(lambda n: str(100 + n % 800))
    nom = LazyAttribute(lambda o: f"Val-d’Acier {o.code}")
    region = SubFactory(RegionFactory)


class IntercommunaliteFactory(Fabrique):
    class Meta:
        model = territoires.Intercommunalite
        django_get_or_create = ["siren"]
        skip_postgeneration_save = True

    siren = Sequence(lambda n: f"9{n:08d}")
    nom = LazyAttribute(lambda o: f"CC du Pays des Forges {o.siren}")
    nature = territoires.Intercommunalite.Nature.CC
    population = 20_000
    nb_communes = 12
    lon = 0.15
    lat = 48.75

    @factory.post_generation
    def departements(self, create, extracted, **kwargs):
        """`departements=[…]`; one by default."""
        if create:
            self.departements.add(*([DepartementFactory()] if extracted is None else extracted))


class CommuneFactory(Fabrique):
    class Meta:
        model = territoires.Commune
        django_get_or_create = ["code"]
        skip_postgeneration_save = True

    code = Sequence(lambda n: f"99{n % 1000:03d}")
    nom = LazyAttribute(lambda o: f"L’Aigle-sur-Forge {o.code}")
    departement = SubFactory(DepartementFactory)
    intercommunalite = SubFactory(IntercommunaliteFactory, departements=[])
    population = 3_000
    lon = 0.62
    lat = 48.76

    @factory.post_generation
    def coherence(self, create, extracted, **kwargs):
        """The intercommunalité extends over the commune's département."""
        if create and self.intercommunalite:
            self.intercommunalite.departements.add(self.departement)


class CodePostalFactory(Fabrique):
    class Meta:
        model = territoires.CodePostal

    commune = SubFactory(CommuneFactory)
    code = Sequence(lambda n: f"{61_000 + n % 1000}")


class CommuneAncienneFactory(Fabrique):
    class Meta:
        model = territoires.CommuneAncienne

    code = Sequence(lambda n: f"98{n % 1000:03d}")
    nom = LazyAttribute(lambda o: f"Saint-Éloi-des-Forges {o.code}")
    commune = SubFactory(CommuneFactory)
    nature = territoires.CommuneAncienne.Nature.DELEGUEE


class MouvementCommuneFactory(Fabrique):
    """A commune that left its intercommunalité of 2022 for another."""

    class Meta:
        model = territoires.MouvementCommune

    commune = SubFactory(CommuneFactory)
    date = date(2024, 1, 1)
    quittee = LazyAttribute(lambda o: o.commune.intercommunalite)
    rejointe = SubFactory(IntercommunaliteFactory)


# --- Who --------------------------------------------------------------------------------------


class OperateurFactory(Fabrique):
    class Meta:
        model = territoires.Operateur

    code = Sequence(lambda n: f"operateur-{n}")
    nom = LazyAttribute(lambda o: o.code.replace("operateur-", "Opérateur "))
    nom_actuel = SelfAttribute("nom")
    missions = "Financement et accompagnement des entreprises"


class AgentFactory(Fabrique):
    """A national administrator; its password is `MOT_DE_PASSE`. Other roles: see below."""

    class Meta:
        model = territoires.Agent
        skip_postgeneration_save = True

    email = Sequence(lambda n: f"camille.martin{n}@agents.example")
    nom = Sequence(lambda n: f"Camille Martin {n}")
    fonction = "Cheffe de mission"
    role = Role.NATIONAL
    password = factory.LazyFunction(lambda: make_password(MOT_DE_PASSE))

    @factory.post_generation
    def regions(self, create, extracted, **kwargs):
        """`regions=[…]`; one by default for the roles of a région."""
        regional = self.role in {Role.SECRETARIAT, Role.REDACTEUR, Role.LECTEUR}
        if create and (extracted or regional):
            self.regions.add(*([RegionFactory()] if extracted is None else extracted))


class NationalFactory(AgentFactory):
    pass


class SecretariatFactory(AgentFactory):
    role = Role.SECRETARIAT


class RedacteurFactory(AgentFactory):
    role = Role.REDACTEUR


class LecteurFactory(AgentFactory):
    role = Role.LECTEUR


class ReferentAgentFactory(AgentFactory):
    """An officer of an opérateur; not to be confused with the `Referent` of a territory."""

    role = Role.REFERENT
    operateur = SubFactory(OperateurFactory)


# --- The map ----------------------------------------------------------------------------------


class TerritoireFactory(Fabrique):
    """A territory of phase 1 since 2019-11-14, with one member; `rattachement=None`: without.

    `phase_id=2`: one of today's.
    """

    class Meta:
        model = territoires.Territoire
        skip_postgeneration_save = True

    code = Sequence(lambda n: f"ti-{5400 + n % 2000}")
    phase_id = 1
    nom = LazyAttribute(lambda o: f"Vallée des Forges {o.code[3:]}")
    slug = LazyAttribute(lambda o: f"vallee-des-forges-{o.code[3:]}")
    region_porteuse = SubFactory(RegionFactory)
    source_entree = "liste ANCT du 15/10/2020"
    rattachement = RelatedFactory("tests.factories.RattachementFactory", "territoire")

    @factory.post_generation
    def regions(self, create, extracted, **kwargs):
        """`regions=[…]`; the région porteuse is always among them."""
        if create:
            self.regions.add(self.region_porteuse, *(extracted or []))

    @factory.post_generation
    def departements(self, create, extracted, **kwargs):
        """`departements=[…]`; one of the région porteuse by default."""
        if create:
            default = [DepartementFactory(region=self.region_porteuse)] if extracted is None else []
            self.departements.add(*(extracted or default))


class AutreNomFactory(Fabrique):
    class Meta:
        model = territoires.AutreNom

    territoire = SubFactory(TerritoireFactory)
    nom = Sequence(lambda n: f"Pays des Forges {n}")


class RattachementFactory(Fabrique):
    """An intercommunalité; for a commune alone: `intercommunalite=None, commune=…`."""

    class Meta:
        model = territoires.Rattachement

    territoire = SubFactory(TerritoireFactory, rattachement=None)
    intercommunalite = SubFactory(IntercommunaliteFactory)
    debut = date(2019, 11, 14)
    certitude = territoires.Certitude.AU_PLUS_TARD
    source = "liste ANCT du 15/10/2020"


class PhaseFactory(Fabrique):
    """A phase after the two that every base has."""

    class Meta:
        model = territoires.Phase

    numero = Sequence(lambda n: 3 + n)
    nom = LazyAttribute(lambda o: f"Phase {o.numero}")
    debut = LazyAttribute(lambda o: date(2030 + o.numero, 1, 1))
    reference = LazyAttribute(lambda o: o.debut)


class ListeFactory(Fabrique):
    class Meta:
        model = territoires.Liste

    date = Sequence(lambda n: date(2030, 1, 1) + timedelta(days=n))
    phase_id = 1
    nombre = 146
    source = "anct-liste-146"


class LigneeFactory(Fabrique):
    """Two territories, one of each phase, with the same member: `avant`, `apres`."""

    class Meta:
        model = territoires.Lignee

    avant = SubFactory(TerritoireFactory, rattachement=None)
    apres = SubFactory(TerritoireFactory, rattachement=None, phase_id=2)

    @classmethod
    def _create(cls, model_class, avant, apres):
        shared = CommuneFactory().intercommunalite
        RattachementFactory(territoire=avant, intercommunalite=shared)
        RattachementFactory(
            territoire=apres,
            intercommunalite=shared,
            debut=date(2023, 11, 9),
            certitude=territoires.Certitude.EXACTE,
        )
        return model_class.objects.get(avant=avant, apres=apres)


class LigneChargeeFactory(Fabrique):
    class Meta:
        model = territoires.LigneChargee

    fichier = "territoires.csv"
    cle = Sequence(lambda n: f"ti-{n}")
    objet = SelfAttribute("cle")
    valeurs = LazyAttribute(lambda o: {"code": o.cle})


class EtatAncienFactory(Fabrique):
    class Meta:
        model = territoires.EtatAncien

    modele = "territoires.Phase"
    cle = "1"
    valeurs = LazyAttribute(lambda o: {"numero": o.cle})


# --- Committees and contracts -----------------------------------------------------------------


class ModificationFactory(Fabrique):
    class Meta:
        model = territoires.Modification

    porte = "acte"
    acte = "signer"
    texte = "protocole d’accord – Pays de l’Aigle : signé"
    modele = "programme.Contrat"
    objet = "1"


class ComiteRegionalFactory(Fabrique):
    class Meta:
        model = programme.ComiteRegional
        django_get_or_create = ["region"]

    region = SubFactory(RegionFactory)
    presidence = "Présidence du conseil régional"


class ComiteNationalFactory(Fabrique):
    class Meta:
        model = programme.ComiteNational

    nom = Sequence(lambda n: f"Comité de pilotage national {n}")


class SeanceFactory(Fabrique):
    """Of a regional committee; for the national one: `comite_regional=None, comite_national=…`."""

    class Meta:
        model = programme.Seance

    publication = PUBLIE
    comite_regional = SubFactory(ComiteRegionalFactory)
    date = date(2019, 4, 30)
    lieu = "Caen"


class DecisionFactory(Fabrique):
    class Meta:
        model = programme.Decision

    seance = SubFactory(SeanceFactory)
    type = "autre"
    texte = "Le comité prend acte du bilan de l’année."


class ContratFactory(Fabrique):
    class Meta:
        model = programme.Contrat

    publication = PUBLIE
    territoire = SubFactory(TerritoireFactory)
    type = programme.Contrat.Type.CONTRAT
    intitule = LazyAttribute(lambda o: o.territoire.nom)
    slug = Sequence(lambda n: f"contrat-des-forges-{n}")
    statut = programme.Contrat.Statut.SIGNE
    date_signature = date(2019, 12, 9)
    precision_signature = programme.Precision.JOUR
    lieu = "L’Aigle"
    nb_actions = 10
    montant_eur = 40_000_000
    source = "https://www.example.org/contrat"


class SignataireFactory(Fabrique):
    class Meta:
        model = programme.Signataire

    contrat = SubFactory(ContratFactory)
    organisme = Sequence(lambda n: f"Communauté de communes des Forges {n}")
    nom = "Dominique Lefèvre"
    fonction = "Président"
    signe_le = date(2019, 12, 9)


class AvenantFactory(Fabrique):
    class Meta:
        model = programme.Avenant

    contrat = SubFactory(ContratFactory)
    numero = Sequence(lambda n: n % 30_000 + 1)
    objet = "Ajout de deux actions"
    date_signature = date(2020, 6, 15)


# --- Projects and money -----------------------------------------------------------------------


def _commune_of(projet):
    """A commune in the région of the project's territory, when it has one."""
    if projet.territoire is None:
        return CommuneFactory()
    return CommuneFactory(departement__region=projet.territoire.region_porteuse)


class ProjetFactory(Fabrique):
    """In a territory; `territoire=None` for a project outside any."""

    class Meta:
        model = programme.Projet

    publication = PUBLIE
    code = Sequence(lambda n: f"essai-{n:05d}")
    slug = LazyAttribute(lambda o: f"{o.code}-forges")
    beneficiaire = Sequence(lambda n: f"Forges de l’Iton {n}")
    siren = Sequence(lambda n: _siren(8_000_000 + n))
    categorie = "TPE / PME"
    filiere = "Bois"
    objet = Sequence(lambda n: f"Hausse de capacité d’un atelier {n}")
    axe = programme.Projet.Axe.INNOVER
    territoire = SubFactory(TerritoireFactory)
    commune = LazyAttribute(_commune_of)
    departement = LazyAttribute(lambda o: o.commune and o.commune.departement)
    departement_cite = LazyAttribute(lambda o: o.departement.code if o.departement else "")
    code_postal = "61300"
    localisation = programme.Projet.Localisation.COORDONNEES
    lon = 0.62
    lat = 48.76
    emplois_crees = 8
    emplois_maintenus = 20
    investissement_eur = 1_500_000
    mise_a_jour = date(2021, 3, 2)
    source = "dge-plan-de-relance"


def projets(nombre, **values):
    """Many projects of one place: the territory and the commune cost more than the project."""
    territoire = TerritoireFactory()
    commune = CommuneFactory(departement__region=territoire.region_porteuse)
    shared = {"territoire": territoire, "commune": commune}
    return ProjetFactory.create_batch(nombre, **(shared | values))


class FinanceurFactory(Fabrique):
    class Meta:
        model = programme.Financeur

    nom = Sequence(lambda n: f"Conseil régional {n}")
    slug = Sequence(lambda n: f"conseil-regional-{n}")
    type = programme.Financeur.Type.REGION


class EnveloppeFactory(Fabrique):
    """A national budget; for a région's: `region=…`."""

    class Meta:
        model = programme.Enveloppe

    publication = PUBLIE
    fonds = "Fonds d’accélération des investissements industriels dans les territoires"
    intitule = Sequence(lambda n: f"Enveloppe {n}")
    annee = 2021
    montant_eur = 50_000_000
    source = "001_902e68a0463380e5"


class FinancementFactory(Fabrique):
    class Meta:
        model = programme.Financement

    projet = SubFactory(ProjetFactory)
    financeur = SubFactory(FinanceurFactory)
    enveloppe = SubFactory(EnveloppeFactory)
    montant_demande_eur = 400_000
    montant_accorde_eur = 300_000
    montant_verse_eur = 100_000
    accorde_le = date(2021, 3, 2)


# --- Operators --------------------------------------------------------------------------------


class ConventionFactory(Fabrique):
    class Meta:
        model = programme.Convention

    publication = PUBLIE
    operateur = SubFactory(OperateurFactory)
    intitule = "Convention de mobilisation"
    signee_le = date(2019, 3, 6)
    lieu = "Lyon"
    source = "004_f0760174eb9333aa"


class EngagementFactory(Fabrique):
    class Meta:
        model = programme.Engagement

    publication = PUBLIE
    code = Sequence(lambda n: f"engagement-{n}")
    operateur = SubFactory(OperateurFactory)
    intitule = "Accompagner chaque année des territoires prioritaires"
    type = programme.Engagement.Type.ACCOMPAGNEMENT
    cible = 20
    unite = "territoires"
    rythme = "par an"
    debut = 2019
    approximatif = False
    source = "004_f0760174eb9333aa"


class RealisationFactory(Fabrique):
    class Meta:
        model = programme.Realisation

    publication = PUBLIE
    engagement = SubFactory(EngagementFactory)
    operateur = LazyAttribute(lambda o: o.engagement.operateur or OperateurFactory())
    annee = 2020
    valeur = 18
    source = "Bilan de l’opérateur, 2020"


class ReferentFactory(Fabrique):
    class Meta:
        model = programme.Referent

    publication = PUBLIE
    operateur = SubFactory(OperateurFactory)
    territoire = SubFactory(TerritoireFactory)
    nom = "Dominique Lefèvre"
    fonction = "Chargé d’affaires"
    debut = date(2019, 9, 1)


class ServiceFactory(Fabrique):
    class Meta:
        model = programme.Service

    publication = PUBLIE
    code = Sequence(lambda n: f"service-{n}")
    operateur = SubFactory(OperateurFactory)
    intitule = "Accélérateur"
    source = "004_f0760174eb9333aa"


class TerritoirePrioritaireFactory(Fabrique):
    class Meta:
        model = programme.TerritoirePrioritaire

    publication = PUBLIE
    operateur = SubFactory(OperateurFactory)
    territoire = SubFactory(TerritoireFactory)
    annee = 2019
    source = "Liste de l’opérateur, 2019"


# --- Figures and documents --------------------------------------------------------------------


class SourceFactory(Fabrique):
    class Meta:
        model = programme.Source

    code = Sequence(lambda n: f"source-{n}")
    titre = Sequence(lambda n: f"Communiqué n° {n}")
    editeur = "Ministère de la Cohésion des territoires"
    date = date(2019, 3, 6)
    precision_date = programme.Precision.JOUR
    url = LazyAttribute(lambda o: f"https://www.example.org/{o.code}")


class ChiffreAnnonceFactory(Fabrique):
    class Meta:
        model = programme.ChiffreAnnonce

    publication = PUBLIE
    date = date(2019, 3, 6)
    precision_date = programme.Precision.JOUR
    indicateur = Sequence(lambda n: f"territoires-{n}")
    valeur = 136
    unite = "territoires"
    nature = programme.ChiffreAnnonce.Nature.EXACT
    source = "000_0e414c3b78148b42"


class FaitFactory(Fabrique):
    class Meta:
        model = programme.Fait

    publication = PUBLIE
    code = Sequence(lambda n: f"projets-{n}")
    phase = 1
    theme = programme.Fait.Theme.PROJETS
    date = date(2021, 3, 23)
    precision_date = programme.Precision.JOUR
    indicateur = "projets_fonds_acceleration"
    intitule = Sequence(lambda n: f"Projets soutenus {n}")
    valeur = 531
    unite = "projets"
    nature = programme.Fait.Nature.EXACT
    contexte = "90 % PME et ETI"
    source = "banquedesterritoires-3"


class ConfrontationFactory(Fabrique):
    class Meta:
        model = programme.Confrontation

    publication = PUBLIE
    code = Sequence(lambda n: f"emplois-{n}")
    sujet = Sequence(lambda n: f"emplois annoncés {n}")
    nature = programme.Confrontation.Nature.DESACCORD
    valeur_a = "43 000"
    date_a = date(2023, 4, 24)
    precision_a = programme.Precision.AU_PLUS_TARD
    perimetre_a = "148 territoires"
    source_a = "banquedesterritoires-7"
    valeur_b = "44 700"
    source_b = "latribune-1"


class JalonFactory(Fabrique):
    class Meta:
        model = programme.Jalon

    publication = PUBLIE
    date = date(2019, 3, 6)
    precision_date = programme.Precision.JOUR
    intitule = Sequence(lambda n: f"Assemblée générale n° {n}")
    lieu = "Lyon"
    source = "000_0e414c3b78148b42"


class PersonneFactory(Fabrique):
    class Meta:
        model = programme.Personne

    publication = PUBLIE
    code = Sequence(lambda n: f"personne-{n}")
    nom = Sequence(lambda n: f"Camille Martin {n}")
    fonction = "présidente d’une association"
    date = date(2019, 3, 6)
    precision_date = programme.Precision.JOUR
    source = "000_0e414c3b78148b42"


class AffirmationFactory(Fabrique):
    class Meta:
        model = programme.Affirmation

    publication = PUBLIE
    code = Sequence(lambda n: f"affirmation-{n}")
    rubrique = programme.Affirmation.Rubrique.BUT
    titre = Sequence(lambda n: f"But {n}")
    texte = "Ce que dit une source."
    date = date(2019, 3, 6)
    precision_date = programme.Precision.JOUR
    source = "000_0e414c3b78148b42"


class TermeFactory(Fabrique):
    class Meta:
        model = programme.Terme

    publication = PUBLIE
    code = Sequence(lambda n: f"mot-{n}")
    mot = Sequence(lambda n: f"mot {n}")
    definition = "Ce qu’il veut dire."


class DocumentFactory(Fabrique):
    """Of a territory; for another object: `territoire=None, contrat=…` (or projet, seance)."""

    class Meta:
        model = programme.Document

    publication = PUBLIE
    titre = Sequence(lambda n: f"Feuille de route {n}")
    date = date(2019, 9, 24)
    url = "https://www.example.org/feuille-de-route.pdf"
    territoire = SubFactory(TerritoireFactory)


# --- Diagnosis --------------------------------------------------------------------------------


class BassinEmploiFactory(Fabrique):
    class Meta:
        model = programme.BassinEmploi

    code = Sequence(lambda n: f"9{n % 10_000:04d}")
    nom = LazyAttribute(lambda o: f"Bassin de L’Aigle {o.code}")
    departement = SubFactory(DepartementFactory)


class BassinCommuneFactory(Fabrique):
    class Meta:
        model = programme.BassinCommune

    commune = SubFactory(CommuneFactory)
    bassin = SubFactory(BassinEmploiFactory)


class MesureEmploiFactory(Fabrique):
    class Meta:
        model = programme.MesureEmploi

    indicateur = programme.MesureEmploi.Indicateur.PART_INDUSTRIE
    annee = 2022
    intercommunalite = SubFactory(IntercommunaliteFactory)
    valeur = 15
    source = "insee-rp-2022-industrie"


class MetierFactory(Fabrique):
    class Meta:
        model = programme.Metier

    code = Sequence(lambda n: f"Z{n % 10_000:04d}")
    nom = Sequence(lambda n: f"Soudeurs et soudeuses {n}")


class BesoinMainOeuvreFactory(Fabrique):
    class Meta:
        model = programme.BesoinMainOeuvre

    annee = 2024
    bassin = SubFactory(BassinEmploiFactory)
    metier = SubFactory(MetierFactory)
    projets = 30
    difficiles = 12
    saisonniers = 4


class ParutionFactory(Fabrique):
    class Meta:
        model = programme.Parution

    numero = Sequence(lambda n: n + 1)
    version = 1
    par = programme.Parution.Par.COMMANDE


class FichierParutionFactory(Fabrique):
    class Meta:
        model = programme.FichierParution

    parution = SubFactory(ParutionFactory)
    genre = programme.FichierParution.Genre.DONNEES
    jeu = "projets"
    format = "csv"
    sha256 = Sequence(lambda n: hashlib.sha256(f"fichier {n}".encode()).hexdigest())
    octets = 1_234
    lignes = 12


class EmpreinteAncienneFactory(Fabrique):
    class Meta:
        model = programme.EmpreinteAncienne

    fichier = SubFactory(FichierParutionFactory)
    sha256 = Sequence(lambda n: hashlib.sha256(f"ancien {n}".encode()).hexdigest())
    octets = 1_240
    motif = "Un numéro de téléphone y était publié par erreur."


class PreuveFactory(Fabrique):
    class Meta:
        model = programme.Preuve

    sha256 = Sequence(lambda n: f"{n:064x}")
    jeu = "projets"
    format = "csv"
    adresse = "/projets/?format=csv"
    lignes = 1_158
    octets = 300_000
    version = 1


class CitationFactory(Fabrique):
    """The number of published projects, all of them, as somebody cited it."""

    class Meta:
        model = programme.Citation

    code = Sequence(lambda n: code_of("citation", n))
    citable = "projets"
    requete = ""
    valeur = 1_158
    fiches = 1_158
    renseignees = 1_158
    lecture = LazyFunction(
        lambda: {
            "liste": "Projets",
            "filtres": [],
            "ecartes": [],
            "sources": ["DGE"],
            "horizon": "Dernière source : 31 mars 2022 ; rien n’est attesté après cette date",
            "constat": "",
            "tableau": [],
        }
    )
    version = 1
    moment = LazyFunction(timezone.now)


class TacheFactory(Fabrique):
    """A mail that waits for the clock."""

    class Meta:
        model = programme.Tache

    genre = "courriel"
    charge = LazyFunction(lambda: CHIFFRE.encrypt('{"subject": "Objet", "to": []}'))


class TourneeFactory(Fabrique):
    class Meta:
        model = programme.Tournee

    nom = Sequence(lambda n: f"entretien {n}")
    commencee_le = LazyFunction(timezone.now)


class AbonneFactory(Fabrique):
    class Meta:
        model = programme.Abonne

    class Params:
        adresse = Sequence(lambda n: f"abonnee{n}@exemple.fr")

    courriel = LazyAttribute(lambda o: abonnes.CHIFFRE.encrypt(o.adresse))
    empreinte = LazyAttribute(lambda o: abonnes.CHIFFRE.empreintes(o.adresse)[0])


class AbonnementFactory(Fabrique):
    """The projects of Normandie, confirmed."""

    class Meta:
        model = programme.Abonnement

    abonne = SubFactory(AbonneFactory)
    vue = "projets"
    cle = "region=28"
    confirme_le = LazyFunction(timezone.now)
    vu_le = SelfAttribute("confirme_le")


class EnvoiFactory(Fabrique):
    class Meta:
        model = programme.Envoi

    jour = Sequence(lambda n: date(2021, 1, 1) + timedelta(days=n))


class AvisFactory(Fabrique):
    """A contract to validate, told to a secretariat."""

    class Meta:
        model = programme.Avis

    class Params:
        record = SubFactory(ContratFactory, publication="à valider")

    destinataire = SubFactory("tests.factories.SecretariatFactory")
    genre = programme.Avis.Genre.PROPOSE
    modele = LazyAttribute(lambda o: o.record._meta.label_lower)
    cle = LazyAttribute(lambda o: str(o.record.pk))


class RythmeAvisFactory(Fabrique):
    class Meta:
        model = programme.RythmeAvis

    agent = SubFactory("tests.factories.SecretariatFactory")


class VueDeListeFactory(Fabrique):
    """The signed contracts, as a secretariat keeps them."""

    class Meta:
        model = programme.VueDeListe

    agent = SubFactory("tests.factories.SecretariatFactory")
    liste = "programme.contrat"
    nom = Sequence(lambda n: f"Contrats signés {n}")
    filtres = LazyAttribute(lambda o: [["statut__exact", "signé"]])


class ImportFactory(Fabrique):
    """A file of projects, deposited and not read yet."""

    class Meta:
        model = programme.Import

    genre = "projets"
    agent = SubFactory("tests.factories.RedacteurFactory")
    nom_fichier = "projets.csv"
    contenu = b"code,beneficiaire\r\n"
    sha256 = LazyAttribute(lambda o: hashlib.sha256(o.contenu).hexdigest())
    octets = LazyAttribute(lambda o: len(o.contenu))


class LigneImportFactory(Fabrique):
    class Meta:
        model = programme.LigneImport

    depot = SubFactory(ImportFactory)
    numero = Sequence(lambda n: n + 2)
    nature = programme.LigneImport.Nature.NOUVEAU
    nom = "Forges de L’Aigle"


class JournalAccesFactory(Fabrique):
    class Meta:
        model = programme.JournalAcces

    acte = programme.JournalAcces.Acte.CONNEXION
    agent = SubFactory(AgentFactory)
    adresse = LazyAttribute(lambda o: o.agent.email)
    ip = "192.0.2.1"
    navigateur = "Firefox"


class PropositionFactory(Fabrique):
    """Another name for the place of `record`, a contract by default; by a rédacteur."""

    class Meta:
        model = programme.Proposition

    class Params:
        record = SubFactory(ContratFactory)

    genre = LazyAttribute(lambda o: o.record._meta.label_lower)
    cle = LazyAttribute(lambda o: str(o.record.pk))
    nom = LazyAttribute(lambda o: str(o.record))
    version_vue = LazyAttribute(lambda o: o.record.version)
    changements = LazyAttribute(
        lambda o: {"champs": {"lieu": [o.record.lieu, "Canaries-sur-Forge"]}, "lignes": []}
    )
    motif = "D’après le procès-verbal des canaris"
    auteur = SubFactory(RedacteurFactory)


class DecisionPrepareeFactory(Fabrique):
    """The publication of a contract, that a séance to come would decide."""

    class Meta:
        model = programme.DecisionPreparee

    seance = SubFactory(SeanceFactory)
    ordre = Sequence(lambda n: n % 1000 + 1)
    acte = "publier"
    texte = "Le comité décide de publier le contrat des canaris."
    contrat = SubFactory(ContratFactory)


class DonneesVersionFactory(Fabrique):
    class Meta:
        model = programme.DonneesVersion
        django_get_or_create = ["id"]

    id = 1
