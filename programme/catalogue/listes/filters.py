"""The filters of each list. A parameter has the name of the column it reads."""

from functools import cached_property

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from programme.colonnes import Lignes, lignes
from programme.donnees import provenance
from programme.donnees.jeux import JEUX
from programme.donnees.valeurs import jeux_qui_disent
from programme.models import (
    Contrat,
    Desaccord,
    Financement,
    Projet,
    Rangement,
    Referent,
)
from programme.models.projets import HORS_TERRITOIRE
from programme.models.rangement import en_desaccord
from territoires.models import Certitude, Lignee, Operateur, Phase, Rattachement, Region, Territoire
from territoires.models.lignee import Nature
from territoires.moment import today

from . import choix
from .criteres import (
    Choix,
    ChoixLie,
    ChoixMultiple,
    ChoixSansCompte,
    Cles,
    Conditions,
    Egal,
    Jour,
    Lieu,
    Oui,
    Periode,
    Texte,
    count_all,
    facette,
)
from .filterset import CatalogueFilterSet, Declares
from .index import BEAUCOUP, Parmi, Type

DANS_UN_TERRITOIRE = "dans un territoire"
PREFIXE_PHASE_2 = "ti2-"
UN_DESACCORD = "au moins un désaccord"


def _region(path, **kwargs):
    return ChoixMultiple("Région", path, choix=choix.regions, **kwargs)


def _departement(path):
    return ChoixMultiple("Département", path, choix=choix.departements)


def _column(jeu, name):
    """Function that makes a published column’s expression: what is filtered is what is read."""
    return JEUX[jeu].colonne(name).expression


def _territoire(**kwargs):
    return Choix("Territoire", "territoire", choix=choix.territoires, **{"absent": ""} | kwargs)


def _operateur(**kwargs):
    return Choix("Opérateur", "operateur", choix=choix.operateurs, **{"absent": ""} | kwargs)


class ReferentManquant(Choix):
    """The territories without a référent of one of the chosen operators, on the list's day."""

    def _without(self, queryset, operator):
        in_function = Referent.objects.published().at(self.parent.jour)
        theirs = in_function.filter(territoire=OuterRef("pk"), operateur=operator)
        return queryset.filter(~Exists(theirs))

    def condition(self, value):
        everyone = self.model._base_manager.all()
        kept = Q()
        for code in value:
            kept |= Q(pk__in=self._without(everyone, code).values("pk"))
        return kept

    def _number(self, value, comptes):
        """None for an operator that has reported nobody: where one lacks is not known."""
        return None if comptes is None else comptes.get(value)

    def comptes(self, queryset):
        without = self._without(queryset, OuterRef(OuterRef("pk")))
        number = Coalesce(Subquery(count_all(without)), 0)
        reported = Referent.objects.published().values("operateur")
        rows = (
            Operateur.objects.filter(pk__in=reported)
            .order_by()
            .values(_critere=Value(self.nom), _valeur=F("code"))
        )
        return [rows.annotate(_nombre=number).values_list("_critere", "_valeur", "_nombre")]


