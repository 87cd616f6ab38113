"""Opens the back-office in a browser without going through its sign-in page."""

from django.conf import settings
from django.test import Client


def signed_in(page, agent):
    """The page, which carries the agent's session from now on."""
    client = Client()
    client.force_login(agent)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.goto("/sante/")
    origin = page.evaluate("origin")
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": origin}]
    )
    return page
