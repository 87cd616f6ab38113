"""Asking, confirming, stopping: what the person reads, whatever she writes."""

import re
import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from programme.catalogue.suivre import abonnes, envois, objets
from programme.models import Abonne, Abonnement, Envoi, Publication, Tache
from programme.models.abonnements import JOURS_SANS_REPONSE, SUIVIS
from programme.taches import execution
from tests import factories as f
from tests.courrier import courrier
from tests.programme.catalogue.suivre.outils import (
    Horloge,
    abonne,
    demander,
    lien,
    suivre,
    tournee,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def horloge(monkeypatch):
    return Horloge(monkeypatch, "2027-03-01 10:00")


# --- Asking -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("courriel", "said"),
    [
        ("", "Donnez votre adresse électronique"),
        ("anne", "Cette adresse ne se lit pas"),
        ("anne@exemple.fr\nBcc: tous@exemple.fr", "Cette adresse ne se lit pas"),
        ("anne@exemple.fr\r\n\r\ncorps", "Cette adresse ne se lit pas"),
        ("anne@exemple.fr, tous@exemple.fr", "Cette adresse ne se lit pas"),
        ("<anne@exemple.fr>", "Cette adresse ne se lit pas"),
        ("anne@exem\x00ple.fr", "Cette adresse contient un caractère nul"),
        ("anné@exemple.fr", "qui a un accent avant « @ »"),
        ("a" * 300 + "@exemple.fr", "dépasse 254 caractères"),
        ("a" * 600 + "@exemple.fr", "dépasse 254 caractères"),
        (f"anne@{'é' * 80}.fr", "Cette adresse ne se lit pas"),
        ("anne@localhost", "Cette adresse ne se lit pas"),
    ],
)
def test_a_hostile_address_is_refused_and_given_back(client, courriel, said):
    answer = demander(client, "/projets/", courriel)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="/projets/"' in answer.text
    assert not Abonne.objects.exists()
    assert courrier() == []


def test_a_domain_with_accents_is_written_as_servers_write_it(client):
    demander(client, "/projets/", "Anne.Martin@Forêt.fr")
    (message,) = courrier()
    assert message.to == ["Anne.Martin@xn--fort-ipa.fr"]
    assert message.recipients() == message.to


@pytest.mark.parametrize(
    ("adresse", "said"),
    [
        ("", "Donnez l’adresse de la page à suivre"),
        ("/nulle-part/", "pas de page à cette adresse"),
        ("https://ailleurs.exemple/projets/", "n’est pas de ce site"),
        ("http://[::1/projets/", "ne se lit pas"),
        ("/admin/", "pas"),
        ("/fonds/", "ne se suit pas"),
        ("/communes/", "Le journal ne dit rien de cette liste"),
        ("/projets/?region=zz", "Région"),
        ("/projets/?inconnu=1", "n’existe pas à cette adresse"),
        ("/projets/?axe=innover&q=a&q=b", "plusieurs fois"),
        ("/projets/?q=%00", "caractère nul"),
        ("/projets/rien/", "Aucune fiche publiée"),
        ("/journal/?du=2022-01-01", "ne change plus"),
        ("/projets/?au=2022-01-01", "ne change plus"),
        ("/projets/?q=" + "a" * 1100, ""),
    ],
)
def test_a_page_that_cannot_be_followed_says_why(client, adresse, said):
    answer = demander(client, adresse)
    assert answer.status_code == 400
    assert said in answer.text
    assert courrier() == []
    if adresse:
        assert client.get("/suivre/", {"adresse": adresse}).status_code == 400


def test_a_draft_is_no_page(client):
    project = f.ProjetFactory(publication=Publication.BROUILLON)
    contrat = f.ContratFactory(publication=Publication.A_VALIDER)
    absent = client.get("/suivre/", {"adresse": "/projets/aucun/"}).text
    for row in (project, contrat):
        path = row.get_absolute_url()
        found = client.get("/suivre/", {"adresse": path})
        assert found.status_code == 400
        assert found.text.replace(path, "/projets/aucun/") == absent


