"""The map as acts would make it: they are done in memory, shown, then written at once or not.

A preview reads the map and writes nothing, so that it holds no lock whatever its length; what is
written is one short transaction, and a row that somebody changed meanwhile refuses it.
"""

import re
from collections import defaultdict
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from territoires import lots
from territoires.carte import avec_membres, carte_de, code_membre, est_membre
from territoires.dates import date_in_words, depuis, iso
from territoires.models import (
    AutreNom,
    Certitude,
    Commune,
    ConflitDeVersion,
    Intercommunalite,
    Liste,
    Phase,
    Rattachement,
    Territoire,
)
from territoires.models.modification import noter_reference
from territoires.signaux import carte_changee
from territoires.situation import situations, situer

SIREN_LENGTH = 9
RELATIONS = ("territoire", "phase", "intercommunalite", "commune", "region_porteuse", "successeur")
"""What needs no question to the database: it is in memory, and its constraints come last."""
CODE = next(c for c in Territoire._meta.constraints if c.name == "territoire_code_forme")


def member_field(code):
    """The field of `Rattachement` for a member's code: a SIREN or a commune's INSEE code."""
    return "intercommunalite_id" if len(code) == SIREN_LENGTH else "commune_id"


def refuser_phase(phase, last):
    """Raise a `ValidationError` when `phase` cannot follow `last`, the last one known."""
    if phase.numero != last.numero + 1:
        raise ValidationError(
            f"Numéro de la phase : la phase qui suit « {last} » est la phase {last.numero + 1}.",
            code="numero_de_phase",
        )
    if phase.debut <= last.debut or (last.fin and phase.debut < last.fin):
        day = last.fin or last.debut
        raise ValidationError(
            f"« {last} » est en cours jusqu’au {date_in_words(day)} : la phase qui suit commence "
            "ce jour-là ou plus tard.",
            code="phase_trop_tot",
        )


def _json(value):
    return iso(value) if isinstance(value, date) else value


