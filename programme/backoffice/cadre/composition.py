"""What a screen is composed of: pieces that it declares, and the turn of one request.

A request is served by a copy of the screen, which holds what the turn says.
"""

from copy import copy
from dataclasses import dataclass, field
from typing import Any

from programme.backoffice.cadre.historique.mots import Formateur


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

    def added(self, request, obj, response):
        """Where the agent is led to once `obj` is added; `response` is where, without it."""
        return response

    def list_context(self, request):
        """What the list is drawn with."""
        return {}

    def actions(self, request):
        """{name: (function of a screen, a request and rows, words)}: acts on a selection."""
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


class Mode:
    """What saving does in a turn: here, it saves. Others do something else of the same form."""

    saves = True
    reason = ""
    """What the history keeps of the save, whatever was merged."""

    def opens(self, obj):
        """Whether the form of `obj` is open, whatever locks it."""
        return False

    def readonly(self, obj):
        """Names of fields that the form of `obj` does not let change in this mode."""
        return []

    def fields(self, obj):
        """{name: field} that the form of `obj` has beside those of the record."""
        return {}

    def context(self, request, context, obj):
        """What the page of the form is drawn with."""
        return {}

    def before(self, obj):
        """Called before `obj` is saved."""

    def keep(self, request, form, formsets):
        """Called once all is saved, in its transaction; in place of it where nothing is."""

    def response(self, request, usual):
        """Where the agent is led to; `usual` answers as Django does."""
        return usual()


@dataclass
class Tour:
    """What a form is shown with, refused for, and what is told once it is saved.

    rendue: the data to show again, of a form that was never saved, and in `raison` why. fichiers:
    {field: name of the file to choose again}. refus: why the whole form is refused; fautes:
    {field: why}. dits: [(sentence, level of message)] to tell once it is saved. mode: what saving
    does. empreinte: what a page that deletes has shown.
    """

    rendue: Any = None
    raison: str = ""
    fichiers: dict = field(default_factory=dict)
    refus: str = ""
    fautes: dict = field(default_factory=dict)
    dits: list = field(default_factory=list)
    mode: Mode = field(default_factory=Mode)
    empreinte: str = ""
    dedans: dict = field(default_factory=dict)
    """{(model, key): whether the row lies in the agent's perimeter}, as it was asked."""
    offerts: dict = field(default_factory=dict)
    """{(relation, key): whether the row is among the choices}, as it was asked."""
    _formateur: Formateur | None = None

    @classmethod
    def of(cls, request):
        rendue = getattr(request, "saisie_rendue", None)
        return cls(rendue=rendue, fichiers=getattr(request, "fichiers_a_choisir", {}))

    def mots(self, agent):
        """The function of a field and a value that says it to `agent`."""
        if self._formateur is None:
            self._formateur = Formateur(agent)
        return self._formateur.value

    def refuse(self, refus, **fautes):
        """Start again, to show why nothing was saved; what was asked may have changed."""
        self.refus, self.fautes = refus, fautes
        for memo in (self.dits, self.dedans, self.offerts):
            memo.clear()


def at_its_turn(view, request):
    """A view of a screen, on a copy of the screen made for this request."""
    screen = getattr(view, "__self__", None)
    return getattr(screen.at(request), view.__name__) if hasattr(screen, "at") else view
