"""A base of each release, brought to today's code: no row is lost, no officer's work undone."""

import csv
import gzip
import io
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings as reglages
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from programme.models import (
    Contrat,
    Decision,
    Document,
    Import,
    JournalAcces,
    Preuve,
    Projet,
)
from territoires.models import Agent, LigneChargee, Modification, Territoire
from tests.bases.coupe import couper
from tests.bases.histoire import MOT_DE_PASSE, PDF, SECRET_KEY, SECRET_TOTP, adresse
from tests.donnees import module_sur_copie
from tests.programme.backoffice.identite.outils import code_now, sign_in
from tests.programme.backoffice.imports import outils as imports
from tests.programme.backoffice.outils import address, text_of

pytestmark = pytest.mark.django_db

DOSSIERS = sorted(path.parent for path in Path(__file__).parent.glob("*/faits.json"))
DERIVEES = {
    "cache_partage",
    "programme_entreeindex",
    "programme_motindex",
    "programme_trigrammeindex",
}
"""Tables that the portal makes again from the others."""

DISPARUES = {
    "programme_bassinterritoire": "counted from the basins of the communes",
    "territoires_ecriture": "each row of a history points to its save",
    "territoires_trace": "territoires_modification, with their keys",
}
"""{table: where its rows went}, for each table that a migration removed."""


EXIGEES = {("territoires_rattachement", "phase_id"), ("territoires_territoire", "phase_id")}
"""Columns without which no row is written any more: only the code of today adds to the map."""


def _cles():
    """{table: primary keys of its rows}, but for what is derived."""
    with connection.cursor() as cursor:
        told = {}
        for table in connection.introspection.table_names(cursor):
            pk = connection.introspection.get_primary_key_column(cursor, table)
            if pk and not table.startswith(tuple(DERIVEES)):
                quoted = map(connection.ops.quote_name, (pk, table))
                cursor.execute("SELECT {} FROM {}".format(*quoted))
                told[table] = {key for (key,) in cursor.fetchall()}
    return told


def _colonnes():
    """{table or view: {column: whether a row may be written without it}}."""
    told, looked = {}, connection.introspection
    with connection.cursor() as cursor:
        for table in looked.table_names(cursor, include_views=True):
            described = looked.get_table_description(cursor, table)
            told[table] = {c.name: c.null_ok or c.default is not None for c in described}
    return told


def _charger(dossier):
    out = io.StringIO()
    call_command("charger_donnees", dossier=dossier, stdout=out, no_color=True)
    return out.getvalue()


@pytest.fixture(scope="module", params=DOSSIERS, ids=lambda dossier: dossier.name)
def base(request, bases, django_db_blocker, tmp_path_factory):
    """The base of a release: restored, migrated, loaded twice."""
    dossier = request.param
    coupe = tmp_path_factory.mktemp("coupe")
    couper(coupe)
    told = SimpleNamespace(
        dossier=dossier, faits=json.loads((dossier / "faits.json").read_text(encoding="utf-8"))
    )
    with django_db_blocker.unblock():
        bases.restaurer(dossier, bases.nom("version"))
        with bases.ouvrir(bases.nom("version")):
            told.avant, told.colonnes = _cles(), _colonnes()
            call_command("migrate", verbosity=0)
            told.charge = _charger(coupe)
            told.apres, told.colonnes_apres = _cles(), _colonnes()
            told.recharge = _charger(coupe)
            told.encore = _cles()
        with module_sur_copie(bases, bases.nom("version")):
            yield told


