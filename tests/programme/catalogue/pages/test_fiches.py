"""The pages of a contract, a project, a région and an opérateur."""

import re
from datetime import date

import pytest

from tests.factories import (
    AvenantFactory,
    ComiteRegionalFactory,
    ContratFactory,
    ConventionFactory,
    DecisionFactory,
    DocumentFactory,
    EngagementFactory,
    EnveloppeFactory,
    FinancementFactory,
    OperateurFactory,
    ProjetFactory,
    RattachementFactory,
    RealisationFactory,
    ReferentFactory,
    RegionFactory,
    SeanceFactory,
    ServiceFactory,
    SignataireFactory,
    TerritoireFactory,
    TerritoirePrioritaireFactory,
)

from .outils import PUBLICATIONS_CACHEES, section, texte

pytestmark = pytest.mark.django_db


class TestContrat:
    def test_what_carries_the_sums_of_its_projects(self, client):
        contrat = ContratFactory()
        for jobs in (1, 2, 3, 4, 5, 6, 79):
            ProjetFactory(contrat=contrat, emplois_crees=jobs, investissement_eur=None)
        page = client.get(contrat.get_absolute_url())
        assert "médiane : 4 ; les trois plus grands en font 90 %" in texte(page)
        asked = {"chiffre": "contrat-emplois-crees-mediane", "requete": f"fiche={contrat.slug}"}
        assert "contrat-emplois-crees-mediane" in page.content.decode()
        kept = client.post("/citer/", asked)["Location"]
        assert "médiane des projets du contrat" in texte(client.get(kept))

    def test_two_projects_have_no_middle(self, client):
        contrat = ContratFactory()
        for jobs in (1, 2):
            ProjetFactory(contrat=contrat, emplois_crees=jobs, investissement_eur=None)
        assert "médiane" not in texte(client.get(contrat.get_absolute_url()))

    def fill(self, contrat, number):
        SignataireFactory(contrat=contrat)
        AvenantFactory(contrat=contrat)
        ProjetFactory(contrat=contrat, territoire=contrat.territoire)
        DocumentFactory(territoire=None, contrat=contrat)
        DecisionFactory(contrat=contrat, seance=SeanceFactory(date=date(2020, 1, 1 + number)))

    def test_queries_do_not_grow(self, client, django_assert_num_queries):
        contrat = ContratFactory()
        self.fill(contrat, 0)
        with django_assert_num_queries(22):
            client.get(contrat.get_absolute_url())
        for number in range(1, 5):
            self.fill(contrat, number)
        with django_assert_num_queries(22):
            client.get(contrat.get_absolute_url())

    def test_says_its_facts(self, client):
        contrat = ContratFactory(
            type="protocole",
            intitule="Carros",
            precision_signature="au plus tard",
            montant_eur=None,
            seance=SeanceFactory(date=date(2019, 4, 30)),
        )
        SignataireFactory(contrat=contrat, organisme="Région", nom="", signe_le=None)
        response = client.get(contrat.get_absolute_url())
        read = texte(response)
        assert "Protocole d’accord : Carros" in read
        assert "Signature au plus tard le 9 décembre 2019, L’Aigle" in read
        assert "Validation en comité 30 avril 2019" in read
        assert "Non renseigné achèvement, montant" in read
        assert "aucun avenant publié. Ce qu’il contient : le texte n’est pas publié" in read
        signed = section(response, "signataires").replace("Signaler une erreur ", "")
        assert "Région non renseigné Président non renseigné" in signed
        assert "Source example.org" in read

    def test_undated_contract(self, client):
        contrat = ContratFactory(date_signature=None, precision_signature="")
        read = texte(client.get(contrat.get_absolute_url()))
        assert "Non renseigné signature, " in read
        assert "date non renseignée Contrat de territoire signé" in read

    def test_a_meeting_that_is_not_published_stays_hidden(self, client):
        seance = SeanceFactory(date=date(2018, 12, 25), publication="brouillon")
        contrat = ContratFactory(seance=seance)
        assert "25 décembre 2018" not in texte(client.get(contrat.get_absolute_url()))

    @pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
    def test_hidden(self, client, publication):
        contrat = ContratFactory(publication=publication)
        response = client.get(contrat.get_absolute_url())
        assert response.status_code == 404
        assert "Aucun contrat publié à cette adresse." in texte(response)
        assert client.get(contrat.get_absolute_url(), {"format": "json"}).status_code == 404

    def test_json(self, client):
        contrat = ContratFactory()
        record = client.get(contrat.get_absolute_url(), {"format": "json"}).json()
        assert record["territoire"] == contrat.territoire_id


