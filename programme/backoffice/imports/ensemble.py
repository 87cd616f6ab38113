"""One value for many records, chosen in their list: written as a file, then read as any other.

So what it does is shown row by row with what is refused and why, applied in one save, undone in one
act: by the very engine of imports, under the same rules.
"""

import csv
import hashlib
import io

from django import forms

from programme.backoffice.imports.analyse import fields_of_form
from programme.donnees.schema import Type
from programme.models import Import
from territoires.reponses import NON_RENSEIGNE

OFFERTES = 500
"""Choices of a relation that a list shows; beyond, its code or its name is typed."""
ENTETE = ("identifiant", "version")


def partageables(genre, ecran, request):
    """{name: `Colonne`} of those that the agent may give to many records at once."""
    permis = fields_of_form(ecran, request)
    return {
        name: genre.colonnes[name]
        for name, written in genre.ecrits.items()
        if written.partage and genre.colonnes[name].champ in permis
    }


class ColonneForm(forms.Form):
    """Which column."""

    required_css_class = "required"
    colonne = forms.ChoiceField(
        label="Ce qui change",
        error_messages={
            "required": "Choisissez ce qui change.",
            "invalid_choice": "Choisissez dans la liste : le reste se change fiche par fiche.",
        },
    )

    def __init__(self, *args, colonnes, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(name, column.libelle) for name, column in colonnes.items()]
        self.fields["colonne"].choices = [("", "choisissez"), *choices]


class ValeurForm(forms.Form):
    """The value that all the records are given: read later, as the cell of a file is."""

    required_css_class = "required"

    def __init__(self, *args, genre, colonne, ecran, request, **kwargs):
        super().__init__(*args, **kwargs)
        written, field = genre.ecrits[colonne.nom], genre.champ(colonne.nom)
        told = [written.aide or colonne.description]
        if field.blank:
            told.append("Laissée vide, la valeur de ces fiches est effacée.")
        self.en_usage = []
        choices = _choices(colonne, field, written, ecran, request)
        options = {
            "label": colonne.libelle,
            "required": not field.blank,
            "help_text": " ".join(told),
            "error_messages": {"required": "Cette valeur est obligatoire : donnez-la."},
        }
        if choices is None:
            self.fields["valeur"] = forms.CharField(max_length=2000, **options)
            if colonne.filtre and colonne.type is Type.TEXTE:
                self.fields["valeur"].widget.attrs["list"] = "en-usage"
                self.en_usage = _en_usage(field, ecran, request)
            return
        options["error_messages"]["invalid_choice"] = "Choisissez une valeur de la liste."
        empty = [("", NON_RENSEIGNE if field.blank else "choisissez")]
        self.fields["valeur"] = forms.ChoiceField(choices=[*empty, *choices], **options)


def _choices(colonne, field, written, ecran, request):
    """[(what a cell says, words)]; None where the value is typed."""
    if colonne.type is Type.CHOIX:
        return [(value, value) for value in colonne.valeurs]
    if not field.is_relation:
        return None
    rows = list(ecran.choices_for(request, field)[: OFFERTES + 1])
    if len(rows) > OFFERTES:
        return None
    return sorted(((str(getattr(row, written.par)), str(row)) for row in rows), key=lambda c: c[1])


def _en_usage(field, ecran, request):
    """The values that the agent's records have: the same word, rather than another for it."""
    rows = ecran.get_queryset(request).order_by(field.name).exclude(**{field.name: ""})
    return list(rows.values_list(field.name, flat=True).distinct()[:OFFERTES])


def ecrire(colonne, valeur, rows):
    """The bytes of the file that gives `valeur` to each of `rows`, as they are now."""
    return _bytes([(row.pk, row.version, valeur) for row in rows], colonne)


def _bytes(lines, colonne):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([(*ENTETE, colonne), *lines])
    return out.getvalue().encode()


def _lues(depot):
    """[(number, cells)] of the file of such an import, its header first."""
    text = io.StringIO(bytes(depot.contenu).decode())
    return list(enumerate(csv.reader(text, delimiter=";"), 1))


def cles(depot):
    """{number of a row: key of the record that it changes, as a text}."""
    _, *rows = _lues(depot)
    return {number: cells[0] for number, cells in rows}


def sans(depot, numeros):
    """Keep of such an import the rows whose numbers are not these; whether any is left."""
    (_, head), *rows = _lues(depot)
    kept = [cells for number, cells in rows if number not in numeros]
    if not kept:
        return False
    depot.contenu = _bytes(kept, head[-1])
    depot.sha256 = hashlib.sha256(depot.contenu).hexdigest()
    depot.octets = len(depot.contenu)
    depot.nom_fichier = nommer(depot.nom_fichier.rpartition(" (")[0], len(kept))
    depot.save(update_fields=["contenu", "sha256", "octets", "nom_fichier"])
    return True


def nommer(mots, nombre):
    """« filière (12) »."""
    return f"{mots} ({nombre})"


def deposer(genre, agent, colonne, valeur, rows):
    """The `Import` that gives `valeur` to `rows`, not read yet."""
    return Import.depose(
        genre.code,
        agent,
        nommer(colonne.libelle.lower(), len(rows)),
        ecrire(colonne.nom, valeur, rows),
        origine=Import.Origine.LISTE,
    )
