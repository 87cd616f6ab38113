"""The dossier de COPIL: what changed since the last séance, what is to decide, where things are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from programme.backoffice.bureau.changements import LIGNES
from programme.models import ComiteNational, ComiteRegional, Contrat, Seance
from territoires.models import Role
from tests import factories as f
from tests.programme.backoffice.bureau.outils import entre, texte, vieillir
from tests.programme.backoffice.outils import address, form_data, messages_of


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


@pytest.fixture
def page(comite):
    return address(ComiteRegional, "dossier", comite.pk)


def part(words, number):
    """One of the three parts of the dossier."""
    titles = ["1. Ce qui a changé", "2. Décisions à prendre", "3. État", "\0"]
    return entre(words, titles[number - 1], titles[number])


def context(client, page):
    return client.get(page).context["changements"]


# --- Which séances ----------------------------------------------------------------------------


def test_it_prepares_the_coming_seance_and_says_the_period(client, page, seances):
    found = client.get(page)
    assert found.context["seance"] == seances.prochaine
    assert found.context["derniere"] == seances.derniere
    words = texte(found)
    assert "Comité de pilotage régional – Normandie" in words
    assert "la dernière, au" in words
    assert "Document de travail d’un site non officiel" in words
    assert "Projets à contractualiser" in words


def test_an_official_site_does_not_say_it_is_not(client, page, seances, settings):
    settings.SITE = settings.SITE | {"officiel": True}
    assert "non officiel" not in texte(client.get(page))


def test_without_a_coming_seance_it_goes_up_to_today(client, page, comite, aujourd_hui):
    last = f.SeanceFactory(comite_regional=comite, date=aujourd_hui - timedelta(days=1))
    found = client.get(page)
    assert (found.context["seance"], found.context["derniere"]) == (None, last)
    assert "aucune séance prévue" in texte(found)


def test_without_an_earlier_seance_everything_is_new_and_summarised(client, page, territoire):
    f.ProjetFactory.create_batch(3, territoire=territoire, statut="engagé")
    words = texte(client.get(page))
    assert "depuis le lancement du programme" in words
    assert "Aucune séance antérieure : tout est nouveau pour le comité." in part(words, 1)
    assert "Forges de l’Iton" not in part(words, 1)
    assert "engagé 3" in part(words, 3)


def test_a_seance_in_the_future_only_is_prepared(client, page, comite, aujourd_hui):
    coming = f.SeanceFactory(comite_regional=comite, date=aujourd_hui + timedelta(days=1))
    found = client.get(page)
    assert (found.context["seance"], found.context["derniere"]) == (coming, None)


def test_a_chosen_seance_is_compared_with_the_one_before_it(client, page, comite, seances):
    earlier = f.SeanceFactory(
        comite_regional=comite, date=seances.derniere.date - timedelta(days=90)
    )
    found = client.get(page, {"seance": seances.derniere.pk})
    assert (found.context["seance"], found.context["derniere"]) == (seances.derniere, earlier)


def test_a_far_seance_is_compared_with_the_last_that_was_held(client, page, comite, seances):
    far = f.SeanceFactory(comite_regional=comite, date=seances.prochaine.date + timedelta(days=90))
    found = client.get(page, {"seance": far.pk})
    assert (found.context["seance"], found.context["derniere"]) == (far, seances.derniere)


@pytest.mark.parametrize("asked", ["0", "999999", "x", "-1", "²", "' OR 1=1 --", "9" * 40])
def test_a_seance_that_the_committee_does_not_have_is_refused(client, page, seances, asked):
    response = client.get(page, {"seance": asked})
    assert response.status_code == 404
    assert "Ce comité n’a aucune séance à cette adresse." in response.content.decode()


def test_a_seance_of_another_committee_is_refused(client, page, bretagne):
    other = f.SeanceFactory(comite_regional__region=bretagne)
    assert client.get(page, {"seance": other.pk}).status_code == 404


# --- Who --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.REDACTEUR, Role.LECTEUR, Role.NATIONAL])
def test_who_reads_the_committee_reads_its_dossier(signed_in, page, role, normandie):
    agent = f.AgentFactory(role=role, regions=[] if role == Role.NATIONAL else [normandie])
    assert signed_in(agent).get(page).status_code == 200


def test_another_region_s_dossier_does_not_exist(signed_in, page, bretagne):
    response = signed_in(f.SecretariatFactory(regions=[bretagne])).get(page)
    assert response.status_code == 404
    assert "Normandie" not in response.content.decode()


def test_an_operator_s_officer_has_no_dossier(signed_in, page):
    assert signed_in(f.ReferentAgentFactory()).get(page).status_code == 404


@pytest.mark.parametrize("key", ["abc", "999999", "1/2"])
def test_a_committee_that_does_not_exist(client, key):
    assert client.get(f"/admin/programme/comiteregional/{key}/dossier/").status_code == 404


def test_it_is_only_read(client, page):
    client.post(page, {"publication": "publié"})
    assert ComiteRegional.objects.get().version == 1


def test_the_national_committee_has_one(signed_in, national, client, territoire, aujourd_hui):
    committee = f.ComiteNationalFactory()
    f.SeanceFactory(
        comite_regional=None, comite_national=committee, date=aujourd_hui - timedelta(days=9)
    )
    f.ProjetFactory(territoire=territoire, beneficiaire="Forges nouvelles")
    page = address(ComiteNational, "dossier", committee.pk)
    assert "Forges nouvelles" in part(texte(signed_in(national).get(page)), 1)
    assert client.get(page).status_code == 404


def test_it_is_one_click_away(client, page, comite, seances):
    desk = client.get("/admin/").content.decode()
    assert f'href="{page}"' in desk
    assert (
        f'href="{page}"'
        in client.get(address(ComiteRegional, "change", comite.pk)).content.decode()
    )
    seance = client.get(address(Seance, "change", seances.derniere.pk)).content.decode()
    assert f'href="{page}?seance={seances.derniere.pk}"' in seance


# --- What changed -----------------------------------------------------------------------------


def test_contracts_that_are_new_or_went_on(client, page, seances, territoire):
    old = f.ContratFactory(territoire=territoire, statut="signé", intitule="Ancien")
    gone = f.ContratFactory(territoire=territoire, intitule="Supprimé")
    vieillir(old, gone, territoire)
    old.commencer()
    gone.delete()
    f.ContratFactory(territoire=territoire, intitule="Nouveau", publication="brouillon")
    f.AvenantFactory(contrat=old, numero=2, objet="Prolongation de deux ans")
    words = entre(texte(client.get(page)), "1. Ce qui a changé", "Projets")
    assert "1 contrat nouveau : 1 signé." in words
    assert "Nouveau (Pays de l’Aigle) : signé, brouillon" in words
    assert "contrat de territoire – Ancien statut signé en cours" in words
    assert "Avenant n° 2 – contrat de territoire – Ancien : Prolongation de deux ans" in words
    assert "Supprimés contrat de territoire – Supprimé" in words


def test_projects_that_are_new_went_on_or_were_given_up(client, page, seances, territoire):
    on, off = f.ProjetFactory.create_batch(2, territoire=territoire, statut="remonté")
    vieillir(on, off, territoire)
    on.contractualiser(seance=seances.derniere)
    off.abandonner()
    f.ProjetFactory(territoire=territoire, statut="")
    words = entre(texte(client.get(page)), "Projets", "Montants")
    assert "1 projet nouveau : 1 sans statut renseigné." in words
    assert f"{on} statut remonté contractualisé" in words
    assert f"{off} statut remonté abandonné" in words


def test_many_new_projects_are_counted_and_not_all_named(client, page, seances, territoire):
    f.ProjetFactory.create_batch(61, territoire=territoire, statut="remonté")
    words = entre(texte(client.get(page)), "Projets", "Montants")
    assert "61 projets nouveaux : 61 remonté." in words
    assert f"{LIGNES} montrés sur 61." in words
    assert words.count("Forges de l’Iton") == LIGNES


def test_amounts_say_before_and_after(client, page, seances, territoire):
    contrat = f.ContratFactory(territoire=territoire, montant_eur=1_000)
    projet = f.ProjetFactory(territoire=territoire, investissement_eur=None)
    share = f.FinancementFactory(projet=projet, montant_demande_eur=500, montant_accorde_eur=400,
                                 montant_verse_eur=0)  # fmt: skip
    vieillir(contrat, projet, share)
    contrat.montant_eur = 1_500
    projet.investissement_eur = 2_000
    share.montant_verse_eur = 300
    for row in (contrat, projet, share):
        row.save()
    gaps = {(str(g.objet), g.champ): (g.avant, g.apres) for g in context(client, page)["montants"]}
    assert gaps == {
        (str(contrat), "montant (euros)"): (1_000, 1_500),
        (str(projet), "investissement (euros)"): (None, 2_000),
        (str(share), "montant versé (euros)"): (0, 300),
    }


def test_every_euro_is_counted_once(client, page, seances, normandie, bretagne):
    """In a territory of two régions, followed by its région porteuse and by its departement."""
    shared = f.TerritoireFactory(region_porteuse=normandie, regions=[bretagne])
    projet = f.ProjetFactory(territoire=shared, investissement_eur=1_000)
    shares = [
        f.FinancementFactory(projet=projet, montant_demande_eur=100, montant_accorde_eur=80,
                             montant_verse_eur=None)
        for _ in range(2)
    ]  # fmt: skip
    contrat = f.ContratFactory(territoire=shared, montant_eur=5_000)
    vieillir(projet, contrat, *shares)
    f.ProjetFactory(territoire=shared, investissement_eur=7)
    f.ProjetFactory(territoire=shared, investissement_eur=None)
    totals = [(t.avant, t.apres, t.difference, t.non_renseignes, t.lignes)
              for t in context(client, page)["totaux"]]  # fmt: skip
    assert totals == [
        (1_000, 1_007, 7, 1, 3),
        (5_000, 5_000, 0, 0, 1),
        (200, 200, 0, 0, 2),
        (160, 160, 0, 0, 2),
        (None, None, None, 2, 2),
    ]


def test_what_was_given_up_leaves_the_totals(client, page, seances, territoire):
    projet = f.ProjetFactory(territoire=territoire, investissement_eur=1_000, statut="remonté")
    share = f.FinancementFactory(projet=projet, montant_accorde_eur=80, montant_verse_eur=None)
    withdrawn = f.ProjetFactory(territoire=territoire, investissement_eur=5)
    vieillir(projet, share, withdrawn)
    projet.abandonner()
    withdrawn.publication = "retiré"
    withdrawn.save()
    found = {t.titre: (t.avant, t.apres) for t in context(client, page)["totaux"]}
    assert found["Investissement des projets"] == (1_005, None)
    assert found["Financements accordés"] == (80, None)


def test_another_region_s_money_is_not_counted(client, page, seances, bretagne):
    f.FinancementFactory(projet__territoire__region_porteuse=bretagne)
    assert {(t.avant, t.apres) for t in context(client, page)["totaux"]} == {(None, None)}


def test_dates_that_slipped(client, page, seances, territoire, aujourd_hui):
    later = aujourd_hui + timedelta(days=365)
    contrat = f.ContratFactory(territoire=territoire, statut="en cours", date_fin=aujourd_hui)
    share = f.FinancementFactory(projet__territoire=territoire, accorde_le=aujourd_hui)
    engagement = f.EngagementFactory(echeance=aujourd_hui, precision_echeance="jour")
    vieillir(contrat, share, engagement, seances.prochaine)
    contrat.date_fin = share.accorde_le = engagement.echeance = later
    seances.prochaine.date += timedelta(days=1)
    for row in (contrat, share, engagement, seances.prochaine):
        row.save()
    slipped = {(e.champ, e.avant, e.apres) for e in context(client, page)["dates"]}
    assert slipped == {
        ("date d’achèvement", aujourd_hui, later),
        ("accordé le", aujourd_hui, later),
        ("échéance", aujourd_hui, later),
        ("date", seances.prochaine.date - timedelta(days=1), seances.prochaine.date),
    }


@pytest.mark.usefixtures("seances")
@pytest.mark.parametrize("moved", [(9, 5), (None, 5), (5, None)])
def test_dates_that_did_not_slip(client, page, territoire, aujourd_hui, moved):
    days = [aujourd_hui + timedelta(days=n) if n else None for n in moved]
    contrat = f.ContratFactory(territoire=territoire, statut="en cours", date_fin=days[0])
    vieillir(contrat)
    contrat.date_fin = days[1]
    contrat.save()
    assert context(client, page)["dates"] == []


def test_decisions_on_the_map(client, page, seances, territoire):
    old = f.DecisionFactory(seance=seances.derniere, type="ajuster la carte", territoire=territoire,
                            texte="Ancienne décision")  # fmt: skip
    vieillir(old)
    f.DecisionFactory(seance=seances.derniere, type="ajuster la carte", territoire=territoire,
                      texte="Enregistrée depuis")  # fmt: skip
    f.DecisionFactory(seance=seances.derniere, texte="D’un autre genre")
    words = entre(texte(client.get(page)), "Carte", "Référents des opérateurs")
    assert "Enregistrée depuis" in words
    assert "Ancienne" not in words
    assert "autre genre" not in words


def test_referents_who_came_and_left(client, page, seances, territoire, aujourd_hui):
    recently, long_ago = aujourd_hui - timedelta(days=5), aujourd_hui - timedelta(days=500)
    stayed = f.ReferentFactory(territoire=territoire, nom="Reste", debut=long_ago)
    left = f.ReferentFactory(territoire=territoire, nom="Parti", debut=long_ago, fin=recently)
    came = f.ReferentFactory(territoire=territoire, nom="Arrivé", debut=recently)
    late = f.ReferentFactory(territoire=territoire, nom="Dit après", debut=long_ago)
    coming = f.ReferentFactory(territoire=territoire, nom="Viendra",
                               debut=aujourd_hui + timedelta(days=1))  # fmt: skip
    vieillir(stayed, left, came, coming)
    found = context(client, page)["referents"]
    assert set(found["entrees"]) == {came, late}
    assert found["sorties"] == [left]


def test_a_load_by_command_changes_what_it_changes(client, page, seances, territoire):
    """A history without an author is told as any other."""
    projet = f.ProjetFactory(territoire=territoire, investissement_eur=1)
    vieillir(projet)
    projet.investissement_eur = 2
    projet.save()
    assert projet.history.latest().history_user is None
    assert [g.apres for g in context(client, page)["montants"]] == [2]


def test_nothing_changed(client, page, seances):
    words = part(texte(client.get(page)), 1)
    for sentence in (
        "Aucun contrat nouveau, aucun changement d’état.",
        "Aucun projet nouveau, aucun changement d’état.",
        "Aucun montant d’un enregistrement déjà connu n’a changé.",
        "Aucune date n’a été repoussée.",
        "Aucune décision sur la carte.",
        "Aucune entrée, aucune sortie.",
    ):
        assert sentence in words


# --- What is to decide, where things are ------------------------------------------------------


def test_what_the_committee_decides(client, page, seances, territoire, aujourd_hui):
    contrat = f.ContratFactory(
        territoire=territoire, statut="en préparation", date_signature=None,
        precision_signature="", intitule="À valider en comité", publication="à valider",
    )  # fmt: skip
    projet = f.ProjetFactory(territoire=territoire, statut="remonté", objet="À contractualiser")
    over = f.ContratFactory(
        territoire=territoire, statut="en cours", date_fin=aujourd_hui - timedelta(days=1)
    )
    found = {q.titre: q for q in client.get(page).context["questions"]}
    asked = {title: (q.demande, [line.nom for line in q.lignes]) for title, q in found.items()}
    assert asked == {
        "Contrats en préparation": ("valider en comité", [str(contrat)]),
        "Projets remontés": ("contractualiser", [str(projet)]),
        "Contrats dont la date d’achèvement est passée": (
            "achever, prolonger ou abandonner", [str(over)],
        ),
        "Contrats incomplets": ("compléter", [str(over)]),
        "Contrats à valider": ("publier", [str(contrat)]),
    }  # fmt: skip
    assert found["Contrats incomplets"].lignes[0].mention == "sans signataires"
    assert "à valider depuis aujourd’hui" in part(texte(client.get(page)), 2)


def test_there_is_room_to_write(client, page, territoire):
    f.ProjetFactory(territoire=territoire, statut="remonté")
    assert client.get(page).content.decode().count('<td class="dossier-case"></td>') == 2


def test_nothing_to_decide(client, page):
    assert "Aucune décision n’attend le comité." in texte(client.get(page))


def test_the_state_of_the_region(client, page, normandie, territoire):
    f.TerritoireFactory(region_porteuse=normandie)
    f.ContratFactory(territoire=territoire, statut="en cours")
    projet = f.ProjetFactory(territoire=territoire, statut="engagé", investissement_eur=None)
    envelope = f.EnveloppeFactory(region=normandie, montant_eur=1_000)
    f.FinancementFactory(projet=projet, enveloppe=envelope, montant_accorde_eur=400,
                         montant_verse_eur=None)  # fmt: skip
    f.ReferentFactory(territoire=territoire, operateur__nom="Opérateur témoin")
    state = client.get(page).context["etat"]
    assert state["territoires"] == 2
    assert state["contrats"] == [("en cours", 1)]
    assert state["projets"] == [("engagé", 1)]
    assert state["totaux"]["investissement_eur"] is None
    (budget,) = state["enveloppes"]
    assert (budget.accorde_eur, budget.verse_eur, budget.nb_projets) == (400, None, 1)
    assert [(str(o), n) for o, n in state["couverture"]] == [("Opérateur témoin", 1)]
    words = part(texte(client.get(page)), 3)
    assert "Opérateur témoin 1 sur 2 50" in words
    assert "investissement : non renseigné" in words


# --- Its cost ---------------------------------------------------------------------------------


def _happen(territoire, operateur):
    """One more of everything that the dossier tells."""
    contrat = f.ContratFactory(
        territoire=territoire, statut="en cours", date_fin=timezone.localdate()
    )
    waiting = f.ContratFactory(
        territoire=territoire, statut="en préparation", date_signature=None,
        precision_signature="", publication="à valider",
    )  # fmt: skip
    projet = f.ProjetFactory(territoire=territoire, statut="remonté", publication="à valider")
    share = f.FinancementFactory(projet=projet, accorde_le=timezone.localdate())
    amended = f.AvenantFactory(contrat=contrat, montant_eur=1, date_signature=timezone.localdate())
    engagement = f.EngagementFactory(echeance=timezone.localdate(), precision_echeance="jour")
    vieillir(contrat, waiting, projet, share, amended, engagement)
    later = timezone.localdate() + timedelta(days=9)
    contrat.date_fin = share.accorde_le = amended.date_signature = engagement.echeance = later
    share.montant_accorde_eur = amended.montant_eur = projet.investissement_eur = 200_000
    projet.statut = "abandonné"
    for row in (contrat, share, amended, engagement, projet):
        row.save()
    f.ContratFactory(territoire=territoire)
    f.ProjetFactory(territoire=territoire, statut="remonté")
    f.AvenantFactory(contrat=waiting)
    f.ReferentFactory(territoire=f.TerritoireFactory(region_porteuse=territoire.region_porteuse),
                      operateur=operateur, publication="à valider")  # fmt: skip
    f.EnveloppeFactory(region=territoire.region_porteuse, publication="à valider")
    f.DocumentFactory(territoire=territoire, publication="à valider")
    f.DecisionFactory(
        seance=Seance.objects.latest("date"), type="ajuster la carte", territoire=territoire
    )
    gone = f.ProjetFactory(territoire=territoire)
    vieillir(gone)
    gone.delete()


def test_it_costs_the_same_with_one_row_and_with_five(client, page, seances, territoire, queries):
    operateur = f.OperateurFactory()
    _happen(territoire, operateur)
    one = queries(client, page)
    for _ in range(4):
        _happen(territoire, operateur)
    assert queries(client, page) == one
    assert one <= 57
    assert Contrat.objects.count() == 15


def test_a_seance_sent_without_its_committee_is_refused_in_words(signed_in, national, normandie):
    seance = f.SeanceFactory(comite_regional__region=normandie)
    client = signed_in(national)
    page = address(Seance, "change", seance.pk)
    sent = form_data(client.get(page)) | {"comite_regional": "", "comite_national": ""}
    response = client.post(page, sent)
    assert response.status_code == 200
    assert "comité" in messages_of(response)
