"""Addresses of the search and of the places it leads to, included by `programme.urls`."""

from django.urls import path

from . import lieux, views

urlpatterns = [
    path("recherche/", views.RechercheView.as_view(), name="recherche"),
    path("recherche/suggestions/", views.SuggestionsView.as_view(), name="suggestions"),
    path("communes/<str:code>/", lieux.CommuneView.as_view(), name="commune"),
    path(
        "intercommunalites/<str:siren>/",
        lieux.IntercommunaliteView.as_view(),
        name="intercommunalite",
    ),
]
