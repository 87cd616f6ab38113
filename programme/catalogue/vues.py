"""One view for every list: a page, and every format, from the same filtered queryset."""

from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import QueryDict
from django.shortcuts import render
from django.views import View

from programme.catalogue.controles import CONTROLES, TAILLES, ControlesForm
from programme.catalogue.listes.filterset import Erreur, check_parameters
from programme.catalogue.ordre import OrdreFrancais, order_by
from programme.catalogue.requete import LONGEST, Requete
from programme.donnees import provenance
from programme.donnees.exports import (
    ParametreInvalide,
    export_response,
    refusal,
)
from programme.donnees.jeux import JEUX
from programme.donnees.schema import FORMATS, Type
from programme.models.sources import Sources
from territoires.models import rang_du_departement

TAGS_IN_TITLE = 3
ALPHABETICAL = ("de A à Z", "de Z à A")
SENS = {
    Type.TEXTE: ALPHABETICAL,
    Type.CHOIX: ALPHABETICAL,
    Type.DATE: ("de la plus ancienne à la plus récente", "de la plus récente à la plus ancienne"),
}
"""How each way of a sort is said; numbers and codes go up or down."""


class CatalogueView(View):
    """A filtered, sorted, paged list, and the same rows as CSV, XLSX, JSON or GeoJSON.

    A subclass names its published dataset (`jeu_code`), its `filterset_class`, its `table_class`,
    what a row is called (`nom`) and the order when none is asked for (`tri`; empty, the model's).
    Whatever the address holds that the list does not understand is a 400 that names the parameter
    and the remedy.
    """

    jeu_code = ""
    filterset_class = None
    table_class = None
    template_name = "programme/listes/liste.html"
    titre = ""
    nom = "ligne"
    chapo = ""
    tri = ""

    def get(self, request):
        if errors := self.errors():
            return self.refuse(errors)
        chosen = self.controles.cleaned_data["format"]
        if not chosen:
            return render(request, self.template_name, self.get_context_data())
        return export_response(request, self.jeu, self.sorted_queryset, chosen)

    # --- What the address asks ----------------------------------------------------------------

    @property
    def jeu(self):
        return JEUX[self.jeu_code]

    @cached_property
    def too_long(self):
        return len(self.request.META.get("QUERY_STRING", "")) > LONGEST

    @cached_property
    def requete(self):
        return Requete(QueryDict() if self.too_long else self.request.GET)

    @cached_property
    def filterset(self):
        return self.filterset_class(self.requete.data, self.jeu.published(), request=self.request)

    @cached_property
    def controles(self):
        return ControlesForm(self.requete.data, tris=self.tris, formats=FORMATS)

    @property
    def tri_demande(self):
        return self.controles.cleaned_data["tri"] or self.tri

    def errors(self):
        """Every error of the address; empty when the list can be answered."""
        if self.too_long:
            sentence = f"Elle dépasse {LONGEST} caractères : retirez des filtres."
            return [Erreur("adresse", "Adresse", sentence)]
        known = self.filterset_class.parametres() | dict.fromkeys(CONTROLES, False)
        if errors := check_parameters(self.requete.data, known):
            return errors
        controls = [
            Erreur(name, name, message)
            for name, messages in self.controles.errors.items()
            for message in messages
        ]
        return [*self.filterset.erreurs, *controls] or self.page_errors()

    def page_errors(self):
        number = self.controles.cleaned_data["page"] or 1
        # A file has no page, and that of JSON is checked where it is read.
        if number == 1 or self.controles.cleaned_data["format"]:
            return []
        if number <= (last := self.paginator.num_pages):
            return []
        known = f"de 1 à {last}" if last > 1 else "1, la seule"
        sentence = f"La page {number} n’existe pas : demandez la page {known}."
        return [Erreur("page", "page", sentence)]

    def refuse(self, errors):
        """400: the form with its errors for a person, plain sentences for a machine."""
        asked = "" if self.too_long else self.request.GET.get("format", "")
        if asked in FORMATS or (asked and not self._is_browser()):
            sentences = " ".join(f"{error.parametre} : {error.message}" for error in errors)
            return refusal(ParametreInvalide(sentences), asked)
        context = self.get_base_context() | {"erreurs": errors}
        return render(self.request, self.template_name, context, status=400)

    def _is_browser(self):
        return self.request.get_preferred_type(["text/plain", "text/html"]) == "text/html"

    # --- The rows -----------------------------------------------------------------------------

    @cached_property
    def columns(self):
        return {colonne.nom: colonne for colonne in self.jeu.colonnes}

    @property
    def tris(self):
        """Columns of the dataset by which the list sorts, with their titles."""
        return {name: self.columns[name].titre for name in self.table_class.tris}

    @cached_property
    def sorted_queryset(self):
        """The filtered rows in the order asked for; the primary key tells ties apart."""
        queryset = self.jeu.preparer(self.filterset.qs)
        if not (asked := self.tri_demande):
            return queryset.order_by(*self.jeu.modele._meta.ordering, "pk")
        column = self.columns[asked.removeprefix("-")]
        expression = column.expression()
        if column.type in (Type.TEXTE, Type.CHOIX):
            expression = OrdreFrancais(expression)
        elif column.type is Type.CODE:
            expression = rang_du_departement(expression)
        return queryset.order_by(order_by(expression, descending=asked.startswith("-")), "pk")

    def get_tout(self):
        """How many rows there are without any filter."""
        everything = self.filterset_class({}, self.jeu.published(), request=self.request)
        return everything.qs.count() if everything.is_valid() else 0

    @cached_property
    def totaux(self):
        return self.get_totaux()

    def get_totaux(self):
        """At least `lignes`, how many rows the filters keep: the only count of a page."""
        origine = provenance.of_jeu(self.jeu)
        if origine is None or not isinstance(origine.source, str):
            return {"lignes": self.filterset.qs.count()}
        told = self.filterset.qs.order_by()
        return told.aggregate(lignes=Count("pk"), sources=Sources(origine.source))

    @property
    def keys(self):
        """The primary keys of the rows, in order: a page takes a slice of them."""
        return self.sorted_queryset.values_list("pk", flat=True)

    @cached_property
    def paginator(self):
        size = self.controles.cleaned_data["taille"] or TAILLES[0]
        paginator = Paginator(self.keys, size)
        paginator.count = self.totaux["lignes"]
        return paginator

    @cached_property
    def page(self):
        return self.paginator.page(self.controles.cleaned_data["page"] or 1)

    def of_page(self, keys):
        """The rows among which those of these keys are looked for."""
        return self.jeu.modele.objects.all()

    def get_rows(self):
        """What the table reads, as dictionaries, for the rows of this page alone."""
        keys = list(self.page.object_list)
        read = {name: self.columns[name].expression() for name in self.table_class.read()}
        read |= self.table_class.get_extras()
        read = {f"c_{name}": expression for name, expression in read.items()}
        queryset = self.jeu.preparer(self.of_page(keys).filter(pk__in=keys))
        rows = queryset.order_by().annotate(**read).values_list("pk", *read)
        names = [name.removeprefix("c_") for name in read]
        found = {key: dict(zip(names, values, strict=True)) for key, *values in rows}
        return [found[key] for key in keys]

    # --- The page -----------------------------------------------------------------------------

    def get_base_context(self):
        return {
            "vue": self,
            "titre": self.titre,
            "canonique": self.requete.canonique,
            "noindex": self.requete.noindex,
            "taille": self.requete.data.get("taille", ""),
            "tris": self._sorts(),
            "tri_habituel": self._usual_sort(),
            "criteres": self.filterset.presentations,
            "erreurs": [],
        }

    def get_context_data(self):
        tags = self.filterset.etiquettes
        if not self.totaux["lignes"]:
            return self.get_base_context() | {
                "titre": self._title(tags),
                "totaux": self.totaux,
                "etiquettes": self._tags(tags),
                "ecartes": self.filterset.ecartes,
                "notes": self.filterset.notes,
                "page": self.page,
                "vide": self._nothing(tags),
            }
        return self.get_base_context() | {
            "titre": self._title(tags),
            "table": self.table_class(self.get_rows(), vue=self),
            "page": self.page,
            "pages": self._pages(),
            "precedente": self.requete.avec(page=self.page.number - 1),
            "suivante": self.requete.avec(page=self.page.number + 1),
            "totaux": self.totaux,
            "etiquettes": self._tags(tags),
            "ecartes": self.filterset.ecartes,
            "notes": self.filterset.notes,
            "exports": [
                (words, self.requete.fichier(**parameters)) for words, parameters in self.jeu.offres
            ],
            "tailles": [(size, self.requete.avec(taille=size)) for size in TAILLES],
        }

    def _tags(self, tags):
        return [(tag, self.requete.sans(tag.parametres, tag.valeur)) for tag in tags]

    def _nothing(self, tags):
        """Why there is no row: `tout`, how many there are without any filter, and `sans`,
        `(active value in words, address without its filter, rows it would then keep)`.
        """
        without = {
            critere.nom: self.filterset.filter_queryset(
                self.filterset.queryset.all(), sauf=critere.nom
            ).count()
            for critere, _ in self.filterset.actifs
        }
        rescues = []
        for critere, value in self.filterset.actifs:
            if number := without[critere.nom]:
                words = ", ".join(tag.texte for tag in critere.etiquettes(value))
                address = self.requete.sans(critere.parametres)
                rescues.append((f"{critere.label} : {words}", address, number))
        return {
            "tout": self.get_tout(),
            "sans": rescues,
            "filtres": len(tags),
        }

    def _title(self, tags):
        """The title with the filter in words: « Projets : Bretagne, Bois »."""
        words = [tag.titre for tag in tags]
        if not words:
            return self.titre
        if len(words) <= TAGS_IN_TITLE:
            return f"{self.titre} : {', '.join(words)}"
        shown = ", ".join(words[: TAGS_IN_TITLE - 1])
        return f"{self.titre} : {shown} et {len(words) - TAGS_IN_TITLE + 1} autres filtres"

    def _sorts(self):
        """`(value, words, chosen)` of each order, both ways."""
        asked = self.requete.data.get("tri", "")
        return [
            (value, self._sort_in_words(value), value == asked)
            for name in self.tris
            for value in (name, f"-{name}")
        ]

    def _sort_in_words(self, value):
        column = self.columns[value.removeprefix("-")]
        ways = SENS.get(column.type, ("croissant", "décroissant"))
        return f"{column.titre} ({ways[value.startswith('-')]})"

    def _usual_sort(self):
        """The order of the list when none is asked for, in words."""
        return self._sort_in_words(self.tri or self.jeu.cle[0])

    def _pages(self):
        """`(number or …, address)` of the numbered pages."""
        numbers = self.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)
        return [
            (number, self.requete.avec(page=number) if isinstance(number, int) else "")
            for number in numbers
        ]
