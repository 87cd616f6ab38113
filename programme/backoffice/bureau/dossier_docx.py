"""The dossier of COPIL as a text document, for a committee that amends it: what its page says."""

from django.conf import settings
from django.utils.text import capfirst

from programme.backoffice.bureau.docx import Docx
from programme.templatetags.portail import compte, dit, euros, pluriel, pour_cent, renseigne
from territoires import dates

RESTE = "{} montrés sur {} : les autres se lisent sur la page du dossier ou dans les listes."


def docx(contexte):
    """The bytes of the document; `contexte` is that of the page."""
    titre = f"Dossier de COPIL – {contexte['comite']}"
    made = Docx(titre)
    made.intitule(0, titre)
    _garde(made, contexte)
    made.intitule(1, "1. Ce qui a changé depuis la dernière séance")
    if contexte["changements"]:
        _changements(made, contexte["changements"], contexte["limite"])
    else:
        made.paragraphe(
            "Aucune séance antérieure : tout est nouveau pour le comité. La partie 3 en donne le "
            "résumé."
        )
    made.intitule(1, "2. Décisions à prendre")
    _decisions(made, contexte)
    _etat(made, contexte)
    return made.octets()


def _garde(made, contexte):
    seance, last = contexte["seance"], contexte["derniere"]
    if not settings.SITE["officiel"]:
        made.paragraphe("Document de travail d’un site non officiel")
    said = "aucune séance prévue"
    if seance:
        where = f", {seance.lieu}" if seance.lieu else ""
        said = f"{dates.date_in_words(seance.date, seance.precision)}{where}"
    made.paragraphe(f"Séance : {said}")
    day = dates.date_in_words(contexte["date"])
    until = f"jusqu’au {day} : aucune séance antérieure n’est enregistrée"
    made.paragraphe(
        f"Période couverte : de la {last.du_jour}, la dernière, au {day}"
        if last
        else f"Période couverte : depuis le lancement du programme, {until}"
    )
    made.paragraphe(
        f"Données telles qu’enregistrées le {dates.moment_in_words(contexte['maintenant'])}, "
        "brouillons compris"
    )
    if seance and seance.ordre_du_jour:
        made.intitule(1, "Ordre du jour")
        made.paragraphe(seance.ordre_du_jour)


# --- What changed -----------------------------------------------------------------------------


def _changements(made, changes, limit):
    for title, name, found in (
        ("Contrats", "contrat", changes["contrats"]),
        ("Projets", "projet", changes["projets"]),
    ):
        made.intitule(2, title)
        _evolution(made, name, found, limit)
    if changes["avenants"]:
        made.intitule(2, "Avenants")
        made.liste(
            f"{capfirst(str(row))} – {row.contrat} : {row.objet}"
            for row in changes["avenants"][:limit]
        )
        _reste(made, len(changes["avenants"]), limit)
    made.intitule(2, "Montants")
    made.paragraphe(
        "Totaux, chaque euro compté une fois ; projets et contrats abandonnés ou retirés exclus."
    )
    made.tableau(
        ["Montant", "À la dernière séance", "Maintenant", "Écart", "Non renseigné"],
        [_total(total) for total in changes["totaux"]],
        parts=[3, 2, 2, 2, 2],
    )
    _ecarts(made, "Montants modifiés", changes["montants"], limit, euros)
    _ecarts(made, "Dates repoussées", changes["dates"], limit)
    made.intitule(2, "Carte")
    made.liste(
        [f"{row.texte} ({row.seance})" for row in changes["carte"][:limit]]
        or ["Aucune décision sur la carte."]
    )
    _reste(made, len(changes["carte"]), limit)
    _referents(made, changes["referents"], limit)


def _evolution(made, name, found, limit):
    if not (found["nombre"] or found["etats"] or found["supprimes"]):
        made.paragraphe(f"Aucun {name} nouveau, aucun changement d’état.")
        return
    if found["nombre"]:
        said = ", ".join(
            f"{n} {statut or 'sans statut renseigné'}" for statut, n in found["par_statut"]
        )
        made.paragraphe(f"{pluriel(found['nombre'], f'{name} nouveau,{name}s nouveaux')} : {said}.")
        made.liste(
            f"{row} ({row.territoire or 'hors territoire'}) : "
            f"{row.statut or 'statut non renseigné'}, {row.publication}"
            for row in found["nouveaux"]
        )
        _reste(made, found["nombre"], limit)
    _ecarts(made, "Changements d’état", found["etats"], limit)
    if found["supprimes"]:
        made.intitule(3, "Supprimés")
        made.liste(found["supprimes"][:limit])
        _reste(made, len(found["supprimes"]), limit)


