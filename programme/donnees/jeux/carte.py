"""Datasets of the map: territories, their members, and the administrative geography."""

import datetime

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf

from programme.donnees.expressions import (
    NombreSelon,
    codes_of,
    count_among,
    count_told,
    list_of,
    names_of,
    sources_of,
)
from programme.donnees.jeux.colonnes import CITEES, departement_nom, page, region_nom
from programme.donnees.provenance import CALCUL, D_APRES_MEMBRES, Provenance
from programme.donnees.schema import Colonne, Contours, Geometrie, Jeu, Type
from programme.models import Contrat, Projet, Rangement
from territoires.millesimes import etat
from territoires.models import (
    Certitude,
    Commune,
    CommuneAncienne,
    Intercommunalite,
    Liste,
    MouvementCommune,
    Rattachement,
    Region,
    Territoire,
    rang_du_departement,
)
from territoires.models.geographie import PREMIER_MILLESIME
from territoires.models.phase import adresse_at
from territoires.models.territoire import FIN, fin_certitude
from territoires.moment import today

MEMBRE = Coalesce("intercommunalite", "commune")
NATURES = (*Intercommunalite.Nature.values, "COM")
COG, EPCI, MILLESIMES, POINTS = DOCUMENTS = (
    "insee-cog-2022",
    "dgcl-epci-2022",
    "decoupage-administratif-2026",
    "ign-admin-express",
)
ENTREE = Provenance("source_entree")
SORTIE = Provenance("source_sortie")
DES_COMMUNES, DES_EPCI, DES_POINTS = (Provenance(Value(code)) for code in (COG, EPCI, POINTS))
DES_MEMBRES = Provenance(Value(f"{COG} ; {EPCI}"), mode=D_APRES_MEMBRES)
SELON_LES_MEMBRES = Provenance("source_entree", mode=D_APRES_MEMBRES)
DATE_D_ENTREE = Provenance("territoire__source_entree")
MEMBRE_CITE = Provenance("source")
POINT = (
    Colonne(
        "longitude",
        Type.NOMBRE,
        "Longitude",
        "WGS84.",
        source="lon",
        unite="degrés",
        provenance=DES_POINTS,
    ),
    Colonne(
        "latitude",
        Type.NOMBRE,
        "Latitude",
        "WGS84.",
        source="lat",
        unite="degrés",
        provenance=DES_POINTS,
    ),
)


def _derniere_liste():
    """The day of the last list of a territory's phase."""
    return Subquery(
        Liste.objects.filter(phase=OuterRef("phase")).order_by("-date").values("date")[:1]
    )


def _codes(relation, target):
    """The sorted codes of a many-to-many of the outer row: a source for a `LISTE` column."""
    owner = relation.field.m2m_field_name()

    def source():
        return codes_of(relation.through.objects.filter(**{owner: OuterRef("pk")}), target)

    return source


def _names(relation, target):
    """The names of the same, in the order of their codes: a source for a `NOMS` column."""
    owner = relation.field.m2m_field_name()

    def source():
        through = relation.through.objects.filter(**{owner: OuterRef("pk")})
        return names_of(through, f"{target}__nom", rang_du_departement(f"{target}_id"))

    return source


def _projets_selon(nom):
    """How many public projects have the outer row as their `nom`, a column of the rangements; null
    when none is public: all are counted once.
    """
    number = NombreSelon(nom, "pk")
    return Case(When(Exists(Rangement.objects.all()), then=number), output_field=IntegerField())


def _projets_of_phase_1():
    """The same, not told of a territory of a later phase that has none: nobody reports them."""
    own = _projets_selon("territoire")
    return Case(When(phase=1, then=own), default=NullIf(own, 0))


def _of_later_phases(count):
    """A count over what phase 1 did, without object for its own territories: null."""
    return lambda: Case(When(phase=1, then=None), default=count(), output_field=IntegerField())


def _projets_situes():
    return NombreSelon("situation", "pk")


def _contrats_de_la_lignee():
    path = "territoire__suites__apres"
    return count_told(Contrat.objects.published().filter(**{path: OuterRef("pk")}), path)


