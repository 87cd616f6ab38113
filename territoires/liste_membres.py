"""A complete list of the territories' members at a date, in the layout of ANCT's lists.

Columns: `id_ti, lib_ti, insee_reg, siren_groupement, lib_groupement, type, insee_com`; `insee_com`
is filled where the member is a commune by itself. CSV or XLSX, as `territoires.lecture` reads them.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from territoires.ajustements import Ajustement
from territoires.carte_a_venir import SIREN_LENGTH
from territoires.dates import en_chiffres
from territoires.lecture.tables import FichierRefuse, ouvrir
from territoires.lecture.tables.encodage import damage
from territoires.lecture.tables.tableau import Illisible, Tableau, as_text, letters
from territoires.models import Commune, Intercommunalite, Phase, Rattachement, Region, Territoire

COLUMNS = (
    "id_ti",
    "lib_ti",
    "insee_reg",
    "siren_groupement",
    "lib_groupement",
    "type",
    "insee_com",
)
LARGEST_FILE = 1_000_000  # bytes; a list of 149 territories has 64 000
TOO_LARGE = "Le fichier dépasse 1 Mo : ce n’est pas une liste de membres."
CODE = re.compile(r"ti-[0-9]{4}")


@dataclass(frozen=True)
class Erreur:
    """What is wrong with one line (numbered as a spreadsheet does) and one column."""

    ligne: int
    colonne: str
    message: str

    def __str__(self):
        return f"Ligne {self.ligne}, colonne {self.colonne} : {self.message}"


class ListeErronee(ValidationError):
    """The file has wrong rows: `erreurs` names each; nothing may be imported."""

    def __init__(self, erreurs):
        self.erreurs = erreurs
        super().__init__([str(erreur) for erreur in erreurs])


@dataclass(frozen=True)
class Liste:
    """The rows of a file, as dicts of stripped text with their line under `ligne`.

    remarques: what is to be said of the reading at the head of a preview.
    """

    rows: list
    remarques: tuple


def read(content):
    """The `Liste` of a file (`bytes`).

    Raises `ValidationError` when it is not such a list at all, `ListeErronee` for unreadable cells.
    """
    if len(content) > LARGEST_FILE:
        raise ValidationError(TOO_LARGE)
    table = ouvrir(content)
    names = [name.strip().lower() for name in table.entete]
    if missing := [column for column in COLUMNS if column not in names]:
        raise FichierRefuse(
            f"Il manque la colonne {', '.join(missing)} : "
            f"la première ligne doit nommer {', '.join(COLUMNS)}."
        )
    if twice := [column for column in COLUMNS if names.count(column) > 1]:
        raise FichierRefuse(f"La colonne {', '.join(twice)} est deux fois dans le fichier.")
    places = {column: names.index(column) for column in COLUMNS}
    faults = _hidden(table, places)
    rows = []
    for number, cells in table.lignes:
        row = {"ligne": number}
        for column, rank in places.items():
            cell = cells[rank] if rank < len(cells) else None
            told = cell.phrase if isinstance(cell, Illisible) else damage(as_text(cell))
            row[column] = "" if told else unicodedata.normalize("NFC", as_text(cell).strip())
            faults += [Erreur(number, column, told)] if told else []
        rows.append(row)
    if faults:
        raise ListeErronee(faults)
    if not rows:
        raise FichierRefuse("Le fichier n’a aucune ligne : la liste doit être complète.")
    return Liste(rows, table.remarques)


def _hidden(table: Tableau, places):
    """A complete list has no part that its reader does not see: an `Erreur` for each that is."""
    remedy = "affichez-la et vérifiez-la, ou supprimez-la."
    return [
        Erreur(1, column, f"la colonne {letters(rank + 1)} est masquée dans le classeur : {remedy}")
        for column, rank in places.items()
        if rank in table.colonnes_masquees
    ] + [
        Erreur(number, COLUMNS[0], f"la ligne est masquée dans le classeur : {remedy}")
        for number in sorted(table.masquees)
    ]


def adjustment(liste, le, source):
    """The `Ajustement` that turns the map of `le` into that of a `Liste`; may be empty.

    Raises `ListeErronee` with every wrong row.
    """
    rows = liste.rows
    if erreurs := _check(rows):
        raise ListeErronee(erreurs)
    wanted = defaultdict(set)
    facts = {}
    for row in rows:
        code = row["id_ti"].lower()
        wanted[code].add(_member_code(row))
        facts.setdefault(code, row)
    today = defaultdict(set)
    for code, siren, insee in Rattachement.objects.at(le).values_list(
        "territoire", "intercommunalite", "commune"
    ):
        today[code].add(siren or insee)
    known = dict(Territoire.objects.values_list("pk", "nom"))
    result = Ajustement(
        acte="importer une liste complète",
        le=le,
        source=source,
        creations={
            code: {"nom": row["lib_ti"], "region_porteuse": row["insee_reg"]}
            for code, row in facts.items()
            if code not in known
        },
        sorties=_gaps(today, wanted),
        entrees=_gaps(wanted, today),
        noms={
            code: [known[code], row["lib_ti"]]
            for code, row in facts.items()
            if code in known and known[code] != row["lib_ti"]
        },
        successeurs=_mergers(today, wanted),
    )
    if not result.est_vide:
        _refuse_rewriting(le)
    return result


def _member_code(row):
    return row["insee_com"] or row["siren_groupement"]


def _gaps(one, other):
    """What each territory has in `one` and not in `other`, sorted."""
    gaps = {code: sorted(members - other.get(code, set())) for code, members in one.items()}
    return {code: members for code, members in sorted(gaps.items()) if members}


def _mergers(today, wanted):
    """Territories that vanish into exactly one other: code → [None, successor]."""
    mergers = {}
    for code, members in today.items():
        if code in wanted:
            continue
        heirs = {heir for heir, theirs in wanted.items() if members & theirs}
        if len(heirs) == 1 and members <= wanted[min(heirs)]:
            mergers[code] = [None, min(heirs)]
    return mergers


def _refuse_rewriting(le):
    rows = Rattachement.objects.filter(phase__in=Phase.objects.at(le))
    later = rows.filter(debut__gte=le) | rows.filter(fin__gte=le)
    if later.exists():
        raise ValidationError(
            f"La carte a déjà changé le {en_chiffres(le)} ou après : "
            "une liste complète s’importe à une date plus récente que le dernier changement."
        )


def _check(rows):
    """Every `Erreur` of the rows, in their order."""
    known = {
        "region": set(Region.objects.values_list("pk", flat=True)),
        "siren": set(Intercommunalite.objects.values_list("pk", flat=True)),
        "commune": set(Commune.objects.values_list("pk", flat=True)),
    }
    erreurs = []
    first = {}
    facts = {}
    for row in rows:
        erreurs += (Erreur(row["ligne"], *error) for error in _row_errors(row, known))
        member, code = _member_code(row), row["id_ti"].lower()
        column = "insee_com" if row["insee_com"] else "siren_groupement"
        if member and member in first:
            other = first[member]
            where = "ce territoire" if other["id_ti"].lower() == code else f"« {other['lib_ti']} »"
            erreurs.append(
                Erreur(
                    row["ligne"],
                    column,
                    f"« {member} » est déjà membre de {where} à la ligne {other['ligne']}.",
                )
            )
        first.setdefault(member, row)
        same = facts.setdefault(code, row)
        for column in ("lib_ti", "insee_reg"):
            if row[column] != same[column]:
                erreurs.append(
                    Erreur(
                        row["ligne"],
                        column,
                        f"« {row[column]} » diffère de « {same[column]} », "
                        f"à la ligne {same['ligne']} pour le même territoire.",
                    )
                )
    return erreurs


def _row_errors(row, known):
    """(column, message) of each wrong cell of one row."""
    if not CODE.fullmatch(row["id_ti"].lower()):
        yield "id_ti", f"« {row['id_ti']} » n’est pas un code de territoire comme ti-7505."
    if not row["lib_ti"]:
        yield "lib_ti", "le nom du territoire est vide."
    if row["insee_reg"] not in known["region"]:
        yield "insee_reg", f"« {row['insee_reg']} » n’est pas le code d’une région."
    if row["insee_com"]:
        if row["insee_com"] not in known["commune"]:
            yield "insee_com", f"« {row['insee_com']} » n’est pas le code INSEE d’une commune."
    elif len(row["siren_groupement"]) != SIREN_LENGTH or not row["siren_groupement"].isdigit():
        yield (
            "siren_groupement",
            f"« {row['siren_groupement']} » n’est pas un SIREN : neuf chiffres attendus.",
        )
    elif row["siren_groupement"] not in known["siren"]:
        yield (
            "siren_groupement",
            f"le SIREN « {row['siren_groupement']} » n’est celui d’aucune intercommunalité connue.",
        )