def test_each_kind_of_page_leads_to_the_form(client):
    territoire = f.TerritoireFactory()
    engagement = f.EngagementFactory(operateur=f.OperateurFactory())
    rattachement = territoire.rattachements.first()
    rows = (
        territoire,
        territoire.region_porteuse,
        f.ContratFactory(territoire=territoire),
        f.ProjetFactory(territoire=territoire),
        engagement.operateur,
        f.CommuneFactory(),
        rattachement.intercommunalite,
    )
    pages = [row.get_absolute_url() for row in rows]
    pages += ["/projets/?axe=attirer&tri=-code", "/contrats/", "/jalons/", "/journal/"]
    f.ProjetFactory(axe="attirer")
    f.JalonFactory()
    followed = {}
    for page in pages:
        text = client.get(page).text
        assert "/suivre/?adresse=" in text, page
        address = text.split("/suivre/?adresse=")[1].split('"')[0]
        answer = client.get(f"/suivre/?adresse={address}")
        assert answer.status_code == 200, page
        followed[page] = answer.context["objet"]
    assert followed["/projets/?axe=attirer&tri=-code"].adresse == "/projets/?axe=attirer"
    engaged = objets.lire(f"/engagements/?code={engagement.code}")
    assert (engaged.vue, engaged.cle) == ("engagement", str(engagement.pk))


def led(client, page):
    """Where the links to follow of a page lead, answered, by what they follow."""
    addresses = re.findall(r'/suivre/\?adresse=([^"]+)"', client.get(page).text)
    answers = [client.get(f"/suivre/?adresse={address}") for address in addresses]
    assert {answer.status_code for answer in answers} == {200}, page
    return {answer.context["objet"].adresse for answer in answers}


def test_an_empty_list_the_board_and_a_search_lead_to_the_form(client):
    f.ProjetFactory(axe="attirer")
    engagement = f.EngagementFactory(operateur=f.OperateurFactory())
    assert led(client, "/projets/?axe=innover") == {"/projets/?axe=innover"}
    assert "/contrats/" in led(client, "/contrats/")
    board = led(client, "/operateurs/?statut=rien+de+publi%C3%A9")
    assert f"/operateurs/{engagement.operateur_id}/" not in board
    assert any("statut=" in address for address in board)
    assert len(led(client, "/operateurs/")) > 1
    assert {"/projets/?q=fonderie", "/contrats/?q=fonderie"} <= led(
        client, "/recherche/?q=fonderie"
    )


def test_one_text_for_one_set_of_rows():
    f.RegionFactory(code="28")
    one = objets.lire("/projets/?axe=innover&axe=attirer&region=28&taille=100&utm_source=x")
    other = objets.lire("http://127.0.0.1:8000/projets/?region=28&axe=attirer&axe=innover&page=2")
    assert one.cle == other.cle == "axe=attirer&axe=innover&region=28"


def test_the_page_never_says_who_follows(client):
    suivre(client, "/projets/")
    known = demander(client, "/projets/")
    unknown = demander(client, "/projets/", "autre@exemple.fr")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert client.get(known["Location"]).content == client.get(unknown["Location"]).content
    told = {message.to[0]: message.subject for message in courrier()[-2:]}
    assert "déjà" in told["anne@exemple.fr"]
    assert "Confirmez" in told["autre@exemple.fr"]


def test_what_is_kept_of_an_address_reads_nowhere(client):
    demander(client, "/projets/")
    row = Abonne.objects.get()
    assert "anne" not in row.courriel + row.empreinte
    assert "anne" not in Tache.objects.get().charge
    assert abonnes.address_of(row) == "anne@exemple.fr"


def test_no_cookie_and_nothing_kept_elsewhere(client):
    suivre(client, "/projets/")
    message = courrier()[-1]
    for path in ("/suivre/", "/suivre/demande/", lien(message, "confirmer")):
        answer = client.get(path)
        assert not answer.cookies
        assert "no-store" in answer["Cache-Control"], path
    assert client.get(lien(message, "confirmer"))["Referrer-Policy"] == "no-referrer"


# --- Not a flood --------------------------------------------------------------------------------


def test_an_address_is_not_flooded(client):
    for number in range(8):
        assert demander(client, f"/projets/?q=forge{number}").status_code == 302
    assert len(courrier()) == 5


def test_a_network_is_not_heard_without_end(client):
    for number in range(20):
        demander(client, "/projets/", f"a{number}@exemple.fr")
    answer = demander(client, "/projets/", "derniere@exemple.fr")
    assert answer.status_code == 429
    assert "Trop de demandes depuis votre réseau" in answer.text
    assert 'value="derniere@exemple.fr"' in answer.text, "nothing typed is lost"
    assert len(courrier()) == 20


