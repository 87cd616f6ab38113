"""« Ma commune »: the pages of a commune and of an intercommunalité."""

import re
from dataclasses import dataclass
from functools import partial

from django.db.models import Exists, F, OuterRef, Q
from django.http import JsonResponse
from django.shortcuts import redirect, render

from programme.catalogue.adresse import AdresseView, FicheForm
from programme.catalogue.carte.dessin import Aplat, Repere, dessin_proche
from programme.catalogue.carte.formulaires import JourPasseField
from programme.catalogue.ordre import OrdreFrancais
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.parcours import AvecParcours, Section, Suivie
from programme.catalogue.personnes import sans_personne
from programme.catalogue.recherche.carton import carton_du_lieu
from programme.colonnes import lignes
from programme.models import Jalon, Projet
from territoires import moment
from territoires.carte import carte_at
from territoires.geometrie import trace
from territoires.millesimes import etat
from territoires.models import (
    CodePostal,
    Commune,
    CommuneAncienne,
    Intercommunalite,
    Liste,
    MouvementCommune,
    Phase,
)
from territoires.recherche.commune import (
    Appartenance,
    Appartenances,
    commune_of,
    par_phase,
    territoires_proches,
)

SIREN = re.compile(r"[0-9]{9}", re.ASCII)
PROJETS_MONTRES = 8


@dataclass(frozen=True, slots=True)
class Etape:
    """Where a place stood when a number of territories was announced.

    Only a complete list of that day excludes a place that it does not name.
    """

    jalon: Jalon
    appartenance: Appartenance

    @property
    def exclue(self):
        return self.jalon.liste


@dataclass(frozen=True, slots=True)
class Changement:
    """A movement of a commune, with the intercommunalités that it names, and who took it over."""

    mouvement: MouvementCommune
    quittee: Intercommunalite | None
    rejointe: Intercommunalite | None
    heritiere: CommuneAncienne | None = None


class LieuForm(FicheForm):
    """The page of a place, at a day, or its JSON."""

    date = JourPasseField(required=False)


def _suivis_projets(projets):
    rows = projets.order_by(OrdreFrancais("beneficiaire"), "pk")[:PROJETS_MONTRES]
    return Suivie.toutes("projet", rows)


def _suivis_de_la_commune(found):
    inside = found.avec_les_absorbees()
    return _suivis_projets(Projet.objects.published().filter(commune__in=inside))


def _suivis_de_l_intercommunalite(jour, found):
    return _suivis_projets(projets_de_l_intercommunalite(found, jour))


def _suivies_communes(jour, found):
    communes = Commune.objects.at(jour).membres([found.pk])
    rows = communes.order_by(OrdreFrancais("nom"), "code")
    return [Suivie("commune", row.pk, row.nom, row.pk) for row in rows]


class LieuView(AvecParcours, AdresseView):
    """What the pages of places share: they answer at today, or at the day of `?date=`."""

    form_class = LieuForm

    @property
    def jour(self):
        return self.demande["date"] or moment.today()

    def chemins(self, found):
        """Whence one comes, and the way back from what it leads to."""
        return {"parcours": self.parcours_of(found), "suite": self.suite_of(found.pk)}


@sans_personne
class CommuneView(LieuView):
    """The page of a commune, by its INSEE code; that of an earlier commune leads to today's."""

    jeu = "communes"
    sections = {"projet": Section("projets", "projets", _suivis_de_la_commune)}
    template_name = "programme/recherche/commune.html"

    def depart(self):
        return commune_of(self.kwargs["code"], self.demande["date"])

    def answer(self, code):
        found = commune_of(code, self.demande["date"])
        if found is None:
            raise Introuvable(f"Aucune commune n’a, ni n’a eu, le code INSEE « {_lisible(code)} ».")
        if found.pk != code:
            return redirect(f"{found.get_absolute_url()}{self.requete.permalien}")
        connues = Appartenances.of([found])
        if self.demande["format"]:
            siren = connues.geographies.intercommunalite(found, self.jour)
            return _json(_commune_json(found, siren, self.jour), connues, found, self.jour)
        context = _commune(found, connues, self.jour) | self.chemins(found)
        return render(self.request, self.template_name, context)


