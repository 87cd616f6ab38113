"""Let the code of 1.0 serve while this release replaces it, machine after machine.

On PostgreSQL alone: whoever serves from a file has one machine, and stops it. What 1.0 writes knows
nothing of the columns that came since: each takes here the value that 1.0 would mean. The table of
basins that 1.0 reads is a view over what replaced it. The release after this one drops all of it.
"""

from django.db import migrations

VIDES = {
    "programme_besoinmainoeuvre": ["source"],
    "programme_comiteregional": ["source"],
    "programme_contrat": ["remarque"],
    "programme_document": ["nom_fichier", "sha256"],
    "programme_engagement": ["cible_mots", "echeance_mots"],
    "programme_historicalcomiteregional": ["source"],
    "programme_historicalcontrat": ["remarque"],
    "programme_historicaldocument": ["nom_fichier", "sha256"],
    "programme_historicalengagement": ["cible_mots", "echeance_mots"],
    "programme_historicalprojet": ["thematique"],
    "programme_historicalsource": ["remarque"],
    "programme_import": ["disposition"],
    "programme_projet": ["thematique"],
    "programme_source": ["remarque"],
    "territoires_historicalrattachement": ["fin_certitude", "remarque"],
    "territoires_historicalterritoire": ["code_anct", "pilote", "remarque"],
    "territoires_rattachement": ["fin_certitude", "remarque"],
    "territoires_region": ["autres_noms"],
    "territoires_territoire": ["code_anct", "pilote", "remarque"],
}
VALEURS = {
    ("programme_chiffreannonce", "jour_compris"): "TRUE",
    ("programme_donneesversion", "plancher"): "0",
    ("programme_historicalchiffreannonce", "jour_compris"): "TRUE",
    ("programme_import", "lecture"): "'[]'",
    ("programme_preuve", "entiere"): "FALSE",
    ("programme_preuve", "envoyee_le"): "CURRENT_TIMESTAMP",
    ("territoires_historicaloperateur", "delegue_referents"): "FALSE",
    ("territoires_operateur", "delegue_referents"): "FALSE",
} | {(table, column): "''" for table, columns in VIDES.items() for column in columns}
"""{(table, column): what a row written without it takes}."""

BASSINS = """
CREATE VIEW programme_bassinterritoire AS
WITH membres AS (
    SELECT DISTINCT r.territoire_id, c.code
    FROM territoires_rattachement r
    JOIN territoires_commune c
        ON c.code = r.commune_id OR r.intercommunalite_id IN (c.intercommunalite_id, c.ept_id)
    WHERE r.fin IS NULL
)
SELECT ROW_NUMBER() OVER (ORDER BY m.territoire_id, b.bassin_id) AS id,
    COUNT(*)::integer AS nb_communes_communes,
    (SELECT COUNT(*) FROM membres t WHERE t.territoire_id = m.territoire_id)::integer
        AS nb_communes_territoire,
    b.bassin_id, m.territoire_id
FROM membres m JOIN programme_bassincommune b ON b.commune_id = m.code
GROUP BY m.territoire_id, b.bassin_id
"""


def accept(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for (table, column), value in VALEURS.items():
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {value}")
        schema_editor.execute(BASSINS)


def forget(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP VIEW programme_bassinterritoire")
        for table, column in VALEURS:
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0046_seance_preparee"),
        ("territoires", "0019_seance_preparee"),
    ]
    operations = [migrations.RunPython(accept, forget)]
