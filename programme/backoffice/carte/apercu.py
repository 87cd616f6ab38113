"""The map before and after an act, read while it is applied, then given back."""

import hashlib
import json
from datetime import timedelta

from programme.catalogue.carte import Aplat, dessin_ensemble, dessin_proche
from programme.catalogue.carte.comparaison import ENTRE, INCHANGE, MEMBRES, SORTI
from territoires.carte import Classe, differences
from territoires.models import Rattachement, Territoire

LARGEST_NEAR_DRAWING = 12
"""Above this number of territories the whole country is drawn."""


def fingerprint(ajustement):
    """What was previewed: the act, and the rows it starts from."""
    rows = Rattachement.objects.filter(territoire__in=ajustement.territoires).order_by("pk")
    seen = [ajustement.to_json(), list(rows.values_list("pk", "version"))]
    text = json.dumps(seen, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changes(ajustement):
    """Template context of what an applied `ajustement` changed from the eve to its day."""
    touched = Territoire.objects.filter(pk__in=ajustement.territoires)
    found = differences(ajustement.le - timedelta(days=1), ajustement.le, touched)
    gone = {m.territoire.pk for m in found.sorties}
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
        if presence.classe == Classe.ATTESTE:
            classe, words = key_of(presence.territoire.pk)
            titre = f"{presence.nom} : {words}"
            aplats.append(Aplat(presence.territoire.pk, titre, classe, presence.codes_membres))
    if len(aplats) > LARGEST_NEAR_DRAWING:
        return dessin_ensemble(aplats)
    return dessin_proche(aplats) if aplats else None
