"""Datasets of what the territories sign."""

from django.db.models import OuterRef, Subquery

from programme.donnees.expressions import count_told
from programme.donnees.jeux.carte import members_of
from programme.donnees.jeux.colonnes import page, precision, territoire_nom
from programme.donnees.schema import Colonne, Contours, Ecrit, Jeu, Type
from programme.models import Avenant, Contrat, Projet, Signataire


def _published_twin():
    """The code of the contract that may be the same act; null while that one is not public."""
    twins = Contrat.objects.published().filter(pk=OuterRef("meme_acte_que"))
    return Subquery(twins.values("slug"))


CONTRATS = Jeu(
    code="contrats",
    titre="Contrats",
    description="Les protocoles d’accord et contrats de territoire publiés.",
    colonnes=(
        Colonne(
            "code",
            Type.CODE,
            "Code",
            "Adresse du contrat.",
            source="slug",
            obligatoire=True,
            ecrit=Ecrit(
                champ="slug",
                reserve="l’adresse de la page est composée une fois pour toutes, sans import.",
            ),
        ),
        Colonne(
            "territoire",
            Type.CODE,
            "Territoire",
            "Code du territoire.",
            obligatoire=True,
            ecrit=Ecrit(par="code", aussi=("nom",)),
        ),
        Colonne(
            "type",
            Type.CHOIX,
            "Type",
            "« protocole » (d’accord), « contrat » (de territoire), ou « protocole ou contrat » "
            "quand la source ne le dit pas.",
            valeurs=tuple(Contrat.Type.values),
            obligatoire=True,
            ecrit=Ecrit(),
            filtre=True,
            tri=True,
        ),
        Colonne(
            "intitule",
            Type.TEXTE,
            "Intitulé",
            "Le nom du territoire tel que l’acte le cite.",
            obligatoire=True,
            ecrit=Ecrit(),
            tri=True,
        ),
        Colonne(
            "statut",
            Type.CHOIX,
            "Statut",
            "Où en est l’acte.",
            valeurs=tuple(Contrat.Statut.values),
            obligatoire=True,
            ecrit=Ecrit(
                reserve="le statut se change par les actes de la page du contrat.",
                neuf=tuple(Contrat.Statut.values),
            ),
            filtre=True,
            tri=True,
        ),
        Colonne(
            "date_signature",
            Type.DATE,
            "Signature",
            "Jour de la signature.",
            mots="Date de signature",
            ecrit=Ecrit(partage=True),
            filtre=True,
            tri=True,
        ),
        precision(
            "precision_signature",
            mots="Ce que vaut la date de signature.",
            filtre=True,
            ecrit=Ecrit(),
        ),
        Colonne("lieu", Type.TEXTE, "Lieu", "Lieu de la signature.", ecrit=Ecrit(partage=True)),
        Colonne(
            "date_fin", Type.DATE, "Achèvement", "Jour de l’achèvement.", ecrit=Ecrit(partage=True)
        ),
        Colonne(
            "nb_actions",
            Type.ENTIER,
            "Nombre d’actions",
            "Actions que l’acte annonce.",
            unite="actions",
            ecrit=Ecrit(),
            filtre=True,
            tri=True,
        ),
        Colonne(
            "montant_eur",
            Type.ENTIER,
            "Montant",
            "Montant que l’acte annonce.",
            unite="euros",
            ecrit=Ecrit(),
            filtre=True,
            tri=True,
        ),
        Colonne(
            "nb_projets",
            Type.ENTIER,
            "Nombre de projets",
            "Projets publiés de ce contrat. Vide : aucune fiche publiée ne le nomme ; ce n’est pas "
            "un zéro.",
            source=lambda: count_told(
                Projet.objects.published().filter(contrat=OuterRef("pk")), "contrat"
            ),
            unite="projets",
        ),
        Colonne(
            "meme_acte",
            Type.CODE,
            "Peut-être le même acte",
            "Code du contrat publié dont cette ligne est peut-être le même acte : un compte des "
            "actes signés ne compte pas les deux.",
            source=_published_twin,
            ecrit=Ecrit(champ="meme_acte_que", par="slug", source="meme_acte_que__slug"),
        ),
        Colonne(
            "remarque",
            Type.TEXTE,
            "Remarque",
            "Ce que les sources disent autrement.",
            ecrit=Ecrit(),
        ),
        Colonne(
            "source", Type.TEXTE, "Source", "Qui atteste la signature.", ecrit=Ecrit(partage=True)
        ),
        territoire_nom(obligatoire=True, calculee="territoire"),
        page("contrat", "slug"),
    ),
    lignes=Contrat.objects.published,
    cle=("code",),
    liste="contrats",
    source="Presse et actes, cités ligne par ligne",
    mots_cles=("industrie", "contrats"),
    geometrie=Contours("membres", members_of("territoire")),
)

