"""The séances of the desk, for the calendar of whoever prepares them."""

from datetime import timedelta

import icalendar
import pytest

from programme.models import Precision, Publication
from tests import factories as f
from tests.programme.backoffice.bureau.outils import texte
from tests.programme.backoffice.outils import address

pytestmark = pytest.mark.django_db
CALENDRIER = "/admin/calendrier.ics"


def evenements(client, **asked):
    """{summary: event} of the calendar, read by another program."""
    response = client.get(CALENDRIER, asked)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="calendrier.ics"'
    assert "no-store" in response["Cache-Control"]
    events = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    assert all(event.errors == [] for event in events)
    return {str(event["SUMMARY"]): event for event in events}


def test_a_seance_is_told_with_its_place_and_its_agenda(signed_in, secretariat, seances):
    seance = seances.prochaine
    seance.lieu, seance.ordre_du_jour = "Préfecture, salle 2", "Bilan ;\nprojets"
    seance.publication = Publication.BROUILLON
    seance.save()
    client = signed_in(secretariat)
    found = evenements(client)
    assert sorted(found) == sorted(
        [f"{seance.comite} : séance", f"{seance.comite} : séance (brouillon)"]
    )
    event = found[f"{seance.comite} : séance (brouillon)"]
    assert event.decoded("DTSTART") == seance.date
    assert event.decoded("DTEND") == seance.date + timedelta(days=1)
    assert (str(event["LOCATION"]), str(event["DESCRIPTION"])) == (
        "Préfecture, salle 2",
        "Bilan ;\nprojets",
    )
    assert str(event["URL"]).endswith(address(type(seance), "change", seance.pk))
    # No minutes where an agenda was asked for.
    assert "DESCRIPTION" not in found[f"{seance.comite} : séance"]
    assert "pour votre agenda (iCalendar)" in texte(client.get("/admin/"))
    assert f'href="{CALENDRIER}"' in client.get("/admin/").content.decode()


def test_what_was_withdrawn_or_has_no_day_is_not_in_it(signed_in, secretariat, seances, comite):
    type(seances.derniere).objects.filter(pk=seances.derniere.pk).update(
        publication=Publication.RETIRE
    )
    day = seances.derniere.date - timedelta(days=1)
    f.SeanceFactory(comite_regional=comite, date=day, precision=Precision.AU_PLUS_TARD)
    [event] = evenements(signed_in(secretariat)).values()
    assert event.decoded("DTSTART") == seances.prochaine.date


def test_each_reads_its_own_committees(signed_in, client, bretagne, national, seances):
    assert client.get(CALENDRIER).status_code == 302, "signed in, or nothing"
    far = signed_in(f.SecretariatFactory(regions=[bretagne]))
    assert evenements(far) == {}
    assert far.get(CALENDRIER, {"region": "28"}).status_code == 404
    assert "iCalendar" not in texte(far.get("/admin/"))
    admin = signed_in(national)
    assert evenements(admin) == {}, "of the national committee, until a région is asked for"
    assert len(evenements(admin, region=seances.prochaine.comite.region.pk)) == 1


def test_a_role_that_reads_no_seance_has_no_calendar(signed_in, seances):
    assert signed_in(f.ReferentAgentFactory()).get(CALENDRIER).status_code == 403
