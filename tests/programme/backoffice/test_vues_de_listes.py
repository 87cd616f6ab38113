"""Views of lists: kept under a name, found again on the list and on the desk, shared, stale."""

import pytest

from programme.models import Contrat, Projet, VueDeListe
from programme.models.vues import AU_PLUS
from tests import factories as f
from tests.programme.backoffice.outils import address, messages_of, text_of

LISTE = address(Contrat, "changelist")
GARDER = address(Contrat, "garder_vue")
SIGNES = "statut__exact=sign%C3%A9"


def garder(client, requete=SIGNES, **sent):
    return client.post(f"{GARDER}?{requete}", {"nom": "Contrats signés", **sent})


def test_a_view_is_kept_and_found_again(signed_in, secretariat):
    client = signed_in(secretariat)
    shown = client.get(f"{LISTE}?{SIGNES}")
    assert f'href="{GARDER}?{SIGNES}"' in shown.content.decode()
    response = garder(client)
    assert (response.status_code, response["Location"]) == (302, f"{LISTE}?{SIGNES}")
    again = client.get(response["Location"])
    assert "La vue « Contrats signés » est gardée." in messages_of(again)
    assert f'href="?{SIGNES}" aria-current="true">Contrats signés' in again.content.decode()
    assert "Garder cette vue" not in text_of(again)
    desk = client.get("/admin/").content.decode()
    assert f'href="{LISTE}?{SIGNES}">Contrats signés</a>' in desk


def test_the_same_address_is_the_same_view_whatever_the_order(signed_in, secretariat):
    client = signed_in(secretariat)
    garder(client, "type__exact=protocole&statut__exact=sign%C3%A9&p=1&tout=1")
    page = client.get(f"{LISTE}?statut__exact=sign%C3%A9&type__exact=protocole")
    assert page.context["vue_montree"].nom == "Contrats signés"


def test_what_is_kept_is_what_is_asked_not_the_page(signed_in, secretariat):
    garder(signed_in(secretariat), "q=forge+d%27acier&o=-1&p=3&tout=1&e=1")
    assert VueDeListe.objects.get().filtres == [["o", "-1"], ["q", "forge d'acier"]]


@pytest.mark.parametrize(
    ("requete", "sent", "told"),
    [
        (SIGNES, {"nom": " "}, "Donnez un nom à cette vue"),
        (SIGNES, {"nom": "x" * 81}, "80 caractères au plus"),
        (SIGNES, {"nom": "Déjà là"}, "Vous avez déjà une vue de ce nom"),
        ("tout=1", {}, "Cette adresse montre la liste entière"),
        (f"q={'x' * 1000}", {}, "Cette adresse demande trop de choses"),
        (SIGNES, {"region": "53"}, "Choisissez un comité dont vous êtes"),
    ],
)
def test_what_cannot_be_kept_says_why(signed_in, secretariat, requete, sent, told):
    f.RegionFactory(code="53")
    f.VueDeListeFactory(agent=secretariat, nom="Déjà là", filtres=[["q", "four"]])
    response = garder(signed_in(secretariat), requete, **sent)
    assert response.status_code == 400
    assert told in text_of(response)
    assert "Ce champ ne peut pas être vide" not in text_of(response)  # said once
    assert VueDeListe.objects.count() == 1


def test_a_sign_that_no_base_keeps_is_read_as_none(signed_in, secretariat):
    client = signed_in(secretariat)
    assert garder(client, "q=%00forge").status_code == 302
    assert VueDeListe.objects.get().filtres == [["q", "�forge"]]
    assert client.get(f"{LISTE}?q=%00four").status_code == 200


def test_an_agent_keeps_so_many_views_of_a_list(signed_in, secretariat):
    f.VueDeListeFactory.create_batch(AU_PLUS, agent=secretariat)
    response = garder(signed_in(secretariat))
    assert f"Vous gardez déjà {AU_PLUS} vues" in text_of(response)


