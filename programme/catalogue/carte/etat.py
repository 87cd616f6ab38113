"""The map at a date as its files say it."""

from programme.donnees.schema import Colonne, Type
from territoires.carte import Carte, Classe
from territoires.dates import en_chiffres, iso
from territoires.models import Certitude

from .bilan import Bilan
from .fichiers import Tableau

COLONNES = (
    Colonne("code", Type.CODE, "Code", "Code du territoire.", obligatoire=True),
    Colonne("nom", Type.TEXTE, "Nom", "Nom en usage à cette date.", obligatoire=True),
    Colonne(
        "classe",
        Type.CHOIX,
        "Classe",
        "Ce que les sources disent du territoire à cette date : attesté sur la carte ; présent sur "
        "la dernière liste connue, quand la date vient après elle ; possible (son entrée est "
        "attestée plus tard, sans exclure qu’il y fût déjà) ; ou absent.",
        valeurs=tuple(Classe.values),
        obligatoire=True,
    ),
    Colonne("depuis", Type.DATE, "Depuis", "Jour depuis lequel sa présence est attestée."),
    Colonne(
        "certitude",
        Type.CHOIX,
        "Certitude",
        "Ce que vaut la date « depuis ».",
        valeurs=tuple(Certitude.values),
    ),
)


def tableau(carte: Carte) -> Tableau:
    """Every territory, by name: attested, possible and absent ones."""
    return Tableau(
        titre=f"Carte des Territoires d’industrie au {en_chiffres(carte.date)}",
        nom_de_fichier=f"carte-{iso(carte.date)}",
        colonnes=COLONNES,
        lignes=[
            (p.territoire.code, p.nom, p.classe.value, p.depuis, p.certitude or None)
            for p in carte.presences
        ],
    )


def as_json(carte: Carte, etat: Bilan) -> dict:
    """The public answer: its keys never change."""
    rows = tableau(carte)
    return {
        "date": carte.date,
        "annonce": etat.annonce.nb_territoires if etat.annonce else None,
        "attestes": etat.attestes,
        "possibles": etat.possibles,
        "horizon": etat.horizon,
        "derniers_connus": etat.derniers,
        "reconstitues": etat.reconstitues,
        "territoires": [dict(zip(rows.noms, ligne, strict=True)) for ligne in rows.lignes],
    }
