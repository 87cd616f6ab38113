"""What each changed apart merges, what both changed is chosen, what was typed is given back."""

import re
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programme.backoffice.ecrans.contrats import ContratAdmin
from programme.models import Contrat, Document, Financement, Projet, Publication, Signataire
from territoires.models import Agent, ConflitDeVersion, Role, Territoire
from tests import factories as f
from tests.programme.backoffice.outils import (
    act,
    act_address,
    act_data,
    address,
    form_data,
    messages_of,
    text_of,
)


@pytest.fixture
def contrat(contrats):
    return contrats.normand


@pytest.fixture
def page(contrat):
    return address(Contrat, "change", contrat.pk)


@pytest.fixture
def client(signed_in, redacteur):
    return signed_in(redacteur)


@pytest.fixture
def colleague(signed_in, secretariat):
    return signed_in(secretariat)


def opened(client, page):
    return form_data(client.get(page))


def save(client, page, data=None, **values):
    data = {**(opened(client, page) if data is None else data), **values}
    response = client.post(page, {k: v for k, v in data.items() if v is not None}, follow=True)
    assert response.redirect_chain, messages_of(response)
    return response


def refused(client, page, data, **values):
    data = {**data, **values}
    response = client.post(page, {k: v for k, v in data.items() if v is not None})
    assert response.status_code == 200
    return response


def columns(response):
    """(field, row, when opened, theirs, mine) of each conflict shown."""
    return [(c.champ, c.ligne, c.ouvert, c.leur, c.mien) for c in response.context["conflits"]]


def chosen(response, whose, *names):
    """What the page would send, with `whose` value chosen in the fields `names`."""
    data = form_data(response)
    for name in names:
        data[f"{name}-choix"] = f"{whose}:{data[f'{name}-choix'].partition(':')[2]}"
    return data


# --- Merging ------------------------------------------------------------------------------------


def test_the_same_value_typed_by_both_is_no_clash(client, colleague, contrat, page):
    data = opened(client, page)
    save(colleague, page, lieu="Caen")
    save(client, page, data, lieu="Caen", nb_actions="12")
    contrat.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions) == ("Caen", 12)


def test_line_ends_are_no_typing(client, colleague, contrat, page):
    contrat.source = "une\ndeux"
    contrat.save()
    data = {**opened(client, page), "source": "une\r\ndeux"}
    save(colleague, page, source="trois")
    save(client, page, data, lieu="Rouen")
    contrat.refresh_from_db()
    assert (contrat.source, contrat.lieu) == ("trois", "Rouen")


def test_the_merged_whole_is_validated(client, colleague, contrat, page):
    """Each change alone is right; together they are not: nothing is saved, all is said."""
    Contrat.objects.filter(pk=contrat.pk).update(statut="signé")
    contrat.history.update(statut="signé")
    data = opened(client, page)
    save(colleague, page, date_signature="2021-05-01", precision_signature="jour")
    response = refused(client, page, data, date_fin="2020-01-01", lieu="Rouen")
    assert "L’achèvement ne précède pas la signature." in messages_of(response)
    assert "date de signature : non renseigné → 01/05/2021" in "".join(response.context["reprises"])
    shown = form_data(response)
    assert (shown["date_fin"], shown["lieu"]) == ("2020-01-01", "Rouen")
    save(client, page, shown, date_fin="2022-01-01")


@pytest.fixture
def seance(normandie):
    return f.SeanceFactory(comite_regional__region=normandie)


def test_a_transition_is_checked_from_the_state_of_now(client, colleague, contrat, seance):
    """Right from the state that was seen, wrong from the one that another officer gave."""
    validated = act_address(contrat, "valider")
    data = act_data(colleague.get(validated)) | {"seance": seance.pk, "texte": "Mon texte"}
    act(colleague, contrat, "abandonner", motif="Sans suite")
    response = colleague.post(validated, data)
    assert response.status_code == 409
    text = text_of(response)
    assert "statut : en préparation → abandonné." in text
    assert "Un contrat « abandonné » ne peut pas devenir « validé en comité »" in text
    assert "Mon texte" in text
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.seance) == ("abandonné", None)


