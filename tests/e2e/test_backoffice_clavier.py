"""The back-office by keyboard: to the content, to the errors, through the rows, never to a loss."""

import pytest

from programme.models import Contrat, Projet, Publication
from tests import factories as f
from tests.e2e.outils import signed_in
from tests.programme.backoffice.outils import address


@pytest.fixture
def region(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def contrat(region):
    return f.ContratFactory(
        territoire__region_porteuse=region, intitule="Acte", publication=Publication.BROUILLON
    )


@pytest.fixture
def bureau(page, region):
    return signed_in(page, f.SecretariatFactory(regions=[region]))


def focused(page, expression="document.activeElement.id"):
    return page.evaluate(expression)


def test_the_first_key_leads_to_the_content(bureau, contrat):
    bureau.goto(address(Contrat, "changelist"))
    bureau.keyboard.press("Tab")
    link = bureau.get_by_role("link", name="Aller au contenu")
    assert link.evaluate("link => link === document.activeElement")
    assert link.bounding_box()["y"] >= 0
    bureau.keyboard.press("Enter")
    assert focused(bureau) == "content-start"


def test_a_refused_form_leads_to_its_errors(bureau, region):
    # Once signed, an avenant is added by an act: its row would not be there.
    contrat = f.ContratFactory(
        territoire__region_porteuse=region,
        statut=Contrat.Statut.EN_PREPARATION,
        date_signature=None,
        precision_signature="",
    )
    bureau.goto(address(Contrat, "change", contrat.pk))
    bureau.get_by_label("Intitulé").fill("")
    bureau.get_by_role("button", name="Ajouter un avenant").click()
    bureau.locator("#id_avenants-0-numero").fill("1")
    bureau.get_by_label("Intitulé").press("Enter")
    summary = bureau.get_by_role("group", name="Rien n’a été enregistré. Corrigez 2 erreurs")
    summary.wait_for()
    assert summary.evaluate("box => box === document.activeElement")
    assert summary.get_by_role("link").all_inner_texts() == ["Intitulé", "Avenant, ligne 1 : Objet"]
    bureau.keyboard.press("Tab")
    bureau.keyboard.press("Enter")
    assert focused(bureau) == "id_intitule"
    assert bureau.get_by_label("Intitulé").get_attribute("aria-invalid") == "true"
    summary.get_by_role("link", name="Avenant, ligne 1 : Objet").click()
    assert focused(bureau) == "id_avenants-0-objet"


def test_an_error_of_a_field_that_suggests_leads_to_it(bureau, region):
    bureau.goto(address(Contrat, "add"))
    bureau.get_by_role("button", name="Enregistrer", exact=True).click()
    summary = bureau.get_by_role("group", name="Corrigez")
    summary.wait_for()
    bureau.get_by_role("combobox", name="Territoire").wait_for()  # a script makes it one
    summary.get_by_role("link", name="Territoire").click()
    assert focused(bureau) == "id_territoire"
    assert focused(bureau, "document.activeElement.getAttribute('role')") == "combobox"


def test_enter_saves_and_never_deletes(bureau, contrat):
    bureau.goto(address(Contrat, "change", contrat.pk))
    bureau.get_by_label("Lieu de signature").fill("Caen")
    bureau.get_by_label("Lieu de signature").press("Enter")
    bureau.get_by_text("a été modifié").wait_for()
    contrat.refresh_from_db()
    assert contrat.lieu == "Caen"


def test_rows_are_added_and_taken_away_by_keyboard(bureau, contrat):
    bureau.goto(address(Contrat, "change", contrat.pk))
    add = bureau.get_by_role("button", name="Ajouter un signataire")
    add.focus()
    add.press("Space")
    assert focused(bureau) == "id_signataires-1-organisme"
    remove = bureau.locator("#signataires-1").get_by_role("button", name="Retirer la ligne")
    remove.focus()
    remove.press("Enter")
    assert bureau.locator("#signataires-1").count() == 0
    assert add.evaluate("button => button === document.activeElement")


def test_what_is_typed_is_not_left_without_a_word(bureau, contrat):
    asked = []
    bureau.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page = address(Contrat, "change", contrat.pk)
    bureau.goto(page)
    bureau.goto(address(Contrat, "changelist"))
    assert asked == []
    bureau.goto(page)
    bureau.get_by_label("Lieu de signature").press_sequentially("Caen")
    bureau.goto(address(Contrat, "changelist"))
    assert asked == ["beforeunload"]
    bureau.goto(page)
    bureau.get_by_label("Lieu de signature").press_sequentially("Caen")
    bureau.get_by_role("button", name="Enregistrer", exact=True).click()
    bureau.get_by_text("a été modifié").wait_for()
    assert asked == ["beforeunload"]


def test_rows_are_chosen_and_published_by_keyboard(bureau, contrat):
    bureau.goto(address(Contrat, "changelist"))
    box = bureau.get_by_role("checkbox", name="Choisir : contrat")
    box.focus()
    box.press("Space")
    bureau.get_by_text("Sélection : 1 sur 1").wait_for()
    act = bureau.get_by_label("Avec la sélection")
    act.focus()
    act.press_sequentially("Publier")
    act.press("Tab")
    bureau.keyboard.press("Enter")
    bureau.get_by_role("heading", name="Publier : confirmer").wait_for()
    confirm = bureau.get_by_role("button", name="Confirmer")
    confirm.focus()
    confirm.press("Enter")
    bureau.get_by_text("Enregistrements passés à « publié » : 1.").wait_for()


def test_a_list_and_its_filters_come_back(bureau, contrat, region):
    f.ProjetFactory(territoire__region_porteuse=region)
    bureau.goto(address(Contrat, "changelist"))
    bureau.get_by_role("navigation", name="Filtrer").get_by_role("link", name="brouillon").click()
    bureau.get_by_role("heading", name="Contrats : publication brouillon").wait_for()
    bureau.get_by_role("link", name="Acte", exact=True).click()
    bureau.get_by_role("link", name="Contrats").first.click()
    bureau.get_by_role("heading", name="Contrats : publication brouillon").wait_for()
    bureau.get_by_role("link", name="Le bureau du comité").click()
    bureau.get_by_role("link", name="Contrats", exact=True).first.click()
    bureau.get_by_role("heading", name="Contrats : publication brouillon").wait_for()
    bureau.get_by_role("link", name="Effacer les filtres (1 actif)").press("Enter")
    bureau.get_by_role("heading", name="Contrats", exact=True).wait_for()
    bureau.goto(address(Contrat, "changelist"))
    bureau.get_by_role("heading", name="Contrats", exact=True).wait_for()
    bureau.goto(address(Projet, "changelist"))
    bureau.get_by_role("heading", name="Projets", exact=True).wait_for()


def test_nothing_in_focus_is_hidden_behind_the_bar(bureau, contrat):
    bureau.goto(address(Contrat, "change", contrat.pk))
    bar = bureau.locator(".submit-row")
    for name in ("lieu", "date_fin", "nb_actions", "source", "signataires-0-nom"):
        field = bureau.locator(f"#id_{name}")
        field.focus()
        box, limit = field.bounding_box(), bar.bounding_box()["y"]
        assert box["y"] + box["height"] <= limit, name
