"""A small world for the matrix of rights: one row of each model, for a région and an operator."""

from datetime import date

from django.core.files.base import ContentFile

from programme.models import Publication
from tests import factories as f


def rows(region, operateur, publication):
    """{model: row}: rows of `region` and of `operateur`, in the given state of publication."""
    published = {"publication": publication}
    departement = f.DepartementFactory(region=region)
    commune = f.CommuneFactory(departement=departement)
    territoire = f.TerritoireFactory(region_porteuse=region, departements=[departement])
    comite = f.ComiteRegionalFactory(region=region, presidence=f"Présidence de {region}")
    rank = list(Publication).index(publication)
    seance = f.SeanceFactory(comite_regional=comite, date=date(2019, 4, 20 + rank), **published)
    contrat = f.ContratFactory(territoire=territoire, **published)
    projet = f.ProjetFactory(territoire=territoire, commune=commune, **published)
    enveloppe = f.EnveloppeFactory(region=region, **published)
    engagement = f.EngagementFactory(operateur=operateur, **published)
    agent = f.RedacteurFactory(regions=[region])
    bassin = f.BassinEmploiFactory(departement=departement)
    made = [
        region,
        departement,
        commune,
        commune.intercommunalite,
        f.CodePostalFactory(commune=commune),
        f.CommuneAncienneFactory(commune=commune),
        f.MouvementCommuneFactory(commune=commune, rejointe=commune.intercommunalite),
        territoire,
        territoire.rattachements.get(),
        f.AutreNomFactory(territoire=territoire),
        operateur,
        agent,
        f.JournalAccesFactory(agent=agent),
        f.ModificationFactory(auteur=agent),
        comite,
        f.ComiteNationalFactory(),
        seance,
        f.DecisionFactory(seance=seance),
        contrat,
        f.SignataireFactory(contrat=contrat),
        f.AvenantFactory(contrat=contrat),
        projet,
        enveloppe,
        f.FinanceurFactory(),
        f.FinancementFactory(projet=projet, enveloppe=enveloppe),
        f.DocumentFactory(
            territoire=territoire,
            url="",
            fichier=ContentFile(b"%PDF-1.7", name=f"feuille-de-route-{region.pk}.pdf"),
            **published,
        ),
        f.ConventionFactory(operateur=operateur, intitule=f"Convention {rank}", **published),
        engagement,
        f.RealisationFactory(engagement=engagement, operateur=operateur, **published),
        f.ReferentFactory(operateur=operateur, territoire=territoire, **published),
        f.ServiceFactory(operateur=operateur, **published),
        f.TerritoirePrioritaireFactory(operateur=operateur, territoire=territoire, **published),
        f.SourceFactory(),
        f.ChiffreAnnonceFactory(**published),
        f.FaitFactory(**published),
        f.ConfrontationFactory(**published),
        f.JalonFactory(**published),
        f.PersonneFactory(**published),
        f.AffirmationFactory(**published),
        f.TermeFactory(**published),
        bassin,
        f.BassinCommuneFactory(commune=commune, bassin=bassin),
        f.MetierFactory(),
        f.BesoinMainOeuvreFactory(bassin=bassin),
        f.MesureEmploiFactory(intercommunalite=commune.intercommunalite),
        f.LigneChargeeFactory(),
        f.EtatAncienFactory(),
        f.PreuveFactory(),
        (ancienne := f.EmpreinteAncienneFactory()),
        ancienne.fichier,
        ancienne.fichier.parution,
        f.TacheFactory(),
        f.TourneeFactory(),
        f.PropositionFactory(record=contrat, auteur=agent),
    ]
    return {type(row): row for row in made}


def texts(row):
    """What would betray a row: its name, and its texts long enough to be nobody else's."""
    values = {str(row)}
    for field in row._meta.get_fields():
        if getattr(field, "max_length", None) and not field.choices and not field.is_relation:
            values.add(str(getattr(row, field.name)))
    return {value for value in values if len(value) > 8}
