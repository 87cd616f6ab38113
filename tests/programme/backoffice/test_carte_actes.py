"""The acts of a séance on the map: previewed, recorded with their author, and undone."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from programme.models import Decision
from territoires.ajustements import members_at
from territoires.liste_membres import COLUMNS
from territoires.models import Rattachement, Territoire
from tests import factories as f

pytestmark = pytest.mark.django_db
LE = date(2022, 1, 10)
PLUS_TARD = date(2022, 6, 1)


@pytest.fixture
def normandie():
    return f.RegionFactory(code="28")


@pytest.fixture
def bretagne():
    return f.RegionFactory(code="53")


@pytest.fixture
def seance(normandie):
    comite = f.ComiteRegionalFactory(region=normandie)
    return f.SeanceFactory(comite_regional=comite, date=LE)


@pytest.fixture
def aigle(normandie):
    return f.TerritoireFactory(nom="Pays de l’Aigle", region_porteuse=normandie)


@pytest.fixture
def voisine(normandie):
    """An intercommunalité of Normandie that is in no territory."""
    departement = f.DepartementFactory(region=normandie)
    return f.IntercommunaliteFactory(nom="CC des Collines", departements=[departement])


@pytest.fixture
def secretariat(client, normandie):
    agent = f.SecretariatFactory(nom="Claude Roussel", regions=[normandie])
    client.force_login(agent)
    return agent


def act_url(seance, acte, territoire=None):
    if territoire is None:
        return reverse("admin:programme_seance_acte", args=[seance.pk, acte])
    name = "admin:programme_seance_acte_territoire"
    return reverse(name, args=[seance.pk, acte, territoire.pk])


def confirm(client, url, data):
    """Preview, then send what the preview's form holds."""
    shown = client.post(url, data)
    assert shown.status_code == 200
    assert "Rien n’est encore enregistré" in shown.content.decode(), shown.content.decode()
    return client.post(url, {**data, "empreinte": shown.context["empreinte"]}, follow=True)


def test_a_preview_shows_the_map_and_records_nothing(client, secretariat, seance, aigle, voisine):
    page = client.post(
        act_url(seance, "rattacher", aigle),
        {"le": "2022-01-10", "source": "Comité", "intercommunalites": [voisine.pk]},
    ).content.decode()

    assert "Pays de l’Aigle : gagne CC des Collines" in page
    assert "La veille, le 9 janvier 2022" in page
    assert voisine.pk not in members_at(aigle, LE)
    assert not Decision.objects.exists()


def test_a_confirmed_act_is_a_decision_with_its_author(client, secretariat, seance, aigle, voisine):
    page = confirm(
        client,
        act_url(seance, "rattacher", aigle),
        {"le": "2022-01-10", "source": "Comité", "intercommunalites": [voisine.pk]},
    ).content.decode()

    decision = Decision.objects.get()
    assert voisine.pk in members_at(aigle, LE)
    assert (decision.seance, decision.auteur, decision.territoire) == (seance, secretariat, aigle)
    assert decision.texte.startswith("À compter du 10 janvier 2022 : Pays de l’Aigle")
    assert "Décision enregistrée" in page
    assert "par Claude Roussel" in page


def test_a_code_typed_without_javascript_is_enough(client, secretariat, seance, aigle, voisine):
    data = {"le": "2022-01-10", "source": "Comité", "intercommunalites_code": voisine.pk}
    url = act_url(seance, "rattacher", aigle)
    shown = client.post(url, data)
    hidden = {"le": "2022-01-10", "source": "Comité", "intercommunalites": [voisine.pk]}
    client.post(url, {**hidden, "empreinte": shown.context["empreinte"]})

    assert voisine.pk in members_at(aigle, LE)


