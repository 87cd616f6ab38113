"""The desk: what each role finds on it, and nothing of another région."""

from datetime import timedelta

import pytest
from django.utils import timezone

from programme.backoffice.droits import DROITS
from territoires.models import Role
from tests import factories as f
from tests.programme.backoffice.bureau.outils import entre, texte, vieillir

PAGE = "/admin/"
REGIONAL = [Role.SECRETARIAT, Role.REDACTEUR, Role.LECTEUR]


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


# --- Séances ----------------------------------------------------------------------------------


def test_it_tells_the_coming_and_the_last_seance(client, seances):
    f.DecisionFactory(seance=seances.derniere, texte="Prend acte du bilan.")
    words = texte(client.get(PAGE))
    coming = entre(words, "Prochaine séance", "Dernière séance")
    assert "Projets à contractualiser" in coming
    assert "Aucune décision enregistrée." in coming
    assert "Prend acte du bilan." in entre(words, "Dernière séance", "À valider")


def test_without_any_seance_it_says_so_and_offers_one(client, comite):
    page = client.get(PAGE)
    words = texte(page)
    assert "Aucune séance prévue : en ajouter une ." in words
    assert "/admin/programme/seance/add/" in page.content.decode()
    assert "Aucune séance tenue n’est enregistrée." in words


def test_a_reader_is_not_offered_to_add_a_seance(signed_in, comite, normandie):
    reader = f.LecteurFactory(regions=[normandie])
    assert "Aucune séance prévue." in texte(signed_in(reader).get(PAGE))


def test_a_seance_in_the_future_only_is_no_last_one(client, comite, aujourd_hui):
    f.SeanceFactory(comite_regional=comite, date=aujourd_hui + timedelta(days=1))
    words = texte(client.get(PAGE))
    assert "Aucune séance tenue n’est enregistrée : rien à comparer." in words


def test_a_seance_of_today_is_the_coming_one(client, comite, aujourd_hui):
    f.SeanceFactory(comite_regional=comite, date=aujourd_hui, lieu="Lisieux")
    assert "Lisieux" in entre(texte(client.get(PAGE)), "Prochaine séance", "Dernière séance")


def test_a_withdrawn_seance_does_not_count(client, comite, aujourd_hui):
    f.SeanceFactory(
        comite_regional=comite, date=aujourd_hui + timedelta(days=1), publication="retiré"
    )
    assert "Aucune séance prévue" in texte(client.get(PAGE))


def test_the_national_desk_reads_the_seances_of_the_national_committee(
    signed_in, national, seances, aujourd_hui
):
    committee = f.ComiteNationalFactory()
    f.SeanceFactory(
        comite_regional=None,
        comite_national=committee,
        date=aujourd_hui + timedelta(days=3),
        lieu="Paris",
    )
    client = signed_in(national)
    assert "Paris" in entre(texte(client.get(PAGE)), "Prochaine séance", "Dernière séance")
    words = texte(client.get(PAGE, {"region": "28"}))
    assert "Projets à contractualiser" in entre(words, "Prochaine séance", "Dernière séance")


# --- What waits -------------------------------------------------------------------------------


def test_what_waits_is_named_the_oldest_first_with_its_wait(client, territoire):
    new = f.ProjetFactory(territoire=territoire, objet="Neuf", publication="à valider")
    old = f.ProjetFactory(territoire=territoire, objet="Ancien", publication="à valider")
    vieillir(old, jours=12)
    words = entre(texte(client.get(PAGE)), "À valider", "Ce qui attend une séance")
    assert words.index(str(old)) < words.index(str(new))
    assert "(12 jours)" in words
    assert "depuis aujourd’hui" in words


def test_the_wait_starts_at_the_last_proposal(client, territoire):
    projet = f.ProjetFactory(territoire=territoire, publication="à valider")
    vieillir(projet, jours=40)
    projet.publication = "brouillon"
    projet.save()
    projet.history.filter(publication="brouillon").update(
        history_date=timezone.now() - timedelta(days=30)
    )
    projet.publication = "à valider"
    projet.save()
    record = projet.history.latest()
    record.history_date = timezone.now() - timedelta(days=3)
    record.save()
    projet.objet = "Autre objet"
    projet.save()
    assert "(3 jours)" in entre(texte(client.get(PAGE)), "À valider", "Ce qui attend")


def test_a_row_that_no_history_tells_waits_all_the_same(client, territoire):
    projet = f.ProjetFactory(territoire=territoire, publication="à valider")
    projet.history.all().delete()
    assert str(projet) in entre(texte(client.get(PAGE)), "À valider", "Ce qui attend")


def test_contracts_and_projects_wait_for_a_seance(client, territoire):
    contrat = f.ContratFactory(
        territoire=territoire, statut="en préparation", date_signature=None, precision_signature=""
    )
    projet = f.ProjetFactory(territoire=territoire, statut="remonté")
    gone = f.ProjetFactory(territoire=territoire, statut="remonté", publication="retiré")
    page = client.get(PAGE)
    words = entre(texte(page), "Ce qui attend une séance", "Ce qui est incomplet")
    assert str(contrat) in words
    assert str(projet) in words
    assert str(gone) not in words


