"""The JSON-LD of the catalogue, written in Turtle: the same statements, for who reads that."""

import re

ECHAPPEMENTS = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
HORS_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def write(document):
    """Text of a JSON-LD document whose `@context` holds prefixes only."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in document["@context"].items())
    blocks = []
    _described(document, blocks)
    return prefixes + "\n" + "\n".join(blocks)


def _described(node, blocks):
    """Add the block of a node that has an address; return this address."""
    iri = _iri(node["@id"])
    rank = len(blocks)
    blocks.append("")
    blocks[rank] = f"{iri}\n    {_statements(node, blocks)} .\n"
    return iri


def _statements(node, blocks):
    lines = []
    for name, value in node.items():
        if name in ("@id", "@context"):
            continue
        values = value if isinstance(value, list) else [value]
        if name == "@type":
            lines.append(f"a {', '.join(values)}")
        elif values:
            lines.append(f"{name} {', '.join(_value(one, blocks) for one in values)}")
    return " ;\n    ".join(lines)


def _value(value, blocks):
    if isinstance(value, str):
        return _text(value)
    if "@value" in value:
        suffix = f"@{value['@language']}" if "@language" in value else f"^^{value['@type']}"
        return _text(value["@value"]) + suffix
    if set(value) == {"@id"}:
        return _iri(value["@id"])
    if "@id" in value:
        return _described(value, blocks)
    return f"[ {_statements(value, blocks)} ]"


def _text(text):
    return f'"{text.translate(ECHAPPEMENTS)}"'


def _iri(iri):
    return f"<{HORS_IRI.sub(lambda match: f'%{ord(match[0]):02X}', iri)}>"
