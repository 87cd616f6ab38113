"""« Pourquoi ne vois-je pas… ? »: the rule in words, and nothing of what is hidden."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programme.models import Contrat, Document, EntreeIndex, Projet, Publication, Signataire
from territoires.models import Agent, Role, Territoire
from tests import factories as f
from tests.programme.backoffice.identite.outils import words_of
from tests.programme.backoffice.monde import rows
from tests.programme.backoffice.outils import address

PAGE = "/admin/pourquoi/"
RIEN = "Rien de visible pour vous ne correspond."


def ask(client, q="", **parameters):
    return client.get(PAGE, {"q": q, **parameters})


def answer(client, q="", **parameters):
    """The words of the answer alone."""
    response = ask(client, q, **parameters)
    assert response.status_code == 200
    found = re.search(r'<section id="reponse".*?</section>', response.content.decode(), re.DOTALL)
    if found is None:
        return ""
    response.content = found[0]
    return words_of(response).strip()


@pytest.fixture
def client(signed_in, redacteur):
    return signed_in(redacteur)


@pytest.fixture
def public(contrats):
    """The Breton contract, published."""
    contrats.breton.publication = Publication.PUBLIE
    contrats.breton.save()
    return contrats.breton


# --- The form -----------------------------------------------------------------------------------


def test_the_page_asks_nothing_at_first(client):
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "errornote" not in response.content.decode()
    assert 'id="reponse"' not in response.content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"q": ""}, "Donnez un nom, un code ou une adresse, ou choisissez un genre."),
        ({"q": "   "}, "Donnez un nom, un code ou une adresse"),
        ({"q": "🏭"}, "Écrivez une lettre ou un chiffre au moins."),
        ({"q": '"'}, "Écrivez une lettre ou un chiffre au moins."),
        ({"q": "%_\\"}, "Écrivez une lettre ou un chiffre au moins."),
        ({"q": "x" * 301}, "300 caractères au plus"),
        ({"q": "a\x00b"}, "Retirez les caractères nuls"),
        ({"q": "a", "type": "auth.group"}, "Ce genre n’existe pas"),
        ({"q": "a", "type": "territoires.agent"}, "Ce genre n’existe pas"),
        ({"q": "a", "type": "programme.journalacces"}, "Ce genre n’existe pas"),
    ],
)
def test_a_bad_question_is_told(client, query, sentence):
    response = client.get(PAGE, query)
    assert response.status_code == 200
    assert sentence in words_of(response)
    assert 'id="reponse"' not in response.content.decode()


@pytest.mark.parametrize(
    ("q", "sentence"),
    [
        ("https://exemple.fr/contrats/x/", "Cette adresse est celle d’un autre site"),
        ("http://[", "Cette adresse est mal écrite"),
        ("http://testserver:abc/x", "Cette adresse est celle d’un autre site"),
        ("/nulle/part/", "Aucune page du portail n’a cette adresse."),
        ("/communes/%00/", "Aucune page du portail n’a cette adresse."),
        ("/admin/", "Cette adresse n’est pas celle d’un enregistrement du portail."),
        ("/donnees/", "Cette adresse n’est pas celle d’un enregistrement du portail."),
        ("/admin/territoires/agent/1/change/", "n’est pas celle d’un enregistrement"),
        ("/admin/programme/contrat/abc/change/", RIEN),
        ("/admin/programme/contrat/99999999999999999999999/change/", RIEN),
        ("/documents/99999999999999999999999/", RIEN),
        ("'; DROP TABLE--", RIEN),
        ('zq"', RIEN),
        ("<script>alert(1)</script>", RIEN),
    ],
)
def test_hostile_questions_get_a_sentence(client, contrats, q, sentence):
    response = ask(client, q)
    assert response.status_code == 200
    assert sentence in words_of(response)
    assert "<script>alert" not in response.content.decode()


def test_nobody_asks_without_signing_in(db):
    assert Client().get(PAGE).url == f"/admin/login/?next={PAGE}"


def test_nothing_is_posted(client, contrats):
    assert client.post(PAGE, {"q": "Acte"}).status_code == 200
    assert 'id="reponse"' not in client.post(PAGE, {"q": "Acte"}).content.decode()


# --- What is theirs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    [
        lambda c: "acte NORMANDE",
        lambda c: c.slug,
        lambda c: address(Contrat, "change", c.pk),
        lambda c: address(Contrat, "history", c.pk),
        lambda c: f"http://testserver{c.get_absolute_url()}?x=1#y",
        lambda c: f"  {c.get_absolute_url()} ",
    ],
)
def test_a_draft_of_ones_own(client, contrats, q):
    said = answer(client, q(contrats.normand))
    assert "Acte normande" in said
    assert "Voir Oui : cet enregistrement relève de Normandie (les vôtres : Normandie)" in said
    assert "Modifier, supprimer Oui" in said
    assert (
        "Publier ou retirer du site, valider en comité, signer, clore, abandonner Non : votre "
        "rôle (rédacteur régional) ne le permet pas ; ce droit est celui de : administrateur "
        "national ou secrétariat régional"
    ) in said
    assert "Champs en lecture seule statut, publication, adresse et séance de validation" in said
    assert "Publication « brouillon » ; peut devenir « à valider »" in said
    assert "Statut « en préparation » ; peut devenir « abandonné » ou « validé en comité »" in said
    assert "Le public le voit Non" in said
    assert "est « brouillon » : il reste à le proposer, puis à le publier" in said
    assert "sa page publique" not in said


def test_the_lock_is_told_by_its_own_words(client, contrats):
    contrats.normand.publication = Publication.PUBLIE
    contrats.normand.save()
    said = answer(client, "Acte normande")
    reason = (
        "« contrat de territoire – Acte normande » est publié : votre rôle (rédacteur régional) "
        "modifie ce qui est en brouillon ou à valider."
    )
    assert f"Modifier, supprimer Non : {reason}" in said
    assert "Proposez le changement par son formulaire : qui publie vous répondra." in said
    assert (
        "Proposer un changement à ce qui est publié Oui : dans le formulaire de sa page, en disant "
        "pourquoi ; y répond : administrateur national ou secrétariat régional"
    ) in said
    assert "Le public le voit Oui : « contrat de territoire – Acte normande » est publié" in said
    assert "La recherche du site le trouve Oui" in said


def test_the_lock_of_a_row_is_its_parents(client, contrats):
    contrats.normand.publication = Publication.RETIRE
    contrats.normand.save()
    row = contrats.normand.signataires.get()
    said = answer(client, address(Signataire, "change", row.pk))
    assert "Modifier, supprimer Non : « contrat de territoire – Acte normande » est retiré" in said
    assert "est « retiré » : il a été retiré du site" in said


def test_whoever_publishes_is_not_locked(signed_in, secretariat, contrats):
    contrats.normand.publication = Publication.PUBLIE
    contrats.normand.save()
    said = answer(signed_in(secretariat), "Acte normande")
    acts = "Modifier, supprimer, publier ou retirer du site, valider en comité, signer, clore, "
    assert f"{acts}abandonner Oui" in said
    assert "Publication « publié » ; peut devenir « retiré »" in said


def test_every_parent_counts_for_the_public(client, contrats):
    document = f.DocumentFactory(contrat=contrats.normand, territoire=None, titre="Plan d’acier")
    assert document.publication == Publication.PUBLIE
    said = answer(client, "plan d'acier")
    assert "Le public le voit Non" in said
    assert "« Plan d’acier » est publié" in said
    assert "« contrat de territoire – Acte normande » est « brouillon »" in said


def test_a_parent_outside_is_not_named(signed_in, contrats, normandie):
    """A document of a territory of ours, that the same row ties to a contract of theirs."""
    seance = f.SeanceFactory(comite_regional__region=normandie, publication=Publication.BROUILLON)
    decision = f.DecisionFactory(seance=seance, contrat=contrats.breton, texte="Ajourné")
    lecteur = signed_in(f.LecteurFactory(regions=[normandie]))
    said = answer(lecteur, address(type(decision), "change", decision.pk))
    assert "ce dont il dépend (hors de votre périmètre) est « brouillon »" in said
    assert "Acte bretonne" not in said


def test_a_territory_that_left_the_map(client, contrats):
    territoire = contrats.normand.territoire
    territoire.rattachements.update(fin=date(2021, 12, 31))
    said = answer(client, territoire.code)
    assert "Sur la carte d’aujourd’hui Non : il l’a quittée le 31 décembre 2021" in said
    territoire.rattachements.all().delete()
    assert "il n’a aucun membre" in answer(client, territoire.code)


def test_what_the_index_lost_is_told(client, contrats):
    EntreeIndex.objects.all().delete()
    said = answer(client, contrats.normand.territoire.code)
    assert "La recherche du site le trouve Non : l’index ne le connaît pas" in said


def test_a_territory_is_public_so_a_redacteur_proposes(client, contrats):
    said = answer(client, contrats.normand.territoire.code)
    assert "est public dès l’enregistrement : votre rôle (rédacteur régional)" in said
    assert "Proposer un changement à ce qui est publié Oui" in said
    assert "Supprimer Non : votre rôle" in said
    assert "Ajuster la carte Non : votre rôle" in said


@pytest.mark.parametrize("q", ["ti-9999", "L’Aigle-sur-Forge 61214", "61214", "200068468"])
def test_codes_and_places(client, normandie, q):
    place = f.CommuneFactory(
        code="61214", intercommunalite__siren="200068468", nom="L’Aigle-sur-Forge 61214"
    )
    said = answer(client, q)
    if q == "ti-9999":
        assert said.startswith(RIEN)
        return
    assert "Le public le voit Oui" in said
    assert "sont ouverts à tous les agents comme lui" in said
    if "61214" in q:
        assert str(place) in said


def test_a_kind_says_what_the_role_may(client):
    for question in (
        {"q": "", "type": "programme.enveloppe"},
        {"q": address(Projet, "changelist")},
        {"q": address(Projet, "add")},
    ):
        said = answer(client, **question)
        assert "d’après votre rôle (rédacteur régional)" in said
        assert RIEN not in said
    said = answer(client, type="programme.enveloppe")
    assert "Voir Oui Ajouter, modifier Non : votre rôle" in said
    assert "Publier ou retirer du site Non : votre rôle" in said


def test_no_role_deletes_a_member(client):
    said = answer(client, type="territoires.rattachement")
    assert "Supprimer" not in said, "a right of nobody is no door"


def test_too_many_are_not_all_told(client, normandie):
    f.ContratFactory.create_batch(8, territoire__region_porteuse=normandie, intitule="Forges")
    said = answer(client, "Forges", type="programme.contrat")
    assert "D’autres enregistrements correspondent : précisez le nom" in said


# --- What is hidden -----------------------------------------------------------------------------


@pytest.fixture
def absent(contrats):
    """An address, a name, a code that no row has, of the same length as the Breton ones'."""
    return {
        address(Contrat, "change", contrats.breton.pk): address(Contrat, "change", 900_000),
        "Acte bretonne": "Acte wretonne",
        contrats.breton.get_absolute_url(): "/contrats/nulle-part/",
    }


