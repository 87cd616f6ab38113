"""A séance is prepared, tried, applied in one act, and corrected as one."""

import threading
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programme.backoffice.actes.registre import cycles_of
from programme.backoffice.preparation import decisions
from programme.models import (
    Contrat,
    Decision,
    DecisionPreparee,
    Projet,
    Proposition,
    Publication,
    Seance,
)
from programme.models.preparation import AU_PLUS
from territoires.ajustements import Ajustement, members_at
from territoires.models import Modification, Phase
from tests import factories as f
from tests.programme.backoffice import liste_183, petit_monde
from tests.programme.backoffice.outils import act_address, address, text_of
from tests.programme.backoffice.test_corriger_ensemble import somebody_waits

pytestmark = pytest.mark.django_db


def said(response):
    told = " ".join(str(message) for message in get_messages(response.wsgi_request))
    return told.replace("\u00a0", " ")


@pytest.fixture
def corriger(signed_in, national):
    """`corriger()`: the page that corrects what was applied last; `corriger(motif=…)` does it."""

    def page(client=None, **motif):
        act = Modification.objects.filter(acte="seance").latest("pk")
        where = reverse("admin:territoires_modification_corriger", args=[act.pk])
        client = client or signed_in(national)
        return client.post(where, motif) if motif else client.get(where)

    return page


# --- Preparing --------------------------------------------------------------------------------


def test_what_waits_is_offered_and_added_without_being_done(
    salle, secretariat, contrat, projet, etat
):
    before, room = etat(), salle(secretariat)
    shown = text_of(room.voir())
    assert "Aucune décision n’est préparée" in shown
    for word in ("Contrats en préparation", "Projets remontés", "Projets à publier", str(projet)):
        assert word in shown
    answer = room.ajouter((contrat, "valider"), (projet, "contractualiser"), (projet, "publier"))
    assert said(answer) == "3 décisions ajoutées à la séance."
    assert [one.acte for one in room.preparees] == ["valider", "contractualiser", "publier"]
    assert etat().contrats == before.contrats
    assert etat().projets == before.projets
    assert not Decision.objects.exists()
    shown = text_of(room.voir())
    assert "Le comité valide le contrat de territoire « Acte normande »" in shown
    assert "Contrats en préparation" not in shown


def test_nothing_is_added_twice_nor_out_of_the_committee_nor_out_of_its_state(
    salle, secretariat, contrat, contrats
):
    room = salle(secretariat)
    room.ajouter((contrat, "valider"))
    again = room.ajouter((contrat, "valider"))
    assert again.status_code == 409
    assert "cet acte est déjà préparé pour cette séance" in text_of(again)
    elsewhere = room.ajouter((contrats.breton, "valider"))
    assert elsewhere.status_code == 409
    assert "n’est plus dans votre périmètre" in text_of(elsewhere)
    assert contrats.breton.intitule not in text_of(elsewhere)
    signed = f.ContratFactory(territoire=contrat.territoire)
    wrong = room.ajouter((signed, "valider"))
    assert wrong.status_code == 409
    assert "ne peut pas devenir « validé en comité »" in text_of(wrong)
    assert room.preparees.count() == 1


def test_a_form_keeps_what_was_typed_and_says_what_lacks(salle, secretariat, projet):
    room = salle(secretariat)
    refused = room.rediger(projet, "abandonner", motif="", texte="Le comité renonce.")
    assert refused.status_code == 400
    assert "Dites le motif" in text_of(refused)
    assert "Le comité renonce." in text_of(refused)
    done = room.rediger(
        projet, "abandonner", motif="Le porteur renonce", texte="Le comité renonce."
    )
    assert done.status_code == 302
    made = room.preparees.get()
    assert (made.saisie, made.texte) == ({"motif": ["Le porteur renonce"]}, "Le comité renonce.")
    page = address(Seance, "preparee", room.seance.pk, made.pk)
    shown = room.client.get(page)
    assert "Le porteur renonce" in shown.content.decode()
    typed = {"motif": "Faute de porteur", "texte": "Renoncé.", "version_preparee": 1}
    assert room.client.post(page, typed).status_code == 302
    made.refresh_from_db()
    assert made.saisie == {"motif": ["Faute de porteur"]}
    # Who saw the version before is told, and what they typed stays.
    late = room.client.post(page, {**typed, "texte": "Abandonné."})
    assert late.status_code == 409
    assert "a changé depuis que vous avez ouvert la page" in text_of(late)
    assert "Abandonné." in late.content.decode()


