"""Reading a figure: now, or again from what a citation kept of it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.http import QueryDict
from django.utils import timezone

from programme.catalogue import moments
from programme.catalogue.adresse import Erreur
from programme.catalogue.citer.citable import Filtre, Mesure
from programme.catalogue.citer.citables import (
    ecartes_of,
    horizon_of,
    liste_of,
    sources_of,
)
from programme.catalogue.listes.criteres import Cles, Egal, Texte
from programme.catalogue.requete import LONGEST, PRESENTATION
from programme.models import Citation, DonneesVersion
from programme.models.citations import code_of
from territoires import moment
from territoires.dates import iso
from territoires.models.personnes import coordonnees
from territoires.occultes import marque

ESSAIS = 3
OCCULTE = marque()
CHIFFRES_DE_FIRME = (9, 14)
"""Of a SIREN and of a SIRET."""
PERSONNEL = Erreur(
    "requete",
    "Requête",
    "Un filtre contient une adresse électronique ou un numéro de téléphone, qui ne se citent pas. "
    "Retirez-le.",
)


class Illisible(Exception):
    """The query of a figure cannot be read: `erreurs` says why, as `adresse.Erreur`s."""

    def __init__(self, erreurs):
        super().__init__(str(erreurs))
        self.erreurs = erreurs


class Mouvant(Exception):
    """The data changed at each attempt to read them."""


@dataclass(frozen=True)
class Lecture:
    """What a figure is, for one query, in one state of the data.

    requete: the canonical query string, without « ? »; "" when it may not be shown. liste: the
    title of the list, the map or the chart without its filters. ecartes: `(words, number)` of what
    is left out. nom, definition: of a figure that its query names; "" for what the registry says.
    """

    requete: str
    mesure: Mesure
    liste: str
    filtres: tuple[Filtre, ...]
    ecartes: tuple[tuple[str, int], ...]
    sources: tuple[str, ...]
    horizon: str
    nom: str = ""
    definition: str = ""

    @property
    def titre(self):
        """The list with its filters in words: « Projets : Bretagne, Bois »."""
        words = ", ".join(filtre.texte for filtre in self.filtres)
        return f"{self.liste} : {words}" if words else self.liste

    def as_json(self):
        """What `of_citation` reads back."""
        value = self.mesure.valeur
        return {
            "liste": self.liste,
            "filtres": [list(filtre) for filtre in self.filtres],
            "ecartes": [list(pair) for pair in self.ecartes],
            "sources": list(self.sources),
            "horizon": self.horizon,
            "constat": self.mesure.constat,
            "tableau": [list(row) for row in self.mesure.tableau],
            "unite": self.mesure.unite,
            "nature": self.mesure.nature,
            "nom": self.nom,
            "definition": self.definition,
            **({"decimal": str(value)} if isinstance(value, Decimal) else {}),
        }


def mesure_of(citation):
    """The numbers that were kept, and the words of a chart."""
    kept = citation.lecture
    table = tuple(tuple(row) for row in kept["tableau"])
    decimal = kept.get("decimal")
    return Mesure(
        citation.valeur if decimal is None else Decimal(decimal),
        citation.fiches,
        citation.renseignees,
        kept["constat"],
        table,
        kept.get("unite", ""),
        kept.get("nature", ""),
    )


def of_citation(citation, alors):
    """What was cited, less what no page may show any more.

    alors: the `Lecture` of its query read again at its moment; None when it reads no more. The
    numbers are those that were kept. Words that somebody typed are told for as long as what was
    published then, less what was erased since, still gives these numbers.
    """
    kept, mesure = citation.lecture, mesure_of(citation)
    sure = alors is not None and nombres(alors.mesure) == nombres(mesure)
    if sure:
        return replace(alors, mesure=_sans_coordonnees(alors.mesure))
    filtres = tuple(_told(Filtre(*filtre)) for filtre in kept["filtres"])
    return Lecture(
        requete="" if any(filtre.ecrit for filtre in filtres) else citation.requete,
        mesure=mesure._replace(
            constat=OCCULTE if mesure.constat else "",
            tableau=tuple(_row(row, rank) for rank, row in enumerate(mesure.tableau)),
        ),
        liste=sans_coordonnees(kept["liste"]),
        filtres=filtres,
        ecartes=tuple((words, number) for words, number in kept["ecartes"]),
        sources=tuple(sans_coordonnees(text, adresses=True) for text in kept["sources"]),
        horizon=kept["horizon"],
        nom=kept.get("nom", ""),
        definition=kept.get("definition", ""),
    )


def nombres(mesure):
    """What two readings of a figure are compared by: no word of it."""
    return mesure[:3], [
        [cell for cell in row[1:] if not isinstance(cell, str)] for row in mesure.tableau[1:]
    ]


def _sans_coordonnees(mesure):
    return mesure._replace(
        constat=sans_coordonnees(mesure.constat),
        tableau=tuple((sans_coordonnees(str(row[0])), *row[1:]) for row in mesure.tableau),
    )


def _told(filtre):
    words = OCCULTE if filtre.ecrit else sans_coordonnees(filtre.texte)
    return filtre._replace(texte=words)


def _row(row, rank):
    """The numbers of a row of a chart; its header is ours."""
    return row if rank == 0 else (OCCULTE, *row[1:])


def sans_coordonnees(text, *, adresses=False, firmes=False):
    """`text`, or a word in its place when it tells how to reach somebody.

    adresses: those of pages have their place in it; firmes: the numbers of firms too.
    """
    digits = re.sub(r"\D", "", text)
    if firmes and len(digits) in CHIFFRES_DE_FIRME and not re.search(r"[^\W\d]|\+", text):
        return text
    judged = " ".join(w for w in text.split() if not (adresses and w.startswith("http")))
    return OCCULTE if coordonnees(judged) else text


def lire(request, citable, requete):
    """The `Lecture` of a figure for a query string, at the moment that is read.

    Raises `Illisible`.
    """
    vue = citable.vue(request, _sans_presentation(requete))
    if vue.erreurs:
        raise Illisible(vue.erreurs)
    return Lecture(
        requete=_canonique(citable, vue),
        mesure=citable.mesurer(vue),
        liste=sans_coordonnees(liste_of(vue)),
        filtres=tuple(_filtres(vue)),
        ecartes=tuple(ecartes_of(vue)),
        sources=tuple(sans_coordonnees(text, adresses=True) for text in sources_of(vue)),
        horizon=horizon_of(vue),
        nom=getattr(vue, "nom_cite", ""),
        definition=getattr(vue, "definition", ""),
    )


def relire(request, citable, citation, instant):
    """The `Lecture` of what was cited, at a moment (None: now); None when it reads no more."""
    with moment.a(instant):
        try:
            return lire(request, citable, citation.requete)
        except Illisible:
            return None


def _filtres(vue):
    if vue.filterset is None:
        for told in getattr(vue, "filtres", ()):
            yield told._replace(texte=sans_coordonnees(told.texte, firmes=True))
        return
    for critere, value in vue.filterset.actifs:
        typed = isinstance(critere, Texte | Egal | Cles) or hasattr(
            getattr(critere, "choix", None), "colonne"
        )
        for tag in critere.etiquettes(value):
            yield Filtre(str(tag.libelle), sans_coordonnees(str(tag.titre), firmes=True), typed)


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
    data.pop(moments.PARAMETRE, None)  # kept by itself
    for name, value in citable.fixe(vue).items():
        data[name] = value
    ordered = QueryDict(mutable=True)
    for name in sorted(data):
        ordered.setlist(name, sorted(data.getlist(name)))
    return ordered.urlencode()


def citer(request, citable, requete):
    """The `Citation` of a figure at the moment that is read, not kept yet.

    Raises `Illisible` and `Mouvant`.
    """
    for _attempt in range(ESSAIS):
        before = DonneesVersion.objects.current()
        if moments.mouvant(_moment(before)):
            raise Mouvant
        lecture = lire(request, citable, requete)
        typed = lecture.filtres if citable.exemple is not None else ()
        if any(filtre.ecrit and filtre.texte == OCCULTE for filtre in typed):
            raise Illisible([PERSONNEL])
        if DonneesVersion.objects.current().numero == before.numero:
            return _citation(citable, lecture, before)
    raise Mouvant


def _citation(citable, lecture, version):
    when, mesure = moment.actuel(), lecture.mesure
    whole = mesure.valeur if not isinstance(mesure.valeur, Decimal) else None
    value = whole if whole is not None or mesure.valeur is None else str(mesure.valeur)
    told = [value, mesure.fiches, mesure.dites, [list(row) for row in mesure.tableau]]
    since = when or version.modifie_le
    return Citation(
        code=code_of(citable.code, lecture.requete, iso(since), told),
        citable=citable.code,
        requete=lecture.requete,
        valeur=whole,
        fiches=mesure.fiches,
        renseignees=mesure.dites,
        lecture=lecture.as_json(),
        version=version.numero,
        moment=_moment(version),
    )


def _moment(version):
    """The moment that is cited: the one that is read, or that of what is read now."""
    return moment.actuel() or max(version.modifie_le, _minuit())


def _minuit() -> datetime:
    """The beginning of this day in France: what follows from the day has changed since."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