def _member_today(column, **member):
    """A column of the rattachement that the member has today, or null."""
    return Subquery(
        Rattachement.objects.at(today()).filter(**member).order_by("pk").values(column)[:1]
    )


def _of_commune(column):
    """The same, of a commune: by itself, else by its EPT, else by its intercommunalité."""

    def source():
        return Coalesce(
            _member_today(column, commune=OuterRef("pk")),
            _member_today(column, intercommunalite=OuterRef("ept")),
            _member_today(column, intercommunalite=OuterRef("intercommunalite_alors")),
        )

    return source


def _of_intercommunalite(column):
    return lambda: _member_today(column, intercommunalite=OuterRef("pk"))


def _computed(queryset, path="source"):
    """What a count stands on: the sources of the rows of `queryset()`, of the outer row or all."""
    return Provenance(lambda: sources_of(queryset(), path), mode=CALCUL)


def _followed():
    """The territories of the catalogue that the région of the outer row follows."""
    return Territoire.regions.through.objects.filter(
        region=OuterRef("pk"), territoire__in=Territoire.objects.catalogue()
    )


def _changed(*natures):
    """Whether vintages after the first changed the name or the code of the commune."""
    first = datetime.date(PREMIER_MILLESIME, 1, 1)
    known = CommuneAncienne.objects.filter(commune=OuterRef("pk"), nature__in=natures)
    return Exists(known.filter(jusqu_en__gt=first).order_by())


def _vintage(condition, first):
    """The later vintages where `condition` holds, else the document of the first one."""
    return Provenance(
        Case(
            When(condition, then=Value(MILLESIMES)), default=Value(first), output_field=TextField()
        )
    )


def _membres_et_mouvements():
    """The members of a phase that is not over are counted in a later geography."""
    first, later = DES_MEMBRES.source.value, f"{DES_MEMBRES.source.value} ; {MILLESIMES}"
    over = When(phase__fin__isnull=False, then=Value(first))
    source = Case(over, default=Value(later), output_field=TextField())
    return Provenance(source, mode=D_APRES_MEMBRES)


APPARUE = Exists(MouvementCommune.objects.filter(commune=OuterRef("pk"), quittee=None).order_by())
RENOMMEE = _changed(CommuneAncienne.Nature.NOM, CommuneAncienne.Nature.CODE)


def members_of(path):
    """The codes of the members, today or last, of the territory at `path` of the outer row."""

    def codes():
        members = Rattachement.objects.filter(territoire=OuterRef(path))
        last = (
            Rattachement.objects.filter(territoire=OuterRef("territoire"))
            .order_by()
            .values("territoire")
            .annotate(last=Max(FIN))
            .values("last")
        )
        return Coalesce(
            NullIf(list_of(members.at(today()), MEMBRE), Value(""), output_field=TextField()),
            list_of(members.annotate(_fin=FIN).filter(_fin=Subquery(last)), MEMBRE),
            output_field=TextField(),
        )

    return codes