class TerritoireOuHeritier(Choix):
    """The territory of a row; one of phase 2, whose acts these are not, finds by `heritage`.

    `heritage(code)` gives the primary keys of the rows that came to a territory of phase 2; `dit`
    says so. Those territories are read, not listed: the drop-down names those that rows have.
    """

    def __init__(self, label, chemin, *, heritage, dit, **kwargs):
        super().__init__(label, chemin, **kwargs)
        self.heritage = heritage
        self.dit = dit
        self._heirs = {}

    def condition(self, value):
        kept = super().condition(value)
        for _, inherited in self.heirs(value).values():
            kept |= Q(pk__in=inherited)
        return kept

    def heirs(self, value):
        """`{code: (name, primary keys)}` of the territories of phase 2 among the values.

        Read once for a filter set: two queries, and none without any.
        """
        asked = frozenset(code for code in value if code.startswith(PREFIXE_PHASE_2))
        if asked not in self._heirs:
            found = Territoire.objects.filter(pk__in=asked, phase=2) if asked else ()
            self._heirs[asked] = {t.pk: (t.nom, list(self.heritage(t.pk))) for t in found}
        return self._heirs[asked]

    def comptes(self, queryset):
        heirs = self.heirs(self.parent.data.getlist(self.nom))
        inherited = [
            facette(queryset.filter(pk__in=keys).exclude(territoire=code), self.lignee, Value(code))
            for code, (_, keys) in heirs.items()
        ]
        return [*super().comptes(queryset), *inherited]

    @property
    def lignee(self):
        """What its counts of inherited rows are called, apart from those of own rows."""
        return f"{self.nom} par lignée"

    def _number(self, value, comptes):
        own = super()._number(value, comptes)
        return None if own is None else own + self.parent.comptes[self.lignee].get(value, 0)

    def presentation(self, comptes):
        shown = super().presentation(comptes)
        shown.modalites = [
            m for m in shown.modalites if m.choisie or not m.valeur.startswith(PREFIXE_PHASE_2)
        ]
        return shown

    def note(self, value):
        names = sorted(name for name, _ in self.heirs(value).values())
        return self.dit.format(" ou de ".join(names)) if names else ""


class TerritoireOuHors(TerritoireOuHeritier):
    """A territory, outside any, or not known: the place says which."""

    def condition(self, value):
        inside = Q()
        if self.present in value:
            inside = Q(territoire__isnull=False) & ~Q(territoire=HORS_TERRITOIRE)
        rest = [item for item in value if item != self.present]
        return inside | super().condition(rest) if rest else inside

    def _number(self, value, comptes):
        if comptes is None or value != self.present:
            return super()._number(value, comptes)
        return sum(number for key, number in comptes.items() if key and key != HORS_TERRITOIRE)


def situes_dans(code):
    """The projects whose commune is today in the territory."""
    return Rangement.objects.filter(situation=code).values_list("pk", flat=True)


def de_la_lignee(code):
    """The contracts of the territories that share communes with this one."""
    before = Lignee.objects.filter(apres=code, avant__isnull=False)
    rows = Contrat.objects.published().filter(territoire__in=before.values("avant"))
    return rows.order_by().values_list("pk", flat=True)


class ProjetsSitues(Choix):
    """Whether published projects of phase 1 lie in a territory of phase 2."""

    OUI, NON = "oui", "non"
    choices = ((OUI, "au moins un"), (NON, "aucun publié"))

    def __init__(self, label, **kwargs):
        super().__init__(label, "", choix=self.choices, absent="", **kwargs)

    def condition(self, value):
        here = Exists(Rangement.objects.filter(situation=OuterRef("pk")))
        kept = Q()
        if self.OUI in value:
            kept |= Q(here)
        if self.NON in value:
            kept |= Q(~here)
        return kept

    def comptes(self, queryset):
        return [
            facette(queryset.filter(self.condition([value])), self.nom, Value(value))
            for value, _ in self.choices
        ]


