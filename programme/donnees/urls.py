"""Addresses of open data, included by `programme.urls`."""

from django.urls import path

from programme.donnees import api, views
from programme.donnees.parutions import vues as parutions

urlpatterns = [
    path("donnees/", views.donnees, name="donnees"),
    path("donnees/datapackage.json", views.datapackage, name="datapackage"),
    path("donnees/catalogue.jsonld", views.catalogue, name="catalogue_dcat"),
    path("donnees/catalogue.ttl", views.catalogue_turtle, name="catalogue_turtle"),
    path("donnees/api/", api.documentation, name="api_documentation"),
    path("donnees/preuve/", views.preuves, name="preuves"),
    path("donnees/preuve/<slug:sha256>/", views.preuve, name="preuve"),
    path("donnees/versions.json", parutions.versions, name="versions"),
    path("donnees/parutions/", parutions.ParutionsView.as_view(), name="parutions"),
    path("donnees/parutions/<int:numero>/", parutions.parution, name="parution"),
    path(
        "donnees/parutions/<int:numero>/manifeste.json",
        parutions.manifeste,
        name="parution_manifeste",
    ),
    path(
        "donnees/parutions/<int:numero>/parution-<int:meme>.zip",
        parutions.archive,
        name="parution_archive",
    ),
    path(
        "donnees/parutions/<int:numero>/<slug:jeu>.<slug:forme>",
        parutions.fichier,
        name="parution_fichier",
    ),
    path(
        "donnees/parutions/<int:numero>/ecarts/<slug:jeu>.<slug:forme>",
        parutions.ecarts,
        name="parution_ecarts",
    ),
    path("donnees/parutions/<slug:script>.py", parutions.script, name="parution_script"),
    path("donnees/<slug:code>/", views.jeu, name="donnees_jeu"),
    path("donnees/<slug:code>/schema.json", views.schema, name="donnees_schema"),
    path("api/v1/", api.racine, name="api"),
    path("api/v1/openapi.json", api.openapi, name="openapi"),
    path("api/v1/<slug:code>/", api.jeu, name="api_jeu"),
    path("api/v1/<slug:code>/<slug:cle>/", api.FicheApiView.as_view(), name="api_fiche"),
]

# All of them only read: who sends something is told how to ask (405), not that a token is missing.
for _address in urlpatterns:
    _address.callback.csrf_exempt = True
