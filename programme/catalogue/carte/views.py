"""The map at a date: the page, its files, and the page that others embed."""

from functools import cached_property

from csp.decorators import csp_replace
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_exempt

from programme.catalogue.ordre import fold
from programme.catalogue.parcours import Suivie, suite
from programme.catalogue.personnes import sans_personne
from programme.donnees.exports import TYPES
from territoires.carte import Carte, carte_at
from territoires.couches import geojson_membres, geojson_territoires, topojson
from territoires.dates import date_in_words, iso
from territoires.models import Territoire
from territoires.moment import today

from . import etat, fichiers
from .bilan import Etape, bilan, dernier_annonce, jalons_de_la_carte
from .filters import CarteFilter
from .formulaires import OFFRES_CARTE, CarteAdresseView, CarteFichierForm, CarteForm
from .themes import PRESENCES, Theme, carte_de_france


class VueDeCarte(CarteAdresseView):
    """The map at `date` (today), coloured by `couleur`, of the territories the filters keep."""

    form_class = CarteForm
    filterset_class = CarteFilter

    @property
    def date(self):
        return self.demande["date"] or today()

    @property
    def theme(self):
        """The colour asked for; else projects today, and in the past what is attested."""
        usual = Theme.PROJETS if self.date == today() else Theme.PRESENCE
        return Theme(self.demande["couleur"] or usual)

    @cached_property
    def complete(self):
        return carte_at(self.date, Territoire.objects.prefetch_related("regions"))

    def get_filterset(self):
        return CarteFilter(self.requete.data, self._drawn(), request=self.request)

    def _drawn(self):
        """The territories that the facets count: those of the map, whatever the filters."""
        if not self.form.is_valid():
            return Territoire.objects.all()
        shown = [*self.complete.presents, *self.complete.possibles]
        return Territoire.objects.filter(pk__in=[p.territoire.pk for p in shown])

    @cached_property
    def carte(self):
        """The map that the filters keep, of territories on it and not."""
        if not self.filterset.actifs:
            return self.complete
        everyone = self.filterset.filter_queryset(Territoire.objects.all())
        kept = set(everyone.values_list("pk", flat=True))
        shown = tuple(p for p in self.complete.presences if p.territoire.pk in kept)
        return Carte(self.date, shown, self.complete.horizon)

    @cached_property
    def jalons(self):
        return jalons_de_la_carte()

    @cached_property
    def bilan(self):
        """Announced numbers are of the whole country: beside a filtered map there is none."""
        annonce = None if self.filterset.actifs else dernier_annonce(self.jalons, self.date)
        return bilan(self.carte, annonce)

    suite = ""
    """The way back to the map from what it leads to; none from the site that it is embedded in."""

    @cached_property
    def par_region(self):
        """`{name of the région that carries them: presences drawn}`, both from A to Z."""
        found = {}
        for presence in self.carte.presences:
            if presence.classe in PRESENCES:
                found.setdefault(_porteuse(presence.territoire), []).append(presence)
        return {nom: found[nom] for nom in sorted(found, key=fold)}

    @property
    def montrees(self):
        """What is drawn, in the order of the table."""
        return [presence for presences in self.par_region.values() for presence in presences]

    @property
    def de_tous(self):
        """The presence that speaks for all those of the table, on the map since the same day."""
        said = {(p.mots, p.depuis, p.certitude) for p in self.montrees}
        first = next(iter(self.montrees), None)
        return first if len(said) == 1 and first.presente and first.depuis else None

    def etapes(self):
        courant = dernier_annonce(self.jalons, self.date)
        return [
            Etape(jalon, self.requete.avec(date=iso(jalon.date)), jalon == courant)
            for jalon in self.jalons
            if jalon.date <= today()
        ]

    def get_context_data(self):
        vue = carte_de_france(self.carte, self.theme, self.suite)
        tags = self.filterset.etiquettes
        return {
            "erreurs": [],
            "date": self.date,
            "aujourdhui": today(),
            "bilan": self.bilan,
            "phase": next((p.territoire.phase for p in self.complete.presences), None),
            "etapes": self.etapes(),
            "vue": vue,
            "lignes": [
                (nom, [self._ligne(presence, nom, vue) for presence in presences])
                for nom, presences in self.par_region.items()
            ],
            "de_tous": self.de_tous,
            "absents": self.carte.absents,
            "suite": self.suite,
            "etiquettes": [(tag, self.requete.sans(tag.parametres, tag.valeur)) for tag in tags],
            "canonique": self.requete.canonique,
            "noindex": self.requete.noindex,
        }

    @staticmethod
    def _ligne(presence, porteuse, vue):
        """`(presence, words of its colour, names of its other régions)`."""
        regions = (region.nom for region in presence.territoire.regions.all())
        others = [nom for nom in regions if nom != porteuse]
        return presence, vue.libelles[presence.territoire.code], others

    def answer(self):
        return render(self.request, self.template_name, self.get_context_data())


