"""What each filter keeps, counts and leaves out."""

from dataclasses import replace
from datetime import date

import pytest

from programme.catalogue.listes.champs import NON_RENSEIGNE
from programme.catalogue.listes.declarees import _critere
from programme.donnees.jeux import JEUX
from programme.models import Rangement
from tests import factories

from .outils import ask, codes, text

pytestmark = pytest.mark.django_db

VIDES = {
    "region": {"departement": None, "commune": None, "territoire": None},
    "departement": {"departement": None, "commune": None},
    "axe": {"axe": ""},
    "thematique": {"thematique": ""},
    "filiere": {"filiere": ""},
    "statut": {"statut": ""},
    "categorie": {"categorie": ""},
    "commune": {"commune": None, "departement": None},
    "emplois_crees": {"emplois_crees": None},
    "emplois_maintenus": {"emplois_maintenus": None},
    "investissement_eur": {"investissement_eur": None},
    "mise_a_jour": {"mise_a_jour": None},
}


def facette(response, nom):
    """`{value: number of rows}` as the page shows them for one filter."""
    (critere,) = [c for c in response.context["criteres"] if c.nom == nom]
    return {modalite.valeur: modalite.nombre for modalite in critere.modalites}


# --- Projets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("nom", VIDES)
def test_what_is_not_stated_is_a_value_of_its_own(client, nom):
    stated = {"statut": "engagé", "thematique": "transition écologique"}
    factories.ProjetFactory(**stated)
    empty = factories.ProjetFactory(**stated | VIDES[nom])
    assert codes(client, "projets", **{nom: "non renseigné"}) == [empty.code]
    response = ask(client, "projets", **{nom: "non renseigné"})
    if nom != "commune":
        assert facette(response, nom)["non renseigné"] == 1


def test_a_closed_list_is_offered_in_its_words(client):
    factories.ContratFactory(type="protocole")
    (critere,) = [c for c in ask(client, "contrats").context["criteres"] if c.nom == "type"]
    assert next((m.valeur, m.libelle) for m in critere.modalites) == (
        "protocole",
        "protocole d’accord",
    )


def test_a_project_without_a_financeur(client):
    alone = factories.ProjetFactory()
    financement = factories.FinancementFactory()
    slug = financement.financeur.slug
    assert codes(client, "projets", financeur="non renseigné") == [alone.code]
    assert codes(client, "projets", financeur=slug) == [financement.projet.code]
    assert facette(ask(client, "projets"), "financeur") == {"non renseigné": 1, slug: 1}


def test_a_project_with_two_financements_comes_once(client):
    projet = factories.ProjetFactory(emplois_crees=8)
    first, second = factories.FinancementFactory.create_batch(2, projet=projet)
    both = [first.financeur.slug, second.financeur.slug]
    assert codes(client, "projets", financeur=both) == [projet.code]
    assert ask(client, "projets", financeur=both).context["totaux"]["emplois_crees"] == 8


def test_inside_and_outside_a_territory(client):
    inside = factories.ProjetFactory()
    outside = factories.ProjetFactory(territoire=None)
    assert codes(client, "projets", territoire="hors territoire") == [outside.code]
    assert codes(client, "projets", territoire="dans un territoire") == [inside.code]
    assert codes(client, "projets", territoire=inside.territoire_id) == [inside.code]
    both = codes(client, "projets", territoire=[inside.territoire_id, "hors territoire"])
    assert both == [inside.code, outside.code]
    assert facette(ask(client, "projets"), "territoire") == {
        "hors territoire": 1,
        "non renseigné": 0,
        "dans un territoire": 1,
        inside.territoire_id: 1,
    }


def test_any_value_of_a_filter_and_every_filter(client):
    made = {
        (axe, filiere): factories.ProjetFactory(axe=axe, filiere=filiere).code
        for axe in ("innover", "attirer", "recruter")
        for filiere in ("Bois", "Eau")
    }
    found = codes(client, "projets", axe=["innover", "attirer"], filiere="Eau")
    assert found == [made["innover", "Eau"], made["attirer", "Eau"]]


