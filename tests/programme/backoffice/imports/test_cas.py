"""What people brought from elsewhere: each a kind of fault that another tool was told of."""

import unicodedata
from datetime import datetime

import pytest

from programme.models import Projet
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    appliquer,
    changes,
    classeur,
    dits,
    fichier,
    importer,
)

pytestmark = pytest.mark.django_db


def plain(text):
    return text.replace("\u00a0", " ")


def deposited(client, *rows):
    return importer(client, "projets", fichier(*rows))


def test_texts_in_two_compositions_are_the_same(client, projet):
    projet.objet = "Hausse de capacité d’un bâtiment"
    projet.save()
    twice = unicodedata.normalize("NFD", projet.objet)
    depot = deposited(client, {"code": projet.code, "objet": twice, "commune_nom": "L’Aigle"})
    assert (depot.nb_inchanges, dits(depot), changes(depot)) == (1, [], {})


def test_what_an_import_writes_is_composed(client, projet):
    objet = unicodedata.normalize("NFD", "Bâtiment\u200b réaménagé\u00ad")
    appliquer(
        client, "projets", deposited(client, {"code": f"{projet.code}\ufeff", "objet": objet})
    )
    projet.refresh_from_db()
    assert projet.objet == "Bâtiment réaménagé"


@pytest.mark.parametrize(
    ("siren", "kept"),
    [("327 834 214", "327834214"), ("356000000", "356000000"), ("356 000 000 00048", "356000000")],
)
def test_siren(client, projet, siren, kept):
    appliquer(client, "projets", deposited(client, {"code": projet.code, "siren": siren}))
    projet.refresh_from_db()
    assert projet.siren == kept


def test_a_siren_whose_key_is_wrong(client, projet):
    depot = importer(client, "projets", classeur(["code", "siren"], [projet.code, "327834215"]))
    assert "la clé" in dits(depot)[0]
    # The source may have it wrong: who leaves it alone is not asked about it.
    Projet.objects.filter(pk=projet.pk).update(siren="209416415")
    same = deposited(client, {"code": projet.code, "siren": "209416415", "objet": "Autre"})
    assert list(changes(same)) == [2]


def test_a_day_that_a_spreadsheet_keeps_as_a_number(client, projet):
    late = datetime(2024, 2, 29, 0, 0, 0, 9000)
    content = classeur(["code", "mise_a_jour"], [projet.code, late])
    depot = importer(client, "projets", content)
    assert changes(depot)[2][0][2] == "29 février 2024"


def test_an_amount_is_read_and_told(client, projet):
    depot = deposited(client, {"code": projet.code, "investissement_eur": "1,2 M€"})
    assert plain(dits(depot)[0]) == "Ligne 2 : « 1,2 M€ » est lu 1 200 000."
    appliquer(client, "projets", depot)
    projet.refresh_from_db()
    assert projet.investissement_eur == 1_200_000


@pytest.fixture
def paris(normandie):
    """Paris, moved where the agent may write, and one of its arrondissements."""
    departement = f.DepartementFactory(code="75", nom="Paris", region=normandie)
    commune = f.CommuneFactory(
        code="75056", nom="Paris", departement=departement, lon=2.34, lat=48.86
    )
    f.CommuneAncienneFactory(
        code="75113",
        nom="Paris 13e Arrondissement",
        commune=commune,
        nature="arrondissement-municipal",
    )
    return commune


def test_an_arrondissement_is_its_commune(client, projet, paris):
    f.RattachementFactory(territoire=projet.territoire, commune=paris, intercommunalite=None)
    Projet.objects.filter(pk=projet.pk).update(code_postal="", lon=None, lat=None)
    depot = importer(client, "projets", classeur(["code", "commune"], [projet.code, 75113]))
    (told,) = dits(depot)
    assert told == (
        "Ligne 2 : « 75113 » est Paris 13e Arrondissement (arrondissement municipal) : lu 75056, "
        "Paris, sa commune d’aujourd’hui. D’après la commune : département."
    )
    assert changes(depot)[2] == [["Commune", "61214", "75056"], ["Département", "61", "75"]]
    appliquer(client, "projets", depot)
    projet.refresh_from_db()
    assert projet.commune == paris


def test_longitude_and_latitude_exchanged(client, projet):
    row = {"code": projet.code, "longitude": "48,52575", "latitude": "-1,32635"}
    depot = deposited(client, row)
    (told,) = dits(depot)
    assert "hors de France : avez-vous inversé la longitude et la latitude ?" in told
    assert "Écrivez longitude -1,32635 et latitude 48,52575." in told