def body(client, q, **parameters):
    """The page without what changes from one to the next: the question and the tokens."""
    page = ask(client, q, **parameters).content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r'(<input type="text" name="q" value=)"[^"]*"', r"\1", page)


@pytest.mark.parametrize("parameters", [{}, {"type": "programme.contrat"}])
def test_what_is_hidden_is_answered_as_what_does_not_exist(client, absent, parameters):
    for hidden, nothing in absent.items():
        assert body(client, hidden, **parameters) == body(client, nothing, **parameters)
        assert answer(client, hidden, **parameters).count(RIEN) == 1
        for question in (hidden, nothing):  # what is read once a process is read
            ask(client, question, **parameters)
        with CaptureQueriesContext(connection) as of_hidden:
            ask(client, hidden, **parameters)
        with CaptureQueriesContext(connection) as of_nothing:
            ask(client, nothing, **parameters)
        assert len(of_hidden) == len(of_nothing)


def test_the_answer_names_the_regions_and_the_remedy(client, contrats):
    said = answer(client, "Acte bretonne")
    assert said == (
        f"{RIEN} Soit cela n’existe pas, soit cela relève d’une autre région ou d’un autre "
        "opérateur (les vôtres : Normandie) et n’est pas publié. Vérifiez l’orthographe ; sinon, "
        "demandez à l’administrateur national."
    )


