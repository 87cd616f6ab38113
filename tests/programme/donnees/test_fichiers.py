"""A file is one state of the database, announced, proved, and never quietly cut short."""

import hashlib
import logging
import tracemalloc
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.utils import ConnectionHandler
from django.test import RequestFactory
from django.utils import timezone

from programme.donnees import ecriture, exports, horizon, instantane
from programme.donnees.instantane import compile_query, snapshot
from programme.donnees.jeux import JEUX
from programme.models import DonneesVersion, Preuve, Projet, preuves
from tests import factories
from tests.programme.donnees.outils import assert_problem, body, export, read_csv, read_json

FICHIERS = ["csv", "xlsx", "json", "geojson"]
postgresql_only = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="in memory, SQLite has one connection"
)
each_file = pytest.mark.parametrize("sorte", FICHIERS)


def many_projects(count):
    """Bare published projects, written at once."""
    Projet.objects.bulk_create(
        Projet(
            code=f"P{n:06d}",
            slug=f"p-{n}",
            beneficiaire="Forges de l’Orne",
            objet="Une ligne de laminage " * 4,
            publication="publié",
        )
        for n in range(count)
    )


@each_file
@pytest.mark.django_db
def test_the_number_of_rows_is_announced(sorte):
    factories.ProjetFactory.create_batch(3)
    assert export("projets", sorte)["X-Total-Count"] == "3"


@each_file
@pytest.mark.django_db
def test_head_gives_the_headers_and_reads_no_row(sorte, django_assert_num_queries):
    factories.ProjetFactory.create_batch(3)
    horizon.connues()  # once a version: which one it is, is one query
    with django_assert_num_queries(3):
        response = export("projets", sorte, method="HEAD")
    assert body(response) == b""
    assert "Content-Length" not in response
    assert response["X-Total-Count"] == "3"
    assert response["Content-Type"] == exports.TYPES[sorte]
    assert f"projets-{exports.today():%Y-%m-%d}.{sorte}" in response["Content-Disposition"]


@each_file
@pytest.mark.django_db
def test_a_file_sent_whole_is_proved(sorte):
    factories.ProjetFactory.create_batch(3)
    version = DonneesVersion.objects.current().numero
    content = body(export("projets", sorte, filtre="x"))
    preuve = Preuve.objects.get()
    assert preuve.sha256 == hashlib.sha256(content).hexdigest()
    assert preuve.octets == len(content)
    assert (preuve.lignes, preuve.jeu, preuve.format) == (3, "projets", sorte)
    assert preuve.version == version
    assert preuve.adresse == f"/projets/?format={sorte}&filtre=x"


@each_file
@pytest.mark.django_db
def test_the_same_rows_make_the_same_file_proved_once(sorte):
    factories.ProjetFactory.create_batch(3)
    assert body(export("projets", sorte)) == body(export("projets", sorte))
    assert Preuve.objects.count() == 1


@each_file
@pytest.mark.django_db(transaction=True)
def test_a_file_left_before_its_end_is_not_proved(sorte, monkeypatch):
    many_projects(20)
    monkeypatch.setattr(ecriture, "BLOCK", 500)
    monkeypatch.setattr("programme.donnees.xlsx.BLOCK", 500)
    fichier = exports.Fichier(
        RequestFactory().get("/"), JEUX["projets"], Projet.objects.published(), sorte
    )
    assert next(iter(fichier))
    fichier.close()
    assert connection.vendor == "sqlite" or fichier.connection.connection is None
    assert not Preuve.objects.exists()


@each_file
@pytest.mark.django_db
def test_a_row_that_is_lost_breaks_the_file(sorte, monkeypatch):
    """Fewer rows than announced: the stream fails, it does not end."""
    factories.ProjetFactory.create_batch(3)
    monkeypatch.setattr(exports.Fichier, "_count", lambda self: 4)
    with pytest.raises(RuntimeError, match="3 rows written, 4 announced"):
        body(export("projets", sorte))
    assert not Preuve.objects.exists()


@pytest.mark.django_db
def test_a_proof_that_cannot_be_kept_does_not_spoil_the_file(monkeypatch, caplog):
    def refuse(*args, **kwargs):
        raise DatabaseError("read-only")

    factories.ProjetFactory()
    monkeypatch.setattr(Preuve.objects, "keep", refuse)
    with caplog.at_level(logging.ERROR, logger="programme.donnees.exports"):
        assert len(read_csv(export("projets", "csv"))) == 1
    assert "the proof of /projets/?format=csv was not kept" in caplog.text


# --- One state --------------------------------------------------------------------------------