def _porteuse(territoire):
    """The name of the région that carries a territory, "" when none is known."""
    regions = {region.pk: region.nom for region in territoire.regions.all()}
    return regions.get(territoire.region_porteuse_id) or next(iter(regions.values()), "")


@sans_personne
class CarteView(VueDeCarte):
    """`/carte/`: the page, or a file of what it shows."""

    form_class = CarteFichierForm
    template_name = "programme/carte/carte.html"
    taille = 0  # the whole map is one page

    @property
    def suite(self):
        return suite(self.requete, "carte")

    @property
    def titre_filtre(self):
        words = ", ".join(tag.texte for tag in self.filterset.etiquettes)
        title = f"La carte au {date_in_words(self.date)}"
        return f"{title} : {words}" if words else title

    @property
    def suivies(self):
        return [
            Suivie("territoire", p.territoire.pk, p.nom, p.territoire.adresse)
            for p in self.montrees
        ]

    def answer(self):
        chosen = self.demande["format"]
        if not chosen:
            return super().answer()
        return getattr(self, f"as_{chosen}")().response(self.request)

    def as_json(self):
        data = etat.as_json(self.carte, self.bilan)
        return fichiers.as_json(data, len(data["territoires"]))

    def as_csv(self):
        return fichiers.as_csv(etat.tableau(self.carte), self.demande["separateur"])

    def as_xlsx(self):
        return fichiers.as_xlsx(self.request, etat.tableau(self.carte))

    def as_geojson(self):
        couche = self.demande["couche"] or "territoires"
        write = {"territoires": geojson_territoires, "membres": geojson_membres}[couche]
        data = write(self.carte)
        nom = f"carte-{couche}-{iso(self.date)}.geojson"
        return fichiers.as_json(data, len(data["features"]), format="geojson", nom=nom)

    def as_topojson(self):
        data = topojson(self.carte)
        lignes = sum(len(couche["geometries"]) for couche in data["objects"].values())
        return fichiers.as_json(
            data,
            lignes,
            format="topojson",
            nom=f"carte-{iso(self.date)}.topojson",
            type=TYPES["json"],
        )

    def get_context_data(self):
        return (
            super().get_context_data()
            | self.get_form_context()
            | {
                "nombre": len(self.carte.presences),
                "sans_date": self.requete.avec(date=None) if self.demande["date"] else "",
                "fichiers": self._files(),
                "integrer": self.requete.avec().removeprefix("?"),
            }
        )

    def get_form_context(self):
        context = super().get_form_context()
        shown = self.theme if self.form.is_valid() else context["saisie"]["couleur"]
        return context | {
            "couleurs": Theme.choices,
            "couleur": shown or Theme.PROJETS,
            "criteres": [] if self.too_long else self.filterset.presentations,
            "filtrer": reverse("carte_filtrer") + self.requete.avec().removesuffix("?"),
        }

    def _files(self):
        """`(title, address)` of each file of this very map."""
        return [(words, self.requete.fichier(**asked)) for words, asked in OFFRES_CARTE]


@sans_personne
class FiltrerView(CarteView):
    """`/carte/filtrer/`: every choice of the filters of the map, which its own address answers."""

    form_class = CarteForm
    refusal_template = "programme/pages/adresse.html"
    template_name = "programme/carte/filtrer.html"

    def answer(self):
        context = self.get_form_context() | {"erreurs": [], "nombre": len(self.montrees)}
        context["retour"] = reverse("carte") + self.requete.permalien
        return render(self.request, self.template_name, context)


@method_decorator([xframe_options_exempt, csp_replace({"frame-ancestors": ["*"]})], "dispatch")
@sans_personne
class IntegrerView(VueDeCarte):
    """`/integrer/carte/`: the map and its table alone, for any site to put in a frame."""

    template_name = "programme/carte/integrer.html"
