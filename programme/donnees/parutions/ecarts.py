"""What changed in a dataset from a parution to the next: rows added, changed, removed, by key.

A delta is read like a file, and applied to the file before gives the file after, byte for byte:
`scripts/appliquer.py` and `scripts/appliquer_json.py` do it in ten lines.
"""

from contextlib import ExitStack
from dataclasses import dataclass

from programme.donnees.parutions.formes import cle, dumps, write_rows
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


def comparer(avant, apres, noms, vide):
    """`(kind, (key, row), fields)` of each row that is not the same in both tables; a field is
    `(name, before, after)`, `vide` standing for what a table has not.

    Both are in the order of their keys, and are read once.
    """
    names = [*apres.colonnes, *(nom for nom in avant.colonnes if nom not in apres.colonnes)]
    old, new = _keyed(avant.lignes, noms), _keyed(apres.lignes, noms)
    one, two = next(old, None), next(new, None)
    while one or two:
        before = one if two is None or (one and one[0] <= two[0]) else None
        after = two if one is None or (two and two[0] <= one[0]) else None
        fields = [
            (nom, *pair)
            for nom in names
            # By their writing: 1 and 1.0 are not written alike.
            if repr((pair := [_value(row, nom, vide) for row in (before, after)])[0])
            != repr(pair[1])
        ]
        if before and after:
            if fields:
                yield CHANGEE, after, fields
        else:
            yield (AJOUTEE, after, fields) if after else (RETIREE, before, fields)
        one = next(old, None) if before else one
        two = next(new, None) if after else two


def _value(keyed, nom, vide):
    return keyed[1].get(nom, vide) if keyed else vide


def _keyed(lignes, noms):
    return ((cle(ligne, noms), ligne) for ligne in lignes)


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
        for kind, (key, _), fields in comparer(avant, apres, noms, ""):
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
            for kind, (_, ligne), fields in comparer(avant, apres, noms, None):
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
