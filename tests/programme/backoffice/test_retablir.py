"""What was is put back by whoever may edit, under the rules of an ordinary edit, and no other."""

import pytest

from programme.models import Contrat, Document, Enveloppe, JournalAcces, Projet, Publication
from territoires.models import Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


@pytest.fixture
def contrat(contrats):
    """Changed once: 40 000 000 → 12 000 €, L’Aigle → Caen."""
    contrats.normand.montant_eur, contrats.normand.lieu = 12_000, "Caen"
    contrats.normand.save()
    return contrats.normand


def page_of(row, *fields, rank=1):
    """The address that puts back the values of the save before the last one."""
    record = row.history.all()[rank]
    query = "&".join(f"champ={name}" for name in fields)
    return address(type(row), "retablir", row.pk, record.history_id) + f"?{query}"


def read(response):
    page = " ".join(response.content.decode().split())
    return page.replace("\xa0", " ").replace("\u202f", " ")


def confirm(client, page, row, *ticked, version=None):
    row.refresh_from_db()
    data = {"version_vue": version or row.version, "retablir": ticked}
    return client.post(page, data)


def test_an_officer_restores_yesterday_s_amount(client, contrat, secretariat):
    history = client.get(address(Contrat, "history", contrat.pk))
    page = page_of(contrat, "montant_eur")
    assert page in history.content.decode()

    shown = read(client.get(page))
    assert "Montant (euros)" in shown
    assert ">12 000</td>" in shown
    assert ">40 000 000</td>" in shown
    assert "L’Aigle" not in shown
    contrat.refresh_from_db()
    assert contrat.montant_eur == 12_000  # looking changes nothing

    before = contrat.version
    response = confirm(client, page, contrat, "montant_eur")
    assert response.status_code == 302
    assert response.url == address(Contrat, "history", contrat.pk)
    contrat.refresh_from_db()
    assert (contrat.montant_eur, contrat.lieu) == (40_000_000, "Caen")
    assert contrat.version == before + 1
    last = contrat.history.first()
    assert last.history_user == secretariat
    assert last.history_change_reason.startswith("valeur du ")
    assert last.history_change_reason.endswith(" rétablie")
    told = read(client.get(response.url))
    assert "<strong>montant (euros)</strong> : 12 000 → 40 000 000" in told
    assert "Valeur du" in told


def test_a_value_that_the_record_had_is_not_questioned_again(client, normandie):
    """A SIREN whose key is false came from a source, before forms read keys."""
    projet = f.ProjetFactory(territoire__region_porteuse=normandie, siren="209416415")
    projet.siren = "327834214"
    projet.save()
    page = page_of(projet, "siren")
    assert confirm(client, page, projet, "siren").status_code == 302
    projet.refresh_from_db()
    assert projet.siren == "209416415"


def test_a_whole_version_is_restored_without_what_is_unticked(client, contrat):
    version = address(Contrat, "version", contrat.pk, contrat.history.all()[1].history_id)
    page = page_of(contrat)
    assert page.rstrip("?") in client.get(version).content.decode()
    assert read(client.get(page)).count('type="checkbox"') == 2
    confirm(client, page, contrat, "lieu")
    contrat.refresh_from_db()
    assert (contrat.montant_eur, contrat.lieu) == (12_000, "L’Aigle")
    contrat.history.first()
    confirm(client, page_of(contrat, rank=2), contrat, "montant_eur")
    contrat.refresh_from_db()
    assert contrat.montant_eur == 40_000_000


def test_what_is_the_value_already_is_not_offered(client, contrat):
    assert "Rien à rétablir" in read(client.get(page_of(contrat, "nb_actions")))
    assert page_of(contrat, "nb_actions") not in read(
        client.get(address(Contrat, "history", contrat.pk))
    )


def test_nothing_ticked_is_said(client, contrat):
    response = confirm(client, page_of(contrat), contrat)
    assert "Cochez au moins un champ à rétablir." in read(response)


def test_a_change_meanwhile_restores_nothing(client, contrat):
    response = confirm(client, page_of(contrat), contrat, "lieu", version=1)
    assert response.status_code == 409
    assert "a été modifié depuis que vous avez ouvert la page" in read(response)
    contrat.refresh_from_db()
    assert contrat.lieu == "Caen"
    # The page that comes back carries the version of now.
    assert f'name="version_vue" value="{contrat.version}"' in read(response)


