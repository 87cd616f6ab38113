"""A telephone number published by mistake, cited, released, followed, proposed, reported, imported,
uploaded and mailed, then erased: nothing of it is left at any door.
"""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from programme.catalogue.copies import Copie
from programme.catalogue.suivre.envois import composer
from programme.catalogue.version import version_reader
from programme.models import (
    Abonnement,
    Avis,
    Citation,
    Document,
    DonneesVersion,
    Import,
    Preuve,
    Projet,
    Tache,
)
from programme.occultation import acte, fichiers
from programme.occultation.acte import Documents, demander
from programme.occultation.mots import Masque
from programme.taches import charge_of, courriels, execution
from territoires.occultes import marque
from tests import factories
from tests.programme.donnees.outils import body
from tests.programme.donnees.parutions.conftest import quelques_jeux, sur_disque
from tests.programme.donnees.parutions.outils import paraitre
from tests.programme.occultation.outils import JOUR, NUMERO, RAISON

pytestmark = pytest.mark.django_db
TEXTE = "Appelez Camille au 06 12 34 56 78."
REQUETE = "q=06+12+34+56+78"


@pytest.fixture(autouse=True)
def media(tmp_path):
    with sur_disque(tmp_path / "media"):
        yield tmp_path / "media"


@pytest.fixture
def national():
    return factories.NationalFactory()


def classeur(text):
    """A document of Word whose number is cut in two runs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        body = f"<w:p><w:t>{text[:-9]}</w:t><w:t>{text[-9:]}</w:t></w:p><w:p>Fin.</w:p>"
        archive.writestr("word/document.xml", body)
    return file.getvalue()


def depose(name, content, **values):
    made = Document(titre=f"Pièce {name}", date=JOUR, publication="publié", **values)
    made.fichier.save(name, ContentFile(content), save=False)
    made.save()
    return made


def rows():
    """Every row of every table, in words."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed:
            for row in model._base_manager.values_list():
                told = [bytes(v) if isinstance(v, memoryview) else v for v in row]
                yield model._meta.label, repr(told).encode()


def on_disk(folder):
    """Every byte of every file that is kept, archives unpacked."""
    for path in Path(folder).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if content[:2] == b"PK":
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    content = b"\n".join(archive.read(name) for name in archive.namelist())
            yield path.name, content.replace(b"</w:t><w:t>", b"")


def answers(client, addresses):
    for address in addresses:
        response = client.get(address, follow=True)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code < 500, address
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = b"\n".join(archive.read(name) for name in archive.namelist())
        yield address, content


def found(pairs):
    return [name for name, content in pairs if NUMERO.search(content)]


@pytest.fixture
def publie(client):
    """What was published by mistake, and all that repeated it: the project."""
    projet = factories.ProjetFactory(code="P1", objet="Un four.", slug="four-06-12-34-56-78")
    with quelques_jeux():
        paraitre()
        projet.objet = TEXTE
        projet.save()
        paraitre(note=TEXTE)
    client.post(reverse("citer"), {"chiffre": "projets", "requete": "q=camille"})
    factories.CitationFactory(
        requete=REQUETE,
        lecture={
            **factories.CitationFactory.build().lecture,
            "filtres": [["Recherche", TEXTE, True]],
        },
    )
    factories.AbonnementFactory(
        vue="projets",
        cle=REQUETE,
        confirme_le=timezone.now(),
        vu_le=timezone.now() - timedelta(days=2),
    )
    about = {"record": projet, "changements": {"champs": {"objet": ["", TEXTE]}, "lignes": []}}
    factories.PropositionFactory(**about, motif=TEXTE, reponse=TEXTE, texte_public=TEXTE)
    factories.AvisFactory(record=projet, precision=TEXTE)
    factories.LigneChargeeFactory(valeurs={"objet": TEXTE})
    factories.EtatAncienFactory(valeurs={"objet": TEXTE})
    depot = factories.ImportFactory(contenu=f"code,objet\r\nP2,{TEXTE}\r\n".encode())
    factories.LigneImportFactory(depot=depot, nom=TEXTE, changements=[["objet", "", TEXTE]])
    factories.ModificationFactory(texte=TEXTE, raison=TEXTE)
    factories.PreuveFactory(adresse=f"/projets/?{REQUETE}&format=csv")
    courriels.post(EmailMessage(TEXTE, TEXTE, to=["a@b.fr"]))
    session = SessionStore()
    session["message"] = TEXTE
    session.create()
    depose("note.docx", classeur(TEXTE), projet=projet)
    Projet.history.update(history_date=timezone.now() - timedelta(hours=1))
    return projet


