"""Agents, invited and given rights by national administrators; the journal of their access."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse

from programme.backoffice.cadre import FicheAdmin, LectureSeuleAdmin
from programme.backoffice.cadre.champs import TexteField
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.identite import liens, voir_comme
from programme.backoffice.identite.journal import record
from programme.backoffice.identite.sessions import in_words
from programme.backoffice.identite.signaux import FACTEURS
from programme.models import JournalAcces
from programme.taches.courriels import COURRIEL
from territoires.models import Agent, Role

REGIONAUX = {Role.SECRETARIAT, Role.REDACTEUR, Role.LECTEUR}


class FormulaireAgent(FormulaireBackoffice):
    """What a role needs; nobody takes their own rights away."""

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("role") in REGIONAUX and not cleaned.get("regions"):
            self.add_error(
                "regions", "Ce rôle s’exerce dans une région au moins : choisissez laquelle."
            )
        if self.instance.pk == self.request.user.pk and (
            not cleaned.get("is_active") or cleaned.get("role") != Role.NATIONAL
        ):
            self.add_error(
                None,
                "Vous ne pouvez pas vous retirer vos propres droits : demandez-le à un autre "
                "administrateur national.",
            )
        return cleaned


class Motif(forms.Form):
    """Why an administrator sees the portal as another agent: kept in the journal of access."""

    motif = TexteField(
        label="Motif",
        max_length=200,
        help_text="Par exemple : « Sacha ne trouve pas le contrat de l’Aigle ».",
        error_messages={
            "required": "Dites pourquoi : le motif est écrit dans le journal des accès.",
            "max_length": "Le motif compte 200 caractères au plus : raccourcissez-le.",
        },
    )


@admin.register(Agent)
class AgentAdmin(FicheAdmin):
    """An agent is invited, deactivated, never deleted; nobody else ever types their password."""

    form = FormulaireAgent
    list_display = ["nom", "email", "role", "ses_regions", "operateur", "is_active", "last_login"]
    list_filter = ["role", "is_active", "regions", "operateur"]
    list_select_related = ["operateur"]
    search_fields = ["nom", "email"]
    ordering = ["nom", "email"]
    connexion = [
        "mot_de_passe",
        "second_facteur",
        "dernier_courriel",
        "last_login",
        "date_joined",
    ]
    readonly_fields = connexion
    identite = (None, {"fields": ["email", "nom", "fonction"]})
    fieldsets = [
        identite,
        ("Droits", {"fields": ["role", "regions", "operateur", "is_active"]}),
        (
            "Connexion",
            {"fields": connexion},
        ),
    ]
    add_fieldsets = [
        identite,
        (
            "Droits",
            {
                "fields": ["role", "regions", "operateur"],
                "description": "À l’enregistrement, l’agent reçoit un courriel : il y choisit son "
                "mot de passe, puis son second facteur.",
            },
        ),
    ]
    change_form_template = "admin/agent.html"

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("regions")

    def get_fieldsets(self, request, obj=None):
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def lookup_allowed(self, lookup, value, request):
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    @admin.display(description="régions")
    def ses_regions(self, obj):
        return ", ".join(region.nom for region in obj.regions.all()) or None

    @admin.display(description="mot de passe")
    def mot_de_passe(self, obj):
        if obj.invitation_en_attente:
            return "invitation en attente"
        return "choisi" if obj.has_usable_password() else "aucun : connexion par ProConnect"

    @admin.display(description="second facteur")
    def second_facteur(self, obj):
        kinds = Authenticator.objects.filter(user=obj).order_by("type").values_list("type")
        return ", ".join(FACTEURS[kind] for (kind,) in kinds.distinct()) or "aucun"

    @admin.display(description="dernier courriel du portail")
    def dernier_courriel(self, obj):
        tache = obj.taches.filter(genre=COURRIEL).first()
        return tache.sort if tache else "aucun"

    # --- Invitation -------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            self._invite(request, obj)

    def _invite(self, request, agent):
        liens.invite(agent, by=request.user)
        self.message_user(
            request,
            f"Une invitation part dans la minute à {agent.email} ; son lien vaut "
            f"{settings.INVITATION_JOURS} jours. La page de l’agent dira si elle est partie.",
            messages.SUCCESS,
        )

    # --- Acts on one agent ------------------------------------------------------------------------

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<path:object_id>/invitation/", wrap(self.invitation_view),
                 name="territoires_agent_invitation"),
            path("<path:object_id>/second-facteur/", wrap(self.second_facteur_view),
                 name="territoires_agent_second_facteur"),
            path("<path:object_id>/proconnect/", wrap(self.proconnect_view),
                 name="territoires_agent_proconnect"),
            path("<path:object_id>/voir-comme/", wrap(self.voir_comme_view),
                 name="territoires_agent_voir_comme"),
            *super().get_urls(),
        ]  # fmt: skip

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        may = obj is not None and self.has_change_permission(request, obj)
        context |= {
            "peut_inviter": may and obj.is_active and not obj.has_usable_password(),
            "peut_reinitialiser": may and Authenticator.objects.filter(user=obj).exists(),
            "peut_oublier": may and SocialAccount.objects.filter(user=obj).exists(),
            "peut_voir_comme": may and voir_comme.refusal(request.user, obj) is None,
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def invitation_view(self, request, object_id):
        agent = self._agent(request, object_id)
        if not agent.is_active or agent.has_usable_password():
            reason = "a déjà choisi son mot de passe" if agent.is_active else "est désactivé"
            self.message_user(request, f"{agent} {reason} : rien à envoyer.", messages.WARNING)
            return self._back(agent)
        if request.method != "POST":
            return self._confirm(
                request,
                agent,
                "Renvoyer l’invitation",
                f"Un nouveau lien, valable {settings.INVITATION_JOURS} jours, partira à "
                f"{agent.email}.",
            )
        self._invite(request, agent)
        return self._back(agent)

    def second_facteur_view(self, request, object_id):
        """For an agent who lost a telephone and the codes: the factors go, the sessions end."""
        agent = self._agent(request, object_id)
        if request.method != "POST":
            return self._confirm(
                request,
                agent,
                "Réinitialiser le second facteur",
                "Application, clés d’accès et codes de secours seront retirés, les sessions "
                "ouvertes fermées ; l’agent en activera de nouveaux à sa prochaine connexion. "
                "Assurez-vous d’abord, de vive voix, que c’est bien lui qui le demande.",
            )
        with transaction.atomic():
            Authenticator.objects.filter(user=agent).delete()
            record(JournalAcces.Acte.FACTEUR_RETIRE, agent=agent, detail="tous, réinitialisés")
        for session in UserSession.objects.filter(user=agent):
            session.end()
        liens.tell_reset(agent, by=request.user)
        self.message_user(request, f"{agent} activera un nouveau second facteur.")
        return self._back(agent)

    def proconnect_view(self, request, object_id):
        """For an agent whose identity changed at ProConnect: the next one to come is theirs."""
        agent = self._agent(request, object_id)
        if request.method != "POST":
            return self._confirm(
                request,
                agent,
                "Oublier l’identité ProConnect",
                "Les sessions ouvertes seront fermées. La prochaine identité que ProConnect "
                f"donnera avec l’adresse {agent.email} sera celle de cet agent. Assurez-vous "
                "d’abord, de vive voix, que c’est bien lui qui le demande.",
            )
        with transaction.atomic():
            SocialAccount.objects.filter(user=agent).delete()
            record(JournalAcces.Acte.IDENTITE_OUBLIEE, agent=agent)
        for session in UserSession.objects.filter(user=agent):
            session.end()
        self.message_user(request, f"L’identité ProConnect de {agent} est oubliée.")
        return self._back(agent)

    def voir_comme_view(self, request, object_id):
        """See the portal as the agent does, read-only, once the reason is given."""
        agent = self._agent(request, object_id)
        if refused := voir_comme.refusal(request.user, agent):
            self.message_user(request, refused, messages.WARNING)
            return self._back(agent)
        form = Motif(request.POST or None)
        if form.is_valid():
            voir_comme.start(request, agent, form.cleaned_data["motif"])
            return HttpResponseRedirect(reverse("admin:index"))
        context = {
            "title": "Voir le portail comme cet agent",
            "subtitle": str(agent),
            "agent": agent,
            "form": form,
            "duree": in_words(settings.VOIR_COMME_DUREE),
        }
        return self.render_page(request, "admin/voir_comme.html", context)

    def _agent(self, request, object_id):
        if not self.has_change_permission(request):
            raise PermissionDenied
        agent = self.get_object(request, object_id)
        if agent is None:
            raise Http404("Aucun agent à cette adresse.")
        return agent

    def _confirm(self, request, agent, title, sentence):
        context = {
            "title": title,
            "subtitle": str(agent),
            "agent": agent,
            "phrase": sentence,
        }
        return self.render_page(request, "admin/agent_acte.html", context)

    def _back(self, agent):
        return HttpResponseRedirect(reverse("admin:territoires_agent_change", args=[agent.pk]))


@admin.register(JournalAcces)
class JournalAccesAdmin(LectureSeuleAdmin):
    """Read, filtered, never changed: nobody has the right to."""

    list_display = ["quand", "acte", "agent", "adresse", "auteur", "quoi", "ip"]
    list_filter = ["acte", "quand", "agent__role"]
    list_select_related = ["agent", "auteur"]
    search_fields = ["adresse", "agent__nom", "auteur__nom", "=ip"]
    search_help_text = "Une adresse électronique, un nom ou une adresse IP."
    date_hierarchy = "quand"

    def history_view(self, request, object_id, extra_context=None):
        raise Http404("Le journal des accès ne change pas : il n’a pas d’historique.")

    @admin.display(description="précision")
    def quoi(self, obj):
        changed = f"{obj.avant or 'rien'} → {obj.apres}" if obj.apres else ""
        return changed or obj.detail or None
