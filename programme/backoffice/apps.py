"""Django's admin, as the committees' back-office."""

from django.contrib.admin.apps import AdminConfig


class BackofficeAdminConfig(AdminConfig):
    default_site = "programme.backoffice.site.BackofficeSite"