def test_they_are_moved_and_taken_away(salle, secretariat, contrat, projet):
    room = salle(secretariat)
    room.ajouter((contrat, "valider"), (projet, "publier"))
    first, second = room.preparees
    room.faire(monter=second.pk)
    assert list(room.preparees) == [second, first]
    room.faire(descendre=second.pk)
    assert list(room.preparees) == [first, second]
    assert "Décision retirée." in said(room.faire(retirer=first.pk))
    assert list(room.preparees) == [second]
    gone = room.faire(retirer=first.pk)
    assert gone.status_code == 409
    assert "n’est plus dans la préparation" in text_of(gone)


def test_what_is_sent_by_hand_is_refused_in_a_sentence(salle, secretariat, contrat):
    room = salle(secretariat)
    for offre in ("", "contrat", "contrat:x:valider", "agent:1:valider", "contrat:99999:valider",
                  f"contrat:{'9' * 30}:valider"):  # fmt: skip
        assert room.faire(offre=offre).status_code == 409, offre
    for act in ("preciser", "supprimer", "carte"):
        assert room.faire(offre=f"contrat:{contrat.pk}:{act}").status_code == 404
        assert room.rediger(contrat, act).status_code == 404
    assert room.faire().status_code == 400
    assert room.faire(retirer="x' OR 1=1").status_code == 409
    script = room.rediger(contrat, "valider", texte="<script>alert(1)</script>\x00")
    assert script.status_code in {302, 400}
    assert b"<script>alert" not in room.voir().content
    assert b"<script>alert" not in room.essayer().content


def test_a_seance_takes_so_many(salle, secretariat, contrat, seance):
    for _ in range(AU_PLUS):
        f.DecisionPrepareeFactory(seance=seance, contrat=contrat)
    full = salle(secretariat).rediger(contrat, "valider", texte="Une de plus.")
    assert full.status_code == 400
    assert f"Une séance prépare {AU_PLUS} décisions au plus" in text_of(full)


def test_the_act_and_its_seance_to_come_lead_to_each_other(
    signed_in, secretariat, redacteur, contrat, a_venir
):
    page = address(Seance, "preparer_acte", a_venir.pk, "contrat", contrat.pk, "valider")
    for agent, status in ((secretariat, 200), (redacteur, 403)):
        shown = signed_in(agent).get(act_address(contrat, "valider"))
        assert shown.status_code == status
        assert page in shown.content.decode()
    assert "Ajouter à la séance du" in text_of(shown)


# --- Trying -----------------------------------------------------------------------------------


def test_a_trial_shows_all_and_keeps_nothing(salle, secretariat, contrat, projet, etat):
    room, before = salle(secretariat), etat()
    room.ajouter((contrat, "valider"), (projet, "contractualiser"))
    saves = Modification.objects.count()
    shown = text_of(room.essayer())
    assert "Rien n’est enregistré." in shown
    assert "2 décisions essayées, toutes possibles" in shown
    assert "statut, « en préparation » devient « validé en comité »" in shown
    assert "statut, « remonté » devient « contractualisé »" in shown
    assert "Appliquer en un acte" in room.essayer().content.decode()
    assert etat().contrats == before.contrats
    assert etat().projets == before.projets
    assert Modification.objects.count() == saves
    assert not Decision.objects.exists()