def test_the_list_behind_a_count_shows_as_many(client, territoire):
    f.ProjetFactory.create_batch(7, territoire=territoire, statut="remonté")
    f.ProjetFactory(territoire=territoire, statut="remonté", publication="retiré")
    (group,) = client.get(PAGE).context["a_decider"]
    assert (group.nombre, len(group.lignes), group.reste) == (7, 5, 2)
    assert client.get(group.url).context["cl"].result_count == 7


@pytest.mark.parametrize("role", REGIONAL)
def test_drafts_of_another_region_are_nowhere(signed_in, role, normandie, bretagne, seances):
    there = f.TerritoireFactory(region_porteuse=bretagne, nom="Pays de Fougères")
    for publication in ("brouillon", "à valider"):
        f.ProjetFactory(
            territoire=there, beneficiaire="Secret", publication=publication, statut="remonté"
        )
    f.ContratFactory(territoire=there, intitule="Secret", date_signature=None,
                     precision_signature="", nb_actions=None)  # fmt: skip
    f.SeanceFactory(comite_regional__region=bretagne, lieu="Rennes-Secret")
    f.ReferentFactory(territoire=there, nom="Secret")
    client = signed_in(f.AgentFactory(role=role, regions=[normandie]))
    for page in (PAGE, "/admin/incomplets/?type=projet", "/admin/sans-changement/"):
        words = texte(client.get(page))
        assert "Secret" not in words
        assert "Fougères" not in words


def test_a_shared_territory_is_on_both_desks(signed_in, normandie, bretagne):
    shared = f.TerritoireFactory(region_porteuse=normandie, regions=[bretagne])
    projet = f.ProjetFactory(territoire=shared, statut="remonté", publication="brouillon")
    for region in (normandie, bretagne):
        client = signed_in(f.SecretariatFactory(regions=[region]))
        assert str(projet) in texte(client.get(PAGE))


# --- The choice of a région -------------------------------------------------------------------


def test_an_officer_of_two_regions_sees_both_or_one(signed_in, normandie, bretagne):
    here = f.ProjetFactory(
        territoire__region_porteuse=normandie, statut="remonté", beneficiaire="Ici"
    )
    there = f.ProjetFactory(
        territoire__region_porteuse=bretagne, statut="remonté", beneficiaire="Là-bas"
    )
    client = signed_in(f.SecretariatFactory(regions=[normandie, bretagne]))
    both = texte(client.get(PAGE))
    assert str(here) in both
    assert str(there) in both
    one = texte(client.get(PAGE, {"region": "53"}))
    assert str(here) not in one
    assert str(there) in one


@pytest.mark.parametrize("asked", ["53", "999", "x", "' OR 1=1 --", "28%00"])
def test_a_region_outside_the_perimeter_does_not_exist(client, bretagne, asked):
    response = client.get(PAGE, {"region": asked})
    assert response.status_code == 404
    assert "Aucune région de ce code dans votre périmètre." in response.content.decode()
    assert "Bretagne" not in response.content.decode()


def test_links_keep_the_region(signed_in, national, normandie, territoire):
    f.ProjetFactory(territoire=territoire, statut="")
    page = signed_in(national).get(PAGE, {"region": "28"}).content.decode()
    assert "/admin/incomplets/?regle=projet-statut&amp;region=28" in page


# --- Roles ------------------------------------------------------------------------------------


def test_an_operator_s_officer_has_the_desk_of_its_operator(signed_in, territoire):
    mine, other = f.OperateurFactory(nom="Le mien"), f.OperateurFactory(nom="Un autre")
    f.EngagementFactory(operateur=mine, intitule="Accompagner mes territoires")
    f.EngagementFactory(operateur=other, intitule="Promesse d’un autre")
    f.RealisationFactory(
        engagement__operateur=mine, engagement__rythme="", valeur=None, publication="brouillon"
    )
    f.ReferentFactory(operateur=other, territoire=territoire)
    words = texte(signed_in(f.ReferentAgentFactory(operateur=mine)).get(PAGE))
    assert "Accompagner mes territoires" in words
    assert "Promesse d’un autre" not in words
    assert "Sans référent de Le mien" in words
    assert "Pays de l’Aigle" in words
    assert "Sans valeur" in words
    assert "Prochaine séance" not in words
    assert "dossier de COPIL" not in words


@pytest.mark.parametrize("role", REGIONAL)
def test_every_role_of_a_region_has_a_desk(signed_in, role, normandie, seances, territoire):
    f.ProjetFactory(territoire=territoire, publication="à valider", statut="remonté")
    words = texte(signed_in(f.AgentFactory(role=role, regions=[normandie])).get(PAGE))
    assert "Préparer le dossier de COPIL" in words
    assert "Ce qui attend une séance" in words
    assert "Projets 1" in entre(words, "À valider", "Ce qui attend une séance")


