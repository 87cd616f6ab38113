"""One view for every list: a page, and every format, from the same filtered queryset."""

from functools import cached_property
from typing import NamedTuple

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import QueryDict
from django.shortcuts import render
from django.urls import reverse

from programme.catalogue.adresse import AdresseView, Erreur
from programme.catalogue.controles import TAILLES, ControlesForm
from programme.catalogue.ecarts import EntreDeux
from programme.catalogue.journal import flux
from programme.catalogue.journal.regle import genres
from programme.catalogue.ordre import OrdreFrancais, order_by
from programme.donnees import horizon
from programme.donnees.curseur import DEBUT, CurseurInvalide, Tranche
from programme.donnees.exports import TAILLE, export_response, page_json, tranche_json
from programme.donnees.jeux import JEUX
from programme.donnees.schema import FORMATS, Type, ordre_total
from programme.models.desaccords import seuls
from territoires.models import rang_du_departement

TAGS_IN_TITLE = 3
ALPHABETICAL = ("de A à Z", "de Z à A")
SENS = {
    Type.TEXTE: ALPHABETICAL,
    Type.CHOIX: ALPHABETICAL,
    Type.DATE: ("de la plus ancienne à la plus récente", "de la plus récente à la plus ancienne"),
}
"""How each way of a sort is said; numbers and codes go up or down."""


class Retrait(NamedTuple):
    """A filter of a list that has no row: in words, how many rows it keeps `seul` (None: it makes
    no sense alone), the address without it, how many rows it would then have.
    """

    mots: str
    seul: int | None
    url: str
    sans: int


class JeuView(EntreDeux, AdresseView):
    """The rows of a dataset: pages of JSON when one is asked for, else whole files.

    A subclass gives `jeu` and `sorted_queryset`, public rows in their order.
    """

    form_class = ControlesForm
    jeu = None
    sorted_queryset = None
    ecartes = ()

    @property
    def by_pages(self):
        """Whether the answer is one page: as HTML, or as JSON that names a page or its size."""
        asked = self.demande
        if asked["format"] == "json":
            return bool(asked["page"] or asked["taille"])
        return not asked["format"]

    @property
    def tri_demande(self):
        """The order asked for, or the usual one of the rows."""
        return self.demande.get("tri", "")

    @cached_property
    def tranche(self):
        """The rows from the cursor on. Raises `CurseurInvalide`."""
        size = self.demande["taille"] or TAILLE
        sel = f"{self.jeu.code}:{self.tri_demande}"
        return Tranche(self.sorted_queryset, self.demande["curseur"], size, sel=sel)

    def page_errors(self):
        if self.moments:
            return self.ecart_errors()
        if self.demande.get("curseur"):
            return self._cursor_errors()
        return super().page_errors() if self.page_number > 1 and self.by_pages else []

    def _cursor_errors(self):
        try:
            self.tranche.place  # noqa: B018 read once, here
        except CurseurInvalide:
            sentence = (
                "Ce curseur n’est pas de cette liste dans cet ordre : suivez « next » depuis "
                f"curseur={DEBUT}."
            )
            return [Erreur("curseur", "curseur", sentence, "curseur")]
        return []

    @property
    def rows(self):
        """The rows that are counted."""
        return self.sorted_queryset

    @cached_property
    def totaux(self):
        return self.get_totaux()

    def get_totaux(self):
        """At least `lignes`, how many rows the filters keep: the only count of a page."""
        if not (measures := horizon.mesures(self.jeu)):
            return {"lignes": self.rows.count()}
        return self.rows.order_by().aggregate(lignes=Count("pk"), **measures)

    @cached_property
    def paginator(self):
        paginator = Paginator(self.sorted_queryset, self.demande["taille"] or TAILLE)
        paginator.count = self.totaux["lignes"]
        return paginator

    def answer(self):
        if self.demande["curseur"]:
            return tranche_json(self.request, self.jeu, self.tranche, self.totaux, self.ecartes)
        if self.by_pages:
            return page_json(self.request, self.jeu, self.page, self.totaux, self.ecartes)
        asked = {name: self.demande[name] for name in ("format", "separateur")}
        rows = self.sorted_queryset
        return export_response(self.request, self.jeu, rows, **asked, ecartes=self.ecartes)


