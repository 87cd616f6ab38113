"""One form per act; a valid form gives the `Ajustement` that its fields describe."""

from django import forms
from django.core.exceptions import ValidationError

from programme.backoffice.cadre.champs import (
    Compose,
    JourField,
    ParmiPlusieursField,
    TexteField,
    chercheur,
)
from programme.backoffice.cadre.widgets import AutocompletionMultiple
from territoires.ajustements import Ajustement
from territoires.models import (
    Commune,
    Intercommunalite,
    Rattachement,
    Region,
)
from territoires.recherche.texte import plier


class ActeForm(forms.Form):
    """What every act asks. `site` is the admin site, `seance` the meeting that decides.

    `carte` is the `CarteAVenir` on which it is done; `territoire` is one of its territories.
    """

    le = JourField(
        label="Prend effet le",
        help_text="Premier jour de la nouvelle carte. La carte d’avant ce jour ne change pas.",
    )
    source = TexteField(
        label="Source",
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="L’acte qui le prouve : délibération, compte rendu, arrêté. Publiée.",
    )
    texte = TexteField(
        label="Texte de la décision",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Vide : une phrase est écrite d’après l’acte.",
    )

    titre = ""
    avec_territoire = True
    decision = None
    proposition = None
    remarques = ()
    est_long = False

    def __init__(self, *args, agent, seance, site, carte, territoire=None, **kwargs):
        self.agent, self.seance, self.site, self.territoire = agent, seance, site, territoire
        self.carte, self.fautes = carte, []
        kwargs["initial"] = {"le": seance.date, "source": str(seance), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.prepare()

        self.order_fields([*(name for name in self.fields if name != "texte"), "texte"])

    def prepare(self):
        """Fill the choices of the fields."""

    def clean(self):
        cleaned = super().clean()
        self.ajustement = None
        if not self.errors:
            try:
                self.ajustement = self.build(le=cleaned["le"], source=cleaned["source"])
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned

    def build(self, **common):
        """The `Ajustement` of a valid form; may raise `ValidationError`."""
        raise NotImplementedError

    def etapes(self):
        """What `build` leaves for later because it is long: does it, a sentence each time.

        Sets `fautes`, the sentences on what the preview must ask again.
        """
        yield from ()

    @property
    def own_regions(self):
        return Region.objects.all() if self.agent.est_national else self.agent.regions.all()


class MembresMixin(forms.Form):
    """Members to attach: those that lie in the officer's régions."""

    intercommunalites = ParmiPlusieursField(
        Intercommunalite.objects.none(),
        required=False,
        label="Intercommunalités",
        help_text="Tapez un nom, ou un ou plusieurs SIREN.",
    )
    communes = ParmiPlusieursField(
        Commune.objects.none(),
        required=False,
        label="Communes seules",
        help_text="Pour une commune membre sans son intercommunalité : son nom ou son code INSEE.",
    )

    def prepare(self):
        super().prepare()
        regions = self.own_regions
        for name, model, place in (
            ("intercommunalites", Intercommunalite, "departements__region__in"),
            ("communes", Commune, "departement__region__in"),
        ):
            field = self.fields[name]
            relation = Rattachement._meta.get_field(name.removesuffix("s"))
            field.widget = AutocompletionMultiple(relation, self.site)
            inside = model.objects.filter(**{place: regions}).values("pk")
            field.queryset = model.objects.filter(pk__in=inside)
            field.chercher = chercheur(self.site, model)
            field.error_messages["invalid_choice"] = (
                "« %(value)s » n’est pas un membre possible : vérifiez son code, "
                "et qu’il se trouve dans une de vos régions."
            )

    def membres(self):
        chosen = [
            row.pk for name in ("intercommunalites", "communes") for row in self.cleaned_data[name]
        ]
        if not chosen:
            raise ValidationError("Nommez au moins une intercommunalité ou une commune.")
        return chosen


class RattacherForm(MembresMixin, ActeForm):
    titre = "Rattacher des membres"

    def build(self, **common):
        return Ajustement.rattacher(self.territoire, self.membres(), **common)


class DetacherForm(ActeForm):
    titre = "Détacher des membres"

    membres = forms.MultipleChoiceField(
        label="Membres qui sortent",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un membre."},
    )

    def prepare(self):
        rows = [row for row in self.territoire.rattachements.all() if row.fin is None]
        self.fields["membres"].choices = [(r.membre.pk, r.membre.nom) for r in rows]

    def build(self, **common):
        return Ajustement.detacher(self.territoire, self.cleaned_data["membres"], **common)


class RenommerForm(ActeForm):
    titre = "Renommer le territoire"

    nom = TexteField(
        label="Nouveau nom",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean_nom(self):
        nom = self.cleaned_data["nom"]
        if nom == self.territoire.nom:
            raise ValidationError("Le territoire porte déjà ce nom.")
        return nom

    def build(self, **common):
        return Ajustement.renommer(self.territoire, self.cleaned_data["nom"], **common)


class RetirerForm(ActeForm):
    titre = "Retirer le territoire de la carte"

    def build(self, **common):
        act = Ajustement.retirer(self.territoire, **common)
        if not act.sorties[self.territoire.pk]:
            raise ValidationError(f"« {self.territoire} » n’est pas sur la carte à cette date.")
        return act


class CodeTerritoireField(Compose, forms.RegexField):
    pass


class NouveauForm(forms.Form):
    """A territory to create."""

    code = CodeTerritoireField(
        r"^ti[2-9]?-[0-9]{4}$",
        label="Code",
        help_text="Par exemple ti-7517, ou ti2-7517 en phase 2 : la région, puis un rang libre.",
        error_messages={
            "invalid": "Le code d’un territoire a la forme ti-7505, ou ti2-7505 en phase 2."
        },
    )
    nom = TexteField(label="Nom", max_length=200)
    region_porteuse = forms.ModelChoiceField(Region.objects.none(), label="Région porteuse")

    def prepare(self):
        super().prepare()
        self.fields["region_porteuse"].queryset = self.own_regions

    def clean_code(self):
        code = self.cleaned_data["code"]
        if code and code in self.carte.territoires:
            raise ValidationError(f"Un territoire a déjà le code {code} : choisissez-en un autre.")
        return code


class AjouterForm(NouveauForm, MembresMixin, ActeForm):
    titre = "Ajouter un territoire"
    avec_territoire = False
    field_order = ["code", "nom", "region_porteuse", "intercommunalites", "communes"]

    def build(self, **common):
        data = self.cleaned_data
        return Ajustement.ajouter(
            data["code"], data["nom"], data["region_porteuse"].pk, self.membres(), **common
        )


class ReunirForm(NouveauForm, ActeForm):
    titre = "Réunir des territoires"
    avec_territoire = False
    field_order = ["origines", "vers", "code", "nom", "region_porteuse"]

    origines = forms.MultipleChoiceField(
        label="Territoires à réunir",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez les territoires à réunir.",
            "invalid_choice": "Choisissez des territoires de votre périmètre, sur la carte.",
        },
    )
    vers = forms.ChoiceField(
        required=False,
        label="Dans un territoire existant",
        error_messages={"invalid_choice": "Choisissez un territoire de votre périmètre."},
    )

    def prepare(self):
        super().prepare()
        mine = sorted(self.carte.of(self.agent), key=lambda t: plier(t.nom))
        mine = [t for t in mine if t.phase.a_la_carte(self.seance.date)]
        nobody = "aucun : dans un nouveau territoire, que décrivent les trois champs suivants"
        self.fields["vers"].choices = [("", nobody), *((t.pk, t.nom) for t in mine)]
        self.fields["origines"].choices = [
            (t.pk, t.nom) for t in mine if any(r.fin is None for r in t.rattachements.all())
        ]
        for name in ("code", "nom", "region_porteuse"):
            self.fields[name].required = False

    def build(self, **common):
        data = self.cleaned_data
        new = [data["code"], data["nom"], data["region_porteuse"]]
        if data["vers"] and any(new):
            raise ValidationError(
                "Choisissez un territoire existant, ou décrivez-en un nouveau : pas les deux."
            )
        if not data["vers"] and not all(new):
            raise ValidationError(
                "Choisissez le territoire qui réunit les autres, ou donnez au nouveau "
                "un code, un nom et une région porteuse."
            )
        heir = data["vers"] or data["code"]
        if not [code for code in data["origines"] if code != heir]:
            raise ValidationError("Cochez au moins un autre territoire que celui qui les réunit.")
        creations = {}
        if not data["vers"]:
            facts = {"nom": data["nom"], "region_porteuse": data["region_porteuse"].pk}
            creations = {heir: facts}
        origins = [self.carte.territoires[code] for code in data["origines"]]
        return Ajustement.reunir(origins, heir, creations=creations, **common)


class DefaireForm(ActeForm):
    """The contrary of a recorded decision, decided by another séance."""

    titre = "Défaire une décision"
    avec_territoire = False

    def __init__(self, *args, decision, **kwargs):
        self.decision = decision
        super().__init__(*args, **kwargs)

    def build(self, le, source):
        done = Ajustement.from_json(self.decision.ajustement)
        return done.contraire(le, source=source)
