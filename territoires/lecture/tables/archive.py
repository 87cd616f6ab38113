"""A workbook as a zip of XML parts, of a size and of a kind that may be read.

Nothing that a part declares is believed: its bytes are counted as they come, and so are the
elements that they make.
"""

import io
import zipfile
from xml.parsers import expat

from territoires.lecture.tables.tableau import FichierRefuse

DECOMPRESSE_MAX = 100 * 1024 * 1024
"""Bytes of the parts that are read, once decompressed: ten times the largest file."""
DECOMPRESSE_D_ABORD, DECOMPRESSE_PAR_OCTET = 10 * 1024 * 1024, 100
"""The same of a file before its weight counts, and for each of its bytes."""
BALISES_MAX = 5_000_000
"""Tags of the parts that are read: those of 20 000 rows of forty columns."""
BALISES_D_ABORD, BALISES_PAR_OCTET = 200_000, 10
"""Tags of a file before its weight counts, and for each of its bytes: a real one has two or so."""
SANS_BALISE_MAX = 512 * 1024
"""Bytes between two tags: more than the longest cell that a spreadsheet writes."""
PARTIES_MAX = 5_000
BLOC = 1 << 16
HABITUEL = "Ouvrez-le dans votre tableur et enregistrez-le au format « Classeur Excel (.xlsx) »."
ABIME = f"Ce classeur est abîmé ou incomplet. {HABITUEL}"
STRICT = "Ce classeur est au format Strict Open XML : enregistrez-le en « Classeur Excel (.xlsx) »."
TEXTE_TROP_LONG = (
    "Une cellule du classeur dépasse 32 767 caractères, ce qu’aucun tableur n’écrit : le fichier "
    "est abîmé ou n’est pas un vrai classeur. Enregistrez-le de nouveau depuis votre tableur."
)
TROP_DE_CELLULES = (
    "Le classeur décrit trop de cellules, vides pour la plupart : copiez le tableau seul (lignes "
    "et colonnes utiles) dans un classeur neuf."
)
TROP_GROS = (
    "Ce classeur, une fois décompressé, est démesuré : gardez les lignes et les colonnes utiles "
    "dans un classeur neuf."
)
# What a zip holds when it is something else, and what it is.
AUTRES = {
    "xl/workbook.bin": "un classeur binaire (.xlsb)",
    "word/document.xml": "un document Word (.docx)",
    "ppt/presentation.xml": "une présentation (.pptx)",
}
BROKEN = (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError)
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
METHODES = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class Archive:
    """The parts of a workbook. Raises `FichierRefuse` when it may not be opened."""

    def __init__(self, contenu):
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(contenu))
            parts = self.zip.infolist()
        except BROKEN:
            raise FichierRefuse(f"Ce classeur est abîmé : il ne s’ouvre pas. {HABITUEL}") from None
        self.names = {part.filename for part in parts}
        self.bytes_left = min(
            DECOMPRESSE_MAX, DECOMPRESSE_D_ABORD + DECOMPRESSE_PAR_OCTET * len(contenu)
        )
        self.tags_left = min(BALISES_MAX, BALISES_D_ABORD + BALISES_PAR_OCTET * len(contenu))
        self.is_ods = self._mimetype() == ODS
        self._refuse_other_kinds(parts)

    def _mimetype(self):
        """What an OpenDocument file says that it is, in the open."""
        if "mimetype" not in self.names:
            return b""
        try:
            with self.zip.open("mimetype") as part:
                return part.read(len(ODS) + 1).strip()
        except BROKEN:
            return b""

    def _refuse_other_kinds(self, parts):
        if "content.xml" in self.names and not self.is_ods:
            raise FichierRefuse(f"Ce fichier est un document, pas un classeur. {HABITUEL}")
        if not self.is_ods and "xl/workbook.xml" not in self.names:
            kind = next((kind for name, kind in AUTRES.items() if name in self.names), "")
            raise FichierRefuse(
                f"Ce fichier est {kind or 'une archive'}, pas un classeur. {HABITUEL}"
            )
        if len(parts) > PARTIES_MAX or len(parts) != len(self.names):
            raise FichierRefuse(ABIME)
        if any(name.endswith("vbaProject.bin") for name in self.names):
            raise FichierRefuse(f"Ce classeur contient des macros (.xlsm). {HABITUEL}")
        if any(part.flag_bits & 1 for part in parts):
            raise FichierRefuse(
                "Ce classeur est protégé par un mot de passe : ôtez la protection, puis "
                "enregistrez-le de nouveau."
            )
        if any(part.compress_type not in METHODES for part in parts):
            raise FichierRefuse(ABIME)

    def parse(self, name, handler):
        """Feed `handler` (start, end, text) with one part, block by block.

        Raises `FichierRefuse`: too large, not XML, with entities; or what the handler raises.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = BLOC
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text
        parser.StartDoctypeDeclHandler = _refuse_entities
        try:
            for block in self._blocks(name):
                parser.Parse(block, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, KeyError, LookupError, *BROKEN):
            raise FichierRefuse(ABIME) from None
        return handler

    def _blocks(self, name):
        """The bytes of one part as they come, counted."""
        without_tag = 0
        with self.zip.open(name) as part:
            while block := part.read(BLOC):
                self.bytes_left -= len(block)
                self.tags_left -= block.count(b"<")
                without_tag += block.find(b"<") if b"<" in block else len(block)
                if self.bytes_left < 0:
                    raise FichierRefuse(TROP_GROS)
                if self.tags_left < 0:
                    raise FichierRefuse(TROP_DE_CELLULES)
                if without_tag > SANS_BALISE_MAX:
                    raise FichierRefuse(TEXTE_TROP_LONG)
                if b"<" in block:
                    without_tag = len(block) - block.rfind(b"<")
                yield block


def _refuse_entities(*_):
    raise FichierRefuse(f"Ce classeur déclare des entités XML. {HABITUEL}")


class Lecteur:
    """What reads one part: `parse` calls it for each element. Names come without namespace."""

    def start(self, name, attributes):
        """An element opens; its name has its namespace in front."""

    def end(self, name):
        """An element closes."""

    def text(self, data):
        """Some of the text of the element."""


def local(name):
    """The name of an element or an attribute, without its namespace."""
    return name.rpartition(" ")[2]
