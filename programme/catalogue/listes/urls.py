"""Addresses of the lists, included by `programme.urls`."""

from django.urls import path

from . import views

urlpatterns = [
    path("territoires/", views.Territoires.as_view(), name="territoires"),
    path("carte/lignees/", views.Lignees.as_view(), name="lignees"),
    path("regions/", views.Regions.as_view(), name="regions"),
    path("intercommunalites/", views.Intercommunalites.as_view(), name="intercommunalites"),
    path("communes/", views.Communes.as_view(), name="communes"),
    path("rattachements/", views.Rattachements.as_view(), name="rattachements"),
    path("contrats/", views.Contrats.as_view(), name="contrats"),
    path("projets/", views.Projets.as_view(), name="projets"),
    path("operateurs/", views.Operateurs.as_view(), name="operateurs"),
    path("conventions/", views.Conventions.as_view(), name="conventions"),
    path("engagements/", views.Engagements.as_view(), name="engagements"),
    path("referents/", views.Referents.as_view(), name="referents"),
    path("valeurs/", views.Valeurs.as_view(), name="valeurs"),
    path("jalons/", views.Jalons.as_view(), name="jalons"),
]
