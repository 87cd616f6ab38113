"""A correction from outside: what is taken, what is refused, who answers, what becomes public."""

import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programme.catalogue.signaler import jetons
from programme.catalogue.signaler.jetons import PAR_FICHE, PAR_RESEAU, Jeton
from programme.models import Avis, Contrat, DonneesVersion, Proposition, Publication
from territoires.models import Agent
from tests import factories as f
from tests.adresses import pages, texte
from tests.courrier import courrier
from tests.programme.backoffice.outils import address as admin_address
from tests.programme.backoffice.outils import form_data, text_of

CANARI = "Motif du canari, lu dans la délibération"
VALEUR = "Canaries-sur-Forge"
SOURCE = "Délibération n° 12, page 3"
JETON = re.compile(r'name="jeton" value="([^"]+)"')


def page_of(record, champ="lieu"):
    key = record.slug if isinstance(record, Contrat) else record.code
    return f"/signaler/{record._meta.model_name}s/{key}/?champ={champ}"


def read(client, page):
    """A token as old as somebody who read the form."""
    text = JETON.search(client.get(page).content.decode())[1]
    ne, adresse, version, le = jetons._signer.unsign_object(text)
    return str(Jeton(ne, adresse, version, le - 60))


def send(client, page, **values):
    data = {"jeton": read(client, page), "motif": CANARI, "provient": SOURCE, **values}
    return client.post(page, data)


@pytest.fixture
def anyone():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def reported(anyone, contrat):
    """A report that waits, with the address that follows it."""
    response = send(anyone, page_of(contrat), **{"valeur-lieu": VALEUR})
    assert response.status_code == 302, response.content.decode()
    made = Proposition.objects.get()
    made.suivi = response.url
    return made


# --- What is taken ------------------------------------------------------------------------------


def test_a_value_is_read_as_in_the_form_of_officers(anyone, contrat):
    page = page_of(contrat, "montant_eur")
    wrong = send(anyone, page, **{"valeur-montant_eur": "1.500"})
    assert wrong.status_code == 400
    assert "1.500" in text_of(wrong)
    assert CANARI in text_of(wrong)  # nothing typed is lost
    response = send(anyone, page, **{"valeur-montant_eur": "1,5 M€"})
    made = Proposition.objects.get()
    assert made.changements["champs"] == {"montant_eur": [contrat.montant_eur, 1_500_000]}
    assert made.changements["sujet"] == ["montant_eur", "Montant"]
    followed = text_of(anyone.get(response.url))
    assert "lu : 1 500 000 €" in followed
    assert made.auteur is None
    assert made.est_du_public


def test_each_value_that_the_public_reads_has_its_form(anyone, contrat):
    listed = anyone.get(page_of(contrat).partition("?")[0])
    fields = re.findall(r"champ=(\w+)", listed.content.decode())
    assert {"lieu", "statut", "territoire", "montant_eur", "nb_projets", "autre"} <= set(fields)
    for champ in set(fields):
        shown = anyone.get(page_of(contrat, champ))
        assert shown.status_code == 200, champ
        assert "no-store" in shown["Cache-Control"]
        assert not shown.cookies
        # What no form changes is told in words.
        told = champ in {"statut", "territoire", "nb_projets", "meme_acte"}
        assert ('name="attendu"' in shown.content.decode()) == told


def test_what_no_form_changes_is_told_in_words(anyone, publisher, contrat, ways):
    send(anyone, page_of(contrat, "statut"), attendu="achevé")
    made = Proposition.objects.get()
    assert made.changements == {
        "champs": {},
        "lignes": [],
        "sujet": ["statut", "Statut"],
        "attendu": "achevé",
    }
    shown = text_of(publisher.get(made.get_absolute_url()))
    assert "« achevé »" in shown
    assert "Accepter ce qui est coché" not in shown
    without = ways.answer(publisher, made, "corriger")
    assert "Dites ce qui a été corrigé, et où" in text_of(without)
    ways.answer(publisher, made, "corriger", reponse="Achevé par un acte de ce jour.")
    assert made.etat == "acceptée en partie"
    assert "Achevé par un acte de ce jour." in text_of(anyone.get("/signaler/"))


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"motif": ""}, "Dites ce qui est faux, et pourquoi."),
        ({"motif": " \u200b "}, "Dites ce qui est faux, et pourquoi."),
        ({"motif": "a\x00b"}, "Rien n’a été envoyé"),
        ({"provient": ""}, "Dites d’où vous le tenez"),
        ({"motif": "x" * 2001}, "2000 caractères au plus"),
        ({"courriel": "anne chez exemple"}, "Écrivez une adresse complète"),
        ({"site_web": "https://x.example"}, "Un champ qui doit rester vide ne l’est pas"),
        ({"jeton": "forgé:par:moi"}, "Ce formulaire ne vient pas de cette page"),
        ({"jeton": ""}, "Ce formulaire ne vient pas de cette page"),
        ({"valeur-lieu": "x" * 3000}, "caractères"),
        ({"valeur-lieu": "Chez Anne, 06 12 34 56 78"}, "Retirez un numéro de téléphone"),
    ],
)
def test_bad_input_is_a_sentence_and_keeps_what_was_typed(anyone, contrat, values, told):
    page = page_of(contrat)
    response = send(anyone, page, **{"valeur-lieu": "Caen", **values})
    assert response.status_code == 400
    assert told in text_of(response)
    assert SOURCE in response.content.decode() or "provient" in values
    assert not Proposition.objects.exists()


