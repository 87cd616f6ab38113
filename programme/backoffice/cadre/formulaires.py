"""The form of every record: it merges with what others saved, and keeps what lies outside."""

from django import forms

from programme.backoffice.cadre.champs import ChampLu
from programme.backoffice.cadre.fusion_formulaire import FusionMixin, VersionVue
from programme.backoffice.cadre.historique import MASQUE


def is_offered(tour, relation, field, key, others=()):
    """Whether `key` is among the choices; asked once for it and the keys of `others`."""
    memo = tour.offerts
    if (relation, key) not in memo:
        keys = {key, *others}
        offered = set(field.queryset.filter(pk__in=keys).values_list("pk", flat=True))
        memo.update({(relation, one): one in offered for one in keys})
    return memo[relation, key]


class FormulaireBackoffice(FusionMixin, forms.ModelForm):
    """The admin sets `request` and its `tour` on the class that it makes for one request."""

    version_vue = VersionVue()
    request = tour = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = {}
        if self.is_versioned:
            self.initial["version_vue"] = self.instance.version
            self.recall({name: getattr(self.instance, name) for name in self._read_fields()})
            self._keep_what_is_outside()

    def _read_fields(self):
        return [name for name, field in self.fields.items() if isinstance(field, ChampLu)]

    def recall(self, values):
        """What the record says or said, as its source did, is no fault of who saves it again.

        values: {name: value that it has or had}.
        """
        for name in self._read_fields():
            if (value := values.get(name)) is not None:
                self.fields[name].connus = (*self.fields[name].connus, value)

    # --- Values outside the perimeter ---------------------------------------------------------

    def _keep_what_is_outside(self):
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelMultipleChoiceField):
                self._keep_many(name, field)
            elif isinstance(field, forms.ModelChoiceField):
                self._keep_one(name, field)

    def _keep_many(self, name, field):
        current = getattr(self.instance, name).all()
        offered = set(field.queryset.filter(pk__in=current).values_list("pk", flat=True))
        kept = [row for row in current if row.pk not in offered]
        if kept:
            self.kept[name] = kept
            self.initial[name] = [row for row in current if row.pk in offered]
            field.required = False
            names = ", ".join(self._name(row) for row in kept)
            field.help_text = f"{field.help_text} Conservé, hors de vos choix : {names}.".strip()

    def _keep_one(self, name, field):
        relation = self._meta.model._meta.get_field(name)
        key = getattr(self.instance, relation.attname)
        if key is None:
            return
        if relation.is_cached(self.instance):
            field.widget.known = getattr(self.instance, name)
        if is_offered(self.tour, relation, field, key):
            return
        field.queryset = field.queryset.model._base_manager.filter(pk=key)
        field.label_from_instance = self._name
        field.disabled = True
        field.help_text = "Conservé : cette valeur est hors de vos choix."

    def _name(self, row):
        visible = type(row)._default_manager.visible_to(self.request.user)
        return str(row) if visible.filter(pk=row.pk).exists() else MASQUE

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        for name, kept in self.kept.items():
            if name in cleaned:
                cleaned[name] = [*cleaned[name], *kept]
        if self.tour.refus and not self.prefix:
            self.add_error(None, self.tour.refus)
            for name, faute in self.tour.fautes.items():
                self.add_error(name, faute)
        if self.is_versioned:
            self.tell_conflicts()
        return cleaned
