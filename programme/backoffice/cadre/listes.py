"""The lists of the admin: under their own name, with the filters said and the last view kept.

The last view of each list is kept in the agent's session, as its query string: coming back to the
bare address leads to it. `?tout=1` is the whole list; seeing it forgets.
"""

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.http import HttpResponseRedirect
from django.utils.html import format_html, strip_tags
from django.utils.text import capfirst, get_text_list

from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.filtres import FiltreDepartement, FiltreTerritoire
from programme.backoffice.cadre.historique.mots import VIDE
from programme.models import VueDeListe
from programme.models.vues import LONGUEUR
from programme.requetes import request_with
from territoires.dates import date_in_words, precision_of

TOUT = "tout"
VUES = "vues_des_listes"
PARMI = [one.parameter_name for one in (FiltreDepartement, FiltreTerritoire)]
HORS_DE_LA_VUE = {TOUT, PAGE_VAR, ERROR_FLAG, IS_POPUP_VAR, TO_FIELD_VAR}
"""Parameters that say nothing of what a list shows."""


def filtres_de(request):
    """What the address of a list asks for: the sorted pairs of its query string."""
    return sorted(
        [_kept(name), _kept(value)]
        for name, values in request.GET.lists()
        if name not in HORS_DE_LA_VUE
        for value in values
    )


def _kept(text):
    return text.replace("\0", "�")  # which PostgreSQL keeps in no text


class Liste(ChangeList):
    """A list whose links to « everything » say so, which a bare address could not."""

    def get_query_string(self, new_params=None, remove=None):
        query = super().get_query_string(new_params, remove)
        return f"?{TOUT}=1" if query == "?" else query

    def active_filters(self):
        """What narrows the list: dicts `nom`, `valeur`, `sans` (the address without it)."""
        found = []
        if self.query:
            found.append(self._active("recherche", f"« {self.query} »", ["q"]))
        told = set()
        for spec in self.filter_specs:
            names = spec.expected_parameters()
            told.update(names)
            if spec.used_parameters:
                found.append(self._active(spec.title, self._chosen(spec), names))
        if self.date_hierarchy:
            keys = [f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")]
            told.update(keys)
            parts = [self.params[key] for key in reversed(keys) if key in self.params]
            if parts:
                field = get_fields_from_path(self.model, self.date_hierarchy)[-1]
                found.append(self._active(field.verbose_name, "/".join(parts), keys))
        others = [name for name in self.get_filters_params() if name not in told]
        return [*found, *(self._active(self._label(n), self._asked(n), [n]) for n in others)]

    def _active(self, name, value, parameters):
        without = self.get_query_string(remove=parameters)
        return {"nom": str(name), "valeur": str(value), "sans": without}

    def _chosen(self, spec):
        chosen = [choice["display"] for choice in spec.choices(self) if choice["selected"]]
        return strip_tags(str(chosen[0])) if chosen else "valeur qui n’existe plus"

    def _asked(self, lookup):
        """What a lookup of the address asks for, in words."""
        value = str(self.params[lookup])
        if lookup.endswith("__in"):
            return get_text_list([v or VIDE for v in value.split(",")], "ou")
        if lookup.endswith("__isnull"):
            return "renseigné" if value.lower() in ("", "false", "0") else VIDE
        return value

    def _label(self, lookup):
        first = lookup.split("__")[0]
        try:
            return getattr(self.opts.get_field(first), "verbose_name", first)
        except FieldDoesNotExist:
            return first


def _dated(field):
    """The column of a date that has a precision beside it."""

    @admin.display(description=field.verbose_name, ordering=field.name, empty_value=VIDE)
    def column(obj):
        return date_in_words(getattr(obj, field.name), precision_of(obj, field.name))

    column.__name__ = field.name
    return column


def with_precisions(model, columns):
    """The columns of a list; a date goes with what it stands for, and sorts as it did."""
    precise = getattr(model, "precisions", {})
    return [_dated(model._meta.get_field(c)) if c in precise else c for c in columns]


def entitle(liste):
    """Say in the title of a list, under its own name, what narrows it."""
    liste.filtres_actifs = liste.active_filters()
    liste.has_active_filters = False  # ours is the one link that takes everything off
    if not liste.is_popup:
        told = " ; ".join(f"{f['nom']} {f['valeur']}" for f in liste.filtres_actifs)
        name = capfirst(str(liste.opts.verbose_name_plural))
        liste.title = f"{name} : {told}" if told else name


def is_selection(queryset, keys):
    """Whether one of the rows of a list, at least, is among the `keys` that were ticked."""
    try:
        keys = [queryset.model._meta.pk.to_python(key) for key in keys if "\x00" not in key]
        return queryset.filter(pk__in=keys).exists()
    except (ValidationError, OverflowError, ValueError):
        return False


class VueGardee(Piece):
    """The last view of the list: kept, and come back to."""

    def shown(self, request, view):
        """What `view`, a function of a request, shows of the list; or the way to the kept view."""
        kept = request.session.get(VUES, {}).get(self.opts.label_lower, "")
        if request.method == "GET" and not request.GET and kept:
            return HttpResponseRedirect(f"{request.path}?{kept}")
        asked = request.GET.copy()
        asked.pop(TOUT, None)
        for name in PARMI:
            if not asked.get(name, name):
                del asked[name]  # « Tous » was chosen in its list
        request = request_with(request, GET=asked)
        try:
            response = view(request)
        except DisallowedModelAdminLookup:
            if asked.urlencode() != kept:
                raise
            return self._unusable(request)
        if request.method != "GET" or IS_POPUP_VAR in asked:
            return response
        if response.status_code == 302:
            return self._unusable(request)
        if "cl" in (getattr(response, "context_data", None) or {}):
            self._keep(request, asked)
        return response

    def _keep(self, request, asked):
        """Note the view that was just shown, or forget when it is the whole list."""
        view = asked.copy()
        view.pop(ERROR_FLAG, None)
        query = view.urlencode()
        views = dict(request.session.get(VUES, {}))
        before = views.pop(self.opts.label_lower, "")
        if query and len(query) <= LONGUEUR:
            views[self.opts.label_lower] = query
        if views.get(self.opts.label_lower, "") != before:
            request.session[VUES] = views

    def _unusable(self, request):
        """A view that cannot be shown: without its page if that is the fault, else the whole."""
        rest = request.GET.copy()
        if rest.pop(PAGE_VAR, None):
            return HttpResponseRedirect(f"{request.path}?{rest.urlencode() or f'{TOUT}=1'}")
        self.ecran.message_user(request, self._why_unusable(request), messages.WARNING)
        return HttpResponseRedirect(f"{request.path}?{TOUT}=1")

    def _why_unusable(self, request):
        """What is said of an address that cannot be shown, by the name that the agent gave it."""
        filtres = filtres_de(request)
        named = VueDeListe.objects.visible_to(request.user).asking(filtres)
        vue = named.filter(liste=self.opts.label_lower).first()
        if vue is None:
            return "Un filtre de cette adresse n’existe pas, ou plus : voici la liste entière."
        page = self.ecran.page_address("vue", vue.pk)
        return format_html(
            "Un filtre de la vue « {} » n’existe plus : voici la liste entière. "
            '<a href="{}">Renommez cette vue ou supprimez-la</a>, et gardez-en une autre.',
            vue.nom,
            page,
        )