@pytest.mark.parametrize(
    ("age", "told"), [(0, "plus vite qu’on ne le lit"), (25 * 3600, "ouvert plus d’un jour")]
)
def test_neither_at_once_nor_after_a_day(anyone, contrat, age, told):
    jeton = str(Jeton.neuf(f"contrats/{contrat.pk}", contrat.version, time.time() - age))
    response = send(anyone, page_of(contrat), jeton=jeton)
    assert response.status_code == 400
    assert told in text_of(response)
    assert not Proposition.objects.exists()


def test_hostile_text_is_only_text(anyone, contrat, publisher):
    hostile = "<script>alert(1)</script> {{ 7*7 }} '; DROP TABLE x; --"
    response = send(anyone, page_of(contrat), motif=hostile, **{"valeur-lieu": "<b>Caen</b>"})
    made = Proposition.objects.get()
    for shown in (anyone.get(response.url), publisher.get(made.get_absolute_url())):
        assert b"<script>alert" not in shown.content
        assert b"<b>Caen" not in shown.content


def test_a_large_body_is_not_read(anyone, contrat):
    big = "x" * 10_000_000
    response = anyone.post(page_of(contrat), {"motif": big})
    assert response.status_code == 413
    assert "Ce formulaire est trop long" in text_of(response)
    assert not Proposition.objects.exists()


def test_addresses_are_strict(anyone, contrat):
    page = page_of(contrat)
    for query in ("?champ=version", "?champ=lieu&champ=type", "?x=1", "?champ=publication"):
        wrong = page.partition("?")[0] + query
        assert anyone.get(wrong).status_code == 400, query
        assert anyone.post(wrong, {"motif": "x"}).status_code == 400, query
    for address in ("/signaler/?x=1", "/signaler/?reponse=x", "/signaler/?genre=contrats&fiche=x"):
        assert anyone.get(address).status_code == 400, address
    assert anyone.delete(page).status_code == 405


def test_the_same_form_is_taken_once(anyone, contrat):
    page = page_of(contrat)
    jeton = read(anyone, page)
    first = send(anyone, page, jeton=jeton, **{"valeur-lieu": VALEUR})
    again = send(anyone, page, jeton=jeton, **{"valeur-lieu": VALEUR})
    assert first.url == again.url
    other = send(anyone, page, jeton=jeton, motif="Autre chose")
    assert other.status_code == 409
    assert "Ce formulaire a déjà été envoyé" in text_of(other)
    elsewhere = send(anyone, page_of(contrat.territoire, "nom"), jeton=jeton)
    assert elsewhere.status_code == 400
    assert Proposition.objects.count() == 1


def test_a_record_that_changed_meanwhile_is_read_again(anyone, contrat):
    page = page_of(contrat)
    jeton = read(anyone, page)
    contrat.lieu = "Flers"
    contrat.save()
    response = send(anyone, page, jeton=jeton, **{"valeur-lieu": VALEUR})
    assert response.status_code == 409
    assert "La fiche a changé depuis" in text_of(response)
    assert VALEUR in response.content.decode()
    assert "Flers" in text_of(response)


