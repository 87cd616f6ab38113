"""What the tests of the masking share."""

import re
from datetime import date

JOUR = date(2027, 3, 26)
RAISON = "Un numéro personnel était publié par erreur."
ENTRE = rb"(?:[\s.+\-()/]|%20|%2B)*"
NUMERO = re.compile(ENTRE.join([b"6", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8"]))
