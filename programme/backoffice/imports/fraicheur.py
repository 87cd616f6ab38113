"""The rows that somebody changed since the file was exported: who, when, what."""

from collections import defaultdict

from programme.backoffice.cadre.historique import who_and_when
from programme.backoffice.imports.lignes import Doute
from programme.backoffice.imports.plan import Perimee, dire
from territoires.occultes import RAISON

NON_DITS = {"version"}


def perimees(analyse, rows, changed):
    """A `Perimee` for each of `rows`, those that change something, exported before another's save.

    One query for their histories, whatever their number.
    """
    stale = {row.pk: row for row in rows if _is_stale(analyse, row)}
    if not stale:
        return []
    model = analyse.genre.modele
    records = defaultdict(list)
    histories = model.history.filter(id__in=stale).select_related("history_user")
    for record in histories.order_by("-history_date", "-history_id"):
        records[record.id].append(record)
    return [
        Perimee(
            numero=row.numero,
            nom=analyse.nommer(row),
            motif=_told(row, records[pk]),
            objet=str(pk),
            version=analyse.courant(row)["version"],
            changements=changements(analyse, row, changed[row.numero]),
        )
        for pk, row in stale.items()
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
    return row.pk is not None and isinstance(seen, int) and seen < analyse.courant(row)["version"]


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
