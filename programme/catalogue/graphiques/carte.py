"""The growth of the programme: what was announced, and what a source names that day."""

from django.urls import reverse

from programme.catalogue.carte.bilan import etapes_comptees
from programme.catalogue.graphiques.declaration import (
    Fichier,
    Graphique,
    Ligne,
    Mesure,
    Trait,
)
from programme.catalogue.graphiques.formes import Colonnes
from territoires import moment
from territoires.dates import court, date_in_words


def croissance(etapes=None):
    """One column an announced number; `etapes`: those of `bilan.etapes_comptees`, if read."""
    etapes = etapes_comptees(moment.today()) if etapes is None else etapes
    lignes = [
        Ligne(
            date_in_words(e.jalon.date, e.jalon.precision_date).capitalize(),
            {
                "nommes": e.nommes,
                "reconstitues": e.reconstitues,
                "reste": max(0, e.jalon.nb_territoires - e.nombre),
                "annonces": e.jalon.nb_territoires,
            },
            url=f"{reverse('carte')}{e.url}",
            court=court(e.jalon.date),
            jour=e.jalon.date,
        )
        for e in etapes
    ]
    return Graphique(
        code="programme-territoires",
        titre=_titre(etapes),
        mesure="Territoires annoncés à chaque date, et combien d’entre eux une liste ou un "
        "document nomme ce jour-là",
        entete="Annonce",
        mesures=(
            Mesure("nommes", "nommés ce jour-là", Trait.MOYEN),
            Mesure("reconstitues", "reconstitués", Trait.PALE),
            Mesure("reste", "annoncés, pas nommés", Trait.INCONNU),
            Mesure("annonces", "annoncés"),
        ),
        lignes=lignes,
        forme=Colonnes(total="annonces"),
        fichier=Fichier("jalons", "jalons"),
        page=reverse("territoires"),
        sources=[e.jalon.source for e in etapes if e.jalon.source],
        reserve="Reconstitués : une liste plus tardive les dit entrés entre-temps, le jour est "
        "déduit. D’une colonne à l’autre, le temps n’est pas à l’échelle.",
    )


def _titre(etapes):
    if len(etapes) < 2:
        return "Combien de territoires, annonce après annonce"
    first, last = etapes[0].jalon, etapes[-1].jalon
    words = f"De {first.nb_territoires} territoires annoncés en {first.date.year} à "
    words += f"{last.nb_territoires} en {last.date.year}"
    named = etapes[0].nommes
    if named < first.nb_territoires:
        words += f" ; des {first.nb_territoires} premiers, les sources du jour en nomment {named}"
    return words
