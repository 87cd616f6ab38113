"""The index of the search at a moment: made from the records of then.

What has no history keeps the entries of today. Slips are not corrected: the words of the index are
today's, and nobody had told some of them yet.
"""

from functools import cache, lru_cache

from programme.catalogue.recherche.fiches import COLONNES, FICHES, TYPES, fiches
from programme.catalogue.recherche.indexation import RANGS, importance
from programme.catalogue.version import version_reader
from programme.models import EntreeIndex, MotIndex, TrigrammeIndex
from territoires import moment
from territoires.historiques import suivis

TROUVEES = "entrées trouvées"
"""What a block keeps: those that its searches found, {number: row}. A statement is sent with them
alone, for the index is read by what a search found; with all when none was made in the block.
"""
PREMIER, ECART = -1_000_000_000, 10_000_000
"""Their numbers, type by type: before all those of today, the heaviest of a type first too."""
_TEXTE = COLONNES.index("texte") + 1
_IDENTIFIANT = COLONNES.index("identifiant") + 1


def connect():
    moment.derivee(EntreeIndex, _entrees)
    for model in (MotIndex, TrigrammeIndex):
        moment.derivee(model, lambda connection, m=model: moment.lignes(m, [], connection))


@cache
def models():
    """{type: model} of the entries that have a past."""
    return {TYPES[model]: model for model in FICHES if model in suivis()}


def identifiants(expression, type_):
    """The keys, as texts, of the records of a type that an expression of tokens found then."""
    return [line[_IDENTIFIANT] for line, tokens in _lues(type_) if _found(expression, tokens)]


def numeros(expressions, limit):
    """The numbers of the entries that have a past and that one of `expressions` found then, the
    `limit` first of each.
    """
    found = {}
    for expression in expressions:
        lines = (line for type_ in models() for line in _lues(type_))
        kept = sorted(line for line, tokens in lines if _found(expression, tokens))
        found.update((line[0], line) for line in kept[:limit])
    moment.bloc().setdefault(TROUVEES, {}).update(found)
    return found.keys()


def _found(expression, tokens):
    """Whether `tokens`, a text with a space around each, have what is looked for."""
    if isinstance(expression, str):
        return f" {expression.removesuffix('*')}{'' if expression.endswith('*') else ' '}" in tokens
    operateur, parties = expression
    every = {"|": any, "&": all}[operateur]
    return every(_found(partie, tokens) for partie in parties)


def _lues(type_):
    """`(row of the index, its tokens)` of each entry of a type, at the moment."""
    return _lignes(moment.actuel(), version_reader.current(), type_)


@lru_cache(maxsize=14)  # two moments: `caches` would copy thousands of them at each reading
def _lignes(instant, version, type_):
    found = sorted(fiches(models()[type_]._default_manager.all()), key=importance)
    first = PREMIER + ECART * RANGS[type_]
    lines = ((rank, *fiche.ligne()) for rank, fiche in enumerate(found, first))
    return [(line, f" {line[_TEXTE]} ") for line in lines]


def _entrees(connection):
    """The query of today's entries of what has no history, then of those of then."""
    kept = ", ".join(f"'{type_}'" for type_ in EntreeIndex.Type if type_ not in models())
    columns = ", ".join(f'"{field.column}"' for field in EntreeIndex._meta.concrete_fields)
    table = moment.place(EntreeIndex._meta.db_table, connection.vendor)
    rows = moment.bloc().get(TROUVEES)
    if rows is None:
        rows = {line[0]: line for type_ in models() for line, _ in _lues(type_)}
    then = moment.lignes(EntreeIndex, list(rows.values()), connection)
    if connection.vendor == "postgresql":  # the column that is searched is none of the model's
        columns, then = f"{columns}, vecteur", f"SELECT l.*, NULL::tsvector FROM ({then}) l"  # noqa: S608
    return f"SELECT {columns} FROM {table} WHERE type IN ({kept}) UNION ALL {then}"  # noqa: S608
