"""The pages of an import, beside the list of its model: deposit, preview, choices, result."""

import csv
import io

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.text import capfirst

from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.presence import PERSONNE
from programme.backoffice.cadre.suppression import LIGNES_PAR_ACTE
from programme.backoffice.droits import IMPORTER, permission
from programme.backoffice.imports import modele, progression
from programme.backoffice.imports.analyse import Analyse, fields_of_form
from programme.backoffice.imports.annulation import NonAnnulable, annuler, lignes_de
from programme.backoffice.imports.colonnes import ColonnesForm
from programme.backoffice.imports.confirmation import confirmer
from programme.backoffice.imports.correspondance import empreinte, retenue
from programme.backoffice.imports.declarations import IMPORTABLES
from programme.backoffice.imports.entete import ColonnesAChoisir, bon_entete, regarder
from programme.backoffice.imports.exports import FORMATS, TITRES, exporter
from programme.backoffice.imports.groupee import ModificationGroupee
from programme.backoffice.imports.groupes import grouper
from programme.backoffice.imports.plan import Plan, garder
from programme.donnees.neutralisation import neutralise
from programme.models import Import, LigneImport, Publication
from programme.models.base import Publiable
from territoires.lecture.tables import FichierRefuse, check_size, ouvrir

PAR_PAGE = 25
DERNIERS = 20
CHOIX_RENDUS = (
    "Votre session avait expiré : rien n’a été appliqué. Vos choix sur cette page sont gardés : "
    "relisez, puis continuez."
)
Nature = LigneImport.Nature
A_ECRIRE = (Nature.NOUVEAU, Nature.MODIFIE)
RELISIBLES = {Publication.BROUILLON, Publication.A_VALIDER}


class FichierForm(forms.Form):
    fichier = forms.FileField(
        label="Fichier CSV, XLSX ou ODS",
        help_text="10 Mo au plus. Rien n’est enregistré avant l’aperçu et votre confirmation.",
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Le fichier est vide : exportez la liste, et partez de ce fichier.",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.ods"}),
    )

    def clean_fichier(self):
        upload = self.cleaned_data["fichier"]
        check_size(upload.size)
        return upload


