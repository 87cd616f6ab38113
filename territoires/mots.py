"""Words for the sentences that speak of records: the gender of their names."""

FEMININS = frozenset(
    {
        "action", "affirmation", "citation", "clé", "commune", "confrontation", "convention",
        "décision", "empreinte", "entrée", "enveloppe", "fiche", "fusion", "intercommunalité",
        "ligne", "lignée", "liste", "mesure", "modification", "parution", "personne", "phase",
        "preuve", "proposition", "retouche",
        "réalisation", "région", "sortie", "source", "séance", "tournée", "tâche", "valeur",
        "version", "vue",
    }
)  # fmt: skip
"""First words of verbose names. Any other is masculine: a test says so name by name."""


def feminin(nom):
    return str(nom).split(" ")[0] in FEMININS


def un(nom):
    """« une séance », « un contrat »."""
    return f"{'une' if feminin(nom) else 'un'} {nom}"


def connu(nom):
    """« une commune connue », « un projet connu »."""
    return f"{un(nom)} connu{'e' if feminin(nom) else ''}"