def test_a_facet_counts_with_the_other_filters_applied(client):
    for axe, filiere, number in [("innover", "Bois", 3), ("innover", "Eau", 2), ("", "Eau", 1)]:
        factories.ProjetFactory.create_batch(number, axe=axe, filiere=filiere)
    response = ask(client, "projets", filiere="Eau")
    assert facette(response, "filiere") == {"non renseigné": 0, "Bois": 3, "Eau": 3}
    axes = facette(response, "axe")
    assert (axes["innover"], axes["non renseigné"], axes["attirer"]) == (2, 1, 0)
    assert sum(axes.values()) == response.context["totaux"]["lignes"] == 3


def test_a_range_says_what_it_leaves_out(client):
    for jobs in (None, None, None, 0, 5, 10):
        factories.ProjetFactory(emplois_crees=jobs)
    response = ask(client, "projets", emplois_crees_min=5)
    assert response.context["totaux"]["lignes"] == 2
    assert (
        "« Emplois créés » laisse de côté 3 projets où cette valeur n’est pas renseignée."
        in text(response)
    )
    response = ask(client, "projets", emplois_crees_min=5, emplois_crees="non renseigné")
    assert response.context["totaux"]["lignes"] == 5
    assert "laisse de côté" not in text(response)


def test_what_a_range_leaves_out_follows_the_other_filters(client):
    factories.ProjetFactory(emplois_crees=None, filiere="Eau")
    factories.ProjetFactory(emplois_crees=None, filiere="Bois")
    factories.ProjetFactory(emplois_crees=9, filiere="Bois")
    response = ask(client, "projets", emplois_crees_min=5, filiere="Bois")
    assert "laisse de côté 1 projet où" in text(response)


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        ({"min": "5"}, [5, 10]),
        ({"max": "5"}, [0, 5]),
        ({"min": "5", "max": "5"}, [5]),
        ({"min": "0", "max": "1 000"}, [0, 5, 10]),
        ({"max": "1\u202f000"}, [0, 5, 10]),
    ],
)
def test_bounds_are_included(client, bounds, kept):
    for jobs in (0, 5, 10, None):
        factories.ProjetFactory(emplois_crees=jobs)
    parameters = {f"emplois_crees_{suffix}": value for suffix, value in bounds.items()}
    assert codes(client, "projets", "emplois_crees", **parameters) == kept


@pytest.mark.parametrize(
    ("du", "au", "kept"),
    [
        ("2021-03-01", "", [date(2021, 3, 1), date(2022, 1, 1)]),
        ("", "01/03/2021", [date(2020, 1, 1), date(2021, 3, 1)]),
        ("2021-03-01", "2021-03-01", [date(2021, 3, 1)]),
    ],
)
def test_days_are_included(client, du, au, kept):
    for day in (date(2020, 1, 1), date(2021, 3, 1), date(2022, 1, 1)):
        factories.ProjetFactory(mise_a_jour=day)
    found = codes(client, "projets", "mise_a_jour", mise_a_jour_du=du, mise_a_jour_au=au)
    assert found == [day.isoformat() for day in kept]


def test_the_commune_of_a_project(client):
    projet = factories.ProjetFactory()
    factories.ProjetFactory()
    assert codes(client, "projets", commune=projet.commune_id) == [projet.code]


def test_every_word_is_searched_in_a_project(client):
    projet = factories.ProjetFactory(beneficiaire="Forges", objet="Presse hydraulique")
    factories.ProjetFactory(beneficiaire="Forges", objet="Laminoir")
    for words in ("forges hydraulique", "HYDRAULIQUES forge", projet.siren, projet.code):
        assert codes(client, "projets", q=words) == [projet.code]


def test_the_commune_finds_its_projects(client):
    projet = factories.ProjetFactory(commune=factories.CommuneFactory(nom="Saint-Étienne"))
    factories.ProjetFactory(commune=factories.CommuneFactory(nom="L’Aigle"))
    assert codes(client, "projets", q="st etienne") == [projet.code]


def test_no_word_finds_nothing(client):
    factories.ProjetFactory()
    assert codes(client, "projets", q="introuvable") == []
    response = ask(client, "projets", q="…")
    assert response.status_code == 400
    assert "au moins une lettre ou un chiffre" in text(response)


