"""`/admin/avis/`: what an agent was told, read or not, and how often they are written to."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from programme.backoffice.avis import Rythme
from programme.backoffice.avis.regles import dits
from programme.models import Avis, RythmeAvis
from programme.models.avis import JOURS_GARDES

PAR_PAGE = 50


class RythmeForm(forms.Form):
    rythme = forms.ChoiceField(
        label="Me les dire par courriel",
        choices=Rythme,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez un rythme.",
            "invalid_choice": "Ce rythme n’existe pas : choisissez dans la liste.",
        },
    )


class AvisMixin:
    """For the admin site: the notices of who is signed in."""

    def get_urls(self):
        ours = [
            path("avis/", self.admin_view(self.avis), name="avis"),
            path("avis/rythme/", self.admin_view(self.rythme_avis), name="avis_rythme"),
        ]
        return [*ours, *super().get_urls()]

    def avis(self, request):
        """The list; a POST says that one, or all, were read."""
        rows = Avis.objects.filter(destinataire=request.user)
        if request.method == "POST":
            _lire(rows, request.POST.get("avis", ""))
            return redirect("admin:avis")
        told, hidden = dits(request.user, rows.order_by("-cree_le", "-pk"))
        # What is no longer theirs to read rings no more.
        if unread := [avis.pk for avis in hidden if avis.lu_le is None]:
            Avis.objects.filter(pk__in=unread).update(lu_le=timezone.now())
        told.sort(key=lambda dit: dit.avis.lu_le is not None)
        page = Paginator(told, PAR_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.each_context(request),
            "title": "Mes avis",
            "subtitle": None,
            "opts": None,
            "page": page,
            "non_lus": sum(dit.avis.lu_le is None for dit in told),
            "jours": JOURS_GARDES,
        }
        return TemplateResponse(request, "admin/avis/avis.html", context)

    def rythme_avis(self, request):
        """The preferences of who is signed in."""
        kept = RythmeAvis.objects.filter(agent=request.user).first()
        current = kept.rythme if kept else Rythme.JOUR
        form = RythmeForm(request.POST or None, initial={"rythme": current})
        if request.method == "POST":
            form = RythmeForm(request.POST)
            if form.is_valid():
                _choisir(request.user, current, form.cleaned_data["rythme"])
                messages.success(request, "Votre choix est enregistré.")
                return redirect("admin:avis_rythme")
        context = {
            **self.each_context(request),
            "title": "Le rythme de mes avis",
            "subtitle": None,
            "opts": None,
            "form": form,
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/avis/rythme.html", context, status=status)


def _lire(rows, asked):
    if asked != "tous":
        rows = rows.filter(pk=asked) if asked.isdecimal() and len(asked) < 18 else rows.none()
    rows.non_lus().update(lu_le=timezone.now())


def _choisir(agent, before, rythme):
    RythmeAvis.objects.update_or_create(agent=agent, defaults={"rythme": rythme})
    if before == Rythme.JAMAIS:
        # Those of before were left to the desk.
        rows = Avis.objects.filter(destinataire=agent)
        rows.a_envoyer().update(envoye_le=timezone.now())
