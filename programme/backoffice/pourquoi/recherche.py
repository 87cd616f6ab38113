"""Finds what an officer asks about, and only what they may know of.

A row outside the perimeter that the public does not see never leaves the database: the answer is
that of a row that does not exist, by the same queries.
"""

from dataclasses import dataclass
from urllib.parse import unquote as unquote_url
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Q
from django.urls import Resolver404, resolve

from programme import models as programme
from programme.backoffice.cadre.perimetre import was_inside
from programme.backoffice.cadre.recherche import COMMENCE
from programme.backoffice.droits import VOIR, permission
from territoires import models as territoires
from territoires.perimetre import NATIONAL

PAR_GENRE = 5
SUPPRESSIONS_LUES = 20
# Asked without a kind: what has a name that people use.
NOMMES = [
    territoires.Territoire, programme.Contrat, programme.Projet, programme.Seance,
    programme.Document, programme.Enveloppe, programme.Referent, programme.Convention,
    programme.Engagement, programme.Service, programme.Jalon, programme.ChiffreAnnonce,
    territoires.Operateur, territoires.Region, territoires.Intercommunalite, territoires.Commune,
]  # fmt: skip
# Public pages of one record: the fields that its address may hold.
PAGES = {
    "territoire": (territoires.Territoire, ["slug", "code"]),
    "region": (territoires.Region, ["slug", "code"]),
    "contrat": (programme.Contrat, ["slug"]),
    "projet": (programme.Projet, ["slug", "code"]),
    "operateur": (territoires.Operateur, ["code"]),
    "commune": (territoires.Commune, ["code"]),
    "intercommunalite": (territoires.Intercommunalite, ["siren"]),
    "document": (programme.Document, ["pk"]),
}


class AdresseInconnue(Exception):
    """The address leads to no record; the message says why, in French."""


@dataclass(frozen=True)
class Cible:
    """Where to look: the models, and how to tell the row in each; None, a search by words."""

    modeles: list
    condition: Q | None = None
    genre: type | None = None


def kinds(site, agent):
    """The kinds that `agent` may ask about, by label such as `programme.contrat`."""
    return {
        model._meta.label_lower: model
        for model in sorted(site._registry, key=lambda model: str(model._meta.verbose_name))
        if agent.est_national or model.perimetre != NATIONAL
    }


def target(request, site, text, kind):
    """The `Cible` of what was typed; raises `AdresseInconnue` for an address of no record."""
    known = kinds(site, request.user)
    if not text.startswith(("/", "http://", "https://")):
        chosen = known.get(kind)
        searched = [chosen] if chosen else NOMMES
        return Cible(searched if text else [], genre=chosen)
    match = _resolve(request, text)
    if match.url_name in PAGES:
        model, fields = PAGES[match.url_name]
        return _cible(model, fields, next(iter(match.kwargs.values())))
    model = model_of(site, match)
    if model is None or model._meta.label_lower not in known:
        raise AdresseInconnue("Cette adresse n’est pas celle d’un enregistrement du portail.")
    key = match.kwargs.get("object_id", match.kwargs.get("pk"))
    if key is None:
        return Cible([], genre=model)
    return _cible(model, ["pk"], unquote(str(key)))


def _resolve(request, text):
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise AdresseInconnue("Cette adresse est mal écrite : recopiez-la entière.") from error
    ours = {"", request.get_host(), urlsplit(settings.SITE["url"]).netloc}
    if parts.netloc not in ours:
        raise AdresseInconnue("Cette adresse est celle d’un autre site que le portail.")
    path = unquote_url(parts.path) or "/"
    try:
        if "\0" in path:
            raise Resolver404
        return resolve(path)
    except Resolver404 as error:
        raise AdresseInconnue("Aucune page du portail n’a cette adresse.") from error


def model_of(site, match):
    """The model whose admin page was resolved, or None."""
    if match is None or match.app_name != "admin" or not match.url_name:
        return None
    for model in site._registry:
        if match.url_name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None


def _cible(model, fields, value):
    condition = Q()
    for name in fields:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        try:
            condition |= Q(**{field.name: field.to_python(value)})
        except ValidationError:
            continue
    return Cible([model], condition or Q(pk__in=[]))


def find(request, site, cible, text):
    """The rows that the agent who asks may know of, `PAR_GENRE` + 1 at most of each kind."""
    found = []
    for model in cible.modeles:
        admin = site.get_model_admin(model)
        rows = model._base_manager.all()
        if cible.condition is not None:
            rows = rows.filter(cible.condition)
        else:
            matching, _ = admin.get_search_results(request, rows, text)
            rows = rows.filter(pk__in=matching.order_by().values("pk"))
        related = admin.get_list_select_related(request) or []
        known = _known(request.user, model, rows).select_related(*related)
        found += known.order_by("pk")[: PAR_GENRE + 1]
    return found


def _known(agent, model, rows):
    named = model._default_manager.order_by()
    named = named.known_to(agent) if agent.has_perm(permission(VOIR, model)) else named.public()
    return rows.filter(pk__in=named.values("pk"))


def find_deleted(request, site, cible, text):
    """The last historical records of rows that are gone and were in the agent's perimeter."""
    found = []
    for model in cible.modeles:
        if not hasattr(model, "history") or not request.user.has_perm(permission(VOIR, model)):
            continue
        key = model._meta.pk.attname
        condition = _deleted_condition(request, site.get_model_admin(model), cible, text)
        gone = model.history.filter(condition, history_type="-").exclude(
            **{f"{key}__in": model._base_manager.values(key)}
        )
        latest = gone.select_related("history_user").order_by("-history_date", "-history_id")
        found += [r for r in latest[:SUPPRESSIONS_LUES] if was_inside(request.user, r)]
    return found


def _deleted_condition(request, admin, cible, text):
    """By key or address, else each word in one of the fields that the list searches."""
    if cible.condition is not None:
        return cible.condition
    lookups = []
    for name in admin.get_search_fields(request):
        field = name.lstrip("=^@").removesuffix("__plie").removesuffix(f"__{COMMENCE}")
        try:
            admin.opts.get_field(field)
        except FieldDoesNotExist:  # of a related row
            continue
        lookups.append(f"{field}__iexact" if name.startswith("=") else name)
    if not lookups:
        return Q(pk__in=[])
    condition = Q()
    for word in text.split():
        condition &= Q.create([(lookup, word) for lookup in lookups], connector=Q.OR)
    return condition
