import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programme', '0041_vues_de_listes'),
        ('territoires', '0017_operateur_delegue_referents'),
    ]

    operations = [
        migrations.AddField(
            model_name='contrat',
            name='absorbe_par',
            field=models.ForeignKey(blank=True, editable=False, help_text='L’enregistrement qui le remplace : c’était la même chose.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbes', to='programme.contrat', verbose_name='fusionné dans'),
        ),
        migrations.AddField(
            model_name='financeur',
            name='absorbe_par',
            field=models.ForeignKey(blank=True, editable=False, help_text='L’enregistrement qui le remplace : c’était la même chose.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbes', to='programme.financeur', verbose_name='fusionné dans'),
        ),
        migrations.AddField(
            model_name='historicalcontrat',
            name='absorbe_par',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, help_text='L’enregistrement qui le remplace : c’était la même chose.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programme.contrat', verbose_name='fusionné dans'),
        ),
        migrations.AddField(
            model_name='historicalfinanceur',
            name='absorbe_par',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, help_text='L’enregistrement qui le remplace : c’était la même chose.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programme.financeur', verbose_name='fusionné dans'),
        ),
        migrations.AddField(
            model_name='historicalprojet',
            name='absorbe_par',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, help_text='L’enregistrement qui le remplace : c’était la même chose.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programme.projet', verbose_name='fusionné dans'),
        ),
        migrations.AddField(
            model_name='projet',
            name='absorbe_par',
            field=models.ForeignKey(blank=True, editable=False, help_text='L’enregistrement qui le remplace : c’était la même chose.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbes', to='programme.projet', verbose_name='fusionné dans'),
        ),
        migrations.AddConstraint(
            model_name='contrat',
            constraint=models.CheckConstraint(condition=models.Q(('absorbe_par__isnull', True), ('publication', 'retiré'), _connector='OR'), name='contrat_fusionne_retire', violation_error_message='Ce contrat est fusionné dans un autre, qui le remplace : il ne se publie plus.'),
        ),
        migrations.AddConstraint(
            model_name='projet',
            constraint=models.CheckConstraint(condition=models.Q(('absorbe_par__isnull', True), ('publication', 'retiré'), _connector='OR'), name='projet_fusionne_retire', violation_error_message='Ce projet est fusionné dans un autre, qui le remplace : il ne se publie plus.'),
        ),
    ]