PAGES = (
    "/projets/", "/journal/", "/recherche/?q=camille", "/recherche/?q=0612345678", "/signaler/",
    "/suivre/", "/projets/?format=csv", "/projets/?format=json", "/projets/?format=xlsx",
    "/projets/?format=geojson", "/projets/?format=atom", "/projets/?q=camille", "/api/v1/projets/",
    "/api/v1/projets/P1/", "/journal/flux.atom", "/sitemap.xml", "/donnees/parutions/",
    "/donnees/parutions/?format=atom", "/donnees/versions.json",
    "/donnees/parutions/1/", "/donnees/parutions/2/", "/donnees/parutions/2/manifeste.json",
    "/donnees/parutions/2/parution-2.zip", "/donnees/parutions/2/projets.csv",
    "/donnees/parutions/2/projets.json", "/donnees/parutions/2/ecarts/projets.csv",
    "/donnees/parutions/2/ecarts/projets.json",
)  # fmt: skip


def doors(projet):
    """Every public address that told it."""
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M:%S")
    projet.refresh_from_db()
    cites = [
        reverse(name, args=[code])
        for code in Citation.objects.values_list("pk", flat=True)
        for name in ("citation", "citation_bib", "citation_json", "citation_image")
    ]
    proofs = [each.get_absolute_url() for each in Preuve.objects.all()]
    past = [f"{page}?au={now}" for page in (projet.get_absolute_url(), "/projets/")]
    files = [f"/projets/?au={now}&format={form}" for form in ("csv", "json", "xlsx")]
    return [projet.get_absolute_url(), *PAGES, *cites, *proofs, *past, *files]


def desk():
    """The pages of administrators where it was: lists, records, histories."""
    for model in (Projet, Import, Document, Preuve, Citation, Tache):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        try:
            yield reverse(f"{name}_changelist")
        except NoReverseMatch:
            continue
        for key in model.objects.values_list("pk", flat=True):
            yield reverse(f"{name}_change", args=[key])
            if hasattr(model, "history"):
                yield reverse(f"{name}_history", args=[key])
    yield reverse("admin:index")


def test_it_is_at_no_door_any_more(client, national, publie, media):
    mails = Tache.objects.filter(genre="courriel")
    (waiting,) = (each for each in mails if charge_of(each)["to"] == ["a@b.fr"])
    before = doors(publie)
    told = found(answers(client, before))
    assert len(told) > 12, told
    tables = set(found(rows()))
    assert len(tables) > 12, tables
    assert len(found(on_disk(media))) > 5
    sealed = Document.objects.get().sha256
    proof = Preuve.objects.get(adresse__startswith="/projets/?q=06")

    client.force_login(national)
    demander("0612345678", RAISON, Documents.RETIRER, national)
    (asked,) = Tache.objects.filter(genre=acte.OCCULTATION)
    assert not NUMERO.search(asked.charge.encode())
    acte.faire(charge_of(asked))
    acte.faire(charge_of(asked))  # it bears being done twice
    Tache.objects.filter(pk=asked.pk).update(charge="", etat="faite", terminee_le=timezone.now())
    client.logout()

    assert found(rows()) == []
    assert found(on_disk(media)) == []
    publie.refresh_from_db()
    assert publie.slug == "four-occulte"
    assert marque(timezone.localdate()) in publie.objet
    # A page repeats what its visitor has just typed.
    after = [each for each in (*before, *doors(publie)) if not NUMERO.search(each.encode())]
    assert len(after) > len(before)
    assert found(answers(client, after)) == []
    client.force_login(national)
    assert found(answers(client, desk())) == []

    # What it left explains itself.
    parution = client.get("/donnees/parutions/2/").content.decode()
    assert RAISON in parution
    assert client.get(proof.get_absolute_url()).status_code == 200
    document = Document.objects.get()
    note = b"".join(client.get(reverse("document", args=[document.pk])).streaming_content)
    assert RAISON in note.decode()
    assert document.sha256 != sealed
    assert document.history.latest().sha256 == sealed
    depot = Import.objects.get()
    assert (depot.contenu, depot.etat) == (None, Import.Etat.EXPIRE)
    assert "déposez-le de nouveau" in depot.remarques[0]
    kept = charge_of(Tache.objects.get(pk=waiting.pk))
    assert (kept["to"], marque(timezone.localdate()) in kept["subject"]) == (["a@b.fr"], True)
    told = composer(Abonnement.objects.get().abonne)
    assert "n’est plus suivie" in told.sections[0].phrases[0]
    (avis,) = Avis.objects.filter(genre=Avis.Genre.OCCULTATION)
    assert avis.destinataire == national
    page = client.get(reverse("admin:avis")).content.decode()
    assert "L’occultation que vous avez demandée est faite." in page
    assert "parce que vous l’avez demandée" in page
    trace = client.get(reverse("admin:territoires_modification_change", args=[avis.cle]))
    assert "Documents qui la contenaient, retirés : « Pièce note.docx »" in trace.content.decode()


