"""The pages of a report: what is wrong, where it stands, and the answers that the public reads."""

from functools import cached_property
from statistics import median

from django import forms
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from programme.backoffice.propositions import avis
from programme.backoffice.propositions.ecart import column_of
from programme.catalogue.adresse import AdresseView, MotField, PageForm
from programme.catalogue.journal import flux
from programme.catalogue.journal.lignes import FormateurPublic
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.signaler.fiches import AUTRE, genres
from programme.catalogue.signaler.formulaires import Signalement, en_mots
from programme.catalogue.signaler.jetons import Jeton, Refuse, bound, count
from programme.catalogue.signaler.reponses import (
    ETATS,
    MOTS,
    en_jours,
    lignes,
    reponses,
)
from programme.donnees.schema import in_total_order
from programme.models import Proposition
from programme.models.propositions import empreinte, version_de

TAILLE = 64 * 1024  # bytes of a form: many times what its fields take
PAR_PAGE, PAR_GENRE = 20, 100
PUBLIC = "une personne du public"
ABSENTE = "Aucune fiche publiée à cette adresse."


def _unkept(response):
    """Not to be kept anywhere, nor told to where its links lead."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _is_long(request):
    """Whether what is sent is longer than any form of ours; Django itself reads no huge body."""
    try:
        return len(request.body) > TAILLE
    except RequestDataTooBig:
        return True


class GenreView(AdresseView):
    """The public records of one kind, to choose the one that is wrong."""

    form_class = PageForm
    template_name = "programme/signaler/genre.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.genre = genres().get(kwargs["genre"])
        if self.genre is None:
            raise Introuvable("Rien de ce nom ne se signale.")

    @cached_property
    def paginator(self):
        model = self.genre.modele
        related = [f.name for f in model._meta.fields if f.is_relation]
        rows = in_total_order(self.genre.rows().select_related(*related))
        return Paginator(rows, PAR_GENRE)

    def answer(self, **kwargs):
        found = [(str(row), self.genre.adresse(row)) for row in self.page.object_list]
        context = {
            "fiches": found,
            "pluriel": self.genre.modele._meta.verbose_name_plural,
            **self.get_page_context(),
        }
        response = render(self.request, self.template_name, context)
        response["X-Robots-Tag"] = "noindex"
        return response


class ChampForm(forms.Form):
    """The value that one reports; nothing yet."""

    champ = MotField()


# No session is asked of anybody, so there is none to take advantage of: the form has its own token.
@method_decorator(csrf_exempt, name="dispatch")
class SignalerView(AdresseView):
    """Which value, then the form; what it sends is kept, for who publishes the record to answer."""

    form_class = ChampForm

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.genre = genres().get(kwargs["genre"])
        self.record = self.genre and self.genre.find(kwargs["code"])

    def dispatch(self, request, *args, **kwargs):
        if self.record is None:
            if request.method in ("GET", "HEAD") and self.erreurs:
                return _unkept(self.refuse())
            raise Introuvable(ABSENTE)
        return _unkept(super().dispatch(request, *args, **kwargs))

    def get_form(self):
        form = super().get_form()
        form.fields["champ"].mots = (*(self.genre.champs if self.genre else ()), AUTRE)
        return form

    @property
    def champ(self):
        return self.genre.champs.get(self.demande["champ"])

    def answer(self, **kwargs):
        if not self.demande["champ"]:
            context = {
                "champs": [
                    (champ, value, self.genre.adresse(self.record, champ.nom))
                    for champ, value in self.genre.valeurs(self.record)
                ],
                "autre": self.genre.adresse(self.record, AUTRE),
            }
            return self._page("programme/signaler/champs.html", context)
        return self._shown(Signalement(self.genre, self.record, self.champ))

    def post(self, request, **kwargs):
        if self.erreurs:
            return self.refuse()
        try:
            count(request)
            if _is_long(request):
                raise Refuse("Ce formulaire est trop long : gardez l’essentiel.", 413)
        except Refuse as refused:
            return self._shown(Signalement(self.genre, self.record, self.champ), refused)
        typed = Signalement(self.genre, self.record, self.champ, request.POST)
        try:
            return self._kept(typed)
        except Refuse as refused:
            return self._shown(typed, refused)

    def _kept(self, typed):
        valid = typed.is_valid()
        jeton = Jeton.lu(typed.envoi["jeton"].value() or "", self._of())
        if not valid:
            raise Refuse("Rien n’a été envoyé : relisez ce qui suit.")
        if known := Proposition.objects.suivie(jeton.secret):
            return self._again(known, typed, jeton)
        if jeton.version != version_de(self.record):
            if masked := typed.sans_remettre(jeton.version):
                raise Refuse(
                    "Une donnée personnelle de cette fiche a été occultée depuis que vous avez "
                    f"ouvert ce formulaire : « {masked} » est remis tel qu’il est publié. Refaites "
                    "votre correction sans elle, puis envoyez-la de nouveau.",
                    409,
                )
            raise Refuse(
                "La fiche a changé depuis que vous avez ouvert ce formulaire. Votre saisie est "
                "gardée : relisez-la à côté de ce qui est publié, puis envoyez-la de nouveau.",
                409,
            )
        bound(self.record)
        said = {
            **typed.said(),
            "provenance": PUBLIC,
            "visibilite": Proposition.Visibilite.PUBLIQUE,
            "jeton": empreinte(jeton.secret),
        }
        try:
            with transaction.atomic():
                made = Proposition.objects.deposer(self.record, typed.changements(), **said)
                avis.ask(made, self.record)
        except (IntegrityError, ValidationError):
            # Of the same form sent twice at once, the other came first.
            if known := Proposition.objects.suivie(jeton.secret):
                return self._again(known, typed, jeton)
            raise
        return HttpResponseRedirect(reverse("signaler_suivi", args=[jeton.secret]))

    def _again(self, known, typed, jeton):
        """A form that was sent already leads where it led; another one in its place is refused."""
        if (known.motif, known.changements) != (typed.said()["motif"], typed.changements()):
            raise Refuse(
                "Ce formulaire a déjà été envoyé. Pour signaler autre chose, relisez votre saisie "
                "ci-dessous et envoyez-la de nouveau.",
                409,
            )
        return HttpResponseRedirect(reverse("signaler_suivi", args=[jeton.secret]))

    def _of(self):
        return f"{self.genre.code}/{self.record.pk}"

    def _shown(self, typed, refused=None):
        """The form, with a token of its own; the one that came too soon is only too young."""
        asked = {} if self.champ is None else {self.champ.nom: self.champ}
        values = [value for champ, value in self.genre.valeurs(self.record) if champ.nom in asked]
        context = {
            "typed": typed,
            "champ": self.champ,
            "valeur": values[0] if values else "",
            "jeton": Jeton.neuf(self._of(), version_de(self.record)),
            "refus": refused,
            "erreurs": typed.erreurs if typed.envoi.is_bound else [],
            "adresse": self.request.get_full_path(),
        }
        response = self._page(
            "programme/signaler/formulaire.html", context, refused.status if refused else 200
        )
        if refused and refused.attente:
            response["Retry-After"] = str(refused.attente)
        return response

    def _page(self, template, context, status=200):
        context |= {"objet": self.record, "genre": self.genre.modele._meta.verbose_name}
        return render(self.request, template, context, status=status)


def _lus(proposition):
    """[(name of a field, the value that was there, the one that was typed)], as they are read."""
    words, model = FormateurPublic(), proposition.modele
    fields = proposition.changements["champs"].items()
    columns = [(column_of(model, name), pair) for name, pair in fields]
    return [
        (str(column.verbose_name), *(en_mots(column, value, words) for value in pair))
        for column, pair in columns
        if column is not None
    ]


@method_decorator(csrf_exempt, name="dispatch")
class SuiviView(View):
    """Where a report stands, for who has its address; it can be withdrawn there."""

    http_method_names = ("get", "head", "post")

    def dispatch(self, request, *args, **kwargs):
        return _unkept(super().dispatch(request, *args, **kwargs))

    def _found(self, secret, rows):
        found = rows.suivie(secret)
        if found is None:
            raise Introuvable(
                "Aucun signalement à cette adresse : vérifiez-la. Un signalement retiré est oublié "
                "un mois après."
            )
        return found

    def get(self, request, secret):
        return self._page(self._found(secret, Proposition.objects))

    def post(self, request, secret):
        with transaction.atomic():
            found = self._found(secret, Proposition.objects.select_for_update())
            if not found.est_en_attente:
                return self._page(found, status=409)
            found.retirer()
        return HttpResponseRedirect(request.path)

    def _page(self, found, status=200):
        (told,) = reponses([found])
        said = f"{found.motif} {found.source} {found.changements.get('attendu', '')}"
        context = {
            "changements": _lus(found) if told.nom else [],
            "attendu": found.changements.get("attendu", ""),
            "masque": "masqué" in said,
            "proposition": found,
            "told": told,
            "etat": MOTS.get(found.etat, found.etat),
        }
        return render(self.request, "programme/signaler/suivi.html", context, status=status)


class FiltreReponses(PageForm):
    """Which answers are read."""

    reponse = forms.ChoiceField(
        label="Réponse",
        required=False,
        choices=[("", "Toutes"), *ETATS.items()],
        widget=forms.Select(attrs={"class": "fr-select"}),
        error_messages={"invalid_choice": "Cette réponse n’existe pas : choisissez dans la liste."},
    )
    genre = forms.ChoiceField(
        label="Quoi",
        required=False,
        widget=forms.Select(attrs={"class": "fr-select"}),
        error_messages={"invalid_choice": "Ce genre n’existe pas : choisissez dans la liste."},
    )
    fiche = forms.CharField(required=False, max_length=60)
    format = MotField((flux.FORMAT,))

    def clean(self):
        """`fiche` names a public record of `genre`, as its address does."""
        asked = super().clean()
        self.record = None
        if code := asked.get("fiche"):
            genre = genres().get(asked.get("genre") or "")
            self.record = genre and genre.find(code)
            if self.record is None:
                self.add_error("fiche", "Aucune fiche publiée n’a ce code dans ce genre.")
        return asked

    def __init__(self, data):
        super().__init__(data)
        titles = [
            (code, str(genre.modele._meta.verbose_name_plural))
            for code, genre in sorted(genres().items())
        ]
        self.fields["genre"].choices = [("", "Tout"), *titles]

    def rows(self):
        rows = Proposition.objects.published().order_by("-repondue_le", "-pk")
        asked = self.cleaned_data
        if asked["reponse"]:
            state = next(etat for etat, word in MOTS.items() if word == asked["reponse"])
            rows = rows.filter(etat=state)
        if asked["genre"]:
            rows = rows.filter(genre=genres()[asked["genre"]].modele._meta.label_lower)
        if self.record is not None:
            rows = rows.about(self.record)
        return rows


class ReponsesView(AdresseView):
    """The corrections that were asked for, with their answers: nothing that waits for one."""

    form_class = FiltreReponses
    refusal_template = ""
    template_name = "programme/signaler/reponses.html"

    @cached_property
    def rows(self):
        return self.form.rows()

    @cached_property
    def paginator(self):
        return Paginator(self.rows, PAR_PAGE)

    def answer(self):
        if self.demande["format"]:
            found = self.rows[: flux.DANS_LE_FLUX]
            phrase = "Les erreurs signalées par le public, une fois qu’elles ont leur réponse."
            address = reverse("signaler") + self.requete.canonique
            told = lignes(reponses(found))
            return flux.atom(self.request, "corrections demandées", phrase, address, told)
        delays = [
            answered - sent for answered, sent in self.rows.values_list("repondue_le", "deposee_le")
        ]
        states = list(self.rows.order_by().values_list("etat", flat=True))
        context = {
            **self.get_form_context(),
            **self.get_page_context(),
            "comptes": [(word, states.count(etat)) for etat, word in MOTS.items()],
            "delai": en_jours(median(delays)) if delays else "",
            "suivre": self.requete.avec(format=flux.FORMAT),
        }
        context["reponses"] = reponses(self.page.object_list)
        return render(self.request, self.template_name, context)

    def get_form_context(self):
        filtre = [champ for champ in self.form if champ.name in ("reponse", "genre")]
        return {
            "filtre": filtre,
            "filtree": bool(self.requete.data),
            "erreurs": [],
            "page": None,
            "pages": [],
        }

    def get_refusal_context(self):
        return self.get_form_context() | super().get_refusal_context()
