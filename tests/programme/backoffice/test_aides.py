"""Beside each field: what it is for, and who sees it; the second is never a mere claim."""

from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from programme.backoffice.aides import help_of, purpose_of, who_sees
from programme.backoffice.aides.phrases import PHRASES
from programme.backoffice.aides.visibilite import SUR_LES_PAGES, is_public, published_fields
from programme.donnees.jeux import JEUX
from programme.models import ComiteNational, Contrat, Document, Financement, Projet, Publication
from territoires.models import Agent, Territoire
from tests import factories as f
from tests.programme.backoffice import monde
from tests.programme.backoffice.outils import address
from tests.test_urls import WITHOUT_ARGUMENT

LONGUEUR = 160
# Shown of a territory that has left the map, and in place of minutes that are not written yet.
SELON_LE_CAS = {"source_sortie", "ordre_du_jour"}


class Champs(HTMLParser):
    """Reads a page: the fields that a person fills, and every `id`."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.fields = set(), []
        self.group = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids.add(attrs.get("id"))
        if attrs.get("role") == "group":
            self.group = attrs.get("aria-describedby", "")
        typed = tag in {"select", "textarea"} or (
            tag == "input" and attrs.get("type") not in {"hidden", "submit", "button", "search"}
        )
        # The code typed without JavaScript, and boxes of Django's own, speak for themselves. What
        # has no name is sent with no form: the appearance of the page is no field, nor its search.
        name = attrs.get("name", "")
        if typed and name and not name.endswith(("_code", "-DELETE", "-clear")):
            self.fields.append((name, attrs.get("aria-describedby") or self.group or ""))


def editable_models(request):
    return [
        (model, screen)
        for model, screen in admin.site._registry.items()
        if screen.has_add_permission(request)
    ]


@pytest.fixture
def demande(rf, national):
    request = rf.get("/admin/")
    request.user = national
    return request


@pytest.fixture
def fields(demande):
    """Every model field that some form of the back-office lets somebody fill."""
    found = {}
    for _, screen in editable_models(demande):
        forms = [screen.get_form(demande)]
        inlines = screen.get_inline_instances(demande)
        forms += [inline.get_formset(demande).form for inline in inlines]
        for form in forms:
            for name in form.base_fields:
                if name != "version_vue":
                    field = form._meta.model._meta.get_field(name)
                    found[f"{field.model._meta.label}.{name}"] = field
    return found


def test_every_field_says_what_it_is_for(fields):
    assert [name for name, field in fields.items() if not purpose_of(field)] == []


def test_help_is_short_french_and_adds_to_the_label(fields):
    assert len(fields) > 150
    for name, field in fields.items():
        purpose = purpose_of(field)
        assert purpose[0].isupper() or purpose[0] == "«", name
        assert purpose[-1] in ".…", name
        assert "'" not in purpose, f"{name} : apostrophe typographique"
        assert purpose.rstrip(".").lower() != str(field.verbose_name).lower(), name
        assert len(f"{purpose} {who_sees(field)}") <= LONGUEUR, name


def test_no_sentence_is_left_without_a_field(fields):
    written = {f"{label}.{name}" for label, names in PHRASES.items() for name in names}
    assert written <= set(fields)
    listed = {f"{label}.{name}" for label, names in SUR_LES_PAGES.items() for name in names}
    assert listed <= set(fields)


def test_what_a_dataset_publishes_is_not_listed_again():
    listed = {(label, name) for label, names in SUR_LES_PAGES.items() for name in names}
    known = {("programme.Financement", "enveloppe")}
    twice = listed & published_fields()
    assert twice - known == set() or all(name in {"region", "nom"} for _, name in twice)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "name", "sentence"),
    [
        (Contrat, "montant_eur", "Public quand la fiche est publiée."),
        (Projet, "code_postal", "Public quand la fiche est publiée."),
        (Territoire, "chef_de_projet", "Public dès l’enregistrement."),
        (Territoire, "regions", "Public dès l’enregistrement."),
        (Financement, "montant_accorde_eur", "Public quand le projet est publié."),
        (Agent, "email", "Interne : visible des administrateurs nationaux seulement."),
        (Document, "publication", ""),
    ],
)
def test_who_sees_a_field_is_derived(model, name, sentence):
    assert who_sees(model._meta.get_field(name)) == sentence


def test_help_is_safe_html():
    assert help_of(Contrat._meta.get_field("lieu")) == (
        "La commune, ou le lieu précis. Exemple : « Alençon ». "
        '<span class="vu-par public">Public quand la fiche est publiée.</span>'
    )


@pytest.mark.parametrize("page", ["add", "change"])
def test_each_field_of_a_page_is_described(signed_in, national, demande, normandie, page):
    client = signed_in(national)
    rows = monde.rows(normandie, f.OperateurFactory(), Publication.BROUILLON)
    for model, _ in editable_models(demande):
        args = [rows[model].pk] if page == "change" else []
        shown = Champs(client.get(address(model, page, *args)).content.decode())
        assert shown.fields
        for name, described in shown.fields:
            assert described, f"{model.__name__}.{name} n’a pas d’aide"
            assert set(described.split()) <= shown.ids, f"{model.__name__}.{name} : {described}"


# --- The claim is true --------------------------------------------------------------------------


def is_free_text(field):
    """Whether any word may be typed in `field`."""
    text = isinstance(field, models.TextField) or type(field) is models.CharField
    short = (field.max_length or 200) < 20 or field.name == "code"
    return text and field.editable and not (field.choices or field.primary_key or short)


def mark(rows):
    """Write a word of its own in each free text of `rows`; return {(label, field): word}."""
    words = {}
    for model, row in rows.items():
        names = [field.name for field in model._meta.concrete_fields if is_free_text(field)]
        mine = {name: f"zq{len(words) + rank:03d}zq" for rank, name in enumerate(names)}
        if mine:
            model._base_manager.filter(pk=row.pk).update(**mine)
        words |= {(model._meta.label, name): word for name, word in mine.items()}
    return words


def public_pages(rows):
    addresses = {reverse(name) for name in WITHOUT_ARGUMENT}
    with_page = [row for row in rows.values() if hasattr(row, "get_absolute_url")]
    addresses |= {row.get_absolute_url() for row in with_page}
    addresses |= {reverse("api_jeu", args=[code]) for code in JEUX}
    return sorted(addresses)


def test_the_public_reads_what_is_called_public_and_nothing_internal(normandie, national):
    rows = monde.rows(normandie, f.OperateurFactory(), Publication.PUBLIE)
    f.SeanceFactory(
        comite_regional=None, comite_national=rows[ComiteNational], publication="publié"
    )
    words = mark({model: row for model, row in rows.items() if hasattr(model, "history")})
    client = Client()
    shown = ""
    for page in public_pages(rows):
        response = client.get(page)
        parts = response.streaming_content if response.streaming else [response.content]
        shown += b"".join(parts).decode(errors="replace")
    fields = {key: rows_field(key) for key in words}
    leaked = [key for key, word in words.items() if word in shown and not is_public(fields[key])]
    assert leaked == []
    for label, names in SUR_LES_PAGES.items():
        for name in names:
            word = words.get((label, name))
            if word is None or name in SELON_LE_CAS:
                continue
            assert word in shown, f"{label}.{name} n’est sur aucune page publique"


def rows_field(key):
    label, name = key
    model = next(model for model in admin.site._registry if model._meta.label == label)
    return model._meta.get_field(name)
