"""From the desk, how many clicks an officer's daily acts take, typing excluded.

A link is followed only when the page that one is on has it: nobody types an address.
"""

from html import unescape
from re import findall

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from programme.models import Contrat, Document, Projet, Publication, Referent, Seance
from tests import factories as f
from tests.programme.backoffice.outils import act_address, act_data, address, form_data, text_of

pytestmark = pytest.mark.django_db
AU_PLUS = 3


class Visite:
    """One officer at work: the page where they are, and how often they have clicked."""

    def __init__(self, client):
        self.client, self.clics = client, 0
        self.page = client.get("/admin/")

    def suivre(self, url):
        links = {unescape(href) for href in findall(r'href="([^"]*)"', self.page.content.decode())}
        assert url in links, f"{url} is not on {self.page.request['PATH_INFO']}"
        self.page = self.client.get(url)
        assert self.page.status_code == 200
        self.clics += 1
        return self

    def enregistrer(self, **typed):
        """Send the form of the page with what was typed."""
        return self.envoyer(**{**form_data(self.page), **typed})

    def confirmer(self, **typed):
        """Do the act whose page this is, with what was typed."""
        return self.envoyer(**{**act_data(self.page), **typed})

    def envoyer(self, **data):
        """Press the button of a page whose form is none of the admin's."""
        here = self.page.request
        answer = self.client.post(f"{here['PATH_INFO']}?{here['QUERY_STRING']}", data)
        assert answer.status_code == 302, text_of(answer)
        self.page = self.client.get(answer["Location"])
        self.clics += 1
        return self

    def presser(self, url, /, **data):
        """Press a button that sends this; follow where it leads."""
        self.page = self.client.post(url, data)
        if self.page.status_code == 302:
            self.page = self.client.get(self.page["Location"])
        assert self.page.status_code == 200, text_of(self.page)
        self.clics += 1
        return self


@pytest.fixture
def visite(signed_in, secretariat, seances, territoire):
    return Visite(signed_in(secretariat))


def test_a_contract(visite, territoire):
    told = {"territoire": territoire.pk, "type": "protocole", "intitule": "Protocole de l’Aigle"}
    visite.suivre(address(Contrat, "add")).enregistrer(**told)
    assert Contrat.objects.get().territoire == territoire
    assert visite.clics == 2


def test_three_projects(visite, territoire):
    """« Enregistrer et ajouter un nouveau » leads to the next: one click each, and one to begin."""
    visite.suivre(address(Projet, "add"))
    for nom in ("Forges", "Tissages", "Verrerie"):
        told = {"beneficiaire": nom, "code": nom.lower(), "_addanother": ""}
        visite.enregistrer(territoire=territoire.pk, **told)
    assert Projet.objects.count() == 3
    assert visite.clics == 4


def test_a_seance(visite, comite, aujourd_hui):
    typed = {"comite_regional": comite.pk, "date": aujourd_hui.isoformat()}
    visite.suivre(address(Seance, "add")).enregistrer(**typed)
    assert Seance.objects.filter(date=aujourd_hui).exists()
    assert visite.clics == 2


def test_a_document(visite, territoire, aujourd_hui):
    typed = {"titre": "Convention", "date": aujourd_hui.isoformat(), "territoire": territoire.pk}
    visite.suivre(address(Document, "add")).enregistrer(**typed, url="https://exemple.fr/c.pdf")
    assert Document.objects.get().territoire == territoire
    assert visite.clics == 2


def test_a_referent(signed_in, territoire, aujourd_hui):
    """Named by the opérateur itself."""
    agent = f.ReferentAgentFactory()
    typed = {"territoire": territoire.pk, "nom": "Éloïse d’Ys", "debut": aujourd_hui.isoformat()}
    visite = Visite(signed_in(agent))
    visite.suivre(address(Referent, "add")).enregistrer(**typed, operateur=agent.operateur_id)
    assert Referent.objects.get().operateur == agent.operateur
    assert visite.clics == 2


def test_a_validation_with_its_seance(signed_in, secretariat, seances, territoire):
    """The desk names the contracts that wait for one; the act names the séance, or makes it."""
    contrat = f.ContratFactory(
        territoire=territoire, statut="en préparation", date_signature=None,
        precision_signature="", publication=Publication.BROUILLON,
    )  # fmt: skip
    visite = Visite(signed_in(secretariat)).suivre(address(Contrat, "change", contrat.pk))
    visite.suivre(act_address(contrat, "valider"))
    visite.confirmer(seance=seances.derniere.pk, texte="Contrat validé.")
    contrat.refresh_from_db()
    assert (contrat.statut, visite.clics) == (Contrat.Statut.VALIDE, 3)


