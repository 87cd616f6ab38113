"""Uploads: their kind, their size, the door by which they go out."""

import errno
import io
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from programme.backoffice import depots
from programme.models import Document
from programme.models.fichiers import safe
from programme.stockage import StockageEntier
from tests import factories as f
from tests.balisage import fautes
from tests.programme.backoffice.outils import address, form_data, messages_of
from tests.territoires.lecture.outils import archive, classeur

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def territoire(normandie):
    return f.TerritoireFactory(region_porteuse=normandie)


@pytest.fixture
def client(signed_in, redacteur):
    return signed_in(redacteur)


def add(client, territoire, name, content):
    page = address(Document, "add")
    upload = io.BytesIO(content)
    upload.name = name  # Django's own class would clean it before it is sent
    data = form_data(client.get(page)) | {
        "titre": "Feuille de route",
        "date": "2020-01-15",
        "territoire": territoire.pk,
        "fichier": upload,
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
        ("tableau.xlsx", classeur(["a"])),
        ("note.docx", archive({"word/document.xml": "<x/>"})),
        ("note.odt", archive({"mimetype": "application/vnd.oasis.opendocument.text"})),
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
        ("faux.xlsx", b"PK\x03\x04...", "Le contenu du fichier n’est pas celui d’un « .xlsx »"),
        ("faux.docx", classeur(["a"]), "Le contenu du fichier n’est pas celui d’un « .docx »"),
        ("faux.odt", archive({"mimetype": "x"}), "n’est pas celui d’un « .odt »"),
        (
            "macros.xlsx",
            archive({"xl/workbook.xml": "x", "xl/vbaProject.bin": "x"}),
            "Ce fichier contient des macros",
        ),
        (
            "bombe.docx",
            archive({"word/document.xml": "<x/>", "word/media/a": [b"0" * 1024 * 1024] * 20}),
            "une fois décompressé, est démesuré",
        ),
        (
            "entites.docx",
            archive({"word/document.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
            "déclare des entités XML",
        ),
        (
            "entites.xlsx",
            archive(
                {
                    "xl/workbook.xml": "<x/>",
                    "xl/a.rels": '<!DOCTYPE x SYSTEM "file:///x">'.encode("utf-16"),
                }
            ),
            "déclare des entités XML",
        ),
        ("image.docx", b"\x89PNG\r\n\x1a\n", "n’est pas celui d’un « .docx »"),
        ("note.pdf", archive({"word/document.xml": "<x/>"}), "n’est pas celui d’un « .pdf »"),
    ],
)
def test_other_files_are_refused_with_a_sentence(client, territoire, name, content, sentence):
    response = add(client, territoire, name, content)
    assert response.status_code == 200
    assert sentence in messages_of(response)
    assert not Document.objects.exists()


def test_a_heavy_file_is_refused(client, territoire, monkeypatch):
    monkeypatch.setattr(depots, "TAILLE_MAX", 20)
    response = add(client, territoire, "lourd.pdf", PDF + b"x" * 40)
    assert "la limite est de" in messages_of(response)


OURS = r"documents/2020/[0-9a-f]{32}\.pdf"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/feuille.pdf", "feuille.pdf"),
        ("C:\\Comité\\Feuille de route n° 1.pdf", "Feuille de route n° 1.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ("compte rendu.2020.01.15.final.pdf", "compte rendu.2020.01.15.final.pdf"),
        ("1." + "a" * 150 + ".pdf", "1." + "a" * 150 + ".pdf"),
        ("e\u0301té.PDF", "été.PDF"),
    ],
)
def test_the_name_on_disk_is_ours_and_the_officer_s_is_kept(client, territoire, name, kept):
    assert add(client, territoire, name, PDF).status_code == 302
    document = Document.objects.get()
    assert re.fullmatch(OURS, document.fichier.name)
    assert document.nom_fichier == kept
    assert document.octets == len(PDF)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (".pdf", "« .pdf » commence par un point. Renommez le fichier"),
        (".rapport.pdf", "commence par un point"),
        ("rapport", "Le type « sans extension » n’est pas accepté."),
        ("rapport.pdf.exe", "Le type « .exe » n’est pas accepté."),
        ("rapport.", "n’est pas accepté"),
        ("CON.pdf", "« CON.pdf » est un nom que Windows se réserve."),
        ("lpt1.été.pdf", "est un nom que Windows se réserve."),
        ("a" * 240 + ".pdf", "Le nom du fichier a 244 caractères ; la limite est de 200."),
        ("a." + "b" * 250, "caractères ; la limite est de 200."),
        ("a" * 400 + ".pdf", "caractères ; la limite est de 200."),
        ("..", "Donnez un fichier ou une adresse"),
        ("dossier/..", "Donnez un fichier ou une adresse"),
        ("a\0.p\0df.exe", "Le type « .exe » n’est pas accepté."),
    ],
)
def test_a_hostile_name_is_a_sentence_and_the_form_is_kept(client, territoire, name, sentence):
    response = add(client, territoire, name, PDF)
    assert response.status_code == 200
    assert sentence in messages_of(response)
    assert 'value="Feuille de route"' in response.content.decode()
    assert not Document.objects.exists()