@pytest.mark.parametrize("version", ["", "deux", "2; DROP TABLE", "99"])
def test_a_version_that_is_none_restores_nothing(client, contrat, version):
    page = page_of(contrat)
    response = client.post(page, {"version_vue": version, "retablir": ["lieu"]})
    assert response.status_code == 409
    contrat.refresh_from_db()
    assert contrat.lieu == "Caen"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("statut", "abandonné", "change par ses actes"),
        ("publication", Publication.PUBLIE, "change par ses actes"),
        ("slug", "autre-adresse", "une adresse publique ne change pas"),
    ],
)
def test_what_has_its_own_acts_is_not_restored(client, contrat, field, value, reason):
    before = getattr(contrat, field)
    setattr(contrat, field, value)
    contrat.save()
    page = page_of(contrat, field)
    shown = read(client.get(page))
    assert reason in shown
    assert 'type="checkbox"' not in shown
    assert reason in read(confirm(client, page, contrat, field))  # forged
    contrat.refresh_from_db()
    assert getattr(contrat, field) == value != before


@pytest.mark.parametrize("field", ["version", "id", "history_user", "mot_de_passe", "'; --"])
def test_an_unknown_field_is_refused(client, contrat, field):
    response = client.post(
        page_of(contrat), {"version_vue": contrat.version, "retablir": ["lieu", field]}
    )
    assert response.status_code == 200
    assert "Rien n’a été rétabli." in read(response)
    contrat.refresh_from_db()
    assert contrat.lieu == "Caen"


def test_an_address_of_no_field_is_a_404(client, contrat):
    assert client.get(page_of(contrat, "mot_de_passe")).status_code == 404


def test_a_value_that_the_rules_refuse_is_said(client, contrats):
    contrat = contrats.normand
    f.SeanceFactory()
    contrat.statut, contrat.date_signature, contrat.precision_signature = (
        "signé", "2019-06-01", "jour",
    )  # fmt: skip
    contrat.save()
    page = page_of(contrat, "date_signature")
    response = confirm(client, page, contrat, "date_signature")
    assert "La précision va avec une date de signature." in read(response)
    contrat.refresh_from_db()
    assert contrat.date_signature is not None
    both = page_of(contrat, "date_signature", "precision_signature")
    assert (
        confirm(client, both, contrat, "date_signature", "precision_signature").status_code == 302
    )


def test_a_choice_outside_the_perimeter_is_not_restored(client, contrats, normandie):
    contrat = contrats.breton
    contrat.territoire = f.TerritoireFactory(region_porteuse=normandie)
    contrat.save()
    page = page_of(contrat, "territoire")
    shown = read(client.get(page))
    assert "hors de vos choix" in shown
    assert "Vallée bretonne" not in shown
    assert "hors de vos choix" in read(confirm(client, page, contrat, "territoire"))
    contrat.refresh_from_db()
    assert contrat.territoire.region_porteuse == normandie


def test_a_record_of_another_region_does_not_exist(client, contrats):
    contrats.breton.lieu = "Rennes"
    contrats.breton.save()
    page = page_of(contrats.breton, "lieu")
    for response in (client.get(page), confirm(client, page, contrats.breton, "lieu")):
        assert response.status_code == 404
        assert "bretonne" not in response.content.decode()
    contrats.breton.refresh_from_db()
    assert contrats.breton.lieu == "Rennes"


def test_the_version_of_another_record_is_a_404(client, contrat, contrats):
    other = contrats.breton.history.first().history_id
    assert client.get(address(Contrat, "retablir", contrat.pk, other)).status_code == 404
    assert client.get(address(Contrat, "retablir", contrat.pk, 999_999)).status_code == 404


def test_who_may_only_look_restores_nothing(signed_in, contrat, normandie):
    reader = signed_in(f.LecteurFactory(regions=[normandie]))
    page = page_of(contrat, "lieu")
    assert "Rétablir" not in read(reader.get(address(Contrat, "history", contrat.pk)))
    assert reader.get(page).status_code == 403
    assert confirm(reader, page, contrat, "lieu").status_code == 403
    contrat.refresh_from_db()
    assert contrat.lieu == "Caen"


