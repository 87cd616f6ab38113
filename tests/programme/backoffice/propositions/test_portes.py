"""Who reads a proposal, who answers it, and that nothing of it shows anywhere else."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programme.models import (
    Contrat,
    DonneesVersion,
    Proposition,
    Publication,
    Realisation,
)
from territoires.models import Agent, Role, Territoire
from tests import factories as f
from tests.courrier import courrier
from tests.programme.backoffice.outils import address, form_data, messages_of, text_of

CANARI = "Éléonore Canari"
MOTIF = "Motif du canari, d’après un procès-verbal"


@pytest.fixture
def territoire(contrat):
    return Territoire.objects.get(pk=contrat.territoire_id)


@pytest.fixture
def shared(territoire, bretagne):
    """The same territory, that the committee of Bretagne follows too."""
    territoire.regions.add(bretagne)
    return territoire


@pytest.fixture
def canari(editor, territoire, ways):
    """A name that is proposed, and not validated."""
    return ways.propose(editor, territoire, MOTIF, elu=CANARI)


def absent(client, proposition):
    """Whether a proposal answers as one that does not exist, byte for byte.

    The addresses that were asked and the token of the page's form, new each time, set apart.
    """
    theirs = client.get(proposition.get_absolute_url())
    none = client.get(f"/admin/programme/proposition/{proposition.pk + 1}/change/")
    assert theirs.status_code == none.status_code == 404
    same = []
    for key, response in ((proposition.pk, theirs), (proposition.pk + 1, none)):
        page = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())
        same.append(page.replace(f"/{key}/", "/N/").replace(f"%2F{key}%2F", "%2FN%2F"))
    return same[0] == same[1]


# --- Who ----------------------------------------------------------------------------------------


def test_outside_the_perimeter_it_does_not_exist(stranger, canari, territoire):
    page = canari.get_absolute_url()
    assert stranger.get(page).status_code == 404
    assert stranger.post(page, {"acte": "refuser", "reponse": "x"}).status_code == 404
    form = f"{address(Territoire, 'change', territoire.pk)}?proposition={canari.pk}"
    for response in (stranger.get(form), stranger.post(form, {"elu": "x"})):
        assert response.status_code in {403, 404}
        assert CANARI not in response.content.decode()
    listed = stranger.get("/admin/programme/proposition/").content.decode()
    assert CANARI not in listed
    assert territoire.nom not in listed
    assert absent(stranger, canari)
    canari.refresh_from_db()
    assert canari.est_en_attente


def test_colleagues_read_and_do_not_answer(colleague, signed_in, normandie, canari):
    reader = signed_in(f.LecteurFactory(regions=[normandie]))
    for client in (colleague, reader):
        page = canari.get_absolute_url()
        shown = client.get(page)
        assert CANARI in shown.content.decode()
        assert b'name="acte"' not in shown.content
        assert client.post(page, {"acte": "refuser", "reponse": "x"}).status_code == 403
    canari.refresh_from_db()
    assert canari.est_en_attente


def test_operators_read_no_name_that_is_not_validated(signed_in, canari, territoire):
    """They read every territory: what is proposed on one is its région's."""
    client = signed_in(f.ReferentAgentFactory())
    assert client.get(address(Territoire, "change", territoire.pk)).status_code == 200
    assert client.get(canari.get_absolute_url()).status_code == 404
    history = client.get(address(Territoire, "history", territoire.pk)).content.decode()
    assert CANARI not in history
    assert MOTIF not in history


def test_either_committee_of_a_shared_territory_answers(editor, publisher, stranger, shared, ways):
    made = ways.propose(editor, shared, MOTIF, elu=CANARI)
    desk = text_of(stranger.get("/admin/"))
    assert "Propositions à répondre (1)" in desk
    assert ways.answer(publisher, made, "accepter").status_code == 302
    told = text_of(stranger.get("/admin/"))
    assert "Propositions à répondre (0)" in told
    assert "élu du binôme : acceptée par Sacha Secrétariat" in told


