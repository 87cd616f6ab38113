"""The constraint on periods is made anew: no query reads its index any more (`contraintes`)."""

from django.db import migrations

from territoires.contraintes import NonChevauchement


def make_anew(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    model = apps.get_model("programme", "Referent")
    for constraint in model._meta.constraints:
        if isinstance(constraint, NonChevauchement):
            schema_editor.remove_constraint(model, constraint)
            schema_editor.add_constraint(model, constraint)


class Migration(migrations.Migration):
    dependencies = [("programme", "0048_histoires_par_acte")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