class TestProjet:
    def fill(self, projet, number):
        FinancementFactory(projet=projet)
        DocumentFactory(territoire=None, projet=projet)
        DecisionFactory(projet=projet, seance=SeanceFactory(date=date(2020, 1, 1 + number)))

    def test_queries_do_not_grow(self, client, django_assert_num_queries):
        projet = ProjetFactory()
        self.fill(projet, 0)
        with django_assert_num_queries(20):
            client.get(projet.get_absolute_url())
        for number in range(1, 5):
            self.fill(projet, number)
        with django_assert_num_queries(20):
            client.get(projet.get_absolute_url())

    def test_says_what_is_not_stated(self, client):
        projet = ProjetFactory(
            territoire=None, objet="", emplois_crees=None, investissement_eur=None, statut=""
        )
        read = texte(client.get(projet.get_absolute_url()))
        assert f"Projet de {projet.beneficiaire}" in read
        assert "Hors de tout Territoire d’industrie." in read
        assert "La source ne dit pas : les emplois créés, " in read
        assert "l’investissement. Source" in read
        assert "emplois créés annoncés" not in read
        assert re.search(r"Non renseigné [^.]*\bobjet, [^.]*\bstatut, ", read)
        assert "Aucun financement publié." in read

    def test_amounts_add_up_without_the_missing_ones(self, client):
        projet = ProjetFactory()
        FinancementFactory(projet=projet, montant_accorde_eur=300_000)
        FinancementFactory(projet=projet, montant_accorde_eur=None, montant_verse_eur=None)
        read = section(client.get(projet.get_absolute_url()), "financements")
        assert "Somme de ce qui est renseigné 800 000 € 300 000 € 100 000 €" in read

    def test_a_contract_that_is_not_published_is_not_named(self, client):
        contrat = ContratFactory(publication="brouillon", intitule="Contrat secret")
        projet = ProjetFactory(contrat=contrat, territoire=contrat.territoire)
        assert "secret" not in texte(client.get(projet.get_absolute_url()))

    @pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
    def test_hidden_by_address_by_code_and_as_json(self, client, publication):
        projet = ProjetFactory(publication=publication)
        for url in (projet.get_absolute_url(), f"/projets/{projet.code}/"):
            assert client.get(url).status_code == 404
            assert client.get(url, {"format": "json"}).status_code == 404

    def test_code_leads_to_the_page(self, client):
        projet = ProjetFactory()
        response = client.get(f"/projets/{projet.code}/")
        assert (response.status_code, response["Location"]) == (301, projet.get_absolute_url())


