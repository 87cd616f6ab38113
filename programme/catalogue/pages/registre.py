"""What the recounts read, once for all the figures of a page."""

from functools import cached_property

from django.db.models import Count, Min, Q, Sum

from programme.catalogue.pages.indicateurs import enveloppes_du_fonds, projets_du_fonds
from programme.catalogue.pages.recomptes import jour_de_calcul
from programme.models import Contrat, Convention, Projet
from territoires import moment
from territoires.carte import cartes_at
from territoires.millesimes import communes_des_territoires

SOMMES = ("emplois_crees", "investissement_eur")


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
        """How many projects are published, how many say their status, how many stand: one query."""
        known = ~Q(statut="")
        return Projet.objects.published().aggregate(
            publies=Count("pk"),
            renseignes=Count("pk", filter=known),
            comptes=Count("pk", filter=known & ~Q(statut=Projet.Statut.ABANDONNE)),
        )

    @cached_property
    def fonds(self):
        """The sums of the fund, one row for each state of its list (a date, or none): one query."""
        rows = projets_du_fonds().order_by().values("mise_a_jour")
        return list(
            rows.annotate(
                nb_projets=Count("pk"),
                nb_sans_siren=Count("pk", filter=Q(siren="")),
                **{f"somme_{field}": Sum(field) for field in SOMMES},
                **{f"nb_{field}": Count(field) for field in SOMMES},
            )
        )

    def du_fonds(self, name, apres=None):
        """A sum of the fund, in all or of what its list gained after a day; None: not stated."""
        found = [
            row[name]
            for row in self.fonds
            if apres is None or (row["mise_a_jour"] and row["mise_a_jour"] > apres)
        ]
        stated = [value for value in found if value is not None]
        return int(sum(stated)) if stated else None

    @cached_property
    def sirens(self):
        """The first date, or None, of each SIREN that the fund pays: one query."""
        rows = projets_du_fonds().exclude(siren="").order_by().values("siren")
        return [row["premiere"] for row in rows.annotate(premiere=Min("mise_a_jour"))]

    def nb_communes(self, annonce):
        """How many communes the territories of the day have, in the geography of that day."""
        return sum(map(len, communes_des_territoires(jour_de_calcul(annonce)).values()))

    @cached_property
    def aujourd_hui(self):
        return moment.today()
