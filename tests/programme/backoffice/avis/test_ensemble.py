"""One act on many records is one notice for each officer concerned, whatever the number of rows."""

from types import SimpleNamespace

import pytest
from django.urls import reverse
from simple_history.models import HistoricalRecords

from programme.models import Avis, Contrat, Publication
from territoires.carte_a_venir import CarteAVenir
from territoires.signaux import carte_changee
from tests import factories as f
from tests.programme.backoffice.imports.outils import appliquer, fichier, importer
from tests.programme.backoffice.test_actes_groupes import choose, confirm

pytestmark = pytest.mark.django_db
Genre = Avis.Genre


@pytest.fixture
def breton(bretagne):
    return f.SecretariatFactory(nom="Bleuenn Secrétariat", regions=[bretagne])


@pytest.fixture
def trois(normandie):
    territoire = f.TerritoireFactory(nom="Vallée d’Avre", region_porteuse=normandie)
    common = {"territoire": territoire, "publication": Publication.BROUILLON}
    return [f.ContratFactory(intitule=f"Acte {n}", **common) for n in range(3)]


def desk(client):
    return client.get(reverse("admin:avis")).content.decode().replace("\xa0", " ")


def at_once(client, rows, act):
    keys = [row.pk for row in rows]
    confirm(client, choose(client, act, keys), act, keys)


def test_proposing_three_tells_once_who_is_to_answer(
    signed_in, redacteur, secretariat, breton, trois
):
    at_once(signed_in(redacteur), trois, "proposer")
    assert set(Contrat.objects.values_list("publication", flat=True)) == {Publication.A_VALIDER}
    (avis,) = Avis.objects.all()
    assert (avis.destinataire, avis.genre, avis.autres) == (secretariat, Genre.PROPOSE, 2)
    page = desk(signed_in(secretariat))
    assert "Proposé à la validation par René Rédacteur" in page
    assert "le même acte en change 2 autres fiches de votre périmètre" in page
    assert reverse("admin:programme_contrat_change", args=[avis.cle]) in page


@pytest.mark.usefixtures("breton")
def test_publishing_drafts_tells_once_who_writes_them(
    signed_in, national, secretariat, redacteur, trois
):
    at_once(signed_in(national), trois, "publier")
    told = Avis.objects.order_by("destinataire").values_list("destinataire", "genre", "autres")
    assert sorted(told) == sorted(
        (agent.pk, Genre.ENSEMBLE, 2) for agent in (secretariat, redacteur)
    )
    page = desk(signed_in(redacteur))
    assert "3 enregistrement(s) passé(s) à « publié » par Nadia National" in page
    assert "parce que vous êtes" in page


def test_answering_three_tells_once_who_proposed_them(signed_in, redacteur, secretariat, trois):
    at_once(signed_in(redacteur), trois, "proposer")
    Avis.objects.all().delete()
    at_once(signed_in(secretariat), trois, "publier")
    (avis,) = Avis.objects.all()
    assert (avis.destinataire, avis.genre, avis.autres) == (redacteur, Genre.VALIDE, 2)


def test_an_import_tells_once_whose_records_it_changed(
    signed_in, national, secretariat, redacteur, breton
):
    territoire = f.TerritoireFactory(region_porteuse=secretariat.regions.get())
    rows = [
        {"code": f"neuf-{n}", "beneficiaire": "Forges", "territoire": territoire.pk}
        for n in range(3)
    ]
    client = signed_in(national)
    depot = importer(client, "projets", fichier(*rows))
    appliquer(client, "projets", depot)
    assert depot.etat == depot.Etat.APPLIQUE
    told = Avis.objects.values_list("destinataire", "genre", "autres")
    assert sorted(told) == sorted((a.pk, Genre.IMPORT, 2) for a in (secretariat, redacteur))
    page = desk(signed_in(secretariat))
    assert "Import de fichier.csv appliqué (lignes nouvelles : 3, modifiées : 0)" in page
    assert "par Nadia National" in page
    assert not breton.avis.exists()


def test_an_act_on_the_map_tells_once_who_follows_the_territories(
    signed_in, national, secretariat, breton
):
    normandie, bretagne = secretariat.regions.get(), breton.regions.get()
    codes = [f.TerritoireFactory(region_porteuse=normandie).pk for _ in range(2)]
    codes.append(f.TerritoireFactory(region_porteuse=bretagne).pk)
    carte_changee.send(sender=CarteAVenir, codes=codes)
    assert not Avis.objects.exists(), "a command tells nobody"
    HistoricalRecords.context.request = SimpleNamespace(user=national)
    try:
        carte_changee.send(sender=CarteAVenir, codes=codes)
    finally:
        del HistoricalRecords.context.request
    told = Avis.objects.values_list("destinataire", "genre", "autres")
    assert sorted(told) == sorted([(secretariat.pk, Genre.CARTE, 1), (breton.pk, Genre.CARTE, 0)])
    page = desk(signed_in(secretariat))
    assert "Carte changée par Nadia National" in page
    assert "le même acte en change 1 autre fiche de votre périmètre" in page