@pytest.mark.lent
@pytest.mark.parametrize("role", [role for role in Role if role != Role.NATIONAL])
def test_no_kind_of_record_leaks(db, signed_in, role):
    """Every kind, by its address and by each of its words: nothing of what is hidden is told."""
    normandie, bretagne = f.RegionFactory(code="28"), f.RegionFactory(code="53")
    ours, theirs = f.OperateurFactory(), f.OperateurFactory()
    hidden = rows(bretagne, theirs, Publication.BROUILLON)
    agent = (
        f.ReferentAgentFactory(operateur=ours)
        if role == Role.REFERENT
        else f.AgentFactory(role=role, regions=[normandie])
    )
    client = signed_in(agent)
    for model, row in hidden.items():
        if model not in admin.site._registry:
            continue
        known = model._default_manager.visible_to(agent).filter(pk=row.pk).exists()
        if known or model in {Territoire, *_always_public(model)}:
            continue
        for q in (address(model, "change", row.pk), str(row)):
            said = answer(client, q[:300])
            assert str(row) not in said.replace(q, ""), (model, q)


def _always_public(model):
    return [model] if not hasattr(model._default_manager.all(), "published") else []


def test_a_public_record_of_another_region_says_whose_it_is(client, public):
    said = answer(client, "Acte bretonne")
    assert "Voir Non : cet enregistrement relève de Bretagne (les vôtres : Normandie)" in said
    assert "Modifier" not in said
    assert "Le public le voit Oui" in said
    assert "sa page publique" in said
    assert "sa page ici" not in said
    assert "Signataire bretonne" not in said


