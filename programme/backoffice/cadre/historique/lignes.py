"""One page of a history: its filter, and its lines in words."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils import timezone

from programme.backoffice.cadre.champs import JourField
from programme.backoffice.cadre.historique.liens import FICHE
from programme.backoffice.cadre.historique.mots import (
    COMMANDE,
    TYPES,
    Changement,
    Formateur,
    names_of,
    visible_keys,
    who,
)
from programme.catalogue.listes.champs import PeriodeMixin
from territoires.historiques import authors, differences, load, merged
from territoires.models import Agent

LIGNES_PAR_PAGE = 50


@dataclass
class Ligne:
    """One save, as the page shows it. Addresses are empty where there is nothing to open."""

    record: Any
    type: str
    qui: str
    genre: str
    nom: str
    url: str = ""
    version_url: str = ""
    partie: bool = False
    changements: list = field(default_factory=list)


@dataclass(frozen=True)
class ChangementDit(Changement):
    """A change, with the address where the value before it can be put back."""

    retablir_url: str = ""


class FiltreHistorique(PeriodeMixin, forms.Form):
    """`quoi`: one kind of rows; `qui`: the author; `du`, `au`: days, both included."""

    quoi = forms.ChoiceField(label="Quoi", required=False)
    qui = forms.ChoiceField(label="Qui", required=False)
    du = JourField(label="Du", required=False)
    au = JourField(label="Au", required=False)

    def __init__(self, data, fils):
        super().__init__(data or None)
        self.fils = fils
        kinds = [(fil.nom, fil.titre) for fil in fils[1:]]
        self.fields["quoi"].choices = [
            ("", "La fiche et ce qui s’y rattache"),
            (FICHE, "La fiche seulement"),
            *kinds,
        ]
        keys = authors([fil.records for fil in fils])
        names = Agent.objects.filter(pk__in=keys - {None}).order_by("nom")
        agents = [(str(agent.pk), str(agent)) for agent in names]
        commands = [("commande", COMMANDE)] if None in keys else []
        self.fields["qui"].choices = [("", "Tous"), *agents, *commands]
        for name in ("quoi", "qui"):
            self.fields[name].error_messages["invalid_choice"] = (
                "Ce choix n’est pas dans la liste : choisissez-en un autre."
            )

    def kept(self):
        """The `Fil`s that were asked for, narrowed to the author and the period."""
        asked = self.cleaned_data if self.is_bound else {}
        fils = [fil for fil in self.fils if asked.get("quoi") in (None, "", fil.nom)]
        return fils, [self._narrowed(fil.records, asked) for fil in fils]

    def _narrowed(self, records, asked):
        if who_asked := asked.get("qui"):
            if who_asked == "commande":
                records = records.filter(history_user__isnull=True)
            else:
                records = records.filter(history_user=who_asked)
        if since := asked.get("du"):
            records = records.filter(history_date__gte=_midnight(since))
        if until := asked.get("au"):
            records = records.filter(history_date__lt=_midnight(until + timedelta(days=1)))
        return records


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


def page_of(request, fils, records):
    """The page asked for, its `object_list` replaced by `Ligne`s."""
    page = Paginator(merged(records), LIGNES_PAR_PAGE).get_page(request.GET.get("p"))
    versions = load(records, list(page.object_list))
    page.object_list = Redacteur(request, fils).lines(versions)
    return page


class Redacteur:
    """Writes the lines of versions: a few queries for each model, whatever their number."""

    def __init__(self, request, fils):
        self.request = request
        self.fils = {fil.records.model.instance_type: fil for fil in fils}
        self.site, self.tour = fils[0].admin.admin_site, fils[0].admin.tour

    def lines(self, versions):
        gaps = differences([(m.record, m.avant if m.type == "~" else None) for m in versions])
        self.formateur = Formateur(self.request.user)
        self.formateur.learn([gap for some in gaps for gap in some])
        self.rows = self._living(versions)
        self.names = names_of(
            [m.avant if self._has_left(m) else m.record for m in versions if not self._row(m)]
        )
        return [self._line(m, some) for m, some in zip(versions, gaps, strict=True)]

    def _living(self, versions):
        """The rows that are there still and in the perimeter, by (model, key).

        `outside` names those that are there, but elsewhere.
        """
        keys, self.outside = {}, set()
        for m in versions:
            keys.setdefault(m.model, set()).add(m.key)
        found = {}
        for model, wanted in keys.items():
            related = self.fils[model].admin.get_list_select_related(self.request)
            rows = model._base_manager.filter(pk__in=wanted)
            rows = rows.select_related(*related) if related else rows
            inside = visible_keys(self.request.user, model, wanted)
            self.tour.dedans.update({(model, key): key in inside for key in wanted})
            found |= {(model, row.pk): row for row in rows if row.pk in inside}
            self.outside |= {(model, row.pk) for row in rows if row.pk not in inside}
        return found

    def _row(self, m):
        """The row as it is now; None when it is gone, or lies outside the perimeter."""
        return self.rows.get((m.model, m.key))

    def _has_left(self, m):
        """Whether this change took the row away from the record of the page."""
        fil = self.fils[m.model]
        return fil.field is not None and getattr(m.record, fil.field.attname) != fil.key

    def _line(self, m, gaps):
        fil, row, has_left = self.fils[m.model], self._row(m), self._has_left(m)
        if has_left:
            # What it became elsewhere is told on its own page, to whoever may open it.
            gaps = [gap for gap in gaps if gap.field.name == fil.field.name]
        line = Ligne(
            m.record,
            "départ" if has_left else TYPES[m.type],
            who(m.record),
            str(m.model._meta.verbose_name),
            self.names[m.model, m.key] if row is None else str(row),
            partie=fil.field is not None,
            changements=self._changes(m, gaps, row),
        )
        if (m.model, m.key) not in self.outside:
            line.url = self._address(m.model, "history", m.key)
            if not has_left:
                line.version_url = self._address(m.model, "version", m.key, m.record.history_id)
        return line

    def _changes(self, m, gaps, row):
        told = self.formateur.told(gaps)
        may = row is not None and self.fils[m.model].admin.may_restore(self.request, row)
        return [
            ChangementDit(**vars(change), retablir_url=self._restore(m, gap, row) if may else "")
            for change, gap in zip(told, gaps, strict=True)
        ]

    def _restore(self, m, gap, row):
        """Where to put back the value before the change; empty when it is the value now."""
        admin, field = self.fils[m.model].admin, gap.field
        if admin.why_not_restored(self.request, row, field):
            return ""
        if not field.many_to_many and getattr(row, field.attname) == gap.avant:
            return ""
        page = self._address(m.model, "retablir", m.key, m.avant.history_id)
        return f"{page}?champ={field.name}"

    def _address(self, model, page, key, *args):
        opts = model._meta
        name = f"{self.site.name}:{opts.app_label}_{opts.model_name}_{page}"
        return reverse(name, args=[quote(key), *args])
