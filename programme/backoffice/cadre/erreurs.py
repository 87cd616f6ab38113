"""The errors of a refused form in one list: which field, what is wrong, the way to it."""

from dataclasses import dataclass

from django.utils.text import capfirst


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
