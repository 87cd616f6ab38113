"""The constraints on periods are made anew: no query reads their indexes any more (`contraintes`)."""

from django.db import migrations

from territoires.contraintes import NonChevauchement


def make_anew(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    model = apps.get_model("territoires", "Rattachement")
    for constraint in model._meta.constraints:
        if isinstance(constraint, NonChevauchement):
            schema_editor.remove_constraint(model, constraint)
            schema_editor.add_constraint(model, constraint)


class Migration(migrations.Migration):
    dependencies = [("territoires", "0019_seance_preparee")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
