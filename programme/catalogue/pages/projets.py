"""The page of a project."""

from django.db.models import Sum

from programme.catalogue import journal
from programme.catalogue.carte.dessin import Aplat, Repere, dessin_proche
from programme.catalogue.pages.documents import pieces
from programme.catalogue.pages.fiche import FicheView
from programme.donnees import valeurs
from programme.donnees.jeux import JEUX
from programme.donnees.provenance import D_APRES_COMMUNE, LECTURE
from programme.donnees.schema import SEPARATEUR_LISTE
from programme.lieux import distance, jour_du_lieu
from programme.models import Decision, Desaccord, Document, Financement, Projet
from programme.models.desaccords import en_mots
from programme.models.projets import territoire_ou_hors
from territoires import moment
from territoires.carte import code_membre
from territoires.models import Commune, Rattachement
from territoires.recherche.commune import Appartenances

LUES = {LECTURE, D_APRES_COMMUNE}
"""How the values are come by of which the page says so, unless a committee typed them."""

CHIFFRES = {
    "emplois_crees": "les emplois créés",
    "emplois_maintenus": "les emplois maintenus",
    "investissement_eur": "l’investissement",
}
"""The figures that the page opens on; those that are not told are named once, together."""


class ProjetView(FicheView):
    journal = journal.of_record
    jeu = "projets"
    template_name = "programme/pages/projet.html"
    absent = "Aucun projet publié à cette adresse."

    def get_queryset(self):
        related = ("territoire", "contrat", "commune__departement__region", "departement__region")
        rows = Projet.objects.published().select_related(*related)
        jeu = JEUX[self.jeu]
        read = [
            c.nom for c in jeu.colonnes if c.champ and c.provenance and c.provenance.mode in LUES
        ]
        known = {f"mode_{name}": valeurs.mode(jeu, name) for name in read}
        return rows.annotate(
            desaccords=en_mots(SEPARATEUR_LISTE), situation=territoire_ou_hors(), **known
        )

    def get_context_data(self):
        projet = self.objet
        financements = Financement.objects.published().filter(projet=projet)
        decisions = Decision.objects.published().filter(projet=projet)
        amounts = ("montant_demande_eur", "montant_accorde_eur", "montant_verse_eur")
        return {
            "date": moment.today(),
            "contrat_publie": bool(projet.contrat and projet.contrat.publication == "publié"),
            "financements": financements.select_related("financeur", "enveloppe"),
            "sommes": financements.aggregate(**{name: Sum(name) for name in amounts}),
            "decisions": decisions.select_related("seance"),
            "documents": pieces(Document.objects.published().filter(projet=projet)),
            "dessin": _dessin(projet),
            **_appartenance(projet),
            "desaccords": _desaccords(projet),
            "tus": [words for name, words in CHIFFRES.items() if getattr(projet, name) is None],
            "journal": journal.of_record(projet),
            "faits": self.faits,
        }


def _appartenance(projet):
    """The day whose map places the project, and the territory of its commune then and today."""
    today, then = moment.today(), jour_du_lieu(projet)
    found = {"jour_du_lieu": then, "alors": None, "aujourdhui": None}
    if projet.commune:
        known = Appartenances.of([projet.commune])
        for name, day in (("alors", then), ("aujourdhui", today)):
            rattachement = known.rattachement(projet.commune, day)
            found[name] = rattachement and rattachement.territoire
    return found


def _desaccords(projet):
    """`{Desaccord: what the page tells of it}` for those of the project."""
    tell = {
        Desaccord.LIEU: _lieu_en_desaccord,
        Desaccord.SIREN: lambda projet: {},
        Desaccord.DOUBLON: lambda projet: {"pareils": Projet.objects.pareils(projet)},
    }
    kinds = (projet.desaccords or "").split(SEPARATEUR_LISTE)
    return {kind: tell[kind](projet) for kind in kinds if kind}


def _lieu_en_desaccord(projet):
    """The nearest commune of the postcode, how far it is, and who has both the other way round."""
    here = projet.commune
    others = Commune.objects.filter(codes_postaux__code=projet.code_postal, lon__isnull=False)
    away = [(distance(here.lon, here.lat, other.lon, other.lat), other) for other in others]
    kilometres, nearest = min(away, key=lambda pair: pair[0])
    return {
        "kilometres": round(kilometres),
        "proche": nearest,
        "echanges": Projet.objects.published().echanges(projet),
    }


def _dessin(projet):
    """The territory of the project and its place; None without a territory on the map."""
    if projet.territoire is None:
        return None
    phase = projet.territoire.phase_id
    members = Rattachement.objects.catalogue(phase).filter(territoire=projet.territoire)
    codes = frozenset(map(code_membre, members))
    place = projet.commune.nom if projet.commune else "Commune non renseignée"
    marks = [Repere(projet.lon, projet.lat, projet.beneficiaire, place)] if projet.lon else []
    territoire = projet.territoire
    url = territoire.get_absolute_url()
    shape = Aplat(territoire.code, territoire.nom, "carte-ici", codes, url)
    return dessin_proche([shape], reperes=marks)
