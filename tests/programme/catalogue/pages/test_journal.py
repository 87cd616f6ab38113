"""The public journal tells what changed between published states, and nothing else."""

import random
from datetime import timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.db import transaction
from django.utils import timezone

from programme.models import Contrat, Projet, Signataire
from tests import factories as f
from tests.programme.catalogue.pages.outils import PUBLICATIONS_CACHEES, section, texte

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
HOUR = timedelta(hours=1)


class Clock:
    """Saves rows at moments an hour apart, from a morning of thirty days ago on."""

    def __init__(self):
        day = timezone.localtime() - timedelta(days=30)
        self.now = day.replace(hour=6, minute=0)

    def save(self, row, **values):
        self.now += HOUR
        for name, value in values.items():
            setattr(row, name, value)
        row._history_date = self.now
        row.save()
        return row

    def age(self, *rows):
        """As if the rows had been made before everything else."""
        for row in rows:
            row.history.update(history_date=self.now - HOUR)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def contrat(clock):
    made = f.ContratFactory(intitule="Pays de l’Aigle", lieu="Alençon")
    clock.age(made)
    return made


def journal(client, **query):
    response = client.get("/journal/", query)
    assert response.status_code == 200
    return texte(response)


def test_a_change_between_two_published_states_is_told(client, clock, contrat):
    clock.save(contrat, lieu="Caen", montant_eur=12_000)
    for read in (journal(client), section(client.get(contrat.get_absolute_url()), "journal")):
        assert "Contrat de territoire – Pays de l’Aigle : contrat modifié" in read
        assert "Lieu de signature : Alençon → Caen" in read
        assert "Montant (euros) : 40 000 000 → 12 000" in read.replace("\xa0", " ").replace(
            "\u202f", " "
        )


def test_no_agent_is_named(client, clock, contrat):
    contrat._history_user = f.SecretariatFactory(nom="Sacha Secrétariat")
    contrat._change_reason = "motif interne"
    clock.save(contrat, lieu="Caen")
    for page in ("/journal/", "/journal/flux.atom", contrat.get_absolute_url()):
        content = client.get(page).content.decode()
        assert "Sacha" not in content
        assert "motif interne" not in content


@pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
def test_what_is_not_published_is_not_told(client, clock, publication):
    contrat = f.ContratFactory(intitule="Acte caché", publication=publication)
    clock.age(contrat)
    clock.save(contrat, lieu="Caen caché")
    f.SignataireFactory(contrat=contrat, nom="Signataire caché")
    assert "caché" not in journal(client)
    assert "caché" not in client.get("/journal/flux.atom").content.decode()


def test_the_first_publication_tells_no_value(client, clock):
    contrat = f.ContratFactory(publication="brouillon", lieu="Lieu du brouillon")
    clock.age(contrat)
    clock.save(contrat, lieu="Lieu relu", publication="à valider")
    clock.save(contrat, lieu="Lieu publié", publication="publié")
    read = journal(client, genre="contrats")
    assert "contrat publié" in read
    assert "Lieu" not in read
    clock.save(contrat, lieu="Lieu corrigé")
    read = journal(client, genre="contrats")
    assert "Lieu publié → Lieu corrigé" in read
    assert "brouillon" not in read
    assert "relu" not in read


def test_what_changed_while_withdrawn_is_not_told(client, clock, contrat):
    clock.save(contrat, publication="retiré")
    read = journal(client)
    assert "1 contrat retiré du site" in read
    assert "Pays de l’Aigle" not in read
    clock.save(contrat, lieu="Pendant le retrait")
    assert "Pendant le retrait" not in journal(client)
    clock.save(contrat, lieu="Au retour", publication="publié")
    read = journal(client)
    assert "contrat publié" in read
    assert "Alençon" not in read
    assert "retour" not in read
    clock.save(contrat, lieu="Plus tard")
    assert "Au retour → Plus tard" in journal(client)


def test_a_deletion_is_told_without_a_name(client, contrat):
    contrat.delete()
    read = journal(client)
    assert "1 contrat supprimé" in read
    assert "Pays de l’Aigle" not in read


