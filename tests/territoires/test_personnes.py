"""A name, a function; never an e-mail address or a telephone number, whatever its spelling."""

import csv

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError

from programme.backoffice.aides.phrases import PHRASES
from programme.models import ComiteRegional, Referent, Signataire
from territoires.models import Agent, Territoire, TexteDePersonne
from territoires.models.personnes import coordonnees

COURRIELS = [
    "prenom.nom@exemple.fr", "prenom.nom(at)exemple.fr", "Jean Dupont [at] exemple point fr",
    "prenom.nom arobase exemple.fr", "prenom.nom＠exemple.fr",
    "Jean Dupont, jdupont (at) cc-forges",
    "jean.dupont at exemple.fr", "www.exemple.fr", "jean dupont gmail . com",
    "Jean (a) exemple.org",
    "jean@", "jean dupont orange point fr",
]  # fmt: skip
TELEPHONES = [
    "06 12 34 56 78", "0612345678", "06.12.34.56.78", "06-12-34-56-78", "06/12/34/56/78",
    "+33 6 12 34 56 78", "+33612345678", "0033 6 12 34 56 78", "+33 (0)6 12 34 56 78",
    "(0)6 12 34 56 78", "6 12 34 56 78", "06\u00a012\u00a034\u00a056\u00a078",
    "06\u202f12\u202f34\u202f56\u202f78", "０６１２３４５６７８", "O6 12 34 56 78",
    "06,12,34,56,78",
    "Jean Dupont – 02 33 80 00 00", "tél. 3949", "Tel : 02 33", "06 12 34\u200b 56 78",
    "06_12_34_56_78",
    "+596 696 12 34 56", "06 – 12 – 34 – 56 – 78",
]  # fmt: skip
NOMS = [
    "Camille Martin", "Jean-Pierre d’Aubigné", "M. J.-C. O’Neill", "Mme Anne-Sophie de La Tour",
    "3e vice-présidente", "vice-président délégué à l’industrie 4.0", "président depuis 2019",
    "directeur du 01/02/2019 au 03/04/2020", "conseiller 2015–2021, 2021–2028",
    "Délégué(e) général(e)",
    "Louis XIV", "directrice, Aciers 2000", "Prés. de la CC du Pays de L’Aigle", "maire du 13e",
    "chargée de mission (mi-temps)", "préfète de l’Orne (61)", "1er adjoint", "Chez Paul SAS", "",
]  # fmt: skip
CHAMPS = {
    Territoire: {"elu", "fonction_elu", "industriel", "fonction_industriel", "chef_de_projet"},
    Signataire: {"nom", "fonction"},
    Referent: {"nom", "fonction"},
    ComiteRegional: {"presidence", "secretariat"},
    Agent: {"nom", "fonction"},
}


@pytest.mark.parametrize("text", COURRIELS)
def test_an_address_is_found(text):
    assert coordonnees(text) == "une adresse électronique"


@pytest.mark.parametrize("text", TELEPHONES)
def test_a_number_is_found(text):
    assert coordonnees(text) == "un numéro de téléphone"


@pytest.mark.parametrize("text", NOMS)
def test_names_and_functions_are_let_through(text):
    assert coordonnees(text) == ""


@pytest.mark.parametrize("model", CHAMPS)
def test_every_field_about_a_person_refuses_them_and_says_its_name(model):
    fields = {f.name for f in model._meta.get_fields() if isinstance(f, TexteDePersonne)}
    assert fields == CHAMPS[model]
    for name in fields:
        field = model._meta.get_field(name)
        with pytest.raises(ValidationError) as refused:
            field.clean("Camille Martin 06 12 34 56 78", None)
        told = " ".join(refused.value.messages)
        assert told.lower().startswith(f"{field.verbose_name} : ce texte se voit sur le site")
        assert "un numéro de téléphone ne s’y écrit pas" in told
        field.clean("Camille Martin", None)


def test_no_other_text_field_is_about_a_person():
    """A new field whose help speaks of a person is one of those above."""
    for label, phrases in PHRASES.items():
        for name, phrase in phrases.items():
            if "Prénom et nom" in phrase:
                field = apps.get_model(label)._meta.get_field(name)
                assert isinstance(field, TexteDePersonne), f"{label}.{name}"


def test_what_the_sources_say_is_let_through():
    for path in sorted((settings.BASE_DIR / "fixtures").glob("*.csv")):
        if path.stem not in {"territoires", "comites_regionaux", "comites_nationaux"}:
            continue
        with path.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                for name in ("elu", "industriel", "chef_de_projet", "presidence", "secretariat"):
                    assert coordonnees(row.get(name) or "") == "", row
