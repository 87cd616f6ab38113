"""The query string of a list: read once, written back without what says nothing."""

from django.http import QueryDict

LONGEST = 8_000  # characters: beyond, no link of ours could have written it
# Added by mail and social networks to the links they carry; never read.
IGNORED_PREFIXES = ("utm_", "mtm_", "pk_", "fbclid", "gclid")

# What arranges the rows of a view, without choosing them.
PRESENTATION = ("tri", "page", "taille", "format", "separateur", "curseur", "couleur")


class Requete:
    """The parameters of a list, without empty ones, and the addresses made from them."""

    a_des_vides = False
    """Whether a form sent fields that were left empty: its page has a shorter address."""

    def __init__(self, data):
        self.data = QueryDict(mutable=True)
        for name, values in data.lists():
            stated = [value for value in values if value.strip()]
            self.a_des_vides |= len(stated) < len(values)
            if stated and not name.startswith(IGNORED_PREFIXES):
                self.data.setlist(name, stated)

    def avec(self, **changes):
        """`?…` with some parameters replaced; None removes one. Any change goes back to page 1."""
        data = self.data.copy()
        data.pop("page", None)
        data.pop("format", None)
        data.pop("curseur", None)
        for name, value in changes.items():
            if value is None:
                data.pop(name, None)
            else:
                data[name] = value
        return f"?{data.urlencode()}" if data else "?"

    def fichier(self, **parameters):
        """`?…` of the file that `parameters` ask for: every row in this order, not a page."""
        arranged = dict.fromkeys({"taille", "separateur"} - set(parameters))
        return self.avec(**parameters, **arranged)

    def sans(self, names, value=None):
        """`?…` without some parameters, or without one of their values."""
        changed = Requete(self.data)
        for name in names:
            kept = [other for other in changed.data.getlist(name) if value not in (None, other)]
            changed.data.setlist(name, kept)
        return changed.avec()

    @property
    def permalien(self):
        """The query string that restores this very view, empty for the whole list."""
        return f"?{self.data.urlencode()}" if self.data else ""

    @property
    def canonique(self):
        """The same without what only arranges the rows: one address for one set of rows."""
        data = self.data.copy()
        for name in PRESENTATION:
            data.pop(name, None)
        return f"?{data.urlencode()}" if data else ""

    @property
    def noindex(self):
        """Whether filters are combined: an endless space of addresses, not worth a robot's time."""
        stated = [values for name, values in self.data.lists() if name not in PRESENTATION]
        return sum(len(values) for values in stated) > 1
