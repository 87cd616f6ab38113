"""The pages that our screens add to Django's: their addresses, how they are drawn."""

from django.contrib.admin.utils import quote
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst


def headline(obj):
    """The name of a record (or a name) as a heading: « Contrat… », yet « iXblue » as it is."""
    name = str(obj)
    return capfirst(name) if name.partition(" ")[0].islower() else name


class PagesMixin:
    """For a ModelAdmin that has pages of its own."""

    def page_address(self, page, *args):
        """The address of `page` (« change », « importer »…) of this model."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[quote(arg) for arg in args])

    def render_page(self, request, template, context, status=200):
        """`template` in the admin's frame, with the model's `opts`."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, context, status=status)