class Importation(ModificationGroupee, Piece):
    """Of a model that has an `Importable`: `nom` is its name."""

    def __init__(self, nom):
        self.nom = nom

    @property
    def genre(self):
        return IMPORTABLES[self.nom]

    def urls(self):
        view, name = self.admin_site.admin_view, self.address_name
        depot = "importer/<int:depot>/"
        return [
            path("exporter/<slug:nom>/", view(self.exporter_view), name=name("exporter")),
            path("importer/", view(self.importer_view), name=name("importer")),
            path("importer/modele.<slug:nom>", view(self.modele_view), name=name("import_modele")),
            path(depot, view(self.import_view), name=name("import")),
            path(f"{depot}colonnes/", view(self.colonnes_view), name=name("import_colonnes")),
            path(f"{depot}erreurs.csv", view(self.erreurs_view), name=name("import_erreurs")),
        ]

    def is_allowed(self, request):
        allowed = request.user.has_perm(permission(IMPORTER, self.model))
        return allowed and self.ecran.has_change_permission(request)

    def address(self, request):
        """Where a file is deposited; empty for who may not."""
        return self.ecran.page_address("importer") if self.is_allowed(request) else ""

    def list_context(self, request):
        part = f" ({self.genre.partie})" if self.genre.partie else ""
        return {
            "exports": [
                (f"{words}{part}", self.ecran.page_address("exporter", name))
                for name, words in TITRES.items()
            ],
            "importer_url": self.address(request),
        }

    # --- The pages ----------------------------------------------------------------------------

    def exporter_view(self, request, nom):
        """The list as it is filtered, as a file."""
        if nom not in FORMATS:
            raise Http404("Ce format d’export n’existe pas.")
        if not self.ecran.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = self.ecran.get_changelist_instance(request).get_queryset(request)
        return exporter(request, self.genre, rows, nom)

    def importer_view(self, request):
        """Deposit a file; those that the agent deposited before."""
        self._check_right(request)
        form = FichierForm()
        if request.method == "POST":
            form = FichierForm(request.POST, request.FILES)
            if form.is_valid():
                upload = form.cleaned_data["fichier"]
                try:
                    return self._lire(request, upload.name, upload.read())
                except FichierRefuse as error:
                    form.add_error("fichier", error)
        mine = Import.objects.visible_to(request.user).filter(genre=self.nom)
        context = {
            "title": f"Importer : {self.opts.verbose_name_plural}",
            "subtitle": None,
            "form": form,
            "colonnes": self._dictionnaire(),
            "depots": mine.defer("contenu").select_related("agent")[:DERNIERS],
            "page_depot": f"admin:{self.opts.app_label}_{self.opts.model_name}_import",
            "national": request.user.est_national,
            "modeles": [
                (nom.upper(), self.ecran.page_address("import_modele", nom))
                for nom in modele.FORMATS
            ],
        }
        status = 400 if form.errors else 200
        return self.ecran.render_page(request, "admin/imports/importer.html", context, status)

    def _lire(self, request, name, content):
        """Read a file that was sent, as its columns are known or remembered; else ask for them."""
        table = bon_entete(self.genre, ouvrir(content))
        header = table.entete
        known = retenue(self.nom, request.user, header)
        kept = {"disposition": empreinte(header), "correspondance": known and known.as_json()}
        try:
            analyse = Analyse(self.genre, self.ecran, request, content, known)
        except ColonnesAChoisir:
            if not regarder(table)[0]:
                raise
            depot = Import.depose(self.nom, request.user, name, content, **kept)
            return HttpResponseRedirect(self.ecran.page_address("import_colonnes", depot.pk))
        depot = Import.depose(self.nom, request.user, name, content, **kept)
        return self._analyser(request, depot, analyse)

    def colonnes_view(self, request, depot):
        """What each column of a file is: understood, and chosen."""
        depot = self._depot(request, depot)
        if depot.agent != request.user:
            raise PermissionDenied
        if not depot.est_ouvert:
            return self._apercu(request, depot, "Cet import n’attend plus rien.", status=409)
        typed = request.POST if request.method == "POST" else self.ecran.tour.rendue
        permis = fields_of_form(self.ecran, request)
        form = ColonnesForm(depot, self.genre, permis, typed)
        if request.method == "POST" and form.is_valid():
            depot.correspondance = form.choisie.as_json()
            depot.disposition = empreinte(form.choisie.entete)
            depot.save(update_fields=["correspondance", "disposition"])
            depot.lignes.all().delete()
            return self._reprendre(request, depot)
        context = {
            "title": f"Les colonnes de {depot.nom_fichier}",
            "subtitle": capfirst(str(self.opts.verbose_name_plural)),
            "form": form,
            "lecture": form.tableau.remarques,
            "importer_url": self.ecran.page_address("importer"),
        }
        status = 400 if request.method == "POST" else 200
        return self.ecran.render_page(request, "admin/imports/colonnes.html", context, status)

    def modele_view(self, request, nom):
        """An empty file to fill."""
        self._check_right(request)
        if nom not in modele.FORMATS:
            raise Http404("Ce format n’existe pas.")
        permis = fields_of_form(self.ecran, request)
        made = modele.composer(self.genre, self.ecran, request, permis)
        return modele.repondre(made, self.genre, nom)

    def import_view(self, request, depot):
        """What a file would do, or did; its choices, and its confirmation."""
        depot = self._depot(request, depot)
        if request.method != "POST":
            return self._apercu(request, depot, self._give_choices_back(request, depot))
        if depot.agent != request.user:
            raise PermissionDenied
        if request.POST.get("action") == "annuler":
            return self._annuler(request, depot)
        if not depot.est_ouvert:
            return self._apercu(request, depot, "Cet import n’attend plus rien.", status=409)
        self._noter_choix(request.POST, depot)
        action = request.POST.get("action", "")
        acts = {"analyser": self._reprendre, "appliquer": self._appliquer}
        acts |= {"ecarter": self._ecarter} if depot.est_groupee else {}
        if action in acts:
            return acts[action](request, depot)
        return HttpResponseRedirect(self._retour(request, depot, action))

    def erreurs_view(self, request, depot):
        """The errors of a file, as a file."""
        depot = self._depot(request, depot)
        out = io.StringIO()
        out.write("\ufeff")
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        writer.writerow(["ligne", "colonne", "lettre", "erreur"])
        for row in depot.lignes.filter(nature__in=[Nature.ERREUR, Nature.REFUSE]):
            writer.writerow([row.numero, row.colonne, row.lettre, neutralise(row.motif)])
        response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="erreurs-import-{depot.pk}.csv"'
        response["Cache-Control"] = "no-store"
        return response

    # --- How ----------------------------------------------------------------------------------

    def _check_right(self, request):
        if not self.is_allowed(request):
            raise PermissionDenied

    def _depot(self, request, pk):
        self._check_right(request)
        mine = Import.objects.visible_to(request.user).filter(genre=self.nom)
        depot = get_object_or_404(mine.select_related("agent"), pk=pk)
        if depot.portee and depot.portee != Import.portee_de(depot.agent):
            # Its author's role or régions changed since: these rows may not be theirs any more.
            depot.oublier_lignes()
        return depot

    def _dictionnaire(self):
        """(column, why it is protected, why it is set aside) of each that a file may have."""
        genre = self.genre
        rows = []
        for column in genre.complet.colonnes:
            protection = genre.protection(column.nom)
            said = protection.raison if protection else ""
            rows.append((column, said, genre.ecartee(column.nom)))
        return rows

    def _analyser(self, request, depot, analyse):
        def etapes():
            yield from analyse.etapes()
            depot.remarques = []
            garder(depot, analyse.plan)

        return self._suivre(request, depot, etapes(), "Lecture du fichier")

    def _reprendre(self, request, depot):
        try:
            analyse = Analyse.de(depot, self.genre, self.ecran, request)
        except ColonnesAChoisir:
            return HttpResponseRedirect(self.ecran.page_address("import_colonnes", depot.pk))
        except FichierRefuse as error:  # the columns of the kind changed since the deposit
            garder(depot, Plan.illisible(error))
            return HttpResponseRedirect(self.ecran.page_address("import", depot.pk))
        return self._analyser(request, depot, analyse)

    def _appliquer(self, request, depot):
        if depot.etat != Import.Etat.A_CONFIRMER:
            told = "Cet import ne peut pas être appliqué : corrigez d’abord le fichier."
            return self._apercu(request, depot, told, status=409)
        etapes = confirmer(depot, self.genre, self.ecran, request, self._refuses(depot))
        return self._suivre(request, depot, etapes, "Application de l’import")

    def _annuler(self, request, depot):
        """Undo an applied import, or say why it cannot be any more."""

        def etapes():
            try:
                yield from annuler(depot, self.genre, self.ecran, request)
            except NonAnnulable as error:
                Import.objects.filter(pk=depot.pk).update(remarques=error.messages)
                yield from error.messages

        return self._suivre(request, depot, etapes(), "Annulation de l’import")

    def _publiables(self, request, depot):
        """How the new rows of an applied import can be published, or proposed, in one act."""
        ecran = self.ecran
        if depot.etat != Import.Etat.APPLIQUE or not issubclass(self.model, Publiable):
            return None
        if not depot.nb_nouveaux or not ecran.has_change_permission(request):
            return None
        new = lignes_de(depot, self.model).filter(history_type="+").values("id")
        rows = ecran.get_queryset(request).order_by().filter(pk__in=new)
        publishes = ecran.has_publier_permission(request)
        states = RELISIBLES if publishes else {Publication.BROUILLON}
        keys = list(rows.filter(publication__in=states).values_list("pk", flat=True))
        if not keys:
            return None
        return {
            "adresse": ecran.page_address("changelist"),
            "acte": "publier" if publishes else "proposer",
            "titre": "Publier" if publishes else "Proposer à la validation",
            "cles": keys[:LIGNES_PAR_ACTE],
            "nombre": len(keys),
        }

    def _suivre(self, request, depot, etapes, titre):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": titre,
            "subtitle": depot.nom_fichier,
        }
        address = self.ecran.page_address("import", depot.pk)
        return progression.repondre(request, depot, etapes, contexte=context, adresse=address)

    def _refuses(self, depot):
        """The numbers of the rows that the agent refused."""
        rows = depot.lignes.filter(nature__in=A_ECRIRE, acceptee=False)
        return frozenset(rows.values_list("numero", flat=True))

    def _give_choices_back(self, request, depot):
        """Keep the choices sent without a session; the sentence that says so, or nothing."""
        typed = self.ecran.tour.rendue
        if typed is None or depot.agent != request.user or not depot.est_ouvert:
            return ""
        self._noter_choix(typed, depot)
        return CHOIX_RENDUS

    def _noter_choix(self, data, depot):
        """Keep the choices of the rows that the page showed, and of these alone."""
        shown = depot.lignes.filter(nature__in=A_ECRIRE, pk__in=_keys(data, "vue"))
        action = data.get("action", "")
        if action == "rien":
            shown.update(acceptee=False)
        elif action == "tout":
            shown.update(acceptee=True)
        else:
            kept = _keys(data, "garder")
            shown.exclude(pk__in=kept).update(acceptee=False)
            shown.filter(pk__in=kept).update(acceptee=True)

    def _retour(self, request, depot, action):
        """The page that a choice leads to: the one asked for, or the same."""
        _, _, page = action.partition("page-")
        query = request.GET.copy()
        if page.isascii() and page.isdigit():
            query["p"] = page
        address = self.ecran.page_address("import", depot.pk)
        return f"{address}?{query.urlencode()}" if query else address

    def _apercu(self, request, depot, told="", status=200):
        rows = depot.lignes.all()
        natures = dict(rows.order_by().values_list("nature").annotate(n=Count("pk")))
        asked = request.GET.get("nature", "")
        default = Nature.ERREUR if depot.nb_erreurs else ""
        nature = asked if asked in natures else default
        page = Paginator(rows.filter(nature=nature) if nature else rows, PAR_PAGE)
        accepted = rows.filter(nature__in=A_ECRIRE, acceptee=True).count()
        context = {
            "title": depot.titre,
            "subtitle": capfirst(str(self.opts.verbose_name_plural)),
            "depot": depot,
            "dit": told,
            "page": page.get_page(request.GET.get("p")),
            "nature": nature,
            "natures": [(word, natures[word]) for word in Nature.values if word in natures],
            "acceptees": accepted,
            "total": sum(natures.get(word, 0) for word in A_ECRIRE),
            "a_choisir": depot.etat == Import.Etat.A_CONFIRMER and depot.agent == request.user,
            "mien": depot.agent == request.user,
            "non_listees": max(depot.nb_erreurs - natures.get(Nature.ERREUR, 0), 0),
            "erreurs_url": self.ecran.page_address("import_erreurs", depot.pk),
            "importer_url": self.ecran.page_address("importer"),
            "colonnes_url": self.ecran.page_address("import_colonnes", depot.pk),
            "groupes": grouper(rows) if nature == Nature.ERREUR else [],
            "publiables": self._publiables(request, depot),
            "selection": ACTION_CHECKBOX_NAME,
        }
        shown = context["page"].object_list
        context["titres"] = list(dict.fromkeys(one[0] for row in shown for one in row.changements))
        for row in shown:
            row.cellules, row.fiche = _cellules(row, context["titres"]), None
        context |= PERSONNE
        if depot.est_groupee:
            self._nommer(request, depot, shown, context["groupes"])
            if context["a_choisir"] and depot.contenu:
                context |= self._presence(request, depot)
        return self.ecran.render_page(request, "admin/imports/apercu.html", context, status)


def _cellules(row, titres):
    """What a row of the preview says under each title: (before, after), or None."""
    known = {title: (before, after) for title, before, after in row.changements}
    return [(title, known.get(title)) for title in titres]


def _keys(data, name):
    return [int(key) for key in data.getlist(name) if key.isascii() and key.isdigit()]
