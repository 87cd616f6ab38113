"""Officers are told: on the desk, by e-mail at their rhythm; what is theirs, and no more."""

import smtplib
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from programme.backoffice.avis import envois, prevenir
from programme.models import Avis, Contrat, Publication, RythmeAvis
from programme.models.avis import JOURS_GARDES
from programme.taches import execution
from territoires.models import Agent
from tests import factories as f

pytestmark = pytest.mark.django_db
Genre, Rythme = Avis.Genre, RythmeAvis.Rythme


@pytest.fixture
def horloge(monkeypatch):
    """`horloge("2027-03-01 08:00")`: the hour that it is in Paris; the first is a Monday."""

    def put(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris"))
        monkeypatch.setattr(timezone, "now", lambda: moment)

    put("2027-03-01 06:00")
    return put


@pytest.fixture
def contrat(normandie):
    territoire = f.TerritoireFactory(nom="Vallée d’Avre", region_porteuse=normandie)
    return f.ContratFactory(
        territoire=territoire, intitule="Acte d’Avre", publication=Publication.BROUILLON
    )


def do(client, record, act, mot="Le montant"):
    """Do an act on a record, as its page does; `mot`, where it asks for one."""
    page = reverse(f"admin:programme_{record._meta.model_name}_acte_{act}", args=[record.pk])
    record.refresh_from_db()
    answer = client.post(page, {"version_vue": record.version, "mot": mot})
    assert answer.status_code == 302, answer.text
    record.refresh_from_db()


def rythme(agent, value):
    RythmeAvis.objects.update_or_create(agent=agent, defaults={"rythme": value})


def mails():
    """What the clock hands over now, by address."""
    before = len(mail.outbox)
    envois.passer()
    execution.executer()
    return {message.to[0]: message for message in mail.outbox[before:] if message.to}


def genres(agent):
    return list(
        Avis.objects.filter(destinataire=agent).order_by("pk").values_list("genre", flat=True)
    )


def test_from_a_proposal_to_its_answer(signed_in, redacteur, secretariat, contrat, horloge):
    f.SecretariatFactory(regions=[f.RegionFactory(code="53")])
    do(signed_in(redacteur), contrat, "proposer", "Signé à Flers")
    assert set(Avis.objects.values_list("destinataire", flat=True)) == {secretariat.pk}
    horloge("2027-03-01 08:00")
    told = mails()
    assert set(told) == {secretariat.email}
    body = told[secretariat.email].body
    for words in (
        "Acte d’Avre",
        "Vallée d’Avre",
        "Proposé à la validation par René Rédacteur",
        "« Signé à Flers »",
        reverse("admin:programme_contrat_change", args=[contrat.pk]),
        "parce que vous êtes secrétariat régional (Normandie)",
        reverse("admin:avis_rythme"),
    ):
        assert words in body
    assert mails() == {}, "once"

    do(signed_in(secretariat), contrat, "brouillon")
    assert genres(redacteur) == [Genre.A_CORRIGER]
    horloge("2027-03-02 08:00")
    body = mails()[redacteur.email].body
    assert "À corriger : remis en brouillon par Sacha" in body
    assert "« Le montant »" in body
    do(signed_in(redacteur), contrat, "proposer")
    do(signed_in(secretariat), contrat, "publier")
    assert contrat.publication == Publication.PUBLIE
    assert genres(redacteur) == [Genre.A_CORRIGER, Genre.VALIDE]
    horloge("2027-03-03 08:00")
    told = mails()
    assert set(told) == {redacteur.email}, "what was answered asks the secretariat for nothing"
    assert "Validé et publié par Sacha" in told[redacteur.email].body
    assert "parce que vous êtes l’auteur" in told[redacteur.email].body


def test_one_is_not_told_of_what_one_did(signed_in, secretariat, contrat):
    do(signed_in(secretariat), contrat, "proposer")
    do(signed_in(secretariat), contrat, "publier")
    assert genres(secretariat) == []


def test_what_a_committee_validates(signed_in, redacteur, secretariat, contrat, horloge):
    Contrat.objects.filter(pk=contrat.pk).update(
        statut="en préparation", date_signature=None, precision_signature=""
    )
    seance = f.SeanceFactory(
        comite_regional__region=contrat.territoire.region_porteuse, date=date(2027, 2, 1)
    )
    page = reverse("admin:programme_contrat_acte_valider", args=[contrat.pk])
    contrat.refresh_from_db()
    data = {"version_vue": contrat.version, "seance": seance.pk, "texte": "Validé."}
    answer = signed_in(secretariat).post(page, data)
    assert answer.status_code == 302, answer.text
    assert genres(redacteur) == [Genre.VALIDE]
    assert genres(secretariat) == []
    horloge("2027-03-01 08:00")
    body = mails()[redacteur.email].body
    assert "Validé en comité" in body
    assert "parce que vous êtes rédacteur régional (Normandie)" in body


def test_what_a_command_writes_tells_nobody(secretariat, contrat):
    contrat.passer_a(Publication.A_VALIDER)
    assert not Avis.objects.exists()


def test_the_rhythms(secretariat, normandie, contrat, horloge):
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.A_VALIDER)
    agents = {value: f.SecretariatFactory(regions=[normandie]) for value in Rythme.values}
    for value, agent in agents.items():
        rythme(agent, value)

    def event(number):
        prevenir(Genre.PROPOSE, contrat, Agent.objects.all(), repere=str(number))
        execution.executer()
        found, mail.outbox[:] = {message.to[0] for message in mail.outbox}, []
        return found

    def written():
        by = {agent.email: value for value, agent in agents.items()}
        found = {by[address] for address in mails() if address in by}
        mail.outbox.clear()
        return found

    horloge("2027-03-03 06:30")  # a Wednesday
    assert event(1) == {agents[Rythme.AUSSITOT].email}
    assert written() == set(), "too early"
    horloge("2027-03-03 09:00")
    assert written() == {Rythme.JOUR}
    event(2)
    horloge("2027-03-03 12:00")
    assert written() == set()
    horloge("2027-03-04 08:00")
    assert written() == {Rythme.JOUR}
    event(3)
    horloge("2027-03-08 08:00")  # Monday
    assert written() == {Rythme.JOUR, Rythme.SEMAINE}
    event(4)
    horloge("2027-03-09 08:00")
    assert written() == {Rythme.JOUR}
    horloge("2027-03-15 08:00")
    assert written() == {Rythme.SEMAINE}
    assert Avis.objects.filter(destinataire=agents[Rythme.JAMAIS]).non_lus().count() == 4


