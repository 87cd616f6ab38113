"""Our words in place of Django's: compiled as written, and still those that Django says."""

import ast
import gettext
import re
from pathlib import Path

import django
import pytest
from django.conf import settings

OURS = Path(settings.BASE_DIR) / "programme/locale/fr/LC_MESSAGES"
DJANGO = Path(django.__file__).parent
DOMAINS = ["django", "djangojs"]
QUOTED = re.compile(r'^"(.*)"$')


def written(path):
    """{msgid: {msgstr…}} of a .po file; the plural of a message is a msgid too."""
    found, kind, entry = {}, None, {}
    for line in [*path.read_text().splitlines(), ""]:
        if match := re.match(r'(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', line):
            kind = match[1]
            if kind == "msgid":
                entry = {}
            entry[kind] = ast.literal_eval(match[2])
        elif QUOTED.match(line):
            entry[kind] += ast.literal_eval(line)
        elif not line and entry:
            found[entry["msgid"]] = {text for name, text in entry.items() if "msgstr" in name}
            entry = {}
    return found


def compiled(path):
    """{msgid: {msgstr…}} of a .mo file."""
    with path.open("rb") as stream:
        catalog = gettext.GNUTranslations(stream)._catalog
    found = {}
    for key, text in catalog.items():
        found.setdefault(key[0] if isinstance(key, tuple) else key, set()).add(text)
    return found


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_is_compiled_is_what_is_written(domain):
    assert compiled(OURS / f"{domain}.mo") == written(OURS / f"{domain}.po")


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_sentence_is_still_one_of_django(domain):
    theirs = set()
    for folder in ("contrib/admin", "conf"):
        path = DJANGO / folder / f"locale/fr/LC_MESSAGES/{domain}.mo"
        theirs |= set(compiled(path)) if path.exists() else set()
    assert set(compiled(OURS / f"{domain}.mo")) - {""} - theirs == set()
