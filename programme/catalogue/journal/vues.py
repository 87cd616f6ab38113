"""The page of the journal, and its Atom feed."""

from datetime import timedelta
from functools import cached_property
from itertools import islice

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse

from programme.catalogue.adresse import AdresseView, PageForm
from programme.catalogue.journal import flux, parutions
from programme.catalogue.journal.groupes import groups, recents
from programme.catalogue.journal.lignes import (
    SEUIL,
    SEUIL_DETAIL,
    lines,
    within,
)
from programme.catalogue.journal.regle import genres
from programme.catalogue.listes.champs import JourField, PeriodeMixin
from programme.catalogue.ordre import OrdreFrancais
from territoires.models import Region, Territoire

GROUPES_PAR_PAGE = 20
JOUR = forms.DateInput(attrs={"type": "date", "class": "fr-input"}, format="%Y-%m-%d")
CHOIX = forms.Select(attrs={"class": "fr-select"})


class FiltreJournal(PeriodeMixin, PageForm):
    """What the address may ask: a kind, a région, a territory, days (both included)."""

    genre = forms.ChoiceField(label="Quoi", required=False, widget=CHOIX)
    region = forms.ModelChoiceField(
        Region.objects.none(), label="Région", required=False, empty_label="Toutes", widget=CHOIX
    )
    territoire = forms.ModelChoiceField(
        Territoire.objects.none(),
        label="Territoire",
        required=False,
        empty_label="Tous",
        widget=CHOIX,
    )
    du = JourField(label="Du", required=False, widget=JOUR)
    au = JourField(label="Au", required=False, widget=JOUR)

    def __init__(self, data):
        super().__init__(data)
        titles = [(genre.code, genre.jeu.titre) for genre in genres().values()]
        self.fields["genre"].choices = [("", "Tout"), *titles]
        self.fields["region"].queryset = Region.objects.order_by(OrdreFrancais("nom"))
        self.fields["territoire"].queryset = Territoire.objects.order_by(OrdreFrancais("nom"))
        for name in ("genre", "region", "territoire"):
            self.fields[name].error_messages["invalid_choice"] = (
                "Cette valeur n’existe pas : choisissez dans la liste."
            )

    @property
    def conditions(self):
        """{code of a kind: `Q`} of what was asked for."""
        asked = dict(self.cleaned_data)
        del asked["page"]
        wanted = asked.pop("genre")
        region, territoire = asked["region"], asked["territoire"]
        asked |= {"region": region and region.pk, "territoire": territoire and territoire.pk}
        found = {
            genre.code: within(genre, **asked)
            for genre in genres().values()
            if wanted in ("", genre.code)
        }
        return {code: condition for code, condition in found.items() if condition is not None}

    @property
    def groupes(self):
        """The rows of what was asked for; a territory has few, which one query reads sooner."""
        read = groups if self.cleaned_data["territoire"] else recents
        return read(self.conditions)

    @property
    def de_tout(self):
        """Whether every kind is asked for, everywhere: then the parutions are told too."""
        return not any(self.cleaned_data[name] for name in ("genre", "region", "territoire"))

    @property
    def seuil(self):
        """One day of one kind is told in detail, since a line that tells it in one leads here."""
        asked = self.cleaned_data
        one_day = asked["du"] and asked["du"] == asked["au"]
        return SEUIL_DETAIL if one_day and asked["genre"] else SEUIL


class JournalView(AdresseView):
    """The journal, filtered, page by page."""

    form_class = FiltreJournal
    template_name = "programme/pages/journal.html"
    refusal_template = ""

    @cached_property
    def paginator(self):
        # No further than the page asked for, and whether another follows: how many there are in
        # all is not counted.
        wanted = self.page_number * GROUPES_PAR_PAGE + 1
        return Paginator(list(islice(self.form.groupes, wanted)), GROUPES_PAR_PAGE)

    def answer(self):
        """The page of groups is shown as their `Ligne`s."""
        rows = list(self.page.object_list)
        told = lines(rows, self.form.conditions, seuil=self.form.seuil)
        self.page.object_list = _ensemble(told, self._parutions(rows))
        context = self.get_form_context() | self.get_page_context()
        return render(self.request, self.template_name, context)

    def _parutions(self, rows):
        """The parutions of the days of this page; none where one asks for a kind or a place."""
        asked, page = self.demande, self.page
        if not self.form.de_tout:
            return []
        end = asked["au"] and asked["au"] + timedelta(days=1)
        if page.has_previous():
            before = self.paginator.object_list[page.start_index() - 2]
            end = _jour(before)
        start = _jour(rows[-1]) if page.has_next() else asked["du"]
        return parutions.lignes(start, end)

    def get_form_context(self):
        filtre = [champ for champ in self.form if champ.name != "page"]
        return {
            "filtre": filtre,
            "filtree": bool(self.requete.data),
            "suivre": "" if self.erreurs else self.requete.canonique,
            "a_suivre": reverse("journal") + ("" if self.erreurs else self.requete.canonique),
            "erreurs": [],
            "page": None,
        }

    def get_refusal_context(self):
        return self.get_form_context() | super().get_refusal_context()


def _jour(row):
    """The day of a group."""
    return row[0]


def _ensemble(*told):
    """Lines in the order of their days, the last first; on one day, the parutions first."""
    return sorted((line for some in reversed(told) for line in some), key=_par_jour, reverse=True)


def _par_jour(line):
    return line.jour


class FluxJournalView(AdresseView):
    """The latest lines of the journal, filtered as its page, as Atom."""

    form_class = FiltreJournal
    machine = "atom"

    def answer(self):
        phrase = (
            "Ce qui a changé dans les enregistrements publiés : quoi, de quelle valeur à quelle."
        )
        form = self.form
        told = flux.of_groups(form.groupes, form.conditions, seuil=form.seuil)
        if self.form.de_tout:
            asked = self.demande
            end = asked["au"] and asked["au"] + timedelta(days=1)
            told = _ensemble(told, parutions.lignes(asked["du"], end))[: flux.DANS_LE_FLUX]
        address = reverse("journal") + self.requete.canonique
        return flux.atom(self.request, "journal des modifications", phrase, address, told)
