"""A record on a page of the desk: its name, the way to it, and what is said of it."""

from dataclasses import dataclass

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from programme.templatetags.portail import pluriel
from territoires import dates


@dataclass(frozen=True)
class Lien:
    """A record's name and the address of its page in the admin, with what is said of it."""

    nom: str
    url: str
    mention: str = ""


@dataclass(frozen=True)
class Groupe:
    """Some records of one kind: the first ones, how many in all, the way to the others."""

    nom: str
    lignes: list[Lien]
    nombre: int
    url: str

    @property
    def reste(self):
        """How many are not named."""
        return self.nombre - len(self.lignes)


def lien(obj, mention=""):
    """The `Lien` to a record's page in the admin."""
    opts = obj._meta
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk])
    return Lien(str(obj), url, mention)


def avec_noms(rows):
    """The rows with what their names are made of: what the list of their own screen loads."""
    related = admin.site.get_model_admin(rows.model).list_select_related
    return rows.select_related(*related) if related else rows


def adresse(name, cadre, **parameters):
    """Address of a page of the desk, for the same région; empty parameters are left out."""
    if cadre.region:
        parameters["region"] = cadre.region.pk
    said = "&".join(f"{key}={value}" for key, value in parameters.items() if value)
    return reverse(f"admin:{name}") + (f"?{said}" if said else "")


def depuis_le(moment):
    """« depuis le 3 mai 2022 (12 jours) »; empty when nothing tells."""
    if moment is None:
        return ""
    day = timezone.localdate(moment)
    waited = (timezone.localdate() - day).days
    if waited == 0:
        return "depuis aujourd’hui"
    return f"{dates.depuis(day)} ({pluriel(waited, 'jour')})"
