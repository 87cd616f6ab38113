"""A request that stands for another: what was received stays as it was. And whose addresses are."""

from django.http import QueryDict
from django.urls import resolve

ADMINISTRATION = "/admin/"
"""What belongs to officers: no other site shows it, no cache but ours keeps it."""
SANS_PUBLIC = (ADMINISTRATION, "/static/", "/sante/")
"""Addresses that tell nothing of the programme: no strict reading, no past, no kept copy."""


def request_with(request, **values):
    """A request like this one with other `values`; this one stays as it was received."""
    # Not `copy`: pickling's own words would leave its address and its cookies behind.
    other = request.__class__.__new__(request.__class__)
    other.__dict__.update(request.__dict__)
    for name, value in values.items():
        setattr(other, name, value)
    return other


def put_to(view, request, query, kwargs=None, **values):
    """`view`, set up as for a visitor who asks it for `query`; `values`: other ones of its request.

    kwargs: what its address holds, if anything.
    """
    meta = {**request.META, "QUERY_STRING": query}
    asked = request_with(request, method="GET", GET=QueryDict(query), META=meta, **values)
    view.setup(asked, **(kwargs or {}))
    return view


def view_of(request, address, query):
    """The view of a public address, set up as for a visitor who asks it for `query`."""
    match = resolve(address)
    view = match.func.view_class(**match.func.view_initkwargs)
    return put_to(view, request, query, match.kwargs, path=address, path_info=address)
