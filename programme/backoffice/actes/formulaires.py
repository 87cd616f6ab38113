"""What the acts ask: every form carries the version of the record that its author saw."""

from functools import partial

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.formsets import TOTAL_FORM_COUNT
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.text import get_text_list

from programme.backoffice.cadre.champs import JourField, RetenuMixin, TexteField, lecture_de
from programme.backoffice.cadre.formulaires import VersionVue
from programme.backoffice.cadre.fusion import Depuis, differs, value_in
from programme.backoffice.cadre.historique import VIDE
from programme.backoffice.cadre.restitution import Groupe
from programme.backoffice.droits import AJOUTER, permission
from programme.models import (
    Avenant,
    ComiteRegional,
    Contrat,
    Decision,
    Precision,
    Seance,
    Signataire,
)
from territoires.dates import date_in_words, le
from territoires.fusion import Verdict, merge

LIGNES_EN_PLUS = 3
LIGNES_AU_PLUS = 60
SIGNATAIRES = "signataires"
LARGE = {"class": "vTextField"}
AJOUTER_SEANCE = permission(AJOUTER, Seance)


def seances_for(agent, record):
    """The séances held that may decide about `record`, among those of the agent's perimeter."""
    mine = Seance.objects.visible_to(agent).competent_for(record)
    held = mine.filter(date__lte=timezone.localdate())
    return held.select_related("comite_regional__region", "comite_national")


def comites_for(agent, record):
    """The regional committees whose séance the agent may record, to decide about `record`."""
    mine = ComiteRegional.objects.visible_to(agent).competent_for(record)
    return mine.select_related("region") if agent.has_perm(AJOUTER_SEANCE) else mine.none()


def check_past(day, seance=None):
    """Raise a `ValidationError` for a day to come: an act is recorded once it is done.

    seance: that which prepares the act, and which is held no sooner than it is applied.
    """
    if seance is not None and seance.date >= timezone.localdate():
        if day > seance.date:
            raise ValidationError(
                f"Cette date est après la {seance.du_jour} : ce qu’une séance décide est fait ce "
                "jour-là au plus tard. Donnez ce jour, ou un jour d’avant."
            )
    elif day > timezone.localdate():
        raise ValidationError("Cette date est à venir : un acte s’enregistre une fois fait.")


def says(value, bound):
    """Whether what was sent in a field means `value`."""
    return not differs(bound.field, value, bound.data)


def _typed_in(fields, data, prefix, agent):
    """[(label, text)] of what `data` holds for visible `fields`, named under `prefix`."""
    found = []
    for name, field in fields.items():
        typed = field.widget.value_from_datadict(data, {}, f"{prefix}{name}")
        if typed and not field.widget.is_hidden:
            found.append((field.label, _in_words(field, typed, agent)))
    return found


def _in_words(field, typed, agent):
    """What was typed in one field: a day in full, a row by its name where it may be seen."""
    try:
        if isinstance(field, forms.ModelChoiceField):
            rows = field.queryset.model.objects.visible_to(agent)
            return str(rows.filter(pk=typed).first() or typed)
        if isinstance(field, forms.DateField):
            return date_in_words(field.to_python(typed))
    except (ValueError, ValidationError):
        pass  # as it was typed
    return typed


