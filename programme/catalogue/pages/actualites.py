"""What happened (milestones, meetings, signatures), and what is to come; Atom and iCalendar."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from programme.catalogue.adresse import AdresseView, PageForm
from programme.catalogue.journal import flux
from programme.donnees.horizon import of_facts
from programme.models import Contrat, Jalon, Precision, Seance
from territoires import moment
from territoires.dates import compact, date_in_words
from territoires.models import Region
from territoires.recherche.texte import plier

PAR_PAGE = 30
DANS_LE_FLUX = 50


@dataclass(frozen=True)
class Actualite:
    """One public fact. `cle` identifies it for ever; `url` is where it is told.

    `autres_cles`: those under which it was told too. `region`: the code of whose committee met.
    """

    cle: str
    genre: str
    date: date
    precision: str
    titre: str
    lieu: str = ""
    detail: str = ""
    source: str = ""
    url: str = ""
    autres_cles: tuple[str, ...] = ()
    region: str = ""

    @property
    def reunion(self):
        """What makes two facts one meeting: the day, the place, and a source that tells both."""
        return self.date, self.precision, plier(self.lieu)

    @property
    def sources(self):
        return {source.strip() for source in self.source.split(";")} - {""}

    @property
    def quand(self):
        return date_in_words(self.date, self.precision)


def _jalons():
    for jalon in Jalon.objects.published():
        yield Actualite(
            f"jalon-{jalon.pk}",
            "événement",
            jalon.date,
            jalon.precision_date,
            jalon.intitule,
            lieu=jalon.lieu,
            source=jalon.source,
        )


def _seances():
    related = ("comite_regional__region", "comite_national")
    for seance in Seance.objects.published().select_related(*related):
        yield fait_de(seance)


def fait_de(seance):
    """The `Actualite` of a séance, its committee loaded."""
    region = seance.comite_regional.region if seance.comite_regional else None
    return Actualite(
        f"seance-{seance.pk}",
        "séance",
        seance.date,
        seance.precision,
        f"{seance.comite} : séance",
        lieu=seance.lieu,
        detail=seance.compte_rendu or seance.ordre_du_jour,
        source=seance.source,
        url=region.get_absolute_url() if region else "",
        region=region.pk if region else "",
    )


def jalons_et_seances():
    """Milestones and meetings; a milestone that is a meeting is told once, in its own words."""
    seances = list(_seances())
    told = {}
    for jalon in _jalons():
        for rank, seance in enumerate(seances):
            if jalon.lieu and jalon.reunion == seance.reunion and jalon.sources & seance.sources:
                told.setdefault(rank, []).append(jalon)
                break
        else:
            yield jalon
    for rank, seance in enumerate(seances):
        yield _merged(seance, told.get(rank, []))


def _merged(seance, jalons):
    if not jalons:
        return seance
    title = " ; ".join(jalon.titre for jalon in jalons)
    known = plier(seance.detail) in plier(title)
    return replace(
        seance,
        titre=title,
        detail="" if known else seance.detail,
        source=" ; ".join(dict.fromkeys([seance.source, *(jalon.source for jalon in jalons)])),
        autres_cles=tuple(jalon.cle for jalon in jalons),
    )


def _signatures():
    for contrat in Contrat.objects.published().exclude(date_signature=None):
        yield Actualite(
            f"contrat-{contrat.slug}",
            "signature",
            contrat.date_signature,
            contrat.precision_signature,
            str(contrat),
            lieu=contrat.lieu,
            source=contrat.source,
            url=contrat.get_absolute_url(),
        )


def passees(today):
    """Everything that happened up to `today`, the latest first, in three queries."""
    facts = [*jalons_et_seances(), *_signatures()]
    past = [fact for fact in facts if fact.date <= today]
    return sorted(past, key=lambda fact: (fact.date, fact.cle), reverse=True)


def a_venir(today):
    """Meetings and milestones from `today` on, the nearest first, in two queries."""
    coming = [fact for fact in jalons_et_seances() if fact.date >= today]
    return sorted(coming, key=lambda fact: (fact.date, fact.cle))


class ActualitesView(AdresseView):
    """What happened, page by page."""

    form_class = PageForm
    template_name = "programme/pages/actualites.html"

    @cached_property
    def paginator(self):
        return Paginator(passees(moment.today()), PAR_PAGE)

    def answer(self):
        return render(self.request, self.template_name, self.get_context())

    def get_context(self):
        return {"page": self.page, "faits": self.paginator.object_list}


@require_safe
def agenda(request):
    today = moment.today()
    seances = [fact for fact in passees(today) if fact.genre == "séance"]
    context = {
        "date": today,
        "a_venir": a_venir(today),
        "passees": seances[:PAR_PAGE],
        "seances": seances,
    }
    return render(request, "programme/pages/agenda.html", context)


class Flux(Feed):
    """The latest facts, as Atom."""

    feed_type = Atom1Feed
    title = "Territoires d’industrie : actualités"

    def author_name(self):
        return flux.auteur()

    def subtitle(self):
        told = of_facts(passees(moment.today()))
        return f"Événements, séances des comités de pilotage et signatures. {told}."

    def link(self):
        return reverse("actualites")

    def feed_url(self):
        return reverse("actualites_flux")

    def feed_guid(self):
        return f"{settings.SITE['url']}{reverse('actualites')}"

    def items(self):
        return passees(moment.today())[:DANS_LE_FLUX]

    def item_title(self, item):
        return item.titre

    def item_description(self, item):
        return " – ".join(filter(None, [item.quand, item.lieu, item.detail]))

    def item_link(self, item):
        return item.url or f"{reverse('actualites')}#{item.cle}"

    def item_guid(self, item):
        return f"{settings.SITE['url']}{reverse('actualites')}#{item.cle}"

    def item_updateddate(self, item):
        midnight = timezone.datetime(item.date.year, item.date.month, item.date.day)
        return timezone.make_aware(midnight)

    def item_categories(self, item):
        return [item.genre]


class CalendrierForm(forms.Form):
    """The meetings of one région, by its code, or everything."""

    region = forms.ModelChoiceField(
        Region.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": "Aucune région n’a ce code : écrivez par exemple 28, ou retirez-le."
        },
    )

    def __init__(self, data):
        super().__init__(data)
        self.fields["region"].queryset = Region.objects.all()


class CalendrierView(AdresseView):
    """Meetings and milestones, as `calendrier` writes them."""

    form_class = CalendrierForm
    machine = "ics"

    def answer(self):
        region = self.demande["region"]
        facts = jalons_et_seances()
        if region:
            facts = [fact for fact in facts if fact.region == region.pk]
        name = f"{settings.SITE['nom']} : {region.nom if region else 'agenda'}"
        response = calendrier(name, facts)
        response["Content-Disposition"] = 'inline; filename="agenda.ics"'
        return response


def calendrier(nom, faits):
    """The response that says facts as iCalendar (RFC 5545).

    One of which the month or the year alone is known lasts as long, and says so; one that only has
    an end is no event of a calendar.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Territoires d’industrie//Agenda//FR",
        f"X-WR-CALNAME:{_escaped(nom)}",
    ]
    known = [fact for fact in faits if fact.precision in PERIODES]
    for fact in sorted(known, key=lambda fact: (fact.date, fact.cle)):
        lines += _event(fact)
    body = "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")


