"""Every public address of the records that a test made, and what each answers as one text."""

import io
import zipfile

from django.urls import reverse

from programme.donnees.jeux import JEUX
from tests.test_urls import MODELS_WITH_PAGE, OTHER_STATUS, SONDES, WITHOUT_ARGUMENT

NO_ANSWER = {*OTHER_STATUS, *SONDES, "preuves"}
"""No page of records: an error, a redirection, the state of the server."""

EN_ENTIER = {"Source": 200, "Contrat": 100, "Region": 20}
"""How many records of a model a sample of the real data takes, where a few do not say all."""


def pages_de(record):
    """The page of a record, and that of its portrait when it has one."""
    yield record.get_absolute_url()
    if hasattr(record, "get_portrait_url"):
        yield record.get_portrait_url()


def pages():
    """Each page, feed and answer without argument, and the page of each record."""
    yield from (reverse(name) for name in WITHOUT_ARGUMENT if name not in NO_ANSWER)
    for model in MODELS_WITH_PAGE:
        rows = model.objects.published() if hasattr(model.objects, "published") else model.objects
        yield from (address for row in rows.all() for address in pages_de(row))
    yield from (reverse("donnees_jeu", args=[code]) for code in JEUX)


def echantillon(de_chaque=0):
    """Over the real data: each page, feed and answer without argument, and some of each kind.

    de_chaque: how many records of each model, where a few do say all.
    """
    yield from (reverse(name) for name in WITHOUT_ARGUMENT if name not in NO_ANSWER)
    yield from (reverse("donnees_jeu", args=[code]) for code in JEUX)
    yield from (f"{reverse('recherche')}?q={word}" for word in ("fonds", "emplois", "pilotes"))
    for model in MODELS_WITH_PAGE:
        rows = model.objects.published() if hasattr(model.objects, "published") else model.objects
        rows, most = rows.order_by("pk"), de_chaque or EN_ENTIER.get(model.__name__, 5)
        yield from (address for row in rows[:most] for address in pages_de(row))


def fichiers(*formats):
    """Each dataset as a file, in each format it has among `formats`."""
    for jeu in JEUX.values():
        yield from (jeu.get_file_url(name) for name in formats if name in jeu.formats)


def texte(response):
    """What an answer says; a workbook is the text of its sheets."""
    body = response.getvalue()
    if "spreadsheet" in response.get("Content-Type", ""):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return body.decode(errors="replace")