def test_what_is_published_is_locked_for_who_may_not_publish(signed_in, redacteur, contrat):
    editor = signed_in(redacteur)
    page = page_of(contrat, "lieu")
    assert confirm(editor, page, contrat, "lieu").status_code == 302
    contrat.refresh_from_db()
    contrat.publication = Publication.PUBLIE
    contrat.save()
    page = page_of(contrat, "lieu", rank=2)
    for response in (editor.get(page), confirm(editor, page, contrat, "lieu")):
        assert response.status_code == 403
        assert "votre rôle (rédacteur régional) modifie ce qui est en brouillon" in read(response)
    contrat.refresh_from_db()
    assert contrat.lieu == "L’Aigle"


def test_a_row_of_a_record_is_restored_from_its_page(client, contrat):
    avenant = contrat.avenants.get()
    before = avenant.objet
    avenant.objet = "Autre objet"
    avenant.save()
    page = page_of(avenant, "objet")
    assert page in client.get(address(Contrat, "history", contrat.pk)).content.decode()
    confirm(client, page, avenant, "objet")
    avenant.refresh_from_db()
    assert avenant.objet == before


def test_a_row_of_a_published_record_is_locked(signed_in, redacteur, contrat):
    avenant = contrat.avenants.get()
    before = avenant.objet
    avenant.objet = "Autre objet"
    avenant.save()
    contrat.publication = Publication.PUBLIE
    contrat.save()
    editor = signed_in(redacteur)
    page = page_of(avenant, "objet")
    assert page not in read(editor.get(address(Contrat, "history", contrat.pk)))
    assert confirm(editor, page, avenant, "objet").status_code == 403
    avenant.refresh_from_db()
    assert avenant.objet == "Autre objet" != before


def test_a_many_to_many_is_restored(client, normandie):
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    before = territoire.departements.get()
    territoire.elu = "Claude Petit"
    territoire.save()
    territoire.departements.set([f.DepartementFactory(region=normandie, nom="Orne")])
    record = territoire.history.filter(version=1).first()
    page = address(Territoire, "retablir", territoire.pk, record.history_id)
    shown = read(client.get(page))
    assert f">Orne ({territoire.departements.get().pk})</td>" in shown
    confirm(client, page, territoire, "departements")
    assert list(territoire.departements.all()) == [before]
    territoire.refresh_from_db()
    assert territoire.elu == "Claude Petit"
    assert territoire.history.first().history_change_reason.endswith("rétablie")


def test_a_shared_territory_keeps_its_other_region(client, normandie, bretagne):
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    territoire.save()
    territoire.regions.add(bretagne)
    record = territoire.history.filter(version=1).first()
    page = address(Territoire, "retablir", territoire.pk, record.history_id)
    assert "la valeur d’alors est hors de vos choix" in read(client.get(page))
    confirm(client, page, territoire, "regions")
    assert set(territoire.regions.all()) == {normandie, bretagne}


def test_who_may_not_change_a_territory_alone_does_not_restore_it(signed_in, redacteur, normandie):
    territoire = f.TerritoireFactory(region_porteuse=normandie, nom="L’ancien nom")
    territoire.nom, territoire.elu = "Le nouveau nom", "Claude Petit"
    territoire.save()
    editor = signed_in(redacteur)
    shown = editor.get(page_of(territoire))
    assert shown.status_code == 403
    assert "Proposez le changement par son formulaire" in read(shown)
    for name in ("elu", "nom"):
        assert (
            editor.post(page_of(territoire), {"retablir": name, "version_vue": 2}).status_code
            == 403
        )
    territoire.refresh_from_db()
    assert (territoire.nom, territoire.elu) == ("Le nouveau nom", "Claude Petit")


def test_long_and_hostile_texts_come_back_as_they_were(client, normandie):
    text = "Ligne un\n<script>alert(1)</script> « d’ici »\n" + "long " * 2_000 + "fin"
    projet = f.ProjetFactory(
        territoire__region_porteuse=normandie, departement=None, commune=None, objet=text,
        lon=0.123456789, lat=48.987654321,
    )  # fmt: skip
    projet.objet = "Court"
    projet.save()
    page = page_of(projet, "objet")
    shown = client.get(page).content.decode()
    assert "<script>alert(1)</script>" not in shown
    assert confirm(client, page, projet, "objet").status_code == 302
    projet.refresh_from_db()
    assert projet.objet == text
    assert (projet.lon, projet.lat) == (0.123456789, 48.987654321)


