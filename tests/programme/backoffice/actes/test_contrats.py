"""The acts of a contract: done by who may, refused with a sentence otherwise."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from programme.models import Avenant, Contrat, Decision
from tests import factories as f
from tests.programme.backoffice.outils import act, act_address, act_data, address, text_of

S = Contrat.Statut
ROWS = {"signataires-0-organisme": "Région Normandie", "signataires-0-nom": "Anne Martin"}


def fresh(contrat):
    return Contrat.objects.get(pk=contrat.pk)


def make(contrat, statut, **values):
    """The contract as it would be in `statut`."""
    Contrat.objects.filter(pk=contrat.pk).update(statut=statut, **values)
    contrat.refresh_from_db()
    return contrat


@pytest.fixture
def valide(contrat, seance):
    return make(contrat, S.VALIDE, seance=seance)


@pytest.fixture
def signe(contrat):
    return make(contrat, S.SIGNE, date_signature=date(2022, 6, 1), precision_signature="jour")


# --- Each act ---------------------------------------------------------------------------------


def test_a_seance_validates_and_records_its_decision(publisher, secretariat, contrat, seance):
    response = act(publisher, contrat, "valider", seance=seance.pk, texte="Validé, avec réserve.")
    assert response.url == address(Contrat, "change", contrat.pk)
    saved = fresh(contrat)
    assert (saved.statut, saved.seance) == (S.VALIDE, seance)
    decision = Decision.objects.get()
    assert (decision.type, decision.seance, decision.contrat) == (
        Decision.Type.CONTRAT,
        seance,
        contrat,
    )
    assert (decision.texte, decision.auteur) == ("Validé, avec réserve.", secretariat)
    newest = saved.history.first()
    assert newest.history_change_reason == "validé en comité, séance du 3 mai 2022"
    assert newest.history_user == secretariat
    told = text_of(publisher.get(response.url))
    assert "» : validé en comité, séance du 3 mai 2022." in told
    assert "Validé en comité, séance du 3 mai 2022 : Sacha Secrétariat, le" in told
    assert "Validé, avec réserve." in told


def test_the_public_reads_the_validation_once(publisher, client, contrat, seance):
    act(publisher, contrat, "valider", seance=seance.pk, texte="Validé, avec réserve.")
    act(publisher, contrat, "publier")
    told = text_of(client.get(contrat.get_absolute_url()))
    assert "Validation en comité 3 mai 2022 Validé, avec réserve." in told
    assert told.count("Validé, avec réserve.") == 1
    # Undone, it stays among the events: the séance did decide it.
    act(publisher, contrat, "revenir", motif="Erreur")
    told = text_of(client.get(contrat.get_absolute_url()))
    assert "Validation en comité 3 mai 2022" not in told
    assert told.count("Validé, avec réserve.") == 1


def test_the_text_of_the_decision_is_proposed(publisher, contrat, seance):
    shown = act_data(publisher.get(act_address(contrat, "valider")))
    assert shown["texte"] == "Le comité valide le contrat de territoire « Acte normande »."


def test_a_validation_undone_stays_readable(publisher, contrat, seance):
    act(publisher, contrat, "valider", seance=seance.pk)
    response = act(publisher, contrat, "revenir", motif="Le plan de financement change")
    saved = fresh(contrat)
    assert (saved.statut, saved.seance) == (S.EN_PREPARATION, None)
    assert Decision.objects.filter(contrat=contrat, seance=seance).exists()
    told = text_of(publisher.get(response.url))
    assert "Remis en préparation : Le plan de financement change : Sacha" in told
    assert "Validé en comité, séance du 3 mai 2022 : Sacha" in told
    assert "Le comité valide le contrat de territoire « Acte normande »." in told


def test_a_contract_is_signed_with_its_signatories(publisher, valide):
    response = act(
        publisher,
        valide,
        "signer",
        date_signature="2022-06-01",
        lieu="Caen",
        **ROWS,
        **{
            "signataires-2-organisme": "État",
            "signataires-2-nom": "Luc Petit",
            "signataires-2-fonction": "Préfet",
            "signataires-2-signe_le": "2022-06-03",
        },
    )
    assert response.status_code == 302
    saved = fresh(valide)
    assert (saved.statut, saved.date_signature, saved.precision_signature, saved.lieu) == (
        S.SIGNE,
        date(2022, 6, 1),
        "jour",
        "Caen",
    )
    rows = saved.signataires.values_list("organisme", "nom", "fonction", "signe_le")
    assert ("Région Normandie", "Anne Martin", "", date(2022, 6, 1)) in rows
    assert ("État", "Luc Petit", "Préfet", date(2022, 6, 3)) in rows
    assert saved.history.first().history_change_reason == "signé, 1er juin 2022"


def test_a_date_that_is_not_known_leaves_its_signatories_without_one(publisher, valide):
    act(publisher, valide, "signer", date_signature="", **ROWS)
    saved = fresh(valide)
    assert (saved.statut, saved.date_signature, saved.precision_signature) == (S.SIGNE, None, "")
    assert saved.signataires.get(nom="Anne Martin").signe_le is None


def test_signing_needs_a_signatory(publisher, valide):
    valide.signataires.all().delete()
    response = act(publisher, valide, "signer", date_signature="2022-06-01", lieu="Rouen")
    assert "Nommez au moins un signataire : qui signe, pour quel organisme." in text_of(response)
    assert act_data(response)["lieu"] == "Rouen"
    assert fresh(valide).statut == S.VALIDE


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"signataires-0-nom": "Anne"}, "Dites pour quel organisme ce signataire s’engage."),
        ({"signataires-0-organisme": "Région"}, "Nommez ce signataire."),
        ({**ROWS, "signataires-0-nom": "Anne Martin 0612345678"}, "Nom : ce texte se voit sur"),
        (
            {**ROWS, "signataires-0-fonction": "a@region.fr"},
            "une adresse électronique ne s’y écrit",
        ),
        ({**ROWS, "signataires-0-signe_le": "hier"}, "« hier » n’est pas une date"),
        ({**ROWS, "signataires-0-signe_le": "01/01/2099"}, "Cette date est à venir"),
        (
            {
                **ROWS,
                "signataires-1-organisme": "Région Normandie",
                "signataires-1-nom": "Anne Martin",
            },
            "Ce signataire est déjà dans la liste.",
        ),
        ({**ROWS, "signataires-0-nom": "x" * 151}, "au plus 150 caractères"),
    ],
)
def test_a_wrong_signatory_says_why_and_nothing_is_lost(publisher, valide, rows, sentence):
    given = {"date_signature": "2022-06-01", "lieu": "Rouen", **rows}
    response = act(publisher, valide, "signer", **given)
    assert sentence in text_of(response)
    shown = act_data(response)
    assert {name: shown[name] for name in given} == given
    assert fresh(valide).statut == S.VALIDE
    assert valide.signataires.count() == 1


def test_a_signatory_already_recorded_is_not_written_twice(publisher, valide):
    known = valide.signataires.get()
    rows = {"signataires-0-organisme": known.organisme, "signataires-0-nom": known.nom}
    assert "déjà dans la liste" in text_of(act(publisher, valide, "signer", **rows))


def test_more_rows_keep_what_was_typed_and_do_nothing(publisher, valide):
    response = act(publisher, valide, "signer", _lignes="oui", lieu="Rouen", **ROWS)
    shown = act_data(response)
    assert (shown["lieu"], shown["signataires-0-nom"]) == ("Rouen", "Anne Martin")
    assert "signataires-5-nom" in shown
    assert "Rien n’a été fait" not in text_of(response)
    assert fresh(valide).statut == S.VALIDE
    shown |= {"signataires-5-organisme": "État", "signataires-5-nom": "Luc Petit"}
    assert publisher.post(act_address(valide, "signer"), shown).status_code == 302
    assert valide.signataires.filter(nom__in=["Anne Martin", "Luc Petit"]).count() == 2


@pytest.mark.parametrize("total", [None, "", "abc", "-5", "999999"])
def test_a_forged_count_of_rows_is_told(publisher, valide, total):
    data = act_data(publisher.get(act_address(valide, "signer"))) | {
        "signataires-TOTAL_FORMS": total
    }
    sent = {name: value for name, value in data.items() if value is not None}
    for extra in ({"_lignes": "oui"}, {}):
        response = publisher.post(act_address(valide, "signer"), {**sent, **extra})
        assert response.status_code in {200, 302}
    assert fresh(valide).signataires.count() == 1


def test_the_life_of_a_contract_by_its_acts(publisher, contrat, seance):
    acts = [
        ("valider", {"seance": seance.pk}, S.VALIDE),
        ("signer", {"date_signature": "2022-06-01"}, S.SIGNE),
        ("commencer", {}, S.EN_COURS),
        ("clore", {"date_fin": "2023-12-31"}, S.ACHEVE),
    ]
    for nom, values, after in acts:
        assert act(publisher, contrat, nom, **values).status_code == 302, nom
        assert fresh(contrat).statut == after
    reasons = [row.history_change_reason for row in fresh(contrat).history.all()[:4]]
    assert reasons == [
        "achevé le 31 décembre 2023",
        "exécution commencée",
        "signé, 1er juin 2022",
        "validé en comité, séance du 3 mai 2022",
    ]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("", "Donnez la date d’achèvement."),
        ("2022-02-31", "« 2022-02-31 » n’existe pas au calendrier"),
        ("2021-01-01", "L’achèvement ne précède pas la signature, le 1er juin 2022."),
        ("2099-01-01", "Cette date est à venir"),
    ],
)
def test_the_end_is_a_day_that_may_be(publisher, signe, day, sentence):
    make(signe, S.EN_COURS)
    assert sentence in text_of(act(publisher, signe, "clore", date_fin=day))
    assert fresh(signe).statut == S.EN_COURS


def test_a_contract_is_abandoned_with_a_reason(publisher, contrat):
    assert "Dites le motif" in text_of(act(publisher, contrat, "abandonner", motif=" "))
    long = act(publisher, contrat, "abandonner", motif="x" * 76)
    assert "au plus 75 caractères" in text_of(long)
    assert act(publisher, contrat, "abandonner", motif="Fusion").status_code == 302
    saved = fresh(contrat)
    assert saved.statut == S.ABANDONNE
    assert saved.history.first().history_change_reason == "abandonné : Fusion"


# --- Avenants ---------------------------------------------------------------------------------


def test_an_avenant_keeps_the_contract_as_it_was(publisher, client, signe):
    Contrat.objects.filter(pk=signe.pk).update(publication="publié")
    signe.refresh_from_db()
    first = signe.avenants.get().numero
    page = act_address(signe, "avenant")
    shown = text_of(publisher.get(page))
    assert "Avant l’avenant : 40 000 000. Vide : il ne le change pas." in shown
    response = act(
        publisher, signe, "avenant", objet="Deux actions de plus", nb_actions=12, source="Texte"
    )
    saved = fresh(signe)
    avenant = saved.avenants.get(numero=first + 1)
    assert (saved.nb_actions, saved.montant_eur) == (12, 40_000_000)
    assert (avenant.nb_actions_avant, avenant.nb_actions) == (10, 12)
    assert (avenant.montant_avant_eur, avenant.montant_eur) == (40_000_000, 40_000_000)
    # The whole contract as it was is one link away.
    before = saved.history.get(version=avenant.version_avant)
    assert before.nb_actions == 10
    version = address(Contrat, "version", signe.pk, before.history_id)
    fiche = publisher.get(response.url)
    assert version in fiche.content.decode()
    assert "10 actions, montant : 40 000 000 €" in text_of(fiche)
    assert "10" in text_of(publisher.get(version))
    # So is what the public reads, in the page and in the dataset.
    public = text_of(client.get(signe.get_absolute_url()))
    assert "avant l’avenant : 10 ; après : 12" in public
    assert "avant l’avenant : 40 000 000 € ; après : 40 000 000 €" in public


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"objet": ""}, "Dites ce que change l’avenant."),
        ({"numero": ""}, "Donnez le numéro de l’avenant."),
        ({"numero": "0"}, "commence à 1"),
        ({"numero": "-3"}, "« -3 » est négatif"),
        ({"numero": "1"}, "Ce contrat a déjà un avenant n° 1 (numéros pris : 1)."),
        ({"nb_actions": "beaucoup"}, "écrivez un nombre entier"),
        ({"montant_eur": "-1"}, "« -1 » est négatif"),
        ({"montant_eur": "9" * 30}, "le plus grand nombre admis ici"),
        ({"date_signature": "2021-01-01"}, "ne précède pas la signature du contrat, le 1er juin"),
        ({"date_signature": "2099-01-01"}, "Cette date est à venir"),
    ],
)
def test_a_wrong_avenant_says_why_and_nothing_is_lost(publisher, signe, values, sentence):
    Avenant.objects.filter(contrat=signe).update(numero=1)
    given = {"objet": "Mon objet", "source": "Ma source", **values}
    response = act(publisher, signe, "avenant", **given)
    assert response.status_code == 200
    assert sentence in text_of(response)
    shown = act_data(response)
    assert {name: str(shown[name]) for name in given} == given
    assert signe.avenants.count() == 1
    assert fresh(signe).version == signe.version


def test_an_avenant_is_added_by_its_act_only(publisher, signe):
    """In the form of the contract or apart, the state before would be lost."""
    data = {"contrat": signe.pk, "numero": 7, "objet": "Autre"}
    response = publisher.post(address(Avenant, "add"), data)
    assert "ajoutez l’avenant par l’acte « Ajouter un avenant »" in text_of(response)
    assert signe.avenants.count() == 1
    shown = publisher.get(address(Contrat, "change", signe.pk))
    (rows,) = [
        inline.formset
        for inline in shown.context["inline_admin_formsets"]
        if inline.opts.model is Avenant
    ]
    assert len(rows.forms) == 1


def test_an_old_avenant_is_recorded_late(publisher, signe):
    make(signe, S.ACHEVE)
    data = {"contrat": signe.pk, "numero": 7, "objet": "Retrouvé"}
    assert publisher.post(address(Avenant, "add"), data).status_code == 302
    late = signe.avenants.get(numero=7)
    assert late.version_avant is None
    page = publisher.get(address(Avenant, "change", late.pk))
    assert "non renseigné : avenant enregistré après coup" in text_of(page)


# --- Why not ------------------------------------------------------------------------------------


def test_each_act_says_why_it_may_not_be_done(publisher, contrat):
    told = text_of(publisher.get(address(Contrat, "change", contrat.pk)))
    for sentence in (
        "Aucun comité qui suit ce territoire n’est enregistré dans votre périmètre",
        "Un contrat « en préparation » ne peut pas devenir « signé »",
        "Un contrat « en préparation » ne peut pas devenir « en cours »",
        "Un contrat « en préparation » ne peut pas devenir « achevé »",
        "Un avenant modifie un contrat « signé » ou « en cours » ; celui-ci est « en préparation »",
        "C’est déjà fait : l’état est « en préparation ».",
        "C’est déjà fait : l’état est « brouillon ».",
        "Un contrat « brouillon » ne peut pas devenir « retiré »",
    ):
        assert sentence in told, sentence


@pytest.mark.parametrize("nom", ["signer", "commencer", "avenant", "clore", "revenir"])
def test_an_act_out_of_its_time_is_a_sentence_at_both_doors(publisher, contrat, nom):
    page = act_address(contrat, nom)
    shown = publisher.get(page)
    assert shown.status_code == 200
    assert 'type="submit" class="default"' not in shown.content.decode()
    forged = publisher.post(
        page, {"version_vue": contrat.version, "motif": "Mon motif", "objet": "Mon objet"}
    )
    assert forged.status_code == 409
    assert shown.context["empechement"].raison in text_of(forged)
    typed = {"avenant": "Mon objet", "revenir": "Mon motif"}.get(nom, "")
    assert typed in text_of(forged)
    assert fresh(contrat).version == contrat.version
    assert contrat.avenants.count() == 1


@pytest.mark.parametrize("nom", ["valider", "signer", "commencer", "clore", "abandonner"])
@pytest.mark.parametrize("role", ["editor", "reader"])
def test_who_may_not_is_told_who_may(request, contrat, seance, role, nom):
    client = request.getfixturevalue(role)
    page = act_address(contrat, nom)
    for response in (client.get(page), client.post(page, {"version_vue": 1, "seance": seance.pk})):
        assert response.status_code == 403
        assert "ne permet pas cet acte. Qui peut le faire : administrateur national ou" in text_of(
            response
        )
    assert fresh(contrat).version == contrat.version
    assert "ne permet pas cet acte" in text_of(client.get(address(Contrat, "change", contrat.pk)))


@pytest.mark.parametrize("nom", ["valider", "signer", "avenant", "abandonner", "publier"])
def test_outside_the_perimeter_nothing_is_told(stranger, contrat, seance, nom):
    page = act_address(contrat, nom)
    for response in (stranger.get(page), stranger.post(page, {"version_vue": 1})):
        assert response.status_code == 404
        assert "normande" not in response.content.decode()
    assert fresh(contrat).version == contrat.version


def test_nobody_signed_out_acts(client, contrat):
    page = act_address(contrat, "valider")
    for response in (client.get(page), client.post(page, {})):
        assert response.status_code == 302
        assert response.url.startswith("/admin/login/")


def test_an_operators_referent_has_no_contract(signed_in, contrat):
    client = signed_in(f.ReferentAgentFactory())
    assert client.get(act_address(contrat, "valider")).status_code == 403


def test_a_lock_closes_the_acts_too(editor, signe):
    Contrat.objects.filter(pk=signe.pk).update(publication="publié")
    page = act_address(signe, "avenant")
    for response in (editor.get(page), editor.post(page, {"version_vue": 1, "numero": 5})):
        assert response.status_code == 403
        assert "est publié : votre rôle (rédacteur régional)" in text_of(response)
    assert signe.avenants.count() == 1


def test_a_seance_of_another_region_is_no_choice(publisher, contrat, bretagne, seance):
    other = f.SeanceFactory(comite_regional__region=bretagne, lieu="Rennes")
    shown = publisher.get(act_address(contrat, "valider"))
    assert [row.pk for row in shown.context["form"].fields["seance"].queryset] == [seance.pk]
    response = act(publisher, contrat, "valider", seance=other.pk)
    assert "Choisissez une séance tenue par un comité qui suit ce territoire." in text_of(response)
    assert fresh(contrat).statut == S.EN_PREPARATION
    assert not Decision.objects.exists()


def test_a_seance_to_come_has_validated_nothing(publisher, contrat, normandie):
    tomorrow = timezone.localdate() + timedelta(days=1)
    coming = f.SeanceFactory(comite_regional__region=normandie, date=tomorrow)
    response = act(publisher, contrat, "valider", seance=coming.pk)
    assert "Choisissez une séance tenue par un comité" in text_of(response)
    assert fresh(contrat).statut == S.EN_PREPARATION


def test_both_committees_of_a_shared_territory_validate(stranger, contrat, bretagne):
    contrat.territoire.regions.add(bretagne)
    breton = f.SeanceFactory(comite_regional__region=bretagne)
    assert act(stranger, contrat, "valider", seance=breton.pk).status_code == 302
    assert fresh(contrat).seance == breton


def test_the_national_committee_validates(signed_in, national, contrat):
    seance = f.SeanceFactory(comite_regional=None, comite_national=f.ComiteNationalFactory())
    assert act(signed_in(national), contrat, "valider", seance=seance.pk).status_code == 302
    assert fresh(contrat).seance == seance


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "'; DROP TABLE programme_contrat; --", "{{ 7*7 }}"],
)
def test_hostile_words_are_words(publisher, contrat, seance, hostile):
    response = act(publisher, contrat, "valider", seance=seance.pk, texte=hostile)
    assert response.status_code == 302
    assert Decision.objects.get().texte == hostile.strip()
    assert "<script>alert(1)" not in publisher.get(response.url).content.decode()


@pytest.mark.parametrize("seance", ["", "abc", "0", "-1", "99999999999999999999", "\x00"])
def test_a_forged_seance_is_a_sentence(publisher, contrat, normandie, seance):
    f.SeanceFactory(comite_regional__region=normandie)
    response = act(publisher, contrat, "valider", seance=seance, texte="Mon texte")
    assert response.status_code == 200
    assert "Rien n’a été fait : corrigez" in text_of(response)
    assert act_data(response)["texte"] == "Mon texte"


@pytest.mark.parametrize("key", ["abc", "0", "99999999", "1_2F3"])
def test_a_record_that_is_not_is_not_found(publisher, db, key):
    assert publisher.get(f"/admin/programme/contrat/{key}/acte/valider/").status_code == 404


# --- The form of the record -----------------------------------------------------------------------


def test_a_seance_missing_from_an_old_contract_is_added(publisher, editor, signe, seance):
    page = address(Contrat, "change", signe.pk)
    assert "seance" in publisher.get(page).context["adminform"].form.fields
    assert "seance" not in editor.get(page).context["adminform"].form.fields
    make(signe, S.SIGNE, seance=seance)
    assert "seance" not in publisher.get(page).context["adminform"].form.fields


# --- Cost ---------------------------------------------------------------------------------------


def queries(client, page):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


def test_the_pages_cost_the_same_with_many_rows(publisher, valide, normandie):
    pages = [
        address(Contrat, "change", valide.pk),
        act_address(valide, "signer"),
        act_address(valide, "revenir"),
    ]
    f.DecisionFactory(contrat=valide, seance=valide.seance, type="valider un contrat")
    for page in pages:
        publisher.get(page)
    one = [queries(publisher, page) for page in pages]
    for day in range(1, 5):
        other = f.SeanceFactory(
            comite_regional=valide.seance.comite_regional, date=date(2021, 1, day)
        )
        f.DecisionFactory(contrat=valide, seance=other, type="valider un contrat")
        f.AvenantFactory(contrat=valide, version_avant=1)
        f.SignataireFactory(contrat=valide)
    assert [queries(publisher, page) for page in pages] == one
    assert one[1] < 20


def test_the_choice_of_seances_costs_the_same_with_many(publisher, contrat, seance):
    page = act_address(contrat, "valider")
    publisher.get(page)
    one = queries(publisher, page)
    for day in range(1, 5):
        f.SeanceFactory(comite_regional=seance.comite_regional, date=date(2021, 1, day))
    assert queries(publisher, page) == one
