"""The lists of phase 2 imported by an administrator, then corrected away.

On small worlds drawn at random; on the real one, see `test_liste_183_reelle`.
"""

from datetime import date

import pytest

from programme.backoffice.carte import liste
from programme.models import Decision
from territoires.models import Phase
from tests import factories as f
from tests.programme.backoffice import liste_183, petit_monde
from tests.programme.backoffice.liste_183 import OUVERTURE, PHASE_2, SUIVANTE, prouver, seance_of

pytestmark = pytest.mark.django_db


@pytest.mark.lent
@pytest.mark.parametrize("graine", range(2))
def test_what_is_imported_is_what_the_files_hold_then_is_corrected_away(
    client, monkeypatch, graine
):
    monkeypatch.setattr(liste, "LISTE_LONGUE", 1)
    petit_monde.batir(graine)
    prouver(client)


@pytest.mark.parametrize(
    ("phase", "message"),
    [
        ({"phase": "4"}, "la phase qui suit « Phase 2 (2023-2027) » est la phase 3"),
        ({"nom_phase": "Phase 3"}, "donnez aussi le numéro de la phase"),
    ],
)
def test_a_phase_that_cannot_be_opened_says_why(client, phase, message):
    petit_monde.batir(0)
    client.force_login(f.NationalFactory())
    day = date(2027, 1, 4)

    shown = liste_183.send(client, seance_of(day), liste_183.as_list(SUIVANTE), day, **phase)

    assert message in shown.texte
    assert Phase.objects.count() == 2


def test_a_line_of_a_list_that_opens_a_phase_is_corrected(client):
    petit_monde.batir(0)
    client.force_login(f.NationalFactory())
    seance, content = seance_of(OUVERTURE), liste_183.as_list(OUVERTURE)
    liste_183.without_phase_2()
    shown = liste_183.send(client, seance, content, OUVERTURE, **PHASE_2)
    recognised = {name: code for name, code in shown.choix.items() if code}
    field, code = min(recognised.items())
    other = min(name for name in shown.choix if name != field)

    wrong = liste_183.apercu(
        liste_183.confirm(client, seance, shown, **{field: "ti-0000", other: ""})
    )
    assert "aucun territoire de la carte n’a le code « ti-0000 »" in wrong.texte
    assert "Rien n’a été enregistré" in wrong.texte
    assert (wrong.choix[field], wrong.choix[other]) == (code, "")
    again = liste_183.apercu(liste_183.confirm(client, seance, wrong, **{field: ""}))
    assert "Lisez l’aperçu ci-dessous" in again.texte
    assert again.choix[field] == ""
    assert liste_183.confirm(client, seance, again).status_code == 302

    kept = Decision.objects.get().ajustement["liste"]["reconnus"]
    left = {name: kept.get(name.removeprefix("correspondance-"), "") for name in shown.choix}
    assert left == {**shown.choix, field: "", other: ""}


def test_a_phase_that_another_record_names_is_not_corrected_away(client):
    petit_monde.batir(0)
    client.force_login(f.NationalFactory())
    seance, content = seance_of(OUVERTURE), liste_183.as_list(OUVERTURE)
    liste_183.without_phase_2()
    liste_183.importer(client, seance, content, OUVERTURE, etapes=0, **PHASE_2)
    f.TerritoireFactory(nom="Venu après", phase_id=2, rattachement=None)
    trace = Decision.objects.get().trace

    refused = client.post(
        f"/admin/territoires/modification/{trace.pk}/corriger/", {"motif": "Erreur."}
    )

    assert refused.status_code == 409
    told = refused.content.decode()
    assert "« Phase 2 (2023-2027) », que cet acte a fait, est nommé par un autre" in told
    assert "territoire « Venu après »" in told
    assert Phase.objects.get(pk=1).fin == OUVERTURE
