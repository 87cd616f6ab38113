"""Every screen of the back-office passes axe at 1280 and at 360 px, in the states that people meet.

One session per role goes from page to page; pages that all models share are opened for a few.
"""

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django.utils.text import slugify

from programme.backoffice.site import GROUPES
from programme.models import Contrat, Projet, Publication, Seance
from territoires.models import Agent, Territoire
from tests import factories as f
from tests.e2e.outils import signed_in
from tests.programme.backoffice import monde
from tests.programme.backoffice.outils import address

pytestmark = pytest.mark.rendu
each_group = pytest.mark.parametrize("groupe", GROUPES, ids=slugify)


@pytest.fixture
def region(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def rows(region):
    return monde.rows(region, f.OperateurFactory(), Publication.BROUILLON)


@pytest.fixture
def session(page):
    """Function: the page, signed in as the agent."""
    return lambda agent: signed_in(page, agent)


def screens(models, agent, rows):
    """The addresses that the agent may open, of the models of one group."""
    request = RequestFactory().get("/admin/")
    request.user = agent
    for model in models:
        screen = admin.site.get_model_admin(model)
        if not screen.has_view_permission(request):
            continue
        yield f"{address(model, 'changelist')}?tout=1"
        yield address(model, "change", rows[model].pk)
        if screen.has_add_permission(request):
            yield address(model, "add")


def models_of(groupe):
    registered = {model.__name__: model for model in admin.site._registry}
    return [registered[name] for name in GROUPES[groupe]]


@each_group
def test_every_screen_of_a_national_administrator(session, axe, rows, groupe):
    agent = f.NationalFactory()
    page = session(agent)
    for screen in screens(models_of(groupe), agent, rows):
        page.goto(screen)
        axe(page)


def test_every_kind_of_screen_of_a_secretariat(session, axe, region, rows):
    agent = f.SecretariatFactory(regions=[region])
    page = session(agent)
    for screen in screens([Contrat, Projet, Territoire, Seance], agent, rows):
        page.goto(screen)
        axe(page)


def test_pages_about_a_record(session, axe, rows):
    page = session(f.NationalFactory())
    for model in (Contrat, Territoire, Agent):
        pk = rows[model].pk
        record = rows[model].history.first()
        for name, args in [
            ("history", [pk]),
            ("version", [pk, record.history_id]),
            ("supprimes", []),
            *([("delete", [pk])] if model is not Agent else []),
        ]:
            page.goto(address(model, name, *args))
            axe(page)


def test_two_records_made_one_by_keyboard(session, axe, rows):
    garde = rows[Projet]
    absorbe = f.ProjetFactory(
        territoire=garde.territoire,
        commune=garde.commune,
        beneficiaire=f"{garde.beneficiaire} SAS",
        objet=garde.objet,
        publication=Publication.BROUILLON,
    )
    page = session(f.NationalFactory())
    page.goto(address(Projet, "fusionner", garde.pk))
    axe(page)
    page.get_by_role("link", name="Comparer avec").first.press("Enter")
    axe(page)
    page.get_by_role("radio", name="Garder cette valeur : Porteur").first.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Fusionner les deux fiches").press("Enter")
    page.get_by_text("est fusionné dans").wait_for()
    assert Projet.objects.get(pk=garde.pk).beneficiaire == absorbe.beneficiaire
    page.goto(address(Projet, "change", absorbe.pk))
    axe(page)


def test_files_deposited_on_a_record(session, axe, rows):
    page = session(f.NationalFactory())
    page.goto(address(Projet, "deposer", rows[Projet].pk))
    axe(page)
    sound = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    wrong = {"name": "programme.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
    page.get_by_label("Fichiers").set_input_files([sound, wrong])
    page.get_by_role("button", name="Déposer").click()
    page.get_by_text("1 document déposé, en brouillon.").wait_for()
    page.get_by_text("« programme.exe » n’a pas été déposé").wait_for()
    axe(page)


def test_a_list_with_its_filters(session, axe, rows):
    page = session(f.NationalFactory())
    for query in ("?publication__exact=brouillon&q=a", "?q=introuvable", "?_facets=True", "?zz=1"):
        page.goto(f"{address(Contrat, 'changelist')}{query}")
        axe(page)


def test_bulk_acts_and_their_messages(session, axe, rows):
    page = session(f.NationalFactory())
    for act, title in (("publier", "Publier : confirmer"), ("delete_selected", "Supprimer plu")):
        page.goto(f"{address(Projet, 'changelist')}?tout=1")
        page.get_by_role("checkbox", name="Choisir :").first.check()
        page.locator("select[name=action]").select_option(act)
        page.get_by_role("button", name="Continuer").click()
        page.get_by_role("heading", level=1, name=title).wait_for()
        axe(page)
    page.goto(f"{address(Projet, 'changelist')}?tout=1")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_text("Cochez au moins une ligne").wait_for()
    axe(page)


def test_a_form_with_added_rows_and_errors(session, axe, rows):
    # Once signed, an avenant is added by an act: its row would not be there.
    contrat = f.ContratFactory(
        statut=Contrat.Statut.EN_PREPARATION, date_signature=None, precision_signature=""
    )
    page = session(f.NationalFactory())
    page.goto(address(Contrat, "change", contrat.pk))
    page.get_by_role("button", name="Ajouter un signataire").click()
    page.get_by_role("button", name="Ajouter un avenant").click()
    page.get_by_text("À quoi servent ces colonnes").first.click()
    axe(page)
    page.get_by_label("Intitulé").fill("")
    page.locator("#id_avenants-0-numero").fill("7")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_role("group", name="Rien n’a été enregistré").wait_for()
    axe(page)


def test_the_desk_and_the_account(session, axe, rows):
    page = session(f.NationalFactory())
    for screen in (
        "/admin/",
        "/admin/programme/",
        reverse("mfa_index"),
        reverse("usersessions_list"),
    ):
        page.goto(screen)
        axe(page)