class TestRegion:
    @pytest.fixture
    def region(self):
        return RegionFactory(code="28")

    def fill(self, region, number):
        territoire = TerritoireFactory(region_porteuse=region)
        ContratFactory(territoire=territoire)
        ProjetFactory(territoire=territoire)
        EnveloppeFactory(region=region)
        comite = ComiteRegionalFactory(region=region)
        seance = SeanceFactory(comite_regional=comite, date=date(2020, 1, 1 + number))
        DecisionFactory(seance=seance)

    def test_queries_do_not_grow(self, client, region, django_assert_num_queries):
        self.fill(region, 0)
        with django_assert_num_queries(23):
            client.get(region.get_absolute_url())
        for number in range(1, 5):
            self.fill(region, number)
        with django_assert_num_queries(23):
            client.get(region.get_absolute_url())

    def test_without_territory_nor_committee(self, client, region):
        read = texte(client.get(region.get_absolute_url()))
        assert "ne suivait aucun territoire sur la carte" in read
        assert "Présidence non renseigné" in read
        assert "Aucun territoire : rien à compléter." in read
        assert "Aucune enveloppe publiée" in read

    def test_shared_territories_are_named_and_departed_ones_apart(self, client, region):
        bretagne = RegionFactory(code="53")
        TerritoireFactory(nom="Baie commune", region_porteuse=bretagne, regions=[region])
        gone = TerritoireFactory(nom="Ancien pays", region_porteuse=region, rattachement=None)
        RattachementFactory(territoire=gone, fin=date(2021, 6, 30))
        response = client.get(region.get_absolute_url())
        lines = section(response, "territoires")
        assert "Baie commune 1 au plus tard le 14 novembre 2019 n. r. Bretagne" in lines
        assert "Ne sont plus sur la carte : Ancien pays." in lines
        assert "suivait 1 territoire" in texte(response)

    def test_progress_counts_the_furthest_act_of_each_territory(self, client, region):
        first, second, _ = TerritoireFactory.create_batch(3, region_porteuse=region)
        ContratFactory(territoire=first, type="protocole", statut="signé")
        ContratFactory(territoire=first, statut="en cours")
        ContratFactory(territoire=second, publication="brouillon")
        read = section(client.get(region.get_absolute_url()), "avancement")
        assert "en cours 1 territoire aucun contrat publié 2 territoires" in read
        assert "signé" not in read

    def test_completeness_says_how_it_is_computed(self, client, region):
        operateurs = OperateurFactory.create_batch(2)
        here = TerritoireFactory(region_porteuse=region, chef_de_projet="Zoé Petit", elu="A. B.")
        TerritoireFactory(region_porteuse=region, source_entree="")
        ReferentFactory(territoire=here, operateur=operateurs[0])
        read = section(client.get(region.get_absolute_url()), "completude")
        assert "Source de la date d’entrée 1 2 50 %" in read
        assert "Chef de projet 1 2 50 %" in read
        assert "Industriel du binôme aucun 2 n. r." in read
        assert "Référents des opérateurs 1 4 25 %" in read
        # The mean of 50, 0, 50, 0, 50, 0 and 25.
        assert "Score de 25 %" in read

    def test_envelope_and_consumption(self, client, region):
        enveloppe = EnveloppeFactory(region=region, montant_eur=4_000_000, intitule="Relance")
        FinancementFactory(enveloppe=enveloppe)
        FinancementFactory(enveloppe=enveloppe, projet=ProjetFactory(publication="retiré"))
        EnveloppeFactory(region=region, publication="brouillon", intitule="Secrète")
        read = section(client.get(region.get_absolute_url()), "enveloppes")
        assert "Normandie 2021 4 000 000 € 300 000 € 100 000 € 1" in read
        assert "Secrète" not in read

    def test_hidden_meetings_and_decisions(self, client, region):
        comite = ComiteRegionalFactory(region=region)
        seance = SeanceFactory(comite_regional=comite, compte_rendu="Compte rendu public")
        DecisionFactory(seance=seance, texte="Décision publique")
        hidden = ProjetFactory(publication="brouillon")
        DecisionFactory(seance=seance, projet=hidden, texte="Décision secrète")
        SeanceFactory(
            comite_regional=comite,
            date=date(2020, 5, 5),
            publication="brouillon",
            compte_rendu="Compte rendu secret",
        )
        read = section(client.get(region.get_absolute_url()), "comite")
        assert "Compte rendu public" in read
        assert "Décision publique" in read
        assert "secr" not in read

    def test_unknown(self, client):
        response = client.get("/regions/atlantide/")
        assert response.status_code == 404
        assert "Aucune région à cette adresse." in texte(response)


