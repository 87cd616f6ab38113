"""The admin side of `visible_to`: at every door, before and after a save."""

import pytest
from django.test import Client

from programme.backoffice.cadre.perimetre import was_inside
from programme.models import (
    Contrat,
    Document,
    Financement,
    Projet,
    Proposition,
    Publication,
    Referent,
)
from territoires.models import Rattachement, Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of

BROUILLON = Publication.BROUILLON


def client_of(agent):
    client = Client()
    client.force_login(agent)
    return client


def changed(client, instance, **values):
    """Open the form of `instance`, change `values`, send it; the answer."""
    page = address(type(instance), "change", instance.pk)
    data = {**form_data(client.get(page)), **values}
    return client.post(page, {k: v for k, v in data.items() if v is not None})


@pytest.fixture
def regions(db):
    return {code: f.RegionFactory(code=code) for code in ("28", "53", "75", "76")}


@pytest.fixture
def normand(regions):
    return f.TerritoireFactory(nom="Vallée normande", region_porteuse=regions["28"])


@pytest.fixture
def breton(regions):
    return f.TerritoireFactory(nom="Vallée bretonne", region_porteuse=regions["53"])


@pytest.fixture
def redacteur(regions):
    return client_of(f.RedacteurFactory(regions=[regions["28"]]))


@pytest.fixture
def partage(regions):
    """Followed by two régions, as Lacq - Pau - Tarbes is."""
    return f.TerritoireFactory(
        nom="Lacq - Pau - Tarbes", region_porteuse=regions["75"], regions=[regions["76"]]
    )


# --- One région does not see the other ---------------------------------------------------------


def contrat(territoire, **fields):
    return f.ContratFactory(
        territoire=territoire,
        publication=BROUILLON,
        statut="en préparation",
        date_signature=None,
        precision_signature="",
        **fields,
    )


