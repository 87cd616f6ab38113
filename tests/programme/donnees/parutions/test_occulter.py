"""A number published by mistake, released, then erased: it is nowhere any more, and explained."""

import io
import re
import zipfile
from datetime import date

import pytest
from django.apps import apps
from django.core.files.storage import default_storage

from programme.donnees.parutions import partout
from programme.donnees.parutions.occulter import TropCourt, marque, motif_de, occulter
from programme.donnees.parutions.reserve import chemins
from programme.models import EmpreinteAncienne, Preuve, Projet
from tests import factories
from tests.programme.donnees.parutions.outils import appliques, contenu, paraitre

pytestmark = pytest.mark.django_db
JOUR = date(2027, 3, 26)
RAISON = "Un numéro personnel était publié par erreur."
NUMERO = re.compile(
    rb"6(?:[\s.+\-]|%20)*12(?:[\s.+\-]|%20)*34(?:[\s.+\-]|%20)*56(?:[\s.+\-]|%20)*78"
)


def kept():
    """Every byte that is kept, archives unpacked."""
    for path in chemins():
        with default_storage.open(path) as file:
            content = file.read()
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        else:
            yield content


@pytest.fixture
def trois():
    """Three parutions: the number comes with the second, is corrected before the third."""
    projet = factories.ProjetFactory(code="P1", objet="Un four.")
    first = paraitre()
    projet.objet = "Un four. Appelez Camille au 06 12 34 56 78."
    projet.save()
    second = paraitre(note="Appelez le +33 6 12 34 56 78.")
    projet.objet = "Un four."
    projet.beneficiaire = "06.12.34.56.78"
    projet.save()
    return first, second, paraitre()


def test_it_is_in_no_file_and_each_digest_is_explained(client, trois, tmp_path):
    assert sum(bool(NUMERO.search(content)) for content in kept()) > 6
    before = {f.pk: f.sha256 for one in trois for f in one.fichiers.all()}
    made = occulter("0612345678", RAISON, JOUR)
    assert not any(NUMERO.search(content) for content in kept())
    after = {f.pk: f.sha256 for one in trois for f in one.fichiers.all()}
    changed = {pk: sha for pk, sha in before.items() if after[pk] != sha}
    old = EmpreinteAncienne.objects.all()
    assert {each.fichier_id: each.sha256 for each in old} == changed
    assert {each.motif for each in old} == {RAISON}
    assert made == len(changed) > 0
    first, second, third = trois
    assert not any(f.pk in changed for f in first.fichiers.all()), "it held nothing to mask"
    second.refresh_from_db()
    assert second.note == f"Appelez le {marque(JOUR)}."
    table = contenu(second, "données", "projets", "csv").decode()
    assert "Appelez Camille au [occulté le 26 mars 2027]." in table
    for parution in (second, third):
        for forme in ("csv", "json"):
            appliques(parution, forme, tmp_path)
    page = client.get("/donnees/parutions/2/").content.decode()
    assert RAISON in page
    told = client.get("/donnees/parutions/2/manifeste.json").json()["fichiers"]
    assert any(
        one["motif"] == RAISON for each in told for one in each.get("empreintes_anciennes", [])
    )
    ancienne = old.filter(fichier__genre="données").first()
    proof = client.get(f"/donnees/preuve/{ancienne.sha256}/")
    assert proof.status_code == 200
    assert RAISON in proof.content.decode()
    assert occulter("0612345678", RAISON, JOUR) == 0, "once is enough"


def test_it_is_in_no_record_nor_history(client, trois):
    factories.PreuveFactory(adresse="/projets/?q=06+12+34+56+78&format=csv")
    projet = Projet.objects.get(code="P1")
    charge = {"texte": "06 12 34 56 78", "raison": RAISON, "jour": JOUR.toordinal()}
    partout.faire(charge)
    projet.refresh_from_db()
    assert projet.beneficiaire == marque(JOUR)
    told = str([*Projet.objects.values_list(), *Projet.history.values_list()])
    assert not NUMERO.search(told.encode())
    assert marque(JOUR) in told
    assert not Preuve.objects.exists()
    for address in ("/journal/", projet.get_absolute_url(), "/projets/?format=csv"):
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert not NUMERO.search(content), address


def everything():
    """Every row of every table, in words."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed:
            for row in model._base_manager.values_list():
                yield model._meta.label, repr(row).encode()


def test_it_is_in_no_table_whatever_repeated_it():
    text = "Appelez Camille au 06 12 34 56 78."
    projet = factories.ProjetFactory(objet=text)
    about = {"record": projet, "changements": {"champs": {"objet": ["", text]}, "lignes": []}}
    factories.PropositionFactory(**about, motif=text, reponse=text)
    factories.CitationFactory(requete="q=06+12+34+56+78", lecture={"filtres": [["q", text]]})
    factories.AbonnementFactory(cle="q=06%2012%2034%2056%2078")
    factories.AvisFactory(record=projet, precision=text)
    factories.LigneChargeeFactory(valeurs={"objet": text})
    factories.LigneImportFactory(nom=text, changements=[["objet", "", text]])
    factories.ModificationFactory(texte=text, raison=text)
    factories.EtatAncienFactory(valeurs={"objet": text})
    planted = {label for label, row in everything() if NUMERO.search(row)}
    assert len(planted) >= 10, planted
    partout.faire({"texte": "0612345678", "raison": RAISON, "jour": JOUR.toordinal()})
    assert [label for label, row in everything() if NUMERO.search(row)] == []
    assert {label for label, row in everything() if marque(JOUR).encode() in row} >= planted


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("06 12 34 56 78", "+33 6 12 34 56 78"),
        ("0612345678", "+33(0)6.12.34.56.78"),
        ("+33 6 12 34 56 78", "06-12-34-56-78"),
        ("0033612345678", "0612345678"),
        ("Camille  Martin", "CAMILLE MARTIN"),
        ("l'Orne 12", "l’Orne  12"),
        ("camille@exemple.fr", "Camille@exemple.fr"),
        ("12 rue (haute)", "12 rue (haute)"),
    ],
)
def test_what_was_typed_is_found_however_it_is_written(typed, text):
    assert motif_de(typed).sub("x", f"Voir {text}, puis.") == "Voir x, puis."


@pytest.mark.parametrize(
    ("typed", "text"),
    [("06 12 34 56 78", "106123456789"), ("Martin", "Martinet"), ("123456", "81234567")],
)
def test_what_only_looks_like_it_is_left(typed, text):
    assert motif_de(typed).sub("x", text) == text


@pytest.mark.parametrize("typed", ["12 34", "ab", "+1", "   a  b "])
def test_what_would_be_found_anywhere_is_refused(typed):
    with pytest.raises(TropCourt, match="se trouverait partout"):
        motif_de(typed)


def test_rows_that_only_the_masked_told_apart_are_told_apart_still(tmp_path):
    contrat = factories.ContratFactory()
    for nom in ("Camille Martin", "camille martin", "Zoé Petit"):
        factories.SignataireFactory(contrat=contrat, organisme="Région", nom=nom)
    first = paraitre()
    factories.ProjetFactory(code="P1")
    second = paraitre()
    occulter("Camille Martin", RAISON, JOUR)
    table = contenu(first, "données", "signataires", "csv").decode()
    assert f"{marque(JOUR)}," in table
    assert f"{marque(JOUR)} (2)," in table
    appliques(second, "csv", tmp_path)
