"""Deletion of what was seen, all of it: the row, and the rows that go with it."""

import hashlib

from django.contrib import messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import NestedObjects, quote
from django.db import router
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.historique import MASQUE
from territoires.models import ConflitDeVersion
from territoires.models.modification import Porte, annoncer

PROTEGES_CITES = 20
LIGNES_PAR_ACTE = 500
"""Rows that one act on a selection takes, at most."""


def fingerprint(instances):
    """What identifies rows and the versions of them that somebody saw."""
    seen = sorted(f"{row._meta.label}:{row.pk}:{getattr(row, 'version', 1)}" for row in instances)
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def delete_listed(screen, request, queryset):
    """Django's act, for a selection that one page can list."""
    if screen.suppression.too_many(request, queryset):
        return None
    page = delete_selected(screen, request, queryset)
    if page is not None:
        page.context_data["empreinte"] = screen.tour.empreinte
    return page


class Suppression(Piece):
    """Deletion. The page to confirm carries the fingerprint of what it lists."""

    def listed(self, request, objs):
        """As Django's list, without naming a row outside the perimeter; notes the fingerprint."""
        collector = NestedObjects(using=router.db_for_write(self.model), origin=objs)
        collector.collect(objs)
        refused = set()
        concerned = {row for rows in collector.model_objs.values() for row in rows}
        inside = self._inside(request, concerned | collector.protected)

        def describe(row):
            name = capfirst(str(row._meta.verbose_name))
            if row not in inside:
                refused.add(str(row._meta.verbose_name))
                return f"{name} : {MASQUE}"
            if not self.admin_site.is_registered(type(row)):
                return f"{name} : {row}"
            admin = self.ecran.beside(type(row))
            if not admin.has_delete_permission(request, row):
                refused.add(str(row._meta.verbose_name))
            page = f"{self.admin_site.name}:{row._meta.app_label}_{row._meta.model_name}_change"
            return format_html(
                '{} : <a href="{}">{}</a>', name, reverse(page, args=[quote(row.pk)]), row
            )

        to_delete = collector.nested(describe)
        needed = set(refused)  # what protects is not deleted: no right on it is needed
        listed = sorted(collector.protected, key=lambda row: (row._meta.label, str(row.pk)))
        protected = [describe(row) for row in listed[:PROTEGES_CITES]]
        if len(listed) > PROTEGES_CITES:
            protected.append(f"et {len(listed) - PROTEGES_CITES} autres")
        counts = {m._meta.verbose_name_plural: len(r) for m, r in collector.model_objs.items()}
        self.ecran.tour.empreinte = fingerprint(concerned)
        return to_delete, counts, needed, protected

    def _inside(self, request, rows):
        """Those of `rows` that lie in the agent's perimeter: one query per model."""
        keys = {}
        for row in rows:
            keys.setdefault(type(row), set()).add(row.pk)
        inside = set()
        for model, wanted in keys.items():
            found = wanted
            if hasattr(model, "perimetre"):
                visible = model._default_manager.visible_to(request.user).filter(pk__in=wanted)
                found = set(visible.values_list("pk", flat=True))
            inside |= {(model, key) for key in found}
            self.ecran.tour.dedans.update({(model, key): key in found for key in wanted})
        return {row for row in rows if (type(row), row.pk) in inside}

    def check_seen(self, request, instance):
        """Raise `ConflitDeVersion` unless what goes is what the page listed."""
        if request.POST.get("empreinte") != self.ecran.tour.empreinte:
            raise ConflitDeVersion(instance)

    def check_one(self, request, obj):
        """The same for one row, which stays locked."""
        self.check_seen(request, obj)
        # The lock holds back whoever is saving the row at this moment.
        locked = self.model._base_manager.select_for_update().filter(pk=obj.pk)
        if not locked.filter(version=obj.version).exists():
            raise ConflitDeVersion(obj)
        # What depends on it is written first.
        annoncer(Porte.ADMINISTRATION, sujet=obj)

    def too_many(self, request, queryset):
        """Whether an act refuses the selection for its length; then it says so."""
        refused = len(queryset[: LIGNES_PAR_ACTE + 1]) > LIGNES_PAR_ACTE
        if refused:
            self.ecran.message_user(
                request,
                f"Choisissez {LIGNES_PAR_ACTE} enregistrements au plus à la fois.",
                messages.ERROR,
            )
        return refused

    def tried(self, request, view):
        """What `view` answers; the page again where it would delete what nobody has seen."""
        try:
            return view()
        except ConflitDeVersion as conflict:
            self._tell_unseen_deletion(request, conflict)
            return HttpResponseRedirect(request.get_full_path())

    def _tell_unseen_deletion(self, request, conflict):
        self.ecran.message_user(
            request,
            f"« {conflict.instance} », ou ce qui en dépend, a été modifié depuis que vous avez "
            "ouvert la page : rien n’a été supprimé. Relisez avant de confirmer.",
            messages.ERROR,
        )
