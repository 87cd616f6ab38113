"""Which views never name a person: what they show may be kept elsewhere, by caches that we do not
command, while the site cannot answer. The others say nothing: silence is no consent.
"""


def sans_personne(view):
    """Declare that a view names nobody, whatever its address and its format."""
    view.sans_personne = True
    return view


def names_nobody(view):
    """Whether a view says so of itself; what it inherits from may show less."""
    declared = getattr(view, "view_class", view)
    return vars(declared).get("sans_personne", False) or vars(view).get("sans_personne", False)