def test_no_flood(anyone, contrat, monkeypatch):
    for rank in range(PAR_FICHE):
        assert send(anyone, page_of(contrat), motif=f"Motif {rank}").status_code == 302
    full = send(anyone, page_of(contrat), motif="Un de plus")
    assert full.status_code == 429
    assert "revenez demain" in text_of(full)
    assert "Un de plus" in text_of(full)
    assert send(anyone, page_of(contrat.territoire, "phase")).status_code == 302
    monkeypatch.setattr(jetons, "PAR_JOUR", PAR_FICHE)
    assert send(anyone, page_of(contrat.territoire, "phase")).status_code == 429
    for _ in range(PAR_RESEAU):
        last = anyone.post(page_of(contrat), {})
    assert last.status_code == 429
    assert "sont venus de votre réseau" in text_of(last)
    assert int(last["Retry-After"]) <= 3600
    assert Proposition.objects.count() == PAR_FICHE + 1


def test_two_at_once_are_one(anyone, contrat, monkeypatch):
    """The second looks before the first has written, and writes after it."""
    page = page_of(contrat)
    jeton = read(anyone, page)
    first = send(anyone, page, jeton=jeton, **{"valeur-lieu": VALEUR})
    rows = Proposition.objects._queryset_class
    known, looks = rows.suivie, []

    def suivie(self, secret):
        looks.append(secret)
        return known(self, secret) if looks[1:] else None

    monkeypatch.setattr(rows, "suivie", suivie)
    again = send(anyone, page, jeton=jeton, **{"valeur-lieu": VALEUR})
    assert again.url == first.url
    assert Proposition.objects.count() == 1


# --- Personal data ------------------------------------------------------------------------------


def test_nothing_that_leads_to_a_person_is_kept(anyone, publisher, contrat):
    motif = "Demandez à Anne au 06 12 34 56 78 ou anne@exemple.fr, 12 rue des Forges"
    response = send(anyone, page_of(contrat), motif=motif, provient="M. X, +33 6 12 34 56 78")
    made = Proposition.objects.get()
    kept = " ".join(str(value) for value in Proposition.objects.values().get().values())
    for raw in ("06 12", "anne@", "rue des Forges", "+33"):
        assert raw not in kept
    assert "[numéro de téléphone masqué]" in made.motif
    shown = text_of(publisher.get(made.get_absolute_url()))
    assert "[adresse électronique masquée]" in shown
    assert "a été masqué avant d’être gardé" in text_of(anyone.get(response.url))


def test_the_address_to_be_told_is_encrypted_used_once_and_gone(anyone, publisher, contrat, ways):
    send(anyone, page_of(contrat), courriel="anne@exemple.fr", **{"valeur-lieu": VALEUR})
    made = Proposition.objects.get()
    assert "anne" not in made.courriel
    assert "anne@exemple.fr" not in text_of(publisher.get(made.get_absolute_url()))
    courrier().clear()
    ways.answer(publisher, made, "refuser", reponse="Le PV dit Alençon.", texte_public="")
    assert made.courriel == ""
    (told,) = courrier()
    assert told.to == ["anne@exemple.fr"]
    assert "« Le PV dit Alençon. »" in told.body
    for words in (VALEUR, CANARI):  # nobody makes the portal carry their words
        assert words not in told.body


def test_the_mail_to_who_answers_says_the_word_of_an_agent_alone(anyone, publisher, contrat):
    """Nobody from outside makes the portal write: what they said is read behind the sign-in."""
    for agent in Agent.objects.all():
        f.RythmeAvisFactory(agent=agent, rythme="aussitôt")
    courrier().clear()
    send(anyone, page_of(contrat), **{"valeur-lieu": VALEUR})
    (asked,) = courrier()
    assert "propose un changement" in asked.body
    assert CANARI not in asked.body
    assert CANARI in publisher.get("/admin/avis/").text


def test_what_becomes_public_holds_no_address(publisher, reported, ways):
    for values, told in (
        ({"reponse": "Appelez le 06 12 34 56 78"}, "Réponse : retirez-en un numéro de téléphone"),
        ({"reponse": "Non", "texte_public": "a@b.fr"}, "retirez-en une adresse électronique"),
    ):
        response = ways.answer(publisher, reported, "refuser", **values)
        assert told in text_of(response)
        assert reported.est_en_attente


# --- Public only once answered --------------------------------------------------------------------


def test_nothing_shows_before_the_answer(anyone, reported, contrat):
    before = DonneesVersion.objects.current().numero
    for address in (*pages(), contrat.get_absolute_url(), "/signaler/?format=atom"):
        said = texte(anyone.get(address))
        for words in (VALEUR, CANARI, SOURCE, reported.suivi):
            assert words not in said, address
    assert "correction demandée" not in text_of(anyone.get(contrat.get_absolute_url()))
    assert DonneesVersion.objects.current().numero == before