class CatalogueView(JeuView):
    """A filtered, sorted, paged list, and the same rows as CSV, XLSX, JSON or GeoJSON.

    A subclass names its published dataset (`jeu_code`), its `filterset_class`, its `table_class`,
    what a row is called (`nom`) and the order when none is asked for (`tri`; empty, the model's).
    """

    jeu_code = ""
    table_class = None
    template_name = "programme/listes/liste.html"
    refusal_template = ""
    titre = ""
    nom = "ligne"
    chapo = ""
    tri = ""
    geographie = None
    """The day whose geography the rows are of, when it is not that of their source."""

    def answer(self):
        if self.demande["format"] == flux.FORMAT:
            return self.flux()
        if self.demande["format"]:
            return super().answer()
        return render(self.request, self.template_name, self.get_context_data())

    # --- What the address asks ----------------------------------------------------------------

    @property
    def jeu(self):
        return JEUX[self.jeu_code]

    def get_form(self):
        form = self.form_class(self.requete.data, tris=self.tris)
        if self.suivie:
            form.fields["format"].mots = (*FORMATS, flux.FORMAT)
        return form

    @property
    def suivie(self):
        """Whether the journal tells of its rows."""
        return self.jeu_code in genres()

    def flux(self):
        """What changed in the filtered rows, as Atom."""
        titre = self.titre_filtre
        address = self.request.path + self.requete.canonique
        phrase = f"Ce qui a changé dans les lignes de la liste « {titre} »."
        told = flux.of_rows(self.jeu, self.filterset.qs, tout=not self.filterset.actifs)
        return flux.atom(self.request, titre, phrase, address, told)

    def get_filterset(self):
        return self.filterset_class(self.requete.data, self.jeu.published(), request=self.request)

    @property
    def tri_demande(self):
        return self.demande["tri"] or self.tri

    def get_refusal_context(self):
        return self.get_base_context() | super().get_refusal_context()

    # --- The rows -----------------------------------------------------------------------------

    @property
    def avec_population(self):
        return "population" in self.columns

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
        return self._trier(self.filterset.qs)

    def _trier(self, rows):
        queryset = self.jeu.preparer(rows)
        if not (asked := self.tri_demande):
            model = self.jeu.modele
            return queryset.order_by(*model._meta.ordering, *ordre_total(model))
        column = self.columns[asked.removeprefix("-")]
        expression = column.expression()
        if column.type in (Type.TEXTE, Type.CHOIX):
            expression = OrdreFrancais(expression)
        elif column.type is Type.CODE:
            expression = rang_du_departement(expression)
        order = order_by(expression, descending=asked.startswith("-"))
        return queryset.order_by(order, *ordre_total(queryset.model))

    def get_tout(self):
        """How many rows there are without any filter."""
        everything = self.filterset_class({}, self.jeu.published(), request=self.request)
        return everything.qs.count() if everything.is_valid() else 0

    @property
    def rows(self):
        return self.filterset.qs

    @property
    def ecartes(self):
        return self.filterset.ecartes

    @property
    def keys(self):
        """The primary keys of the rows, in order: a page takes a slice of them."""
        return self._trier(self.filterset.trouvees).values_list("pk", flat=True)

    @cached_property
    def paginator(self):
        if self.demande["format"]:
            return super().paginator
        paginator = Paginator(self.keys, self.demande["taille"] or TAILLES[0])
        paginator.count = self.totaux["lignes"]
        return paginator

    def of_page(self, keys):
        """The rows among which those of these keys are looked for."""
        return self.jeu.modele.objects.all()

    def get_rows(self):
        """What the table reads, as dictionaries, for the rows of this page alone."""
        return self.read_rows(list(self.page.object_list))

    def read_rows(self, keys):
        """The same, for the rows of these primary keys, in their order."""
        with seuls(keys):
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
            **self.get_sort_context(),
            "filtrer": reverse("filtrer", args=[self.jeu_code])
            + self.requete.avec().removesuffix("?"),
            "criteres": self.filterset.presentations,
            "erreurs": [],
        }

    def get_sort_context(self):
        """The order asked for, "" for the usual one, and what it is in words."""
        asked = self.requete.data.get("tri", "")
        known = asked.removeprefix("-") in self.tris
        return {
            "tri": asked if known else "",
            "tri_dit": self._sort_in_words(asked) if known else self.tri_habituel,
        }

    @property
    def suivis(self):
        """Where one follows the list, if one does: its Atom feed, and its address."""
        return {
            "flux": self.requete.fichier(format=flux.FORMAT) if self.suivie else "",
            "suivre": self.request.path + self.requete.canonique,
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
                **self.suivis,
            }
        return self.get_base_context() | {
            "titre": self._title(tags),
            "table": self.table_class(self.get_rows(), vue=self),
            **self.get_page_context(),
            "totaux": self.totaux,
            "etiquettes": self._tags(tags),
            "ecartes": self.filterset.ecartes,
            "notes": self.filterset.notes,
            **self.suivis,
            "exports": [
                (words, self.requete.fichier(**parameters)) for words, parameters in self.jeu.offres
            ],
            "tailles": [(size, self.requete.avec(taille=size)) for size in TAILLES],
        }

    def _tags(self, tags):
        return [(tag, self.requete.sans(tag.parametres, tag.valeur)) for tag in tags]

    def _nothing(self, tags):
        """Why there is no row: `tout`, how many there are without any filter, `filtres`, how many
        values are asked for, and `parts`, a `Retrait` for each filter in use, when several are.
        """
        actifs = self.filterset.actifs
        return {
            "tout": self.get_tout(),
            "filtres": len(tags),
            "parts": [self._without(critere, value) for critere, value in actifs]
            if len(actifs) > 1
            else [],
        }

    def _without(self, critere, value):
        everything = self.filterset.queryset.all()
        return Retrait(
            f"{critere.label} : {', '.join(tag.texte for tag in critere.etiquettes(value))}",
            self._kept_by(critere),
            self.requete.sans(critere.parametres),
            self.filterset.filter_queryset(everything, sauf=critere.nom).count(),
        )

    def _kept_by(self, critere):
        """How many rows a filter keeps by itself; None when it makes no sense alone."""
        asked = QueryDict(mutable=True)
        for name in critere.parametres:
            asked.setlist(name, self.requete.data.getlist(name))
        alone = self.filterset_class(asked, self.jeu.published(), request=self.request)
        return None if alone.erreurs else alone.qs.count()

    @property
    def titre_filtre(self):
        return self._title(self.filterset.etiquettes)

    def _title(self, tags):
        """The title with the filter in words: « Projets : Bretagne, Bois »."""
        words = [tag.titre for tag in tags]
        if not words:
            return self.titre
        if len(words) <= TAGS_IN_TITLE:
            return f"{self.titre} : {', '.join(words)}"
        shown = ", ".join(words[: TAGS_IN_TITLE - 1])
        return f"{self.titre} : {shown} et {len(words) - TAGS_IN_TITLE + 1} autres filtres"

    @property
    def choix_de_tri(self):
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

    @property
    def tri_habituel(self):
        """The order of the list when none is asked for, in words."""
        return self._sort_in_words(self.tri or self.jeu.cle[0])
