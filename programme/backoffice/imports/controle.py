"""What a row would write, checked by every rule that a form of the back-office obeys.

Rights, perimeter before and after, lock, choices, validators, constraints: by columns of rows, so
that the number of queries does not grow with the file.
"""

from django.core.exceptions import ValidationError

from programme.backoffice.cadre.adresses import free_slugs
from programme.backoffice.cadre.perimetre import would_be_inside
from programme.backoffice.imports.fraicheur import changements
from programme.backoffice.imports.plan import Retenue, dire
from programme.backoffice.imports.regles import violations
from programme.backoffice.imports.valeurs import ValeurRefusee, shown
from programme.backoffice.publication import lock_on
from programme.lieux import Lieux

PAR_LOT = 5_000


class Controle:
    """Builds the records that the rows of an `Analyse` would make; faults go to the rows."""

    def __init__(self, analyse, changed):
        self.analyse = analyse
        self.genre = analyse.genre
        self.request = analyse.request
        self.changed = changed
        self.parents = {}

    def verifier(self, rows):
        """The `Retenue` of each row, in order; a row with a fault may be among them."""
        instances = self._instances(rows)
        kept = []
        for row in rows:
            if row.pk is not None and row.pk not in instances:
                row.fauter("", "cet enregistrement vient d’être supprimé.")
                continue
            instance = instances[row.pk] if row.pk is not None else self.genre.modele()
            kept.append((row, self._remplir(row, instance)))
        self._verrous(kept)
        self._conditions(kept)
        self._lieux(kept)
        self._adresses(kept)
        self._perimetre(kept)
        self._contraintes(kept)
        return [retenue for _, retenue in kept]

    def _instances(self, rows):
        """{key: record} of the rows that change one, with what their locks look at."""
        keys = [row.pk for row in rows if row.pk is not None]
        related = self.analyse.admin.get_queryset(self.request).order_by()
        if self.genre.parent:
            related = related.select_related(self.genre.parent)
        found = {}
        for start in range(0, len(keys), PAR_LOT):
            part = related.filter(pk__in=keys[start : start + PAR_LOT])
            found |= {instance.pk: instance for instance in part}
        return found

    # --- One row ------------------------------------------------------------------------------

    def _remplir(self, row, instance):
        new = row.pk is None
        if new and not self.analyse.admin.has_add_permission(self.request):
            role = self.request.user.get_role_display()
            row.fauter("", f"votre rôle ({role}) n’ajoute pas de ligne : retirez-la du fichier.")
        if not new and (reason := lock_on(self.request.user, instance)):
            row.fauter("", f"{reason} {self.analyse.ecarter}")
        names = self.changed[row.numero]
        fields = {self._ecrire(row, instance, name) for name in names} - {None}
        told = [phrase for name in ("", *names) for phrase in row.remarques.get(name, ())]
        if new:
            self._obligatoires(row, names)
        self._nettoyer(row, instance)
        return Retenue(
            numero=row.numero,
            instance=instance,
            version=None if new else self.analyse.courant(row)["version"],
            nom=self.analyse.nommer(row),
            changements=changements(self.analyse, row, names),
            champs=fields,
            remarques=told,
            a_verifier=row.a_verifier,
        )

    def _ecrire(self, row, instance, name):
        """Set the field that a column writes; its name, or None when the value is refused."""
        value = row.valeurs[name]
        if name not in self.genre.ecrits:
            if value not in self.genre.nouveaux.get(name, ()):
                raise LookupError(f"{name} is not declared for imports")
            setattr(instance, name, value)
            return name
        field = self.genre.champ(name)
        try:
            if value is None:
                value = self._vide(field)
            elif field.is_relation:
                value = self.analyse.relations.cle(name, value)
            else:
                field.run_validators(value)
                if field.choices and value not in dict(field.flatchoices):
                    raise ValeurRefusee(f"« {shown(value)} » n’est pas un des mots admis.")
        except ValeurRefusee as error:
            row.fauter(name, str(error))
            return None
        except ValidationError as error:
            row.fauter(name, f"« {shown(value)} » : {' '.join(error.messages)}")
            return None
        setattr(instance, field.attname, value)
        return field.name

    def _vide(self, field):
        """What an empty cell writes."""
        if not field.blank:
            raise ValeurRefusee(
                f"la cellule est vide, et « {field.verbose_name} » est obligatoire : remplissez-la."
            )
        return None if field.null else ""

    def _obligatoires(self, row, names):
        for name in self.genre.obligatoires:
            field = self.genre.champ(name)
            if name not in names:
                row.fauter(
                    name,
                    f"cette ligne serait nouvelle, et « {field.verbose_name} » est obligatoire : "
                    "remplissez la cellule, ou vérifiez ce qui désigne l’enregistrement.",
                )

    def _nettoyer(self, row, instance):
        if row.fautes:
            return
        try:
            instance.clean()
        except ValidationError as error:
            row.fauter("", " ".join(error.messages))

    # --- All rows -----------------------------------------------------------------------------

    def _verrous(self, kept):
        """The lock of the record that a row is moved to, or added to."""
        parent = self.genre.parent
        if not parent:
            return
        field = self.genre.modele._meta.get_field(parent)
        moved = [(row, kept_) for row, kept_ in kept if parent in kept_.champs and not row.fautes]
        keys = {getattr(kept_.instance, field.attname) for _, kept_ in moved}
        parents = field.related_model._base_manager.in_bulk(keys)
        for row, retenue in moved:
            owner = parents.get(getattr(retenue.instance, field.attname))
            if owner is None:
                continue
            setattr(retenue.instance, parent, owner)
            if reason := lock_on(self.request.user, retenue.instance):
                row.fauter(parent, f"{reason} {self.analyse.ecarter}")

    def _conditions(self, kept):
        """What the forms and the acts of this kind refuse, beyond the model."""
        for row, retenue in kept:
            if row.fautes:
                continue
            before = self.analyse.courant(row) if row.pk is not None else {}
            agent, instance = self.request.user, retenue.instance
            if told := self.genre.condition(agent, instance, before, retenue.champs):
                row.fauter("", told)

    def _lieux(self, kept):
        """The place of each record, as a whole: what it lacks is filled in, doubts are told."""
        sound = [(row, retenue) for row, retenue in kept if not row.fautes]
        if not self.genre.lieux or not sound:
            return
        lieux = Lieux([retenue.instance for _, retenue in sound])
        columns = self.genre.champs
        for row, retenue in sound:
            given = lieux.completer(retenue.instance, retenue.champs)
            if given:
                self._completer(retenue, given, columns)
            for ecart in lieux.perdus(given):
                row.fauter(columns.get(ecart.champ, ecart.champ), ecart.phrase)
            # A computed column is not written, but a place that contradicts itself is refused.
            read = row.ecartees | row.valeurs
            said = {name: value for name, value in read.items() if isinstance(value, str)}
            for ecart in lieux.ecarts(retenue.instance, retenue.champs, said):
                name = columns.get(ecart.champ, ecart.champ)
                if not ecart.doute:
                    row.fauter(name, ecart.phrase)
                else:
                    told = ecart.phrase[0].upper() + ecart.phrase[1:]
                    retenue.remarques.append(f"À vérifier : {told}")
                    retenue.a_verifier = True

    def _completer(self, retenue, given, columns):
        """Show, and write, what follows from the commune."""
        titles = {name: self.genre.colonnes[columns[name]].titre for name in given}
        others = [change for change in retenue.changements if change[0] not in titles.values()]
        follow = [[titles[name], dire(old), dire(new)] for name, (old, new) in given.items()]
        retenue.changements = others + follow
        retenue.champs |= set(given)
        retenue.remarques.append(f"D’après la commune : {', '.join(titles.values()).lower()}.")

    def _adresses(self, kept):
        """Compose the address of each new record that has one."""
        sources = self.analyse.admin.adresse_depuis
        new = [retenue.instance for row, retenue in kept if row.pk is None and not row.fautes]
        if not sources or not new:
            return
        words = [[str(getattr(instance, name)) for name in sources] for instance in new]
        for instance, slug in zip(new, free_slugs(self.genre.modele, words), strict=True):
            instance.slug = slug

    def _perimetre(self, kept):
        sound = [(row, retenue) for row, retenue in kept if not row.fautes]
        inside = would_be_inside(self.request.user, [retenue.instance for _, retenue in sound])
        for index, (row, _) in enumerate(sound):
            if index not in inside:
                row.fauter(
                    "",
                    "cet enregistrement serait hors de votre périmètre : choisissez des valeurs "
                    "qui relèvent de vos régions ou de votre opérateur.",
                )

    def _contraintes(self, kept):
        sound = [(row, retenue) for row, retenue in kept if not row.fautes]
        model = self.genre.modele
        columns = self.genre.champs
        instances = [retenue.instance for _, retenue in sound]
        for index, fields, told in violations(model, instances):
            row, retenue = sound[index]
            named = sorted(fields & retenue.champs) or sorted(fields)
            name = next((columns[field] for field in named if field in columns), "")
            row.fauter(name, f"{told} Corrigez la ligne.")