def test_a_view_is_renamed_and_deleted(signed_in, secretariat):
    client = signed_in(secretariat)
    vue = f.VueDeListeFactory(agent=secretariat, nom="Avant")
    page = address(Contrat, "vue", vue.pk)
    assert f'href="{page}"' in client.get(f"{LISTE}?{SIGNES}").content.decode()
    client.post(page, {"nom": "Après"})
    vue.refresh_from_db()
    assert vue.nom == "Après"
    response = client.post(page, {"supprimer": "oui"}, follow=True)
    assert "La vue « Après » est supprimée." in messages_of(response)
    assert not VueDeListe.objects.exists()


def test_a_view_is_shared_with_the_committee(signed_in, redacteur, secretariat, bretagne):
    garder(signed_in(redacteur), region="28")
    vue = VueDeListe.objects.get()
    client = signed_in(secretariat)
    assert "partagée par René Rédacteur" in text_of(client.get(f"{LISTE}?tout=1"))
    assert "partagée par René Rédacteur" in text_of(client.get("/admin/"))
    # Who answers for the committee may put it away; a colleague of another one never sees it.
    assert client.get(address(Contrat, "vue", vue.pk)).status_code == 200
    breton = signed_in(f.SecretariatFactory(regions=[bretagne]))
    assert "Contrats signés" not in text_of(breton.get(f"{LISTE}?tout=1"))
    assert "Contrats signés" not in text_of(breton.get("/admin/"))
    assert breton.get(address(Contrat, "vue", vue.pk)).status_code == 404


def test_a_view_of_ones_own_is_nobody_elses(signed_in, secretariat, redacteur, national):
    vue = f.VueDeListeFactory(agent=redacteur, nom="Pour moi seul")
    for agent in (secretariat, national):
        client = signed_in(agent)
        assert "Pour moi seul" not in text_of(client.get(f"{LISTE}?tout=1"))
        page = address(Contrat, "vue", vue.pk)
        assert client.get(page).status_code == 404
        assert client.post(page, {"supprimer": "oui"}).status_code == 404
    assert VueDeListe.objects.filter(pk=vue.pk).exists()


def test_a_colleague_reads_a_shared_view_and_does_not_rename_it(signed_in, normandie, redacteur):
    vue = f.VueDeListeFactory(agent=redacteur, region=normandie)
    reader = signed_in(f.LecteurFactory(regions=[normandie]))
    assert reader.get(f"{LISTE}?{SIGNES}").context["vue_url"] == ""
    assert reader.post(address(Contrat, "vue", vue.pk), {"nom": "x"}).status_code == 404


def test_a_view_whose_filter_is_gone_says_so(signed_in, secretariat):
    vue = f.VueDeListeFactory(
        agent=secretariat, nom="Val de Loire", filtres=[["territoire", "ti-gone"]]
    )
    client = signed_in(secretariat)
    response = client.get(f"{LISTE}?{vue.requete}", follow=True)
    assert response.status_code == 200
    told = messages_of(response)
    assert "Un filtre de la vue « Val de Loire » n’existe plus : voici la liste entière." in told
    assert address(Contrat, "vue", vue.pk) in told


def test_a_view_of_a_list_that_one_does_not_read_is_not_on_the_desk(signed_in, normandie):
    operateur = f.OperateurFactory()
    agent = f.ReferentAgentFactory(operateur=operateur)
    f.VueDeListeFactory(agent=agent, nom="Contrats d’avant")
    f.VueDeListeFactory(agent=agent, nom="Liste oubliée", liste="programme.gone")
    assert "Mes vues" not in text_of(signed_in(agent).get("/admin/"))
    assert signed_in(agent).get(f"{GARDER}?{SIGNES}").status_code == 403


def test_each_list_has_its_own_views(signed_in, secretariat):
    f.VueDeListeFactory(agent=secretariat, nom="Des contrats")
    client = signed_in(secretariat)
    assert "Des contrats" not in text_of(client.get(address(Projet, "changelist")))