TERRITOIRES = Jeu(
    code="territoires",
    titre="Territoires d’industrie",
    description=(
        "Chaque territoire inscrit sur la carte du programme, avec ses dates d’entrée et "
        "de sortie et la certitude de l’entrée. La population et les communes sont celles des "
        "membres de la dernière liste connue ; pour un territoire sorti de la carte, celles de ses "
        "derniers membres."
    ),
    colonnes=(
        Colonne("code", Type.CODE, "Code", "Code du territoire.", obligatoire=True, tri=True),
        Colonne(
            "nom", Type.TEXTE, "Nom", "Nom actuel, ou dernier nom.", obligatoire=True, tri=True
        ),
        Colonne(
            "region_porteuse",
            Type.CODE,
            "Région porteuse",
            "Code INSEE de la région dont le comité porte le territoire.",
            obligatoire=True,
        ),
        Colonne(
            "regions",
            Type.LISTE,
            "Régions",
            "Codes INSEE des régions dont le comité suit le territoire.",
            source=_codes(Territoire.regions, "region_id"),
            provenance=SELON_LES_MEMBRES,
        ),
        Colonne(
            "departements",
            Type.LISTE,
            "Départements",
            "Codes INSEE des départements que le territoire touche.",
            source=_codes(Territoire.departements, "departement_id"),
            provenance=SELON_LES_MEMBRES,
        ),
        Colonne(
            "debut", Type.DATE, "Entrée", "Jour d’entrée sur la carte.", provenance=ENTREE, tri=True
        ),
        Colonne(
            "debut_certitude",
            Type.CHOIX,
            "Certitude de l’entrée",
            "« exacte », « au plus tard » (entré au plus tard ce jour-là) ou « reconstituée ».",
            valeurs=tuple(Certitude.values),
            provenance=ENTREE,
        ),
        Colonne(
            "fin",
            Type.DATE,
            "Sortie",
            "Premier jour hors de la carte : sa sortie, ou la fin de sa phase. Vide : il y est "
            "encore.",
            provenance=SORTIE,
        ),
        Colonne(
            "population",
            Type.ENTIER,
            "Population",
            "Somme des populations municipales des communes des membres, chacune dans les limites "
            "d’alors.",
            unite="habitants",
            provenance=DES_MEMBRES,
            tri=True,
        ),
        Colonne(
            "nb_communes",
            Type.ENTIER,
            "Nombre de communes",
            "Communes des intercommunalités membres, et communes membres à elles seules.",
            unite="communes",
            provenance=_membres_et_mouvements(),
            tri=True,
        ),
        Colonne(
            "nb_projets",
            Type.ENTIER,
            "Nombre de projets",
            "Lignes du jeu « Projets » qui nomment ce territoire. Zéro : ce jeu n’y connaît aucun "
            "projet, ce qui ne dit pas qu’il n’y en a pas. Vide : aucun projet n’est publié ; en "
            "phase 2, personne ne les publie.",
            source=_projets_of_phase_1,
            unite="projets",
            provenance=_computed(
                lambda: Projet.objects.published().filter(territoire=OuterRef("pk"))
            ),
            tri=True,
        ),
        Colonne(
            "region_porteuse_nom",
            Type.TEXTE,
            "Nom de la région porteuse",
            "Nom de la région porteuse.",
            source="region_porteuse__nom",
            obligatoire=True,
            tri=True,
        ),
        Colonne(
            "nb_contrats",
            Type.ENTIER,
            "Nombre de contrats",
            "Protocoles et contrats publiés de ce territoire. Vide : aucune source publique n’en "
            "atteste ; ce n’est pas un zéro.",
            source=lambda: count_told(
                Contrat.objects.published().filter(territoire=OuterRef("pk")), "territoire"
            ),
            unite="contrats",
            provenance=_computed(
                lambda: Contrat.objects.published().filter(territoire=OuterRef("pk"))
            ),
            tri=True,
        ),
        Colonne(
            "prefigurateur",
            Type.BOOLEEN,
            "Préfigurateur",
            "Un des premiers territoires du programme. Vide : non renseigné.",
        ),
        Colonne(
            "successeur",
            Type.CODE,
            "Réuni dans",
            "Code du territoire qui a repris celui-ci lors d’une fusion.",
            provenance=SORTIE,
        ),
        Colonne(
            "regions_noms",
            Type.NOMS,
            "Noms des régions",
            "Noms des régions de « regions », dans le même ordre.",
            source=_names(Territoire.regions, "region"),
        ),
        Colonne(
            "departements_noms",
            Type.NOMS,
            "Noms des départements",
            "Noms des départements de « departements », dans le même ordre.",
            source=_names(Territoire.departements, "departement"),
        ),
        Colonne(
            "phase",
            Type.ENTIER,
            "Phase",
            "Phase du programme dont le territoire est : 1 ou 2.",
            source="phase_id",
            obligatoire=True,
        ),
        Colonne(
            "code_anct",
            Type.CODE,
            "Code de la liste",
            "Son code dans les listes du programme, qui d’une phase à l’autre nomme un autre "
            "territoire. Vide : aucune liste ne le nomme.",
        ),
        page("territoire", adresse_at()),
        Colonne(
            "projets_phase1_ici",
            Type.ENTIER,
            "Projets de la phase 1 situés ici",
            "Projets publiés dont la commune est dans ce territoire sur la dernière liste connue : "
            "ils ne sont pas les siens. Vide en phase 1 : sans objet.",
            source=_of_later_phases(_projets_situes),
            unite="projets",
            provenance=_computed(Projet.objects.published),
            tri=True,
        ),
        Colonne(
            "contrats_phase1_lignee",
            Type.ENTIER,
            "Contrats de la phase 1 (par lignée)",
            "Protocoles et contrats publiés des territoires de la phase 1 dont ce territoire de la "
            "phase 2 a des communes : il ne les a pas signés. Vide en phase 1 : sans objet ; en "
            "phase 2 : aucune source publique n’en atteste.",
            source=_of_later_phases(_contrats_de_la_lignee),
            unite="contrats",
            provenance=_computed(
                lambda: Contrat.objects.published().filter(territoire__suites__apres=OuterRef("pk"))
            ),
            tri=True,
        ),
    ),
    lignes=Territoire.objects.all,
    preparer=lambda queryset: queryset.with_dates().with_members(today()),
    cle=("code",),
    liste="territoires",
    entier="tous=1",
    source=CITEES,
    provenance=ENTREE,
    listee=_derniere_liste,
    mots_cles=("industrie", "territoires", "carte"),
    geometrie=Contours("membres", members_of("pk")),
)

