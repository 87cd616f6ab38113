"""From the code that a file writes to the key of the row it names."""

from django.db.models import AutoField

from territoires.chargement.lecture import ValeurRefusee
from territoires.models import LigneChargee

REMPLACE_PAR = "absorbe_par"
"""The field, on the models that have it, of the record that an agent kept for this one."""


def se_remplace(modele):
    """Whether a record of `modele` may have been merged in another."""
    return modele is not None and any(f.name == REMPLACE_PAR for f in modele._meta.fields)


class EnCours(str):
    """The key of a row of the same file, which may have no record yet."""


class Cles:
    """Resolves foreign keys for the files of one load.

    A model whose primary key is its code is read by it. Another is named by the key of its own
    row in its own file: a slug that an officer changed since still finds its record. One that was
    merged is read as the record that was kept for it.
    """

    def __init__(self, fichiers):
        self.fichiers = {fichier.modele: fichier for fichier in fichiers}
        self.connues = {}
        self.remplacees = {}

    def pour(self, fichier, colonne, en_cours):
        """The function code → key for a column; None for a column that names no row.

        `en_cours` are the keys of the file itself, for rows that name each other: one that has no
        record yet is an `EnCours`, but where its code is its primary key.
        """
        modele = fichier.champ(colonne).related_model
        if modele is None:
            return None
        known = self._connues(modele)
        if modele is fichier.modele:
            known = {cle: EnCours(cle) for cle in en_cours} | known
        label = str(modele._meta.verbose_name)
        remedy = (
            f"Corrigez le code ou ajoutez-le à {self.fichiers[modele].nom}."
            if modele in self.fichiers
            else "Corrigez le code, ou lancez charger_donnees, qui charge aussi ce qui précède."
        )

        def resolve(code):
            try:
                return known[code]
            except KeyError:
                raise ValeurRefusee(
                    f"« {code} » ne désigne aucun enregistrement ({label}). {remedy}"
                ) from None

        return resolve

    def _connues(self, modele):
        if modele not in self.connues:
            pk = modele._meta.pk
            if not isinstance(pk, AutoField):
                codes = modele._base_manager.values_list("pk", flat=True)
                found = {str(code): code for code in codes}
            else:
                lignes = LigneChargee.objects.filter(fichier=self.fichiers[modele].nom)
                found = {
                    cle: pk.to_python(objet) for cle, objet in lignes.values_list("cle", "objet")
                }
            self.connues[modele] = self._suivre(modele, found)
        return self.connues[modele]

    def remplacant(self, fichier, colonne, code):
        """The record that was kept for the one that `code` names in a column; None without one."""
        modele = fichier.champ(colonne).related_model
        return self._remplacees(modele).get(code) if se_remplace(modele) else None

    def _suivre(self, modele, connues):
        """`connues`, {code: key}, where what was merged leads to what was kept."""
        if not se_remplace(modele):
            return connues
        gone = modele._base_manager.filter(**{f"{REMPLACE_PAR}__isnull": False})
        kept = {row.pk: getattr(row, REMPLACE_PAR) for row in gone.select_related(REMPLACE_PAR)}
        self.remplacees[modele] = {code: kept[pk] for code, pk in connues.items() if pk in kept}
        return {code: kept[pk].pk if pk in kept else pk for code, pk in connues.items()}

    def _remplacees(self, modele):
        self._connues(modele)
        return self.remplacees[modele]

    def oublier(self, modele):
        """Read a model's keys again: its rows were just written."""
        self.connues.pop(modele, None)
