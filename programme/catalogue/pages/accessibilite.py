"""The statement of accessibility, from our own assessment."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from programme import accessibilite
from programme.catalogue.personnes import sans_personne


@sans_personne
@require_safe
def declaration(request):
    context = {
        "taux": accessibilite.taux(),
        "nombres": {etat: len(accessibilite.en_etat(etat)) for etat in accessibilite.ETATS},
        "total": len(accessibilite.criteres()),
        "non_conformes": accessibilite.en_etat("NC"),
        "echantillon": list(accessibilite.ECHANTILLON),
    }
    return render(request, "programme/pages/accessibilite.html", context)
