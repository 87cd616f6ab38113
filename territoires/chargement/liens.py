"""Many-to-many columns: read, replaced and kept in history, many rows at a time."""

from collections import defaultdict


def _liaison(modele, colonne):
    """The through model of a column, and its two attributes: owner's key, target's key."""
    champ = modele._meta.get_field(colonne)
    through = champ.remote_field.through
    owner = through._meta.get_field(champ.m2m_field_name()).attname
    target = through._meta.get_field(champ.m2m_reverse_field_name()).attname
    return through, owner, target


def en_base(modele, colonne):
    """{key of the row: frozenset of the keys it is linked to}; rows without link are absent."""
    through, owner, target = _liaison(modele, colonne)
    found = defaultdict(set)
    for pk, linked in through._base_manager.values_list(owner, target):
        found[pk].add(linked)
    return {pk: frozenset(linked) for pk, linked in found.items()}


def actuels(instance, colonne):
    return frozenset(getattr(instance, colonne).values_list("pk", flat=True))


def remplacer(modele, colonne, voulus):
    """Give each row of `voulus`, {key: keys to link}, exactly those links."""
    through, owner, target = _liaison(modele, colonne)
    through._base_manager.filter(**{f"{owner}__in": list(voulus)}).delete()
    through._base_manager.bulk_create(
        [
            through(**{owner: pk, target: linked})
            for pk, targets in voulus.items()
            for linked in sorted(targets)
        ],
        batch_size=1000,
    )


def historiser(modele, colonnes, histories):
    """Complete the history rows that a bulk creation just wrote with the links of each row."""
    if not colonnes:
        return
    history = modele.history.model
    row_of = {getattr(row, modele._meta.pk.attname): row for row in histories}
    for colonne in colonnes:
        through, owner, _ = _liaison(modele, colonne)
        kept = getattr(history, colonne).model
        names = [champ.attname for champ in through._meta.fields]
        kept.objects.bulk_create(
            [
                kept(history=row_of[row[owner]], **row)
                for row in through._base_manager.filter(**{f"{owner}__in": row_of}).values(*names)
            ],
            batch_size=1000,
        )