@each_file
@postgresql_only
@pytest.mark.django_db(transaction=True)
def test_what_is_written_meanwhile_is_not_in_the_file(sorte, monkeypatch):
    many_projects(30)
    monkeypatch.setattr(ecriture, "BLOCK", 500)
    monkeypatch.setattr("programme.donnees.xlsx.BLOCK", 500)
    before = body(export("projets", sorte))

    response = export("projets", sorte)
    stream = iter(response)
    start = next(stream)
    Projet.objects.filter(code="P000029").update(beneficiaire="Changé entre-temps")
    Projet.objects.filter(code="P000028").delete()
    rest = b"".join(stream)
    response.close()

    assert start + rest == before
    assert body(export("projets", sorte)) != before


@postgresql_only
@pytest.mark.django_db(transaction=True)
def test_a_snapshot_is_another_connection_that_cannot_write_and_is_closed():
    with snapshot() as own:
        assert own is not connections["default"]
        with own.cursor() as cursor, pytest.raises(DatabaseError, match="read-only transaction"):
            cursor.execute("DELETE FROM programme_projet")
    assert own.connection is None


@pytest.mark.django_db
def test_a_snapshot_inside_a_transaction_is_that_transaction():
    with snapshot() as own:
        assert own is connections["default"]


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_of_an_sqlite_file_sees_one_state_and_holds_no_writer_back(
    tmp_path, monkeypatch
):
    options = settings.DATABASES["default"] | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "base.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"},
    }
    handler = ConnectionHandler({"default": options})
    monkeypatch.setattr(instantane, "connections", handler)
    writer = handler["default"]

    def rows(database):
        with database.cursor() as cursor:
            return cursor.execute("SELECT x FROM t ORDER BY x").fetchall()

    with writer.cursor() as cursor:
        cursor.execute("CREATE TABLE t (x INTEGER)")
        cursor.execute("INSERT INTO t VALUES (1)")
    with snapshot() as own:
        assert own is not writer
        assert rows(own) == [(1,)]
        with writer.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (2)")
        assert rows(own) == [(1,)]
        assert rows(writer) == [(1,), (2,)]
    assert own.connection is None
    writer.close()


@pytest.mark.django_db
def test_no_query_for_no_row():
    with pytest.raises(EmptyResultSet):
        compile_query(Projet.objects.none(), connection)


# --- Streams ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_first_block_comes_before_the_rows_are_read():
    many_projects(3_000)
    blocks = ecriture.write_csv(JEUX["projets"], Projet.objects.published(), connection)
    assert next(blocks).decode("utf-8-sig").startswith("code,beneficiaire")
    sizes = [len(block) for block in blocks]
    assert len(sizes) > 3
    assert max(sizes) < 2 * ecriture.BLOCK


@each_file
@pytest.mark.django_db
def test_memory_does_not_grow_with_the_file(sorte):
    """Ten times the rows: the same peak, to a block or two."""
    many_projects(200)
    peaks = [peak(sorte)]
    Projet.objects.all().delete()
    many_projects(4_000)
    peaks.append(peak(sorte))
    assert peaks[1] - peaks[0] < 6 * ecriture.BLOCK


def peak(sorte):
    """Bytes that Python holds at most while a file goes by."""
    response = export("projets", sorte)
    tracemalloc.start()
    for _ in response:
        pass
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held


# --- Too many at once -------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_place_is_taken_by_each_file_and_given_back(monkeypatch):
    factories.ProjetFactory()
    monkeypatch.setattr(exports, "places", exports.Places(1, 1))
    first = export("projets", "csv")
    refused = export("projets", "csv")
    assert refused.status_code == 503
    assert refused["Retry-After"] == "10"
    assert "redemandez ce fichier dans un instant" in refused.content.decode()
    assert len(read_csv(first)) == 1
    assert export("projets", "csv", method="HEAD").status_code == 200
    assert export("projets", "csv").status_code == 200


@pytest.mark.django_db
def test_one_address_never_takes_every_place(monkeypatch):
    factories.ProjetFactory()
    monkeypatch.setattr(exports, "places", exports.Places(4, 2))
    greedy = [export("projets", "csv", address="192.0.2.1") for _ in range(10)]
    assert [response.status_code for response in greedy].count(200) == 2
    other = export("projets", "csv", address="192.0.2.2")
    assert len(read_csv(other)) == 1
    for response in greedy:
        response.close()
    assert exports.places._taken == {}


# --- What is kept of a file ---------------------------------------------------------------------


@pytest.mark.django_db
def test_a_whole_dataset_is_proved_without_end_and_a_selection_for_a_time():
    factories.ProjetFactory()
    whole = export("projets", "csv")
    body(whole)
    some = export("projets", "xlsx", axe="innover")
    body(some)
    assert whole["X-Preuve"] == "sans fin"
    assert Preuve.objects.get(format="csv").gardee_jusqu_au is None
    until = Preuve.objects.get(format="xlsx").gardee_jusqu_au
    assert some["X-Preuve"] == f"{until:%Y-%m-%d}"
    assert until >= exports.today() + timedelta(days=preuves.JOURS)