def test_a_trial_names_what_is_impossible_and_what_makes_it_so(salle, secretariat, contrat, projet):
    room = salle(secretariat)
    room.rediger(projet, "abandonner", motif="Faute de porteur", texte="Abandonné.")
    room.ajouter((projet, "contractualiser"), (contrat, "valider"))
    shown = text_of(room.essayer())
    assert "1 impossible : n° 2" in shown
    assert "Un projet « abandonné » ne peut pas devenir « contractualisé »" in shown
    assert "Seule, elle serait possible : la décision n° 1 l’empêche." in shown
    assert "Même fiche que la décision n° 2." in shown
    assert "Tout s’applique ou rien" in shown
    assert "Appliquer en un acte" not in shown
    assert room.appliquer().status_code == 409


def test_a_trial_says_what_changed_since_the_preparation(salle, secretariat, projet):
    room = salle(secretariat)
    room.ajouter((projet, "publier"))
    projet.objet = "Un four de plus"
    projet._history_user = f.RedacteurFactory(nom="Zoé")
    projet.save()
    for page in (room.voir(), room.essayer()):
        shown = text_of(page)
        assert "a été modifié depuis la préparation, par" in shown
        assert "→ Un four de plus" in shown, shown


def test_a_trial_says_which_right_lacks(salle, redacteur, contrat, projet):
    room = salle(redacteur)
    room.ajouter((contrat, "valider"))
    assert room.preparees.count() == 1
    tried = room.essayer()
    assert "Votre rôle (rédacteur régional) ne permet pas cet acte" in text_of(tried)
    assert room.appliquer().status_code == 409
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.EN_PREPARATION


def test_an_empty_seance_says_why(salle, secretariat):
    room = salle(secretariat)
    assert "Rien d’autre n’attend ce comité" in text_of(room.voir())
    assert "il n’y a rien à essayer" in text_of(room.essayer())
    nothing = room.appliquer("x")
    assert nothing.status_code == 409
    assert "aucune décision préparée n’attend plus" in text_of(nothing)


# --- Applying ---------------------------------------------------------------------------------


def test_it_is_applied_in_one_act(salle, secretariat, contrat, projet, seance):
    room = salle(secretariat)
    room.ajouter((contrat, "valider"), (projet, "contractualiser"), (projet, "publier"))
    answer = room.appliquer()
    assert answer.status_code == 302
    assert "3 décisions appliquées" in said(answer)
    contrat.refresh_from_db()
    projet.refresh_from_db()
    assert (contrat.statut, contrat.seance) == (Contrat.Statut.VALIDE, seance)
    assert projet.statut == Projet.Statut.CONTRACTUALISE
    assert projet.publication == Publication.PUBLIE
    kinds = list(seance.decisions.order_by("pk").values_list("type", flat=True))
    assert kinds == ["valider un contrat", "valider un projet", "autre"]
    assert {one.auteur for one in seance.decisions.all()} == {secretariat}
    act = Modification.objects.get(acte="seance")
    parts = list(act.parties.order_by("pk").values_list("acte", flat=True))
    assert parts == ["valider", "contractualiser", "publier"]
    shown = text_of(room.voir())
    assert "Décisions appliquées" in shown
    assert "Le comité valide le contrat de territoire « Acte normande »" in shown
    assert "La séance est « brouillon »" in shown


def test_it_waits_for_its_day(salle, secretariat, a_venir, contrat):
    room = salle(secretariat, a_venir)
    room.ajouter((contrat, "valider"))
    tried = room.essayer()
    assert "ses décisions s’appliquent à partir de ce jour" in text_of(tried)
    assert 'name="appliquer"' not in tried.content.decode()
    early = room.appliquer()
    assert early.status_code == 409
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.EN_PREPARATION


def test_what_was_not_read_is_not_applied(salle, secretariat, contrat, projet):
    room = salle(secretariat)
    room.ajouter((contrat, "valider"))
    seen = room.essayer().context["essai"].empreinte
    room.ajouter((projet, "publier"))
    late = room.appliquer(seen)
    assert late.status_code == 409
    assert "n’est plus ce que vous aviez lu" in text_of(late)
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.EN_PREPARATION
    assert room.appliquer(late.context["essai"].empreinte).status_code == 302


