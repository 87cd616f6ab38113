"""What changed, as Atom: the whole journal, a filtered list, a record."""

from itertools import islice

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed

from programme.catalogue.journal.groupes import groups, midnight, recents
from programme.catalogue.journal.lignes import lines
from programme.catalogue.journal.regle import genres
from programme.models import DonneesVersion
from territoires.dates import date_in_words

FORMAT = "atom"
DANS_LE_FLUX = 50
CLES = 5_000


class Flux(Atom1Feed):
    """A feed without entries dates from the version of the data, not from who reads it."""

    def latest_post_date(self):
        told = [item["updateddate"] for item in self.items if item["updateddate"]]
        return max(told, default=self.feed["vide"])


def auteur():
    return settings.SITE["editeur"] or settings.SITE["nom"]


def nouveau(request, titre, phrase, adresse):
    """A feed without entries. adresse: the path of the page that tells the same."""
    return Flux(
        f"{settings.SITE['nom']} : {titre}",
        request.build_absolute_uri(adresse),
        phrase,
        language="fr",
        author_name=auteur(),
        feed_url=request.build_absolute_uri(),
        feed_guid=f"{settings.SITE['url']}{adresse}",
        vide=DonneesVersion.objects.current().modifie_le,
    )


def reponse(feed):
    text = feed.writeString("utf-8")
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


def atom(request, titre, phrase, adresse, lignes):
    """The answer. adresse: the path of the page that tells the same; lignes: `Ligne`s."""
    feed = nouveau(request, titre, phrase, adresse)
    for ligne in lignes:
        feed.add_item(
            f"{ligne.nom} : {ligne.phrase}" if ligne.nom else ligne.phrase,
            request.build_absolute_uri(ligne.lien),
            _description(ligne),
            unique_id=f"{settings.SITE['url']}/journal/#{ligne.cle}",
            updateddate=ligne.moment or midnight(ligne.jour),
            pubdate=ligne.moment or midnight(ligne.jour),
            author_name=auteur(),
            categories=[ligne.genre],
        )
    return reponse(feed)


def of_rows(jeu, queryset, *, tout):
    """The latest lines about the rows of a dataset that has a history; `tout`: they are all there.

    Few keys are read once; the condition that finds many is left to the database.
    """
    rows = queryset.order_by()
    keys = [] if tout else list(rows.values_list("pk", flat=True)[: CLES + 1])
    found = rows.values("pk") if len(keys) > CLES else keys
    key = genres()[jeu.code].model._meta.pk.attname
    conditions = {jeu.code: Q() if tout else Q(**{f"{key}__in": found})}
    # Those of few rows are few, which one query reads sooner.
    read = groups if keys and found is keys else recents
    return of_groups(read(conditions), conditions)


def of_groups(rows, conditions, **options):
    return lines(islice(rows, DANS_LE_FLUX), conditions, **options)[:DANS_LE_FLUX]


def _description(ligne):
    changes = [f"{c.champ} : {c.avant} → {c.apres}" for c in ligne.changements]
    return " ; ".join([date_in_words(ligne.jour), *changes])
