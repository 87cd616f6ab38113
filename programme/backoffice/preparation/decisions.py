"""One prepared decision: its form before the séance, then what taking it does.

An act of a life-cycle, the acceptance of a proposition, an act on the map: each is done by what
does it alone, with the rights of who applies the séance.
"""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import QueryDict

from programme.backoffice.actes.acte import refus_du_role
from programme.backoffice.actes.formulaires import DecisionForm
from programme.backoffice.actes.registre import cycles_of
from programme.backoffice.cadre.champs import TexteField
from programme.backoffice.cadre.perimetre import is_inside
from programme.backoffice.carte.vues import carte_de_la_seance
from programme.backoffice.droits import AJOUTER, AJUSTER, permission
from programme.backoffice.preparation.portes import suit
from programme.backoffice.propositions.ecart import changes_in_words
from programme.backoffice.propositions.saisie import may_answer
from programme.backoffice.verrou import lock_on
from programme.models import (
    Contrat,
    Decision,
    DecisionPreparee,
    Projet,
    Proposition,
    Publication,
    Seance,
)
from programme.requetes import request_with
from territoires.carte_a_venir import CarteAVenir
from territoires.models import Commune, Intercommunalite, Region, Territoire
from territoires.models.modification import noter_reference, tracer, writing

LONGUEUR = 2000
PARTI = (
    "L’enregistrement a été supprimé, ou n’est plus dans votre périmètre : retirez cette décision."
)
DU_PUBLIC = (
    "Ce qui vient du public se répond sur sa page : la réponse part aussitôt à qui l’a écrit, et "
    "ne se reprend pas."
)
HORS_CARTE = "Cet acte concerne un territoire, ou un membre, hors de votre périmètre."
TITRES = {
    DecisionPreparee.CARTE: "Ajuster la carte",
    DecisionPreparee.ACCEPTER: "Accepter la proposition",
}


def empechement(agent, seance):
    """Why the agent may not apply what `seance` has prepared, in French; None when they may."""
    needed = permission(AJOUTER, Decision)
    if not agent.has_perm(needed):
        return refus_du_role(agent, needed)
    return lock_on(agent, Decision(seance=seance))


# --- Which act, on what -----------------------------------------------------------------------


def preparables(model):
    """The `Acte`s on a `model` that a committee decides, in order."""
    return [acte for cycle in cycles_of(model) for acte in cycle.actes if acte.en_seance]


def acte_de(model, nom):
    """The one of that name; None when a séance prepares none such."""
    return next((acte for acte in preparables(model) if acte.nom == nom), None)


def titre(preparee):
    """What is done, in words."""
    if preparee.acte in TITRES:
        return TITRES[preparee.acte]
    acte = acte_de(type(preparee.sujet), preparee.acte)
    return acte.titre if acte else preparee.acte


def refus_de_preparer(agent, seance, record, acte):
    """Why `acte` cannot be prepared for `seance` on `record`, in French; None when it may.

    A right that the agent lacks is no reason: another officer may apply the séance. Nor is the
    state of a record that the séance changes already: the trial, which does them in order, tells.
    """
    if not Seance.objects.competent_for(record).filter(pk=seance.pk).exists():
        return f"« {record} » : cette séance est celle d’un comité qui ne suit pas ce territoire."
    known = seance.preparees.a_prendre().filter(**{record._meta.model_name: record})
    if known.filter(acte=acte.nom).exists():
        return f"« {record} » : cet acte est déjà préparé pour cette séance."
    empeche = acte.empechement(agent, record)
    if empeche is not None and not empeche.interdit and not known.exists():
        return f"« {record} » : {empeche.raison}"
    return None


def refus_d_accepter(seance, proposition):
    """The same, of the acceptance of a proposition."""
    if not proposition.est_en_attente:
        return proposition.deja_dit
    if proposition.est_du_public:
        return DU_PUBLIC
    if not suit(seance, proposition):
        return f"« {proposition.nom} » : cette séance est celle d’un comité qui ne le suit pas."
    if seance.preparees.a_prendre().filter(proposition=proposition).exists():
        return f"La proposition n° {proposition.pk} est déjà préparée pour cette séance."
    return None


# --- Its form ---------------------------------------------------------------------------------


def _texte(initial):
    return TexteField(
        label="Texte de la décision",
        max_length=LONGUEUR,
        initial=initial,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez le texte de la décision."},
        help_text="Public quand la séance et ce qu’elle décide le sont.",
    )