def test_it_is_applied_once(salle, secretariat, contrat, seance):
    room = salle(secretariat)
    room.ajouter((contrat, "valider"))
    seen = room.essayer().context["essai"].empreinte
    assert room.appliquer(seen).status_code == 302
    again = room.appliquer(seen)
    assert again.status_code == 409
    assert "aucune décision préparée n’attend plus" in text_of(again)
    assert seance.decisions.count() == 1


# --- The map, proposals -----------------------------------------------------------------------


LE = date(2022, 1, 10)


@pytest.fixture
def carte(salle, secretariat, comite, contrat):
    """A séance of 2022, and an intercommunalité that is in no territory."""

    def room(publication=Publication.PUBLIE):
        seance = f.SeanceFactory(comite_regional=comite, date=LE, publication=publication)
        return salle(secretariat, seance)

    departement = f.DepartementFactory(region=comite.region)
    voisine = f.IntercommunaliteFactory(nom="CC des Collines", departements=[departement])
    return SimpleNamespace(salle=room, voisine=voisine, territoire=contrat.territoire)


def rattacher(room, territoire, voisine):
    """By the page of the act on the map: its preview, then « Préparer pour la séance »."""
    name = "admin:programme_seance_acte_territoire"
    page = reverse(name, args=[room.seance.pk, "rattacher", territoire.pk])
    data = {"le": LE.isoformat(), "source": "Comité", "intercommunalites": [voisine.pk]}
    shown = room.client.post(page, data)
    sent = {**data, "empreinte": shown.context["empreinte"], "preparer": "oui"}
    return room.client.post(page, sent)


@pytest.mark.parametrize("publication", ["brouillon", "publié"])
def test_an_act_on_the_map_waits_with_the_others_and_is_corrected_with_them(
    carte, contrat, corriger, publication
):
    room, territoire = carte.salle(publication), carte.territoire
    is_member = lambda: carte.voisine.pk in members_at(territoire, LE)  # noqa: E731
    assert rattacher(room, territoire, carte.voisine).status_code == 302
    room.ajouter((contrat, "valider"))
    assert [one.acte for one in room.preparees] == ["carte", "valider"]
    assert not Decision.objects.exists()
    public = publication == "publié"
    shown = text_of(room.essayer())
    expected = "change dès l’application" if public else "changera quand la séance sera publiée"
    assert f"La carte publique {expected}" in shown
    assert not is_member()
    assert room.appliquer().status_code == 302
    assert is_member() == public
    assert room.seance.decisions.count() == 2

    assert "« Acte normande »" in text_of(corriger())
    done = corriger(motif="La séance n’a pas eu lieu.")
    assert done.status_code == 302, text_of(done)
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.EN_PREPARATION
    assert not is_member()
    assert not room.seance.decisions.exists()
    # They wait again, to be amended and applied.
    assert room.preparees.count() == 2
    assert "Applications corrigées comme des erreurs" in text_of(room.voir())
    assert room.appliquer().status_code == 302


def test_a_decision_on_the_map_is_undone_with_the_others(carte, secretariat):
    room, territoire = carte.salle(), carte.territoire
    rattacher(room, territoire, carte.voisine)
    assert room.appliquer().status_code == 302
    done = room.seance.decisions.get()
    later = f.SeanceFactory(
        comite_regional=room.seance.comite_regional, date=LE + timedelta(days=30)
    )
    page = reverse("admin:programme_seance_defaire", args=[later.pk, done.pk])
    data = {"le": later.date.isoformat(), "source": "Comité"}
    shown = room.client.post(page, data)
    sent = {**data, "empreinte": shown.context["empreinte"], "preparer": "oui"}
    assert room.client.post(page, sent).status_code == 302
    assert not Decision.objects.filter(defait=done).exists()
    made = DecisionPreparee.objects.get(seance=later)
    amend = address(Seance, "preparee", later.pk, made.pk)
    kept = {"texte": "Le comité renonce au rattachement.", "version_preparee": 1}
    assert room.client.post(amend, kept).status_code == 302
    room = type(room)(room.client, later)
    # Another séance prepares the same: of the two, the second is told.
    twice = DecisionPreparee.objects.get(pk=made.pk)
    DecisionPreparee.ajouter(
        later, acte="carte", texte="Encore.", ajustement=twice.ajustement, saisie=twice.saisie
    )
    assert "est déjà défaite : retirez cette décision préparée" in text_of(room.essayer())
    room.faire(retirer=DecisionPreparee.objects.get(texte="Encore.").pk)
    assert room.appliquer().status_code == 302
    undone = Decision.objects.get(defait=done)
    assert undone.texte == "Le comité renonce au rattachement."
    assert carte.voisine.pk not in members_at(territoire, later.date)


