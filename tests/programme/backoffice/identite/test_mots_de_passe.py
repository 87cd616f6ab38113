"""What the CNIL's recommendation accepts, refuses, and how it is said."""

import pytest
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError

from programme.backoffice.identite.mots_de_passe import AIDE
from territoires.models import Agent

AGENT = Agent(email="marie.durand@region.example", nom="Marie Durand", fonction="Cheffe de projet")


@pytest.mark.parametrize(
    "password",
    [
        "Kp7!vatrEnz2",  # twelve, of four kinds
        "Kp7vatrEnz2Qm8",  # fourteen, of three
        "Élan7vatrÇnz2Qm",  # accents are letters
        "trois canards verts dorment sous un vieux saule",
        "trois-canards-verts-dorment-sous-un-vieux-saule",
        "Kp7 vatr Enz2",  # a space is a special character
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
        ("", "il a 0 caractère"),
    ],
)
def test_weak_passwords_are_refused_with_what_they_lack(password, sentence):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, AGENT)
    assert sentence in " ".join(refused.value.messages)


def test_the_rule_is_told_before_it_is_broken():
    assert password_validators_help_texts() == [AIDE]
