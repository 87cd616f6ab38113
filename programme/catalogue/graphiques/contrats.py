"""The acts that territories sign, day after day."""

from django.db.models import Count
from django.urls import reverse

from programme.catalogue.graphiques.declaration import Fichier, Graphique, Ligne, Mesure, Trait
from programme.catalogue.graphiques.formes import Marches
from programme.donnees import horizon
from programme.donnees.jeux import JEUX
from programme.models import Contrat
from programme.templatetags.portail import pluriel
from territoires.dates import date_in_words
from territoires.reponses import SANS_OBJET

SIGNES = (Contrat.Statut.SIGNE, Contrat.Statut.EN_COURS, Contrat.Statut.ACHEVE)


def signes():
    """The published acts that are signed, each once; what may repeat another is left out."""
    rows = Contrat.objects.published().filter(statut__in=SIGNES)
    return rows.exclude(pk__in=rows.doubles().values("pk"))


def signatures():
    rows = signes()
    days = rows.order_by("date_signature", "precision_signature").values(
        "date_signature", "precision_signature"
    )
    lignes, total, undated = [], 0, 0
    for day in days.annotate(n=Count("pk")):
        if day["date_signature"] is None:
            undated = day["n"]
            continue
        total += day["n"]
        words = date_in_words(day["date_signature"], day["precision_signature"])
        lignes.append(
            Ligne(
                words[:1].upper() + words[1:],
                {"actes": day["n"], "cumul": total},
                jour=day["date_signature"],
            )
        )
    if undated:
        lignes.append(Ligne("Date non renseignée", {"actes": undated, "cumul": SANS_OBJET}))
    doubles = Contrat.objects.published().filter(statut__in=SIGNES).count() - total - undated
    jeu = JEUX["contrats"]
    measured = rows.order_by().aggregate(**horizon.mesures(jeu))
    told = horizon.of_rows(jeu, measured)
    return Graphique(
        code="contrats-signes",
        titre=_titre(lignes, total),
        mesure="Protocoles et contrats dont une source atteste la signature, en tout à chaque date",
        entete="Signature",
        mesures=(Mesure("actes", "Actes"), Mesure("cumul", "En tout", Trait.FORT)),
        lignes=lignes,
        forme=Marches(),
        fichier=Fichier("contrats", "contrats"),
        page=reverse("contrats"),
        sources=measured[horizon.CITE],
        jour=told and told.jour,
        reserve=" ".join(
            filter(
                None,
                (
                    "Une date « au plus tard » est placée au dernier jour possible.",
                    undated and f"{pluriel(undated, 'acte')} sans date, hors du dessin.",
                    doubles
                    and f"{pluriel(doubles, 'fiche')} qui peut répéter un autre acte, non comptée."
                    if doubles == 1
                    else doubles
                    and f"{pluriel(doubles, 'fiche')} qui peuvent répéter un autre acte, non "
                    "comptées.",
                ),
            )
        ),
    )


def _titre(lignes, total):
    dated = [row for row in lignes if row.jour]
    if not dated:
        return "Aucune signature datée n’est publiée"
    first, last = dated[0].jour.year, dated[-1].jour.year
    when = f"en {first}" if first == last else f"de {first} à {last}"
    busiest = max(dated, key=lambda row: row.valeurs["actes"])
    words = f"{pluriel(total, 'acte signé,actes signés')} {when}, d’après les sources publiées"
    if 2 * busiest.valeurs["actes"] > total > 2:
        words += f", dont {busiest.valeurs['actes']} à une même date"
    return words
