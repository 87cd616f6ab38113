"""The pictures of the README, taken from the demonstration itself: `make images`.

Serves the demonstration's own database on a free port, opens it in Chromium as a visitor, then as
the secretariat of Normandie, and writes docs/images/. Nothing is changed in the database but a
session, deleted at the end.
"""

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "programme.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
django.setup()

from django.conf import settings  # noqa: E402 - it needs the setup
from django.test import Client  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from territoires.models import Agent  # noqa: E402
from tests.e2e.conftest import SWITCHES, find_chromium  # noqa: E402

FOLDER = Path(settings.BASE_DIR) / "docs/images"
PORT = os.environ.get("PORT", "8765")
SITE = f"http://127.0.0.1:{PORT}"
# Name: who looks, the address, the height.
PICTURES = {
    "accueil": ("", "/", 720),
    "territoire": ("", "/territoires/lacq-pau-tarbes/", 720),
    "liste": ("", "/projets/?region=75&filiere=Agroalimentaire&tri=-emplois_crees", 760),
    "administration": ("secretariat.normandie@demonstration.invalid", "/admin/", 760),
}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"BIND": f"127.0.0.1:{PORT}", "SITE_URL": SITE, "LOG_LEVEL": "ERROR"}
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "python:programme.gunicorn",
            "programme.wsgi",
        ],
        env=environment,
    )
    try:
        wait()
        with sync_playwright() as playwright:
            switches = SWITCHES + (["--no-sandbox"] if os.geteuid() == 0 else [])
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=switches)
            for name, (who, url, height) in PICTURES.items():
                take(browser, name, who, url, height)
    finally:
        server.terminate()
        server.wait()


def wait():
    for _ in range(60):
        try:
            with urllib.request.urlopen(f"{SITE}/sante/", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"Le site ne répond pas sur {SITE}.")


def take(browser, name, who, url, height):
    context = browser.new_context(
        viewport={"width": 1280, "height": height},
        locale="fr-FR",
        color_scheme="light",
        reduced_motion="reduce",
    )
    client = Client()
    if who:
        client.force_login(Agent.objects.get(email=who))
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": SITE}])
    page = context.new_page()
    answer = page.goto(f"{SITE}{url}", wait_until="networkidle")
    if answer.status != 200:
        raise SystemExit(f"{url} : {answer.status}")
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    context.close()
    client.logout()
    print(f"{path.relative_to(settings.BASE_DIR)} : {path.stat().st_size // 1024} Ko")


if __name__ == "__main__":
    main()