def formulaire(acte, record, agent, seance, data=None):
    """The form of an act as a séance prepares it: its own, and the text of the decision."""
    form = acte.form(data, record=record, agent=agent, seance=seance)
    if "texte" not in form.fields:
        form.fields["texte"] = _texte(acte.en_seance.format(record.cite))
    return form


class AccepterForm(forms.Form):
    """Which changes of a proposition the committee accepts, and the text of its decision."""

    required_css_class = "required"
    retenir = forms.MultipleChoiceField(
        label="Changements à accepter",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un changement à accepter."},
    )

    def __init__(self, *args, proposition, agent, **kwargs):
        super().__init__(*args, **kwargs)
        told = changes_in_words(proposition, agent, proposition.enregistrement)
        self.fields["retenir"].choices = [
            (one.cle, _change_said(one)) for one in told if not one.raison
        ]
        self.initial.setdefault("retenir", [one.cle for one in told if not one.raison])
        record = proposition.enregistrement
        self.fields["texte"] = _texte(
            f"Le comité accepte la proposition n° {proposition.pk} sur « {record} »."
        )


def _change_said(change):
    values = [f"{v.champ} : {v.propose}" for v in change.valeurs]
    if len(values) == 1 and not change.acte:
        return f"{change.titre} : {change.valeurs[0].propose}"
    return f"{change.titre} {change.acte} ({' ; '.join(values)})"


class TexteForm(forms.Form):
    """Of a decision on the map: its text."""

    required_css_class = "required"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["texte"] = _texte("")