def test_a_state_that_an_old_form_sends_is_told_and_never_taken(client, colleague, contrat, page):
    data = opened(colleague, page)
    act(colleague, contrat, "abandonner", motif="Sans suite")
    response = refused(colleague, page, data, statut="en cours", lieu="Rouen")
    told = messages_of(response)
    assert "Statut : ce champ ne se change plus ici" in told
    assert "(en cours)" in told
    save(colleague, page, form_data(response))
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.lieu) == ("abandonné", "Rouen")


def test_the_state_of_publication_merges(client, colleague, contrat, page):
    data = opened(client, page)
    act(colleague, contrat, "proposer")
    save(colleague, page, nb_actions="25")
    response = save(client, page, data, lieu="Rouen")
    told = messages_of(response)
    assert "Changé entre-temps : publication : brouillon → à valider, par Sacha" in told
    assert "<li>nombre d’actions : 10 → 25, par Sacha" in told
    contrat.refresh_from_db()
    assert (contrat.publication, contrat.lieu) == (Publication.A_VALIDER, "Rouen")
    assert contrat.nb_actions == 25


def test_what_an_act_changed_is_told_by_a_refused_form_too(
    client, colleague, contrat, page, seance
):
    data = opened(client, page)
    act(colleague, contrat, "valider", seance=seance.pk)
    response = refused(client, page, data, nb_actions="beaucoup")
    told = response.context["reprises"]
    assert told[0].startswith(
        "Changé entre-temps : statut : en préparation → validé en comité, par Sacha"
    )
    assert any(
        line.startswith("Changé entre-temps : séance de validation : non rens") for line in told
    )


def test_a_seance_named_meanwhile_by_another_leaves_mine_told(colleague, contrat, page, seance):
    """The field is editable until a séance is named: what was typed in it is not passed over."""
    Contrat.objects.filter(pk=contrat.pk).update(statut="signé")
    contrat.history.update(statut="signé")
    mine = f.SeanceFactory(comite_regional=seance.comite_regional, date="2022-05-03")
    mine.refresh_from_db()
    data = opened(colleague, page)
    assert "seance" in data
    save(colleague, page, seance=seance.pk)
    response = refused(colleague, page, data, seance=mine.pk, lieu="Rouen")
    told = messages_of(response)
    assert f"votre saisie n’y est pas enregistrée ({mine})" in told
    assert (
        "Changé entre-temps : séance de validation : non renseigné → "
        in response.context["reprises"][0]
    )
    save(colleague, page, form_data(response))
    contrat.refresh_from_db()
    assert (contrat.seance, contrat.lieu) == (seance, "Rouen")


def test_a_value_that_is_not_proposed_is_shown_and_cannot_be_chosen(
    client, colleague, contrat, page
):
    signed = {"statut": "signé", "date_signature": "2021-05-01", "precision_signature": "jour"}
    Contrat.objects.filter(pk=contrat.pk).update(**signed)
    contrat.history.update(**signed)
    data = opened(client, page)
    save(colleague, page, precision_signature="mois")
    response = refused(client, page, data, precision_signature="siècle")
    (conflit,) = response.context["conflits"]
    assert (conflit.leur, conflit.mien) == ("mois", "siècle")
    assert "n’est plus possible" in conflit.fixe
    assert form_data(response)["precision_signature"] == ["mois"]
    assert "precision_signature-choix" not in form_data(response)


@pytest.mark.parametrize("base", ["lost", "unknown"])
def test_without_the_version_seen_every_difference_is_a_clash(
    client, colleague, contrat, page, base
):
    data = opened(client, page)
    save(colleague, page, nb_actions="25")
    if base == "lost":
        contrat.history.filter(version=1).delete()
    else:
        data["version_vue"] = ""
    response = refused(client, page, data, lieu="Rouen")
    assert columns(response) == [
        ("lieu de signature", "", "version inconnue", "L’Aigle", "Rouen"),
        ("nombre d’actions", "", "version inconnue", "25", "10"),
    ]
    save(client, page, chosen(response, "leur", "nb_actions"))
    contrat.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions) == ("Rouen", 25)


