"""Documents on a server that speaks S3: the portal is the same, and says when it is silent."""

from socket import socket
from urllib.parse import urlsplit

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from moto import mock_aws

from programme.donnees.parutions import reserve
from programme.environnement.valeurs import Faute, object_storage
from programme.pannes.causes import Panne, panne_of
from programme.stockage import StockageAbsent, noms
from tests import factories as f
from tests.programme.donnees.outils import body

ADRESSE = "s3://cle:se%2Fcret@s3.exemple.fr/portail?region=paris"
PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def seau(settings, monkeypatch):
    """An empty bucket, where the portal keeps its files."""
    given = object_storage(ADRESSE)
    monkeypatch.setenv("MOTO_S3_CUSTOM_ENDPOINTS", given["OPTIONS"]["endpoint_url"])
    with mock_aws():
        server = boto3.resource(
            "s3",
            endpoint_url=given["OPTIONS"]["endpoint_url"],
            region_name="paris",
            aws_access_key_id="cle",
            aws_secret_access_key="secret",
        )
        bucket = server.create_bucket(
            Bucket="portail", CreateBucketConfiguration={"LocationConstraint": "paris"}
        )
        settings.STORAGES = settings.STORAGES | {"default": given}
        yield bucket


def se_taire(settings):
    """Nobody is at the address any more."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    silent = object_storage(f"s3+http://cle:secret@127.0.0.1:{port}/portail?region=paris")
    settings.STORAGES = settings.STORAGES | {"default": silent}


def test_a_file_is_kept_listed_and_forgotten(seau):
    assert list(noms(default_storage)) == []
    kept = default_storage.save("documents/2020/acte.pdf", ContentFile(PDF))
    again = default_storage.save("documents/2020/acte.pdf", ContentFile(b"%PDF-1.4"))
    assert again != kept, "nothing is written over anything"
    assert default_storage.exists("documents")
    assert default_storage.size(kept) == len(PDF)
    with default_storage.open(kept) as file:
        assert file.read() == PDF
    assert list(noms(default_storage)) == sorted([kept, again])
    default_storage.delete(kept)
    assert list(noms(default_storage, "documents/2020")) == [again]
    with pytest.raises(FileNotFoundError):
        default_storage.open(kept)


def test_a_content_is_kept_once_under_its_digest(seau):
    assert list(reserve.chemins()) == []
    sha256, octets = reserve.deposer(ContentFile(b"a;b\n"))
    assert reserve.deposer(ContentFile(b"a;b\n")) == (sha256, octets) == (sha256, 4)
    assert list(reserve.chemins()) == [reserve.chemin(sha256)]
    with reserve.ouvrir(sha256) as kept:
        assert kept.read() == b"a;b\n"


@pytest.mark.django_db
def test_a_document_is_sent_as_it_was_given(client, seau):
    document = f.DocumentFactory(url="", fichier=ContentFile(PDF, "acte.pdf"))
    page = f"/documents/{document.pk}/"
    assert body(client.get(page)) == PDF
    seau.Object(document.fichier.name).put(Body=b"%PDF-1.4 another")
    changed = client.get(page)
    assert changed.status_code == 404
    assert "il n’est plus celui qui a été déposé" in changed.text
    seau.Object(document.fichier.name).delete()
    assert "il a disparu du disque" in client.get(page).text


@pytest.mark.django_db
def test_a_server_that_does_not_answer_loses_nothing(client, seau, settings):
    document = f.DocumentFactory(url="", fichier=ContentFile(PDF, "acte.pdf"))
    se_taire(settings)
    with pytest.raises(StockageAbsent) as raised:
        default_storage.save("acte.pdf", ContentFile(PDF))
    assert panne_of(raised.value) is Panne.DOCUMENTS
    client.raise_request_exception = False
    silent = client.get(f"/documents/{document.pk}/")
    assert silent.status_code == 503
    assert "Les fichiers du portail ne répondent pas en ce moment" in silent.text
    assert silent["Retry-After"] == "30"
    assert client.get("/documents/0/").status_code == 404


def test_what_is_read_of_its_address():
    options = object_storage(ADRESSE)["OPTIONS"]
    assert (options["access_key"], options["secret_key"]) == ("cle", "se/cret")
    assert (options["bucket_name"], options["region_name"]) == ("portail", "paris")
    assert options["endpoint_url"] == "https://s3.exemple.fr"
    near = object_storage("s3+http://cle:secret@127.0.0.1:9000/portail")["OPTIONS"]
    assert near["endpoint_url"] == "http://127.0.0.1:9000"
    assert near["region_name"] is None


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("https://s3.exemple.fr/seau", "ce n’est pas l’adresse d’un seau S3"),
        ("s3://cle:tres-secret@s3.exemple.fr", "ce n’est pas l’adresse d’un seau S3"),
        ("s3://s3.exemple.fr/seau", "la clé et le secret manquent"),
        ("s3://cle:tres-secret@s3.exemple.fr/seau/dossier", "seule la région suit"),
        ("s3://cle:tres-secret@s3.exemple.fr/seau?zone=1", "seule la région suit"),
    ],
)
def test_another_address_is_refused(value, told):
    with pytest.raises(Faute, match=told) as raised:
        object_storage(value)
    assert "tres-secret" not in str(raised.value)
    example = str(raised.value).rpartition(" ")[2]
    assert urlsplit(object_storage(example)["OPTIONS"]["endpoint_url"]).scheme == "https"