def test_an_operators_officer_proposes_on_what_it_delivered(signed_in, national, ways):
    operateur = f.OperateurFactory()
    row = f.RealisationFactory(
        operateur=operateur, engagement__operateur=operateur, publication=Publication.PUBLIE
    )
    officer = signed_in(f.ReferentAgentFactory(operateur=operateur, nom="Ode Opérateur"))
    made = ways.propose(officer, row, "Chiffre définitif", valeur="77")
    other = signed_in(f.ReferentAgentFactory())
    region = signed_in(f.SecretariatFactory())
    for client in (other, region):
        assert client.get(made.get_absolute_url()).status_code == 404
    assert ways.answer(signed_in(national), made, "accepter").status_code == 302
    assert Realisation.objects.get(pk=row.pk).valeur == 77
    assert "valeur : acceptée par Nadia National" in text_of(officer.get("/admin/"))


def test_an_author_who_lost_the_perimeter_reads_the_answer_and_no_more(
    editor, redacteur, publisher, contrat, ways
):
    made = ways.propose(editor, contrat, lieu="Caen")
    redacteur.regions.set([f.RegionFactory(code="53")])
    Contrat.objects.filter(pk=contrat.pk).update(lieu="Lieu secret")
    shown = text_of(editor.get(made.get_absolute_url()))
    assert "L’enregistrement n’est plus dans votre périmètre" in shown
    assert "Lieu secret" not in shown
    assert ways.answer(publisher, made, "refuser", reponse="Trop tard").status_code == 302
    assert "refusée par Sacha Secrétariat : « Trop tard »" in text_of(editor.get("/admin/"))


