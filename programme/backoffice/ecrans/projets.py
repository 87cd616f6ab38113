"""Projects, and who pays for them."""

from django.contrib import admin

from programme import models
from programme.backoffice.actes.saisie import FormulaireCycle
from programme.backoffice.ecrans.comites import DecisionsPrises
from programme.backoffice.ecrans.documents import DocumentLignes
from programme.backoffice.imports.vues import ImportMixin
from programme.backoffice.publication import (
    DependanceAdmin,
    LignesDependantesEmpilees,
    PubliableAdmin,
)
from territoires.administration import (
    AdresseMixin,
    BackofficeAdmin,
    FiltrePerimetre,
    FiltreRegion,
    FiltreRenseigne,
    FiltreValeurs,
)


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


@admin.register(models.Projet)
class ProjetAdmin(ImportMixin, AdresseMixin, PubliableAdmin):
    form = FormulaireCycle
    adresse_depuis = ("beneficiaire", "code")
    importable = "projets"
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
        *((name, FiltreValeurs) for name in ("statut", "axe", "filiere")),
        ("territoire", FiltreRenseigne),
        ("emplois_crees", FiltreRenseigne),
        ("investissement_eur", FiltreRenseigne),
    ]
    list_select_related = ["territoire", "departement"]
    search_fields = ["beneficiaire", "objet", "=code", "=siren", "territoire__nom"]
    autocomplete_fields = ["territoire", "contrat", "commune", "departement"]
    historique_dans = ["contrat"]
    date_hierarchy = "mise_a_jour"
    inlines = [FinancementLignes, DecisionsPrises, DocumentLignes]
    # A project lies where its territory or its département does: both must be the agent's.
    choix_propres = {
        "departement": ["region", "territoires__regions"],
        "commune": ["departement__region", "departement__territoires__regions"],
    }
    fieldsets = [
        (None, {"fields": ["code", "beneficiaire", "slug", ("siren", "categorie"), "objet"]}),
        ("Dans le programme", {"fields": ["territoire", "contrat", "axe", "filiere", "statut"]}),
        (
            "Lieu",
            {
                "fields": [
                    "commune",
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


@admin.register(models.Financement)
class FinancementAdmin(ImportMixin, DependanceAdmin):
    importable = "financements"
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
    ]
    list_select_related = ["projet", "financeur", "enveloppe"]
    search_fields = ["projet__beneficiaire", "=projet__code", "financeur__nom"]
    autocomplete_fields = ["projet", "financeur", "enveloppe"]
    date_hierarchy = "accorde_le"


@admin.register(models.Financeur)
class FinanceurAdmin(AdresseMixin, BackofficeAdmin):
    list_display = ["nom", "type", "operateur"]
    list_filter = ["type"]
    list_select_related = ["operateur"]
    search_fields = ["nom"]


@admin.register(models.Enveloppe)
class EnveloppeAdmin(PubliableAdmin):
    list_display = ["intitule", "fonds", "region", "an", "montant_eur", "publication"]
    list_filter = ["publication", "annee", ("region", FiltrePerimetre)]
    list_select_related = ["region"]
    search_fields = ["intitule", "fonds", "region__nom"]
    choix_propres = {"region": ["pk"]}
