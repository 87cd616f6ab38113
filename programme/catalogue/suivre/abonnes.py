"""Who follows what: asking, confirming, stopping. Links are signed; no page tells who follows."""

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from programme.catalogue.suivre.objets import Refus, relire
from programme.chiffrement import Chiffre
from programme.models import Abonne, Abonnement
from programme.models.abonnements import CONFIRMATION, SUIVIS
from programme.taches import courriels

CHIFFRE = Chiffre("suivre")
CONFIRMER, GERER = "suivre.confirmer", "suivre.gerer"


class LienRefuse(ValueError):
    """A link that does not read, or no more; the sentence says what to do."""


def of_address(courriel):
    """The `Abonne` of an address, made known now; the caller's transaction holds its row."""
    digests = CHIFFRE.empreintes(courriel.lower())
    now = timezone.now()
    known = Abonne.objects.filter(empreinte__in=digests)
    if not known.exists():
        fresh = Abonne(courriel=CHIFFRE.encrypt(courriel), empreinte=digests[0], connu_le=now)
        Abonne.objects.bulk_create([fresh], ignore_conflicts=True)
    abonne = known.select_for_update().get()
    # Under the key of today, whichever it was known by.
    abonne.courriel, abonne.empreinte = CHIFFRE.current(abonne.courriel), digests[0]
    abonne.connu_le = now
    abonne.save()
    return abonne


def address_of(abonne):
    """Raises `Illisible` when no key of the site reads it any more."""
    return CHIFFRE.decrypt(abonne.courriel)


@transaction.atomic
def demander(courriel, objet):
    """Ask to follow `objet`: a mail says how to confirm, or that it is followed already."""
    abonne = of_address(courriel)
    context = {"objet": objet, "url": objet.adresse}
    abonnement = abonne.abonnements.filter(vue=objet.vue, cle=objet.cle).first()
    if abonnement is not None and abonnement.confirme_le:
        context["gerer"] = lien(abonne)
        subject, template = "Vous suivez déjà cette page", "programme/suivre/suivi_deja.txt"
    elif abonnement is None and abonne.abonnements.count() >= SUIVIS:
        context |= {"gerer": lien(abonne), "suivis": SUIVIS}
        subject, template = "Vous suivez beaucoup de pages", "programme/suivre/suivi_trop.txt"
    else:
        if abonnement is None:
            abonnement = Abonnement(abonne=abonne, vue=objet.vue, cle=objet.cle)
        abonnement.demande_le = timezone.now()
        abonnement.save()
        context["confirmer"] = _confirmation(abonnement)
        subject, template = (
            "Confirmez ce que vous voulez suivre",
            "programme/suivre/suivi_confirmer.txt",
        )
    courriels.send(template, subject, context, to=[courriel], duree=CONFIRMATION)


# --- Links ------------------------------------------------------------------------------------


def _url(name, jeton):
    return settings.SITE["url"] + reverse(name, args=[jeton])


def _confirmation(abonnement):
    signer = signing.TimestampSigner(salt=CONFIRMER)
    return _url("suivre_confirmer", signer.sign(f"{abonnement.abonne_id}.{abonnement.pk}"))


def jeton(abonne):
    return signing.Signer(salt=GERER).sign(str(abonne.pk))


def lien(abonne):
    """The page of what an address follows."""
    return _url("suivre_gerer", jeton(abonne))


def arret(abonne):
    """The page, and the POST, that stop everything."""
    return _url("suivre_arreter", jeton(abonne))


def a_confirmer(jeton):
    """The `Abonnement` that a link confirms. Raises `LienRefuse`."""
    signer = signing.TimestampSigner(salt=CONFIRMER)
    try:
        abonne, _, key = signer.unsign(jeton, max_age=CONFIRMATION).partition(".")
    except signing.SignatureExpired:
        raise LienRefuse(
            "Ce lien a plus de 48 heures. Redemandez à suivre la page : un autre vous sera envoyé."
        ) from None
    except signing.BadSignature:
        raise LienRefuse("Ce lien est incomplet : recopiez-le en entier du courriel.") from None
    found = Abonnement.objects.filter(pk=key, abonne=abonne).select_related("abonne").first()
    if found is None:
        raise LienRefuse("Cette demande n’existe plus : elle a été arrêtée, ou oubliée.")
    return found


def confirmer(abonnement):
    """From now on what changes is told; once. Raises `Refus` when it can be read no more."""
    now = timezone.now()
    membres = relire(abonnement.vue, abonnement.cle).membres()
    waiting = Abonnement.objects.filter(pk=abonnement.pk, confirme_le__isnull=True)
    if waiting.update(confirme_le=now, vu_le=now, membres=membres):
        # The first digest comes another day.
        Abonne.objects.filter(pk=abonnement.abonne_id).exclude(
            abonnements__in=Abonnement.objects.filter(
                abonne=abonnement.abonne_id, confirme_le__lt=now
            )
        ).update(prevu_le=timezone.localdate())


def abonne_of(jeton):
    """The `Abonne` of a signed link; None once it follows nothing. Raises `LienRefuse`."""
    try:
        key = signing.Signer(salt=GERER).unsign(jeton)
    except signing.BadSignature:
        raise LienRefuse("Ce lien est incomplet : recopiez-le en entier du courriel.") from None
    return Abonne.objects.filter(pk=key).first()


def suivis(abonne):
    """`(abonnement, what it follows)` of what an address confirmed; None: readable no more."""
    return [
        (abonnement, _objet(abonnement))
        for abonnement in abonne.abonnements.filter(confirme_le__isnull=False)
    ]


def _objet(abonnement):
    try:
        return relire(abonnement.vue, abonnement.cle)
    except Refus:
        return None


@transaction.atomic
def arreter(abonne, key=None):
    """Stop one thing, or everything; the address goes with the last one."""
    rows = Abonne.objects.select_for_update().filter(pk=abonne.pk)
    if not rows.exists():
        return
    if key is not None:
        abonne.abonnements.filter(pk=key).delete()
    if key is None or not abonne.abonnements.exists():
        rows.delete()
