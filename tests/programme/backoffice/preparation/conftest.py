"""A committee whose séance is today, what waits for it, and a neighbour's."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from programme.models import Contrat, DecisionPreparee, Projet, Publication, Seance
from tests import factories as f
from tests.programme.backoffice.outils import address


@pytest.fixture
def aujourd_hui():
    return timezone.localdate()


@pytest.fixture
def comite(normandie):
    return f.ComiteRegionalFactory(region=normandie)


@pytest.fixture
def seance(comite, aujourd_hui):
    return f.SeanceFactory(
        comite_regional=comite, date=aujourd_hui, publication=Publication.BROUILLON
    )


@pytest.fixture
def a_venir(comite, aujourd_hui):
    return f.SeanceFactory(
        comite_regional=comite,
        date=aujourd_hui + timedelta(days=14),
        publication=Publication.PUBLIE,
    )


@pytest.fixture
def contrat(contrats):
    return contrats.normand


@pytest.fixture
def projet(contrat):
    return f.ProjetFactory(
        territoire=contrat.territoire,
        beneficiaire="Forges du Perche",
        statut=Projet.Statut.REMONTE,
        publication=Publication.A_VALIDER,
    )


@pytest.fixture
def salle(seance, signed_in):
    """How an officer works on a séance: `salle(agent)`, its pages and what they do."""
    return lambda agent, one=seance: Salle(signed_in(agent), one)


class Salle:
    def __init__(self, client, seance):
        self.client, self.seance = client, seance
        self.page = address(Seance, "preparer", seance.pk)
        self.essai = address(Seance, "essayer", seance.pk)

    def voir(self):
        return self.client.get(self.page)

    def faire(self, **data):
        return self.client.post(self.page, data)

    def ajouter(self, *offres):
        return self.faire(offre=[f"{row._meta.model_name}:{row.pk}:{nom}" for row, nom in offres])

    def rediger(self, record, nom, **typed):
        """The form of an act on a record, for this séance."""
        args = (self.seance.pk, record._meta.model_name, record.pk, nom)
        page = address(Seance, "preparer_acte", *args)
        return self.client.post(page, typed) if typed else self.client.get(page)

    def essayer(self):
        return self.client.post(self.essai)

    def appliquer(self, empreinte=None):
        """Apply what a trial has shown: this one, or that of now."""
        empreinte = empreinte or self.essayer().context["essai"].empreinte
        return self.client.post(self.essai, {"empreinte": empreinte, "appliquer": "oui"})

    @property
    def preparees(self):
        return DecisionPreparee.objects.filter(seance=self.seance).a_prendre()


@pytest.fixture
def etat():
    """`etat()`: all that a séance may change, to compare."""

    def read():
        return SimpleNamespace(
            contrats=list(Contrat.objects.order_by("pk").values("pk", "statut", "publication")),
            projets=list(Projet.objects.order_by("pk").values("pk", "statut", "contrat")),
        )

    return read
