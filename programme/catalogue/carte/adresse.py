"""The address of a page of the map, read strictly: what it does not understand is a 400."""

from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import render
from django.views import View

from programme.catalogue.listes.champs import JourField, shown
from programme.catalogue.listes.filterset import Erreur, check_parameters
from programme.catalogue.requete import LONGEST, Requete
from programme.donnees.exports import SEPARATEURS, ParametreInvalide, refusal
from programme.donnees.schema import OFFRES, today
from territoires.dates import en_chiffres

from .themes import Theme

FORMATS = ("csv", "xlsx", "json")
FORMATS_CARTE = (*FORMATS, "geojson", "topojson")
COUCHES = ("territoires", "membres")
OFFRES_TABLEAU = [offre for offre in OFFRES if offre[1]["format"] in FORMATS]
OFFRES_CARTE = [
    *OFFRES_TABLEAU,
    *((f"GeoJSON des {couche}", {"format": "geojson", "couche": couche}) for couche in COUCHES),
    ("TopoJSON", {"format": "topojson"}),
]


class JourPasseField(JourField):
    """A day up to today: no record says what the map will be."""

    def to_python(self, value):
        day = super().to_python(value)
        if day and day > today():
            raise ValidationError(
                f"Le {en_chiffres(day)} est à venir : la carte ne dit rien au-delà d’aujourd’hui. "
                f"Choisissez une date jusqu’au {en_chiffres(today())}.",
                code="future",
            )
        return day


class MotField(forms.CharField):
    """One word among known ones, or nothing; the error names them all."""

    def __init__(self, mots, **kwargs):
        super().__init__(required=False, **kwargs)
        self.mots = mots

    def validate(self, value):
        super().validate(value)
        if value and value not in self.mots:
            raise ValidationError(
                f"« {shown(value)} » n’existe pas. Valeurs possibles : {', '.join(self.mots)}.",
                code="invalid_choice",
            )


class CarteForm(forms.Form):
    """What to show of the map."""

    date = JourPasseField(label="Carte au", required=False)
    couleur = MotField(Theme.values, label="Couleur")


class CarteFichierForm(CarteForm):
    """The map, or one of its files."""

    format = MotField(FORMATS_CARTE, label="Format")
    couche = MotField(COUCHES, label="Couche")
    separateur = MotField(SEPARATEURS, label="Séparateur")

    def clean(self):
        if self.cleaned_data.get("couche") and self.cleaned_data.get("format") != "geojson":
            self.add_error(
                "couche",
                "La couche ne se choisit qu’en GeoJSON : ajoutez format=geojson, ou retirez-la.",
            )


class DifferencesForm(forms.Form):
    """Two dates to compare; both or none."""

    de = JourPasseField(label="Du", required=False)
    a = JourPasseField(label="Au", required=False)
    format = MotField(FORMATS, label="Format")
    separateur = MotField(SEPARATEURS, label="Séparateur")

    def clean(self):
        if self.errors:
            return
        de, a = self.cleaned_data["de"], self.cleaned_data["a"]
        if de and a and de > a:
            self.add_error("de", "La date de départ vient après celle d’arrivée : échangez-les.")
        elif bool(de) != bool(a):
            missing = "a" if de else "de"
            self.add_error(missing, "Il manque cette date : comparer en demande deux.")


class AdresseView(View):
    """A view whose address holds the fields of `form_class` and the filters of `filterset_class`.

    A subclass answers in `answer()`; it may trust `demande`, the cleaned fields.
    """

    form_class = forms.Form
    filterset_class = None
    template_name = ""

    def get(self, request):
        return self.refuse() if self.erreurs else self.answer()

    def answer(self):
        raise NotImplementedError

    @cached_property
    def too_long(self):
        return len(self.request.META.get("QUERY_STRING", "")) > LONGEST

    @cached_property
    def requete(self):
        return Requete(QueryDict() if self.too_long else self.request.GET)

    @cached_property
    def form(self):
        return self.form_class(self.requete.data)

    @property
    def demande(self):
        return self.form.cleaned_data

    def get_filterset(self):
        return None

    @cached_property
    def filterset(self):
        return self.get_filterset()

    @cached_property
    def erreurs(self):
        """Every error of the address, as `Erreur`; empty when it can be answered."""
        if self.too_long:
            sentence = f"Elle dépasse {LONGEST} caractères : retirez des filtres."
            return [Erreur("adresse", "Adresse", sentence)]
        known = dict.fromkeys(self.form_class.base_fields, False)
        if self.filterset_class:
            known |= self.filterset_class.parametres()
        if errors := check_parameters(self.requete.data, known):
            return errors
        found = [
            Erreur(name, str(self.form.fields[name].label), message)
            for name, messages in self.form.errors.items()
            for message in messages
        ]
        return found or (self.filterset.erreurs if self.filterset_class else [])

    def refuse(self):
        """400: the page with its form and the errors, or plain sentences for a machine."""
        asked = "" if self.too_long else self.request.GET.get("format", "")
        if asked:
            sentences = " ".join(f"{e.parametre} : {e.message}" for e in self.erreurs)
            return refusal(ParametreInvalide(sentences), "json" if "json" in asked else asked)
        return render(self.request, self.template_name, self.get_refusal_context(), status=400)

    def get_refusal_context(self):
        return self.get_form_context() | {
            "erreurs": self.erreurs,
            "etiquettes": [],
            "canonique": "",
            "noindex": False,
        }

    def get_form_context(self):
        """What was typed in each field (`saisie`), and what is wrong with it (`refus`)."""
        names = self.form_class.base_fields
        messages = {erreur.parametre: erreur.message for erreur in self.erreurs}
        return {
            "saisie": {name: self.requete.data.get(name, "") for name in names},
            "refus": {name: messages.get(name, "") for name in names},
        }
