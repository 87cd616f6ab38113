"""What changed in a frame since a séance, for its committee to read."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from programme.backoffice.bureau.evolutions import ecarts, evolution, fin_du_jour
from programme.backoffice.bureau.liens import avec_noms
from programme.models import (
    Avenant,
    Contrat,
    Decision,
    Engagement,
    Financement,
    Projet,
    Publication,
    Referent,
    Seance,
)

LIGNES = 5
"""Records of one list that the dossier names: a meeting reads six pages. Beyond, it says how many
are left out."""

ETATS = {Contrat: ["statut", "publication"], Projet: ["statut", "publication"]}
MONTANTS = {
    Contrat: ["montant_eur"],
    Avenant: ["montant_eur"],
    Projet: ["investissement_eur"],
    Financement: ["montant_demande_eur", "montant_accorde_eur", "montant_verse_eur"],
}
DATES = {
    Contrat: ["date_signature", "date_fin"],
    Avenant: ["date_signature"],
    Financement: ["demande_le", "accorde_le", "verse_le"],
    Engagement: ["echeance"],
    Seance: ["date"],
}
COMPARES = [Contrat, Avenant, Projet, Financement, Engagement, Seance]


@dataclass(frozen=True)
class Total:
    """One kind of amount, in whole euros, before and now; each euro counted once.

    avant and apres are None when no row states one; `lignes` rows are there now, of which
    `renseignes` state it.
    """

    titre: str
    avant: int | None
    apres: int | None
    renseignes: int
    lignes: int

    @property
    def non_renseignes(self):
        return self.lignes - self.renseignes

    @property
    def difference(self):
        if self.avant is None or self.apres is None:
            return None
        return self.apres - self.avant


def changements(cadre, derniere, day):
    """Context of what changed since the séance `derniere`: see `dossier.html`."""
    since = fin_du_jour(derniere.date)
    found = {model: evolution(cadre, model, since) for model in COMPARES}
    states = ecarts(found.values(), ETATS)
    return {
        "contrats": _of(found[Contrat], states),
        "avenants": list(found[Avenant].nouveaux),
        "projets": _of(found[Projet], states),
        "montants": ecarts(found.values(), MONTANTS),
        "totaux": totaux(cadre, since),
        "dates": [e for e in ecarts(found.values(), DATES) if _slipped(e)],
        "carte": _carte(cadre, derniere.date, since, day),
        "referents": _referents(cadre, derniere.date, since, day),
    }


def _of(found, states):
    """What happened to one kind of record, its states told apart."""
    model, counts = found.model, par_statut(found.nouveaux)
    by_place = F("territoire__nom").asc(nulls_last=True)
    return {
        "nouveaux": list(found.nouveaux.order_by(by_place, "pk")[:LIGNES]),
        "nombre": sum(count for _, count in counts),
        "par_statut": counts,
        "etats": [ecart for ecart in states if isinstance(ecart.objet, model)],
        "supprimes": [str(record.instance) for record in found.supprimes],
    }


def par_statut(rows):
    """[(status, how many)] of the rows, in the order of the life-cycle, « » last."""
    counts = dict(rows.order_by().values_list("statut").annotate(Count("pk")))
    return [(s, counts[s]) for s in [*rows.model.Statut.values, ""] if s in counts]


def _slipped(ecart):
    return None not in (ecart.avant, ecart.apres) and ecart.apres > ecart.avant


# --- Amounts ----------------------------------------------------------------------------------


def totaux(cadre, since):
    """The `Total`s of the frame: projects and contracts that are neither withdrawn nor abandoned.

    Before is the state of the histories at the moment `since`; now is the rows themselves.
    """
    before = _sums(lambda model: cadre.etat_au(model, since))
    now = _sums(cadre.rows)
    titles = {
        "investissement_eur": "Investissement des projets",
        "montant_eur": "Montant des contrats, hors avenants",
        "montant_demande_eur": "Financements demandés",
        "montant_accorde_eur": "Financements accordés",
        "montant_verse_eur": "Financements versés",
    }
    return [Total(title, before[name][0], *now[name]) for name, title in titles.items()]


def _sums(rows_of):
    """{field: (sum, rows that state it, rows)}, in three queries."""
    projets = _alive(rows_of(Projet))
    shares = rows_of(Financement).filter(projet_id__in=projets.order_by().values("id"))
    sums = {}
    for model, rows in {
        Projet: projets,
        Contrat: _alive(rows_of(Contrat)),
        Financement: shares,
    }.items():
        names = MONTANTS[model]
        wanted = {f"somme_{name}": Sum(name) for name in names}
        wanted |= {f"dits_{name}": Count(name) for name in names}
        found = rows.order_by().aggregate(lignes=Count("pk"), **wanted)
        sums |= {n: (found[f"somme_{n}"], found[f"dits_{n}"], found["lignes"]) for n in names}
    return sums


def _alive(rows):
    return rows.exclude(publication=Publication.RETIRE).exclude(statut="abandonné")


# --- The map, the people ----------------------------------------------------------------------


def _recorded(model, since):
    """Whether no history tells of the row before `since`."""
    history = model.history.filter(id=OuterRef("pk"))
    return Exists(history.filter(history_date__gte=since)) & ~Exists(
        history.filter(history_date__lt=since)
    )


def _carte(cadre, last, since, day):
    """The decisions on the map that séances took since, or that were recorded since."""
    rows = cadre.rows(Decision).filter(type=Decision.Type.CARTE)
    rows = rows.annotate(_recorded=_recorded(Decision, since))
    later = Q(seance__date__gt=last, seance__date__lte=day)
    return list(avec_noms(rows.filter(later | Q(_recorded=True))))


def _referents(cadre, last, since, day):
    rows = cadre.rows(Referent).exclude(publication=Publication.RETIRE)
    rows = avec_noms(rows).annotate(_recorded=_recorded(Referent, since))
    came = Q(debut__gt=last) | Q(_recorded=True)
    return {
        "entrees": list(rows.filter(came, debut__lte=day)),
        "sorties": list(rows.filter(fin__gt=last, fin__lte=day)),
    }
