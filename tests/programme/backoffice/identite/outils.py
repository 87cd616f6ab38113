"""What the tests of identity share: signing in as a person does, codes of an application."""

import re
import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from tests import factories as f

CONNEXION = "/admin/compte/connexion/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(client, email, password=f.MOT_DE_PASSE, *, follow=True, **data):
    return client.post(CONNEXION, {"login": email, "password": password, **data}, follow=follow)


def code_now(secret=SECRET, *, steps=0):
    """The six digits that an application shows; `steps` half-minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def with_totp(agent, *, codes=True):
    """Gives the agent an application that holds `SECRET`, and codes: returns those codes."""
    TOTP.activate(agent, SECRET)
    return RecoveryCodes.activate(agent).generate_codes() if codes else []


def path_in(message):
    """The path of the one link of ours in a mail."""
    (found,) = re.findall(r"http://127\.0\.0\.1:8000(/admin/\S+)", message.body)
    return found


def words_of(response):
    """The page's text, for whoever reads it: blanks made one."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", text).replace("&#x27;", "'").replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", text)
