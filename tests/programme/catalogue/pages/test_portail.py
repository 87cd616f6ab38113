"""The tags and filters that every page uses."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template

from programme.templatetags.portail import (
    accord,
    euros,
    euros_courts,
    pluriel,
    pour_cent,
    renseigne,
)
from tests.factories import SourceFactory

NBSP = "\N{NO-BREAK SPACE}"


def render(source, **context):
    return Template("{% load portail %}" + source).render(Context(context))


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_value_is_said(missing):
    assert renseigne(missing) == '<span class="non-renseigne">non renseigné</span>'
    assert "non renseigné" in render("{% renseigne x 'ha' %}", x=missing)


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (1158, f"1{NBSP}158"), (True, "oui"), (False, "non"), ("<b>", "&lt;b&gt;")],
)
def test_a_value_is_written_in_french(value, written):
    assert renseigne(value) == written


def test_a_value_has_its_unit():
    assert renseigne(1200, "habitants") == f"1{NBSP}200{NBSP}habitants"


def test_euros_are_whole_and_zero_is_not_missing():
    assert euros(166_000_000) == f"166{NBSP}000{NBSP}000{NBSP}€"
    assert euros(0) == f"0{NBSP}€"
    assert "non renseigné" in euros(None)


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (5_400_000_000, f"5,4{NBSP}Md€"),
        (1_106_882_000, f"1,11{NBSP}Md€"),
        (150_000_000, f"150{NBSP}M€"),
        (850_000, f"850{NBSP}k€"),
        (999_999, f"1{NBSP}M€"),
        (420, f"420{NBSP}€"),
        (0, f"0{NBSP}€"),
    ],
)
def test_short_euros(amount, written):
    assert euros_courts(amount) == written


@pytest.mark.parametrize(
    ("count", "written"),
    [(0, "aucun projet"), (1, "1 projet"), (2, "2 projets"), (1158, "1 158 projets")],
)
def test_plural(count, written):
    assert pluriel(count, "projet,projets").replace(NBSP, " ") == written


def test_share():
    assert pour_cent(1, 3) == f"33{NBSP}%"
    assert "non renseigné" in pour_cent(None, 3)
    assert pour_cent(0, 0) == "sans objet"
    assert "non renseigné" in pour_cent(3, None)


@pytest.mark.parametrize(
    ("precision", "attribute", "words"),
    [
        ("jour", "2019-04-30", "30 avril 2019"),
        ("exacte", "2019-04-30", "30 avril 2019"),
        ("mois", "2019-04", "avril 2019"),
        ("année", "2019", "2019"),
        ("au plus tard", "2019-04-30", "au plus tard le 30 avril 2019"),
    ],
)
def test_a_date_says_no_more_than_is_known(precision, attribute, words):
    written = render("{% date_precise d p %}", d=date(2019, 4, 30), p=precision)
    assert written == f'<time datetime="{attribute}">{words}</time>'


def test_a_date_by_reconstruction_says_so():
    written = render("{% date_precise d 'reconstituée' %}", d=date(2022, 1, 1))
    assert written.endswith("1er janvier 2022</time> (date reconstituée)")


def test_a_moment_is_dated_in_france():
    moment = datetime(2019, 4, 30, 23, 30, tzinfo=UTC)
    assert "1er mai 2019" in render("{% jour d %}", d=moment)


def test_no_date_is_said():
    assert "non renseigné" in render("{% date_precise d 'jour' %}", d=None)


@pytest.mark.django_db
class TestSource:
    def test_a_code_becomes_its_title(self):
        SourceFactory(code="004_f0760174eb9333aa", titre="Communiqué : <engagements>")
        written = render("{% source s %}", s="004_f0760174eb9333aa.txt")
        assert written == (
            '<a href="/sources/004_f0760174eb9333aa/">Communiqué : &lt;engagements&gt;</a>'
        )

    def test_an_address_becomes_a_link_named_by_its_host(self):
        written = render("{% source s %}", s="https://www.ales.fr/actualites/?x=1.")
        assert written == (
            '<a href="https://www.ales.fr/actualites/?x=1" rel="external">ales.fr</a>.'
        )

    def test_several_references_and_words_stay_in_order(self):
        SourceFactory(code="anct-liste-148", titre="Liste de 148")
        written = render("{% source s %}", s="liste du 15/10/2020 ; anct-liste-148 ; <vu>")
        assert written == (
            'liste du 15/10/2020 ; <a href="/sources/anct-liste-148/">Liste de 148</a> ; &lt;vu&gt;'
        )

    def test_an_unknown_code_stays_as_it_is(self):
        assert render("{% source s %}", s="dge-inconnue") == "dge-inconnue"

    def test_no_source_is_said(self):
        assert "non renseignée" in render("{% source s %}", s="")

    def test_titles_are_read_once_a_page(self, django_assert_num_queries):
        SourceFactory(code="anct-liste-148")
        with django_assert_num_queries(4):  # the version, its day, the titles, the glossary
            render("{% source s %}{% source s %}{% source s %}", s="anct-liste-148")
        SourceFactory(code="anct-liste-149", titre="Liste de 149")
        assert "Liste de 149" in render("{% source s %}", s="anct-liste-149")


def test_capture_keeps_what_is_rendered_once_escaped():
    written = render("{% capture t %} a\n  {{ x }} {% endcapture %}[{{ t }}][{{ t }}]", x="<&>")
    assert written == "[a &lt;&amp;&gt;][a &lt;&amp;&gt;]"


def test_breadcrumb():
    written = render("{% fil 'Territoires' '/territoires/' nom %}", nom="Lacq & Pau")
    assert written.count("<li") == 3
    assert 'aria-current="page">Lacq &amp; Pau</a>' in written
    assert '<a class="fr-breadcrumb__link" href="/territoires/"' in written


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [(0, "s", ""), (1, "s", ""), (2, "s", "s"), (0, "le,les", "le"), ([1, 2], "le,les", "les")],
)
def test_none_is_singular(count, words, said):
    assert accord(count, words) == said
