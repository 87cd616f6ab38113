"""From the code or the name in a cell to the key of the row it names, within the choices."""

from collections import Counter, defaultdict

from programme.backoffice.imports.declarations import libelle_enveloppe
from programme.backoffice.imports.valeurs import ValeurRefusee, shown

COMMENT = {"code": "le code", "slug": "l’adresse", "nom": "le nom", "libelle": "l’intitulé"}


class Relations:
    """Resolves the relations of one kind of files for one agent: one or two queries a column."""

    def __init__(self, genre, admin, request):
        self.genre = genre
        self.admin = admin
        self.request = request
        self.cles = {}
        self.codes = {}
        self.remarques = {}

    def charger(self, nom, textes):
        """Look up at once all the texts that the column `nom` holds."""
        written = self.genre.ecrits[nom]
        choices = self.admin.choices_for(self.request, self.genre.champ(nom)).order_by()
        if written.par == "libelle":
            choices = choices.annotate(libelle=libelle_enveloppe())
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

    def code(self, nom, texte):
        """The code of the row that `texte` names by its name; `texte` itself otherwise."""
        known = self.codes[nom]
        return known.get(texte) or known.get(texte.lower()) or texte

    def remarque(self, nom, texte):
        """What the preview says of a row that `texte` names as it is called no more."""
        return self.remarques[nom].get(texte, "")

    def cle(self, nom, texte):
        """The key of the row that `texte` names. Raises `ValeurRefusee` when there is none."""
        known = self.cles[nom]
        key = known.get(texte, known.get(texte.lower()))
        if key is None:
            target = self.genre.champ(nom).related_model._meta
            raise ValeurRefusee(
                f"« {shown(texte)} » ne désigne aucun enregistrement de votre périmètre "
                f"({target.verbose_name}) : vérifiez {COMMENT[self.genre.ecrits[nom].par]}."
            )
        return key
