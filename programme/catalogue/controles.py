"""The parameters every list has beside its filters: page, taille, tri, format, separateur,
curseur.
"""

from django import forms

from programme.catalogue.adresse import MotField, PageForm
from programme.donnees.exports import SEPARATEURS, TAILLE_MAXIMALE
from programme.donnees.schema import FORMATS

TAILLES = (25, 50, 100)


class ControlesForm(PageForm):
    """Which part of the list, in which order, in which format."""

    taille = forms.IntegerField(required=False, min_value=1, max_value=TAILLE_MAXIMALE)
    tri = forms.CharField(required=False)
    format = MotField(FORMATS)
    separateur = MotField(SEPARATEURS)
    curseur = forms.CharField(required=False)

    def __init__(self, data, *, tris=()):
        super().__init__(data)
        self.tris = tris
        bounds = dict.fromkeys(("invalid", "min_value", "max_value"), self._sizes())
        self.fields["taille"].error_messages |= bounds

    @property
    def _is_json(self):
        return self.data.get("format") == "json"

    def _sizes(self):
        if self._is_json:
            return f"En JSON, une page compte de 1 à {TAILLE_MAXIMALE} lignes."
        return "Une page compte 25, 50 ou 100 lignes ; pour toutes les lignes : format=csv."

    def clean_taille(self):
        size = self.cleaned_data["taille"]
        if size and not self._is_json and size not in TAILLES:
            raise forms.ValidationError(self._sizes())
        return size

    def clean_curseur(self):
        asked = self.cleaned_data["curseur"]
        if asked and (self.data.get("page") or not self._is_json):
            raise forms.ValidationError(
                "Un curseur ne se donne qu’en JSON, et sans page : retirez l’un des deux."
            )
        return asked

    def clean_tri(self):
        column = self.cleaned_data["tri"].removeprefix("-")
        if column and column not in self.tris:
            raise forms.ValidationError(
                f"Cette liste ne se trie pas ainsi. Tris possibles : {', '.join(self.tris)} ; "
                "précédé d’un tiret, l’ordre est inversé."
            )
        return self.cleaned_data["tri"]
