"""The head of the desk: what waits for its agent, and where to begin on the first day."""

from datetime import timedelta

import pytest
from django.urls import reverse

from programme.backoffice.avis import prevenir
from programme.models import Avis, Publication, RythmeAvis
from territoires.models import Agent, Role
from tests import factories as f
from tests.programme.backoffice.bureau.outils import entre, texte
from tests.programme.backoffice.outils import address

PAGE = "/admin/"
NUMBERS = [f" {n} " for n in (0, 2, 3)]


def attend(page):
    """What the head of the desk says."""
    return entre(texte(page), "Ce qui vous attend", "Changer ce rythme")


def test_nothing_is_counted_that_has_no_object(signed_in, secretariat):
    words = attend(signed_in(secretariat).get(PAGE))
    assert "Rien n’attend de vous à ce jour." in words
    assert not [n for n in NUMBERS if n in words]
    assert "chaque jour, en un courriel" in words


def test_what_waits_for_a_secretariat_leads_there(
    signed_in, secretariat, redacteur, *, seances, territoire, aujourd_hui
):
    contrat = f.ContratFactory(
        territoire=territoire,
        intitule="Pacte de l’Aigle",
        publication=Publication.A_VALIDER,
        statut="en cours",
        date_fin=aujourd_hui - timedelta(days=1),
    )
    f.PropositionFactory(record=f.ContratFactory(territoire=territoire), auteur=redacteur)
    asked = {"auteur": redacteur, "precision": "Signer – C’est fait."}
    prevenir(Avis.Genre.DEMANDE, contrat, Agent.objects.filter(pk=secretariat.pk), **asked)
    RythmeAvis.objects.create(agent=secretariat, rythme="aussitôt")
    seances.prochaine.ordre_du_jour = ""
    seances.prochaine.save()
    client = signed_in(secretariat)
    page = client.get(PAGE)
    words = attend(page)
    for told in (
        "Séance dans 10 jours : préparer son dossier ordre du jour à écrire",
        "Demande par René Rédacteur : Signer – C’est fait. Contrat : contrat de territoire",
        "1 contrat à valider",
        "1 proposition à répondre",
        "1 contrat dont la date d’achèvement est passée",
        "par courriel : aussitôt.",
    ):
        assert told in words, told
    lines = page.context["priorites"].lignes
    assert all(client.get(line.url).status_code == 200 for line in lines)
    ended = page.context["echus"].url
    assert "Pacte de l’Aigle" in client.get(ended).content.decode()


def test_what_was_sent_back_is_said_until_it_is_mended(signed_in, redacteur, territoire):
    contrat = f.ContratFactory(territoire=territoire, publication=Publication.BROUILLON)
    prevenir(Avis.Genre.A_CORRIGER, contrat, Agent.objects.filter(pk=redacteur.pk))
    client = signed_in(redacteur)
    assert "À corriger : remis en brouillon" in attend(client.get(PAGE))
    type(contrat).objects.update(publication=Publication.A_VALIDER)
    words = attend(client.get(PAGE))
    assert "À corriger" not in words
    assert "à valider" not in words, "for who publishes"


@pytest.mark.usefixtures("territoire")
@pytest.mark.parametrize(
    ("role", "first", "never"),
    [
        (Role.SECRETARIAT, "Enregistrer la prochaine séance", "Inviter un collègue"),
        (Role.REDACTEUR, "Importer un tableau de projets", "Inviter un collègue"),
        (Role.LECTEUR, "Voir vos territoires", "Ajouter un projet"),
        (Role.NATIONAL, "Inviter un collègue", "Nommer un référent"),
        (Role.REFERENT, "Nommer un référent", "Ajouter un projet"),
    ],
)
def test_the_first_day_begins_with_what_one_may_do(signed_in, normandie, *, role, first, never):
    if role == Role.REFERENT:
        agent = f.ReferentAgentFactory(operateur=f.OperateurFactory())
    else:
        agent = f.AgentFactory(role=role, regions=[] if role == Role.NATIONAL else [normandie])
    client = signed_in(agent)
    page = client.get(PAGE)
    words = attend(page).partition("Par où commencer")[2]
    assert first in words
    assert never not in words
    steps = page.context["priorites"].pas
    assert [client.get(step.url).status_code for step in steps] == [200] * len(steps)
    assert steps[-1].url == reverse("admin:avis_rythme")
    f.ModificationFactory(auteur=agent)
    assert "Par où commencer" not in attend(client.get(PAGE))


def test_another_region_s_requests_are_not_told(signed_in, secretariat, bretagne):
    contrat = f.ContratFactory(
        territoire=f.TerritoireFactory(region_porteuse=bretagne), intitule="Pacte breton"
    )
    asked = {"precision": "Signer – Vite."}
    prevenir(Avis.Genre.DEMANDE, contrat, Agent.objects.filter(pk=secretariat.pk), **asked)
    page = signed_in(secretariat).get(PAGE)
    assert "Pacte breton" not in texte(page)
    assert address(type(contrat), "change", contrat.pk) not in page.content.decode()
