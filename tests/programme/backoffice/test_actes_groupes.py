"""Acts on a selection: shown before they are done, whole or not at all, whatever is posted."""

import pytest

from programme.models import Contrat, Jalon, Publication
from tests import factories as f
from tests.programme.backoffice.outils import address, messages_of

PAGE = "/admin/programme/contrat/?tout=1"
ACTES = ["proposer", "publier", "retirer", "delete_selected"]


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


def choose(client, act, keys, page=PAGE, **more):
    data = {"action": act, "_selected_action": keys, "index": "0", **more}
    return client.post(page, data, follow=True)


def confirm(client, shown, act, keys, page=PAGE):
    seen = shown.context["empreinte"]
    data = {"action": act, "_selected_action": keys, "post": "yes", "empreinte": seen}
    return client.post(page, data, follow=True)


def states():
    return list(Contrat.objects.order_by("pk").values_list("publication", flat=True))


@pytest.mark.parametrize("act", ACTES)
def test_nothing_chosen_changes_nothing_and_says_what_to_do(client, contrats, act):
    response = choose(client, act, [])
    assert "Cochez au moins une ligne, puis choisissez un acte." in messages_of(response)
    assert states() == ["brouillon", "brouillon"]


def test_no_act_chosen_says_so(client, contrats):
    response = choose(client, "", [contrats.normand.pk])
    assert "Choisissez un acte à faire avec la sélection." in messages_of(response)


@pytest.mark.parametrize("act", ACTES)
@pytest.mark.parametrize("key", ["abc", "999999", "9" * 40, "1\x00", "-1", "1 OR 1=1", "é"])
def test_a_forged_key_is_told_and_changes_nothing(client, contrats, act, key):
    response = choose(client, act, [key])
    assert response.status_code == 200
    assert "Aucune des lignes choisies n’est dans votre liste" in messages_of(response)
    assert states() == ["brouillon", "brouillon"]


@pytest.mark.parametrize("act", ACTES)
def test_another_region_s_rows_are_no_choice(client, contrats, act):
    response = choose(client, act, [contrats.breton.pk])
    assert "Aucune des lignes choisies" in messages_of(response)
    data = {"action": act, "_selected_action": [contrats.breton.pk], "post": "yes"}
    assert "Aucune des lignes choisies" in messages_of(client.post(PAGE, data, follow=True))
    assert states() == ["brouillon", "brouillon"]


@pytest.mark.parametrize(
    ("act", "state"), [("proposer", Publication.A_VALIDER), ("publier", Publication.PUBLIE)]
)
def test_one_row_is_shown_then_changed(client, contrats, act, state):
    shown = choose(client, act, [contrats.normand.pk])
    assert states() == ["brouillon", "brouillon"]
    done = confirm(client, shown, act, [contrats.normand.pk])
    assert f"Enregistrements passés à « {state} » : 1." in messages_of(done)
    contrats.normand.refresh_from_db()
    assert contrats.normand.publication == state


def test_what_may_not_change_is_said_and_left(client, contrats):
    shown = choose(client, "retirer", [contrats.normand.pk])
    assert "Aucun de ces enregistrements ne peut passer à « retiré »." in shown.content.decode()
    confirm(client, shown, "retirer", [contrats.normand.pk])
    assert states() == ["brouillon", "brouillon"]


def test_deletion_counts_in_french(client, contrats):
    shown = choose(client, "delete_selected", [contrats.normand.pk])
    assert "Supprimer 1 contrat et tout ce qui en dépend ?" in shown.content.decode()
    other = f.ContratFactory(territoire=contrats.normand.territoire, publication="brouillon")
    keys = [contrats.normand.pk, other.pk]
    shown = choose(client, "delete_selected", keys)
    assert "Supprimer 2 contrats et tout ce qui en dépend ?" in shown.content.decode()
    done = confirm(client, shown, "delete_selected", keys)
    assert "Suppression faite : 2 contrats." in messages_of(done)


@pytest.fixture
def jalons(db):
    Jalon.objects.bulk_create(
        Jalon(
            date="2020-01-01",
            precision_date="jour",
            intitule=f"Jalon {rank}",
            publication=Publication.BROUILLON,
        )
        for rank in range(501)
    )
    return list(Jalon.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("act", ["proposer", "publier", "delete_selected"])
def test_five_hundred_rows_at_most(signed_in, national, jalons, act):
    client = signed_in(national)
    page = f"{address(Jalon, 'changelist')}?tout=1"
    for keys, across in ((jalons, "0"), (jalons[:1], "1")):
        response = choose(client, act, keys, page, select_across=across)
        assert "Choisissez 500 enregistrements au plus à la fois." in messages_of(response)
    assert Jalon.objects.filter(publication=Publication.BROUILLON).count() == 501


def test_the_rows_of_all_pages_are_confirmed_one_by_one(signed_in, national, jalons):
    client = signed_in(national)
    page = f"{address(Jalon, 'changelist')}?q=jalon+1"
    shown = choose(client, "publier", jalons[1:2], page, select_across="1")
    chosen = shown.context["selection"]
    assert len(chosen) == Jalon.objects.filter(intitule__contains="1").count() == 176
    confirm(client, shown, "publier", chosen, page)
    assert Jalon.objects.filter(publication=Publication.PUBLIE).count() == 176


def test_a_refused_view_of_the_acts_stays_forbidden(signed_in, normandie, contrats):
    client = signed_in(f.LecteurFactory(regions=[normandie]))
    for act in ACTES:
        client.post(PAGE, {"action": act, "_selected_action": [contrats.normand.pk], "index": "0"})
    assert states() == ["brouillon", "brouillon"]
