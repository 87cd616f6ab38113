"""The index of the search: one entry per record that the public can find.

Words are folded and stemmed in Python before they are stored, so that SQLite (FTS5) and
PostgreSQL (tsvector, GIN) hold the same tokens and give the same answers. What differs between
the two is `EntreeIndexQuerySet.matching`, and the migration that makes their indexes.

Tokens of `texte`, separated by one space:
- `etienne`: a word of the record, folded; `s_etien`: its stem;
- `c_loir`: a stem of its context: it helps to choose, it never suffices to find;
- `n_saint_etienne`: a whole name, for exact and prefix match; `r_saint_etien`: its stems;
  `j_saintetienne`: the name in one word;
- `a_42000`: an earlier name or a code, as a whole;
- `t_commune`: its type.
"""

from django.db import connections, models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.module_loading import import_string

from programme.models.base import lien_libre
from programme.models.contrats import Contrat
from programme.models.projets import Projet
from territoires import moment

PLAFOND = 1_001
"""How many entries a search ranks at most; a count that reaches it says « plus de 1 000 »."""


def un_de(*expressions):
    """Any of these tokens (`mot`, or `mot*` for a beginning) or expressions."""
    return ("|", expressions)


def tous(*expressions):
    """All of these tokens or expressions."""
    return ("&", expressions)


def _ecrire(expression, vendor):
    """An expression in the language of the database; tokens are `[a-z0-9_]+`, `*` at the end."""
    if isinstance(expression, str):
        mot = expression.removesuffix("*")
        if vendor == "postgresql":
            return f"'{mot}':*" if mot != expression else f"'{mot}'"
        return f'"{mot}"*' if mot != expression else f'"{mot}"'
    operateur, parties = expression
    if vendor != "postgresql":
        operateur = {"|": "OR", "&": "AND"}[operateur]
    return f"({f' {operateur} '.join(_ecrire(partie, vendor) for partie in parties)})"


PRES, LOIN = 65_536, 262_144
"""A common word is looked for below these ids first: its first entries are among them."""
RARE = 50
"""A word that fewer entries have below `PRES` is looked for everywhere at once."""

_CHERCHER = {
    "postgresql": """SELECT id FROM programme_entreeindex
        WHERE vecteur @@ %s::tsquery ORDER BY id LIMIT {limit}""",
    "sqlite": """SELECT rowid AS id FROM programme_entreeindex_fts
        WHERE programme_entreeindex_fts MATCH %s ORDER BY rowid LIMIT {limit}""",
}
# PostgreSQL's index gives what it finds in no order: of a common word, tens of thousands of entries
# would be read for the first thousand. It is asked for a part of the ids, which it reads alone;
# `MATERIALIZED` keeps each part whole, and it is made when the one before did not do, only then.
_PAR_PARTS = """WITH
    pres AS MATERIALIZED (SELECT id FROM programme_entreeindex
        WHERE vecteur @@ %s::tsquery AND id < {pres}),
    loin AS MATERIALIZED (SELECT id FROM programme_entreeindex
        WHERE vecteur @@ %s::tsquery AND id < {loin}),
    tout AS MATERIALIZED (SELECT id FROM programme_entreeindex
        WHERE vecteur @@ %s::tsquery),
    compte AS MATERIALIZED (SELECT COUNT(*) AS pres FROM pres)
    SELECT id FROM pres
    UNION SELECT id FROM loin WHERE (SELECT pres >= {rare} AND pres < {limit} FROM compte)
    UNION SELECT id FROM tout WHERE CASE
        WHEN (SELECT pres >= {limit} FROM compte) THEN false
        WHEN (SELECT pres < {rare} FROM compte) THEN true
        ELSE (SELECT COUNT(*) < {limit} FROM loin) END
    ORDER BY id LIMIT {limit}"""


def _chercher(vendor, asked, limit):
    """(statement, parameters) of the ids of the `limit` first entries that `asked` finds."""
    # A moment has its own rows, few, and reads them once.
    if vendor == "postgresql" and limit <= PLAFOND and not moment.actuel():
        parts = {"pres": PRES, "loin": LOIN, "rare": RARE}
        return _PAR_PARTS.format(limit=limit, **parts), [asked] * 3
    return _CHERCHER[vendor].format(limit=limit), [asked]


_TROUVER = {
    "postgresql": "vecteur @@ %s::tsquery",
    "sqlite": """id IN (SELECT rowid FROM programme_entreeindex_fts
        WHERE programme_entreeindex_fts MATCH %s)""",
}


