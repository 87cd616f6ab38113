"""The proposals: their list, and the page where one is read and answered."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import slugify

from programme import models
from programme.backoffice.cadre import LectureSeuleAdmin
from programme.backoffice.cadre.perimetre import is_inside
from programme.backoffice.preparation.portes import portes
from programme.backoffice.propositions import avis
from programme.backoffice.propositions.ecart import changes_in_words
from programme.backoffice.propositions.saisie import LONGUEUR, TEXTE_PUBLIC, may_answer
from programme.backoffice.propositions.suivi import a_repondre
from programme.backoffice.verrou import lock_on
from programme.models import DecisionPreparee, Proposition
from programme.models.propositions import version_de
from programme.templatetags.saisie import auteur_de_la_saisie
from territoires.models import ConflitDeVersion

ENTRE_TEMPS = (
    "L’enregistrement a changé depuis que vous avez ouvert cette page : relisez ci-dessous ce qui "
    "est proposé et ce qui est enregistré, puis répondez de nouveau."
)
RIEN_DE_COCHE = (
    "Cochez au moins un changement à accepter ; pour n’en accepter aucun, refusez en disant "
    "pourquoi."
)
SANS_MOTIF = "Dites pourquoi vous refusez : votre réponse est lue par qui propose."
DITS = {
    "refuser": "refusée : votre réponse est envoyée",
    "corriger": "répondue : votre réponse est envoyée",
    "ecarter": "écartée : rien n’en est public",
    "occulter": "occultée",
    "retirer": "retirée",
}
"""What is said of each act once it is done."""
SANS_ACTE = "Choisissez : accepter, amender ou refuser."


class FiltreOrigine(admin.SimpleListFilter):
    """Those of agents, those from outside, those that have waited too long."""

    title = "origine"
    parameter_name = "origine"

    def lookups(self, request, model_admin):
        return [("agents", "agents"), ("public", "public"), ("retard", "public, en retard")]

    def queryset(self, request, queryset):
        if self.value() == "agents":
            return queryset.exclude(visibilite=Proposition.Visibilite.PUBLIQUE)
        if self.value() == "public":
            return queryset.du_public()
        if self.value() == "retard":
            return queryset.en_retard()
        return queryset


class FiltrePour(admin.SimpleListFilter):
    """Those that wait for the agent's answer; those that they made."""

    title = "pour moi"
    parameter_name = "pour"

    def lookups(self, request, model_admin):
        return [("repondre", "à répondre"), ("miennes", "mes propositions")]

    def queryset(self, request, queryset):
        if self.value() == "repondre":
            return queryset.filter(pk__in=a_repondre(request.user).values("pk"))
        if self.value() == "miennes":
            return queryset.filter(auteur=request.user)
        return queryset


@admin.register(models.Proposition)
class PropositionAdmin(LectureSeuleAdmin):
    """Nobody edits a proposal: it is answered, or withdrawn by its author."""

    list_display = ["intitule", "genre_en_mots", "auteur", "deposee_le", "suite", "repondant"]
    list_display_links = ["intitule"]
    list_filter = [FiltrePour, FiltreOrigine, "etat"]
    list_select_related = ["auteur", "repondant"]
    search_fields = ["nom", "motif", "reponse", "auteur__nom"]
    date_hierarchy = "deposee_le"

    @admin.display(description="enregistrement", ordering="nom")
    def intitule(self, obj):
        return f"N° {obj.pk} : {obj.nom}"

    @admin.display(description="genre", ordering="genre")
    def genre_en_mots(self, obj):
        return obj.modele._meta.verbose_name

    @admin.display(description="état", ordering="etat")
    def suite(self, obj):
        return format_html('<span class="etat-{}">{}</span>', slugify(obj.etat), obj.etat)

    # --- The page -----------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        proposition = self.get_object(request, unquote(object_id))
        if proposition is None or not self.has_view_permission(request, proposition):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        page = Page(self, request, proposition)
        if request.method != "POST":
            typed = self.tour.rendue
            return page.shown() if typed is None else page.given_back(typed)
        return page.posted()


