"""What other sites may put in a frame: a figure, a chart, a list, a citation, the map.

These pages alone may be framed. They hold their source and their date, drop no cookie and ask no
other site for anything. `/integrer/` makes the lines to copy and shows the frame.
"""

from functools import cached_property

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_exempt

from programme.catalogue import moments
from programme.catalogue.adresse import AdresseView, Erreur
from programme.catalogue.citer.citables import CITABLES, LISTES
from programme.catalogue.citer.lecture import Illisible, lire
from programme.catalogue.citer.vues import CitationVue
from programme.catalogue.listes.champs import shown
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.personnes import sans_personne
from programme.donnees.jeux import JEUX
from programme.models import Citation
from programme.requetes import view_of
from territoires import moment

LIGNES = 25
"""Rows of a list in a frame: the whole list is a link away."""
CADRE = "programme/integrer/cadre.html"
ABSENT = (
    "Ce cadre n’existe plus : ce qu’il montrait a changé d’adresse ou n’a jamais existé. Le site "
    "d’où il vient est juste dessous."
)
TABLEAU = "tableau-"
HAUTEURS = {"tableau": 720, "graphique": 620, "chiffre": 260, "carte": 900}
"""Pixels that the lines to copy give to each kind of frame."""

ouvert_a_tous = method_decorator(
    [xframe_options_exempt, csp_replace({"frame-ancestors": ["*"]})], "dispatch"
)


class Cadre:
    """For the view of a frame: what it shows, or a sentence, in the same page."""

    def cadre(self, status=200, **context):
        known = {"erreurs": [], "genre": "", "titre": "Cadre", "lien": reverse("accueil")}
        context = known | {"date": moment.today()} | context
        if au := moments.lu(self.request):
            context["lien"] = moments.avec(context["lien"], au["au"].seul)
        return render(self.request, CADRE, context, status=status)

    def absent(self):
        return self.cadre(404, titre="Ce cadre n’existe plus", phrase=ABSENT, genre="absent")

    def refus(self, erreurs, lien):
        return self.cadre(400, titre="Cadre refusé", erreurs=erreurs, lien=lien)

    @property
    def demandee(self):
        """The query string, as it came."""
        return self.request.META.get("QUERY_STRING", "")


@ouvert_a_tous
@sans_personne
class ChiffreView(Cadre, AdresseView):
    """`/integrer/chiffre/<code>/?…`: a figure or a chart as it is now, for the rows asked for."""

    def get(self, request, chiffre):
        citable = CITABLES.get(chiffre)
        if citable is None:
            return self.absent()
        try:
            lecture = lire(request, citable, self.demandee)
        except Illisible as refused:
            return self.refus(refused.erreurs, citable.adresse)
        vue = citable.vue(request, lecture.requete)
        drawn = citable.dessiner and not vue.erreurs and citable.dessiner(vue)
        return self.cadre(
            genre="graphique" if drawn else "chiffre",
            titre=lecture.nom or citable.titre,
            citable=citable,
            lecture=lecture,
            valeur=citable.dire(lecture.mesure),
            retenus=citable.retenus(lecture.mesure),
            graphique=drawn,
            lien=citable.lien(request, lecture.requete),
        )


@ouvert_a_tous
class TableauView(Cadre, AdresseView):
    """`/integrer/tableau/<jeu>/?…`: the first rows of a filtered list."""

    def get(self, request, jeu):
        found = JEUX.get(jeu)
        if found is None or jeu not in {citable.code for citable in LISTES}:
            return self.absent()
        address = reverse(found.liste)
        vue = view_of(request, address, self.demandee)
        if vue.erreurs:
            return self.refus(vue.erreurs, address)
        if vue.demande["format"] or vue.page_number > 1:
            name = "format" if vue.demande["format"] else "page"
            sentence = "Un cadre montre les premières lignes d’une liste : retirez ce paramètre."
            return self.refus([Erreur(name, name, sentence)], address)
        total = vue.totaux["lignes"]
        keys = list(vue.keys[:LIGNES])
        return self.cadre(
            genre="tableau",
            titre=vue.titre_filtre,
            vue=vue,
            totaux=vue.totaux,
            table=vue.table_class(vue.read_rows(keys), vue=vue) if keys else None,
            nombre=total,
            montrees=len(keys),
            lien=f"{address}{vue.requete.permalien}",
        )


