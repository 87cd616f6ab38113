"""What changed on a record's page, day by day, told from the histories of its published rows."""

from django.db.models import Count, Value
from django.db.models.functions import TruncDate

from programme.models import Contrat, Projet, Referent
from territoires.models import Rattachement, Territoire

PUBLIE = "publié"
ACTES = {"+": "ajout", "~": "modification", "-": "suppression"}
LIGNES = 30


def _lines(history, objet):
    grouped = history.order_by().annotate(le_jour=TruncDate("history_date"), quoi=Value(objet))
    return grouped.values_list("le_jour", "quoi", "history_type").annotate(combien=Count("pk"))


def of_territoire(territoire):
    """The latest changes: dicts with `jour`, `objet`, `acte`, `nombre`, in one query.

    Only states that were published count: a draft leaves no trace here.
    """
    code = territoire.pk
    parts = [
        _lines(Territoire.history.filter(code=code), "fiche du territoire"),
        _lines(Rattachement.history.filter(territoire_id=code), "rattachement"),
        *(
            _lines(model.history.filter(territoire_id=code, publication=PUBLIE), label)
            for model, label in ((Contrat, "contrat"), (Projet, "projet"), (Referent, "référent"))
        ),
    ]
    rows = parts[0].union(*parts[1:], all=True)
    return [
        {"jour": jour, "objet": quoi, "acte": ACTES[kind], "nombre": count}
        for jour, quoi, kind, count in rows.order_by("-le_jour", "quoi", "history_type")[:LIGNES]
    ]
