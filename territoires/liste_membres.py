"""A complete list of the territories' members at a date, in the layout of ANCT's lists.

Columns: `id_ti, lib_ti, insee_reg, siren_groupement, lib_groupement, type, insee_com`; `insee_com`
is filled where the member is a commune by itself. CSV or XLSX, as `territoires.lecture` reads them.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.core.exceptions import ValidationError

from territoires import lecture
from territoires.ajustements import Ajustement
from territoires.carte import code_membre, est_membre
from territoires.carte_a_venir import SIREN_LENGTH, CarteAVenir
from territoires.correspondance import Entree, code_de_liste, correspondance
from territoires.dates import en_chiffres, iso
from territoires.lecture.codes import has_good_key
from territoires.lecture.tables import FichierRefuse, ouvrir
from territoires.lecture.tables.encodage import damage
from territoires.lecture.tables.tableau import Illisible, Tableau, letters
from territoires.models import (
    Certitude,
    Commune,
    Intercommunalite,
    Phase,
    Rattachement,
    Region,
    Territoire,
)
from territoires.recherche.texte import plier
from territoires.situation import membres_qui_comptent


def _siren(ecrit):
    """Nine digits; whether they are a SIREN that is known is told with the others."""
    try:
        return lecture.siren(ecrit)
    except lecture.ValeurRefusee:
        code = lecture.code(ecrit, SIREN_LENGTH)
        if re.fullmatch(rf"[0-9]{{{SIREN_LENGTH}}}", code):
            return code
        raise


LECTEURS = {
    "id_ti": lecture.code,
    "lib_ti": lecture.texte,
    "insee_reg": partial(lecture.code, largeur=2),
    "siren_groupement": _siren,
    "lib_groupement": lecture.texte,
    "type": lecture.texte,
    "insee_com": partial(lecture.code, largeur=5),
}
"""{column: what reads its cells}."""
COLUMNS = tuple(LECTEURS)
LARGEST_FILE = 1_000_000  # bytes; a list of 149 territories has 64 000
TOO_LARGE = "Le fichier dépasse 1 Mo : ce n’est pas une liste de membres."
CODE = re.compile(r"ti-[0-9]{4}")
NOM_LE_PLUS_LONG = Territoire._meta.get_field("nom").max_length


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
    """The rows of a file, as dicts of texts as they are read, with their line under `ligne`.

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
    names = [lecture.net(name).lower() for name in table.entete]
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
            row[column], told = _read(column, cells[rank] if rank < len(cells) else None)
            faults += [Erreur(number, column, told)] if told else []
        rows.append(row)
    if faults:
        raise ListeErronee(faults)
    if not rows:
        raise FichierRefuse("Le fichier n’a aucune ligne : la liste doit être complète.")
    return Liste(rows, (*table.remarques, *_of_today(rows)))


def _read(column, cell):
    """(text, what is wrong with it) of a cell; one of the two is empty."""
    if isinstance(cell, Illisible):
        return "", cell.phrase
    if lecture.est_vide(cell):
        return "", ""
    if isinstance(cell, str) and (told := damage(cell)):
        return "", told
    try:
        return LECTEURS[column](cell), ""
    except lecture.ValeurRefusee as error:
        return "", str(error)


def _of_today(rows):
    """Give a commune of before the code of today's; a sentence for each code that was read so."""
    asked = {row["insee_com"] for row in rows} - {""}
    told = {}
    for code in sorted(asked - _known(Commune, asked)):
        if commune := Commune.objects.aujourdhui(code):
            told[code] = commune
    for row in rows:
        if commune := told.get(row["insee_com"]):
            row["insee_com"] = commune.pk
    return [
        f"Commune {code} : lue {commune.pk}, {commune.nom}, sa commune d’aujourd’hui."
        for code, commune in told.items()
    ]


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


@dataclass(frozen=True)
class Proposition:
    """What a list would do: the act, and its table of `correspondance.Ligne`s.

    `precedente`: the territories are those of a phase that begins; the table compares them with
    those of the phase before, which stay in it with their contracts and projects.
    """

    ajustement: Ajustement
    lignes: list
    precedente: bool