def test_an_author_who_became_a_reader_may_still_withdraw(editor, redacteur, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen")
    redacteur.role = Role.LECTEUR
    redacteur.save()
    assert b"_proposer" not in editor.get(address(Contrat, "change", contrat.pk)).content
    assert ways.answer(editor, made, "retirer").status_code == 302
    assert made.etat == "retirée"


# --- The record moves ---------------------------------------------------------------------------


def test_a_deleted_record_closes_what_waits_and_its_author_is_told(
    editor, publisher, secretariat, contrat, ways
):
    made = ways.propose(editor, contrat, lieu="Caen")
    page = address(Contrat, "delete", contrat.pk)
    seen = publisher.get(page).context["empreinte"]
    assert publisher.post(page, {"post": "yes", "empreinte": seen}).status_code == 302
    made.refresh_from_db()
    assert (made.etat, made.repondant) == ("refusée", secretariat)
    assert "L’enregistrement a été supprimé." in text_of(editor.get("/admin/"))
    assert editor.get(made.get_absolute_url()).status_code == 200
    history = text_of(publisher.get(address(Contrat, "history", contrat.pk)))
    assert f"Proposition n° {made.pk} de René Rédacteur" in history


@pytest.mark.parametrize("state", ["retiré", "brouillon"])
def test_a_record_that_leaves_the_site_keeps_its_proposals(editor, publisher, contrat, ways, state):
    made = ways.propose(editor, contrat, lieu="Caen")
    Contrat.objects.filter(pk=contrat.pk).update(publication=state)
    shown = text_of(publisher.get(made.get_absolute_url()))
    assert f"L’enregistrement est à présent « {state} »." in shown
    assert ways.answer(publisher, made, "accepter").status_code == 302
    contrat.refresh_from_db()
    assert contrat.lieu == "Caen"


def test_what_is_proposed_names_no_row_outside_the_perimeter(publisher, projet, bretagne):
    elsewhere = f.TerritoireFactory(region_porteuse=bretagne, nom="Vallée secrète")
    hidden = f.ContratFactory(
        territoire=elsewhere, intitule="Acte secret", publication=Publication.BROUILLON
    )
    made = f.PropositionFactory(
        record=projet,
        changements={"champs": {"contrat": [None, hidden.pk]}, "lignes": []},
    )
    shown = publisher.get(made.get_absolute_url()).content.decode()
    assert "Acte secret" not in shown
    assert "hors de votre périmètre" in shown


# --- Told ---------------------------------------------------------------------------------------


def test_both_are_told_on_their_desks(editor, publisher, canari, ways):
    desk = text_of(publisher.get("/admin/"))
    assert "Propositions à répondre (1)" in desk
    assert "élu du binôme, par René Rédacteur depuis aujourd’hui" in desk
    assert "élu du binôme : en attente" in text_of(editor.get("/admin/"))
    ways.answer(publisher, canari, "refuser", reponse="Le PV nomme une autre élue")
    mine = text_of(editor.get("/admin/"))
    assert "refusée par Sacha Secrétariat : « Le PV nomme une autre élue »" in mine
    assert "Propositions à répondre (0)" in text_of(publisher.get("/admin/"))


def test_the_history_of_the_record_tells_it(editor, publisher, territoire, canari, ways):
    ways.answer(publisher, canari, "accepter", reponse="Vérifié au PV")
    for client in (editor, publisher):
        told = text_of(client.get(address(Territoire, "history", territoire.pk)))
        assert f"Proposition n° {canari.pk} de René Rédacteur" in told
        assert "« Vérifié au PV »" in told
    answered = text_of(publisher.get(canari.get_absolute_url()))
    assert "L’enregistrement tel que cette réponse l’a laissé" in answered


def test_lists_and_filters(editor, publisher, canari):
    for client, asked in ((publisher, "repondre"), (editor, "miennes")):
        page = client.get(f"/admin/programme/proposition/?pour={asked}")
        assert f"N° {canari.pk} : " in text_of(page)
    none = publisher.get("/admin/programme/proposition/?pour=miennes")
    assert f"N° {canari.pk} : " not in text_of(none)


def test_the_pages_cost_the_same_with_many(editor, publisher, contrat, ways):
    def cost(page):
        publisher.get(page)
        with CaptureQueriesContext(connection) as asked:
            assert publisher.get(page).status_code == 200
        return len(asked)

    made = ways.propose(editor, contrat, lieu="Caen")
    pages = ["/admin/", "/admin/programme/proposition/?tout=1", made.get_absolute_url(),
             address(Contrat, "history", contrat.pk)]  # fmt: skip
    before = [cost(page) for page in pages]
    for _ in range(4):
        f.PropositionFactory(record=contrat, auteur=made.auteur)
    after = [cost(page) for page in pages]
    assert [a - b for a, b in zip(after, before, strict=True)] == [0, 0, 0, 0]


# --- Nothing shows ------------------------------------------------------------------------------


def test_no_public_door_knows_of_it(editor, territoire, contrat, canari, ways):
    version = DonneesVersion.objects.current().numero
    second = ways.propose(editor, contrat, MOTIF, lieu="Canaries-sur-Forge")
    assert DonneesVersion.objects.current().numero == version
    pages = [
        territoire.get_absolute_url(),
        contrat.get_absolute_url(),
        "/territoires/", "/contrats/", "/journal/", "/journal/atom.xml", "/plan-du-site/",
        "/recherche/?q=canari", "/recherche/?q=proposition", "/donnees/",
        "/territoires/?format=csv", "/contrats/?format=json", "/sitemap.xml",
    ]  # fmt: skip
    for page in pages:
        response = Client().get(page, follow=True)
        body = b"".join(response) if response.streaming else response.content
        for word in ("Canari", MOTIF, "René Rédacteur"):
            assert word not in body.decode(), page
    for made in (canari, second):
        assert Client().get(made.get_absolute_url()).status_code == 302


def test_once_accepted_the_public_journal_names_no_agent(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, MOTIF, lieu="Caen")
    ways.answer(publisher, made, "accepter", reponse="Vu")
    body = Client().get("/journal/").content.decode()
    assert "Caen" in body
    for word in ("René", "Sacha", MOTIF, "proposition n°"):
        assert word not in body


def test_hostile_answers_get_a_sentence(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen")
    page = made.get_absolute_url()
    for data, told in (
        ({}, "Choisissez : accepter, amender ou refuser."),
        ({"acte": "détruire"}, "Choisissez : accepter, amender ou refuser."),
        ({"acte": "accepter", "version_vue": contrat.version}, "Cochez au moins un changement"),
        ({"acte": "accepter", "version_vue": contrat.version, "retenir": "champ:statut"},
         "L’enregistrement a changé depuis"),
        ({"acte": "refuser", "reponse": "x" * 2001}, "2000 caractères au plus"),
        ({"acte": "refuser", "reponse": " \x00 "}, "Dites pourquoi vous refusez"),
    ):  # fmt: skip
        response = publisher.post(page, data)
        assert told in text_of(response), data
    form = address(Contrat, "change", contrat.pk)
    for number in ("0", "999999", "x", "9" * 40, ""):
        assert publisher.get(f"{form}?proposition={number}").status_code == 404
    made.refresh_from_db()
    assert made.est_en_attente


def test_a_correction_from_nobody_is_answered_the_same(publisher, contrat, ways):
    """The author may be nobody: who speaks is said in words."""
    made = f.PropositionFactory(
        record=contrat, auteur=None, provenance="Mme Anne, lectrice du site",
        visibilite=Proposition.Visibilite.PUBLIQUE,
    )  # fmt: skip
    assert "Mme Anne, lectrice du site" in text_of(publisher.get(made.get_absolute_url()))
    assert ways.answer(publisher, made, "accepter").status_code == 302
    contrat.refresh_from_db()
    assert contrat.lieu == "Canaries-sur-Forge"
    assert made.etat == "acceptée"


def test_a_file_is_not_proposed(editor, contrat):
    row = f.DocumentFactory(territoire=None, contrat=contrat, publication=Publication.PUBLIE)
    page = address(type(row), "change", row.pk)
    shown = editor.get(page)
    assert "fichier" not in shown.context["adminform"].form.fields
    data = {**form_data(shown), "titre": "Titre exact", "motif_proposition": "x", "_proposer": "1"}
    assert editor.post(page, data).status_code == 302
    assert json.loads(json.dumps(Proposition.objects.get().changements))["champs"] == {
        "titre": [row.titre, "Titre exact"]
    }


def test_a_new_name_of_a_territory_is_not_added_alone(editor, territoire):
    page = address(territoire.autres_noms.model, "add")
    data = {"territoire": territoire.pk, "nom": "Pays secret", "fin": ""}
    response = editor.post(page, data)
    assert "Proposez le changement par son formulaire" in messages_of(response)
    assert not territoire.autres_noms.exists()


def test_who_sees_as_another_proposes_nothing(signed_in, national, redacteur, contrat):
    """Seeing the portal as another agent reads only."""
    client = signed_in(national)
    client.post(reverse("admin:territoires_agent_voir_comme", args=[redacteur.pk]))
    page = address(Contrat, "change", contrat.pk)
    client.post(page, {"motif_proposition": "x", "_proposer": "1", "lieu": "Caen"})
    assert not Proposition.objects.exists()


def test_who_answers_then_who_proposed_is_told_by_mail(editor, publisher, contrat, ways):
    f.SecretariatFactory(email="ailleurs@agents.example")
    for agent in Agent.objects.all():
        f.RythmeAvisFactory(agent=agent, rythme="aussitôt")
    courrier().clear()
    made = ways.propose(editor, contrat, MOTIF, lieu="Caen")
    (asked,) = courrier()
    assert asked.to == [Agent.objects.get(nom="Sacha Secrétariat").email]
    assert "René Rédacteur propose un changement (lieu" in asked.body
    assert made.get_absolute_url() in asked.body
    assert f"« {MOTIF} »" in asked.body
    assert "Caen" not in asked.body  # the value is read behind the sign-in
    ways.answer(publisher, made, "refuser", reponse="Le PV dit Alençon")
    told = text_of(publisher.get("/admin/avis/"))
    assert "René Rédacteur a proposé un changement (lieu" in told
    assert ": la proposition est refusée" in told
    assert courrier()[-1].to == [made.auteur.email]
    assert "est refusée par Sacha Secrétariat" in courrier()[-1].body
    assert "« Le PV dit Alençon »" in courrier()[-1].body
