"""A text document, as Word and LibreOffice open it: headings, paragraphs, lists, tables (OOXML).

Written whole: a dossier is a few pages. Its headings are headings, its lists lists, and the first
row of a table its header, so that it is read aloud as it is seen.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
LARGEUR, MARGE = 11_906, 1_134  # A4 and 2 cm, in twentieths of a point
UTILE = LARGEUR - 2 * MARGE
INTERDITS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold."""


@dataclass
class Docx:
    """The document, block after block; `octets` writes it."""

    titre: str
    blocs: list[str] = field(default_factory=list)

    def intitule(self, niveau, texte):
        """A heading: 0 for the title of the document, then 1 to 3."""
        self.blocs.append(_paragraphe(texte, "Title" if niveau == 0 else f"Heading{niveau}"))

    def paragraphe(self, texte):
        self.blocs.append(_paragraphe(texte))

    def liste(self, textes):
        self.blocs += [_paragraphe(texte, "ListBullet") for texte in textes]

    def tableau(self, entete, lignes, *, parts=()):
        """A table. parts: the width of each column, beside the others; equal without it."""
        parts = parts or [1] * len(entete)
        widths = [UTILE * part // sum(parts) for part in parts]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        rows = [_ligne(entete, widths, tete=True), *(_ligne(row, widths) for row in lignes)]
        self.blocs.append(
            f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{UTILE}" w:type="dxa"/>'
            '<w:tblLayout w:type="fixed"/><w:tblLook w:firstRow="1"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>{_paragraphe('')}"
        )

    def octets(self):
        body = "".join(self.blocs)
        document = (
            f'<w:document xmlns:w="{W}"><w:body>{body}<w:sectPr>'
            f'<w:pgSz w:w="{LARGEUR}" w:h="16838"/><w:pgMar w:top="{MARGE}" w:right="{MARGE}" '
            f'w:bottom="{MARGE}" w:left="{MARGE}" w:header="567" w:footer="567" w:gutter="0"/>'
            "</w:sectPr></w:body></w:document>"
        )
        core = (
            f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{_sur(self.titre)}</dc:title><dc:language>fr</dc:language>"
            "</cp:coreProperties>"
        )
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in {
                **PARTIES,
                "docProps/core.xml": core,
                "word/document.xml": document,
            }.items():
                archive.writestr(name, XML + text)
        return out.getvalue()


def _sur(texte):
    return escape(INTERDITS.sub("", str(texte)))


def _paragraphe(texte, style=""):
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    runs = "<w:r><w:br/></w:r>".join(
        f'<w:r><w:t xml:space="preserve">{_sur(line)}</w:t></w:r>'
        for line in str(texte).splitlines()
    )
    return f"<w:p>{named}{runs}</w:p>"


def _ligne(cellules, widths, *, tete=False):
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{_paragraphe(texte, 'TableHead' if tete else 'TableText')}</w:tc>"
        for texte, width in zip(cellules, widths, strict=True)
    )
    head = "<w:tblHeader/>" if tete else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{cells}</w:tr>"


def _style(code, nom, *, base="Normal", taille=20, gras=False, avant=0, niveau=None, liste=False):
    kept = "" if niveau is None else "<w:keepNext/>"
    outline = "" if niveau is None else f'<w:outlineLvl w:val="{niveau}"/>'
    numbered = '<w:numPr><w:numId w:val="1"/></w:numPr>' if liste else ""
    bold = "<w:b/>" if gras else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{code}"><w:name w:val="{nom}"/>'
        f'<w:basedOn w:val="{base}"/><w:qFormat/>'
        f'<w:pPr>{kept}{numbered}<w:spacing w:before="{avant}" w:after="60"/>{outline}</w:pPr>'
        f'<w:rPr>{bold}<w:sz w:val="{taille}"/></w:rPr></w:style>'
    )


_bords = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="888888"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
STYLES = (
    f'<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>'
    '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:sz w:val="20"/>'
    '<w:lang w:val="fr"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '<w:pPr><w:spacing w:after="80"/></w:pPr></w:style>'
    + _style("Title", "Title", taille=36, gras=True)
    + _style("Heading1", "heading 1", taille=28, gras=True, avant=240, niveau=0)
    + _style("Heading2", "heading 2", taille=24, gras=True, avant=160, niveau=1)
    + _style("Heading3", "heading 3", taille=20, gras=True, avant=120, niveau=2)
    + _style("ListBullet", "List Bullet", liste=True)
    + _style("TableText", "Table Text", taille=18)
    + _style("TableHead", "Table Head", taille=18, gras=True)
    + '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>'
    f"<w:tblPr><w:tblBorders>{_bords}</w:tblBorders></w:tblPr></w:style></w:styles>"
)
NUMEROS = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
    '<w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/>'
    '<w:pPr><w:ind w:left="360" w:hanging="240"/></w:pPr></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{WORD}.styles+xml"/>'
    f'<Override PartName="/word/numbering.xml" ContentType="{WORD}.numbering+xml"/>'
    '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)


def _liens(*cibles):
    rows = "".join(
        f'<Relationship Id="rId{rank}" Type="{kind}" Target="{target}"/>'
        for rank, (kind, target) in enumerate(cibles, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


PARTIES = {
    "[Content_Types].xml": TYPES,
    "_rels/.rels": _liens(
        (f"{OFFICE}/officeDocument", "word/document.xml"),
        (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    ),
    "word/_rels/document.xml.rels": _liens(
        (f"{OFFICE}/styles", "styles.xml"), (f"{OFFICE}/numbering", "numbering.xml")
    ),
    "word/styles.xml": STYLES,
    "word/numbering.xml": NUMEROS,
}