def test_every_role_is_tested():
    assert set(DROITS) == {Role.NATIONAL, Role.REFERENT, *REGIONAL}


def test_a_desk_with_nothing_on_it(client):
    words = texte(client.get(PAGE))
    for sentence in (
        "Aucun brouillon, rien à valider.",
        "Aucun contrat en préparation ni à signer, aucun projet remonté.",
        "Rien ne manque à vos enregistrements.",
        "Aucun engagement publié n’est en retard.",
        "Aucun contrat ni projet en cours n’attend depuis six mois",
    ):
        assert sentence in words


# --- What changed since -----------------------------------------------------------------------


def test_it_tells_what_changed_since_the_last_seance(client, signed_in, seances, territoire):
    projet = f.ProjetFactory(territoire=territoire, beneficiaire="Forges anciennes")
    vieillir(projet, territoire)
    f.ContratFactory(territoire=territoire)
    projet.emplois_crees = 12
    projet.save()
    found = {bilan.nom: bilan for bilan in client.get(PAGE).context["bilans"]}
    assert (found["Projets"].crees, found["Projets"].modifies) == (0, 1)
    assert (found["Contrats"].crees, found["Contrats"].modifies) == (1, 0)
    assert "Territoires" not in found


def test_deletions_are_counted_without_their_names(client, seances, territoire):
    projet = f.ProjetFactory(territoire=territoire)
    vieillir(projet, territoire)
    projet.delete()
    found = {bilan.nom: bilan for bilan in client.get(PAGE).context["bilans"]}
    assert (found["Projets"].crees, found["Projets"].supprimes) == (0, 1)


def test_it_names_who_saved_and_not_what_a_command_wrote(client, seances, territoire, secretariat):
    written = f.ProjetFactory(territoire=territoire, beneficiaire="Écrit par une commande")
    saved = f.ProjetFactory(territoire=territoire, beneficiaire="Écrit par une personne")
    saved.history.update(history_user=secretariat)
    page = client.get(PAGE)
    words = entre(texte(page), "Ce qui a changé depuis la dernière séance", "Tous les écrans")
    assert str(saved) in words
    assert "par Sacha Secrétariat" in words
    assert str(written) not in words
    assert {b.nom: b.crees for b in page.context["bilans"]}["Projets"] == 2


def test_a_load_by_command_alone_is_said(client, seances, territoire):
    f.ProjetFactory(territoire=territoire)
    assert "Aucun : ces changements viennent d’une commande." in texte(client.get(PAGE))


def test_what_was_saved_on_the_day_of_the_seance_is_no_change(client, seances, territoire):
    projet = f.ProjetFactory(territoire=territoire)
    vieillir(projet, territoire, seances.derniere, seances.prochaine, jours=30)
    assert client.get(PAGE).context["bilans"] == []


# --- Its cost ---------------------------------------------------------------------------------


def _fill(region, agent, operateur):
    """One more of everything that the desk tells."""
    territoire = f.TerritoireFactory(region_porteuse=region)
    contrat = f.ContratFactory(
        territoire=territoire,
        statut="en préparation",
        date_signature=None,
        precision_signature="",
        publication="à valider",
    )
    asleep = f.ContratFactory(territoire=territoire, montant_eur=None)
    projets = [
        f.ProjetFactory(territoire=territoire, statut="remonté", publication="à valider"),
        f.ProjetFactory(territoire=territoire, statut="", axe=""),
    ]
    vieillir(asleep, projets[1], jours=300)
    f.ReferentFactory(territoire=territoire, operateur=operateur, publication="à valider")
    f.EngagementFactory(operateur=operateur)
    f.FinancementFactory(projet=projets[0])
    f.DecisionFactory(
        seance__comite_regional=f.ComiteRegionalFactory(region=region),
        seance__date=timezone.localdate()
        - timedelta(days=f.SeanceFactory._meta.model.objects.count() + 1),
    )
    for row in (contrat, *projets, *projets[0].financements.all()):
        row.history.filter(history_date__gte=timezone.now() - timedelta(days=1)).update(
            history_user=agent
        )


@pytest.mark.parametrize("role", [*REGIONAL, Role.NATIONAL, Role.REFERENT])
def test_it_costs_the_same_with_one_row_and_with_five(signed_in, role, normandie, queries):
    operateur = f.OperateurFactory()
    agent = {
        Role.NATIONAL: f.NationalFactory,
        Role.REFERENT: lambda: f.ReferentAgentFactory(operateur=operateur),
    }.get(role, lambda: f.AgentFactory(role=role, regions=[normandie]))()
    client = signed_in(agent)
    _fill(normandie, agent, operateur)
    one = queries(client, PAGE)
    for _ in range(4):
        _fill(normandie, agent, operateur)
    assert queries(client, PAGE) == one
    assert one <= 44
