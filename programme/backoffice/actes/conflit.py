"""What others did to a record while the page of an act was open, in words."""

from programme.backoffice.cadre.fusion_formulaire import SANS_VERSION
from programme.backoffice.cadre.historique import Formateur, who_and_when


def told_since(agent, record, seen):
    """Sentences on the saves of `record` after the version `seen`; empty when there is none."""
    if seen == record.version:
        return []
    if seen is None or seen < 1:
        return [SANS_VERSION]
    model = type(record)
    history = model.history.filter(**{model._meta.pk.attname: record.pk})
    since = list(history.filter(version__gt=seen).select_related("history_user"))
    if not since:
        return [SANS_VERSION]
    told = (
        f"{who_and_when(since)} a modifié cet enregistrement pendant que vous aviez cette page "
        "ouverte. Rien n’a été fait, et votre saisie est gardée : relisez, puis confirmez de "
        "nouveau."
    )
    sentences = [told]
    base = history.filter(version=seen).first()
    if base is not None:
        changes = Formateur(agent).changes(model, since[0], base)
        sentences += [f"{one.champ} : {one.avant} → {one.apres}." for one in changes]
    return sentences
