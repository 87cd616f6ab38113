"""The pages of a history, for the admin of a model that keeps one."""

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.urls import path
from django.utils.text import capfirst

from programme.backoffice.cadre.historique.actes import RetablirMixin
from programme.backoffice.cadre.historique.liens import threads
from programme.backoffice.cadre.historique.lignes import FiltreHistorique, page_of
from programme.backoffice.cadre.historique.mots import TYPES, Formateur, names_of, who
from programme.backoffice.cadre.historique.retablissement import whole
from programme.backoffice.cadre.pages import headline
from programme.backoffice.cadre.perimetre import was_inside
from territoires.dates import precision_of
from territoires.historiques import fields_of, links_of, value_of

SUPPRESSIONS_LUES = 200


class HistoriqueMixin(RetablirMixin):
    """History pages for a ModelAdmin whose model keeps a `history`.

    The page of a record tells its rows too: those of its inlines, and those whose own screen names
    the foreign key that leads to it in `historique_dans`.
    """

    historique_dans = ()

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        version = "<path:object_id>/history/<int:history_id>/"
        return [
            path("supprimes/", wrap(self.deleted_view), name=f"{name}_supprimes"),
            path(version, wrap(self.version_view), name=f"{name}_version"),
            path(f"{version}retablir/", wrap(self.restore_view), name=f"{name}_retablir"),
            path("<path:object_id>/recreer/", wrap(self.recreate_view), name=f"{name}_recreer"),
            *super().get_urls(),
        ]

    def _records(self, request, object_id):
        """The row, None if it is deleted, and its history that the agent may see, newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = self.opts.pk
        try:
            key = pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404 from error
        records = self.model.history.filter(**{pk.attname: key}).select_related("history_user")
        obj = self.model._base_manager.filter(pk=key).first()
        if obj is not None:
            allowed = self.has_view_permission(request, obj)
        else:
            last = records.first()
            allowed = last is not None and was_inside(request.user, last)
        if not allowed:
            raise Http404(f"Aucun enregistrement « {self.opts.verbose_name} » à cette adresse.")
        return obj, records

    def history_view(self, request, object_id, extra_context=None):
        obj, records = self._records(request, object_id)
        last = records.first()
        key = getattr(last, self.opts.pk.attname) if obj is None else obj.pk
        fils = threads(self, request, key)
        filtre = FiltreHistorique(request.GET, fils)
        page = None
        if not filtre.is_bound or filtre.is_valid():
            page = page_of(request, *filtre.kept())
        query = request.GET.copy()
        query.pop("p", None)
        context = {
            "title": "Historique",
            "subtitle": headline(_name(last) if obj is None else obj),
            "object": obj,
            "object_id": object_id,
            "filtre": filtre,
            "filtree": filtre.is_bound,
            "page": page,
            "requete": f"{query.urlencode()}&" if query else "",
            "recreable": obj is None and self.has_add_permission(request),
            "propositions": (),
        }
        status = 200 if page is not None else 400
        return self.render_page(
            request, "admin/historique.html", context | (extra_context or {}), status=status
        )

    def version_view(self, request, object_id, history_id):
        """One record as it was after one save."""
        obj, records = self._records(request, object_id)
        record = records.filter(history_id=history_id).first()
        if record is None:
            raise Http404("Aucune version de cet enregistrement à cette adresse.")
        formateur = Formateur(request.user)
        complete = whole(record)
        links = links_of([complete])
        values = [
            (field, value_of(complete, field, links), precision_of(complete, field.name))
            for field in fields_of(self.model)
            if not (
                field.primary_key and field.get_internal_type() in ("AutoField", "BigAutoField")
            )
        ]
        context = {
            "title": f"Version n° {record.version}",
            "subtitle": headline(_name(record)),
            "object": obj,
            "object_id": object_id,
            "record": record,
            "type": TYPES[record.history_type],
            "qui": who(record),
            "valeurs": [
                (field.verbose_name, formateur.value(field, *told)) for field, *told in values
            ],
            "retablissable": obj is not None and self.may_restore(request, obj),
        }
        return self.render_page(request, "admin/historique_version.html", context)

    def deleted_view(self, request):
        """The records that were deleted, newest first, with the way to their history."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = self.opts.pk.attname
        gone = self.model.history.filter(history_type="-").exclude(
            **{f"{pk}__in": self.model._base_manager.values("pk")}
        )
        latest = gone.select_related("history_user")[:SUPPRESSIONS_LUES]
        lines = [record for record in latest if was_inside(request.user, record)]
        names = names_of(lines)
        context = {
            "title": f"{capfirst(str(self.opts.verbose_name_plural))} : suppressions",
            "subtitle": None,
            "lignes": [
                (record, getattr(record, pk), names[self.model, getattr(record, pk)], who(record))
                for record in lines
            ],
            "plafond": SUPPRESSIONS_LUES,
            "recreable": self.has_add_permission(request),
        }
        return self.render_page(request, "admin/suppressions.html", context)


def _name(record):
    """The name of the row of one historical record."""
    return next(iter(names_of([record]).values()))
