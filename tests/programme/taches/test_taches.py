"""What waits in the queue: asked in a transaction, done once, tried again, forgotten."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from programme.models import Tache
from programme.models.taches import JOURS_GARDEES
from programme.taches import GENRES, Abandon, Indisponible, confier, execution, minuteur
from tests import factories as f
from tests.courrier import courrier

Etat = Tache.Etat


@pytest.fixture
def essai(monkeypatch):
    """A kind of task that notes what it is given, and raises what `.refus` holds."""

    def faire(charge):
        faire.faites.append(charge)
        if faire.refus:
            raise faire.refus

    faire.faites, faire.refus = [], None
    monkeypatch.setitem(GENRES, "essai", faire)
    return faire


@pytest.fixture
def plus_tard(monkeypatch):
    """`plus_tard(hours=2)`: the clock moves on."""
    start, moved = timezone.now(), [timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: start + moved[0])

    def move(**delta):
        moved[0] += timedelta(**delta)

    return move


def test_a_task_is_done_once_and_keeps_nothing(db, essai):
    confier("essai", {"adresse": "anne@exemple.fr"})
    tache = Tache.objects.get()
    assert "anne" not in tache.charge
    assert execution.executer() == "1 faite(s), 0 à reprendre, 0 abandonnée(s)"
    assert execution.executer() == "0 faite(s), 0 à reprendre, 0 abandonnée(s)"
    assert essai.faites == [{"adresse": "anne@exemple.fr"}]
    tache.refresh_from_db()
    assert (tache.etat, tache.charge, tache.erreur) == (Etat.FAITE, "", "")
    assert tache.sort.startswith("fait le ")


def test_a_kind_that_nobody_does_is_refused(db):
    with pytest.raises(ValueError, match="Aucune fonction ne fait « rien »"):
        confier("rien", {})


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_asks_for_nothing(essai):
    with transaction.atomic():
        confier("essai", {})
        transaction.set_rollback(True)
    assert not Tache.objects.exists()


def test_a_failure_is_tried_again_later_and_later_then_given_up(db, essai, plus_tard):
    essai.refus = RuntimeError("anne@exemple.fr")
    confier("essai", {"secret": 1})
    for number, wait in enumerate(execution.ATTENTES, start=1):
        assert "1 à reprendre" in execution.executer()
        tache = Tache.objects.get()
        assert (tache.essais, tache.essai_le) == (number, timezone.now() + wait)
        assert tache.erreur == "RuntimeError", "what it says may name somebody"
        assert "0 à reprendre" in execution.executer(), "not before its hour"
        plus_tard(seconds=wait.total_seconds())
    assert "1 abandonnée(s)" in execution.executer()
    tache = Tache.objects.get()
    assert (tache.etat, tache.charge) == (Etat.ABANDONNEE, "")
    assert len(essai.faites) == len(execution.ATTENTES) + 1


def test_what_would_change_nothing_is_given_up_at_once(db, essai):
    essai.refus = Abandon("l’adresse n’existe pas")
    confier("essai", {})
    assert "1 abandonnée(s)" in execution.executer()
    assert Tache.objects.get().sort.endswith(" : l’adresse n’existe pas")


def test_one_that_fails_does_not_keep_the_others_waiting(db, essai):
    for number in range(3):
        confier("essai", number)
    essai.refus = ZeroDivisionError()
    assert "3 à reprendre" in execution.executer()
    assert essai.faites == [0, 1, 2]


def test_who_does_not_answer_is_not_called_for_each(db, essai):
    for number in range(3):
        confier("essai", number)
    essai.refus = Indisponible("le serveur ne répond pas")
    assert "1 à reprendre" in execution.executer()
    essai.refus = None
    assert "2 faite(s)" in execution.executer()


def test_what_came_too_late_is_not_done(db, essai, plus_tard):
    confier("essai", {}, duree=timedelta(hours=1))
    plus_tard(minutes=61)
    assert "1 abandonnée(s)" in execution.executer()
    assert essai.faites == []
    assert "périmée" in Tache.objects.get().erreur


def test_a_key_of_the_site_that_is_gone(db, essai, settings):
    confier("essai", {})
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    confier("essai", {})
    assert "2 faite(s)" in execution.executer()
    confier("essai", {})
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [], "p" * 60
    assert "1 abandonnée(s)" in execution.executer()
    assert "la clé du site a changé" in Tache.objects.filter(etat=Etat.ABANDONNEE).get().erreur


def test_it_stops_between_two(db, essai):
    for number in range(3):
        confier("essai", number)
    execution.executer(arret=lambda: len(essai.faites) == 2)
    assert essai.faites == [0, 1]


def test_the_old_ones_are_forgotten_once_they_are_over(db, essai, plus_tard):
    confier("essai", 1)
    plus_tard(minutes=11)
    execution.executer()
    assert Tache.objects.purge() == 0
    plus_tard(days=JOURS_GARDEES, seconds=1)
    assert Tache.objects.purge() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_do_each_task_once(essai):
    if connection.vendor == "sqlite":
        pytest.skip("one connection holds the database in memory")  # told again below
    for number in range(20):
        confier("essai", number)
    start = threading.Barrier(2)

    def run():
        start.wait()
        execution.executer()
        connection.close()

    clocks = [threading.Thread(target=run) for _ in range(2)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert sorted(essai.faites) == list(range(20))


def test_a_task_that_another_took_is_left_to_it(db, essai):
    confier("essai", {})
    tache = Tache.objects.get()
    assert execution._claim(tache)
    assert not execution._claim(tache)
    assert essai.faites == []


# --- Mails --------------------------------------------------------------------------------------


def refuse_with(monkeypatch, error):
    def refuse(self, messages):
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def test_a_mail_waits_then_leaves_as_it_was_written(db):
    message = EmailMessage(
        "Objet", "Corps\nà lire", "de@exemple.fr", ["a@exemple.fr"], ["b@exemple.fr"],
        headers={"List-Unsubscribe": "<https://portail.exemple.fr/stop>"},
        reply_to=["r@exemple.fr"],
    )  # fmt: skip
    message.send()
    assert mail.outbox == []
    assert not any(word in Tache.objects.get().charge for word in ("Corps", "exemple"))
    (sent,) = courrier()
    for name in ("subject", "body", "from_email", "to", "bcc", "reply_to"):
        assert getattr(sent, name) == getattr(message, name)
    headers = sent.message()
    assert headers["List-Unsubscribe"] == "<https://portail.exemple.fr/stop>"
    assert headers["Message-ID"]
    assert headers["Date"]


def test_nothing_is_delivered_to_a_demonstration(db):
    send_mail("Objet", "Corps", None, ["a@demonstration.invalid"])
    assert not Tache.objects.exists()
    send_mail("Objet", "Corps", None, ["A <a@demonstration.invalid>", "b@exemple.fr"])
    (sent,) = courrier()
    assert sent.to == ["b@exemple.fr"]


def test_a_mail_is_text_alone(db):
    message = EmailMultiAlternatives("Objet", "Corps", None, ["a@exemple.fr"])
    message.attach_alternative("<p>Corps</p>", "text/html")
    with pytest.raises(ValueError, match="du texte, sans pièce jointe"):
        message.send()
    message = EmailMessage("Objet", "Corps", None, ["a@exemple.fr"])
    message.attach("a.txt", "a", "text/plain")
    with pytest.raises(ValueError, match="du texte, sans pièce jointe"):
        message.send()


def test_a_mail_server_that_is_down_loses_nothing(db, monkeypatch, plus_tard, caplog):
    for name in ("a", "b"):
        send_mail("Objet", "Corps", None, [f"{name}@exemple.fr"])
    with monkeypatch.context() as down:
        refuse_with(down, smtplib.SMTPServerDisconnected("a@exemple.fr"))
        assert "1 à reprendre" in execution.executer()
    told = "le serveur de courriel ne répond pas (SMTPServerDisconnected)"
    assert [tache.erreur for tache in Tache.objects.order_by("pk")] == [told, ""]
    assert "exemple.fr" not in caplog.text
    plus_tard(minutes=5)
    assert sorted(sent.to for sent in courrier()) == [["a@exemple.fr"], ["b@exemple.fr"]]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (smtplib.SMTPRecipientsRefused({"a@exemple.fr": (550, b"inconnu")}), "1 abandonnée(s)"),
        (smtplib.SMTPRecipientsRefused({"a@exemple.fr": (450, b"attendez")}), "1 à reprendre"),
        (smtplib.SMTPDataError(554, b"refus"), "1 abandonnée(s)"),
        (smtplib.SMTPSenderRefused(452, b"plein", "de@exemple.fr"), "1 à reprendre"),
    ],
)
def test_a_refusal_is_for_ever_or_for_now(db, monkeypatch, caplog, error, told):
    send_mail("Objet", "Corps", None, ["a@exemple.fr"])
    refuse_with(monkeypatch, error)
    assert told in execution.executer()
    assert "le serveur de courriel l’a refusé (réponse " in Tache.objects.get().erreur
    assert "exemple.fr" not in caplog.text


def test_the_screen_shows_neither_words_nor_addresses(db, client):
    client.force_login(f.NationalFactory())
    courrier().clear()
    send_mail("Objet secret", "Corps", None, ["a@exemple.fr"])
    tache = Tache.objects.get(etat=Etat.ATTENTE)
    for page in ("", f"{tache.pk}/change/"):
        answer = client.get(f"/admin/programme/tache/{page}")
        assert answer.status_code == 200
        assert "en attente" in answer.text
        assert tache.charge not in answer.text
        assert "exemple.fr" not in answer.text


def test_what_is_short_passes_a_long_task_which_nobody_begins_twice(
    db, essai, monkeypatch, plus_tard
):
    """A parution takes minutes: mails leave meanwhile, and another parution waits."""
    seen = []

    def longue(charge):
        confier("essai", {"meanwhile": len(seen)})
        if not seen:
            confier("longue", {"after": True})
        plus_tard(minutes=4)
        minuteur.laisser_passer()
        seen.append(list(essai.faites))
        plus_tard(minutes=4)
        assert Tache.objects.due().filter(essais__gte=1).count() == 0, "nobody may begin it again"

    monkeypatch.setitem(GENRES, "longue", longue)
    monkeypatch.setattr("programme.taches.execution.LONGS", {"longue"})
    monkeypatch.setattr(
        minuteur, "TOURNEES", {"file": (minuteur.Cadence.MINUTE, execution.executer)}
    )
    confier("longue", {})
    assert execution.executer() == "2 faite(s), 0 à reprendre, 0 abandonnée(s)"
    assert seen == [[{"meanwhile": 0}], [{"meanwhile": 0}, {"meanwhile": 1}]]
    assert not Tache.objects.waiting().exists()


def test_a_long_task_survives_a_clock_that_cannot_pass(db, essai, monkeypatch):
    def longue(charge):
        minuteur.laisser_passer()

    def down():
        raise OperationalError("gone")

    monkeypatch.setitem(GENRES, "longue", longue)
    monkeypatch.setattr("programme.taches.execution.LONGS", {"longue"})
    monkeypatch.setattr(minuteur, "passer", down)
    confier("longue", {})
    assert execution.executer() == "1 faite(s), 0 à reprendre, 0 abandonnée(s)"


def test_outside_of_a_long_task_nothing_passes(db, monkeypatch):
    monkeypatch.setattr(minuteur, "passer", lambda: pytest.fail("nothing is being done"))
    minuteur.laisser_passer()
    assert not execution.prolonger()
