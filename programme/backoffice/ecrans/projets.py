"""Projects, and who pays for them."""

from django.contrib import admin, messages
from django.db.models import Q
from django.forms.widgets import Script
from django.urls import reverse_lazy
from django.utils.html import format_html

from programme import models
from programme.backoffice.actes.deposer import Depots
from programme.backoffice.actes.fusionner import Fusion, lieu_coherent
from programme.backoffice.actes.saisie import FormulaireCycle
from programme.backoffice.cadre import (
    FicheAdmin,
    FiltreDepartement,
    FiltrePerimetre,
    FiltreRegion,
    FiltreRenseigne,
    FiltreTerritoire,
    filtres_declares,
)
from programme.backoffice.cadre.ajouts import Ajouts, offerts
from programme.backoffice.cadre.doublons import NOMMES, SansDoublon, proches
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.ecrans.comites import DecisionsPrises
from programme.backoffice.ecrans.documents import DocumentLignes
from programme.backoffice.imports.suite import debut, suivants
from programme.backoffice.imports.vues import Importation
from programme.backoffice.publication import (
    DependanceAdmin,
    LignesDependantesEmpilees,
    PubliableAdmin,
)
from programme.donnees.jeux.projets import PROJETS
from programme.lieux import CHAMPS, Lieux, en_mots, proposer
from territoires.models import Departement
from territoires.reponses import NON_RENSEIGNE


