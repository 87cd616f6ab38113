"""What changed on a record's page, day by day, told from the histories of its published rows."""

from django.db.models import Count, Value
from django.db.models.functions import TruncDate

from programme.models import Contrat, Projet, Referent
from territoires.models import Rattachement, Territoire

PUBLIE = "publié"
LIGNES = 30
# Singular, plural and feminine mark of what changed; past participle of what was done.
OBJETS = {
    "fiche": ("fiche du territoire", "", "e"),
    "rattachement": ("rattachement", "rattachements", ""),
    "contrat": ("contrat", "contrats", ""),
    "projet": ("projet", "projets", ""),
    "référent": ("référent", "référents", ""),
}
ACTES = {"+": "ajouté", "~": "modifié", "-": "supprimé"}


def _lines(history, objet):
    grouped = history.order_by().annotate(le_jour=TruncDate("history_date"), quoi=Value(objet))
    return grouped.values_list("le_jour", "quoi", "history_type").annotate(combien=Count("pk"))


def of_territoire(territoire):
    """The latest changes: dicts with `jour` and `phrase`, the latest day first, in one query.

    Only states that were published count: a draft leaves no trace here.
    """
    code = territoire.pk
    parts = [
        _lines(Territoire.history.filter(code=code), "fiche"),
        _lines(Rattachement.history.filter(territoire_id=code), "rattachement"),
        *(
            _lines(model.history.filter(territoire_id=code, publication=PUBLIE), label)
            for model, label in ((Contrat, "contrat"), (Projet, "projet"), (Referent, "référent"))
        ),
    ]
    rows = parts[0].union(*parts[1:], all=True)
    return [
        {"jour": jour, "phrase": _sentence(quoi, kind, count)}
        for jour, quoi, kind, count in rows.order_by("-le_jour", "quoi", "history_type")[:LIGNES]
    ]


def _sentence(quoi, kind, count):
    """« 12 projets ajoutés », « fiche du territoire modifiée 2 fois »."""
    one, many, feminine = OBJETS[quoi]
    if quoi == "fiche":
        times = f" {count} fois" if count > 1 else ""
        return f"{one} {ACTES[kind]}{feminine}{times}"
    if count == 1:
        return f"1 {one} {ACTES[kind]}{feminine}"
    return f"{count} {many} {ACTES[kind]}{feminine}s"