def test_an_address_follows_so_many_pages(client):
    row = f.AbonneFactory(adresse="anne@exemple.fr")
    for number in range(SUIVIS):
        f.AbonnementFactory(abonne=row, cle=f"q=forge{number}")
    demander(client, "/contrats/")
    (message,) = courrier()
    assert f"suit déjà {SUIVIS} pages" in message.body
    assert row.abonnements.count() == SUIVIS


# --- Confirming, stopping -----------------------------------------------------------------------


def test_nothing_is_followed_before_it_is_confirmed(client, horloge):
    demander(client, "/projets/")
    (message,) = courrier()
    path = lien(message, "confirmer")
    assert "Suivre la liste « Projets » ?" in client.get(path).text, "programs open every link"
    assert Abonnement.objects.get().confirme_le is None
    f.ProjetFactory()
    assert horloge.matin() == []
    horloge.passe(hours=20)
    assert client.post(path).status_code == 200
    moment = Abonnement.objects.get().confirme_le
    assert client.post(path).status_code == 200
    assert Abonnement.objects.get().confirme_le == moment


def test_a_link_is_valid_for_two_days(client, monkeypatch):
    demander(client, "/projets/")
    path = lien(courrier()[0], "confirmer")
    now = abonnes.signing.time.time()
    monkeypatch.setattr(abonnes.signing.time, "time", lambda: now + 48 * 3600 + 5)
    answer = client.post(path)
    assert answer.status_code == 404
    assert "Ce lien a plus de 48 heures" in answer.text


@pytest.mark.parametrize("name", ["confirmer", "mes-suivis", "arret"])
@pytest.mark.parametrize("jeton", ["abc", "a:b:c", "é", "x" * 3000, "%00"])
def test_a_false_link_is_a_sentence(client, name, jeton):
    for ask in (client.get, client.post):
        answer = ask(f"/suivre/{name}/{jeton}/")
        assert answer.status_code == 404
        assert "Ce lien est incomplet" in answer.text


def test_a_link_of_one_use_is_of_no_other(client):
    suivre(client, "/projets/")
    token = lien(courrier()[-1], "confirmer").rstrip("/").rpartition("/")[2]
    for name in ("mes-suivis", "arret"):
        assert client.post(f"/suivre/{name}/{token}/").status_code == 404
    assert Abonne.objects.exists()


def test_one_stops_one_thing_then_the_last(client):
    row = suivre(client, "/projets/")
    suivre(client, "/contrats/")
    other = f.AbonnementFactory()
    page = f"/suivre/mes-suivis/{abonnes.jeton(row)}/"
    assert client.get(page).text.count("Ne plus suivre") == 2
    for bad in ("", "abc", "9" * 30, str(other.pk)):
        assert client.post(page, {"abonnement": bad}).text.count("Ne plus suivre") == 2
    first, second = row.abonnements.all()
    answer = client.post(page, {"abonnement": str(first.pk)})
    assert "n’est plus suivie" in answer.text
    assert answer.text.count("Ne plus suivre") == 1
    answer = client.post(page, {"abonnement": str(second.pk)})
    assert "ne suit plus rien" in answer.text
    assert not Abonne.objects.filter(pk=row.pk).exists()
    assert Abonne.objects.filter(pk=other.abonne_id).exists()


def test_requests_without_an_answer_are_forgotten(client, horloge):
    demander(client, "/projets/")
    suivre(client, "/projets/", "beatrice@exemple.fr")
    horloge.passe(days=JOURS_SANS_REPONSE - 1)
    assert Abonne.objects.purge()[0] == 0
    horloge.passe(days=1, seconds=1)
    Abonne.objects.purge()
    assert [abonnes.address_of(row) for row in Abonne.objects.all()] == ["beatrice@exemple.fr"]


# --- Sending ------------------------------------------------------------------------------------


def _changed(client, horloge):
    project = f.ProjetFactory(emplois_crees=1)
    suivre(client, project.get_absolute_url())
    horloge.passe(minutes=1)
    project.emplois_crees = 2
    project.save()
    horloge.passe(days=1)
    mail.outbox.clear()
    return project


