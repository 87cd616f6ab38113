"""Our own mails beside allauth's: plain text, in French, with the site's name and address."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string


def send(template, subject, context, *, to=(), bcc=()):
    """Raises `OSError` (SMTP's errors among them) when no mail leaves."""
    body = render_to_string(template, {"SITE": settings.SITE, **context}).strip()
    subject = " ".join(f"[{settings.SITE['nom']}] {subject}".split())
    EmailMessage(subject, body, to=to, bcc=bcc).send()
