"""The parutions: a national administrator makes one, and withdraws one; the rest is read."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path

from programme.backoffice.cadre import LectureSeuleAdmin
from programme.backoffice.cadre.champs import TexteField
from programme.backoffice.droits import OCCULTER, PARAITRE, permission
from programme.donnees.parutions.refaire import DejaRetiree, retirer
from programme.donnees.parutions.taches import PARUTION, RETRAIT
from programme.models import EmpreinteAncienne, FichierParution, Parution
from programme.occultation.acte import Documents, demander
from programme.occultation.mots import TropCourt, motif_de
from programme.taches import confier

LONGUE = forms.Textarea(attrs={"rows": 3})


class FaireForm(forms.Form):
    required_css_class = "required"
    note = TexteField(
        label="Note",
        required=False,
        max_length=500,
        widget=LONGUE,
        help_text="Publiée avec la parution : pourquoi elle est faite aujourd’hui. Facultative.",
    )


class RetirerForm(forms.Form):
    required_css_class = "required"
    motif = TexteField(
        label="Motif",
        max_length=500,
        widget=LONGUE,
        error_messages={"required": "Dites pourquoi cette parution est retirée."},
        help_text="Public : il prend la place des fichiers, pour toujours.",
    )


class OcculterForm(forms.Form):
    required_css_class = "required"
    texte = TexteField(
        label="Ce qui est à occulter",
        max_length=200,
        error_messages={"required": "Écrivez le numéro, le nom ou l’adresse à occulter."},
        help_text="Un numéro, un nom, une adresse. Trouvé aussi avec d’autres espaces, majuscules "
        "ou séparateurs. Gardé chiffré jusqu’à ce que ce soit fait, puis oublié.",
    )
    motif = TexteField(
        label="Motif",
        max_length=500,
        widget=LONGUE,
        error_messages={"required": "Dites pourquoi : le motif explique les empreintes changées."},
        help_text="Public, à côté de l’ancienne empreinte : n’y répétez pas ce qui est à occulter.",
    )

    documents = forms.ChoiceField(
        label="Documents déposés qui la contiennent",
        choices=Documents,
        initial=Documents.RETIRER,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites ce que deviennent les documents qui la contiennent."},
        help_text="Un texte, un classeur, un document Word ou LibreOffice se lit ici ; un PDF, pas "
        "toujours ; une image, jamais : ceux des fiches touchées vous seront nommés.",
    )

    def clean_texte(self):
        try:
            motif_de(self.cleaned_data["texte"])
        except TropCourt as error:
            raise ValidationError(f"{error} Écrivez-le en entier.") from None
        return self.cleaned_data["texte"]

    def clean(self):
        texte, motif = (self.cleaned_data.get(name) for name in ("texte", "motif"))
        if texte and motif and motif_de(texte).search(motif):
            self.add_error("motif", "Le motif est public : n’y répétez pas ce qui est à occulter.")


@admin.register(Parution)
class ParutionAdmin(LectureSeuleAdmin):
    list_display = ["__str__", "etat", "par", "auteur", "version", "motif"]
    list_filter = ["etat", "par"]
    list_select_related = ["auteur"]
    search_fields = ["note", "motif"]
    date_hierarchy = "faite_le"
    change_list_template = "admin/parutions/liste.html"
    change_form_template = "admin/parutions/fiche.html"

    def get_urls(self):
        view = self.admin_site.admin_view
        ours = [
            path("faire/", view(self.faire_view), name="programme_parution_faire"),
            path("occulter/", view(self.occulter_view), name="programme_parution_occulter"),
            path(
                "<int:object_id>/retirer/",
                view(self.retirer_view),
                name="programme_parution_retirer",
            ),
        ]
        return [*ours, *super().get_urls()]

    def may(self, request, act):
        return request.user.has_perm(permission(act, Parution))

    def changelist_view(self, request, extra_context=None):
        doors = {"faire": PARAITRE, "occulter": OCCULTER}
        urls = {
            f"{page}_url": self.page_address(page) if self.may(request, act) else ""
            for page, act in doors.items()
        }
        return super().changelist_view(request, urls | (extra_context or {}))

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["retirer_url"] = ""
        if obj is not None and not obj.est_retiree and self.may(request, PARAITRE):
            context["retirer_url"] = self.page_address("retirer", obj.pk)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def faire_view(self, request):
        """What a parution is (GET); asked of the queue (POST)."""
        form = self._form(request, PARAITRE, FaireForm)
        if form.is_bound and form.is_valid():
            charge = {"par": Parution.Par.ADMINISTRATEUR, "auteur": request.user.pk}
            confier(PARUTION, charge | {"note": form.cleaned_data["note"]}, agent=request.user)
            told = (
                "La parution est demandée : elle sera faite dans les minutes qui viennent, sauf si "
                "rien n’a changé depuis la dernière."
            )
            return self._back(request, told)
        context = {
            "title": "Faire une parution",
            "bouton": "Faire la parution",
            "derniere": Parution.objects.derniere(),
        }
        return self._page(request, "admin/parutions/faire.html", context, form)

    def retirer_view(self, request, object_id):
        """What withdrawing is (GET); done (POST)."""
        form = self._form(request, PARAITRE, RetirerForm)
        parution = get_object_or_404(Parution, pk=object_id)
        refus = "" if not parution.est_retiree else f"Elle l’a déjà été : {parution.motif}"
        if form.is_bound and not refus and form.is_valid():
            try:
                retirer(parution, form.cleaned_data["motif"])
            except DejaRetiree:  # somebody else did meanwhile
                refus = "Un autre administrateur vient de la retirer."
            else:
                confier(RETRAIT, {"numero": parution.numero}, agent=request.user)
                return self._back(request, f"Retirée : {parution}. Sa page dit pourquoi.")
        context = {
            "title": f"Retirer la {parution}",
            "bouton": "Retirer cette parution",
            "refus": refus,
        }
        status = 409 if refus and form.is_bound else 200
        return self._page(request, "admin/parutions/retirer.html", context, form, status)

    def occulter_view(self, request):
        """What masking is (GET); asked of the queue (POST)."""
        form = self._form(request, OCCULTER, OcculterForm)
        if form.is_bound and form.is_valid():
            demander(**form.cleaned_data, agent=request.user)
            told = (
                "L’occultation est demandée : elle sera faite dans les minutes qui viennent. Un "
                "avis vous dira ce qui a été trouvé."
            )
            return self._back(request, told)
        context = {"title": "Occulter une donnée personnelle", "bouton": "Occulter partout"}
        return self._page(request, "admin/parutions/occulter.html", context, form)

    def _form(self, request, act, form_class):
        if not self.may(request, act):
            raise PermissionDenied
        return form_class(request.POST if request.method == "POST" else self.tour.rendue)

    def _back(self, request, told):
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(self.page_address("changelist"))

    def _page(self, request, template, context, form, status=200):
        context = {"refus": "", "form": form, "retour": self.page_address("changelist")} | context
        return self.render_page(request, template, context, status)


@admin.register(FichierParution)
class FichierParutionAdmin(LectureSeuleAdmin):
    list_display = ["__str__", "lignes", "octets", "sha256"]
    list_filter = ["genre", "format"]
    list_select_related = ["parution"]
    search_fields = ["jeu", "=sha256"]


@admin.register(EmpreinteAncienne)
class EmpreinteAncienneAdmin(LectureSeuleAdmin):
    list_display = ["__str__", "remplacee_le", "motif"]
    list_select_related = ["fichier__parution"]
    search_fields = ["=sha256", "motif"]
