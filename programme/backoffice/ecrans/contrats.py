"""Contracts, who signed them, how they were amended."""

from django.contrib import admin
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.html import format_html

from programme import models
from programme.backoffice import droits
from programme.backoffice.actes.deposer import Depots
from programme.backoffice.actes.fusionner import Fusion
from programme.backoffice.actes.rattacher import Rattachement
from programme.backoffice.actes.saisie import FormulaireCycle
from programme.backoffice.cadre import (
    FiltreDepartement,
    FiltreRegion,
    FiltreRenseigne,
    FiltreTerritoire,
)
from programme.backoffice.cadre.ajouts import Ajouts
from programme.backoffice.cadre.doublons import NOMMES, SansDoublon
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.ecrans.comites import DecisionsPrises
from programme.backoffice.ecrans.documents import DocumentLignes
from programme.backoffice.imports.vues import Importation
from programme.backoffice.publication import (
    DependanceAdmin,
    LignesConsultees,
    LignesDependantes,
    LignesDependantesEmpilees,
    PubliableAdmin,
)
from programme.templatetags.portail import euros, pluriel


class SignataireLignes(LignesDependantes):
    model = models.Signataire
    fields = ["organisme", "nom", "fonction", "signe_le"]


class FormulaireAvenant(FormulaireBackoffice):
    """Corrects an avenant, or records an old one late; a new one is an act of its contract."""

    def clean(self):
        cleaned = super().clean()
        contrat = cleaned.get("contrat") or getattr(self.instance, "contrat", None)
        if self.instance._state.adding and contrat and not contrat._state.adding:
            models.Avenant(contrat=contrat).check_tardif()
        return cleaned


class EtatAvantMixin:
    """The contract as it was before each avenant, with the way to that version of it."""

    def get_queryset(self, request):
        versions = models.Contrat.history.filter(
            id=OuterRef("contrat"), version=OuterRef("version_avant")
        )
        version = Subquery(versions.values("history_id")[:1])
        return super().get_queryset(request).annotate(version_lisible=version)

    @admin.display(description="le contrat avant")
    def etat_avant(self, obj):
        if obj.pk is None:
            return "se remplit par l’acte « Ajouter un avenant »"
        if obj.version_avant is None:
            return "non renseigné : avenant enregistré après coup"
        actions, amount = obj.nb_actions_avant, obj.montant_avant_eur
        words = format_html(
            "{}, montant : {}",
            "actions non renseignées" if actions is None else pluriel(actions, "action"),
            euros(amount),
        )
        if obj.version_lisible is None:
            return words
        page = reverse(
            "admin:programme_contrat_version", args=[obj.contrat_id, obj.version_lisible]
        )
        return format_html(
            '{} – <a href="{}">tout le contrat avant l’avenant n° {}</a>', words, page, obj.numero
        )


class AvenantLignes(EtatAvantMixin, LignesDependantesEmpilees):
    model = models.Avenant
    form = FormulaireAvenant
    fields = [
        ("numero", "date_signature"),
        "objet",
        ("nb_actions", "montant_eur"),
        "etat_avant",
        "source",
    ]
    readonly_fields = ["etat_avant"]

    def get_max_num(self, request, obj=None, **kwargs):
        """No blank row where an avenant is added by an act."""
        amendable = obj is not None and obj.statut in obj.AMENDABLE
        return 0 if amendable else super().get_max_num(request, obj, **kwargs)


class ProjetLignes(LignesConsultees):
    """The projects that the contract takes; edited on their own pages."""

    model = models.Projet
    fk_name = "contrat"
    fields = readonly_fields = ["beneficiaire", "objet", "statut", "publication"]


class FormulaireContrat(SansDoublon, FormulaireCycle):
    """A territory has one act of a type in general: another one is told before it is saved."""

    @staticmethod
    def ressemblants(rows, data):
        same = rows.filter(territoire=data.get("territoire"), type=data.get("type"))
        for row in same.exclude(statut=models.Contrat.Statut.ABANDONNE)[:NOMMES]:
            yield row, "même territoire, même type d’acte"
        if own := data.get("id"):
            named = Q(pk=data["meme_acte_que"]) | Q(meme_acte_que=own)
            for row in rows.filter(named):
                yield row, "dit peut-être le même acte"


@admin.register(models.Contrat)
class ContratAdmin(PubliableAdmin):
    form = FormulaireContrat
    ajouts = Ajouts(("programme.Projet", "contrat"), ("programme.Document", "contrat"))
    rattachement = Rattachement()
    importation = Importation("contrats")
    fusion = Fusion()
    depots = Depots("contrat")
    garde_en_ajoutant = ("type", "source")
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
    list_filter = [
        "publication",
        "statut",
        "type",
        ("date_signature", FiltreRenseigne),
        ("montant_eur", FiltreRenseigne),
        FiltreRegion,
        FiltreDepartement,
        FiltreTerritoire,
    ]
    list_select_related = ["territoire"]
    search_fields = ["intitule", "territoire__nom", "slug__commence"]
    autocomplete_fields = ["territoire", "seance", "meme_acte_que"]
    historique_dans = ["territoire"]
    date_hierarchy = "date_signature"
    inlines = [SignataireLignes, AvenantLignes, ProjetLignes, DecisionsPrises, DocumentLignes]
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
                    "En préparation, puis validé en comité, signé, en cours, achevé ; ou "
                    "abandonné. Une fois le contrat enregistré, son statut change par les actes."
                ),
            },
        ),
        (
            "Contenu",
            {"fields": [("nb_actions", "montant_eur"), "meme_acte_que", "remarque", "source"]},
        ),
        ("Publication", {"fields": ["publication"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        """The séance is named by the act; on a contract recorded late it may still be missing."""
        fields = super().get_readonly_fields(request, obj)
        if obj is None:
            return fields
        early = obj.statut in (models.Contrat.Statut.EN_PREPARATION, models.Contrat.Statut.VALIDE)
        may = request.user.has_perm(droits.permission(droits.VALIDER, models.Contrat))
        late = obj.seance_id is None and not early and may
        return fields if late else [*fields, "seance"]


@admin.register(models.Signataire)
class SignataireAdmin(DependanceAdmin):
    importation = Importation("signataires")
    list_display = ["organisme", "nom", "fonction", "contrat", "signe_le"]
    list_filter = [FiltreRegion, FiltreDepartement, FiltreTerritoire]
    list_select_related = ["contrat"]
    search_fields = ["organisme", "nom", "contrat__intitule"]
    autocomplete_fields = ["contrat"]
    date_hierarchy = "signe_le"


@admin.register(models.Avenant)
class AvenantAdmin(EtatAvantMixin, DependanceAdmin):
    form = FormulaireAvenant
    importation = Importation("avenants")
    readonly_fields = ["etat_avant"]
    list_display = ["contrat", "numero", "date_signature", "montant_eur"]
    list_filter = [FiltreRegion, FiltreDepartement, FiltreTerritoire]
    list_select_related = ["contrat"]
    search_fields = ["contrat__intitule", "objet"]
    autocomplete_fields = ["contrat"]
    date_hierarchy = "date_signature"
