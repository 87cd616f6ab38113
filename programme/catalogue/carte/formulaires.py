"""What the addresses of the map hold, and how their pages tell what is wrong with it."""

from django import forms
from django.core.exceptions import ValidationError

from programme.catalogue.adresse import AdresseView, MotField
from programme.catalogue.listes.champs import JourField
from programme.donnees.exports import SEPARATEURS
from programme.donnees.schema import OFFRES
from territoires.dates import en_chiffres
from territoires.moment import today

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


class CarteAdresseView(AdresseView):
    """A page of the map: refused, it keeps its form, and says beside each field what is wrong."""

    refusal_template = ""

    def get_refusal_context(self):
        nothing = {"etiquettes": [], "canonique": "", "noindex": False}
        return super().get_refusal_context() | nothing | self.get_form_context()

    def get_form_context(self):
        """What was typed in each field (`saisie`), and what is wrong with it (`refus`)."""
        names = self.form_class.base_fields
        messages = {erreur.parametre: erreur.message for erreur in self.erreurs}
        return {
            "saisie": {name: self.requete.data.get(name, "") for name in names},
            "refus": {name: messages.get(name, "") for name in names},
        }
