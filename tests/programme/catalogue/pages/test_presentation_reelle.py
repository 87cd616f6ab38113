"""« Le programme » and the glossary on the real data: nothing without its day and source."""

import re

import pytest
from django.conf import settings

from programme.models import Affirmation, ComiteRegional, Personne, Terme
from territoires.models import Territoire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]


def test_there_are_four_aims_and_no_fifth():
    aims = Affirmation.objects.published().filter(rubrique=Affirmation.Rubrique.BUT)
    assert [aim.titre for aim in aims] == ["Attirer", "Recruter", "Simplifier", "Innover"]


def test_every_source_is_a_document_that_the_site_has(client):
    page = client.get("/programme/").content.decode()
    assert not re.search(r"\b00\d_[0-9a-f]{16}\b(?![\"/])", re.sub(r'href="[^"]*"', "", page))


def test_the_conseil_regional_presides_where_there_is_a_committee(client):
    comites = ComiteRegional.objects.all()
    assert {comite.presidence for comite in comites} == {"le conseil régional"}
    assert client.get("/programme/").content.decode().count("présidé par") == len(comites) == 17


def test_nobody_is_named_without_a_function():
    assert Personne.objects.count() == 15
    assert not Personne.objects.filter(fonction="").exists()


def test_the_nine_pilots_that_the_source_names_are_listed(client):
    page = client.get("/programme/").content.decode()
    nine = Territoire.objects.exclude(pilote="")
    assert len(nine) == 9
    assert re.search(r"9\s+pilotes nommés", page)
    assert all(f'href="{territoire.get_absolute_url()}"' in page for territoire in nine)


def test_the_two_phases_are_told_with_their_days(client):
    page = client.get("/programme/").content.decode()
    assert "Phase 1 (2018-2023)" in page
    assert "9 novembre 2023</time> (date reconstituée)" in page


def test_the_words_that_pages_name_are_in_the_glossary():
    codes = set(Terme.objects.values_list("code", flat=True))
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    named = {
        code for path in templates for code in re.findall(r'{% mot "([^"]+)"', path.read_text())
    }
    assert named - codes == set()


def test_the_pages_that_words_lead_to_answer(client):
    for page in sorted(set(Terme.objects.exclude(page="").values_list("page", flat=True))):
        if page != "/carte/lignees/":
            assert client.get(page).status_code == 200, page
