"""A list shows its last view again, to its agent alone; it says what narrows it."""

import pytest
from django.contrib import admin
from django.test import Client

from programme.backoffice.cadre.listes import VUES
from programme.models import Contrat, Projet
from territoires.models import Commune, Rattachement, Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address, messages_of

PAGE = "/admin/programme/contrat/"


@pytest.fixture
def client(signed_in, secretariat, contrats):
    return signed_in(secretariat)


def shown(response):
    return [row.intitule for row in response.context["cl"].queryset]


def text_of(response):
    return " ".join(response.content.decode().split())


def test_the_last_view_comes_back(client):
    client.get(PAGE, {"q": "normande", "statut__exact": "en préparation", "o": "1"})
    back = client.get(PAGE)
    assert back.status_code == 302
    response = client.get(PAGE, follow=True)
    assert response.request["QUERY_STRING"] == ("q=normande&statut__exact=en+pr%C3%A9paration&o=1")
    assert shown(response) == ["Acte normande"]


def test_each_list_has_its_own_view(client):
    client.get(PAGE, {"q": "normande"})
    assert client.get("/admin/programme/projet/").status_code == 200
    assert client.get(PAGE).status_code == 302


def test_another_agent_sees_the_whole_list(client, signed_in, redacteur):
    client.get(PAGE, {"q": "normande"})
    assert signed_in(redacteur).get(PAGE).status_code == 200


def test_nothing_is_kept_after_signing_out(client, secretariat):
    client.get(PAGE, {"q": "normande"})
    client.logout()
    client.force_login(secretariat)
    assert client.get(PAGE).status_code == 200
    assert VUES not in client.session


def test_the_filters_are_taken_off_and_stay_off(client):
    response = client.get(PAGE, {"q": "normande", "statut__exact": "en préparation"})
    assert "Effacer les filtres (2 actifs)" in text_of(response)
    assert 'href="?tout=1"' in text_of(response)
    whole = client.get(PAGE, {"tout": "1"})
    assert "Effacer les filtres" not in text_of(whole)
    assert client.get(PAGE).status_code == 200


def test_every_link_to_the_whole_list_forgets(client):
    """« Tout », the last filter taken off: a bare address would bring the filters back."""
    response = client.get(PAGE, {"statut__exact": "signé"})
    liste = response.context["cl"]
    assert [active["sans"] for active in liste.filtres_actifs] == ["?tout=1"]
    assert liste.clear_all_filters_qs == "?tout=1"
    assert 'href="?"' not in text_of(response)


def test_the_title_says_the_filters(client, contrats):
    asked = {"q": "normande", "statut__exact": "en préparation", "region": "28"}
    response = client.get(PAGE, asked)
    titre = "Contrats : recherche « normande » ; statut en préparation ; région Normandie"
    assert f"<h1>{titre}</h1>" in text_of(response)
    assert f"<title>{titre} – Espace des comités" in text_of(response)
    assert "1 résultat sur 1" in text_of(response)


@pytest.mark.parametrize(
    ("lookup", "value", "said"),
    [
        ("statut__in", ",signé,en cours", "statut non renseigné, signé ou en cours"),
        ("nb_actions__isnull", "True", "nombre d’actions non renseigné"),
        ("nb_actions__isnull", "0", "nombre d’actions renseigné"),
    ],
)
def test_what_an_address_asks_is_said_in_words(client, lookup, value, said):
    response = client.get(PAGE, {lookup: value})
    assert f"<h1>Contrats : {said}</h1>" in text_of(response)


def test_a_date_is_said_in_its_order(signed_in, national):
    f.RattachementFactory(debut="2019-03-06")
    asked = {"debut__year": 2019, "debut__month": 3}
    response = signed_in(national).get(address(Rattachement, "changelist"), asked)
    assert "membre depuis 3/2019" in text_of(response)


@pytest.mark.parametrize(
    "asked",
    [
        {"inconnu": "1"},
        {"statut__nimporte": "x"},
        {"date_signature__year": "abc"},
        {"montant_eur__isempty": "peut-être"},
    ],
)
def test_a_view_that_cannot_be_read_is_told_and_never_kept(client, asked):
    response = client.get(PAGE, asked, follow=True)
    assert response.status_code == 200
    assert "Un filtre de cette adresse n’existe pas, ou plus" in messages_of(response)
    assert len(response.redirect_chain) == 1
    assert client.get(PAGE).status_code == 200


def keep(client, query):
    """Put a view in the session, as an earlier day would have."""
    session = client.session
    session[VUES] = {"programme.contrat": query}
    session.save()


@pytest.mark.parametrize(
    "query",
    [
        "inconnu=1",
        "territoire__nom__startswith=V",
        "date_signature__year=abc",
        "region=99",
        "statut__exact=disparu",
        "e=1",
        "q=%00",
        "p=abc",
    ],
)
def test_an_old_view_never_traps_the_agent(client, query):
    keep(client, query)
    assert client.get(PAGE, follow=True).status_code == 200
    whole = client.get(PAGE, {"tout": "1"})
    assert shown(whole) == ["Acte normande"]
    assert client.get(PAGE).status_code == 200


