"""A number published by mistake, released, then erased: it is nowhere any more, and explained."""

import io
import re
import zipfile
from datetime import date

import pytest
from django.core.files.storage import default_storage

from programme.donnees.parutions.occulter import occulter
from programme.donnees.parutions.reserve import chemins
from programme.models import EmpreinteAncienne
from programme.occultation.mots import Masque
from territoires.occultes import marque
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
    made = occulter(Masque("0612345678", JOUR), RAISON)
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
    assert occulter(Masque("0612345678", JOUR), RAISON) == 0, "once is enough"


def test_rows_that_only_the_masked_told_apart_are_told_apart_still(tmp_path):
    contrat = factories.ContratFactory()
    for nom in ("Camille Martin", "camille martin", "Zoé Petit"):
        factories.SignataireFactory(contrat=contrat, organisme="Région", nom=nom)
    first = paraitre()
    factories.ProjetFactory(code="P1")
    second = paraitre()
    occulter(Masque("Camille Martin", JOUR), RAISON)
    table = contenu(first, "données", "signataires", "csv").decode()
    assert f"{marque(JOUR)}," in table
    assert f"{marque(JOUR)} (2)," in table
    appliques(second, "csv", tmp_path)
