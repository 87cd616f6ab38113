from datetime import timedelta

from django.db import migrations

UN_ENREGISTREMENT = timedelta(minutes=1)
"""An act was written row by row, then its decision, in one transaction."""


def trace_past_acts(apps, schema_editor):
    """The acts of before changed the map at once: each gets its trace, read from the histories."""
    for decision in apps.get_model("programme", "Decision").objects.filter(
        ajustement__isnull=False, trace__isnull=True
    ).order_by("pk"):
        made = (
            apps.get_model("programme", "HistoricalDecision")
            .objects.filter(id=decision.pk, history_type="+")
            .first()
        )
        trace = apps.get_model("territoires", "Trace").objects.create(
            nom="carte",
            texte=decision.texte,
            modele="programme.Seance",
            objet=str(decision.seance_id),
            auteur_id=decision.auteur_id,
            **({"faite_le": made.history_date} if made else {}),
        )
        decision.trace = trace
        decision.save(update_fields=["trace"])
        if made:
            _writes(apps, trace, decision, made)


def _writes(apps, trace, decision, made):
    act = decision.ajustement
    codes = {
        code
        for name in ("creations", "sorties", "entrees", "noms", "successeurs")
        for code in act[name]
    }
    rows = []
    for model, field, key in (
        ("Territoire", "code", "code"),
        ("Rattachement", "territoire_id", "id"),
        ("AutreNom", "territoire_id", "id"),
    ):
        records = apps.get_model("territoires", f"Historical{model}").objects.filter(
            history_user_id=made.history_user_id,
            history_date__gt=made.history_date - UN_ENREGISTREMENT,
            history_date__lte=made.history_date,
            **{f"{field}__in": codes},
        )
        rows += [
            (record.history_date, record.history_id, f"territoires.{model}", getattr(record, key))
            for record in records
        ]
    rows.sort()
    rows.append((made.history_date, made.history_id, "programme.Decision", decision.pk))
    ecriture = apps.get_model("territoires", "Ecriture")
    known = set(ecriture.objects.values_list("modele", "historique"))
    ecriture.objects.bulk_create(
        ecriture(trace=trace, modele=label, objet=str(key), historique=history_id)
        for _, history_id, label, key in rows
        if (label, history_id) not in known
    )


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0021_decision_trace"),
        ("territoires", "0007_traces"),
    ]

    operations = [migrations.RunPython(trace_past_acts, migrations.RunPython.noop)]