def test_a_page_that_was_kept_is_not_shown_again(db):
    """Not even when the base does not answer: nobody knows then what it would say."""
    DonneesVersion.objects.current()
    copie = Copie(HttpResponse(TEXTE), version=1, personnes=False)
    DonneesVersion.objects.bump()
    version_reader.forget_all()
    assert copie.may_stand_in(version_reader.current(), version_reader.plancher)
    DonneesVersion.objects.bump(sans_copies=True)
    version_reader.forget_all()
    assert not copie.may_stand_in(version_reader.current(), version_reader.plancher)
    fresh = Copie(HttpResponse(b"x"), version=version_reader.current(), personnes=False)
    assert fresh.may_stand_in(version_reader.current(), version_reader.plancher)


def test_documents_are_hidden_and_named_when_the_officer_will_read_them(client, national):
    projet = factories.ProjetFactory(objet=TEXTE)
    depose("note.txt", TEXTE.encode(), projet=projet)
    depose("scan.png", b"\x89PNG\r\n\0\0", projet=projet)
    depose("scan.pdf", b"%PDF-1.4 rien", projet=projet)
    depose("autre.pdf", b"%PDF-1.4 rien", projet=factories.ProjetFactory())
    paths = set(Document.objects.values_list("fichier", flat=True))
    demander("0612345678", RAISON, Documents.SIGNALER, national)
    acte.faire(charge_of(Tache.objects.get()))
    assert set(Document.objects.values_list("fichier", flat=True)) == paths
    (texte,) = (str(m) for m in acte.Modification.objects.filter(porte="acte"))
    assert "qui la contenaient, ôtés du site, à relire puis à publier de nouveau" in texte
    assert "(images), et restent sur le site : « Pièce scan.png »" in texte
    assert "peut être dessinée : « Pièce scan.pdf »" in texte
    shown = {}
    for each in Document.objects.all():
        response = client.get(reverse("document", args=[each.pk]))
        body(response)
        shown[each.titre] = response.status_code
    assert shown == {
        "Pièce note.txt": 404,
        "Pièce scan.pdf": 404,
        "Pièce scan.png": 200,
        "Pièce autre.pdf": 200,
    }
    hidden = Document.objects.get(titre="Pièce scan.pdf").history.first()
    assert hidden.history_change_reason == acte.A_RELIRE
    assert "Autres documents qui ne se lisent pas ici (images, PDF) : 1." in texte


@pytest.mark.parametrize(
    ("content", "held"),
    [
        (TEXTE.encode(), True),
        (TEXTE.encode("utf-16"), True),
        ("Zoé".encode("cp1252"), False),
        (classeur(TEXTE), True),
        (classeur("Rien à dire ici."), False),
        (b"%PDF-1.4 (06 12 34 56 78) Tj", True),
        (b"%PDF-1.4 stream", None),
        (b"PK\x03\x04 abime", None),
        ("Été : 06 12 34 56 78.".encode("cp1252"), True),
        ("Été".encode() + b"\xff 06 12 34 56 78", True),
        ("Été".encode() + b"\xff", None),
        (b"\x89PNG\0", None),
        (b"P1;612345678", True),
    ],
)
def test_a_file_says_whether_it_holds_it(content, held):
    assert fichiers.contient(content, Masque("06 12 34 56 78", JOUR)) is held


def test_a_mail_that_waits_says_it_no_more(national):
    courriels.post(EmailMessage(TEXTE, TEXTE, to=["a@b.fr"]))
    demander("06 12 34 56 78", RAISON, Documents.RETIRER, national)
    Tache.objects.filter(genre="courriel").update(essai_le=timezone.now() + timedelta(hours=1))
    execution.executer()
    Tache.objects.filter(genre="courriel").update(essai_le=timezone.now())
    execution.executer()
    (sent,) = [each for each in mail.outbox if each.to == ["a@b.fr"]]
    assert not NUMERO.search(f"{sent.subject}{sent.body}".encode())
    assert "[occulté le" in sent.subject
