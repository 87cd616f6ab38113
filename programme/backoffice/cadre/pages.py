"""The pages that our screens add to Django's: their addresses, how they are drawn."""

from django.utils.text import capfirst


def headline(obj):
    """The name of a record (or a name) as a heading: « Contrat… », yet « iXblue » as it is."""
    name = str(obj)
    return capfirst(name) if name.partition(" ")[0].islower() else name
