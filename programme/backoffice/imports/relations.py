"""From the code or the name in a cell to the key of the row it names, within the choices."""

import difflib
from collections import Counter, defaultdict

from programme.backoffice.imports.declarations import LIBELLES
from programme.backoffice.imports.valeurs import ValeurRefusee, shown
from programme.models.base import Absorbable
from territoires.recherche.texte import mots, plier

COMMENT = {
    "code": "le code",
    "slug": "l’adresse",
    "nom": "le nom",
    "libelle": "l’intitulé",
    "region": "le code de la région",
}
PROCHES = 20
"""Names that are looked for among those that look like them, for one file."""


class Relations:
    """Resolves the relations of one kind of files for one agent: one or two queries a column."""

    def __init__(self, genre, admin, request):
        self.genre = genre
        self.admin = admin
        self.request = request
        self.cles = {}
        self.codes = {}
        self.remarques = {}
        self.noms = {}

    def charger(self, nom, textes):
        """Look up at once all the texts that the column `nom` holds."""
        written = self.genre.ecrits[nom]
        choices = self.admin.choices_for(self.request, self.genre.champ(nom)).order_by()
        if written.par == "libelle":
            choices = choices.annotate(libelle=LIBELLES[choices.model]())
        asked = {variant for text in textes for variant in (text, text.lower())}
        named = choices.filter(**{f"{written.par}__in": asked})
        keys = dict(named.values_list(written.par, "pk"))
        codes = {text: text for text in keys}
        for other in written.aussi:
            left = asked - keys.keys()
            if left:
                rows = list(
                    choices.filter(**{f"{other}__in": left}).values_list(other, written.par, "pk")
                )
                times = Counter(text for text, _, _ in rows)
                rows = [row for row in rows if times[row[0]] == 1]
                keys |= {name: pk for text, code, pk in rows for name in (text, code)}
                codes |= {text: code for text, code, _ in rows}
        self.cles[nom], self.codes[nom], self.remarques[nom] = keys, codes, {}
        if written.anciens and (left := asked - keys.keys()):
            self._load_former(nom, choices, left)
        if left := {text for text in textes if text not in keys and text.lower() not in keys}:
            self.noms[nom] = Noms(choices, written, self.genre.champ(nom).related_model)
            self._load_merged(nom, choices, left)

    def _load_former(self, nom, choices, asked):
        """The rows that `asked` names by a code of before, or by that of a part of them."""
        target = self.genre.champ(nom).related_model
        former = target._meta.get_field(self.genre.ecrits[nom].anciens).related_model
        rows = former.objects.filter(code__in=asked).select_related("commune__departement")
        offered = set(choices.filter(anciennes__in=rows).values_list("pk", flat=True))
        heirs = defaultdict(dict)
        for row in rows:
            heirs[row.code][row.commune_id] = row
        for code, found in heirs.items():
            # Of a commune that was divided, the code alone does not say which part is meant.
            if len(found) == 1 and (row := next(iter(found.values()))).commune_id in offered:
                self.cles[nom] |= {code: row.commune_id, row.commune_id: row.commune_id}
                self.codes[nom][code] = row.commune_id
                self.remarques[nom][code] = row.remarque

    def _load_merged(self, nom, choices, asked):
        """Those of `asked` that name a record which was merged: read as the one that was kept."""
        target, written = self.genre.champ(nom).related_model, self.genre.ecrits[nom]
        if not issubclass(target, Absorbable):
            return
        gone = target._default_manager.visible_to(self.request.user).order_by()
        gone = gone.filter(absorbe_par__in=choices.values("pk"))
        kept = {row.pk: row.absorbe_par for row in gone.select_related("absorbe_par")}
        if not kept:
            return
        names = Noms(gone, written, target)
        for text in asked:
            found = names.codes.get(text.casefold()) or names.trouver(text)
            if found is None or self.noms[nom].trouver(text):
                continue
            heir = kept[found[1]]
            code = getattr(heir, written.par)
            self.cles[nom][code], self.codes[nom][text] = heir.pk, code
            self.remarques[nom][text] = devenu(text, heir)

    def code(self, nom, texte, departement=None):
        """The code of the row that `texte` names by its name; `texte` itself otherwise.

        departement: the code of the one beside it in the file, of two communes of one name.
        """
        known = self.codes[nom]
        found = known.get(texte) or known.get(texte.lower())
        if (
            found is None
            and nom in self.noms
            and (named := self.noms[nom].trouver(texte, departement))
        ):
            found, key = named
            self.cles[nom][found] = key
        return found or texte

    def remarque(self, nom, texte):
        """What the preview says of a row that `texte` names as it is called no more."""
        return self.remarques[nom].get(texte, "")

    def cle(self, nom, texte):
        """The key of the row that `texte` names. Raises `ValeurRefusee` when there is none."""
        known = self.cles[nom]
        key = known.get(texte, known.get(texte.lower()))
        if key is None:
            target = self.genre.champ(nom).related_model._meta
            near = self.noms[nom].proche(texte) if nom in self.noms else ""
            raise ValeurRefusee(
                f"« {shown(texte)} » ne désigne aucun enregistrement de votre périmètre "
                f"({target.verbose_name}) : vérifiez {COMMENT[self.genre.ecrits[nom].par]}.{near}"
            )
        return key