def histories_read(queries):
    """The queries that read a history itself; the state before each avenant is a subquery."""
    return [
        query["sql"]
        for query in queries
        if query["sql"].startswith("SELECT")
        and re.search(r'FROM "programme_historical\w+"(?! U\d)', query["sql"])
    ]


def test_a_form_that_nobody_else_changed_reads_no_history(client, contrat, page):
    data = opened(client, page)
    with CaptureQueriesContext(connection) as captured:
        assert client.post(page, {**data, "lieu": "Rouen"}).status_code == 302
    assert not histories_read(captured)
    with CaptureQueriesContext(connection) as captured:
        assert client.post(page, {**data, "lieu": "Caen"}).status_code == 200
    assert histories_read(captured)


# --- Choosing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("whose", "kept"), [("mienne", "Rouen"), ("leur", "Caen")])
def test_what_is_chosen_is_what_is_saved(client, colleague, contrat, whose, kept):
    page = address(Contrat, "change", contrat.pk)
    data = opened(client, page)
    save(colleague, page, lieu="Caen")
    response = refused(client, page, data, lieu="Rouen", nb_actions="12")
    assert columns(response) == [("lieu de signature", "", "L’Aigle", "Caen", "Rouen")]
    save(client, page, chosen(response, whose, "lieu"))
    contrat.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions) == (kept, 12)


def test_a_field_edited_after_their_value_was_chosen_is_asked_again(
    client, colleague, contrat, page
):
    data = opened(client, page)
    save(colleague, page, lieu="Caen")
    response = refused(client, page, data, lieu="Rouen")
    response = refused(client, page, chosen(response, "leur", "lieu"), lieu="Évreux")
    assert "gardez l’une ou l’autre" in messages_of(response)
    assert columns(response) == [("lieu de signature", "", "L’Aigle", "Caen", "Évreux")]
    save(client, page, chosen(response, "mienne", "lieu"))
    contrat.refresh_from_db()
    assert contrat.lieu == "Évreux"


def test_a_third_change_after_the_choice_is_a_clash_again(client, colleague, contrat, page):
    data = opened(client, page)
    save(colleague, page, lieu="Caen")
    response = refused(client, page, data, lieu="Rouen")
    save(colleague, page, lieu="Lisieux")
    response = refused(client, page, chosen(response, "leur", "lieu"))
    assert columns(response) == [("lieu de signature", "", "Caen", "Lisieux", "Rouen")]
    contrat.refresh_from_db()
    assert contrat.lieu == "Lisieux"


def test_a_choice_is_kept_while_another_field_is_wrong(client, colleague, contrat, page):
    data = opened(client, page)
    save(colleague, page, lieu="Caen")
    response = refused(client, page, data, lieu="Rouen", nb_actions="beaucoup")
    response = refused(client, page, chosen(response, "leur", "lieu"))
    (conflit,) = response.context["conflits"]
    assert (conflit.choix, conflit.mien) == ("leur", "Rouen")
    assert form_data(response)["lieu"] == "Rouen"
    save(client, page, form_data(response), nb_actions="12")
    contrat.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions) == ("Caen", 12)


@pytest.mark.parametrize(
    "forged", ["", "x", "leur", "leur:", "leur:99:abc", "leur:²:", "mienne:-1"]
)
def test_a_forged_choice_chooses_nothing_unseen(client, contrat, page, forged):
    data = {**opened(client, page), "lieu-choix": forged, "territoire-choix": forged}
    client.post(page, {**data, "lieu": "Rouen"})
    contrat.refresh_from_db()
    assert contrat.lieu in {"L’Aigle", "Rouen"}


# --- Kinds of fields ----------------------------------------------------------------------------


@pytest.fixture
def partage(normandie, bretagne):
    return f.TerritoireFactory(
        nom="Vallée partagée",
        region_porteuse=normandie,
        regions=[bretagne],
        prefigurateur=None,
        departements=[
            f.DepartementFactory(code="14", nom="Calvados", region=normandie),
            f.DepartementFactory(code="35", nom="Ille-et-Vilaine", region=bretagne),
        ],
    )


