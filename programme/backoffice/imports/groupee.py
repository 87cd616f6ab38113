"""The act on a selection of a list that gives one value to all of it: what leads to the preview."""

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils.text import capfirst

from programme.backoffice.bureau.liens import lien
from programme.backoffice.imports import ensemble
from programme.backoffice.imports.analyse import Analyse
from programme.models import LigneImport

ACTE = "modifier_ensemble"
TOUTES_REFUSEES = "Toutes les lignes sont refusées : il n’en resterait aucune à modifier."


def modifier_ensemble(ecran, request, queryset):
    """The act, as the list calls it."""
    return ecran.importation.modifier(request, queryset)


class ModificationGroupee:
    """Of an `Importation`: which column, then which value, then the preview of what it makes."""

    def actions(self, request):
        if not self.is_allowed(request) or not self._partageables(request):
            return {}
        return {ACTE: (modifier_ensemble, "Modifier une valeur, pour tous")}

    def _partageables(self, request):
        return ensemble.partageables(self.genre, self.ecran, request)

    def modifier(self, request, queryset):
        """Ask for the column, then for the value; then deposit what gives it to the rows."""
        if self.ecran.suppression.too_many(request, queryset):
            return None
        rows = list(queryset.order_by("pk"))
        columns = self._partageables(request)
        asked = request.POST.get("colonne")
        choice = ensemble.ColonneForm(None if asked is None else request.POST, colonnes=columns)
        if not choice.is_valid():
            return self._demander(request, rows, choice, "Choisir la valeur")
        column = columns[choice.cleaned_data["colonne"]]
        sent = request.POST if "valeur" in request.POST else None
        value = ensemble.ValeurForm(
            sent, genre=self.genre, colonne=column, ecran=self.ecran, request=request
        )
        if not value.is_valid():
            return self._demander(request, rows, value, "Voir ce que cela change", column)
        depot = ensemble.deposer(
            self.genre, request.user, column, value.cleaned_data["valeur"], rows
        )
        return self._analyser(request, depot, Analyse.de(depot, self.genre, self.ecran, request))

    def _demander(self, request, rows, form, button, column=None):
        context = {
            "title": "Modifier une valeur, pour tous",
            "subtitle": capfirst(str(self.opts.verbose_name_plural)),
            "form": form,
            "bouton": button,
            "colonne": column,
            "lignes": rows,
            "acte": ACTE,
            "selection": ACTION_CHECKBOX_NAME,
            **self.ecran.presence.context_of_many(request, rows),
        }
        status = 400 if form.errors else 200
        return self.ecran.render_page(request, "admin/imports/ensemble.html", context, status)

    def _ecarter(self, request, depot):
        """Read again such an import without the rows that are refused."""
        wrong = depot.lignes.filter(nature=LigneImport.Nature.ERREUR)
        if not ensemble.sans(depot, set(wrong.values_list("numero", flat=True))):
            return self._apercu(request, depot, TOUTES_REFUSEES, status=409)
        return self._reprendre(request, depot)

    def _presence(self, request, depot):
        """Who has open the records of such an import, while it may still be applied."""
        known = self.ecran.get_queryset(request).filter(pk__in=ensemble.cles(depot).values())
        return self.ecran.presence.context_of_many(request, list(known.order_by("pk")))

    def _nommer(self, request, depot, rows, groupes):
        """Say, beside each row that is shown and each kind of fault, the records they are about."""
        keys = ensemble.cles(depot) if depot.contenu else {}
        keys |= {row.numero: row.objet for row in rows if row.objet}
        shown = {row.numero for row in rows} | {n for groupe in groupes for n in groupe.cites}
        known = self.ecran.get_queryset(request).order_by()
        known = known.filter(pk__in=[keys[number] for number in shown if number in keys])
        found = {str(record.pk): record for record in known}
        records = {number: found.get(keys.get(number)) for number in shown}
        for row in rows:
            record = records[row.numero]
            row.fiche = record and lien(record)
        for groupe in groupes:
            groupe.noms = {n: f"« {record} »" for n, record in records.items() if record}
