"""The rows of the dataset `valeurs`: one query for each column of the others that states a value.

A value that an officer changed since it was loaded, or a record that no file holds, was typed by a
committee: its source is what the record says then, and its day that of the change.
"""

from functools import lru_cache, reduce

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
from programme.donnees.expressions import OuiNon, SixDecimals
from programme.donnees.instantane import compile_query
from programme.donnees.jeux import JEUX
from programme.donnees.schema import SEPARATEUR_LISTE, Type, today
from programme.models import Precision, Valeur
from territoires.chargement.fichiers import CARTE
from territoires.models import LigneChargee

FICHIERS = {fichier.modele: fichier for fichier in (*CARTE, *PROGRAMME) if fichier.suivi}
INSTR = {"postgresql": "STRPOS", "sqlite": "INSTR"}
TITRES = {"postgresql": "STRING_AGG", "sqlite": "GROUP_CONCAT"}
ENSEMBLE = """
    SELECT
        v_id, v_jeu, v_fiche, v_rang, v_colonne, v_titre, v_valeur, v_mode, v_url, v_source,
        COALESCE(s.titre, (SELECT {titles} FROM programme_source WHERE {cited}))
            AS v_source_titre,
        CASE WHEN v_saisie = 1 THEN v_dernier
             ELSE COALESCE(v_jour, s.date, (SELECT MAX(date) FROM programme_source WHERE {cited}))
        END AS v_date,
        CASE WHEN v_saisie = 1 OR v_jour IS NOT NULL THEN '{jour}'
             ELSE COALESCE(s.precision_date, (
                SELECT precision_date FROM programme_source WHERE {cited}
                ORDER BY date DESC LIMIT 1))
        END AS v_precision_date
    FROM (
        SELECT v_id, v_jeu, v_fiche, v_rang, v_colonne, v_titre, v_valeur, v_url, v_saisie, v_jour,
            v_dernier,
            CASE WHEN v_saisie = 1 THEN '{saisie}' ELSE v_origine END AS v_mode,
            CASE WHEN v_saisie = 1 AND v_dite = v_avant THEN '' ELSE v_dite END AS v_source
        FROM ({branches}) branches
    ) valeurs LEFT JOIN programme_source s ON s.code = v_source
"""
CITED = "v_source <> '' AND {instr}(' ; ' || v_source || ' ', ' ; ' || code || ' ') > 0"


def union(connection):
    """`(sql, params)` of every row: what each branch says, then its sources, once a row.

    Its queries take a while to be written: it is done once a day, since some ask for today's map.
    """
    return _union(connection.vendor, today(), settings.SITE["url"])


@lru_cache(maxsize=4)
def _union(vendor, day, site):
    connection = next(each for each in connections.all() if each.vendor == vendor)
    compiled = [compile_query(rows, connection) for rows in branches()]
    sql = ENSEMBLE.format(
        branches=" UNION ALL ".join(part for part, _ in compiled),
        cited=CITED.format(instr=INSTR[vendor]),
        titles=f"{TITRES[vendor]}(titre, '{SEPARATEUR_LISTE}')",
        saisie=provenance.SAISIE,
        jour=Precision.JOUR,
    )
    return sql, tuple(value for _, values in compiled for value in values)


def branches():
    """A queryset for each column that states values, in the order of the datasets."""
    return [
        branch(jeu, *column)
        for jeu in JEUX.values()
        if jeu.modele is not Valeur
        for column in provenance.stated(jeu)
    ]


class Somme(Func):
    """Whole numbers added up, side by side: SQLite's parser takes no deep nest of parentheses."""

    output_field = IntegerField()
    template = "(%(expressions)s)"
    arg_joiner = " + "


def number():
    """The expression of how many rows there are, without making one of them."""
    parts = [
        Coalesce(Subquery(counted), 0, output_field=IntegerField())
        for jeu in JEUX.values()
        if jeu.modele is not Valeur
        for counted in _counted(jeu)
    ]
    return Somme(*parts)


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


def branch(jeu, rang, colonne, origine):
    """The values of one column, with what is to be known to tell their source and their day."""
    key = reduce(_joined, [_text(jeu.colonne(name)) for name in jeu.cle])
    page = next((_text(other) for other in jeu.colonnes if other.nom == "url"), _constant(""))
    rows = jeu.preparer(jeu.published()).order_by()
    told = {
        "v_id": Concat(_constant(f"{jeu.code}:{colonne.nom}:"), key, output_field=TextField()),
        "v_jeu": _constant(jeu.code),
        "v_fiche": key,
        "v_rang": Value(rang, output_field=IntegerField()),
        "v_colonne": _constant(colonne.nom),
        "v_titre": _constant(colonne.titre),
        "v_valeur": NullIf(_text(colonne), _constant(""), output_field=TextField()),
        "v_dite": _as_text(origine.expression()),
        "v_avant": _before(jeu),
        "v_saisie": _typed(jeu, colonne),
        "v_jour": _own_day(origine),
        "v_dernier": _last_change(jeu),
        "v_origine": _constant(origine.mode),
        "v_url": page,
    }
    return rows.annotate(**told).filter(v_valeur__isnull=False).values_list(*told)


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
        When(typed, then=_constant(provenance.SAISIE)),
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