PERIODES = {
    Precision.JOUR: lambda day: (day, day + timedelta(days=1)),
    Precision.MOIS: lambda day: (
        day.replace(day=1),
        (day.replace(day=28) + timedelta(days=4)).replace(day=1),
    ),
    Precision.ANNEE: lambda day: (day.replace(month=1, day=1), date(day.year + 1, 1, 1)),
}
"""By precision, the first day of an event and the day after its last."""


def _event(fact):
    host = settings.SITE["url"].split("//", 1)[-1]
    path = fact.url or f"{reverse('actualites')}#{fact.cle}"
    start, end = PERIODES[fact.precision](fact.date)
    whole = fact.precision == Precision.JOUR
    title = fact.titre if whole else f"{fact.titre} ({fact.quand}, jour non renseigné)"
    lines = [
        "BEGIN:VEVENT",
        f"UID:{fact.cle}@{host}",
        f"DTSTAMP:{compact(fact.date)}T000000Z",
        f"DTSTART;VALUE=DATE:{compact(start)}",
        f"DTEND;VALUE=DATE:{compact(end)}",
        f"SUMMARY:{_escaped(title)}",
        f"URL:{settings.SITE['url']}{path}",
    ]
    if not whole:
        lines.append("TRANSP:TRANSPARENT")
    if fact.lieu:
        lines.append(f"LOCATION:{_escaped(fact.lieu)}")
    if fact.detail:
        lines.append(f"DESCRIPTION:{_escaped(fact.detail)}")
    return [*lines, "END:VEVENT"]


def _escaped(text):
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return "\\n".join(text.splitlines())


def _folded(line):
    """The line in pieces of at most 75 octets, no character cut, ended by CRLF."""
    pieces, piece = [], ""
    for character in line:
        if len(f"{piece}{character}".encode()) > (75 if not pieces else 74):
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece]) + "\r\n"