class TerritoireFilter(CatalogueFilterSet):
    phase = Choix("Phase", "phase", choix=choix.phases, absent="")
    q = Texte("Nom, ancien nom", index={"pk": Type.TERRITOIRE})
    region = _region("regions")
    departement = _departement("departements")
    nature = ChoixLie(
        "Nature des membres",
        _column("rattachements", "nature"),
        lien=lambda filterset: filterset.members(),
        cle="territoire",
        choix=choix.NATURES,
        absent="",
    )
    contrat = ChoixLie(
        "Statut du contrat",
        "statut",
        lien=lambda filterset: Contrat.objects.published(),
        cle="territoire",
        choix=Contrat.Statut.choices,
        absent="aucun contrat publié",
    )
    projets_phase1 = ProjetsSitues("Projets de la phase 1 situés ici")
    contrats_phase1 = ChoixLie(
        "Contrats de la phase 1 (par lignée)",
        "avant__contrats__statut",
        lien=lambda filterset: Lignee.objects.filter(
            avant__contrats__in=Contrat.objects.published()
        ),
        cle="apres",
        choix=Contrat.Statut.choices,
        absent="aucun contrat publié",
    )
    referent_manquant = ReferentManquant("Référent manquant", "", choix=choix.operateurs, absent="")
    date = Jour("Carte au", aide="Les territoires attestés ce jour-là.")
    tous = Oui("Y compris les territoires sortis de la carte")
    code = Cles("territoires")

    @property
    def jour(self):
        """The day of the référents: the one asked for, or today."""
        return self.form.cleaned_data.get("date") or today()

    def _shown(self, rows, sauf=None):
        """Of territories or of members: those of the day asked for, else of the catalogue."""
        cleaned = self.form.cleaned_data
        if cleaned.get("tous") or (sauf != "code" and cleaned.get("code")):
            return rows
        if day := self.form.cleaned_data.get("date"):
            return rows.at(day)
        every = [numero for numero, _ in self.filters["phase"].libelles()]
        return rows.catalogue(
            *(every if sauf == "phase" else self.form.cleaned_data.get("phase") or ())
        )

    def members(self):
        return self._shown(Rattachement.objects.all())

    def filter_queryset(self, queryset, sauf=None):
        return super().filter_queryset(self._shown(queryset, sauf), sauf)

    @property
    def phase_listee(self):
        """The number of the phase whose territories are listed; None for those of several."""
        cleaned = self.form.cleaned_data if self.form.is_valid() else {}
        if asked := cleaned.get("phase"):
            return int(asked[0]) if len(asked) == 1 else None
        if cleaned.get("tous") or cleaned.get("code"):
            return None
        if not (day := cleaned.get("date")):
            return 1
        found = Phase.objects.at(day).values_list("pk", flat=True).first()
        return found or 1

    @cached_property
    def presentations(self):
        """What phase 1 did is a filter of its heirs only; they have no contract of their own."""
        later = (self.phase_listee or 1) > 1
        unfit = {"contrat"} if later else {"projets_phase1", "contrats_phase1"}
        return [p for p in super().presentations if p.nom not in unfit or p.actif]

    def conflicts(self, cleaned):
        for name in ("projets_phase1", "contrats_phase1"):
            if cleaned.get(name) and (self.phase_listee or 1) == 1:
                yield name, "Ce filtre est de la phase 2 : ajoutez phase=2, ou retirez-le."
        if cleaned.get("date") and cleaned.get("tous"):
            yield "tous", "Choisissez une date ou tous les territoires, pas les deux."


class RegionDeLignee(Choix):
    """The lignées of which one side or the other is followed by one of the chosen régions."""

    @staticmethod
    def _followed(queryset, regions):
        followed = Territoire.regions.through.objects.filter(region__in=regions)
        codes = followed.values("territoire")
        return queryset.filter(Q(avant__in=codes) | Q(apres__in=codes))

    def condition(self, value):
        kept = self._followed(self.model._base_manager.all(), value)
        return Q(pk__in=kept.values("pk"))

    def comptes(self, queryset):
        number = Subquery(count_all(self._followed(queryset, [OuterRef(OuterRef("pk"))])))
        rows = Region.objects.order_by().values(_critere=Value(self.nom), _valeur=F("code"))
        counted = rows.annotate(_nombre=Coalesce(number, 0))
        return [counted.values_list("_critere", "_valeur", "_nombre")]


class LigneeFilter(CatalogueFilterSet):
    q = Texte("Territoire", index={"avant": Type.TERRITOIRE, "apres": Type.TERRITOIRE})
    nature = Choix("Nature", "nature", choix=Nature.choices, absent="")
    region = RegionDeLignee("Région", "", choix=choix.regions, absent="")
    phase1 = Choix("Territoire de la phase 1", "avant", choix=choix.de_phase(1), absent="aucun")
    phase2 = Choix("Territoire de la phase 2", "apres", choix=choix.de_phase(2), absent="aucun")


