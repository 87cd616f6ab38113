"""Every mail of the portal leaves by the queue: none is waited for by a page, none is lost.

A backend of Django: what allauth sends, what a mail of ours sends, is kept in the transaction that
tells it, then handed to the server of `EMAIL_URL` by the clock.
"""

import smtplib
from email.utils import formatdate, make_msgid

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.utils import DNS_NAME
from django.template.loader import render_to_string

from programme.taches import Abandon, Indisponible, Remise, confier, genre

COURRIEL = "courriel"
CHAMPS = ["subject", "body", "from_email", "to", "cc", "bcc", "reply_to"]
DESTINATAIRES = ["to", "cc", "bcc"]
REFUS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused)
DEMONSTRATION = ".invalid"
"""Nothing is ever delivered to the addresses of a demonstration."""


def send(template, subject, context, *, to=(), bcc=(), **asked):
    """Put one mail of ours in the queue.

    asked: the `agent` whom it is for and its `duree`, see `confier`.
    """
    post(compose(template, subject, context, to=to, bcc=bcc), **asked)


def compose(template, subject, context, **fields):
    """One mail of ours: plain text, in French, with the site's name and address."""
    body = render_to_string(template, {"SITE": settings.SITE, **context}).strip()
    subject = " ".join(f"[{settings.SITE['nom']}] {subject}".split())
    return EmailMessage(subject, body, **fields)


def post(message, **asked):
    """Put `message` in the queue. asked: as in `confier`. Raises `ValueError` for a file."""
    if message.attachments or getattr(message, "alternatives", None):
        raise ValueError("Les courriels du portail sont du texte, sans pièce jointe.")
    if told := _told(message):
        # Said now: a mail sent twice is one mail, and says when it was written.
        headers = {"Message-ID": message_id(), "Date": formatdate(localtime=True)}
        told["headers"] = {**headers, **message.extra_headers}
        confier(COURRIEL, told, **asked)


def message_id():
    """The name of one mail, whatever the number of times that it is handed over."""
    return make_msgid(domain=DNS_NAME)


def hand_over(message):
    """Deliver at once a mail that a task has just composed; raises as `deliver`."""
    if told := _told(message):
        deliver({**told, "headers": message.extra_headers})


def _told(message):
    """What a mail is made of; None when there is nobody to deliver it to."""
    told = {name: getattr(message, name) for name in CHAMPS}
    for name in DESTINATAIRES:
        told[name] = [one for one in told[name] if not one.rstrip(">").endswith(DEMONSTRATION)]
    return told if any(told[name] for name in DESTINATAIRES) else None


@genre(COURRIEL)
def deliver(charge):
    """Hand one mail to the server of `EMAIL_URL`."""
    connection = get_connection(settings.COURRIER_BACKEND)
    message = EmailMessage(**charge, connection=connection)
    try:
        message.send()
    except REFUS as told:
        _refused(told)
    except OSError as error:  # SMTP's errors among them
        raise Indisponible(f"le serveur de courriel ne répond pas ({_name(error)})") from error


def _refused(error):
    """A refusal of this mail: for ever (5xx), or for now."""
    answers = getattr(error, "recipients", None)
    codes = [code for code, _ in answers.values()] if answers else [error.smtp_code]
    told = f"le serveur de courriel l’a refusé (réponse {codes[0]})"
    # Without its cause: that names the addresses.
    ever = all(500 <= code < 600 for code in codes)
    raise (Abandon if ever else Remise)(told) from None


def _name(error):
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()


class FileDAttente(BaseEmailBackend):
    """What `EMAIL_BACKEND` names."""

    def send_messages(self, email_messages):
        for message in email_messages:
            post(message)
        return len(email_messages)