class ActeForm(RetenuMixin, forms.Form):
    """What every act asks. `record` is what it is done to, by `agent`.

    seance: that which prepares the act, before it is held; None for an act done at once.
    """

    version_vue = VersionVue()
    required_css_class = "required"
    rangees = None
    """The class of the rows that the act adds, a formset; `lignes` are those of one form."""
    lignes = None
    suite = ""
    """What to do next, told once the act is done."""

    def __init__(self, *args, record, agent, seance=None, **kwargs):
        self.record, self.agent, self.seance, self.repris = record, agent, seance, []
        super().__init__(*args, **kwargs)
        self.initial["version_vue"] = record.version
        self.prepare()

    def prepare(self):
        """Fill the choices and the first values of the fields."""

    def fait_au_plus_tard(self, *names):
        """No day of these fields is to come, whether the act is done now or by a séance."""
        for name in names:
            self.fields[name].validators = [partial(check_past, seance=self.seance)]

    def start_from(self, name):
        """Fill a field with what the record says."""
        field = self.record._meta.get_field(name)
        self.initial.setdefault(name, getattr(self.record, field.attname))
        self.repris.append((self[name], field))

    def confirm_again(self):
        """Show the form again on the record as it is now; what was left alone follows it."""
        since = Depuis(self.record, self.cleaned_data.get("version_vue"))
        self.retenu["version_vue"] = str(self.record.version)
        for bound, field in self.repris if since.base else ():
            seen, stored = value_in(since.base, field), value_in(self.record, field)
            taken = merge(seen, stored, bound, same=says).verdict is Verdict.REPRIS
            if taken or since.remettrait(field, bound.data):
                self.retain(bound, stored)

    def refuse(self, error):
        """Tell a `ValidationError` of the model, beside the field that it names if there is one."""
        for name, messages in getattr(error, "message_dict", {NON_FIELD_ERRORS: error}).items():
            self.add_error(name if name in self.fields else None, messages)

    @classmethod
    def typed(cls, data, agent):
        """[Groupe] of what was posted, in words, to give it back where there is no form."""
        rows = cls.rangees(data, prefix=SIGNATAIRES).forms if cls.rangees else []
        groups = [Groupe("", _typed_in(cls.base_fields, data, "", agent))]
        groups += [
            Groupe(f"Signataire {rank}", _typed_in(row.fields, data, f"{row.prefix}-", agent))
            for rank, row in enumerate(rows, 1)
        ]
        return [group for group in groups if group.valeurs]


class MotifForm(ActeForm):
    """A reason, kept by the history with the act."""

    motif = TexteField(
        label="Motif",
        max_length=75,
        widget=forms.TextInput(attrs=LARGE),
        error_messages={"required": "Dites le motif, en quelques mots."},
        help_text="En quelques mots ; l’historique le garde avec l’acte.",
    )


class DecisionForm(ActeForm):
    """The séance that decides, recorded already or not, and the text of its decision."""

    seance = forms.ModelChoiceField(
        Seance.objects.none(),
        required=False,
        label="Séance",
        empty_label="choisissez une séance",
        error_messages={
            "invalid_choice": "Choisissez une séance tenue par un comité qui suit ce territoire.",
        },
        help_text="Celles de vos comités qui suivent ce territoire, la plus récente d’abord.",
    )
    tenue_le = JourField(
        label="Ou le jour où elle s’est tenue",
        required=False,
        validators=[check_past],
        help_text=(
            "Si elle n’est pas dans la liste : son jour suffit. Elle est enregistrée en "
            "brouillon, avec cette décision."
        ),
    )
    comite = forms.ModelChoiceField(
        ComiteRegional.objects.none(),
        required=False,
        label="Par le comité",
        empty_label="choisissez un comité",
        error_messages={"invalid_choice": "Choisissez un comité qui suit ce territoire."},
        help_text="De la séance à enregistrer.",
    )
    texte = TexteField(
        label="Texte de la décision",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez le texte de la décision."},
        help_text="Public quand la séance et ce qu’elle décide le sont.",
    )
    seance_facultative = False
    enregistree = None
    """The séance that the act has recorded."""

    def prepare(self):
        self.initial.setdefault("texte", Decision.proposed_text(self.record))
        if self.seance is not None:
            del self.fields["seance"], self.fields["tenue_le"], self.fields["comite"]
            return
        self.fields["seance"].queryset = seances_for(self.agent, self.record)
        comites = comites_for(self.agent, self.record)
        self.fields["comite"].queryset = comites
        known = list(comites[:2])
        if len(known) == 1:
            self.initial.setdefault("comite", known[0].pk)
        if not known:
            del self.fields["tenue_le"], self.fields["comite"]

    def clean(self):
        cleaned = super().clean()
        if self.seance is not None:
            cleaned["seance"] = self.seance
        if self.seance is not None or {"seance", "tenue_le"} & set(self.errors):
            return cleaned
        day = cleaned.get("tenue_le")
        if cleaned["seance"] and day:
            self.add_error(
                "tenue_le",
                "Choisissez une séance de la liste, ou donnez le jour d’une autre : pas les deux.",
            )
        elif day and not cleaned.get("comite") and "comite" not in self.errors:
            self.add_error("comite", "Dites quel comité a tenu cette séance.")
        elif not (cleaned["seance"] or day or self.seance_facultative):
            other = " ; ou donnez le jour de la sienne" if "tenue_le" in self.fields else ""
            self.add_error("seance", f"Choisissez la séance qui valide{other}.")
        return cleaned

    def seance_qui_decide(self):
        """The séance that was chosen, or that of the day given: made if the committee has none."""
        data = self.cleaned_data
        if data["seance"] or not data.get("tenue_le"):
            return data["seance"]
        that = {"comite_regional": data["comite"], "date": data["tenue_le"]}
        known = Seance.objects.visible_to(self.agent).filter(**that).first()
        if known is not None:
            return known
        made = Seance(**that)
        made.full_clean()
        made.save()
        self.enregistree = made
        return made

    @property
    def suite(self):
        if self.enregistree is None:
            return ""
        page = reverse("admin:programme_seance_change", args=[self.enregistree.pk])
        return format_html(
            'La {} est enregistrée en brouillon : <a href="{}">complétez-la, puis publiez-la</a>.',
            self.enregistree.du_jour,
            page,
        )