@pytest.fixture
def orne(normandie):
    return f.DepartementFactory(code="61", nom="Orne", region=normandie)


def test_a_many_to_many_merges_and_what_is_outside_stays(
    signed_in, secretariat, national, partage, orne
):
    page = address(Territoire, "change", partage.pk)
    client, colleague = signed_in(secretariat), signed_in(national)
    data = opened(client, page)
    other = f.DepartementFactory(code="22", nom="Côtes-d’Armor", region=f.RegionFactory(code="53"))
    save(colleague, page, departements=["14", other.pk], prefigurateur="true")
    response = save(client, page, data, elu="Claude Renard")
    told = messages_of(response)
    assert "départements : " in told
    assert "préfigurateur : non renseigné → oui" in told
    partage.refresh_from_db()
    assert {d.pk for d in partage.departements.all()} == {"14", other.pk}
    assert (partage.elu, partage.prefigurateur) == ("Claude Renard", True)


def test_a_many_to_many_that_both_changed_is_chosen(
    signed_in, secretariat, national, partage, orne
):
    page = address(Territoire, "change", partage.pk)
    manche = f.DepartementFactory(code="50", nom="Manche", region=orne.region)
    client, colleague = signed_in(secretariat), signed_in(national)
    data = opened(client, page)
    save(colleague, page, departements=["14", "35", orne.pk])
    response = refused(client, page, data, departements=["14", manche.pk])
    assert columns(response) == [
        (
            "départements",
            "",
            "Calvados (14)",
            "Calvados (14), Orne (61)",
            "Calvados (14), Manche (50)",
        )
    ]
    assert sorted(form_data(response)["departements"]) == ["14", "50"]
    save(client, page, chosen(response, "leur", "departements"))
    assert {d.pk for d in partage.departements.all()} == {"14", "35", "61"}


def test_a_foreign_key_that_both_changed_is_named(client, colleague, contrat, page, normandie):
    mine, theirs = (
        f.TerritoireFactory(nom=nom, region_porteuse=normandie) for nom in ("Le mien", "Le leur")
    )
    data = opened(client, page)
    save(colleague, page, territoire=theirs.pk)
    response = refused(client, page, data, territoire=mine.pk)
    assert columns(response) == [
        ("territoire", "", "Vallée normande", "Le leur", "Le mien"),
    ]
    save(client, page, chosen(response, "mienne", "territoire"))
    contrat.refresh_from_db()
    assert contrat.territoire == mine


def test_a_value_that_left_my_choices_is_said(signed_in, redacteur, national, normandie, bretagne):
    commune = f.CommuneFactory(departement=f.DepartementFactory(code="14", region=normandie))
    ailleurs = f.CommuneFactory(departement=f.DepartementFactory(code="35", region=bretagne))
    autre = f.CommuneFactory(departement=commune.departement, nom="La mienne")
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    for place in (commune, ailleurs, autre):
        f.RattachementFactory(territoire=territoire, commune=place, intercommunalite=None)
    projet = f.ProjetFactory(territoire=territoire, commune=commune, publication="brouillon")
    page = address(Projet, "change", projet.pk)
    client, colleague = signed_in(redacteur), signed_in(national)
    data = opened(client, page)
    save(colleague, page, commune=ailleurs.pk, departement=ailleurs.departement_id)
    response = refused(client, page, data, commune=autre.pk)
    (conflit,) = [c for c in response.context["conflits"] if c.nom == "commune"]
    assert conflit.fixe
    assert autre.pk in conflit.mien or "La mienne" in conflit.mien
    projet.refresh_from_db()
    assert projet.commune == ailleurs