def test_every_kind_of_value_is_restored(signed_in, national, normandie):
    client = signed_in(national)
    territoire = f.TerritoireFactory(region_porteuse=normandie, prefigurateur=True)
    for value in (False, None):
        territoire.prefigurateur = value
        territoire.save()
        page = page_of(territoire, "prefigurateur")
        before = territoire.history.all()[1].prefigurateur
        assert confirm(client, page, territoire, "prefigurateur").status_code == 302
        territoire.refresh_from_db()
        assert territoire.prefigurateur is before
    priority = f.TerritoirePrioritaireFactory(territoire=territoire, renforce=True)
    priority.renforce = False
    priority.save()
    assert confirm(client, page_of(priority, "renforce"), priority, "renforce").status_code == 302
    priority.refresh_from_db()
    assert priority.renforce is True
    priority.save()
    other = f.OperateurFactory()
    was = priority.operateur
    priority.operateur = other
    priority.save()
    assert confirm(client, page_of(priority, "operateur"), priority, "operateur").status_code == 302
    priority.refresh_from_db()
    assert priority.operateur == was


def test_a_file_is_not_restored(signed_in, national):
    document = f.DocumentFactory(url="https://exemple.fr/un")
    document.url, document.fichier = "", "documents/2021/acte.pdf"
    document.save()
    client = signed_in(national)
    shown = read(client.get(page_of(document)))
    assert "un fichier se joint de nouveau depuis le formulaire" in shown
    response = confirm(client, page_of(document), document, "url")
    assert "Donnez un fichier ou une adresse" in read(response)
    assert Document.objects.get(pk=document.pk).url == ""


def test_a_row_that_is_gone_is_not_restored(signed_in, national, normandie):
    projet = f.ProjetFactory(territoire__region_porteuse=normandie)
    enveloppe = f.EnveloppeFactory(region=normandie)
    financement = f.FinancementFactory(projet=projet, enveloppe=enveloppe)
    financement.enveloppe = None
    financement.save()
    Enveloppe.objects.all().delete()
    client = signed_in(national)
    shown = read(client.get(page_of(financement, "enveloppe")))
    assert "enveloppe qui n’existe plus" in shown
    assert "hors de vos choix, ou n’existe plus" in shown


def test_the_page_costs_the_same_for_any_history(client, contrat, django_assert_max_num_queries):
    for rank in range(10):
        contrat.nb_actions = rank
        contrat.save()
    with django_assert_max_num_queries(20):
        client.get(page_of(contrat, rank=5))


def test_a_referent_restores_what_is_its_operator_s(signed_in, db):
    ours, theirs = f.ServiceFactory(description="Avant"), f.ServiceFactory(description="Avant")
    for service in (ours, theirs):
        service.description = "Après"
        service.save()
    client = signed_in(f.ReferentAgentFactory(operateur=ours.operateur))
    assert confirm(client, page_of(ours), ours, "description").status_code == 302
    assert confirm(client, page_of(theirs), theirs, "description").status_code == 404
    for service, text in ((ours, "Avant"), (theirs, "Après")):
        service.refresh_from_db()
        assert service.description == text


def test_the_rights_of_an_agent_are_restored_and_written_down(signed_in, national, normandie):
    agent = f.SecretariatFactory(nom="Camille Petit", regions=[normandie])
    other = f.RegionFactory(code="53")
    agent.role = "lecteur"
    agent.save()
    agent.regions.set([other])
    client = signed_in(national)
    record = agent.history.filter(version=1).first()
    page = address(type(agent), "retablir", agent.pk, record.history_id)
    assert confirm(client, page, agent, "role", "regions").status_code == 302
    agent.refresh_from_db()
    assert agent.role == "secrétariat régional"
    assert list(agent.regions.all()) == [normandie]
    written = JournalAcces.objects.filter(agent=agent, auteur=national)
    assert {line.acte for line in written} >= {JournalAcces.Acte.ROLE, JournalAcces.Acte.REGIONS}


def test_projects_restore_their_amounts(client, normandie):
    projet = f.ProjetFactory(territoire__region_porteuse=normandie)
    projet.investissement_eur = None
    projet.save()
    assert confirm(
        client, page_of(projet, "investissement_eur"), projet, "investissement_eur"
    ).status_code == 302  # fmt: skip
    assert Projet.objects.get().investissement_eur == 1_500_000
