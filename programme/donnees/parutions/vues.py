"""The pages of the parutions, and the door of their files."""

import logging
from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from programme.catalogue import moments
from programme.catalogue.adresse import AdresseView, MotField, PageForm
from programme.catalogue.journal import flux
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.personnes import sans_personne
from programme.donnees.exports import LICENCE, LICENCE_URL, TYPES
from programme.donnees.jeux import JEUX
from programme.donnees.parutions import archive as archives
from programme.donnees.parutions import mots
from programme.donnees.parutions.reserve import ouvrir
from programme.donnees.parutions.servir import servir
from programme.donnees.views import json_response
from programme.models import EmpreinteAncienne, FichierParution, Parution
from programme.stockage import StockageAbsent
from territoires.dates import iso, moment_in_words

PAR_PAGE = 24
TYPES_GARDES = TYPES | {"zip": "application/zip"}
DONNEES, DELTAS, ARCHIVE = FichierParution.Genre.values

logger = logging.getLogger(__name__)


class ParutionsForm(PageForm):
    format = MotField((flux.FORMAT,))


class ParutionsView(AdresseView):
    """Every parution, the last first; as Atom too."""

    form_class = ParutionsForm
    template_name = "programme/donnees/parutions.html"
    sans_personne = True

    @cached_property
    def paginator(self):
        return Paginator(parutions(), PAR_PAGE)

    def answer(self):
        if self.demande["format"] == flux.FORMAT:
            return atom(self.request)
        context = self.get_page_context() | {"flux": f"?format={flux.FORMAT}"}
        context["parutions"] = [(each, resume(each)) for each in self.page]
        return render(self.request, self.template_name, context)


def parutions():
    """Every parution with its files, the last first."""
    files = FichierParution.objects.prefetch_related("anciennes")
    rows = Parution.objects.select_related("precedente").order_by("-numero")
    return rows.prefetch_related(Prefetch("fichiers", files))


def resume(parution):
    """What changed in it, as sentences."""
    return mots.changements(parution, parution.fichiers.all())


@require_safe
def parution(request, numero):
    """One parution: what changed, its files, their digests; why it was withdrawn."""
    found = _one(numero)
    context = {
        "parution": found,
        "changements": resume(found),
        "jeux": _lines(found),
        "archive": next((f for f in found.fichiers.all() if f.genre == ARCHIVE), None),
        "anciennes": EmpreinteAncienne.objects.filter(fichier__parution=found).select_related(
            "fichier__parution"
        ),
        "licence": LICENCE,
        "licence_url": LICENCE_URL,
        "alors": moments.avec(reverse("accueil"), _instant(found)),
    }
    return render(request, "programme/donnees/parution.html", context)


def _instant(parution):
    """Its moment, as `au` says it."""
    return iso(parution.faite_le.astimezone(moments.PARIS))


def _addresses(jeu, parution):
    """Where the list of a dataset is read as it was: then, and from the parution before it on."""
    if jeu is None or not jeu.liste or jeu.nombre:
        return {"alors": "", "entre": ""}
    page, then = reverse(jeu.liste), _instant(parution)
    before = parution.precedente and _instant(parution.precedente)
    since = f"{before}{moments.ENTRE}{then}"
    return {
        "alors": moments.avec(page, then),
        "entre": moments.avec(page, since) if before and before != then else "",
    }


def _one(numero):
    found = parutions().filter(numero=numero).first()
    if found is None:
        raise Introuvable(f"Il n’y a pas de parution n° {numero}.")
    return found


def _lines(parution):
    """`(title, dataset or None, whole files, deltas)` of each dataset, in their order."""
    files = [fichier for fichier in parution.fichiers.all() if fichier.jeu]
    codes = {fichier.jeu for fichier in files}
    ordered = [*(code for code in JEUX if code in codes), *sorted(codes - {*JEUX})]
    return [
        {
            "titre": mots.titre(code),
            "jeu": JEUX.get(code),
            "fichiers": [f for f in files if f.jeu == code and f.genre == DONNEES],
            "ecarts": [f for f in files if f.jeu == code and f.genre == DELTAS],
            **_addresses(JEUX.get(code), parution),
        }
        for code in ordered
    ]


