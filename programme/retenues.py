"""What is counted once of rows that do not change, and of which columns: for `colonnes`."""

from copy import deepcopy
from functools import partial, wraps

LUES_PAR = {}
"""{method that counts once: the columns that it reads}."""
ARGUMENT = "argument"


class Retenues:
    """The last answers to what was asked of rows that do not change."""

    def __init__(self, nombre):
        self._nombre, self._tenues = nombre, {}

    def lire(self, what, read):
        """What `read` answers, or answered."""
        if (found := self._tenues.get(what)) is None:
            found = self._tenues[what] = read()
            for oldest in list(self._tenues)[: -self._nombre]:
                self._tenues.pop(oldest, None)
        return found

    def items(self):
        return list(self._tenues.items())


def une_fois(*columns):
    """A method of `Lignes` that counts once, for whoever asks, the rows that are told apart.

    columns: all that it reads of them; `ARGUMENT`: that which its first one names.
    """

    def once(count):
        LUES_PAR[count.__name__] = columns

        @wraps(count)
        def counted(self, *args):
            if self.sorte is None:
                return count(self, *args)
            asked = (count.__name__, self.sorte, args)
            found = self.colonnes.comptes.lire(asked, partial(count, self, *args))
            return deepcopy(found) if isinstance(found, dict | list) else found

        return counted

    return once


def lues_par(asked):
    """The columns that an answer of `une_fois` was read from."""
    name, _, args = asked
    read = (args[0] if column == ARGUMENT else column for column in LUES_PAR[name])
    return {"mise_a_jour" if column == "annee" else column for column in read}
