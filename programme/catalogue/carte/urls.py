"""Addresses, included by `programme.urls`."""

urlpatterns = []
