"""Formulas of spreadsheets, neutralised: reversible, and documented on the page of open data.

A text that a spreadsheet could run begins, after any blanks and apostrophes, with one of `DANGERS`.
It gets one apostrophe in front. To read the original back: a text that begins with an apostrophe
and, after its blanks and apostrophes, with one of `DANGERS`, loses its first apostrophe. Since the
rule also adds one to a text that already had some, no two texts become the same.
"""

APOSTROPHE = "'"
BLANCS = " \u00a0\u202f\ufeff"
"""Blanks that a spreadsheet may skip: space, no-break spaces, byte order mark."""
DANGERS = "=+-@\t\r\n＝＋－＠"
"""The last four are the full-width forms, which some spreadsheets read like the others."""


def is_dangerous(text):
    """Whether `text` begins, after blanks and apostrophes, like a formula."""
    return text.lstrip(APOSTROPHE + BLANCS)[:1] in tuple(DANGERS)


def neutralise(text):
    """`text` as CSV and XLSX give it."""
    return APOSTROPHE + text if is_dangerous(text) else text


def restore(text):
    """The original of a text read in one of our CSV or XLSX files."""
    return text[1:] if text.startswith(APOSTROPHE) and is_dangerous(text) else text


def _literal(characters):
    """An SQL literal. Only the constants above come here."""
    return "'" + characters.replace("'", "''") + "'"


def sql_is_dangerous(sql):
    """`is_dangerous` of the SQL expression `sql`, the same on SQLite and PostgreSQL."""
    dangers = ", ".join(_literal(character) for character in DANGERS)
    return f"SUBSTR(LTRIM({sql}, {_literal(APOSTROPHE + BLANCS)}), 1, 1) IN ({dangers})"