def test_a_file_that_both_replaced_is_to_be_chosen_again(client, colleague, contrat):
    document = f.DocumentFactory(
        contrat=contrat,
        territoire=None,
        publication="brouillon",
        url="https://www.example.org/a.pdf",
    )
    page = address(Document, "change", document.pk)

    def pdf(name):
        return SimpleUploadedFile(name, b"%PDF-1.7")

    data = opened(client, page)
    save(colleague, page, fichier=pdf("leur.pdf"), url="")
    response = refused(client, page, data, fichier=pdf("mien.pdf"), url="", titre="Mon titre")
    (conflit,) = response.context["conflits"]
    assert conflit.leur.startswith("leur")
    assert conflit.mien == "mien.pdf"
    assert "Choisissez de nouveau le fichier : mien.pdf" in response.content.decode()
    save(client, page, form_data(response))
    document.refresh_from_db()
    assert document.titre == "Mon titre"
    assert document.nom_fichier.startswith("leur")


# --- Rows ---------------------------------------------------------------------------------------


def row(contrat):
    return contrat.signataires.get()


def test_fields_of_one_row_merge(client, colleague, contrat, page):
    data = opened(client, page)
    save(colleague, page, **{"signataires-0-fonction": "Vice-présidente"})
    response = save(client, page, data, **{"signataires-0-signe_le": "2020-02-03"})
    assert "signataire « Signataire normande, pour" in messages_of(response)
    kept = row(contrat)
    assert (kept.fonction, str(kept.signe_le)) == ("Vice-présidente", "2020-02-03")
    reason = "fusionné avec la modification de Sacha Secrétariat"
    assert kept.history.first().history_change_reason == reason


@pytest.mark.parametrize(("whose", "kept"), [("mienne", "Maire"), ("leur", "Vice-présidente")])
def test_a_clash_in_a_row_names_the_row(client, colleague, contrat, whose, kept):
    page = address(Contrat, "change", contrat.pk)
    data = opened(client, page)
    save(colleague, page, **{"signataires-0-fonction": "Vice-présidente"})
    response = refused(client, page, data, **{"signataires-0-fonction": "Maire"})
    ((champ, ligne, *values),) = columns(response)
    assert (champ, values) == ("fonction", ["Président", "Vice-présidente", "Maire"])
    assert ligne.startswith("signataire « Signataire normande, pour")
    save(client, page, chosen(response, whose, "signataires-0-fonction"))
    assert row(contrat).fonction == kept


def test_the_record_changed_while_only_rows_were_typed(client, colleague, contrat, page):
    data = opened(client, page)
    save(colleague, page, lieu="Caen")
    save(client, page, data, **{"signataires-0-fonction": "Maire"})
    contrat.refresh_from_db()
    assert (contrat.lieu, contrat.version) == ("Caen", 2)
    assert row(contrat).fonction == "Maire"


def test_both_add_the_same_row(client, colleague, contrat, page):
    added = {"signataires-1-organisme": "Région", "signataires-1-nom": "Claude"}
    data = opened(client, page)
    save(colleague, page, **added)
    response = refused(client, page, data, **added, lieu="Rouen")
    assert "Ce signataire est déjà dans la liste." in messages_of(response)
    told = "".join(response.context["reprises"])
    assert "Signataire « Claude, pour Région » : ligne ajoutée par Sacha Secrétariat (le " in told
    assert form_data(response)["lieu"] == "Rouen"


def test_a_row_typed_in_then_deleted_tells_what_others_changed_in_it(
    client, colleague, contrat, page
):
    data = opened(client, page)
    save(colleague, page, **{"signataires-0-fonction": "Vice-présidente"})
    deleted = {"signataires-0-fonction": "Maire", "signataires-0-DELETE": "on"}
    response = refused(client, page, data, **deleted)
    assert "fonction : Président → Vice-présidente." in messages_of(response)
    assert row(contrat).fonction == "Vice-présidente"


def test_a_forged_row_posted_twice_is_no_error(client, contrat, page):
    data = opened(client, page)
    data |= {
        "signataires-INITIAL_FORMS": "2",
        "signataires-1-id": data["signataires-0-id"],
        "signataires-1-organisme": "Deux fois",
    }
    assert client.post(page, data).status_code in {200, 302}