class EntreeIndexQuerySet(models.QuerySet):
    def matching(self, *expressions, limit=PLAFOND):
        """The entries that one of `expressions` finds, the `limit` first of each.

        First means the smallest id: a whole rebuild numbers the entries by importance.
        """
        vendor = connections[self.db].vendor
        trouver, params = [], []
        for expression in expressions:
            # Tokens are parameters; the statement itself is ours.
            statement, asked = _chercher(vendor, _ecrire(expression, vendor), limit)
            trouver.append(f"SELECT id FROM ({statement}) _{len(trouver)}")  # noqa: S608
            params += asked
        if moment.actuel():
            of_then = import_string("programme.catalogue.recherche.passe.numeros")
            # In the same list: an OR beside it would read the whole table.
            if numbers := ", ".join(f"({number})" for number in of_then(expressions, limit)):
                trouver.append(f"SELECT * FROM (VALUES {numbers}) _then")  # noqa: S608
        return self.filter(pk__in=RawSQL(" UNION ".join(trouver), params))  # noqa: S611

    def having(self, expression):
        """Every entry that `expression` finds, in no order: a condition that a plan may reckon."""
        vendor = connections[self.db].vendor
        asked = [_ecrire(expression, vendor)]
        return self.filter(RawSQL(_TROUVER[vendor], asked, models.BooleanField()))  # noqa: S611

    def public(self):
        """Without the records that are not published now, even when the index is stale."""
        projet = Projet.objects.published().filter(pk=OuterRef("projet"))
        contrat = Contrat.objects.published().filter(pk=OuterRef("contrat"))
        return self.filter(
            Q(projet__isnull=True) | Exists(projet), Q(contrat__isnull=True) | Exists(contrat)
        )


class EntreeIndex(models.Model):
    """What the search knows of one record.

    `identifiant` is its primary key, `code` its public code, `adresse` the key of its page.
    """

    class Type(models.TextChoices):
        """In the order of two entries that match alike."""

        REGION = "région", "région"
        DEPARTEMENT = "département", "département"
        TERRITOIRE = "territoire", "territoire d’industrie"
        COMMUNE = "commune", "commune"
        INTERCOMMUNALITE = "intercommunalité", "intercommunalité"
        OPERATEUR = "opérateur", "opérateur"
        CONTRAT = "contrat", "contrat"
        PROJET = "projet", "projet"
        PERSONNE = "personne", "personne en fonction"
        TERME = "mot", "mot du glossaire"
        FAIT = "fait", "ce que dit une autre source"

    type = models.CharField("type", max_length=20, choices=Type)
    identifiant = models.CharField("identifiant", max_length=60)
    code = models.CharField("code", max_length=150)
    nom = models.CharField("nom", max_length=250)
    precision = models.CharField("précision", max_length=200, help_text="Ce qui le distingue.")
    adresse = models.CharField("clé de l’adresse", max_length=150)
    poids = models.PositiveIntegerField("poids", help_text="Population, ou zéro.")
    noms = models.TextField("noms pliés", help_text="Entre barres : |saint etienne|=saint etien|.")
    autres = models.TextField("noms anciens et codes pliés", help_text="Entre barres.")
    texte = models.TextField("mots et racines")
    projet = lien_libre(Projet, "projet", db_index=False)
    contrat = lien_libre(Contrat, "contrat", db_index=False)

    objects = EntreeIndexQuerySet.as_manager()

    class Meta:
        verbose_name = "entrée de l’index"
        verbose_name_plural = "entrées de l’index"
        constraints = [
            models.UniqueConstraint(fields=["type", "identifiant"], name="entree_index_unique")
        ]

    def __str__(self):
        return f"{self.nom} ({self.type})"


class MotIndex(models.Model):
    """A word of the index: what a slip may have meant."""

    mot = models.CharField("mot plié", max_length=40, unique=True)
    forme = models.CharField("mot tel qu’il s’écrit", max_length=60)
    longueur = models.PositiveSmallIntegerField("longueur")
    nombre = models.PositiveIntegerField("nombre d’entrées")

    class Meta:
        verbose_name = "mot de l’index"
        verbose_name_plural = "mots de l’index"

    def __str__(self):
        return self.forme


class TrigrammeIndex(models.Model):
    """Three letters in a row of a word: words that share some are near."""

    trigramme = models.CharField("trigramme", max_length=3)
    mot = models.ForeignKey(
        MotIndex,
        models.CASCADE,
        db_index=False,
        db_constraint=False,
        related_name="trigrammes",
        verbose_name="mot",
    )

    class Meta:
        verbose_name = "trigramme de l’index"
        verbose_name_plural = "trigrammes de l’index"
        indexes = [models.Index(fields=["trigramme", "mot"], name="trigramme_index_mot")]

    def __str__(self):
        return self.trigramme