class CarteAVenir:
    """Territories by code, with their rattachements and names, as they would be.

    `territoires` are those of today and the new ones; their `rattachements.all()` and
    `autres_noms.all()` are what would be.
    """

    def __init__(self, territoires):
        self.territoires = {territoire.pk: territoire for territoire in territoires}
        self.nouveaux = {}
        self.touches = set()
        self._changes, self._codes = set(), {}
        self._liste, self._phases, self._slugs = None, {}, {}
        self._ouverts, self._fermes, self._noms = [], {}, []
        self._phase, self._changed_phases = None, {}

    @classmethod
    def lire(cls):
        """The map as it is, in three queries."""
        return cls(avec_membres())

    @property
    def noms(self):
        """{code: name} of every territory."""
        return {code: territoire.nom for code, territoire in self.territoires.items()}

    def of(self, agent):
        """The territories of an agent's perimeter, the new ones by their région porteuse."""
        known = Territoire.objects.visible_to(agent).filter(pk__in=self.territoires)
        codes = set(known.values_list("pk", flat=True))
        regions = set(agent.regions.values_list("pk", flat=True))
        return [
            territoire
            for code, territoire in self.territoires.items()
            if code in codes
            or (
                code in self.nouveaux
                and (agent.est_national or territoire.region_porteuse_id in regions)
            )
        ]

    def carte_at(self, day, codes):
        """The `Carte` at `day` of the territories of these codes."""
        return carte_de(day, [self.territoires[code] for code in codes])

    # --- Doing an act -------------------------------------------------------------------------

    def faire(self, acte):
        """Do an `Ajustement`, in memory; raise `ValidationError` in French when it may not be.

        What was done before the refusal is left done: throw the whole away.
        """
        if acte.est_vide:
            raise ValidationError("Cet acte ne change rien : nommez au moins un membre.")
        members = self._members(acte)
        if acte.phase:
            self._open_phase(acte)
        for code, facts in acte.creations.items():
            self._create(acte, code, facts)
        if missing := set(acte.territoires) - set(self.territoires):
            raise ValidationError(
                f"Aucun territoire n’a le code « {min(missing)} ».", code="territoire_inconnu"
            )
        self._move(acte, members)
        self._name(acte)
        if acte.liste:
            self._list(acte)
        self.touches.update(acte.territoires)

    def _move(self, acte, members):
        for code, codes in acte.sorties.items():
            self._detach(acte, self.territoires[code], [members[c] for c in codes])
        taken = self._by_member() if acte.entrees else {}
        for code, codes in acte.entrees.items():
            self._attach(acte, self.territoires[code], [members[c] for c in codes], taken)

    def _name(self, acte):
        for code, (_, after) in acte.noms.items():
            self._rename(acte, self.territoires[code], after)
        for code, (_, after) in acte.successeurs.items():
            self.territoires[code].successeur_id = after
            self._changes.add(code)
        for code, (_, after) in acte.codes.items():
            self._codes[code] = self.territoires[code].code_anct = after

    def _list(self, acte):
        """The list is known from now on; an open phase is read first as its last list has it."""
        phase = self._phase_at(acte.le)
        self._liste = Liste(
            date=acte.le, phase=phase, nombre=acte.liste["nombre"], source=acte.source
        )
        self._liste.clean_fields(exclude=RELATIONS)
        if phase.fin is None and phase.reference < acte.le:
            self._change_phase(phase, reference=acte.le)

    def _members(self, acte):
        """{code: the intercommunalité or commune} of all that the act moves, in two queries."""
        codes = {
            c for moves in (acte.entrees, acte.sorties) for some in moves.values() for c in some
        }
        sirens = {code for code in codes if len(code) == SIREN_LENGTH}
        found = Intercommunalite.objects.in_bulk(sirens)
        found |= Commune.objects.in_bulk(codes - sirens)
        if missing := codes - set(found):
            raise ValidationError(
                f"« {min(missing)} » n’est ni le SIREN d’une intercommunalité connue, "
                "ni le code INSEE d’une commune.",
                code="membre_inconnu",
            )
        return found

    def _by_member(self):
        found = defaultdict(list)
        for territoire in self.territoires.values():
            for row in territoire.rattachements.all():
                found[code_membre(row)].append(row)
        return found

    def _create(self, acte, code, facts):
        if code in self.territoires:
            raise ValidationError(f"Un territoire a déjà le code {code} : choisissez-en un autre.")
        phase = self._phase_at(acte.le)
        territoire = Territoire(
            code=code,
            phase=phase,
            code_anct=facts.get("code_anct", ""),
            nom=facts["nom"],
            slug=self._free_slug(facts["nom"], code, phase),
            region_porteuse_id=facts["region_porteuse"],
            source_entree=acte.source,
        )
        territoire.clean_fields(exclude=RELATIONS)
        if not re.search(dict(CODE.condition.children)["code__regex"], code):
            raise ValidationError(CODE.get_violation_error_message(), code="code_forme")
        lots.en_memoire(territoire, "rattachements", "autres_noms")
        self.territoires[code] = self.nouveaux[code] = territoire

    def _open_phase(self, acte):
        """A phase begins, and the one before ends: nobody stated that day, it is deduced."""
        last = Phase.objects.order_by("numero").last()
        phase = Phase(
            numero=acte.phase["numero"],
            nom=acte.phase["nom"],
            debut=acte.le,
            reference=acte.le,
            source=acte.source,
        )
        refuser_phase(phase, last)
        phase.clean_fields()
        lots.en_memoire(phase, "listes")
        self._phase = phase
        if last.fin is None:
            self._change_phase(last, fin=acte.le, fin_certitude=Certitude.RECONSTITUEE)
        for territoire in self.territoires.values():
            for row in (territoire, *territoire.rattachements.all()):
                if row.phase_id == last.pk:
                    row.phase.fin = last.fin

    def _change_phase(self, phase, **values):
        for name, value in values.items():
            before = self._changed_phases.setdefault(phase.pk, (phase, {}))[1]
            before.setdefault(name, getattr(phase, name))
            setattr(phase, name, value)

    def _phase_at(self, day):
        if self._phase and self._phase.debut <= day:
            return self._phase
        if day not in self._phases:
            phase = Phase.objects.at(day).prefetch_related("listes").first()
            if phase is None:
                raise ValidationError(
                    f"Le {date_in_words(day)}, le programme n’a pas commencé : choisissez un jour "
                    "plus récent.",
                    code="avant_le_programme",
                )
            self._phases[day] = phase
        return self._phases[day]

    def _free_slug(self, nom, code, phase):
        slug = Territoire.slug_de(nom)
        if phase.pk not in self._slugs:
            ours = (t for t in self.territoires.values() if t.phase_id == phase.pk)
            self._slugs[phase.pk] = {t.slug for t in ours}
        taken = self._slugs[phase.pk]
        slug = f"{slug}-{code}" if slug in taken else slug or code
        taken.add(slug)
        return slug

    def _detach(self, acte, territoire, members):
        rows = {
            code_membre(row): row
            for row in territoire.rattachements.all()
            if est_membre(row, acte.le)
        }
        for member in members:
            row = rows.get(member.pk)
            if row is None:
                raise ValidationError(
                    f"« {member} » n’est pas membre de « {territoire} » "
                    f"le {date_in_words(acte.le)}.",
                    code="pas_membre",
                )
            if row.debut == acte.le:
                raise ValidationError(
                    f"« {member} » est membre de « {territoire} » depuis ce même jour, le "
                    f"{date_in_words(acte.le)} : datez la sortie d’un jour plus tard.",
                    code="trop_tot",
                )
            row.fin, row.fin_certitude = acte.le, acte.certitude
            if acte.liste:  # the list says it too
                row.source = " ; ".join(filter(None, (row.source, acte.source)))
            if row.pk is not None:
                self._fermes[row.pk] = row
        if not any(est_membre(row, acte.le) for row in territoire.rattachements.all()):
            territoire.source_sortie = acte.source
            self._changes.add(territoire.pk)

    def _attach(self, acte, territoire, members, taken):
        for member in members:
            for row in taken.get(member.pk, ()):
                same = row.phase_id == territoire.phase_id
                if same and (row.fin is None or row.fin > acte.le):
                    other = self.territoires[row.territoire_id]
                    raise ValidationError(
                        f"« {member} » est déjà membre de « {other} » "
                        f"{depuis(row.debut, row.certitude)} : détachez-le d’abord, ou changez "
                        "la date.",
                        code="deja_membre",
                    )
            field = member_field(member.pk).removesuffix("_id")
            row = Rattachement(
                territoire=territoire,
                phase=territoire.phase,
                debut=acte.le,
                certitude=acte.certitude,
                pas_avant=acte.pas_avant or None,
                source=acte.source,
                **{field: member},
            )
            row.clean_fields(exclude=RELATIONS)
            lots.ajouter(territoire, "rattachements", row)
            self._ouverts.append(row)

    def _rename(self, acte, territoire, nom):
        row = AutreNom(territoire=territoire, nom=territoire.nom, fin=acte.le)
        if any(other.fin == acte.le for other in territoire.autres_noms.all()):
            raise ValidationError(
                f"« {territoire} » a déjà changé de nom le {date_in_words(acte.le)} : choisissez "
                "un autre jour."
            )
        lots.ajouter(territoire, "autres_noms", row)
        self._noms.append(row)
        territoire.nom = nom
        territoire.clean_fields(exclude=RELATIONS)
        self._changes.add(territoire.pk)

    # --- Writing it ---------------------------------------------------------------------------

    def ecrire(self):
        """Write all that was done, in one short transaction.

        Raises `ConflitDeVersion` or `IntegrityError` when the map changed since it was read.
        """
        with transaction.atomic():
            self._write_phases()
            self._renumber(dict.fromkeys(self._codes, ""))
            lots.creer(Territoire, list(self.nouveaux.values()), self._situations())
            ended = ["fin", "fin_certitude", "source"]
            lots.modifier(Rattachement, list(self._fermes.values()), ended)
            lots.creer(Rattachement, self._ouverts)
            lots.creer(AutreNom, self._noms)
            changed = sorted(self._changes - set(self.nouveaux))
            fields = ["nom", "successeur", "source_sortie"]
            lots.modifier(Territoire, [self.territoires[code] for code in changed], fields)
            self._renumber(self._codes)
            if self._liste and not Liste.objects.filter(pk=self._liste.pk).exists():
                self._liste.save(force_insert=True)
                noter_reference(self._liste)
            situer(self.touches - set(self.nouveaux))
            carte_changee.send(sender=type(self), codes=sorted(self.touches))

    def _write_phases(self):
        for phase, before in self._changed_phases.values():
            if phase is not self._phase:
                after = {name: getattr(phase, name) for name in before}
                if not Phase.objects.filter(pk=phase.pk, **before).update(**after):
                    raise ConflitDeVersion(phase)
                noter_reference(
                    phase, {name: [_json(before[name]), _json(after[name])] for name in before}
                )
        if self._phase:
            self._phase.save(force_insert=True)
            noter_reference(self._phase)

    def _renumber(self, codes):
        """Give their list's codes: freed first, as a territory may take that of another."""
        rows = [self.territoires[code] for code in codes]
        for territoire in rows:
            territoire.code_anct = codes[territoire.pk]
        lots.modifier(Territoire, rows, ["code_anct"])

    def _situations(self):
        """The départements and régions of the new territories."""
        rows = {code: list(t.rattachements.all()) for code, t in self.nouveaux.items()}
        return situations(self.nouveaux, rows)
