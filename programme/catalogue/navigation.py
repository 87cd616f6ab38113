"""The main navigation: one entry a room of the site."""

from django.urls import reverse

# URL name, label, other beginnings of address that belong to the same entry.
ENTRIES = [
    ("programme", "Le programme", ("/glossaire/",)),
    ("carte", "Carte", ()),
    ("territoires", "Territoires", ("/regions/", "/intercommunalites/", "/communes/")),
    ("projets", "Projets", ()),
    ("contrats", "Contrats", ()),
    ("operateurs", "Promis, tenu", ()),
    ("fonds", "Fonds", ()),
    ("chiffres", "Chiffres", ()),
]


def menu(path):
    """The entries as dicts: `url`, `libelle`, `courant` ("page", "true" or "").

    `courant` is the value of aria-current: the page itself, or the room that `path` is in.
    """
    return [_entry(name, label, others, path) for name, label, others in ENTRIES]


def _entry(name, label, others, path):
    url = reverse(name)
    current = "page" if path == url else "true" if path.startswith((url, *others)) else ""
    return {"url": url, "libelle": label, "courant": current}
