"""The page of a territory."""

from dataclasses import replace
from functools import cached_property

from django.db.models import OuterRef, Prefetch, Q, Subquery, Value
from django.urls import reverse
from django.utils.http import urlencode

from programme.catalogue import journal
from programme.catalogue.adresse import ParcoursForm
from programme.catalogue.carte.dessin import Aplat, Repere, dessin_proche
from programme.catalogue.ordre import fold
from programme.catalogue.pages import chronologie, portrait
from programme.catalogue.pages.chronologie import Evenement
from programme.catalogue.pages.fiche import FicheView
from programme.catalogue.pages.heritage import contrats_de, heritage_of, lignes_de, projets_de
from programme.catalogue.parcours import Section, Suivie
from programme.enonces import quantite
from programme.models import (
    Avenant,
    Decision,
    Document,
    Precision,
    Projet,
    Referent,
    Service,
)
from programme.templatetags.portail import pluriel
from territoires import moment
from territoires.carte import code_membre, est_membre
from territoires.geometrie import trace
from territoires.millesimes import etat
from territoires.models import (
    AutreNom,
    Departement,
    Liste,
    Operateur,
    Rattachement,
    Region,
    Territoire,
)
from territoires.models.phase import segment
from territoires.situation import membres_qui_comptent

PROJETS_MONTRES = 5
PROJETS_SUR_LA_CARTE = 300


def _par_porteur(projets):
    """Those that the page shows, in its table or on its drawing: they alone are read whole."""
    first = projets.order_by("beneficiaire", "pk").values("pk")[:PROJETS_SUR_LA_CARTE]
    return Projet.objects.filter(pk__in=first).order_by("beneficiaire", "pk")


def _suivis_projets(objet):
    return Suivie.toutes("projet", _par_porteur(projets_de(objet)))


def _suivis_contrats(objet):
    return Suivie.toutes("contrat", contrats_de(objet))


def _suivis_membres(objet):
    members = [row.membre for row in _membres(objet, objet.phase.dernier_jour(moment.today()))]
    return [Suivie(m._meta.model_name, m.pk, str(m), m.pk) for m in members]


_MEMBRES = Section("membres", "membres", _suivis_membres)


class DeTerritoire(FicheView):
    """A page of one territory."""

    jeu = "territoires"
    slug_field = "_adresse"
    absent = "Aucun territoire à cette adresse."

    def get_queryset(self):
        rows = Territoire.objects.with_adresse().with_dates().with_members(moment.today())
        last = Liste.objects.order_by("-date").values("date")[:1]
        rows = rows.annotate(horizon=Subquery(last))
        return rows.select_related("phase", "region_porteuse", "successeur")

    def ailleurs(self, slug):
        """A name that a territory has or had, as an address: it never changes, its names do."""
        names = Territoire.objects.order_by().values_list("pk", "phase", "nom")
        others = AutreNom.objects.order_by().values_list("territoire", "territoire__phase", "nom")
        found = {
            code
            for code, phase, nom in names.union(others)
            if f"{segment(phase)}{Territoire.slug_de(nom)}" == slug
        }
        return found.pop() if len(found) == 1 else ""

    @cached_property
    def jour(self):
        """The day of its members: today, or the last one of its phase."""
        return self.objet.phase.dernier_jour(moment.today())

    @cached_property
    def membres(self):
        return _membres(self.objet, self.jour)

    @cached_property
    def actuels(self):
        return membres_qui_comptent(self.membres, self.jour)

    def get_context_data(self):
        objet = self.objet
        return {
            "date": moment.today(),
            "actuels": self.actuels,
            "ensemble": _ensemble(self.actuels),
            "du_territoire": urlencode({"territoire": objet.pk}),
            "portrait": portrait.of_membres(
                self.actuels, self.jour, _requete(objet), objet.region_porteuse
            ),
        }


class PortraitView(DeTerritoire):
    """Its members one by one, their jobs and what is recruited around them."""

    form_class = ParcoursForm
    template_name = "programme/pages/portrait.html"

    def url_of(self, record):
        return record.get_portrait_url()

    def get_context_data(self):
        return super().get_context_data() | {
            "membres": self.membres,
            "appartenance": sorted({membre.source for membre in self.membres} - {""}),
            "titre_cite": f"{self.objet.nom} : le portrait",
            "json": f"{self.objet.get_absolute_url()}?format=json",
        }