class ContractualiserForm(DecisionForm):
    """The contract that takes the project, the séance that validates it, or both."""

    seance_facultative = True
    contrat = forms.ModelChoiceField(
        Contrat.objects.none(),
        required=False,
        label="Contrat",
        empty_label="aucun",
        error_messages={
            "invalid_choice": "Choisissez un contrat du territoire du projet, non abandonné."
        },
        help_text="Le contrat du territoire qui reprend le projet.",
    )
    field_order = ["contrat", "seance", "tenue_le", "comite", "texte"]

    def prepare(self):
        super().prepare()
        # No territory, no contract: a filter on None would offer those of everybody.
        mine = Contrat.objects.visible_to(self.agent).filter(
            territoire__isnull=False, territoire=self.record.territoire_id
        )
        self.fields["contrat"].queryset = mine.exclude(statut=Contrat.Statut.ABANDONNE)
        self.start_from("contrat")
        if self.seance is None:
            self.fields["texte"].required = False
            self.fields["seance"].empty_label = "aucune : le contrat suffit"

    def clean(self):
        cleaned = super().clean()
        named = cleaned.get("contrat") or cleaned.get("seance") or cleaned.get("tenue_le")
        if not self.errors and not named:
            raise ValidationError(
                "Nommez le contrat qui reprend ce projet, ou la séance qui le valide."
            )
        return cleaned


class SignataireForm(forms.Form):
    """One signatory; a row left empty counts for nothing."""

    required_css_class = "required"
    organisme = TexteField(
        label="Pour",
        max_length=200,
        help_text="L’organisme qui s’engage.",
        error_messages={"required": "Dites pour quel organisme ce signataire s’engage."},
    )
    nom = TexteField(
        label="Nom", max_length=150, error_messages={"required": "Nommez ce signataire."}
    )
    fonction = TexteField(label="Fonction", max_length=200, required=False)
    signe_le = JourField(
        label="Signé le",
        required=False,
        help_text="Vide : le jour de la signature.",
    )

    def __init__(self, *args, seance=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["signe_le"].validators = [partial(check_past, seance=seance)]

    def clean(self):
        for name in ("nom", "fonction"):
            try:
                Signataire._meta.get_field(name).run_validators(self.cleaned_data.get(name, ""))
            except ValidationError as error:
                self.add_error(name, error)


class Signataires(forms.BaseFormSet):
    """The signatories to add; `known` are the pairs (organisme, nom) recorded already."""

    known = frozenset()
    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": (
            "Le formulaire reçu est incomplet : rouvrez la page, puis recommencez."
        ),
    }

    def get_form_kwargs(self, index):
        return {**super().get_form_kwargs(index), "use_required_attribute": False}

    def clean(self):
        seen = set(self.known)
        for form in self.forms:
            pair = (form.cleaned_data.get("organisme"), form.cleaned_data.get("nom"))
            if None in pair:
                continue
            if pair in seen:
                form.add_error("nom", "Ce signataire est déjà dans la liste.")
            seen.add(pair)

    def rows(self, **defaults):
        """Unsaved `Signataire`s of the rows that were typed."""
        for form in self.forms:
            if form.has_changed():
                typed = {name: value for name, value in form.cleaned_data.items() if value}
                yield Signataire(**{**defaults, **typed})


