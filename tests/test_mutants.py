"""The faults of `make epreuves ARGS=mutants` still have their place, and their test."""

import pytest
from django.conf import settings

from tests.epreuves.mutants import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.nom)
def test_a_fault_has_its_place_and_its_test(mutant):
    code = (settings.BASE_DIR / mutant.fichier).read_text(encoding="utf-8")
    assert code.count(mutant.avant) == 1
    assert mutant.apres not in code
    path, _, name = mutant.essai.partition("::")
    assert name.rpartition("::")[2] in (settings.BASE_DIR / path).read_text(encoding="utf-8")
