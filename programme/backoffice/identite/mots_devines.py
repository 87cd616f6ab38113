"""Passwords that are tried first, here: words of this place, and what was stolen elsewhere."""

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from territoires.models import Region
from territoires.recherche.texte import plier

# The words of the programme that a stranger would think of.
MOTS_DU_PROGRAMME = """
    territoire industrie industriel industrielle portail programme relance collectivite commune
    intercommunalite agglomeration metropole departement region conseil prefecture ministere
    administration agent elu projet contrat convention comite pilotage seance fonds financement
    binome feuille route reindustrialisation cohesion anct insee banque bpifrance ademe france
    republique
""".split()  # noqa: SIM905 - a list to read and to grow
RESTE = 3
"""Letters that may be left beside words of this place: fewer make no password of their own."""
EMPREINTE = 40  # hexadecimal digits of SHA-1


def mots_du_lieu():
    """Words of the programme, of this site and of the régions, folded; the longest first."""
    host = urlsplit(settings.SITE["url"]).hostname or ""
    names = [settings.SITE["nom"], settings.SITE["institution"], host]
    names += Region.objects.values_list("nom", flat=True)
    words = {word for name in names for word in plier(name).split() if len(word) > RESTE}
    return sorted({*MOTS_DU_PROGRAMME, *words}, key=len, reverse=True)


def n_est_que_du_lieu(password):
    """Whether words of this place make it, whatever digits and signs complete them."""
    left = "".join(letter for letter in plier(password) if letter.isalpha())
    whole = len(left)
    for word in mots_du_lieu():
        left = left.replace(f"{word}s", "").replace(word, "")
    return len(left) < whole and len(left) <= RESTE


def est_vole(password, path):
    """Whether a list of SHA-1, « HASH:count » a line and sorted, holds it: a few reads of the file.

    It is the form in which haveibeenpwned.com gives its list whole; nothing is asked of anybody.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with Path(path).open("rb") as lines:
        low, high = 0, os.fstat(lines.fileno()).st_size
        # The line wanted begins within [low, high], if there is one.
        while low < high:
            middle = (low + high) // 2
            lines.seek(middle)
            if middle:
                lines.readline()  # the end of one that began before
            found = lines.readline()[:EMPREINTE].upper()
            if found and found < wanted:
                low = middle + 1
            else:
                high = middle
        lines.seek(low)
        if low:
            lines.readline()
        return lines.readline()[:EMPREINTE].upper() == wanted
