"""Opens the back-office in a browser without going through its sign-in page."""

from django.conf import settings
from django.test import Client

HOTE = "localhost"


def signed_in(page, agent):
    """The page, which carries the agent's session from now on."""
    client = Client()
    client.force_login(agent)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    # By the name of the live server: to ask a page for its origin would load one more.
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": HOTE, "path": "/"}]
    )
    return page
