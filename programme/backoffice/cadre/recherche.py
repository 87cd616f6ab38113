"""Search in the lists: case, accents, ligatures, apostrophes and hyphens do not matter.

The `plie` lookup compares folded texts: by the Python function itself on SQLite, by the same
replacements in SQL on PostgreSQL, without extension.
"""

import re
import string
import unicodedata

from django.db.backends.signals import connection_created
from django.db.models import CharField, Lookup, TextField

from territoires.recherche.texte import plier

PREFIXES = ("=", "^", "@")  # Django's own ways to compare
COMMENCE = "commence"
DEBUT_DE_CODE = re.compile(r"[a-z]+[0-9-]")
NOWHERE = "#"  # no folded text holds it
_LETTRES = [chr(code) for code in range(0xC0, 0x180)]
_BASES = {letter: unicodedata.normalize("NFKD", letter)[0] for letter in _LETTRES}
_ACCENTUEES = {
    letter: base.lower() for letter, base in _BASES.items() if base in string.ascii_letters
}
_SOURCE = "".join([*string.ascii_uppercase, *_ACCENTUEES])
_CIBLE = "".join([*string.ascii_lowercase, *_ACCENTUEES.values()])


def _add_function(sender, connection, **kwargs):
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "plier", 1, lambda text: text and plier(text), deterministic=True
        )


connection_created.connect(_add_function, dispatch_uid="programme.backoffice.cadre.plier")


@CharField.register_lookup
@TextField.register_lookup
class Plie(Lookup):
    """`champ__plie="l’aigle"`: the folded text contains the folded words, in that order."""

    lookup_name = "plie"
    prepare_rhs = False

    def process_rhs(self, compiler, connection):
        # Of signs alone nothing is left once folded: that is found nowhere, not everywhere.
        folded = plier(str(self.rhs))
        return "%s", [f"%{folded}%" if folded else NOWHERE]

    def as_sqlite(self, compiler, connection):
        column, values = self.process_lhs(compiler, connection)
        pattern, words = self.process_rhs(compiler, connection)
        return f"plier({column}) LIKE {pattern}", [*values, *words]

    def as_postgresql(self, compiler, connection):
        column, values = self.process_lhs(compiler, connection)
        pattern, words = self.process_rhs(compiler, connection)
        text = f"{column}::text"
        for ligature, letters in (("œ", "oe"), ("Œ", "oe"), ("æ", "ae"), ("Æ", "ae")):
            text = f"replace({text}, '{ligature}', '{letters}')"
        folded = f"regexp_replace(translate({text}, %s, %s), '[^a-z0-9]+', ' ', 'g')"
        return f"{folded} LIKE {pattern}", [*values, _SOURCE, _CIBLE, *words]


@CharField.register_lookup
class Commence(Lookup):
    """`code__commence="fai-0"`: the code begins so, in any case.

    Only what can be no word begins one, letters then a digit or a hyphen: another text is compared
    whole, so that « fer » does not find each code that it begins.
    """

    lookup_name = COMMENCE
    prepare_rhs = False

    def process_rhs(self, compiler, connection):
        text = str(self.rhs).lower()
        pattern = re.sub(r"([\\%_])", r"\\\1", text)
        return "%s", [f"{pattern}%" if DEBUT_DE_CODE.match(text) else pattern]

    def as_sql(self, compiler, connection):
        column, values = self.process_lhs(compiler, connection)
        pattern, words = self.process_rhs(compiler, connection)
        return f"LOWER({column}) LIKE {pattern} ESCAPE '\\'", [*values, *words]


def folded(fields):
    """The fields of a search: each that does not say how it is compared is compared folded."""
    return [
        field if field.startswith(PREFIXES) or field.endswith(f"__{COMMENCE}") else f"{field}__plie"
        for field in fields
    ]
