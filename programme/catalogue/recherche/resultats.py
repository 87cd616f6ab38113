"""The entries of one page of answers, with what a person needs to choose."""

from dataclasses import dataclass, field

from django.urls import reverse

from programme.catalogue.recherche.moteur import Lecture
from programme.models import EntreeIndex
from territoires.models import Commune, CommuneAncienne, Intercommunalite, Phase, Territoire
from territoires.recherche.commune import Appartenance, Appartenances, EnPhase, par_phase

Type = EntreeIndex.Type

ANCRES = {Type.PERSONNE: "programme", Type.TERME: "glossaire", Type.FAIT: "chiffres"}
"""Pages that hold all the entries of a type, each under its key."""

URLS = {
    Type.REGION: "region",
    Type.TERRITOIRE: "territoire",
    Type.COMMUNE: "commune",
    Type.INTERCOMMUNALITE: "intercommunalite",
    Type.OPERATEUR: "operateur",
    Type.CONTRAT: "contrat",
    Type.PROJET: "projet",
}


@dataclass
class Resultat:
    """One entry. `territoire` is where it is today, when it is a place, an act or a project; `lieu`
    is the commune or the intercommunalité itself.
    """

    entree: EntreeIndex
    lieu: Commune | Intercommunalite | None = None
    territoire: Territoire | None = None
    appartenance: Appartenance | None = None
    avant: list[EnPhase] = field(default_factory=list)
    anciennes: list[str] = field(default_factory=list)

    @property
    def url(self):
        return adresse(self.entree)

    @property
    def a_sa_fiche(self):
        """Whether its page is its own, that says whence one comes."""
        return self.entree.type in URLS

    @property
    def est_un_lieu(self):
        return self.appartenance is not None


def adresse(entree):
    """The address of the page of an entry; that of a département is its list of territories."""
    if entree.type == Type.DEPARTEMENT:
        return f"{reverse('territoires')}?departement={entree.adresse}"
    if page := ANCRES.get(entree.type):
        return f"{reverse(page)}#{entree.adresse}"
    return reverse(URLS[entree.type], args=[entree.adresse])


def resultats(entrees, texte, date):
    """The `Resultat` of each entry, in a number of queries that does not depend on theirs."""
    territoires = _par_code(Territoire, Type.TERRITOIRE, entrees)
    connues = situations(entrees, date, Phase.objects.filter(fin__lte=date))
    anciennes = anciennes_communes(entrees, texte)
    found = []
    for entree in entrees:
        resultat = Resultat(entree, anciennes=anciennes.get(entree.identifiant, []))
        if place := connues.get(entree.identifiant):
            resultat.lieu, resultat.appartenance, resultat.avant = place
            resultat.territoire = resultat.appartenance.territoire
        elif entree.type == Type.TERRITOIRE:
            resultat.territoire = territoires.get(entree.identifiant)
        elif acte := entree.projet or entree.contrat:
            resultat.territoire = acte.territoire
        found.append(resultat)
    return found


def situations(entrees, date, phases=()):
    """`{identifiant: (place, Appartenance, [EnPhase of the earlier phases asked for])}` of the
    communes and intercommunalités among the entries.
    """
    communes = _par_code(Commune, Type.COMMUNE, entrees)
    intercommunalites = _par_code(Intercommunalite, Type.INTERCOMMUNALITE, entrees)
    lieux = {**communes, **intercommunalites}
    if not lieux:
        return {}
    connues = Appartenances.of(communes.values(), intercommunalites.values())
    phases = list(phases)
    return {
        code: (lieu, connues.appartenance(lieu, date), par_phase(connues, lieu, date, phases))
        for code, lieu in lieux.items()
    }


def _par_code(modele, type_, entrees):
    """The records of one type, by code; no query when the page has none."""
    codes = [entree.identifiant for entree in entrees if entree.type == type_]
    return modele._default_manager.in_bulk(codes) if codes else {}


def anciennes_communes(entrees, texte):
    """By commune code, what explains that it answers: its earlier names and codes, in words.

    One query, or none when all the communes answer by their own name.
    """
    lecture = Lecture.of(texte)
    muettes = [
        entree.identifiant
        for entree in entrees
        if entree.type == Type.COMMUNE and not lecture.nomme(entree.nom)
    ]
    found = {}
    if muettes:
        rows = CommuneAncienne.objects.filter(commune__in=muettes).order_by("code", "pk")
        for ancienne in rows:
            if lecture.nomme(ancienne.nom) or ancienne.code.lower() in lecture.cles:
                found.setdefault(ancienne.commune_id, {})[ancienne.en_mots] = None
    return {code: list(phrases) for code, phrases in found.items()}