def test_accents_and_case_do_not_count_in_other_lists(client):
    jalon = factories.JalonFactory(intitule="Réunion de l’Assemblée à Évreux")
    factories.JalonFactory(intitule="Autre")
    assert codes(client, "jalons", "intitule", q="EVREUX reunion") == [jalon.intitule]


def test_a_member_or_a_territory_finds_the_attachment(client):
    member = factories.RattachementFactory(
        intercommunalite__nom="CC du Pays d’Ouche", territoire__nom="Vallée de la Risle"
    )
    factories.RattachementFactory()
    for words in ("ouche", "vallee risle"):
        assert codes(client, "rattachements", "territoire", q=words) == [member.territoire_id]


# --- Territoires ------------------------------------------------------------------------------


def test_a_territory_of_two_regions_comes_once(client):
    one, other = factories.RegionFactory.create_batch(2)
    shared = factories.TerritoireFactory(region_porteuse=one, regions=[other])
    assert codes(client, "territoires", region=[one.code, other.code]) == [shared.code]
    counted = facette(ask(client, "territoires"), "region")
    assert (counted[one.code], counted[other.code]) == (1, 1)


def test_the_map_at_a_date(client):
    early = factories.TerritoireFactory(rattachement__debut=date(2018, 11, 22))
    gone = factories.TerritoireFactory(
        rattachement__debut=date(2018, 11, 22), rattachement__fin=date(2021, 1, 1)
    )
    late = factories.TerritoireFactory(rattachement__debut=date(2020, 10, 15))
    at = {day: set(codes(client, "territoires", date=day)) for day in ("2019-01-01", "2020-12-31")}
    assert at == {
        "2019-01-01": {early.code, gone.code},
        "2020-12-31": {early.code, gone.code, late.code},
    }
    assert set(codes(client, "territoires")) == {early.code, late.code}
    assert set(codes(client, "territoires", tous=1)) == {early.code, gone.code, late.code}
    assert "1 territoire possible" not in text(ask(client, "territoires"))


def test_a_past_map_names_its_possible_territories(client):
    factories.TerritoireFactory(
        rattachement__debut=date(2018, 11, 22), rattachement__certitude="exacte"
    )
    factories.TerritoireFactory(
        rattachement__debut=date(2019, 11, 14), rattachement__certitude="au plus tard"
    )
    said = text(ask(client, "territoires", date="2019-01-01"))
    assert "1 attesté ; 1 dont l’entrée est attestée au plus tard le 14 novembre 2019" in said


def test_nature_of_the_members(client):
    town = factories.CommuneFactory()
    alone = factories.TerritoireFactory(rattachement=None)
    factories.RattachementFactory(territoire=alone, intercommunalite=None, commune=town)
    mixed = factories.TerritoireFactory(rattachement__intercommunalite__nature="CA")
    factories.RattachementFactory(territoire=mixed, intercommunalite__nature="CA")
    assert codes(client, "territoires", nature="COM") == [alone.code]
    assert codes(client, "territoires", nature="CA") == [mixed.code]
    counted = facette(ask(client, "territoires"), "nature")
    assert (counted["COM"], counted["CA"], counted["CC"]) == (1, 1, 0)


def test_status_of_the_contract_none_included(client):
    without = factories.TerritoireFactory()
    contrat = factories.ContratFactory()
    assert codes(client, "territoires", contrat="aucun contrat publié") == [without.code]
    assert codes(client, "territoires", contrat=contrat.statut) == [contrat.territoire_id]
    counted = facette(ask(client, "territoires"), "contrat")
    assert (counted["aucun contrat publié"], counted[contrat.statut]) == (1, 1)


def test_a_missing_referent(client):
    referent = factories.ReferentFactory()
    other = factories.OperateurFactory()
    left = factories.ReferentFactory(operateur=referent.operateur, fin=date(2021, 1, 1))
    missing = codes(client, "territoires", referent_manquant=referent.operateur_id)
    assert missing == [left.territoire_id]
    assert facette(ask(client, "territoires"), "referent_manquant") == {
        referent.operateur_id: 1,
        other.code: None,  # nobody has reported any
    }
    then = codes(client, "territoires", referent_manquant=referent.operateur_id, date="2020-06-01")
    assert then == []


