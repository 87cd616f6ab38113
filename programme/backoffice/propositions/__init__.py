"""Proposals in the back-office: the form that makes one, the page and the form that answer it."""
