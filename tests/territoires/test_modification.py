"""One row per save: every row of a history points to it, whoever writes it and however."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from simple_history.models import HistoricalRecords

from programme.models import Contrat, Projet, Signataire
from territoires import lots
from territoires.models import Modification, Operateur, Rattachement, Territoire
from territoires.models.modification import Porte, annoncer, tracer
from tests import factories as f
from tests.territoires.outils_chargement import Dossier

pytestmark = pytest.mark.django_db


def saves(*histories):
    """The keys of the saves that the rows of these histories point to."""
    return {key for records in histories for key in records.values_list("modification", flat=True)}


class Interrompu(Exception):
    pass


def give_up(contrat):
    """A save in a transaction, or in a savepoint, that goes back."""
    with transaction.atomic():
        contrat.save()
        raise Interrompu


def test_one_transaction_is_one_save():
    contrat = f.ContratFactory()
    before = Modification.objects.count()

    with transaction.atomic():
        contrat.intitule = "Contrat de l’Aigle"
        contrat.save()
        f.SignataireFactory(contrat=contrat)

    (key,) = saves(contrat.history.filter(version=2), Signataire.history.all())
    assert Modification.objects.count() == before + 1
    made = Modification.objects.get(pk=key)
    assert (made.porte, made.auteur, made.modele) == ("console", None, "programme.Contrat")
    assert made.objet == str(contrat.pk)
    assert made.instant == contrat.history.first().history_date


def test_two_saves_are_two():
    contrat = f.ContratFactory()
    for intitule in ("Un contrat", "Un autre"):
        contrat.intitule = intitule
        contrat.save()
    assert len(saves(contrat.history.all())) == 3


def test_two_transactions_of_one_function_are_two_saves():
    @transaction.atomic
    def rename(contrat, intitule):
        contrat.intitule = intitule
        contrat.save()

    contrat = f.ContratFactory()
    rename(contrat, "Un contrat")
    rename(contrat, "Un autre")
    assert len(saves(contrat.history.all())) == 3


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_goes_back_takes_its_save_along():
    contrat = f.ContratFactory()
    before = Modification.objects.count()
    with pytest.raises(Interrompu):
        give_up(contrat)
    contrat.refresh_from_db()
    contrat.save()
    assert Modification.objects.count() == before + 1
    assert len(saves(contrat.history.all())) == 2


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_goes_back_takes_its_save_along():
    contrat = f.ContratFactory()
    with transaction.atomic():
        with pytest.raises(Interrompu):
            give_up(contrat)
        contrat.refresh_from_db()
        contrat.save()
        kept = Modification.objects.get(pk=contrat.history.first().modification_id)
    assert Modification.objects.filter(pk=kept.pk).exists()


def test_each_author_has_a_save_of_their_own():
    contrat, sacha = f.ContratFactory(), f.AgentFactory()
    with transaction.atomic():
        contrat.save()
        contrat._history_user = sacha
        contrat.save()
    authors = [row.modification.auteur for row in contrat.history.all()]
    assert authors[:2] == [sacha, None]


def test_what_writes_many_rows_at_once_says_its_save():
    rattachement = f.RattachementFactory()
    with transaction.atomic():
        rattachement.source = "Comité"
        lots.modifier(Rattachement, [rattachement], ["source"])
        lots.supprimer(Rattachement, [rattachement])
    records = Rattachement.history.filter(id=rattachement.pk)
    assert [row.history_type for row in records] == ["-", "~", "+"]
    assert records[0].modification == records[1].modification != records[2].modification


def test_a_page_is_its_door():
    HistoricalRecords.context.request = type("Request", (), {"user": AnonymousUser()})()
    try:
        contrat = f.ContratFactory()
    finally:
        del HistoricalRecords.context.request
    assert contrat.history.get().modification.porte == Porte.ADMINISTRATION


def test_a_transaction_says_its_door():
    depot = f.ImportFactory()
    with transaction.atomic():
        annoncer(Porte.IMPORT, "projets.csv", depot)
        projets = [f.ProjetFactory(), f.ProjetFactory()]
    (made,) = {projet.history.get().modification for projet in projets}
    assert (made.porte, made.raison, made.objet) == (Porte.IMPORT, "projets.csv", str(depot.pk))
    assert f.ProjetFactory().history.get().modification.porte == Porte.CONSOLE


def test_an_act_within_an_act_keeps_its_own_writes():
    national, contrat, projet = f.NationalFactory(), f.ContratFactory(), f.ProjetFactory()
    with tracer("signer", contrat, national) as one:
        contrat.save()
        with tracer("engager", projet, national) as other:
            projet.save()
        contrat.save()
    assert saves(contrat.history.filter(version__gt=1)) == {one.pk}
    assert saves(projet.history.filter(version__gt=1)) == {other.pk}
    assert (one.porte, one.acte, one.auteur) == (Porte.ACTE, "signer", national)


def test_a_load_is_one_save(tmp_path):
    dossier = Dossier(tmp_path)
    dossier.charger()
    (made,) = saves(Projet.history.all(), Territoire.history.all(), Operateur.history.all())
    assert Modification.objects.get(pk=made).porte == Porte.CHARGEMENT
    before = Modification.objects.count()
    dossier.charger()
    assert Modification.objects.count() == before


def test_a_save_asks_one_query_for_it():
    contrat = f.ContratFactory()
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        for _ in range(3):
            contrat.save()
    made = [q for q in asked if 'INSERT INTO "territoires_modification"' in q["sql"]]
    assert len(made) == 1


def test_no_history_forgets_its_save():
    f.AvenantFactory()
    f.FinancementFactory()
    assert not Contrat.history.filter(modification__isnull=True).exists()
    for model in (Contrat, Projet, Signataire):
        field = model.history.model._meta.get_field("modification")
        assert field.related_model is Modification


def test_a_history_that_the_database_copies_says_what_a_saved_one_does():
    auteur = f.NationalFactory()
    projets = [
        f.ProjetFactory(objet="l’atelier « 100 % »", emplois_crees=3, mise_a_jour=date(2024, 6, 1)),
        f.ProjetFactory(lon=-0.5, lat=48.25),
    ]
    for rang, projet in enumerate(projets, start=2):
        projet._change_reason = f"import de projets.csv, ligne {rang}"
    history = Projet.history.model
    before = set(history.objects.values_list("pk", flat=True))
    with transaction.atomic():
        Projet.history.bulk_history_create(projets, update=True, default_user=auteur)
        saved = list(history.objects.exclude(pk__in=before).order_by("id"))
        Projet.history.copy_rows(projets, "~", auteur)
    copied = list(history.objects.exclude(pk__in=before | {row.pk for row in saved}).order_by("id"))
    told = {field.attname for field in history._meta.fields} - {"history_id", "history_date"}
    assert [{name: getattr(row, name) for name in told} for row in copied] == [
        {name: getattr(row, name) for name in told} for row in saved
    ]
    assert [row.history_change_reason[-1] for row in copied] == ["2", "3"]
    assert {row.modification_id for row in copied} == {saved[0].modification_id}
    assert abs(copied[0].history_date - saved[0].history_date) < timedelta(minutes=1)


def test_no_row_has_no_history():
    Projet.history.copy_rows([], "~", f.NationalFactory())
    assert not Projet.history.exists()
