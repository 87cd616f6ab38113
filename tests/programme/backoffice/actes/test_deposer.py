"""Several files deposited at once: each judged, a bad one named, the others kept in one act."""

import errno
import io

import pytest

from programme.models import Contrat, Document, Projet, Publication, Seance
from territoires.corrections import Correction
from territoires.models import Modification, Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address, text_of
from tests.territoires.lecture.outils import classeur

PDF = b"%PDF-1.7\n1 0 obj\n"


def fichier(nom, contenu):
    upload = io.BytesIO(contenu)
    upload.name = nom
    return upload


def deposer(client, record, *fichiers, **autres):
    here = address(type(record), "deposer", record.pk)
    sent = [fichier(nom, contenu) for nom, contenu in fichiers]
    data = {"date": "15 janvier 2020", "fichiers": sent} | autres
    return client.post(here, data, follow=True)


def titres(record):
    return set(record.documents.values_list("titre", flat=True))


def test_all_are_kept_in_one_act_then_corrected_as_one(publisher, national, contrat):
    assert (
        address(Contrat, "deposer", contrat.pk)
        in publisher.get(address(Contrat, "change", contrat.pk)).content.decode()
    )
    done = deposer(
        publisher, contrat, ("feuille_de_route.pdf", PDF), ("Budget 2020.xlsx", classeur(["a"]))
    )
    assert "2 documents déposés, en brouillon." in text_of(done).replace("\xa0", " ")
    assert titres(contrat) == {"Feuille de route", "Budget 2020"}
    document = Document.objects.get(titre="Feuille de route")
    assert (document.publication, document.date.year) == (Publication.BROUILLON, 2020)
    assert document.fichier.read() == PDF
    saves = {row.history.get().modification for row in contrat.documents.all()}
    assert saves == {Modification.objects.of(contrat).get()}
    Correction(saves.pop()).faire(national, "Pas ce contrat")
    assert titres(contrat) == set()


def test_a_bad_one_is_named_and_the_others_are_kept(publisher, projet):
    done = deposer(
        publisher,
        projet,
        ("plan.pdf", PDF),
        ("faux.pdf", b"MZ\x90"),
        ("programme.exe", b"MZ"),
        ("copie du plan.pdf", PDF),
    )
    told = text_of(done).replace("\xa0", " ")
    assert "1 document déposé, en brouillon." in told
    assert "« faux.pdf » n’a pas été déposé : Le contenu du fichier n’est pas celui" in told
    assert "« programme.exe » n’a pas été déposé : Le type « .exe » n’est pas accepté." in told
    assert "« copie du plan.pdf » n’a pas été déposé : c’est le fichier de « Plan »." in told
    assert titres(projet) == {"Plan"}
    again = deposer(publisher, projet, ("plan-bis.pdf", PDF))
    assert again.status_code == 400
    assert "c’est le fichier de « Plan »" in text_of(again)
    assert titres(projet) == {"Plan"}


@pytest.mark.parametrize(
    ("fichiers", "autres", "sentence"),
    [
        ((), {}, "Choisissez au moins un fichier."),
        ((("plan.pdf", PDF),), {"date": ""}, "Dites de quel jour sont ces documents."),
        ((("plan.pdf", PDF),), {"date": "demain"}, "« demain »"),
        (
            tuple((f"plan-{rank}.pdf", PDF + bytes([rank])) for rank in range(21)),
            {},
            "21 fichiers à la fois : la limite est de 20.",
        ),
    ],
)
def test_what_is_missing_or_too_much_is_said(publisher, contrat, fichiers, autres, sentence):
    refused = deposer(publisher, contrat, *fichiers, **autres)
    assert refused.status_code == 400
    assert sentence in text_of(refused).replace("\xa0", " ")
    assert titres(contrat) == set()


def test_a_full_disk_keeps_nothing_and_says_so(publisher, contrat, monkeypatch, settings, tmp_path):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    settings.MEDIA_ROOT = str(tmp_path)
    ours = {"BACKEND": "programme.stockage.StockageEntier"}
    settings.STORAGES = settings.STORAGES | {"default": ours}
    monkeypatch.setattr("os.fsync", full)
    refused = deposer(publisher, contrat, ("plan.pdf", PDF), ("note.pdf", PDF + b"2"))
    assert refused.status_code == 400
    assert "Le fichier n’a pas pu être écrit" in text_of(refused)
    assert titres(contrat) == set()


def test_it_is_offered_wherever_documents_are(publisher, contrat, projet, seance):
    for record in (contrat, contrat.territoire, projet, seance):
        assert deposer(publisher, record, (f"{record.pk}.pdf", PDF)).status_code == 200
        assert record.documents.count() == 1
    assert {Contrat, Territoire, Projet, Seance} == {
        type(r) for r in (contrat, contrat.territoire, projet, seance)
    }


def test_who_may_not_add_a_document_deposits_none(reader, stranger, publisher, contrat):
    assert deposer(reader, contrat, ("plan.pdf", PDF)).status_code == 403
    hidden = deposer(stranger, contrat, ("plan.pdf", PDF))
    assert hidden.status_code == 404
    assert contrat.intitule not in text_of(hidden)
    kept = f.ContratFactory(territoire=contrat.territoire)
    merged = f.ContratFactory(territoire=contrat.territoire, publication="retiré", absorbe_par=kept)
    assert deposer(publisher, merged, ("plan.pdf", PDF)).status_code == 403
    assert Document.objects.count() == 0
