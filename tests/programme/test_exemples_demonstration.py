"""Examples of the demonstration: never public, made once, gone without a trace."""

import io
from collections import deque
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from programme.demonstration import EXEMPLE
from programme.management.commands.creer_agents_demonstration import DOMAINE
from programme.models import (
    Contrat,
    Decision,
    Document,
    EntreeIndex,
    Import,
    Projet,
    Publication,
    Realisation,
    Seance,
    Service,
)
from territoires.ajustements import Ajustement
from territoires.models import Agent
from tests import factories as f
from tests.programme.backoffice.imports import outils as imports
from tests.programme.backoffice.outils import act, text_of
from tests.programme.test_brouillons import addresses, crawl

pytestmark = pytest.mark.django_db
CHANGEANTES = {"programme_donneesversion", "programme_retouche", "cache_partage"}
"""Tables that tell how often the data changed, not what they are."""


def run(*args):
    out = io.StringIO()
    call_command("creer_exemples_demonstration", *args, stdout=out, no_color=True)
    return out.getvalue()


@pytest.fixture
def places(settings):
    """The régions, their territories (one is shared), committees, the operator; the officers."""
    settings.DEMONSTRATION = True
    regions = {code: f.RegionFactory(code=code) for code in ("28", "53", "75", "76")}
    for code in ("28", "53"):
        f.TerritoireFactory(region_porteuse=regions[code])
    f.TerritoireFactory(region_porteuse=regions["75"], regions=[regions["76"]])
    for region in regions.values():
        f.ComiteRegionalFactory(region=region)
    f.ComiteNationalFactory()
    f.EngagementFactory(operateur=f.OperateurFactory(code="bpifrance", nom="Bpifrance"))
    f.ContratFactory(territoire__region_porteuse=regions["28"])
    call_command("creer_agents_demonstration", stdout=io.StringIO())
    return regions


def client_of(local):
    client = Client()
    client.force_login(Agent.objects.get(email=f"{local}@{DOMAINE}"))
    return client


def everything():
    """{table: its rows}, the whole of the database."""
    EntreeIndex.objects.exists()
    with connection.cursor() as cursor:
        told = {}
        for table in connection.introspection.table_names(cursor):
            if table not in CHANGEANTES and "_fts" not in table:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                told[table] = sorted(map(repr, cursor.fetchall()))
    return told


def test_refuses_unless_it_is_a_demonstration(places, settings):
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="DEMONSTRATION=True"):
        run()
    assert not Projet.objects.exists()


def test_says_that_the_officers_are_missing(settings):
    settings.DEMONSTRATION = True
    with pytest.raises(CommandError, match="lancez d’abord creer_agents_demonstration"):
        run()


def test_all_says_that_it_is_fictitious_and_nothing_is_published(places):
    real = set(Contrat.objects.values_list("pk", flat=True))
    assert "tous en brouillon" in run()
    made = [*Projet.objects.all(), *Seance.objects.all(), *Realisation.objects.all()]
    made += [*Service.objects.all(), *Contrat.objects.exclude(pk__in=real)]
    assert len(made) == 12 + 9 + 1 + 1 + 3
    for record in made:
        record.full_clean()
        assert record.publication in {Publication.BROUILLON, Publication.A_VALIDER}
        assert record.source == EXEMPLE
        said = {str(getattr(record, field.name)) for field in record._meta.concrete_fields}
        assert sum(EXEMPLE.lower() in text.lower() for text in said) >= 2
        assert record.history.get().history_user.email.endswith(DOMAINE)
    assert Seance.objects.filter(date__gt=timezone.localdate()).count() == 5


def test_a_second_call_makes_nothing(places):
    run()
    before = everything()
    assert run() == "Aucun changement : les exemples fictifs existent déjà.\n"
    assert everything() == before


def test_what_an_officer_deleted_is_not_made_again(places):
    run()
    Projet.objects.get(code="exemple-28-2").delete()
    assert "Aucun changement" in run()
    assert not Projet.objects.filter(code="exemple-28-2").exists()


def test_a_real_seance_of_the_day_keeps_its_place(places):
    day = timezone.localdate() + timedelta(days=21)
    f.SeanceFactory(comite_regional=places["28"].comite, date=day)
    run()
    example = Seance.objects.filter(comite_regional=places["28"].comite).latest("date")
    assert example.date == day + timedelta(days=1)


