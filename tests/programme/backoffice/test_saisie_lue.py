"""The forms read what people write, echo it, or say what to write; nothing typed is lost."""

import json
import unicodedata

import pytest
from django import forms
from django.contrib import admin
from django.urls import reverse

from programme.backoffice.cadre.champs import ChampLu, Compose
from programme.backoffice.cadre.fusion_formulaire import VersionVue
from programme.models import Contrat, Projet, Publication
from tests import factories as f
from tests.programme.backoffice.outils import act, address, form_data, messages_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretariat, signed_in):
    return signed_in(secretariat)


@pytest.fixture
def orne(normandie):
    return f.DepartementFactory(code="61", nom="Orne", region=normandie)


@pytest.fixture
def projet(normandie, orne):
    commune = f.CommuneFactory(code="61214", nom="L’Aigle", departement=orne, lon=0.63, lat=48.76)
    f.CodePostalFactory(commune=commune, code="61300")
    return f.ProjetFactory(
        territoire=None,
        departement=orne,
        commune=commune,
        code_postal="61300",
        siren="327834214",
        lon=0.63,
        lat=48.76,
        publication=Publication.BROUILLON,
        statut="remonté",
    )


def saved(client, projet, **typed):
    """The response to the form of a project sent with `typed`; the project as it is afterwards."""
    page = address(Projet, "change", projet.pk)
    response = client.post(page, {**form_data(client.get(page)), **typed}, follow=True)
    projet.refresh_from_db()
    return response


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("investissement_eur", "1 500 000 €", 1_500_000),
        ("investissement_eur", "1500000,00", 1_500_000),
        ("investissement_eur", "12 k€", 12_000),
        ("investissement_eur", "1,2 M€", 1_200_000),
        ("emplois_crees", "1\u202f250", 1250),
        ("siren", "356 000 000", "356000000"),
        ("siren", "356 000 000 00048", "356000000"),
        ("siren", "552\u200b 081\u00ad317\ufeff", "552081317"),
        ("code", "fai-\u00ad1234\u200b", "fai-1234"),
        ("objet", unicodedata.normalize("NFD", "Bâtiment réaménagé"), "Bâtiment réaménagé"),
        ("departement_cite", "2a", "2A"),
    ],
)
def test_what_is_read(client, projet, field, typed, kept):
    assert "a été modifié" in text_of(saved(client, projet, **{field: typed}))
    assert getattr(projet, field) == kept


@pytest.mark.parametrize("typed", ["31.12.2024", "31/12/24", "2024-12-31", "31 décembre 2024"])
def test_days(client, projet, typed):
    saved(client, projet, mise_a_jour=typed)
    assert projet.mise_a_jour.isoformat() == "2024-12-31"


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("investissement_eur", "1 250 000,50", "Écrivez 1 250 000 ou 1 250 001."),
        ("investissement_eur", "1,5", "pour 1,5 million, 1 500 000"),
        ("investissement_eur", "1.500", "se lit de deux façons"),
        ("investissement_eur", "1" + "0" * 400, "compte 401 chiffres"),
        ("investissement_eur", "NaN", "n’est pas un nombre"),
        ("investissement_eur", "-5", "est négatif"),
        ("emplois_crees", "12 k€", "Écrivez le nombre seul, 12 000."),
        ("emplois_crees", "3000000000", "dépasse 2 147 483 647"),
        ("siren", "327834215", "son dernier chiffre, la clé, ne correspond pas"),
        ("mise_a_jour", "mars 2024", "par exemple 01/03/2024"),
        ("lat", "48°31", "plusieurs nombres"),
        ("objet", "capacit\ufffd", "perdu en route"),
    ],
)
def test_what_is_refused_is_told_and_kept(client, projet, field, typed, told):
    response = saved(client, projet, **{field: typed})
    assert told in messages_of(response).replace("\u00a0", " ")
    assert form_data(response)[field] == typed


def test_what_the_record_says_already_is_not_questioned(client, projet):
    Projet.objects.filter(pk=projet.pk).update(siren="209416415", lon=2.35, lat=48.85)
    response = saved(client, projet, objet="Autre objet")
    assert "a été modifié" in text_of(response)
    assert (projet.siren, projet.objet) == ("209416415", "Autre objet")