def adjustment(liste, le, source, **options):
    """The `Ajustement` that turns the map of `le` into that of a `Liste`; may be empty.

    Raises `ListeErronee` with every wrong row.
    """
    verifier(liste)
    return proposition(liste, le, source, **options).ajustement


def verifier(liste):
    """Raise `ListeErronee` with every wrong row of a `Liste`, in three queries."""
    if erreurs := _check(liste.rows):
        raise ListeErronee(erreurs)


def proposition(
    liste, le, source, *, certitude=Certitude.EXACTE, choix=None, carte=None, ouvre=None
):
    """The `Proposition` of a `Liste` that was verified: each entry recognised by its members.

    `choix`: {code of the list: code of a territory, or ""}, which overrules. `carte`: the
    `CarteAVenir` that it is compared with, the map as it is by default. `ouvre`: {"numero", "nom"}
    of the phase that it opens. In a constant number of queries. Raises `ChoixErrone`.
    """
    entrees = _entrees(liste.rows)
    phase = Phase(numero=ouvre["numero"]) if ouvre else Phase.objects.at(le).first()
    known = (carte or CarteAVenir.lire()).territoires
    ours = [t for t in known.values() if phase and t.phase_id == phase.pk]
    present = _members(ours, le)
    before = present
    if not ours and phase:
        eve = le - timedelta(days=1)
        before = _members((t for t in known.values() if t.phase_id == phase.pk - 1), eve)
    named = set().union(*before.values(), *(entree.membres for entree in entrees))
    lines = correspondance(entrees, before, choix, _parties(named))
    act = _act(lines, present, known, phase, ours)
    listed = {"nombre": len(entrees), "membres": sum(len(e.membres) for e in entrees)}
    if not ours and before:
        listed["reconnus"] = {
            line.entree.code: line.territoire.pk for line in lines if line.reconnu
        }
    result = Ajustement(
        acte="importer une liste complète",
        le=le,
        source=source,
        certitude=certitude,
        pas_avant=(
            _pas_avant(phase, le) if certitude == Certitude.AU_PLUS_TARD and not ouvre else ""
        ),
        liste=listed,
        phase=ouvre or {},
        **act,
    )
    if not result.est_vide:
        _refuse_rewriting(le)
    return Proposition(result, lines, not ours)


def _entrees(rows):
    members, facts = defaultdict(set), {}
    for row in rows:
        code = row["id_ti"].lower()
        members[code].add(_member_code(row))
        facts.setdefault(code, row)
    return [
        Entree(code, row["lib_ti"], row["insee_reg"], frozenset(members[code]))
        for code, row in facts.items()
    ]


def _parties(membres):
    """{member: its communes} of those of which a commune is a member by itself, there or here."""
    alone = {code for code in membres if len(code) != SIREN_LENGTH}
    found = {}
    for name in ("intercommunalite", "ept"):
        whole = Commune.objects.filter(pk__in=alone).order_by().values(name)
        inside = Commune.objects.filter(**{f"{name}__in": whole}).values_list(name, "pk")
        for code, commune in inside if alone else ():
            if code in membres:
                found.setdefault(code, set()).add(commune)
    return found


def _members(territoires, day):
    """{territory: its members} of those that are on the map that day."""
    found = {
        territoire: {code_membre(r) for r in territoire.rattachements.all() if est_membre(r, day)}
        for territoire in territoires
    }
    return {territoire: codes for territoire, codes in found.items() if codes}


def _act(lines, present, known, phase, ours):
    """The parts of the `Ajustement` of some lines."""
    act = {name: {} for name in ("creations", "sorties", "entrees", "noms", "codes", "successeurs")}
    taken, code_of = set(known), {}
    back = {t.pk: t for t in ours if t not in present}
    for line in lines:
        if line.entree is None:
            continue
        entree, territoire = line.entree, line.territoire if ours else None
        territoire = territoire or _comes_back(entree, back)
        if territoire is None:
            code = _free_code(entree.code, phase, taken)
            taken.add(code)
            act["creations"][code] = {
                "nom": entree.nom,
                "region_porteuse": entree.region,
                "code_anct": entree.code,
            }
            was = frozenset()
        else:
            code, was = territoire.pk, frozenset(present.get(territoire, ()))
            if territoire.nom != entree.nom:
                act["noms"][code] = [territoire.nom, entree.nom]
            if code_de_liste(territoire) != entree.code:
                act["codes"][code] = [territoire.code_anct, entree.code]
        code_of[entree.code] = code
        _move(act, code, entree.membres - was, was - entree.membres)
    if ours:
        _leave(act, [line for line in lines if line.entree is None], code_of)
    return act