@sans_personne
class IntercommunaliteView(LieuView):
    """The page of an intercommunalité, by its SIREN."""

    jeu = "intercommunalites"
    template_name = "programme/recherche/intercommunalite.html"

    @property
    def sections(self):
        """Those of the day that the page answers at."""
        projets = partial(_suivis_de_l_intercommunalite, self.jour)
        communes = partial(_suivies_communes, self.jour)
        return {
            "projet": Section("projets", "projets", projets),
            "commune": Section("communes", "communes", communes),
        }

    def depart(self):
        siren = self.kwargs["siren"]
        rows = Intercommunalite.objects.filter(pk=siren)
        return rows.first() if SIREN.fullmatch(siren) else None

    def answer(self, siren):
        found = self.depart()
        if found is None:
            raise Introuvable(f"Aucune intercommunalité n’a le SIREN « {_lisible(siren)} ».")
        if self.demande["format"]:
            connues = Appartenances.of(intercommunalites=[found])
            return _json(_intercommunalite_json(found), connues, found, self.jour)
        context = _intercommunalite(found, self.jour) | self.chemins(found)
        return render(self.request, self.template_name, context)


# --- JSON: these keys never change ------------------------------------------------------------


def _lisible(texte):
    """What an address held, short enough and fit to be shown."""
    return "".join(c if c.isprintable() else "␀" for c in texte[:20])


def _commune_json(found, siren, day):
    return {
        "code": found.pk,
        "nom": found.nom,
        "intercommunalite": siren,
        "geographie": etat(day),
    }


def _intercommunalite_json(found):
    return {
        "siren": found.pk,
        "nom": found.nom,
        "nature": found.nature,
        "population": found.population,
        "nb_communes": found.nb_communes,
    }


def _json(body, connues, lieu, day):
    """`territoire` is that of `day`; `phases` what each phase says, at that day or the nearest."""
    phases = [
        {"phase": etat.phase.pk, "au": etat.jour, "territoire": _en_json(etat.appartenance)}
        for etat in par_phase(connues, lieu, day, Phase.objects.all())
    ]
    appartenance = connues.appartenance(lieu, day)
    body = {
        **body,
        "territoire": _en_json(appartenance),
        "possible": _rattachement_json(appartenance.rattachement)
        if appartenance.possible
        else None,
        "date": day,
        "phases": phases,
    }
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def _en_json(appartenance):
    return _rattachement_json(appartenance.rattachement) if appartenance.attestee else None


def _rattachement_json(rattachement):
    return {
        "code": rattachement.territoire_id,
        "nom": rattachement.territoire.nom,
        "phase": rattachement.phase_id,
        "depuis": rattachement.debut,
        "certitude": rattachement.certitude,
    }


# --- Pages ------------------------------------------------------------------------------------


def _commune(found, connues, today):
    carte = carte_at(today)
    return {
        "commune": found,
        **_geographie(found, connues.geographies, today),
        **_autrefois(found),
        "projets_url": f"?commune={found.pk}",
        **_communs(found, connues, carte, found.avec_les_absorbees()),
        "dessin": _dessin(
            connues.rattachement(found, today), carte, found.departement_id, [_repere(found)]
        ),
    }


def _geographie(found, geographies, today):
    """Its intercommunalité in the geography that answers today, and what changed, before or since.

    One query, two when it ever changed.
    """
    siren, mouvements = geographies.intercommunalite(found, today), geographies.mouvements(found)
    known = {found.intercommunalite_id: found.intercommunalite}
    if mouvements:
        bodies = geographies.tous_organismes(found)
        known = Intercommunalite.objects.in_bulk(bodies)
    gone = any(m.rejointe_id is None for m in mouvements)
    heirs = _heritieres([found.pk]) if gone else {}
    postaux = CodePostal.objects.filter(commune__in=found.avec_les_absorbees())
    return {
        "millesime": etat(today),
        "intercommunalite": known.get(siren),
        "mouvements": [
            Changement(m, known.get(m.quittee_id), known.get(m.rejointe_id), heirs.get(found.pk))
            for m in mouvements
        ],
        "codes_postaux": list(postaux.order_by("code").values_list("code", flat=True).distinct()),
    }


def _autrefois(found):
    """Its parts of today, and in words what it was called and made of before. One query."""
    rows = CommuneAncienne.objects.filter(Q(commune=found) | Q(code=found.pk))
    connues = list(rows.select_related("commune").order_by(OrdreFrancais("nom"), "code"))
    parties = [a for a in connues if a.est_une_partie and a.commune_id == found.pk]
    return {
        "parties": [partie for partie in parties if partie.nom != found.nom],
        "autrefois": [
            ancienne.en_mots if ancienne.commune_id == found.pk else ancienne.en_mots_de_la_partie
            for ancienne in connues
            if ancienne not in parties and not ancienne.est_elle_meme
        ],
    }


def projets_de_l_intercommunalite(found, jour=None):
    """The published projects of its communes of a day: today, or `jour`."""
    communes = Commune.objects.at(jour or moment.today()).membres([found.pk])
    return _projets_de([commune.pk for commune in communes])


def _projets_de(communes):
    return Projet.objects.published().filter(commune__in=communes)


