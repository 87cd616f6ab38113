"""What a screen has beside its form: small objects that it declares, each with its own work."""

from copy import copy


class Piece:
    """One thing that a screen has: `importation = Importation("projets")`.

    Read from a screen, it is a copy that works for that screen, `ecran`. Each of the hooks below
    adds nothing by itself.
    """

    ecran = None

    def __get__(self, ecran, owner=None):
        if ecran is None:
            return self
        piece = copy(self)
        piece.ecran = ecran
        return piece

    def at(self, request):
        """The same, of the screen that serves one request."""
        return self.__get__(self.ecran.at(request))

    @property
    def model(self):
        return self.ecran.model

    @property
    def opts(self):
        return self.ecran.opts

    @property
    def admin_site(self):
        return self.ecran.admin_site

    def address_name(self, page):
        """The name of the address of a page of the screen's model."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    # --- What a piece adds ------------------------------------------------------------------------

    def urls(self):
        """Addresses, before those of the screen."""
        return []

    def readonly(self, request, obj):
        """Names of fields that the form of `obj` shows and does not let change."""
        return []

    def context(self, request, obj):
        """What the page of `obj` is drawn with; `obj` is None where one is added."""
        return {}

    def list_context(self, request):
        """What the list is drawn with."""
        return {}


def pieces_of(ecran):
    """The pieces that a screen's class and those before it declare; the latest has its name."""
    names = {
        name: None
        for one in reversed(type(ecran).__mro__)
        for name, value in vars(one).items()
        if isinstance(value, Piece)
    }
    found = [getattr(ecran, name) for name in names]
    return [piece for piece in found if piece is not None]
