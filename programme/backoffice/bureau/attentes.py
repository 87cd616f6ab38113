"""What waits: drafts, proposals and since when, contracts and projects for a séance."""

from dataclasses import dataclass

from django.db.models import Exists, Model, OuterRef, Subquery
from django.urls import reverse
from django.utils.text import capfirst

from programme.backoffice.bureau.liens import avec_noms
from programme.backoffice.cadre import FiltreRegion
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.models import Contrat, Decision, Import, Projet, Publication
from programme.models.base import Publiable
from territoires.perimetre import TOUT

ATTENTES = {"brouillons": Publication.BROUILLON, "a_valider": Publication.A_VALIDER}


@dataclass(frozen=True)
class Attente:
    """One kind of record: how many are drafts, how many wait, and the first of those."""

    modele: type[Model]
    brouillons: int
    a_valider: int
    brouillons_url: str
    a_valider_url: str

    @property
    def nom(self):
        return capfirst(str(self.modele._meta.verbose_name_plural))


def pending(site, request, cadre):
    """The `Attente`s of the models that the agent works on, in one query; none without a row."""
    models = [m for m, admin in site._registry.items() if _concerns(admin, request, m)]
    wanted = {
        f"{model._meta.model_name}_{name}": compte(cadre.rows(model).filter(publication=state))
        for model in models
        for name, state in ATTENTES.items()
    }
    found = calculer(wanted)
    lines = []
    for model in models:
        counts = {name: found[f"{model._meta.model_name}_{name}"] for name in ATTENTES}
        if any(counts.values()):
            links = {
                f"{name}_url": lien_liste(site, cadre, model, {"publication__exact": state})
                for name, state in ATTENTES.items()
            }
            lines.append(Attente(model, **counts, **links))
    return lines


def _concerns(admin, request, model):
    """What the agent may change; for who only reads, what belongs to a région."""
    if not issubclass(model, Publiable):
        return False
    if admin.has_change_permission(request):
        return True
    return admin.has_view_permission(request) and model.perimetre.regions != TOUT


def lien_liste(site, cadre, model, parameters):
    """Address of the admin list of `model`, filtered on `parameters` and on the frame's région."""
    opts = model._meta
    page = reverse(f"{site.name}:{opts.app_label}_{opts.model_name}_changelist")
    if cadre.region and FiltreRegion in (site._registry[model].list_filter or ()):
        parameters = {**parameters, "region": cadre.region.pk}
    said = "&".join(f"{key}={value}" for key, value in parameters.items())
    return f"{page}?{said}"


def proposes(cadre, model):
    """The rows that are « à valider », the longest waiting first.

    Annotated `depuis`: when they last became so; None when no history tells.
    """
    key = model._meta.pk.attname
    history = model.history.filter(**{key: OuterRef("pk")}, publication=Publication.A_VALIDER)
    otherwise = model.history.filter(
        **{key: OuterRef(key)}, history_date__gt=OuterRef("history_date")
    ).exclude(publication=Publication.A_VALIDER)
    since = history.exclude(Exists(otherwise)).order_by("history_date").values("history_date")
    rows = cadre.rows(model).filter(publication=Publication.A_VALIDER)
    return avec_noms(rows).annotate(depuis=Subquery(since[:1])).order_by("depuis", "pk")


def imports_a_confirmer(agent):
    """The files of the agent that can be applied as they were read, the oldest first."""
    rows = Import.objects.filter(agent=agent, etat=Import.Etat.A_CONFIRMER, contenu__isnull=False)
    return rows.defer("contenu", "remarques").order_by("depose_le", "pk")


A_DECIDER = {Contrat: Contrat.Statut.EN_PREPARATION, Projet: Projet.Statut.REMONTE}
"""The status of what waits for a séance."""
LISTES = {
    model: {
        "statut__exact": statut,
        "publication__in": ",".join(p for p in Publication.values if p != Publication.RETIRE),
    }
    for model, statut in A_DECIDER.items()
}
"""The admin list that shows the same records."""


def a_decider(cadre):
    """{name: rows}: the contracts to validate, the projects to take into a contract."""
    names = {Contrat: "Contrats en préparation", Projet: "Projets remontés"}
    return {
        names[model]: avec_noms(cadre.rows(model))
        .filter(statut=statut)
        .exclude(publication=Publication.RETIRE)
        for model, statut in A_DECIDER.items()
    }


A_SIGNER = LISTES[Contrat] | {"statut__exact": Contrat.Statut.VALIDE}


def a_signer(cadre):
    """The contracts that a committee validated, and that nobody has said to be signed."""
    rows = avec_noms(cadre.rows(Contrat)).filter(statut=Contrat.Statut.VALIDE)
    return rows.exclude(publication=Publication.RETIRE).order_by("pk")


def actes_de_la_carte(cadre):
    """The acts on the map that wait for the publication of their séance, the oldest first."""
    rows = cadre.rows(Decision).en_attente()
    related = ("seance__comite_regional__region", "seance__comite_national")
    return rows.select_related(*related).order_by("seance__date", "pk")


EN_EXECUTION = [Contrat.Statut.SIGNE, Contrat.Statut.EN_COURS]


def contrats_echus(cadre, day):
    """The contracts that are still being carried out after the date of their end."""
    rows = avec_noms(cadre.rows(Contrat)).exclude(publication=Publication.RETIRE)
    return rows.filter(date_fin__lt=day, statut__in=EN_EXECUTION)