def test_a_whole_list_waits_with_the_others(signed_in, national, salle, corriger):
    petit_monde.batir(0)
    seance, content = (
        liste_183.seance_of(liste_183.OUVERTURE),
        liste_183.as_list(liste_183.OUVERTURE),
    )
    liste_183.without_phase_2()
    client = signed_in(national)
    shown = liste_183.send(client, seance, content, liste_183.OUVERTURE, **liste_183.PHASE_2)
    assert liste_183.confirm(client, seance, shown, preparer="oui").status_code == 302
    assert not Decision.objects.exists()
    room = salle(national, seance)
    assert [one.acte for one in room.preparees] == ["carte"]
    tried = room.essayer()
    assert "toutes possibles" in text_of(tried)
    assert Phase.objects.count() == 1
    assert room.appliquer().status_code == 302
    assert Phase.objects.count() == 2
    assert corriger().context["refus"] is None
    assert corriger(motif="Pas cette liste.").status_code == 302
    assert Phase.objects.count() == 1


def test_two_acts_on_the_map_that_meet_are_told(carte, normandie):
    room = carte.salle()
    other = f.TerritoireFactory(nom="Vire", region_porteuse=normandie)
    rattacher(room, carte.territoire, carte.voisine)
    rattacher(room, other, carte.voisine)
    shown = text_of(room.essayer())
    assert "1 impossible : n° 2" in shown
    assert "Seule, elle serait possible" in shown


def test_a_map_act_is_of_the_perimeter_of_who_applies(carte, contrats):
    room = carte.salle()
    act = Ajustement.renommer(contrats.breton.territoire, "Ailleurs", le=LE, source="Comité")
    told = {"acte": "carte", "texte": "Ailleurs.", "ajustement": act.to_json()}
    DecisionPreparee.ajouter(room.seance, **told)
    assert "hors de votre périmètre" in text_of(room.essayer())


@pytest.fixture
def proposition(contrat):
    contrat.publication = Publication.PUBLIE
    contrat.save()
    return f.PropositionFactory(record=contrat)


def test_a_proposal_is_accepted_with_the_rest_and_waits_again_once_corrected(
    salle, secretariat, corriger, contrat, proposition
):
    room, lieu = salle(secretariat), contrat.lieu
    assert "Propositions de changement" in text_of(room.voir())
    room.ajouter((proposition, "accepter"), (contrat, "valider"))
    shown = text_of(room.essayer())
    assert "devient « Canaries-sur-Forge »" in shown
    proposition.refresh_from_db()
    assert proposition.est_en_attente
    answer = room.appliquer()
    assert answer.status_code == 302
    assert "2 décisions appliquées" in said(answer)
    proposition.refresh_from_db()
    contrat.refresh_from_db()
    assert proposition.etat == Proposition.Etat.ACCEPTEE
    assert (contrat.lieu, contrat.statut) == ("Canaries-sur-Forge", Contrat.Statut.VALIDE)
    assert corriger(motif="Erreur de séance.").status_code == 302
    proposition.refresh_from_db()
    contrat.refresh_from_db()
    assert proposition.est_en_attente
    assert proposition.repondue_le is None
    assert (contrat.lieu, contrat.statut) == (lieu, Contrat.Statut.EN_PREPARATION)