def test_the_field_echoes_what_it_understood(client, projet):
    Projet.objects.filter(pk=projet.pk).update(investissement_eur=1_500_000)
    shown = text_of(client.get(address(Projet, "change", projet.pk)))
    assert "Lu : 1 500 000 €" in shown.replace("\u00a0", " ")
    assert "Lu : 327 834 214" in shown.replace("\u00a0", " ")
    # On a form that comes back for another reason too.
    response = saved(client, projet, investissement_eur="1,2 M€", beneficiaire="")
    assert "Lu : 1 200 000 €" in text_of(response).replace("\u00a0", " ")
    assert form_data(response)["investissement_eur"] == "1,2 M€"


def test_no_field_is_of_the_kind_that_a_wheel_turns(client, projet):
    shown = client.get(address(Projet, "change", projet.pk)).content.decode()
    assert 'type="number"' not in shown
    assert 'inputmode="decimal"' in shown


@pytest.mark.parametrize(
    ("genre", "texte", "answer"),
    [
        ("euros", "1,5 M€", {"lu": "1\u00a0500\u00a0000\u00a0€", "refus": ""}),
        ("jour", "31.12.2024", {"lu": "31 décembre 2024", "refus": ""}),
        ("euros", "", {"lu": "", "refus": ""}),
    ],
)
def test_the_echo_is_the_very_reading(client, genre, texte, answer):
    response = client.get(reverse("admin:lire"), {"genre": genre, "texte": texte})
    assert json.loads(response.content) == answer


def test_the_echo_of_what_is_not_read(client, rf):
    wrong = client.get(reverse("admin:lire"), {"genre": "euros", "texte": "1.500"})
    assert "se lit de deux façons" in json.loads(wrong.content)["refus"]
    assert client.get(reverse("admin:lire"), {"genre": "mot"}).status_code == 400


def all_forms(request):
    """The forms of every screen and of its rows, and those that are declared by hand."""
    for screen in admin.site._registry.values():
        if screen.has_add_permission(request):
            yield screen.get_form(request)
            inlines = screen.get_inline_instances(request)
            yield from (inline.get_formset(request).form for inline in inlines)
    known = [forms.BaseForm]
    for form in known:
        known += form.__subclasses__()
        module = form.__module__
        if module.startswith("programme.backoffice") and "identite" not in module:
            yield form


def unread(field):
    """Whether what is typed in a form field is taken as it comes."""
    typed = forms.CharField | forms.IntegerField | forms.FloatField | forms.DateField
    return (
        isinstance(field, typed)
        and not isinstance(field, Compose | ChampLu | VersionVue)
        and not field.widget.is_hidden
    )


def test_every_field_of_the_back_office_is_read(rf, national):
    request = rf.get("/admin/")
    request.user = national
    found = {
        f"{form.__name__}.{name}"
        for form in all_forms(request)
        for name, field in getattr(form, "base_fields", {}).items()
        if unread(field)
    }
    # The search reads its words itself, and keeps none.
    assert found == {"Question.q"}


@pytest.mark.parametrize(
    ("fabrique", "field", "typed", "kept"),
    [
        (f.SignataireFactory, "nom", "Zoe\u0301 Le\u200bfort", "Zoé Lefort"),
        (f.ServiceFactory, "code", "diag-\u00adecoflux\u200b", "diag-ecoflux"),
        (
            f.DocumentFactory,
            "url",
            "https://www.orne.fr/\u200bacte.pdf\ufeff",
            "https://www.orne.fr/acte.pdf",
        ),
    ],
)
def test_names_codes_and_addresses_are_read_too(client, fabrique, field, typed, kept):
    client.force_login(f.NationalFactory())
    record = fabrique()
    page = address(type(record), "change", record.pk)
    response = client.post(page, form_data(client.get(page)) | {field: typed}, follow=True)
    record.refresh_from_db()
    assert getattr(record, field) == kept, messages_of(response)


