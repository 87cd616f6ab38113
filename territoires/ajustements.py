"""How a committee adjusts the map from a date: one value that says what enters and what leaves.

The past is never deleted. Leaving closes a rattachement, coming back opens a new one; so an
adjustment is undone by its contrary, dated later. A preview applies it and rolls back.
"""

from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from territoires.dates import date_in_words, depuis, iso
from territoires.models import (
    AutreNom,
    Certitude,
    Commune,
    Departement,
    Intercommunalite,
    Phase,
    Rattachement,
    Region,
    Territoire,
)

SIREN_LENGTH = 9


def member_field(code):
    """The field of `Rattachement` for a member's code: a SIREN or a commune's INSEE code."""
    return "intercommunalite_id" if len(code) == SIREN_LENGTH else "commune_id"


def members_at(territoire, day):
    """The codes (SIREN or INSEE) of a territory's members at `day`, sorted."""
    rows = Rattachement.objects.at(day).filter(territoire=territoire)
    return sorted(
        siren or insee for siren, insee in rows.values_list("intercommunalite", "commune")
    )


@dataclass(frozen=True, kw_only=True)
class Ajustement:
    """What changes on the map on the day `le`. Every mapping is keyed by a territory's code.

    `creations`: {"nom", "region_porteuse"} of each new territory; `sorties`, `entrees`: codes of
    the members that leave and enter; `noms`: [before, after]; `successeurs`: [before, after], the
    codes of the territory that takes over, or None.
    """

    acte: str
    le: date
    source: str = ""
    certitude: str = Certitude.EXACTE
    creations: dict = field(default_factory=dict)
    sorties: dict = field(default_factory=dict)
    entrees: dict = field(default_factory=dict)
    noms: dict = field(default_factory=dict)
    successeurs: dict = field(default_factory=dict)

    # --- The acts -----------------------------------------------------------------------------

    @classmethod
    def ajouter(cls, code, nom, region_porteuse, membres, **common):
        """A new territory enters with its members."""
        return cls(
            acte="ajouter",
            creations={code: {"nom": nom, "region_porteuse": region_porteuse}},
            entrees={code: sorted(membres)},
            **common,
        )

    @classmethod
    def retirer(cls, territoire, le, **common):
        """A territory leaves the map with all its members."""
        return cls(
            acte="retirer", le=le, sorties={territoire.pk: members_at(territoire, le)}, **common
        )

    @classmethod
    def rattacher(cls, territoire, membres, **common):
        return cls(acte="rattacher", entrees={territoire.pk: sorted(membres)}, **common)

    @classmethod
    def detacher(cls, territoire, membres, **common):
        return cls(acte="détacher", sorties={territoire.pk: sorted(membres)}, **common)

    @classmethod
    def renommer(cls, territoire, nom, **common):
        return cls(acte="renommer", noms={territoire.pk: [territoire.nom, nom]}, **common)

    @classmethod
    def reunir(cls, origines, vers, le, creations=None, **common):
        """The members of the territories `origines` all go to the territory of code `vers`."""
        origines = [origin for origin in origines if origin.pk != vers]
        leaving = {origin.pk: members_at(origin, le) for origin in origines}
        return cls(
            acte="réunir",
            le=le,
            creations=creations or {},
            sorties=leaving,
            entrees={vers: sorted(code for codes in leaving.values() for code in codes)},
            successeurs={origin.pk: [origin.successeur_id, vers] for origin in origines},
            **common,
        )

    # --- What it does -------------------------------------------------------------------------

    def en_mots(self):
        """What it decides, in one French sentence a territory."""
        names = _names(self)
        lines = []
        for code in self.territoires:
            parts = []
            if code in self.creations:
                parts.append("entre sur la carte")
            if code in self.noms:
                parts.append(
                    "prend le nom « {} », au lieu de « {} »".format(*self.noms[code][::-1])
                )
            if code in self.entrees:
                parts.append(f"gagne {_listed(names, self.entrees[code])}")
            if code in self.sorties:
                parts.append(f"perd {_listed(names, self.sorties[code])}")
            after = self.successeurs.get(code, [None, None])[1]
            if after:
                parts.append(f"est réuni dans {names[after]}")
            if parts:
                lines.append(f"{names[code]} ({code}) {', '.join(parts)}.")
        return f"À compter du {date_in_words(self.le)} : " + " ".join(lines)

    @property
    def est_vide(self):
        return not any((self.creations, self.sorties, self.entrees, self.noms, self.successeurs))

    @property
    def territoires(self):
        """The codes of all the territories concerned, sorted."""
        return sorted(
            {*self.creations, *self.sorties, *self.entrees, *self.noms, *self.successeurs}
        )

    def appliquer(self):
        """Change the map, all or nothing; raise `ValidationError` in French when it may not."""
        if self.est_vide:
            raise ValidationError("Cet acte ne change rien : nommez au moins un membre.")
        with transaction.atomic():
            touched = self._territoires()
            for code, membres in self.sorties.items():
                self._detach(touched[code], membres)
            for code, membres in self.entrees.items():
                self._attach(touched[code], membres)
            for code, (_, after) in self.noms.items():
                self._rename(touched[code], after)
            for code, (_, after) in self.successeurs.items():
                touched[code].successeur_id = after
            for territoire in touched.values():
                territoire.full_clean(validate_constraints=False)
                territoire.save()

    def contraire(self, le, source=""):
        """The adjustment that undoes this one from `le`, which must come later."""
        if le <= self.le:
            raise ValidationError(
                f"Cet acte prend effet le {date_in_words(self.le)} : "
                "l’acte contraire est daté d’un jour plus tard.",
                code="trop_tot",
            )
        return replace(
            self,
            acte=f"défaire : {self.acte}",
            le=le,
            source=source or self.source,
            certitude=Certitude.EXACTE,
            creations={},
            sorties=self.entrees,
            entrees=self.sorties,
            noms={code: [after, before] for code, (before, after) in self.noms.items()},
            successeurs={
                code: [after, before] for code, (before, after) in self.successeurs.items()
            },
        )

    def to_json(self):
        return {**asdict(self), "le": iso(self.le)}

    @classmethod
    def from_json(cls, data):
        return cls(**{**data, "le": date.fromisoformat(data["le"])})

    # --- How ----------------------------------------------------------------------------------

    def _territoires(self):
        """The territories concerned, by code, the new ones made."""
        for code, facts in self.creations.items():
            phase = _phase(self.le)
            territoire = Territoire(
                code=code,
                phase=phase,
                nom=facts["nom"],
                slug=_free_slug(facts["nom"], code, phase),
                region_porteuse_id=facts["region_porteuse"],
                source_entree=self.source,
            )
            territoire.full_clean()
            territoire.save()
        found = Territoire.objects.in_bulk(self.territoires)
        if missing := set(self.territoires) - set(found):
            raise ValidationError(
                f"Aucun territoire n’a le code « {min(missing)} ».", code="territoire_inconnu"
            )
        return found

    def _detach(self, territoire, codes):
        rows = {
            row.intercommunalite_id or row.commune_id: row
            for row in Rattachement.objects.at(self.le)
            .filter(territoire=territoire)
            .select_related("intercommunalite", "commune")
        }
        for code in codes:
            row = rows.get(code)
            if row is None:
                raise ValidationError(
                    f"« {_member(code)} » n’est pas membre de « {territoire} » "
                    f"le {date_in_words(self.le)}.",
                    code="pas_membre",
                )
            if row.debut == self.le:
                raise ValidationError(
                    f"« {row.membre} » est membre de « {territoire} » depuis ce même jour, le "
                    f"{date_in_words(self.le)} : datez la sortie d’un jour plus tard.",
                    code="trop_tot",
                )
            row.fin = self.le
            row.save()
        if self.sorties and not members_at(territoire, self.le):
            territoire.source_sortie = self.source

    def _attach(self, territoire, codes):
        for code in codes:
            member = _member(code)
            taken = (
                Rattachement.objects.filter(**{member_field(code): code}, phase=territoire.phase_id)
                .exclude(fin__lte=self.le)
                .select_related("territoire")
                .first()
            )
            if taken is not None:
                raise ValidationError(
                    f"« {member} » est déjà membre de « {taken.territoire} » "
                    f"{depuis(taken.debut, taken.certitude)} : détachez-le d’abord, ou changez "
                    "la date.",
                    code="deja_membre",
                )
            row = Rattachement(
                territoire=territoire,
                debut=self.le,
                certitude=self.certitude,
                source=self.source,
                **{member_field(code): code},
            )
            row.full_clean()
            row.save()
        _situate(territoire)

    def _rename(self, territoire, nom):
        AutreNom.objects.create(territoire=territoire, nom=territoire.nom, fin=self.le)
        territoire.nom = nom


