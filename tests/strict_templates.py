"""An undefined variable in one of our own templates fails the test that renders it.

Django renders an undefined variable as an empty string, so a renamed field quietly leaves a hole in
a page. `install()` replaces the expressions compiled from templates under `templates/`; those of
packages keep Django's lenient rule.

- `{{ x }}`, `{% for … in x %}`, `{% with %}`, arguments of tags: x must be defined.
- `{% if x %}`, `{% firstof x %}`: a name may be absent (a partial's optional argument), and so may
  a key of a mapping or whatever would follow None; an attribute of an object may not.
"""

import copy
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.conf import settings
from django.template import base, defaulttags
from django.template.context import BaseContext


class StrictFilterExpression(base.FilterExpression):
    """The expression of a `{{ }}` or a tag, strict when its template is ours."""

    required = False

    def __init__(self, token, parser):
        super().__init__(token, parser)
        self.origin_name = getattr(parser.origin, "name", None) or ""
        ours = Path(settings.BASE_DIR) / "templates"
        self.strict = Path(self.origin_name).is_relative_to(ours)

    def resolve(self, context, ignore_failures=False):
        if not (self.strict and self.is_var):
            return super().resolve(context, ignore_failures)
        try:
            value = self.var.resolve(context)
        except base.VariableDoesNotExist as error:
            if ignore_failures and not self.required and _may_be_absent(error):
                return super().resolve(context, ignore_failures)
            # An ordinary exception would be swallowed by the operators of {% if %}.
            pytest.fail(f"{self.origin_name}: « {self.token} »: {error}")
        if not self.filters:
            return value
        resolved = copy.copy(self)
        resolved.var, resolved.is_var = value, False
        return super(StrictFilterExpression, resolved).resolve(context, ignore_failures)


def _may_be_absent(error):
    key, container = error.params
    if isinstance(container, list | tuple):
        return key.isdigit()
    return container is None or isinstance(container, BaseContext | Mapping)


def install():
    """Make the templates compiled from now on strict. Called once, before any of them is."""
    base.FilterExpression = StrictFilterExpression
    original_init = defaulttags.ForNode.__init__

    def strict_init(self, loopvars, sequence, *args, **kwargs):
        # Django lets {% for %} loop over nothing when its sequence is undefined.
        sequence.required = True
        original_init(self, loopvars, sequence, *args, **kwargs)

    defaulttags.ForNode.__init__ = strict_init
