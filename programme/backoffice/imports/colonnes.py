"""The step where each column of a file is said to be one of ours, or to be set aside."""

from functools import cached_property

from django import forms

from programme.backoffice.imports.correspondance import (
    A_CHOISIR,
    Correspondance,
    comprendre,
    gardee,
)
from programme.backoffice.imports.entete import bon_entete, regarder
from programme.backoffice.imports.lignes import Doute, lire_cellule
from programme.backoffice.imports.suite import debut
from programme.donnees.schema import Type
from territoires.lecture.tables import ouvrir

UTILES = ("source", "mise_a_jour")
"""What is worth telling of a whole file, though no row needs it."""
LONGUEUR_DEBUT = 15


class ColonnesForm(forms.Form):
    """One choice for each column; then what the file does not say, the same for all its rows.

    Raises `FichierRefuse` when the deposited file is no table.
    """

    def __init__(self, depot, genre, permis, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.genre, self.permis = genre, permis
        table = bon_entete(genre, ouvrir(bytes(depot.contenu)))
        self.lignes, self.tableau = regarder(table)
        self.comprises = comprendre(genre, self.tableau, self.lignes, depot.agent)
        self.gardee = gardee(depot)
        if self.gardee and len(self.gardee.entete) != len(self.tableau.entete):
            self.gardee = None
        self._add_columns()
        self._add_the_rest(depot.agent)

    # --- The fields -----------------------------------------------------------------------------

    def _add_columns(self):
        choices = self._choices()
        for column in self.comprises:
            kept = self.gardee.colonnes[column.rang] if self.gardee else column.nom
            ambiguous = [(A_CHOISIR, "À choisir…")] if column.nom == A_CHOISIR else []
            self.fields[f"colonne_{column.rang}"] = forms.ChoiceField(
                label=f"Colonne {column.lettre}, « {column.titre or 'sans nom'} »",
                choices=[*ambiguous, *choices],
                initial=kept,
                required=False,
            )

    def _choices(self):
        genre = self.genre
        written = [
            (name, genre.colonnes[name].titre)
            for name in genre.ecrits
            if genre.colonnes[name].champ in self.permis
        ]
        compared = [(name, genre.colonnes[name].titre) for name in genre.calculees]
        known = [("identifiant", "Identifiant"), ("version", "Version")]
        return [
            ("", "Ne pas importer"),
            ("À écrire", written),
            ("À comparer seulement", compared),
            ("D’un export du portail", known),
        ]

    def _add_the_rest(self, agent):
        kept = self.gardee
        titles = [
            (str(column.rang), f"{column.lettre}, {column.titre}")
            for column in self.comprises
            if column.exemples
        ]
        for name in self.a_dire:
            column = self.genre.colonnes[name]
            if name == self.genre.suite:
                self.fields["suite"] = forms.SlugField(
                    label="Début des codes proposés",
                    initial=kept.suite if kept else debut(agent),
                    required=False,
                    max_length=LONGUEUR_DEBUT,
                    help_text="Chaque ligne nouvelle reçoit ce début et un numéro. Vide : une "
                    "colonne du fichier dit le code.",
                    error_messages={
                        "invalid": "Écrivez des lettres sans accent, des chiffres et des tirets."
                    },
                )
                continue
            if name in self.genre.obligatoires:
                self.fields[f"reprise_{name}"] = forms.ChoiceField(
                    label=f"{column.titre} : repris de la colonne",
                    choices=[("", "Aucune"), *titles],
                    initial=str(kept.reprises.get(name, "")) if kept else "",
                    required=False,
                )
            self.fields[f"valeur_{name}"] = forms.CharField(
                label=f"{column.titre}, pour toutes les lignes",
                initial=kept.valeurs.get(name, "") if kept else "",
                required=False,
                help_text=column.ecrit.aide,
            )
        if any(self.genre.colonnes[name].type is Type.ENTIER for name in self.genre.ecrits):
            self.fields["arrondie"] = forms.BooleanField(
                label="Arrondir à l’euro les montants qui ont des centimes",
                initial=kept.arrondie if kept else True,
                required=False,
                help_text="Le portail compte en euros entiers ; l’aperçu dit ce qui est arrondi.",
            )

    @cached_property
    def a_dire(self):
        """The columns that a file may lack, and that are then said once."""
        useful = [name for name in UTILES if name in self.genre.ecrits]
        return [
            name
            for name in [*self.genre.obligatoires, *useful]
            if self.genre.colonnes[name].champ in self.permis
        ]

    # --- For the page ---------------------------------------------------------------------------

    @property
    def rangs(self):
        """(what is understood of a column, its field)."""
        return [(column, self[f"colonne_{column.rang}"]) for column in self.comprises]

    @property
    def restes(self):
        """The fields of what the file does not say."""
        return [self[name] for name in self.fields if not name.startswith("colonne_")]

    # --- What was chosen ------------------------------------------------------------------------

    def clean(self):
        data = super().clean()
        names = [data.get(f"colonne_{column.rang}", "") for column in self.comprises]
        self._check_columns(names)
        said = {
            name: text
            for name in self.a_dire
            if (text := (data.get(f"valeur_{name}") or "").strip())
        }
        taken = {name: int(rank) for name in self.a_dire if (rank := data.get(f"reprise_{name}"))}
        for name in [*said, *taken]:
            where = f"valeur_{name}" if name in said else f"reprise_{name}"
            if name in names or (name in said and name in taken):
                self.add_error(where, "Une colonne du fichier le dit déjà : videz cette case.")
        self._check_values(said)
        suite = "" if self.genre.suite in names else data.get("suite") or ""
        self._check_all_is_said({*names, *said, *taken}, suite)
        if not self.errors:
            self.choisie = Correspondance(
                entete=self.tableau.entete,
                colonnes=names,
                valeurs=said,
                reprises=taken,
                suite=suite,
                arrondie=bool(data.get("arrondie")),
            )
        return data

    def _check_columns(self, names):
        for column, name in zip(self.comprises, names, strict=True):
            where = f"colonne_{column.rang}"
            if name == A_CHOISIR:
                self.add_error(
                    where, "Dites ce qu’est cette colonne, ou choisissez « Ne pas importer »."
                )
            elif name and names.index(name) != column.rang:
                first = self.comprises[names.index(name)]
                self.add_error(
                    where,
                    f"La colonne {first.lettre} est déjà « {self.genre.colonnes[name].titre} » : "
                    "gardez-en une.",
                )

    def _check_values(self, said):
        for name, text in said.items():
            value = lire_cellule(self.genre, name, text)
            if isinstance(value, Doute):
                self.add_error(f"valeur_{name}", value.phrase)

    def _check_all_is_said(self, names, suite):
        if "identifiant" in names or set(self.genre.cle) <= names:
            return
        missing = [name for name in self.genre.cle if name not in names]
        if self.genre.suite:
            if suite:
                missing = []
                for name in self.genre.obligatoires:
                    if name not in names and name != self.genre.suite:
                        title = self.genre.colonnes[name].titre
                        self.add_error(
                            f"reprise_{name}",
                            f"{title} : obligatoire pour une ligne nouvelle. Choisissez la colonne "
                            "qui le dit, ou écrivez une valeur pour toutes les lignes.",
                        )
            elif "suite" in self.fields:
                self.add_error(
                    "suite", "Sans code, rien ne désigne les lignes : écrivez le début des codes."
                )
                missing = []
        elif set(self.genre.cle) & names:
            missing = [name for name in missing if name in self.genre.obligatoires]
        if missing:
            listed = ", ".join(f"« {self.genre.colonnes[name].titre} »" for name in missing)
            self.add_error(
                None,
                f"Il manque {listed} : sans cela, rien ne désigne les lignes du fichier. "
                "Choisissez la colonne qui le dit.",
            )
