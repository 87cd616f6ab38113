"""Every published value with its source, its day, and how it was come by."""

import csv
import datetime
import io

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from programme.donnees import provenance
from programme.donnees.jeux import JEUX
from programme.donnees.views import with_counts
from programme.models import Projet, Valeur
from territoires.models import LigneChargee
from tests import factories as f

from .outils import body

pytestmark = pytest.mark.django_db


def values(client, **asked):
    """`{column: row}` of the values that an address asks for."""
    response = client.get(reverse("api_jeu", args=["valeurs"]), {**asked, "format": "csv"})
    text = body(response).decode("utf-8-sig")
    return {row["colonne"]: row for row in csv.DictReader(io.StringIO(text))}


def loaded(projet):
    """`projet`, as a load would have made it."""
    names = ("objet", "axe", "territoire", "emplois_crees", "lat", "lon", "source")
    texts = {name: str(getattr(projet, Projet._meta.get_field(name).attname)) for name in names}
    LigneChargee.objects.create(
        fichier="projets.csv", cle=projet.code, objet=str(projet.pk), valeurs=texts
    )
    return projet


@pytest.fixture
def document():
    return f.SourceFactory(code="dge-plan-de-relance", titre="Le plan de relance")


def test_each_says_how_it_was_come_by(client, document):
    projet = loaded(f.ProjetFactory())
    told = values(client, jeu="projets", fiche=projet.code)
    assert told["objet"]["mode"] == told["axe"]["mode"] == "lecture du portail"
    assert told["territoire"]["mode"] == "calculé d’après la commune"
    assert told["emplois_crees"]["mode"] == told["latitude"]["mode"] == "source"
    row = told["emplois_crees"]
    assert (row["valeur"], row["source"]) == ("8", "dge-plan-de-relance")
    assert (row["source_titre"], row["date"]) == ("Le plan de relance", "2021-03-02")
    assert {"code", "source", "url", "commune_nom"}.isdisjoint(told)


def test_what_a_committee_wrote_is_its_own(client, document):
    projet = loaded(f.ProjetFactory())
    projet.emplois_crees = 12
    projet.save()
    told = values(client, fiche=projet.code)
    row = told["emplois_crees"]
    assert (row["valeur"], row["mode"], row["source"]) == ("12", "saisi en comité", "")
    assert row["date"] > "2021-03-02"
    assert told["objet"]["mode"] == "lecture du portail"
    typed = f.ProjetFactory(source="Préfecture")
    row = values(client, fiche=typed.code)["emplois_crees"]
    assert (row["mode"], row["source"], row["source_titre"]) == (
        "saisi en comité", "Préfecture", "",
    )  # fmt: skip


def test_the_date_of_a_member_has_a_source_of_its_own(client):
    for code in ("liste-148", "liste-149"):
        f.SourceFactory(code=code, titre=f"La {code}")
    row = f.RattachementFactory(
        source="absente de l’une ; liste-148 ; liste-149", territoire__source_entree="liste-149"
    )
    told = values(client, jeu="rattachements")
    assert told["siren"]["source_titre"].split("|") == ["La liste-148", "La liste-149"]
    assert told["debut"]["source_titre"] == "La liste-149"
    assert told["debut"]["valeur"] == row.debut.isoformat()


def test_a_source_has_what_cites_it(client):
    for code in ("banque-1", "banque-10"):
        f.SourceFactory(code=code)
    f.ProjetFactory(source="banque-10")
    cited = f.ProjetFactory(source="presse ; banque-1")
    told = values(client, source="banque-1", jeu="projets")
    assert {row["fiche"] for row in told.values()} == {cited.code}


def test_a_draft_has_no_value(client):
    f.ProjetFactory(publication="brouillon", beneficiaire="Secret")
    assert not Valeur.objects.filter(valeur="Secret").exists()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"mode": "inventé"}, "mode : « inventé » n’est pas une valeur possible. Valeurs possi"),
        ({"beneficiaire": "x"}, "beneficiaire : Ce paramètre n’existe pas à cette adresse."),
        ({"fiche": ["a", "b"]}, "fiche : Ce paramètre est donné plusieurs fois : gardez une"),
        ({"source": "inconnue-1"}, "source : « inconnue-1 » n’est pas une valeur possible."),
        (
            {"jeu": "projet"},
            "jeu : « projet » n’est pas une valeur possible. Vouliez-vous dire « projets »",
        ),
    ],
)
def test_what_cannot_be_asked(client, asked, sentence):
    response = client.get(reverse("api_jeu", args=["valeurs"]), asked)
    assert response.status_code == 400
    assert sentence in response.json()["erreur"]


