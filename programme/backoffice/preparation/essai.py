"""All that a séance has prepared, done in order in one transaction: undone to be shown, or kept.

What is applied is what was shown: the two are one function, and the digest of what it told.
"""

import hashlib
import json
from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import get_text_list

from programme.backoffice.avis import en_un
from programme.backoffice.cadre.historique import Formateur, lignes_en_mots, who_and_when
from programme.backoffice.cadre.perimetre import Refus
from programme.backoffice.preparation import decisions
from programme.models import Decision, DecisionPreparee, Publication, Seance
from programme.templatetags.portail import pluriel
from territoires.corrections import Correction
from territoires.dates import le
from territoires.models import ConflitDeVersion, Modification
from territoires.models.modification import tracer

ACTE = "seance"
"""The name of the act that applies a séance."""
HEURTE = (
    "Deux lignes se contredisent, ou une autre personne vient d’écrire la même chose : relisez, "
    "puis essayez de nouveau."
)
ATTEND = "La carte publique changera quand la séance sera publiée."
CHANGE = "La carte publique change dès l’application : la séance est publiée."
MONTREES = 12
"""Rows that one decision names; the others are counted."""


@dataclass
class Resultat:
    """What one decision would do, or why it cannot.

    refus: in French; empty for what is possible. lignes: as `lignes_en_mots`. conflits: where it
    meets another decision, or what somebody changed since it was prepared. ecrit: {(model, key,
    field)} of what it changed.
    """

    preparee: DecisionPreparee
    numero: int
    titre: str
    refus: str = ""
    lignes: list = field(default_factory=list)
    reste: int = 0
    conflits: list[str] = field(default_factory=list)
    remarques: list[str] = field(default_factory=list)
    ecrit: dict = field(default_factory=dict)

    def dit(self):
        """All that is shown of it, as JSON holds it."""
        lines = [
            [one["genre"], one["nom"], one["nouvelle"], [str(c) for c in one["changements"]]]
            for one in self.lignes
        ]
        shown = [self.refus, lines, self.reste, self.conflits, self.remarques]
        return [self.preparee.pk, self.preparee.version, *shown]


