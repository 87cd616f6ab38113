"""The page of one record: found by its address or its code, as HTML or as JSON."""

from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render

from programme.catalogue.adresse import AdresseView, FicheForm
from programme.catalogue.journal import flux
from programme.catalogue.parcours import AvecParcours
from programme.donnees.jeux import JEUX
from programme.models.base import Absorbable
from territoires import moment


class Introuvable(Http404):
    """A 404 whose sentence is written for the person."""


class FicheView(AvecParcours, AdresseView):
    """A subclass says its rows (`get_queryset`, published ones only), `jeu`, `template_name`.

    The address holds the slug; a code in its place is sent to it for good. `?format=json` gives
    the row of the published dataset, under the same names.
    """

    jeu = ""
    form_class = FicheForm
    template_name = ""
    slug_field = "slug"
    code_field = "code"
    absent = "Aucune fiche publiée à cette adresse."
    journal = None
    """Function of the record that gives the `Ligne`s of its journal, when it has one."""

    def get_form(self):
        form = super().get_form()
        if self.journal:
            form.fields["format"].mots = ("json", flux.FORMAT)
        return form

    def answer(self, slug):
        if self.demande.get("format") == "json":
            return self.json(slug)
        self.objet = self.get_queryset().filter(**{self.slug_field: slug}).first()
        if self.objet is None:
            return self.by_code(slug)
        if self.demande.get("format"):
            return self.flux()
        context = {"objet": self.objet, "parcours": self.parcours_of(self.objet)}
        context["suite"] = self.suite_of(slug)
        context |= self.get_context_data()
        return render(self.request, self.template_name, context)

    def depart(self):
        return self.get_queryset().filter(**{self.slug_field: self.kwargs["slug"]}).first()

    def flux(self):
        """What changed in the record and in what is its own, as Atom."""
        titre = str(self.objet)
        phrase = f"Ce qui a changé dans la fiche « {titre} »."
        told = type(self).journal(self.objet)
        return flux.atom(self.request, titre, phrase, self.objet.get_absolute_url(), told)

    def get_queryset(self):
        raise NotImplementedError

    def rows(self, rows):
        """The rows of the dataset, with what `slug_field` names."""
        return rows

    def get_context_data(self):
        return {}

    @property
    def faits(self):
        """`(column, value, how it is known)` of the columns that say that a page tells them."""
        return [
            (
                column,
                getattr(self.objet, column.champ),
                getattr(self.objet, f"mode_{column.nom}", ""),
            )
            for column in JEUX[self.jeu].colonnes
            if column.fiche
        ]

    def by_code(self, code):
        """301 to the record that has this code, or another of its addresses, or a 404."""
        rows = self.get_queryset()
        found = rows.filter(**{self.code_field: code}).first()
        if found is None and (other := self.ailleurs(code) or self.depuis(code)):
            found = rows.filter(**{self.code_field: other}).first()
        if found is None or self.url_of(found) == self.request.path:
            raise Introuvable(self.absent)
        return redirect(self.url_of(found), permanent=True)

    def url_of(self, record):
        """The address of this page, of that record."""
        return record.get_absolute_url()

    def ailleurs(self, slug):
        """The code of the record that has `slug` among its other addresses; or "".

        Those of a record that was merged are for good those of the one that replaces it.
        """
        model = self.get_queryset().model
        if not issubclass(model, Absorbable):
            return ""
        for name in {self.slug_field, self.code_field}:
            if (kept := model.devenu(**{name: slug})) is not None:
                return getattr(kept, self.code_field)
        return ""

    def depuis(self, slug):
        """At a moment, the code of the record that has this address now."""
        if moment.actuel() is None:
            return ""
        with moment.maintenant():
            now = self.get_queryset().filter(**{self.slug_field: slug}).first()
        return getattr(now, self.code_field) if now else ""

    def json(self, slug):
        jeu = JEUX[self.jeu]
        rows = self.rows(jeu.published())
        one = rows.filter(**{self.slug_field: slug}) | rows.filter(**{self.code_field: slug})
        for record in jeu.records(one):
            return JsonResponse(record, json_dumps_params={"ensure_ascii": False})
        other = self.ailleurs(slug) or self.depuis(slug)
        if other and other != slug:
            return self.json(other)
        raise Introuvable(self.absent)
