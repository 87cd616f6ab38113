"""The parameters every list has beside its filters: page, taille, tri, format, separateur."""

from django import forms

from programme.donnees.exports import SEPARATEURS, TAILLE_MAXIMALE

TAILLES = (25, 50, 100)
CONTROLES = ("page", "taille", "tri", "format", "separateur")


class ControlesForm(forms.Form):
    """Which part of the list, in which order, in which format."""

    page = forms.IntegerField(required=False, min_value=1, max_value=10**9)
    taille = forms.IntegerField(required=False, min_value=1, max_value=TAILLE_MAXIMALE)
    tri = forms.CharField(required=False)
    format = forms.CharField(required=False)
    separateur = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in SEPARATEURS],
        error_messages={"invalid_choice": f"Séparateurs d’un CSV : {' ou '.join(SEPARATEURS)}."},
    )

    def __init__(self, data, *, tris, formats):
        super().__init__(data)
        self.tris = tris
        self.formats = formats
        for name in ("page", "taille"):
            messages = dict.fromkeys(("invalid", "min_value", "max_value"), self._sentence(name))
            self.fields[name].error_messages |= messages

    @property
    def _is_json(self):
        return self.data.get("format") == "json"

    def _sentence(self, name):
        if name == "page":
            return "Un numéro de page est un nombre entier à partir de 1."
        if self._is_json:
            return f"En JSON, une page compte de 1 à {TAILLE_MAXIMALE} lignes."
        return "Une page compte 25, 50 ou 100 lignes ; pour toutes les lignes : format=csv."

    def clean_taille(self):
        size = self.cleaned_data["taille"]
        if size and not self._is_json and size not in TAILLES:
            raise forms.ValidationError(self._sentence("taille"))
        return size

    def clean_tri(self):
        column = self.cleaned_data["tri"].removeprefix("-")
        if column and column not in self.tris:
            raise forms.ValidationError(
                f"Cette liste ne se trie pas ainsi. Tris possibles : {', '.join(self.tris)} ; "
                "précédé d’un tiret, l’ordre est inversé."
            )
        return self.cleaned_data["tri"]

    def clean_format(self):
        chosen = self.cleaned_data["format"]
        if chosen and chosen not in self.formats:
            raise forms.ValidationError(
                f"Cette liste n’a pas ce format. Formats possibles : {', '.join(self.formats)}."
            )
        return chosen
