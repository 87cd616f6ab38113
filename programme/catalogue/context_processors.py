"""What every template may use, without a query."""

from django.conf import settings


def site(request):
    """`SITE`: the identity of the site (nom, accroche, institution, officiel, url…)."""
    return {"SITE": settings.SITE}