def test_who_does_not_answer_proposals_accepts_none(salle, secretariat, redacteur, proposition):
    salle(secretariat).ajouter((proposition, "accepter"))
    assert "ne répond pas aux propositions" in text_of(salle(redacteur).essayer())


@pytest.mark.parametrize("whose", ["normandie", "bretagne"])
def test_a_proposal_on_a_territory_leads_to_the_seances_of_its_committee(
    signed_in, national, a_venir, request, whose
):
    territoire = f.TerritoireFactory(region_porteuse=request.getfixturevalue(whose))
    made = f.PropositionFactory(record=territoire, changements={"champs": {}, "lignes": []})
    page = address(Seance, "preparer_acte", a_venir.pk, "proposition", made.pk, "accepter")
    shown = signed_in(national).get(made.get_absolute_url())
    assert (page in shown.content.decode()) == (whose == "normandie")


def test_what_the_public_wrote_is_answered_on_its_page(salle, secretariat, contrat, proposition):
    Proposition.objects.update(visibilite=Proposition.Visibilite.PUBLIQUE)
    room = salle(secretariat)
    shown = room.voir()
    assert "Ce que le public a signalé" in text_of(shown)
    assert f'href="{proposition.get_absolute_url()}"' in shown.content.decode()
    refused = room.ajouter((proposition, "accepter"))
    assert refused.status_code == 409
    assert "Ce qui vient du public se répond sur sa page" in text_of(refused)


def test_two_that_write_the_same_value_are_told(salle, secretariat, contrat, proposition):
    other = f.PropositionFactory(
        record=contrat, changements={"champs": {"lieu": [contrat.lieu, "Argentan"]}, "lignes": []}
    )
    room = salle(secretariat)
    room.ajouter((proposition, "accepter"), (other, "accepter"))
    shown = text_of(room.essayer())
    assert "est changé aussi par la décision n° 2, après celle-ci" in shown


# --- The whole life of a contract -------------------------------------------------------------


SIGNATURE = {
    "precision_signature": "jour",
    "lieu": "Alençon",
    "signataires-TOTAL_FORMS": "1",
    "signataires-INITIAL_FORMS": "0",
    "signataires-0-organisme": "Région Normandie",
    "signataires-0-nom": "Camille Martin",
    "texte": "Le comité prend acte de la signature.",
}


def signature(day, **more):
    return {**SIGNATURE, "date_signature": day.isoformat(), **more}


def test_a_signature_is_prepared_with_its_signatories_and_done_with_the_rest(
    salle, secretariat, corriger, contrat, etat
):
    contrat.signataires.all().delete()
    room, before = salle(secretariat), etat()
    room.ajouter((contrat, "valider"))
    # It is signed in the séance that validates it.
    done = room.rediger(contrat, "signer", **signature(room.seance.date))
    assert done.status_code == 302, text_of(done)
    made = room.preparees.get(acte="signer")
    assert made.saisie["signataires-0-nom"] == ["Camille Martin"]
    shown = room.client.get(address(Seance, "preparee", room.seance.pk, made.pk))
    assert "Camille Martin" in shown.content.decode()
    tried = text_of(room.essayer())
    assert "2 décisions essayées, toutes possibles" in tried
    assert "statut, « validé en comité » devient « signé »" in tried
    assert "Signataire « Camille Martin, pour Région Normandie » : ajout" in tried
    assert not contrat.signataires.exists()
    assert room.appliquer().status_code == 302
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.SIGNE
    assert [str(one) for one in contrat.signataires.all()] == [
        "Camille Martin, pour Région Normandie"
    ]
    signed = room.seance.decisions.get(texte=SIGNATURE["texte"])
    assert (signed.type, signed.contrat) == (Decision.Type.AUTRE, contrat)
    # Two steps of one life are corrected as one: each part is read once the later is undone.
    assert "statut, « en préparation » au lieu de « validé en comité »" in text_of(corriger())
    corrected = corriger(motif="La séance n’a pas eu lieu.")
    assert corrected.status_code == 302, text_of(corrected)
    assert etat().contrats == before.contrats
    assert not contrat.signataires.exists()