@pytest.fixture(autouse=True)
def _as_in_production(base, settings):
    """The secret, the passwords and the files of the base."""
    settings.SECRET_KEY = SECRET_KEY
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    settings.MEDIA_ROOT = str(base.dossier / "fichiers")
    stores = {**settings.STORAGES}
    stores["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = stores


@pytest.fixture
def client_of():
    def signed_in(local):
        client = Client()
        client.force_login(Agent.objects.get(email=adresse(local)))
        return client

    return signed_in


def _modifies(base):
    """(record of today, {field: value of then}) of what officers had edited."""
    for label, records in base.faits["modifiés"].items():
        for pk, values in records.items():
            yield apps.get_model(label).objects.get(pk=pk), values


def test_the_base_of_this_version_is_kept():
    """A release leaves its base: `fabriquer` makes it."""
    journal = (Path(reglages.BASE_DIR) / "CHANGELOG.md").read_text(encoding="utf-8")
    released = [ln.split()[1] for ln in journal.splitlines() if ln.startswith("## ") and "—" in ln]
    assert [dossier.name for dossier in DOSSIERS] == sorted(released)


def test_no_row_is_lost(base):
    assert base.avant.keys() - base.apres.keys() == DISPARUES.keys() & base.avant.keys()
    lost = {
        table: keys - base.apres[table]
        for table, keys in base.avant.items()
        if table in base.apres and not keys <= base.apres[table]
    }
    assert not lost


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_the_code_of_this_version_serves_until_it_is_replaced(base):
    """Where several machines serve, theirs reads and writes the schema of today for a while."""
    gone = {
        (table, column)
        for table, columns in base.colonnes.items()
        for column in columns.keys() - base.colonnes_apres.get(table, {}).keys()
    }
    assert not gone
    asked = {
        (table, column)
        for table, columns in base.colonnes.items()
        for column, free in base.colonnes_apres[table].items()
        if column not in columns and not free
    }
    assert asked == EXIGEES


def test_what_serves_the_code_of_1_0_goes_with_the_release_after():
    kept = [folder.name for folder in DOSSIERS]
    assert kept == ["1.0.0"], (
        "Nobody goes back to 1.0 from here: a migration undoes programme/0047, and this test goes."
    )


def test_a_second_load_changes_nothing(base):
    assert "Aucun changement" in base.recharge
    assert base.encore == base.apres


def test_the_work_of_officers_is_kept(base):
    for record, values in _modifies(base):
        # A load may write the other columns of the same record: another version, the same work.
        edited = {name: value for name, value in values.items() if name != "version"}
        assert {name: getattr(record, name) for name in edited} == edited, record
    deleted = base.faits["supprimé"]
    assert LigneChargee.objects.filter(cle=deleted).exists()
    assert not Projet.objects.filter(code=deleted).exists()
    assert f"« {deleted} » a été supprimé par un agent" in base.charge


def test_no_value_of_before_stays(base):
    """What the files say today, and once, where no officer wrote since."""
    edited = base.faits["modifiés"].get("programme.Projet", {})
    with (reglages.FIXTURES_ROOT / "projets.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["code"]: row for row in csv.DictReader(lines)}
    names = ("beneficiaire", "objet", "axe", "thematique", "localisation")
    loaded = Projet.objects.filter(code__in=rows).exclude(pk__in=edited)
    for projet in loaded:
        row = rows[projet.code]
        assert [getattr(projet, name) for name in names] == [row[name] for name in names]
        assert (projet.lon is None) == (row["lon"] == "")
    assert Projet.objects.get(code="fai-0219").thematique == "transition écologique"
    assert not Projet.history.exclude(axe="").exclude(axe__in=Projet.Axe.values).exists()


def test_its_history_is_read(base, client_of):
    national = client_of("national")
    for record, values in _modifies(base):
        assert record.history.count() >= values["version"], record
        told = text_of(national.get(address(type(record), "history", record.pk)))
        authors = {row.history_user.nom for row in record.history.all() if row.history_user}
        assert authors
        assert all(author in told for author in authors), record


def test_each_row_of_a_history_has_its_save(base):
    histories = [model for model in apps.get_models() if hasattr(model, "history_object")]
    assert not [one for one in histories if one.objects.filter(modification=None).exists()]
    assert not Modification.objects.filter(porte="chargement", auteur__isnull=False).exists()
    for record in [record for record, _ in _modifies(base)]:
        for row in record.history.select_related("modification"):
            assert row.history_user == row.modification.auteur
            assert abs(row.history_date - row.modification.instant) < timedelta(minutes=1)


def test_a_second_factor_still_opens(base):
    email = base.faits["second facteur"]
    client = Client()
    sign_in(client, email, MOT_DE_PASSE)
    code = {"code": code_now(SECRET_TOTP)}
    response = client.post(reverse("mfa_authenticate"), code, follow=True)
    assert response.redirect_chain[-1][0] == "/admin/"
    kept = Authenticator.objects.get(user__email=email, type="recovery_codes").wrap()
    assert len(kept.get_unused_codes()) == 10


def test_documents_are_served(base, client_of, client):
    publie, brouillon = (base.faits["documents"][key] for key in ("publié", "brouillon"))
    sent = client.get(reverse("document", args=[publie]))
    assert b"".join(sent.streaming_content).startswith(PDF)
    page = reverse("document", args=[brouillon])
    assert client.get(page).status_code == 404
    sent = client_of("secretariat.normandie").get(page)
    assert b"".join(sent.streaming_content).startswith(PDF)
    assert Document.objects.count() == 2


def test_public_pages_answer(client):
    pages = [
        "/", "/carte/", "/projets/", "/contrats/", "/territoires/", "/journal/", "/chiffres/",
        "/agenda/", "/fonds/", "/operateurs/", "/plan-du-site/", "/api/v1/", "/sante/",
        "/recherche/?q=risle",
    ]  # fmt: skip
    for model in (Contrat, Projet):
        pages += [record.get_absolute_url() for record in model.objects.published()]
    pages += [territoire.get_absolute_url() for territoire in Territoire.objects.all()]
    pages += [Preuve.objects.get().get_absolute_url()]
    said = {page: client.get(page).status_code for page in pages}
    assert set(said.values()) == {200}, said
    assert "L’Aigle et Risle" in text_of(client.get("/recherche/?q=risle"))
    assert "Objet corrigé par le comité" in text_of(client.get("/journal/?genre=projets"))


def test_decisions_and_imports_are_read_and_go_on(client_of):
    secretariat = client_of("secretariat.normandie")
    decision = Decision.objects.get(type=Decision.Type.CARTE)
    assert Territoire.history.filter(modification=decision.trace).exists()
    page = reverse("admin:programme_seance_carte", args=[decision.seance_id])
    assert "L’Aigle et Risle" in text_of(secretariat.get(page))
    attente, applique = Import.objects.all()
    assert (attente.etat, applique.etat) == (Import.Etat.A_CONFIRMER, Import.Etat.APPLIQUE)
    assert secretariat.get(imports.page("projets", applique)).status_code == 200
    imports.appliquer(secretariat, "projets", attente)
    assert attente.etat == Import.Etat.APPLIQUE, imports.dits(attente)
    assert Projet.objects.get(code="aigle-2").emplois_crees == 3


def test_the_journal_of_access_is_read(client_of):
    acts = set(JournalAcces.objects.values_list("acte", flat=True))
    assert {JournalAcces.Acte.CONNEXION, JournalAcces.Acte.REFUS} <= acts
    told = text_of(client_of("national").get(address(JournalAcces, "changelist")))
    assert adresse("inconnu") in told


def test_the_dumps_are_small():
    """They are read by every run of the suite, and kept for good."""
    for path in Path(__file__).parent.glob("*/*.gz"):
        assert path.stat().st_size < 600_000, path
        assert len(gzip.decompress(path.read_bytes())) < 10_000_000, path