class TestOperateur:
    def fill(self, operateur, number):
        ConventionFactory(operateur=operateur, signee_le=date(2019, 3, 1 + number))
        engagement = EngagementFactory(operateur=operateur)
        RealisationFactory(engagement=engagement)
        ServiceFactory(operateur=operateur)
        TerritoirePrioritaireFactory(operateur=operateur)
        ReferentFactory(operateur=operateur)

    def test_queries_do_not_grow(self, client, django_assert_num_queries):
        operateur = OperateurFactory()
        self.fill(operateur, 0)
        with django_assert_num_queries(20):
            client.get(operateur.get_absolute_url())
        for number in range(1, 5):
            self.fill(operateur, number)
        with django_assert_num_queries(20):
            client.get(operateur.get_absolute_url())

    def test_promised_delivered_and_gap_by_year(self, client):
        operateur = OperateurFactory()
        engagement = EngagementFactory(
            operateur=operateur, cible=20, echeance=date(2021, 12, 31), precision_echeance="année"
        )
        RealisationFactory(engagement=engagement, annee=2020, valeur=18)
        RealisationFactory(engagement=engagement, annee=2021, valeur=0, publication="brouillon")
        read = section(client.get(operateur.get_absolute_url()), "engagements")
        assert "Promis : 20 territoires par an, à partir de 2019, échéance : 2021." in read
        assert "2019 20 territoires non renseigné – non renseignée" in read
        assert "2020 20 territoires 18 -2 Bilan de l’opérateur, 2020" in read
        assert "2021 20 territoires non renseigné – non renseignée" in read

    def test_a_commitment_of_all_is_reported_by_each(self, client):
        first, second = OperateurFactory.create_batch(2)
        engagement = EngagementFactory(operateur=None, rythme="", cible=1, unite="référent")
        RealisationFactory(engagement=engagement, operateur=first, annee=2020, valeur=1)
        assert "2020 1 référent 1 aucun" in section(
            client.get(first.get_absolute_url()), "engagements"
        )
        other = section(client.get(second.get_absolute_url()), "engagements")
        assert "Engagement pris par chacun des opérateurs." in other
        assert "Tenu : aucune réalisation publiée." in other

    def test_coverage_counts_the_territories_of_today(self, client):
        operateur = OperateurFactory()
        normandie = RegionFactory(code="28")
        first, second = TerritoireFactory.create_batch(2, region_porteuse=normandie)
        TerritoireFactory(region_porteuse=RegionFactory(code="53"))
        ReferentFactory(operateur=operateur, territoire=first)
        ReferentFactory(operateur=operateur, territoire=second, fin=date(2020, 1, 1))
        ReferentFactory(territoire=second)
        response = client.get(operateur.get_absolute_url())
        assert "33 % des territoires ont un référent publié 1 sur 3" in texte(response)
        read = section(response, "couverture")
        assert "Bretagne non renseigné 1 non renseigné" in read
        assert "Normandie 1 2 50 %" in read

    @pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
    def test_nothing_hidden_shows(self, client, publication):
        operateur = OperateurFactory()
        hidden = {"operateur": operateur, "publication": publication}
        ConventionFactory(**hidden, intitule="Convention secrète")
        EngagementFactory(**hidden, intitule="Engagement secret")
        ServiceFactory(**hidden, intitule="Service secret")
        TerritoirePrioritaireFactory(**hidden, territoire__nom="Territoire secret")
        read = texte(client.get(operateur.get_absolute_url()))
        assert "secr" not in read
        assert "Aucune convention publiée." in read


@pytest.mark.parametrize(
    "address",
    [
        "/territoires/a%00b/",
        "/regions/%00/",
        "/contrats/%00/",
        "/projets/%00/",
        "/operateurs/%00/",
        "/donnees/preuve/%00/",
    ],
)
def test_an_address_that_no_page_can_have_is_not_found(db, client, address):
    """PostgreSQL refuses a NUL character with an error: it must not be asked."""
    assert client.get(address).status_code == 404


def test_a_validation_that_was_undone_says_so(client, db):
    contrat = ContratFactory(
        statut="en préparation", seance=None, date_signature=None, precision_signature=""
    )
    DecisionFactory(contrat=contrat, type="valider un contrat", texte="Le comité valide.")
    page = client.get(contrat.get_absolute_url()).content.decode()
    assert "Le comité valide." in page
    assert "Validation annulée depuis" in page
    contrat.statut = "abandonné"
    contrat.save()
    assert "Validation annulée" not in client.get(contrat.get_absolute_url()).content.decode()