def test_a_signature_without_signatory_is_refused_in_a_sentence(
    salle, secretariat, contrat, seance
):
    Contrat.objects.filter(pk=contrat.pk).update(statut=Contrat.Statut.VALIDE, seance=seance)
    contrat.signataires.all().delete()
    room = salle(secretariat)
    assert "Contrats à signer" in text_of(room.voir())
    room.ajouter((contrat, "signer"))
    assert "Nommez au moins un signataire" in text_of(room.essayer())
    assert room.appliquer().status_code == 409
    half = signature(seance.date, **{"signataires-0-nom": ""})
    refused = room.rediger(contrat, "signer", **half)
    assert refused.status_code == 409
    made = room.preparees.get()
    page = address(Seance, "preparee", seance.pk, made.pk)
    more = room.client.post(page, {**half, "version_preparee": 1, "_lignes": "oui"})
    assert "signataires-3-nom" in more.content.decode()
    wrong = room.client.post(page, {**half, "version_preparee": 1})
    assert wrong.status_code == 400
    assert "Nommez ce signataire." in text_of(wrong)
    made.refresh_from_db()
    made.saisie = {name: [value] for name, value in half.items() if name != "texte"}
    made.save()
    assert "Nom : Nommez ce signataire." in text_of(room.essayer())


def test_what_a_seance_to_come_does_is_done_on_its_day_at_the_latest(
    salle, secretariat, contrat, a_venir
):
    contrat.statut = Contrat.Statut.EN_COURS
    contrat.save()
    room = salle(secretariat, a_venir)
    after = (a_venir.date + timedelta(days=1)).isoformat()
    refused = room.rediger(contrat, "clore", date_fin=after, texte="Achevé.")
    assert refused.status_code == 400
    assert "Cette date est après la séance du" in text_of(refused)
    day = a_venir.date.isoformat()
    assert room.rediger(contrat, "clore", date_fin=day, texte="Achevé.").status_code == 302
    tried = text_of(room.essayer())
    assert "statut, « en cours » devient « achevé »" in tried, tried
    early = room.client.post(act_address(contrat, "clore"), {"date_fin": day, "version_vue": 1})
    assert "Cette date est à venir" in text_of(early)


def test_every_act_of_a_contract_and_of_a_project_is_prepared_or_says_why_not():
    """« preciser » tells what was known, and three states of publication are no decision."""
    left = {
        (model.__name__, acte.nom)
        for model in (Contrat, Projet)
        for cycle in cycles_of(model)
        for acte in cycle.actes
        if not acte.en_seance
    }
    names = ("preciser", "proposer", "brouillon", "retirer")
    assert left == {(model, nom) for model in ("Contrat", "Projet") for nom in names}


# --- Correcting -------------------------------------------------------------------------------


@pytest.fixture
def a_decider(contrat, projet):
    return contrat, projet


def test_it_is_corrected_as_one(salle, secretariat, corriger, etat, a_decider):
    contrat, projet = a_decider
    room, before = salle(secretariat), etat()
    room.ajouter((contrat, "valider"), (projet, "contractualiser"), (contrat, "publier"))
    room.appliquer()
    shown = text_of(corriger())
    assert "Ce qui redevient ce qu’il était" in shown
    assert "statut, « en préparation » au lieu de « validé en comité »" in shown
    # The page asks, and changes nothing by itself.
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.VALIDE
    done = corriger(motif="La séance n’a pas eu lieu.")
    assert done.status_code == 302, text_of(done)
    assert done.url == room.page  # where they wait again
    assert etat().contrats == before.contrats
    assert etat().projets == before.projets
    assert not Decision.objects.exists()
    assert Modification.objects.filter(corrige__isnull=False).count() == 4
    assert corriger(motif="Encore.").status_code == 409