@pytest.mark.django_db
def test_anonymous_gets_do_not_fill_the_table(monkeypatch):
    """Each of these files is another one: its address is written in it."""
    factories.ProjetFactory()
    monkeypatch.setattr(exports, "SELECTIONS_PAR_ADRESSE", 2)
    monkeypatch.setattr(preuves, "SELECTIONS_PAR_JOUR", 3)
    said = []
    for visitor in ("192.0.2.1", "192.0.2.2"):
        for number in range(4):
            response = export("projets", "xlsx", address=visitor, n=f"{visitor}-{number}")
            body(response)
            said.append(response["X-Preuve"] != "aucune")
    assert said == [True, True, False, False, True, False, False, False]
    assert Preuve.objects.count() == 3
    whole = export("projets", "csv", address="192.0.2.1")
    body(whole)
    assert whole["X-Preuve"] == "sans fin"


@pytest.mark.django_db
def test_a_purge_forgets_only_what_was_promised_no_longer():
    now = timezone.now()
    old = now - timedelta(days=preuves.JOURS + 1)
    whole = factories.PreuveFactory(entiere=True, produite_le=old, envoyee_le=old)
    asked_again = factories.PreuveFactory(produite_le=old, envoyee_le=now)
    factories.PreuveFactory(produite_le=old, envoyee_le=old)
    call_command("entretien")
    assert set(Preuve.objects.all()) == {whole, asked_again}


@pytest.mark.django_db
def test_a_file_sent_again_is_kept_from_then_on():
    factories.ProjetFactory()
    body(export("projets", "csv", axe="innover"))
    old = timezone.now() - timedelta(days=100)
    Preuve.objects.update(envoyee_le=old, produite_le=old)
    body(export("projets", "csv", axe="innover"))
    preuve = Preuve.objects.get()
    assert preuve.produite_le == old
    assert preuve.envoyee_le > old


# --- Bad input --------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"format": "pdf"},
            "format : « pdf » n’existe pas. Valeurs possibles : csv, xlsx, json, geojson.",
        ),
        (
            {"format": "csv", "separateur": "tab"},
            "separateur : « tab » n’existe pas. Valeurs possibles : virgule, point-virgule.",
        ),
    ],
)
def test_a_parameter_that_does_not_exist_is_refused_in_words(parameters, sentence):
    sorte = parameters.pop("format")
    response = export("projets", sorte, **parameters)
    assert response.status_code == 400
    assert response.content.decode() == f"{sentence}\n"


PAGE = "page : Un numéro de page est un nombre entier à partir de 1."
TAILLE = "taille : En JSON, une page compte de 1 à 500 lignes."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("page", "0", PAGE),
        ("page", "-1", PAGE),
        ("page", "deux", PAGE),
        ("page", "²", PAGE),
        ("page", "9" * 5_000, PAGE),
        ("page", "2", "page : La page 2 n’existe pas : demandez la page 1, la seule."),
        ("taille", "501", TAILLE),
        ("taille", "0", TAILLE),
        ("taille", "1e2", TAILLE),
    ],
)
def test_a_page_that_does_not_exist_is_refused_in_words(name, value, sentence):
    factories.ProjetFactory()
    response = export("projets", "json", **{name: value})
    assert_problem(response, 400, sentence)


# --- Pages of JSON ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_pages_follow_each_other_and_keep_the_filters():
    factories.ProjetFactory.create_batch(5)
    first = read_json(export("projets", "json", taille=2, region="28"))
    assert first["count"] == 5
    assert len(first["results"]) == 2
    assert first["previous"] is None
    assert first["next"] == "http://testserver/projets/?format=json&taille=2&region=28&page=2"
    last = read_json(export("projets", "json", taille=2, page=3, region="28"))
    assert last["next"] is None
    assert "page=2" in last["previous"]
    assert len(last["results"]) == 1


@pytest.mark.django_db
def test_a_full_page_may_be_the_last():
    factories.ProjetFactory.create_batch(4)
    last = read_json(export("projets", "json", taille=2, page=2))
    assert (len(last["results"]), last["next"]) == (2, None)
    sentence = "page : La page 3 n’existe pas : demandez la page de 1 à 2."
    assert_problem(export("projets", "json", taille=2, page=3), 400, sentence)


@pytest.mark.django_db
def test_an_empty_page_is_a_page():
    assert read_json(export("projets", "json", page=1)) == {
        "count": 0,
        "horizon": None,
        "ecartes": [],
        "next": None,
        "previous": None,
        "results": [],
    }


@pytest.mark.django_db
def test_text_is_readable_in_json():
    factories.ProjetFactory(objet="Évidé à l’« Œuvre »")
    response = export("projets", "json", page=1)
    assert "Évidé à l’« Œuvre »" in response.content.decode()
