"""A file compared with the database: what each row would do, every fault, in bounded queries."""

from django.contrib.admin.utils import flatten_fieldsets

from programme.backoffice.imports import fraicheur
from programme.backoffice.imports.comparaison import est_coupe, pareil
from programme.backoffice.imports.controle import Controle
from programme.backoffice.imports.correspondance import gardee
from programme.backoffice.imports.declarations import Protege
from programme.backoffice.imports.entete import reconnaitre
from programme.backoffice.imports.lignes import Doute, Enregistrements, lire_ligne, se_lit_pareil
from programme.backoffice.imports.plan import Plan, dire
from programme.backoffice.imports.relations import Relations
from programme.backoffice.imports.sautees import Sautees
from programme.backoffice.imports.suite import Suite
from territoires.fusion import Verdict, merge
from territoires.lecture.tables import FichierRefuse, ouvrir
from territoires.occultes import remettrait

CITEES = 20
PAS = 1_000
"""Rows between two signs of progress."""


class Analyse:
    """Reads `contenu` for one agent. `etapes()` is run to its end; then `plan` is complete.

    Raises `FichierRefuse` as soon as it is made when the file is no table of this kind.
    """

    def __init__(self, genre, admin, request, contenu, correspondance=None, *, groupee=False):
        self.ecarter = "Continuez sans elle." if groupee else "Retirez la ligne du fichier."
        self.genre = genre
        self.admin = admin
        self.request = request
        self.correspondance = correspondance
        self.colonnes, self.tableau = reconnaitre(genre, ouvrir(contenu), correspondance)
        self.places = [place for place in self.colonnes if not place.ecartee]
        self.permis = fields_of_form(admin, request)
        self.relations = Relations(genre, admin, request)
        self.enregistrements = Enregistrements(genre, admin.get_queryset(request), request.user)
        self.plan = Plan()
        self.ecarts = {}

    @classmethod
    def de(cls, depot, genre, admin, request):
        """That of a file which was deposited, with what its columns were said to be."""
        known = gardee(depot)
        content = bytes(depot.contenu)
        return cls(genre, admin, request, content, known, groupee=depot.est_groupee)

    def etapes(self):
        """Do the work; yields a sentence now and then, so that somebody may be told."""
        rows = []
        header = self.tableau.entete
        entetes = {
            place.nom: (place.dite(self.genre, header), place.lettre)
            for place in self.places
            if place.nom
        }
        arrondie = self.correspondance is not None and self.correspondance.arrondie
        sautees = Sautees(header)
        for numero, cells in self.tableau.lignes:
            if sautees.prend(numero, cells):
                continue
            row = lire_ligne(self.genre, self.colonnes, entetes, numero, cells, arrondie=arrondie)
            rows.append(row)
            if len(rows) % PAS == 0:
                yield f"Lignes lues : {dire(len(rows))}."
        if not rows:
            raise FichierRefuse("Le fichier n’a que son en-tête : aucune ligne à importer.")
        yield f"Lignes lues : {dire(len(rows))}. Recherche des enregistrements."
        self._charger(rows)
        changed = {}
        for rank, row in enumerate(rows, 1):
            self._comparer(row, changed)
            if rank % PAS == 0:
                yield f"Lignes comparées : {dire(rank)} sur {dire(len(rows))}."
        yield f"Contrôle des lignes nouvelles ou modifiées : {dire(len(changed))}."
        perimees = fraicheur.perimees(self, [row for row in rows if row.numero in changed], changed)
        numbers = {stale.numero for stale in perimees}
        touched = [row for row in rows if row.numero in changed and row.numero not in numbers]
        self.plan.perimees = perimees
        for row in touched:
            self._dire_masquee(row, changed[row.numero])
        self.plan.retenues = Controle(self, changed).verifier(touched)
        for row in rows:
            self.plan.fautes += row.fautes
        wrong = {fault.numero for fault in self.plan.fautes}
        self.plan.retenues = [row for row in self.plan.retenues if row.numero not in wrong]
        self.plan.inchanges = len(rows) - len(changed) - len(wrong - changed.keys())
        self.plan.remarques = [
            *self.tableau.remarques,
            *(self.correspondance.dite(self.genre) if self.correspondance else ()),
            *sautees.dites(),
            *self._mises_de_cote(),
        ]

    def courant(self, row):
        """What the record of `row` says now: {column: value}."""
        return self.enregistrements.courants[row.pk]

    def nommer(self, row):
        """How the preview names the record of a row."""
        known = self.courant(row) if row.pk is not None else {}
        said = (row.valeurs.get(name) or known.get(name) for name in self.genre.titre)
        # A year is not written as a quantity.
        return " – ".join(
            str(value) for value in said if value is not None and not isinstance(value, Doute)
        )

    def protection(self, nom):
        """The `Protege` of a column for this agent, None when their files may write it."""
        if protection := self.genre.protection(nom):
            return protection
        if nom in self.genre.ecrits and self.genre.colonnes[nom].champ not in self.permis:
            role = self.request.user.get_role_display()
            return Protege(f"votre rôle ({role}) ne modifie pas cette colonne.")
        return None

    # --- How ----------------------------------------------------------------------------------

    def _dire_masquee(self, row, names):
        """Say that a row changes what its author could not see: it waits for them to accept it."""
        if row.numero in self.tableau.masquees:
            row.remarquer("", "Ligne masquée dans le classeur.", doute=True)
        hidden = [
            f"« {place.nom} »"
            for place in self.places
            if place.nom in names and place.rang in self.tableau.colonnes_masquees
        ]
        if hidden:
            told = f"Colonne masquée dans le classeur : {', '.join(hidden)}."
            row.remarquer("", told, doute=True)

    def _mises_de_cote(self):
        """A sentence for each column of which nothing is written."""
        for place in self.colonnes:
            if place.ecartee:
                yield place.ecartee + self._autre_chose(self.ecarts.get(place.nom, ()))

    def _autre_chose(self, numbers):
        if not numbers:
            return ""
        listed = ", ".join(map(str, numbers[:CITEES])) + (", …" if numbers[CITEES:] else "")
        return f" Elle y dit autre chose que la base : ligne {listed}."

    def _noter_ecarts(self, row):
        """Note the cells, set aside, that do not follow from the others as the record has them."""
        for name, value in row.ecartees.items():
            follows = self.genre.calculees.get(name)
            if follows and follows in row.valeurs and follows in self._differences(row, row.pk):
                continue
            if value is not None and self._differs(name, value, self.courant(row)[name]):
                self.ecarts.setdefault(name, []).append(row.numero)

    def _charger(self, rows):
        for place in sorted(self.places, key=lambda place: place.nom != "departement"):
            written = self.genre.ecrits.get(place.nom)
            if written is None or not written.par:
                continue
            texts = {row.valeurs[place.nom] for row in rows}
            self.relations.charger(place.nom, {text for text in texts if isinstance(text, str)})
            for row in rows:
                if isinstance(text := row.valeurs[place.nom], str):
                    beside = row.valeurs.get("departement")
                    row.valeurs[place.nom] = self.relations.code(place.nom, text, beside)
                    if told := self.relations.remarque(place.nom, text):
                        row.remarquer(place.nom, told)
                        row.ecrits[place.nom] = text
        self.enregistrements.charger(rows, {place.nom for place in self.places})
        self.suite = Suite(self.genre, self.correspondance)

    def _comparer(self, row, changed):
        """Find the record of `row`, then note in `changed` the columns that it would change."""
        identifiant = row.valeurs.get("identifiant")
        if isinstance(identifiant, Doute):
            row.fauter("identifiant", identifiant.phrase)
            return
        before = len(row.fautes)
        self.enregistrements.designer(row, lambda row, pk: not self._differences(row, pk))
        if len(row.fautes) > before:
            return
        if row.pk is None:
            self.suite.donner(row)
            changed[row.numero] = self._columns_of_new(row)
            return
        different = self._differences(row, row.pk)
        if row.remplace is None:
            self._noter_ecarts(row)
        self._refuser_proteges(row, different)
        columns = [name for name in different if self.protection(name) is None]
        columns = [name for name in columns if not self._refuser_illisible(row, name)]
        columns = [name for name in columns if not self._refuser_occulte(row, name)]
        self._verifier_version(row)
        if columns:
            changed[row.numero] = columns

    def _differences(self, row, pk):
        """The columns of the file, version apart, that say something else than the record."""
        record = self.enregistrements.courants[pk]
        found = []
        merged = row.remplace is not None or pk in self.enregistrements.devenus
        for name, value in row.valeurs.items():
            if name in ("identifiant", "version") or (merged and name == "publication"):
                continue
            if row.remplace is not None and not self._differs(name, value, row.remplace[name]):
                continue  # of what was merged: it was chosen then
            written = row.ecrits.get(name)
            if written is not None and not self._differs(name, written, record[name]):
                continue
            if self._differs(name, value, record[name]):
                found.append(name)
        return found

    def _differs(self, name, value, current):
        """Whether a cell would change the record, read as it is now: a stale row is told apart."""
        says = se_lit_pareil if isinstance(value, Doute) else pareil
        type_ = self.genre.colonnes[name].type

        def same(stored, typed):
            return says(type_, typed, stored)

        return merge(current, current, value, same=same).verdict is Verdict.SAISI

    def _refuser_proteges(self, row, different):
        record = self.courant(row)
        for name in different:
            protection = self.protection(name)
            if protection is None:
                continue
            value = row.valeurs[name]
            said = "illisible" if isinstance(value, Doute) else dire(value)
            row.fauter(
                name,
                f"« {said} » au lieu de « {dire(record[name])} » : {protection.raison}",
            )

    def _refuser_illisible(self, row, name):
        value = row.valeurs[name]
        if isinstance(value, Doute):
            row.fauter(name, value.phrase)
            return True
        if est_coupe(value):
            row.fauter(
                name,
                "ce texte a été coupé par le tableur : modifiez-le sur la page de "
                "l’enregistrement, et remettez ici le texte exporté.",
            )
            return True
        return False

    def _refuser_occulte(self, row, name):
        """Without a version nothing tells whether the file is older than the mask."""
        told = remettrait(self.courant(row)[name], row.valeurs[name])
        if not told or row.valeurs.get("version") is not None:
            return False
        row.fauter(
            name,
            "une donnée personnelle y a été occultée, et ce fichier, qui n’a pas la version de la "
            "ligne, l’aurait peut-être remise : remettez la valeur d’aujourd’hui, ou changez-la "
            "sur la page de l’enregistrement.",
        )
        return True

    def _verifier_version(self, row):
        seen, now = row.valeurs.get("version"), (row.remplace or self.courant(row))["version"]
        if isinstance(seen, Doute):
            row.fauter("version", seen.phrase)
        elif seen is not None and not 0 < seen <= now:
            row.fauter(
                "version",
                f"la version {seen} n’a pas existé (l’enregistrement en est à la version {now}) : "
                "remettez le nombre exporté.",
            )

    def _columns_of_new(self, row):
        """The columns that a new row fills; those that it may not are faults."""
        columns = []
        for name, value in row.valeurs.items():
            if value is None or name == "identifiant":
                continue
            if isinstance(value, Doute):
                row.fauter(name, value.phrase)
            elif self._peut_ecrire_a_nouveau(name) or value in self.genre.nouveaux.get(name, ()):
                columns.append(name)
            elif value != NEW_PUBLICATION.get(name):
                self._refuser_a_nouveau(row, name, value)
        return columns

    def _peut_ecrire_a_nouveau(self, name):
        """Whether a new row may say the column: its key too, that no file changes afterwards."""
        return name in self.genre.ecrits and self.genre.colonnes[name].champ in self.permis

    def _refuser_a_nouveau(self, row, name, value):
        allowed = self.genre.nouveaux.get(name, NEW_PUBLICATION.get(name) and ("brouillon",))
        remedy = f"écrivez « {allowed[0]} », ou videz la cellule" if allowed else "videz la cellule"
        protection = self.protection(name)
        reason = protection.raison if protection else "Une ligne nouvelle n’a pas de version."
        row.fauter(
            name,
            f"« {dire(value)} » : rien dans votre périmètre ne correspond à cette ligne, elle "
            f"serait nouvelle ; {remedy}. {reason[0].upper()}{reason[1:]}",
        )


def fields_of_form(admin, request):
    """The names of the fields that the agent may change on the page of a record.

    A file writes nothing that its author could not type.
    """
    shown = flatten_fieldsets(admin.get_fieldsets(request))
    return frozenset(shown) - frozenset(admin.get_readonly_fields(request))


NEW_PUBLICATION = {"publication": "brouillon"}
