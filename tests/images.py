"""The pictures of the README, taken from the demonstration itself: `make images`.

`python -m tests.images FOLDER` writes there fifteen pages, each at 1 280 and 360 px, by night and
as printed: run at two commits, it shows what changed.

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
from PIL import Image  # noqa: E402
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
# The pages that are compared, by the name of their pictures.
PAGES = {
    "accueil": "/",
    "recherche": "/recherche/?q=pau",
    "carte": "/carte/",
    "territoires": "/territoires/",
    "territoire": "/territoires/lacq-pau-tarbes/",
    "regions": "/regions/",
    "region": "/regions/normandie/",
    "commune": "/communes/64445/",
    "contrats": "/contrats/",
    "projets": "/projets/",
    "projet": "/projets/fai-0001-3d-medical/",
    "promis-tenu": "/operateurs/",
    "fonds": "/fonds/",
    "chiffres": "/chiffres/",
    "anglais": "/en/",
}
# How each is seen: width of the screen, options of the context, medium.
VUES = {
    "1280": (1280, {"color_scheme": "light"}, "screen"),
    "360": (360, {"color_scheme": "light"}, "screen"),
    "sombre": (1280, {"color_scheme": "dark"}, "screen"),
    "papier": (794, {"color_scheme": "light"}, "print"),  # A4 at 96 dpi
}


def main(folder=None):
    (folder or FOLDER).mkdir(parents=True, exist_ok=True)
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
            if folder:
                compare(browser, folder)
            else:
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


def compare(browser, folder):
    """Each page in each of its views, in few colours, so that it can be kept."""
    for vue, (width, options, medium) in VUES.items():
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale="fr-FR",
            reduced_motion="reduce",
            **options,
        )
        page = context.new_page()
        page.emulate_media(media=medium)
        for name, url in PAGES.items():
            answer = page.goto(f"{SITE}{url}", wait_until="networkidle")
            if answer.status != 200:
                raise SystemExit(f"{url} : {answer.status}")
            path = folder / f"{name}-{vue}.png"
            page.screenshot(path=path)
            small(path)
            print(f"{path} : {path.stat().st_size // 1024} Ko")
        context.close()


def small(path):
    """The same picture in 128 colours: a third of its bytes."""
    with Image.open(path) as image:
        palette = image.convert("RGB").quantize(128)
    palette.save(path, optimize=True)


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
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
