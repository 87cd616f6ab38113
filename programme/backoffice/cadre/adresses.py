"""Public addresses: composed once, when a record is made, then never changed."""

from itertools import chain, count

from django.utils.text import slugify


def free_slug(model, words):
    """A slug of `words` that no row of `model` has yet, within the field's length."""
    base = _base(model, words)
    taken = model._base_manager.filter(slug__startswith=base).values_list("slug", flat=True)
    return _first_free(base, set(taken))


def free_slugs(model, many_words):
    """The same for each of `many_words`, all different: one query for all of them."""
    taken = set(model._base_manager.values_list("slug", flat=True))
    for words in many_words:
        slug = _first_free(_base(model, words), taken)
        taken.add(slug)
        yield slug


def _base(model, words):
    length = model._meta.get_field("slug").max_length
    return slugify(" ".join(words))[: length - 5].strip("-") or model._meta.model_name


def _first_free(base, taken):
    return next(
        slug for slug in chain([base], (f"{base}-{rank}" for rank in count(2))) if slug not in taken
    )
