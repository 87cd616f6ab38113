"""Drills: the real site, served by gunicorn on a real database, while something breaks for real.

`make epreuves` runs them all and prints a table; `python -m tests.epreuves pannes` runs one family.
A family is a module of this package with `main(options)`, that prints Markdown and returns whether
everything was as it must be; name it in `FAMILLES`, in `__main__.py`.
"""