RATTACHEMENTS = Jeu(
    code="rattachements",
    titre="Rattachements",
    description=(
        "Qui appartient à quel territoire, depuis quand et jusqu’à quand. La carte à une date D "
        "est faite des lignes où debut ≤ D et où fin est vide ou > D."
    ),
    colonnes=(
        Colonne(
            "territoire", Type.CODE, "Territoire", "Code du territoire.", obligatoire=True, tri=True
        ),
        Colonne(
            "siren",
            Type.CODE,
            "SIREN",
            "SIREN de l’intercommunalité membre. Vide quand le membre est une commune.",
            source="intercommunalite",
            provenance=MEMBRE_CITE,
        ),
        Colonne(
            "commune",
            Type.CODE,
            "Commune",
            "Code INSEE de la commune membre à elle seule. Vide sinon.",
            provenance=MEMBRE_CITE,
        ),
        Colonne(
            "nom",
            Type.TEXTE,
            "Nom du membre",
            "Nom de l’intercommunalité ou de la commune.",
            source=lambda: Coalesce("intercommunalite__nom", "commune__nom"),
            obligatoire=True,
            provenance=DES_EPCI,
            tri=True,
        ),
        Colonne(
            "nature",
            Type.CHOIX,
            "Nature du membre",
            "CC, CA, CU, METRO, EPT (Grand Paris), ou COM pour une commune à elle seule.",
            source=lambda: Coalesce("intercommunalite__nature", Value("COM")),
            provenance=DES_EPCI,
            valeurs=NATURES,
            obligatoire=True,
            tri=True,
        ),
        Colonne(
            "debut",
            Type.DATE,
            "Membre depuis",
            "Premier jour.",
            obligatoire=True,
            provenance=DATE_D_ENTREE,
            tri=True,
        ),
        Colonne(
            "fin",
            Type.DATE,
            "Jusqu’au",
            "Premier jour où il n’est plus membre, la fin de la phase comprise. Vide : il l’est.",
            source=lambda: FIN,
            provenance=Provenance("territoire__source_sortie"),
            tri=True,
        ),
        Colonne(
            "certitude",
            Type.CHOIX,
            "Certitude",
            "Ce que vaut la date de début.",
            valeurs=tuple(Certitude.values),
            obligatoire=True,
            provenance=DATE_D_ENTREE,
            tri=True,
        ),
        Colonne("source", Type.TEXTE, "Source", "Qui dit que le membre l’est."),
        Colonne(
            "source_date",
            Type.TEXTE,
            "Source de la date",
            "Qui dit depuis quand.",
            source="territoire__source_entree",
        ),
        Colonne(
            "phase",
            Type.ENTIER,
            "Phase",
            "Phase du programme.",
            source="phase_id",
            obligatoire=True,
        ),
        Colonne(
            "pas_avant",
            Type.DATE,
            "Pas avant",
            "Entré « au plus tard » : premier jour possible, une liste complète l’excluant avant.",
        ),
        Colonne(
            "fin_certitude",
            Type.CHOIX,
            "Certitude de la fin",
            "Ce que vaut la date « fin ».",
            source=fin_certitude,
            valeurs=tuple(Certitude.values),
            provenance=Provenance("territoire__source_sortie"),
        ),
        page("territoire", adresse_at("territoire__"), "du territoire"),
    ),
    lignes=Rattachement.objects.all,
    cle=("territoire", "siren", "commune", "debut"),
    liste="rattachements",
    source=CITEES,
    mots_cles=("industrie", "intercommunalités", "carte"),
    geometrie=Contours("membres", lambda: MEMBRE),
)

