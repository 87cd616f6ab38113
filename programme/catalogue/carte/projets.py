"""The projects of a filtered list as points, and the table of their communes."""

from dataclasses import dataclass
from functools import cached_property

from django.shortcuts import render
from django.urls import reverse

from programme.catalogue.listes.champs import NON_RENSEIGNE
from programme.catalogue.listes.filters import ProjetFilter
from programme.catalogue.personnes import sans_personne
from programme.models import Projet
from territoires.recherche.texte import plier

from .dessin import Repere, dessin_ensemble, dessin_proche
from .formulaires import CarteAdresseView


@dataclass(frozen=True, slots=True)
class Lieu:
    """A commune and its projects: `situes` of `nombre` have a point, `lon`, `lat` their middle.

    The point that the source gave of `ecartes` was rejected: their commune is their postcode's.
    """

    nom: str
    nombre: int
    situes: int
    lon: float | None
    lat: float | None
    ecartes: int
    url: str

    @property
    def compte(self):
        return _compte(self.nombre)


@dataclass(frozen=True, slots=True)
class DepartementPointe:
    """A département and its communes, most projects first; nameless when it is not known."""

    nom: str
    nombre: int
    lieux: list[Lieu]
    url: str


def dessin_autour(reperes, data):
    """Near when a single région or département is asked for, else the whole of France."""
    for name, layer in (("departement", "departements"), ("region", "regions")):
        codes = data.getlist(name)
        if len(codes) == 1 and codes != [NON_RENSEIGNE]:
            near = dessin_proche([], reperes=reperes, contour=(layer, frozenset(codes)))
            if near:
                return near
    return dessin_ensemble([], reperes)


def dessin_par_departement(lignes, requete):
    """One mark per département of these `Rangement`s, in the middle of its points, in one query.

    Each leads to the same list in its département; None when no project has a point.
    """
    reperes = [
        Repere(lon, lat, _compte(nombre), nom, requete.avec(departement=code), nombre)
        for code, nom, nombre, lon, lat in lignes.points()
    ]
    return dessin_autour(reperes, requete.data) if reperes else None


def _compte(nombre):
    return f"{nombre} projet{'s' if nombre > 1 else ''}"


@sans_personne
class ProjetsView(CarteAdresseView):
    """`/carte/projets/`: the same filters as `/projets/`, commune by commune."""

    filterset_class = ProjetFilter
    template_name = "programme/carte/projets.html"

    def get_filterset(self):
        return ProjetFilter(self.requete.data, Projet.objects.published(), request=self.request)

    @cached_property
    def departements(self):
        """The filtered projects by département, most projects first; the unknown last."""
        rows = self.filterset.retenues.lieux(Projet.Localisation.CODE_POSTAL)
        found = {}
        for code, nom, *lieu in rows:
            found.setdefault((code, nom), []).append(self._lieu(code, *lieu))
        return sorted(
            (self._departement(*key, lieux) for key, lieux in found.items()),
            key=lambda d: (not d.nom, -d.nombre, plier(d.nom)),
        )

    @cached_property
    def lieux(self):
        """Every commune of the filtered projects, in the order of the table."""
        return [lieu for departement in self.departements for lieu in departement.lieux]

    def _departement(self, code, nom, lieux):
        lieux.sort(key=lambda lieu: (not lieu.nom, -lieu.nombre, plier(lieu.nom)))
        url = self._liste(departement=code or NON_RENSEIGNE)
        return DepartementPointe(nom or "", sum(lieu.nombre for lieu in lieux), lieux, url)

    def _lieu(self, departement, commune, nom, *measures):
        places = {"departement": departement or NON_RENSEIGNE, "commune": commune or NON_RENSEIGNE}
        return Lieu(nom or "", *measures, self._liste(**places))

    def _liste(self, **place):
        """The address of the same list, in one place."""
        return reverse("projets") + self.requete.avec(**place)

    @property
    def dessin(self):
        reperes = [
            Repere(lieu.lon, lieu.lat, lieu.compte, lieu.nom, lieu.url, lieu.situes)
            for lieu in self.lieux
            if lieu.nom and lieu.situes
        ]
        return dessin_autour(reperes, self.requete.data)

    def answer(self):
        tags = self.filterset.etiquettes
        situes = sum(lieu.situes for lieu in self.lieux if lieu.nom)
        nombre = sum(lieu.nombre for lieu in self.lieux)
        ecartes = sum(lieu.ecartes for lieu in self.lieux)
        dessin = self.dessin
        context = {
            "erreurs": [],
            "canonique": self.requete.canonique,
            "noindex": self.requete.noindex,
            "liste": reverse("projets") + self.requete.permalien,
            "notes": self.filterset.notes,
            "etiquettes": [(tag, self.requete.sans(tag.parametres, tag.valeur)) for tag in tags],
            "departements": self.departements,
            "communes": sum(bool(lieu.nom) for lieu in self.lieux),
            "nombre": nombre,
            "situes": situes,
            "ecartes": ecartes,
            "sans_lieu": nombre - situes - ecartes,
            "dessin": dessin,
            "proche": bool(dessin.contour),
        }
        return render(self.request, self.template_name, context)