def test_a_large_file_whose_extension_is_endless_is_a_sentence_too(client, territoire):
    response = add(client, territoire, "a." + "b" * 250, PDF + b"x" * 3_000_000)
    assert "caractères ; la limite est de 200." in messages_of(response)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("rapport: version 2?.pdf", "rapport- version 2-.pdf"),
        ("NUL.pdf", "document-NUL.pdf"),
        (".pdf", "document-7.pdf"),
        ("", "document-7.pdf"),
        ("a/b\r\nSet-Cookie: x.pdf", "bSet-Cookie- x.pdf"),
        ("été « final ».pdf", "été « final ».pdf"),
    ],
)
def test_the_name_of_a_download_is_safe_everywhere(name, sent):
    assert safe(name, "document-7.pdf") == sent


def test_two_records_never_share_a_file(client, territoire):
    for _ in range(2):
        add(client, territoire, "feuille.pdf", PDF)
    first, second = Document.objects.all()
    assert first.fichier.name != second.fichier.name
    second.fichier = first.fichier.name
    with pytest.raises(IntegrityError):
        second.save()


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
    assert response["Content-Disposition"] == 'attachment; filename="feuille-secrete.pdf"'
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


def test_what_was_asked_of_the_file_is_kept_in_a_refused_form(client, normandie):
    document = stored(normandie, publication="brouillon")
    page = address(Document, "change", document.pk)
    sent = form_data(client.get(page)) | {"titre": "", "fichier-clear": "on"}
    refused = client.post(page, sent)
    assert not fautes(refused.content.decode())
    assert re.search(r'name="fichier-clear"[^>]* checked', refused.content.decode())
    document.refresh_from_db()
    assert document.fichier


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


# --- The disk -----------------------------------------------------------------------------------


@pytest.fixture
def disk(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "programme.stockage.StockageEntier"}
    }
    return tmp_path


def files_in(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


class Plein(io.BytesIO):
    """A content that the disk takes half of."""

    def chunks(self, chunk_size=None):
        yield PDF
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_nothing(tmp_path):
    storage = StockageEntier(location=tmp_path)
    with pytest.raises(OSError, match="space"):
        storage.save("documents/2020/a.pdf", Plein(PDF * 2))
    assert files_in(tmp_path) == []


def test_a_file_is_written_whole_with_nothing_beside(tmp_path):
    storage = StockageEntier(location=tmp_path)
    assert storage.save("documents/2020/a.pdf", ContentFile(PDF)) == "documents/2020/a.pdf"
    (path,) = files_in(tmp_path)
    assert (path.name, path.read_bytes()) == ("a.pdf", PDF)


@pytest.mark.usefixtures("disk")
def test_a_full_disk_is_a_field_error_and_the_form_is_kept(client, territoire, monkeypatch, disk):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    response = add(client, territoire, "feuille.pdf", PDF)
    assert response.status_code == 200
    form = response.context["adminform"].form
    assert "n’a pas pu être écrit sur le disque" in form.errors["fichier"][0]
    assert 'value="Feuille de route"' in response.content.decode()
    assert (Document.objects.count(), files_in(disk)) == (0, [])


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(PDF + b"x"), Path.unlink])
def test_a_damaged_or_missing_file_is_a_sentence_not_a_wrong_file(client, normandie, disk, change):
    document = stored(normandie)
    change(Path(document.fichier.path))
    response = client.get(door(document))
    assert response.status_code == 404
    assert "Le fichier de ce document ne peut pas être envoyé" in response.content.decode()


def test_the_file_of_a_deleted_or_replaced_document_waits_for_the_history(client, territoire, disk):
    add(client, territoire, "feuille.pdf", PDF)
    document = Document.objects.get()
    before = document.fichier.name
    document.fichier.save("autre.pdf", ContentFile(PDF + b"2"))
    document.delete()
    assert len(files_in(disk)) == 2
    orphan = disk / "documents" / "2020" / ".abc.partiel"
    orphan.write_bytes(b"half")
    young = disk / "documents" / "2020" / "jeune.pdf"
    young.write_bytes(PDF)
    old = (timezone.now() - timedelta(days=2)).timestamp()
    for path in files_in(disk):
        if path != young:
            os.utime(path, (old, old))
    call_command("entretien", verbosity=0)
    assert not orphan.exists()
    assert young.exists()
    assert (disk / before).exists()
    assert len(files_in(disk)) == 3


def test_the_fields_of_a_file_follow_it(client, normandie, disk):
    document = stored(normandie, publication="brouillon")
    assert (document.nom_fichier, document.octets) == ("feuille-secrete.pdf", len(PDF))
    assert document.history.latest().sha256 == document.sha256 != ""
    document.fichier, document.url = "", "https://example.org/a.pdf"
    document.save()
    document.refresh_from_db()
    assert (document.nom_fichier, document.sha256, document.octets) == ("", "", None)
