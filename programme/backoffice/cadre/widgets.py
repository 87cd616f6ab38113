"""Form widgets of the back-office: accessible, usable without JavaScript, free of inline styles."""

import re
from datetime import date

from django import forms
from django.contrib.admin.widgets import AutocompleteMixin
from django.core.exceptions import ValidationError

from territoires import lecture
from territoires.dates import en_chiffres


class Lue(forms.TextInput):
    """A text field that says below what it understands: its template writes it, a script keeps it.

    genre: its name, and how its text is read and echoed (see `champs`).
    """

    template_name = "admin/widgets/lue.html"

    def __init__(self, nom, genre, attrs=None):
        super().__init__(
            {"inputmode": genre.clavier, "autocomplete": "off", "spellcheck": "false"}
            | {"data-lecture": nom, "class": "lue"}
            | (attrs or {})
        )
        self.genre = genre

    def format_value(self, value):
        if isinstance(value, date):
            return en_chiffres(value)
        if isinstance(value, float):
            return self.genre.dire(value)
        return None if value is None or value == "" else str(value)

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["echo"] = self.genre.echo(widget["value"])
        if field_id := widget["attrs"].get("id"):
            widget["echo_id"] = f"{field_id}_echo"
            described = widget["attrs"].get("aria-describedby", "")
            widget["attrs"]["aria-describedby"] = f"{described} {widget['echo_id']}".strip()
        return context


class CasesACocher(forms.CheckboxSelectMultiple):
    """Boxes to tick, as one group that bears the name `groupe` and the help of the field."""

    template_name = "admin/widgets/cases.html"
    use_fieldset = False

    def __init__(self, *args, groupe, **kwargs):
        super().__init__(*args, **kwargs)
        self.groupe = groupe

    def get_context(self, name, value, attrs):
        described = attrs.pop("aria-describedby", "")
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"groupe": self.groupe, "decrit_par": described}
        return context


class Saisi(str):
    """A text that somebody typed where a row is chosen: a code, a name, the beginning of one."""

    __slots__ = ()


def _read(field, text):
    try:
        field.clean(text, None)
    except ValidationError:
        return False
    return True


class _Autocompletion(AutocompleteMixin):
    """A choice among many rows: type, then choose. Without JavaScript, its code or name is typed.

    `known` is the row that is chosen already, when it is loaded: no query then. `proposes` are the
    rows that what was typed may name, once its field has refused it.
    """

    template_name = "admin/widgets/autocompletion.html"
    known = None
    proposes = ()
    saisis = ()

    @property
    def media(self):
        return forms.Media(js=[forms.Script("js/autocompletion.js", defer=True)])

    def build_attrs(self, base_attrs, extra_attrs=None):
        # Not the mixin's own: it asks for select2.
        attrs = super(AutocompleteMixin, self).build_attrs(base_attrs, extra_attrs)
        return {
            **attrs,
            "data-autocompletion": self.get_url(),
            "data-app-label": self.field.model._meta.app_label,
            "data-model-name": self.field.model._meta.model_name,
            "data-field-name": self.field.name,
        }

    def optgroups(self, name, value, attr=None):
        if self.saisis:
            options = self._offered(name, value)
        elif self.known is None or [str(self.known.pk)] != [str(item) for item in value]:
            ((_, options, _),) = super().optgroups(name, self._keys(value), attr)
        else:
            label = self.choices.field.label_from_instance(self.known)
            options = [self.create_option(name, self.known.pk, label, True, 0)]
        # One choice can be taken back without JavaScript, which an obligatory field then refuses.
        if not self.allow_multiple_selected and "" not in [option["value"] for option in options]:
            options.insert(0, self.create_option(name, "", "", False, 0))
        return [(None, options, 0)]

    def create_option(self, name, value, label, *args, **kwargs):
        return super().create_option(name, value, label or "Aucun choix", *args, **kwargs)

    def _keys(self, value):
        """Those that may be keys of its rows: a date where a number is one names none."""
        key = self.choices.queryset.model._meta.pk
        return [item for item in value if not item or _read(key, item)]

    def _offered(self, name, value):
        """What may be chosen in place of what was typed, after what is chosen already."""
        label_of, rows = self.choices.field.label_from_instance, self.choices.queryset
        keys = self._keys(key for key in value if key)
        chosen = list(rows.filter(pk__in=keys)) if keys else []
        alone = len(self.proposes) == 1 and not self.allow_multiple_selected
        options = [] if self.allow_multiple_selected else [("", "", not chosen and not alone)]
        options = [(row.pk, label_of(row), True) for row in chosen] + options
        options += [(row.pk, label_of(row), alone) for row in self.proposes if row not in chosen]
        return [
            self.create_option(name, key, label, selected, rank)
            for rank, (key, label, selected) in enumerate(options)
        ]

    def get_context(self, name, value, attrs):
        values = value if isinstance(value, list | tuple) else [value]
        self.saisis = [one for one in values if isinstance(one, Saisi)]
        if self.saisis:
            value = [one for one in values if not isinstance(one, Saisi)]
        context = super().get_context(name, value, attrs)
        typed = ", ".join(self.saisis)
        context["widget"] |= {"nom_du_code": f"{name}_code", "saisi": typed}
        if typed:
            context["widget"]["attrs"]["data-saisi"] = typed
        return context

    def value_omitted_from_data(self, data, files, name):
        return f"{name}_code" not in data and super().value_omitted_from_data(data, files, name)

    @staticmethod
    def typed_in(data, name):
        """What was typed beside the list; nothing when it was refused before, then chosen."""
        typed = lecture.net(data.get(f"{name}_code", ""))
        refused = lecture.net(data.get(f"{name}_refus", ""))
        return typed, typed == refused


class Autocompletion(_Autocompletion, forms.Select):
    def value_from_datadict(self, data, files, name):
        chosen = super().value_from_datadict(data, files, name)
        typed, refused = self.typed_in(data, name)
        return chosen if not typed or (refused and chosen) else Saisi(typed)


class AutocompletionMultiple(_Autocompletion, forms.SelectMultiple):
    def value_from_datadict(self, data, files, name):
        chosen = super().value_from_datadict(data, files, name)
        typed, refused = self.typed_in(data, name)
        return chosen if refused and chosen else [*chosen, *map(Saisi, several(typed))]


def several(typed):
    """The texts of one field: names between commas, codes between spaces too."""
    for part in re.split(r"[,;\n]+", typed):
        words = part.split()
        if all(any(c.isdigit() for c in word) and len(word) > 3 for word in words):
            yield from words
        elif words:
            yield part.strip()