def test_where_a_referent_lacks_is_not_known_while_nobody_reported_any(client):
    operateur, territoire = factories.OperateurFactory(), factories.TerritoireFactory()
    assert facette(ask(client, "territoires"), "referent_manquant") == {operateur.code: None}
    missing = codes(client, "territoires", referent_manquant=operateur.code)
    assert missing == [territoire.code]


def test_a_former_name_finds_the_territory(client):
    former = factories.AutreNomFactory(nom="Pays de l’Iton")
    factories.AutreNomFactory(territoire=former.territoire, nom="Iton industriel")
    factories.TerritoireFactory(nom="Perche")
    assert codes(client, "territoires", q="ITON") == [former.territoire_id]
    assert codes(client, "territoires", q="pays de l'iton") == [former.territoire_id]


# --- The other lists --------------------------------------------------------------------------


def test_members_at_a_date(client):
    left = factories.RattachementFactory(debut=date(2018, 11, 22), fin=date(2020, 1, 1))
    stays = factories.RattachementFactory(debut=date(2018, 11, 22))
    assert set(codes(client, "rattachements", "territoire", date="2019-01-01")) == {
        left.territoire_id,
        stays.territoire_id,
    }
    assert codes(client, "rattachements", "territoire", date="2020-01-01") == [stays.territoire_id]


def test_intercommunalites_of_a_territory(client):
    member = factories.RattachementFactory(territoire__phase_id=2)
    outside = factories.IntercommunaliteFactory()
    siren = member.intercommunalite_id
    assert codes(client, "intercommunalites", "siren", territoire="dans un territoire") == [siren]
    assert codes(client, "intercommunalites", "siren", territoire=member.territoire_id) == [siren]
    assert codes(client, "intercommunalites", "siren", territoire="hors territoire") == [
        outside.siren
    ]


def test_communes_of_a_territory_follow_their_intercommunalite(client):
    member = factories.RattachementFactory(territoire__phase_id=2)
    inside = factories.CommuneFactory(intercommunalite=member.intercommunalite)
    outside = factories.CommuneFactory(intercommunalite=None)
    assert codes(client, "communes", territoire=member.territoire_id) == [inside.code]
    assert codes(client, "communes", territoire="hors territoire") == [outside.code]
    assert codes(client, "communes", intercommunalite=member.intercommunalite_id) == [inside.code]
    assert codes(client, "communes", intercommunalite="non renseigné") == [outside.code]


def test_contracts_without_a_date(client):
    undated = factories.ContratFactory(date_signature=None, precision_signature="")
    dated = factories.ContratFactory()
    assert codes(client, "contrats", date_signature="non renseigné") == [undated.slug]
    assert codes(client, "contrats", precision_signature="non renseigné") == [undated.slug]
    response = ask(client, "contrats", date_signature_du="2018-01-01")
    assert [row["code"] for row in response.context["table"].data.data] == [dated.slug]
    assert "laisse de côté 1 contrat où" in text(response)


def test_commitments_of_each_operator(client):
    common = factories.EngagementFactory(operateur=None)
    own = factories.EngagementFactory()
    assert codes(client, "engagements", operateur="chacun des opérateurs") == [common.code]
    assert codes(client, "engagements", operateur=own.operateur_id) == [own.code]


def test_a_filter_on_a_column_that_is_not_kept_reads_the_project():
    """As that of a column which was just declared: « non renseigné » finds the empty ones."""
    colonne = replace(
        JEUX["projets"].colonne("filiere"), nom="code_postal", source="code_postal", filtre=True
    )
    assert not hasattr(Rangement, "code_postal")
    told = factories.ProjetFactory(code_postal="64000")
    empty = factories.ProjetFactory(code_postal="")
    critere = _critere(JEUX["projets"], colonne, Rangement)
    critere.model = Rangement

    def found(*values):
        return set(Rangement.objects.filter(critere.condition(values)).values_list("pk", flat=True))

    assert (found("64000"), found(NON_RENSEIGNE)) == ({told.pk}, {empty.pk})
