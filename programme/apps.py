"""The programme: what is done in the territories, and the site that tells it."""

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import m2m_changed, post_delete, post_save

from programme import statiques, verifications  # noqa: F401 - its checks register themselves
from programme.bases import a_la_fin
from programme.catalogue import ordre
from territoires.signaux import donnees_chargees

PRIVATE = {
    "programme.DonneesVersion",
    "programme.Import",
    "programme.JournalAcces",
    "programme.LigneImport",
    "territoires.Agent",
    "territoires.LigneChargee",
}


class ProgrammeConfig(AppConfig):
    name = "programme"
    verbose_name = "programme"

    def ready(self):
        statiques.leave_out_unused()
        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(bump_data_version, dispatch_uid="programme.bump_data_version")
        connection_created.connect(ordre.add_function, dispatch_uid="programme.ordre")
        donnees_chargees.connect(after_load, dispatch_uid="programme.after_load")

        from programme.catalogue.recherche import signaux  # noqa: PLC0415 - it needs the models

        signaux.connect()


def bump_data_version(sender, **kwargs):
    """Whatever may change a public answer gives the data a new version, in its transaction."""
    if is_public_data(sender):
        a_la_fin(new_version)


def after_load(sender, **kwargs):
    """A load writes in bulk, without the signals above."""
    a_la_fin(new_version)


def new_version(_):
    apps.get_model("programme", "DonneesVersion").objects.bump()


def is_public_data(model):
    """Whether rows of `model` can show in public: all of ours but agents, history, own tools."""
    meta = model._meta
    return (
        meta.app_label in {"territoires", "programme"}
        and not hasattr(model, "history_object")
        and meta.label not in PRIVATE
        and meta.label != "territoires.Agent_regions"
    )
