"""Reads what Chromium prints: does each table of a page keep its columns, words and numbers?

`on_paper(page, sheet)` says on which of `SHEETS` a browser page prints; `faults(page, path)` prints
what it shows, has `pdftotext -bbox` read it, and tells in words what is missing, cut, broken across
lines or out of the sheet.
"""

import re
import subprocess
from collections import Counter
from xml.etree import ElementTree

XHTML = "{http://www.w3.org/1999/xhtml}"
# What the browser's own dialogue makes of the sheet: its margins taken away, or kept upright.
SHEETS = {
    "par défaut": {},
    "sans marges": {"margin: 10mm 8mm 14mm;": "margin: 0;"},
    "debout": {"size: A4 landscape;": "size: A4;"},
    "debout, sans marges": {
        "margin: 10mm 8mm 14mm;": "margin: 0;",
        "size: A4 landscape;": "size: A4;",
    },
}
WORD = re.compile(r"\w+")
# Thousands are parted by spaces that never break; a plain space parts two numbers.
NUMBER = re.compile(r"\d[\d\u00a0\u202f]*(?:,\d+)?(?:[\u00a0\u202f]?(?:€|%|M€|Md€))?")

# What each table shows, in the layout of paper: rows of cells, each (text, is it a heading).
TABLES = """
() => {
  const hidden = ".fr-sr-only, .visually-hidden, script, style";
  const words = (cell) => {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    let text = "";
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (parent.closest(hidden) || !parent.checkVisibility()) continue;
      const upper = getComputedStyle(parent).textTransform === "uppercase";
      text += " " + (upper ? walker.currentNode.data.toUpperCase() : walker.currentNode.data);
    }
    return text.replace(/[ \\t\\n]+/g, " ").trim();
  };
  const tables = [...document.querySelectorAll("table")].filter((t) => t.checkVisibility());
  const told = tables.map((table) => ({
    name: (table.caption?.textContent ?? table.id).trim(),
    head: [...table.querySelectorAll("thead th, thead td")].map(words),
    rows: [...table.querySelectorAll("tbody tr, tfoot tr")].map((row) => [...row.cells].map(words)),
    table: ["table", "inline-table"].includes(getComputedStyle(table).display)
      && [...table.querySelectorAll("td, th")].every(
        (cell) => ["table-cell", "none"].includes(getComputedStyle(cell).display)),
    repeated: !table.tHead || getComputedStyle(table.tHead).display === "table-header-group",
  }));
  const scrolling = [...document.querySelectorAll("body *")].filter(
    (e) => !e.closest("svg, " + hidden) && e.checkVisibility()
      && /auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX)
      && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1,
  ).map((e) => e.tagName + "." + e.className);
  return { told, scrolling };
}
"""


def on_paper(page, sheet):
    """From now on the page prints on this sheet, as its own dialogue would make it."""
    changes = SHEETS[sheet]

    def change(route):
        response = route.fetch()
        body = response.text()
        for before, after in changes.items():
            assert before in body, before
            body = body.replace(before, after)
        route.fulfill(response=response, body=body)

    page.unroute_all()
    # Even without a change: what is routed is not kept by the browser for the next sheet.
    page.route("**/css/papier*.css", change)


def plain(text):
    """Without any space: of the thousands, of the line's end, of the reader of the PDF."""
    return re.sub(r"\s", "", text)


def printed(page, path):
    """Print; the sheets as (width, height, words), a word as (text, left, top, right, bottom)."""
    page.pdf(path=str(path), print_background=True, prefer_css_page_size=True)
    read = subprocess.run(
        ["pdftotext", "-bbox", str(path), "-"], check=True, capture_output=True
    ).stdout
    read = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", read)
    sheets = []
    for sheet in ElementTree.fromstring(read).iter(f"{XHTML}page"):
        words = [
            (word.text or "", *(float(word.get(k)) for k in ("xMin", "yMin", "xMax", "yMax")))
            for word in sheet.iter(f"{XHTML}word")
        ]
        sheets.append((float(sheet.get("width")), float(sheet.get("height")), words))
    return sheets


def lines(words):
    """The words of a sheet, grouped by their height on it, each line without spaces."""
    rows = {}
    for text, left, top, _, bottom in words:
        rows.setdefault(round((top + bottom) / 2), []).append((left, text))
    near = []
    for key in sorted(rows):
        # Two halves of a point may round apart.
        near.append("".join(plain(text) for _, text in sorted(rows[key] + rows.get(key + 1, []))))
        near.append("".join(plain(text) for _, text in sorted(rows[key])))
    return near


def shown(page):
    """What `TABLES` tells of the page, laid out as between two margins of 10 mm."""
    before = page.viewport_size
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})
    told = page.evaluate(TABLES)
    page.set_viewport_size(before)
    page.emulate_media(media="null")
    return told


def faults(page, path):
    """Sentences, one a fault; [] when the page prints whole. `path`: where the PDF is written."""
    seen, sheets = shown(page), printed(page, path)
    cells = [
        cell
        for table in seen["told"]
        for cell in (*table["head"], *(cell for row in table["rows"] for cell in row))
    ]
    return [
        *(f"défile encore : {one}" for one in seen["scrolling"]),
        *(f"« {t['name']} » n’est plus un tableau" for t in seen["told"] if not t["table"]),
        *(f"« {t['name']} » ne répète pas son en-tête" for t in seen["told"] if not t["repeated"]),
        *(f"hors de la feuille {number} : « {text} »" for number, text in outside(sheets)),
        *(f"nombre coupé : « {number} » de « {cell} »" for number, cell in cut(cells, sheets)),
        *(f"mot absent ou coupé : « {word} »" for word in missing(cells, sheets)),
    ]


def outside(sheets):
    """(sheet, word) for each word that passes the edge, by more than half a point."""
    for number, (width, height, words) in enumerate(sheets, start=1):
        for text, left, top, right, bottom in words:
            if min(left, top) < -0.5 or right > width + 0.5 or bottom > height + 0.5:
                yield number, text


def cut(cells, sheets):
    """(number, cell) for each number that no line of paper holds whole."""
    told = "\n".join({line for _, _, words in sheets for line in lines(words)})
    for cell in cells:
        for number in NUMBER.findall(cell):
            if plain(number) not in told:
                yield number, cell


def missing(cells, sheets):
    """The words of cells that are fewer on paper than on the page, and in no longer word there."""
    asked = Counter(word for cell in cells for word in WORD.findall(cell))
    texts = [text for _, _, words in sheets for text, *_ in words]
    present = Counter(word for text in texts for word in WORD.findall(text))
    glued = plain("".join(texts))
    return [word for word in asked - present if word not in glued]
