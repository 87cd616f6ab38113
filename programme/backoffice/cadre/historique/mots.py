"""A history in words: the values of fields, who did it and when."""

import json
from dataclasses import dataclass
from datetime import date

from django.contrib import admin
from django.contrib.admin.utils import display_for_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.text import get_text_list

from territoires.dates import JOUR, date_in_words, en_chiffres, moment_in_words
from territoires.historiques import differences
from territoires.reponses import NON_RENSEIGNE

VIDE = NON_RENSEIGNE
MASQUE = "hors de votre périmètre"
COMMANDE = "une commande"
TYPES = {"+": "création", "~": "modification", "-": "suppression"}


@dataclass(frozen=True)
class Changement:
    """One field that changed, in words."""

    nom: str
    champ: str
    avant: str
    apres: str


class Formateur:
    """Says a field's value in French, without naming a row that the agent may not see."""

    masque = MASQUE
    citer = staticmethod(str)
    """Puts in words the documents that the text of a source names; the site knows them."""

    def __init__(self, agent):
        self.agent = agent
        self.noms = {}

    # --- Names of rows ------------------------------------------------------------------------

    def learn(self, ecarts):
        """Read the names of every row that `ecarts` cite: two queries a model at most."""
        wanted = {}
        for ecart in ecarts:
            if ecart.field.is_relation:
                for value in (ecart.avant, ecart.apres):
                    keys = value if isinstance(value, tuple) else (value,)
                    wanted.setdefault(ecart.field.related_model, set()).update(keys)
        for model, keys in wanted.items():
            self._learn(model, {k for k in keys if k is not None and (model, k) not in self.noms})

    def _learn(self, model, keys):
        if not keys:
            return
        rows = model._base_manager.filter(pk__in=keys)
        if admin.site.is_registered(model):
            # What a name is made of is what the list of its own screen loads.
            related = admin.site.get_model_admin(model).list_select_related
            rows = rows.select_related(*related) if related else rows
        inside = self.visible(model, keys)
        gone = f"{model._meta.verbose_name} qui n’existe plus"
        self.noms |= {(model, key): gone for key in keys}
        for row in rows:
            self.noms[model, row.pk] = str(row) if row.pk in inside else self.masque

    def visible(self, model, keys):
        """Those of `keys` whose rows may be named."""
        return visible_keys(self.agent, model, keys)

    def _name(self, field, value):
        key = value.pk if isinstance(value, Model) else value
        if (field.related_model, key) not in self.noms:
            self._learn(field.related_model, {key})
        return self.noms[field.related_model, key]

    # --- Values -------------------------------------------------------------------------------

    def value(self, field, value, precision=None):
        """In words. A relation is a key or a row, a many-to-many a collection of either.

        `precision` is what a date stands for; without it, a date that has one beside it is told
        in figures, as it is typed.
        """
        if value is None or value in ("", [], ()):
            return VIDE
        if field.many_to_many:
            keys = {one.pk if isinstance(one, Model) else one for one in value}
            self._learn(
                field.related_model, {k for k in keys if (field.related_model, k) not in self.noms}
            )
            return ", ".join(sorted(self.noms[field.related_model, key] for key in keys)) or VIDE
        if field.is_relation:
            return self._name(field, value)
        if field.name.partition("_")[0] == "source" and isinstance(value, str):
            return self.citer(value)
        return _plain(field, value, precision)

    def told(self, ecarts):
        """The `Changement`s of `ecarts`."""
        self.learn(ecarts)
        return [
            Changement(
                ecart.field.name,
                str(ecart.field.verbose_name),
                *(
                    self.value(ecart.field, value, precision)
                    for value, precision in zip(
                        (ecart.avant, ecart.apres), ecart.precisions, strict=True
                    )
                ),
            )
            for ecart in ecarts
        ]

    def changes(self, model, new, old):
        """The `Changement`s between two historical records of `model`."""
        return self.told(differences([(new, old)])[0])


def file_name(field, path):
    """The name that people know a stored file by: kept beside its path, which is ours."""
    named = field.model.history.filter(**{field.name: path}) if path else None
    if named is None or not any(f.name == f"nom_{field.name}" for f in field.model._meta.fields):
        return path.rpartition("/")[2]
    names = named.exclude(**{f"nom_{field.name}": ""}).values_list(f"nom_{field.name}", flat=True)
    return names.first() or path.rpartition("/")[2]


