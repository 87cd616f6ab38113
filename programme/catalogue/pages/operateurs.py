"""The page of an opérateur: what it promised, what it delivered."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q
from django.db.models.functions import NullIf

from programme.catalogue.ordre import OrdreFrancais
from programme.catalogue.pages.fiche import FicheView
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.models import (
    Convention,
    Engagement,
    Realisation,
    Referent,
    Service,
    TerritoirePrioritaire,
)
from programme.promesses.lecture import suivis
from territoires import moment
from territoires.models import Operateur, Region, Territoire
from territoires.reponses import reponse


@dataclass(frozen=True)
class Annee:
    """One year of a commitment: promised, delivered, and the gap; None is not stated."""

    annee: int
    promis: int | None
    tenu: int | None
    commentaire: str = ""
    source: str = ""
    realisation: Realisation | None = None

    @property
    def ecart(self):
        if self.promis is None or self.tenu is None:
            return None
        return self.tenu - self.promis


class OperateurView(FicheView):
    jeu = "operateurs"
    template_name = "programme/pages/operateur.html"
    slug_field = "code"
    absent = "Aucun opérateur à cette adresse."

    def get_queryset(self):
        return Operateur.objects.all()

    def get_context_data(self):
        operateur, today = self.objet, moment.today()
        prioritaires = TerritoirePrioritaire.objects.published().filter(operateur=operateur)
        engagements = _engagements(operateur, today)
        return {
            "date": today,
            "conventions": Convention.objects.published().filter(operateur=operateur),
            "engagements": engagements,
            "dits": [row for one in engagements for row in (one, *one.tenues)],
            "couverture": couverture_de(operateur, today),
            "couverture_par_region": couverture_par_region(operateur, today),
            "services": Service.objects.published().filter(operateur=operateur),
            "prioritaires": prioritaires.select_related("territoire"),
        }


def engagements_de(operateur):
    """Its published commitments, and those of every opérateur."""
    return Engagement.objects.published().filter(Q(operateur=operateur) | Q(operateur=None))


def _engagements(operateur, today):
    """Its own commitments and those of every opérateur, each with `annees`."""
    delivered = Realisation.objects.published().filter(operateur=operateur).order_by("annee")
    rows = engagements_de(operateur)
    rows = rows.prefetch_related(Prefetch("realisations", delivered, to_attr="tenues"))
    engagements = list(rows.order_by("type", "code"))
    statuts = {suivi.engagement.pk: suivi.statut for suivi in suivis()}
    for engagement in engagements:
        engagement.statut = statuts[engagement.pk]
        engagement.annees = annees_de(engagement, engagement.tenues, today)
    return engagements


def annees_de(engagement, tenues, today):
    """One line a year for a yearly target, from its start to its deadline or this year.

    `tenues` are the réalisations of one opérateur. A commitment without a yearly rhythm has only
    the years that were reported.
    """
    delivered = {row.annee: row for row in tenues}
    years = set(delivered)
    yearly = engagement.rythme == "par an"
    if yearly and engagement.debut:
        last = engagement.echeance.year if engagement.echeance else max(years, default=0)
        years |= set(range(engagement.debut, min(last, today.year) + 1))
    return [
        Annee(
            year,
            engagement.cible if yearly or len(years) == 1 else None,
            row.valeur if (row := delivered.get(year)) else None,
            row.commentaire if row else "",
            row.source if row else "",
            row,
        )
        for year in sorted(years)
    ]


def _couverts(operateur, today):
    """Territories of the map that have a référent of this opérateur today."""
    referents = Referent.objects.published().at(today).filter(operateur=operateur)
    return Territoire.objects.catalogue().filter(pk__in=referents.values("territoire"))


def couverture_de(operateur, today):
    """`couverts` of `territoires`; not told until this opérateur has reported a référent."""
    found = calculer(
        {
            "couverts": compte(_couverts(operateur, today)),
            "territoires": compte(Territoire.objects.catalogue()),
            "dits": compte(Referent.objects.published().filter(operateur=operateur)),
        }
    )
    covered = reponse(found["couverts"], dits=found["dits"], sur=found["territoires"])
    return {"couverts": covered, "territoires": found["territoires"]}


def couverture_par_region(operateur, today):
    """Coverage by région; a shared territory counts in each of its own.

    Only once it is told: a table of « non renseigné » would say nothing more. Whoever reported a
    référent elsewhere did not say that a région has none.
    """
    on_the_map = Q(territoires__in=Territoire.objects.catalogue().values("pk"))
    covered = Q(territoires__in=_couverts(operateur, today).values("pk"))
    return (
        Region.objects.annotate(
            nb_territoires=Count("territoires", filter=on_the_map),
            nb_couverts=NullIf(Count("territoires", filter=covered), 0),
        )
        .filter(nb_territoires__gt=0)
        .order_by(OrdreFrancais("nom"))
    )
