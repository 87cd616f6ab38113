"""Read `docs/verite.md`, and find what it forgets of the source texts.

    python -m tests.verite DOSSIER

DOSSIER holds the source documents as text, each named by its code (`000_….txt`): they are not part
of this repository. Every digit, number word and capitalised word of each must lie within an entry
of the table, or of the list « sans objet », of its document; each entry must be in the document.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

VERITE = Path(__file__).parents[1] / "docs" / "verite.md"
ORDINAIRES = "Mots ordinaires"
ENTRE_FORMES = " · "
"""Between the forms of one entry."""

_EN_LETTRES = """
deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente
quarante cinquante soixante cent cents mille million millions milliard milliards demi moitié tiers
quart dizaine douzaine quinzaine vingtaine trentaine quarantaine cinquantaine soixantaine centaine
centaines millier milliers premier première premiers premières second seconde deuxième troisième
quatrième cinquième double triple quadruple unique
"""
_NOMBRES = frozenset(_EN_LETTRES.split())
_MOT = re.compile(r"\d{1,3}(?: \d{3})+(?!\d)|\w+")


def plat(text):
    """`text` on one line, with plain spaces, apostrophes and hyphens."""
    text = text.replace("’", "'").replace("‑", "-").replace("\xad", "").replace("*", "")
    return re.sub(r"\s+", " ", text)


@dataclass(frozen=True)
class Ligne:
    """What a text says, and where a page says it; without `page`, « sans objet » and why."""

    numero: int
    formes: tuple[str, ...]
    formulation: str = ""
    page: str = ""
    valeur: str = ""
    formulation_la: str = ""
    raison: str = ""


@dataclass
class Document:
    code: str
    lignes: list[Ligne] = field(default_factory=list)


def _cells(row):
    return [cell.strip().strip("`") for cell in row.strip().strip("|").split("|")]


def lire(text=None):
    """`(documents, ordinary words)` of the table."""
    documents, ordinaires, there = [], set(), None
    lines = (VERITE.read_text(encoding="utf-8") if text is None else text).splitlines()
    for numero, line in enumerate(lines, 1):
        if line.startswith("## "):
            there = line[3:]
            if code := re.match(r"\d{3}_[0-9a-f]+", there):
                documents.append(Document(code[0]))
        elif there == ORDINAIRES:
            ordinaires |= set(re.findall(r"[\w’'-]+", plat(line)))
        elif documents and line.startswith("|") and not re.match(r"\|[\s:|-]+$", line):
            documents[-1].lignes += _ligne(numero, _cells(line))
    return documents, ordinaires


def _ligne(numero, cells):
    """The `Ligne` of a row, in a list; nothing for a heading."""
    if cells[0] == "dans le texte":
        return []
    formes = tuple(forme.strip() for forme in plat(cells[0]).split(ENTRE_FORMES))
    if len(cells) == 2:
        return [Ligne(numero, formes, raison=cells[1])]
    if len(cells) != 5:
        raise ValueError(f"verite.md, ligne {numero} : {len(cells)} cases au lieu de 2 ou 5.")
    return [Ligne(numero, formes, *map(plat, cells[1:]))]


def entier(text):
    """A pattern of `text` between the ends of words: 300 is not in 1 300, nor in 300 000."""
    before = r"(?<!\w)(?<!\d[ ,])" if text[:1].isdigit() else r"(?<!\w)"
    after = r"(?!\w)(?! \d{3}(?!\d))(?!,\d)" if text[-1:].isdigit() else r"(?!\w)"
    return f"{before}{re.escape(text)}{after}"


def jetons(text):
    """`(start, end, word)` of each number, number word and capitalised word of a flat text."""
    for found in _MOT.finditer(text):
        word = found[0]
        if word.lower() in _NOMBRES or re.search(r"\d", word) or word[0].isupper():
            yield found.start(), found.end(), word


def fautes(document, text, ordinaires):
    """Sentences: what the document says and the table forgets, and the reverse."""
    text = plat(text)
    covered = bytearray(len(text))
    for ligne in document.lignes:
        for forme in ligne.formes:
            spans = [found.span() for found in re.finditer(entier(forme), text)]
            if not spans:
                where = f"{document.code}, ligne {ligne.numero}"
                yield f"{where} : « {forme} » n’est pas dans le texte."
            for start, end in spans:
                covered[start:end] = b"\x01" * (end - start)
    for start, end, word in jetons(text):
        if word not in ordinaires and not all(covered[start:end]):
            around = text[max(0, start - 30) : end + 30]
            yield f"{document.code} : « {word} » n’est dans aucune ligne (… {around} …)."


def verifier(dossier):
    """Every fault of the table about the texts of `dossier`."""
    documents, ordinaires = lire()
    known = {document.code: document for document in documents}
    for path in sorted(Path(dossier).glob("*.txt")):
        document = known.pop(path.stem, None) or Document(path.stem)
        yield from fautes(document, path.read_text(encoding="utf-8"), ordinaires)
    for code in known:
        yield f"{code} : le texte n’est pas dans {dossier}."


if __name__ == "__main__":
    found = list(verifier(sys.argv[1]))
    print("\n".join(found) or "Aucune faute.")
    sys.exit(bool(found))
