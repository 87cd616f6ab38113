"""Addresses of following, included by `programme.urls`."""

from django.urls import path

from . import vues

urlpatterns = [
    path("suivre/", vues.SuivreView.as_view(), name="suivre"),
    path("suivre/demande/", vues.demande, name="suivre_demande"),
    path("suivre/confirmer/<str:jeton>/", vues.confirmer, name="suivre_confirmer"),
    path("suivre/mes-suivis/<str:jeton>/", vues.gerer, name="suivre_gerer"),
    path("suivre/arret/<str:jeton>/", vues.arreter, name="suivre_arreter"),
]
