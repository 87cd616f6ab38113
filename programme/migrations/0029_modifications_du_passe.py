from django.db import migrations

SILENCE, REPRISE = 60, 1
"""Seconds without a row after which another save of the same author begins: always, and when one
of the rows that they wrote just before is written again, which a form does not do."""

ECART = {
    "sqlite": "(julianday(d) - julianday({avant})) * 86400",
    "postgresql": "EXTRACT(EPOCH FROM d - {avant})",
}
LIGNES = """
    SELECT {rang} AS m, history_id, CAST({cle} AS varchar(60)) AS objet, history_user_id AS u,
        history_date AS d, version AS v, COALESCE(history_change_reason, '') AS r,
        CASE
            WHEN history_user_id IS NULL AND history_change_reason LIKE 'chargement%' THEN 'chargement'
            WHEN history_change_reason LIKE 'import de %' THEN 'import'
            WHEN history_user_id IS NULL THEN 'console'
            ELSE 'administration'
        END AS p
    FROM {table} WHERE modification_id IS NULL
"""
PASSE = """
    CREATE TEMPORARY TABLE passe AS
    WITH lignes AS ({lignes}),
    suivies AS (
        SELECT lignes.*, LAG(d) OVER auteur AS avant, LAG(d) OVER ligne AS d_ligne,
            LAG(v) OVER ligne AS v_ligne
        FROM lignes
        WINDOW auteur AS (PARTITION BY p, u ORDER BY d, m, history_id),
            ligne AS (PARTITION BY p, u, m, objet ORDER BY d, history_id)
    ),
    coupees AS (
        SELECT suivies.*,
            CASE
                WHEN avant IS NULL OR {ecart} > {silence} THEN 1
                WHEN v_ligne <> v AND {ecart_ligne} <= {silence} AND {ecart} > {reprise} THEN 1
                ELSE 0
            END AS neuve
        FROM suivies
    ),
    comptees AS (
        SELECT m, history_id, objet, u, d, r, p, SUM(neuve)
            OVER (ORDER BY p, u, d, m, history_id ROWS UNBOUNDED PRECEDING) AS lot
        FROM coupees
    ),
    lots AS (
        SELECT comptees.*, MIN(d) OVER (PARTITION BY lot) AS debut,
            MIN(r) OVER (PARTITION BY lot) AS premiere, MAX(r) OVER (PARTITION BY lot) AS derniere,
            ROW_NUMBER() OVER (PARTITION BY lot ORDER BY d, m, history_id) AS rang
        FROM comptees
    )
    SELECT m, history_id, objet, u, d, p, rang,
        CASE WHEN premiere = derniere THEN r ELSE '' END AS raison,
        {base} + DENSE_RANK() OVER (ORDER BY debut, lot) AS modification
    FROM lots
"""
FAITES = """
    INSERT INTO territoires_modification
        (id, instant, auteur_id, porte, acte, texte, raison, modele, objet, motif, "references")
    SELECT modification, d, u, p, '', '', raison, CASE m {labels} END, objet, '', '[]'
    FROM passe WHERE rang = 1
"""
RELIEES = """
    UPDATE {table} SET modification_id = passe.modification
    FROM passe WHERE passe.m = {rang} AND passe.history_id = {table}.history_id
"""
TRACEES = """
    UPDATE {table} SET modification_id = ecriture.trace_id FROM territoires_ecriture AS ecriture
    WHERE ecriture.modele = '{label}' AND ecriture.historique = {table}.history_id
        AND NOT ecriture.correction
"""
CORRIGEES = """
    UPDATE {table} SET modification_id = correction.id
    FROM territoires_ecriture AS ecriture
        JOIN territoires_modification AS correction ON correction.corrige_id = ecriture.trace_id
    WHERE ecriture.modele = '{label}' AND ecriture.historique = {table}.history_id
        AND ecriture.correction
"""
SUITE = """
    SELECT setval(pg_get_serial_sequence('territoires_modification', 'id'), MAX(id))
    FROM territoires_modification HAVING MAX(id) IS NOT NULL
"""


def histories(apps):
    """[(label of a model, table of its history, column of its key)]."""
    found = []
    for model in apps.get_models():
        names = {field.name for field in model._meta.get_fields()}
        if {"history_id", "modification"} <= names:
            name = model.__name__.removeprefix("Historical")
            followed = apps.get_model(model._meta.app_label, name)
            column = f'"{followed._meta.pk.column}"'
            found.append((followed._meta.label, f'"{model._meta.db_table}"', column))
    return found


def group_the_past(apps, schema_editor):
    """Give each row of the histories its modification.

    Rows that an act left are of that act, those of its correction of the correction; the others
    are grouped by author, door and closeness in time, as well as it can be.
    """
    found, vendor = histories(apps), schema_editor.connection.vendor
    modification = apps.get_model("territoires", "Modification")
    for acte in modification.objects.filter(corrigee_le__isnull=False).order_by("pk"):
        modification.objects.create(
            instant=acte.corrigee_le,
            auteur_id=acte.corrigee_par_id,
            porte="acte",
            raison=acte.motif,
            modele=acte.modele,
            objet=acte.objet,
            corrige=acte,
        )
    last = modification.objects.order_by("-pk").values_list("pk", flat=True).first()
    parts = [LIGNES.format(rang=rang, table=t, cle=c) for rang, (_, t, c) in enumerate(found)]
    passe = PASSE.format(
        lignes=" UNION ALL ".join(parts),
        ecart=ECART[vendor].format(avant="avant"),
        ecart_ligne=ECART[vendor].format(avant="d_ligne"),
        silence=SILENCE,
        reprise=REPRISE,
        base=last or 0,
    )
    labels = " ".join(f"WHEN {rang} THEN '{found[rang][0]}'" for rang in range(len(found)))
    with schema_editor.connection.cursor() as cursor:
        for label, table, _ in found:
            cursor.execute(TRACEES.format(table=table, label=label))
            cursor.execute(CORRIGEES.format(table=table, label=label))
        cursor.execute(passe)
        cursor.execute("CREATE UNIQUE INDEX passe_ligne ON passe (m, history_id)")
        cursor.execute("ANALYZE passe")
        cursor.execute(FAITES.format(labels=labels))
        for rang, (_, table, _) in enumerate(found):
            cursor.execute(RELIEES.format(table=table, rang=rang))
        cursor.execute("DROP TABLE passe")
        if vendor == "postgresql":
            cursor.execute(SUITE)


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0028_modifications_des_historiques"),
        ("territoires", "0014_modifications"),
    ]
    # The writes of the acts go there, once read here.
    run_before = [("territoires", "0015_une_ligne_par_enregistrement")]

    operations = [migrations.RunPython(group_the_past, migrations.RunPython.noop)]
