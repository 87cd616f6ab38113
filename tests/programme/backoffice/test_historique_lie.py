"""The history of a record tells the rows that belong to it, those that the agent may see."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from programme.models import ComiteRegional, Contrat, Engagement, Financement, Projet, Seance
from territoires.models import Operateur, Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


def told(client, instance, query="", status=200):
    response = client.get(address(type(instance), "history", instance.pk) + query)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def lines(client, instance, query=""):
    page = told(client, instance, query)
    return page.split("<tbody")[1].split("</tbody>")[0] if "<tbody" in page else ""


def test_a_contract_tells_its_rows(client, contrats):
    contrat = contrats.normand
    signataire = contrat.signataires.get()
    signataire.fonction = "Présidente de la Métropole"
    signataire.save()
    f.ProjetFactory(contrat=contrat, territoire=contrat.territoire, beneficiaire="Forges d’ici")
    f.DocumentFactory(territoire=None, contrat=contrat, titre="Le texte signé")
    f.DecisionFactory(
        seance__comite_regional=f.ComiteRegionalFactory(
            region=contrat.territoire.region_porteuse
        ),
        type="valider un contrat", contrat=contrat, territoire=None, texte="Avis favorable",
    )  # fmt: skip
    page = lines(client, contrat)
    assert "→ Présidente de la Métropole" in page
    assert "Création, projet :" in page
    assert "Forges d’ici" in page
    assert "Le texte signé" in page
    assert "Création, décision :" in page
    assert "Signataire bretonne" not in page


@pytest.mark.parametrize(
    ("model", "kinds"),
    [
        (Contrat, {"signataires", "avenants", "documents", "decisions", "projets"}),
        (Projet, {"financements", "documents", "decisions"}),
        (Territoire, {"rattachements", "autres_noms", "contrats", "referents", "priorites",
                      "documents", "decisions"}),
        (Seance, {"decisions", "documents"}),
        (Engagement, {"realisations"}),
        (ComiteRegional, {"seances"}),
        (Operateur, {"conventions", "referents", "services", "prioritaires", "realisations"}),
    ],
)  # fmt: skip
def test_what_each_record_tells(model, kinds):
    from django.contrib import admin

    from programme.backoffice.cadre.historique.liens import related_fields

    fields = related_fields(admin.site.get_model_admin(model))
    assert {field.remote_field.get_accessor_name() for field in fields} == kinds


def test_a_row_that_was_deleted_or_moved_is_told(client, contrats):
    contrat = contrats.normand
    other = f.ContratFactory(territoire=contrat.territoire, intitule="L’autre acte", slug="autre")
    moved = contrat.avenants.get()
    moved.contrat, moved.objet = other, "Changé en partant"
    moved.save()
    moved.objet = "Ne regarde plus le premier"
    moved.save()
    contrat.signataires.get().delete()
    page = lines(client, contrat)
    assert "Départ, avenant" in page
    assert "<strong>contrat</strong> : contrat de territoire – Acte normande → " in page
    assert "L’autre acte" in page
    assert "Changé en partant" not in page
    assert "Ne regarde plus" not in page
    assert "Suppression, signataire : " in page
    assert "Signataire normande" in page
    assert "Changé en partant" in lines(client, other)


def test_a_row_that_left_the_perimeter_says_nothing_of_where_it_is(client, contrats):
    moved = contrats.normand.avenants.get()
    moved.contrat, moved.objet = contrats.breton, "Secret breton"
    moved.save()
    page = lines(client, contrats.normand)
    assert "→ hors de votre périmètre" in page
    assert "Secret breton" not in page
    assert "Acte bretonne" not in page
    assert f"/avenant/{moved.pk}/" not in page


def test_rows_outside_the_perimeter_are_not_told(signed_in, bretagne, normandie):
    """An operator is everybody's; its référents are each région's."""
    operateur = f.OperateurFactory()
    ours = f.ReferentFactory(
        operateur=operateur, territoire__region_porteuse=normandie, nom="Nous Autres"
    )
    f.ReferentFactory(operateur=operateur, territoire__region_porteuse=bretagne, nom="Eux Autres")
    client = signed_in(f.LecteurFactory(regions=[normandie]))
    page = lines(client, operateur)
    assert ours.nom in page
    assert "Eux Autres" not in page
    theirs = f.OperateurFactory()
    f.ReferentFactory(operateur=theirs, territoire=ours.territoire, nom="D’un Autre Opérateur")
    referent = signed_in(f.ReferentAgentFactory(operateur=operateur))
    page = lines(referent, ours.territoire)
    assert "Nous Autres" in page
    assert "D’un Autre Opérateur" not in page


def test_kinds_that_the_role_may_not_see_are_not_told(signed_in, normandie):
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    f.ContratFactory(territoire=territoire, intitule="Un acte à eux")
    referent = signed_in(f.ReferentAgentFactory(operateur=f.OperateurFactory()))
    page = told(referent, territoire)
    assert "Un acte à eux" not in page
    assert 'value="contrats"' not in page


def test_the_filters(client, contrats, secretariat):
    contrat = contrats.normand
    contrat.lieu = "Caen"
    contrat._history_user = secretariat
    contrat.save()
    assert "Signataire normande" not in lines(client, contrat, "?quoi=fiche")
    assert "Caen" in lines(client, contrat, "?quoi=fiche")
    only = lines(client, contrat, "?quoi=signataires")
    assert "Signataire normande" in only
    assert "Caen" not in only
    assert "Signataire normande" not in lines(client, contrat, f"?qui={secretariat.pk}")
    assert "Signataire normande" in lines(client, contrat, "?qui=commande")
    today = timezone.localdate()
    assert "Caen" in lines(client, contrat, f"?du={today}&au={today}")
    assert "Aucun changement ne répond à ce filtre." in told(
        client, contrat, f"?au={today - timedelta(days=1)}"
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?quoi=agents", "Ce choix n’est pas dans la liste"),
        ("?qui=0", "Ce choix n’est pas dans la liste"),
        ("?du=hier", "« hier » n’est pas une date"),
        ("?du=2022-05-03&au=2022-05-01", "La fin de la période précède son début"),
    ],
)
def test_a_filter_that_says_nothing_is_told(client, contrats, query, sentence):
    page = told(client, contrats.normand, query, status=400)
    assert sentence in page
    assert "Signataire normande" not in page


def test_the_reason_is_shown(client, contrats):
    contrats.normand._change_reason = "import du fichier de mai"
    contrats.normand.save()
    assert "Import du fichier de mai" in lines(client, contrats.normand)


def test_the_deletions_of_rows_whose_parent_is_gone_are_listed(client, normandie):
    projet = f.ProjetFactory(territoire__region_porteuse=normandie, beneficiaire="Forges d’ici")
    f.FinancementFactory(projet=projet, financeur__nom="Un financeur")
    projet.delete()
    page = client.get(address(Financement, "supprimes")).content.decode()
    assert "Un financeur – Forges d’ici" in page


def test_the_links_of_a_territory_are_told_once(client, normandie):
    """One save writes the fields, then each link: a person sees one change."""
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    before = territoire.departements.get()
    territoire.elu = "Claude Petit"
    orne = f.DepartementFactory(region=normandie, nom="Orne")
    with transaction.atomic():
        territoire.save()
        territoire.departements.set([orne])
    page = lines(client, territoire, "?quoi=fiche")
    assert page.count("Modification") == 1
    assert f"<strong>départements</strong> : {before} → Orne" in page
    assert "→ Claude Petit" in page
