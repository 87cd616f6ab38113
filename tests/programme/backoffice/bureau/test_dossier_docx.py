"""The dossier as a text document: what its page says, for the same people."""

import io
import zipfile
from xml.etree import ElementTree

import pytest
from django.utils.html import format_html

from programme.backoffice.bureau.docx import TYPE, Docx
from programme.backoffice.bureau.dossier import A_DECIDER
from programme.models import ComiteRegional, Publication
from tests import factories as f
from tests.programme.backoffice.bureau.outils import texte, vieillir
from tests.programme.backoffice.outils import address

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def lu(octets):
    """[(style, text)] of the paragraphs of a document; each part is well formed."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        parts = {
            name: ElementTree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xml", ".rels"))
        }
    found = []
    for paragraph in parts["word/document.xml"].iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        words = "".join(part.text or "" for part in paragraph.iter(f"{W}t"))
        found.append((None if style is None else style.get(f"{W}val"), words))
    return found


@pytest.fixture
def page(comite):
    return address(ComiteRegional, "dossier", comite.pk)


@pytest.fixture
def document(comite):
    return address(ComiteRegional, "dossier_docx", comite.pk)


def test_it_says_what_the_page_says(
    signed_in, secretariat, page, document, *, seances, territoire, comite
):
    old = f.ProjetFactory(territoire=territoire, statut="remonté", beneficiaire="Forge & <Fils>")
    vieillir(old)
    old.investissement_eur = 1_500_000
    old.save()
    f.ProjetFactory(
        territoire=territoire,
        statut="remonté",
        objet="Halle\x07",
        publication=Publication.A_VALIDER,
    )
    client = signed_in(secretariat)
    shown = client.get(page)
    assert f"{document}?seance={seances.prochaine.pk}" in shown.content.decode()
    answer = client.get(document)
    assert answer["Content-Type"] == TYPE
    day = seances.prochaine.date.isoformat()
    assert answer["Content-Disposition"] == f'attachment; filename="dossier-de-copil-{day}.docx"'
    blocks = lu(answer.content)
    assert blocks[0] == ("Title", f"Dossier de COPIL – {comite}")
    heads = [words for style, words in blocks if style == "Heading1"]
    assert [head[:2] for head in heads if head[0].isdigit()] == ["1.", "2.", "3."]
    assert heads[0] == "Ordre du jour"
    told = "\n".join(words for _, words in blocks).replace("\u202f", " ").replace("\xa0", " ")
    for words in ("Forge & <Fils>", "Pays de l’Aigle", "contractualiser ; publier", "1 projet"):
        assert words in told, words
    assert "1 500 000" in told
    assert "non renseigné" in told
    assert "<span" not in told
    # By territory, as on the page.
    assert ("Heading2", "Pays de l’Aigle") in blocks
    assert "contractualiser ; publier" in texte(shown)


def test_agenda_minutes_and_calendar_are_at_hand(signed_in, secretariat, page, seances):
    shown = signed_in(secretariat).get(page).content.decode()
    assert f"/admin/programme/seance/{seances.prochaine.pk}/change/#id_ordre_du_jour" in shown
    assert f"/admin/programme/seance/{seances.derniere.pk}/change/#id_compte_rendu" in shown
    assert "/agenda/agenda.ics?region=28" in shown


def test_who_may_not_read_the_dossier_has_no_document(
    signed_in, client, document, seances, bretagne
):
    assert client.get(document).status_code == 302
    for agent in (f.SecretariatFactory(regions=[bretagne]), f.ReferentAgentFactory()):
        assert signed_in(agent).get(document).status_code == 404
    reader = f.LecteurFactory(regions=[seances.prochaine.comite.region])
    assert signed_in(reader).get(document).status_code == 200
    shown = signed_in(reader).get(address(ComiteRegional, "dossier", seances.prochaine.comite.pk))
    assert "#id_ordre_du_jour" not in shown.content.decode()
    asked = signed_in(reader).get(document, {"seance": "999"})
    assert asked.status_code == 404


def test_a_question_names_so_many_records(signed_in, secretariat, page, territoire):
    f.ProjetFactory.create_batch(14, territoire=territoire, statut="remonté")
    shown = signed_in(secretariat).get(page)
    assert f"Projets remontés : {A_DECIDER} montrés sur 14" in texte(shown)
    assert len(shown.context["decisions"]["Pays de l’Aigle"]) == A_DECIDER


def test_a_table_has_a_header_and_any_text(comite):
    made = Docx("Essai")
    said = format_html("<b>{}</b>", "R&D")
    made.tableau(["A", "B"], [["un\ndeux", None], ["<w:p/>", "\ufffe\x00"], [said, 3]])
    words = [words for _, words in lu(made.octets())]
    assert words == ["A", "B", "undeux", "", "<w:p/>", "", "R&D", "3", ""]
