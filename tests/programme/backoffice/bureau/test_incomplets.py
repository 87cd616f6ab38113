"""What is missing, by record: each rule, the page that names the records, the list behind it."""

from datetime import date, timedelta

import pytest

from programme import completude
from programme.backoffice.bureau.cadre import Cadre
from programme.backoffice.bureau.incomplets import genres
from tests import factories as f
from tests.programme.backoffice.bureau.outils import texte

PAGE = "/admin/incomplets/"
NOTHING_SIGNED = {"statut": "en préparation", "date_signature": None, "precision_signature": ""}


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


def complet(territoire):
    """A signed contract and a project that lack nothing; the territory neither, save its people."""
    contrat = f.ContratFactory(territoire=territoire)
    f.SignataireFactory(contrat=contrat)
    projet = f.ProjetFactory(territoire=territoire, statut="engagé")
    return contrat, projet


def without_seance(territoire):
    seance = f.SeanceFactory(
        comite_regional__region=territoire.region_porteuse,
        publication="brouillon",
        compte_rendu="Bilan.",
    )
    return f.ContratFactory(
        territoire=territoire, statut="validé en comité", seance=seance, date_signature=None,
        precision_signature="",
    )  # fmt: skip


def contrat(territoire, *, signed=True, **values):
    made = f.ContratFactory(territoire=territoire, **values)
    if signed:
        f.SignataireFactory(contrat=made)
    return made


def projet(territoire, **values):
    return f.ProjetFactory(territoire=territoire, **{"statut": "engagé", **values})


LACKING = {
    "contrat-date": lambda t: contrat(t, date_signature=None, precision_signature=""),
    "contrat-signataires": lambda t: contrat(t, signed=False),
    "contrat-montant": lambda t: contrat(t, montant_eur=None),
    "contrat-actions": lambda t: contrat(t, nb_actions=None),
    "contrat-seance": without_seance,
    "contrat-fin": lambda t: contrat(t, statut="achevé"),
    "projet-objet": lambda t: projet(t, objet=""),
    "projet-axe": lambda t: projet(t, axe=""),
    "projet-statut": lambda t: projet(t, statut=""),
    "projet-commune": lambda t: projet(t, commune=None),
    "projet-siren": lambda t: projet(t, siren=""),
    "projet-emplois": lambda t: projet(t, emplois_crees=None),
    "projet-investissement": lambda t: projet(t, investissement_eur=None),
    "seance-compte-rendu": lambda t: f.SeanceFactory(
        comite_regional__region=t.region_porteuse, date=date(2021, 5, 4), compte_rendu=""
    ),
}
COMPLETED = {
    "territoire-entree": {"source_entree": "liste"},
    "territoire-elu": {"elu": "Dominique Lefèvre"},
    "territoire-industriel": {"industriel": "Claude Martin"},
    "territoire-chef": {"chef_de_projet": "Camille Petit"},
    "territoire-prefigurateur": {"prefigurateur": False},
}


def counts(agent, day):
    return {c.regle.code: c.nombre for g in genres(Cadre(agent), day) for c in g.comptes}


def test_every_rule_is_tested():
    assert set(LACKING) | set(COMPLETED) | {"territoire-contrat"} == {
        r.code for r in completude.REGLES
    }


@pytest.mark.parametrize("code", LACKING)
def test_a_rule_finds_the_record_that_lacks_it(client, secretariat, territoire, aujourd_hui, code):
    complet(territoire)
    assert counts(secretariat, aujourd_hui)[code] == 0
    row = LACKING[code](territoire)
    found = counts(secretariat, aujourd_hui)
    mine = [c for c in found if c in LACKING and found[c]]
    assert (found[code], mine) == (1, [code])
    page = client.get(PAGE, {"regle": code})
    rule = page.context["regle"]
    (line,) = page.context["lignes"]
    assert (line.nom, line.mention) == (str(row), rule.manque)
    assert f"sans {rule.manque} : 1" in texte(page)
    if url := page.context["liste_url"]:
        assert [r.pk for r in client.get(url).context["cl"].queryset] == [row.pk]


def test_zero_is_no_missing_value(secretariat, territoire, aujourd_hui):
    projet(territoire, emplois_crees=0, investissement_eur=0)
    contrat(territoire, montant_eur=0, nb_actions=0)
    found = counts(secretariat, aujourd_hui)
    assert not any(found[code] for code in LACKING)


@pytest.mark.parametrize("code", COMPLETED)
def test_a_territory_lacks_what_is_empty(secretariat, territoire, aujourd_hui, code):
    territoire.source_entree = ""
    territoire.save()
    assert counts(secretariat, aujourd_hui)[code] == 1
    for name, value in COMPLETED[code].items():
        setattr(territoire, name, value)
    territoire.save()
    assert counts(secretariat, aujourd_hui)[code] == 0


@pytest.mark.parametrize("publication", ["brouillon", "à valider", "publié", "retiré"])
def test_a_territory_asks_for_a_published_contract(
    secretariat, territoire, aujourd_hui, publication
):
    f.ContratFactory(territoire=territoire, publication=publication)
    missing = counts(secretariat, aujourd_hui)["territoire-contrat"]
    assert missing == (0 if publication == "publié" else 1)


def test_a_territory_asks_for_a_referent_of_each_operator(secretariat, territoire, aujourd_hui):
    one, other = f.OperateurFactory(), f.OperateurFactory()
    f.ReferentFactory(territoire=territoire, operateur=one)
    f.ReferentFactory(territoire=territoire, operateur=other, fin=aujourd_hui)
    found = counts(secretariat, aujourd_hui)
    assert found[f"referent-{one.pk}"] == 0
    assert found[f"referent-{other.pk}"] == 1