def initiale(form):
    """`saisie` of a form that nobody changed."""
    values = {bound.html_name: bound.value() for bound in _bounds(form)}
    return {
        name: [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in values.items()
        if value not in (None, "")
    }


def saisie_de(form):
    """`saisie` of what was sent."""
    names = [bound.html_name for bound in _bounds(form) if bound.html_name in form.data]
    return {name: form.data.getlist(name) for name in names}


def _bounds(form):
    """The fields that the act reads, those of its rows included."""
    found = [bound for bound in form.visible_fields() if bound.name != "texte"]
    if (rows := getattr(form, "lignes", None)) is not None:
        for one in (rows.management_form, *rows.forms):
            found += list(one)
    return found


def donnees(preparee, record):
    """What the form of a prepared decision was sent, on the record as it is now."""
    data = QueryDict(mutable=True)
    for name, values in preparee.saisie.items():
        data.setlist(name, values)
    data["texte"] = preparee.texte
    data["version_vue"] = str(getattr(record, "version", ""))
    return data


# --- Taking it --------------------------------------------------------------------------------


def prendre(preparee, request, dans):
    """Do it, as a part of the act `dans`; returns its `Modification`, None for an act on the map.

    Raises a `ValidationError` in French when it may not be done by who asks, or as things are.
    """
    if preparee.acte == DecisionPreparee.CARTE:
        return _ajuster(preparee, request.user, dans)
    if preparee.acte == DecisionPreparee.ACCEPTER:
        return _accepter(preparee, request, dans)
    return _acter(preparee, request.user, dans)


def _enregistrer(decision, agent):
    decision.auteur = agent
    decision.full_clean()
    decision.save()


def _acter(preparee, agent, dans):
    model = Contrat if preparee.contrat_id else Projet
    key = preparee.contrat_id or preparee.projet_id
    record = model.objects.visible_to(agent).filter(pk=key).first()
    if record is None:
        raise ValidationError(PARTI)
    acte = acte_de(model, preparee.acte)
    if acte is None:
        raise ValidationError("Cet acte ne se prépare plus en séance : retirez cette décision.")
    if empeche := acte.empechement(agent, record):
        raise ValidationError(empeche.raison)
    form = formulaire(acte, record, agent, preparee.seance, donnees(preparee, record))
    if not form.is_valid():
        raise ValidationError(_faults(form))
    trace = acte.mener(record, form, agent, dans=dans)
    if not isinstance(form, DecisionForm):
        with writing(trace):
            _enregistrer(preparee.decision(record), agent)
    return trace


def _faults(form):
    """Each error of a form and of its rows, with the label of its field."""
    rows = getattr(form, "lignes", None)
    told = [said for one in (form, *(rows.forms if rows else ())) for said in _told(one)]
    return [*told, *(rows.non_form_errors() if rows else ())]


def _told(form):
    return [
        f"{form.fields[name].label} : {said}" if name in form.fields else said
        for name, sentences in form.errors.items()
        for said in sentences
    ]


def _ajuster(preparee, agent, dans):
    needed = permission(AJUSTER, Territoire)
    if not agent.has_perm(needed):
        raise ValidationError(refus_du_role(agent, needed))
    act, seance = preparee.ajuste, preparee.seance
    if not _en_son_perimetre(agent, act):
        raise ValidationError(HORS_CARTE)
    decision = preparee.decision()
    if refus := _deja_defaite(preparee):
        raise ValidationError(refus)
    _enregistrer(decision, agent)
    if seance.publication == Publication.PUBLIE:
        decision.appliquer(dans=dans)
    elif refus := carte_de_la_seance(seance)[1]:
        raise ValidationError(refus)


def _deja_defaite(preparee):
    """Why the decision of which it is the contrary cannot be undone, in French; or nothing."""
    if not preparee.defait:
        return ""
    done = Decision.objects.filter(pk=preparee.defait).first()
    if done is None:
        return "La décision à défaire n’existe plus : retirez cette décision préparée."
    if Decision.objects.filter(defait=done).exists():
        return f"« {done.texte} » est déjà défaite : retirez cette décision préparée."
    return ""


def _en_son_perimetre(agent, act):
    if agent.est_national:
        return True
    regions = Region.objects.filter(pk__in=agent.regions.values("pk"))
    mine = {territoire.pk for territoire in CarteAVenir.lire().of(agent)}
    made = act.creations
    outside = set(act.territoires) - mine - set(made)
    there = set(regions.values_list("pk", flat=True))
    if outside or act.liste or not {one["region_porteuse"] for one in made.values()} <= there:
        return False
    members = {code for codes in act.entrees.values() for code in codes} - {
        code for codes in act.sorties.values() for code in codes
    }
    inside = Intercommunalite.objects.filter(pk__in=members, departements__region__in=regions)
    known = set(inside.values_list("pk", flat=True))
    inside = Commune.objects.filter(pk__in=members, departement__region__in=regions)
    return members <= known | set(inside.values_list("pk", flat=True))


class _Muets:
    """Messages that nobody reads: what a form says once it is saved is told by the séance."""

    def add(self, level, message, extra_tags=""):
        pass


SUIVIS = ("etat", "repondant_id", "repondue_le", "reponse", "suites", "version_apres")


def _accepter(preparee, request, dans):
    proposition = Proposition.objects.select_for_update(of=("self",)).get(
        pk=preparee.proposition_id
    )
    record = proposition.enregistrement
    agent = request.user
    if record is None or not is_inside(agent, record):
        raise ValidationError(PARTI)
    if refus := (proposition.est_du_public and DU_PUBLIC):
        raise ValidationError(refus)
    if not proposition.est_en_attente:
        raise ValidationError(proposition.deja_dit)
    if not may_answer(agent, record):
        raise ValidationError(
            f"Votre rôle ({agent.get_role_display()}) ne répond pas aux propositions sur cet "
            "enregistrement : demandez-le à qui le publie."
        )
    taken = set(preparee.saisie.get("retenir", ()))
    told = changes_in_words(proposition, agent, record)
    if taken - {change.cle for change in told if not change.raison}:
        why = " ".join(change.raison for change in told if change.cle in taken)
        raise ValidationError(
            f"Un changement accepté ne peut plus l’être : {why} Choisissez de nouveau ce qui est "
            "accepté."
        )
    before = _suivi(proposition)
    with tracer("accepter", record, agent, dans=dans) as trace:
        screen = admin.site.get_model_admin(type(record))
        quiet = request_with(request, _messages=_Muets())
        answer = screen.propositions.accept(quiet, proposition, record, taken, "")
        if answer.status_code != 302:
            raise ValidationError(_refused(answer))
        fresh = Proposition.objects.get(pk=proposition.pk)
        after = _suivi(fresh)
        changes = {n: [before[n], after[n]] for n in SUIVIS if before[n] != after[n]}
        noter_reference(fresh, changes)
        _enregistrer(preparee.decision(record), agent)
        trace.texte = f"{record} : proposition n° {fresh.pk} {fresh.etat}"
    return trace


def _suivi(proposition):
    """What answering changes in a proposition, as JSON holds it."""
    values = {name: getattr(proposition, name) for name in SUIVIS}
    when = proposition._meta.get_field("repondue_le").value_to_string(proposition)
    return {**values, "repondue_le": when or None}


def _refused(answer):
    context = answer.context_data or {}
    told = [f"{one.champ} : {one.phrase}" for one in context.get("resume_erreurs", ())]
    if "adminform" in context:
        told = [*context["adminform"].form.non_field_errors(), *told]
    return told or ["Le formulaire de l’enregistrement la refuse : acceptez-la depuis sa page."]
