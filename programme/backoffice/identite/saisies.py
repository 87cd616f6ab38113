"""What was typed and could not be saved: given back.

A form whose session was over is kept, and given back after signing in.

Each form names who opened it, signed (`{% auteur_de_la_saisie request %}`). What is sent without a
session is kept in the new one, for that agent and that address only, and shown again by the page as
a form that is not saved: it is checked anew, and sent again, by its author.

What the database could not take (`typed`) is kept by the answer itself, as a form to send again.
"""

import time

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponseRedirect, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.views.csrf import csrf_failure

from programme.backoffice.identite.second_facteur import OUVERTES, SUITE, is_missing
from programme.requetes import ADMINISTRATION

CHAMP = "saisie_de"
GARDEES = "identite_saisies"
# Seconds to sign in again; forms that one session keeps; characters of each.
DUREE = 4 * 3600
NOMBRE = 3
TAILLE = 1_000_000
GARDEE = "Votre saisie est gardée : connectez-vous, elle vous sera rendue."
TROP_LONGUE = (
    "Votre saisie est trop longue pour être gardée pendant la connexion : revenez à la page "
    "précédente avec votre navigateur et copiez-la avant de vous connecter."
)
_signer = signing.Signer(salt="programme.saisies")


def sign(request):
    """Who opened the page of `request`, and which page: what only we can write."""
    return _signer.sign_object([request.user.pk, request.path])


def author_of(request):
    """The key of the agent who opened the form that `request` sends; None without proof."""
    try:
        agent, path = _signer.unsign_object(request.POST.get(CHAMP, ""))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return agent if path == request.path else None


def is_nobody(request):
    """Whether the back-office is closed to `request`: no session, or one without second factor."""
    return not request.user.is_authenticated or is_missing(request)


def keep(request):
    """Keep in the session what `request` sends: whether it was a form of ours, short enough."""
    author = author_of(request)
    if author is None:
        return False
    data = request.POST.copy()
    for name in ("csrfmiddlewaretoken", CHAMP):
        data.pop(name, None)
    text = data.urlencode()
    if len(text) > TAILLE:
        messages.error(request, TROP_LONGUE)
        return False
    entry = {
        "agent": author,
        "adresse": request.get_full_path(),
        "le": int(time.time()),
        "donnees": text,
        "fichiers": {name: file.name for name, file in request.FILES.items()},
    }
    entries = [e for e in request.session.get(GARDEES, []) if e["adresse"] != entry["adresse"]]
    request.session[GARDEES] = [*entries, entry][-NOMBRE:]
    return True


# Under the addresses of an account, what is never written in a page.
SECRETS = {"password", "password1", "password2", "oldpassword", "code", "credential"}


class _Jeton(CsrfViewMiddleware):
    """Django's own check, that says why instead of answering."""

    def _reject(self, request, reason):
        return reason


def is_forged(request):
    """Whether the form that `request` sends was made by another site."""
    check = _Jeton(lambda request: None)
    check.process_request(request)
    return check.process_view(request, None, (), {}) is not None


def typed(request):
    """`(fields, files)` of the form that was sent: [(name, value)] as sent, [file name].

    Nothing of a form made elsewhere, of no form of the back-office, or that could not be read.
    """
    if request.method != "POST" or not request.path_info.startswith(ADMINISTRATION):
        return [], []
    if is_forged(request):
        return [], []
    secrets = SECRETS if request.path_info.startswith(OUVERTES) else ()
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in secrets
    ]
    return fields, [file.name for files in request.FILES.lists() for file in files[1]]


def take(request):
    """The entry that waits for this agent at this address, forgotten at once; None without any.

    What another agent typed, or what waited too long, is forgotten too.
    """
    entries = request.session.get(GARDEES)
    if not entries:
        return None
    oldest = time.time() - DUREE
    mine = [e for e in entries if e["agent"] == request.user.pk and e["le"] >= oldest]
    found = next((e for e in mine if e["adresse"] == request.get_full_path()), None)
    request.session[GARDEES] = [entry for entry in mine if entry is not found]
    return found


class SaisiesGardees:
    """Sets `request.saisie_rendue`, the data to show again, and `request.fichiers_a_choisir`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        path = request.path_info
        if not path.startswith(ADMINISTRATION) or path.startswith(OUVERTES):
            return self.get_response(request)
        if request.method == "GET":
            self._give_back(request)
            return self.get_response(request)
        response = self.get_response(request)
        if request.method == "POST" and response.status_code == 302 and is_nobody(request):
            self._keep(request)
        return response

    def _give_back(self, request):
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or is_nobody(request):
            return
        if entry := take(request):
            request.saisie_rendue = QueryDict(entry["donnees"])
            request.fichiers_a_choisir = entry["fichiers"]

    def _keep(self, request):
        if keep(request):
            messages.info(request, GARDEE)
            if request.user.is_authenticated:
                request.session[SUITE] = request.get_full_path()


def csrf_refused(request, reason=""):
    """403; but a form that we made for this very agent is shown again, to be sent anew.

    Signing in again in another tab is enough for a form to carry a token of the past.
    """
    author, nobody = author_of(request), is_nobody(request)
    ours = request.path_info.startswith(ADMINISTRATION) and author is not None
    # Without a session, `SaisiesGardees` keeps it: it sees that the answer leads elsewhere.
    if ours and (nobody or (author == request.user.pk and keep(request))):
        return HttpResponseRedirect(request.get_full_path())
    return csrf_failure(request, reason=reason)
