"""What the CNIL's recommendation accepts, refuses, and how it is said."""

import hashlib

import pytest
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError

from programme.backoffice.identite.mots_de_passe import AIDE
from programme.backoffice.identite.mots_devines import est_vole
from programme.environnement.valeurs import Faute, fingerprints
from territoires.models import Agent
from tests import factories as f

AGENT = Agent(email="marie.durand@region.example", nom="Marie Durand", fonction="Cheffe de projet")


@pytest.fixture(autouse=True)
def normandie(db):
    f.RegionFactory(code="28", nom="Normandie")


@pytest.mark.parametrize(
    "password",
    [
        "Kp7!vatrEnz2",  # twelve, of four kinds
        "Kp7vatrEnz2Qm8",  # fourteen, of three
        "Élan7vatrÇnz2Qm",  # accents are letters
        "trois canards verts dorment sous un vieux saule",
        "trois-canards-verts-dorment-sous-un-vieux-saule",
        "Kp7 vatr Enz2",  # a space is a special character
        "Industrie-Kp7!vatr",  # a word of this place, and others
    ],
)
def test_strong_passwords_are_accepted(password):
    validate_password(password, AGENT)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Kp7!vatrEnz", "il a 11 caractères. Au moins 12 caractères"),
        (
            "a",
            "il a 1 caractère et il lui manque une majuscule, un chiffre et un caractère spécial",
        ),
        ("Kp7vatrEnz2Q", "il a 12 caractères et il lui manque un caractère spécial"),
        ("kp7vatrenz2qm8", "il lui manque une majuscule et un caractère spécial"),
        ("Kpvatrenzqmbhtg!", "il lui manque un chiffre"),
        ("KP7VATRENZ2QM8!", "il lui manque une minuscule"),
        ("20190306201903", "il lui manque une minuscule, une majuscule et un caractère spécial"),
        ("Aa1!Aa1!Aa1!", "répète les mêmes caractères : il en faut 8 différents"),
        ("mot mot mot mot mot mot mot", "trop court ou trop simple"),
        ("un deux trois quatre cinq six", "il lui manque une majuscule"),
        ("Password123456!", "trop courant"),
        ("password1", "trop courant"),
        ("Marie.Durand2019", "ressemble trop à votre"),
        ("Marie-Durand-2019!", "ressemble trop à votre nom"),
        ("Cheffe de projet 2019", "ressemble trop à votre fonction"),
        ("Territoires-Industrie-2026!", "n’est fait que de mots du programme"),
        ("Contrat&Region#Normandie84", "n’est fait que de mots du programme"),
        ("programme région projet contrat comité pilotage France", "que de mots du programme"),
        ("", "il a 0 caractère"),
    ],
)
def test_weak_passwords_are_refused_with_what_they_lack(password, sentence):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, AGENT)
    assert sentence in " ".join(refused.value.messages)


def test_the_rule_is_told_before_it_is_broken():
    assert password_validators_help_texts() == [AIDE]


def empreintes(words, end="\n"):
    found = sorted(hashlib.sha1(word.encode()).hexdigest().upper() for word in words)
    return "".join(f"{one}:{rank * 37}{end}" for rank, one in enumerate(found))


@pytest.mark.parametrize("count", [1, 2, 3, 200])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_stolen_password_is_found_wherever_the_list_holds_it(tmp_path, count, end):
    words = [f"Kp7!vatrEnz{rank}" for rank in range(count)]
    file = tmp_path / "voles.txt"
    file.write_bytes(empreintes(words, end).encode())
    assert fingerprints(str(file)) == str(file)
    assert all(est_vole(word, file) for word in words)
    assert not any(est_vole(f"{word}.", file) for word in words)


def test_a_stolen_password_is_refused(tmp_path, settings):
    file = tmp_path / "voles.txt"
    file.write_text(empreintes(["Kp7!vatrEnz2", "autre"]))
    validate_password("Kp7!vatrEnz2", AGENT)
    settings.MOTS_DE_PASSE_VOLES = str(file)
    with pytest.raises(ValidationError, match="liste de mots de passe volés"):
        validate_password("Kp7!vatrEnz2", AGENT)
    validate_password("Kp7!vatrEnz3", AGENT)


def test_what_is_no_list_of_fingerprints_stops_the_start(tmp_path):
    with pytest.raises(Faute, match="n’existe pas"):
        fingerprints(str(tmp_path / "absent"))
    (tmp_path / "mots.txt").write_text("azerty\n")
    with pytest.raises(Faute, match="empreintes SHA-1"):
        fingerprints(str(tmp_path / "mots.txt"))
