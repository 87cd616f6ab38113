"""One value for the records chosen in a list: previewed, applied in one save, undone in one act."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from programme.models import Contrat, Document, Import, LigneImport, Projet, Publication
from territoires.models import Modification, Territoire
from territoires.models.modification import Porte
from tests import factories as f
from tests.programme.backoffice.imports.outils import agir, appliquer, page
from tests.programme.backoffice.outils import address, messages_of, text_of

pytestmark = pytest.mark.django_db
LISTE = address(Projet, "changelist")


@pytest.fixture
def trois(territoire):
    made = [
        f.ProjetFactory(
            code=f"val-{rank}", beneficiaire=f"Tissages {rank}", territoire=territoire, filiere=said
        )
        for rank, said in enumerate(("Textile", "", "Bois"))
    ]
    for row in made:
        row.refresh_from_db()
    return made


def demander(client, rows, **sent):
    data = {"action": "modifier_ensemble", ACTION_CHECKBOX_NAME: [row.pk for row in rows]}
    return client.post(LISTE, data | sent)


def preparer(client, rows, colonne="filiere", valeur="Mode et Luxe"):
    response = demander(client, rows, colonne=colonne, valeur=valeur)
    assert response.status_code == 302, text_of(response)
    return Import.objects.latest("pk")


def filieres(rows):
    return [Projet.objects.get(pk=row.pk).filiere for row in rows]


def test_from_the_list_to_the_undo(client, trois):
    assert "Modifier une valeur, pour tous" in text_of(client.get(LISTE))
    first = demander(client, trois)
    assert "Fiches choisies : 3" in text_of(first)
    second = demander(client, trois, colonne="filiere").content.decode()
    assert "Voir ce que cela change" in second
    assert '<option value="Textile">' in second
    depot = preparer(client, trois)
    shown = text_of(client.get(page("projets", depot)))
    assert "Modification groupée : filière (3)" in shown
    assert "Voici ce que deviendrait chaque fiche." in shown
    assert "Textile → devient Mode et Luxe" in shown
    assert f"Accepter « {trois[0]} »" in shown
    assert "Ligne" not in shown, "a record is called by its name"
    assert filieres(trois) == ["Textile", "", "Bois"]
    appliquer(client, "projets", depot)
    assert filieres(trois) == ["Mode et Luxe"] * 3
    [save] = Modification.objects.filter(porte=Porte.LISTE)
    assert (save.raison, save.auteur.nom) == ("filière (3)", "Sacha Secrétariat")
    reason = trois[0].history.first().history_change_reason
    assert reason == "modification groupée : filière (3)"
    agir(client, "projets", depot, "annuler")
    assert depot.etat == Import.Etat.ANNULE, depot.remarques
    assert filieres(trois) == ["Textile", "", "Bois"]
    told = trois[0].history.first().history_change_reason
    assert told == "annulation de la modification groupée filière (3)"
    assert "La modification est annulée" in text_of(client.get(page("projets", depot)))


def test_what_already_has_the_value_is_left(client, trois):
    depot = preparer(client, trois, valeur="Bois")
    assert (depot.nb_modifies, depot.nb_inchanges) == (2, 1)
    appliquer(client, "projets", depot)
    trois[2].refresh_from_db()
    assert trois[2].version == 1


@pytest.mark.parametrize(
    ("colonne", "valeur", "after"),
    [
        ("axe", "innover", "innover"),
        ("filiere", "", ""),
        ("mise_a_jour", "6 mars 2021", "2021-03-06"),
        ("source", "Préfecture", "Préfecture"),
    ],
)
def test_a_value_is_read_as_a_cell_is(client, trois, colonne, valeur, after):
    depot = preparer(client, trois[:1], colonne, valeur)
    appliquer(client, "projets", depot)
    assert str(getattr(Projet.objects.get(pk=trois[0].pk), colonne)) == after


def test_a_territory_is_chosen_among_ones_own(client, trois, territoire):
    other = f.TerritoireFactory(nom="Val du four", region_porteuse=territoire.region_porteuse)
    far = f.TerritoireFactory(nom="Val breton", region_porteuse=f.RegionFactory(code="53"))
    shown = demander(client, trois, colonne="territoire").content.decode()
    assert f'<option value="{other.code}">' in shown
    assert far.code not in shown
    response = demander(client, trois, colonne="territoire", valeur=far.code)
    assert response.status_code == 400
    assert "Choisissez une valeur de la liste." in text_of(response)
    depot = preparer(client, trois, "territoire", other.code)
    shown = text_of(client.get(page("projets", depot)))
    assert "n’est pas dans le territoire « Val du four »" in shown, (
        "a place never contradicts itself"
    )
    Projet.objects.update(commune=None, departement=None)
    appliquer(client, "projets", preparer(client, trois, "territoire", other.code))
    assert set(Projet.objects.values_list("territoire", flat=True)) == {other.pk}


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"colonne": ""}, "Choisissez ce qui change."),
        ({"colonne": "statut"}, "le reste se change fiche par fiche"),
        ({"colonne": "code", "valeur": "x"}, "le reste se change fiche par fiche"),
        ({"colonne": "axe", "valeur": "planer"}, "Choisissez une valeur de la liste."),
    ],
)
def test_what_cannot_be_asked_says_why(client, trois, sent, told):
    response = demander(client, trois, **sent)
    assert response.status_code == 400
    assert told in text_of(response)
    assert not Import.objects.exists()


def test_a_value_that_is_refused_is_told_on_each_record(client, trois):
    depot = preparer(client, trois, "mise_a_jour", "demain")
    assert depot.etat == Import.Etat.ERRONE
    response = client.get(page("projets", depot))
    [groupe] = response.context["groupes"]
    assert groupe.lignes == ", ".join(f"« {row} »" for row in trois)
    shown = text_of(response)
    assert "Tissages 0" in shown
    assert "Ligne" not in shown
    response = client.post(page("projets", depot), {"action": "ecarter"})
    assert response.status_code == 409
    assert "Toutes les lignes sont refusées" in text_of(response)


def test_who_may_not_change_one_goes_on_without_it(signed_in, redacteur, trois):
    Projet.objects.filter(pk=trois[0].pk).update(publication=Publication.PUBLIE)
    Projet.objects.exclude(pk=trois[0].pk).update(publication=Publication.BROUILLON)
    client = signed_in(redacteur)
    depot = preparer(client, trois)
    assert (depot.etat, depot.nb_erreurs) == (Import.Etat.ERRONE, 1)
    shown = text_of(client.get(page("projets", depot)))
    assert "Tissages 0" in shown
    assert "Continuez sans elle." in shown
    assert "Retirez la ligne du fichier" not in shown
    agir(client, "projets", depot, "ecarter")
    depot.refresh_from_db()
    assert (depot.etat, depot.nom_fichier) == (Import.Etat.A_CONFIRMER, "filière (2)")
    appliquer(client, "projets", depot)
    assert filieres(trois) == ["Textile", "Mode et Luxe", "Mode et Luxe"]


def test_what_a_colleague_changed_since_is_left_aside(client, trois, national):
    depot = preparer(client, trois)
    trois[1].filiere, trois[1]._history_user = "Chimie", national
    trois[1].save()
    appliquer(client, "projets", depot)
    depot.refresh_from_db()
    assert depot.etat == Import.Etat.A_CONFIRMER, "shown again before anything is written"
    assert filieres(trois) == ["Textile", "Chimie", "Bois"]
    refused = depot.lignes.get(nature=LigneImport.Nature.REFUSE)
    assert "Nadia National" in refused.motif
    appliquer(client, "projets", depot)
    assert filieres(trois) == ["Mode et Luxe", "Chimie", "Mode et Luxe"]


def test_a_selection_that_is_too_long_is_refused(client, trois, monkeypatch):
    monkeypatch.setattr("programme.backoffice.cadre.suppression.LIGNES_PAR_ACTE", 2)
    response = demander(client, trois)
    assert "Choisissez 2 enregistrements au plus à la fois." in messages_of(
        client.get(response["Location"]) if response.status_code == 302 else response
    )


def test_records_of_another_region_are_not_reached(client, trois):
    far = f.ProjetFactory(
        territoire=f.TerritoireFactory(region_porteuse=f.RegionFactory(code="53")), filiere="Bois"
    )
    response = demander(client, [far], colonne="filiere", valeur="Chimie")
    assert response.status_code == 302
    assert not Import.objects.exists()
    depot = preparer(client, [far, trois[0]])
    assert depot.nb_modifies == 1
    assert far.beneficiaire not in text_of(client.get(page("projets", depot)))


@pytest.mark.parametrize(
    ("model", "colonne", "valeur"),
    [
        (Territoire, "chef_de_projet", "Camille Martin"),
        (Contrat, "source", "Préfecture de région"),
        (Document, "date", "2021-03-06"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_list_that_takes_files_has_it(client, territoire, model, colonne, valeur):
    made = {
        Territoire: lambda: f.TerritoireFactory(region_porteuse=territoire.region_porteuse),
        Contrat: lambda: f.ContratFactory(territoire=territoire),
        Document: lambda: f.DocumentFactory(territoire=territoire),
    }[model]
    rows = [made(), made()]
    before = [str(getattr(model.objects.get(pk=row.pk), colonne)) for row in rows]
    data = {"action": "modifier_ensemble", ACTION_CHECKBOX_NAME: [row.pk for row in rows]}
    response = client.post(
        address(model, "changelist"), data | {"colonne": colonne, "valeur": valeur}
    )
    depot = Import.objects.latest("pk")
    assert depot.nb_modifies == 2, (response, list(depot.lignes.values("motif")))
    for action, expected in (("appliquer", [valeur] * 2), ("annuler", before)):
        seen = [line.pk for line in depot.lignes.all()]
        client.post(response["Location"], {"action": action, "vue": seen, "garder": seen})
        now = [str(getattr(model.objects.get(pk=row.pk), colonne)) for row in rows]
        assert now == expected, action


def test_a_reader_has_no_such_act(signed_in, normandie):
    reader = signed_in(f.LecteurFactory(regions=[normandie]))
    f.ProjetFactory()
    assert "Modifier une valeur" not in text_of(reader.get(LISTE))