@sans_personne
@require_safe
def versions(request):
    """Every parution, for programs."""
    absolute = request.build_absolute_uri
    return json_response({"parutions": [_told(each, absolute) for each in parutions()]})


def _told(parution, absolute):
    archive = next((f for f in parution.fichiers.all() if f.genre == ARCHIVE), None)
    told = {
        "numero": parution.numero,
        "faite_le": iso(parution.faite_le),
        "version": parution.version,
        "etat": parution.etat,
        "adresse": absolute(parution.get_absolute_url()),
        "manifeste": absolute(reverse("parution_manifeste", args=[parution.numero])),
        "comparee_a": parution.precedente and parution.precedente.numero,
        "note": parution.note,
        "changements": resume(parution),
    }
    if archive:
        told["archive"] = {
            "adresse": absolute(archive.adresse),
            "octets": archive.octets,
            "sha256": archive.sha256,
        }
    if parution.est_retiree:
        told |= {"retiree_le": iso(parution.retiree_le), "motif": parution.motif}
    return told


@sans_personne
@require_safe
def manifeste(request, numero):
    """Every file of a parution with its size and its digest."""
    found = _one(numero)
    body = archives.manifeste(found, list(found.fichiers.all()))
    if found.est_retiree:
        body |= {"retiree_le": iso(found.retiree_le), "motif": found.motif}
    return json_response(body)


# --- The files --------------------------------------------------------------------------------


@require_safe
def fichier(request, numero, jeu, forme):
    return _file(request, numero, genre=DONNEES, jeu=jeu, format=forme)


@require_safe
def ecarts(request, numero, jeu, forme):
    return _file(request, numero, genre=DELTAS, jeu=jeu, format=forme)


@require_safe
def archive(request, numero, meme):
    if meme != numero:
        raise Http404
    return _file(request, numero, genre=ARCHIVE)


def _file(request, numero, **asked):
    """A kept file; 410 with the reason, when its parution was withdrawn."""
    found = FichierParution.objects.select_related("parution").filter(
        parution__numero=numero, **asked
    )
    kept = found.first()
    if kept is None:
        raise Introuvable("Aucune parution n’a ce fichier.")
    if kept.parution.est_retiree:
        return _gone(kept.parution)
    try:
        content = ouvrir(kept.sha256)
    except StockageAbsent:
        raise
    except OSError:
        logger.critical("%s: the file %s is not on the disk", kept, kept.sha256)
        raise Introuvable(
            "Ce fichier ne peut pas être envoyé : il a disparu du disque. L’exploitant du portail "
            "en est averti."
        ) from None
    name = f"parution-{numero}-{kept.nom.replace('/', '-')}" if kept.jeu else kept.nom
    return servir(request, kept, content, nom=name, content_type=TYPES_GARDES[kept.format])


def _gone(parution):
    when = moment_in_words(parution.retiree_le)
    sentence = (
        f"La parution n° {parution.numero} a été retirée le {when} : {parution.motif}\n"
        f"Sa page reste, avec ses empreintes : {archives.absolute(parution.get_absolute_url())}\n"
    )
    return HttpResponse(sentence, status=410, content_type="text/plain; charset=utf-8")


@sans_personne
@require_safe
def script(request, script):
    """One of the scripts that check and apply the files."""
    path = archives.SCRIPTS / f"{script}.py"
    if path not in archives.SCRIPTS.glob("*.py"):
        raise Introuvable("Ce script n’existe pas.")
    return HttpResponse(path.read_bytes(), content_type="text/x-python; charset=utf-8")


# --- The feed ---------------------------------------------------------------------------------


def atom(request):
    rows = parutions()[: flux.DANS_LE_FLUX]
    site = archives.absolute("")
    feed = flux.nouveau(request, "parutions", "Les parutions des données.", reverse("parutions"))
    for each in rows:
        words = [f"retirée : {each.motif}"] if each.est_retiree else resume(each)
        feed.add_item(
            str(each).capitalize() + (" (retirée)" if each.est_retiree else ""),
            request.build_absolute_uri(each.get_absolute_url()),
            " ".join([each.note, *words]).strip(),
            unique_id=f"{site}{each.get_absolute_url()}",
            updateddate=each.retiree_le or each.faite_le,
            pubdate=each.faite_le,
            author_name=flux.auteur(),
        )
    return flux.reponse(feed)
