"""A deleted record comes back with its key, and with what went with it, or not at all."""

import pytest

from programme.models import (
    Avenant,
    Contrat,
    Decision,
    Document,
    Financement,
    Projet,
    Publication,
    Signataire,
)
from territoires.models import Rattachement, Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


def read(response):
    return " ".join(response.content.decode().split())


def delete(client, row):
    """Delete `row` on its page; return the address that makes it again."""
    model, pk = type(row), row.pk
    page = address(model, "delete", pk)
    seen = client.get(page).context["empreinte"]
    assert client.post(page, {"post": "yes", "empreinte": seen}).status_code == 302
    return address(model, "recreer", pk)


def boxes(response):
    return [part["cle"] for part, _ in response.context["parties"]]


def confirm(client, page, ticked=None):
    shown = client.get(page)
    data = {
        "suppression": shown.context["record"].history_id,
        "ligne": boxes(shown) if ticked is None else ticked,
    }
    return client.post(page, data)


def test_a_contract_comes_back_with_its_rows(client, contrats, secretariat):
    contrat = contrats.normand
    pk, slug, rows = contrat.pk, contrat.slug, [contrat.signataires.get(), contrat.avenants.get()]
    page = delete(client, contrat)
    assert page in read(client.get(address(Contrat, "supprimes")))
    assert page in read(client.get(address(Contrat, "history", pk)))
    shown = client.get(page)
    assert "Signataire normande" in read(shown)
    assert "Avenant n° " in read(shown).replace("avenant n°", "Avenant n°")
    assert not Contrat.objects.filter(pk=pk).exists()
    (gone,) = Contrat.history.filter(history_type="-")
    assert Signataire.history.filter(modification=gone.modification).count() == 1
    told = gone.modification
    assert (told.porte, told.auteur) == ("administration", secretariat)
    assert (told.modele, told.objet) == ("programme.Contrat", str(pk))

    response = confirm(client, page)
    assert response.url == address(Contrat, "history", pk)
    made = Contrat.objects.get(pk=pk)
    assert (made.slug, made.intitule, made.publication) == (slug, "Acte normande", "brouillon")
    assert made.version > contrat.version
    assert [made.signataires.get(), made.avenants.get()] == rows
    last = made.history.first()
    assert (last.history_type, last.history_user) == ("+", secretariat)
    assert last.history_change_reason.startswith("enregistrement supprimé le ")
    history = read(client.get(response.url))
    assert "Suppression" in history
    assert "a été supprimé. Son historique reste" not in history
    assert "Rétablir l’enregistrement" not in read(client.get(address(Contrat, "supprimes")))


def test_rows_may_be_left_out(client, contrats):
    page = delete(client, contrats.normand)
    confirm(client, page, ticked=[])
    assert not Signataire.objects.filter(contrat__intitule="Acte normande").exists()
    assert not Avenant.objects.filter(contrat__intitule="Acte normande").exists()


def test_a_row_deleted_before_does_not_come_back(client, contrats):
    """Only what went at the same moment, by the same hand."""
    contrats.normand.avenants.get().delete()
    shown = client.get(delete(client, contrats.normand))
    assert [key.split("-")[0] for key in boxes(shown)] == ["signataire"]


def test_a_project_comes_back_with_its_financements(client, normandie):
    # The key of this SIREN is false, as its source wrote it: what was stored is not questioned.
    projet = f.ProjetFactory(
        territoire__region_porteuse=normandie, statut="", siren="209416415", lon=2.35, lat=48.85
    )
    financement = f.FinancementFactory(projet=projet)
    assert confirm(client, delete(client, projet)).status_code == 302
    assert Financement.objects.get() == financement
    again = Projet.objects.get()
    for field in Projet._meta.fields:
        if field.name != "version":
            assert getattr(again, field.attname) == getattr(projet, field.attname), field.name


def test_the_state_of_who_may_publish_comes_back(client, contrats):
    contrats.normand.publication = Publication.PUBLIE
    contrats.normand.save()
    confirm(client, delete(client, contrats.normand))
    assert Contrat.objects.get(intitule="Acte normande").publication == Publication.PUBLIE


def test_a_draft_comes_back_to_who_may_not_publish(client, signed_in, redacteur, contrats):
    contrats.normand.publication = Publication.PUBLIE
    contrats.normand.save()
    page = delete(client, contrats.normand)
    editor = signed_in(redacteur)
    assert "Publication : brouillon (« publié » avant la suppression" in read(editor.get(page))
    assert confirm(editor, page).status_code == 302
    made = Contrat.objects.get(intitule="Acte normande")
    assert made.publication == Publication.BROUILLON
    assert made.signataires.exists()


def test_a_status_that_the_role_may_not_give_is_refused(signed_in, redacteur, contrats):
    contrat = contrats.normand
    contrat.statut, contrat.date_signature, contrat.precision_signature = (
        "signé", "2019-06-01", "jour",
    )  # fmt: skip
    contrat.save()
    contrat.delete()
    page = address(Contrat, "recreer", Contrat.history.filter(history_type="-").first().id)
    response = confirm(signed_in(redacteur), page)
    assert "ne permet pas de passer à « signé »" in read(response)
    assert not Contrat.objects.filter(intitule="Acte normande").exists()


