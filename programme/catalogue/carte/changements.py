"""What changed between two dates as the files say it."""

from programme.donnees.schema import Colonne, Type
from territoires.carte import Classe, Datation, Differences, code_membre
from territoires.dates import en_chiffres, iso
from territoires.models import Certitude, Rattachement
from territoires.models.lignee import Nature

from .fichiers import Tableau
from .passage import Passage

ENTREE, SORTIE, FUSION, RENOMMAGE = "entrée", "sortie", "fusion", "renommage"
GAGNE, PERDU = "membre gagné", "membre perdu"
HERITIERS = (Nature.IDENTIQUE, Nature.ELARGI, Nature.REDUIT, Nature.RECOMPOSE)
COLONNES = (
    Colonne(
        "changement",
        Type.CHOIX,
        "Changement",
        "Une fusion compte aussi comme une entrée et des sorties ; elle a une ligne par territoire "
        "réuni. D’une phase à l’autre, « identique », « élargi », « réduit » ou « recomposé » : ce "
        "que le territoire est à un autre de la première date, dont il a des communes.",
        valeurs=(ENTREE, SORTIE, FUSION, RENOMMAGE, GAGNE, PERDU, *(n.value for n in HERITIERS)),
        obligatoire=True,
    ),
    Colonne("territoire", Type.CODE, "Territoire", "Code du territoire.", obligatoire=True),
    Colonne("nom", Type.TEXTE, "Nom", "Son nom à la seconde date, ou à sa sortie."),
    Colonne("date", Type.DATE, "Date", "Jour du changement, s’il est connu."),
    Colonne(
        "certitude",
        Type.CHOIX,
        "Certitude",
        "Ce que vaut cette date, pour une entrée, une sortie ou un membre gagné.",
        valeurs=tuple(Certitude.values),
    ),
    Colonne(
        "avant",
        Type.CHOIX,
        "Avant",
        "Classe du territoire à la première date : « possible », il y était peut-être déjà.",
        valeurs=tuple(Classe.values),
    ),
    Colonne(
        "autre_territoire", Type.CODE, "Autre territoire", "Réuni (fusion), successeur, ou origine."
    ),
    Colonne("autre_nom", Type.TEXTE, "Autre nom", "Nom de cet autre territoire, ou nom ancien."),
    Colonne("membre", Type.CODE, "Membre", "SIREN de l’intercommunalité, ou code de la commune."),
    Colonne("nom_membre", Type.TEXTE, "Nom du membre", "Intercommunalité ou commune."),
    Colonne("nature_membre", Type.CODE, "Nature du membre", "CC, CA, CU, METRO, EPT, ou COM."),
    Colonne(
        "datation",
        Type.CHOIX,
        "Datation",
        "Ce qui est su du jour d’une entrée ou d’une sortie : entre les deux dates ; peut-être "
        "avant la première (entrée) ; au plus tard ce jour (sortie, peut-être plus ancienne) ; ou "
        "reconstituée, quand le jour est déduit.",
        valeurs=tuple(Datation.values),
    ),
)


def _ligne(changement, territoire, nom, **values):
    ligne = {"changement": changement, "territoire": territoire, "nom": nom} | values
    return tuple(ligne.get(colonne.nom) for colonne in COLONNES)


def _of_membre(membre: Rattachement, date):
    return {
        "date": date,
        "membre": code_membre(membre),
        "nom_membre": membre.membre.nom,
        "nature_membre": membre.nature,
    }


def _lignes(found: Differences):
    for m in found.entrees:
        yield _ligne(
            ENTREE,
            m.territoire.code,
            m.apres.nom,
            date=m.apres.depuis,
            certitude=m.apres.certitude,
            avant=m.avant.classe.value,
            datation=m.datation.value,
        )
    for m in found.sorties:
        heir = found.a.par_code.get(m.territoire.successeur_id)
        yield _ligne(
            SORTIE,
            m.territoire.code,
            m.avant.nom,
            date=m.sortie,
            certitude=m.certitude or None,
            avant=m.avant.classe.value,
            autre_territoire=heir and heir.territoire.code,
            autre_nom=heir and heir.nom,
            datation=m.datation.value,
        )
    for fusion in found.fusions:
        heir = found.a.par_code[fusion.successeur.code]
        for t in fusion.predecesseurs:
            before = found.de.par_code[t.code]
            yield _ligne(
                FUSION,
                heir.territoire.code,
                heir.nom,
                date=heir.depuis,
                certitude=heir.certitude,
                autre_territoire=t.code,
                autre_nom=before.nom,
            )
        yield from _of_changement(heir, fusion)
    for r in found.renommages:
        yield _ligne(RENOMMAGE, r.territoire.code, r.nouveau, autre_nom=r.ancien)
    for changement in found.membres:
        yield from _of_changement(found.a.par_code[changement.territoire.code], changement)


