"""The screens of territories and of their other names, under the lock of what is public."""

from django.contrib import admin

from programme.backoffice.publication import VerrouMixin
from territoires.admin import AutreNomAdmin, TerritoireAdmin
from territoires.models import AutreNom, Territoire

admin.site.unregister([Territoire, AutreNom])


@admin.register(Territoire)
class TerritoirePublicAdmin(VerrouMixin, TerritoireAdmin):
    """The public reads a territory as it is saved: who may not publish it proposes."""


@admin.register(AutreNom)
class AutreNomPublicAdmin(VerrouMixin, AutreNomAdmin):
    """The same for its other names."""