def test_two_clocks_send_one_mail(client, horloge):
    _changed(client, horloge)
    envois.prevoir()
    envois.prevoir()
    assert Tache.objects.waiting().filter(genre=envois.RECAPITULATIF).count() == 1
    task = Tache.objects.waiting().get()
    assert execution._claim(task)
    execution.executer()
    assert mail.outbox == [], "the other clock has it"
    envois.envoyer(execution.charge_of(task))
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_the_same_time(client, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("one connection holds the database in memory")  # told again above
    horloge = Horloge(monkeypatch, "2027-03-01 10:00")
    _changed(client, horloge)
    start = threading.Barrier(2)

    def run():
        start.wait()
        tournee()
        connection.close()

    clocks = [threading.Thread(target=run) for _ in range(2)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert len(mail.outbox) == 1
    assert Envoi.objects.get().remis == 1


def test_a_mail_handed_over_twice_is_one_mail(client, horloge):
    """Who sends dies before it is written: the second one has the same name."""
    _changed(client, horloge)
    envois.prevoir()
    charge = execution.charge_of(Tache.objects.waiting().get())
    row = abonne()
    for _ in range(2):
        found = envois.composer(row)
        envois._remettre(row, found.message(row, "anne@exemple.fr", charge["message_id"]))
    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second


def test_what_could_not_leave_is_told_another_day_and_in_public(client, horloge, monkeypatch):
    _changed(client, horloge)
    assert "aucun récapitulatif n’est encore parti" in client.get("/suivre/").text
    with monkeypatch.context() as down:

        def refuse(self, messages):
            raise smtplib.SMTPServerDisconnected

        down.setattr(EmailBackend, "send_messages", refuse)
        assert tournee() == []
        horloge.passe(hours=3)
        assert "Récapitulatifs en retard : 1" in client.get("/suivre/").text
        assert "en retard" in client.get("/sante/").json()["recapitulatifs"]["pannes"][-1]
    (message,) = horloge.matin()
    assert "1 → 2" in message.body
    text = client.get("/suivre/").text
    assert "Dernier envoi : 3 mars 2027 à 08:00 ; 1 courriel remis." in text
    told = client.get("/sante/").json()["recapitulatifs"]
    assert told["remis"] == 1


def test_an_address_that_is_no_more_is_forgotten(client, horloge, monkeypatch):
    project = _changed(client, horloge)

    def refuse(self, messages):
        raise smtplib.SMTPRecipientsRefused({"anne@exemple.fr": (550, b"inconnu")})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    tournee()
    assert "n’ont pas pu être remis en 7 jours : 1" in client.get("/suivre/").text
    for number in range(2):
        assert abonne().refus == number + 1
        project.emplois_crees += 1
        project.save()
        horloge.matin()
    assert abonne() is None


def test_a_silent_clock_is_told(client, horloge):
    assert "L’horloge du portail n’a encore rien fait" in client.get("/suivre/").text
    f.TourneeFactory(commencee_le=timezone.now() - timedelta(hours=1))
    assert "muette depuis le" in client.get("/suivre/").text
    f.TourneeFactory(commencee_le=timezone.now())
    assert "Aucun retard, aucun refus" in client.get("/suivre/").text


def test_a_search_that_reads_no_more_is_told_once(client, horloge):
    suivre(client, "/projets/?q=forge")
    Abonnement.objects.update(cle="disparu=1")
    (message,) = horloge.matin()
    assert "ne se lit plus" in message.body
    assert not Abonnement.objects.exists()


def test_a_commune_is_told_of_its_territory_and_its_projects(client, horloge):
    commune = f.CommuneFactory()
    suivre(client, commune.get_absolute_url())
    assert horloge.matin() == []
    territoire = f.TerritoireFactory(rattachement=None)
    f.RattachementFactory(territoire=territoire, intercommunalite=commune.intercommunalite)
    f.ProjetFactory(commune=commune, beneficiaire="Forge")
    f.ProjetFactory(beneficiaire="Ailleurs")
    (message,) = horloge.matin()
    assert "rattachement ajouté" in message.body
    assert "projet ajouté" in message.body
    assert "Ailleurs" not in message.body


def test_a_key_of_the_site_that_changes(client, horloge, settings):
    _changed(client, horloge)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    assert len(tournee()) == 1
    suivre(client, "/projets/")
    assert Abonne.objects.count() == 1
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [], "p" * 60
    horloge.matin()
    assert not Abonne.objects.exists(), "nobody reads it any more: it is not kept"