def test_a_value_taken_meanwhile_is_said(client, contrats):
    page = delete(client, contrats.normand)
    f.ContratFactory(territoire=contrats.normand.territoire, slug=contrats.normand.slug)
    for response in (client.get(page), confirm(client, page)):
        assert "ne peut pas être rétabli tel quel" in read(response)
        assert "Un objet Contrat avec ce champ Adresse existe déjà." in read(response).replace(
            "&#x27;", "'"
        )
    assert not Contrat.objects.filter(intitule="Acte normande").exists()


def test_a_row_whose_parent_is_gone_is_said(client, contrats):
    signataire = contrats.normand.signataires.get()
    delete(client, contrats.normand)
    page = address(Signataire, "recreer", signataire.pk)
    for response in (client.get(page), confirm(client, page)):
        assert "contrat : cet enregistrement n’existe plus" in read(response)
    assert not Signataire.objects.filter(pk=signataire.pk).exists()


def test_a_row_that_is_refused_brings_nothing_back(client, normandie):
    projet = f.ProjetFactory(territoire__region_porteuse=normandie, statut="")
    financement = f.FinancementFactory(projet=projet, enveloppe=None)
    page = delete(client, projet)
    financement.financeur.delete()
    response = confirm(client, page)
    assert "financeur : cet enregistrement n’existe plus" in read(response)
    assert not Projet.objects.exists()
    assert confirm(client, page, ticked=[]).status_code == 302


def test_an_act_of_the_map_keeps_its_author(client, signed_in, national, normandie):
    author = f.SecretariatFactory(nom="Autrice")
    seance = f.SeanceFactory(comite_regional=f.ComiteRegionalFactory(region=normandie))
    decision = f.DecisionFactory(
        seance=seance, type="autre", territoire=None, auteur=author, texte="Avis"
    )
    confirm(client, delete(client, decision))
    assert Decision.objects.get().auteur == author


def test_the_links_of_a_territory_come_back(signed_in, national, normandie, bretagne):
    territoire = f.TerritoireFactory(
        region_porteuse=normandie, regions=[bretagne], rattachement=None, nom="Partagé"
    )
    departements = set(territoire.departements.all())
    page = delete(signed_in(national), territoire)
    assert confirm(signed_in(national), page).status_code == 302
    again = Territoire.objects.get(nom="Partagé")
    assert set(again.regions.all()) == {normandie, bretagne}
    assert set(again.departements.all()) == departements


def test_a_document_keeps_its_file(client, normandie):
    document = f.DocumentFactory(
        territoire=f.TerritoireFactory(region_porteuse=normandie),
        url="", fichier="documents/2021/acte.pdf",
    )  # fmt: skip
    assert confirm(client, delete(client, document)).status_code == 302
    assert Document.objects.get().fichier.name == "documents/2021/acte.pdf"


# --- Doors ------------------------------------------------------------------------------------


def test_a_record_that_is_there_is_not_made_again(client, contrats):
    page = address(Contrat, "recreer", contrats.normand.pk)
    assert client.get(page).status_code == 404
    assert client.post(page).status_code == 404


def test_a_deletion_that_is_not_the_one_shown_restores_nothing(client, contrats):
    page = delete(client, contrats.normand)
    for suppression in ("", "0", "quoi"):
        response = client.post(page, {"suppression": suppression, "ligne": []})
        assert response.status_code == 409
    assert not Contrat.objects.filter(intitule="Acte normande").exists()


def test_a_forged_row_is_left_out(client, contrats):
    theirs = contrats.breton.signataires.get()
    theirs.delete()
    record = Signataire.history.filter(id=theirs.id or 0, history_type="-").first()
    record = record or Signataire.history.filter(history_type="-").first()
    page = delete(client, contrats.normand)
    assert confirm(client, page, [f"signataire-{record.history_id}"]).status_code == 302
    assert not contrats.breton.signataires.exists()


def test_a_record_of_another_region_does_not_exist(client, contrats):
    pk = contrats.breton.pk
    contrats.breton.delete()
    page = address(Contrat, "recreer", pk)
    for response in (client.get(page), client.post(page)):
        assert response.status_code == 404
        assert "bretonne" not in response.content.decode()


def test_who_may_not_add_makes_nothing_again(signed_in, client, contrats, normandie):
    page = delete(client, contrats.normand)
    reader = signed_in(f.LecteurFactory(regions=[normandie]))
    assert "Rétablir" not in read(reader.get(address(Contrat, "supprimes")))
    assert reader.get(page).status_code == 403
    assert reader.post(page).status_code == 403


def test_members_of_the_map_are_not_made_again(signed_in, national, normandie):
    """They come and go by the acts of a séance."""
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    rattachement = territoire.rattachements.get()
    pk = rattachement.pk
    rattachement.delete()
    assert signed_in(national).get(address(Rattachement, "recreer", pk)).status_code == 403


def test_a_row_of_a_published_record_stays_locked(signed_in, client, redacteur, contrats):
    signataire = contrats.normand.signataires.get()
    page = delete(client, signataire)
    contrats.normand.publication = Publication.PUBLIE
    contrats.normand.save()
    response = confirm(signed_in(redacteur), page)
    assert "modifie ce qui est en brouillon ou à valider" in read(response)
    assert not Signataire.objects.filter(pk=signataire.pk).exists()
