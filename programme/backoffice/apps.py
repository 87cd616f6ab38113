"""Django's admin, as the committees' back-office."""

from django.contrib.admin.apps import AdminConfig


class BackofficeAdminConfig(AdminConfig):
    default_site = "programme.backoffice.site.BackofficeSite"

    def ready(self):
        super().ready()

        from programme.backoffice.identite import signaux  # noqa: PLC0415 - it needs the models

        signaux.connect()

        from programme.backoffice.propositions import signaux as propositions  # noqa: PLC0415

        propositions.connect()

        from programme.backoffice.avis import envois  # noqa: F401, PLC0415
        from programme.backoffice.avis import signaux as avis  # noqa: PLC0415

        avis.connect()
