"""« Cet acte n’a pas eu lieu »: the public past is right again, the trace stays inside."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from programme.catalogue.journal.lignes import groups
from programme.catalogue.journal.vues import FiltreJournal
from programme.models import Contrat, Decision, DonneesVersion, Publication, Seance
from territoires.ajustements import members_at
from territoires.historiques import differences
from territoires.models import AutreNom, Modification, Rattachement, Territoire
from territoires.situation import situer
from tests import factories as f
from tests.programme.backoffice.outils import act, form_data, text_of
from tests.public import answers, gaps

pytestmark = pytest.mark.django_db
LE = date(2022, 1, 10)
RAISON = "Le comité n’a jamais décidé cela."


@pytest.fixture
def seance(normandie):
    comite = f.ComiteRegionalFactory(region=normandie)
    return f.SeanceFactory(comite_regional=comite, date=LE)


@pytest.fixture
def brouillon(seance):
    return f.SeanceFactory(
        comite_regional=seance.comite_regional,
        date=date(2022, 2, 1),
        publication=Publication.BROUILLON,
    )


@pytest.fixture
def terrain(normandie, bretagne):
    """Territories of two régions, and two intercommunalités that are in none."""
    places = {
        region.pk: f.DepartementFactory(region=region, code=code)
        for region, code in ((normandie, "50"), (bretagne, "35"))
    }

    def epci(nom, region):
        return f.IntercommunaliteFactory(nom=nom, departements=[places[region.pk]])

    def territoire(nom, membre, region):
        made = f.TerritoireFactory(nom=nom, region_porteuse=region, rattachement=None)
        f.RattachementFactory(territoire=made, intercommunalite=membre)
        return made

    membres = {
        "aigle": epci("CC de l’Aigle", normandie),
        "orne": epci("CC de l’Orne", normandie),
        "bocage": epci("CC du Bocage", normandie),
        "rance": epci("CC de la Rance", bretagne),
    }
    territoires = {
        nom: territoire(nom.capitalize(), membres[nom], normandie) for nom in ("aigle", "orne")
    }
    situer()
    return territoires, {nom: membre.pk for nom, membre in membres.items()}


@pytest.fixture
def secretariat_client(signed_in, secretariat):
    return signed_in(secretariat)


@pytest.fixture
def admin(signed_in, national):
    return signed_in(national)


def acte_url(seance, acte, territoire=None):
    if territoire is None:
        return reverse("admin:programme_seance_acte", args=[seance.pk, acte])
    name = "admin:programme_seance_acte_territoire"
    return reverse(name, args=[seance.pk, acte, territoire.pk])


def decide(client, seance, acte, territoire=None, **data):
    """Preview and confirm an act; returns its `Decision`."""
    url = acte_url(seance, acte, territoire)
    data = {"le": "2022-01-10", "source": "Comité", **data}
    shown = client.post(url, data)
    assert "empreinte" in (shown.context or {}), text_of(shown)
    done = client.post(url, {**data, "empreinte": shown.context["empreinte"]})
    assert done.status_code == 302, text_of(done)
    return Decision.objects.latest("pk")


def corriger(client, trace, motif=RAISON):
    return client.post(
        reverse("admin:territoires_modification_corriger", args=[trace.pk]), {"motif": motif}
    )


def facts(terrain, normandie):
    """What each act needs: (its name, whether it is about « aigle », its data)."""
    territoires, membres = terrain
    new = {"code": "ti-2899", "nom": "Bocage", "region_porteuse": normandie.pk}
    return {
        "ajouter": (False, {**new, "intercommunalites": [membres["bocage"]]}),
        "rattacher": (True, {"intercommunalites": [membres["rance"]]}),
        "detacher": (True, {"membres": [membres["aigle"]]}),
        "renommer": (True, {"nom": "Pays de l’Aigle"}),
        "retirer": (True, {}),
        "reunir": (
            False,
            {**new, "origines": [territoires["aigle"].pk, territoires["orne"].pk]},
        ),
    }


@pytest.mark.parametrize(
    "acte", ["ajouter", "rattacher", "detacher", "renommer", "retirer", "reunir"]
)
def test_a_corrected_act_of_the_map_leaves_nothing_in_public(
    admin, seance, terrain, normandie, acte
):
    about, data = facts(terrain, normandie)[acte]
    before, rows = answers(), set(Rattachement.objects.values_list("pk", "debut", "fin"))
    decision = decide(admin, seance, acte, terrain[0]["aigle"] if about else None, **data)
    assert gaps(before, answers()) != {}

    response = corriger(admin, decision.trace)

    assert response.status_code == 302
    assert gaps(before, answers()) == {}
    assert set(Rattachement.objects.values_list("pk", "debut", "fin")) == rows
    assert not Territoire.objects.filter(pk="ti-2899").exists()
    assert not AutreNom.objects.exists()
    assert not Decision.objects.exists()
    trace = Modification.objects.actes().get()
    assert (trace.corrigee.auteur.nom, trace.corrigee.raison) == ("Nadia National", RAISON)
    page = text_of(admin.get(response.url))
    assert RAISON in page
    assert decision.texte[:60] in page
    assert Decision.history.filter(history_type="-").count() == 1


def test_a_corrected_act_leaves_no_extra_region(admin, seance, terrain, bretagne):
    aigle, rance = terrain[0]["aigle"], terrain[1]["rance"]
    decision = decide(admin, seance, "rattacher", aigle, intercommunalites=[rance])
    assert bretagne in aigle.regions.all()

    corriger(admin, decision.trace)

    assert bretagne not in aigle.regions.all()


def test_a_member_that_leaves_takes_its_region_with_it(admin, seance, terrain, bretagne):
    aigle, rance = terrain[0]["aigle"], terrain[1]["rance"]
    decide(admin, seance, "rattacher", aigle, intercommunalites=[rance])
    decide(admin, seance, "detacher", aigle, membres=[rance], le="2022-03-01")

    assert bretagne not in aigle.regions.all()


def test_a_territory_that_left_keeps_the_regions_of_its_last_members(
    admin, seance, terrain, normandie, bretagne
):
    aigle, rance = terrain[0]["aigle"], terrain[1]["rance"]
    decide(admin, seance, "rattacher", aigle, intercommunalites=[rance])
    decide(admin, seance, "retirer", aigle, le="2022-03-01")

    assert set(aigle.regions.all()) == {normandie, bretagne}


def test_what_depends_is_corrected_first(admin, seance, terrain):
    aigle, orne = terrain[0]["aigle"], terrain[0]["orne"]
    left = decide(admin, seance, "detacher", aigle, membres=[terrain[1]["aigle"]])
    came = decide(
        admin, seance, "rattacher", orne, intercommunalites=[terrain[1]["aigle"]], le="2022-02-01"
    )

    refused = corriger(admin, left.trace)
    assert refused.status_code == 409
    told = text_of(refused)
    assert "Un acte fait ensuite en dépend : « À compter du 1er février 2022" in told
    assert RAISON in told

    assert corriger(admin, came.trace).status_code == 302
    assert corriger(admin, left.trace).status_code == 302
    assert members_at(aigle, LE) == [terrain[1]["aigle"]]


def test_an_independent_later_act_hinders_nothing(admin, seance, terrain):
    aigle = terrain[0]["aigle"]
    came = decide(admin, seance, "rattacher", aigle, intercommunalites=[terrain[1]["bocage"]])
    decide(admin, seance, "renommer", aigle, nom="Pays de l’Aigle", le="2022-03-01")

    assert corriger(admin, came.trace).status_code == 302
    aigle.refresh_from_db()
    assert aigle.nom == "Pays de l’Aigle"
    assert terrain[1]["bocage"] not in members_at(aigle, LE)


def test_what_names_a_new_territory_is_told(admin, seance, terrain, normandie):
    new = {"code": "ti-2899", "nom": "Bocage", "region_porteuse": normandie.pk}
    decision = decide(admin, seance, "ajouter", **new, intercommunalites=[terrain[1]["bocage"]])
    f.ContratFactory(territoire=Territoire.objects.get(pk="ti-2899"), intitule="Bocage")

    told = text_of(corriger(admin, decision.trace))

    assert "« Bocage », que cet acte a fait, est nommé par un autre enregistrement (contrat" in told
    assert Territoire.objects.filter(pk="ti-2899").exists()


def test_an_act_is_corrected_once(admin, seance, terrain):
    decision = decide(admin, seance, "retirer", terrain[0]["aigle"])
    assert corriger(admin, decision.trace).status_code == 302

    again = corriger(admin, decision.trace)

    assert again.status_code == 409
    assert "déjà corrigé" in text_of(again)


def test_the_addresses_of_before_lead_to_the_same_act(admin, seance, terrain):
    decision = decide(admin, seance, "renommer", terrain[0]["aigle"], nom="Pays de l’Aigle")
    old, key = "/admin/territoires/trace/", decision.trace.pk
    now = reverse("admin:territoires_modification_changelist")
    assert admin.get(old + "?porte=acte").url == f"{now}?porte=acte"
    assert admin.get(f"{old}{key}/change/").url == f"{now}{key}/change/"
    sent = admin.post(f"{old}{key}/corriger/", {"motif": RAISON})
    assert (sent.status_code, sent.url) == (308, f"{now}{key}/corriger/")
    listed = admin.get(now, {"porte": "acte", "erreur": "non"}).context["cl"].result_list
    assert key in {row.pk for row in listed}
    assert corriger(admin, decision.trace).status_code == 302
    listed = admin.get(now, {"porte": "acte", "erreur": "non"}).context["cl"].result_list
    assert key not in {row.pk for row in listed}
    told = text_of(admin.get(f"{now}{key}/change/"))
    assert f"par Nadia National : {RAISON}" in told


def test_a_reason_is_needed(admin, seance, terrain):
    decision = decide(admin, seance, "retirer", terrain[0]["aigle"])

    page = text_of(corriger(admin, decision.trace, motif=" "))

    assert "Dites pourquoi cet acte était une erreur" in page
    assert Modification.objects.actes().get().corrigee is None


def test_a_renaming_tells_the_name_alone(admin, seance, terrain):
    aigle = terrain[0]["aigle"]
    decision = decide(admin, seance, "renommer", aigle, nom="Pays de l’Aigle")

    newest, before = aigle.history.all()[:2]
    (pair,) = differences([(newest, before)])
    assert [gap.field.name for gap in pair] == ["nom"]
    page = admin.get(reverse("admin:territoires_modification_corriger", args=[decision.trace.pk]))
    assert "nom, « Aigle » au lieu de « Pays de l’Aigle »" in text_of(page)


def test_only_a_national_administrator_corrects(
    secretariat_client, signed_in, seance, terrain, normandie
):
    decision = decide(secretariat_client, seance, "retirer", terrain[0]["aigle"])
    page = secretariat_client.get(reverse("admin:programme_seance_carte", args=[seance.pk]))
    assert "n’a pas eu lieu" not in text_of(page)
    for client in (
        secretariat_client,
        signed_in(f.RedacteurFactory(regions=[normandie])),
        signed_in(f.LecteurFactory(regions=[normandie])),
        signed_in(f.ReferentAgentFactory()),
    ):
        url = reverse("admin:territoires_modification_corriger", args=[decision.trace.pk])
        assert client.get(url).status_code == 403
        assert corriger(client, decision.trace).status_code == 403
        assert client.get("/admin/territoires/modification/").status_code == 403
    assert Client().get(url).status_code == 302
    assert members_at(terrain[0]["aigle"], LE) == []


# --- Public with its séance, not before -------------------------------------------------------


def publish(client, seance, acte="publier"):
    return act(client, seance, acte)


def silent(found):
    """Whether what differs is only where the journal, and the séance itself, are told."""
    told = ("/journal/", "/agenda/", "/territoires/vallee-")
    return all(url.startswith(told) for url in found)


@pytest.mark.parametrize("acte", ["ajouter", "renommer"])
def test_an_act_waits_for_its_seance(secretariat_client, brouillon, terrain, normandie, acte):
    about, data = facts(terrain, normandie)[acte]
    before, version = answers(), DonneesVersion.objects.current().numero
    target = terrain[0]["aigle"] if about else None
    decision = decide(secretariat_client, brouillon, acte, target, **data)

    assert gaps(before, answers()) == {}
    assert DonneesVersion.objects.current().numero == version
    assert decision.trace is None
    desk = text_of(secretariat_client.get("/admin/"))
    assert "Actes sur la carte qui attendent la publication de leur séance" in desk
    page = secretariat_client.get(reverse("admin:programme_seance_carte", args=[brouillon.pk]))
    assert "Attend la publication de la séance" in text_of(page)

    assert publish(secretariat_client, brouillon).status_code == 302
    decision.refresh_from_db()
    assert decision.trace is not None
    shown = answers()
    assert gaps(before, shown) != {}
    assert "attendent la publication" not in text_of(secretariat_client.get("/admin/"))

    assert publish(secretariat_client, brouillon, "retirer").status_code == 302
    hidden = gaps(before, answers())
    assert silent(hidden)
    decision.refresh_from_db()
    assert decision.trace is None

    assert publish(secretariat_client, brouillon).status_code == 302
    decision.refresh_from_db()
    assert decision.trace is not None
    again = gaps(shown, answers())
    assert silent(again)


def test_the_acts_of_a_draft_follow_one_another(secretariat_client, brouillon, terrain, normandie):
    new = {"code": "ti-2899", "nom": "Bocage", "region_porteuse": normandie.pk}
    decide(
        secretariat_client, brouillon, "ajouter", **new, intercommunalites=[terrain[1]["bocage"]]
    )
    bocage = Territoire(code="ti-2899")
    decide(
        secretariat_client,
        brouillon,
        "renommer",
        bocage,
        nom="Bocage virois",
        le="2022-02-01",
    )
    assert not Territoire.objects.filter(pk="ti-2899").exists()

    publish(secretariat_client, brouillon)

    assert Territoire.objects.get(pk="ti-2899").nom == "Bocage virois"


def test_a_decision_that_cannot_be_any_more_stops_the_publication(
    secretariat_client, seance, brouillon, terrain
):
    aigle, bocage = terrain[0]["aigle"], terrain[1]["bocage"]
    decide(secretariat_client, brouillon, "rattacher", aigle, intercommunalites=[bocage])
    decide(secretariat_client, seance, "rattacher", terrain[0]["orne"], intercommunalites=[bocage])

    told = text_of(publish(secretariat_client, brouillon))

    assert "ne peut plus changer la carte" in told
    assert "est déjà membre de « Orne »" in told
    brouillon.refresh_from_db()
    assert brouillon.publication == Publication.BROUILLON
    page = secretariat_client.get(reverse("admin:programme_seance_carte", args=[brouillon.pk]))
    assert "Supprimez-la de la séance" in text_of(page)


def test_published_in_bulk_it_is_the_same(admin, brouillon, terrain):
    aigle = terrain[0]["aigle"]
    decision = decide(admin, brouillon, "retirer", aigle)
    data = {"action": "publier", "_selected_action": [brouillon.pk], "index": 0}
    shown = admin.post("/admin/programme/seance/", data)
    admin.post(
        "/admin/programme/seance/",
        {**data, "post": "yes", "empreinte": shown.context["empreinte"]},
    )

    decision.refresh_from_db()
    assert decision.trace is not None
    assert members_at(aigle, LE) == []


def test_a_published_seance_corrected_back_takes_its_acts_with_it(admin, brouillon, terrain):
    decide(admin, brouillon, "retirer", terrain[0]["aigle"])
    before = answers()
    publish(admin, brouillon)
    trace = Modification.objects.get(acte="publier")

    assert corriger(admin, trace).status_code == 302

    assert gaps(before, answers()) == {}
    assert Seance.objects.get(pk=brouillon.pk).publication == Publication.BROUILLON


# --- Life-cycles ------------------------------------------------------------------------------


def journal():
    filtre = FiltreJournal({})
    filtre.full_clean()
    return list(groups(filtre.conditions))


@pytest.fixture
def contrat(contrats):
    contrat = contrats.normand
    contrat.passer_a(Publication.PUBLIE)
    return contrat


def last_trace(record):
    return Modification.objects.of(record).filter(correction__isnull=True).first()


def test_mistaken_acts_of_a_contract_are_corrected_the_last_first(
    admin, contrat, normandie, seance
):
    held = f.SeanceFactory(comite_regional=seance.comite_regional, date=date(2022, 5, 3))
    before, told = answers(contrat.get_absolute_url()), journal()
    act(admin, contrat, "valider", seance=held.pk, texte="Validé.")
    contrat.refresh_from_db()
    rows = {"signataires-0-organisme": "Région", "signataires-0-nom": "Anne Martin"}
    act(admin, contrat, "signer", date_signature="2022-06-01", precision_signature="jour", **rows)
    contrat.refresh_from_db()
    act(admin, contrat, "avenant", numero=900, objet="Plus d’actions", nb_actions=40)
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.nb_actions) == ("signé", 40)
    validated = Modification.objects.get(acte="valider")

    refused = corriger(admin, validated)
    assert refused.status_code == 409
    assert "avenant n° 900 ajouté" in text_of(refused)

    for _ in range(3):
        assert corriger(admin, last_trace(contrat)).status_code == 302

    contrat.refresh_from_db()
    assert (contrat.statut, contrat.date_signature, contrat.seance) == (
        "en préparation",
        None,
        None,
    )
    assert not contrat.signataires.filter(nom="Anne Martin").exists()
    assert not Decision.objects.exists()
    assert gaps(before, answers(contrat.get_absolute_url())) == {}
    assert journal() == told
    page = text_of(admin.get(reverse("admin:programme_contrat_change", args=[contrat.pk])))
    assert "Acte corrigé : " in page


def test_a_mistaken_publication_was_never_public(admin, contrats):
    contrat = contrats.normand
    before, told = answers(contrat.get_absolute_url()), journal()
    act(admin, contrat, "publier")
    assert gaps(before, answers(contrat.get_absolute_url())) != {}

    corriger(admin, last_trace(contrat))

    assert Contrat.objects.get(pk=contrat.pk).publication == Publication.BROUILLON
    assert gaps(before, answers(contrat.get_absolute_url())) == {}
    assert journal() == told


def test_a_mistaken_end_of_a_project_is_corrected(admin, contrat):
    projet = f.ProjetFactory(territoire=contrat.territoire, statut="engagé")
    act(admin, projet, "realiser")
    projet.refresh_from_db()
    assert projet.statut == "réalisé"

    corriger(admin, last_trace(projet))

    projet.refresh_from_db()
    assert projet.statut == "engagé"


def test_a_value_changed_by_hand_after_the_act_is_not_overwritten(admin, contrat, seance):
    held = f.SeanceFactory(comite_regional=seance.comite_regional, date=date(2022, 5, 3))
    act(admin, contrat, "valider", seance=held.pk, texte="Validé.")
    contrat.refresh_from_db()
    contrat.seance = seance
    contrat.save()

    told = text_of(corriger(admin, last_trace(contrat)))

    assert "« séance de validation » a été modifié après cet acte" in told


# --- The other doors --------------------------------------------------------------------------


def test_a_decision_that_changed_the_map_is_not_deleted(admin, seance, terrain):
    decision = decide(admin, seance, "retirer", terrain[0]["aigle"])

    page = admin.get(reverse("admin:programme_decision_delete", args=[decision.pk]))
    assert page.status_code == 403
    change = reverse("admin:programme_seance_change", args=[seance.pk])
    data = {**form_data(admin.get(change)), "decisions-0-DELETE": "on"}
    assert "elle ne se supprime pas" in text_of(admin.post(change, data))
    assert Decision.objects.filter(pk=decision.pk).exists()


def test_a_decision_that_waits_is_deleted_and_changes_nothing(admin, brouillon, terrain):
    decision = decide(admin, brouillon, "retirer", terrain[0]["aigle"])
    url = reverse("admin:programme_decision_delete", args=[decision.pk])

    admin.post(url, {"post": "yes", "empreinte": admin.get(url).context["empreinte"]})

    assert not Decision.objects.exists()
    publish(admin, brouillon)
    assert members_at(terrain[0]["aigle"], LE) == [terrain[1]["aigle"]]


def test_a_decision_stays_in_its_seance(admin, seance, brouillon, terrain):
    decision = decide(admin, brouillon, "retirer", terrain[0]["aigle"])
    url = reverse("admin:programme_decision_change", args=[decision.pk])

    admin.post(url, {**form_data(admin.get(url)), "seance": seance.pk})

    decision.refresh_from_db()
    assert decision.seance == brouillon