def _plain(field, value, precision):
    if isinstance(value, date):
        typed = precision is None and field.name in getattr(field.model, "precisions", ())
        return en_chiffres(value) if typed else date_in_words(value, precision or JOUR)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and field.get_internal_type() == "FileField":
        return file_name(field, value)  # its address is another door
    if isinstance(value, str) and not field.choices:
        return value
    # A value that is none of the choices is told as it is: only no value is told as empty.
    return str(display_for_field(value, field, str(value)))


def visible_keys(agent, model, keys):
    """Those of `keys` whose rows are in the agent's perimeter; all when everything is."""
    if not hasattr(model, "perimetre") or model.perimetre.condition(agent) == Q():
        return set(keys)
    rows = model._default_manager.visible_to(agent).filter(pk__in=keys)
    return set(rows.values_list("pk", flat=True))


def names_of(records):
    """{(model, key): name} of the rows of historical `records`, as the latest of these says.

    A few queries for each model that a name is made of, whatever the number of records.
    """
    latest = {}
    for record in records:
        model = record.instance_type
        key = getattr(record, model._meta.pk.attname)
        known = latest.get((model, key))
        if known is None or record.history_date > known.history_date:
            latest[model, key] = record
    parents = _parents(latest.values())
    return {row: _name(record, parents) for row, record in latest.items()}


def _parents(records):
    """The rows that foreign keys of `records` lead to, by (model, key); gone ones as they were."""
    wanted = {}
    for record in records:
        for field in _foreign_keys(record):
            if (key := getattr(record, field.attname)) is not None:
                wanted.setdefault(field.related_model, set()).add(key)
    found = {}
    for model, keys in wanted.items():
        rows = model._base_manager.filter(pk__in=keys)
        if admin.site.is_registered(model):
            related = admin.site.get_model_admin(model).list_select_related
            rows = rows.select_related(*related) if related else rows
        found |= {(model, row.pk): row for row in rows}
        gone = {key for key in keys if (model, key) not in found}
        if gone and hasattr(model, "history"):
            last = model.history.filter(history_type="-", **{f"{model._meta.pk.attname}__in": gone})
            for record in last.order_by("history_date", "history_id"):
                instance = record.instance
                found[model, instance.pk] = instance
    return found


def _foreign_keys(record):
    return [f for f in record.tracked_fields if f.is_relation and f.name != "auteur"]


def _name(record, parents):
    instance = record.instance
    for field in _foreign_keys(record):
        row = parents.get((field.related_model, getattr(record, field.attname)))
        if row is not None:
            record.instance_type._meta.get_field(field.name).set_cached_value(instance, row)
    try:
        return str(instance)
    except ObjectDoesNotExist:
        # What its name is made of is gone, and so is what tells of it.
        return f"{record.instance_type._meta.verbose_name} n° {instance.pk}"


def day_of(moment):
    """« 3 mai 2022 », in France."""
    return date_in_words(moment)


def who(record):
    return str(record.history_user) if record.history_user else COMMANDE


def who_and_when(records):
    """« Camille Martin, le 3 mai 2022 à 14:05 » of the authors of `records`, each once."""
    last = {}
    for record in records:
        last.setdefault(who(record), timezone.localtime(record.history_date))
    said = [f"{name} (le {moment_in_words(when)})" for name, when in last.items()]
    return get_text_list(said, "et") or "quelqu’un"


def lignes_en_mots(agent, lignes, *, defaites=False):
    """[{nom, genre, nouvelle, changements}] of the rows that an act wrote (`corrections.Ligne`).

    nouvelle: whether the act made the row. defaites: the changes of its correction, not its own.
    """
    words = Formateur(agent)
    told = []
    for line in lignes:
        sides = (line.avant, line.apres) if defaites else (line.apres, line.avant)
        told.append(
            {
                "nom": str(line.apres.instance),
                "genre": line.model._meta.verbose_name,
                "nouvelle": line.est_nouvelle,
                "changements": [] if line.est_nouvelle else words.changes(line.model, *sides),
            }
        )
    return told