def test_a_row_changed_between_reading_and_deleting_stays(client, contrat, page, monkeypatch):
    """What deletes reads the row again, under a lock."""
    data = {**opened(client, page), "signataires-0-DELETE": "on"}
    original, calls = ContratAdmin.save_related, []

    def meanwhile(self, request, form, formsets, change):
        if not calls:
            calls.append(1)
            other = Signataire.objects.get(contrat=contrat)
            other.fonction = "Vice-présidente"
            other.save()
        return original(self, request, form, formsets, change)

    monkeypatch.setattr(ContratAdmin, "save_related", meanwhile)
    # The savepoint takes the other's change away too: what counts is that nothing is deleted.
    monkeypatch.setattr(ContratAdmin, "_save_or_say_why", lambda self, request, view: view())
    response = client.post(page, data)
    assert response.status_code == 409
    assert Signataire.objects.filter(contrat=contrat).exists()


def test_somebody_who_saves_without_end_loses_nobody_s_text(client, contrat, page, monkeypatch):
    def conflict(self, request, obj, form, change):
        raise ConflitDeVersion(obj)

    data = opened(client, page)
    monkeypatch.setattr(ContratAdmin, "save_model", conflict)
    response = refused(client, page, data, lieu="Rouen")
    assert "D’autres personnes enregistrent en ce moment même" in messages_of(response)
    assert form_data(response)["lieu"] == "Rouen"


# --- What may no longer be saved ------------------------------------------------------------------


def test_published_meanwhile_the_form_comes_back_to_propose_what_was_typed(client, contrat, page):
    data = opened(client, page)
    contrat.publication = Publication.PUBLIE
    contrat.save()
    values = {"lieu": "Rouen la normande", "signataires-0-fonction": "Maire honoraire"}
    response = client.post(page, {**data, **values})
    assert "ne se change plus sans validation" in messages_of(response)
    assert "est publié : votre rôle (rédacteur régional)" in text_of(response)
    shown = form_data(response)
    assert {name: shown[name] for name in values} == values
    contrat.refresh_from_db()
    assert contrat.lieu == "L’Aigle"


def test_the_role_changed_meanwhile(client, redacteur, contrat, page):
    data = opened(client, page)
    redacteur.role = Role.LECTEUR
    redacteur.save()
    response = client.post(page, {**data, "lieu": "Rouen la normande"})
    assert response.status_code == 403
    assert "Votre rôle (lecteur) ne permet plus d’enregistrer ici" in text_of(response)
    assert "Rouen la normande" in text_of(response)


def test_a_record_being_added_when_the_role_changed(client, redacteur, contrats):
    page = address(Contrat, "add")
    data = opened(client, page)
    redacteur.role = Role.LECTEUR
    redacteur.save()
    response = client.post(page, {**data, "intitule": "À naître"})
    assert response.status_code == 403
    assert "À naître" in text_of(response)


def test_the_perimeter_changed_meanwhile(client, contrat, page, bretagne, redacteur):
    data = opened(client, page)
    redacteur.regions.set([bretagne])
    response = client.post(page, {**data, "lieu": "Rouen la normande"})
    assert response.status_code == 404
    text = text_of(response)
    assert "n’est plus dans votre périmètre" in text
    assert "Rouen la normande" in text
    # What never existed gets the same words.
    other = client.post(address(Contrat, "change", 999_999), {"lieu": "Rouen la normande"})
    assert (other.status_code, "n’est plus dans votre périmètre" in text_of(other)) == (404, True)


def test_a_forged_post_learns_nothing_of_a_record_elsewhere(client, contrats):
    hidden = contrats.breton
    page = address(Contrat, "change", hidden.pk)
    guesses = [{"lieu": hidden.lieu, "version_vue": "1"}, {"lieu": "x", "version_vue": "1"}]
    sizes = []
    for guess in guesses:
        response = client.post(page, {**guess, "territoire": hidden.territoire_id})
        assert response.status_code == 404
        text = text_of(response)
        assert hidden.territoire.nom not in text
        assert guess["lieu"] in text
        sizes.append(len(text) - len(guess["lieu"]))
    assert abs(sizes[0] - sizes[1]) < 20


