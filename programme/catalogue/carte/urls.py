"""Addresses, included by `programme.urls`."""

from django.urls import path

from . import views
from .comparaison import DifferencesView

urlpatterns = [
    path("carte/", views.CarteView.as_view(), name="carte"),
    path("carte/differences/", DifferencesView.as_view(), name="differences"),
    path("integrer/carte/", views.IntegrerView.as_view(), name="integrer_carte"),
]