class Page:
    """One proposal for one agent: what they read, what they may do, what they sent."""

    def __init__(self, model_admin, request, proposition):
        self.admin, self.request, self.proposition = model_admin, request, proposition
        self.sent = request.POST
        record = proposition.enregistrement
        inside = record is not None and is_inside(request.user, record)
        self.record = record if inside else None
        self.gone = record is None
        waits = proposition.est_en_attente
        self.mine = proposition.auteur_id == request.user.pk
        self.answers = waits and self.record is not None and may_answer(request.user, self.record)
        self.withdraws = waits and self.mine
        self.hides = (
            proposition.est_du_public
            and not waits
            and not proposition.est_occultee
            and self.record is not None
            and may_answer(request.user, self.record)
        )

    # --- What was sent ------------------------------------------------------------------------

    def posted(self):
        act = self.sent.get("acte")
        if act == "occulter" and self.hides:
            return self._close(act)
        if not self.proposition.est_en_attente:
            return self.shown([self.proposition.deja_dit], status=409)
        if not (self.answers or self.withdraws):
            raise PermissionDenied
        if fault := self._fault(act):
            return self.shown([fault])
        return self._accept() if act == "accepter" else self._close(act)

    def _fault(self, act):
        """Why what was sent is no answer, in a sentence; empty when it is one."""
        outside = self.answers and self.proposition.est_du_public
        allowed = {
            "accepter": self.answers,
            "refuser": self.answers,
            "retirer": self.withdraws,
            "corriger": outside,
            "ecarter": outside,
        }
        if not allowed.get(act):
            return SANS_ACTE if self.answers else "Vous pouvez la retirer."
        for name, words in (("reponse", "Réponse"), (TEXTE_PUBLIC, "Ce que le public lira")):
            if len(self.sent.get(name, "")) > LONGUEUR:
                return f"{words} : {LONGUEUR} caractères au plus."
        return SANS_MOTIF if act == "refuser" and not self._said() else ""

    def _said(self, name="reponse"):
        return self.sent.get(name, "").replace("\x00", "").strip()

    def _public(self):
        """What the public will read, with the answer to a correction from outside."""
        outside = self.proposition.est_du_public
        return {"texte_public": self._said(TEXTE_PUBLIC)} if outside else {}

    def _close(self, act):
        try:
            with transaction.atomic():
                locked = Proposition.objects.select_for_update().get(pk=self.proposition.pk)
                told = locked.adresse
                self._do(act, locked)
                if act in ("refuser", "corriger"):
                    avis.answered(locked, told)
        except ConflitDeVersion:
            return self._too_late()
        except ValidationError as error:
            if Proposition.objects.en_attente().filter(pk=self.proposition.pk).exists():
                return self.shown(error.messages)
            return self._too_late()
        self.admin.message_user(
            self.request, f"Proposition n° {locked.pk} {DITS[act]}.", messages.SUCCESS
        )
        return HttpResponseRedirect(locked.get_absolute_url())

    def _do(self, act, locked):
        agent = self.request.user
        if act == "refuser":
            locked.refuser(agent, self._said(), **self._public())
        elif act == "corriger":
            locked.corriger(agent, self._said(), **self._public())
        elif act == "ecarter":
            locked.ecarter(agent)
        elif act == "occulter":
            locked.occulter()
        else:
            locked.retirer(agent)

    def _too_late(self):
        self.proposition = Proposition.objects.get(pk=self.proposition.pk)
        self.answers = self.withdraws = False
        return self.shown([self.proposition.deja_dit], status=409)

    def _accept(self):
        taken = set(self.sent.getlist("retenir"))
        if not taken:
            return self.shown([RIEN_DE_COCHE])
        if self.sent.get("version_vue") != str(version_de(self.record)) or self._moved(taken):
            return self.shown([ENTRE_TEMPS], status=409)
        site = self.admin.admin_site
        screen = site.get_model_admin(type(self.record))
        answer = screen.propositions.accept(
            self.request, self.proposition, self.record, taken, self._said(), **self._public()
        )
        if answer.status_code == 302:
            fresh = Proposition.objects.get(pk=self.proposition.pk)
            self.admin.message_user(
                self.request, f"Proposition n° {fresh.pk} {fresh.etat}.", messages.SUCCESS
            )
            return HttpResponseRedirect(fresh.get_absolute_url())
        if not Proposition.objects.en_attente().filter(pk=self.proposition.pk).exists():
            return self._too_late()
        return answer

    def _moved(self, taken):
        """Whether something was ticked that the page does not offer: it has changed since."""
        offered = {change.cle for change, _ in self._changes() if not change.raison}
        return bool(taken - offered)

    # --- What is shown ------------------------------------------------------------------------

    def given_back(self, typed):
        self.sent = typed
        return self.shown()

    def _changes(self):
        ticked = set(self.sent.getlist("retenir"))
        told = changes_in_words(self.proposition, self.request.user, self.record)
        return [(one, one.cle in ticked if self.sent else not one.deplace) for one in told]

    def _remark(self):
        if not self.proposition.est_en_attente:
            return ""
        if self.gone:
            return "L’enregistrement a été supprimé."
        if self.record is None:
            return "L’enregistrement n’est plus dans votre périmètre : la réponse se lira ici."
        if self.mine and lock_on(self.request.user, self.record) is None:
            return "L’enregistrement n’est plus verrouillé : vous pouvez le modifier vous-même."
        state = getattr(self.record, "publication", "publié")
        return "" if state == "publié" else f"L’enregistrement est à présent « {state} »."

    def shown(self, errors=(), status=200):
        proposition, record = self.proposition, self.record
        opts = proposition.modele._meta
        change = f"{self.admin.admin_site.name}:{opts.app_label}_{opts.model_name}"
        record_url = reverse(f"{change}_change", args=[record.pk]) if record else ""
        context = {
            "title": f"Proposition n° {proposition.pk}",
            "subtitle": None,
            "proposition": proposition,
            "record": record,
            "record_url": record_url,
            "genre": opts.verbose_name,
            "version_vue": version_de(record) if record else "",
            "version_url": self._version_url(change),
            "remarque": self._remark(),
            "erreurs": errors,
            "changements": self._changes(),
            "actuel": record is not None and proposition.est_en_attente,
            "repond": self.answers,
            "seances": self._seances(),
            "peut_retirer": self.withdraws,
            "amender_url": f"{record_url}?proposition={proposition.pk}",
            "reponse": self.sent.get("reponse", ""),
            "texte_public": self.sent.get(TEXTE_PUBLIC, proposition.motif),
            "attendu": proposition.changements.get("attendu", ""),
            "peut_occulter": self.hides,
            "auteur_saisie": auteur_de_la_saisie(self.request),
        }
        template = "admin/propositions/proposition.html"
        return self.admin.render_page(self.request, template, context, status)

    def _seances(self):
        """The séances to come that may accept it: not what the public wrote, answered at once."""
        waits = self.proposition.est_en_attente and not self.proposition.est_du_public
        if self.record is None or not waits:
            return []
        return portes(self.request.user, self.proposition, DecisionPreparee.ACCEPTER)

    def _version_url(self, change):
        if self.record is None or self.proposition.version_apres is None:
            return ""
        records = self.record.history.filter(version=self.proposition.version_apres)
        latest = records.first()
        if latest is None:
            return ""
        return reverse(f"{change}_version", args=[self.record.pk, latest.history_id])
