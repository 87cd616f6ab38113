"""The projects of a territory, attached to its contract in one act, which is corrected as one."""

import pytest

from programme.models import Contrat, Projet, Publication
from territoires.corrections import Correction
from territoires.models import Modification
from tests import factories as f
from tests.programme.backoffice.outils import address, text_of


@pytest.fixture
def page(contrat):
    return address(Contrat, "rattacher", contrat.pk)


@pytest.fixture
def projets(contrat):
    """Two drafts of the territory; one published; one elsewhere; one of another contract."""
    here = {"territoire": contrat.territoire, "statut": "remonté"}
    draft = here | {"publication": Publication.BROUILLON}
    f.ProjetFactory(**draft, beneficiaire="Déjà pris", contrat=f.ContratFactory(
        territoire=contrat.territoire))  # fmt: skip
    f.ProjetFactory(beneficiaire="Ailleurs")
    return [
        f.ProjetFactory(**draft, beneficiaire="Aciers de l’Orne"),
        f.ProjetFactory(**draft, beneficiaire="Bois du Perche"),
        f.ProjetFactory(**here, beneficiaire="Cuirs publiés", publication=Publication.PUBLIE),
    ]


def envoi(response, *rows):
    """What the page sends once these are ticked."""
    form = response.context["form"]
    return {"projets": [row.pk for row in rows], "empreinte": form["empreinte"].value()}


def pris(contrat):
    return set(Projet.objects.filter(contrat=contrat).values_list("beneficiaire", flat=True))


def test_many_at_once_then_corrected_as_one(publisher, national, contrat, page, projets):
    home = address(Contrat, "change", contrat.pk)
    assert page in publisher.get(home).content.decode()
    shown = publisher.get(page)
    told = text_of(shown)
    assert "Aciers de l’Orne" in told
    assert "Cuirs publiés" in told
    for hidden in ("Ailleurs", "Déjà pris"):
        assert hidden not in told
    response = publisher.post(page, envoi(shown, *projets), follow=True)
    assert "3 projets rattachés" in text_of(response).replace("\xa0", " ")
    assert pris(contrat) == {"Aciers de l’Orne", "Bois du Perche", "Cuirs publiés"}
    assert "Bois du Perche" in text_of(publisher.get(home)), "the contract shows its projects"
    newest = projets[0].history.first()
    assert newest.history_change_reason == f"rattaché à « {contrat} »"
    assert not Projet.objects.exclude(statut="remonté").filter(contrat=contrat).exists()
    Correction(Modification.objects.of(contrat).get()).faire(national, "Pas ceux-là")
    assert pris(contrat) == set()


def test_who_may_not_publish_attaches_drafts(editor, contrat, page, projets):
    shown = editor.get(page)
    told = text_of(shown).replace("\xa0", " ")
    assert "1 autre projet publié ou retiré : proposez le rattachement sur sa fiche" in told
    assert "Cuirs publiés" not in told
    forged = editor.post(page, envoi(shown, *projets))
    assert forged.status_code == 400
    assert pris(contrat) == set()
    assert editor.post(page, envoi(shown, projets[0])).status_code == 302
    assert pris(contrat) == {"Aciers de l’Orne"}


def test_what_changed_meanwhile_attaches_nothing(publisher, contrat, page, projets):
    data = envoi(publisher.get(page), *projets[:2])
    projets[1].objet = "Une scierie"
    projets[1].save()
    again = publisher.post(page, data)
    assert again.status_code == 409
    assert "Un des projets a été modifié" in text_of(again)
    assert pris(contrat) == set()
    assert again.content.decode().count("checked") == 2
    assert publisher.post(page, envoi(again, *projets[:2])).status_code == 302
    assert len(pris(contrat)) == 2


def test_doors_that_stay_closed(reader, stranger, publisher, *, contrat, page, projets):
    data = envoi(publisher.get(page), *projets)
    assert "Cochez au moins un projet." in text_of(publisher.post(page, envoi(publisher.get(page))))
    for client, status in ((reader, 403), (stranger, 404)):
        assert client.get(page).status_code == status
        assert client.post(page, data).status_code == status
    assert "Rattacher" not in text_of(reader.get(address(Contrat, "change", contrat.pk)))
    assert pris(contrat) == set()
