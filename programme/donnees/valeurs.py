"""The rows of the dataset `valeurs`: one query for each of the others, a row a value.

A value that an officer changed since it was loaded, or a record that no file holds, was typed by a
committee: its source is what the record says then, and its day that of the change.
"""

from functools import lru_cache, reduce
from operator import or_

from django.conf import settings
from django.db import connections
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, TruncDate
from django.db.models.lookups import Exact

from programme.chargement import PROGRAMME
from programme.donnees import provenance
from programme.donnees.expressions import OuiNon, SixDecimals, joined
from programme.donnees.instantane import compile_query
from programme.donnees.jeux import JEUX
from programme.donnees.provenance import SAISIE
from programme.donnees.schema import Type
from programme.models import DonneesVersion, Precision
from territoires import moment
from territoires.chargement.fichiers import CARTE
from territoires.models import LigneChargee
from territoires.moment import today

FICHIERS = {fichier.modele: fichier for fichier in (*CARTE, *PROGRAMME) if fichier.suivi}
ENSEMBLE = """
    SELECT
        v_id, v_jeu, v_fiche, v_rang, v_colonne, v_titre, v_valeur, v_mode, v_url, v_source,
        COALESCE(s.titre, {titles}) AS v_source_titre,
        CASE WHEN v_saisie = 1 THEN v_dernier
             ELSE COALESCE(v_jour, s.date, (SELECT MAX(date) FROM programme_source WHERE {cited}))
        END AS v_date,
        CASE WHEN v_saisie = 1 OR v_jour IS NOT NULL THEN '{jour}'
             ELSE COALESCE(s.precision_date, (
                SELECT precision_date FROM programme_source WHERE {cited}
                ORDER BY date DESC LIMIT 1))
        END AS v_precision_date
    FROM ({branches}) valeurs LEFT JOIN programme_source s ON s.code = v_source
"""
BRANCHE = """
    SELECT {jeu} || ':' || c.column2 || ':' || r.v_fiche AS v_id, {jeu} AS v_jeu,
        r.v_fiche AS v_fiche, c.column1 AS v_rang, c.column2 AS v_colonne, c.column3 AS v_titre,
        r.v_dernier AS v_dernier, r.v_url AS v_url, {valeur} AS v_valeur, {saisie} AS v_saisie,
        {jour} AS v_jour, CASE WHEN {saisie} = 1 THEN {typed} ELSE c.column4 END AS v_mode,
        CASE WHEN {saisie} = 1 AND {dite} = r.v_avant THEN '' ELSE {dite} END AS v_source
    FROM ({rows}) r CROSS JOIN (VALUES {columns}) c
    WHERE {valeur} IS NOT NULL
"""
CITED = (
    "v_source <> '' AND "
    "REPLACE(' ; ' || v_source || ' ', ' ; ' || code || ' ', '') <> ' ; ' || v_source || ' '"
)


def union(connection, jeux=None):
    """`(sql, params)` of every value: those of each dataset, then their sources, once a row.

    jeux: codes of the only datasets to read. Some queries ask for today's map: each is written
    once a day, and as for now or for the past, whose tables have no key to group by.
    """
    stating = [jeu.code for jeu in JEUX.values() if provenance.stated(jeu)]
    # None of those asked for: no row, from the first that comes.
    kept = [code for code in stating if jeux is None or code in jeux] or stating[:1]
    vendor, day, site = connection.vendor, today(), settings.SITE["url"]
    past = moment.actuel() is not None
    compiled = [_branch(code, vendor, day, site, past) for code in kept]
    sql = ENSEMBLE.format(
        branches=" UNION ALL ".join(part for part, _ in compiled),
        cited=CITED,
        titles=joined(f"SELECT titre AS v FROM programme_source WHERE {CITED}", vendor),  # noqa: S608
        jour=Precision.JOUR,
    )
    return sql, tuple(value for _, values in compiled for value in values)


@lru_cache(maxsize=128)
def _branch(code, vendor, day, site, past):
    connection = next(each for each in connections.all() if each.vendor == vendor)
    return branch(JEUX[code], connection)


def jeux_qui_disent(*, jeux=(), colonne=(), mode=(), source=()):
    """Codes of the datasets that may hold such values: what else there is need not be read.

    Of each, any of several; nothing asked is no limit.
    """
    found = [
        jeu
        for jeu in JEUX.values()
        if (stated := provenance.stated(jeu))
        and (not jeux or jeu.code in jeux)
        and (not colonne or {column.nom for _, column, _ in stated} & set(colonne))
        and (not mode or {SAISIE, *(origine.mode for *_, origine in stated)} & set(mode))
    ]
    cited = set().union(*map(_citing, source)) if source else set(JEUX)
    return {jeu.code for jeu in found} & cited


