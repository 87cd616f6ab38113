"""What an agent may not do, asked of a colleague who may: who is told, of what, in which words."""

import hashlib

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.text import get_text_list

from programme.backoffice.actes.registre import cycles_of
from programme.backoffice.avis import prevenir
from programme.backoffice.avis.regles import colleagues
from programme.backoffice.cadre.champs import TexteField
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.pages import headline
from programme.backoffice.droits import CORRIGER, MODIFIER, may_correct, permission
from programme.backoffice.verrou import lock_on, may_propose, publisher_of, remplace
from programme.models import Avis
from programme.models.base import Publiable
from territoires.models import Modification

LONGUEUR = 200
ACTES_OFFERTS = 3
NOMMES = 6
UN_CHANGEMENT = "changer"
PERSONNE = (
    "Aucun agent en fonction n’en a le droit : écrivez à l’administrateur du site. Votre texte est "
    "gardé ci-dessous."
)


class DemandeForm(forms.Form):
    """What is asked, and why. `quoi` is one of the `demandables`."""

    required_css_class = "required"
    quoi = forms.ChoiceField(
        label="Ce que vous demandez",
        error_messages={
            "required": "Choisissez ce que vous demandez.",
            "invalid_choice": "Choisissez dans la liste : le reste, vous pouvez le faire.",
        },
    )
    message = TexteField(
        label="Votre mot",
        max_length=LONGUEUR,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Dites pourquoi : votre collègue saura quoi faire.",
            "max_length": f"{LONGUEUR} caractères au plus : gardez l’essentiel.",
        },
        help_text="Ce qui le justifie. Lu par vos collègues seulement.",
    )

    def __init__(self, *args, demandables, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["quoi"].choices = [(d.nom, d.titre) for d in demandables.values()]


class Demandable:
    """One thing that an agent may not do on a record. `droits`: the permissions that it needs."""

    def __init__(self, nom, titre, *droits):
        self.nom, self.titre, self.droits = nom, titre, droits


def demandables(agent, record):
    """{name: `Demandable`} of what others may do on `record` and `agent` may not."""
    found = []
    if remplace(record) is not None:
        return {}
    model = type(record)
    for cycle in cycles_of(model) if isinstance(record, Publiable) else ():
        for acte in cycle.actes:
            refused = acte.empechement(agent, record)
            if refused is not None and refused.interdit:
                found.append(Demandable(acte.nom, acte.titre, acte.droit_sur(record)))
    needed = permission(MODIFIER, model)
    may = agent.has_perm(needed) and (lock_on(agent, record) is None or may_propose(agent, model))
    if not may:
        rights = [right for right in (needed, publisher_of(model)) if right]
        found.append(Demandable(UN_CHANGEMENT, "Un changement de cette fiche", *rights))
    if not may_correct(agent):
        acts = Modification.objects.of(record).filter(correction__isnull=True)
        found += [
            Demandable(
                f"corriger-{act.pk}",
                f"Corriger comme une erreur : {act.texte or act.acte}",
                permission(CORRIGER, Modification),
            )
            for act in acts[:ACTES_OFFERTS]
        ]
    return {one.nom: one for one in found}


class Demandes(Piece):
    """Of what may be locked: the page that asks a colleague for what one may not do."""

    def urls(self):
        view = self.admin_site.admin_view(self.demander_view)
        return [path("<path:object_id>/demander/", view, name=self.address_name("demander"))]

    def context(self, request, obj):
        asks = obj is not None and demandables(request.user, obj)
        return {"demande_url": self.ecran.page_address("demander", obj.pk) if asks else ""}

    def demander_view(self, request, object_id):
        """What may be asked, and of whom (GET); then they are told (POST)."""
        if not self.ecran.has_view_permission(request):
            raise PermissionDenied
        record = self.ecran.get_object(request, unquote(object_id))
        if record is None:
            return self.ecran._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        offered = demandables(request.user, record)
        sent = request.POST if request.method == "POST" else self.ecran.tour.rendue
        asked = {"quoi": request.GET.get("quoi", "")}
        form = DemandeForm(sent, demandables=offered, initial=asked)
        if request.method == "POST" and form.is_valid():
            told = self._ask(request.user, record, offered[form.cleaned_data["quoi"]], form)
            if told:
                self.ecran.message_user(
                    request, f"Votre demande est envoyée : {told}.", messages.SUCCESS
                )
                return HttpResponseRedirect(self.ecran.page_address("change", record.pk))
        context = {
            "title": "Demander à un collègue",
            "subtitle": headline(record),
            "form": form if offered else None,
            "retour": self.ecran.page_address("change", record.pk),
            "a_qui": _readers(request.user, record, offered),
        }
        status = 400 if request.method == "POST" else 200
        return self.ecran.render_page(request, "admin/demander.html", context, status)

    @staticmethod
    def _ask(agent, record, what, form):
        """Tell who may do it; the names of those told, or "" for nobody: the form then says it."""
        told = colleagues(record, *what.droits).exclude(pk=agent.pk)
        names = _named(told)
        if not names:
            form.add_error(None, PERSONNE)
            return ""
        said = f"{what.titre} – {form.cleaned_data['message']}"
        same = hashlib.sha256(f"{agent.pk} {said}".encode()).hexdigest()
        prevenir(Avis.Genre.DEMANDE, record, told, auteur=agent, repere=same, precision=said)
        return names


def _readers(agent, record, offered):
    """[(what may be asked, who would read it)]: what the same colleagues read is one line."""
    titles = {}
    for one in offered.values():
        who = _named(colleagues(record, *one.droits).exclude(pk=agent.pk))
        titles.setdefault(who, []).append(one.titre)
    return [(" ; ".join(some), who) for who, some in titles.items()]


def _named(agents):
    """« Sacha Martin (secrétariat régional) », and how many more; empty without any."""
    rows = list(agents.order_by("nom", "pk")[: NOMMES + 1])
    names = [f"{one} ({one.get_role_display()})" for one in rows[:NOMMES]]
    if len(rows) > NOMMES:
        names.append("d’autres")
    return get_text_list(names, "et")
