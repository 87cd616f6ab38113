"""Addresses, included by `programme.urls`; that of the map is with the map, and comes before."""

from django.urls import path

from . import vues

urlpatterns = [
    path("integrer/", vues.IntegrerView.as_view(), name="integrer"),
    path("integrer/chiffre/<slug:chiffre>/", vues.ChiffreView.as_view(), name="integrer_chiffre"),
    path("integrer/tableau/<slug:jeu>/", vues.TableauView.as_view(), name="integrer_tableau"),
    path(
        "integrer/citation/<citation:code>/",
        vues.CitationCadreView.as_view(),
        name="integrer_citation",
    ),
    path("integrer/<path:reste>", vues.AbsentView.as_view(), name="integrer_absent"),
]
