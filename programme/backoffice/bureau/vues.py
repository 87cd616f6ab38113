"""The pages of the desk: what is incomplete, what nobody touched for six months, its calendar."""

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from programme.backoffice.bureau.accueil import dernier_changement
from programme.backoffice.bureau.attentes import lien_liste
from programme.backoffice.bureau.cadre import cadre_of, nom_du_bureau
from programme.backoffice.bureau.incomplets import LISTES, genres, incomplets, nommes
from programme.backoffice.bureau.liens import adresse, lien
from programme.backoffice.bureau.seances import seances_de
from programme.backoffice.bureau.sommeil import dormants
from programme.catalogue.pages.actualites import calendrier, fait_de
from programme.catalogue.pages.fiche import Introuvable
from programme.models import Publication, Seance

LIGNES_PAR_PAGE = 50


class BureauMixin:
    """For the admin site: the pages beside its home."""

    def get_urls(self):
        ours = [
            path("incomplets/", self.admin_view(self.incomplets), name="bureau_incomplets"),
            path("sans-changement/", self.admin_view(self.sommeil), name="bureau_sommeil"),
            path("calendrier.ics", self.admin_view(self.calendrier), name="bureau_calendrier"),
        ]
        return [*ours, *super().get_urls()]

    def incomplets(self, request):
        """The records that lack something, the worst first; `?type=` a kind, `?regle=` a rule."""
        cadre, regions = cadre_of(request)
        day = timezone.localdate()
        kinds = genres(cadre, day)
        genre, regle = _asked(request, kinds)
        rows = incomplets(cadre, genre.modele, genre.regles, day, regle)
        page = Paginator(rows, LIGNES_PAR_PAGE).get_page(request.GET.get("p"))
        liste = regle.liste if regle else {}
        context = {
            "title": "Ce qui est incomplet",
            "menu": [(kind, adresse("bureau_incomplets", cadre, type=kind.code)) for kind in kinds],
            "genre": genre,
            "regle": regle,
            "comptes": [
                (c, adresse("bureau_incomplets", cadre, regle=c.regle.code)) for c in genre.comptes
            ],
            "toutes_url": adresse("bureau_incomplets", cadre, type=genre.code),
            "page": page,
            "lignes": [
                lien(found.objet, ", ".join(found.manques)) for found in nommes(page, genre.regles)
            ],
            "liste_url": (
                lien_liste(self, cadre, genre.modele, LISTES.get(genre.modele, {}) | liste)
                if liste
                else ""
            ),
            "parametres": _parameters(cadre, regle=regle and regle.code, type=genre.code),
        }
        return self._bureau(request, cadre, regions, "admin/bureau/incomplets.html", context)

    def sommeil(self, request):
        """Contracts and projects under way without any change for six months; `?type=` a kind."""
        cadre, regions = cadre_of(request)
        kinds = dormants(cadre, timezone.localdate())
        asked = request.GET.get("type", "")
        codes = [rows.model._meta.model_name for _, rows, _ in kinds]
        if not kinds:
            raise PermissionDenied
        if asked and asked not in codes:
            raise Introuvable("Aucun enregistrement de ce genre sur ce bureau.")
        code = asked or next((c for c, kind in zip(codes, kinds, strict=True) if kind[2]), codes[0])
        rows = kinds[codes.index(code)][1]
        page = Paginator(rows, LIGNES_PAR_PAGE).get_page(request.GET.get("p"))
        context = {
            "title": "Sans changement depuis six mois",
            "menu": [
                (nom, nombre, c, adresse("bureau_sommeil", cadre, type=c))
                for c, (nom, _, nombre) in zip(codes, kinds, strict=True)
            ],
            "code": code,
            "page": page,
            "lignes": [lien(row, dernier_changement(row.derniere)) for row in page],
            "parametres": _parameters(cadre, type=code),
        }
        return self._bureau(request, cadre, regions, "admin/bureau/sommeil.html", context)

    def calendrier(self, request):
        """The séances of the desk as iCalendar, drafts included; each leads to its page here."""
        cadre, _ = cadre_of(request)
        if not cadre.lit(Seance):
            raise PermissionDenied
        response = calendrier(
            f"{nom_du_bureau(cadre.agent)} : séances", map(_evenement, seances_de(cadre))
        )
        response["Content-Disposition"] = 'attachment; filename="calendrier.ics"'
        return response

    def _bureau(self, request, cadre, regions, template, context):
        context = {
            **self.each_context(request),
            "subtitle": None,
            "opts": None,
            "cadre": cadre,
            "regions": regions,
            **context,
        }
        return TemplateResponse(request, template, context)


def _evenement(seance):
    """What a séance is for those who prepare it: its agenda, and whether the public reads it."""
    fait = fait_de(seance)
    waits = "" if seance.publication == Publication.PUBLIE else f" ({seance.publication})"
    return replace(
        fait,
        titre=f"{fait.titre}{waits}",
        detail=seance.ordre_du_jour,
        url=lien(seance).url,
    )


def _asked(request, kinds):
    """The kind and the rule that the address asks for; by default the first that is incomplete."""
    regle, code = request.GET.get("regle", ""), request.GET.get("type", "")
    if regle:
        for kind in kinds:
            for rule in kind.regles:
                if rule.code == regle:
                    return kind, rule
        raise Introuvable("Aucune règle de ce nom sur ce bureau.")
    if code:
        for kind in kinds:
            if kind.code == code:
                return kind, None
        raise Introuvable("Aucun enregistrement de ce genre sur ce bureau.")
    return next((kind for kind in kinds if kind.nombre), kinds[0]), None


def _parameters(cadre, **asked):
    """What the links to other pages repeat, such as `type=projet&region=28&`."""
    if cadre.region:
        asked["region"] = cadre.region.pk
    return "".join(f"{key}={value}&" for key, value in asked.items() if value)
