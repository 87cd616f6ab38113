"""The pages of open data: the datasets, their dictionaries, the proof of a file."""

import hashlib
import re

from django import forms
from django.db.models import Count, IntegerField, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from programme.catalogue.adresse import lit
from programme.catalogue.personnes import sans_personne
from programme.donnees import dcat, provenance, turtle
from programme.donnees.descriptions import data_package, table_schema
from programme.donnees.exports import LICENCE, LICENCE_URL, TAILLE_MAXIMALE
from programme.donnees.jeux import JEUX
from programme.models import DonneesVersion, EmpreinteAncienne, FichierParution, Parution, Preuve
from programme.models.preuves import JOURS, SELECTIONS_PAR_ADRESSE, SELECTIONS_PAR_JOUR
from programme.models.sources import Sources
from territoires import moment


class PreuveForm(forms.Form):
    sha256 = forms.CharField(required=False)


SHA256 = re.compile(r"[0-9a-f]{64}")
PROMESSE = {
    "preuves": {
        "jours": JOURS,
        "par_jour": SELECTIONS_PAR_JOUR,
        "par_adresse": SELECTIONS_PAR_ADRESSE,
    }
}
LICENCES = {"licence": LICENCE, "licence_url": LICENCE_URL}


@sans_personne
@require_safe
def donnees(request):
    """Every dataset with its number of rows, in one query."""
    version = DonneesVersion.objects.current()
    context = {"version": version, "jeux": with_counts(JEUX.values())}
    context |= (
        LICENCES
        | PROMESSE
        | {
            # The last of today is none of a moment's.
            "parution": None if moment.actuel() else Parution.objects.derniere(),
            "jour_de_la_carte": moment.today(),
        }
    )
    return render(request, "programme/donnees/donnees.html", context)


@require_safe
def jeu(request, code):
    """One dataset: its files, its dictionary, the digests of its whole files already sent."""
    found = jeu_or_404(code)
    version = DonneesVersion.objects.current()
    response = render(
        request,
        "programme/donnees/jeu.html",
        {
            "jeu": found,
            "version": version,
            "sources": _sources(found),
            "lignes": with_counts([found])[0][1],
            "fichiers": whole_files(found, version),
            "taille_maximale": TAILLE_MAXIMALE,
            **LICENCES,
        },
    )
    # A new proof does not make a new version of the data: an ETag of its own keeps this page out
    # of the cache that lives as long as the version.
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:16]}"'
    response["Cache-Control"] = "no-cache"
    return response


@sans_personne
@require_safe
def schema(request, code):
    """The Table Schema of one dataset."""
    return json_response(table_schema(jeu_or_404(code)))


@sans_personne
@require_safe
def datapackage(request):
    version = DonneesVersion.objects.current()
    return json_response(data_package(request.build_absolute_uri, version))


@sans_personne
@require_safe
def catalogue(request):
    """DCAT-AP, in JSON-LD."""
    return json_response(_dcat(request), content_type="application/ld+json")


@sans_personne
@require_safe
def catalogue_turtle(request):
    """The same, in Turtle."""
    return HttpResponse(turtle.write(_dcat(request)), content_type="text/turtle; charset=utf-8")


def _dcat(request):
    return dcat.document(request.build_absolute_uri, DonneesVersion.objects.current())


@lit(PreuveForm)
@require_safe
def preuves(request):
    """The form that finds the proof of a file from its SHA-256."""
    asked = request.GET.get("sha256", "")
    sha256 = "".join(asked.split()).lower()
    if SHA256.fullmatch(sha256):
        return redirect("preuve", sha256)
    return render(
        request,
        "programme/donnees/preuves.html",
        {"demande": asked, "erreur": "forme" if asked else "", **PROMESSE},
        status=400 if asked else 200,
    )


@require_safe
def preuve(request, sha256):
    """What the portal knows of a file: where from, how many rows, when first; or 404."""
    found = Preuve.objects.filter(pk=sha256).first()
    if found is None and (kept := _kept(sha256)):
        return render(request, "programme/donnees/preuve_parution.html", kept)
    if found is None:
        context = {"demande": sha256, "erreur": "inconnue", **PROMESSE}
        return render(request, "programme/donnees/preuves.html", context, status=404)
    context = {"preuve": found, "jeu": JEUX.get(found.jeu)}
    return render(request, "programme/donnees/preuve.html", context)


def _kept(sha256):
    """The file of a parution that has this digest, or had it; nothing when none did."""
    rows = FichierParution.objects.select_related("parution").order_by("parution")
    fichiers = list(rows.filter(sha256=sha256))
    if fichiers:
        return {"sha256": sha256, "fichiers": fichiers, "anciennes": []}
    rows = EmpreinteAncienne.objects.select_related("fichier__parution").order_by("fichier")
    anciennes = list(rows.filter(sha256=sha256))
    return anciennes and {"sha256": sha256, "fichiers": [], "anciennes": anciennes}


# --- What the views share ---------------------------------------------------------------------


def jeu_or_404(code):
    if code not in JEUX:
        raise Http404(f"Le jeu de données « {code} » n’existe pas.")
    return JEUX[code]


def json_response(body, content_type="application/json"):
    return JsonResponse(
        body, content_type=content_type, json_dumps_params={"ensure_ascii": False, "indent": 1}
    )


def _sources(jeu):
    """What the public rows of a dataset cite, each once; nothing when its source is one."""
    if jeu.documents:
        return list(jeu.documents)
    origine = provenance.of_jeu(jeu)
    if origine is None or not isinstance(origine.source, str):
        return []
    rows = jeu.modele.objects.filter(pk__in=jeu.published().order_by().values("pk"))
    return rows.order_by().aggregate(sources=Sources(origine.source))["sources"]


def with_counts(jeux):
    """`(dataset, number of public rows, files)`; one query, whatever the number of datasets."""
    counts = {
        f"n_{rank}": import_string(jeu.nombre)() if jeu.nombre else _count(jeu.published())
        for rank, jeu in enumerate(jeux)
    }
    row = DonneesVersion.objects.annotate(**counts).values(*counts).get()
    return [
        (jeu, number, jeu.whole_files()) for jeu, number in zip(jeux, row.values(), strict=True)
    ]


def _count(queryset):
    counted = queryset.order_by().values(_tout=Value(1)).annotate(_nombre=Count("pk"))
    return Coalesce(Subquery(counted.values("_nombre")), 0, output_field=IntegerField())


def whole_files(jeu, version):
    """`(words, address, proof or None)` of each file of the whole dataset, at this version."""
    sent = Preuve.objects.filter(jeu=jeu.code, version=version.numero)
    known = {preuve.adresse: preuve for preuve in (() if moment.actuel() else sent)}
    return [(words, url, known.get(url)) for words, url in jeu.whole_files()]