def _citing(code):
    """Codes of the datasets of which a row may cite this source, in one query."""
    found, asked = set(), {}
    for jeu in JEUX.values():
        origins = {origine.source: origine for *_, origine in provenance.stated(jeu)}
        constants = {source: provenance.constantes(source) for source in origins}
        if any(code in text for texts in constants.values() for text in texts):
            found.add(jeu.code)
        elif told := [each for source, each in origins.items() if not constants[source]]:
            texts = {f"_dite_{n}": _as_text(each.expression()) for n, each in enumerate(told)}
            cited = reduce(or_, (Q(**{f"{name}__contains": code}) for name in texts))
            rows = jeu.preparer(jeu.published()).order_by()
            asked[f"n_{len(asked)}"] = (jeu.code, Exists(rows.annotate(**texts).filter(cited)))
    version = DonneesVersion.objects.annotate(**{name: each for name, (_, each) in asked.items()})
    answers = version.values(*asked).get()
    return found | {jeu for name, (jeu, _) in asked.items() if answers[name]}


def branch(jeu, connection):
    """`(sql, params)` of the values of a dataset: its rows, read once, beside its columns.

    One query a dataset: one for each column would be written, and read by the database, as many
    times as the rows have columns.
    """
    told = {
        "v_fiche": reduce(_joined, [_text(jeu.colonne(name)) for name in jeu.cle]),
        "v_url": next((_text(c) for c in jeu.colonnes if c.nom == "url"), _constant("")),
        "v_avant": _before(jeu),
        "v_dernier": _last_change(jeu),
    }
    asked, of_rank = {}, {part: {} for part in ("valeur", "dite", "saisie", "jour")}
    stated = provenance.stated(jeu)
    for rank, colonne, origine in stated:
        field = provenance.field_of(jeu, colonne)
        for part, key, expression in (
            ("valeur", rank, NullIf(_text(colonne), _constant(""), output_field=TextField())),
            ("dite", origine.source, _as_text(origine.expression())),
            ("saisie", field and field.name, _typed(jeu, colonne)),
            ("jour", origine.date, _own_day(origine)),
        ):
            # What several columns share is asked once.
            name = asked.setdefault((part, key), f"v_{part}_{len(asked)}")
            told.setdefault(name, expression)
            of_rank[part][rank] = name
    rows = jeu.preparer(jeu.published()).order_by()
    sql, params = compile_query(rows.annotate(**told).values_list(*told), connection)
    columns = [
        f"({rank}, {', '.join(map(_literal, (colonne.nom, colonne.titre, origine.mode)))})"
        for rank, colonne, origine in stated
    ]
    parts = {part: _by_rank(names) for part, names in of_rank.items()}
    return BRANCHE.format(
        jeu=_literal(jeu.code),
        typed=_literal(SAISIE),
        rows=sql,
        columns=", ".join(columns),
        **parts,
    ), params


def _literal(text):
    """A constant of ours, in SQL that is given parameters."""
    return "'{}'".format(text.replace("'", "''").replace("%", "%%"))


def _by_rank(names):
    """What to read of a row for the column of each rank: `{rank: name}`."""
    if len(set(names.values())) == 1:
        return f"r.{next(iter(names.values()))}"
    whens = " ".join(f"WHEN {rank} THEN r.{name}" for rank, name in names.items())
    return f"CASE c.column1 {whens} END"


class Somme(Func):
    """Whole numbers added up, side by side: SQLite's parser takes no deep nest of parentheses."""

    output_field = IntegerField()
    template = "(%(expressions)s)"
    arg_joiner = " + "


def number(jeux=None):
    """The expression of how many rows there are, of some datasets or of all, without making any."""
    parts = [
        Coalesce(Subquery(counted), 0, output_field=IntegerField())
        for jeu in JEUX.values()
        if provenance.stated(jeu) and (jeux is None or jeu.code in jeux)
        for counted in _counted(jeu)
    ]
    return Somme(*parts)


def numbers(jeux=None):
    """`{code: how many rows}` of these datasets, or of all that state values, in one query."""
    stating = sorted(jeux_qui_disent(jeux=jeux or ()))
    counts = {f"n_{rank}": number([code]) for rank, code in enumerate(stating)}
    row = DonneesVersion.objects.annotate(**counts).values_list(*counts).get()
    return dict(zip(stating, row, strict=True))


