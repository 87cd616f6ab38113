"""Who an agent is, and what they may do: allauth checks the first, the role says the second."""

from allauth.account.auth_backends import AuthenticationBackend

from programme.backoffice.droits import RoleBackend, permissions_of
from territoires.models import Agent, Role


class AgentBackend(RoleBackend, AuthenticationBackend):
    """Sign-in by e-mail, whatever its case; permissions of the role, without any query.

    Every word of Django's ModelBackend that would look for groups or for permissions of a user is
    answered from the role: an agent has neither.
    """

    def _authenticate_by_email(self, email, password):
        return self._check_password(Agent.objects.with_email(email).first(), password)

    def with_perm(self, perm, is_active=True, include_superusers=True, obj=None):
        roles = [role for role in Role if perm in permissions_of(role)]
        agents = Agent.objects.filter(role__in=roles)
        return agents if is_active is None else agents.filter(is_active=is_active)

    async def aget_all_permissions(self, user_obj, obj=None):
        return self.get_all_permissions(user_obj, obj)

    aget_user_permissions = aget_all_permissions

    async def aget_group_permissions(self, user_obj, obj=None):
        return frozenset()

    async def ahas_perm(self, user_obj, perm, obj=None):
        return self.has_perm(user_obj, perm, obj)

    async def ahas_module_perms(self, user_obj, app_label):
        return self.has_module_perms(user_obj, app_label)
