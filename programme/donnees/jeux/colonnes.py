"""What several datasets share: names beside codes, what a date stands for, the page of a row."""

from programme.donnees.expressions import anchor_of, page_of
from programme.donnees.schema import Colonne, Type
from programme.models import Precision

CITEES = "Sources citées ligne par ligne"
MONTANT = "En euros entiers ; « 1,2 M€ » se lit aussi. Vide : non renseigné, jamais zéro."
PREUVE = "D’où vient l’information : titre du document, page, adresse. Exemple : « PV du COPIL »."
"""What the forms say beside an amount, beside a source."""


def departement_nom(path, **options):
    """The name of the département at `path`, beside its code; or that a function computes."""
    return nom_de("departement_nom", "du département", path, **options)


def region_nom(path, **options):
    """The name of the région at `path`, beside its code."""
    return nom_de("region_nom", "de la région", path, **options)


def territoire_nom(path="territoire", **options):
    """The name of the territory at `path`, beside its code."""
    return nom_de("territoire_nom", "du territoire", path, **options)


def nom_de(nom, of, path, **options):
    """The name, in the column `nom`, of what is at `path`; `of`: « du département »."""
    title = f"Nom {of}"
    source = path if callable(path) else f"{path}__nom"
    return Colonne(nom, Type.TEXTE, title, f"{title}.", source=source, **options)


def precision(
    nom="precision_date", *, titre="Précision de la date", mots="Ce que vaut la date.", **options
):
    """What the date beside it stands for: a day, a month, at the latest…"""
    return Colonne(
        nom,
        Type.CHOIX,
        titre,
        mots,
        valeurs=tuple(Precision.values),
        **options,
    )


def page(view, path, of="de cette ligne"):
    """The full address of the public page `view` of the record whose slug or code is at `path`."""
    return Colonne(
        "url", Type.TEXTE, "Page", f"Adresse de la page publique {of}.", source=page_of(view, path)
    )


def ancre(view, path="code"):
    """The full address of the place of the page `view` that tells the row."""
    return Colonne(
        "url",
        Type.TEXTE,
        "Page",
        "Adresse de la page publique où cette ligne se lit.",
        source=anchor_of(view, path),
    )