class TerritoireView(DeTerritoire):
    sections = {
        "projet": Section("projets", "projets", _suivis_projets),
        "contrat": Section("contrat", "contrats", _suivis_contrats),
        "commune": _MEMBRES,
        "intercommunalite": _MEMBRES,
    }
    journal = journal.of_territoire
    template_name = "programme/pages/territoire.html"

    def rows(self, rows):
        return rows.with_adresse()

    def get_context_data(self):
        objet, actuels = self.objet, self.actuels
        actes, pieces = contrats_de(objet), _pieces(objet)
        contrats = [acte for acte in actes if acte.territoire_id == objet.pk]
        ici = not objet.phase.fin
        counted = lignes_de(objet)
        totaux = counted.totaux()
        operateurs = list(_operateurs(objet, moment.today()))
        located = list(_par_porteur(projets_de(objet)).select_related("commune"))
        voisins = _voisins(objet, actuels, self.jour)
        return super().get_context_data() | {
            "geographie": etat(self.jour),
            "liste_url": f"{reverse('territoires')}?phase={objet.phase_id}",
            "heritage": heritage_of(objet),
            "ici": ici,
            **_noms(objet),
            "sortis": len(self.membres) - len(actuels),
            "contrats": contrats,
            "actes": actes,
            "chronologie": _chronologie(objet, actes, pieces),
            "projets": located[:PROJETS_MONTRES],
            "totaux": totaux,
            "repartitions": counted.repartitions(totaux),
            "operateurs": operateurs,
            "manques": _manques(objet, contrats, pieces, operateurs, totaux),
            "documents": pieces["documents"],
            "voisins": voisins,
            "dessin": _dessin(objet, actuels, voisins, located, self.suite_of(objet.adresse)),
            "journal": journal.of_territoire(objet),
        }


def portrait_de(objet):
    """The `Portrait` that the page of a territory shows."""
    jour = objet.phase.dernier_jour(moment.today())
    actuels = membres_qui_comptent(_membres(objet, jour), jour)
    return portrait.of_membres(actuels, jour, _requete(objet), objet.region_porteuse)


def _requete(objet):
    """The query by which the figures of its page are cited."""
    return urlencode({"fiche": objet.pk})


def _noms(objet):
    """Régions, départements and other names, in one query."""
    regions = Region.objects.filter(territoires=objet).order_by()
    departements = Departement.objects.filter(territoires=objet).order_by()
    noms = AutreNom.objects.filter(territoire=objet).order_by()
    rows = regions.values_list(Value("regions"), "code", "nom", "slug").union(
        departements.values_list(Value("departements"), "code", "nom", Value("")),
        noms.values_list(Value("autres_noms"), Value(""), "nom", Value("")),
        all=True,
    )
    found = {"regions": [], "departements": [], "autres_noms": []}
    for kind, code, nom, slug in rows:
        found[kind].append({"code": code, "nom": nom, "slug": slug})
    for kind, key in (("regions", "nom"), ("departements", "code"), ("autres_noms", "nom")):
        found[kind].sort(key=lambda row: row[key])
    return found


def _membres(objet, day):
    """Every rattachement; those of `day` first, then those that left."""
    rows = objet.rattachements.select_related("intercommunalite", "commune__departement", "phase")
    return sorted(rows, key=lambda row: (not est_membre(row, day), fold(str(row.membre))))


def _ensemble(membres):
    """The rattachement whose dates all of these have; None when they differ."""
    dates = {(row.debut, row.certitude, row.terme) for row in membres}
    return membres[0] if len(dates) == 1 else None


def _manques(objet, contrats, pieces, operateurs, totaux):
    """What nothing published here tells of the territory, in words: each is told once, here."""
    first = objet.phase_id == 1
    found = [
        words
        for words, told in (
            ("l’élu du binôme", objet.elu),
            ("l’industriel du binôme", objet.industriel),
            ("le chef de projet", objet.chef_de_projet),
            ("s’il était préfigurateur", not first or objet.prefigurateur is not None),
            ("un protocole ou un contrat signé", contrats or not first),
            ("le contrat de la phase 2", contrats or first),
            ("les projets de la phase 2", first),
            ("la feuille de route et le texte du contrat", pieces["documents"]),
        )
        if not told
    ]
    found += [f"{_tus(c)} : {c.get_type_display()}" for c in contrats if _tus(c)]
    missing = [operateur.nom for operateur in operateurs if not operateur.referent_nom]
    if missing:
        found.append(f"le référent de chaque opérateur : {', '.join(missing)}")
    for name, words in (
        ("emplois_crees", "les emplois créés"),
        ("investissement_eur", "le montant"),
    ):
        silent = totaux["projets"] - totaux[f"{name}_renseignes"]
        if silent:
            of = pluriel(totaux["projets"], "projet")
            found.append(f"{words} de {quantite(silent)} sur {of}")
    return found


def _tus(contrat):
    """« le nombre d’actions et le montant », what a contract does not tell of the two."""
    told = (("le nombre d’actions", contrat.nb_actions), ("le montant", contrat.montant_eur))
    return " et ".join(words for words, value in told if value is None)


