"""The page where an officer asks why a record is hidden or locked."""

from dataclasses import dataclass

from django import forms
from django.contrib.admin.utils import quote
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst

from programme.backoffice.cadre.historique import who_and_when
from programme.backoffice.pourquoi.mots import Personne, Phrase, pluriel
from programme.backoffice.pourquoi.recherche import (
    PAR_GENRE,
    AdresseInconnue,
    find,
    find_deleted,
    kinds,
    target,
)
from programme.backoffice.pourquoi.regles import bureau, genre, public
from territoires.models import Agent
from territoires.recherche.texte import plier

REPONSES = 10
LONGUEUR = 300


@dataclass(frozen=True)
class Reponse:
    """What is said of one record: in the back-office, then on the site."""

    nom: str
    genre: str
    bureau: list[Phrase]
    public: list[Phrase]
    lien_bureau: str = ""
    lien_public: str = ""


class Question(forms.Form):
    q = forms.CharField(
        label="Ce que vous cherchez",
        required=False,
        max_length=LONGUEUR,
        help_text="Un nom, un code (ti-7505, SIREN, code INSEE, code de projet), ou l’adresse "
        "d’une page du site ou de l’espace des comités.",
        error_messages={
            "max_length": f"{LONGUEUR} caractères au plus : gardez le nom, le code ou l’adresse.",
            "null_characters_not_allowed": "Retirez les caractères nuls de ce que vous cherchez.",
        },
    )
    type = forms.ChoiceField(
        label="Genre d’enregistrement",
        required=False,
        error_messages={"invalid_choice": "Ce genre n’existe pas : choisissez dans la liste."},
    )
    pour = forms.ModelChoiceField(
        Agent.objects.none(),
        label="Pour quel agent",
        required=False,
        empty_label="Moi",
        help_text="Pour savoir pourquoi cet agent, lui, ne le voit pas.",
        error_messages={"invalid_choice": "Cet agent n’existe pas : choisissez dans la liste."},
    )

    def __init__(self, data, *, site, agent):
        super().__init__(data)
        known = [(label, capfirst(pluriel(model))) for label, model in kinds(site, agent).items()]
        self.fields["type"].choices = [("", "Tous"), *sorted(known, key=lambda kind: kind[1])]
        if agent.est_national:
            self.fields["pour"].queryset = Agent.objects.filter(is_active=True)
        else:
            del self.fields["pour"]

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned["q"] and not cleaned["type"]:
            self.add_error("q", "Donnez un nom, un code ou une adresse, ou choisissez un genre.")
        elif cleaned.get("q") and not plier(cleaned["q"]):
            # Folded, it is empty: every name would contain it.
            self.add_error("q", "Écrivez une lettre ou un chiffre au moins.")
        return cleaned


def pourquoi(request, site):
    form = Question(request.GET if "q" in request.GET else None, site=site, agent=request.user)
    context = {
        **site.each_context(request),
        "title": "Pourquoi ne vois-je pas…\N{NO-BREAK SPACE}?",
        "subtitle": None,
        "form": form,
        "maison": "" if request.user.est_national else Personne(request.user, True).maison,
        "cherche": False,
    }
    if form.is_valid():
        context |= _answer(request, site, form.cleaned_data)
    return TemplateResponse(request, "admin/pourquoi.html", context)


def _answer(request, site, asked):
    agent = asked.get("pour") or request.user
    personne = Personne(agent, agent == request.user)
    empty = {"cherche": True, "personne": personne, "reponses": [], "suppressions": []}
    try:
        cible = target(request, site, asked["q"], asked["type"])
    except AdresseInconnue as error:
        return empty | {"inconnue": str(error), "genre": None, "plus": False}
    rows = find(request, site, cible, asked["q"])
    return empty | {
        "inconnue": "",
        "genre": cible.genre and pluriel(cible.genre),
        "permis": genre(personne, cible.genre) if cible.genre else [],
        "liste": bool(cible.modeles),
        "reponses": [_reponse(request, site, personne, row) for row in rows[:REPONSES]],
        "suppressions": [] if rows else _deleted(request, site, cible, asked["q"]),
        "plus": len(rows) > REPONSES or _crowded(rows),
    }


def _crowded(rows):
    kinds_found = [type(row) for row in rows]
    return any(kinds_found.count(model) > PAR_GENRE for model in set(kinds_found))


def _reponse(request, site, personne, row):
    said = bureau(request, site, personne, row)
    seen_by_reader = site.get_model_admin(type(row)).has_view_or_change_permission(request, row)
    said_public = public(row, request.user)
    shown = said_public[0].oui and hasattr(row, "get_absolute_url")
    return Reponse(
        nom=str(row),
        genre=str(row._meta.verbose_name),
        bureau=said,
        public=said_public,
        lien_bureau=_page(row, "change", row.pk) if seen_by_reader else "",
        lien_public=row.get_absolute_url() if shown else "",
    )


def _deleted(request, site, cible, text):
    said = []
    for record in find_deleted(request, site, cible, text)[:REPONSES]:
        model = record.instance_type
        key = getattr(record, model._meta.pk.attname)
        said.append((str(record.instance), model._meta.verbose_name, who_and_when([record]),
                     _page(record.instance, "history", key)))  # fmt: skip
    return said


def _page(row, page, key):
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}"
    return reverse(name, args=[quote(key)])