def test_accepted_it_is_public_with_what_fixed_it(anyone, publisher, reported, contrat, ways):
    Proposition.objects.update(deposee_le=timezone.now() - timedelta(days=3, hours=1))
    kept = anyone.get("/signaler/")  # a page that is kept is made anew
    assert "Aucune correction demandée n’a encore de réponse" in text_of(kept)
    ways.answer(publisher, reported, "accepter", reponse="Merci.", texte_public="Vu au PV.")
    contrat.refresh_from_db()
    assert contrat.lieu == VALEUR
    listed = anyone.get("/signaler/")
    said = text_of(listed)
    for words in ("acceptée", "en 3 jours", "Merci.", "Vu au PV.", "Lieu"):
        assert words in said
    assert CANARI not in said
    assert SOURCE not in said
    link = re.search(r'href="(/journal/\?[^"]+)#([^"]+)"', listed.content.decode())
    journal = anyone.get(link[1].replace("&amp;", "&")).content.decode()
    assert f'id="{link[2]}"' in journal
    assert VALEUR in journal
    feed = texte(anyone.get("/signaler/?format=atom"))
    assert "Merci." in feed
    on_record = anyone.get(contrat.get_absolute_url())
    assert "1 correction demandée" in text_of(on_record).replace("\u00a0", " ")
    theirs = f"/signaler/?genre=contrats&fiche={contrat.slug}"
    assert theirs.replace("&", "&amp;") in on_record.content.decode()
    assert "Merci." in text_of(anyone.get(theirs))
    assert "acceptée" in text_of(anyone.get(reported.suivi))


def test_the_list_costs_the_same_whatever_its_length(anyone, contrat, django_assert_num_queries):
    def answered():
        f.PropositionFactory(
            record=contrat,
            auteur=None,
            visibilite=Proposition.Visibilite.PUBLIQUE,
            etat=Proposition.Etat.ACCEPTEE,
            repondue_le=timezone.now(),
            version_apres=contrat.version,
        )

    answered()
    anyone.get("/signaler/")
    with CaptureQueriesContext(connection) as one:
        anyone.get("/signaler/?page=1")
    number = len(one)  # what is captured is forgotten by the next request
    for _ in range(5):
        answered()
    DonneesVersion.objects.bump()
    anyone.get("/")
    with django_assert_num_queries(number):
        anyone.get("/signaler/?page=1")


def test_amended_in_the_form(anyone, publisher, reported, contrat, ways):
    page = f"{admin_address(Contrat, 'change', contrat.pk)}?proposition={reported.pk}"
    shown = publisher.get(page)
    data = {**form_data(shown), "lieu": "Caen", "texte_public": "Lieu", "_save": "on"}
    assert data["texte_public"]
    data["reponse_proposition"] = "Caen, d’après l’acte."
    assert publisher.post(page, data).status_code == 302
    reported.refresh_from_db()
    assert reported.etat == "acceptée en partie"
    said = text_of(anyone.get("/signaler/"))
    assert "amendée" in said
    assert "Caen, d’après l’acte." in said


def test_unwanted_it_is_never_public(anyone, publisher, reported, ways):
    ways.answer(publisher, reported, "ecarter")
    assert reported.etat == "indésirable"
    assert "Aucune correction demandée" in text_of(anyone.get("/signaler/"))
    assert Proposition.objects.purge() == 0
    Proposition.objects.update(repondue_le=timezone.now() - timedelta(days=31))
    assert Proposition.objects.purge() == 1
    assert anyone.get(reported.suivi).status_code == 404


def test_its_author_withdraws_it(anyone, publisher, reported):
    shown = anyone.get(reported.suivi)
    assert "Retirer mon signalement" in text_of(shown)
    assert shown["Referrer-Policy"] == "no-referrer"
    assert anyone.post(reported.suivi).status_code == 302
    made = Proposition.objects.get()
    assert made.etat == "retirée"
    for words in (VALEUR, CANARI, SOURCE):
        assert words not in str(Proposition.objects.values().get())
    assert "a été retirée par son auteur" in text_of(
        publisher.post(made.get_absolute_url(), {"acte": "refuser", "reponse": "x"})
    )
    assert anyone.post(reported.suivi).status_code == 409
    for wrong in ("x", "0" * 40, f"{reported.jeton[:40]}"):
        assert anyone.get(f"/signaler/suivi/{wrong}/").status_code == 404


