"""Open data is open to the pages of other sites too: any origin reads it, without credentials."""

from django.http import HttpResponse

from programme.requetes import ADMINISTRATION

ANNOUNCED = (
    "X-Total-Count, X-Donnees-Version, X-Horizon, X-Ecartes, X-Moment, X-Preuve, ETag, Link, "
    "Memento-Datetime, "
    "Content-Disposition, Retry-After, RateLimit, RateLimit-Policy, Content-Length, "
    "Accept-Ranges, Content-Range, Repr-Digest, Content-Digest"
)
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    # What a program may add without being somebody: never Authorization.
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Cache-Control, Content-Language, Content-Type, "
        "If-Match, If-Modified-Since, If-None-Match, If-Range, Range, X-Requested-With"
    ),
    "Access-Control-Max-Age": "86400",
}


class DonneesOuvertes:
    """Any origin may read a public answer that is not a page, errors included.

    `*` without `Access-Control-Allow-Credentials`: a browser gives no other site what only a
    session would show. Nothing of the back-office is concerned.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if f"{request.path}/".startswith(ADMINISTRATION):
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return HttpResponse(status=204, headers=PREFLIGHT)
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", "")
        # « Not modified » says nothing of its type: what the browser kept already does.
        page = kind.startswith("text/html") and response.status_code != 304
        if request.method in ("GET", "HEAD") and not page:
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = ANNOUNCED
        return response