def _of_changement(presence, changement):
    """Lines of the members that a territory gained and lost, in a merger or not."""
    code, nom = presence.territoire.code, presence.nom
    for r in changement.gagnes:
        yield _ligne(GAGNE, code, nom, certitude=r.certitude, **_of_membre(r, r.debut))
    for r in changement.perdus:
        yield _ligne(PERDU, code, nom, **_of_membre(r, r.fin))


def _lignes_du_passage(passage: Passage):
    for ligne in passage.lignes:
        if ligne.filiation.nature in HERITIERS:
            yield _ligne(
                ligne.filiation.nature.value,
                ligne.apres.territoire.code,
                ligne.apres.nom,
                autre_territoire=ligne.avant.territoire.code,
                autre_nom=ligne.avant.nom,
            )


def tableau(found: Differences, passage: Passage | None = None) -> Tableau:
    """One line a change: entries, exits, mergers, renamings, members gained and lost; between
    two phases, one more for each two territories that share communes.
    """
    de, a = found.de.date, found.a.date
    return Tableau(
        titre=f"Changements de la carte des Territoires d’industrie du {en_chiffres(de)} "
        f"au {en_chiffres(a)}",
        nom_de_fichier=f"differences-{iso(de)}-{iso(a)}",
        colonnes=COLONNES,
        lignes=[*_lignes(found), *(_lignes_du_passage(passage) if passage else ())],
    )


# --- JSON -------------------------------------------------------------------------------------


def _presence(presence):
    return {"code": presence.territoire.code, "nom": presence.nom}


def _members(changement):
    return {
        "gagnes": [
            {**_member(r), "depuis": r.debut, "certitude": r.certitude} for r in changement.gagnes
        ],
        "perdus": [{**_member(r), "jusqu_au": r.fin} for r in changement.perdus],
    }


def _member(r):
    return {"code": code_membre(r), "nom": r.membre.nom, "nature": r.nature}


def _filiation(ligne):
    f = ligne.filiation
    return {
        "de": ligne.avant and _presence(ligne.avant),
        "a": ligne.apres and _presence(ligne.apres),
        "nature": f.nature.value,
        "communes_communes": f.communes,
        "part_habitants_de": f.part_habitants_avant,
        "part_habitants_a": f.part_habitants_apres,
    }


def as_json(found: Differences, passage: Passage | None = None) -> dict:
    """The public answer: its keys never change. `lignees` is empty within a phase."""
    before, after = found.de.par_code, found.a.par_code
    return {
        "de": found.de.date,
        "a": found.a.date,
        "entrees": [
            {
                **_presence(m.apres),
                "depuis": m.apres.depuis,
                "certitude": m.apres.certitude,
                "avant": m.avant.classe.value,
                "datation": m.datation.value,
            }
            for m in found.entrees
        ],
        "sorties": [
            {
                **_presence(m.avant),
                "sortie": m.sortie,
                "certitude": m.certitude or None,
                "datation": m.datation.value,
                "successeur": m.territoire.successeur_id,
            }
            for m in found.sorties
        ],
        "fusions": [
            {
                "successeur": _presence(after[f.successeur.code]),
                "predecesseurs": [_presence(before[t.code]) for t in f.predecesseurs],
                **_members(f),
            }
            for f in found.fusions
        ],
        "renommages": [
            {"code": r.territoire.code, "ancien": r.ancien, "nouveau": r.nouveau}
            for r in found.renommages
        ],
        "lignees": [_filiation(ligne) for ligne in passage.lignes] if passage else [],
        "membres": [{**_presence(after[c.territoire.code]), **_members(c)} for c in found.membres],
    }