def test_many_notices_are_one_mail(secretariat, normandie, horloge):
    rythme(secretariat, Rythme.AUSSITOT)
    for number in range(3):
        territoire = f.TerritoireFactory(region_porteuse=normandie)
        record = f.ContratFactory(
            territoire=territoire, intitule=f"Acte {number}", publication=Publication.A_VALIDER
        )
        prevenir(Genre.PROPOSE, record, Agent.objects.all())
    (message,) = mails().values()
    assert "3 avis" in message.subject
    assert all(f"Acte {number}" in message.body for number in range(3))


def test_who_lost_the_region_hears_nothing(signed_in, secretariat, contrat, horloge):
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.A_VALIDER)
    prevenir(Genre.PROPOSE, contrat, Agent.objects.filter(pk=secretariat.pk))
    client = signed_in(secretariat)
    assert "Acte d’Avre" in client.get(reverse("admin:avis")).text
    secretariat.regions.set([f.RegionFactory(code="53")])
    horloge("2027-03-01 08:00")
    assert mails() == {}
    page = client.get(reverse("admin:avis")).text
    assert "Avre" not in page
    assert not Avis.objects.filter(destinataire=secretariat).non_lus().exists()


def test_who_lost_the_role_or_the_account_hears_nothing(national, secretariat, contrat, horloge):
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.A_VALIDER)
    prevenir(Genre.PROPOSE, contrat, Agent.objects.all())
    Agent.objects.filter(pk=secretariat.pk).update(role="lecteur")
    Agent.objects.filter(pk=national.pk).update(is_active=False)
    horloge("2027-03-01 08:00")
    assert mails() == {}


def test_what_is_read_on_the_desk_is_not_written(signed_in, secretariat, contrat, horloge):
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.A_VALIDER)
    prevenir(Genre.PROPOSE, contrat, Agent.objects.filter(pk=secretariat.pk))
    other = f.AvisFactory()
    client, page = signed_in(secretariat), reverse("admin:avis")
    assert "1<span" in client.get(reverse("admin:index")).text.split(f'href="{page}"')[1][:80]
    for bad in ("", "abc", "9" * 30, str(other.pk)):
        client.post(page, {"avis": bad})
    assert Avis.objects.non_lus().count() == 2
    client.post(page, {"avis": "tous"})
    assert Avis.objects.non_lus().get() == other
    horloge("2027-03-01 08:00")
    assert secretariat.email not in mails()


def test_the_preferences(signed_in, secretariat, contrat, horloge):
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.A_VALIDER)
    client, page = signed_in(secretariat), reverse("admin:avis_rythme")
    (line,) = [line for line in client.get(page).text.splitlines() if "checked" in line]
    assert 'value="chaque jour"' in line
    answer = client.post(page, {"rythme": "toutes les heures"})
    assert answer.status_code == 400
    assert "Ce rythme n’existe pas" in answer.text
    client.post(page, {"rythme": "jamais"})
    prevenir(Genre.PROPOSE, contrat, Agent.objects.filter(pk=secretariat.pk))
    horloge("2027-03-01 08:00")
    assert mails() == {}
    client.post(page, {"rythme": "chaque jour"})
    horloge("2027-03-02 08:00")
    assert mails() == {}, "what was left to the desk is not written afterwards"


