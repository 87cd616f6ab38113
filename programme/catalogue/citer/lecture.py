"""Reading a figure: now, or again from what a citation kept of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.http import QueryDict
from django.utils import timezone

from programme.catalogue.adresse import Erreur
from programme.catalogue.citer.citables import (
    Mesure,
    Part,
    ecartes_of,
    horizon_of,
    liste_of,
    sources_of,
)
from programme.catalogue.listes.criteres import Egal, Texte
from programme.catalogue.requete import LONGEST, PRESENTATION
from programme.models import Citation, DonneesVersion
from programme.models.citations import code_of
from programme.requetes import view_of
from territoires.models.personnes import coordonnees

ESSAIS = 3
OCCULTE = "[occulté]"
CHIFFRES_DE_FIRME = (9, 14)
"""Of a SIREN and of a SIRET."""


class Illisible(Exception):
    """The query of a figure cannot be read: `erreurs` says why, as `adresse.Erreur`s."""

    def __init__(self, erreurs):
        super().__init__(str(erreurs))
        self.erreurs = erreurs


class Mouvant(Exception):
    """The data changed at each attempt to read them."""


class Filtre(NamedTuple):
    """One filter in words. ecrit: somebody typed them, a visitor or who wrote the records."""

    libelle: str
    texte: str
    ecrit: bool


@dataclass(frozen=True)
class Lecture:
    """What a figure is, for one query, in one state of the data.

    requete: the canonical query string, without « ? »; "" when it may not be shown. liste: the
    title of the list or the map without its filters. ecartes: `(words, number)` of what is left
    out. lisible: whether the query reads in today's data.
    """

    requete: str
    mesure: Mesure
    liste: str
    filtres: tuple[Filtre, ...]
    ecartes: tuple[tuple[str, int], ...]
    sources: tuple[str, ...]
    horizon: str
    lisible: bool = True

    @property
    def titre(self):
        """The list with its filters in words: « Projets : Bretagne, Bois »."""
        words = ", ".join(filtre.texte for filtre in self.filtres)
        return f"{self.liste} : {words}" if words else self.liste

    def as_json(self):
        """What `of_citation` reads back."""
        return {
            "liste": self.liste,
            "filtres": [list(filtre) for filtre in self.filtres],
            "ecartes": [list(pair) for pair in self.ecartes],
            "sources": list(self.sources),
            "horizon": self.horizon,
            "parts": [list(part) for part in self.mesure.parts],
        }


def of_citation(citation, aujourdhui):
    """What was read when it was cited, less what no page may show any more.

    aujourdhui: the `Lecture` of its query now, whose words are those of today; None when it reads
    no more. A text that somebody typed is told for as long as a published record answers to it.
    """
    kept = citation.lecture
    alive = aujourdhui is not None and aujourdhui.mesure.fiches > 0
    known = {part.libelle for part in aujourdhui.mesure.parts} if alive else set()
    filtres = tuple(Filtre(*filtre) for filtre in kept["filtres"])
    free = any(filtre.ecrit for filtre in filtres)
    if aujourdhui is not None:
        filtres = aujourdhui.filtres
    return Lecture(
        requete=citation.requete if aujourdhui and (alive or not free) else "",
        mesure=Mesure(
            citation.valeur,
            citation.fiches,
            citation.renseignees,
            tuple(_part(part, known) for part in kept["parts"]),
        ),
        liste=sans_coordonnees(kept["liste"]),
        filtres=tuple(_told(filtre, alive) for filtre in filtres),
        ecartes=tuple((words, number) for words, number in kept["ecartes"]),
        sources=tuple(sans_coordonnees(text, adresses=True) for text in kept["sources"]),
        horizon=kept["horizon"],
        lisible=aujourdhui is not None,
    )


def _told(filtre, alive):
    words = OCCULTE if filtre.ecrit and not alive else sans_coordonnees(filtre.texte)
    return filtre._replace(texte=words)


def _part(part, known):
    name, ecrit, *rest = part
    shown = name if not ecrit or not name or name in known else OCCULTE
    return Part(sans_coordonnees(shown), ecrit, *rest)


def sans_coordonnees(text, *, adresses=False):
    """`text`, or a word in its place when it tells how to reach somebody.

    adresses: those of pages have their place in it.
    """
    judged = " ".join(w for w in text.split() if not (adresses and w.startswith("http")))
    return OCCULTE if coordonnees(judged) else text


def lire(request, citable, requete):
    """The `Lecture` of a figure for a query string, and the view it was read from.

    Raises `Illisible`.
    """
    vue = view_of(request, citable.adresse, _sans_presentation(requete))
    if vue.erreurs:
        raise Illisible(vue.erreurs)
    lecture = Lecture(
        requete=_canonique(citable, vue),
        mesure=citable.mesurer(vue),
        liste=liste_of(vue),
        filtres=tuple(_filtres(vue.filterset)),
        ecartes=tuple(ecartes_of(vue)),
        sources=tuple(sources_of(vue)),
        horizon=horizon_of(vue),
    )
    return lecture, vue


def _filtres(filterset):
    for critere, value in filterset.actifs:
        typed = isinstance(critere, Texte | Egal) or hasattr(
            getattr(critere, "choix", None), "colonne"
        )
        for tag in critere.etiquettes(value):
            yield Filtre(str(tag.libelle), str(tag.titre), typed)


def _sans_presentation(requete):
    """The query without what only arranges the rows. One too long is left to be refused."""
    text = requete.removeprefix("?")
    if len(text) > LONGEST:
        return text
    data = QueryDict(text, mutable=True)
    for name in PRESENTATION:
        data.pop(name, None)
    return data.urlencode()


def _canonique(citable, vue):
    """One text for one choice of rows, as the filters understood it."""
    data = vue.requete.data.copy()
    for name, value in citable.fixe(vue).items():
        data[name] = value
    ordered = QueryDict(mutable=True)
    for name in sorted(data):
        ordered.setlist(name, sorted(data.getlist(name)))
    return ordered.urlencode()


def citer(request, citable, requete):
    """The `Citation` of a figure as it is now, not kept yet. Raises `Illisible` and `Mouvant`."""
    for _attempt in range(ESSAIS):
        before = DonneesVersion.objects.current()
        lecture, _ = lire(request, citable, requete)
        if refused := _personnel(lecture):
            raise Illisible([refused])
        if DonneesVersion.objects.current().numero == before.numero:
            return _citation(citable, lecture, before)
    raise Mouvant


def _personnel(lecture):
    """The `Erreur` of a filter that tells how to reach somebody; numbers of firms do not."""
    for filtre in lecture.filtres:
        digits = re.sub(r"\D", "", filtre.texte)
        firm = not re.search(r"[^\W\d]|\+", filtre.texte) and len(digits) in CHIFFRES_DE_FIRME
        if filtre.ecrit and not firm and (found := coordonnees(filtre.texte)):
            sentence = f"Ce filtre contient {found}, qui ne se cite pas. Retirez-le."
            return Erreur("requete", filtre.libelle, sentence)
    return None


def _citation(citable, lecture, version):
    mesure = lecture.mesure
    value = [mesure.valeur, mesure.fiches, mesure.dites, [list(part) for part in mesure.parts]]
    return Citation(
        code=code_of(citable.code, lecture.requete, version.modifie_le.isoformat(), value),
        citable=citable.code,
        requete=lecture.requete,
        valeur=mesure.valeur,
        fiches=mesure.fiches,
        renseignees=mesure.dites,
        lecture=lecture.as_json(),
        version=version.numero,
        moment=max(version.modifie_le, _minuit()),
    )


def _minuit() -> datetime:
    """The beginning of this day in France: what follows from the day has changed since."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
