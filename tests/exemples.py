"""How many examples a property over the whole site draws: each asks for pages, which cost more than
the value that a rule reads."""

from hypothesis import settings


def exemples(suite, epreuves):
    """Settings of a property: `suite` examples, always the same; `epreuves` in `make epreuves`."""
    thorough = settings.get_current_profile_name() == "epreuves"
    return settings(max_examples=epreuves if thorough else suite)
