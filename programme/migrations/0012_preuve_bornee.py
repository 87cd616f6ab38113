import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programme', '0011_import_lecture'),
    ]

    operations = [
        # Those of before were promised without end.
        migrations.AddField(
            model_name='preuve',
            name='entiere',
            field=models.BooleanField(default=True, help_text='Le jeu entier, et non une sélection de ses lignes.', verbose_name='jeu entier'),
        ),
        migrations.AlterField(
            model_name='preuve',
            name='entiere',
            field=models.BooleanField(default=False, help_text='Le jeu entier, et non une sélection de ses lignes.', verbose_name='jeu entier'),
        ),
        migrations.AddField(
            model_name='preuve',
            name='envoyee_le',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='envoyée en dernier le'),
        ),
        migrations.AlterField(
            model_name='preuve',
            name='produite_le',
            field=models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='produite le'),
        ),
    ]