@contextmanager
def preview(ajustement):
    """Apply within the block, then give the map back as it was.

    Raises the same `ValidationError` as `appliquer`.
    """
    with transaction.atomic():
        ajustement.appliquer()
        yield
        transaction.set_rollback(True)


def _names(ajustement):
    """The names of the territories and members that an adjustment speaks of, by code."""
    members = {
        code
        for moves in (ajustement.entrees, ajustement.sorties)
        for codes in moves.values()
        for code in codes
    }
    heirs = {code for pair in ajustement.successeurs.values() for code in pair if code}
    names = {code: facts["nom"] for code, facts in ajustement.creations.items()}
    known = {*ajustement.territoires, *heirs}
    names |= dict(Territoire.objects.filter(pk__in=known).values_list("pk", "nom"))
    for model in (Intercommunalite, Commune):
        names |= dict(model.objects.filter(pk__in=members).values_list("pk", "nom"))
    return names


def _listed(names, codes):
    return ", ".join(names.get(code, code) for code in codes)


def _member(code):
    model = Intercommunalite if len(code) == SIREN_LENGTH else Commune
    member = model.objects.filter(pk=code).first()
    if member is None:
        raise ValidationError(
            f"« {code} » n’est ni le SIREN d’une intercommunalité connue, "
            "ni le code INSEE d’une commune.",
            code="membre_inconnu",
        )
    return member


def _phase(day):
    phase = Phase.objects.at(day).first()
    if phase is None:
        raise ValidationError(
            f"Le {date_in_words(day)}, le programme n’a pas commencé : choisissez un jour plus "
            "récent.",
            code="avant_le_programme",
        )
    return phase


def _free_slug(nom, code, phase):
    slug = slugify(nom)[:110]
    taken = Territoire.objects.filter(slug=slug, phase=phase).exists()
    return f"{slug}-{code}" if taken else slug or code


def _situate(territoire):
    """Set the départements and régions of all its members, past ones included."""
    rows = Rattachement.objects.filter(territoire=territoire)
    codes = set(
        Departement.objects.filter(intercommunalites__rattachements__in=rows).values_list(
            "pk", flat=True
        )
    ) | set(
        Departement.objects.filter(communes__rattachements__in=rows).values_list("pk", flat=True)
    )
    regions = set(Region.objects.filter(departements__in=codes).values_list("pk", flat=True))
    territoire.departements.set(codes)
    territoire.regions.set(regions | {territoire.region_porteuse_id})
