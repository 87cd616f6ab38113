"""One published value: which record, which column, what, from whom, when, and how.

No table: the rows are those of the other datasets, one for each value, put together by the query.
"""

from django.db import models
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable
from django.utils.module_loading import import_string

from programme.models.base import PublicationQuerySet
from territoires.perimetre import REFERENCE


class Union(BaseTable):
    """The place of the table in SQL: every branch of `programme.donnees.valeurs`."""

    def as_sql(self, compiler, connection):
        sql, params = import_string("programme.donnees.valeurs.union")(connection)
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
