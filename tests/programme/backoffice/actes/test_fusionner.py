"""Two records that are the same thing become one: kept, told, moved, led to, corrected as one."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from programme.catalogue.suivre.objets import relire
from programme.models import Contrat, Financeur, Projet, Proposition, Publication
from territoires.corrections import Correction
from territoires.models import Modification
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, text_of

BROUILLON = Publication.BROUILLON


def page(garde, absorbe):
    return f"{address(type(garde), 'fusionner', garde.pk)}?avec={absorbe.pk}"


def envoi(response, **choisis):
    """What the page sends: what it proposes, but what is chosen."""
    form = response.context["form"]
    return {name: form[name].value() for name in form.fields} | choisis


def fusionner(client, garde, absorbe, **choisis):
    here = page(garde, absorbe)
    return client.post(here, envoi(client.get(here), **choisis), follow=True)


@pytest.fixture
def projets(contrat):
    """Twice the same, published; the second says what the first does not."""
    here = {
        "territoire": contrat.territoire,
        "commune": f.CommuneFactory(departement=f.DepartementFactory(region_id="28")),
        "siren": "",
    }
    garde = f.ProjetFactory(**here, beneficiaire="Forges de l’Iton", emplois_crees=None)
    absorbe = f.ProjetFactory(**here, beneficiaire="Les Forges de l’Iton", emplois_crees=12)
    return garde, absorbe


def test_each_field_is_chosen_and_what_depends_follows(publisher, national, projets, contrat):
    garde, absorbe = projets
    document = f.DocumentFactory(territoire=None, projet=absorbe)
    region = f.FinanceurFactory(nom="Région d’essai")
    banque = f.FinanceurFactory(nom="Banque d’essai")
    shared = {"financeur": region, "enveloppe": None}
    first = f.FinancementFactory(
        projet=garde, **shared, montant_accorde_eur=None, montant_verse_eur=None,
        montant_demande_eur=500,
    )  # fmt: skip
    f.FinancementFactory(
        projet=absorbe, **shared, montant_demande_eur=900, montant_accorde_eur=400,
        montant_verse_eur=None,
    )  # fmt: skip
    moved = f.FinancementFactory(projet=absorbe, financeur=banque, enveloppe=None)
    reported = f.PropositionFactory(record=absorbe, changements={"champs": {}, "lignes": []})

    shown = publisher.get(page(garde, absorbe))
    told = text_of(shown)
    assert "Les Forges de l’Iton" in told
    assert "1 document de l’autre fiche" in told.replace("\xa0", " ")
    assert shown.context["form"]["emplois_crees"].value() == "absorbe", "what is told, by default"
    assert shown.context["form"]["beneficiaire"].value() == "garde"

    done = fusionner(publisher, garde, absorbe, objet="absorbe")
    assert "est fusionné dans" in text_of(done)
    kept, gone = Projet.objects.get(pk=garde.pk), Projet.objects.get(pk=absorbe.pk)
    assert (kept.emplois_crees, kept.objet) == (12, absorbe.objet)
    assert kept.beneficiaire == "Forges de l’Iton"
    assert (gone.publication, gone.absorbe_par) == (Publication.RETIRE, kept)
    for row in (document, moved):
        row.refresh_from_db()
        assert row.projet == kept
    first.refresh_from_db()
    assert (first.montant_demande_eur, first.montant_accorde_eur) == (500, 400), "completed"
    assert list(Proposition.objects.about(kept)) == [reported]

    # One save, which is corrected as one.
    saves = Modification.objects.filter(acte="fusionner")
    assert set(kept.history.values_list("modification", flat=True)) >= {saves.get().pk}
    assert gone.history.first().modification == document.history.first().modification == saves.get()
    Correction(saves.get()).faire(national, "Ce sont deux projets")
    kept.refresh_from_db()
    gone.refresh_from_db()
    document.refresh_from_db()
    assert (kept.emplois_crees, kept.objet) == (None, garde.objet)
    assert (gone.publication, gone.absorbe_par) == (Publication.PUBLIE, None)
    assert document.projet == gone
    assert list(Proposition.objects.about(gone)) == [reported]


def test_a_merge_is_corrected_though_a_proposal_was_forgotten_since(publisher, national, projets):
    forgotten = f.PropositionFactory(record=projets[1], changements={"champs": {}, "lignes": []})
    fusionner(publisher, *projets)
    forgotten.delete()
    Correction(Modification.objects.get(acte="fusionner")).faire(national, "Deux projets")
    assert Projet.objects.get(pk=projets[1].pk).absorbe_par is None


def test_of_what_both_have_one_is_chosen(publisher, projets):
    garde, absorbe = projets
    financeur = f.FinanceurFactory()
    one, other = (
        f.FinancementFactory(
            projet=projet, financeur=financeur, enveloppe=None, montant_demande_eur=asked,
            montant_accorde_eur=None, montant_verse_eur=None,
        )
        for projet, asked in ((garde, 500), (absorbe, 900))
    )  # fmt: skip
    fusionner(publisher, garde, absorbe, **{f"financement_{one.pk}": "absorbe"})
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.montant_demande_eur == 900
    assert other.projet == absorbe, "left with what was merged, which nobody counts"


def test_public_addresses_lead_for_ever_to_what_is_kept(client, publisher, projets):
    garde, absorbe = projets
    query = f"jeu=projets&fiche={absorbe.code}&colonne=emplois_crees"
    cited = client.post(reverse("citer"), {"chiffre": "valeur", "requete": query})["Location"]
    then = timezone.now().astimezone(ZoneInfo("Europe/Paris")).isoformat()
    old = absorbe.get_absolute_url()
    fusionner(publisher, garde, absorbe)
    kept = Projet.objects.get(pk=garde.pk)
    kept.emplois_crees = 13
    kept.save()
    for known in (old, f"/projets/{absorbe.code}/"):
        answer = client.get(known)
        assert (answer.status_code, answer["Location"]) == (301, garde.get_absolute_url())
    assert client.get(f"{old}?format=json").json()["code"] == garde.code
    api = client.get(f"/api/v1/projets/{absorbe.code}/")
    assert (api.status_code, api["Location"]) == (301, f"/api/v1/projets/{garde.code}/")
    told = client.get(reverse("citation_json", args=[cited.split("/")[-2]])).json()
    assert (told["valeur"], told["aujourdhui"]["valeur"]) == (12, 13), "as it was, then as it is"
    assert absorbe.beneficiaire not in client.get("/projets/").content.decode()
    listed = client.get("/projets/", {"code": absorbe.code}, follow=True)
    assert garde.get_absolute_url() in listed.content.decode()

    reported = client.get(f"/signaler/projets/{absorbe.code}/")
    assert garde.beneficiaire in reported.content.decode()

    before = client.get(old, {"au": then})
    assert before.status_code == 200
    assert "Les Forges de l’Iton" in before.content.decode()

    # What replaced it may be merged in its turn.
    third = f.ProjetFactory(territoire=garde.territoire, commune=garde.commune)
    fusionner(publisher, third, garde)
    assert client.get(old)["Location"] == third.get_absolute_url()


def test_who_follows_what_was_merged_is_told_of_what_is_kept(publisher, projets):
    garde, absorbe = projets
    fusionner(publisher, garde, absorbe)
    assert relire("projet", absorbe.pk).row == garde


def test_nobody_learns_of_what_was_only_a_draft(client, publisher, projets):
    garde = projets[0]
    draft = f.ProjetFactory(
        territoire=garde.territoire, commune=garde.commune, publication=BROUILLON
    )
    fusionner(publisher, garde, draft)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(f"/api/v1/projets/{draft.code}/").status_code == 404


def test_what_was_merged_changes_no_more(publisher, projets):
    garde, absorbe = projets
    fusionner(publisher, garde, absorbe)
    home = publisher.get(address(Projet, "change", absorbe.pk))
    told = text_of(home)
    assert "a été fusionné dans une autre fiche" in told
    assert address(Projet, "change", garde.pk) in home.content.decode()
    assert b'name="_save"' not in home.content
    assert publisher.get(address(Projet, "acte_publier", absorbe.pk)).status_code == 403
    again = publisher.get(page(garde, absorbe))
    assert again.status_code == 403
    assert "est déjà fusionné dans une autre fiche" in text_of(again)
    listed = publisher.get(address(Projet, "changelist"))
    assert "fusionné" in text_of(listed)


def test_look_alikes_are_named_and_others_found(publisher, projets):
    garde = projets[0]
    f.ProjetFactory(territoire=garde.territoire, beneficiaire="Tannerie de Vire", objet="Cuirs")
    shown = publisher.get(address(Projet, "fusionner", garde.pk), {"q": "tannerie"})
    told = text_of(shown)
    assert "Comparer avec Tannerie de Vire" in told
    assert publisher.get(address(Projet, "fusionner", garde.pk), {"avec": "0"}).status_code == 404
    nothing = publisher.get(address(Projet, "fusionner", garde.pk), {"q": "zzz"})
    assert "Aucune fiche de votre périmètre ne répond à « zzz »" in text_of(nothing)


def test_a_new_record_is_saved_then_merged_with_what_it_repeats(publisher, contrat):
    add = address(Contrat, "add")
    begun = publisher.get(f"{add}?territoire={contrat.territoire_id}&type={contrat.type}")
    data = form_data(begun) | {"intitule": "Le même acte", "territoire": contrat.territoire_id}
    refused = publisher.post(add, data)
    assert "C’est le même" in text_of(refused)
    saved = publisher.post(add, data | {"_fusionner": str(contrat.pk)})
    made = Contrat.objects.get(intitule="Le même acte")
    assert saved["Location"] == page(contrat, made)
    done = fusionner(publisher, contrat, made, intitule="absorbe")
    assert "est fusionné dans" in text_of(done)
    assert Contrat.objects.get(pk=contrat.pk).intitule == "Le même acte"


def test_contracts_keep_their_signataires_avenants_and_projects(client, publisher, contrat):
    contrat.publication = Publication.PUBLIE
    contrat.save()
    other = f.ContratFactory(territoire=contrat.territoire, meme_acte_que=contrat)
    signataire = f.SignataireFactory(contrat=other, organisme="Région Normandie")
    avenant = f.AvenantFactory(contrat=other, numero=31_000, version_avant=1)
    projet = f.ProjetFactory(territoire=contrat.territoire, contrat=other)
    assert "dit peut-être le même acte" in text_of(
        publisher.get(address(Contrat, "fusionner", contrat.pk))
    )
    shown = publisher.get(page(contrat, other))
    assert shown.context["form"]["statut"].value() == "absorbe", "the side that tells more"
    fusionner(publisher, contrat, other)
    for row in (signataire, avenant, projet, contrat):
        row.refresh_from_db()
    assert signataire.contrat == avenant.contrat == projet.contrat == contrat
    assert avenant.version_avant is None, "of the history of the other one"
    assert contrat.statut == "signé"
    assert client.get(other.get_absolute_url())["Location"] == contrat.get_absolute_url()


def test_financeurs_are_merged_by_who_may_change_both(
    client, publisher, signed_in, national, projets
):
    one, other = f.FinanceurFactory(nom="Région"), f.FinanceurFactory(nom="La Région")
    row = f.FinancementFactory(projet=projets[0], financeur=other, enveloppe=None)
    assert publisher.get(page(one, other)).status_code == 403
    fusionner(signed_in(national), one, other)
    row.refresh_from_db()
    assert row.financeur == one
    assert list(Financeur.objects.published()) == [one]
    listed = client.get("/projets/", {"financeur": other.slug}, follow=True)
    assert projets[0].get_absolute_url() in listed.content.decode()


def test_what_is_published_is_not_merged_in_what_is_not(publisher, projets):
    garde = projets[0]
    draft = f.ProjetFactory(
        territoire=garde.territoire, commune=garde.commune, publication=BROUILLON
    )
    refused = publisher.get(page(draft, garde))
    assert refused.status_code == 403
    assert "Gardez plutôt la fiche publiée" in text_of(refused)


def test_who_may_not_change_both_merges_nothing(editor, stranger, reader, projets, contrat):
    garde, absorbe = projets
    locked = editor.get(page(garde, absorbe))
    assert locked.status_code == 403
    assert "modifie ce qui est en brouillon" in text_of(locked)
    assert editor.post(page(garde, absorbe), {}).status_code == 403
    assert reader.get(page(garde, absorbe)).status_code == 403
    assert stranger.get(page(garde, absorbe)).status_code == 404
    # A draft of one's own, and a record of elsewhere.
    own = f.ProjetFactory(territoire=contrat.territoire, publication=BROUILLON)
    elsewhere = f.ProjetFactory(publication=BROUILLON)
    hidden = editor.get(page(own, elsewhere))
    assert hidden.status_code == 404
    assert elsewhere.beneficiaire not in text_of(hidden)
    assert not Projet.objects.filter(absorbe_par__isnull=False).exists()


def test_rows_that_another_committee_decides_are_not_moved(publisher, projets):
    garde, absorbe = projets
    f.DecisionFactory(type="valider un projet", projet=absorbe)
    refused = publisher.get(page(garde, absorbe))
    assert refused.status_code == 403
    assert "demandez la fusion à l’administration nationale" in text_of(refused)


def test_drafts_are_merged_by_who_writes_them(editor, contrat):
    here = {"territoire": contrat.territoire, "publication": BROUILLON, "commune": None}
    here |= {"departement": None, "lon": None, "lat": None, "code_postal": ""}
    one, other = f.ProjetFactory(**here, thematique=""), f.ProjetFactory(**here, thematique="Bois")
    fusionner(editor, one, other)
    assert Projet.objects.get(pk=one.pk).thematique == "Bois"


def test_what_changed_meanwhile_merges_nothing(publisher, projets):
    garde, absorbe = projets
    data = envoi(publisher.get(page(garde, absorbe)), objet="absorbe")
    absorbe.objet = "Une scierie"
    absorbe.save()
    again = publisher.post(page(garde, absorbe), data)
    assert again.status_code == 409
    assert "a changé depuis que vous avez ouvert la page" in text_of(again)
    assert again.context["form"]["objet"].value() == "absorbe", "what was chosen is kept"
    assert not Projet.objects.filter(absorbe_par__isnull=False).exists()


def test_a_choice_that_is_none_is_refused_by_the_name_of_its_field(publisher, projets):
    garde, absorbe = projets
    data = envoi(publisher.get(page(garde, absorbe)), objet="x")
    wrong = publisher.post(page(garde, absorbe), data)
    assert wrong.status_code == 400
    assert "Objet : choisissez l’une des deux valeurs." in text_of(wrong)
    assert not Projet.objects.filter(absorbe_par__isnull=False).exists()


def test_a_place_that_would_contradict_itself_is_refused(publisher, projets):
    garde, absorbe = projets
    Projet.objects.filter(pk=absorbe.pk).update(lon=13.4, lat=52.5)  # in Berlin
    Projet.objects.filter(pk=garde.pk).update(commune=None)
    refused = fusionner(publisher, garde, absorbe, commune="garde", lon="absorbe")
    assert refused.status_code == 400
    assert "Rien n’a été fusionné" in text_of(refused)
    assert not Projet.objects.filter(absorbe_par__isnull=False).exists()


def test_the_day_after_everything_is_still_there(publisher, projets, monkeypatch):
    """A merge of yesterday leads as one of today: what it leaves is in the base."""
    fusionner(publisher, *projets)
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert Projet.devenu(slug=projets[1].slug) == projets[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_keep_each_the_other_one_comes_first(normandie, secretariat):
    if connection.vendor == "sqlite":
        pytest.skip("in memory, SQLite has one connection")
    place = {"territoire": f.TerritoireFactory(region_porteuse=normandie), "commune": None}
    place |= {"departement": None, "lon": None, "lat": None, "code_postal": ""}
    one, other = f.ProjetFactory(**place), f.ProjetFactory(**place)
    sent = []
    for agent, pair in (
        (secretariat, (one, other)),
        (f.SecretariatFactory(regions=[normandie]), (other, one)),
    ):
        client = Client()
        client.force_login(agent)
        sent.append((client, page(*pair), envoi(client.get(page(*pair)))))
    ready, answers = threading.Barrier(2), []

    def send(client, address_, data):
        try:
            ready.wait()
            answers.append(client.post(address_, data).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=args) for args in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(302) == 1, answers
    assert Projet.objects.filter(absorbe_par__isnull=False).count() == 1
