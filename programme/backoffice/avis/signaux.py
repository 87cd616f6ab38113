"""What changes the publication of a record tells who is to answer, or who asked.

A signal, not an act: a form, an act, a restore lead there. What a command writes tells nobody.
"""

from django.apps import apps
from django.db.models.signals import post_save
from django.utils.text import capfirst
from simple_history.models import HistoricalRecords

from programme.backoffice.avis import prevenir, prevenir_ensemble
from programme.backoffice.avis.regles import answerers, who_proposed, writers
from programme.models import Avis, Contrat, Projet, Publication
from programme.models.base import Publiable
from territoires.carte_a_venir import CarteAVenir
from territoires.models import Territoire
from territoires.signaux import carte_changee

VALIDES = {Contrat: Contrat.Statut.VALIDE, Projet: Projet.Statut.CONTRACTUALISE}
"""What a committee makes of a record that it validates."""


def after_status(sender, instance, raw=False, **kwargs):
    """Tell who writes a record that its committee has just validated it."""
    before, instance.statut_lu = instance.statut_lu, instance.statut
    author = _author()
    if raw or author is None or before in (None, instance.statut):
        return
    if instance.statut == VALIDES[sender]:
        prevenir(
            Avis.Genre.VALIDE,
            instance,
            writers(instance),
            auteur=author,
            repere=str(instance.version),
            precision=capfirst(instance.statut),
        )


def after_save(sender, instance, raw=False, **kwargs):
    before, instance.publication_lue = instance.publication_lue, instance.publication
    author = _author()
    if raw or author is None or before == instance.publication:
        return
    told = {"auteur": author, "repere": str(instance.version)}
    if instance.publication == Publication.A_VALIDER:
        prevenir(Avis.Genre.PROPOSE, instance, answerers(instance), precision=instance.mot, **told)
    elif before == Publication.A_VALIDER:
        accepted = instance.publication == Publication.PUBLIE
        genre = Avis.Genre.VALIDE if accepted else Avis.Genre.A_CORRIGER
        said = "" if accepted else instance.mot
        prevenir(genre, instance, who_proposed(instance), precision=said, **told)


def after_map(sender, codes, **kwargs):
    """Tell whoever follows them that an act on the map changed these territories."""
    if (author := _author()) is not None and sender is CarteAVenir:
        prevenir_ensemble(
            Avis.Genre.CARTE, Territoire, codes, auteur=author, precision="Carte changée"
        )


def _author():
    request = getattr(HistoricalRecords.context, "request", None)
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def connect():
    carte_changee.connect(after_map, dispatch_uid="avis.carte")
    for model in apps.get_models():
        if issubclass(model, Publiable):
            post_save.connect(after_save, sender=model, dispatch_uid=f"avis.{model.__name__}")
    for model in VALIDES:
        post_save.connect(after_status, sender=model, dispatch_uid=f"avis.statut.{model.__name__}")
