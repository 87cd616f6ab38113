"""The one rule of access: what each role sees of each model, shared territories included."""

from dataclasses import dataclass

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser

from programme.models import Engagement, Projet, Proposition, Publication
from programme.models.base import Publiable
from territoires.models import Operateur, Region, Territoire
from tests import factories as f

pytestmark = pytest.mark.django_db


@dataclass
class Lieu:
    """A région with its territory, and an opérateur: where the rows of a test are put."""

    region: Region
    operateur: Operateur
    territoire: Territoire


def lieu():
    region = f.RegionFactory()
    territoire = f.TerritoireFactory(region_porteuse=region, rattachement=None)
    return Lieu(region, f.OperateurFactory(), territoire)


def seance(place):
    return f.SeanceFactory(comite_regional__region=place.region)


def referent_agent(place):
    return f.ReferentAgentFactory(operateur=place.operateur)


def projet_hors_territoire(place):
    commune = f.CommuneFactory(departement__region=place.region)
    return f.ProjetFactory(territoire=None, commune=commune)


# What a regional role and a référent d'opérateur see of a model: every row, their own, none.
TOUT, SIEN, RIEN = "tout", "sien", "rien"

# name: (row of a place, what a regional role sees, what a référent sees)
CAS = {
    "Region": (lambda p: p.region, TOUT, TOUT),
    "Departement": (lambda p: f.DepartementFactory(region=p.region), TOUT, TOUT),
    "Intercommunalite": (lambda p: f.IntercommunaliteFactory(), TOUT, TOUT),
    "Commune": (lambda p: f.CommuneFactory(), TOUT, TOUT),
    "CodePostal": (lambda p: f.CodePostalFactory(), TOUT, TOUT),
    "CommuneAncienne": (lambda p: f.CommuneAncienneFactory(), TOUT, TOUT),
    "MouvementCommune": (lambda p: f.MouvementCommuneFactory(), TOUT, TOUT),
    "Phase": (lambda p: f.PhaseFactory(), TOUT, TOUT),
    "Liste": (lambda p: f.ListeFactory(), TOUT, TOUT),
    "Modification": (lambda p: f.ModificationFactory(), RIEN, RIEN),
    "Operateur": (lambda p: p.operateur, TOUT, SIEN),
    "Agent": (referent_agent, RIEN, RIEN),
    "JournalAcces": (lambda p: f.JournalAccesFactory(), RIEN, RIEN),
    "LigneChargee": (lambda p: f.LigneChargeeFactory(), RIEN, RIEN),
    "EtatAncien": (lambda p: f.EtatAncienFactory(), RIEN, RIEN),
    "Territoire": (lambda p: p.territoire, SIEN, TOUT),
    "AutreNom": (lambda p: f.AutreNomFactory(territoire=p.territoire), SIEN, TOUT),
    "Rattachement": (lambda p: f.RattachementFactory(territoire=p.territoire), SIEN, TOUT),
    "Lignee": (lambda p: f.LigneeFactory(), TOUT, TOUT),
    "ComiteRegional": (lambda p: f.ComiteRegionalFactory(region=p.region), SIEN, RIEN),
    "ComiteNational": (lambda p: f.ComiteNationalFactory(), RIEN, RIEN),
    "Seance": (seance, SIEN, RIEN),
    "Decision": (lambda p: f.DecisionFactory(seance=seance(p)), SIEN, RIEN),
    "DecisionPreparee": (lambda p: f.DecisionPrepareeFactory(seance=seance(p)), SIEN, RIEN),
    "Contrat": (lambda p: f.ContratFactory(territoire=p.territoire), SIEN, RIEN),
    "Signataire": (
        lambda p: f.SignataireFactory(contrat__territoire=p.territoire),
        SIEN,
        RIEN,
    ),
    "Avenant": (lambda p: f.AvenantFactory(contrat__territoire=p.territoire), SIEN, RIEN),
    "Projet": (lambda p: f.ProjetFactory(territoire=p.territoire), SIEN, RIEN),
    "Projet hors territoire": (projet_hors_territoire, SIEN, RIEN),
    "Financement": (
        lambda p: f.FinancementFactory(projet__territoire=p.territoire),
        SIEN,
        RIEN,
    ),
    "Financeur": (lambda p: f.FinanceurFactory(), TOUT, TOUT),
    "Enveloppe": (lambda p: f.EnveloppeFactory(region=p.region), SIEN, RIEN),
    "Convention": (lambda p: f.ConventionFactory(operateur=p.operateur), TOUT, SIEN),
    "Engagement": (lambda p: f.EngagementFactory(operateur=p.operateur), TOUT, SIEN),
    "Realisation": (
        lambda p: f.RealisationFactory(engagement__operateur=p.operateur),
        TOUT,
        SIEN,
    ),
    "Service": (lambda p: f.ServiceFactory(operateur=p.operateur), TOUT, SIEN),
    "Referent": (
        lambda p: f.ReferentFactory(territoire=p.territoire, operateur=p.operateur),
        SIEN,
        SIEN,
    ),
    "TerritoirePrioritaire": (
        lambda p: f.TerritoirePrioritaireFactory(territoire=p.territoire, operateur=p.operateur),
        SIEN,
        SIEN,
    ),
    "Source": (lambda p: f.SourceFactory(), TOUT, TOUT),
    "ChiffreAnnonce": (lambda p: f.ChiffreAnnonceFactory(), TOUT, TOUT),
    "Fait": (lambda p: f.FaitFactory(), TOUT, TOUT),
    "Confrontation": (lambda p: f.ConfrontationFactory(), TOUT, TOUT),
    "Jalon": (lambda p: f.JalonFactory(), TOUT, TOUT),
    "Personne": (lambda p: f.PersonneFactory(), TOUT, TOUT),
    "Affirmation": (lambda p: f.AffirmationFactory(), TOUT, TOUT),
    "Terme": (lambda p: f.TermeFactory(), TOUT, TOUT),
    "Document": (lambda p: f.DocumentFactory(territoire=p.territoire), SIEN, RIEN),
    "Document d’un contrat": (
        lambda p: f.DocumentFactory(
            territoire=None, contrat=f.ContratFactory(territoire=p.territoire)
        ),
        SIEN,
        RIEN,
    ),
    "Document d’une séance": (
        lambda p: f.DocumentFactory(territoire=None, seance=seance(p)),
        SIEN,
        RIEN,
    ),
    "Parution": (lambda p: f.ParutionFactory(), RIEN, RIEN),
    "FichierParution": (lambda p: f.FichierParutionFactory(), RIEN, RIEN),
    "EmpreinteAncienne": (lambda p: f.EmpreinteAncienneFactory(), RIEN, RIEN),
    "Preuve": (lambda p: f.PreuveFactory(), RIEN, RIEN),
    "Avis": (lambda p: f.AvisFactory(), RIEN, RIEN),
    "RythmeAvis": (lambda p: f.RythmeAvisFactory(), RIEN, RIEN),
    "Citation": (lambda p: f.CitationFactory(), RIEN, RIEN),
    "Abonne": (lambda p: f.AbonneFactory(), RIEN, RIEN),
    "Abonnement": (lambda p: f.AbonnementFactory(), RIEN, RIEN),
    "Envoi": (lambda p: f.EnvoiFactory(), RIEN, RIEN),
    "Tache": (lambda p: f.TacheFactory(), RIEN, RIEN),
    "Tournee": (lambda p: f.TourneeFactory(), RIEN, RIEN),
    "Proposition sur un contrat": (
        lambda p: f.PropositionFactory(record=f.ContratFactory(territoire=p.territoire)),
        SIEN,
        RIEN,
    ),
    "Proposition sur un territoire": (
        lambda p: f.PropositionFactory(
            record=p.territoire, changements={"champs": {"elu": ["", "A. B."]}, "lignes": []}
        ),
        SIEN,
        RIEN,
    ),
    "BassinEmploi": (lambda p: f.BassinEmploiFactory(), TOUT, TOUT),
    "BassinCommune": (lambda p: f.BassinCommuneFactory(), TOUT, TOUT),
    "Metier": (lambda p: f.MetierFactory(), TOUT, TOUT),
    "BesoinMainOeuvre": (lambda p: f.BesoinMainOeuvreFactory(), TOUT, TOUT),
    "MesureEmploi": (lambda p: f.MesureEmploiFactory(), TOUT, TOUT),
}


