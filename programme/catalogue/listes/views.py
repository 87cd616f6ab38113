"""The lists. Each names its dataset, its filters and its table; `CatalogueView` does the rest."""

from functools import cached_property

from django.shortcuts import redirect
from django.urls import reverse

from programme.catalogue.carte.bilan import bilan, etapes_comptees
from programme.catalogue.carte.contrats import CarteDesContrats
from programme.catalogue.carte.projets import dessin_par_departement
from programme.catalogue.graphiques import regions
from programme.catalogue.graphiques.carte import croissance
from programme.catalogue.graphiques.contrats import renseignements, signatures
from programme.catalogue.graphiques.declaration import Fichier
from programme.catalogue.graphiques.fonds import Fonds, investissements
from programme.catalogue.listes import filters, tables
from programme.catalogue.listes.promesses import CHOIX, PromessesForm, tableau
from programme.catalogue.parcours import suite
from programme.catalogue.personnes import sans_personne
from programme.catalogue.requete import PRESENTATION
from programme.catalogue.vues import CatalogueView
from programme.colonnes import NOMBRES, Lignes, Parcourues, lignes
from programme.donnees.horizon import CITE, mesures
from programme.donnees.valeurs import numbers
from programme.models import Desaccord
from programme.perimetres import suivi_des_lignes
from territoires import lignees
from territoires.carte import carte_at
from territoires.millesimes import etat
from territoires.models import Phase, Region, Territoire
from territoires.moment import today


class Territoires(CatalogueView):
    jeu_code = "territoires"
    filterset_class = filters.TerritoireFilter
    table_class = tables.TerritoireTable
    template_name = "programme/listes/territoires.html"
    titre = "Territoires"
    nom = "territoire"
    tri = "nom"
    chapo = (
        "Chaque territoire est une intercommunalité ou un groupe d’intercommunalités, suivi par le "
        "comité de sa région, ou de ses régions."
    )

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if self.filterset.phase_listee == 2:
            self.table_class = tables.HeritierTable

    def get_context_data(self):
        asked = self.filterset.form.cleaned_data["date"]
        phases = list(Phase.objects.all())
        shown = next((p for p in phases if p.pk == self.filterset.phase_listee), None)
        steps = etapes_comptees(asked or (shown.reference if shown else today()))
        return super().get_context_data() | {
            "bilan": asked and bilan(carte_at(asked), None),
            "phase": shown,
            "autres_phases": [phase for phase in phases if phase != shown],
            "etapes": steps,
            "graphique": croissance(steps),
        }


@sans_personne
class Lignees(CatalogueView):
    """`/carte/lignees/`: what became of each territory of phase 1, whence each of phase 2 comes."""

    jeu_code = "lignees"
    filterset_class = filters.LigneeFilter
    table_class = tables.LigneeTable
    template_name = "programme/listes/lignees.html"
    titre = "De la phase 1 à la phase 2"
    nom = "filiation"
    tri = "phase1_nom"
    chapo = (
        "Ce que chaque territoire de la phase 1 est devenu, et d’où vient chaque territoire de la "
        "phase 2, d’après les communes de leurs membres : jamais d’après leur code ni leur nom."
    )

    def get_context_data(self):
        phase = Phase.objects.filter(pk=2).first()
        natures = lignees.comptes()
        return super().get_context_data() | {
            "natures": natures,
            "nb_territoires": sum(nature.nombre for nature in natures),
            "listes": phase and lignees.changement_de_phase(phase),
        }


@sans_personne
class Regions(CatalogueView):
    """The régions; a territory that two of them share is named, since it counts in both."""

    jeu_code = "regions"
    filterset_class = filters.RegionFilter
    table_class = tables.RegionTable
    template_name = "programme/listes/regions.html"
    titre = "Régions"
    nom = "région"
    tri = "nom"
    chapo = "Ce que suit le comité de pilotage de chaque région."

    def get_context_data(self):
        par_region = lignes().par("region")
        on_the_map = Territoire.objects.catalogue()
        return super().get_context_data() | {
            "phase": Phase.objects.filter(pk=1).first(),
            "national": on_the_map.count(),
            "partages": on_the_map.shared().prefetch_related("regions"),
            "graphiques": ()
            if self.filterset.actifs
            else (regions.projets(par_region), regions.contrats()),
            "projets_sans_region": next((r["projets"] for r in par_region if not r["cle"]), 0),
        }


