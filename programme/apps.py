"""The programme: what is done in the territories, and the site that tells it."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from programme import (
    statiques,
    suivi_public,
    verifications,  # noqa: F401 - its checks register themselves
)
from programme.catalogue import ordre
from programme.pannes import limites


class ProgrammeConfig(AppConfig):
    name = "programme"
    verbose_name = "programme"

    def ready(self):
        statiques.leave_out_unused()
        suivi_public.connect()
        connection_created.connect(ordre.add_function, dispatch_uid="programme.ordre")
        connection_created.connect(limites.apply, dispatch_uid="programme.limites")

        # They need the models.
        from programme import suivi_lignees, suivi_rangements  # noqa: PLC0415
        from programme.backoffice.cadre.historique.mots import Formateur  # noqa: PLC0415
        from programme.backoffice.identite import liens  # noqa: F401, PLC0415 - its tasks
        from programme.bases import repliques  # noqa: PLC0415
        from programme.catalogue.recherche import passe, signaux  # noqa: PLC0415
        from programme.catalogue.suivre import envois  # noqa: F401, PLC0415 - its task, its round
        from programme.donnees.parutions import taches  # noqa: F401, PLC0415 - its tasks
        from programme.occultation import acte  # noqa: F401, PLC0415 - its task
        from programme.templatetags.portail import cite  # noqa: PLC0415

        repliques.connect()
        suivi_lignees.connect()
        suivi_rangements.connect()
        signaux.connect()
        passe.connect()
        Formateur.citer = staticmethod(cite)
