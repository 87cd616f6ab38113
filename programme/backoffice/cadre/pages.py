"""The head of a record's page: its name, and the errors of a refused form in one list."""

from dataclasses import dataclass

from django.utils.text import capfirst

from territoires.mots import un


def headline(obj):
    """The name of a record (or a name) as a heading: « Contrat… », yet « iXblue » as it is."""
    name = str(obj)
    return capfirst(name) if name.partition(" ")[0].islower() else name


def heading(opts, obj):
    """The title of a record's page: what it is, then its kind."""
    if obj is None:
        return {"title": f"Ajouter {un(opts.verbose_name)}", "subtitle": None}
    return {"title": headline(obj), "subtitle": capfirst(str(opts.verbose_name))}


@dataclass(frozen=True)
class Erreur:
    """One error. `cible` is the `id` of the field on the page."""

    champ: str
    phrase: str
    cible: str


def _of_form(form, where=""):
    for name, sentences in form.errors.items():
        if name not in form.fields or form[name].is_hidden:
            continue  # told at the top of the form, or of the row
        bound = form[name]
        label = f"{where}{capfirst(str(bound.label))}"
        yield from (Erreur(label, str(s), bound.auto_id) for s in sentences)


def summary_of(adminform, inline_admin_formsets):
    """The `Erreur`s of the fields of a page: its own, then those of each row of its inlines."""
    found = [*_of_form(adminform.form)]
    for inline in inline_admin_formsets:
        kind = capfirst(str(inline.opts.verbose_name))
        for rank, form in enumerate(inline.formset.forms, start=1):
            found += _of_form(form, f"{kind}, ligne {rank} : ")
    return found
