"""The one way to read a public address: strictly. What it does not understand is a 400 that names
the parameter, the fault and the remedy, the same at every address.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import PurePosixPath

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views import View

from programme.catalogue import moments
from programme.catalogue.listes.champs import shown
from programme.catalogue.requete import LONGEST, Requete
from programme.donnees import problemes
from programme.requetes import SANS_PUBLIC

"""What is no public page; what it reads of its address is its own business."""
FICHIERS_JSON = (".json", ".jsonld")


@dataclass(frozen=True)
class Erreur:
    """What is wrong with one parameter, and the remedy, in a sentence.

    code: the kind of fault, a key of `problemes.ANGLAIS` when it has one.
    """

    parametre: str
    libelle: str
    message: str
    code: str = ""

    @property
    def anglais(self):
        return problemes.ANGLAIS.get(self.code, problemes.ILLISIBLE)


class MotField(forms.CharField):
    """One word among known ones, or nothing; the error names them all."""

    def __init__(self, mots=(), **kwargs):
        super().__init__(required=False, **kwargs)
        self.mots = mots

    def validate(self, value):
        super().validate(value)
        if value and value not in self.mots:
            raise ValidationError(
                f"« {shown(value)} » n’existe pas. Valeurs possibles : {', '.join(self.mots)}.",
                code="invalid_choice",
            )


class PageField(forms.IntegerField):
    """The number of a page."""

    def __init__(self):
        sentence = "Un numéro de page est un nombre entier à partir de 1."
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), sentence)
        super().__init__(required=False, min_value=1, max_value=10**9, error_messages=messages)


class ParcoursForm(forms.Form):
    """The page of one record. liste: what the list that led there was asked for."""

    liste = forms.CharField(required=False)


class FicheForm(ParcoursForm):
    """The same, or its JSON."""

    format = MotField(("json",))


class PageForm(forms.Form):
    page = PageField()


def check_parameters(data, known):
    """The errors of a query string before its values are read: `known` says what may repeat."""
    errors = []
    for name, values in data.lists():
        label = shown(name)
        if any("\x00" in text for text in (name, *values)):
            code, message = "nul", "Ce paramètre contient un caractère nul : retirez-le."
        elif name not in known:
            close = get_close_matches(name[:60], known, n=1)
            remedy = f"Vouliez-vous dire « {close[0]} » ?" if close else "Retirez-le."
            code, message = "inconnu", f"Ce paramètre n’existe pas à cette adresse. {remedy}"
        elif len(values) > 1 and not known[name]:
            code = "repete"
            message = "Ce paramètre est donné plusieurs fois : gardez une seule valeur."
        else:
            continue
        label = label.replace("\x00", "␀")
        errors.append(Erreur(label, label, message, code))
    return errors


class AdresseView(View):
    """A view whose address holds the fields of `form_class` and the filters of `filterset_class`.

    A subclass answers in `answer()`; it may trust `demande`, the cleaned fields. One with pages has
    a `paginator`.
    """

    form_class = forms.Form
    filterset_class = None
    template_name = ""
    refusal_template = "programme/pages/adresse.html"  # empty: the page itself tells the errors
    paginator = None
    machine = ""  # the format of an address that no person reads

    def get(self, request, **kwargs):
        if self.erreurs:
            return self.refuse()
        if self.requete.a_des_vides and not self._machine():
            return redirect(request.path + self.requete.permalien)
        return self.answer(**kwargs)

    def answer(self, **kwargs):
        raise NotImplementedError

    @cached_property
    def too_long(self):
        return len(self.request.META.get("QUERY_STRING", "")) > LONGEST

    @cached_property
    def requete(self):
        return Requete(QueryDict() if self.too_long else self.request.GET)

    def get_form(self):
        return self.form_class(self.requete.data)

    @cached_property
    def form(self):
        return self.get_form()

    @property
    def demande(self):
        return self.form.cleaned_data

    def get_filterset(self):
        return None

    @cached_property
    def filterset(self):
        return self.get_filterset()

    @property
    def page_number(self):
        return self.demande["page"] or 1

    @cached_property
    def page(self):
        return self.paginator.page(self.page_number)

    def get_page_context(self, paginator=None):
        """The page asked for, and the addresses of the others: `(number or …, address)` of each.

        paginator: another than that of the view.
        """
        page = paginator.page(self.page_number) if paginator else self.page
        avec = self.requete.avec
        numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        return {
            "page": page,
            "pages": [(n, avec(page=n) if isinstance(n, int) else "") for n in numbers],
            "precedente": avec(page=page.number - 1),
            "suivante": avec(page=page.number + 1),
        }

    # --- What it does not understand ----------------------------------------------------------

    @cached_property
    def erreurs(self):
        """Every error of the address, as `Erreur`; empty when it can be answered."""
        if self.too_long:
            sentence = f"Elle dépasse {LONGEST} caractères : retirez des filtres."
            return [Erreur("adresse", "Adresse", sentence, "longueur")]
        known = dict.fromkeys(self.form.fields, False)
        if self.filterset_class:
            known |= self.filterset_class.parametres()
        if hasattr(self.request, "au"):
            known[moments.PARAMETRE] = False
        if errors := check_parameters(self.requete.data, known) or self._moment_errors():
            return errors
        found = [
            Erreur(name, str(self.form.fields[name].label or name), message, error.code or "")
            for name, errors in self.form.errors.as_data().items()
            for error in errors
            for message in error.messages
        ]
        if self.filterset_class:
            found += self.filterset.erreurs
        return found or self.page_errors()

    entre_deux = False
    """Whether it tells what changed between two moments."""

    def _moment_errors(self):
        asked, name = getattr(self.request, "au", None), moments.PARAMETRE
        if isinstance(asked, ValidationError):
            return [Erreur(name, name, message, asked.code) for message in asked.messages]
        if asked and asked.avant and not self.entre_deux:
            sentence = (
                "Deux moments se comparent sur la liste d’un jeu de données ; ici, donnez-en un "
                "seul."
            )
            return [Erreur(name, name, sentence, "moment")]
        return []

    def page_errors(self):
        if self.paginator is None or self.page_number <= (last := self.paginator.num_pages):
            return []
        known = f"de 1 à {last}" if last > 1 else "1, la seule"
        sentence = f"La page {self.page_number} n’existe pas : demandez la page {known}."
        return [Erreur("page", "page", sentence, "page")]

    def refuse(self):
        """400: the page with its form and the errors, or plain sentences for a machine."""
        if asked := self._machine():
            if "json" in asked:
                return problemes.refus(self.request, self.erreurs)
            lines = (f"{error.parametre} : {error.message}" for error in self.erreurs)
            text = " ".join(lines) + "\n"
            return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
        template = self.refusal_template or self.template_name
        return render(self.request, template, self.get_refusal_context(), status=400)

    def _machine(self):
        """The format in which a machine is answered; empty for a person, who gets a page."""
        path = self.request.path_info
        if path.startswith(problemes.API) or PurePosixPath(path).suffix in FICHIERS_JSON:
            return "json"
        if self.machine:
            return self.machine
        asked = "" if self.too_long else self.request.GET.get("format", "")
        known = getattr(self.form.fields.get("format"), "mots", ())
        wants_a_page = self.request.get_preferred_type(["text/plain", "text/html"]) == "text/html"
        return "" if asked not in known and wants_a_page else asked

    def get_refusal_context(self):
        return {"erreurs": self.erreurs}


def lit(form_class):
    """Declare the parameters that a view reads without being an `AdresseView`.

    None: it hands its address over to a view that reads it.
    """

    def declared(view):
        view.adresse = form_class
        return view

    return declared


class AdressesStrictes:
    """Holds public views that are no `AdresseView` to the same reading: no parameter by default."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        form_class = getattr(view, "adresse", forms.Form)
        if (
            form_class is None
            or request.method not in ("GET", "HEAD")
            or request.path_info.startswith(SANS_PUBLIC)
            or issubclass(getattr(view, "view_class", object), AdresseView)
        ):
            return None
        read = AdresseView(form_class=form_class)
        read.setup(request)
        return read.refuse() if read.erreurs else None
