"""Addresses, included by `programme.urls`."""

from django.urls import path, register_converter

from programme.models.citations import ALPHABET, LONGUEUR

from . import graphique, vues


class CodeDeCitation:
    """As `code_of` makes them."""

    regex = f"[{ALPHABET}]{{{LONGUEUR}}}"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(CodeDeCitation, "citation")

urlpatterns = [
    path("graphiques/<slug:code>/", graphique.GraphiqueView.as_view(), name="graphique"),
    path("citer/", vues.CiterView.as_view(), name="citer"),
    path("citer/<citation:code>/", vues.CitationView.as_view(), name="citation"),
    path(
        "citer/<citation:code>/citation.bib",
        vues.CitationBibView.as_view(),
        name="citation_bib",
    ),
    path(
        "citer/<citation:code>/citation.json",
        vues.CitationJsonView.as_view(),
        name="citation_json",
    ),
    path(
        "citer/<citation:code>/image.png",
        vues.CitationImageView.as_view(),
        name="citation_image",
    ),
]