REGIONS = Jeu(
    code="regions",
    titre="Régions",
    description=(
        "Les 18 régions et ce que leurs comités suivent. Un territoire que deux régions se "
        "partagent compte dans l’une et dans l’autre : la somme dépasse le total national."
    ),
    colonnes=(
        Colonne(
            "code", Type.CODE, "Code INSEE", "Code INSEE de la région.", obligatoire=True, tri=True
        ),
        Colonne("nom", Type.TEXTE, "Nom", "Nom de la région.", obligatoire=True, tri=True),
        Colonne(
            "nb_territoires",
            Type.ENTIER,
            "Nombre de territoires",
            "Territoires de la phase 1 que son comité suit, au jour de référence. Vide : aucune "
            "carte n’est publiée.",
            source=lambda: count_among(_followed(), "region", Territoire.objects.catalogue()),
            unite="territoires",
            provenance=_computed(_followed, "territoire__source_entree"),
            tri=True,
        ),
        Colonne(
            "nb_territoires_portes",
            Type.ENTIER,
            "Nombre de territoires portés",
            "Ceux dont elle est la région porteuse : la somme est le total national. Vide : aucune "
            "carte n’est publiée.",
            source=lambda: count_among(
                Territoire.objects.catalogue().filter(region_porteuse=OuterRef("pk")),
                "region_porteuse",
                Territoire.objects.catalogue(),
            ),
            unite="territoires",
            provenance=_computed(
                lambda: Territoire.objects.catalogue().filter(region_porteuse=OuterRef("pk")),
                "source_entree",
            ),
            tri=True,
        ),
        Colonne(
            "nb_projets",
            Type.ENTIER,
            "Nombre de projets",
            "Lignes du jeu « Projets » dont la commune, sinon le département, est dans la région. "
            "Zéro : ce jeu n’y connaît aucun projet. Vide : aucun projet n’est publié.",
            source=lambda: _projets_selon("region"),
            unite="projets",
            provenance=_computed(lambda: Projet.objects.published().in_region(OuterRef("pk"))),
            tri=True,
        ),
        Colonne(
            "presidence",
            Type.TEXTE,
            "Présidence du comité",
            "Qui préside le comité de pilotage régional.",
            source="comite__presidence",
            provenance=Provenance("comite__source"),
        ),
        page("region", "slug"),
    ),
    lignes=Region.objects.all,
    cle=("code",),
    liste="regions",
    provenance=DES_COMMUNES,
    documents=(COG,),
    selon=("projets",),
    geometrie=Contours("regions", lambda: F("code")),
)