LignesSignataires = forms.formset_factory(
    SignataireForm,
    Signataires,
    extra=LIGNES_EN_PLUS,
    max_num=LIGNES_AU_PLUS,
    absolute_max=LIGNES_AU_PLUS,
)


class SignerForm(ActeForm):
    """When, where, and who signed."""

    rangees = LignesSignataires
    date_signature = JourField(
        label="Date de signature",
        required=False,
        help_text="Vide : date non renseignée.",
    )
    precision_signature = forms.ChoiceField(
        label="Précision de la date", choices=Precision.choices, initial=Precision.JOUR
    )
    lieu = TexteField(
        label="Lieu de signature",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=LARGE),
    )

    def prepare(self):
        self.start_from("lieu")
        self.recorded = list(self.record.signataires.all())
        self._read_rows(self.data if self.is_bound else None)

    def _read_rows(self, data):
        about = {"seance": self.seance}
        self.lignes = self.rangees(data, prefix=SIGNATAIRES, form_kwargs=about)
        self.lignes.known = frozenset((row.organisme, row.nom) for row in self.recorded)

    def add_rows(self):
        """More empty rows, on what was typed so far."""
        name = f"{SIGNATAIRES}-{TOTAL_FORM_COUNT}"
        data = self.data.copy()
        data[name] = min(len(self.lignes.forms) + LIGNES_EN_PLUS, LIGNES_AU_PLUS)
        self._read_rows(data)

    def clean(self):
        cleaned = super().clean()
        day = cleaned.get("date_signature")
        if day is None:
            cleaned["precision_signature"] = ""
        elif cleaned.get("precision_signature") == Precision.JOUR:
            try:
                check_past(day, self.seance)
            except ValidationError as error:
                self.add_error("date_signature", error)
        return cleaned

    def is_valid(self):
        # Both, so that every error shows at once.
        return all([super().is_valid(), self.lignes.is_valid()])

    def rows(self):
        """The new signatories; who gives no day signed on that of the contract."""
        data = self.cleaned_data
        known = data["precision_signature"] == Precision.JOUR
        return list(self.lignes.rows(signe_le=data["date_signature"] if known else None))


def _read(db_field, **kwargs):
    return db_field.formfield(**{**lecture_de(db_field), **kwargs})


class AvenantForm(ActeForm, forms.ModelForm):
    """A new avenant; a value left empty does not change."""

    class Meta:
        model = Avenant
        fields = ["numero", "objet", "date_signature", "nb_actions", "montant_eur", "source"]
        formfield_callback = _read
        widgets = {
            "objet": forms.Textarea(attrs={"rows": 3}),
            "source": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {"source": "L’acte qui le prouve : délibération, texte signé. Publiée."}
        error_messages = {
            "numero": {"required": "Donnez le numéro de l’avenant."},
            "objet": {"required": "Dites ce que change l’avenant."},
        }

    def prepare(self):
        self.taken = {row.numero for row in self.record.avenants.all()}
        self.initial["numero"] = max(self.taken, default=0) + 1
        self.fait_au_plus_tard("date_signature")
        for name in Avenant.REPRIS:
            before = getattr(self.record, name)
            said = VIDE if before is None else number_format(before, force_grouping=True)
            self.fields[name].help_text = f"Avant l’avenant : {said}. Vide : il ne le change pas."

    def clean_numero(self):
        numero = self.cleaned_data["numero"]
        if numero < 1:
            raise ValidationError("Le numéro d’un avenant commence à 1.")
        if numero in self.taken:
            taken = get_text_list([str(other) for other in sorted(self.taken)], "et")
            raise ValidationError(
                f"Ce contrat a déjà un avenant n° {numero} (numéros pris : {taken}). "
                f"Prenez par exemple le n° {max(self.taken) + 1}."
            )
        return numero


class CloreForm(ActeForm):
    """The day of the end."""

    date_fin = JourField(
        label="Date d’achèvement",
        error_messages={"required": "Donnez la date d’achèvement."},
    )

    def prepare(self):
        self.fait_au_plus_tard("date_fin")
        self.start_from("date_fin")

    def clean_date_fin(self):
        day, signed = self.cleaned_data["date_fin"], self.record.date_signature
        if signed and day < signed:
            when = le(signed, self.record.precision_signature)
            raise ValidationError(f"L’achèvement ne précède pas la signature, {when}.")
        return day