def test_a_territory_off_the_map_is_not_asked_for_anything(secretariat, normandie, aujourd_hui):
    f.TerritoireFactory(region_porteuse=normandie, rattachement=None)
    assert not any(counts(secretariat, aujourd_hui).values())


@pytest.mark.parametrize("values", [{"statut": "abandonné"}, {"publication": "retiré"}])
def test_what_was_given_up_is_not_asked_for_anything(secretariat, territoire, aujourd_hui, values):
    f.ProjetFactory(territoire=territoire, objet="", **values)
    f.ContratFactory(territoire=territoire, montant_eur=None, **values)
    found = counts(secretariat, aujourd_hui)
    assert (found["projet-objet"], found["contrat-montant"]) == (0, 0)


def test_a_coming_seance_needs_no_report(secretariat, comite, aujourd_hui):
    f.SeanceFactory(comite_regional=comite, date=aujourd_hui, compte_rendu="")
    assert counts(secretariat, aujourd_hui)["seance-compte-rendu"] == 0


def test_the_public_score_counts_by_the_same_rules(client, secretariat, territoire, aujourd_hui):
    """What the page of the région counts as stated is what the desk does not miss."""
    f.TerritoireFactory(
        region_porteuse=territoire.region_porteuse, elu="Dominique Lefèvre", prefigurateur=True
    )
    contrat(territoire)
    f.ReferentFactory(territoire=territoire)
    found = counts(secretariat, aujourd_hui)
    shown = client.get(f"/regions/{territoire.region_porteuse.slug}/").context["criteres"]
    missing = [c.attendus - c.renseignes for c in shown]
    referents = [n for code, n in found.items() if code.startswith("referent-")]
    assert missing == [*(found[rule.code] for rule in completude.TERRITOIRE), sum(referents)]


# --- The page ---------------------------------------------------------------------------------


def test_the_worst_come_first_with_all_they_lack(client, territoire):
    little = projet(territoire, axe="")
    much = projet(territoire, axe="", objet="", siren="")
    page = client.get(PAGE, {"type": "projet"})
    assert [(line.nom, line.mention) for line in page.context["lignes"]] == [
        (str(much), "objet, axe, SIREN du porteur"),
        (str(little), "axe"),
    ]


def test_a_rule_still_says_all_that_a_record_lacks(client, territoire):
    projet(territoire, axe="", objet="")
    (line,) = client.get(PAGE, {"regle": "projet-axe"}).context["lignes"]
    assert line.mention == "objet, axe"


def test_it_has_pages_that_keep_what_was_asked(client, territoire):
    f.ProjetFactory.create_batch(51, territoire=territoire, axe="", statut="engagé")
    first = client.get(PAGE, {"regle": "projet-axe"})
    assert "Page 1 sur 2" in texte(first)
    assert "?regle=projet-axe&amp;type=projet&amp;p=2" in first.content.decode()
    assert len(client.get(PAGE, {"regle": "projet-axe", "p": "2"}).context["lignes"]) == 1


@pytest.mark.parametrize("page", ["0", "99", "x", "-1"])
def test_a_page_that_does_not_exist_is_the_nearest(client, territoire, page):
    projet(territoire, axe="")
    assert "Page" not in texte(client.get(PAGE, {"type": "projet", "p": page})).partition("1")[2]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"regle": "inconnue"}, "Aucune règle de ce nom sur ce bureau."),
        ({"regle": "' OR 1=1 --"}, "Aucune règle de ce nom sur ce bureau."),
        ({"type": "agent"}, "Aucun enregistrement de ce genre sur ce bureau."),
        ({"type": "realisation"}, "Aucun enregistrement de ce genre sur ce bureau."),
        ({"region": "53"}, "Aucune région de ce code dans votre périmètre."),
    ],
)
def test_what_it_does_not_know_is_refused_in_words(client, asked, said):
    response = client.get(PAGE, asked)
    assert response.status_code == 404
    assert said in response.content.decode()


def test_it_opens_on_the_first_kind_that_lacks_something(client, territoire):
    projet(territoire, axe="")
    assert client.get(PAGE).context["genre"].code == "territoire"


def test_nobody_signed_out_reads_it(client, db):
    client.logout()
    assert client.get(PAGE).status_code == 302
    assert client.get("/admin/sans-changement/").status_code == 302


def test_an_operator_s_officer_reads_its_own_rules(signed_in, territoire):
    mine = f.OperateurFactory()
    client = signed_in(f.ReferentAgentFactory(operateur=mine))
    assert [kind.code for kind, _ in client.get(PAGE).context["menu"]] == [
        "territoire",
        "realisation",
    ]
    assert client.get(PAGE, {"regle": "territoire-elu"}).status_code == 404


def test_it_costs_the_same_with_one_row_and_with_five(client, territoire, queries):
    for kind, make in {"projet": projet, "contrat": contrat}.items():
        lacking = {"projet": {"axe": ""}, "contrat": {"montant_eur": None}}[kind]
        make(territoire, **lacking)
        one = queries(client, f"{PAGE}?type={kind}")
        for _ in range(4):
            make(territoire, **lacking)
        assert queries(client, f"{PAGE}?type={kind}") == one
        assert one <= 10


def test_seances_cost_the_same_with_one_row_and_with_five(client, comite, queries):
    days = [date(2021, 5, 4) + timedelta(days=n) for n in range(5)]
    f.SeanceFactory(comite_regional=comite, date=days[0])
    one = queries(client, f"{PAGE}?type=seance")
    for day in days[1:]:
        f.SeanceFactory(comite_regional=comite, date=day)
    assert queries(client, f"{PAGE}?type=seance") == one