def test_every_model_with_a_perimeter_is_proved():
    declared = {
        model.__name__
        for label in ("territoires", "programme")
        for model in apps.get_app_config(label).get_models()
        if hasattr(model, "perimetre") and model._meta.managed
    }
    assert {name.split(" ")[0] for name in CAS} == declared


@pytest.mark.parametrize("name", CAS)
def test_each_role_sees_what_is_theirs(name):
    make, regional, referent = CAS[name]
    here, elsewhere = lieu(), lieu()
    mine, other = make(here), make(elsewhere)
    objects = type(mine)._default_manager
    expected = {TOUT: {mine, other}, SIEN: {mine}, RIEN: set()}

    def seen(agent):
        found = list(objects.visible_to(agent).filter(pk__in=[mine.pk, other.pk]))
        assert len(found) == len(set(found))
        return set(found)

    assert seen(f.NationalFactory()) == {mine, other}
    for factory in (f.SecretariatFactory, f.RedacteurFactory, f.LecteurFactory):
        assert seen(factory(regions=[here.region])) == expected[regional], factory
    assert seen(f.ReferentAgentFactory(operateur=here.operateur)) == expected[referent]


@pytest.mark.parametrize("name", [name for name, (_, *seen) in CAS.items() if TOUT in seen])
def test_what_is_not_published_is_under_embargo(name):
    """What nobody of a région or an opérateur answers for is read by all once it is published."""
    make, regional, referent = CAS[name]
    row = make(lieu())
    if not isinstance(row, Publiable):
        return
    objects = type(row)._default_manager
    readers = []
    if regional == TOUT:
        readers += [f.SecretariatFactory(), f.RedacteurFactory(), f.LecteurFactory()]
    if referent == TOUT:
        readers += [f.ReferentAgentFactory()]
    national = f.NationalFactory()
    for publication in Publication:
        objects.filter(pk=row.pk).update(publication=publication)
        assert objects.visible_to(national).filter(pk=row.pk).exists()
        for agent in readers:
            seen = objects.visible_to(agent).filter(pk=row.pk).exists()
            assert seen == (publication == Publication.PUBLIE), (publication, agent.role)


