"""The digests: asked for once a day and address, composed when they leave, counted.

Composed by the task itself, at each try: what was withdrawn or erased since is not in it, and a
mail that could not leave yesterday tells today what it would have told.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from programme.bases import ecritures_depuis
from programme.catalogue.suivre import abonnes
from programme.catalogue.suivre.objets import Fiche, Refus, Section, relire
from programme.chiffrement import Illisible
from programme.models import Abonne, Abonnement, DonneesVersion, Envoi, Tache
from programme.taches import Abandon, Remise, confier, courriels, genre
from programme.taches.minuteur import EN_RETARD, SILENCE, Cadence, dernier_passage, tournee
from territoires.dates import moment_in_words

RECAPITULATIF = "récapitulatif"
HEURE = 7  # in Paris, of the first digests of a day
RECUL = timedelta(minutes=15)
"""What is told is that old at least: a save that began before has ended. Digests stop at the same
quarters of an hour, so that who follows one same page is told one same thing.
"""
REFUS = 3
"""Digests refused for ever, one after the other, after which an address is forgotten."""
DUREE = timedelta(hours=20)
JOURS = 7
"""Days of which failures are told."""


@tournee("récapitulatifs", Cadence.HEURE)
def prevoir(arret=lambda: False):
    """Ask for the digest of each address that follows something: once a day, from `HEURE` on."""
    now = timezone.localtime()
    if now.hour < HEURE:
        return "pas encore l’heure"
    today, asked = now.date(), 0
    waiting = Abonne.objects.confirmes().exclude(prevu_le__gte=today)
    for key in waiting.order_by("pk").values_list("pk", flat=True):
        if arret():
            break
        asked += _prevoir(key, today)
    return f"{asked} récapitulatif(s) demandé(s)"


@transaction.atomic
def _prevoir(key, today):
    if not Abonne.objects.filter(pk=key).exclude(prevu_le__gte=today).update(prevu_le=today):
        return 0  # another clock did
    charge = {"abonne": str(key), "message_id": courriels.message_id()}
    confier(RECAPITULATIF, charge, duree=DUREE)
    _compter(today, prevus=1)
    return 1


@genre(RECAPITULATIF)
def envoyer(charge):
    """Compose the digest of one address and hand it over; nothing when nothing changed."""
    abonne = Abonne.objects.filter(pk=charge["abonne"]).first()
    if abonne is None:
        return
    try:
        courriel = abonnes.address_of(abonne)
    except Illisible:
        Abonne.objects.filter(pk=abonne.pk).delete()
        raise Abandon("l’adresse est illisible : la clé du site a changé") from None
    recapitulatif = composer(abonne)
    if recapitulatif.sections:
        _remettre(abonne, recapitulatif.message(abonne, courriel, charge["message_id"]))
    with transaction.atomic():
        recapitulatif.noter()
        sent = bool(recapitulatif.sections)
        _compter(timezone.localdate(), **({"remis": 1} if sent else {"muets": 1}))


def _remettre(abonne, message):
    rows = Abonne.objects.filter(pk=abonne.pk)
    try:
        courriels.hand_over(message)
    except Remise:
        raise
    except Abandon:
        _compter(timezone.localdate(), refuses=1)
        rows.update(refus=F("refus") + 1)
        rows.filter(refus__gte=REFUS).delete()
        raise
    rows.update(refus=0)


@dataclass
class Recapitulatif:
    """What there is to tell one address, until `fin`.

    vus: `(abonnement, its members now)`. finis: what can be followed no more.
    """

    fin: datetime
    sections: list[Section] = field(default_factory=list)
    vus: list = field(default_factory=list)
    finis: list = field(default_factory=list)
    illisibles: int = 0

    def noter(self):
        """Tell it no more; what was stopped meanwhile stays so."""
        for abonnement, membres in self.vus:
            Abonnement.objects.filter(pk=abonnement.pk, vu_le=abonnement.vu_le).update(
                vu_le=self.fin, membres=membres
            )
        Abonnement.objects.filter(pk__in=[one.pk for one in self.finis]).delete()

    @property
    def sujet(self):
        if len(self.sections) == 1:
            return f"Ce qui a changé : {self.sections[0].titre}"[:150]
        return f"Ce qui a changé dans {len(self.sections)} pages que vous suivez"

    def message(self, abonne, courriel, message_id):
        stop = abonnes.arret(abonne)
        context = {
            "sections": self.sections,
            "fin": self.fin,
            "gerer": abonnes.lien(abonne),
            "arreter": stop,
        }
        headers = {
            "Message-ID": message_id,
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        }
        template = "programme/suivre/recapitulatif.txt"
        return courriels.compose(template, self.sujet, context, to=[courriel], headers=headers)


class Lectures:
    """What was read of each page for the digests of one quarter of an hour, in one state of the
    data: whoever follows it too is told the same, and it is read once.
    """

    def __init__(self):
        self.forget_all()

    def forget_all(self):
        self.etat, self.objets, self.sections = None, {}, {}

    def pour(self, fin):
        """The same, empty if what it was read from is over."""
        if self.etat != (etat := (DonneesVersion.objects.current().numero, fin)):
            self.forget_all()
            self.etat = etat
        return self

    def objet(self, vue, cle):
        """`(what is followed, its members now)`. Raises `Refus`."""
        if (vue, cle) not in self.objets:
            objet = relire(vue, cle)
            self.objets[vue, cle] = objet, objet.membres()
        return self.objets[vue, cle]

    def section(self, abonnement):
        vue, cle, since = abonnement.vue, abonnement.cle, abonnement.vu_le
        objet, now = self.objet(vue, cle)
        key = vue, cle, since, json.dumps(abonnement.membres)
        if key not in self.sections:
            self.sections[key] = objet.section(since, self.etat[1], abonnement.membres, now)
        return self.sections[key]


LECTURES = Lectures()


def _fin():
    """The last quarter of an hour that is `RECUL` old."""
    fin = timezone.now() - RECUL
    fin = min(fin, ecritures_depuis() or fin)
    return fin.replace(minute=fin.minute // 15 * 15, second=0, microsecond=0)


def composer(abonne):
    """The `Recapitulatif` of what an address follows."""
    told = Recapitulatif(_fin())
    lectures = LECTURES.pour(told.fin)
    for abonnement in abonne.abonnements.filter(confirme_le__isnull=False):
        if abonnement.vu_le >= told.fin:
            continue
        try:
            objet, membres = lectures.objet(abonnement.vue, abonnement.cle)
        except Refus as why:
            told.sections.append(_illisible(why))
            told.finis.append(abonnement)
            continue
        section = lectures.section(abonnement)
        if section:
            told.sections.append(section)
        if isinstance(objet, Fiche) and objet.disparue:
            told.finis.append(abonnement)
        told.vus.append((abonnement, membres))
    return told


def _illisible(why):
    said = f"Cette recherche ne se lit plus, et n’est plus suivie. {why}"
    return Section("Une recherche que vous suiviez", "", phrases=[said])


def _compter(jour, *, remis=0, **counts):
    row, _ = Envoi.objects.get_or_create(jour=jour)
    values = {name: F(name) + count for name, count in counts.items()}
    if remis:
        values |= {"remis": F("remis") + remis, "dernier_le": timezone.now()}
    Envoi.objects.filter(pk=row.pk).update(**values)


# --- The proof --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Etat:
    """Whether digests leave, for anybody to read: the last day that some did, and what failed."""

    dernier: Envoi | None
    pannes: list[str]

    @property
    def phrase(self):
        if self.dernier is None:
            return "Dernier envoi : aucun récapitulatif n’est encore parti."
        count = self.dernier.remis
        told = f"{count} courriel{'s' if count > 1 else ''} remis"
        return f"Dernier envoi : {moment_in_words(self.dernier.dernier_le)} ; {told}."


def etat():
    """The `Etat` of now."""
    now = timezone.now()
    told = []
    passage = dernier_passage()
    if passage is None:
        told.append("L’horloge du portail n’a encore rien fait : aucun courriel ne peut partir.")
    elif passage < now - SILENCE:
        told.append(
            f"L’horloge du portail est muette depuis le {moment_in_words(passage)} : les courriels "
            "attendent."
        )
    tasks = Tache.objects.filter(genre=RECAPITULATIF)
    late = tasks.waiting().filter(demandee_le__lt=now - EN_RETARD).order_by("demandee_le")
    if oldest := late.values_list("demandee_le", flat=True).first():
        told.append(
            f"Récapitulatifs en retard : {late.count()}, le plus ancien demandé le "
            f"{moment_in_words(oldest)}."
        )
    since = timezone.localdate() - timedelta(days=JOURS)
    recent = Envoi.objects.filter(jour__gte=since)
    refused = recent.aggregate(nombre=Sum("refuses"))["nombre"] or 0
    given_up = tasks.filter(etat=Tache.Etat.ABANDONNEE, terminee_le__date__gte=since).count()
    if lost := max(refused, given_up):
        told.append(f"Courriels qui n’ont pas pu être remis en {JOURS} jours : {lost}.")
    return Etat(Envoi.objects.filter(remis__gt=0).order_by("-jour").first(), told)


def en_machine():
    """The same, for `/sante/`."""
    now = etat()
    return {
        "dernier_envoi": now.dernier and now.dernier.dernier_le,
        "remis": now.dernier.remis if now.dernier else 0,
        "pannes": now.pannes,
    }


__all__ = ["RECAPITULATIF", "composer", "en_machine", "envoyer", "etat", "prevoir"]
