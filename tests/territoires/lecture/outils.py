"""Files as people and spreadsheets make them, the hostile ones included."""

import io
import zipfile

import openpyxl

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEADER = b'<row r="1"><c r="A1" t="inlineStr"><is><t>code</t></is></c></row>'


def archive(parts, method=zipfile.ZIP_DEFLATED):
    """A zip of {name: bytes, text, or a list of blocks}."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in parts.items():
            blocks = content if isinstance(content, list) else [content]
            with made.open(name, "w") as part:
                for block in blocks:
                    part.write(block.encode() if isinstance(block, str) else block)
    return out.getvalue()


def parts(*rows, namespace=MAIN, before=b"", after=b"", texts=None, sheets=1, state="visible"):
    """The parts of a workbook whose sheets hold the XML `rows`, blocks of bytes."""
    named = "".join(
        f'<sheet name="F{rank}" sheetId="{rank}" state="{state}" r:id="r{rank}"/>'
        for rank in range(1, sheets + 1)
    )
    links = "".join(
        f'<Relationship Id="r{rank}" Type="{OFFICE}/worksheet" Target="worksheets/s{rank}.xml"/>'
        for rank in range(1, sheets + 1)
    )
    if texts is not None:
        links += f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="texts.xml"/>'
    sheet = [
        f'<worksheet xmlns="{namespace}">'.encode(),
        before,
        b"<sheetData>",
        *rows,
        b"</sheetData>",
        after,
        b"</worksheet>",
    ]
    made = {
        "xl/workbook.xml": (
            f'<workbook xmlns="{namespace}" xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
    }
    made |= {f"xl/worksheets/s{rank}.xml": sheet for rank in range(1, sheets + 1)}
    if texts is not None:
        made["xl/texts.xml"] = [f'<sst xmlns="{MAIN}">'.encode(), *texts, b"</sst>"]
    return made


def classeur(*rows, change=lambda book: None):
    """A workbook of rows of typed values, as openpyxl writes it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ODF = "urn:oasis:names:tc:opendocument:xmlns"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def ods(*tables, styles="", mimetype=ODS, **others):
    """An ODS of XML `tables`; others: the parts that it holds beside, by their names."""
    content = (
        f'<office:document-content xmlns:office="{ODF}:office:1.0" xmlns:style="{ODF}:style:1.0" '
        f'xmlns:table="{ODF}:table:1.0" xmlns:text="{ODF}:text:1.0">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return archive({"mimetype": mimetype, "content.xml": content, **others})
