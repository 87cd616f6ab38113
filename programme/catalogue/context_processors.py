"""What every template may use, without a query."""

from django.conf import settings

from programme.catalogue.moments import lu
from programme.catalogue.navigation import menu


def site(request):
    """`SITE`: the identity of the site (nom, accroche, institution, officiel, url…).

    `menu`: the entries of the main navigation, see `programme.catalogue.navigation`.
    `moment_lu`: the moment at which the page is read, see `programme.catalogue.moments`; else None.
    `voir_comme`: whom an administrator sees the portal as, see `identite.voir_comme`; else None.
    """
    return {
        "SITE": settings.SITE,
        "menu": menu(request.path),
        "moment_lu": lu(request),
        "voir_comme": getattr(request, "voir_comme", None),
    }