def test_acts_read_too(client, normandie):
    contrat = f.ContratFactory(
        territoire__region_porteuse=normandie,
        statut=Contrat.Statut.EN_COURS,
        date_signature="2022-06-01",
        precision_signature="jour",
    )
    assert act(client, contrat, "clore", date_fin="1er mars 2024").status_code == 302
    contrat.refresh_from_db()
    assert contrat.date_fin.isoformat() == "2024-03-01"


# --- The place of a project -------------------------------------------------------------------


def test_longitude_and_latitude_exchanged(client, projet):
    response = saved(client, projet, lon="48,52575", lat="-1,32635")
    assert "avez-vous inversé la longitude et la latitude ?" in messages_of(response)
    assert projet.lon == 0.63


def test_a_point_far_from_its_commune_is_saved_and_told(client, projet):
    response = saved(client, projet, lon="2,35", lat="48,85")
    assert "À vérifier : Le point est à 126 km de L’Aigle (61214)" in messages_of(response)
    assert projet.lon == 2.35


def test_the_commune_gives_the_rest(client, projet, normandie):
    calvados = f.DepartementFactory(code="14", nom="Calvados", region=normandie)
    caen = f.CommuneFactory(code="14118", nom="Caen", departement=calvados, lon=None, lat=None)
    f.CodePostalFactory(commune=caen, code="14000")
    response = saved(client, projet, commune="14118")
    assert (projet.departement_id, projet.code_postal) == ("14", "14000")
    assert "D’après la commune, département : 14." in messages_of(response)


def test_a_place_says_one_thing(client, projet, normandie):
    f.DepartementFactory(code="14", nom="Calvados", region=normandie)
    response = saved(client, projet, departement="14")
    assert "Calvados (14) n’est pas le département de L’Aigle (61214)" in messages_of(response)
    f.CodePostalFactory(commune=f.CommuneFactory(), code="14000")
    response = saved(client, projet, code_postal="14000")
    assert "« 14000 » n’est pas un code postal de L’Aigle (61214)" in messages_of(response)


# --- A row among many, without its key --------------------------------------------------------


def test_a_code_of_before_designates_the_commune_of_today(client, projet, normandie):
    new = f.CommuneFactory(
        code="61001", nom="Alençon", departement=projet.departement, lon=None, lat=None
    )
    f.CommuneAncienneFactory(code="61999", nom="Ancienne", commune=new)
    saved(client, projet, commune_code="61999")
    assert projet.commune == new


def test_a_name_typed_and_not_chosen_is_read_or_offered(client, projet):
    for code, nom in (("61300", "Mortagne-sur-Eau"), ("61301", "Mortagne-au-Bois")):
        f.CommuneFactory(code=code, nom=nom, departement=projet.departement, lon=None, lat=None)
    response = saved(client, projet, commune_code="mortagne")
    told = messages_of(response)
    assert "« mortagne » n’est pas encore un choix. Il peut désigner" in told
    assert "« Mortagne-sur-Eau (61) »" in told
    assert projet.commune_id == "61214"
    assert 'value="mortagne"' in response.content.decode()
    saved(client, projet, commune_code="mortagne sur eau")
    assert projet.commune_id == "61300"
    # What was refused, then chosen in the list.
    saved(client, projet, commune_code="morta", commune_refus="morta", commune="61301")
    assert projet.commune_id == "61301"


def test_a_text_that_names_nothing_is_told(client, projet):
    response = saved(client, projet, commune_code="Nulle-Part")
    assert "« Nulle-Part » ne désigne rien parmi vos choix" in messages_of(response)
    assert projet.commune_id == "61214"


@pytest.mark.parametrize("typed", ["9999-12-31", "abc", "-1", "9" * 40, "1\x00"])
def test_what_is_no_key_of_a_row_is_refused_in_words(signed_in, typed):
    client = signed_in(f.NationalFactory())
    for name in ("contrat", "projet", "seance"):
        response = client.post(reverse("admin:programme_document_add"), {name: typed})
        assert response.status_code == 200
        assert response.context["adminform"].form.errors
    response = client.get(reverse("admin:programme_document_add"), {"contrat": typed})
    assert response.status_code in {200, 400}