def test_what_must_go_goes_everywhere(anyone, publisher, reported, ways):
    """Rule 12: a name that should not have been public, in the motive and in the answer."""
    ways.answer(
        publisher, reported, "refuser", reponse="Non, Éva Canari", texte_public="Éva Canari"
    )
    assert "Éva Canari" in text_of(anyone.get("/signaler/"))
    ways.answer(publisher, reported, "occulter")
    for address in ("/signaler/", "/signaler/?format=atom", reported.suivi):
        assert "Éva Canari" not in texte(anyone.get(address))
    assert "[occulté le" in text_of(anyone.get("/signaler/"))
    assert "Canari" not in str(Proposition.objects.values().get())


# --- Drafts, and who answers ----------------------------------------------------------------------


def test_a_draft_has_no_page_and_does_not_exist(anyone, contrat):
    draft = f.ContratFactory(
        territoire=contrat.territoire, publication=Publication.BROUILLON, slug="acte-canari"
    )
    theirs = anyone.get(f"/signaler/contrats/{draft.slug}/")
    none = anyone.get("/signaler/contrats/acte-absent/")
    assert theirs.status_code == none.status_code == 404
    assert theirs.content.replace(b"acte-canari", b"acte-absent") == none.content
    assert anyone.post(f"/signaler/contrats/{draft.slug}/?champ=lieu").status_code == 404
    listed = f"/signaler/?genre=contrats&fiche={draft.slug}"
    absent = "/signaler/?genre=contrats&fiche=acte-absent"
    assert anyone.get(listed).status_code == anyone.get(absent).status_code == 400
    for code in ("projets/x", "inconnus/1", "signataires/0", "signataires/²", "agents/1"):
        assert anyone.get(f"/signaler/{code}/").status_code == 404


def test_a_record_that_is_withdrawn_takes_its_reports_away(
    anyone, publisher, reported, contrat, ways
):
    before = DonneesVersion.objects.current().numero
    ways.answer(publisher, reported, "refuser", reponse="Non.", texte_public="x")
    assert DonneesVersion.objects.current().numero == before + 1
    assert "Non." in text_of(anyone.get("/signaler/"))
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.RETIRE)
    DonneesVersion.objects.bump()
    for address in ("/signaler/", "/signaler/?format=atom"):
        said = texte(anyone.get(address))
        assert "Non." not in said
        assert contrat.intitule not in said
    followed = text_of(anyone.get(reported.suivi))
    assert "Cette fiche n’est plus publique." in followed
    assert contrat.intitule not in followed


def test_only_the_committee_of_the_record_reads_and_answers(stranger, publisher, editor, reported):
    page = reported.get_absolute_url()
    assert stranger.get(page).status_code == 404
    assert "Propositions à répondre (0)" in text_of(stranger.get("/admin/"))
    for act in ("ecarter", "corriger", "refuser", "occulter"):
        assert stranger.post(page, {"acte": act, "reponse": "x"}).status_code == 404
        assert editor.post(page, {"acte": act, "reponse": "x"}).status_code == 403
    told = Avis.objects.filter(genre=Avis.Genre.PROPOSITION, cle=str(reported.pk))
    assert [str(one.destinataire) for one in told] == ["Sacha Secrétariat"]
    desk = text_of(publisher.get("/admin/"))
    assert "Propositions à répondre (1)" in desk
    assert "par une personne du public" in desk
    reported.refresh_from_db()
    assert reported.est_en_attente


def test_late_it_says_so_on_the_desk(publisher, reported):
    assert ", en retard" not in text_of(publisher.get("/admin/"))
    Proposition.objects.update(deposee_le=timezone.now() - timedelta(days=91))
    assert ", en retard" in text_of(publisher.get("/admin/"))
    listed = publisher.get("/admin/programme/proposition/?origine=retard")
    assert reported.nom in text_of(listed)


def test_a_record_that_is_deleted_forgets_whom_to_tell(anyone, contrat):
    row = contrat.signataires.first()
    page = f"/signaler/signataires/{row.pk}/?champ=nom"
    send(anyone, page, courriel="anne@exemple.fr", **{"valeur-nom": "Ada Autre"})
    row.delete()
    made = Proposition.objects.get()
    assert (made.etat, made.courriel) == ("refusée", "")
    assert "Ada" not in text_of(anyone.get("/signaler/"))
