"""The last day that what the public sees of a dataset changed, as the journal tells it.

A draft changes nothing, as everywhere: the rule is that of the journal. A dataset whose rows have
no history, or restate those of others, changed at the latest with the version of the data.
"""

from django.core.cache import caches
from django.db.models import F, Max, Q
from django.utils import timezone

from programme.catalogue.journal.groupes import derniers_jours
from programme.catalogue.journal.regle import genres, public_acts
from programme.donnees.horizon import connues
from programme.models import Publication
from programme.suivi_public import public_rows
from territoires import moment
from territoires.moment import today


def modifiees(read=None):
    """`{code of a dataset: day}` of those that the journal tells, read once for each version."""
    version = (read or connues)()["version"].numero
    key = moment.cle(f"modifications-{version}-{today()}")
    return caches["memoire"].get_or_set(key, lambda: derniers_jours(dict.fromkeys(genres(), Q())))


def par_fiche(*genres_et_cles):
    """`{key of a record: last day}` from `(dataset, column of its history that holds the key)`."""
    version = connues()["version"].numero
    key = moment.cle(f"modifications-{'-'.join(code for code, _ in genres_et_cles)}-{version}")
    return caches["memoire"].get_or_set(key, lambda: _by_record(genres_et_cles))


def hors_jeux(model, colonne):
    """The same from the records of a model without a dataset, while they are public."""
    public = public_rows(model).order_by().values("pk")
    records = model.history.filter(**{f"{model._meta.pk.attname}__in": public})
    if any(field.name == "publication" for field in model._meta.fields):
        records = records.filter(publication=Publication.PUBLIE)
    told = records.order_by().values_list(colonne).annotate(le=Max("history_date"))
    return {key: timezone.localdate(last) for key, last in told if key is not None}


def derniers(*connus):
    """The later day of each key, of several `{key: day}`."""
    found = {}
    for days in connus:
        for key, day in days.items():
            found[key] = max(day, found.get(key, day))
    return found


def _by_record(genres_et_cles):
    parts = [
        records.order_by().values(cle=F(column)).annotate(le=Max("history_date"))
        for code, column in genres_et_cles
        for records in public_acts(genres()[code]).values()
    ]
    first, *others = (part.values_list("cle", "le") for part in parts)
    found = {}
    for key, last in first.union(*others, all=True):
        found[key] = max(last, found.get(key, last))
    return {key: timezone.localdate(last) for key, last in found.items()}


def jour(jeu, read=None):
    """The last day on which `jeu` changed in public."""
    known = modifiees(read)
    if not jeu.selon and jeu.code in genres():
        return known.get(jeu.code)
    if moment.actuel():  # what the version was then, nobody knows: what the public saw change
        return max(known.values(), default=None)
    return timezone.localdate((read or connues)()["version"].modifie_le)