def _pieces(objet):
    """Avenants, decisions and documents, in one query: dicts by kind of list of dicts."""
    avenants = Avenant.objects.published().filter(contrat__territoire=objet).order_by()
    about = Q(territoire=objet) | Q(contrat__territoire=objet)
    decisions = Decision.objects.published().filter(about).order_by()
    documents = Document.objects.published().filter(about).order_by()
    day, nothing = Value(Precision.JOUR.value), Value("")
    columns = ("genre", "numero", "date", "precision", "texte", "source", "url", "fichier")
    rows = avenants.values_list(
        Value("avenants"), "numero", "date_signature", day, "objet", "source", nothing, nothing
    ).union(
        decisions.values_list(
            Value("decisions"),
            "pk",
            "seance__date",
            "seance__precision",
            "texte",
            "seance__source",
            nothing,
            nothing,
        ),
        documents.values_list(
            Value("documents"), "pk", "date", day, "titre", nothing, "url", "fichier"
        ),
        all=True,
    )
    found = {"avenants": [], "decisions": [], "documents": []}
    for row in rows:
        piece = dict(zip(columns, row, strict=True))
        found[piece["genre"]].append(piece)
    found["documents"].sort(key=lambda piece: (piece["date"], piece["texte"]), reverse=True)
    return found


def _chronologie(objet, actes, pieces):
    """What is dated here, and what the territories of phase 1 that it comes from signed."""
    events = [
        event if acte.territoire_id == objet.pk else _par(acte.territoire, event)
        for acte in actes
        for event in chronologie.of_contrat(acte)
    ]
    events += [
        chronologie.of_avenant(a["numero"], a["date"], a["texte"], a["source"])
        for a in pieces["avenants"]
    ]
    events += [
        Evenement(d["date"], d["texte"], d["precision"], source=d["source"])
        for d in pieces["decisions"]
    ]
    if objet.debut:
        certitude = objet.debut_certitude
        events.append(
            Evenement(objet.debut, "Entrée sur la carte", certitude, source=objet.source_entree)
        )
    if objet.fin:
        successor = f"Réuni dans {objet.successeur}" if objet.successeur else "Sortie de la carte"
        of_phase = objet.fin == objet.phase.fin
        surely = objet.phase.fin_certitude if of_phase else ""
        title = f"Fin de la phase {objet.phase_id}" if of_phase else successor
        events.append(
            Evenement(objet.fin, title, surely or Precision.JOUR, source=objet.source_sortie)
        )
    return chronologie.in_order(events)


def _par(territoire, event):
    return replace(
        event, titre=f"{event.titre}, par {territoire.nom} (phase {territoire.phase_id})"
    )


def _operateurs(objet, today):
    """Every opérateur with its référent here (`referent_nom` or None) and `services_publies`."""
    current = Referent.objects.published().at(today)
    here = current.filter(territoire=objet, operateur=OuterRef("pk")).order_by("debut")
    services = Prefetch("services", Service.objects.published(), to_attr="services_publies")
    return Operateur.objects.annotate(
        referent_pk=Subquery(here.values("pk")[:1]),
        referent_nom=Subquery(here.values("nom")[:1]),
        referent_fonction=Subquery(here.values("fonction")[:1]),
        referent_debut=Subquery(here.values("debut")[:1]),
    ).prefetch_related(services)


def _voisins(objet, membres, today):
    """The territories on the map that share a border, each with `codes`: its members' codes."""
    codes = trace().connus(map(code_membre, membres))
    touching = trace().topologie.voisins(codes)
    at_the_border = Rattachement.objects.at(today).filter(
        Q(intercommunalite__in=touching) | Q(commune__in=touching)
    )
    rows = Rattachement.objects.at(today).filter(territoire__in=at_the_border.values("territoire"))
    found = {}
    for row in rows.exclude(territoire=objet).select_related("territoire").order_by("territoire"):
        territoire = found.setdefault(row.territoire_id, row.territoire)
        territoire.codes = getattr(territoire, "codes", frozenset()) | {code_membre(row)}
    return sorted(found.values(), key=lambda territoire: fold(territoire.nom))


def _dessin(objet, membres, voisins, projets, suite):
    """Each member is a shape of its own; the territory is their outline. suite: the way back."""
    codes = trace().connus(map(code_membre, membres))
    shapes = [
        Aplat(code, str(membre.membre), "carte-ici", frozenset([code]), _url(membre) + suite)
        for membre in membres
        if (code := code_membre(membre)) in codes
    ]
    around = [Aplat(v.code, v.nom, "carte-voisin", v.codes, v.get_absolute_url()) for v in voisins]
    marks = [
        Repere(p.lon, p.lat, p.beneficiaire, _lieu(p), p.get_absolute_url() + suite)
        for p in projets
        if p.lon is not None
    ]
    contour = ("membres", codes) if codes else None
    return dessin_proche(shapes, voisins=around, reperes=marks, contour=contour)


def _url(rattachement):
    return rattachement.membre.get_absolute_url()


def _lieu(projet):
    return projet.commune.nom if projet.commune else "Commune non renseignée"
