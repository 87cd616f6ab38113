"""Uploads: their kind, their size, the door by which they go out."""

import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from programme.backoffice.ecrans import documents
from programme.models import Document
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def territoire(normandie):
    return f.TerritoireFactory(region_porteuse=normandie)


@pytest.fixture
def client(signed_in, redacteur):
    return signed_in(redacteur)


def add(client, territoire, name, content):
    page = address(Document, "add")
    data = form_data(client.get(page)) | {
        "titre": "Feuille de route",
        "date": "2020-01-15",
        "territoire": territoire.pk,
        "fichier": SimpleUploadedFile(name, content),
    }
    return client.post(page, data)


def stored(region, content=PDF, **fields):
    document = f.DocumentFactory.build(
        territoire=f.TerritoireFactory(region_porteuse=region), url="", **fields
    )
    document.fichier.save("feuille-secrete.pdf", ContentFile(content))
    return document


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("feuille.pdf", PDF),
        ("FEUILLE.PDF", PDF),
        ("tableau.xlsx", b"PK\x03\x04..."),
        ("photo.jpg", b"\xff\xd8\xff\xe0..."),
    ],
)
def test_documents_are_accepted(client, territoire, name, content):
    response = add(client, territoire, name, content)
    assert response.status_code == 302
    assert Document.objects.get().fichier.read() == content


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.html", b"<script>", "Le type « .html » n’est pas accepté."),
        ("dessin.svg", b"<svg/>", "Le type « .svg » n’est pas accepté."),
        ("sans", b"%PDF-", "Le type « sans extension » n’est pas accepté."),
        ("faux.pdf", b"MZ\x90", "Le contenu du fichier n’est pas celui d’un « .pdf »"),
        ("faux.png", PDF, "Le contenu du fichier n’est pas celui d’un « .png »"),
        ("double.pdf.exe", PDF, "Le type « .exe » n’est pas accepté."),
        ("vide.pdf", b"", "vide"),
    ],
)
def test_other_files_are_refused_with_a_sentence(client, territoire, name, content, sentence):
    response = add(client, territoire, name, content)
    assert response.status_code == 200
    assert sentence in messages_of(response)
    assert not Document.objects.exists()


def test_a_heavy_file_is_refused(client, territoire, monkeypatch):
    monkeypatch.setattr(documents, "TAILLE_MAX", 20)
    response = add(client, territoire, "lourd.pdf", PDF + b"x" * 40)
    assert "la limite est de" in messages_of(response)


def test_a_name_cannot_leave_its_folder(client, territoire):
    assert add(client, territoire, "../../../etc/feuille.pdf", PDF).status_code == 302
    assert re.fullmatch(r"documents/2020/feuille\w*\.pdf", Document.objects.get().fichier.name)


def test_a_file_or_an_address_not_both(client, territoire):
    page = address(Document, "add")
    data = form_data(client.get(page)) | {
        "titre": "Sans rien",
        "date": "2020-01-15",
        "territoire": territoire.pk,
    }
    assert "Donnez un fichier ou une adresse" in messages_of(client.post(page, data))
    data |= {"fichier": SimpleUploadedFile("a.pdf", PDF), "url": "https://example.org/a.pdf"}
    assert "Donnez un fichier ou une adresse" in messages_of(client.post(page, data))


def door(document):
    return reverse("document", args=[document.pk])


def test_a_file_goes_out_as_a_download(client, normandie):
    document = stored(normandie)
    response = client.get(door(document))
    assert b"".join(response.streaming_content) == PDF
    name = document.fichier.name.rpartition("/")[2]
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_file_of_another_region_does_not_exist(client, bretagne):
    response = client.get(door(stored(bretagne, publication="brouillon")))
    assert response.status_code == 404
    assert b"feuille-secrete" not in response.content


def test_a_draft_s_file_does_not_exist_for_the_public(db, normandie):
    response = Client().get(door(stored(normandie, publication="brouillon")))
    assert response.status_code == 404
    assert b"feuille-secrete" not in response.content


def test_a_file_that_is_gone_or_was_never_there(client, normandie):
    document = stored(normandie)
    document.fichier.storage.delete(document.fichier.name)
    assert client.get(door(document)).status_code == 404
    link = f.DocumentFactory(territoire__region_porteuse=normandie)
    assert client.get(door(link)).status_code == 404


def test_the_form_links_the_file_by_its_door(client, normandie):
    document = stored(normandie, publication="brouillon")
    content = client.get(address(Document, "change", document.pk)).content.decode()
    assert f'href="{door(document)}"' in content
    assert "Fichier actuel" in content


def test_a_document_keeps_its_file_when_something_else_changes(client, normandie):
    document = stored(normandie, publication="brouillon")
    page = address(Document, "change", document.pk)
    data = {**form_data(client.get(page)), "titre": "Autre titre"}
    assert client.post(page, data).status_code == 302
    changed = Document.objects.get(pk=document.pk)
    assert (changed.titre, changed.fichier.name) == ("Autre titre", document.fichier.name)