@pytest.mark.parametrize(
    ("lon", "lat"), [("55,45", "-20,88"), ("45,16", "-12,78"), ("-52,3", "4,9")]
)
def test_overseas_is_france(client, projet, lon, lat):
    Projet.objects.filter(pk=projet.pk).update(commune=None, departement=None)
    depot = deposited(client, {"code": projet.code, "longitude": lon, "latitude": lat})
    assert (depot.nb_erreurs, depot.nb_modifies) == (0, 1)


def test_a_point_far_from_its_commune_is_a_doubt(client, projet):
    projet.commune.lon, projet.commune.lat = 0.63, 48.76
    projet.commune.save()
    near = deposited(client, {"code": projet.code, "longitude": "0,64", "latitude": "48,77"})
    assert dits(near) == []
    far = deposited(client, {"code": projet.code, "longitude": "2,35", "latitude": "48,85"})
    (told,) = dits(far)
    assert "À vérifier : Le point est à 126 km de L’Aigle (61214)" in told
    assert not far.lignes.get().acceptee, "a doubt waits for somebody to accept it"


def test_a_place_says_one_thing(client, projet, normandie):
    other = f.DepartementFactory(code="14", nom="Calvados", region=normandie)
    f.CodePostalFactory(commune=projet.commune, code="61300")
    f.CodePostalFactory(
        commune=f.CommuneFactory(code="14118", nom="Caen", departement=other), code="14000"
    )
    depot = deposited(client, {"code": projet.code, "departement": "14", "code_postal": "14000"})
    told = " ".join(dits(depot))
    assert "Calvados (14) n’est pas le département de L’Aigle (61214)" in told
    assert "« 14000 » n’est pas un code postal de L’Aigle (61214) : écrivez 61300" in told
    depot = deposited(
        client, {"code": projet.code, "commune": "14118", "departement": "14", "region": "53"}
    )
    assert "« 53 » n’est pas la région du département Calvados (14)" in " ".join(dits(depot))


def test_a_commune_gives_its_departement(client, projet, normandie):
    row = {
        "code": "aigle-2",
        "beneficiaire": "Fonderie",
        "commune": projet.commune_id,
    }
    depot = deposited(client, row)
    assert "D’après la commune : département." in dits(depot)[0]
    appliquer(client, "projets", depot)
    assert Projet.objects.get(code="aigle-2").departement_id == "61"


def test_a_commune_is_in_the_territory_of_its_project(client, projet, territoire):
    member = f.IntercommunaliteFactory()
    f.RattachementFactory(territoire=territoire, intercommunalite=member)
    row = {"code": projet.code, "commune": projet.commune_id, "territoire": territoire.code}
    Projet.objects.filter(pk=projet.pk).update(commune=None, territoire=None)
    (told,) = dits(deposited(client, row))
    assert "L’Aigle (61214) n’est pas dans le territoire « Pays de l’Aigle »" in told
    projet.commune.intercommunalite = member
    projet.commune.save()
    assert dits(deposited(client, row)) == []


def test_a_commune_alone_takes_no_territory_away(client, projet, territoire, normandie):
    departement = f.DepartementFactory(code="14", nom="Calvados", region=normandie)
    caen = f.CommuneFactory(code="14118", nom="Caen", departement=departement)
    f.RattachementFactory(territoire=territoire, intercommunalite=projet.commune.intercommunalite)
    Projet.objects.filter(pk=projet.pk).update(
        territoire=territoire, code_postal="", lon=None, lat=None, mise_a_jour=None
    )
    depot = deposited(client, {"code": projet.code, "commune": "14118"})
    assert depot.nb_erreurs == 1
    assert "ni dans aucun autre : videz le territoire" in " ".join(dits(depot))
    # Said in the file, it is done; and an empty territory is that of the commune.
    emptied = {"code": projet.code, "commune": "14118", "territoire": ""}
    assert deposited(client, emptied).nb_erreurs == 0
    member = f.RattachementFactory(
        territoire__phase_id=2,
        territoire__region_porteuse=normandie,
        intercommunalite=caen.intercommunalite,
        debut="2024-07-04",
    )
    depot = deposited(client, emptied)
    assert member.territoire_id in str(changes(depot)[2])