def test_a_shared_territory_names_both_regions(client, normandie, bretagne):
    f.TerritoireFactory(nom="Mont partagé", region_porteuse=bretagne, regions=[normandie])
    said = answer(client, "mont partage")
    assert "relève de Bretagne et Normandie (les vôtres : Normandie)" in said


def test_an_operateur_is_told_in_the_same_way(signed_in, contrats):
    ours, theirs = f.OperateurFactory(nom="Banque A"), f.OperateurFactory(nom="Banque B")
    f.ServiceFactory(operateur=ours, intitule="Prêt vert")
    f.ServiceFactory(operateur=theirs, intitule="Prêt bleu")
    f.ServiceFactory(operateur=theirs, intitule="Prêt secret", publication=Publication.BROUILLON)
    client = signed_in(f.ReferentAgentFactory(operateur=ours))
    assert "Voir Oui : cet enregistrement relève de Banque A (le vôtre : Banque A)" in answer(
        client, "pret vert"
    )
    assert "Voir Non : cet enregistrement relève de Banque B (le vôtre : Banque A)" in answer(
        client, "pret bleu"
    )
    assert "(le vôtre : Banque A)" in answer(client, "pret secret")
    assert answer(client, "pret secret").startswith(RIEN)


def test_a_role_without_the_kind_is_told(signed_in, public):
    said = answer(signed_in(f.ReferentAgentFactory()), "Acte bretonne")
    assert "Voir Non : votre rôle (référent d’opérateur) ne le permet pas ; ce droit" in said
    assert "Le public le voit Oui" in said


# --- What was deleted ---------------------------------------------------------------------------


def test_what_was_deleted_says_by_whom(client, signed_in, secretariat, contrats, bretagne):
    kept, theirs = contrats.normand.signataires.get(), contrats.breton.signataires.get()
    pages = [address(Signataire, "change", row.pk) for row in (kept, theirs)]
    history = address(Signataire, "history", kept.pk)
    for row in (kept, theirs):
        row._history_user = secretariat
        row.delete()
    for said in (
        answer(client, pages[0]),
        answer(client, "Signataire normande", type="programme.signataire"),
    ):
        assert "Signataire supprimé par Sacha Secrétariat (le " in said
        assert "Son historique" in said
    assert f'href="{history}"' in ask(client, pages[0]).content.decode()
    assert client.get(history).status_code == 200
    nothing = address(Signataire, "change", 900_000)
    assert body(client, pages[1]) == body(client, nothing)
    assert answer(client, "Signataire bretonne", type="programme.signataire").endswith(
        "demandez à l’administrateur national."
    )


