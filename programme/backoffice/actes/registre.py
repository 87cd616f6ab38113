"""Which acts each kind of record has."""

from dataclasses import dataclass

from programme.backoffice.actes import contrats, projets, publication
from programme.backoffice.droits import permission
from programme.models import Contrat, Projet


@dataclass(frozen=True)
class Cycle:
    """A life-cycle: the field that holds the state, and its acts in order."""

    titre: str
    champ: str
    actes: tuple

    def acte(self, nom):
        """The act of that name."""
        return next(acte for acte in self.actes if acte.nom == nom)


PUBLICATION = Cycle("Publication", "publication", publication.ACTES)
VIES = {
    Contrat: Cycle("Vie du contrat", "statut", contrats.ACTES),
    Projet: Cycle("Vie du projet", "statut", projets.ACTES),
}


def cycles_of(model):
    """The life-cycles of a model that can be published."""
    return [*([VIES[model]] if model in VIES else []), PUBLICATION]


def right_to(model, statut):
    """The permission of the act that leads to `statut`; None when whoever edits may give it."""
    acts = {acte.vers: acte for acte in VIES[model].actes if acte.vers is not None}
    acte = acts.get(statut)
    return acte and permission(acte.droit, model)
