"""A figure that somebody cited: what it was worth, of which rows, at a moment that stays.

Anybody may cite any figure of the registry (`programme.catalogue.citer.citables`): the same figure
of the same rows in the same state of the data is one row, and how many new ones a day is bounded.
"""

import hashlib
import json

from django.db import models
from django.urls import reverse
from django.utils import timezone

from territoires.perimetre import NATIONAL, PerimetreQuerySet

LONGUEUR = 12
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
"""Of codes: read aloud without a doubt, and without vowels, so without words."""
PAR_JOUR = 5_000
"""New citations kept in one day, whoever asks."""


class CitationQuerySet(PerimetreQuerySet):
    def room(self):
        """Whether one more may be kept today."""
        since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return self.filter(citee_le__gte=since).count() < PAR_JOUR

    def keep(self, citation):
        """The row that has this code: `citation`, or the same made before."""
        self.bulk_create([citation], ignore_conflicts=True)
        return self.get(pk=citation.pk)


class Citation(models.Model):
    """A value with its query, its moment and what it counts.

    `lecture` keeps the rest of what was read, as `citer.lecture.Lecture.as_json` writes it.
    """

    code = models.CharField("code", max_length=LONGUEUR, primary_key=True)
    citable = models.SlugField("chiffre", max_length=60)
    requete = models.TextField("requête", blank=True, help_text="Filtres, dans un ordre fixe.")
    valeur = models.BigIntegerField("valeur", null=True, blank=True)
    fiches = models.PositiveBigIntegerField("enregistrements retenus")
    renseignees = models.PositiveBigIntegerField("enregistrements qui disent la valeur")
    lecture = models.JSONField("ce qui a été lu", default=dict)
    version = models.PositiveBigIntegerField("version des données")
    moment = models.DateTimeField(
        "moment", help_text="Du dernier changement des données, ou du début du jour s’il est après."
    )
    citee_le = models.DateTimeField("citée le", default=timezone.now, db_index=True)

    perimetre = NATIONAL
    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = "citation"
        verbose_name_plural = "citations"
        ordering = ["-citee_le", "code"]

    def __str__(self):
        return f"{self.citable} ({self.code})"

    def get_absolute_url(self):
        return reverse("citation", args=[self.code])


def code_of(*parts):
    """A code made of the digest of `parts`, texts and numbers: the same for the same."""
    told = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    number = int.from_bytes(hashlib.sha256(told.encode()).digest())
    letters = []
    for _ in range(LONGUEUR):
        number, rank = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rank])
    return "".join(letters)