def test_the_page_that_asks_writes_nothing(salle, national, signed_in, corriger, a_decider):
    """On SQLite, trying takes the one writer's place: whoever saves meanwhile would wait."""
    contrat, projet = a_decider
    room = salle(national)
    room.ajouter((contrat, "valider"), (projet, "contractualiser"), (contrat, "publier"))
    room.appliquer()
    client = signed_in(national)
    with CaptureQueriesContext(connection) as asked:
        shown = corriger(client)
    assert shown.context["refus"] is None
    assert [q["sql"] for q in asked if not q["sql"].lstrip("(").startswith("SELECT")] == []


def test_what_came_later_is_corrected_first(salle, secretariat, corriger, contrat, projet):
    room = salle(secretariat)
    room.ajouter((contrat, "valider"), (projet, "contractualiser"))
    room.appliquer()
    room.client.post(act_address(projet, "engager"), {"version_vue": 2})
    projet.refresh_from_db()
    assert projet.statut == Projet.Statut.ENGAGE
    refused = corriger(motif="La séance n’a pas eu lieu.")
    assert refused.status_code == 409
    assert "Un acte fait ensuite en dépend" in text_of(refused)
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.VALIDE


def test_who_may_not_correct_asks_for_it(salle, secretariat, corriger, contrat):
    room = salle(secretariat)
    room.ajouter((contrat, "valider"))
    room.appliquer()
    act = Modification.objects.get(acte="seance")
    shown = room.voir()
    assert f"quoi=corriger-{act.pk}" in shown.content.decode()
    page = f"{address(Seance, 'demander', room.seance.pk)}?quoi=corriger-{act.pk}"
    assert "Corriger comme une erreur" in text_of(room.client.get(page))
    assert corriger(room.client).status_code == 403


# --- Two at once ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory refuses a second writer at once"
)
def test_two_who_apply_at_once(salle, secretariat, contrat, seance, monkeypatch):
    """The second waits for the first, then finds nothing left."""
    room, answers, began = salle(secretariat), {}, threading.Event()
    room.ajouter((contrat, "valider"))
    seen = room.essayer().context["essai"].empreinte
    prendre = decisions.prendre

    def slowly(*args):
        began.set()
        somebody_waits()
        return prendre(*args)

    def apply(name):
        answers[name] = room.appliquer(seen)
        connections.close_all()

    monkeypatch.setattr(decisions, "prendre", slowly)
    first = threading.Thread(target=apply, args=["first"])
    first.start()
    assert began.wait(20)
    second = threading.Thread(target=apply, args=["second"])
    second.start()
    first.join(30)
    second.join(30)
    assert answers["first"].status_code == 302
    assert answers["second"].status_code == 409
    assert seance.decisions.count() == 1


# --- Who may ----------------------------------------------------------------------------------


def test_another_region_sees_nothing(salle, bretagne, seance, contrat):
    f.DecisionPrepareeFactory(seance=seance, contrat=contrat, texte="Le secret du comité.")
    room = salle(f.SecretariatFactory(regions=[bretagne]))
    made = room.preparees.get()
    for answer in (room.voir(), room.faire(retirer=made.pk), room.client.post(room.essai),
                   room.client.get(address(Seance, "preparee", seance.pk, made.pk)),
                   room.rediger(contrat, "valider", texte="x")):  # fmt: skip
        assert answer.status_code == 404
        assert "secret" not in text_of(answer)
    assert room.preparees.count() == 1


def test_a_reader_reads(salle, normandie, seance, contrat):
    f.DecisionPrepareeFactory(seance=seance, contrat=contrat, texte="Le comité publie.")
    room = salle(f.LecteurFactory(regions=[normandie]))
    shown = room.voir()
    assert "Le comité publie." in text_of(shown)
    assert "Ajouter à la séance" not in text_of(shown)
    assert "Essayer" not in shown.content.decode()
    made = room.preparees.get()
    assert room.faire(retirer=made.pk).status_code == 403
    assert room.essayer().status_code == 403
    assert room.client.get(address(Seance, "preparee", seance.pk, made.pk)).status_code == 403
