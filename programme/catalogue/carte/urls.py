"""Addresses, included by `programme.urls`."""

from django.urls import path

from . import views
from .comparaison import DifferencesView
from .projets import ProjetsView

urlpatterns = [
    path("carte/", views.CarteView.as_view(), name="carte"),
    path("carte/filtrer/", views.FiltrerView.as_view(), name="carte_filtrer"),
    path("carte/differences/", DifferencesView.as_view(), name="differences"),
    path("carte/projets/", ProjetsView.as_view(), name="carte_projets"),
    path("integrer/carte/", views.IntegrerView.as_view(), name="integrer_carte"),
]
