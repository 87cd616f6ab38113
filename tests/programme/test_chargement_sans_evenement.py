"""A load is no event: what it wrote is a version of the data, and the facts have their own date."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from programme.backoffice.bureau.seances import derniere
from programme.models import Contrat, Projet
from territoires.models.modification import Porte, annoncer
from tests import factories as f
from tests.adresses import texte
from tests.programme.catalogue.pages.outils import texte as mots


def charge(*rows):
    """As `charger_donnees` leaves them: nobody, and its door."""
    load = f.ModificationFactory(porte=Porte.CHARGEMENT, acte="", texte="")
    for row in rows:
        row.history.update(history_user=None, modification=load)


@pytest.fixture
def loaded(db):
    """A région whose records were loaded today, after the séance of last month."""
    region = f.RegionFactory(code="28")
    comite = f.ComiteRegionalFactory(region=region)
    held = timezone.localdate() - timedelta(days=30)
    seance = f.SeanceFactory(comite_regional=comite, date=held)
    territoire = f.TerritoireFactory(region_porteuse=region)
    projet = f.ProjetFactory(territoire=territoire, commune=None, statut="remonté")
    contrat = f.ContratFactory(territoire=territoire, statut="en cours")
    charge(seance, territoire, *territoire.rattachements.all(), projet, contrat)
    assert derniere(type(seance).objects.all(), timezone.localdate()) == seance
    return projet


def test_the_journal_tells_the_load_apart(client, loaded):
    said = mots(client.get(reverse("journal")))
    assert "projet chargé d’après les sources ; les faits ont leur propre date" in said
    assert "projet ajouté" not in said
    assert "projet modifié" not in said


def test_what_a_load_corrected_is_told_with_its_values(client, loaded):
    loaded.emplois_crees = 77
    with transaction.atomic():
        annoncer(Porte.CHARGEMENT)
        loaded.save()
    said = mots(client.get(reverse("journal")))
    assert "projet corrigé d’après les sources, par un chargement" in said
    assert "→ 77" in said
    page = mots(client.get(loaded.get_absolute_url()))
    assert "Aucun changement enregistré depuis la publication." in page


def test_the_desk_and_the_dossier_tell_no_change(client, loaded):
    client.force_login(f.NationalFactory())
    region = loaded.territoire.region_porteuse
    desk = mots(client.get(reverse("admin:index"), {"region": region.pk}))
    assert "Rien n’a changé depuis la séance" in desk
    page = reverse("admin:programme_comiteregional_dossier", args=[region.comite.pk])
    dossier = texte(client.get(page))
    assert "Aucun contrat nouveau, aucun changement d’état." in dossier
    assert "Aucun projet nouveau, aucun changement d’état." in dossier


def test_nothing_sleeps_since_the_day_of_a_load(client, loaded):
    long_ago = timezone.now() - timedelta(days=300)
    for model in (Projet, Contrat):
        model.history.update(history_date=long_ago)
    client.force_login(f.NationalFactory())
    said = mots(client.get(reverse("admin:bureau_sommeil")))
    assert "dernier changement" not in said
    loaded.emplois_crees = 3
    loaded.save()
    Projet.history.filter(history_type="~").update(history_date=long_ago)
    assert "dernier changement" in mots(client.get(reverse("admin:bureau_sommeil")))


def test_a_citation_tells_the_version_from_the_facts(client, loaded):
    said = mots(client.get(loaded.get_absolute_url()))
    assert "des données, enregistrée le" in said
    assert "données du" not in said
