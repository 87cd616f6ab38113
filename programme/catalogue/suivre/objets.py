"""What can be followed: a filtered list, the journal, a record. Each is read from an address of the
site by the view that answers there, and told in the words of the journal.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.text import capfirst

from programme.catalogue.journal import lignes as journal
from programme.catalogue.journal.regle import (
    AJOUT,
    CHARGEMENT,
    PUBLICATION,
    RETRAIT,
    SUPPRESSION,
    genres,
)
from programme.catalogue.journal.vues import JournalView
from programme.catalogue.moments import PARAMETRE as MOMENT
from programme.catalogue.parcours import PARAMETRE
from programme.catalogue.requete import Requete
from programme.catalogue.vues import CatalogueView
from programme.models import Contrat, Engagement, Projet
from programme.models.base import Absorbable
from territoires.models import Commune, Intercommunalite, Operateur, Region, Territoire
from territoires.mots import un

CLE_MAX = 1_000  # characters
A_COTE = {PARAMETRE, "format"}
"""What the address of a record may hold and that changes nothing of it."""


class Refus(ValueError):
    """Nothing to follow there; the sentence says why, and the remedy."""


@dataclass
class Section:
    """What there is to tell of one thing that is followed.

    entrees, sorties: `(name, path)` of the rows that a list has gained, and of those that it has
    lost and that are still public. phrases: what is told without a name. lignes: `Ligne`s.
    """

    titre: str
    adresse: str
    entrees: list = field(default_factory=list)
    sorties: list = field(default_factory=list)
    phrases: list = field(default_factory=list)
    lignes: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.entrees or self.sorties or self.phrases or self.lignes)


def _demande(path, query=""):
    """What a visitor of an address would send."""
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.GET = QueryDict(query)
    request.META = {"QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    return request


def _vue(match, path, query):
    view = match.func.view_class(**match.func.view_initkwargs)
    view.setup(_demande(path, query), *match.args, **match.kwargs)
    return view


class Liste:
    """The rows of a list, as its address filters them."""

    def __init__(self, vue, query):
        path, query = reverse(vue), _sans_presentation(query)
        self.view = _vue(resolve(path), path, query)
        self.vue = vue
        if MOMENT in self.view.requete.data:
            raise Refus("Une liste à un moment passé ne change plus : retirez « au » pour suivre.")
        if self.view.erreurs:
            first = self.view.erreurs[0]
            raise Refus(f"{first.libelle} : {first.message}")
        if not self.view.suivie:
            raise Refus("Le journal ne dit rien de cette liste : rien n’y serait annoncé.")

    @property
    def cle(self):
        return _canonique(self.view.requete)

    @property
    def titre(self):
        return self.view.titre_filtre

    @property
    def adresse(self):
        return reverse(self.vue) + (f"?{self.cle}" if self.cle else "")

    @property
    def suivi(self):
        return f"la liste « {self.titre} »"

    def membres(self):
        return sorted(self.view.filterset.qs.order_by().values_list("pk", flat=True).distinct())

    def section(self, debut, fin, avant, apres):
        """What changed in it: `avant` and `apres` are its `membres` then and now."""
        jeu, code = self.view.jeu, self.view.jeu_code
        told = Section(self.titre, self.adresse)
        came, went = set(apres) - set(avant), set(avant) - set(apres)
        public = jeu.published().order_by()
        left = set(public.filter(pk__in=went).values_list("pk", flat=True))
        for keys, act, found in ((came, AJOUT, told.entrees), (left, None, told.sorties)):
            if len(keys) > journal.SEUIL:
                told.phrases.append(_en_nombre(code, act, len(keys)))
            else:
                rows = public.filter(pk__in=keys)
                found.extend(sorted((str(row), journal.address_of(row)) for row in rows))
        if gone := len(went - left):
            told.phrases.append(_en_nombre(code, RETRAIT, gone))
        key = genres()[code].model._meta.pk.attname
        stayed = list(set(apres) & set(avant))
        told.lignes = journal.between(
            {code: journal.Q(**{f"{key}__in": stayed})},
            debut,
            fin,
            sauf=(AJOUT, CHARGEMENT, PUBLICATION, RETRAIT, SUPPRESSION),
        )
        return told


def _en_nombre(code, act, count):
    """« 12 projets ajoutés », « 3 projets n’y sont plus »."""
    if act:
        return journal.Groupe(timezone.localdate(), code, act, count).phrase
    opts = genres()[code].model._meta
    noun = opts.verbose_name if count == 1 else opts.verbose_name_plural
    return f"{count} {noun} n’y {'est' if count == 1 else 'sont'} plus"


class Journal:
    """The journal, as its address filters it."""

    vue = "journal"
    PERIODE = ("du", "au")

    def __init__(self, query):
        path, query = reverse(self.vue), _sans_presentation(query)
        self.view = _vue(resolve(path), path, query)
        if self.view.erreurs:
            first = self.view.erreurs[0]
            raise Refus(f"{first.libelle} : {first.message}")
        if any(self.view.form.cleaned_data[name] for name in self.PERIODE):
            raise Refus("Une période du journal ne change plus : retirez ses dates pour le suivre.")

    @property
    def cle(self):
        return _canonique(self.view.requete)

    @property
    def titre(self):
        asked = self.view.form.cleaned_data
        words = [str(asked[name]) for name in ("region", "territoire") if asked[name]]
        if asked["genre"]:
            words.append(genres()[asked["genre"]].jeu.titre)
        return " : ".join(["Journal des modifications", ", ".join(words)]).removesuffix(" : ")

    @property
    def adresse(self):
        return reverse(self.vue) + (f"?{self.cle}" if self.cle else "")

    @property
    def suivi(self):
        return f"« {self.titre} »"

    def membres(self):
        return []

    def section(self, debut, fin, avant, apres):
        conditions = self.view.form.conditions
        lignes = journal.between(conditions, debut, fin) if conditions else []
        return Section(self.titre, self.adresse, lignes=lignes)


@dataclass(frozen=True)
class Genre:
    """A kind of record that can be followed."""

    modele: type
    publies: object

    def row(self, key):
        """The record as anybody may see it; None when nobody may."""
        try:
            found = self.publies().filter(pk=key).first()
        except ValueError:
            return None
        if found is None and issubclass(self.modele, Absorbable):
            return self.modele.devenu(pk=key)
        return found


FICHES = {
    "territoire": Genre(Territoire, Territoire.objects.all),
    "contrat": Genre(Contrat, Contrat.objects.published),
    "projet": Genre(Projet, Projet.objects.published),
    "operateur": Genre(Operateur, Operateur.objects.all),
    "engagement": Genre(Engagement, Engagement.objects.published),
    "commune": Genre(Commune, Commune.objects.all),
    "intercommunalite": Genre(Intercommunalite, Intercommunalite.objects.all),
}


class Fiche:
    """A record, whatever its address becomes."""

    def __init__(self, vue, cle):
        self.vue, self.cle = vue, str(cle)
        self.genre = FICHES[vue]
        self.row = self.genre.row(cle)

    @property
    def nom(self):
        return str(self.genre.modele._meta.verbose_name)

    @property
    def titre(self):
        """What is no longer public is named nowhere."""
        return str(self.row) if self.row else f"{capfirst(un(self.nom))} que vous suivez"

    @property
    def adresse(self):
        if self.row is None:
            return ""
        if self.vue == "engagement":
            return f"{reverse('engagements')}?code={self.row.code}"
        return self.row.get_absolute_url()

    @property
    def suivi(self):
        return f"{self.nom} « {self.titre} »" if self.row else self.titre

    @property
    def disparue(self):
        """Whether no record has this key any more: it will not come back."""
        return not self.genre.modele._base_manager.filter(pk=self.cle).exists()

    def membres(self):
        return []

    def section(self, debut, fin, avant, apres):
        conditions = journal.conditions_of(self.row or self._ancienne())
        return Section(self.titre, self.adresse, lignes=journal.between(conditions, debut, fin))

    def _ancienne(self):
        """Something of the same kind and key, to ask its histories for its going alone."""
        return self.genre.modele(pk=self.genre.modele._meta.pk.to_python(self.cle))


def _sans_presentation(query):
    """What arranges the rows of a view chooses none."""
    return Requete(QueryDict(query)).canonique.removeprefix("?")


def _canonique(requete):
    """The filters in one order: one text for one set of rows."""
    query = QueryDict(requete.canonique.removeprefix("?"))
    found = QueryDict(mutable=True)
    for name in sorted(query):
        found.setlist(name, sorted(query.getlist(name)))
    return found.urlencode()


# --- From an address, and back ----------------------------------------------------------------


def lire(adresse):
    """What an address of the site leads to, to be followed. Raises `Refus`."""
    path, query = _sur_le_site(adresse)
    try:
        match = resolve(path)
    except Resolver404:
        raise Refus("Il n’y a pas de page à cette adresse sur ce site : recopiez-la.") from None
    found = _lire(match, path, query)
    if len(found.cle) > CLE_MAX:
        raise Refus(f"Cette recherche dépasse {CLE_MAX} caractères : retirez des filtres.")
    return found


def _sur_le_site(adresse):
    try:
        parts, ours = urlsplit(adresse.strip()), urlsplit(settings.SITE["url"])
    except ValueError:
        raise Refus("Cette adresse ne se lit pas : recopiez celle de la page.") from None
    if parts.netloc and parts.netloc != ours.netloc:
        raise Refus("Cette adresse n’est pas de ce site : donnez celle d’une de ses pages.")
    return parts.path, parts.query


def _lire(match, path, query):
    view, vue = getattr(match.func, "view_class", object), match.url_name
    if issubclass(view, CatalogueView):
        return _engagement(vue, query) or Liste(vue, query)
    if issubclass(view, JournalView):
        return Journal(query)
    if vue not in ("region", *FICHES):
        raise Refus(
            "Cette page ne se suit pas. Se suivent : une liste et ses filtres, un territoire, un "
            "contrat, un projet, un engagement, un opérateur, une région, une intercommunalité, "
            "une commune."
        )
    beside = sorted(set(Requete(QueryDict(query)).data) - A_COTE)
    if beside:
        raise Refus(f"Une fiche se suit telle qu’elle est : retirez « {beside[0][:40]} ».")
    # The view of the page says which record it shows.
    row = _record(vue, match.kwargs)
    if row is None:
        raise Refus("Aucune fiche publiée à cette adresse : recopiez-la.")
    if vue == "region":
        return Journal(f"region={row.pk}")
    return Fiche(vue, row.pk)


def _record(vue, kwargs):
    (asked,) = kwargs.values()
    if vue == "territoire":
        rows = Territoire.objects.with_adresse()
        return rows.filter(_adresse=asked).first() or rows.filter(pk=asked).first()
    if vue == "region":
        return Region.objects.filter(slug=asked).first()
    rows = FICHES[vue].publies()
    if vue == "projet":
        return rows.filter(slug=asked).first() or rows.filter(code=asked).first()
    if vue == "contrat":
        return rows.filter(slug=asked).first()
    return rows.filter(pk=asked).first()


def _engagement(vue, query):
    """The only commitment that a list was asked for by its code, as a record."""
    asked = QueryDict(query)
    if vue != "engagements" or set(asked) != {"code"}:
        return None
    row = Engagement.objects.published().filter(code=asked["code"]).first()
    return row and Fiche("engagement", row.pk)


def relire(vue, cle):
    """What was followed under this name and key. Raises `Refus` when it cannot be read any more."""
    if vue == Journal.vue:
        return Journal(cle)
    if vue in FICHES:
        return Fiche(vue, cle)
    return Liste(vue, cle)