SIGNATAIRES = Jeu(
    code="signataires",
    titre="Signataires",
    description="Qui a signé chaque contrat publié, pour quel organisme, en quelle fonction.",
    colonnes=(
        Colonne(
            "contrat",
            Type.CODE,
            "Contrat",
            "Code du contrat.",
            source="contrat__slug",
            obligatoire=True,
            ecrit=Ecrit(par="slug", aide="L’acte signé. Tapez l’intitulé ou le territoire."),
        ),
        Colonne(
            "organisme",
            Type.TEXTE,
            "Pour",
            "L’organisme qui s’engage.",
            obligatoire=True,
            ecrit=Ecrit(),
        ),
        Colonne(
            "nom",
            Type.TEXTE,
            "Nom",
            "Nom du signataire.",
            ecrit=Ecrit(aide="Prénom et nom de qui a signé. Aucune coordonnée."),
        ),
        Colonne(
            "fonction",
            Type.TEXTE,
            "Fonction",
            "En quelle fonction il signe.",
            ecrit=Ecrit(
                partage=True, aide="En quelle fonction il a signé. Exemple : « préfète de l’Orne »."
            ),
        ),
        Colonne(
            "signe_le",
            Type.DATE,
            "Signé le",
            "Jour de sa signature.",
            ecrit=Ecrit(
                partage=True,
                aide="Son propre jour de signature, s’il diffère. Vide : non renseigné.",
            ),
        ),
        page("contrat", "contrat__slug", "du contrat"),
    ),
    lignes=Signataire.objects.published,
    cle=("contrat", "organisme", "nom"),
    source="Actes",
)

AVENANTS = Jeu(
    code="avenants",
    titre="Avenants",
    description="Les avenants des contrats publiés.",
    colonnes=(
        Colonne(
            "contrat",
            Type.CODE,
            "Contrat",
            "Code du contrat.",
            source="contrat__slug",
            obligatoire=True,
            ecrit=Ecrit(par="slug"),
        ),
        Colonne(
            "numero",
            Type.ENTIER,
            "Numéro",
            "Rang de l’avenant.",
            obligatoire=True,
            ecrit=Ecrit(),
        ),
        Colonne(
            "objet",
            Type.TEXTE,
            "Objet",
            "Ce que l’avenant change.",
            obligatoire=True,
            ecrit=Ecrit(),
        ),
        Colonne("date_signature", Type.DATE, "Signature", "Jour de la signature.", ecrit=Ecrit()),
        Colonne(
            "nb_actions",
            Type.ENTIER,
            "Nombre d’actions",
            "Après l’avenant.",
            unite="actions",
            ecrit=Ecrit(),
        ),
        Colonne(
            "montant_eur",
            Type.ENTIER,
            "Montant",
            "Après l’avenant.",
            unite="euros",
            ecrit=Ecrit(),
        ),
        Colonne(
            "nb_actions_avant",
            Type.ENTIER,
            "Nombre d’actions avant",
            "Celui du contrat juste avant l’avenant.",
            unite="actions",
        ),
        Colonne(
            "montant_avant_eur",
            Type.ENTIER,
            "Montant avant",
            "Celui du contrat juste avant l’avenant.",
            unite="euros",
        ),
        Colonne(
            "source",
            Type.TEXTE,
            "Source",
            "D’où viennent ces informations.",
            ecrit=Ecrit(partage=True),
        ),
        page("contrat", "contrat__slug", "du contrat"),
    ),
    lignes=Avenant.objects.published,
    cle=("contrat", "numero"),
    source="Actes",
)

JEUX = (CONTRATS, SIGNATAIRES, AVENANTS)