def devenu(said, kept):
    """The sentence on what a file calls as a record that was merged in `kept`."""
    return f"« {shown(said)} » a été fusionné dans « {kept} », et se lit comme cette fiche."


class Noms:
    """The choices of a relation by their names, as people write them: case, accents, « St », code.

    Read once, for the texts that are no code and no exact name.
    """

    def __init__(self, choices, written, target):
        names = {written.par, *written.aussi} & {"nom", "libelle", "intitule"}
        self.place = "departement_id" if hasattr(target, "departement_id") else ""
        self.exacts, self.proches_de = defaultdict(set), defaultdict(set)
        self.codes, self.dits, self.essais = {}, {}, 0
        fields = [written.par, "pk", *sorted(names - {written.par})]
        for code, pk, *others in choices.values_list(*fields, *filter(None, [self.place])):
            place = others.pop() if self.place else None
            texts = [*others, *([code] if written.par in names else [])]
            row = (code, pk, place)
            self.codes[str(code).casefold()] = row
            for text in texts:
                self.exacts[plier(text)].add(row)
                self.proches_de[_mots(text)].add(row)
                self.dits[plier(text)] = f"« {text} »" + (f" ({code})" if text != code else "")

    def trouver(self, texte, departement=None):
        """(code, key) of the one row that `texte` names; None when it names none, or several."""
        found = self.exacts.get(plier(texte)) or self.proches_de.get(_mots(texte))
        found = found or self._named_twice(texte)
        if found and len(found) > 1 and departement:
            found = {row for row in found if row[2] == departement}
        return next(iter(found))[:2] if found and len(found) == 1 else None

    def _named_twice(self, texte):
        """« 14 - Calvados », « Caen (14118) », « Caen (14) »: a name and a code that agree."""
        words = plier(texte).split()
        for word in words:
            if not any(letter.isdigit() for letter in word):
                continue
            rest = " ".join(other for other in words if other != word)
            rows = self.exacts.get(rest) or self.proches_de.get(_mots(rest)) or set()
            said = {row for row in rows if word in {str(row[0]).casefold(), str(row[2]).casefold()}}
            if said:
                return said
        return set()

    def proche(self, texte):
        """What is said of a text that names nothing: several rows, or one that looks like it."""
        folded = plier(texte)
        several = self.exacts.get(folded) or self.proches_de.get(_mots(texte)) or ()
        if len(several) > 1:
            codes = sorted(str(code) for code, _, _ in several)
            return f" {len(codes)} portent ce nom : écrivez le code, {', '.join(codes[:6])}."
        self.essais += 1
        if self.essais > PROCHES or not any(letter.isalpha() for letter in texte):
            return ""
        near = difflib.get_close_matches(folded, self.dits, n=1, cutoff=0.8)
        return f" Est-ce {self.dits[near[0]]} ?" if near else ""


def _mots(texte):
    return " ".join(mots(texte))