# --- A national administrator -------------------------------------------------------------------


@pytest.fixture
def boss(signed_in, national):
    return signed_in(national)


def test_a_national_administrator_sees_the_whole_rule(boss, contrats):
    said = answer(boss, "Acte bretonne")
    assert "un administrateur national voit toutes les régions" in said
    assert "Modifier, supprimer, publier" in said
    assert "Rien ne correspond, même supprimé" in answer(boss, "nulle part")


def test_and_asks_for_another_agent(boss, redacteur, contrats):
    said = answer(boss, "Acte bretonne", pour=redacteur.pk)
    assert "Ce que peut René Rédacteur ici" in said
    assert (
        "Voir Non : cet enregistrement relève de Bretagne (celles de René Rédacteur : Normandie)"
        in said
    )
    assert "Le public le voit Non" in said
    said = answer(boss, "Acte normande", pour=redacteur.pk)
    assert "le rôle de René Rédacteur (rédacteur régional) ne le permet pas" in said
    said = answer(boss, address(Agent, "change", redacteur.pk), pour=redacteur.pk)
    assert "ce droit est celui de : administrateur national" in said


@pytest.mark.parametrize("pour", ["0", "abc", "999999999999999999999"])
def test_no_such_agent(boss, pour):
    assert "Cet agent n’existe pas" in words_of(ask(boss, "Acte", pour=pour))


def test_others_ask_for_themselves_alone(client, national, contrats):
    response = ask(client, "Acte bretonne", pour=national.pk)
    assert "Pour quel agent" not in words_of(response)
    assert RIEN in words_of(response)


# --- The ways to the page -----------------------------------------------------------------------


def test_the_doors_lead_to_it(client, contrats):
    normand = address(Contrat, "change", contrats.normand.pk)
    assert f'href="{PAGE}"' in client.get("/admin/").content.decode()
    assert f"{PAGE}?q={normand.replace('/', '%2F')}" in client.get(normand).content.decode()
    hidden = address(Contrat, "change", contrats.breton.pk)
    response = client.get(hidden)
    assert response.status_code == 404
    assert f"{PAGE}?q={hidden.replace('/', '%2F')}" in response.content.decode()
    empty = client.get(address(Contrat, "changelist"), {"q": "acte bretonne"}).content.decode()
    assert f"{PAGE}?q=acte%20bretonne&amp;type=programme.contrat" in empty
    assert "Pourquoi" not in words_of(Client().get("/nulle-part/"))


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        (
            "/admin/territoires/agent/",
            "Il faut pouvoir voir les agents : votre rôle (rédacteur régional) ne le permet pas ;",
        ),
        ("/admin/programme/jalon/add/", "ce droit est celui de : administrateur national."),
        ("/admin/territoires/agent/1/voir-comme/", "Il faut pouvoir modifier les agents"),
        ("/admin/programme/enveloppe/add/", "Il faut pouvoir ajouter les enveloppes"),
        ("/admin/territoires/commune/add/", "aucun rôle ne le permet"),
    ],
)
def test_a_refusal_says_which_right_is_missing(client, page, sentence):
    response = client.get(page)
    assert response.status_code == 403
    words = words_of(response)
    assert sentence in words
    assert "Pourquoi ne vois-je pas cette page ?" in words


def test_a_refusal_tells_the_lock_of_ones_own_record(client, contrats):
    contrats.normand.publication = Publication.PUBLIE
    contrats.normand.save()
    response = client.get(address(Contrat, "delete", contrats.normand.pk))
    assert response.status_code == 403
    assert "est publié : votre rôle (rédacteur régional)" in words_of(response)


def test_the_cost_does_not_grow(client, normandie):
    def count(question):
        with CaptureQueriesContext(connection) as queries:
            ask(client, **question)
        return len(queries)

    f.DocumentFactory(territoire__region_porteuse=normandie, titre="Autre chose")
    question = {"q": "Nulle part"}
    few = count(question)
    f.DocumentFactory.create_batch(20, territoire__region_porteuse=normandie)
    assert count(question) == few
    assert Document.objects.count() == 21
