"""A new version of the data at each change of what the public may see, and at no other.

A row is compared with itself, as the public sees it, before and after each save: a draft is nothing
both times, publishing makes something of nothing. What is written in bulk sends no signal: whoever
does it asks `any_public`.
"""

from functools import cache

from django.apps import apps
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from programme.bases import a_la_fin, attend
from territoires.signaux import carte_changee, donnees_chargees

PRIVATE = {
    "programme.Abonne",
    "programme.Abonnement",
    "programme.Avis",
    "programme.Citation",
    "programme.DecisionPreparee",
    "programme.DonneesVersion",
    "programme.EntreeIndex",
    "programme.Envoi",
    "programme.Import",
    "programme.JournalAcces",
    "programme.LigneImport",
    "programme.MotIndex",
    "programme.Preuve",
    "programme.Proposition",
    "programme.Rangement",
    "programme.Retouche",
    "programme.RythmeAvis",
    "programme.Tache",
    "programme.Tournee",
    "programme.TrigrammeIndex",
    "territoires.Agent",
    "territoires.Agent_regions",
    "territoires.EtatAncien",
    "territoires.LigneChargee",
    "territoires.Modification",
}
"""Tools of the portal, the search index and the rangements, which follow the records that they are
made of, and what is proposed, which says by itself when an answer becomes public.
"""

BOOKKEEPING = {"version", "version_avant", "auteur"}
"""Columns that count or sign the saves of a row; no public answer reads them."""

LOT = 500


@cache
def is_public_data(model):
    """Whether rows of `model` can show in public: all of ours but histories and `PRIVATE`.

    What has no table of its own is read from the others.
    """
    history = hasattr(model, "history_object") or hasattr(model, "m2m_history_id")
    ours = model._meta.app_label in {"territoires", "programme"}
    return ours and model._meta.managed and not history and model._meta.label not in PRIVATE


def public_rows(model):
    """The rows of `model` that anybody may see: the published ones, or all of a reference table."""
    rows = model._default_manager.all()
    return rows.published() if hasattr(rows, "published") else rows


def any_public(model, keys):
    """Whether the public may see one of the rows of `model`, by primary key."""
    keys = list(keys)
    return is_public_data(model) and any(
        public_rows(model).filter(pk__in=keys[start : start + LOT]).exists()
        for start in range(0, len(keys), LOT)
    )


def connect():
    for model in apps.get_models(include_auto_created=True):
        if not is_public_data(model):
            continue
        for signal, receiver in (
            (pre_save, _before_save),
            (post_save, _after_save),
            (pre_delete, _before_delete),
            (post_delete, _after_delete),
            (m2m_changed, _on_list),
        ):
            uid = f"suivi_public.{receiver.__name__}"
            signal.connect(receiver, sender=model, dispatch_uid=uid)
    donnees_chargees.connect(_on_load, dispatch_uid="suivi_public.chargement")
    carte_changee.connect(_on_load, dispatch_uid="suivi_public.carte")


def _seen(model, key):
    """The row as the public sees it; None when it does not."""
    row = public_rows(model).filter(pk=key).values().first()
    return row and {name: value for name, value in row.items() if name not in BOOKKEEPING}


def _bump():
    a_la_fin(new_version)


def new_version(_):
    """Count one change more, whatever a transaction changed."""
    apps.get_model("programme", "DonneesVersion").objects.bump()


# One change is enough: once a version is to be made, the rows that follow are not compared.


def _before_save(sender, instance, **kwargs):
    if not (instance._state.adding or attend(new_version)):
        instance._vu_avant = _seen(sender, instance.pk)


def _after_save(sender, instance, **kwargs):
    before = instance.__dict__.pop("_vu_avant", None)
    if not attend(new_version) and before != _seen(sender, instance.pk):
        _bump()


def _before_delete(sender, instance, **kwargs):
    # Asked before anything goes: the publication of a parent counts, and it may go first.
    if not attend(new_version):
        instance._vu_avant = _seen(sender, instance.pk)


def _after_delete(sender, instance, **kwargs):
    if instance.__dict__.pop("_vu_avant", None):
        _bump()


def _on_list(sender, instance, action, pk_set, **kwargs):
    changed = action.startswith("post_") and pk_set != set() and not attend(new_version)
    if changed and any_public(type(instance), [instance.pk]):
        _bump()


def _on_load(sender, **kwargs):
    _bump()