@sans_personne
class Intercommunalites(CatalogueView):
    jeu_code = "intercommunalites"
    filterset_class = filters.IntercommunaliteFilter
    table_class = tables.IntercommunaliteTable
    titre = "Intercommunalités"
    nom = "intercommunalité"
    tri = "nom"
    chapo = "Les intercommunalités et le territoire de chacune, sur la dernière liste connue."


@sans_personne
class Communes(CatalogueView):
    jeu_code = "communes"
    filterset_class = filters.CommuneFilter
    table_class = tables.CommuneTable
    titre = "Communes"
    nom = "commune"
    tri = "code"
    chapo = (
        "Les communes, par département, sous leur dernier nom connu, et le territoire de chacune : "
        "dans la géographie de la dernière liste de territoires."
    )

    @property
    def geographie(self):
        return etat(today())


@sans_personne
class Rattachements(CatalogueView):
    jeu_code = "rattachements"
    filterset_class = filters.RattachementFilter
    table_class = tables.RattachementTable
    titre = "Rattachements"
    nom = "rattachement"
    tri = "territoire"
    chapo = (
        "Qui appartient à quel territoire, depuis quand et jusqu’à quand. La carte à une date est "
        "calculée d’après ces lignes."
    )


@sans_personne
class Contrats(CatalogueView):
    jeu_code = "contrats"
    filterset_class = filters.ContratFilter
    table_class = tables.ContratTable
    template_name = "programme/listes/contrats.html"
    titre = "Contrats"
    nom = "contrat"
    tri = "-date_signature"
    chapo = (
        "Les protocoles d’accord et les contrats de territoire dont une source publique atteste "
        "l’existence."
    )

    def get_context_data(self):
        context = super().get_context_data()
        doubles = list(self.filterset.qs.doubles())
        return context | {
            "doubles": doubles,
            "actes": context["totaux"]["lignes"] - len(doubles),
            "graphiques": () if self.filterset.actifs else (signatures(), renseignements()),
            "carte": self.carte,
        }

    @cached_property
    def carte(self):
        """The territories of these acts on the map."""
        return CarteDesContrats(self.filterset.qs, self.requete, suite(self.requete))


@sans_personne
class Projets(CatalogueView):
    jeu_code = "projets"
    filterset_class = filters.ProjetFilter
    table_class = tables.ProjetTable
    template_name = "programme/listes/projets.html"
    titre = "Projets"
    nom = "projet"
    chapo = (
        "Les actions des territoires et les lauréats du fonds d’accélération des investissements "
        "industriels, dans un territoire ou non."
    )

    def get_totaux(self):
        last = {name: value for name, value in mesures(self.jeu).items() if name != CITE}
        totaux = self.filterset.retenues.totaux(**last)
        return totaux | {"lignes": totaux["projets"]}

    def get_context_data(self):
        same = self.requete.sans(("tri", "taille"))
        return super().get_context_data() | {
            "carte": reverse("carte_projets") + same,
            "dessin": dessin_par_departement(self.filterset.retenues, self.requete),
            "suivi": self._suivi(),
            "repetes_url": self.requete.avec(desaccord=Desaccord.DOUBLON),
            "graphique": self.investissements if self.totaux["lignes"] else None,
            "repartitions": self.repartitions,
        }

    @property
    def keys(self):
        """Of a long list sorted by a figure or a day, from memory; in its usual order, from its
        first rows.
        """
        kept, asked = self.filterset.retenues, self.tri_demande
        name = asked.removeprefix("-")
        if isinstance(kept, Lignes) and name in NOMBRES:
            return kept.rangees(name, descending=asked.startswith("-"))
        if isinstance(kept, Lignes) and self.filterset.actifs and not asked:
            rows = self._trier(self.filterset.projets).values_list("pk", flat=True)
            return Parcourues(kept, rows, super().keys)
        return super().keys

    @cached_property
    def repartitions(self):
        """What carries each sum of these rows."""
        return self.filterset.retenues.repartitions(self.totaux)

    @property
    def investissements(self):
        """The distribution of what the filtered rows tell of their investment."""
        asked = self.requete.data.copy()
        for name in PRESENTATION:
            asked.pop(name, None)
        pairs = tuple((name, value) for name, values in asked.lists() for value in values)
        fichier = Fichier("projets", "projets", pairs)
        return investissements(
            Fonds(
                self.filterset.retenues,
                fichier,
                "projets",
                citation="projets-investissements",
                requete=self.requete.canonique.removeprefix("?"),
                lus=self.totaux,
            )
        )

    def _suivi(self):
        """What the committee of the only région asked for follows, the other filters applied."""
        asked = self.filterset.form.cleaned_data["region"]
        region = Region.objects.filter(pk=asked[0]).first() if len(asked) == 1 else None
        if region is None:
            return None
        counted = self.filterset.filter_queryset(self.filterset.comptees, sauf="region")
        return suivi_des_lignes(region, counted)


