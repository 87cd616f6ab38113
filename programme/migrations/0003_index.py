"""The index of the search, in each database's own way.

PostgreSQL: a stored column of tokens and its GIN index. SQLite: a table of FTS5 that reads the
entries and that triggers keep up to date.
"""

import django.db.models.deletion
from django.db import migrations, models


POSTGRESQL = """
ALTER TABLE programme_entreeindex ADD COLUMN vecteur tsvector
    GENERATED ALWAYS AS (array_to_tsvector(string_to_array(texte, ' '))) STORED;
CREATE INDEX programme_entreeindex_vecteur ON programme_entreeindex USING gin (vecteur);
"""

SQLITE = [
    """
    CREATE VIRTUAL TABLE programme_entreeindex_fts USING fts5(
        texte, content='programme_entreeindex', content_rowid='id', detail='none',
        tokenize="ascii tokenchars '_'"
    )
    """,
    """
    CREATE TRIGGER programme_entreeindex_fts_ajout AFTER INSERT ON programme_entreeindex BEGIN
        INSERT INTO programme_entreeindex_fts (rowid, texte) VALUES (new.id, new.texte);
    END
    """,
    """
    CREATE TRIGGER programme_entreeindex_fts_retrait AFTER DELETE ON programme_entreeindex BEGIN
        INSERT INTO programme_entreeindex_fts (programme_entreeindex_fts, rowid, texte)
        VALUES ('delete', old.id, old.texte);
    END
    """,
    """
    CREATE TRIGGER programme_entreeindex_fts_change AFTER UPDATE OF id, texte
    ON programme_entreeindex BEGIN
        INSERT INTO programme_entreeindex_fts (programme_entreeindex_fts, rowid, texte)
        VALUES ('delete', old.id, old.texte);
        INSERT INTO programme_entreeindex_fts (rowid, texte) VALUES (new.id, new.texte);
    END
    """,
]


def create_full_text(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
    else:
        for statement in SQLITE:
            schema_editor.execute(statement)


def drop_full_text(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE programme_entreeindex DROP COLUMN vecteur")
    else:
        for name in ("ajout", "retrait", "change"):
            schema_editor.execute(f"DROP TRIGGER programme_entreeindex_fts_{name}")
        schema_editor.execute("DROP TABLE programme_entreeindex_fts")


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0002_decision_ajustement"),
        ("territoires", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MotIndex",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mot", models.CharField(max_length=40, unique=True, verbose_name="mot plié")),
                ("forme", models.CharField(max_length=60, verbose_name="mot tel qu’il s’écrit")),
                ("longueur", models.PositiveSmallIntegerField(verbose_name="longueur")),
                ("nombre", models.PositiveIntegerField(verbose_name="nombre d’entrées")),
            ],
            options={
                "verbose_name": "mot de l’index",
                "verbose_name_plural": "mots de l’index",
            },
        ),
        migrations.CreateModel(
            name="EntreeIndex",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("région", "région"),
                            ("territoire", "territoire d’industrie"),
                            ("commune", "commune"),
                            ("intercommunalité", "intercommunalité"),
                            ("opérateur", "opérateur"),
                            ("contrat", "contrat"),
                            ("projet", "projet"),
                        ],
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                ("identifiant", models.CharField(max_length=60, verbose_name="identifiant")),
                ("code", models.CharField(max_length=150, verbose_name="code")),
                ("nom", models.CharField(max_length=250, verbose_name="nom")),
                (
                    "precision",
                    models.CharField(
                        help_text="Ce qui le distingue.", max_length=200, verbose_name="précision"
                    ),
                ),
                ("adresse", models.CharField(max_length=150, verbose_name="clé de l’adresse")),
                (
                    "poids",
                    models.PositiveIntegerField(
                        help_text="Population, ou zéro.", verbose_name="poids"
                    ),
                ),
                (
                    "noms",
                    models.TextField(
                        help_text="Entre barres : |saint etienne|=saint etien|.", verbose_name="noms pliés"
                    ),
                ),
                (
                    "autres",
                    models.TextField(
                        help_text="Entre barres.", verbose_name="noms anciens et codes pliés"
                    ),
                ),
                ("texte", models.TextField(verbose_name="mots et racines")),
                (
                    "contrat",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="programme.contrat",
                        verbose_name="contrat",
                    ),
                ),
                (
                    "projet",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="programme.projet",
                        verbose_name="projet",
                    ),
                ),
            ],
            options={
                "verbose_name": "entrée de l’index",
                "verbose_name_plural": "entrées de l’index",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("type", "identifiant"), name="entree_index_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TrigrammeIndex",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("trigramme", models.CharField(max_length=3, verbose_name="trigramme")),
                (
                    "mot",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trigrammes",
                        to="programme.motindex",
                        verbose_name="mot",
                    ),
                ),
            ],
            options={
                "verbose_name": "trigramme de l’index",
                "verbose_name_plural": "trigrammes de l’index",
                "indexes": [models.Index(fields=["trigramme", "mot"], name="trigramme_index_mot")],
            },
        ),
        migrations.RunPython(create_full_text, drop_full_text, elidable=False),
    ]