DOORS = ["change", "delete", "history"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_contract_of_another_region_does_not_exist(redacteur, breton, door, method):
    other = contrat(breton, intitule="Acte secret")
    response = getattr(redacteur, method)(address(Contrat, door, other.pk), {"post": "yes"})
    assert response.status_code in {403, 404}
    assert "Acte secret" not in response.content.decode()
    assert Contrat.objects.filter(pk=other.pk, version=other.version).exists()


def test_a_version_of_another_region_does_not_exist(redacteur, breton):
    other = contrat(breton, intitule="Acte secret")
    record = other.history.first()
    response = redacteur.get(address(Contrat, "version", other.pk, record.history_id))
    assert response.status_code == 404
    assert "Acte secret" not in response.content.decode()


def test_a_version_is_found_under_its_own_record_only(redacteur, normand, breton):
    mine, other = contrat(normand), contrat(breton, intitule="Acte secret")
    record = other.history.first()
    response = redacteur.get(address(Contrat, "version", mine.pk, record.history_id))
    assert response.status_code == 404


def test_lists_filters_and_search_stay_in_the_perimeter(redacteur, normand, breton):
    contrat(normand, intitule="Acte normand")
    contrat(breton, intitule="Acte breton")
    page = address(Contrat, "changelist")
    for query in (
        "",
        "?q=acte",
        "?region=53",
        "?territoire__region_porteuse__code=53",
        "?_facets=True",
    ):
        content = redacteur.get(page + query).content.decode()
        assert "Acte breton" not in content
        assert "Bretagne" not in content
    assert "Acte normand" in redacteur.get(f"{page}?tout=1").content.decode()


@pytest.mark.parametrize(
    "guess",
    [
        "decision/?auteur__password__startswith=md5",
        "projet/?contrat__intitule__startswith=Acte",
        "projet/?territoire__region_porteuse__agents__email__startswith=a",
        "contrat/?decisions__texte__contains=a",
    ],
)
def test_what_is_hidden_is_not_guessed_by_a_filter(redacteur, guess):
    assert redacteur.get(f"/admin/programme/{guess}").status_code == 400


@pytest.mark.parametrize("action", ["delete_selected", "proposer"])
def test_an_action_on_the_row_of_another_region_does_nothing(redacteur, breton, action):
    other = contrat(breton, intitule="Acte secret")
    data = {"action": action, "_selected_action": [other.pk], "post": "yes"}
    response = redacteur.post(address(Contrat, "changelist"), data, follow=True)
    assert "Acte secret" not in response.content.decode()
    other.refresh_from_db()
    assert other.publication == BROUILLON


def test_an_action_without_its_right_does_nothing(redacteur, normand):
    mine = contrat(normand)
    data = {"action": "publier", "_selected_action": [mine.pk], "post": "yes"}
    redacteur.post(address(Contrat, "changelist"), data)
    mine.refresh_from_db()
    assert mine.publication == BROUILLON


def test_an_autocomplete_offers_the_perimeter_only(redacteur, normand, breton):
    query = {"app_label": "programme", "model_name": "contrat", "field_name": "territoire"}
    for term in ("", "vallée"):
        results = redacteur.get("/admin/autocomplete/", {**query, "term": term}).json()["results"]
        assert results == [{"id": normand.pk, "text": "Vallée normande"}]


def test_an_autocomplete_through_an_unreadable_model_is_refused(normand):
    referent = client_of(f.ReferentAgentFactory())
    query = {"app_label": "programme", "model_name": "projet", "field_name": "contrat", "term": ""}
    assert referent.get("/admin/autocomplete/", query).status_code == 403
    query = {"app_label": "territoires", "model_name": "agent", "field_name": "regions", "term": ""}
    assert referent.get("/admin/autocomplete/", query).status_code == 403


def test_an_autocomplete_offers_only_communes_of_the_region(redacteur, regions):
    ours = f.CommuneFactory(departement__region=regions["28"])
    f.CommuneFactory(departement__region=regions["53"])
    query = {"app_label": "programme", "model_name": "projet", "field_name": "commune", "term": ""}
    results = redacteur.get("/admin/autocomplete/", query).json()["results"]
    assert [result["id"] for result in results] == [ours.pk]


# --- Forged posts ------------------------------------------------------------------------------


def test_a_contract_cannot_be_moved_to_another_region(redacteur, normand, breton):
    mine = contrat(normand)
    response = changed(redacteur, mine, territoire=breton.pk)
    assert response.status_code == 200
    assert "Sélectionnez un choix valide" in messages_of(response)
    mine.refresh_from_db()
    assert (mine.territoire, mine.version) == (normand, 1)


def test_a_contract_cannot_be_added_to_another_region(redacteur, breton):
    page = address(Contrat, "add")
    data = form_data(redacteur.get(page))
    response = redacteur.post(
        page, {**data, "territoire": breton.pk, "type": "contrat", "intitule": "X"}
    )
    assert response.status_code == 200
    assert not Contrat.objects.exists()


def test_a_project_that_would_leave_the_perimeter_is_refused(redacteur, normand, regions):
    """Each value may be chosen; together they leave the région: nothing is saved."""
    projet = f.ProjetFactory(territoire=normand, publication=BROUILLON)
    data = {"territoire": "", "departement": "", "commune": "", "beneficiaire": "Changé"}
    response = changed(redacteur, projet, **data)
    assert response.status_code == 200
    assert "sortirait de votre périmètre" in messages_of(response)
    projet.refresh_from_db()
    assert (projet.territoire, projet.version) == (normand, 1)
    assert projet.beneficiaire != "Changé"


def test_a_project_cannot_be_added_outside_the_perimeter(redacteur):
    page = address(Projet, "add")
    data = form_data(redacteur.get(page))
    response = redacteur.post(page, {**data, "code": "essai-1", "beneficiaire": "Forges"})
    assert "sortirait de votre périmètre" in messages_of(response)
    assert not Projet.objects.exists()


def test_a_row_of_another_contract_cannot_be_written_through_an_inline(redacteur, normand, breton):
    mine, other = contrat(normand), contrat(breton)
    theirs = f.SignataireFactory(contrat=other, nom="Nom breton")
    f.SignataireFactory(contrat=mine, nom="Nom normand")
    response = changed(
        redacteur, mine, **{"signataires-0-id": theirs.pk, "signataires-0-nom": "Usurpé"}
    )
    assert response.status_code == 200
    assert "n’appartient pas à cet enregistrement" in messages_of(response)
    assert "Nom breton" not in response.content.decode()
    theirs.refresh_from_db()
    assert (theirs.nom, theirs.contrat) == ("Nom breton", other)


def test_a_document_cannot_be_given_to_another_region(redacteur, normand, breton):
    document = f.DocumentFactory(territoire=normand, publication=BROUILLON)
    response = changed(redacteur, document, territoire="", contrat=contrat(breton).pk)
    assert response.status_code == 200
    document.refresh_from_db()
    assert document.territoire == normand
    assert not Document.objects.filter(contrat__isnull=False).exists()


def test_deleting_needs_the_right_on_all_that_goes_with_it(redacteur, normand):
    """A published contract's row is not deleted by who may not publish."""
    published = f.ContratFactory(territoire=normand)
    signataire = f.SignataireFactory(contrat=published)
    response = redacteur.post(address(type(signataire), "delete", signataire.pk), {"post": "yes"})
    assert response.status_code == 403
    assert type(signataire).objects.filter(pk=signataire.pk).exists()


def test_what_protects_is_not_named_outside_the_perimeter(regions, normand, breton):
    """A séance that another région's contract cites: told, not named."""
    secretariat = client_of(f.SecretariatFactory(regions=[regions["28"]]))
    seance = f.SeanceFactory(comite_regional__region=regions["28"], publication=BROUILLON)
    Contrat.objects.filter(pk=contrat(breton, intitule="Acte secret").pk).update(seance=seance)
    content = secretariat.get(address(type(seance), "delete", seance.pk)).content.decode()
    assert "Acte secret" not in content
    assert "hors de votre périmètre" in content


def test_the_address_of_any_row_is_not_given_away(redacteur, breton):
    """Django's « view on site » would redirect to the address of a draft."""
    assert redacteur.get(f"/admin/r/1/{contrat(breton).pk}/").status_code == 404


# --- A shared territory ------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["75", "76"])
def test_a_shared_territory_is_open_to_each_of_its_regions(partage, regions, code):
    officer = client_of(f.SecretariatFactory(regions=[regions[code]]))
    assert "Lacq - Pau - Tarbes" in officer.get(address(Territoire, "changelist")).content.decode()
    response = changed(officer, partage, chef_de_projet=f"Chef {code}")
    assert response.status_code == 302
    partage.refresh_from_db()
    assert partage.chef_de_projet == f"Chef {code}"
    assert {region.code for region in partage.regions.all()} == {"75", "76"}
    assert partage.region_porteuse_id == "75"


def test_a_shared_territory_is_closed_to_the_other_regions(partage, regions):
    officer = client_of(f.SecretariatFactory(regions=[regions["28"]]))
    assert officer.get(address(Territoire, "change", partage.pk)).status_code == 404


def test_one_region_cannot_take_the_other_out(partage, regions):
    officer = client_of(f.SecretariatFactory(regions=[regions["76"]]))
    page = officer.get(address(Territoire, "change", partage.pk)).content.decode()
    assert "Conservé, hors de vos choix : Nouvelle-Aquitaine." in page
    # Neither by leaving it out, nor by naming oneself its leader.
    response = changed(officer, partage, regions=["76"], region_porteuse="76")
    assert response.status_code == 302
    partage.refresh_from_db()
    assert {region.code for region in partage.regions.all()} == {"75", "76"}
    assert partage.region_porteuse_id == "75"


def test_one_region_may_leave_for_itself_only_if_it_keeps_the_territory(partage, regions):
    officer = client_of(f.SecretariatFactory(regions=[regions["76"]]))
    response = changed(officer, partage, regions=None)
    assert "sortirait de votre périmètre" in messages_of(response)
    assert {region.code for region in partage.regions.all()} == {"75", "76"}


def test_a_region_cannot_bring_in_another(partage, regions):
    officer = client_of(f.SecretariatFactory(regions=[regions["76"]]))
    response = changed(officer, partage, regions=["76", "28"])
    assert response.status_code == 200
    assert {region.code for region in partage.regions.all()} == {"75", "76"}


def test_departements_of_the_other_region_are_kept(partage, regions):
    ours = f.DepartementFactory(region=regions["76"])
    theirs = set(partage.departements.all())
    officer = client_of(f.SecretariatFactory(regions=[regions["76"]]))
    assert changed(officer, partage, departements=[ours.pk]).status_code == 302
    assert theirs < set(partage.departements.all())
    assert ours in partage.departements.all()


def test_the_map_is_adjusted_by_the_committee_only(normand, regions):
    redacteur = client_of(f.RedacteurFactory(regions=[regions["28"]]))
    values = {"nom": "Autre nom", "elu": "Claude Petit"}
    refused = changed(redacteur, normand, **values)
    assert "ne se change plus sans validation" in messages_of(refused)
    proposed = {**values, "motif_proposition": "Vu au conseil", "_proposer": "on"}
    assert changed(redacteur, normand, **proposed).status_code == 302
    normand.refresh_from_db()
    assert (normand.nom, normand.elu) == ("Vallée normande", "")
    # Only what a rédacteur may speak of: the name of the territory is its committee's.
    assert Proposition.objects.get().changements["champs"] == {"elu": ["", "Claude Petit"]}
    assert redacteur.get(address(Rattachement, "add")).status_code == 403


def test_the_region_that_leads_is_one_of_the_regions(regions):
    officer = client_of(f.NationalFactory())
    territoire = f.TerritoireFactory(region_porteuse=regions["28"])
    response = changed(officer, territoire, region_porteuse="53")
    assert "La région porteuse (Bretagne) fait partie" in messages_of(response)


# --- Operators ---------------------------------------------------------------------------------


def test_a_referent_sees_and_changes_its_own_operator_only(breton):
    agent = f.ReferentAgentFactory()
    ours = f.ReferentFactory(operateur=agent.operateur, territoire=breton, nom="Alix À-nous")
    theirs = f.ReferentFactory(territoire=breton, nom="Alix À-eux")
    client = client_of(agent)
    content = client.get(address(Referent, "changelist")).content.decode()
    assert "Alix À-nous" in content
    assert "Alix À-eux" not in content
    assert client.get(address(Referent, "change", theirs.pk)).status_code == 404
    assert changed(client, ours, fonction="Directrice").status_code == 302
    ours.refresh_from_db()
    assert ours.fonction == "Directrice"


def test_a_referent_cannot_give_a_record_to_another_operator(breton):
    agent = f.ReferentAgentFactory()
    ours = f.ReferentFactory(operateur=agent.operateur, territoire=breton)
    other = f.OperateurFactory()
    response = changed(client_of(agent), ours, operateur=other.pk)
    assert response.status_code == 200
    ours.refresh_from_db()
    assert ours.operateur == agent.operateur


def test_a_referent_has_no_door_to_the_contracts(normand):
    client = client_of(f.ReferentAgentFactory())
    mine = contrat(normand)
    for page in (address(Contrat, "changelist"), address(Contrat, "change", mine.pk)):
        assert client.get(page).status_code == 403


# --- What is kept ------------------------------------------------------------------------------


def test_a_value_outside_the_choices_is_kept(redacteur, normand):
    """A national budget is not a région's to choose: it stays on the financement it pays."""
    projet = f.ProjetFactory(territoire=normand, publication=BROUILLON)
    financement = f.FinancementFactory(projet=projet, enveloppe=f.EnveloppeFactory())
    response = changed(redacteur, financement, montant_verse_eur=1000, enveloppe="")
    assert response.status_code == 302
    kept = Financement.objects.get(pk=financement.pk)
    assert (kept.enveloppe, kept.montant_verse_eur) == (financement.enveloppe, 1000)


def test_an_officer_without_region_sees_nothing(normand):
    client = client_of(f.RedacteurFactory(regions=[]))
    contrat(normand, intitule="Acte normand")
    assert "Acte normand" not in client.get(address(Contrat, "changelist")).content.decode()


@pytest.mark.parametrize("pk", ["0", "abc", "9" * 40, "_5F"])
def test_a_record_that_does_not_exist_is_a_404(redacteur, pk):
    for page in ("change", "delete", "history"):
        assert redacteur.get(address(Contrat, page, pk)).status_code == 404


# --- What is gone -----------------------------------------------------------------------------


def record_of_deleted(row):
    history = type(row).history
    row.delete()
    return history.first()


@pytest.mark.django_db
@pytest.mark.parametrize("of", [f.NationalFactory, f.LecteurFactory, f.ReferentAgentFactory])
def test_nothing_that_is_gone_was_inside_for_who_has_left(of):
    gone, agent = record_of_deleted(f.EngagementFactory(operateur=None)), of()
    assert was_inside(agent, gone)
    agent.is_active = False
    assert not was_inside(agent, gone)


@pytest.mark.django_db
def test_what_is_gone_was_of_its_operateur_and_what_had_none_of_all():
    ours, theirs = f.OperateurFactory(), f.OperateurFactory()
    agent = f.ReferentAgentFactory(operateur=ours)
    asked = {
        operateur: was_inside(agent, record_of_deleted(f.EngagementFactory(operateur=operateur)))
        for operateur in (ours, theirs, None)
    }
    assert asked == {ours: True, theirs: False, None: True}
