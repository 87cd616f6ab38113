"""Every address of the site: names are plural for a list, singular for a page."""

from django.contrib import admin
from django.urls import include, path

from programme.catalogue.listes.filtrer import FiltrerView

urlpatterns = [
    path("", include("programme.catalogue.pages.urls")),
    path("", include("programme.catalogue.listes.urls")),
    path("filtrer/<slug:jeu>/", FiltrerView.as_view(), name="filtrer"),
    path("", include("programme.catalogue.recherche.urls")),
    path("", include("programme.catalogue.carte.urls")),
    path("", include("programme.catalogue.citer.urls")),
    path("", include("programme.catalogue.integrer.urls")),
    path("", include("programme.catalogue.signaler.urls")),
    path("", include("programme.catalogue.suivre.urls")),
    path("", include("programme.donnees.urls")),
    path("sante/", include("programme.exploitation.urls")),
    path("admin/compte/", include("programme.backoffice.identite.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "programme.catalogue.pages.erreurs.requete_invalide"
handler403 = "programme.backoffice.pourquoi.refus.acces_refuse"
handler404 = "programme.catalogue.pages.erreurs.introuvable"
handler429 = "programme.backoffice.identite.vues.trop_de_demandes"
handler500 = "programme.catalogue.pages.erreurs.panne"
