"""A text document, as Word and LibreOffice open it: headings, paragraphs, lists, tables.

Its headings are headings, its lists lists, and the first row of a table its header, repeated on
each page, so that it is read aloud as it is seen.
"""

import html
import io
import re

import docx
from django.utils.html import strip_tags
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGEUR, HAUTEUR, MARGE = Cm(21), Cm(29.7), Cm(2)
INTERDITS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold."""


class Docx:
    """The document, block after block; `octets` writes it."""

    def __init__(self, titre):
        self.document = docx.Document()
        self.document.core_properties.title = _sur(titre)
        self.document.core_properties.author = ""
        self.document.core_properties.language = "fr"
        for section in self.document.sections:
            section.page_width, section.page_height = LARGEUR, HAUTEUR
            section.left_margin = section.right_margin = MARGE
            section.top_margin = section.bottom_margin = MARGE
        normal = self.document.styles["Normal"]
        normal.font.size = Pt(10)
        normal.paragraph_format.space_after = Pt(4)
        for said in self.document.styles.element.iter(qn("w:lang")):
            said.set(qn("w:val"), "fr")

    def intitule(self, niveau, texte):
        """A heading: 0 for the title of the document, then 1 to 3."""
        self.document.add_heading(_sur(texte), niveau)

    def paragraphe(self, texte):
        self.document.add_paragraph(_sur(texte))

    def liste(self, textes):
        for texte in textes:
            self.document.add_paragraph(_sur(texte), "List Bullet")

    def tableau(self, entete, lignes, *, parts=()):
        """A table. parts: the width of each column, beside the others; equal without it."""
        parts = parts or [1] * len(entete)
        widths = [(LARGEUR - 2 * MARGE) * part // sum(parts) for part in parts]
        table = self.document.add_table(rows=0, cols=len(entete), style="Table Grid")
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for row in (entete, *lignes):
            cells = table.add_row().cells
            for cell, texte, width in zip(cells, row, widths, strict=True):
                cell.text, cell.width = _sur(texte), width
        _marquer(table.rows[0], "w:tblHeader")
        for row in table.rows:
            _marquer(row, "w:cantSplit")
        for cell in table.rows[0].cells:
            cell.paragraphs[0].runs[0].bold = True
        self.document.add_paragraph()

    def octets(self):
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()


def _sur(texte):
    """The characters of a text; of what was said for a page, without its markup."""
    if hasattr(texte, "__html__"):
        texte = html.unescape(strip_tags(texte))
    return INTERDITS.sub("", "" if texte is None else str(texte))


def _marquer(row, name):
    """Say of a row what the library has no word for."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))
