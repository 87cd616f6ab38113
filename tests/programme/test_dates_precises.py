"""A date that is known to the month is told to the month, on every page and every screen."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from programme.models import Precision
from tests import factories as f
from tests.adresses import pages, texte

JOUR = date(2021, 11, 17)
TUS = ("17 novembre 2021", "17/11/2021", 'datetime="2021-11-17"')
"""The day that no source told: in words, in figures, in the markup."""
MOIS = {"precision_date": Precision.MOIS, "date": JOUR}


@pytest.fixture
def seance(db):
    """A séance, and one of each record that may be dated to the month."""
    region = f.RegionFactory(code="28")
    seance = f.SeanceFactory(
        comite_regional=f.ComiteRegionalFactory(region=region), date=JOUR, precision=Precision.MOIS
    )
    territoire = f.TerritoireFactory(region_porteuse=region)
    contrat = f.ContratFactory(
        territoire=territoire,
        date_signature=JOUR,
        precision_signature=Precision.MOIS,
        seance=seance,
        statut="signé",
    )
    f.DecisionFactory(seance=seance, territoire=territoire)
    f.DecisionFactory(seance=seance, contrat=contrat, type="valider un contrat")
    f.EngagementFactory(echeance=JOUR, precision_echeance=Precision.MOIS)
    f.JalonFactory(**MOIS, nb_territoires=146)
    f.ChiffreAnnonceFactory(**MOIS, indicateur="protocoles_signes")
    f.SourceFactory(**MOIS)
    contrat.date_signature = JOUR
    contrat.save()
    return seance


def test_no_public_page_tells_a_day_that_nobody_told(client, seance):
    for page in pages():
        said = texte(client.get(page))
        assert [word for word in TUS if word in said] == [], page
    assert "novembre 2021" in texte(client.get(seance.comite_regional.region.get_absolute_url()))


def test_no_screen_of_the_desk_does(client, seance):
    national = f.NationalFactory()
    client.force_login(national)
    contrat = seance.contrats_valides.get()
    contrat.date_signature += timedelta(days=1)
    contrat.save()
    region = seance.comite_regional.region
    screens = [
        f"{reverse('admin:index')}?region={region.pk}",
        f"{reverse('admin:programme_comiteregional_dossier', args=[seance.comite_regional.pk])}",
        reverse("admin:programme_seance_history", args=[seance.pk]),
        reverse("admin:programme_contrat_history", args=[contrat.pk]),
        reverse("admin:programme_contrat_change", args=[contrat.pk]),
        reverse("admin:programme_decision_changelist"),
        *(
            reverse(f"admin:programme_{name}_changelist")
            for name in ("seance", "contrat", "engagement", "jalon", "chiffreannonce", "source")
        ),
    ]
    for screen in screens:
        response = client.get(screen, follow=True)
        assert response.status_code == 200, screen
        said = texte(response)
        # A form shows the day that is stored, as it is typed and read, with its precision beside.
        said = re.sub(r'value="\d\d/11/2021"|Lu : 1\d novembre 2021', "", said)
        told = [word for day in (17, 18) for word in TUS if word.replace("17", str(day), 1) in said]
        assert told == [], screen


@pytest.mark.django_db
def test_the_why_of_a_territory_says_how_surely(client):
    territoire = f.TerritoireFactory(phase_id=2, rattachement__debut=date(2023, 11, 9))
    client.force_login(f.NationalFactory())
    said = texte(client.get(reverse("admin:pourquoi"), {"q": territoire.code, "type": ""}))
    assert "depuis le 9 novembre 2023 au plus tard" in said
