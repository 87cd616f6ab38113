"""What the programme is, sentence by sentence with its source, and its words."""

from collections import defaultdict
from itertools import groupby

from django.db.models import Prefetch
from django.shortcuts import render
from django.views.decorators.http import require_safe

from programme.catalogue.ordre import OrdreFrancais
from programme.catalogue.personnes import sans_personne
from programme.models import (
    Affirmation,
    ChiffreAnnonce,
    ComiteNational,
    ComiteRegional,
    Convention,
    Engagement,
    Enveloppe,
    Personne,
    Service,
    Terme,
)
from territoires.models import Operateur, Phase, Territoire


@require_safe
def programme(request):
    context = {
        "affirmations": par_rubrique(Affirmation.objects.published().select_related("personne")),
        "personnes": par_jour(Personne.objects.published()),
        "comites": ComiteRegional.objects.select_related("region").order_by(
            OrdreFrancais("region__nom")
        ),
        "comites_nationaux": ComiteNational.objects.all(),
        "operateurs": operateurs(),
        "phases": Phase.objects.all(),
        "pilotes": Territoire.objects.exclude(pilote="")
        .select_related("region_porteuse")
        .order_by("pilote", OrdreFrancais("nom")),
        "communs": Engagement.objects.published().filter(operateur=None),
        "enveloppes": Enveloppe.objects.published().filter(region=None).order_by("-montant_eur"),
        "chiffres": ChiffreAnnonce.objects.published().order_by("date", "indicateur", "pk"),
    }
    return render(request, "programme/pages/programme.html", context)


def par_rubrique(affirmations):
    """{name of the rubrique in lower case: its affirmations}; a rubrique that has none is empty."""
    found = {rubrique.name.lower(): [] for rubrique in Affirmation.Rubrique}
    for affirmation in affirmations:
        found[Affirmation.Rubrique(affirmation.rubrique).name.lower()].append(affirmation)
    return found


def par_jour(personnes):
    """`(date, precision, rows)` of each day that names somebody."""
    rows = groupby(personnes.order_by("date", "code"), key=lambda p: (p.date, p.precision_date))
    return [(*jour, list(named)) for jour, named in rows]


def operateurs():
    """Every opérateur with what is published of it, and the sources of all that: `references`."""
    published = {
        "conventions": (Convention, "actes"),
        "affirmations": (Affirmation, "dits"),
        "engagements": (Engagement, "promesses"),
        "services": (Service, "offres"),
    }
    rows = Operateur.objects.prefetch_related(
        *(
            Prefetch(name, model.objects.published(), to_attr=to_attr)
            for name, (model, to_attr) in published.items()
        )
    )
    for row in rows:
        cited = [fact.source for _, to_attr in published.values() for fact in getattr(row, to_attr)]
        codes = dict.fromkeys(code for source in cited for code in source.split(" ; ") if code)
        row.references = " ; ".join(codes)
    return rows


@sans_personne
@require_safe
def glossaire(request):
    termes = Terme.objects.published().order_by(OrdreFrancais("mot"))
    return render(request, "programme/pages/glossaire.html", {"lettres": par_lettre(termes)})


def par_lettre(termes):
    """`(letter, words)`, in the order of `termes`."""
    found = defaultdict(list)
    for terme in termes:
        found[terme.lettre].append(terme)
    return list(found.items())
