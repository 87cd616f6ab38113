"""The form of a complete list of members: the file, its day, the phase that it may open."""

import base64

from django import forms
from django.core.exceptions import ValidationError

from programme.backoffice.cadre.champs import EntierField, RetenuMixin, TexteField
from programme.backoffice.carte.formulaires import ActeForm
from territoires import liste_membres
from territoires.correspondance import ChoixErrone
from territoires.models import Certitude, Liste, Phase

LISTE_LONGUE = 100
"""Members from which one reads how far a list is, while its preview is made."""


class ListeForm(RetenuMixin, ActeForm):
    """A complete list of members: the whole map at once.

    The preview sends the file back in `contenu` (base64), so that nobody chooses it twice.
    """

    titre = "Importer une liste complète de membres"
    avec_territoire = False

    fichier = forms.FileField(
        required=False,
        label="Fichier CSV ou XLSX",
        help_text=f"Colonnes : {', '.join(liste_membres.COLUMNS)}. 1 Mo au plus.",
    )
    certitude = forms.ChoiceField(
        label="Cette date est",
        choices=[
            (Certitude.EXACTE, "le jour exact où la liste prend effet"),
            (Certitude.AU_PLUS_TARD, "« au plus tard » : le jour où la liste est connue"),
        ],
        initial=Certitude.EXACTE,
        required=False,
        help_text="« Au plus tard » : ce qui change a pu changer depuis la liste précédente.",
    )
    phase = EntierField(
        genre="nombre",
        required=False,
        min_value=2,
        label="Ouvre la phase",
        help_text="Le numéro de la phase qui commence avec cette liste, le jour où elle prend "
        "effet ; celle d’avant finit ce jour-là. Vide : la liste est de la phase en cours.",
    )
    nom_phase = TexteField(
        required=False,
        max_length=Phase._meta.get_field("nom").max_length,
        label="Nom de la phase",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Avec un numéro seulement. Vide : « Phase 3 (depuis 2027) ».",
    )
    contenu = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["fichier", "le", "certitude", "source"]
    PREFIXE = "correspondance-"

    def prepare(self):
        super().prepare()
        self.fields["source"].max_length = Liste._meta.get_field("source").max_length
        self.fields[
            "source"
        ].help_text = (
            f"Le code du document, {self.fields['source'].max_length} caractères au plus. Publié."
        )

    def clean_source(self):
        source, longest = self.cleaned_data["source"], self.fields["source"].max_length
        if len(source) > longest:
            raise ValidationError(
                f"Le code d’une liste a {longest} caractères au plus ; celui-ci en a "
                f"{len(source)} : abrégez-le."
            )
        return source

    @property
    def choix(self):
        """{code of the list: code of a territory, or ""} that the table sent back."""
        size = len(self.PREFIXE)
        return {
            name[size:]: value.strip().lower()
            for name, value in self.data.items()
            if name.startswith(self.PREFIXE)
        }

    def _phase(self, day):
        """{"numero", "nom"} of the phase to open; None without any."""
        number, name = self.cleaned_data.get("phase"), self.cleaned_data.get("nom_phase")
        if number is None:
            if name:
                raise ValidationError(
                    "Ouvre la phase : donnez aussi le numéro de la phase que vous nommez, ou "
                    "videz son nom."
                )
            return None
        return {"numero": number, "nom": name or f"Phase {number} (depuis {day.year})"}

    def _content(self):
        """The bytes of the file: the one that is sent, else the one that was previewed."""
        upload = self.cleaned_data.get("fichier")
        if upload:
            if upload.size > liste_membres.LARGEST_FILE:
                raise ValidationError(liste_membres.TOO_LARGE)
            return upload.read()
        try:
            content = base64.b64decode(self.cleaned_data["contenu"], validate=True)
        except ValueError:
            content = b""
        if not content:
            raise ValidationError("Choisissez le fichier de la liste.")
        return content

    def build(self, **common):
        content = self._content()
        self.liste = liste_membres.read(content)
        liste_membres.verifier(self.liste)
        self.remarques = self.liste.remarques
        self.est_long = len(self.liste.rows) > LISTE_LONGUE
        self.retenu["contenu"] = base64.b64encode(content).decode()
        self._common = common
        common["certitude"] = self.cleaned_data.get("certitude") or Certitude.EXACTE
        common["ouvre"] = self._phase(common["le"])
        common["choix"] = {} if self.cleaned_data.get("fichier") else self.choix

    def etapes(self):
        yield f"Fichier lu : {len(self.liste.rows)} membres."
        while self.proposition is None:
            try:
                self.proposition = liste_membres.proposition(
                    self.liste, carte=self.carte, **self._common
                )
            except ChoixErrone as error:
                self.fautes += error.messages
                del self._common["choix"][error.entree]
        self.ajustement = self.proposition.ajustement
        if self.ajustement.est_vide:
            raise ValidationError("Cette liste est déjà la carte de ce jour : rien ne changerait.")
        entries = [line for line in self.proposition.lignes if line.entree]
        known = sum(line.reconnu for line in entries)
        yield f"Correspondance faite : {known} territoires reconnus sur {len(entries)}."
