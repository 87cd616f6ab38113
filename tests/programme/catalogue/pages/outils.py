"""What the tests of the pages share."""

import html
import re

PUBLICATIONS_CACHEES = ["brouillon", "à valider", "retiré"]


def texte(response):
    """What a person reads in the page: no tag, one space between words."""
    return mots(response.content.decode())


def section(response, identifiant):
    """What a person reads in the section whose title has this id."""
    pattern = rf'<section[^>]*aria-labelledby="{identifiant}".*?</section>'
    found = re.search(pattern, response.content.decode(), re.DOTALL)
    assert found, f"pas de section « {identifiant} »"
    return mots(found[0])


def mots(source):
    """The words of a page's source, without those of the buttons that cite its figures."""
    body = re.sub(r"<(script|style).*?</\1>", " ", source, flags=re.DOTALL)
    body = re.sub(r'<button[^>]* name="chiffre".*?</button>', " ", body, flags=re.DOTALL)
    words = html.unescape(re.sub(r"<[^>]+>", " ", body)).split()
    return re.sub(r"\s+([,.)])", r"\1", " ".join(words))
