"""The map before and after an act, done in memory."""

import hashlib
import json
from datetime import timedelta

from programme.catalogue.carte import Aplat, dessin_ensemble, dessin_proche
from programme.catalogue.carte.comparaison import ENTRE, INCHANGE, MEMBRES, SORTI
from territoires.carte import comparer

LARGEST_NEAR_DRAWING = 12
"""Above this number of territories the whole country is drawn."""


def fingerprint(ajustement, carte, attendues):
    """What was previewed: the act, the rows it starts from, the decisions that wait before it."""
    touched = [carte.territoires.get(code) for code in ajustement.territoires]
    rows = sorted(
        (row.pk, row.version)
        for territoire in touched
        if territoire is not None
        for row in territoire.rattachements.all()
        if row.pk is not None
    )
    waiting = [decision.pk for decision in attendues]
    text = json.dumps([ajustement.to_json(), rows, waiting], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changes(ajustement, carte):
    """Template context of what an act, done on a `CarteAVenir`, changed from its eve to its day."""
    eve = ajustement.le - timedelta(days=1)
    begins = "reconnus" in ajustement.liste
    codes = carte.territoires if begins else ajustement.territoires
    found = comparer(*(carte.carte_at(day, codes) for day in (eve, ajustement.le)))
    # Those of the phase before do not leave: they stay in it.
    gone = set() if begins else {m.territoire.pk for m in found.sorties}
    new = {m.territoire.pk for m in found.entrees}
    changed = {m.territoire.pk for m in found.membres}
    return {
        "found": found,
        "avant": _drawing(found.de, lambda code: SORTI if code in gone else _kept(code, changed)),
        "apres": _drawing(found.a, lambda code: ENTRE if code in new else _kept(code, changed)),
    }


def _kept(code, changed):
    return MEMBRES if code in changed else INCHANGE


def _drawing(carte, key_of):
    aplats = []
    for presence in carte.presences:
        if presence.presente:
            classe, words = key_of(presence.territoire.pk)
            titre = f"{presence.nom} : {words}"
            aplats.append(Aplat(presence.territoire.pk, titre, classe, presence.codes_membres))
    if len(aplats) > LARGEST_NEAR_DRAWING:
        return dessin_ensemble(aplats)
    return dessin_proche(aplats) if aplats else None
