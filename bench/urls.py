"""The site's addresses, and the emptiest view: what the middlewares alone cost."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    # Under /sante/, where no page is kept.
    path("sante/vide/", lambda request: HttpResponse()),
    path("", include("programme.urls")),
]