class TestRowsOfARecord:
    def test_they_are_told_while_it_is_published(self, client, clock, contrat):
        signataire = f.SignataireFactory.build(contrat=contrat, nom="Camille Petit")
        clock.save(signataire)
        clock.save(signataire, fonction="Présidente")
        read = section(client.get(contrat.get_absolute_url()), "journal")
        assert "Camille Petit" in read
        assert "signataire ajouté" in read
        assert "→ Présidente" in read
        assert "Camille Petit" in journal(client, genre="signataires")

    def test_not_what_was_typed_before_its_publication(self, client, clock):
        contrat = f.ContratFactory(publication="brouillon")
        signataire = f.SignataireFactory(contrat=contrat, nom="Nom du brouillon")
        clock.age(contrat, signataire)
        # One form: the record, then its rows a moment later.
        with transaction.atomic():
            clock.save(contrat, publication="publié")
            signataire._history_date = clock.now + timedelta(milliseconds=5)
            signataire.nom = "Nom publié"
            signataire.save()
        read = journal(client)
        assert "Nom" not in read
        clock.save(signataire, nom="Nom corrigé")
        read = journal(client)
        assert "Nom publié → Nom corrigé" in read
        assert "Nom du brouillon" not in read

    def test_not_what_it_was_elsewhere(self, client, clock, contrat):
        """Taken from a draft to what is published: what it was there stays unknown."""
        draft = f.ContratFactory(publication="brouillon", intitule="Acte caché")
        signataire = f.SignataireFactory(contrat=draft, nom="Nom caché")
        clock.age(draft, signataire)
        clock.save(signataire, contrat=contrat, nom="Nom d’ici")
        read = journal(client)
        assert "caché" not in read
        assert "Nom d’ici, pour" in read

    def test_what_they_cite_is_not_named_when_hidden(self, client, clock):
        hidden = f.EngagementFactory(intitule="Engagement caché", publication="brouillon")
        realisation = f.RealisationFactory()
        clock.age(realisation, realisation.engagement, hidden)
        clock.save(realisation, engagement=hidden, valeur=1)
        assert "caché" not in journal(client)


@pytest.mark.parametrize("seed", range(8))
def test_no_value_that_was_never_public_is_told(client, clock, seed):
    """Any life of a contract and of its signataire: each value is a word of its own."""
    chance = random.Random(seed)
    contrat = f.ContratFactory(publication="brouillon", lieu="jeton0lieu", intitule="jeton0nom")
    signataire = f.SignataireFactory(contrat=contrat, nom="jeton0signataire")
    clock.age(contrat, signataire)
    told, shown = set(), set()
    for step in range(1, 25):
        act = chance.choice(["lieu", "intitule", "signataire", "publication", "tout"])
        if act == "signataire":
            clock.save(signataire, nom=f"jeton{step}signataire")
        else:
            values = {"lieu": f"jeton{step}lieu"} if act in ("lieu", "tout") else {}
            if act in ("intitule", "tout"):
                values["intitule"] = f"jeton{step}nom"
            if act in ("publication", "tout"):
                values["publication"] = chance.choice(["brouillon", "publié", "retiré", "publié"])
            clock.save(contrat, **values)
        told |= {contrat.lieu, contrat.intitule, signataire.nom}
        if contrat.publication == "publié":
            shown |= {contrat.lieu, contrat.intitule, signataire.nom}
    pages = [client.get("/journal/"), client.get("/journal/flux.atom")]
    if contrat.publication == "publié":
        pages.append(client.get(contrat.get_absolute_url()))
    else:
        shown = set()  # nothing of what is hidden today
    content = " ".join(page.content.decode() for page in pages)
    assert {word for word in told - shown if word in content} == set()


def test_only_published_columns_are_told(client, clock):
    """The dataset of the territories has no column for the names in office."""
    territoire = f.TerritoireFactory(elu="Claude Petit")
    clock.age(territoire)
    clock.save(territoire, elu="Camille Grand", nom="Un nouveau nom")
    read = journal(client, genre="territoires")
    assert "Un nouveau nom" in read
    assert "Camille" not in read
    assert "Claude" not in read


def test_a_save_that_changes_nothing_public_is_not_told(client, clock, contrat):
    clock.save(contrat, seance=f.SeanceFactory())
    assert "modifié" not in journal(client, genre="contrats")


def test_links_are_told_by_name(client, clock):
    territoire = f.TerritoireFactory()
    clock.age(territoire)
    before = territoire.departements.get()
    orne = f.DepartementFactory(nom="Orne")
    with transaction.atomic():
        clock.save(territoire, nom="Autre nom")
        territoire.departements.set([orne])
    territoire.history.filter(version=2).update(history_date=clock.now)
    read = journal(client, genre="territoires")
    found = client.get("/journal/", {"genre": "territoires"}).context["page"].object_list
    assert [line.phrase for line in found] == ["territoire modifié", "territoire ajouté"]
    assert f"Départements : {before} → Orne" in read


# --- Groups, filters, pages ---------------------------------------------------------------------


def test_a_load_is_one_line(client):
    territoire = f.TerritoireFactory()
    for _ in range(12):
        f.ProjetFactory(territoire=territoire, beneficiaire="Chargé")
    read = journal(client)
    assert "12 projets ajoutés" in read
    assert "Chargé" not in read
    today = timezone.localdate()
    detail = journal(client, genre="projets", du=today, au=today)
    assert detail.count("Chargé") >= 12


def test_each_line_has_an_address_of_its_own(client, clock, contrat):
    clock.save(contrat, lieu="Caen")
    line = client.get("/journal/").context["page"].object_list[-2:]
    [line] = [one for one in line if one.changements]
    parts = urlsplit(line.lien)
    page = client.get(f"{parts.path}?{parts.query}").content.decode()
    assert f'id="{parts.fragment}"' in page