def test_a_value_that_is_gone_can_be_taken_off(client):
    response = client.get(PAGE, {"region": "99"})
    assert "région : valeur qui n’existe plus" in text_of(response)
    assert "Effacer les filtres (1 actif)" in text_of(response)
    assert "</strong> : votre liste entière compte 1 ligne." in text_of(response)


def test_a_page_that_is_gone_leaves_the_filters(client, contrats, monkeypatch):
    monkeypatch.setattr(admin.site.get_model_admin(Contrat), "list_per_page", 1)
    f.ContratFactory(territoire=contrats.normand.territoire, intitule="Acte normande, suite")
    keep(client, "p=7&q=normande")
    response = client.get(PAGE, follow=True)
    assert response.request["QUERY_STRING"] == "q=normande"
    assert len(shown(response)) == 2


def test_a_hidden_lookup_is_still_refused(client):
    assert client.get(PAGE, {"territoire__nom__startswith": "V"}).status_code == 400


def test_a_small_window_keeps_nothing(client):
    client.get(PAGE, {"_popup": "1", "q": "normande"})
    assert client.get(PAGE).status_code == 200


def test_a_very_long_view_is_not_kept(client):
    client.get(PAGE, {"q": "x" * 2000})
    assert client.get(PAGE).status_code == 200


def test_an_act_keeps_the_view(client, contrats):
    page = f"{PAGE}?q=normande"
    client.get(page)
    data = {"action": "proposer", "_selected_action": [contrats.normand.pk], "index": "0"}
    confirm = client.post(page, data)
    data = {
        "action": "proposer",
        "_selected_action": [contrats.normand.pk],
        "post": "yes",
        "empreinte": confirm.context["empreinte"],
    }
    assert client.post(page, data)["Location"] == page
    contrats.normand.refresh_from_db()
    assert contrats.normand.publication == "à valider"


def test_an_act_on_the_whole_list_is_done(client, contrats):
    data = {"action": "proposer", "_selected_action": [contrats.normand.pk], "index": "0"}
    assert client.post(f"{PAGE}?tout=1", data).context["nombre"] == 1


def test_saving_leads_back_to_the_view(client, contrats):
    client.get(PAGE, {"q": "normande"})
    page = client.get(address(Contrat, "change", contrats.normand.pk))
    assert page.status_code == 200
    assert client.get(PAGE)["Location"] == f"{PAGE}?q=normande"


def test_an_empty_list_says_so(signed_in, secretariat):
    response = signed_in(secretariat).get(address(Projet, "changelist"))
    assert "Rien n’est enregistré ici" in text_of(response)


def test_nobody_signed_out_is_led_anywhere(db):
    assert Client().get(PAGE)["Location"].startswith("/admin/login/")


# --- Filters --------------------------------------------------------------------------------------


@pytest.fixture
def nationale(signed_in, national):
    return signed_in(national)


def found(client, model, **asked):
    page = client.get(address(model, "changelist"), asked)
    return {row.pk for row in page.context["cl"].queryset}


def test_what_is_missing_is_a_filter(nationale):
    without = f.ProjetFactory(investissement_eur=None)
    zero = f.ProjetFactory(investissement_eur=0)
    assert found(nationale, Projet, investissement_eur__isempty="1") == {without.pk}
    assert found(nationale, Projet, investissement_eur__isempty="0") == {zero.pk}


def test_projects_outside_any_territory_are_a_filter(nationale):
    outside, _ = f.ProjetFactory(territoire=None), f.ProjetFactory()
    assert found(nationale, Projet, territoire__isempty="1") == {outside.pk}


def test_territories_without_all_their_referents_are_a_filter(nationale):
    one, two = f.OperateurFactory(), f.OperateurFactory()
    none, some, every = (f.TerritoireFactory() for _ in range(3))
    f.ReferentFactory(operateur=one, territoire=some, debut="2020-01-01", fin=None)
    f.ReferentFactory(operateur=two, territoire=some, debut="2020-01-01", fin="2021-01-01")
    for operateur in (one, two):
        f.ReferentFactory(operateur=operateur, territoire=every, debut="2020-01-01", fin=None)
    assert found(nationale, Territoire, couverture="aucun") == {none.pk}
    assert found(nationale, Territoire, couverture="manquants") == {none.pk, some.pk}
    assert found(nationale, Territoire, couverture="complets") == {every.pk}


def test_a_hostile_search_is_said_as_it_is(nationale):
    response = nationale.get(address(Commune, "changelist"), {"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in response.content.decode()
    assert "recherche « &lt;script&gt;alert(1)&lt;/script&gt; »" in text_of(response)
