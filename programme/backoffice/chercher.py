"""One search across all that an agent may open: records, acts, and the help of the forms.

Each kind is searched by its own list, so that what one finds here is what its list finds.
"""

import re
from dataclasses import dataclass, field

from django.apps import apps
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.text import capfirst

from programme import models as programme
from programme.backoffice.aides import declared
from programme.backoffice.aides.phrases import PHRASES
from programme.backoffice.bureau.liens import Lien
from programme.backoffice.cadre.masques import hide_names
from territoires import models as territoires
from territoires.lecture.codes import SIREN
from territoires.recherche.texte import plier

PAR_GENRE = 6
LONGUEUR = 200
COURT = 2
BLANCS = re.compile(r"[\s.]+")
NUMERO = re.compile(r"[0-9]{9}(?:[0-9]{5})?")
GENRES = [
    programme.Projet, programme.Contrat, territoires.Territoire, programme.Seance,
    programme.Signataire, programme.Referent, programme.Document, programme.Financeur,
    programme.Enveloppe, programme.Convention, programme.Engagement, programme.Service,
    territoires.Operateur, territoires.Intercommunalite, territoires.Commune, territoires.Agent,
    programme.Jalon, programme.ChiffreAnnonce, programme.Source, territoires.Modification,
]  # fmt: skip


@dataclass(frozen=True)
class Groupe:
    """What is found of one kind: the first ones; `url` is the list that has them all."""

    nom: str
    lignes: list = field(default_factory=list)
    url: str = ""


def chercher(request, site):
    """The page: the field, and what it found."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    told, groups = "", []
    if len(text) > LONGUEUR:
        told = f"Votre recherche dépasse {LONGUEUR} caractères : raccourcissez-la."
    elif text and len(plier(text)) < COURT:
        told = "Tapez deux lettres ou deux chiffres au moins."
    elif text:
        words = _as_siren(text)
        groups = [*_records(request, site, words), *_help(request, site, words)]
        if not groups:
            told = (
                "Rien, dans ce que vous pouvez ouvrir, ne porte ces mots. Essayez un code, un nom, "
                "une commune ou un SIREN ; « Pourquoi ne vois-je pas… ? » dit ce qui est hors de "
                "votre périmètre."
            )
    context = {
        **site.each_context(request),
        "title": f"Chercher : {text[:LONGUEUR]}" if text else "Chercher",
        "subtitle": None,
        "q": text[:LONGUEUR],
        "dit": told,
        "groupes": groups,
    }
    status = 400 if len(text) > LONGUEUR else 200
    return TemplateResponse(request, "admin/chercher.html", context, status=status)


def _as_siren(text):
    """A SIREN in one piece, that of a SIRET too; any other text as it is."""
    digits = BLANCS.sub("", text)
    return digits[:SIREN] if NUMERO.fullmatch(digits) else text


def _records(request, site, text):
    for model in GENRES:
        if not site.is_registered(model):
            continue
        screen = site.get_model_admin(model).at(request)
        if not screen.has_view_or_change_permission(request):
            continue
        rows, _ = screen.get_search_results(request, screen.get_queryset(request), text)
        related = screen.get_list_select_related(request) or []
        rows = rows.select_related(*related) if related else rows
        found = list(rows.order_by("pk").distinct()[: PAR_GENRE + 1])
        if not found:
            continue
        hide_names(request.user, found)
        page = screen.page_address("changelist")
        more = f"{page}?{urlencode({'q': text})}" if len(found) > PAR_GENRE else ""
        lines = [
            Lien(str(row), screen.page_address("change", row.pk), getattr(row, "publication", ""))
            for row in found[:PAR_GENRE]
        ]
        yield Groupe(capfirst(str(screen.opts.verbose_name_plural)), lines, more)


def _help(request, site, text):
    """The fields of the forms whose name or help has these words."""
    words = plier(text).split()
    found = []
    for (label, name), said in _sentences():
        model = apps.get_model(label)
        if not site.is_registered(model):
            continue
        screen = site.get_model_admin(model)
        if not screen.has_view_or_change_permission(request):
            continue
        title = str(model._meta.get_field(name).verbose_name)
        folded = plier(f"{model._meta.verbose_name} {title} {said}")
        if all(word in folded for word in words):
            kind = str(model._meta.verbose_name)
            found.append(
                Lien(f"{capfirst(kind)}, {title}", screen.page_address("changelist"), said)
            )
    if found:
        yield Groupe("Aide des formulaires", found[:PAR_GENRE])


def _sentences():
    known = {
        (label, name): said for label, names in PHRASES.items() for name, said in names.items()
    }
    return sorted((declared() | known).items())
