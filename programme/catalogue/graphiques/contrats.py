"""The acts that territories sign, day after day."""

from django.db.models import Count, Q
from django.urls import reverse

from programme.catalogue.graphiques.declaration import (
    Fichier,
    Graphique,
    Ligne,
    Mesure,
    Trait,
    dits_et_tus,
)
from programme.catalogue.graphiques.formes import Barres, Marches
from programme.donnees import horizon
from programme.donnees.jeux import JEUX
from programme.models import Contrat
from programme.templatetags.portail import pluriel
from territoires.dates import date_in_words
from territoires.reponses import SANS_OBJET, pourcentage

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


RENSEIGNEMENTS = {
    "date_signature": ("Date de signature", Q(date_signature__isnull=False)),
    "lieu": ("Lieu de la signature", ~Q(lieu="")),
    "nb_actions": ("Nombre d’actions", Q(nb_actions__isnull=False)),
    "montant_eur": ("Montant", Q(montant_eur__isnull=False)),
    "date_fin": ("Date de fin", Q(date_fin__isnull=False)),
}
"""{column: (words, condition that an act tells it)}"""


def renseignements():
    """What the published acts say, and leave unsaid."""
    jeu, rows = JEUX["contrats"], Contrat.objects.published().order_by()
    told = {f"dit_{name}": Count("pk", filter=said) for name, (_, said) in RENSEIGNEMENTS.items()}
    found = rows.aggregate(tous=Count("pk"), **told, **horizon.mesures(jeu))
    total, state = found["tous"], horizon.of_rows(jeu, found)
    lignes = [
        Ligne(
            words,
            {
                "dits": found[f"dit_{name}"],
                "tus": total - found[f"dit_{name}"],
                "part": pourcentage(found[f"dit_{name}"] or None, total),
            },
        )
        for name, (words, _) in RENSEIGNEMENTS.items()
    ]
    silent = total - found["dit_montant_eur"]
    titre = "Ce que les contrats publiés disent, ce qu’ils taisent"
    mesure = "Actes publiés dont une source dit chaque information"
    if silent:
        verb = "ne dit pas son montant" if silent == 1 else "ne disent pas leur montant"
        titre = f"{pluriel(silent, 'acte publié,actes publiés')} sur {total} {verb}"
    return Graphique(
        code="contrats-renseignements",
        titre=titre,
        mesure=f"{mesure}, sur {total}" if total else mesure,
        entete="Information",
        mesures=(*dits_et_tus("la disent", "ne la disent pas"), Mesure("part", "Part", unite="%")),
        lignes=lignes if total else [],
        forme=Barres(),
        fichier=Fichier("contrats", "contrats"),
        page=reverse("contrats"),
        sources=found[horizon.CITE],
        jour=state and state.jour,
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
