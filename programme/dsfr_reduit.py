"""The part of the DSFR that our pages can use: `manage.py reduire_dsfr` makes it from the package
and keeps it in `static/dsfr-reduit/`, so that sites, tests and developers load one small sheet.

A rule stays when one of its selectors can match what our templates, scripts and code write: each
of its classes, elements and attributes is a word of theirs. Variables that no rule asks for go.
Drawings written as `data:` addresses, which `img-src 'self'` refuses, become files; icons are
copied one by one.

The DSFR's code is under the MIT licence, which anybody may use; the État's marks in it (Marianne,
bloc-marque, ProConnect's button) are the État's alone: they have a sheet of their own, `etat.css`,
which only a site with `SITE_OFFICIEL` collects and serves. Fonts are the themes'.
"""

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote

import dsfr
from django.conf import settings

PACKAGE = Path(dsfr.__file__).parent / "static/dsfr/dist"
OURS = Path(settings.BASE_DIR)
FOLDER = OURS / "static/dsfr-reduit"
SHEET = "dsfr.main.min.css"

PIECE = re.compile(
    r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|[^{};"'/]+|/""", re.DOTALL
)
PART = re.compile(r"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\]|\\.|[^,(\[\\])+")
DRAWING = re.compile(r"""url\((["'])data:image/svg\+xml[^,]*,(.*?)\1\)""")
MARK = re.compile(r"\.fr-(?:logo|connect)(?![\w-])")
FONT = re.compile(r"font-family:\s*(?:Marianne|Spectral)")
OLD_QUERY = re.compile(r"\(-ms-high-contrast[^)]*\)")
WORD = re.compile(r"[A-Za-z][\w-]*")
CLASS = re.compile(r"\.((?:\\.|[\w-])+)")
ATTRIBUTE = re.compile(r"""\[([\w-]+)(?:([~|^$*]?)=["']?([^"'\]]*)["']?)?[^\]]*\]""")
PSEUDO = re.compile(r"::?[\w-]+(?:\([^)]*\))?")
ELEMENT = re.compile(r"(?:^|[\s>+~(,])([a-zA-Z][\w-]*)")
WITHOUT = re.compile(r":not\((?:[^()]|\([^()]*\))*\)")
ANY_OF = re.compile(r":(?:is|where)\(((?:[^()]|\([^()]*\))*)\)")
VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
ICON = re.compile(r"\bfr-icon-([a-z0-9-]+)")
ICON_FILE = re.compile(r"(?:dsfr-reduit/)?icon(?:s/[\w-]+|es)/([a-z0-9-]+)\.svg")

# Elements that a browser, Django's widgets or a package write for us.
BUILT_IN = {"html", "body", "input", "select", "option", "optgroup", "textarea"}


def rules(css):
    """The sheet as a list of (prelude, declarations or list of the same); a statement has None."""
    return _block(piece for piece in PIECE.findall(css) if not piece.startswith("/*"))


def _block(pieces):
    found, prelude = [], ""
    for piece in pieces:
        if piece == "{":
            found.append((prelude.strip(), _block(pieces)))
        elif piece == ";":
            found.append((prelude.strip(), None))
        elif piece != "}":
            prelude += piece
            continue
        if piece == "}":
            break
        prelude = ""
    if prelude.strip():
        found.append((prelude.strip(), None))
    return found


def split(text):
    """What commas part, those within parentheses and brackets left alone."""
    return [part.strip() for part in PART.findall(text)]


def sources():
    """The text of whatever writes what a browser shows, packages aside."""
    paths = [
        *(OURS / "templates").rglob("*.html"),
        *(OURS / "static/js").glob("*.js"),
        *(path for path in (OURS / "programme").rglob("*.py") if path != Path(__file__)),
        *(OURS / "territoires").rglob("*.py"),
    ]
    texts = [path.read_text(encoding="utf-8") for path in sorted(paths)]
    return re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", "\n".join(texts), flags=re.DOTALL)


class Mots:
    """The words of our sources: what a selector may name."""

    def __init__(self, text):
        self.words = set(WORD.findall(text))
        self.elements = {name.lower() for name in re.findall(r"<([a-zA-Z][\w-]*)", text)} | BUILT_IN
        self.elements |= set(re.findall(r"createElement\w*\([^)]*?[\"']([a-z]+)[\"']\)", text))

    def can_match(self, selector):
        """Whether each of its classes, attributes and elements is said by somebody of ours."""
        selector = WITHOUT.sub("", selector)
        for alternatives in ANY_OF.findall(selector):
            if not any(self.can_match(one) for one in split(alternatives)):
                return False
        selector = ANY_OF.sub("", selector)
        bare = PSEUDO.sub("", ATTRIBUTE.sub("", selector))
        classes = {name.replace("\\", "") for name in CLASS.findall(bare)}
        elements = {name.lower() for name in ELEMENT.findall(bare)}
        return (
            classes <= self.words
            and elements <= self.elements
            and all(self._is_written(*attribute) for attribute in ATTRIBUTE.findall(selector))
        )

    def _is_written(self, name, how, value):
        if name == "class":
            value = value.strip()
            return any(
                word.startswith(value) or (how == "*" and value in word) for word in self.words
            )
        return (value if name == "type" else name) in self.words


def is_group(rule):
    return rule[0].startswith("@")


def keep(block, mots):
    """The rules of a block that can match, each with the selectors that can."""
    kept = []
    for head, body in block:
        if head.startswith("@media"):
            queries = [one for one in split(head[6:]) if not OLD_QUERY.search(one)]
            kept.append((f"@media {','.join(queries)}", keep(body, mots) if queries else []))
        elif head.startswith("@supports"):
            kept.append((head, keep(body, mots)))
        elif body is not None and not head.startswith("@"):
            selectors = [one for one in split(head) if mots.can_match(one)]
            declarations = [text for text, _ in body if not FONT.match(text)] if selectors else []
            kept.append((",".join(selectors), declarations))
    return [rule for rule in kept if rule[1]]


def each(block):
    for rule in block:
        yield from each(rule[1]) if is_group(rule) else [rule]


def name_of(declaration):
    return declaration.partition(":")[0]


def read_variables(block, others):
    """The variables that the rules of a block read, or `others`, the text of other sheets."""
    needs, waiting = {}, set(VARIABLE.findall(others))
    for _, declarations in each(block):
        for text in declarations:
            if text.startswith("--"):
                needs.setdefault(name_of(text), set()).update(VARIABLE.findall(text))
            else:
                waiting.update(VARIABLE.findall(text))
    read = set()
    while waiting:
        name = waiting.pop()
        read.add(name)
        waiting |= needs.get(name, set()) - read
    return read


def with_variables(block, read):
    """The block without the variables that are not in `read`."""
    cleaned = [
        (head, with_variables(body, read))
        if is_group((head, body))
        else (head, [text for text in body if not text.startswith("--") or name_of(text) in read])
        for head, body in block
    ]
    return [rule for rule in cleaned if rule[1]]


def only(block, is_wanted):
    """The rules of a block of which a selector is wanted, with those that are."""
    chosen = [
        (head, only(body, is_wanted))
        if is_group((head, body))
        else (",".join(one for one in split(head) if is_wanted(one)), body)
        for head, body in block
    ]
    return [rule for rule in chosen if rule[0] and rule[1]]


def written(block):
    """The text of a block: one rule a line."""
    return "".join(
        f"{head}{{\n{written(body)}}}\n"
        if is_group((head, body))
        else f"{head}{{{';'.join(body)}}}\n"
        for head, body in block
    )


def with_drawings_in_files(css, prefix=""):
    """The sheet with each `data:` drawing in a file; {name: bytes} of the files."""
    files = {}

    def move(drawing):
        body = unquote(drawing[2]).encode()
        name = f"dessins/{prefix}{hashlib.sha256(body).hexdigest()[:8]}.svg"
        files[name] = body
        return f'url("{name}")'

    return DRAWING.sub(move, css), files


def our_sheets():
    return "".join(
        path.read_text(encoding="utf-8") for path in sorted((OURS / "static/css").glob("*.css"))
    )


def made():
    """What `static/dsfr-reduit/` holds, always the same: {name of a file in it: bytes}."""
    package, text, ours = (PACKAGE / SHEET).read_text(encoding="utf-8"), sources(), our_sheets()
    drawings = {path.stem: path for path in sorted((PACKAGE / "icons").rglob("*.svg"))}
    block = keep(rules(package), Mots(text))
    block += [
        (f".fr-icon-{name}:before,.fr-icon-{name}:after", [f"mask-image:url(icones/{name}.svg)"])
        for name in sorted(set(ICON.findall(text)) & set(drawings))
    ]
    block = with_variables(block, read_variables(block, ours))
    head = (
        f"/* {re.search(r'DSFR v[0-9.]+', package)[0]}, licence MIT, réduit à ce que nos pages "
        "emploient. Fait par\n   « manage.py reduire_dsfr » : ne pas modifier à la main. */\n"
    )
    files = {}
    for name, is_wanted in (
        ("dsfr", lambda selector: not MARK.search(selector)),
        ("etat", MARK.search),
    ):
        sheet, moved = with_drawings_in_files(written(only(block, is_wanted)), f"{name}-")
        files |= {f"{name}.css": (head + ICON_FILE.sub(r"icones/\1.svg", sheet)).encode()} | moved
    told = set(ICON_FILE.findall(ours + written(block)))
    return files | {f"icones/{name}.svg": drawings[name].read_bytes() for name in sorted(told)}


def held():
    """What the repository holds."""
    return {
        str(path.relative_to(FOLDER)): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file()
    }
