"""The milestone of 30 April 2019 gets its hedge, so another key in its file: its row keeps it."""

from django.db import migrations

FICHIER = "jalons.csv"
JOUR = "2019-04-30"
AVANT = "Comité de pilotage national : 330 projets remontés, 13 protocoles signés"
APRES = (
    "Comité de pilotage national : près de 330 projets remontés, 9 protocoles signés dans 7 "
    "régions, puis 4 protocoles normands ce jour"
)


def _rename(apps, old, new):
    """The next load finds the row under its new key, and tells what an officer wrote from it."""
    lignes = apps.get_model("territoires", "LigneChargee").objects.filter(fichier=FICHIER)
    if not lignes.filter(cle=f"{JOUR} | {new}").exists():
        lignes.filter(cle=f"{JOUR} | {old}").update(cle=f"{JOUR} | {new}")


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0019_enonces_et_faits"),
        ("territoires", "0003_ligne_chargee"),
    ]

    operations = [
        migrations.RunPython(
            lambda apps, _: _rename(apps, AVANT, APRES),
            lambda apps, _: _rename(apps, APRES, AVANT),
        )
    ]