@pytest.mark.parametrize(
    "posted",
    [
        {"lieu": "<script>alert(1)</script>"},
        {"date_signature": "pas une date", "montant_eur": "-", "territoire": "'; --"},
        {"territoire": ["a", "b"], "signataires-x-nom": "x", "signataires-0-": "y"},
        {"signataires": "relation", "id": "12", "fichier": SimpleUploadedFile("x.pdf", b"x")},
        {"signataires-0-nom": "x", "signataires-0-id": "99999999999999999999"},
    ],
)
def test_hostile_text_is_given_back_as_text(client, redacteur, contrat, page, posted):
    """In the form that proposes, and on the page of what may not be saved."""
    contrat.publication = Publication.PUBLIE
    contrat.save()
    for role, status in ((Role.REDACTEUR, 200), (Role.LECTEUR, 403)):
        Agent.objects.filter(pk=redacteur.pk).update(role=role)
        response = client.post(page, {**posted, "version_vue": "1"})
        assert response.status_code == status
        assert "<script>alert" not in response.content.decode()


def test_a_deleted_record_gives_back_fields_and_rows_by_their_names(
    client, colleague, contrat, page
):
    data = opened(client, page)
    delete = address(Contrat, "delete", contrat.pk)
    seen = colleague.get(delete).context["empreinte"]
    colleague.post(delete, {"post": "yes", "empreinte": seen})
    new = f.TerritoireFactory(nom="Pays de Bray", region_porteuse=f.RegionFactory(code="28"))
    values = {
        "montant_eur": "1234567",
        "territoire": new.pk,
        "signataires-0-fonction": "Présidente",
        "signataires-1-organisme": "Région Normandie",
        "avenants-0-DELETE": "on",
    }
    response = client.post(page, {**data, **values})
    assert response.status_code == 409
    text = text_of(response)
    for said in (
        "Montant (euros)",
        "234",
        "Pays de Bray",
        "Signataire « Signataire normande, pour",
        "Présidente",
        "Signataire, ligne 2",
        "Région Normandie",
        "Supprimer cette ligne",
    ):
        assert said in text
    assert "signataires-0" not in text
    assert "L’historique de l’enregistrement" in text


def test_a_deleted_row_whose_name_needs_a_deleted_record(signed_in, secretariat, normandie):
    projet = f.ProjetFactory(
        territoire=f.TerritoireFactory(region_porteuse=normandie), publication="brouillon"
    )
    f.FinancementFactory(projet=projet)
    page, client = address(Projet, "change", projet.pk), signed_in(secretariat)
    data = opened(client, page)
    projet.delete()
    response = client.post(page, {**data, "financements-0-montant_demande_eur": "7654321"})
    assert response.status_code == 409
    assert "654" in text_of(response)
    assert not Financement.objects.exists()


# --- At the very same moment ----------------------------------------------------------------------


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory refuses a second writer at once"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_field", [False, True])
def test_two_saves_at_the_same_moment(normandie, contrats, same_field):
    """Both stand when they are apart; one of two is told when they are not."""
    contrat = contrats.normand
    page = address(Contrat, "change", contrat.pk)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(f.RedacteurFactory(regions=[normandie]))
    names = ["lieu", "lieu" if same_field else "source"]
    sent = [
        {**opened(client, page), name: f"saisie {rank}"}
        for rank, (client, name) in enumerate(zip(clients, names, strict=True))
    ]
    start, answers = threading.Barrier(2), [None, None]

    def post(rank):
        start.wait(timeout=60)
        try:
            answers[rank] = clients[rank].post(page, sent[rank])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=[rank]) for rank in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    codes = sorted(answer.status_code for answer in answers)
    contrat.refresh_from_db()
    if same_field:
        assert codes == [200, 302]
        refused = next(answer for answer in answers if answer.status_code == 200)
        assert [c[0] for c in columns(refused)] == ["lieu de signature"]
    else:
        assert codes == [302, 302]
        assert (contrat.lieu, contrat.source) == ("saisie 0", "saisie 1")