def _leave(act, lines, code_of):
    """The territories that are on the list no more, and who takes over all the members of one."""
    for line in lines:
        code = line.territoire.pk
        _move(act, code, frozenset(), line.avant)
        if line.territoire.code_anct in code_of:  # the list gives it to another
            act["codes"][code] = [line.territoire.code_anct, ""]
        if len(line.heritiers) == 1:
            ((heir, count),) = line.heritiers.items()
            if count == line.taille:
                act["successeurs"][code] = [line.territoire.successeur_id, code_of[heir.code]]


def _move(act, code, entering, leaving):
    if entering:
        act["entrees"][code] = sorted(entering)
    if leaving:
        act["sorties"][code] = sorted(leaving)


def _comes_back(entree, back):
    """A territory that had left the map, and whose last members are those of the entry."""
    for territoire in back.values():
        rows = territoire.rattachements.all()
        last = {code_membre(row) for row in membres_qui_comptent(rows, date.max)}
        if plier(territoire.nom) == plier(entree.nom) and last & entree.membres:
            return territoire
    return None


def _free_code(wanted, phase, taken):
    """Our code for a new territory: that of the list in its phase, else the next of its région."""
    prefix = "ti" if phase.pk == 1 else f"ti{phase.pk}"
    region, rank = wanted[3:5], int(wanted[5:])
    for number in (rank, *range(99, 0, -1)):
        code = f"{prefix}-{region}{number:02}"
        if code not in taken:
            return code
    raise ValidationError(f"La région {region} n’a plus de code libre pour « {wanted} ».")


def _pas_avant(phase, le):
    """The day after the last complete list before `le`: it excludes what it does not have."""
    last = phase.listes.filter(date__lt=le).order_by("-date").first() if phase else None
    return iso(last.date + timedelta(days=1)) if last else ""


def _member_code(row):
    return row["insee_com"] or row["siren_groupement"]


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
        column: _known(model, {row[column] for row in rows})
        for column, model in (
            ("insee_reg", Region),
            ("siren_groupement", Intercommunalite),
            ("insee_com", Commune),
        )
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


def _known(model, codes):
    return set(model.objects.filter(pk__in=codes - {""}).values_list("pk", flat=True))


def _row_errors(row, known):
    """(column, message) of each wrong cell of one row."""
    if not CODE.fullmatch(row["id_ti"].lower()):
        yield "id_ti", f"« {row['id_ti']} » n’est pas un code de territoire comme ti-7505."
    if not row["lib_ti"]:
        yield "lib_ti", "le nom du territoire est vide."
    elif len(row["lib_ti"]) > NOM_LE_PLUS_LONG:
        yield "lib_ti", _too_long(row["lib_ti"])
    if row["insee_reg"] not in known["insee_reg"]:
        yield "insee_reg", f"« {row['insee_reg']} » n’est pas le code d’une région."
    if row["insee_com"]:
        if row["insee_com"] not in known["insee_com"]:
            yield "insee_com", f"« {row['insee_com']} » n’est pas le code INSEE d’une commune."
    elif not row["siren_groupement"]:
        yield "siren_groupement", "le SIREN du groupement, ou le code de la commune, est vide."
    elif row["siren_groupement"] not in known["siren_groupement"]:
        yield "siren_groupement", _unknown_siren(row["siren_groupement"])


def _too_long(nom):
    return (
        f"« {lecture.cite(nom)} » a {len(nom)} caractères ; le nom d’un territoire en a "
        f"{NOM_LE_PLUS_LONG} au plus : abrégez-le."
    )


def _unknown_siren(siren):
    told = f"le SIREN « {siren} » n’est celui d’aucune intercommunalité connue"
    if has_good_key(siren):
        return f"{told}."
    return f"{told} : son dernier chiffre, la clé, ne correspond pas aux huit autres, recopiez-le."
