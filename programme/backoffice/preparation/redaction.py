"""One decision being written for a séance: what it is about, its form, keeping it."""

from django import forms
from django.http import Http404

from programme.backoffice.cadre.formulaires import VersionVue
from programme.backoffice.cadre.perimetre import is_inside
from programme.backoffice.preparation import decisions
from programme.backoffice.preparation.portes import GENRES
from programme.models import DecisionPreparee, Proposition
from territoires.models import ConflitDeVersion


class PrepareeForm(forms.Form):
    """The version of a prepared decision that its author saw."""

    version_preparee = VersionVue()


def est_cle(text):
    """Whether a page may have sent this as a key."""
    return text.isdecimal() and text.isascii() and len(text) < 10


def preparee(seance, key):
    """The decision of that key, prepared and not applied; None when there is none."""
    rows = seance.preparees.a_prendre().select_related("seance", "contrat", "projet", "proposition")
    return rows.filter(pk=key).first()


def sujet(agent, genre, key):
    """What a decision would be about, of the agent's perimeter; None when it is not there."""
    model = GENRES.get(genre)
    row = model and model.objects.visible_to(agent).filter(pk=key).first()
    if not isinstance(row, Proposition):
        return row or None
    about = row.enregistrement
    return row if about is not None and is_inside(agent, about) else None


class Redaction:
    """The act `nom` on `sujet`, a contract, a project or a proposition; None: on the map.

    row: the `DecisionPreparee` that is amended; None for a new one. An act that no séance prepares
    answers 404.
    """

    def __init__(self, agent, seance, sujet, nom, row=None):
        self.agent, self.seance, self.sujet, self.nom, self.row = agent, seance, sujet, nom, row
        self.record = sujet.enregistrement if isinstance(sujet, Proposition) else sujet
        self.acte = None
        if sujet is None:
            known = nom == DecisionPreparee.CARTE
        elif isinstance(sujet, Proposition):
            known = nom == DecisionPreparee.ACCEPTER
        else:
            self.acte = decisions.acte_de(type(sujet), nom)
            known = self.acte is not None
        if not known:
            raise Http404("Cet acte n’existe pas.")

    @property
    def titre(self):
        return self.acte.titre if self.acte else decisions.TITRES[self.nom]

    def refus(self):
        """Why it cannot be added, in French; None when it may."""
        if self.acte is None:
            return decisions.refus_d_accepter(self.seance, self.sujet)
        return decisions.refus_de_preparer(self.agent, self.seance, self.sujet, self.acte)

    def form(self, data=None):
        """Its form, as it was sent; else filled as `row` says, or as a new one begins."""
        if data is None and self.row is not None:
            data = decisions.donnees(self.row, self.record)
        if self.sujet is None:
            return decisions.TexteForm(data)
        if self.acte is None:
            return decisions.AccepterForm(data, proposition=self.sujet, agent=self.agent)
        return decisions.formulaire(self.acte, self.sujet, self.agent, self.seance, data)

    def ajouter(self, saisie, texte):
        """Prepare it; raises a `ValidationError` when the séance takes no more."""
        return DecisionPreparee.ajouter(
            self.seance,
            acte=self.nom,
            texte=texte,
            saisie=saisie,
            version_vue=getattr(self.record, "version", None),
            auteur=self.agent,
            **{self.sujet._meta.model_name: self.sujet},
        )

    def amender(self, form):
        """Keep what was typed; False when somebody wrote it meanwhile."""
        if self.sujet is not None:  # an act on the map is amended by its text alone
            self.row.saisie = decisions.saisie_de(form)
        self.row.texte = form.cleaned_data["texte"]
        self.row.version_vue = getattr(self.record, "version", None)  # its author read it again
        try:
            self.row.save()
        except ConflitDeVersion:
            return False
        return True