def _total(total):
    gap = "–" if total.difference is None else euros(total.difference)
    missing = "sans objet"
    if total.lignes:
        missing = f"{compte(total.non_renseignes)} sur {total.lignes}"
    return [total.titre, euros(total.avant), euros(total.apres), gap, missing]


def _ecarts(made, title, gaps, limit, said=None):
    if not gaps:
        return
    made.intitule(3, title)

    def value(gap, name):
        found = getattr(gap, name)
        if said is None and hasattr(found, "isoformat"):
            return dates.date_in_words(found, getattr(gap, f"precision_{name}"))
        return (said or renseigne)(found)

    made.tableau(
        ["Enregistrement", "Quoi", "Avant", "Maintenant"],
        [[gap.objet, gap.champ, value(gap, "avant"), value(gap, "apres")] for gap in gaps[:limit]],
        parts=[3, 2, 2, 2],
    )
    _reste(made, len(gaps), limit)


def _referents(made, found, limit):
    made.intitule(2, "Référents des opérateurs")
    lines = [
        f"Entrée : {row}, {row.territoire}, {dates.depuis(row.debut, dates.JOUR)}"
        for row in found["entrees"]
    ] + [
        f"Sortie : {row}, {row.territoire}, jusqu’au {dates.date_in_words(row.fin, dates.JOUR)}"
        for row in found["sorties"]
    ]
    made.liste(lines[:limit] or ["Aucune entrée, aucune sortie."])
    _reste(made, len(lines), limit)


# --- What is to decide, where things are ------------------------------------------------------


def _decisions(made, contexte):
    if contexte["preparees"]:
        made.intitule(2, "Décisions préparées, dans l’ordre de la séance")
        made.tableau(
            ["Texte", "Décision", "Observations"],
            [[f"{n}. {one.nom}", "", ""] for n, one in enumerate(contexte["preparees"], 1)],
            parts=[5, 2, 3],
        )
    elif not contexte["decisions"]:
        made.paragraphe("Aucune décision n’attend le comité.")
    for place, lines in contexte["decisions"].items():
        made.intitule(2, place)
        made.tableau(
            ["Enregistrement", "Demande", "Décision", "Observations"],
            [
                [f"{one.nom}\n{one.mention}" if one.mention else one.nom, asked, "", ""]
                for one, asked in lines
            ],
            parts=[8, 5, 4, 5],
        )
    for question in contexte["questions"]:
        if question.reste:
            made.paragraphe(
                f"{question.titre} : {RESTE.format(len(question.lignes), question.nombre)}"
            )


def _etat(made, contexte):
    state = contexte["etat"]
    where = "de la région" if contexte["cadre"].region else "du programme"
    made.intitule(1, f"3. État {where} au {dates.date_in_words(contexte['date'])}")
    phase = state["phase"]
    made.paragraphe(
        f"{capfirst(pluriel(state['territoires'], 'territoire'))} de la {str(phase).lower()}, "
        f"d’après sa carte du {dates.date_in_words(phase.reference)}."
    )
    for title, counts in (("Contrats", state["contrats"]), ("Projets", state["projets"])):
        made.intitule(2, f"{title} par statut")
        made.tableau(
            ["Statut", "Nombre"], [[renseigne(s), n] for s, n in counts] or [["Aucun", ""]]
        )
    made.intitule(2, "Territoires avec un référent publié")
    made.tableau(
        ["Opérateur", "Territoires", "Part"],
        [
            [operateur, compte(n), pour_cent(n, state["territoires"])]
            for operateur, n in state["couverture"]
        ],
    )
    made.intitule(2, "Enveloppes")
    rows = [
        [
            f"{one.intitule} ({one.annee})",
            euros(one.montant_eur),
            euros(one.accorde_eur),
            euros(one.verse_eur),
            dit(one.nb_projets),
        ]
        for one in state["enveloppes"]
    ]
    if rows:
        made.tableau(["Enveloppe", "Montant", "Accordé", "Versé", "Projets"], rows)
    else:
        made.paragraphe("Aucune enveloppe enregistrée.")
    made.intitule(2, "Engagements des opérateurs en retard")
    late = [
        f"{one.operateur} : {one.engagement.intitule} – {' ; '.join(one.raisons)}"
        for one in state["retards"]
    ]
    made.liste(late or ["Aucun."])


def _reste(made, number, limit):
    if number > limit:
        made.paragraphe(RESTE.format(limit, number))