def test_its_list_reads_what_is_asked(client, document):
    projet = loaded(f.ProjetFactory())
    other = f.ProjetFactory(source="Préfecture")
    page = client.get(reverse("valeurs"), {"jeu": "projets", "fiche": projet.code})
    text = page.content.decode()
    assert f'href="http://testserver{projet.get_absolute_url()}"' in text or (
        projet.get_absolute_url() in text
    )
    assert reverse("source", args=["dge-plan-de-relance"]) in text
    assert other.code not in text
    page = client.get(reverse("valeurs"), {"source": "dge-plan-de-relance"})
    found = {tuple(key.split(":")[::2]) for key in page.context["page"].object_list}
    # A count of these projects stands on what they cite.
    assert {jeu for jeu, _ in found} == {"projets", "regions", "territoires"}
    assert {fiche for jeu, fiche in found if jeu == "projets"} == {projet.code}


def test_its_pages_cover_every_dataset_once(client):
    """Each dataset is counted and read by itself: the pages are still those of the whole."""
    f.RattachementFactory()
    f.ProjetFactory()
    f.ContratFactory()
    read, number, last = [], 1, 1
    while number <= last:
        page = client.get(reverse("valeurs"), {"page": number}).context["page"]
        read, last, number = [*read, *page.object_list], page.paginator.num_pages, number + 1
    assert last > 1
    assert read == list(
        Valeur.objects.order_by("jeu", "fiche", "rang").values_list("pk", flat=True)
    )


def test_records_and_sources_lead_to_their_values(client, document):
    projet = f.ProjetFactory()
    commune = projet.commune
    for url, asked in (
        (projet.get_absolute_url(), f"?jeu=projets&amp;fiche={projet.code}"),
        (commune.get_absolute_url(), f"?jeu=communes&amp;fiche={commune.pk}"),
        (document.get_absolute_url(), f"?source={document.code}"),
    ):
        assert f'href="{reverse("valeurs")}{asked}"' in client.get(url).content.decode(), url


def test_the_geography_says_who_states_it(client):
    f.SourceFactory(code="insee-cog-2022", titre="Le code officiel")
    f.SourceFactory(code="anct-1", titre="La liste")
    territoire = f.TerritoireFactory(code="ti2-1234", phase_id=2, rattachement=None)
    debut = datetime.date(2023, 11, 9)
    member = f.RattachementFactory(territoire=territoire, source="anct-1", debut=debut)
    commune = f.CommuneFactory(intercommunalite=member.intercommunalite, population=12)
    told = values(client, jeu="communes", fiche=commune.code)
    assert told["departement"]["source_titre"] == told["region"]["source_titre"]
    assert told["population"]["source_titre"] == "Le code officiel"
    assert told["intercommunalite"]["source"] == "dgcl-epci-2022"
    row = told["territoire"]
    assert (row["valeur"], row["source"], row["mode"]) == (
        member.territoire_id, "anct-1", "calculé d’après les membres",
    )  # fmt: skip


def test_only_the_datasets_asked_for_are_read():
    """A condition on the dataset leaves the others out of the query itself."""
    every, one = (len(str(rows.query)) for rows in (
        Valeur.objects.all(), Valeur.objects.filter(jeu="contrats", colonne="statut"),
    ))  # fmt: skip
    assert one < every / 5
    either = Valeur.objects.filter(Q(jeu="contrats") | Q(colonne="statut"))
    assert len(str(either.query)) > every


def test_the_number_is_that_of_the_rows():
    f.FinancementFactory()
    f.EnveloppeFactory()
    f.RattachementFactory()
    f.ContratFactory()
    assert with_counts([JEUX["valeurs"]])[0][1] == Valeur.objects.count() > 20


def test_every_column_says_where_it_comes_from():
    """A new column of a dataset with sources is a statement, or says that it is none."""
    for jeu in JEUX.values():
        for _, colonne, origine in provenance.stated(jeu):
            assert origine.mode in provenance.MODES, (jeu.code, colonne.nom)


def test_a_moment_tells_what_was_loaded_then(client, document):
    """A later load that writes another text does not say that somebody typed the first."""
    projet = loaded(f.ProjetFactory())
    then, before = timezone.now().isoformat(), values(client, fiche=projet.code)
    row = LigneChargee.objects.get()
    row.valeurs = row.valeurs | {"emplois_crees": "12", "objet": "Deux ateliers"}
    row.save()
    projet.emplois_crees, projet.objet = 12, "Deux ateliers"
    projet.save()
    assert values(client, fiche=projet.code)["emplois_crees"]["valeur"] == "12"
    assert values(client, fiche=projet.code, au=then) == before
