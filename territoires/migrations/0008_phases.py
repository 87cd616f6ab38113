"""The two phases of the programme. Every territory known so far is of the first."""

from datetime import date

import django.db.models.deletion
from django.db import migrations, models

import territoires.contraintes

CERTITUDES = [
    ('exacte', 'exacte'),
    ('reconstituée', 'reconstituée'),
    ('au plus tard', 'au plus tard'),
]
PHASES = (
    {
        'numero': 1,
        'nom': 'Phase 1 (2018-2023)',
        'debut': date(2018, 11, 22),
        'fin': date(2023, 11, 9),
        'fin_certitude': 'reconstituée',
        'reference': date(2021, 11, 22),
        'source': '000_0e414c3b78148b42 ; anct-liste-183-2023',
    },
    {
        'numero': 2,
        'nom': 'Phase 2 (2023-2027)',
        'debut': date(2023, 11, 9),
        'reference': date(2024, 7, 4),
        'source': 'anct-liste-183-2023',
    },
)
SUR = {
    'intercommunalite': 'Cette intercommunalité est déjà membre d’un territoire à cette période.',
    'commune': 'Cette commune est déjà membre d’un territoire à cette période.',
}


def creer_les_phases(apps, schema_editor):
    manager = apps.get_model('territoires', 'Phase').objects.using(schema_editor.connection.alias)
    for phase in PHASES:
        manager.create(**phase)


def _phase(**options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        to='territoires.phase',
        verbose_name='phase',
        **options,
    )


def _phase_of_history(**options):
    return models.ForeignKey(
        blank=True,
        db_constraint=False,
        default=1,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name='+',
        to='territoires.phase',
        verbose_name='phase',
        **options,
    )


def _added_to_both(modele, nom, champ):
    """A field of a model and of its history."""
    return [
        migrations.AddField(model_name=name, name=nom, field=champ)
        for name in (modele, f'historical{modele}')
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('territoires', '0007_traces'),
    ]

    operations = [
        migrations.CreateModel(
            name='Phase',
            fields=[
                ('numero', models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name='numéro')),
                ('nom', models.CharField(max_length=60, verbose_name='nom')),
                ('debut', models.DateField(verbose_name='depuis')),
                ('fin', models.DateField(blank=True, help_text='Premier jour d’après.', null=True, verbose_name='jusqu’au')),
                ('fin_certitude', models.CharField(blank=True, choices=CERTITUDES, max_length=15, verbose_name='certitude de la fin')),
                ('reference', models.DateField(help_text='Celui de la liste que le catalogue de la phase montre d’abord.', verbose_name='jour de référence')),
                ('source', models.TextField(blank=True, verbose_name='source')),
            ],
            options={
                'verbose_name': 'phase',
                'ordering': ['numero'],
            },
        ),
        migrations.RunPython(creer_les_phases, migrations.RunPython.noop),
        migrations.AddField('territoire', 'phase', _phase(default=1, related_name='territoires'), preserve_default=False),
        migrations.AddField('historicalterritoire', 'phase', _phase_of_history(), preserve_default=False),
        migrations.AddField('rattachement', 'phase', _phase(default=1, editable=False, help_text='Celle du territoire.', related_name='rattachements'), preserve_default=False),
        migrations.AddField('historicalrattachement', 'phase', _phase_of_history(editable=False, help_text='Celle du territoire.'), preserve_default=False),
        *_added_to_both('territoire', 'code_anct', models.CharField(blank=True, help_text='Celui des listes de l’ANCT, unique dans une phase seulement.', max_length=10, verbose_name='code de la liste')),
        *_added_to_both('territoire', 'pilote', models.CharField(blank=True, help_text='Code du document qui le nomme parmi les pilotes. Vide : aucun ne le nomme.', max_length=60, verbose_name='pilote selon')),
        *_added_to_both('territoire', 'remarque', models.TextField(blank=True, help_text='Comment ces dates sont lues.', verbose_name='remarque')),
        *_added_to_both('rattachement', 'pas_avant', models.DateField(blank=True, help_text='Entré « au plus tard » : le premier jour possible, si une liste complète l’exclut avant.', null=True, verbose_name='pas avant le')),
        *_added_to_both('rattachement', 'fin_certitude', models.CharField(blank=True, choices=CERTITUDES, max_length=15, verbose_name='certitude de la fin')),
        *_added_to_both('rattachement', 'remarque', models.TextField(blank=True, verbose_name='remarque')),
        *(
            migrations.AlterField(model_name=name, name='certitude', field=models.CharField(choices=CERTITUDES, max_length=15, verbose_name='certitude du début'))
            for name in ('rattachement', 'historicalrattachement')
        ),
        *(
            migrations.AlterField(model_name=name, name='fin', field=models.DateField(blank=True, help_text='Premier jour où il n’est plus membre. Vide : jusqu’à la fin de la phase.', null=True, verbose_name='jusqu’au'))
            for name in ('rattachement', 'historicalrattachement')
        ),
        migrations.AlterField('territoire', 'slug', models.SlugField(max_length=120, verbose_name='adresse')),
        migrations.AlterField('historicalterritoire', 'slug', models.SlugField(max_length=120, verbose_name='adresse')),
        migrations.RemoveConstraint('territoire', 'territoire_code_forme'),
        migrations.AddConstraint('territoire', models.CheckConstraint(condition=models.Q(('code__regex', '^ti[2-9]?-[0-9]{4}$')), name='territoire_code_forme', violation_error_message='Le code d’un territoire a la forme ti-7505, ou ti2-7505 en phase 2.')),
        migrations.AddConstraint('territoire', models.UniqueConstraint(fields=('phase', 'slug'), name='territoire_adresse_unique', violation_error_message='Un territoire de cette phase a déjà cette adresse.')),
        migrations.AddConstraint('territoire', models.UniqueConstraint(condition=models.Q(('code_anct', ''), _negated=True), fields=('phase', 'code_anct'), name='territoire_code_anct_unique', violation_error_message='Un territoire de cette phase a déjà ce code de liste.')),
        migrations.AddConstraint('rattachement', models.CheckConstraint(condition=models.Q(('pas_avant__isnull', True), models.Q(('certitude', 'au plus tard'), ('pas_avant__lte', models.F('debut'))), _connector='OR'), name='rattachement_pas_avant_au_plus_tard', violation_error_message='Seule une entrée « au plus tard » a un premier jour possible, avant son début.')),
        *(
            operation
            for champ, message in SUR.items()
            for operation in (
                migrations.RemoveConstraint('rattachement', f'rattachement_{champ}_unique'),
                migrations.AddConstraint('rattachement', territoires.contraintes.NonChevauchement(fields=(champ, 'phase'), name=f'rattachement_{champ}_unique', violation_error_message=message)),
            )
        ),
    ]