INTERCOMMUNALITES = Jeu(
    code="intercommunalites",
    frequence="ANNUAL",
    titre="Intercommunalités",
    description="Les intercommunalités et leur territoire sur la dernière liste connue.",
    colonnes=(
        Colonne("siren", Type.CODE, "SIREN", "Neuf chiffres.", obligatoire=True, tri=True),
        Colonne("nom", Type.TEXTE, "Nom", "Nom de l’intercommunalité.", obligatoire=True, tri=True),
        Colonne(
            "nature",
            Type.CHOIX,
            "Nature",
            "CC, CA, CU, METRO, ou EPT (Grand Paris).",
            valeurs=tuple(Intercommunalite.Nature.values),
            obligatoire=True,
        ),
        Colonne(
            "departements",
            Type.LISTE,
            "Départements",
            "Codes INSEE de ses départements.",
            source=_codes(Intercommunalite.departements, "departement_id"),
            provenance=DES_EPCI,
        ),
        Colonne(
            "population",
            Type.ENTIER,
            "Population",
            "Population municipale, dans les limites d’alors : celles du millésime de sa source.",
            unite="habitants",
            filtre=True,
            tri=True,
        ),
        Colonne(
            "nb_communes",
            Type.ENTIER,
            "Nombre de communes",
            "Communes membres.",
            unite="communes",
            tri=True,
        ),
        Colonne(
            "territoire",
            Type.CODE,
            "Territoire",
            "Code du territoire dont elle est membre sur la dernière liste connue.",
            source=_of_intercommunalite("territoire"),
            provenance=Provenance(_of_intercommunalite("source")),
        ),
        *POINT,
        Colonne(
            "departements_noms",
            Type.NOMS,
            "Noms des départements",
            "Noms des départements de « departements », dans le même ordre.",
            source=_names(Intercommunalite.departements, "departement"),
        ),
        page("intercommunalite", "siren"),
    ),
    lignes=Intercommunalite.objects.all,
    cle=("siren",),
    liste="intercommunalites",
    provenance=DES_EPCI,
    documents=(EPCI, POINTS),
    selon=("rattachements",),
    geometrie=Geometrie("lon", "lat"),
)

COMMUNES = Jeu(
    code="communes",
    frequence="ANNUAL",
    titre="Communes",
    description=(
        "Les communes de la géographie de la dernière liste de territoires, sous leur "
        "dernier nom connu, et leur territoire sur cette liste : le leur, celui de leur "
        "établissement public territorial, ou celui de leur intercommunalité."
    ),
    colonnes=(
        Colonne("code", Type.CODE, "Code INSEE", "Cinq caractères.", obligatoire=True, tri=True),
        Colonne(
            "nom",
            Type.TEXTE,
            "Nom",
            "Nom de la commune.",
            obligatoire=True,
            provenance=_vintage(RENOMMEE | APPARUE, COG),
            tri=True,
        ),
        Colonne(
            "departement",
            Type.CODE,
            "Département",
            "Code INSEE du département.",
            obligatoire=True,
        ),
        Colonne(
            "region",
            Type.CODE,
            "Région",
            "Code INSEE de la région.",
            source="departement__region",
            obligatoire=True,
        ),
        Colonne(
            "intercommunalite",
            Type.CODE,
            "Intercommunalité",
            "SIREN, dans la géographie de la dernière liste de territoires.",
            source="intercommunalite_alors",
            provenance=_vintage(~Q(intercommunalite=F("intercommunalite_alors")), EPCI),
        ),
        Colonne(
            "ept",
            Type.CODE,
            "Établissement public territorial",
            "SIREN. Grand Paris seulement.",
            provenance=DES_EPCI,
        ),
        Colonne(
            "population",
            Type.ENTIER,
            "Population",
            "Population municipale, dans les limites d’alors : celles du millésime de sa source.",
            unite="habitants",
            filtre=True,
            tri=True,
        ),
        Colonne(
            "territoire",
            Type.CODE,
            "Territoire",
            "Code du territoire sur la dernière liste connue. Vide : la commune n’est dans aucun.",
            source=_of_commune("territoire"),
            provenance=Provenance(_of_commune("source"), mode=D_APRES_MEMBRES),
        ),
        *POINT,
        departement_nom("departement", obligatoire=True),
        region_nom("departement__region", obligatoire=True),
        page("commune", "code"),
    ),
    lignes=lambda: Commune.objects.at(today()),
    preparer=lambda queryset: queryset.with_intercommunalite(etat(today())),
    cle=("code",),
    liste="communes",
    provenance=_vintage(APPARUE, COG),
    documents=DOCUMENTS,
    selon=("rattachements",),
    geometrie=Geometrie("lon", "lat"),
)

JEUX = (TERRITOIRES, RATTACHEMENTS, REGIONS, INTERCOMMUNALITES, COMMUNES)
