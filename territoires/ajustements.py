"""How a committee adjusts the map from a date: one value that says what enters and what leaves.

Leaving closes a rattachement, coming back opens a new one; so an adjustment is undone by its
contrary, dated later. One that was a mistake is corrected instead: see `territoires.corrections`.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import date

from django.core.exceptions import ValidationError

from territoires.carte import code_membre, est_membre
from territoires.carte_a_venir import CarteAVenir
from territoires.dates import date_in_words, iso
from territoires.models import Certitude, Commune, Intercommunalite, Territoire


def members_at(territoire, day):
    """The codes (SIREN or INSEE) of a territory's members at `day`, sorted."""
    return sorted(code_membre(r) for r in territoire.rattachements.all() if est_membre(r, day))


@dataclass(frozen=True, kw_only=True)
class Ajustement:
    """What changes on the map on the day `le`. Every mapping is keyed by a territory's code.

    `creations`: {"nom", "region_porteuse"} of each new territory; `sorties`, `entrees`: codes of
    the members that leave and enter; `noms`: [before, after]; `successeurs`: [before, after], the
    codes of the territory that takes over, or None; `codes`: [before, after], those of the lists.
    `liste`: {"nombre", "membres"} of a complete list, which the map then knows, and "reconnus",
    {code of the list: territory of the phase before}, of one that begins a phase; `phase`:
    {"numero", "nom"} of the phase that the list opens; `pas_avant`: when the day is « au plus
    tard », the first day on which what it changes may have (ISO).
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
    codes: dict = field(default_factory=dict)
    liste: dict = field(default_factory=dict)
    phase: dict = field(default_factory=dict)
    pas_avant: str = ""

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

    def en_mots(self, noms=None):
        """What it decides, in one French sentence a territory; `noms`: names that are not saved."""
        if self.liste:
            return self._liste_en_mots()
        names = {**names_of(self), **(noms or {})}
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

    def _liste_en_mots(self):
        """A list changes too much to be told by heart: in numbers, as its table tells the rest."""
        parts = [
            f"territoires nouveaux : {len(self.creations)}" if self.creations else "",
            f"noms changés : {len(self.noms)}" if self.noms else "",
            f"reconnus de la phase d’avant : {len(self.liste['reconnus'])}"
            if "reconnus" in self.liste
            else "",
            f"codes changés : {len(self.codes)}" if self.codes else "",
            f"membres entrés : {sum(map(len, self.entrees.values()))}" if self.entrees else "",
            f"membres sortis : {sum(map(len, self.sorties.values()))}" if self.sorties else "",
        ]
        told = ", ".join(part for part in parts if part)
        opened = f", qui ouvre la phase « {self.phase['nom']} »" if self.phase else ""
        return (
            f"À compter du {date_in_words(self.le)}, la carte est celle "
            f"de la liste complète « {self.source} »{opened} : {self.liste['nombre']} territoires, "
            f"{self.liste['membres']} membres ({told})."
        )

    @property
    def est_vide(self):
        changes = (self.creations, self.sorties, self.entrees, self.noms, self.successeurs)
        return not any((*changes, self.codes))

    @property
    def territoires(self):
        """The codes of all the territories concerned, sorted."""
        return sorted(
            {
                *self.creations,
                *self.sorties,
                *self.entrees,
                *self.noms,
                *self.successeurs,
                *self.codes,
            }
        )

    @property
    def membres(self):
        """The codes of all the members that enter or leave."""
        moves = [*self.entrees.values(), *self.sorties.values()]
        return {code for codes in moves for code in codes}

    def appliquer(self):
        """Change the map, all or nothing; raise `ValidationError` in French when it may not."""
        carte = CarteAVenir.lire()
        carte.faire(self)
        carte.ecrire()

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
            liste={},
            phase={},
            pas_avant="",
            codes={code: [after, before] for code, (before, after) in self.codes.items()},
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


def _listed(names, codes):
    return ", ".join(names.get(code, code) for code in codes)


def names_of(ajustement):
    """The names of the territories and members that an adjustment speaks of, by code."""
    members = ajustement.membres
    heirs = {code for pair in ajustement.successeurs.values() for code in pair if code}
    known = {*ajustement.territoires, *heirs}
    names = {code: code for code in known}
    names |= dict(Territoire.objects.filter(pk__in=known).values_list("pk", "nom"))
    names |= {code: facts["nom"] for code, facts in ajustement.creations.items()}
    for model in (Intercommunalite, Commune):
        names |= dict(model.objects.filter(pk__in=members).values_list("pk", "nom"))
    return names
