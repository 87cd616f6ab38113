"""Answered reports, as the public reads them: what, the answer, the delay, what fixed it."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from programme.catalogue.journal.lignes import Ligne, address_of, modifications
from programme.catalogue.journal.regle import genres as genres_du_journal
from programme.catalogue.signaler.fiches import genre_of
from programme.models import Proposition

Etat = Proposition.Etat
MOTS = {
    Etat.ACCEPTEE: "acceptée",
    Etat.EN_PARTIE: "amendée",
    Etat.REFUSEE: "refusée",
}
"""What the public reads of each answer."""
ETATS = {word: word.capitalize() for word in MOTS.values()}


def en_jours(delay):
    """« le jour même », « en 3 jours »."""
    days = delay // timedelta(days=1)
    if not days:
        return "le jour même"
    return f"en {days} jour{'s' if days > 1 else ''}"


@dataclass(frozen=True)
class Reponse:
    """One report and its answer. nom, url: of the record, empty when it is not public."""

    proposition: Proposition
    nom: str = ""
    url: str = ""
    modification: str = ""

    @property
    def etat(self):
        return MOTS.get(self.proposition.etat, "")

    @property
    def delai(self):
        return en_jours(self.proposition.delai) if self.proposition.delai else ""

    @property
    def ancre(self):
        return f"signalement-{self.proposition.pk}"


def reponses(propositions):
    """The `Reponse`s of `propositions`: a few queries for each kind of record."""
    by_genre = {}
    propositions = list(propositions)
    for one in propositions:
        by_genre.setdefault(genre_of(one.modele), []).append(one)
    found = {}
    for genre, some in by_genre.items():
        found |= _told(genre, some) if genre else {one.pk: Reponse(one) for one in some}
    return [found[one.pk] for one in propositions]


def _told(genre, propositions):
    key = genre.modele._meta.pk.to_python
    related = [f.name for f in genre.modele._meta.fields if f.is_relation]
    rows = genre.rows().select_related(*related).order_by()
    rows = rows.in_bulk({key(one.cle) for one in propositions})
    links = {}
    if genre.jeu and genre.code in genres_du_journal():
        versions = {(one.cle, one.version_apres) for one in propositions if one.version_apres}
        if versions:
            links = modifications(genres_du_journal()[genre.code], versions)
    found = {}
    for one in propositions:
        row = rows.get(key(one.cle))
        if row is None:
            found[one.pk] = Reponse(one)
            continue
        link = links.get((one.cle, one.version_apres), "")
        found[one.pk] = Reponse(one, str(row), address_of(row), link)
    return found


def lignes(found):
    """The same as lines of a feed."""
    return [
        Ligne(
            timezone.localtime(one.proposition.repondue_le).date(),
            str(one.proposition.modele._meta.verbose_name),
            _phrase(one),
            one.ancre,
            f"{reverse('signaler')}#{one.ancre}",
            one.nom,
            one.url,
            moment=one.proposition.repondue_le,
        )
        for one in found
    ]


def _phrase(one):
    about = f" ({one.proposition.sujet})" if one.proposition.sujet else ""
    said = f" : « {one.proposition.reponse} »" if one.proposition.reponse else ""
    return f"correction demandée{about}, {one.etat} {one.delai}{said}"
