"""The views of a list that agents name: kept from its address, found again there by its name."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path
from django.utils.http import urlencode
from django.utils.text import capfirst

from programme.backoffice.cadre.champs import TexteField
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.listes import TOUT, filtres_de
from programme.models import VueDeListe
from territoires.models import Region


class VueForm(forms.ModelForm):
    """Its name, and the committee it is shared with, one of the agent's."""

    required_css_class = "required"
    nom = TexteField(
        label="Nom",
        max_length=80,
        error_messages={
            "required": "Donnez un nom à cette vue : vous la retrouverez par lui.",
            "max_length": "80 caractères au plus : abrégez le nom.",
        },
        help_text="Exemple : « À signer avant l’été ».",
    )
    region = forms.ModelChoiceField(
        Region.objects.none(),
        label="Partager avec",
        required=False,
        empty_label="personne : pour moi seul",
        error_messages={"invalid_choice": "Choisissez un comité dont vous êtes, ou personne."},
        help_text="Ses agents la voient dans cette liste et sur leur bureau ; chacun n’y lit que "
        "ce que son rôle permet.",
    )

    class Meta:
        model = VueDeListe
        fields = ["nom", "region"]

    def __init__(self, *args, agent, **kwargs):
        super().__init__(*args, **kwargs)
        regions = Region.objects.filter(agents=agent)
        self.fields["region"].queryset = regions
        self.fields["region"].label_from_instance = lambda row: f"le comité de {row.nom}"
        if not regions.exists():
            del self.fields["region"]

    def _get_validation_exclusions(self):
        # What the form has refused is told once; the rest is judged: one name a list and an agent.
        return {"filtres", *self._errors}


class VuesNommees(Piece):
    """The views of one list: those that the agent reads, and the page of each."""

    def urls(self):
        return [
            path("vues/garder/", self._page("garder_view"), name=self.address_name("garder_vue")),
            path("vues/<int:vue>/", self._page("vue_view"), name=self.address_name("vue")),
        ]

    def _page(self, name):
        def view(request, *args, **kwargs):
            piece = self.at(request)
            if not piece.ecran.has_view_or_change_permission(request):
                raise PermissionDenied
            return getattr(piece, name)(request, *args, **kwargs)

        return self.admin_site.admin_view(view)

    def list_context(self, request):
        """The views of the list, that of this address among them, and the way to keep it."""
        filtres = filtres_de(request)
        rows = list(self._rows(request))
        shown = next((row for row in rows if row.filtres == filtres), None)
        keep = filtres and not (shown and shown.agent_id == request.user.pk)
        held = shown and VueDeListe.objects.held_by(request.user).filter(pk=shown.pk).exists()
        garder = f"{self.ecran.page_address('garder_vue')}?{urlencode(filtres)}"
        return {
            "vues": rows,
            "vue_montree": shown,
            "garder_vue_url": garder if keep else "",
            "vue_url": self.ecran.page_address("vue", shown.pk) if held else "",
        }

    def _rows(self, request):
        rows = VueDeListe.objects.visible_to(request.user)
        return rows.filter(liste=self.opts.label_lower).select_related("agent")

    def liste_url(self, vue):
        return f"{self.ecran.page_address('changelist')}?{vue.requete}"

    def garder_view(self, request):
        """Name the address that this one repeats (GET), then keep it (POST)."""
        vue = VueDeListe(
            agent=request.user, liste=self.opts.label_lower, filtres=filtres_de(request)
        )
        return self._form(request, vue, "Garder cette vue", "Garder la vue")

    def vue_view(self, request, vue):
        """Rename a view, share it (POST); or delete it (POST of `supprimer`)."""
        held = VueDeListe.objects.held_by(request.user).filter(liste=self.opts.label_lower)
        row = held.filter(pk=vue).first()
        if row is None:
            raise Http404("Aucune vue de cette adresse n’est à vous.")
        if request.method == "POST" and "supprimer" in request.POST:
            row.delete()
            self.ecran.message_user(request, f"La vue « {row} » est supprimée.", messages.SUCCESS)
            return HttpResponseRedirect(f"{self.ecran.page_address('changelist')}?{TOUT}=1")
        return self._form(request, row, "Renommer ou partager une vue", "Enregistrer")

    def _form(self, request, vue, title, button):
        sent = request.POST if request.method == "POST" else self.ecran.tour.rendue
        form = VueForm(sent, instance=vue, agent=request.user)
        if request.method == "POST" and form.is_valid():
            form.save()
            self.ecran.message_user(request, f"La vue « {vue} » est gardée.", messages.SUCCESS)
            return HttpResponseRedirect(self.liste_url(vue))
        context = {
            "title": title,
            "subtitle": capfirst(str(self.opts.verbose_name_plural)),
            "form": form,
            "bouton": button,
            "retour": self.liste_url(vue) if vue.filtres else self.ecran.page_address("changelist"),
            "supprimable": vue.pk is not None,
        }
        status = 400 if request.method == "POST" else 200
        return self.ecran.render_page(request, "admin/vue.html", context, status)