class FinancementLignes(LignesDependantesEmpilees):
    model = models.Financement
    fields = [
        ("financeur", "enveloppe"),
        ("montant_demande_eur", "demande_le"),
        ("montant_accorde_eur", "accorde_le"),
        ("montant_verse_eur", "verse_le"),
    ]
    autocomplete_fields = ["financeur", "enveloppe"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("projet", "financeur", "enveloppe")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "financeur" and field is not None:
            screen = self.admin_site.get_model_admin(models.Financeur)
            if screen.has_add_permission(request):
                field.help_text = format_html(
                    '{} Absent de la liste ? <a href="{}" target="_blank" rel="noopener">Ajoutez '
                    "ce financeur (nouvel onglet)</a>, puis tapez son nom ici.",
                    field.help_text,
                    screen.page_address("add"),
                )
        return field


class FormulaireProjet(SansDoublon, FormulaireCycle):
    """The place of a project as a whole: the commune gives the rest, doubts are told once saved."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.dits = []

    @staticmethod
    def ressemblants(rows, data):
        if siren := data.get("siren"):
            for row in rows.filter(siren=siren)[:NOMMES]:
                yield row, "même SIREN"
        near = Q()
        for name in ("commune", "territoire", "departement"):
            if data.get(name):
                near |= Q(**{name: data[name]})
        if near:
            title = f"{data.get('beneficiaire', '')} {data.get('objet', '')}"
            there = rows.filter(near)
            for row in proches(there, title, lambda row: f"{row.beneficiaire} {row.objet}"):
                yield row, "même endroit, même porteur et même objet à peu près"

    def _post_clean(self):
        super()._post_clean()
        changes = set(self.changed_data) & CHAMPS
        if not changes or changes & set(self.errors):
            return
        lieux = Lieux([self.instance])
        found = lieux.completer(self.instance, changes)
        for name, (_, after) in found.items():
            label = self._meta.model._meta.get_field(name).verbose_name
            self.dits.append(f"D’après la commune, {label} : {after or NON_RENSEIGNE}.")
        for ecart in (*lieux.perdus(found), *lieux.ecarts(self.instance, changes)):
            told = ecart.phrase[0].upper() + ecart.phrase[1:]
            if ecart.doute:
                self.dits.append(f"À vérifier : {told}")
            else:
                self.add_error(ecart.champ if ecart.champ in self.fields else None, told)
        if self.errors:
            self._proposer(found)

    def _proposer(self, found):
        """Show what the commune gives in the form that comes back: to be sent again, or changed."""
        self.retenu |= {name: after or "" for name, (_, after) in found.items()}


@admin.register(models.Projet)
class ProjetAdmin(PubliableAdmin):
    class Media:
        js = [Script("js/lieu.js", **{"defer": True, "data-adresse": reverse_lazy("admin:lieu")})]

    form = FormulaireProjet
    adresse_depuis = ("beneficiaire", "code")
    importation = Importation("projets")
    fusion = Fusion(lieu_coherent)
    ajouts = Ajouts(("programme.Document", "projet"))
    depots = Depots("projet")
    garde_en_ajoutant = ("territoire", "contrat", "source", "mise_a_jour")
    list_display = [
        "beneficiaire",
        "territoire",
        "departement",
        "statut",
        "publication",
        "investissement_eur",
    ]
    list_filter = [
        "publication",
        FiltreRegion,
        FiltreDepartement,
        FiltreTerritoire,
        *filtres_declares(PROJETS),
        ("territoire", FiltreRenseigne),
    ]
    list_select_related = ["territoire", "departement"]
    search_fields = [
        "beneficiaire",
        "objet",
        "code__commence",
        "=siren",
        "territoire__nom",
        "commune__nom",
        "=commune__code",
    ]
    autocomplete_fields = ["territoire", "contrat", "commune", "departement"]
    historique_dans = ["contrat"]
    date_hierarchy = "mise_a_jour"
    inlines = [FinancementLignes, DecisionsPrises, DocumentLignes]
    readonly_fields = ["d_apres_la_commune"]
    # A project lies where its territory or its département does: both must be the agent's.
    choix_propres = {
        "departement": ["region", "territoires__regions"],
        "commune": ["departement__region", "departement__territoires__regions"],
    }
    fieldsets = [
        (None, {"fields": ["code", "beneficiaire", "slug", ("siren", "categorie"), "objet"]}),
        (
            "Dans le programme",
            {"fields": ["territoire", "contrat", ("axe", "thematique"), "filiere", "statut"]},
        ),
        (
            "Lieu",
            {
                "fields": [
                    "commune",
                    "d_apres_la_commune",
                    "departement",
                    ("departement_cite", "code_postal"),
                    ("lon", "lat", "localisation"),
                ]
            },
        ),
        (
            "Emplois et montants",
            {
                "fields": [("emplois_crees", "emplois_maintenus"), "investissement_eur"],
                "description": "Une case vide veut dire « non renseigné », jamais zéro.",
            },
        ),
        ("Source", {"fields": ["mise_a_jour", "source"]}),
        ("Publication", {"fields": ["publication"]}),
    ]

    @admin.display(description="d’après la commune")
    def d_apres_la_commune(self, obj):
        return en_mots(proposer(obj.commune)) if obj and obj.commune_id else NON_RENSEIGNE

    def get_changeform_initial_data(self, request):
        """A code that is free, and the place of the contract or of the territory."""
        given = super().get_changeform_initial_data(request)
        contrat = models.Contrat.objects.filter(pk=given.get("contrat")).first()
        if contrat is not None and "territoire" not in given:
            given |= offerts(self, request, {"territoire": contrat.territoire_id})
        if territoire := given.get("territoire"):
            places = Departement.objects.filter(territoires=territoire).values_list("pk", flat=True)
            if len(places) == 1:
                given |= offerts(self, request, {"departement": places[0]})
        return {"code": next(suivants(self.model, debut(request.user))), **given}

    def gardes(self, obj):
        """The fund too, that of its last financement."""
        last = obj.financements.order_by("-pk").first()
        fund = {"financeur": last.financeur_id, "enveloppe": last.enveloppe_id} if last else {}
        return super().gardes(obj) | fund

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if inline.model is models.Financement and obj.pk is None and request.method == "GET":
            said = {name: request.GET.get(name) for name in ("financeur", "enveloppe")}
            said = offerts(inline, request, {name: key for name, key in said.items() if key})
            kwargs |= {"initial": [said]} if said else {}
        return kwargs

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        self.tour.dits += [(told, messages.WARNING) for told in getattr(form, "dits", ())]


@admin.register(models.Financement)
class FinancementAdmin(DependanceAdmin):
    importation = Importation("financements")
    list_display = [
        "projet",
        "financeur",
        "enveloppe",
        "montant_demande_eur",
        "montant_accorde_eur",
        "montant_verse_eur",
    ]
    list_filter = [
        ("financeur", FiltrePerimetre),
        ("enveloppe", FiltrePerimetre),
        ("montant_accorde_eur", FiltreRenseigne),
        FiltreRegion,
        FiltreDepartement,
        FiltreTerritoire,
    ]
    list_select_related = ["projet", "financeur", "enveloppe"]
    search_fields = ["projet__beneficiaire", "projet__code__commence", "financeur__nom"]
    autocomplete_fields = ["projet", "financeur", "enveloppe"]
    date_hierarchy = "accorde_le"


class FormulaireFinanceur(SansDoublon, FormulaireBackoffice):
    """Of the whole country, or of a région: a secretariat records those of its own."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.request.user.est_national:
            return
        if region := self.fields.get("region"):
            region.required = True
            region.error_messages["required"] = "Choisissez votre région : elle en répond."
        if kind := self.fields.get("type"):
            # Only what is shown: the database refuses the rest with a sentence.
            offered = models.Financeur.REGIONAUX
            kind.widget.choices = [(v, s) for v, s in kind.widget.choices if v in ("", *offered)]

    @staticmethod
    def ressemblants(rows, data):
        for row in proches(rows, data.get("nom", ""), lambda row: row.nom):
            yield row, "nom proche"


@admin.register(models.Financeur)
class FinanceurAdmin(FicheAdmin):
    form = FormulaireFinanceur
    fusion = Fusion()
    adresse_depuis = ("nom",)
    list_display = ["nom", "type", "operateur", "region"]
    list_filter = ["type", ("region", FiltrePerimetre)]
    list_select_related = ["operateur", "region"]
    search_fields = ["nom"]
    choix_propres = {"region": ["pk"]}

    def get_exclude(self, request, obj=None):
        return None if request.user.est_national else ["operateur"]

    def has_change_permission(self, request, obj=None):
        """A secretariat changes those of its régions; every région uses the others as they are."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is not None and obj.absorbe_par_id is not None:
            return False
        agent = request.user
        return obj is None or agent.est_national or agent.regions.filter(pk=obj.region_id).exists()


@admin.register(models.Enveloppe)
class EnveloppeAdmin(PubliableAdmin):
    list_display = ["intitule", "fonds", "region", "an", "montant_eur", "publication"]
    list_filter = ["publication", "annee", ("region", FiltrePerimetre)]
    list_select_related = ["region"]
    search_fields = ["intitule", "fonds", "region__nom"]
    choix_propres = {"region": ["pk"]}
