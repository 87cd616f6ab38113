"""A personal datum is masked wherever the portal keeps it: in the records, in their histories and
the saves, in what was loaded, imported, proposed, cited and followed, in the mails that wait, in
uploaded files, then in every parution.
"""

import json
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import get_text_list

from programme.backoffice.avis import prevenir
from programme.chiffrement import Illisible
from programme.donnees.parutions import occulter
from programme.models import (
    Abonnement,
    Avis,
    Document,
    DonneesVersion,
    Parution,
    Publication,
    Tache,
)
from programme.occultation import fichiers
from programme.occultation.mots import Masque, motif_de
from programme.occultation.portee import ADRESSES, balayees, tables
from programme.taches import CHIFFRE, Abandon, charge_of, confier, courriels, genre
from territoires.chargement import liens
from territoires.models import Modification, Versionne
from territoires.models.modification import Porte, writing
from territoires.occultes import RAISON

OCCULTATION = "occultation"
A_RELIRE = "ôté du site : à relire, une donnée personnelle y est peut-être"
LOT = 2_000
RETENUS = {*courriels.DESTINATAIRES, "from_email", "reply_to", "headers"}
"""What a mail is sent by: masked, it would be lost."""


class Documents(models.TextChoices):
    """What becomes of an uploaded document that holds it."""

    RETIRER = "retirer", "Les retirer : une note prend la place du fichier, à la même adresse"
    SIGNALER = "signaler", "Les ôter du site sans y toucher : je les relirai, la liste m’est donnée"


def demander(texte, motif, documents, agent):
    """Ask for it; the text is kept encrypted until it is done. Raises `TropCourt`.

    motif: in public, see `occulter`. documents: one of `Documents`.
    """
    motif_de(texte)
    charge = {
        "texte": texte,
        "raison": motif,
        "jour": timezone.localdate().toordinal(),
        "documents": documents,
        "agent": agent.pk,
        "jeton": uuid4().hex,
    }
    return confier(OCCULTATION, charge, agent=agent)


@genre(OCCULTATION, long=True)
def faire(charge):
    """charge: as `demander` makes it. Done twice, it changes nothing more."""
    masque = Masque(charge["texte"], timezone.localdate().fromordinal(charge["jour"]))
    gone = []
    with transaction.atomic():
        trace, is_new = Modification.objects.get_or_create(
            modele="",
            objet=charge["jeton"],
            defaults={
                "porte": Porte.ACTE,
                "auteur_id": charge["agent"],
                "raison": charge["raison"],
            },
        )
        changed = {model: keys for model in tables() if (keys := balayer(model, masque))}
        _avertir(changed, trace)
        _mails(masque)
        _suivis(masque)
        _sessions(masque)
        forgotten = fichiers.oublier_imports(masque)
        found, unread = _documents(masque, charge, gone)
        near = [each for each in unread if _touches(each, changed)]
        hidden = [each for each in near if _est_pdf(each)]
        if charge["documents"] == Documents.SIGNALER:
            hidden += found
        with writing(trace):
            _suspendre(hidden)
        DonneesVersion.objects.bump(sans_copies=True)
        if is_new:
            trace.texte = _dit(
                charge, changed, forgotten=forgotten, found=found, unread=unread, near=near
            )
            trace.save(update_fields=["texte"])
    fichiers.effacer(gone)
    if changed:
        call_command("reindexer", verbosity=0)
    remade = occulter.occulter(masque, charge["raison"])
    _prevenir(charge, trace, remade)


# --- The tables -------------------------------------------------------------------------------


def balayer(model, masque):
    """The keys of the rows of a table that were masked; no signal: nobody changed a fact.

    What is said of a parution is masked with its archive, which repeats it.
    """
    fields = balayees(model)
    found = []
    if not fields or model is Parution:
        return found
    names = [field.attname for field in fields]
    # Not its own manager: it may keep what a row said before.
    rows = models.QuerySet(model).only(model._meta.pk.attname, *names)
    for row in rows.iterator(LOT):
        told = {
            field: masked
            for field in fields
            if (masked := _masque(masque, field, value := getattr(row, field.attname))) != value
        }
        if told:
            _ecrire(model, row.pk, told)
            found.append(row.pk)
    return found


def _masque(masque, field, value):
    if isinstance(value, bytes | memoryview):
        return value
    if field.name in ADRESSES and value:
        return masque.adresse(value)
    return masque.sur(value)


def _ecrire(model, key, told):
    rows = models.QuerySet(model).filter(pk=key)
    try:
        with transaction.atomic():
            rows.update(**{f.attname: _fitting(f, value) for f, value in told.items()})
    except IntegrityError:  # two rows that only what is masked told apart
        rows.update(**{f.attname: _fitting(f, value, f"-{key}") for f, value in told.items()})


def _fitting(field, value, rank=""):
    if not isinstance(value, str):
        return value
    return value[: field.max_length - len(rank)] + rank if field.max_length else value + rank


