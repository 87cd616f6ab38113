"""The words of the glossary, each linked where a page first says it.

Only prose is linked: paragraphs, list items and definitions, outside links, headings, buttons,
tables, drawings, forms and what another language says.
"""

import re
from functools import lru_cache

from django.urls import reverse
from django.utils.html import escape

PROSE = {"p", "li", "dd"}
CLOS = {
    "a", "button", "code", "dfn", "figure", "form", "label", "legend", "nav", "q", "script",
    "style", "summary", "svg", "table", "time", "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip
SANS_FIN = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
AILLEURS = re.compile(r'\blang="en"|class="[^"]*\b(?:chiffre|fr-badge|etiquettes)\b')
"""Attributes of what is no prose of this language: key figures, tags."""
COURANTS = {
    "atteste", "axe", "commune", "competences", "decision", "departement", "formulation", "phase",
    "possible", "projet", "proposition", "region", "seance", "signataire", "territoire-d-industrie",
}  # fmt: skip
"""Words that everybody has, or that mean something else as often: to link them would be noise."""
MORCEAU = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)>", re.DOTALL)
APOSTROPHE = "(?:’|'|&#x27;)"


@lru_cache(maxsize=4)
def _motif(termes):
    """The pattern of `(code, word, other names)` rows, and the code of each of its groups."""
    found = [
        (code, words)
        for code, mot, autres in termes
        if code not in COURANTS
        for words in (mot, *(a.strip() for a in autres.split(",") if a.strip().isupper()))
    ]
    found.sort(key=lambda pair: -len(pair[1]))
    pattern = "|".join(f"({_forme(words)})" for _, words in found)
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])"), [code for code, _ in found]


def _forme(words):
    """A word as texts write it: its plural, a capital where it has none; a name as it is."""
    if words != words.lower():
        return _mot(words)
    return f"[{words[0]}{words[0].upper()}]" + _mot("".join(words[1:]))


def _mot(words):
    forms = []
    for piece in re.split(r"(\W)", words):
        if piece in ("’", "'"):
            forms.append(APOSTROPHE)
        elif piece == " ":
            forms.append(r"\s+")
        else:
            plural = len(piece) > 2 and piece.islower() and piece[-1] not in "sx"
            forms.append(re.escape(piece) + ("[sx]?" if plural else ""))
    return "".join(forms)


def lier(html, termes):
    """`html` with a link to the glossary at the first use of each word, if there is none yet.

    termes: `(code, word, other names)` of the published words, a tuple.
    """
    motif, codes = _motif(termes)
    if not codes:
        return html
    glossary = reverse("glossaire")
    done = set(re.findall(rf'href="{glossary}#([a-z0-9-]+)"', html))

    def link(match):
        code = codes[match.lastindex - 1]
        if code in done:
            return match[0]
        done.add(code)
        return f'<a href="{glossary}#{escape(code)}">{match[0]}</a>'

    pieces, place, opened = [], 0, []
    for tag in MORCEAU.finditer(html):
        pieces.append(_prose(html[place : tag.start()], opened, motif, link))
        pieces.append(tag[0])
        place = tag.end()
        _suivre(opened, tag)
    return "".join([*pieces, html[place:]])


def _prose(text, opened, motif, link):
    if not text.strip() or not opened or not opened[-1][1]:
        return text
    return motif.sub(link, text)


def _suivre(opened, tag):
    """Keep `(name, whether its text is linked)` of what is open, after one more tag."""
    end, name, attributes = tag[1], (tag[2] or "").lower(), tag[3] or ""
    if not name or name in SANS_FIN or attributes.endswith("/"):
        return
    if end:
        while opened and opened.pop()[0] != name:
            pass
        return
    around = opened[-1][1] if opened else False
    if name in CLOS or AILLEURS.search(attributes) or around is None:
        linked = None
    else:
        linked = around or name in PROSE
    opened.append((name, linked))
