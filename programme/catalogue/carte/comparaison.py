"""What changed on the map between two dates: the page and its files."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from django.shortcuts import render
from django.utils.http import urlencode

from programme.catalogue.adresse import Erreur
from programme.catalogue.personnes import sans_personne
from programme.models import Jalon
from territoires.carte import Classe, Datation, cartes_at, comparer
from territoires.dates import iso
from territoires.moment import today

from . import changements, fichiers
from .bilan import bilan, dernier_annonce, jalons_de_la_carte
from .dessin import Aplat, dessin_ensemble
from .formulaires import OFFRES_TABLEAU, CarteAdresseView, DifferencesForm
from .passage import passage, sans_les_heritiers
from .themes import Cle
from .vignettes import jalons_en_petit, planche

INCHANGE = ("carte-n2", "inchangé")
MEMBRES = ("carte-n3", "membres changés")
POSSIBLE = ("carte-possible", "possible : entrée attestée plus tard")
SORTI = ("carte-sortie", "sorti avant la seconde date")
ENTRE = ("carte-entree", "entré depuis la première date")

ENTREES = {
    Datation.SURE: ENTRE,
    Datation.ANCIENNE: ("carte-entree-ancienne", "peut-être déjà là à la première date"),
    Datation.RECONSTITUEE: ("carte-entree-reconstituee", "entré, à un jour reconstitué"),
}
SORTIES = {
    Datation.SURE: SORTI,
    Datation.AU_PLUS_TARD: ("carte-sortie-au-plus-tard", "sorti, au plus tard à un jour connu"),
    Datation.RECONSTITUEE: ("carte-sortie-reconstituee", "sorti, à un jour reconstitué"),
}
"""What the map, its legend and its titles say of a movement, by what is known of its day."""


@dataclass(frozen=True, slots=True)
class Couple:
    """Two successive milestones, and the address of what changed between them."""

    avant: Jalon
    apres: Jalon
    url: str
    courant: bool


@dataclass(frozen=True, slots=True)
class CarteComparee:
    """One of the two maps: its drawing, its legend, its figures."""

    dessin: object
    cles: list[Cle]
    bilan: object


@sans_personne
class DifferencesView(CarteAdresseView):
    """Compares `de` and `a`; without dates, the last two milestones of the map."""

    form_class = DifferencesForm
    template_name = "programme/carte/differences.html"

    @cached_property
    def jalons(self):
        return [jalon for jalon in jalons_de_la_carte() if jalon.date <= today()]

    @cached_property
    def dates(self):
        """The two dates to compare; None when none is asked for and there is no milestone."""
        if self.demande["de"]:
            return self.demande["de"], self.demande["a"]
        last = [jalon.date for jalon in self.jalons[-2:]]
        return tuple(last) if len(last) == 2 else None

    @cached_property
    def cartes(self):
        """{day: its map} of the dates to compare and of every milestone, read together."""
        return cartes_at([*self.dates, *(jalon.date for jalon in self.jalons)])

    @cached_property
    def toutes(self):
        de, a = self.dates
        return comparer(self.cartes[de], self.cartes[a])

    @property
    def planche(self):
        """The map in small at the main milestones; None without two of them."""
        phases = {p.territoire.phase for p in self.found.a.presences}
        shown = jalons_en_petit(self.jalons, {phase.reference for phase in phases})
        return planche(shown, self.cartes) if len(shown) > 1 else None

    @cached_property
    def passage(self):
        return passage(self.toutes)

    @cached_property
    def found(self):
        return sans_les_heritiers(self.toutes, self.passage) if self.passage else self.toutes

    def answer(self):
        chosen = self.demande["format"]
        if chosen and not self.dates:
            self.erreurs = [Erreur("de", "Du", "Écrivez deux dates : de=AAAA-MM-JJ&a=AAAA-MM-JJ.")]
            return self.refuse()
        if chosen:
            return self._file(chosen).response(self.request)
        return render(self.request, self.template_name, self.get_context_data())

    def _file(self, chosen):
        rows = changements.tableau(self.found, self.passage)
        if chosen == "json":
            data = changements.as_json(self.found, self.passage)
            return fichiers.as_json(data, len(rows.lignes))
        if chosen == "csv":
            return fichiers.as_csv(rows, self.demande["separateur"])
        return fichiers.as_xlsx(self.request, rows)

    def get_refusal_context(self):
        return super().get_refusal_context() | {"couples": self.couples(None)}

    def get_context_data(self):
        de, a = self.dates or ("", "")
        return self.get_form_context() | {
            "erreurs": [],
            "canonique": "",
            "noindex": False,
            "saisie": {"de": f"{de}", "a": f"{a}"},
            "couples": self.couples(self.dates),
            **(self._result() if self.dates else {}),
        }

    def couples(self, dates):
        return [
            Couple(
                one, two, f"?de={iso(one.date)}&a={iso(two.date)}", (one.date, two.date) == dates
            )
            for one, two in pairwise(self.jalons)
        ]

    def _result(self):
        found, (de, a) = self.found, self.dates
        here = f"?de={de}&a={a}"
        return {
            "found": found,
            "avant": self._map(
                found.de, {m.territoire.code: SORTIES[m.datation] for m in found.sorties}
            ),
            "apres": self._map(
                found.a, {m.territoire.code: ENTREES[m.datation] for m in found.entrees}
            ),
            "entrees": _par_datation(found.entrees),
            "sorties": [
                (datation, [(m, found.a.par_code.get(m.territoire.successeur_id)) for m in group])
                for datation, group in _par_datation(found.sorties)
            ],
            "fusions": [(f, found.a.par_code[f.successeur.code]) for f in found.fusions],
            "fichiers": [(words, f"{here}&{urlencode(asked)}") for words, asked in OFFRES_TABLEAU],
            "nombre": len(changements.tableau(found, self.passage).lignes),
            "passage": self.passage,
            "planche": self.planche,
            "canonique": here,
        }

    def _map(self, carte, moved):
        """`carte` with what moved, by code, told apart."""
        changed = {c.territoire.code: MEMBRES for c in self.found.membres}
        changed |= self.passage.changes if self.passage else {}
        aplats, numbers = [], {}
        for presence in (p for p in carte.presences if p.classe != Classe.ABSENT):
            code = presence.territoire.code
            usual = POSSIBLE if presence.classe == Classe.POSSIBLE else changed.get(code, INCHANGE)
            key = moved.get(code, usual)
            numbers[key] = numbers.get(key, 0) + 1
            classe, words = key
            url = presence.territoire.get_absolute_url()
            title = f"{presence.nom} : {words}"
            aplats.append(Aplat(code, title, classe, presence.codes_membres, url))
        return CarteComparee(
            dessin=dessin_ensemble(aplats),
            cles=[Cle(*key, number) for key, number in sorted(numbers.items())],
            bilan=bilan(carte, dernier_annonce(self.jalons, carte.date)),
        )


def _par_datation(mouvements):
    """`[(Datation, movements)]` in the order of the words, without the empty ones."""
    groups = [(kind, [m for m in mouvements if m.datation == kind]) for kind in Datation]
    return [(kind, group) for kind, group in groups if group]