def test_a_signature(signed_in, secretariat, seances, territoire):
    """The desk names the contracts that were validated and wait for it."""
    contrat = f.ContratFactory(
        territoire=territoire, statut=Contrat.Statut.VALIDE, date_signature=None,
        precision_signature="", seance=seances.derniere, publication=Publication.BROUILLON,
    )  # fmt: skip
    visite = Visite(signed_in(secretariat)).suivre(address(Contrat, "change", contrat.pk))
    visite.suivre(act_address(contrat, "signer"))
    who = {"signataires-0-organisme": "Région Normandie", "signataires-0-nom": "Éloïse d’Ys"}
    visite.confirmer(date_signature=seances.derniere.date.isoformat(), **who)
    contrat.refresh_from_db()
    assert (contrat.statut, visite.clics) == (Contrat.Statut.SIGNE, 3)


def test_what_was_deleted_is_restored(signed_in, secretariat, territoire):
    """The desk counts what was deleted in the month, and leads to it."""
    projet = f.ProjetFactory(territoire=territoire, publication=Publication.BROUILLON)
    key = projet.pk
    projet.delete()
    visite = Visite(signed_in(secretariat)).suivre(address(Projet, "supprimes"))
    visite.suivre(address(Projet, "recreer", key))
    visite.envoyer(suppression=projet.history.model.objects.get(history_type="-").pk)
    assert Projet.objects.filter(pk=key).exists()
    assert visite.clics <= AU_PLUS
    assert "Supprimé depuis un mois" not in text_of(Visite(visite.client).page)


@pytest.mark.parametrize("model", [Projet, Contrat])
def test_a_file_of_a_known_layout(visite, territoire, model):
    """Deposited, then applied: what its columns are is asked once, of a layout nobody knows."""
    row = {"code": "forges", "beneficiaire": "Forges de l’Iton", "territoire": territoire.code}
    if model is Contrat:
        row = {"territoire": territoire.code, "type": "contrat", "intitule": "Pays de l’Aigle"}
    content = "\n".join((";".join(row), ";".join(row.values()))).encode()
    visite.suivre(address(model, "importer"))
    visite.envoyer(fichier=SimpleUploadedFile("liste.csv", content))
    visite.envoyer(action="appliquer")
    assert model.objects.count() == 1
    assert visite.clics == AU_PLUS


def test_who_may_not_import_is_not_offered_it(signed_in, normandie):
    desk = Visite(signed_in(f.LecteurFactory(regions=[normandie]))).page
    assert "Importer" not in text_of(desk)


def test_the_dossier(visite, seances):
    """It is there to be printed at the first click."""
    comite = seances.prochaine.comite
    assert visite.suivre(address(type(comite), "dossier", comite.pk)).clics == 1


def test_an_amount_that_nobody_told(visite, territoire):
    """By the list of projects; the desk names the worst of those that lack one."""
    projet = f.ProjetFactory(territoire=territoire, investissement_eur=None)
    visite.suivre(address(Projet, "changelist")).suivre(address(Projet, "change", projet.pk))
    visite.enregistrer(investissement_eur="120 000")
    projet.refresh_from_db()
    assert projet.investissement_eur == 120_000
    assert visite.clics <= AU_PLUS


def test_what_waits_for_a_validation_is_published(signed_in, secretariat, territoire):
    """The desk names it."""
    projet = f.ProjetFactory(territoire=territoire, publication=Publication.A_VALIDER)
    visite = Visite(signed_in(secretariat))
    visite.suivre(address(Projet, "change", projet.pk)).suivre(act_address(projet, "publier"))
    visite.confirmer()
    projet.refresh_from_db()
    assert projet.publication == Publication.PUBLIE
    assert visite.clics <= AU_PLUS


def test_a_seance_of_three_decisions(visite, comite, territoire, aujourd_hui):
    """Its preparation, three boxes and a button, the trial, then all are applied."""
    seance = f.SeanceFactory(comite_regional=comite, date=aujourd_hui)
    contrats = [
        f.ContratFactory(
            territoire=territoire, statut=Contrat.Statut.EN_PREPARATION, date_signature=None,
            precision_signature="", intitule=f"Protocole {n}",
        )
        for n in range(3)
    ]  # fmt: skip
    visite = Visite(visite.client)
    visite.suivre(page := address(Seance, "preparer", seance.pk))
    visite.presser(page, offre=[f"contrat:{one.pk}:valider" for one in contrats])
    essai = address(Seance, "essayer", seance.pk)
    visite.presser(essai)
    empreinte = visite.page.context["essai"].empreinte
    visite.presser(essai, appliquer="oui", empreinte=empreinte)
    assert "Décisions appliquées" in text_of(visite.page)
    assert seance.decisions.count() == 3
    assert visite.clics + len(contrats) == 7
