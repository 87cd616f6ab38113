"""A parution: every dataset from one state, kept for ever, and what changed since the last."""

import csv
import io
import json

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from programme.donnees.ecriture import write_csv
from programme.donnees.jeux import JEUX
from programme.donnees.parutions import faire as module
from programme.donnees.parutions.faire import DejaFaite, RienDeNeuf
from programme.donnees.parutions.reserve import chemins
from programme.models import DonneesVersion, Parution, Projet, Publication
from tests import factories
from tests.programme.donnees.parutions.outils import appliques, contenu, paraitre

pytestmark = pytest.mark.django_db


@pytest.fixture
def projet():
    return factories.ProjetFactory(code="P1", beneficiaire="Forges de l’Orne", objet="Un four.")


def test_it_holds_every_dataset_as_the_site_exports_it(projet, tous_les_jeux):
    factories.ProjetFactory(publication=Publication.BROUILLON, beneficiaire="Secret")
    parution = paraitre(note="La première.")
    assert parution.numero == 1
    assert parution.version == DonneesVersion.objects.current().numero - 1, "it makes one itself"
    told = parution.fichiers.filter(genre="données").values_list("jeu", "format")
    assert set(told) == {(code, form) for code in JEUX for form in ("csv", "json")}
    for jeu in JEUX.values():
        table = contenu(parution, "données", jeu.code, "csv")
        exported = b"".join(write_csv(jeu, jeu.published(), connection))
        assert sorted(lines(table)) == sorted(lines(exported)), jeu.code
        body = json.loads(contenu(parution, "données", jeu.code, "json"))
        assert body["count"] == len(body["results"]) == len(lines(table)) - 1
        assert b"Secret" not in table
    assert contenu(parution, "données", "projets", "csv").startswith(b"\xef\xbb\xbfcode,")


def lines(text):
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_a_content_is_kept_once(projet):
    first = paraitre()
    before = set(chemins())
    projet.objet = "Deux fours."
    projet.save()
    second = paraitre()
    old, new = ({f.sha256 for f in each.fichiers.all()} for each in (first, second))
    assert len(old & new) >= 6, "three datasets that did not change, in two forms"
    added = {path.rpartition("/")[2] for path in set(chemins()) - before}
    assert added == new - old
    for path in chemins():
        assert default_storage.size(path)


def test_nothing_new_makes_none(projet, capsys):
    paraitre()
    with pytest.raises(RienDeNeuf, match="rien n’a changé depuis la parution n° 1 du"):
        paraitre()
    call_command("paraitre")
    assert "Aucune parution : rien n’a changé depuis la parution n° 1" in capsys.readouterr().out
    assert Parution.objects.count() == 1
    projet.objet = "Deux fours."
    projet.save()
    call_command("paraitre", note="Deux.")
    assert "Faite : parution n° 2 du" in capsys.readouterr().out
    assert Parution.objects.get(numero=2).note == "Deux."


def test_two_at_once_are_one(projet, monkeypatch):
    paraitre()
    projet.objet = "Deux fours."
    projet.save()
    ecarts = module.ecarts

    def slow(parution, fichiers):
        monkeypatch.setattr(module, "ecarts", ecarts)
        paraitre()
        return ecarts(parution, fichiers)

    monkeypatch.setattr(module, "ecarts", slow)
    with pytest.raises(DejaFaite, match="une autre parution vient d’être faite"):
        paraitre()
    assert [each.numero for each in Parution.objects.all()] == [2, 1]


def test_the_deltas_say_what_changed_and_make_the_next_one(projet, tmp_path):
    factories.ProjetFactory(code="P2", beneficiaire="Scierie, « du Perche »", objet="Ligne\n2")
    paraitre()
    Projet.objects.filter(code="P2").delete()
    projet.objet = '=SOMME(A1), "guillemets"\r\nà la ligne'
    projet.save()
    factories.ProjetFactory(code="P0", beneficiaire="Ateliers")
    second = paraitre()
    for forme in ("csv", "json"):
        appliques(second, forme, tmp_path)
    delta = second.fichiers.get(genre="écarts", jeu="projets", format="csv")
    assert (delta.ajoutees, delta.changees, delta.retirees) == (1, 1, 1)
    table = lines(contenu(second, "écarts", "projets", "csv"))
    assert table[0] == ["changement", "code", "champ", "avant", "apres"]
    assert ["changée", "P1", "objet", "Un four.", f"'{projet.objet}"] in table
    assert ["ajoutée", "P0", "beneficiaire", "", "Ateliers"] in table
    body = json.loads(contenu(second, "écarts", "projets", "json"))
    assert (body["de"], body["a"]) == (1, 2)
    assert [row["code"] for row in body["retirees"]] == ["P2"]
    (changed,) = body["changees"]
    assert changed["cle"] == {"code": "P1"}
    assert changed["champs"]["objet"] == {"avant": "Un four.", "apres": projet.objet}
