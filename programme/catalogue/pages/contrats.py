"""The page of a contract."""

from django.db.models import Prefetch

from programme.catalogue import journal
from programme.catalogue.pages import chronologie
from programme.catalogue.pages.chronologie import Evenement
from programme.catalogue.pages.documents import pieces
from programme.catalogue.pages.fiche import FicheView
from programme.catalogue.parcours import Section, Suivie
from programme.models import Avenant, Contrat, Decision, Document, Projet
from territoires import moment

PROJETS_MONTRES = 20
ANNULEE = "Validation annulée depuis : le contrat est de nouveau en préparation."


def _suivis(contrat):
    rows = Projet.objects.published().filter(contrat=contrat)[:PROJETS_MONTRES]
    return Suivie.toutes("projet", rows)


class ContratView(FicheView):
    sections = {"projet": Section("projets", "projets", _suivis)}
    journal = journal.of_record
    jeu = "contrats"
    template_name = "programme/pages/contrat.html"
    code_field = "slug"
    absent = "Aucun contrat publié à cette adresse."

    def get_queryset(self):
        rows = Contrat.objects.published().select_related("territoire", "seance")
        return rows.prefetch_related(
            "signataires", Prefetch("avenants", Avenant.objects.order_by("numero"))
        )

    def get_context_data(self):
        contrat = self.objet
        projets = Projet.objects.published().filter(contrat=contrat)
        totaux = projets.totaux()
        decisions = Decision.objects.published().filter(contrat=contrat).select_related("seance")
        # The validation that stands is told once, by the contract itself.
        validations = [
            d for d in decisions if d.type == d.Type.CONTRAT and d.seance_id == contrat.seance_id
        ]
        events = [*chronologie.of_contrat(contrat)]
        events += [
            chronologie.of_avenant(a.numero, a.date_signature, a.objet, a.source)
            for a in contrat.avenants.all()
        ]
        undone = contrat.statut == Contrat.Statut.EN_PREPARATION
        events += [
            Evenement(
                d.seance.date,
                d.texte,
                d.seance.precision,
                detail=ANNULEE if undone and d.type == d.Type.CONTRAT else "",
                source=d.seance.source,
            )
            for d in decisions
            if d not in validations
        ]
        return {
            "date": moment.today(),
            "validations": validations,
            "memes_actes": contrat.peut_etre_le_meme_acte(),
            "chronologie": chronologie.in_order(events),
            "projets": projets.select_related("commune")[:PROJETS_MONTRES],
            "totaux": totaux,
            "repartitions": projets.repartitions(totaux),
            "documents": pieces(Document.objects.published().filter(contrat=contrat)),
            "journal": journal.of_record(contrat),
        }
