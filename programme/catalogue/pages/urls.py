"""Addresses, included by `programme.urls`."""

from django.urls import path

from programme.catalogue.pages import views

urlpatterns = [
    path("", views.accueil, name="accueil"),
]
