"""What the committees keep, as files of theirs: séances, decisions, documents, people.

These are no published datasets: the public reads them on the pages of what they are about.
"""

from django.db.models import Case, CharField, F, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from programme.donnees.jeux.colonnes import precision
from programme.donnees.schema import Colonne, Ecrit, Jeu, Type
from programme.models import Decision, Document, Seance
from territoires.models import Territoire

SUR_SA_PAGE = "il se change sur la page du territoire."


def libelle_seance(prefixe=""):
    """What names a séance, which has no code: its committee, then its day."""

    def of(name):
        return F(f"{prefixe}{name}")

    committee = Coalesce(
        Cast(of("comite_regional__region"), CharField()), of("comite_national__nom")
    )
    text = Concat(committee, Value(" – "), Cast(of("date"), CharField()), output_field=TextField())
    return Case(When(**{f"{prefixe}pk__isnull": False}, then=text), output_field=TextField())


def _relation(nom, titre, description, par, *aussi, **options):
    return Colonne(
        nom,
        Type.CODE if par != "libelle" else Type.TEXTE,
        titre,
        description,
        source=options.pop("source", f"{nom}__{par}"),
        ecrit=Ecrit(par=par, aussi=aussi),
        **options,
    )


def _objets():
    """What a decision or a document is about: a territory, a contract, a project."""
    return (
        _relation("territoire", "Territoire", "Code du territoire.", "code", "nom"),
        _relation("contrat", "Contrat", "Code du contrat : la fin de son adresse.", "slug"),
        _relation("projet", "Projet", "Code du projet.", "code"),
    )


def _texte(nom, titre, description, *, partage=False, **options):
    return Colonne(nom, Type.TEXTE, titre, description, ecrit=Ecrit(partage=partage), **options)


SEANCES = Jeu(
    code="seances",
    titre="Séances",
    description="Les séances des comités de pilotage.",
    colonnes=(
        _relation(
            "comite_regional",
            "Comité régional",
            "Code INSEE de la région du comité ; vide pour le comité national.",
            "region",
            "region__nom",
        ),
        _relation(
            "comite_national",
            "Comité national",
            "Nom du comité national ; vide pour un comité régional.",
            "nom",
        ),
        Colonne("date", Type.DATE, "Date", "Jour de la séance.", obligatoire=True, ecrit=Ecrit()),
        precision("precision", ecrit=Ecrit()),
        _texte("lieu", "Lieu", "Où elle se tient.", partage=True),
        _texte("ordre_du_jour", "Ordre du jour", "Ce qui est à l’ordre du jour."),
        _texte("compte_rendu", "Compte rendu", "Ce qui s’est dit et décidé."),
        _texte("source", "Source", "D’où viennent ces informations.", partage=True),
    ),
    lignes=Seance.objects.published,
    cle=("date",),
    source="Comités de pilotage",
)

DECISIONS = Jeu(
    code="decisions",
    titre="Décisions",
    description="Ce que les séances ont décidé.",
    colonnes=(
        _relation(
            "seance",
            "Séance",
            "Code de la région, ou nom du comité national, puis jour de la séance : « 28 – "
            "AAAA-MM-JJ ».",
            "libelle",
            obligatoire=True,
            source=lambda: libelle_seance("seance__"),
        ),
        Colonne(
            "type",
            Type.CHOIX,
            "Type",
            "Ce sur quoi porte la décision.",
            valeurs=tuple(Decision.Type.values),
            obligatoire=True,
            ecrit=Ecrit(),
        ),
        _texte("texte", "Texte", "La décision, en une phrase.", obligatoire=True),
        *_objets(),
    ),
    lignes=Decision.objects.published,
    cle=("type", "texte", "seance"),
    source="Comités de pilotage",
)

DOCUMENTS = Jeu(
    code="documents",
    titre="Documents",
    description="Les documents des territoires, contrats, projets et séances.",
    colonnes=(
        _texte("titre", "Titre", "Titre du document.", obligatoire=True),
        Colonne(
            "date",
            Type.DATE,
            "Date",
            "Jour du document.",
            obligatoire=True,
            ecrit=Ecrit(partage=True),
        ),
        _texte("url", "Lien", "Adresse du document sur un autre site ; vide pour un fichier."),
        Colonne(
            "nom_fichier",
            Type.TEXTE,
            "Fichier",
            "Nom du fichier déposé.",
            ecrit=Ecrit(reserve="un fichier se dépose sur la page du document."),
        ),
        Colonne(
            "octets",
            Type.ENTIER,
            "Taille",
            "Taille du fichier déposé.",
            unite="octets",
            ecrit=Ecrit(reserve="un fichier se dépose sur la page du document."),
        ),
        *_objets(),
        _relation(
            "seance",
            "Séance",
            "Code de la région, ou nom du comité national, puis jour de la séance.",
            "libelle",
            source=lambda: libelle_seance("seance__"),
        ),
    ),
    lignes=Document.objects.published,
    cle=("titre", "date"),
    source="Comités de pilotage",
)

BINOMES = Jeu(
    code="binomes",
    titre="Binômes et chefs de projet",
    description="Qui mène chaque territoire : l’élu, l’industriel, le chef de projet.",
    colonnes=(
        Colonne(
            "code",
            Type.CODE,
            "Code",
            "Code du territoire.",
            obligatoire=True,
            ecrit=Ecrit(reserve="le code d’un territoire ne change pas."),
        ),
        Colonne(
            "nom",
            Type.TEXTE,
            "Nom",
            "Nom du territoire.",
            obligatoire=True,
            ecrit=Ecrit(reserve=SUR_SA_PAGE),
        ),
        _texte("elu", "Élu du binôme", "Prénom et nom de l’élu."),
        _texte("fonction_elu", "Fonction de l’élu", "Son mandat."),
        _texte("industriel", "Industriel du binôme", "Prénom et nom de l’industriel."),
        _texte("fonction_industriel", "Fonction de l’industriel", "Sa fonction, son entreprise."),
        _texte(
            "chef_de_projet",
            "Chef de projet",
            "Prénom et nom de qui anime le territoire.",
            partage=True,
        ),
    ),
    lignes=Territoire.objects.all,
    cle=("code",),
    source="Comités de pilotage",
)