def test_an_operateur_reads_its_own_drafts_and_no_other():
    ours, theirs = f.OperateurFactory(), f.OperateurFactory()
    drafts = [
        f.EngagementFactory(operateur=owner, publication=Publication.BROUILLON)
        for owner in (ours, theirs, None)
    ]
    seen = Engagement.objects.visible_to(f.ReferentAgentFactory(operateur=ours))
    assert list(seen) == drafts[:1]


@pytest.mark.parametrize("name", CAS)
def test_nobody_outside_the_offices_sees_anything(name):
    make, _, _ = CAS[name]
    row = make(lieu())
    objects = type(row)._default_manager
    for agent in (AnonymousUser(), f.NationalFactory(is_active=False)):
        assert not objects.visible_to(agent).exists()


@pytest.mark.parametrize(
    "name", [name for name, (_, regional, _) in CAS.items() if regional == SIEN]
)
def test_a_shared_territory_belongs_to_its_two_regions(name):
    """What hangs on Lacq-Pau-Tarbes is open to both committees, once each."""
    make, _, _ = CAS[name]
    place = lieu()
    partner = f.RegionFactory()
    place.territoire.regions.add(partner)
    row = make(place)
    by_territory = any("territoire" in path for path in type(row).perimetre.regions) or isinstance(
        row, Territoire | Proposition
    )
    on_territory = by_territory and name not in {"Projet hors territoire", "Document d’une séance"}
    for region, sees in ((place.region, True), (partner, on_territory)):
        agent = f.SecretariatFactory(regions=[region])
        found = list(type(row)._default_manager.visible_to(agent).filter(pk=row.pk))
        assert found == [row] * sees


def test_an_agent_of_several_regions_sees_a_shared_row_once():
    place = lieu()
    partner = f.RegionFactory()
    place.territoire.regions.add(partner)
    projet = f.ProjetFactory(territoire=place.territoire)
    agent = f.RedacteurFactory(regions=[place.region, partner])
    assert list(Projet.objects.visible_to(agent)) == [projet]


def test_the_region_porteuse_counts_even_when_it_is_not_listed():
    place = lieu()
    place.territoire.regions.clear()
    agent = f.SecretariatFactory(regions=[place.region])
    assert list(Territoire.objects.visible_to(agent)) == [place.territoire]


def test_a_regional_agent_without_region_sees_no_territory():
    lieu()
    assert not Territoire.objects.visible_to(f.RedacteurFactory(regions=[])).exists()


def test_what_no_operateur_owns_is_common_to_all():
    ours, theirs = f.OperateurFactory(), f.OperateurFactory()
    common, own, _ = (f.EngagementFactory(operateur=owner) for owner in (None, ours, theirs))
    seen = Engagement.objects.visible_to(f.ReferentAgentFactory(operateur=ours))
    assert set(seen) == {common, own}


def test_a_national_envelope_belongs_to_no_region():
    envelope = f.EnveloppeFactory(region=None)
    agent = f.SecretariatFactory()
    assert not type(envelope).objects.visible_to(agent).exists()
