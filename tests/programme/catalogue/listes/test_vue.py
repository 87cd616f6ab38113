"""The page of a list: order, pages, permalinks, words, files."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from programme.catalogue.listes.tables import Liste
from programme.donnees.schema import OFFRES
from programme.models import Projet
from territoires.models.phase import adresse_at
from tests import factories

from .outils import LISTES, ask, codes, read_csv, rows, text

pytestmark = pytest.mark.django_db


def query(url):
    return parse_qs(urlsplit(url).query)


# --- Order ------------------------------------------------------------------------------------


def test_names_sort_in_french(client):
    for nom in ["Yonne", "Évry", "écluse", "Saint-Étienne", "Saint Ouen", "ARLES", "Œuilly"]:
        factories.TerritoireFactory(nom=nom)
    assert codes(client, "territoires", "nom", tri="nom") == [
        "ARLES", "écluse", "Évry", "Œuilly", "Saint-Étienne", "Saint Ouen", "Yonne",
    ]  # fmt: skip


@pytest.mark.parametrize("tri", ["investissement_eur", "-investissement_eur"])
def test_missing_values_come_last_both_ways(client, tri):
    for amount in [3, None, 1, 2]:
        factories.ProjetFactory(investissement_eur=amount)
    found = codes(client, "projets", "investissement_eur", tri=tri)
    assert found == ([1, 2, 3, None] if tri[0] != "-" else [3, 2, 1, None])


def test_empty_texts_come_last_too(client):
    for filiere in ["", "Bois", "Eau"]:
        factories.ProjetFactory(filiere=filiere)
    assert codes(client, "projets", "filiere", tri="-filiere") == ["Eau", "Bois", None]


def test_ties_never_swap(client):
    made = [projet.slug for projet in factories.projets(60, emplois_crees=7)]
    for tri in ("emplois_crees", "-emplois_crees"):
        seen = []
        for page in (1, 2, 3):
            response = ask(client, "projets", tri=tri, page=page)
            seen += [row["slug"] for row in response.context["table"].data.data]
        assert seen == made


@pytest.mark.parametrize("liste", LISTES)
def test_every_order_offered_works(client, liste):
    LISTES[liste].create_batch(2)
    response = client.get(reverse("filtrer", args=[liste]))
    offered = [value for value, _, _ in response.context["tris"]]
    assert offered
    for tri in offered:
        page = ask(client, liste, tri=tri)
        assert page.status_code == 200, tri
        assert page.context["totaux"]["lignes"] >= 2


def test_a_heading_says_its_order_and_leads_to_the_other(client):
    factories.ProjetFactory()
    headings = {
        e.libelle: e for e in ask(client, "projets", tri="filiere").context["table"].entetes
    }
    assert headings["Filière"].ordre == "ascending"
    assert query(headings["Filière"].url) == {"tri": ["-filiere"]}
    assert headings["Commune"].ordre == "none"
    assert query(headings["Commune"].url) == {"tri": ["commune_nom"]}
    page = ask(client, "projets", tri="-filiere").content.decode()
    assert page.count('aria-sort="descending"') == 1


# --- Pages ------------------------------------------------------------------------------------


def test_pages_and_sizes(client):
    factories.projets(51)
    first = ask(client, "projets")
    assert "51 projets , de 1 à 25" in text(first)
    assert [number for number, _ in first.context["pages"]] == [1, 2, 3]
    last = ask(client, "projets", page=3)
    assert len(last.context["table"].data) == 1
    assert "Page suivante" not in text(last)
    assert "Page précédente" in text(last)
    assert len(ask(client, "projets", taille=100).context["table"].data) == 51


def test_pages_cover_every_row_once(client):
    made = {projet.slug for projet in factories.projets(53)}
    seen = []
    for page in (1, 2, 3):
        response = ask(client, "projets", page=page, tri="-emplois_crees")
        seen += [row["slug"] for row in response.context["table"].data.data]
    assert len(seen) == len(set(seen)) == 53
    assert set(seen) == made


def test_a_page_keeps_filters_and_order(client):
    factories.projets(30, filiere="Bois")
    response = ask(client, "projets", filiere="Bois", tri="-code", taille=25, page=2, q="")
    links = dict(response.context["pages"])
    assert query(links[1]) == {
        "filiere": ["Bois"], "tri": ["-code"], "taille": ["25"], "page": ["1"],
    }  # fmt: skip
    assert response.context["vue"].requete.permalien == "?filiere=Bois&tri=-code&taille=25&page=2"
    assert response.context["canonique"] == "?filiere=Bois"


def test_a_permalink_restores_the_same_view(client):
    factories.projets(30, filiere="Bois")
    response = ask(client, "projets", filiere="Bois", tri="-code", page=2, region="")
    again = client.get(reverse("projets") + response.context["vue"].requete.permalien)
    first, second = (r.context["table"].data.data for r in (response, again))
    assert first == second
    assert again.context["titre"] == response.context["titre"] == "Projets : Bois"


# --- Words ------------------------------------------------------------------------------------


def test_title_and_heading_say_the_filter(client):
    projet = factories.ProjetFactory(filiere="Bois")
    region = projet.departement.region
    response = ask(client, "projets", region=region.code, filiere="Bois", emplois_crees_min=5)
    title = f"Projets : {region.nom}, Bois, Emplois créés ≥ 5"
    page = response.content.decode()
    assert f"<h1>{title}</h1>" in page
    assert f"<title>{title} –" in page


def test_many_filters_are_counted_in_the_title(client):
    factories.ProjetFactory()
    response = ask(
        client, "projets", axe=["innover", "attirer", "recruter"], statut="non renseigné"
    )
    assert response.context["titre"] == "Projets : innover, attirer et 2 autres filtres"


def test_each_active_filter_can_be_removed(client):
    factories.ProjetFactory()
    response = ask(client, "projets", axe=["innover", "attirer"], emplois_crees_min=3, page=1)
    removed = {tag.texte: query(url) for tag, url in response.context["etiquettes"]}
    assert removed == {
        "innover": {"axe": ["attirer"], "emplois_crees_min": ["3"]},
        "attirer": {"axe": ["innover"], "emplois_crees_min": ["3"]},
        "≥ 3": {"axe": ["innover", "attirer"]},
    }


def test_nothing_found_offers_to_remove_each_filter(client):
    factories.ProjetFactory(filiere="Bois")
    response = ask(client, "projets", filiere="Bois", q="introuvable")
    assert "Aucune ligne ne répond à tous ces filtres à la fois" in text(response)
    kept = {part.mots: (part.seul, query(part.url)) for part in response.context["vide"]["parts"]}
    assert kept == {
        "Filière : Bois": (1, {"q": ["introuvable"]}),
        "Porteur, objet, commune, SIREN : « introuvable »": (0, {"filiere": ["Bois"]}),
    }
    told = text(response)
    assert "« Filière : Bois » : seul, il garde 1 projet ; sans lui , aucun projet" in told
    assert "« introuvable » » ne garde rien, même seul ; sans lui , 1 projet" in told


def test_files_announce_their_rows(client):
    factories.ProjetFactory.create_batch(3, filiere="Bois")
    factories.ProjetFactory(filiere="Eau")
    response = ask(client, "projets", filiere="Bois", page=1)
    assert "Télécharger les 3 lignes" in text(response)
    links = dict(response.context["exports"])
    assert list(links) == [words for words, _ in OFFRES]
    assert query(links["CSV"]) == {"filiere": ["Bois"], "format": ["csv"]}
    assert len(read_csv(client.get(reverse("projets") + links["CSV"]))) == 3


def test_missing_values_are_said_in_words(client):
    factories.ProjetFactory(emplois_crees=None, investissement_eur=0, filiere="")
    page = ask(client, "projets").content.decode()
    row = page[page.index("<tbody>") : page.index("</tbody>")]
    assert row.count("non renseigné") == 2
    assert ">0<" in row


def test_totals_say_how_many_state_them(client):
    factories.ProjetFactory(emplois_crees=5, emplois_maintenus=None)
    factories.ProjetFactory(emplois_crees=None, emplois_maintenus=None)
    said = text(ask(client, "projets"))
    assert "5 emplois créés dit par 1 projet sur 2" in said
    assert "non renseigné emplois maintenus aucun des 2 ne le dit" in said


# --- Régions ----------------------------------------------------------------------------------


def test_a_shared_territory_is_named_beside_the_sum(client):
    one, other = factories.RegionFactory(), factories.RegionFactory()
    factories.TerritoireFactory(region_porteuse=one)
    shared = factories.TerritoireFactory(region_porteuse=one, regions=[other])
    response = ask(client, "regions")
    data = {row["nom"]: row for row in response.context["table"].data.data}
    assert (data[one.nom]["nb_territoires"], data[one.nom]["partages"]) == (2, 1)
    assert (data[other.nom]["nb_territoires"], data[other.nom]["partages"]) == (1, 1)
    assert sum(row["nb_territoires_portes"] for row in data.values()) == 2
    said = text(response)
    assert "La carte de la phase 1, au 22 novembre 2021 , compte 2 territoires" in said
    assert f"{shared.nom} : " in said
    assert "dépasse donc ce total" in said


# --- Tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("table", Liste.__subclasses__(), ids=lambda table: table.__name__)
def test_a_phone_names_every_cell(table):
    assert [c for c in table.base_columns.values() if not c.verbose_name] == []
    assert table.tris


def test_a_cell_carries_its_heading(client):
    factories.ProjetFactory(filiere="Bois")
    assert '<td data-titre="Filière">Bois</td>' in ask(client, "projets").content.decode()


def test_rows_have_the_published_columns(client):
    factories.RattachementFactory()
    (row,) = rows(client, "rattachements")
    assert {
        "territoire", "siren", "commune", "nom", "nature", "debut", "fin", "certitude", "source",
    } <= set(row)  # fmt: skip


def test_what_few_rows_tell_is_under_their_name_and_said_once(client):
    f = factories.ContratFactory
    f.create_batch(9, nb_actions=None, montant_eur=None)
    f(intitule="Bocage", nb_actions=12, montant_eur=None)
    page = ask(client, "contrats")
    said = text(page)
    assert "« Actions », renseigné par 1 ligne sur 10, sous son nom" in said
    assert "« Montant (€) », non renseigné dans les 10 lignes de cette page" in said
    assert "Bocage Actions : 12" in said
    headings = [entete.libelle for entete in page.context["table"].entetes]
    assert "Actions" not in headings
    assert "Montant (€)" not in headings


def test_what_several_rows_tell_keeps_its_column(client):
    factories.ContratFactory.create_batch(3, nb_actions=None)
    factories.ContratFactory.create_batch(1, nb_actions=3)
    headings = [entete.libelle for entete in ask(client, "contrats").context["table"].entetes]
    assert "Actions" in headings


@pytest.mark.django_db
def test_a_territory_that_is_not_there_has_no_address():
    """A project without one, or at a moment that its territory had not come to yet."""
    factories.ProjetFactory(territoire=None)
    rows = Projet.objects.values_list(adresse_at("territoire__"), flat=True)
    assert list(rows) == [None]
