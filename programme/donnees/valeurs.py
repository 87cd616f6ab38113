"""The rows of the dataset `valeurs`: one query for each column of the others that states a value.

A value that an officer changed since it was loaded, or a record that no file holds, was typed by a
committee: its source is what the record says then, and its day that of the change.
"""

from functools import reduce

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, StrIndex, TruncDate
from django.db.models.lookups import Exact, GreaterThan

from programme.chargement import PROGRAMME
from programme.donnees import provenance
from programme.donnees.expressions import OuiNon, SixDecimals, names_of
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Type
from programme.models import Precision, Source, Valeur
from territoires.chargement.fichiers import CARTE
from territoires.models import LigneChargee

FICHIERS = {fichier.modele: fichier for fichier in (*CARTE, *PROGRAMME) if fichier.suivi}
COLONNES = [field.column for field in Valeur._meta.fields]


def branches():
    """A queryset of `COLONNES` for each column that states values, in the order of the datasets."""
    return [
        branch(jeu, *column)
        for jeu in JEUX.values()
        if jeu.modele is not Valeur
        for column in provenance.stated(jeu)
    ]


def branch(jeu, rang, colonne, origine):
    """The values of one column: rows of `COLONNES`."""
    key = reduce(_joined, [_text(jeu.colonne(name)) for name in jeu.cle])
    page = next((_text(other) for other in jeu.colonnes if other.nom == "url"), Value(""))
    rows = jeu.preparer(jeu.published()).order_by()
    rows = rows.alias(dite=_as_text(origine.expression()), saisie=_typed(jeu, colonne))
    rows = rows.alias(citee=_cited(jeu))
    rows = rows.annotate(
        v_id=Concat(Value(f"{jeu.code}:{colonne.nom}:"), key, output_field=TextField()),
        v_jeu=_constant(jeu.code),
        v_fiche=key,
        v_rang=Value(rang),
        v_colonne=_constant(colonne.nom),
        v_titre=_constant(colonne.titre),
        v_valeur=NullIf(_text(colonne), Value(""), output_field=TextField()),
        v_source=F("citee"),
        v_source_titre=_of_source(names_of, "titre"),
        v_date=_date(jeu, origine),
        v_precision_date=_precision(origine),
        v_mode=Case(When(saisie=True, then=Value(provenance.SAISIE)), default=Value(origine.mode)),
        v_url=page,
    )
    return rows.filter(v_valeur__isnull=False).values_list(*COLONNES)


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


def _typed(jeu, colonne):
    """Whether a committee typed the value, or the whole record."""
    fichier = FICHIERS.get(jeu.modele)
    if fichier is None:
        return Value(hasattr(jeu.modele, "history"))
    unknown = ~Exists(_loaded(fichier))
    field = provenance.field_of(jeu, colonne)
    if field is None:
        return unknown
    if field.name not in fichier.colonnes:
        return Value(True)
    if field.is_relation and not isinstance(field.target_field, CharField):
        return unknown
    return Case(
        When(unknown, then=Value(True)),
        When(_differs(fichier, field), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def _loaded(fichier):
    """What the last load wrote of the row."""
    key = Cast(OuterRef("pk"), CharField())
    return LigneChargee.objects.filter(fichier=fichier.nom, objet=key).order_by()


def _loaded_text(fichier, name):
    told = _loaded(fichier).annotate(texte=KeyTextTransform(name, "valeurs"))
    return Subquery(told.values("texte")[:1], output_field=TextField())


def _differs(fichier, field):
    """Whether the value is no longer what the file says."""
    loaded = _loaded_text(fichier, field.name)
    now = F(field.attname)
    if isinstance(field, FloatField):
        then = Cast(NullIf(loaded, Value("")), FloatField())
        return ~Q(Exact(Coalesce(then, Value(0.0)), Coalesce(now, Value(0.0))))
    text = OuiNon(now) if field.get_internal_type() == "BooleanField" else now
    return ~Q(Exact(_as_text(loaded), _as_text(text)))


def _cited(jeu):
    """The words of the record's source; none for a value that was typed beside a loaded source."""
    fichier, names = FICHIERS.get(jeu.modele), {f.name for f in jeu.modele._meta.fields}
    if fichier is None or "source" not in {*fichier.colonnes} & names:
        return F("dite")
    same = Q(Exact(F("dite"), _as_text(_loaded_text(fichier, "source"))))
    return Case(
        When(Q(saisie=True) & same, then=Value("")),
        default=F("dite"),
        output_field=TextField(),
    )


# --- Sources and their days -------------------------------------------------------------------


def _of_source(read, name):
    """`name` of the sources that the row cites: of the only one, else of each."""
    alone = Source.objects.filter(code=OuterRef("citee")).order_by()
    words = Concat(Value(" ; "), OuterRef("citee"), Value(" "), output_field=TextField())
    code = Concat(Value(" ; "), F("code"), Value(" "), output_field=TextField())
    among = Source.objects.filter(GreaterThan(StrIndex(words, code), 0))
    several = read(among, name, "code")
    return Coalesce(Subquery(alone.values(name)[:1]), several, output_field=several.output_field)


def _latest(among, name, order):
    return Subquery(among.order_by("-date").values(name)[:1])


def _date(jeu, origine):
    own = F(origine.date) if origine.date else _of_source(_latest, "date")
    if not hasattr(jeu.modele, "history"):
        return Cast(own, DateField())
    changes = jeu.modele.history.filter(**{jeu.modele._meta.pk.name: OuterRef("pk")})
    last = Subquery(changes.order_by("-history_date").values("history_date")[:1])
    return Case(When(saisie=True, then=TruncDate(last)), default=own, output_field=DateField())


def _precision(origine):
    day = Value(Precision.JOUR, output_field=TextField())
    own = day if origine.date else _of_source(_latest, "precision_date")
    return Case(When(saisie=True, then=day), default=own, output_field=TextField())