@pytest.mark.parametrize("played", [False, True], ids=["untouched", "played"])
def test_withdrawal_leaves_what_was_there_to_the_last_byte(
    places, played, django_capture_on_commit_callbacks
):
    before = everything()
    run()
    document = None
    if played:
        document = play(places)
    with django_capture_on_commit_callbacks(execute=True):
        assert "Exemples fictifs retirés : 28." in run("--retirer")
    after = everything()
    if played:
        # That somebody signed in stays said.
        for table in ("django_session", "territoires_agent", "programme_journalacces"):
            del before[table], after[table]
        assert not document.storage.exists(document.name)
    assert {t: rows for t, rows in after.items() if rows != before[t]} == {}
    assert run("--retirer") == "Exemples fictifs retirés : 0.\n"


def play(places):
    """What an officer does with the examples; the file that it adds."""
    secretariat = client_of("secretariat.normandie")
    contrat = Contrat.objects.get(slug="exemple-fictif-28")
    depot = Import.objects.get()
    imports.appliquer(secretariat, "projets", depot)
    assert Projet.objects.filter(code="exemple-28-9").exists()
    seance = Seance.objects.filter(comite_regional=places["28"].comite).earliest("date")
    assert act(secretariat, contrat, "valider", seance=seance.pk).status_code == 302
    assert act(secretariat, contrat, "publier").status_code == 302
    projet = Projet.objects.get(code="exemple-28-1")
    assert act(secretariat, projet, "contractualiser", contrat=contrat.pk).status_code == 302
    document = f.DocumentFactory(
        titre="Ajouté",
        url="",
        territoire=None,
        contrat=contrat,
        fichier=ContentFile(b"%PDF", "a.pdf"),
    )
    assert Decision.objects.exists()
    return document.fichier


def test_a_real_record_lets_go_of_an_example_and_stays(places):
    run()
    projet = f.ProjetFactory(contrat=Contrat.objects.get(slug="exemple-fictif-28"))
    assert f"« {projet} » ne nomme plus d’exemple fictif." in run("--retirer")
    projet.refresh_from_db()
    assert projet.contrat is None
    assert projet.history.first().history_change_reason == "exemple fictif retiré"


def test_an_example_that_changed_the_map_is_undone_first(places):
    run()
    territoire = f.TerritoireFactory(region_porteuse=places["28"])
    seance = Seance.objects.filter(comite_regional=places["28"].comite).first()
    acte = Ajustement.renommer(territoire, "Autre nom", le=date(2022, 1, 1))
    f.DecisionFactory(
        seance=seance,
        type="ajuster la carte",
        territoire=territoire,
        ajustement=acte.to_json(),
    )
    with pytest.raises(CommandError, match="défaites-la d’abord"):
        run("--retirer")
    assert Projet.objects.filter(source=EXEMPLE).exists()


def test_the_import_waits_to_be_confirmed(places):
    run()
    depot = Import.objects.get()
    assert (depot.etat, depot.nb_modifies, depot.nb_nouveaux) == ("à confirmer", 2, 1)
    assert imports.dits(depot) == []


@pytest.mark.parametrize(
    ("local", "sentences"),
    [
        (
            "secretariat.normandie",
            ["hôtel de région", "Fonderie du bocage", "exemples-fictifs.csv", "à répondre (1)"],
        ),
        ("redacteur.normandie", ["hôtel de région", "Fonderie du bocage"]),
        ("lecteur.normandie", ["hôtel de région", "Fonderie du bocage"]),
        ("redacteur.bretagne", ["hôtel de région", "Laiteries réunies"]),
        ("secretariat.nouvelle-aquitaine", ["hôtel de région", "Fonderie du bocage"]),
        ("secretariat.occitanie", ["hôtel de région", "Fonderie du bocage"]),
        ("national", ["ministère", "Fonderie du bocage", "diagnostic énergie"]),
        ("referent.bpifrance", ["diagnostic énergie", "Réalisations 1"]),
    ],
)
def test_each_desk_has_something_to_do(places, local, sentences):
    run()
    told = text_of(client_of(local).get("/admin/"))
    for sentence in [EXEMPLE, *sentences]:
        assert sentence in told, local


@pytest.mark.lent
def test_no_public_page_tells_an_example(places, client):
    run()
    world = {
        Contrat: Contrat.objects.get(slug="exemple-fictif-28"),
        Projet: Projet.objects.get(code="exemple-28-1"),
    }
    assert not Document.objects.exists()
    queue = deque([*addresses(world), "/recherche/?q=exemple", "/projets/?q=fictif", "/agenda/"])
    crawl(client, queue, EXEMPLE, "exemple fictif")