@pytest.mark.usefixtures("secretariat")
def test_each_act_changes_the_map(client, seance, aigle, voisine, normandie):
    common = {"source": "Comité"}
    confirm(
        client,
        act_url(seance, "ajouter"),
        {
            **common,
            "le": "2022-01-10",
            "code": "ti-2899",
            "nom": "Bocage",
            "region_porteuse": normandie.pk,
            "intercommunalites": [voisine.pk],
        },
    )
    bocage = Territoire.objects.get(pk="ti-2899")
    assert members_at(bocage, LE) == [voisine.pk]

    confirm(
        client,
        act_url(seance, "renommer", bocage),
        {**common, "le": "2022-02-01", "nom": "Bocage ornais"},
    )
    bocage.refresh_from_db()
    assert bocage.nom == "Bocage ornais"

    confirm(
        client,
        act_url(seance, "reunir"),
        {**common, "le": "2022-03-01", "origines": [bocage.pk], "vers": aigle.pk},
    )
    bocage.refresh_from_db()
    assert bocage.successeur == aigle
    assert voisine.pk in members_at(aigle, date(2022, 3, 1))

    confirm(
        client,
        act_url(seance, "detacher", aigle),
        {**common, "le": "2022-04-01", "membres": [voisine.pk]},
    )
    assert voisine.pk not in members_at(aigle, date(2022, 4, 1))

    confirm(client, act_url(seance, "retirer", aigle), {**common, "le": "2022-05-01"})
    assert not Territoire.objects.at(date(2022, 5, 1)).filter(pk=aigle.pk).exists()
    assert Decision.objects.count() == 5


def test_a_decision_is_undone_by_its_contrary_and_once(client, secretariat, seance, aigle):
    confirm(client, act_url(seance, "retirer", aigle), {"le": "2022-01-10", "source": "Comité"})
    done = Decision.objects.get()
    url = reverse("admin:programme_seance_defaire", args=[seance.pk, done.pk])

    refused = client.post(url, {"le": "2022-01-10", "source": "Comité"}).content.decode()
    assert "daté d’un jour plus tard" in refused

    page = confirm(client, url, {"le": "2022-06-01", "source": "Comité"}).content.decode()
    assert "Défaite par la" in page
    assert Territoire.objects.at(PLUS_TARD).filter(pk=aigle.pk).exists()
    assert not Territoire.objects.at(LE).filter(pk=aigle.pk).exists()

    again = client.get(url, follow=True).content.decode()
    assert "Cette décision est déjà défaite" in again


def test_a_preview_that_has_aged_is_shown_again(client, secretariat, seance, aigle, voisine):
    url = act_url(seance, "rattacher", aigle)
    data = {"le": "2022-01-10", "source": "Comité", "intercommunalites": [voisine.pk]}
    shown = client.post(url, data)
    other = f.RattachementFactory(territoire=aigle)

    page = client.post(url, {**data, "empreinte": shown.context["empreinte"]}).content.decode()

    assert "La carte a changé depuis votre aperçu" in page
    assert not Decision.objects.exists()
    assert other.intercommunalite_id in members_at(aigle, LE)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"le": "", "source": "Comité"}, "Ce champ est obligatoire"),
        ({"le": "2022-13-45", "source": "Comité"}, "n’existe pas au calendrier"),
        ({"le": "2022-01-10", "source": "Comité"}, "Nommez au moins une intercommunalité"),
        (
            {"le": "2022-01-10", "source": "Comité", "intercommunalites": ["123456789"]},
            "« 123456789 » n’est pas un membre possible",
        ),
    ],
)
@pytest.mark.usefixtures("secretariat")
def test_a_wrong_form_says_why(client, seance, aigle, data, message):
    response = client.post(act_url(seance, "rattacher", aigle), data)

    assert message in response.content.decode()
    assert not Decision.objects.exists()


def test_members_of_another_region_are_not_offered(client, secretariat, seance, aigle, bretagne):
    departement = f.DepartementFactory(region=bretagne)
    breton = f.IntercommunaliteFactory(nom="CC du Trégor", departements=[departement])

    page = client.post(
        act_url(seance, "rattacher", aigle),
        {"le": "2022-01-10", "source": "Comité", "intercommunalites": [breton.pk]},
    ).content.decode()

    assert "n’est pas un membre possible" in page
    assert "CC du Trégor" not in page


def test_a_member_of_another_territory_is_refused(client, secretariat, seance, aigle, voisine):
    other = f.TerritoireFactory(nom="Sud Manche", rattachement=None)
    f.RattachementFactory(territoire=other, intercommunalite=voisine)

    page = client.post(
        act_url(seance, "rattacher", aigle),
        {"le": "2022-01-10", "source": "Comité", "intercommunalites": [voisine.pk]},
    ).content.decode()

    assert "est déjà membre de « Sud Manche » depuis le" in page


