"""What the public can search each record by: its names, its codes, its words, its context."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import F, Q, Sum
from django.utils.text import capfirst

from programme.models import Contrat, EntreeIndex, Fait, Personne, Projet, Terme
from territoires import moment
from territoires.dates import date_in_words
from territoires.models import (
    AutreNom,
    CodePostal,
    Commune,
    CommuneAncienne,
    Departement,
    Intercommunalite,
    MouvementCommune,
    Operateur,
    Region,
    Territoire,
)
from territoires.recherche.texte import mots, plier, racine, sans_elision

Type = EntreeIndex.Type

LONGUEUR_MOT = 40
_SIGLE = re.compile(r"^(CC|CA|CU) ")


@dataclass(slots=True)
class Fiche:
    """One record before it is folded.

    `precision` tells it from its namesakes; `autres` are earlier names; `codes` have no space or
    hyphen; `contexte` helps to choose the record, it never suffices to find it.
    """

    type: Type
    pk: object
    code: str
    nom: str
    adresse: str
    noms: list[str]
    precision: str = ""
    autres: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    texte: list[str] = field(default_factory=list)
    contexte: list[str] = field(default_factory=list)
    poids: int = 0

    def mots(self):
        """The words that find it, as they are written."""
        return " ".join([*self.noms, *self.autres, *self.texte])

    def ligne(self):
        """The row of the index, as `COLONNES`."""
        noms = [mots(nom) for nom in self.noms]
        # « vallées de l’Arve » is « vallée de l’Arve ».
        radicaux = [[racine(mot) for mot in nom] for nom in noms]
        colles = [mots(sans_elision(nom)) for nom in (*self.noms, *self.autres)]
        autres = [mots(nom) for nom in self.autres] + [[code.lower()] for code in self.codes]
        autres += [nom for nom in colles if nom not in noms and nom not in autres]
        propres = {mot for nom in [*noms, *autres] for mot in nom}
        propres.update(mot for texte in self.texte for mot in mots(texte))
        racines = {racine(mot) for mot in propres}
        contexte = frozenset().union(*(_racines(texte) for texte in self.contexte))
        jetons = [
            *sorted(mot[:LONGUEUR_MOT] for mot in propres),
            *sorted(f"s_{mot}" for mot in racines),
            *sorted(f"c_{mot}" for mot in contexte - racines),
            *(f"n_{'_'.join(nom)}" for nom in noms),
            *(f"r_{'_'.join(nom)}" for nom in radicaux),
            *(f"a_{'_'.join(nom)}" for nom in autres),
            # « saintetienne », for who types a name in one word.
            *(f"j_{''.join(nom)}" for nom in noms if len(nom) > 1),
            f"t_{plier(self.type)}",
        ]
        return (
            self.type.value,
            str(self.pk),
            self.code,
            self.nom[:250],
            self.precision[:200],
            self.adresse,
            self.poids,
            _entre_barres([*noms, *(["=" + nom[0], *nom[1:]] for nom in radicaux)]),
            _entre_barres(autres),
            " ".join(jetons),
            self.pk if self.type == Type.PROJET else None,
            self.pk if self.type == Type.CONTRAT else None,
        )


COLONNES = (
    "type",
    "identifiant",
    "code",
    "nom",
    "precision",
    "adresse",
    "poids",
    "noms",
    "autres",
    "texte",
    "projet_id",
    "contrat_id",
)


@lru_cache(maxsize=4_096)
def _racines(texte):
    return frozenset(racine(mot) for mot in mots(texte))


def _entre_barres(noms):
    return "|".join(["", *(" ".join(nom) for nom in noms), ""]) if noms else ""


def _par(paires):
    """Second members grouped under the first."""
    groupes = defaultdict(list)
    for premier, second in paires:
        groupes[premier].append(second)
    return groupes


def _communes(queryset):
    """Those of today; one that is gone is found by its successor, or by itself without one."""
    codes, noms = defaultdict(list), defaultdict(list)
    anciennes = CommuneAncienne.objects.filter(commune__in=queryset)
    theirs = Q(commune__in=queryset) | Q(commune__in=anciennes.values("code"))
    postaux = _par(CodePostal.objects.filter(theirs).values_list("commune", "code"))
    for commune, code, nom in anciennes.values_list("commune", "code", "nom"):
        codes[commune] += [code, *postaux[code]]
        noms[commune].append(nom)
    departements = dict(Departement.objects.values_list("code", "nom"))
    disparues = MouvementCommune.objects.filter(rejointe=None, date__lte=moment.today())
    disparues = dict(disparues.values_list("commune", "date__year"))
    heritieres = CommuneAncienne.objects.filter(code__in=list(disparues))
    heritieres = set(heritieres.exclude(commune=F("code")).values_list("code", flat=True))
    for code, nom, departement, population in queryset.exclude(pk__in=heritieres).values_list(
        "code", "nom", "departement", "population"
    ):
        fin = f", commune jusqu’en {disparues[code]}" if code in disparues else ""
        yield Fiche(
            Type.COMMUNE,
            code,
            code,
            nom,
            code,
            noms=[nom],
            precision=f"{departements[departement]} ({departement}){fin}",
            autres=[autre for autre in dict.fromkeys(noms[code]) if autre != nom],
            codes=list(dict.fromkeys([code, *postaux[code], *codes[code]])),
            contexte=["commune", departement, departements[departement]],
            poids=population or 0,
        )


def _intercommunalites(queryset):
    departements = _par(queryset.values_list("siren", "departements__nom"))
    for row in queryset.iterator():
        yield Fiche(
            Type.INTERCOMMUNALITE,
            row.siren,
            row.siren,
            row.nom,
            row.siren,
            noms=list(dict.fromkeys([row.nom, _SIGLE.sub("", row.nom)])),
            precision=row.get_nature_display(),
            codes=[row.siren],
            contexte=[
                "intercommunalité",
                row.get_nature_display(),
                *filter(None, departements[row.siren]),
            ],
            poids=row.population or 0,
        )


def _territoires(queryset):
    autres = _par(AutreNom.objects.filter(territoire__in=queryset).values_list("territoire", "nom"))
    departements = _par(queryset.values_list("code", "departements__nom"))
    regions = _par(queryset.values_list("code", "regions__nom").exclude(regions=None))
    for row in queryset.select_related("phase").with_members(moment.today()).iterator():
        yield Fiche(
            Type.TERRITOIRE,
            row.code,
            row.code,
            row.nom,
            row.adresse,
            noms=[row.nom],
            precision=", ".join([f"phase {row.phase_id}", *sorted(regions[row.code])]),
            autres=[row.code, *dict.fromkeys(autres[row.code])],
            contexte=[
                "territoire d’industrie",
                *filter(None, departements[row.code]),
                *regions[row.code],
            ],
            # Today's first, among namesakes.
            poids=(row.population or 0) // (2 if row.phase.fin else 1),
        )


def _regions(queryset):
    for row in queryset.annotate(population=Sum("departements__communes__population")):
        yield Fiche(
            Type.REGION,
            row.code,
            row.code,
            row.nom,
            row.slug,
            noms=[row.nom],
            autres=list(filter(None, row.autres_noms.split(", "))),
            contexte=["région"],
            poids=row.population or 0,
        )


def _departements(queryset):
    for row in queryset.select_related("region").annotate(population=Sum("communes__population")):
        yield Fiche(
            Type.DEPARTEMENT,
            row.code,
            row.code,
            row.nom,
            row.code,
            noms=[row.nom],
            precision=row.region.nom,
            codes=[row.code],
            contexte=["département", row.region.nom],
            poids=row.population or 0,
        )


def _operateurs(queryset):
    for row in queryset.iterator():
        yield Fiche(
            Type.OPERATEUR,
            row.code,
            row.code,
            row.nom,
            row.code,
            noms=list(dict.fromkeys(filter(None, [row.nom, row.nom_actuel]))),
            texte=[row.missions],
            contexte=["opérateur"],
        )


def _contrats(queryset):
    for row in queryset.published().select_related("territoire").iterator():
        yield Fiche(
            Type.CONTRAT,
            row.pk,
            row.slug,
            capfirst(str(row)),
            row.slug,
            noms=[row.intitule],
            precision=row.territoire.nom,
            texte=[row.territoire.nom],
            contexte=["contrat", row.get_type_display(), row.lieu],
        )


def _projets(queryset):
    for row in queryset.published().values(
        "pk",
        "code",
        "slug",
        "beneficiaire",
        "siren",
        "objet",
        "filiere",
        "commune__nom",
        "departement__nom",
    ):
        lieu = [row["filiere"], row["commune__nom"], row["departement__nom"]]
        yield Fiche(
            Type.PROJET,
            row["pk"],
            row["code"],
            row["beneficiaire"],
            row["slug"],
            noms=[row["beneficiaire"]],
            precision=row["objet"],
            autres=[row["code"]],
            codes=[row["siren"]] if row["siren"] else [],
            texte=[row["objet"]],
            contexte=["projet", *filter(None, lieu)],
        )


def _personnes(queryset):
    for row in queryset.published().iterator():
        yield Fiche(
            Type.PERSONNE,
            row.pk,
            row.code,
            row.nom,
            row.code,
            noms=[row.nom],
            precision=f"{row.fonction} ({row.date.year})",
            texte=[row.fonction],
            contexte=["personne"],
        )


def _termes(queryset):
    for row in queryset.published().iterator():
        yield Fiche(
            Type.TERME,
            row.pk,
            row.code,
            row.mot,
            row.code,
            noms=[row.mot],
            precision=row.definition,
            autres=list(filter(None, row.autres_noms.split(", "))),
            contexte=["mot", "glossaire"],
        )


def _faits(queryset):
    for row in queryset.published().iterator():
        yield Fiche(
            Type.FAIT,
            row.pk,
            row.code,
            row.intitule,
            row.ancre,
            noms=[row.intitule],
            precision=f"{row.enonce}, {date_in_words(row.date, row.precision_date)}",
            texte=[row.get_theme_display()],
            contexte=["fait", "chiffre", row.contexte],
        )


FICHES = {
    Region: _regions,
    Departement: _departements,
    Territoire: _territoires,
    Commune: _communes,
    Intercommunalite: _intercommunalites,
    Operateur: _operateurs,
    Contrat: _contrats,
    Projet: _projets,
    Personne: _personnes,
    Terme: _termes,
    Fait: _faits,
}
TYPES = dict(zip(FICHES, Type, strict=True))


def fiches(queryset):
    """The `Fiche` of each record of `queryset` that anybody may see."""
    return FICHES[queryset.model](queryset)