@sans_personne
class Operateurs(CatalogueView):
    jeu_code = "operateurs"
    filterset_class = filters.OperateurFilter
    table_class = tables.OperateurTable
    template_name = "programme/listes/operateurs.html"
    form_class = PromessesForm
    titre = "Promis, tenu"
    nom = "opérateur"
    tri = "nom"
    chapo = (
        "Les opérateurs publics qui ont signé une convention de mobilisation : ce qu’ils ont "
        "promis, et ce qu’ils ont publié avoir réalisé."
    )

    def get_context_data(self):
        return super().get_context_data() | tableau(self.demande, self.requete)


@sans_personne
class Conventions(CatalogueView):
    jeu_code = "conventions"
    filterset_class = filters.ConventionFilter
    table_class = tables.ConventionTable
    titre = "Conventions de mobilisation"
    nom = "convention"
    tri = "signee_le"
    chapo = "Ce que les opérateurs ont signé."


@sans_personne
class Engagements(CatalogueView):
    jeu_code = "engagements"
    filterset_class = filters.EngagementFilter
    table_class = tables.EngagementTable
    titre = "Engagements"
    nom = "engagement"
    tri = "code"
    chapo = "Ce que les opérateurs ont promis, et ce qu’ils ont publié avoir réalisé."

    def answer(self):
        """The board tells them, when it knows what is asked for; files and lists stay here."""
        asked = self.requete.data
        if set(asked) <= set(CHOIX) and all(len(asked.getlist(name)) == 1 for name in asked):
            return redirect(reverse("operateurs") + self.requete.canonique, permanent=True)
        return super().answer()


class Referents(CatalogueView):
    jeu_code = "referents"
    filterset_class = filters.ReferentFilter
    table_class = tables.ReferentTable
    titre = "Référents"
    nom = "référent"
    tri = "territoire"
    chapo = "L’interlocuteur de chaque opérateur dans chaque territoire."


@sans_personne
class Valeurs(CatalogueView):
    """Every published value: made to be read, so only where it is asked for."""

    jeu_code = "valeurs"
    filterset_class = filters.ValeurFilter
    table_class = tables.ValeurTable
    titre = "D’où vient chaque valeur"
    nom = "valeur"
    chapo = (
        "Chaque valeur publiée sur ce site : de quelle fiche, d’après quelle source, à quelle "
        "date, et comment elle est connue."
    )

    @cached_property
    def par_jeu(self):
        """`{dataset: how many values}` of those listed, in order: each is counted by itself."""
        if not {critere.nom for critere, _ in self.filterset.actifs} - {"jeu"}:
            return numbers(self.filterset.jeux)
        kept = self.filterset.qs
        return {jeu: kept.filter(jeu=jeu).count() for jeu in self.filterset.jeux}

    def get_totaux(self):
        return {"lignes": sum(self.par_jeu.values())}

    def get_tout(self):
        return sum(numbers().values())

    @property
    def keys(self):
        return ParJeu(super().keys, self.par_jeu)

    def of_page(self, keys):
        """Their keys name their datasets and their records: no other is read."""
        jeux, _, fiches = zip(*(key.split(":", 2) for key in keys), strict=True)
        return self.filterset.qs.filter(jeu__in=set(jeux), fiche__in=set(fiches))


class ParJeu:
    """Keys sorted by dataset first: a slice of them is read in its own datasets alone."""

    def __init__(self, keys, numbers):
        self.keys, self.numbers = keys, numbers

    def __getitem__(self, part):
        start = part.start or 0
        found, size = [], part.stop - start
        for jeu, number in self.numbers.items():
            if start < number and len(found) < size:
                found += self.keys.filter(jeu=jeu)[start : start + size - len(found)]
            start = max(0, start - number)
        return found


@sans_personne
class Jalons(CatalogueView):
    jeu_code = "jalons"
    filterset_class = filters.JalonFilter
    table_class = tables.JalonTable
    titre = "Jalons"
    nom = "jalon"
    tri = "date"
    chapo = "Les événements datés du programme."
