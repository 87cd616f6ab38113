"""A personal datum is masked in every parution: tables, deltas, archives, notes.

What is masked is what was typed, however it is written: a telephone number with other separators or
the prefix of the country, a name with other spaces or capitals. Each file made again keeps its old
digest, with the reason; the content of before is deleted.
"""

import re
from contextlib import ExitStack

from django.db import transaction

from programme.donnees.jeux import JEUX
from programme.donnees.parutions.faire import DONNEES, garder
from programme.donnees.parutions.formes import FORMES, cle, triees
from programme.donnees.parutions.refaire import refaire, remplacer
from programme.donnees.parutions.reserve import brouillon, oublier, ouvrir
from programme.models import DonneesVersion, EmpreinteAncienne, FichierParution, Parution
from territoires.dates import date_in_words

SIGNES, CHIFFRES = 4, 6
"""A shorter text, or number, would mask what is not meant."""
ENTRE = r"(?:[\s.\-/()+\u00a0\u202f]|%20)*"
"""What people, and addresses, write between the digits of a number."""


class TropCourt(ValueError):
    """What is to be masked would be found anywhere."""


def motif_de(texte):
    """The pattern that finds `texte` however it is written. Raises `TropCourt`."""
    words = texte.split()
    digits = re.sub(r"\D", "", texte)
    if re.fullmatch(r"[\d\s.\-/()+]+", texte):
        if len(digits) < CHIFFRES:
            raise TropCourt(f"Un nombre de moins de {CHIFFRES} chiffres se trouverait partout.")
        return re.compile(rf"(?<!\d){_number(texte, digits)}(?!\d)")
    if len("".join(words)) < SIGNES:
        raise TropCourt(f"Un texte de moins de {SIGNES} signes se trouverait partout.")
    said = r"\s+".join(re.sub("['’]", "['’]", re.escape(word)) for word in words)
    return re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE)


def _number(texte, digits):
    """Of France, with its prefix or the 0 that stands for it; else its digits."""
    for prefix in ("0033", "33") if "+" in texte or digits.startswith("00") else ():
        if digits.startswith(prefix):
            digits = "0" + digits.removeprefix(prefix).removeprefix("0")
            break
    if len(digits) == 10 and digits.startswith("0"):
        rest = ENTRE.join(digits[1:])
        return rf"(?:\+{ENTRE}33|0033|33|0){ENTRE}(?:0{ENTRE})?{rest}"
    return ENTRE.join(digits)


def marque(jour):
    return f"[occulté le {date_in_words(jour)}]"


class Masque:
    """What is to be masked, and by what."""

    def __init__(self, texte, jour):
        self.motif = motif_de(texte)
        self.marque = marque(jour)

    def sur(self, value):
        """`value` masked; itself when it has nothing to mask."""
        if isinstance(value, str):
            return self.motif.sub(self.marque, value)
        if isinstance(value, list):
            return [self.sur(item) for item in value]
        if isinstance(value, dict):
            return {key: self.sur(item) for key, item in value.items()}
        return value

    def ligne(self, ligne):
        return {nom: self.sur(value) for nom, value in ligne.items()}


def occulter(texte, raison, jour):
    """Mask `texte` in every parution; how many files were made again. Raises `TropCourt`.

    raison: said with each old digest, in public: it does not repeat what is masked. jour: the day
    that the mask says. Doing it twice changes nothing more.
    """
    masque = Masque(texte, jour)
    before = EmpreinteAncienne.objects.count()
    made, old = {}, []
    touched = set()
    for parution in Parution.objects.order_by("numero"):
        _said(parution, masque)
        for fichier in parution.fichiers.filter(genre=DONNEES):
            if fichier.sha256 not in made:
                made[fichier.sha256] = _masked(fichier, masque)
            if new := made[fichier.sha256]:
                touched.add(parution)
                with transaction.atomic():
                    new = FichierParution(genre=DONNEES, jeu=fichier.jeu, **new)
                    old.append(remplacer(parution, new, raison))
    for parution in Parution.objects.select_related("precedente").order_by("numero"):
        if parution in touched or parution.precedente in touched:
            refaire(parution, raison)
    DonneesVersion.objects.bump()
    oublier(filter(None, old))
    return EmpreinteAncienne.objects.count() - before


def _said(parution, masque):
    """What administrators wrote of it, masked."""
    told = {name: masque.sur(getattr(parution, name)) for name in ("note", "motif")}
    if any(getattr(parution, name) != text for name, text in told.items()):
        Parution.objects.filter(pk=parution.pk).update(**told)


def _masked(fichier, masque):
    """What a whole dataset becomes, kept; None when it has nothing to mask."""
    forme, jeu = FORMES[fichier.format], JEUX.get(fichier.jeu)
    with ExitStack() as stack:
        source = stack.enter_context(ouvrir(fichier.sha256))
        if not any(masque.ligne(row) != row for row in forme.lire(source).lignes):
            return None
        table = forme.lire(source)
        names = jeu.cle if jeu else ()
        rows = triees(map(masque.ligne, table.lignes), names) if names else table.lignes
        table.lignes = _told_apart(rows, names)
        file = stack.enter_context(brouillon())
        made = garder(file, forme, table, FichierParution())
    return {name: getattr(made, name) for name in ("format", "sha256", "octets", "lignes")}


def _told_apart(rows, names):
    """Rows whose keys were told apart by what is masked alone get a rank."""
    last, rank = None, 1
    for row in rows:
        key = cle(row, names)
        rank = rank + 1 if names and key == last else 1
        last = key
        if rank > 1:
            masked = next(nom for nom in reversed(names) if "[occulté" in str(row[nom]))
            row = row | {masked: f"{row[masked]} ({rank})"}  # noqa: PLW2901
        yield row
