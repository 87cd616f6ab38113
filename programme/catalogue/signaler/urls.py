"""Addresses of what is reported from outside, included by `programme.urls`."""

from django.urls import path

from . import vues

urlpatterns = [
    path("signaler/", vues.ReponsesView.as_view(), name="signaler"),
    path("signaler/suivi/<slug:secret>/", vues.SuiviView.as_view(), name="signaler_suivi"),
    path("signaler/<slug:genre>/", vues.GenreView.as_view(), name="signaler_genre"),
    path("signaler/<slug:genre>/<slug:code>/", vues.SignalerView.as_view(), name="signaler_fiche"),
]
