"""One published value: which record, which column, what, from whom, when, and how.

No table: the rows are those of the other datasets, one for each value, put together by the query.
"""

from django.db import models
from django.db.models.lookups import Exact, In
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable
from django.db.models.sql.where import AND, WhereNode
from django.utils.module_loading import import_string

from programme.models.base import PublicationQuerySet
from territoires.perimetre import REFERENCE


def asked_of(column, where):
    """The values to which the conditions of a query limit a column; None when they do not."""
    found = None
    for lookup in where.children if where.connector == AND and not where.negated else ():
        if isinstance(lookup, WhereNode):
            values = asked_of(column, lookup)
        elif isinstance(lookup, Exact | In) and getattr(lookup.lhs, "target", None) is not None:
            mine = lookup.lhs.target.column == column and lookup.rhs_is_direct_value()
            values = set(lookup.rhs if isinstance(lookup, In) else [lookup.rhs]) if mine else None
        else:
            values = None
        if values is not None:
            found = values if found is None else found & values
    return found


class Union(BaseTable):
    """The place of the table in SQL: the branches of `programme.donnees.valeurs`.

    Those of the datasets that the query asks for, when it does: they alone are written and read.
    """

    def as_sql(self, compiler, connection):
        jeux = asked_of("v_jeu", compiler.query.where)
        sql, params = import_string("programme.donnees.valeurs.union")(connection, jeux)
        return f"({sql}) {connection.ops.quote_name(self.table_alias)}", params


class UnionQuery(Query):
    base_table_class = Union


class ValeurQuerySet(PublicationQuerySet):
    """Rows of no table: they can be read, filtered and counted, not written."""

    def __init__(self, model=None, query=None, using=None, hints=None):
        super().__init__(model, query or UnionQuery(model), using, hints)


class Valeur(models.Model):
    id = models.CharField("identifiant", max_length=500, primary_key=True, db_column="v_id")
    jeu = models.CharField("jeu de données", max_length=60, db_column="v_jeu")
    fiche = models.TextField("fiche", db_column="v_fiche")
    rang = models.PositiveSmallIntegerField("rang de la colonne", db_column="v_rang")
    colonne = models.CharField("colonne", max_length=60, db_column="v_colonne")
    titre = models.CharField("titre de la colonne", max_length=100, db_column="v_titre")
    valeur = models.TextField("valeur", db_column="v_valeur")
    source = models.TextField("source", blank=True, db_column="v_source")
    source_titre = models.TextField("titre de la source", blank=True, db_column="v_source_titre")
    date = models.DateField("date", null=True, db_column="v_date")
    precision_date = models.CharField(
        "précision de la date", max_length=15, blank=True, db_column="v_precision_date"
    )
    mode = models.CharField("comment elle est connue", max_length=40, db_column="v_mode")
    url = models.TextField("page", blank=True, db_column="v_url")

    perimetre = REFERENCE
    publication_lookups = ()
    objects = ValeurQuerySet.as_manager()

    class Meta:
        managed = False
        verbose_name = "valeur"
        ordering = ["jeu", "fiche", "rang"]
        default_permissions = ()

    def __str__(self):
        return f"{self.fiche} : {self.titre}"
