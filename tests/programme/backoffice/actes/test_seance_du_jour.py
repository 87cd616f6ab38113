"""A séance that nobody recorded yet: the act that it decides records it, and can be corrected."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from programme.models import Contrat, Decision, Projet, Seance
from programme.models.base import Publication
from territoires.corrections import Correction
from territoires.models import Modification
from tests import factories as f
from tests.programme.backoffice.outils import act, act_address, act_data, text_of

JOUR = date(2022, 5, 3)


@pytest.fixture
def comite(normandie):
    return f.ComiteRegionalFactory(region=normandie)


def test_the_day_of_the_seance_is_enough(publisher, national, contrat, comite):
    shown = act_data(publisher.get(act_address(contrat, "valider")))
    assert shown["comite"] == [str(comite.pk)]  # the only one: nothing to choose
    response = act(publisher, contrat, "valider", tenue_le="3/5/2022")
    seance = Seance.objects.get()
    assert (seance.comite, seance.date, seance.publication) == (
        comite,
        JOUR,
        Publication.BROUILLON,
    )
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.seance) == (Contrat.Statut.VALIDE, seance)
    told = publisher.get(response.url)
    assert "La séance du 3 mai 2022 est enregistrée en brouillon" in text_of(told)
    assert f"/admin/programme/seance/{seance.pk}/change/" in told.content.decode()
    # The séance is of the act: corrected as a mistake, both go.
    Correction(Modification.objects.of(contrat).first()).faire(national, "Pas ce jour-là")
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.seance) == (Contrat.Statut.EN_PREPARATION, None)
    assert not Seance.objects.exists()
    assert not Decision.objects.exists()


def test_one_that_is_recorded_is_not_made_twice(publisher, contrat, projet, comite):
    act(publisher, contrat, "valider", tenue_le="2022-05-03")
    act(publisher, projet, "contractualiser", tenue_le="2022-05-03", texte="Le projet est retenu.")
    seance = Seance.objects.get()
    assert seance.decisions.count() == 2
    projet.refresh_from_db()
    assert projet.statut == Projet.Statut.CONTRACTUALISE


def test_what_is_refused_makes_no_seance(publisher, contrat, seance, comite, bretagne):
    other = f.ComiteRegionalFactory(region=bretagne)
    tomorrow = timezone.localdate() + timedelta(days=1)
    for values, sentence in (
        ({}, "Choisissez la séance qui valide ; ou donnez le jour de la sienne."),
        ({"tenue_le": "bientôt"}, "« bientôt »"),
        ({"tenue_le": tomorrow.isoformat()}, "Cette date est à venir"),
        ({"tenue_le": "2022-05-04", "seance": seance.pk}, "pas les deux"),
        ({"tenue_le": "2022-05-04", "comite": ""}, "Dites quel comité a tenu cette séance."),
        ({"tenue_le": "2022-05-04", "comite": other.pk}, "Choisissez un comité qui suit"),
        ({"tenue_le": "2022-05-04", "texte": ""}, "Écrivez le texte de la décision."),
    ):
        response = act(publisher, contrat, "valider", **values)
        assert sentence in text_of(response), values
    assert Seance.objects.get() == seance
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.EN_PREPARATION


def test_who_may_not_validate_records_no_seance(editor, stranger, reader, contrat, comite):
    for client, status in ((editor, 403), (reader, 403), (stranger, 404)):
        sent = {"tenue_le": "2022-05-03", "comite": comite.pk, "texte": "Validé.", "version_vue": 1}
        assert client.post(act_address(contrat, "valider"), sent).status_code == status
    assert not Seance.objects.exists()
