"""Documents of before: each keeps its file and its address, two that shared one have their own."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection

from programme.models import Document
from tests import factories as f

sceller = import_module("programme.migrations.0015_document_scelle").sceller
PARTAGE = "documents/2020/feuille.pdf"


def of_before(path, **fields):
    """A document as the release before stored it."""
    document = f.DocumentFactory(**fields)
    for rows in (Document.objects.filter(pk=document.pk), document.history.all()):
        rows.update(fichier=path, url="", nom_fichier="", sha256="", octets=None)
    return document


@pytest.fixture
def storage():
    return Document._meta.get_field("fichier").storage


@pytest.mark.django_db
def test_files_are_sealed_where_they_are_and_the_address_stays(client, storage):
    storage.save(PARTAGE, ContentFile(b"%PDF-1"))
    document = of_before(PARTAGE)
    sceller(apps, None)
    document.refresh_from_db()
    assert (document.fichier.name, document.nom_fichier) == (PARTAGE, "feuille.pdf")
    assert document.history.latest().sha256 == document.sha256 != ""
    response = client.get(f"/documents/{document.pk}/")
    assert b"".join(response.streaming_content) == b"%PDF-1"


@pytest.mark.django_db
def test_two_records_that_shared_a_file_have_each_their_own(client, storage):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX document_fichier_unique")  # as before; the test puts it back
    storage.save(PARTAGE, ContentFile(b"%PDF-1"))
    pieces = [of_before(PARTAGE) for _ in range(3)]
    sceller(apps, None)
    for piece in pieces:
        piece.refresh_from_db()
        assert piece.nom_fichier == "feuille.pdf"
        assert piece.history.latest().fichier == piece.fichier.name
        response = client.get(f"/documents/{piece.pk}/")
        assert b"".join(response.streaming_content) == b"%PDF-1"
        assert response["Content-Disposition"] == 'attachment; filename="feuille.pdf"'
    assert len({piece.fichier.name for piece in pieces}) == 3
    assert pieces[0].fichier.name == PARTAGE


@pytest.mark.django_db
def test_a_file_that_was_lost_already_stops_nothing(client, storage):
    document = of_before("documents/2019/perdu.pdf")
    sceller(apps, None)
    document.refresh_from_db()
    assert (document.nom_fichier, document.sha256) == ("perdu.pdf", "")
    assert client.get(f"/documents/{document.pk}/").status_code == 404
