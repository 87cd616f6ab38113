"""What a form holds beside what was sent: the values put in its place, which it shows instead."""

from django import forms
from django.http import QueryDict


class ChampRetenu(forms.BoundField):
    """A field of a form that may hold another value than the one that was sent."""

    @property
    def data(self):
        retenu = self.form.retenu
        return retenu[self.name] if self.name in retenu else super().data


class RetenuMixin:
    """For a form: `retenu` is {name: value} of what stands in place of what was sent.

    The data stay as they were sent: what its author typed can always be shown again.
    """

    bound_field_class = ChampRetenu

    def __init__(self, *args, **kwargs):
        self.retenu = {}
        super().__init__(*args, **kwargs)

    def retain(self, bound, value):
        """Hold `value` in a field, as if it had been sent."""
        data = QueryDict(mutable=True)
        send(data, bound, value)
        self.retenu[bound.name] = bound.field.widget.value_from_datadict(data, {}, bound.html_name)


def send(data, bound, value):
    """Write in `data`, a QueryDict, what a browser sends of a field that shows `value`."""
    widget, value = bound.field.widget, bound.field.prepare_value(value)
    if isinstance(widget, forms.CheckboxInput):
        if value:
            data[bound.html_name] = "on"
        return
    shown = widget.format_value(value)
    values = shown if isinstance(shown, list | tuple) else ["" if shown is None else shown]
    data.setlist(bound.html_name, [str(one) for one in values])
