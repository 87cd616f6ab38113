"""Overseas places that are in none of the 18 régions: a search for one says so.

Source: code officiel géographique (INSEE), collectivités d'outre-mer.
"""

from dataclasses import dataclass

from territoires.recherche.texte import mots


@dataclass(frozen=True, slots=True)
class Collectivite:
    """`nom` with its preposition; `codes` begin its INSEE codes and its postcodes."""

    nom: str
    codes: tuple[str, ...]
    lieux: tuple[str, ...]

    @property
    def phrase(self):
        return (
            f"Ce lieu est {self.nom}, hors des 18 régions : aucune liste du programme n’y place de "
            "territoire."
        )


COLLECTIVITES = (
    Collectivite("à Saint-Pierre-et-Miquelon", ("975",), ("Saint-Pierre-et-Miquelon", "Miquelon")),
    Collectivite("à Saint-Barthélemy", ("977", "97133"), ("Saint-Barth", "Gustavia")),
    Collectivite("à Saint-Martin", ("978", "97150"), ("Saint-Martin Antilles", "Marigot Antilles")),
    Collectivite("dans les Terres australes et antarctiques françaises", ("984",), ("TAAF",)),
    Collectivite("à Wallis-et-Futuna", ("986",), ("Wallis-et-Futuna", "Wallis", "Mata-Utu")),
    Collectivite(
        "en Polynésie française",
        ("987",),
        ("Polynésie française", "Polynésie", "Tahiti", "Papeete", "Faa’a", "Moorea", "Bora-Bora"),
    ),
    Collectivite(
        "en Nouvelle-Calédonie",
        ("988",),
        ("Nouvelle-Calédonie", "Calédonie", "Nouméa", "Le Mont-Dore Nouvelle-Calédonie", "Païta"),
    ),
)
_PAR_LIEU = {tuple(mots(lieu)): c for c in COLLECTIVITES for lieu in c.lieux}


def collectivite_hors_regions(texte):
    """The `Collectivite` that what was typed names, by a name or a code; None for any other."""
    lus = mots(texte)
    if found := _PAR_LIEU.get(tuple(lus)):
        return found
    codes = [mot for mot in lus if mot.isdigit() and len(mot) in (3, 5)]
    for collectivite in COLLECTIVITES:
        if any(code.startswith(collectivite.codes) for code in codes):
            return collectivite
    return None
