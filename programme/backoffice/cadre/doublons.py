"""A new record that may be there already: those that look like it are named before it is saved."""

import difflib
from dataclasses import dataclass

from django.urls import reverse

from territoires.recherche.texte import plier

PAS_UN_DOUBLON = "_pas_un_doublon"
FUSIONNER = "_fusionner"
"""The box that leads, once the new record is saved, to merge it with the one of this key."""
REGARDES = 400
"""Records whose titles are compared."""
PROCHE = 0.85
NOMMES = 5


@dataclass(frozen=True)
class Doublon:
    """A record that looks like another, and why. cle: its key."""

    nom: str
    url: str
    raison: str
    cle: str


def proches(rows, titre, titre_de):
    """Those of `rows` whose title is nearly `titre`, once both are folded."""
    wanted = plier(titre)
    if not wanted:
        return []
    matcher = difflib.SequenceMatcher(b=wanted)
    found = []
    for row in rows[:REGARDES]:
        matcher.set_seq1(plier(titre_de(row)))
        if matcher.real_quick_ratio() >= PROCHE and matcher.ratio() >= PROCHE:
            found.append(row)
    return found


def semblables(ressemblants, rows, data):
    """The `Doublon`s among `rows`, those that the agent sees, of a record that says `data`."""
    rows = rows.filter(absorbe_par__isnull=True).order_by("-pk")
    found = {}
    for row, reason in ressemblants(rows, data):
        found.setdefault(row.pk, (row, []))[1].append(reason)
    page = f"admin:{rows.model._meta.app_label}_{rows.model._meta.model_name}_change"
    return [
        Doublon(str(row), reverse(page, args=[row.pk]), ", ".join(reasons), str(row.pk))
        for row, reasons in list(found.values())[:NOMMES]
    ]


class SansDoublon:
    """Of the form of a new record. `ressemblants` says which are like it, and why."""

    doublons = ()

    @staticmethod
    def ressemblants(rows, data):
        """Pairs (record, reason) among `rows`, those that the agent sees."""
        return []

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is not None or self.prefix or self.errors:
            return cleaned
        model = self._meta.model
        rows = model._default_manager.visible_to(self.request.user)
        self.doublons = semblables(self.ressemblants, rows, cleaned)
        if self.doublons and not {PAS_UN_DOUBLON, FUSIONNER} & set(self.data):
            self.add_error(
                None,
                "Peut-être déjà enregistré : voyez les enregistrements nommés ci-dessous. Si c’en "
                "est un autre, cochez « Ce n’est pas un doublon » ; si c’est le même, cochez "
                "« C’est le même ». Puis enregistrez.",
            )
        return cleaned