def test_who_may_not_adjust_the_map_is_refused(client, seance, aigle, normandie, bretagne):
    url = act_url(seance, "retirer", aigle)

    assert client.get(url).status_code == 302
    for factory in (f.RedacteurFactory, f.LecteurFactory):
        client.force_login(factory(regions=[normandie]))
        assert client.get(url).status_code == 403
        assert client.post(url, {"le": "2022-01-10", "source": "x"}).status_code == 403
    client.force_login(f.ReferentAgentFactory())
    assert client.get(url).status_code in {403, 404}
    client.force_login(f.SecretariatFactory(regions=[bretagne]))
    response = client.get(url)
    assert response.status_code == 404
    assert "Aigle" not in response.content.decode()


def test_a_territory_of_another_region_is_out_of_reach(client, secretariat, seance, bretagne):
    breton = f.TerritoireFactory(nom="Trégor", region_porteuse=bretagne)

    assert client.get(act_url(seance, "retirer", breton)).status_code == 404
    page = client.get(reverse("admin:programme_seance_carte", args=[seance.pk])).content.decode()
    assert "Trégor" not in page


def test_a_shared_territory_is_adjusted_by_both_its_regions(client, secretariat, seance, bretagne):
    shared = f.TerritoireFactory(region_porteuse=bretagne, regions=[seance.comite.region])

    assert client.get(act_url(seance, "rattacher", shared)).status_code == 200


@pytest.mark.parametrize("acte", ["inconnu", "rattacher", "retirer"])
def test_an_act_without_its_territory_does_not_exist(client, secretariat, seance, acte):
    assert client.get(act_url(seance, acte)).status_code == 404


# --- The whole list ---------------------------------------------------------------------------


def as_list(rows):
    lines = [",".join(COLUMNS), *(",".join(row) for row in rows)]
    return SimpleUploadedFile("liste.csv", "\n".join(lines).encode(), "text/csv")


def row_of(territoire, siren):
    return [territoire.pk, territoire.nom, territoire.region_porteuse_id, siren, "", "CC", ""]


@pytest.fixture
def national(client):
    agent = f.NationalFactory()
    client.force_login(agent)
    return agent


def test_a_list_is_previewed_then_imported_whole(client, national, seance, aigle, voisine):
    (kept,) = members_at(aigle, LE)
    url = act_url(seance, "liste")
    rows = [row_of(aigle, kept), row_of(aigle, voisine.pk)]
    form = {"le": "2022-01-10", "source": "Liste ANCT"}

    shown = client.post(url, {**form, "fichier": as_list(rows)})
    page = shown.content.decode()
    assert "Reconnu : 1" in page
    assert "1 de plus" in page
    hidden = shown.context["form"]["contenu"].data
    client.post(url, {**form, "contenu": hidden, "empreinte": shown.context["empreinte"]})

    assert members_at(aigle, LE) == sorted([kept, voisine.pk])
    assert Decision.objects.get().ajustement["acte"] == "importer une liste complète"


def test_a_wrong_row_is_named_and_imports_nothing(client, national, seance, aigle, voisine):
    rows = [row_of(aigle, voisine.pk), row_of(aigle, "123456789")]
    data = {"le": "2022-01-10", "source": "Liste", "fichier": as_list(rows)}

    page = client.post(act_url(seance, "liste"), data).content.decode()

    assert "Ligne 3, colonne siren_groupement : le SIREN « 123456789 »" in page
    assert Rattachement.objects.filter(territoire=aigle).count() == 1


def test_a_list_without_a_file_says_so(client, national, seance):
    page = client.post(act_url(seance, "liste"), {"le": "2022-01-10", "source": "Liste"})

    assert "Choisissez le fichier de la liste" in page.content.decode()


def test_only_a_national_administrator_imports_a_list(client, secretariat, seance):
    assert client.get(act_url(seance, "liste")).status_code == 403


def test_the_page_of_a_seance_leads_to_the_acts(client, secretariat, seance):
    page = client.get(reverse("admin:programme_seance_change", args=[seance.pk])).content.decode()

    assert reverse("admin:programme_seance_carte", args=[seance.pk]) in page


def test_the_cost_of_the_acts_page_does_not_grow(
    client, secretariat, seance, aigle, django_assert_max_num_queries
):
    url = reverse("admin:programme_seance_carte", args=[seance.pk])
    with django_assert_max_num_queries(17) as one:
        client.get(url)
    for _ in range(4):
        f.TerritoireFactory(region_porteuse=aigle.region_porteuse)
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(url)
