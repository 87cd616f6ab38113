"""Who: the four public operators, and the agents who sign in."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import _user_has_module_perms, _user_has_perm
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from territoires.models.geographie import Region
from territoires.models.modification import Historique
from territoires.models.personnes import TexteDePersonne
from territoires.models.suivi import Versionne
from territoires.perimetre import NATIONAL, TOUT, Perimetre, PerimetreQuerySet


class Operateur(Versionne):
    """One of the public operators of the convention of 6 March 2019."""

    code = models.SlugField("code", max_length=50, primary_key=True)
    nom = models.CharField("nom", max_length=100, unique=True)
    nom_actuel = models.CharField("nom actuel", max_length=100, blank=True)
    missions = models.TextField("missions", blank=True)
    delegue_referents = models.BooleanField(
        "délègue la désignation de ses référents",
        default=False,
        help_text="Coché : le secrétariat de chaque région désigne aussi ses référents.",
    )

    perimetre = Perimetre(regions=TOUT, operateurs=("pk",))
    objects = PerimetreQuerySet.as_manager()
    history = Historique(verbose_name="historique d’opérateur")

    class Meta:
        verbose_name = "opérateur"
        ordering = ["nom"]

    def __str__(self):
        return self.nom

    def get_absolute_url(self):
        return reverse("operateur", args=[self.code])


class Role(models.TextChoices):
    NATIONAL = "administrateur national", "administrateur national"
    SECRETARIAT = "secrétariat régional", "secrétariat régional"
    REDACTEUR = "rédacteur régional", "rédacteur régional"
    REFERENT = "référent d’opérateur", "référent d’opérateur"
    LECTEUR = "lecteur", "lecteur"


class AgentManager(BaseUserManager.from_queryset(PerimetreQuerySet)):
    def create_user(self, email, password=None, **fields):
        """Create an agent; without a password the account cannot sign in until one is set."""
        if not email:
            raise ValueError("L’adresse électronique est obligatoire.")
        agent = self.model(email=self.normalize_email(email), **fields)
        agent.set_password(password)
        agent.save(using=self._db)
        return agent

    def create_superuser(self, email, password=None, **fields):
        """For `createsuperuser`: a national administrator."""
        return self.create_user(email, password, **{**fields, "role": Role.NATIONAL})

    def with_email(self, email):
        """The agent of that address, whatever its case: one at most."""
        return self.filter(email__iexact=email.strip())

    def get_by_natural_key(self, username):
        return self.with_email(username).get()


class Agent(Versionne, AbstractBaseUser):
    """An officer who signs in, with one role and the régions or the opérateur it holds for.

    Rights come from the role alone, never from groups: see `programme.backoffice.droits`.
    """

    email = models.EmailField("adresse électronique", unique=True)
    nom = TexteDePersonne("nom", max_length=150)
    fonction = TexteDePersonne("fonction", max_length=150, blank=True)
    role = models.CharField("rôle", max_length=30, choices=Role)
    regions = models.ManyToManyField(
        Region,
        blank=True,
        related_name="agents",
        verbose_name="régions",
        help_text="Pour un secrétariat, un rédacteur ou un lecteur : ce qu’il voit et modifie.",
    )
    operateur = models.ForeignKey(
        Operateur,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agents",
        verbose_name="opérateur",
        help_text="Pour un référent d’opérateur, et pour lui seul.",
    )
    is_active = models.BooleanField(
        "actif",
        default=True,
        help_text="Décocher plutôt que supprimer : l’historique reste lisible.",
    )
    date_joined = models.DateTimeField("compte créé le", default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["nom"]

    perimetre = NATIONAL
    objects = AgentManager()
    history = Historique(
        verbose_name="historique d’agent",
        m2m_fields=[regions],
        excluded_fields=["password", "last_login"],
    )

    class Meta:
        verbose_name = "agent"
        ordering = ["nom", "email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="agent_email_unique_sans_casse",
                violation_error_message="Un agent a déjà cette adresse électronique.",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.REFERENT, operateur__isnull=False)
                | (~Q(role=Role.REFERENT) & Q(operateur__isnull=True)),
                name="agent_operateur_selon_role",
                violation_error_message=(
                    "Un référent d’opérateur a un opérateur ; les autres rôles n’en ont pas."
                ),
            ),
        ]

    def __str__(self):
        return self.nom or self.email

    def get_full_name(self):
        return self.nom

    def get_short_name(self):
        return self.nom

    @cached_property
    def delegations(self):
        """The keys of the opérateurs that leave their référents to the secretariats too."""
        return set(Operateur.objects.filter(delegue_referents=True).values_list("pk", flat=True))

    @property
    def est_national(self):
        return self.role == Role.NATIONAL

    @property
    def est_referent(self):
        return self.role == Role.REFERENT

    @property
    def invitation_en_attente(self):
        """Whether the agent was invited and has not come yet."""
        return self.last_login is None and not self.has_usable_password()

    @property
    def is_staff(self):
        """Every agent works in the back-office; Django's admin asks for this name."""
        return self.role in Role.values

    def save(self, *args, **kwargs):
        if kwargs.get("update_fields") == ["last_login"]:
            # Signing in changes no record: no new version, no line in the history.
            type(self)._base_manager.filter(pk=self.pk).update(last_login=self.last_login)
            return
        super().save(*args, **kwargs)

    def has_perm(self, perm, obj=None):
        return self.is_active and _user_has_perm(self, perm, obj)

    def has_perms(self, perm_list, obj=None):
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label):
        return self.is_active and _user_has_module_perms(self, app_label)
