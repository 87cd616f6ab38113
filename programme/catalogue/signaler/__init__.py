"""Corrections from outside: reported without an account, public once they are answered."""