def test_the_filters(client, clock):
    ici = f.ProjetFactory(beneficiaire="Forges d’ici")
    ailleurs = f.ProjetFactory(beneficiaire="Forges d’ailleurs")
    clock.age(ici, ailleurs)
    clock.save(ici, objet="Nouvel objet d’ici")
    clock.save(ailleurs, objet="Nouvel objet d’ailleurs")
    for query in (
        {"region": ici.territoire.region_porteuse_id},
        {"territoire": ici.territoire_id},
    ):
        read = journal(client, **query)
        assert "Nouvel objet d’ici" in read
        assert "ailleurs" not in read.split("Filtrer")[1]
    assert "Nouvel objet" not in journal(client, genre="contrats")
    day = timezone.localdate(clock.now)
    assert "Nouvel objet d’ici" in journal(client, du=day, au=day)
    assert "Nouvel objet" not in journal(client, du=day + timedelta(days=1))
    read = journal(client, genre="sources", region=ici.territoire.region_porteuse_id)
    assert "Aucun changement publié ne répond à ce filtre." in read


def test_a_shared_territory_is_in_the_journal_of_both_regions(client, clock):
    normandie, bretagne = f.RegionFactory(code="28"), f.RegionFactory(code="53")
    territoire = f.TerritoireFactory(region_porteuse=normandie, regions=[bretagne])
    clock.age(territoire)
    clock.save(territoire, nom="Partagé")
    for region in ("28", "53"):
        assert "→ Partagé" in journal(client, region=region, genre="territoires")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"genre": "agents"}, "Cette valeur n’existe pas"),
        ({"region": "99"}, "Cette valeur n’existe pas"),
        ({"territoire": "'; DROP"}, "Cette valeur n’existe pas"),
        ({"du": "31/02/2022"}, "n’existe pas au calendrier"),
        ({"du": "2022-05-03", "au": "2022-05-01"}, "La fin de la période précède son début"),
        ({"page": "0"}, "Un numéro de page est un nombre entier à partir de 1."),
        ({"page": "douze"}, "Un numéro de page est un nombre entier à partir de 1."),
    ],
)
def test_a_bad_address_is_told(client, query, sentence):
    response = client.get("/journal/", query)
    assert response.status_code == 400
    assert sentence in texte(response)


def test_a_long_journal_has_pages(client, clock, contrat):
    for rank in range(25):
        clock.now += timedelta(hours=23)
        clock.save(contrat, lieu=f"Lieu {rank}")
    assert "Lieu 24" in journal(client)
    assert "Lieu 24" not in journal(client, page=2)
    assert "Lieu 1" in journal(client, page=2)


def test_an_empty_journal(client):
    assert "Aucun changement publié ne répond à ce filtre." in journal(client)
    assert client.get("/journal/flux.atom").status_code == 200


def test_the_feed_is_valid(client, clock, contrat, settings):
    clock.save(contrat, lieu="<b>Caen</b> & environs")
    response = client.get("/journal/flux.atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(response.content)
    assert feed.findtext(f"{ATOM}title").endswith("journal des modifications")
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids)) > 0
    assert all(one.startswith(settings.SITE["url"]) for one in ids)
    assert any("<b>Caen</b> & environs" in e.findtext(f"{ATOM}summary") for e in entries)


def test_it_is_kept_like_the_other_pages(client, clock, contrat):
    first = client.get("/journal/")
    again = client.get("/journal/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert client.get("/plan-du-site/").content.decode().count('href="/journal/"') == 1
    assert 'href="/journal/"' in client.get("/donnees/").content.decode()


def test_the_cost_does_not_grow(client, clock, django_assert_max_num_queries):
    def fill():
        contrat = f.ContratFactory()
        projet = f.ProjetFactory()
        clock.age(contrat, projet)
        clock.save(contrat, lieu="Caen")
        clock.save(projet, objet=f"Autre que {projet.objet}")
        signataire = f.SignataireFactory.build(contrat=contrat)
        clock.save(signataire)
        clock.save(signataire, nom="Autre")
        financement = f.FinancementFactory.build(
            projet=projet, financeur=f.FinanceurFactory(), enveloppe=None
        )
        clock.save(financement)
        clock.save(financement, financeur=f.FinanceurFactory())
        return contrat, projet

    def count(page):
        with django_assert_max_num_queries(60) as found:
            assert client.get(page).status_code == 200
        return len(found)

    contrat, projet = fill()
    addresses = ["/journal/", contrat.get_absolute_url(), projet.get_absolute_url(),
                 contrat.territoire.get_absolute_url()]  # fmt: skip
    once = [count(address) for address in addresses]
    for _ in range(4):
        fill()
    for model in (Contrat, Projet, Signataire):
        for row in model.objects.all():
            clock.save(row)
    again = [count(address) for address in addresses]  # of another version: not the kept ones
    assert all(b <= a for a, b in zip(once, again, strict=True)), (once, again)
