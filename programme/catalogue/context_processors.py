"""What every template may use, without a query."""

from django.conf import settings

from programme.catalogue.navigation import menu


def site(request):
    """`SITE`: the identity of the site (nom, accroche, institution, officiel, url…).

    `menu`: the entries of the main navigation, see `programme.catalogue.navigation`.
    """
    return {"SITE": settings.SITE, "menu": menu(request.path)}