def _avertir(changed, trace):
    """A version more of each row that was masked, or whose past was: whoever opened it before is
    told, and puts nothing back.
    """
    touched = {}
    for model, keys in changed.items():
        row = getattr(model, "instance_type", model)
        if issubclass(row, Versionne) and hasattr(row, "history"):
            pk = row._meta.pk.attname
            rows = models.QuerySet(model).filter(pk__in=keys)
            touched.setdefault(row, set()).update(rows.values_list(pk, flat=True))
    for model, keys in touched.items():
        rows = model._base_manager.filter(pk__in=keys)
        rows.update(version=F("version") + 1)
        with writing(trace):
            records = model.history.bulk_history_create(
                list(rows), update=True, default_user=trace.auteur, default_change_reason=RAISON
            )
        links = [field.name for field in model.history.model._history_m2m_fields]
        liens.historiser(model, links, records)


# --- What is not read as it is kept -----------------------------------------------------------


def _mails(masque):
    """The tasks that wait, mails above all: their words, not whom they go to."""
    for tache in Tache.objects.waiting().exclude(genre=OCCULTATION):
        try:
            charge = charge_of(tache)
        except (Abandon, Illisible):
            continue
        masked = {k: v if k in RETENUS else masque.sur(v) for k, v in charge.items()}
        if masked != charge:
            kept = Tache.objects.waiting().filter(pk=tache.pk)
            kept.update(charge=CHIFFRE.encrypt(json.dumps(masked)))


def _suivis(masque):
    """A search that names it is followed no more: the next digest says so."""
    for abonnement in Abonnement.objects.all():
        if masque.est_dans(abonnement.cle):
            cle = f"{masque.marque}={abonnement.pk}"
            Abonnement.objects.filter(pk=abonnement.pk).update(cle=cle)


def _sessions(masque):
    """What a session remembers (a message, an address) goes with it."""
    for session in Session.objects.iterator(LOT):
        if masque.est_dans(json.dumps(session.get_decoded(), ensure_ascii=False, default=str)):
            session.delete()


def _documents(masque, charge, gone):
    """`(those that hold it, those to be read)`, as `Document`s; `gone` gets the files to delete."""
    found, unread = [], []
    for path, held in fichiers.documents_a_lire(masque):
        documents = list(Document.objects.filter(fichier=path))
        if held:
            found += documents
            if charge["documents"] == Documents.RETIRER:
                fichiers.retirer(path, masque, charge["raison"])
                gone.append(path)
        else:
            unread += documents
    return found, unread


def _est_pdf(document):
    return document.fichier.name.lower().endswith(".pdf")


def _suspendre(documents):
    """Take them off the site until somebody has read them: who publishes them puts them back."""
    for document in documents:
        if document.publication == Publication.PUBLIE:
            document.publication = Publication.BROUILLON
            document._change_reason = A_RELIRE
            document.save()


# --- What is said of it -----------------------------------------------------------------------


def _dit(charge, changed, *, forgotten, found, unread, near):
    """What the act did, for administrators; never what it masked."""
    rows = sum(len(keys) for keys in changed.values())
    told = [f"Donnée personnelle occultée dans {rows} ligne(s)."]
    if forgotten:
        told.append(f"Fichiers déposés pour un import et oubliés : {forgotten}.")
    if found:
        read = charge["documents"] == Documents.SIGNALER
        done = "ôtés du site, à relire puis à publier de nouveau" if read else "retirés"
        told.append(f"Documents qui la contenaient, {done} : {_noms(found)}.")
    if hidden := [each for each in near if _est_pdf(each)]:
        told.append(
            f"PDF d’une fiche touchée, où elle n’a pas été trouvée mais peut être dessinée : "
            f"{_noms(hidden)}. Ils sont ôtés du site : relisez-les, puis publiez-les de nouveau."
        )
    if images := [each for each in near if not _est_pdf(each)]:
        told.append(
            f"Documents d’une fiche touchée qui ne se lisent pas ici (images), et restent sur le "
            f"site : {_noms(images)}. Regardez-les."
        )
    if others := len(unread) - len(near):
        told.append(f"Autres documents qui ne se lisent pas ici (images, PDF) : {others}.")
    return "\n".join(told)


def _noms(documents):
    return get_text_list([f"« {each} » (n° {each.pk})" for each in documents], "et")


def _touches(document, changed):
    """Whether a document is that of a record in which it was found, or says it in its own name."""
    keys = {model._meta.label: {str(key) for key in found} for model, found in changed.items()}
    about = [document, document.territoire, document.contrat, document.projet, document.seance]
    return any(each and str(each.pk) in keys.get(each._meta.label, ()) for each in about)


def _prevenir(charge, trace, remade):
    agents = get_user_model().objects.filter(pk=charge["agent"])
    said = f"Fichiers de parutions refaits : {remade}."
    prevenir(Avis.Genre.OCCULTATION, trace, agents, repere=charge["jeton"], precision=said)