class RegionFilter(CatalogueFilterSet):
    q = Texte("Nom", index={"pk": Type.REGION})
    code = Cles("regions")


class IntercommunaliteFilter(CatalogueFilterSet):
    q = Texte("Nom ou SIREN", index={"pk": Type.INTERCOMMUNALITE})
    region = _region("departements__region")
    departement = _departement("departements")
    nature = Choix("Nature", "nature", choix=choix.NATURES[:-1], absent="")
    territoire = ChoixLie(
        "Territoire",
        "territoire",
        lien=lambda filterset: Rattachement.objects.at(today()),
        cle="intercommunalite",
        choix=choix.territoires,
        absent=HORS_TERRITOIRE,
        present=DANS_UN_TERRITOIRE,
    )
    declares = Declares("intercommunalites")
    siren = Cles("intercommunalites")


class CommuneFilter(CatalogueFilterSet):
    q = Texte("Nom, code postal, code INSEE", index={"pk": Type.COMMUNE})
    region = Choix("Région", "departement__region", choix=choix.regions, absent="")
    departement = Choix("Département", "departement", choix=choix.departements, absent="")
    intercommunalite = Lieu(
        "Intercommunalité",
        "intercommunalite_alors",
        modele="territoires.Intercommunalite",
        exemple="« CA Le Grand Périgueux » ou 200040392",
        absent="aucune",
    )
    territoire = Choix(
        "Territoire",
        _column("communes", "territoire"),
        choix=choix.territoires,
        absent=HORS_TERRITOIRE,
        present=DANS_UN_TERRITOIRE,
    )
    declares = Declares("communes")
    code = Cles("communes")


class RattachementFilter(CatalogueFilterSet):
    q = Texte(
        "Membre ou territoire",
        index={
            "intercommunalite": Type.INTERCOMMUNALITE,
            "commune": Type.COMMUNE,
            "territoire": Type.TERRITOIRE,
        },
    )
    region = _region("territoire__regions")
    territoire = _territoire()
    nature = Choix("Nature", _column("rattachements", "nature"), choix=choix.NATURES, absent="")
    certitude = Choix("Certitude", "certitude", choix=Certitude.choices, absent="")
    date = Jour("Membre le", aide="Les rattachements attestés ce jour-là.")
    debut = Periode("Membre depuis", "debut", facultatif=False)

    def filter_queryset(self, queryset, sauf=None):
        if day := self.form.cleaned_data.get("date"):
            queryset = queryset.at(day)
        return super().filter_queryset(queryset, sauf)


class ContratFilter(CatalogueFilterSet):
    q = Texte("Intitulé, territoire", index={"pk": Type.CONTRAT, "territoire": Type.TERRITOIRE})
    region = _region("territoire__regions")
    territoire = TerritoireOuHeritier(
        "Territoire",
        "territoire",
        heritage=de_la_lignee,
        dit="Trouvés par lignée : ces contrats sont ceux de territoires de la phase 1 dont des "
        "communes sont dans {}, territoire de la phase 2, qui ne les a pas signés.",
        choix=choix.territoires,
        absent="",
    )
    declares = Declares("contrats")
    code = Cles("contrats")