@dataclass
class Essai:
    """What all the decisions would do together. `trace`: the act, once they were applied."""

    resultats: list[Resultat]
    trace: Modification | None = None

    @property
    def refusees(self):
        return [one for one in self.resultats if one.refus]

    @property
    def en_conflit(self):
        return [one for one in self.resultats if one.conflits]

    @property
    def empreinte(self):
        told = json.dumps([one.dit() for one in self.resultats], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


def pas_encore(seance):
    """Why it is too early to apply a séance, in French; empty once it is its day."""
    if seance.date <= timezone.localdate():
        return ""
    return (
        f"La séance se tient {le(seance.date, seance.precision)} : ses décisions s’appliquent "
        "à partir de ce jour, une fois prises. D’ici là, elles se préparent et s’essaient."
    )


def essayer(seance, request):
    """The `Essai` of what a séance has prepared; nothing is kept of it."""
    with transaction.atomic():
        found = _derouler(seance, request)
        transaction.set_rollback(True)
    found.trace = None
    for one in found.refusees:
        _expliquer(one, found, request)
    return found


def appliquer(seance, request, vue):
    """Apply it if it does what was shown, whose digest is `vue`; else the `Essai` has no trace."""
    with transaction.atomic():
        # Of two who apply, one comes first, and the other finds nothing left.
        held = Seance.objects.select_for_update(of=("self",)).get(pk=seance.pk)
        found = _derouler(held, request)
        if found.resultats and not found.refusees and found.empreinte == vue:
            return found
        transaction.set_rollback(True)
    return essayer(seance, request)


def _derouler(seance, request):
    rows = list(seance.preparees.a_prendre().select_related("contrat", "projet", "proposition"))
    found = Essai([])
    if not rows:
        return found
    since = [depuis(request.user, row) for row in rows]
    said = f"{seance} : {pluriel(len(rows), 'décision appliquée,décisions appliquées')}"
    with en_un(), tracer(ACTE, seance, request.user, said) as trace:
        for number, row in enumerate(rows, 1):
            one = Resultat(row, number, decisions.titre(row), conflits=since[number - 1])
            row.seance = seance
            try:
                with transaction.atomic():
                    _prendre(one, request, trace)
            except (ValidationError, Refus, IntegrityError, ConflitDeVersion) as error:
                one.refus = _raison(error)
            found.resultats.append(one)
        found.trace = trace
    _rapprocher(found.resultats)
    return found


def _prendre(one, request, trace):
    done = decisions.prendre(one.preparee, request, trace)
    if done is not None:
        # The decision itself is told by its text.
        lines = [line for line in Correction(done).toutes if line.model is not Decision]
        one.lignes = lignes_en_mots(request.user, lines[:MONTREES])
        one.reste = max(len(lines) - MONTREES, 0)
        one.ecrit = {
            (line.model._meta.label, str(line.cle), name): (line.apres.instance, line.model)
            for line in lines
            for name in line.champs
        }
    else:
        public = one.preparee.seance.publication == Publication.PUBLIE
        one.remarques.append(CHANGE if public else ATTEND)
    taken = copy(one.preparee)  # what is told stays as it was read
    taken.trace = trace
    taken._change_reason = "appliquée"
    taken.save(update_fields=["trace"])


def _raison(error):
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return HEURTE if isinstance(error, IntegrityError) else str(error)


# --- Conflicts --------------------------------------------------------------------------------


def depuis(agent, preparee):
    """Sentences on what became of the record of a decision since it was prepared."""
    record, seen = preparee.sujet, preparee.version_vue
    if record is None or seen is None or getattr(record, "version", seen) == seen:
        return []
    model = type(record)
    history = model.history.filter(**{model._meta.pk.attname: record.pk})
    since = list(history.filter(version__gt=seen).select_related("history_user"))
    base = history.filter(version=seen).first()
    if not since:
        return []
    told = f"« {record} » a été modifié depuis la préparation, par {who_and_when(since)}"
    changes = Formateur(agent).changes(model, since[0], base) if base is not None else []
    said = " ; ".join(f"{one.champ}, {one.avant} → {one.apres}" for one in changes)
    return [f"{told} : {said}." if said else f"{told}."]


def _objets(preparee):
    """What a decision is about: keys, the territories of an act on the map."""
    if preparee.ajustement is not None:
        return {("territoires.Territoire", code) for code in preparee.ajuste.territoires}
    record = preparee.sujet
    return set() if record is None else {(record._meta.label, str(record.pk))}


def _rapprocher(resultats):
    """Tell each decision which others are about the same thing, and which write the same value."""
    about, writes = defaultdict(list), defaultdict(list)
    for one in resultats:
        for key in _objets(one.preparee):
            about[key].append(one)
        for key in one.ecrit:
            writes[key].append(one)
    for one in resultats:
        others = {
            other.numero
            for key in _objets(one.preparee)
            for other in about[key]
            if other is not one
        }
        if others:
            one.conflits.append(f"Même fiche que {_numeros(others)}.")
        for key, (row, model) in one.ecrit.items():
            later = {o.numero for o in writes[key] if o.numero > one.numero}
            if later:
                label = model._meta.get_field(key[2]).verbose_name
                one.conflits.append(
                    f"« {label} » de « {row} » est changé aussi par {_numeros(later)}, après "
                    "celle-ci : c’est la dernière valeur qui reste."
                )


def _numeros(numbers):
    said = get_text_list([f"n° {number}" for number in sorted(numbers)], "et")
    return f"{'les décisions' if len(numbers) > 1 else 'la décision'} {said}"


def _expliquer(one, found, request):
    """Say of a decision that is refused whether the ones before it are why."""
    if one.numero == 1 or not _seule(one.preparee, request):
        return
    mine = _objets(one.preparee)
    before = [o for o in found.resultats if o.numero < one.numero and not o.refus]
    guilty = {o.numero for o in before if _objets(o.preparee) & mine}
    who = _numeros(guilty) if guilty else "une décision placée avant elle"
    one.conflits.append(f"Seule, elle serait possible : {who} l’empêche.")


def _seule(preparee, request):
    """Whether a decision could be taken if no other was."""
    with transaction.atomic():
        try:
            act = (ACTE, preparee.seance, request.user)
            with transaction.atomic(), en_un(), tracer(*act) as trace:
                decisions.prendre(copy(preparee), request, trace)
        except (ValidationError, Refus, IntegrityError, ConflitDeVersion):
            return False
        finally:
            transaction.set_rollback(True)
    return True