@ouvert_a_tous
@sans_personne
class CitationCadreView(Cadre, CitationVue):
    """`/integrer/citation/<code>/`: what was cited, which stays."""

    def answer(self, code):
        try:
            return super().answer(code)
        except Introuvable:
            return self.absent()

    def show(self):
        return self.cadre(
            genre="citation",
            titre=self.enonces.nom,
            e=self.enonces,
            lien=self.citation.get_absolute_url(),
        )


@ouvert_a_tous
@sans_personne
class AbsentView(Cadre, AdresseView):
    """Any other address of a frame: a sentence, in the page that holds the frame too."""

    def answer(self, reste):
        return self.absent()


# --- The page that makes the lines to copy --------------------------------------------------------


class IntegrerForm(forms.Form):
    """What to frame: a figure, a chart, a list or the map, of which rows; or a citation."""

    quoi = forms.CharField(required=False, label="Quoi")
    requete = forms.CharField(required=False, label="Filtres")
    au = forms.CharField(required=False, label="Au moment")
    citation = forms.CharField(required=False, label="Citation")

    def clean_au(self):
        asked = self.cleaned_data["au"]
        return moments.lire(asked).texte if asked else ""

    def clean_quoi(self):
        code = self.cleaned_data["quoi"]
        if code and code not in CITABLES and code not in TABLEAUX:
            raise forms.ValidationError(
                f"« {shown(code)} » ne s’intègre pas. Choisissez dans la liste."
            )
        return code

    def clean_citation(self):
        code = self.cleaned_data["citation"]
        if code and not Citation.objects.filter(pk=code).exists():
            raise forms.ValidationError(
                f"Aucune citation n’a le code « {shown(code)} ». Recopiez celui de son lien."
            )
        return code


def _query(text):
    """What chooses rows in a text: an address of ours, or what follows its « ? »."""
    address, asked, query = text.strip().partition("?")
    return query if asked or "/" in address else address


TABLEAUX = {f"{TABLEAU}{citable.code}": citable for citable in LISTES}


@method_decorator(csp_update({"frame-src": [SELF]}), "dispatch")
@sans_personne
class IntegrerView(AdresseView):
    """`/integrer/`: choose, see, copy."""

    form_class = IntegrerForm
    refusal_template = "programme/integrer/integrer.html"

    def answer(self):
        return render(self.request, self.refusal_template, self.get_context())

    def get_refusal_context(self):
        return self.get_context() | super().get_refusal_context()

    def get_context(self):
        data = {} if self.too_long else self.requete.data
        return {
            "erreurs": [],
            "choix": self.choix,
            "saisie": {name: data.get(name, "") for name in self.form_class.base_fields},
            "cadre": None if self.erreurs else self.cadre,
        }

    @cached_property
    def choix(self):
        """`(title of a group, [(code, words)])`."""
        figures = [c for c in CITABLES.values() if not c.est_un_graphique and not c.est_une_carte]
        return [
            ("Tableaux", [(code, c.page_titre) for code, c in TABLEAUX.items()]),
            ("Graphiques", [(c.code, c.titre) for c in CITABLES.values() if c.est_un_graphique]),
            (
                "Carte",
                [(c.code, "La carte et son tableau") for c in CITABLES.values() if c.est_une_carte],
            ),
            ("Chiffres", [(c.code, c.titre) for c in figures]),
        ]

    @property
    def cadre(self):
        """`{adresse, titre, hauteur}` of the frame asked for; None before anything is chosen."""
        asked = self.demande
        if code := asked["citation"]:
            address = reverse("integrer_citation", args=[code])
            return {"adresse": address, "titre": "Chiffre cité", "hauteur": HAUTEURS["chiffre"]}
        if not (code := asked["quoi"]):
            return None
        query = _query(asked["requete"])
        kind, name, address = self._place(code)
        address += f"?{query}" if query else ""
        if asked["au"]:
            address = moments.avec(address, asked["au"])
        return {"adresse": address, "titre": name, "hauteur": HAUTEURS[kind]}

    @staticmethod
    def _place(code):
        """`(kind, words, address)` of what is framed."""
        if code in TABLEAUX:
            citable = TABLEAUX[code]
            return "tableau", citable.page_titre, reverse("integrer_tableau", args=[citable.code])
        citable = CITABLES[code]
        if citable.est_une_carte:
            return "carte", "Carte des Territoires d’industrie", reverse("integrer_carte")
        kind = "graphique" if citable.est_un_graphique else "chiffre"
        return kind, citable.titre, reverse("integrer_chiffre", args=[code])
