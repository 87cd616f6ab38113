"""The rows that somebody changed since the file was exported: who, when, what."""

from collections import defaultdict

from programme.backoffice.cadre.historique import who_and_when
from programme.backoffice.imports.lignes import Doute
from programme.backoffice.imports.plan import Perimee, dire
from territoires.occultes import RAISON

NON_DITS = {"version"}
FUSION = NON_DITS | {"publication", "absorbe_par"}
"""What merging a record changes of it."""


def perimees(analyse, rows, changed):
    """A `Perimee` for each of `rows`, those that change something, exported before another's save.

    One query for their histories, whatever their number.
    """
    stale = {row.origine: row for row in rows if _is_stale(analyse, row)}
    if not stale:
        return []
    model = analyse.genre.modele
    records = defaultdict(list)
    key = model._meta.pk.attname
    histories = model.history.filter(**{f"{key}__in": stale}).select_related("history_user")
    for record in histories.order_by("-history_date", "-history_id"):
        records[getattr(record, key)].append(record)
    return [
        Perimee(
            numero=row.numero,
            nom=analyse.nommer(row),
            motif=_told(row, records[pk]),
            objet=str(row.pk),
            version=analyse.courant(row)["version"],
            changements=changements(analyse, row, changed[row.numero]),
        )
        for pk, row in stale.items()
        if row.remplace is None or _says_else(row, records[pk])
    ]


def changements(analyse, row, names):
    """[title, before, after] of each column that a row changes, in words."""
    record = analyse.courant(row) if row.pk is not None else {}
    return [
        [analyse.genre.colonnes[name].titre, dire(record.get(name)), dire(row.valeurs[name])]
        for name in names
        if not isinstance(row.valeurs[name], Doute)
    ]


def _is_stale(analyse, row):
    seen = row.valeurs.get("version")
    if row.pk is None or not isinstance(seen, int):
        return False
    return seen < (row.remplace or analyse.courant(row))["version"]


def _says_else(row, records):
    """Whether somebody changed, beside merging it, the record that `row` names since its export."""
    last = records[0]
    seen = next((record for record in records if record.version <= row.valeurs["version"]), None)
    fields = [field for field in last.tracked_fields if field.name not in FUSION]
    return seen is None or any(
        getattr(seen, field.attname) != getattr(last, field.attname) for field in fields
    )


def _told(row, records):
    seen = row.valeurs["version"]
    since = [record for record in records if record.version > seen]
    base = next((record for record in records if record.version <= seen), None)
    if masked := next((one for one in since if one.history_change_reason == RAISON), None):
        return (
            f"Une donnée personnelle de cet enregistrement a été occultée depuis votre export, par "
            f"{who_and_when([masked])} : votre fichier l’aurait remise. Exportez-le de nouveau, et "
            "reportez votre changement dans ce nouveau fichier, sans elle."
        )
    what = f" ({_what(base, since[0])})" if base and since else ""
    return (
        f"{who_and_when(since)} a modifié cet enregistrement depuis votre export{what} : "
        "exportez-le de nouveau, et reportez votre changement dans ce nouveau fichier."
    )


def _what(base, now):
    """The fields that changed between two records, with their values when they say something."""
    told = []
    for field in now.tracked_fields:
        before, after = getattr(base, field.attname), getattr(now, field.attname)
        if field.name in NON_DITS or before == after:
            continue
        if field.is_relation:
            told.append(str(field.verbose_name))
        else:
            told.append(f"{field.verbose_name} : « {dire(before)} » → « {dire(after)} »")
    return ", ".join(told) or "sans différence aujourd’hui"
