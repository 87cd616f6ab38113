"""What changed in a dataset from a parution to the next: rows added, changed, removed, by key.

A delta is read like a file, and applied to the file before gives the file after, byte for byte:
`scripts/appliquer.py` and `scripts/appliquer_json.py` do it in ten lines.
"""

from contextlib import ExitStack
from dataclasses import dataclass

from programme.donnees.comparaison import comparer
from programme.donnees.parutions.formes import dumps, write_rows
from programme.donnees.parutions.reserve import brouillon

AJOUTEE, CHANGEE, RETIREE, COLONNES = "ajoutée", "changée", "retirée", "colonnes"
ENTRE_COLONNES = "|"


@dataclass
class Compte:
    """How many rows were added, changed and removed."""

    ajoutees: int = 0
    changees: int = 0
    retirees: int = 0

    def __bool__(self):
        return bool(self.ajoutees or self.changees or self.retirees)


def ecarts(avant, apres, noms, vide):
    """`(kind, (key, row), fields)` of each row that is not the same in both tables; a field is
    `(name, before, after)`, `vide` standing for what a table has not.

    Both are in the order of their keys, and are read once.
    """
    names = [*apres.colonnes, *(nom for nom in avant.colonnes if nom not in apres.colonnes)]

    def said(value):
        return vide if value is None else value

    def differ(before, after):
        # By their writing: 1 and 1.0 are not written alike.
        return repr(said(before)) != repr(said(after))

    for key, old, new, fields in comparer(avant.lignes, apres.lignes, noms, names, differ):
        kind = RETIREE if new is None else AJOUTEE if old is None else CHANGEE
        yield kind, (key, new or old), [(nom, said(one), said(two)) for nom, one, two in fields]


class EcartsCsv:
    """One line a field: the kind, the key, the field, before, after."""

    @staticmethod
    def ecrire(file, avant, apres, noms, qui):
        told = Compte()
        write_rows(file, EcartsCsv._rows(avant, apres, noms, told))
        return told

    @staticmethod
    def _rows(avant, apres, noms, told):
        yield ["changement", *noms, "champ", "avant", "apres"]
        if avant.colonnes != apres.colonnes:
            names = (ENTRE_COLONNES.join(table.colonnes) for table in (avant, apres))
            yield [COLONNES, *[""] * len(noms), "", *names]
        for kind, (key, _), fields in ecarts(avant, apres, noms, ""):
            _count(told, kind)
            # A row of empty cells is one all the same.
            yield from ([kind, *key, *field] for field in fields or [(noms[0], "", "")])


class EcartsJson:
    """Whole rows added and removed; of those changed, the key and each field, before and after."""

    @staticmethod
    def ecrire(file, avant, apres, noms, qui):
        told = Compte()
        with ExitStack() as stack:
            parts = {kind: stack.enter_context(brouillon()) for kind in (AJOUTEE, CHANGEE, RETIREE)}
            for kind, (_, ligne), fields in ecarts(avant, apres, noms, None):
                body = ligne if kind != CHANGEE else _changed(ligne, fields, noms)
                part = parts[kind]
                part.write((b",\n" if part.tell() else b"") + dumps(body).encode())
                _count(told, kind)
            head = {
                **qui,
                "cle": list(noms),
                "colonnes": {"avant": avant.colonnes, "apres": apres.colonnes},
                "entete": apres.entete,
            }
            file.write(dumps(head)[:-1].encode())
            for name, kind in (("ajoutees", AJOUTEE), ("changees", CHANGEE), ("retirees", RETIREE)):
                file.write(f', "{name}": [\n'.encode())
                parts[kind].seek(0)
                while block := parts[kind].read(1 << 16):
                    file.write(block)
                file.write(b"\n]")
            file.write(b"}\n")
        return told


ECARTS = {"csv": EcartsCsv, "json": EcartsJson}


def _changed(ligne, fields, noms):
    return {
        "cle": {nom: ligne.get(nom) for nom in noms},
        "champs": {nom: {"avant": before, "apres": after} for nom, before, after in fields},
    }


def _count(compte, kind):
    name = {AJOUTEE: "ajoutees", CHANGEE: "changees", RETIREE: "retirees"}[kind]
    setattr(compte, name, getattr(compte, name) + 1)
