"""The pages of the site, by the words that people have for them: « open data », « liste des
territoires », « ma commune ». They hold no record, so they stand beside the entries, never among.
"""

from dataclasses import dataclass

from django.urls import reverse

from territoires.recherche.texte import mots, racine


@dataclass(frozen=True, slots=True)
class Rubrique:
    """A page: `titre`, its address, and the `expressions` that each name it."""

    titre: str
    page: str
    expressions: tuple[str, ...]
    suite: str = ""

    @property
    def url(self):
        return f"{reverse(self.page)}{self.suite}"


RUBRIQUES = (
    Rubrique(
        "Votre commune est-elle dans un Territoire d’industrie ?",
        "accueil",
        ("ma commune", "mon territoire", "ma ville", "mon intercommunalité", "chez moi"),
    ),
    Rubrique("Le programme", "programme", ("programme", "c’est quoi", "but", "gouvernance")),
    Rubrique("Glossaire", "glossaire", ("glossaire", "lexique", "définition", "vocabulaire")),
    Rubrique("La carte", "carte", ("carte", "plan", "carte interactive")),
    Rubrique("D’une phase à l’autre", "lignees", ("lignée", "phase 1 phase 2", "que sont devenus")),
    Rubrique(
        "Les territoires de la phase 2",
        "territoires",
        ("phase 2", "183 territoires", "territoires actuels", "territoires 2023"),
        "?phase=2",
    ),
    Rubrique(
        "Les territoires de la phase 1",
        "territoires",
        ("phase 1", "146 territoires", "liste des territoires", "tous les territoires"),
    ),
    Rubrique("Les régions et leurs comités", "regions", ("régions", "comités régionaux")),
    Rubrique("Les projets", "projets", ("projets", "lauréats", "liste des projets")),
    Rubrique("Les contrats", "contrats", ("contrats", "protocoles", "liste des contrats")),
    Rubrique("Promis, tenu", "operateurs", ("opérateurs", "engagements", "promesses", "promis")),
    Rubrique(
        "Le fonds d’accélération",
        "fonds",
        ("fonds", "subvention", "aide", "budget", "argent", "enveloppe", "France Relance"),
    ),
    Rubrique("Chiffres annoncés, recomptés", "chiffres", ("chiffres", "statistiques", "bilan")),
    Rubrique("Les sources", "sources", ("sources", "documents", "bibliographie")),
    Rubrique("Les événements", "actualites", ("actualités", "événements", "nouvelles")),
    Rubrique("Agenda des comités", "agenda", ("agenda", "séances", "réunions", "calendrier")),
    Rubrique("Données ouvertes", "donnees", ("données", "open data", "télécharger", "API", "CSV")),
    Rubrique("Journal des changements", "journal", ("journal", "modifications", "historique")),
)


def _racines(texte):
    return frozenset(racine(mot) for mot in mots(texte))


_EXPRESSIONS = [
    (_racines(expression), rubrique)
    for rubrique in RUBRIQUES
    for expression in rubrique.expressions
]


def rubriques(texte):
    """The pages that what was typed names, by all the words of one of their expressions."""
    asked = _racines(texte)
    return list(dict.fromkeys(rubrique for words, rubrique in _EXPRESSIONS if words == asked))
