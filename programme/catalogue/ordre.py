"""The order of rows: the same on both databases, missing values last, never left to chance."""

from django.db.models import F, Func, OrderBy, TextField

_LETTERS = "àâäáãçéèêëîïíôöóõùûüúÿñÀÂÄÁÃÇÉÈÊËÎÏÍÔÖÓÕÙÛÜÚŸÑ-’'"
_BASES = "aaaaaceeeeiiioooouuuuynaaaaaceeeeiiioooouuuuyn   "
_LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}
_TABLE = str.maketrans(dict(zip(_LETTERS, _BASES, strict=True)) | _LIGATURES)

FUNCTION = "ordre_francais"


def fold(text):
    """The key that `OrdreFrancais` sorts by."""
    return text and text.translate(_TABLE).lower()


def add_function(sender, connection, **kwargs):
    """SQLite has no TRANSLATE: give each new connection ours."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(FUNCTION, 1, fold, deterministic=True)


class OrdreFrancais(Func):
    """A text as French readers sort it: accents, case, hyphens and apostrophes do not count.

    SQLite compares bytes and PostgreSQL follows the collation of its server: folded letters have
    the same order on both.
    """

    arity = 1
    function = FUNCTION
    output_field = TextField()

    def as_postgresql(self, compiler, connection, **extra):
        sql = "%(expressions)s"
        for letter, base in _LIGATURES.items():
            sql = f"REPLACE({sql}, '{letter}', '{base}')"
        letters = _LETTERS.replace("'", "''")
        folded = f"TRANSLATE({sql}, '{letters}', '{_BASES}')"
        return self.as_sql(compiler, connection, template=f'LOWER({folded}) COLLATE "C"', **extra)


def order_by(expression, *, descending):
    """`OrderBy` of an expression or a path, with missing values last in both directions."""
    expression = F(expression) if isinstance(expression, str) else expression
    return OrderBy(expression, descending=descending, nulls_last=True)