def _intercommunalite(found, today):
    communes = Commune.objects.at(today).membres([found.pk])
    communes = list(communes.order_by(OrdreFrancais("nom"), "code"))
    connues = Appartenances.of(communes, [found])
    rattachement = connues.rattachement(found, today)
    carte = carte_at(today)
    departements = list(found.departements.select_related("region"))
    return {
        "intercommunalite": found,
        "millesime": etat(today),
        "depuis": _depuis(found, today),
        "departements": departements,
        "regions": list(dict.fromkeys(departement.region for departement in departements)),
        "communes": communes,
        "autrement": _autrement(communes, connues, rattachement, today),
        "projets_url": "",
        **_communs(found, connues, carte, [commune.pk for commune in communes]),
        "dessin": _dessin(
            rattachement,
            carte,
            departements[0].pk if departements else None,
            [_repere(found)] if rattachement is None else [],
            found,
        ),
    }


def _heritieres(codes):
    """{code: what says who took it over} of communes that are gone."""
    heirs = CommuneAncienne.objects.filter(code__in=list(codes))
    heirs = heirs.filter(nature__in=CommuneAncienne.ENTIERES).exclude(commune=F("code"))
    return {row.code: row for row in heirs.select_related("commune")}


def _depuis(found, today):
    """What became of its communes after the geography that answers today, told beside."""
    rows = MouvementCommune.objects.filter(Q(quittee=found) | Q(rejointe=found))
    rows = rows.filter(date__gt=etat(today), date__lte=today)
    rows = rows.select_related("commune", "quittee", "rejointe").order_by("date", "commune")
    heirs = _heritieres(row.commune_id for row in rows)
    return [Changement(row, row.quittee, row.rejointe, heirs.get(row.commune_id)) for row in rows]


def _communs(lieu, connues, carte, communes):
    """What both pages say: the territory today, before, at each announcement, the projects.

    communes: the codes of those whose projects are told.
    """
    phases = list(Phase.objects.all())
    appartenance = connues.appartenance(lieu, carte.date)
    jalons = Jalon.objects.published().filter(nb_territoires__isnull=False, date__lte=carte.date)
    jalons = jalons.annotate(liste=Exists(Liste.objects.filter(date=OuterRef("date"))))
    membres = (membre for presence in carte.presents for membre in presence.membres)
    proches = [] if appartenance.attestee else territoires_proches(lieu, membres)
    listed = (
        _projets_de(communes)
        .select_related("commune")
        .order_by(OrdreFrancais("beneficiaire"), "pk")
    )
    etapes = [Etape(j, connues.appartenance(lieu, j.date)) for j in jalons.order_by("date")]
    avant = [e for e in par_phase(connues, lieu, carte.date, phases) if e.jour < carte.date]
    carton = carton_du_lieu(lieu, appartenance, avant, carte.date, carte.horizon)
    return {
        "date": carte.date,
        "appartenance": appartenance,
        "passees": connues.passees(lieu, carte.date),
        "etapes": etapes,
        "possibles": any(etape.appartenance.possible for etape in etapes),
        "proches": proches,
        "totaux": lignes().filter(commune__in=communes).totaux(),
        "projets": listed[:PROJETS_MONTRES],
        "montres": PROJETS_MONTRES,
        "carton": carton,
        "dans_le_territoire": carton.projets,
        "aujourdhui": moment.today(),
        "horizon": carte.horizon,
    }


def _autrement(communes, connues, rattachement, today):
    """`{territoire: [communes]}` of the communes that are in another territory than the whole."""
    found = {}
    for membre in communes:
        other = connues.rattachement(membre, today)
        if other and (rattachement is None or other.territoire_id != rattachement.territoire_id):
            found.setdefault(other.territoire, []).append(membre)
    return sorted(found.items(), key=lambda item: item[0].nom)


def _repere(lieu):
    return Repere(lieu.lon, lieu.lat, "ici", lieu.nom) if lieu.lon is not None else None


def _dessin(rattachement, carte, departement, reperes, membre=None):
    """The territory with its neighbours; without one, those of the département.

    `membre` is drawn apart inside its territory.
    """
    ici, voisins = [], []
    for presence in carte.presents:
        territoire = presence.territoire
        codes, url = presence.codes_membres, territoire.get_absolute_url()
        if rattachement and territoire.pk == rattachement.territoire_id:
            ici.append(Aplat(territoire.code, presence.nom, "carte-ici", codes, url))
        else:
            voisins.append(Aplat(territoire.code, presence.nom, "carte-voisin", codes, url))
    contour = None
    if membre and rattachement and (codes := trace().connus(frozenset([membre.pk]))):
        contour = ("membres", codes)
    elif not rattachement and departement:
        contour = ("departements", frozenset([departement]))
    reperes = [repere for repere in reperes if repere]
    return dessin_proche(ici, voisins=voisins, reperes=reperes, contour=contour)