class ProjetFilter(CatalogueFilterSet):
    """The projects, filtered and counted by their rangements."""

    modele = Projet

    q = Texte("Porteur, objet, commune, SIREN", index={"pk": Type.PROJET})
    region = Choix("Région", "region", choix=choix.regions)
    departement = Choix("Département", "departement", choix=choix.departements)
    territoire = TerritoireOuHors(
        "Territoire",
        "territoire",
        heritage=situes_dans,
        dit="Trouvés par leur lieu : ces projets sont de la phase 1 ou hors territoire, et situés "
        "dans une commune de {}, territoire de la phase 2, sans en être les projets.",
        choix=choix.territoires_et_hors,
        present=DANS_UN_TERRITOIRE,
    )
    axe = Choix(
        "Axe",
        "axe",
        choix=Projet.Axe.choices,
        deplaces={"transition": ("thematique", "transition écologique")},
    )
    declares = Declares("projets", lignes=Rangement)
    financeur = ChoixLie(
        "Financeur",
        "financeur__slug",
        lien=lambda filterset: Financement.objects.all(),  # of rows that are public
        cle="projet",
        choix=choix.financeurs,
    )
    commune = Lieu(
        "Commune",
        "commune",
        modele="territoires.Commune",
        exemple="« Caen », « Saint-Denis (93) », 14118",
    )
    desaccord = Conditions(
        "Sources en désaccord",
        choix=Desaccord.choices,
        condition_de=en_desaccord,
        present=UN_DESACCORD,
    )
    code = Cles("projets")

    def __init__(self, data, queryset, **kwargs):
        super().__init__(data, Rangement.objects.all(), **kwargs)
        self.projets = queryset

    @cached_property
    def comptees(self):
        return lignes()

    @property
    def trouvees(self):
        kept = self.retenues
        # What columns keep, a plan reckons by itself.
        words = self.form.cleaned_data.get("q")
        if words and isinstance(kept, Lignes) and kept.count() <= BEAUCOUP:
            return self.projets.filter(Parmi(F("pk"), kept.cles))
        return self.qs

    def fiches(self, rows):
        return self.projets.filter(pk__in=rows.values("pk")) if self.actifs else self.projets


class OperateurFilter(CatalogueFilterSet):
    q = Texte("Nom", index={"pk": Type.OPERATEUR})
    code = Cles("operateurs")


class ConventionFilter(CatalogueFilterSet):
    operateur = _operateur()
    declares = Declares("conventions")


class EngagementFilter(CatalogueFilterSet):
    q = Texte("Intitulé", chemins=("intitule",))
    operateur = _operateur(absent="chacun des opérateurs")
    declares = Declares("engagements")
    code = Cles("engagements")


class ReferentFilter(CatalogueFilterSet):
    q = Texte("Nom ou territoire", index={"territoire": Type.TERRITOIRE}, chemins=("nom",))
    operateur = _operateur()
    region = _region("territoire__regions")
    territoire = _territoire()
    date = Jour("En fonction le")

    def filter_queryset(self, queryset, sauf=None):
        if day := self.form.cleaned_data.get("date"):
            queryset = queryset.at(day)
        return super().filter_queryset(queryset, sauf)


class Cite(ChoixSansCompte):
    """The rows whose source text cites one of the chosen documents."""

    def condition(self, value):
        kept = Q()
        for code in value:
            kept |= Q(**{f"{self.chemin}__regex": provenance.citing(code)})
        return kept


class ValeurFilter(CatalogueFilterSet):
    """Of every published value. What cannot hold what is asked for is not read at all."""

    jeu = ChoixSansCompte("Jeu de données", "jeu", choix=choix.jeux)
    fiche = Egal("Fiche", "fiche", aide="Sa clé dans son jeu, en entier.")
    colonne = ChoixSansCompte("Colonne", "colonne", choix=choix.colonnes)
    source = Cite("Source", "source", choix=choix.sources)
    mode = ChoixSansCompte(
        "Comment elle est connue", "mode", choix=[(mode, mode) for mode in provenance.MODES]
    )

    @cached_property
    def jeux(self):
        """Codes of the datasets that may hold what is asked for, sorted."""
        asked = {name: self.form.cleaned_data[name] for name in ("colonne", "source", "mode")}
        chosen = self.form.cleaned_data["jeu"]
        return sorted(jeux_qui_disent(jeux=chosen, **asked))

    def filter_queryset(self, queryset, sauf=None):
        return super().filter_queryset(
            queryset if sauf else queryset.filter(jeu__in=self.jeux), sauf
        )


class JalonFilter(CatalogueFilterSet):
    q = Texte("Intitulé ou lieu", chemins=("intitule", "lieu"))
    declares = Declares("jalons")
