import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The acts of before become modifications: each keeps its key, and so its address."""

    dependencies = [
        ('territoires', '0013_vocabulaire_sans_annee'),
    ]

    operations = [
        migrations.RenameModel(old_name='Trace', new_name='Modification'),
        migrations.RenameField(model_name='modification', old_name='faite_le', new_name='instant'),
        migrations.RenameField(model_name='modification', old_name='nom', new_name='acte'),
        migrations.AddField(
            model_name='modification',
            name='porte',
            field=models.CharField(choices=[('administration', 'administration'), ('acte', 'acte'), ('import', 'import'), ('chargement', 'chargement'), ('console', 'console')], db_index=True, default='acte', max_length=20, verbose_name='porte'),
            preserve_default=False,
        ),
        migrations.AlterModelOptions(
            name='modification',
            options={'ordering': ['-pk'], 'verbose_name': 'modification'},
        ),
        migrations.RenameIndex(
            model_name='modification',
            new_name='modification_objet',
            old_name='trace_objet',
        ),
        migrations.AddField(
            model_name='historicalagent',
            name='modification',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='territoires.modification', verbose_name='modification'),
        ),
        migrations.AddField(
            model_name='historicalautrenom',
            name='modification',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='territoires.modification', verbose_name='modification'),
        ),
        migrations.AddField(
            model_name='historicaloperateur',
            name='modification',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='territoires.modification', verbose_name='modification'),
        ),
        migrations.AddField(
            model_name='historicalrattachement',
            name='modification',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='territoires.modification', verbose_name='modification'),
        ),
        migrations.AddField(
            model_name='historicalterritoire',
            name='modification',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='territoires.modification', verbose_name='modification'),
        ),
        migrations.AddField(
            model_name='modification',
            name='corrige',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='territoires.modification', verbose_name='corrige l’acte'),
        ),
        migrations.AddField(
            model_name='modification',
            name='raison',
            field=models.TextField(blank=True, verbose_name='raison'),
        ),
        migrations.AlterField(
            model_name='modification',
            name='acte',
            field=models.SlugField(blank=True, max_length=30, verbose_name='nom de l’acte'),
        ),
        migrations.AlterField(
            model_name='modification',
            name='auteur',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='modifications', to=settings.AUTH_USER_MODEL, verbose_name='auteur'),
        ),
        migrations.AlterField(
            model_name='modification',
            name='modele',
            field=models.CharField(blank=True, max_length=60, verbose_name='modèle'),
        ),
        migrations.AlterField(
            model_name='modification',
            name='objet',
            field=models.CharField(blank=True, max_length=60, verbose_name='enregistrement'),
        ),
        migrations.AlterField(
            model_name='modification',
            name='texte',
            field=models.TextField(blank=True, verbose_name='acte'),
        ),
    ]