def _counted(jeu):
    """Queries of one number that add up to how many values `jeu` states."""
    values = [NullIf(_text(col), _constant("")) for _, col, _ in provenance.stated(jeu)]
    rows = jeu.preparer(jeu.published()).order_by()
    if values and not rows.query.group_by:
        told = rows.values(_tout=Value(1)).annotate(_nombre=Somme(*map(Count, values)))
        return [told.values("_nombre")]
    # An aggregate is not counted beside others: one count of keys for each column.
    keys = [rows.annotate(_v=value).filter(_v__isnull=False).values("pk") for value in values]
    return [count_all(jeu.modele.objects.filter(pk__in=each)) for each in keys]


def count_all(queryset):
    """How many rows `queryset` has, as a query of one number."""
    counted = queryset.order_by().values(_tout=Value(1)).annotate(_nombre=Count("pk"))
    return counted.values("_nombre")


# --- Texts ------------------------------------------------------------------------------------


def _constant(text):
    return Value(text, output_field=TextField())


def _joined(left, right):
    return Concat(left, Value(" | "), right, output_field=TextField())


def _as_text(expression):
    return Coalesce(Cast(expression, TextField()), Value(""), output_field=TextField())


def _text(colonne):
    """What a file shows of a column, as text."""
    expression = colonne.raw_expression()
    if colonne.type is Type.BOOLEEN:
        return OuiNon(expression)
    if colonne.type is Type.NOMBRE:
        expression = SixDecimals(expression)
    return Cast(expression, TextField())


# --- Who typed it -----------------------------------------------------------------------------


def mode(jeu, nom):
    """The expression of how a column's value of the row was come by."""
    colonne = jeu.colonne(nom)
    typed = Q(Exact(_typed(jeu, colonne), 1))
    origine = provenance.of_colonne(jeu, colonne)
    return Case(
        When(typed, then=_constant(SAISIE)),
        default=_constant(origine.mode),
        output_field=TextField(),
    )


def _number(condition):
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _typed(jeu, colonne):
    """1 when a committee typed the value, or the whole record; else 0."""
    fichier = FICHIERS.get(jeu.modele)
    if fichier is None:
        return Value(int(hasattr(jeu.modele, "history")), output_field=IntegerField())
    field = provenance.field_of(jeu, colonne)
    if field is not None and field.name not in fichier.colonnes:
        return Value(1, output_field=IntegerField())
    coded = field is not None and (
        not field.is_relation or isinstance(field.target_field, CharField)
    )
    return _number(_differs(fichier, field) if coded else ~Q(Exists(_loaded(fichier))))


def _loaded(fichier):
    """What the last load wrote of the row."""
    key = Cast(OuterRef("pk"), CharField())
    return LigneChargee.objects.filter(fichier=fichier.nom, objet=key).order_by()


def _loaded_text(fichier, name):
    told = _loaded(fichier).annotate(texte=KeyTextTransform(name, "valeurs"))
    return Subquery(told.values("texte")[:1], output_field=TextField())


def _differs(fichier, field):
    """Whether the value is not what the file says, or no file says the row."""
    loaded = _loaded_text(fichier, field.name)
    now = F(field.attname)
    if isinstance(field, FloatField):
        then = Cast(NullIf(loaded, Value("")), FloatField())
        return ~Q(Exact(Coalesce(then, Value(1000.0)), Coalesce(now, Value(1000.0))))
    text = OuiNon(now) if isinstance(field, BooleanField) else now
    return ~Q(Exact(Coalesce(loaded, _constant("?")), _as_text(text)))


def _before(jeu):
    """The source that the file says of the row; null without any."""
    fichier = FICHIERS.get(jeu.modele)
    if fichier is None or "source" not in fichier.colonnes:
        return Value(None, output_field=TextField())
    return _loaded_text(fichier, "source")


# --- Days -------------------------------------------------------------------------------------


def _own_day(origine):
    if origine.date:
        return F(origine.date)
    return Cast(Value(None, output_field=DateField()), DateField())


def _last_change(jeu):
    """The day on which somebody last changed the record."""
    if not hasattr(jeu.modele, "history"):
        return Cast(Value(None, output_field=DateField()), DateField())
    changes = jeu.modele.history.filter(**{jeu.modele._meta.pk.name: OuterRef("pk")})
    days = changes.annotate(jour=TruncDate("history_date")).order_by("-history_date")
    return Subquery(days.values("jour")[:1], output_field=DateField())
