"""What the recounts read, once for all the figures of a page."""

from functools import cached_property

from programme.catalogue.pages.indicateurs import enveloppes_du_fonds, lignes_du_fonds
from programme.catalogue.pages.recomptes import jour_de_calcul
from programme.colonnes import lignes
from programme.models import Contrat, Convention, Projet
from territoires import moment
from territoires.carte import cartes_at
from territoires.millesimes import communes_des_territoires


class Registre:
    """The published records, each kind in a constant number of queries, when a recount asks."""

    def __init__(self, annonces):
        self.jours = {jour_de_calcul(annonce) for annonce in annonces}
        self.indicateurs = {annonce.indicateur for annonce in annonces}

    @cached_property
    def cartes(self):
        """{day: `Carte`} of the figures: three queries."""
        return cartes_at(self.jours)

    def carte(self, annonce):
        return self.cartes[jour_de_calcul(annonce)]

    @cached_property
    def contrats(self):
        """Published acts that stand, with the régions of their territories: two queries."""
        rows = Contrat.objects.published().exclude(statut=Contrat.Statut.ABANDONNE)
        return list(rows.order_by("slug").prefetch_related("territoire__regions"))

    @cached_property
    def conventions(self):
        return list(Convention.objects.published())

    @cached_property
    def enveloppes(self):
        return list(enveloppes_du_fonds())

    @cached_property
    def projets(self):
        """How many projects are published, how many say their status, how many stand."""
        counts = lignes().nombres("statut")
        publies = sum(counts.values())
        renseignes = publies - counts.get("", 0)
        abandonnes = counts.get(Projet.Statut.ABANDONNE, 0)
        return {
            "publies": publies,
            "renseignes": renseignes,
            "comptes": renseignes - abandonnes,
        }

    @cached_property
    def fonds(self):
        """The sums of the fund, one row for each state of its list (a date, or none)."""
        return lignes_du_fonds().par("mise_a_jour")

    def du_fonds(self, name, apres=None):
        """A sum of the fund, in all or of what its list gained after a day; None: not stated."""
        found = [row[name] for row in self.fonds if apres is None or _plus_tard(row["cle"], apres)]
        stated = [value for value in found if value is not None]
        return int(sum(stated)) if stated else None

    @cached_property
    def entreprises(self):
        """Of the fund: `RangementQuerySet.entreprises`."""
        return lignes_du_fonds().entreprises()

    def nb_entreprises(self, apres=None):
        """The SIREN that the fund pays, all or those whose first date is after a day."""
        counts, _ = self.entreprises
        return sum(n for day, n in counts.items() if apres is None or _plus_tard(day, apres))

    def nb_communes(self, annonce):
        """How many communes the territories of the day have, in the geography of that day."""
        return sum(map(len, communes_des_territoires(jour_de_calcul(annonce)).values()))

    @cached_property
    def aujourd_hui(self):
        return moment.today()


def _plus_tard(day, limit):
    return day is not None and day > limit
