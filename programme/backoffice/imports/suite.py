"""Codes that are proposed, one after the other: « r28-004 » when « r28-003 » is the last."""

import re

CHIFFRES = 3


def debut(agent):
    """How the codes that an agent gives begin, unless they choose otherwise."""
    regions = sorted(agent.regions.values_list("pk", flat=True))
    return f"r{regions[0]}-" if regions else "nat-"


def suivants(modele, prefixe):
    """The codes that follow the last that begins with `prefixe`, whoever gave it."""
    known = modele._base_manager.filter(code__startswith=prefixe).values_list("code", flat=True)
    numbers = [int(found[1]) for code in known if (found := _number(code, prefixe))]
    rank = max(numbers, default=0)
    while True:
        rank += 1
        yield f"{prefixe}{rank:0{CHIFFRES}}"


def _number(code, prefixe):
    return re.fullmatch(r"([0-9]{1,9})", code[len(prefixe) :])


class Suite:
    """Gives their codes to the new rows of a file that has none."""

    def __init__(self, genre, correspondance):
        self.nom = genre.suite
        prefixe = correspondance.suite if correspondance else ""
        self.codes = suivants(genre.modele, prefixe) if self.nom and prefixe else None

    def donner(self, row):
        if self.codes is not None and row.valeurs.get(self.nom) is None:
            row.valeurs[self.nom] = next(self.codes)
