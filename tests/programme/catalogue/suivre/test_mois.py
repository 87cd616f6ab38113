"""A follower’s month, the clock in hand: what she receives, when nothing, what is left of her."""

import pytest
from django.core import mail

from programme.catalogue.suivre.objets import Liste
from programme.models import Abonne, Abonnement, Envoi, Projet, Publication, Tache
from tests import factories as f
from tests.programme.catalogue.suivre.outils import Horloge, abonne, lien, suivre, tournee

pytestmark = pytest.mark.django_db


@pytest.fixture
def horloge(monkeypatch):
    return Horloge(monkeypatch, "2027-03-01 10:00")


def test_a_month(client, horloge):
    normandie = f.DepartementFactory(region__code="28")
    here = {"commune": f.CommuneFactory(departement=normandie), "territoire": None}
    forge = f.ProjetFactory(beneficiaire="Forge", investissement_eur=1_200_000, **here)
    fonderie = f.ProjetFactory(beneficiaire="Fonderie", **here)
    canari = f.ProjetFactory(
        beneficiaire="Canari", publication=Publication.BROUILLON, objet="Serin", **here
    )
    suivre(client, "/projets/?region=28&tri=-code")
    suivre(client, forge.get_absolute_url())
    contrat = f.ContratFactory(lieu="Caen")
    suivre(client, contrat.get_absolute_url())
    assert Abonne.objects.count() == 1
    mail.outbox.clear()

    # 2 March: nothing changed, nothing is sent.
    assert horloge.matin() == []

    # Three edits are one mail, from the first value to the last; a draft is none.
    horloge.passe(hours=2)
    for amount in (1_300_000, 1_350_000, 1_400_000):
        forge.investissement_eur = amount
        forge.save()
    canari.objet = "Serin jaune"
    canari.save()
    (message,) = horloge.matin()
    assert message.to == ["anne@exemple.fr"]
    body = message.body.replace("\xa0", " ")
    assert body.count("investissement (euros) : 1 200 000 → 1 400 000") == 2, "list and project"
    assert "1 350 000" not in body
    assert "Projets : Normandie" in message.body
    assert f"http://127.0.0.1:8000{forge.get_absolute_url()}" in message.body
    assert "anari" not in message.body
    assert "Serin" not in message.body
    assert contrat.intitule not in message.body
    # Once: neither the same day nor the next.
    horloge.passe(hours=3)
    assert tournee() == []
    assert horloge.matin() == []

    # What comes back to what it was is nothing.
    contrat.lieu = "Rouen"
    contrat.save()
    horloge.passe(hours=1)
    contrat.lieu = "Caen"
    contrat.save()
    assert horloge.matin() == []

    # A record enters the list, another leaves it, a third is withdrawn.
    entree = f.ProjetFactory(beneficiaire="Tannerie", **here)
    fonderie.commune = f.CommuneFactory(departement=f.DepartementFactory(region__code="53"))
    fonderie.save()
    (message,) = horloge.matin()
    assert "nouveau dans cette liste : Tannerie" in message.body
    assert "n’est plus dans cette liste : Fonderie" in message.body
    entree.publication = Publication.RETIRE
    entree.save()
    contrat.publication = Publication.RETIRE
    contrat.save()
    (message,) = horloge.matin()
    assert "1 projet retiré du site" in message.body
    assert "Tannerie" not in message.body
    assert "Un contrat que vous suivez" in message.body
    assert "1 contrat retiré du site" in message.body
    assert contrat.intitule not in message.body
    assert horloge.matin() == [], "told once"

    # Whose address changes is still followed.
    Projet.objects.filter(pk=forge.pk).update(slug="nouvelle-adresse")
    forge.refresh_from_db()
    forge.emplois_crees = 77
    forge.save()
    (message,) = horloge.matin()
    assert "/projets/nouvelle-adresse/" in message.body
    assert "77" in message.body

    # She stops in one gesture: nothing is left of her.
    horloge.passe(hours=1)
    stop = (
        message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    )
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop == lien(message, "arret")
    assert "Ne plus rien recevoir ?" in client.get(stop).text
    assert abonne(), "to read the page stops nothing"
    answer = client.post(stop, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert not Abonne.objects.exists()
    assert not Abonnement.objects.exists()
    assert not Tache.objects.exclude(charge="").exists()
    forge.emplois_crees = 78
    forge.save()
    assert horloge.matin() == []
    assert client.post(stop).status_code == 200, "a second time too"
    sent = list(Envoi.objects.order_by("jour").values_list("remis", flat=True))
    assert sum(sent) == 4
    assert max(sent) == 1


def test_what_was_erased_is_in_no_mail(client, horloge):
    """Composed when it leaves: what a try could not send yesterday is not what is sent today."""
    project = f.ProjetFactory(objet="Atelier")
    suivre(client, project.get_absolute_url())
    project.objet = "Appelez le 06 12 34 56 78"
    project.save()
    horloge.passe(hours=3)
    assert "06 12 34 56 78" not in str(Tache.objects.values_list("charge", flat=True))
    # Masked in every state, as an erasure does.
    Projet.history.filter(id=project.pk).update(objet="[occulté]")
    Projet.objects.filter(pk=project.pk).update(objet="[occulté]")
    assert horloge.matin() == []


def test_a_row_of_a_list_that_is_erased_leaves_no_name(client, horloge):
    project = f.ProjetFactory(beneficiaire="Madame Unetelle")
    suivre(client, "/projets/")
    project.delete()
    (message,) = horloge.matin()
    assert "1 projet retiré du site" in message.body
    assert "Unetelle" not in message.body


def test_two_who_follow_one_page_cost_one_reading(client, horloge, monkeypatch):
    """Of the page, of its rows and of what changed in it."""
    projet = f.ProjetFactory(beneficiaire="Forge", investissement_eur=1_200_000)
    for courriel in ("anne@exemple.fr", "zoe@exemple.fr"):
        suivre(client, "/projets/?q=forge", courriel)
    told = []
    for name in ("membres", "section"):
        was = getattr(Liste, name)
        monkeypatch.setattr(
            Liste, name, lambda *args, name=name, was=was: told.append(name) or was(*args)
        )
    horloge.passe(hours=2)
    projet.investissement_eur = 1_300_000
    projet.save()
    one, two = horloge.matin()
    assert one.body.partition("Tout ce que")[0] == two.body.partition("Tout ce que")[0]
    assert "1 300 000" in one.body.replace("\xa0", " ")
    assert sorted(told) == ["membres", "section"]

    # Each morning is read anew, and so is what changed meanwhile.
    horloge.passe(hours=2)
    projet.investissement_eur = 1_400_000
    projet.save()
    assert len(horloge.matin()) == 2
    assert sorted(told) == ["membres", "membres", "section", "section"]
