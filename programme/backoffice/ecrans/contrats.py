"""Contracts, who signed them, how they were amended."""

from django.contrib import admin

from programme import models
from programme.backoffice.cycles import FormulaireCycle
from programme.backoffice.ecrans.documents import DocumentLignes
from programme.backoffice.imports.vues import ImportMixin
from programme.backoffice.publication import (
    DependanceAdmin,
    LignesDependantes,
    LignesDependantesEmpilees,
    PubliableAdmin,
)
from territoires.administration import AdresseMixin, FiltreRegion


class SignataireLignes(LignesDependantes):
    model = models.Signataire
    fields = ["organisme", "nom", "fonction", "signe_le"]


class AvenantLignes(LignesDependantesEmpilees):
    model = models.Avenant
    fields = [("numero", "date_signature"), "objet", ("nb_actions", "montant_eur"), "source"]


@admin.register(models.Contrat)
class ContratAdmin(AdresseMixin, PubliableAdmin):
    form = FormulaireCycle
    adresse_depuis = ("type", "intitule")
    list_display = [
        "intitule",
        "type",
        "territoire",
        "statut",
        "date_signature",
        "montant_eur",
        "publication",
    ]
    list_filter = ["publication", "statut", "type", FiltreRegion]
    list_select_related = ["territoire"]
    search_fields = ["intitule", "territoire__nom", "=slug"]
    autocomplete_fields = ["territoire", "seance"]
    date_hierarchy = "date_signature"
    inlines = [SignataireLignes, AvenantLignes, DocumentLignes]
    fieldsets = [
        (None, {"fields": ["territoire", "type", "intitule", "slug"]}),
        (
            "Vie du contrat",
            {
                "fields": [
                    ("statut", "seance"),
                    ("date_signature", "precision_signature"),
                    "lieu",
                    "date_fin",
                ],
                "description": (
                    "En préparation, puis validé en comité (nommez la séance), signé, en cours, "
                    "achevé ; ou abandonné. Le statut n’avance que d’un pas."
                ),
            },
        ),
        ("Contenu", {"fields": [("nb_actions", "montant_eur"), "source"]}),
        ("Publication", {"fields": ["publication"]}),
    ]


@admin.register(models.Signataire)
class SignataireAdmin(ImportMixin, DependanceAdmin):
    importable = "signataires"
    list_display = ["organisme", "nom", "fonction", "contrat", "signe_le"]
    list_filter = [FiltreRegion]
    list_select_related = ["contrat"]
    search_fields = ["organisme", "nom", "contrat__intitule"]
    autocomplete_fields = ["contrat"]
    date_hierarchy = "signe_le"


@admin.register(models.Avenant)
class AvenantAdmin(DependanceAdmin):
    list_display = ["contrat", "numero", "date_signature", "montant_eur"]
    list_filter = [FiltreRegion]
    list_select_related = ["contrat"]
    search_fields = ["contrat__intitule", "objet"]
    autocomplete_fields = ["contrat"]
    date_hierarchy = "date_signature"
