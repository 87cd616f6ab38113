"""The acts of publication, the same for every record that has one."""

from django.utils.text import get_text_list

from programme.backoffice import droits
from programme.backoffice.actes.acte import Acte
from programme.backoffice.actes.mot import MotForm, ProposerForm, RefuserForm
from programme.models import Publication, Seance
from programme.models.base import Publiable

P = Publication


def rows_that_follow(model):
    """Names of the rows whose publication is that of their record, a `model`."""
    return [
        str(relation.related_model._meta.verbose_name_plural)
        for relation in model._meta.related_objects
        if not issubclass(relation.related_model, Publiable)
        and next(iter(getattr(relation.related_model, "publication_lookups", ())), "")
        == f"{relation.field.name}__publication"
    ]


def _publishes(record):
    rows = rows_that_follow(type(record))
    said = f" En même temps : {get_text_list(rows, 'et')}." if rows else ""
    return (
        "L’enregistrement devient visible de tous, sur le site, dans les exports et la recherche."
        f"{said}{map_follows(record)}"
    )


def map_follows(record):
    """The acts on the map that become public with a séance, or cease to be; in words, or nothing.

    They are told before: a reader of the map sees them, whoever reads the séance or not.
    """
    if not isinstance(record, Seance):
        return ""
    published = record.publication == P.PUBLIE
    acts = record.actes_appliques if published else record.actes_en_attente
    if not (count := acts.count()):
        return ""
    what = "Un acte" if count == 1 else f"{count} actes"
    verb = "de cette séance sur la carte"
    if published:
        leave = "quitte" if count == 1 else "quittent"
        return f" {what} {verb} {leave} la carte publique tant qu’elle n’est pas publiée."
    return f" {what} {verb} {'change' if count == 1 else 'changent'} la carte publique."


def stays_hidden(record):
    """Whose publication is still missing for the public to see `record`, in words; or nothing."""
    parents = [lookup.rpartition("__")[0] for lookup in record.publication_lookups]
    owners = [getattr(record, parent) for parent in parents if parent]
    hidden = [
        f"« {row} » ({row.publication})" for row in owners if row and row.publication != P.PUBLIE
    ]
    if not hidden:
        return ""
    return (
        "Publié, l’enregistrement restera invisible du public tant que ne l’est pas "
        f"{get_text_list(hidden, 'et')}."
    )


def _take(state):
    def take(record, form, agent):
        record.mot = form.dire() if isinstance(form, MotForm) else ""
        record.passer_a(state)

    return take


ACTES = (
    Acte(
        nom="publier",
        titre="Publier",
        condition="Un brouillon, ce qui est à valider, ou ce qui a été retiré du site.",
        effet=_publishes,
        droit=droits.PUBLIER,
        champ="publication",
        vers=P.PUBLIE,
        avertir=stays_hidden,
        faire=_take(P.PUBLIE),
        avance=True,
        en_seance="Le comité décide de publier le {}.",
    ),
    Acte(
        nom="proposer",
        titre="Proposer à la validation",
        condition="Un brouillon.",
        effet="L’enregistrement passe à « à valider » : qui publie le voit sur son bureau.",
        droit=droits.MODIFIER,
        champ="publication",
        vers=P.A_VALIDER,
        form=ProposerForm,
        faire=_take(P.A_VALIDER),
        avance=True,
    ),
    Acte(
        nom="brouillon",
        titre="Remettre en brouillon",
        condition="Ce qui est à valider, ou retiré du site.",
        effet="L’enregistrement redevient un brouillon, que seuls les agents voient.",
        droit=droits.MODIFIER,
        champ="publication",
        vers=P.BROUILLON,
        form=RefuserForm,
        faire=_take(P.BROUILLON),
    ),
    Acte(
        nom="retirer",
        titre="Retirer du site",
        condition="Ce qui est publié.",
        effet=lambda record: (
            "L’enregistrement n’est plus visible du public, nulle part. Rien n’est supprimé : il "
            f"pourra être publié de nouveau.{map_follows(record)}"
        ),
        droit=droits.PUBLIER,
        champ="publication",
        vers=P.RETIRE,
        form=MotForm,
        faire=_take(P.RETIRE),
    ),
)