def test_a_seance_within_the_week(secretariat, redacteur, national, normandie, horloge):
    f.ReferentAgentFactory()
    breton = f.SecretariatFactory(regions=[f.RegionFactory(code="53")])
    seance = f.SeanceFactory(
        comite_regional__region=normandie,
        date=date(2027, 3, 9),
        publication=Publication.BROUILLON,
    )
    horloge("2027-03-01 08:00")
    assert mails() == {}
    horloge("2027-03-02 08:00")
    assert set(mails()) == {secretariat.email, redacteur.email}
    horloge("2027-03-03 08:00")
    assert mails() == {}, "once"
    seance.date = date(2027, 3, 10)
    seance.save()
    told = mails()
    assert set(told) == {secretariat.email, redacteur.email}
    assert "10 mars 2027" in told[secretariat.email].body
    assert "9 mars 2027" not in told[secretariat.email].body
    assert genres(breton) == genres(national) == []


def test_a_seance_that_was_held_is_told_in_the_past(signed_in, secretariat, normandie, horloge):
    f.SeanceFactory(comite_regional__region=normandie, date=date(2027, 3, 2))
    horloge("2027-03-01 08:00")
    assert "La séance a lieu le 2 mars 2027" in mails()[secretariat.email].body
    horloge("2027-03-03 08:00")
    told = signed_in(secretariat).get(reverse("admin:avis")).text
    assert "La séance était prévue le 2 mars 2027" in told


def test_a_commitment_that_is_late(horloge):
    referent = f.ReferentAgentFactory()
    other = f.ReferentAgentFactory()
    engagement = f.EngagementFactory(
        operateur=referent.operateur,
        echeance=date(2021, 12, 31),
        precision_echeance="jour",
        rythme="",
        debut=None,
    )
    horloge("2027-03-01 08:00")
    told = mails()
    assert set(told) == {referent.email}
    body = told[referent.email].body
    assert engagement.intitule in body
    assert "aucune réalisation publiée" in body
    assert "parce que vous êtes référent d’opérateur" in body
    assert genres(other) == []
    horloge("2027-03-02 08:00")
    assert mails() == {}


def test_a_mail_server_that_is_down_loses_nothing(secretariat, contrat, horloge, monkeypatch):
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.A_VALIDER)
    prevenir(Genre.PROPOSE, contrat, Agent.objects.filter(pk=secretariat.pk))
    horloge("2027-03-01 08:00")
    with monkeypatch.context() as down:

        def refuse(self, messages):
            raise smtplib.SMTPServerDisconnected

        down.setattr(EmailBackend, "send_messages", refuse)
        assert mails() == {}
    horloge("2027-03-01 09:00")
    assert set(mails()) == {secretariat.email}


def test_two_tasks_tell_it_once(secretariat, contrat):
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.A_VALIDER)
    prevenir(Genre.PROPOSE, contrat, Agent.objects.filter(pk=secretariat.pk))
    for _ in range(2):
        envois.envoyer({"agent": secretariat.pk, "message_id": "<a@b>"})
    assert len(mail.outbox) == 1


def test_the_same_event_is_told_once(secretariat, contrat):
    for _ in range(3):
        prevenir(Genre.PROPOSE, contrat, Agent.objects.all(), repere="7")
    assert Avis.objects.count() == 1


def test_old_notices_are_forgotten(horloge):
    f.AvisFactory(cree_le=timezone.now() - timedelta(days=JOURS_GARDES, seconds=1))
    kept = f.AvisFactory(cree_le=timezone.now() - timedelta(days=JOURS_GARDES - 1))
    assert Avis.objects.purge() == 1
    assert Avis.objects.get() == kept


def test_a_hostile_name_writes_no_header(secretariat, normandie, horloge):
    rythme(secretariat, Rythme.AUSSITOT)
    record = f.ContratFactory(
        territoire=f.TerritoireFactory(region_porteuse=normandie),
        intitule="Acte\r\nBcc: tous@exemple.fr",
        publication=Publication.A_VALIDER,
    )
    prevenir(Genre.PROPOSE, record, Agent.objects.all())
    (message,) = mails().values()
    assert "\n" not in message.subject
    assert message.recipients() == [secretariat.email]


def test_nobody_else_reads_them(client, signed_in, redacteur):
    f.AvisFactory()
    assert client.get(reverse("admin:avis")).status_code == 302
    assert "Aucun avis" in signed_in(redacteur).get(reverse("admin:avis")).text
