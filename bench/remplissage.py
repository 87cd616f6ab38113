"""The rows that the measures read: the real data, and projects drawn from them.

python -m bench.remplissage 100000: fills the base of `DATABASE_URL`.
"""

import json
import os
import sys

from django.core.management import call_command
from django.db import connection, transaction

PART_DES_PLACES = ("commune_id", "departement_id", "departement_cite", "code_postal")
PARTS = {
    "porteur": (7_919, ("beneficiaire", "siren", "objet", *PART_DES_PLACES, "territoire_id")),
    "point": (7_919, ("localisation", "lon", "lat")),
    "entreprise": (104_729, ("categorie", "filiere")),
    "action": (15_485_863, ("axe", "thematique")),
    "chiffres": (32_452_843, ("emplois_crees", "emplois_maintenus", "investissement_eur")),
    "source": (86_028_121, ("source", "mise_a_jour")),
}
"""{part: (step, columns)}: a drawn project takes each part from a real one. The n-th takes the
project of rank `n × step` modulo how many there are: parts of different steps are independent.
What says who, where and for what goes together, so that the words of the index are its own."""
LE = "2024-06-01 08:00:00+00:00"
"""When the drawn rows were loaded: the week that the journal tells has none."""
STATUTS = ("", "", "", "remonté", "contractualisé", "engagé", "réalisé", "abandonné")
"""The register says no statut; drawn ones make its filter worth counting."""


def fill(lines):
    """Load the real data, then draw projects from them until there are `lines` of them.

    Each comes with its entry in the index of the search, its history, its rangement, and, for two
    in three, a financement. Works on both databases and is done once: a filled base is found
    filled. Returns how many projects are published.
    """
    from programme.models import DonneesVersion, Financement, Projet
    from programme.suivi_rangements import refaire

    call_command("migrate", verbosity=0)
    call_command("charger_donnees", verbosity=0)
    missing = lines - Projet.objects.count()
    if missing > 0:
        with transaction.atomic(), connection.cursor() as cursor:
            _draw_projects(cursor, Projet, missing)
            _index(cursor)
            _finance(cursor)
            _remember(cursor, Projet, Projet.history.model)
            _remember(cursor, Financement, Financement.history.model)
            refaire()
            DonneesVersion.objects.bump()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Projet.objects.published().count()


def _draw_projects(cursor, model, missing):
    table = model._meta.db_table
    drawn = {"code": "'B' || n", "slug": "'b' || n", "version": "1", "contrat_id": "NULL"}
    drawn["publication"] = "'publié'"
    cases = " ".join(f"WHEN {rank} THEN '{word}'" for rank, word in enumerate(STATUTS))
    drawn["statut"] = f"CASE (n * 7907) % {len(STATUTS)} {cases} END"
    # No two alike: else each would be the repetition of a thousand others.
    drawn["objet"] = "porteur.objet || ' (' || n || ')'"
    joins = []
    for part, (step, columns) in PARTS.items():
        for column in columns:
            drawn.setdefault(column, f"{part}.{column}")
        joins.append(
            f"JOIN reels {part} ON {part}.rang = (n * {step}) % (SELECT COUNT(*) FROM reels)"
        )
    drawn["investissement_eur"] = "chiffres.investissement_eur + (n * 48611) % 90000"
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(drawn)}) "
        "WITH RECURSIVE nombres (n) AS "
        f"(SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM nombres WHERE n < {missing}), "
        f"reels AS (SELECT p.*, ROW_NUMBER() OVER (ORDER BY code) - 1 AS rang FROM {table} p) "
        f"SELECT {', '.join(drawn.values())} FROM nombres {' '.join(joins)} ORDER BY n"
    )


def _index(cursor):
    """The words of the real project that each takes its own from, under its own code."""
    cursor.execute(
        "INSERT INTO programme_entreeindex (type, identifiant, code, nom, precision, adresse, "
        "poids, noms, autres, texte, projet_id) "
        "WITH reels AS (SELECT p.id, ROW_NUMBER() OVER (ORDER BY code) - 1 AS rang "
        "FROM programme_projet p WHERE code NOT LIKE 'B%'), "
        # Apart, or SQLite reads all of them for each project.
        "mots AS MATERIALIZED (SELECT reels.rang, e.* FROM reels "
        "JOIN programme_entreeindex e ON e.type = 'projet' AND e.projet_id = reels.id) "
        "SELECT e.type, CAST(p.id AS varchar(60)), p.code, e.nom, e.precision, p.slug, e.poids, "
        "e.noms, e.autres, e.texte || ' a_' || p.slug, p.id "
        "FROM programme_projet p JOIN mots e ON e.rang = "
        f"(CAST(SUBSTR(p.code, 2) AS bigint) * {PARTS['porteur'][0]}) "
        "% (SELECT COUNT(*) FROM reels) "
        "WHERE p.code LIKE 'B%' ORDER BY p.id"
    )


def _finance(cursor):
    cursor.execute(
        "INSERT INTO programme_financement (version, financeur_id, projet_id, montant_accorde_eur) "
        "WITH payeurs AS "
        "(SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS rang FROM programme_financeur) "
        "SELECT 1, payeurs.id, p.id, 10000 + (p.id * 7919) % 500000 "
        "FROM programme_projet p JOIN payeurs ON payeurs.rang = "
        "(p.id * 104729) % (SELECT COUNT(*) FROM payeurs) "
        "WHERE p.code LIKE 'B%' AND p.id % 3 > 0"
    )


def _remember(cursor, model, history):
    """The history of the rows that have none: when they were loaded."""
    columns = [f.column for f in model._meta.concrete_fields]
    kept = [c for c in columns if c in {f.column for f in history._meta.concrete_fields}]
    names = ", ".join(kept)
    cursor.execute(
        f"INSERT INTO {history._meta.db_table} ({names}, history_date, history_type) "
        f"SELECT {names}, '{LE}', '+' FROM {model._meta.db_table} r WHERE NOT EXISTS "
        f"(SELECT 1 FROM {history._meta.db_table} h WHERE h.id = r.id)"
    )


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "programme.settings")
    django.setup()
    print(json.dumps(fill(int(sys.argv[1]))))
