"""The dataset of lignées: what each territory of a phase became in the next."""

from django.db.models import Subquery, TextField, Value
from django.db.models.functions import Concat

from programme.donnees.jeux.carte import COG, EPCI
from programme.donnees.provenance import D_APRES_MEMBRES, Provenance
from programme.donnees.schema import Colonne, Jeu, Type
from territoires.models import Lignee, Liste
from territoires.models.lignee import Nature

PART = "De 0 à 1. Vide : aucun territoire de ce côté, ou habitants non renseignés."


def _listes_et_communes():
    """The last list of phase 1, the first of phase 2, and what says the communes of both."""
    last = Liste.objects.filter(phase=1).order_by("-date").values("source")[:1]
    first = Liste.objects.filter(phase=2).order_by("date").values("source")[:1]
    return Concat(
        Subquery(last),
        Value(" ; "),
        Subquery(first),
        Value(f" ; {COG} ; {EPCI}"),
        output_field=TextField(),
    )


LIGNEES = Jeu(
    code="lignees",
    titre="Lignées",
    description=(
        "Ce que chaque territoire de la phase 1 est devenu en phase 2, et d’où vient chaque "
        "territoire de la phase 2, calculé d’après les communes de leurs membres, les deux listes "
        "lues dans la même géographie : une ligne par couple qui partage des communes, une par "
        "territoire nouveau ou sorti. Ni les codes ni les noms n’y comptent : la phase 2 les a "
        "repris pour d’autres territoires."
    ),
    colonnes=(
        Colonne(
            "phase1",
            Type.CODE,
            "Phase 1",
            "Code du territoire de la dernière liste de la phase 1. Vide : nouveau.",
            source="avant",
            tri=True,
        ),
        Colonne(
            "phase2",
            Type.CODE,
            "Phase 2",
            "Code du territoire de la première liste de la phase 2. Vide : sorti.",
            source="apres",
            tri=True,
        ),
        Colonne(
            "nature",
            Type.CHOIX,
            "Nature",
            "De tout le territoire de la phase 2 : « identique » (les communes mêmes d’un seul), "
            "« élargi » (toutes celles d’un seul et d’autres), « réduit » (une partie d’un seul), "
            "« recomposé » (tout autre cas), « nouveau » (aucune commune de la phase 1) ; "
            "« sorti » : territoire de la phase 1 sans héritier.",
            valeurs=tuple(Nature.values),
            obligatoire=True,
            tri=True,
        ),
        Colonne(
            "communes_communes",
            Type.ENTIER,
            "Communes communes",
            "Communes de l’un et de l’autre.",
            source="communes",
            unite="communes",
            obligatoire=True,
            tri=True,
        ),
        Colonne(
            "part_habitants_1",
            Type.NOMBRE,
            "Part des habitants, phase 1",
            f"Ce que ces communes sont des habitants du territoire de la phase 1. {PART}",
            source="part_habitants_avant",
            tri=True,
        ),
        Colonne(
            "part_habitants_2",
            Type.NOMBRE,
            "Part des habitants, phase 2",
            f"Ce que ces communes sont des habitants du territoire de la phase 2. {PART}",
            source="part_habitants_apres",
            tri=True,
        ),
        Colonne(
            "part_communes_1",
            Type.NOMBRE,
            "Part des communes, phase 1",
            f"Ce que ces communes sont de celles du territoire de la phase 1. {PART}",
            source="part_communes_avant",
        ),
        Colonne(
            "part_communes_2",
            Type.NOMBRE,
            "Part des communes, phase 2",
            f"Ce que ces communes sont de celles du territoire de la phase 2. {PART}",
            source="part_communes_apres",
        ),
        Colonne(
            "phase1_nom",
            Type.TEXTE,
            "Nom en phase 1",
            "Nom du territoire de la phase 1.",
            source="avant__nom",
            tri=True,
        ),
        Colonne(
            "phase2_nom",
            Type.TEXTE,
            "Nom en phase 2",
            "Nom du territoire de la phase 2.",
            source="apres__nom",
            tri=True,
        ),
    ),
    lignes=Lignee.objects.all,
    cle=("phase1", "phase2"),
    selon=("rattachements",),
    liste="lignees",
    source="Calcul du portail d’après la dernière liste d’une phase, la première de la suivante, "
    "et les communes de leurs membres",
    provenance=Provenance(_listes_et_communes, mode=D_APRES_MEMBRES),
    mots_cles=("industrie", "territoires", "carte", "phases"),
)

JEUX = (LIGNEES,)
