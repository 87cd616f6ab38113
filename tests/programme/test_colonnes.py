"""What is counted in memory is what the queries count, whatever is asked and whatever changes."""

import random
from queue import Queue
from time import sleep

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programme import colonnes
from programme.catalogue.graphiques.fonds import CLASSES
from programme.catalogue.listes import index
from programme.catalogue.listes.filters import ProjetFilter
from programme.catalogue.ordre import order_by
from programme.catalogue.pages import indicateurs
from programme.catalogue.pages.indicateurs import calculer, sommaire
from programme.colonnes import Lignes, Parcourues, copie
from programme.donnees.expressions import NombreSelon
from programme.donnees.instantane import compile_query
from programme.models import Projet, Rangement, Retouche
from programme.perimetres import suivi, suivi_des_lignes
from programme.retenues import LUES_PAR, Retenues
from programme.suivi_rangements import noter
from territoires import moment
from territoires.models import Region, Territoire
from tests import factories as f
from tests.programme.donnees.outils import body

pytestmark = pytest.mark.django_db

ASKED = (
    "",
    "region=75",
    "region=75&region=non+renseigné",
    "departement=64",
    "departement=non+renseigné&axe=innover",
    "territoire=hors+territoire",
    "territoire=dans+un+territoire",
    "territoire=non+renseigné",
    "filiere=Bois",
    "filiere=Bois&filiere=non+renseigné&statut=engagé",
    "emplois_crees_min=3",
    "emplois_crees_max=3&emplois_crees_absents=oui",
    "investissement_eur_min=10&region=75",
    "mise_a_jour_min=2022-01-01",
    "financeur=etat",
    "financeur=etat&financeur=non+renseigné",
    "financeur=non+renseigné&region=75",
    "commune=64445",
    "commune=non+renseigné",
    "desaccord=doublon",
    "desaccord=siren",
    "desaccord=au+moins+un+désaccord",
    "q=chaudiere",
    "q=chaudiere&region=75&filiere=Bois",
)


def make():
    """The copy, of all that was written: what follows it is written first."""
    assert Rangement.objects.count() >= 0
    copie.faire()
    return copie.lue()


GROUPES = ("region", "filiere", "categorie")


def filtered(asked, memory):
    kept = ProjetFilter(QueryDict(asked, mutable=True), Projet.objects.published())
    kept.comptees = memory or Rangement.objects.all()
    assert not kept.erreurs, (asked, kept.erreurs)
    return kept


def told(kept):
    """All that a list says of its rows."""
    rows = kept.retenues
    totaux = rows.totaux()
    return {
        "comptes": {
            nom: {value: n for value, n in found.items() if n}
            for nom, found in kept.comptes.items()
            if any(found.values())
        },
        "libres": {column: sorted(values) for column, values in kept.libres.items()},
        "ecartes": kept.ecartes,
        "totaux": totaux,
        "repartitions": rows.repartitions(totaux),
        "seules": rows.filter(investissement_eur__gt=0).repartitions(
            {"investissement_eur": totaux["investissement_eur"]}
        ),
        "classes": rows.classes(CLASSES[1:-1]),
        "sommaire": resume(rows),
        "dits": rows.renseignements("etat"),
        "fonds": resume(rows.finances(["etat"])),
        "par": {nom: sorted(rows.par(nom), key=str) for nom in (*GROUPES, "annee", "mise_a_jour")},
        "nombres": {nom: rows.nombres(nom) for nom in ("territoire", "situation", "statut")},
        "entreprises": rows.entreprises(),
        "medianes": {nom: rows.filter(investissement_eur__gt=0).medianes(nom) for nom in GROUPES},
        "points": [(*row[:3], *map(pytest.approx, row[3:])) for row in rows.points()],
        "lieux": sorted(
            ((*row[:6], *(x and round(x, 9) for x in row[6:8]), row[8]) for row in lieux(rows)),
            key=str,
        ),
        "nombre": kept.qs.count(),
    }


def resume(rows):
    if isinstance(rows, Lignes):
        return rows.sommaire()
    said = calculer(sommaire(rows))
    del said["modifie_le"]
    return said


def lieux(rows):
    return rows.lieux(Projet.Localisation.CODE_POSTAL)


def assert_same(asked):
    """The list, its filters, its totals, in memory and by queries."""
    held = copie.lue() or make()
    memory, queries = filtered(asked, Lignes(held)), filtered(asked, None)
    said, expected = told(memory), told(queries)
    for what, value in expected.items():
        assert said[what] == value, (asked, what)
    assert said["totaux"]["projets"] == said["nombre"] == memory.retenues.count()
    for region in Region.objects.all():
        rows, counted = (
            kept.filter_queryset(kept.comptees, sauf="region") for kept in (memory, queries)
        )
        projets = Projet.objects.filter(pk__in=counted.values("pk"))
        assert suivi_des_lignes(region, rows) == suivi(region, projets)
        assert suivi_des_lignes(region, counted) == suivi(region, projets)


@pytest.fixture
def monde():
    """Two régions, a territory that both follow, communes in it and out of it."""
    ici, ailleurs = f.RegionFactory(code="75"), f.RegionFactory(code="53")
    landes = f.DepartementFactory(code="64", region=ici)
    finistere = f.DepartementFactory(code="29", region=ailleurs)
    body_ = f.IntercommunaliteFactory(departements=[landes])
    territoire = f.TerritoireFactory(phase_id=1, region_porteuse=ici)
    territoire.regions.set([ici, ailleurs])
    pau = f.CommuneFactory(code="64445", departement=landes, intercommunalite=body_)
    brest = f.CommuneFactory(code="29019", departement=finistere)
    payers = [f.FinanceurFactory(slug="etat"), f.FinanceurFactory(slug="europe")]
    return {
        "communes": [pau, brest, None],
        "departements": [landes, finistere, None],
        "territoires": [territoire, None],
        "financeurs": payers,
    }


def change(projet, draw, monde):
    projet.commune = draw.choice(monde["communes"])
    projet.departement = draw.choice(monde["departements"])
    projet.territoire = draw.choice(monde["territoires"])
    projet.objet = draw.choice(["", "Une chaudière", "Un four"])
    projet.filiere = draw.choice(["", "Bois", "Eau"])
    projet.axe = draw.choice(["", "innover"])
    projet.statut = draw.choice(["", "engagé"])
    projet.siren = draw.choice(["", "552032534", "552032535"])
    projet.source = draw.choice(["", "une source", "une autre"])
    projet.emplois_crees = draw.choice([None, 0, 3, 3, 40])
    projet.investissement_eur = draw.choice([None, 10, 10, 2_000_000, 70_000_000])
    projet.mise_a_jour = draw.choice([None, "2021-03-04", "2024-05-06"])
    point = draw.choice([(None, None), (-0.37, 43.3), (-4.5, 48.4)])
    projet.lon, projet.lat = point
    projet.publication = draw.choice(["publié"] * 4 + ["retiré", "brouillon"])
    projet.save()


def test_the_counts_in_memory_are_those_of_the_queries_while_rows_change(monde):
    draw = random.Random(20261130)
    nulle_part = dict.fromkeys(("commune", "departement", "territoire"))
    projets = [f.ProjetFactory(**nulle_part) for _ in range(12)]
    make()
    for step in range(24):
        for projet in draw.sample(projets, 3):
            change(projet, draw, monde)
        projet, other = draw.choices(projets, k=2)
        payment = projet.financements.first()
        if payment is None:
            granted = draw.choice([None, 5_000])
            payer = draw.choice(monde["financeurs"])
            f.FinancementFactory(
                projet=projet, financeur=payer, montant_accorde_eur=granted, montant_verse_eur=None
            )
        elif step % 2:
            payment.delete()
        else:
            move(payment, other)
        if step % 6 == 5:
            projets[0].delete()
            projets = [f.ProjetFactory(**nulle_part), *projets[1:]]
        for asked in draw.sample(ASKED, 6):
            assert_same(asked)
    for asked in ASKED:
        assert_same(asked)
    assert not copie._appel.is_set()  # it followed each change


def test_what_follows_is_what_would_be_made_anew(monde):
    draw = random.Random(23)
    projets = [f.ProjetFactory(objet="Un four") for _ in range(14)]
    make()
    for _ in range(40):
        some = draw.sample(projets, draw.choice([1, 3]))
        for projet in some:
            # Some are saved as they were, or only paid: what they do not change is shared.
            if draw.random() < 0.6:
                change(projet, draw, monde)
            projet.save()
            if draw.random() < 0.3:
                projet.financements.all().delete()
            elif not projet.financements.exists():
                f.FinancementFactory(projet=projet, financeur=monde["financeurs"][0])
        copie._tenue = held = copie.lue()
        assert_as_anew(held)
    then = held.suivre(held.retouche + 1, [projets[0].pk])
    assert_as_anew(then)
    counted(Lignes(held))
    assert len(held.suivre(held.retouche + 1, [projets[0].pk]).comptes.items()) > 20


def assert_as_anew(held):
    anew = colonnes.Colonnes.lire()
    for name, column in anew.tableaux.items():
        if name in colonnes.MOTS:
            said = [
                [list(those.mots[name])[rank] for rank in those.tableaux[name]]
                for those in (held, anew)
            ]
            assert said[0] == said[1], name
        else:
            floats = column.dtype.kind == "f"
            assert np.array_equal(held.tableaux[name], column, equal_nan=floats), name
    assert held.repetes.tolist() == anew.repetes.tolist()
    paid = [sorted(zip(*those.finances, strict=True)) for those in (held, anew)]
    assert paid[0] == paid[1]
    every, remade = Lignes(held), Lignes(anew)
    assert counted(every) == counted(remade)
    assert counted(every.finances(["etat"])) == counted(remade.finances(["etat"]))
    assert counted(every.filter(filiere="Bois")) == counted(remade.filter(filiere="Bois"))


def counted(rows):
    """All that is counted once, and kept of rows that did not change."""
    asked = [(rows.nombres, name) for name in colonnes.MOTS]
    asked += [(rows.par, name) for name in (*GROUPES, "annee")]
    asked += [(rows.medianes, "filiere"), (rows.lieux, Projet.Localisation.CODE_POSTAL)]
    asked += [(rows._milieu, name) for name in colonnes.CHIFFRES]
    asked += [(rows._dernieres, moment.today())]
    asked += [(count,) for count in (rows._comptes, rows._nombre_repetes, rows.sommaire)]
    found = [[count.__name__, *args, count(*args)] for count, *args in asked]
    assert {name for name, *_ in found} == set(LUES_PAR)
    # Words are numbered as they come: an order that is nobody's.
    return [
        [*said, sorted(answer, key=str) if isinstance(answer, list) else answer]
        for *said, answer in found
    ]


def move(payment, projet):
    if not projet.financements.filter(financeur=payment.financeur).exists():
        payment.projet = projet
        payment.save()


def test_without_any_row_they_are_the_same():
    make()
    for asked in ("", "filiere=non+renseigné", "emplois_crees_min=3", "financeur=non+renseigné"):
        assert_same(asked)


def test_a_territory_finds_by_its_communes(monde):
    later = f.TerritoireFactory(code="ti2-7501", phase_id=2)
    projet = f.ProjetFactory(territoire=None, commune=monde["communes"][0])
    f.RattachementFactory(territoire=later, intercommunalite=projet.commune.intercommunalite)
    make()
    assert Territoire.objects.filter(phase=2).exists()
    assert_same(f"territoire={later.pk}")


def test_a_page_reads_it_and_says_the_same(client, monde, monkeypatch):
    draw = random.Random(7)
    later = f.TerritoireFactory(code="ti2-7501", phase_id=2, region_porteuse_id="75")
    pau, brest, _ = monde["communes"]
    f.RattachementFactory(territoire=later, intercommunalite=pau.intercommunalite)
    f.ChiffreAnnonceFactory(indicateur="entreprises_accompagnees_fonds")
    monkeypatch.setattr(indicateurs, "FINANCEUR_DU_FONDS", "etat")
    for _ in range(12):
        projet = f.ProjetFactory()
        change(projet, draw, monde)
        if draw.random() < 0.5:
            f.FinancementFactory(projet=projet, financeur=monde["financeurs"][0])
    counts = ("projets", "carte_projets")
    pages = [reverse(name) + f"?{said}" for name in counts for said in ASKED[:2]]
    pages += [reverse(name) for name in ("accueil", "fonds", "chiffres", "regions", "territoires")]
    pages += [f"{reverse('territoires')}?{said}" for said in ("phase=2", "tri=-nb_projets&tous=1")]
    pages += [f"{reverse('carte')}?couleur=projets", f"{reverse('territoires')}?format=csv&tous=1"]
    pages += [territoire.get_absolute_url() for territoire in Territoire.objects.with_adresse()]
    pages += [row.get_absolute_url() for row in (pau, brest, *Region.objects.all())]
    before = [read(client, page) for page in pages]
    make()
    asked = []
    monkeypatch.setattr(colonnes.Lignes, "__init__", spied(colonnes.Lignes.__init__, asked))
    for page, written in zip(pages, before, strict=True):
        asked.clear()
        assert read(client, page) == written, page
        assert asked, page


def read(client, page):
    answer = client.get(page)
    assert answer.status_code == 200, page
    return body(answer)


def spied(function, calls):
    def call(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)

    return call


def test_a_file_counts_what_its_snapshot_holds(monde):
    f.ProjetFactory(territoire=monde["territoires"][0])
    make()
    rows = Territoire.objects.annotate(n=NombreSelon("territoire", "pk"))
    ours = connections[rows.db]
    assert "programme_rangement" not in compile_query(rows, ours)[0]
    assert "programme_rangement" in compile_query(rows, ours.copy())[0]


def test_a_sort_is_that_of_the_queries(client, monde):
    draw = random.Random(11)
    for _ in range(30):
        change(f.ProjetFactory(), draw, monde)
    rows = Projet.objects.published()
    make()
    for name in colonnes.NOMBRES:
        for descending in (False, True):
            tri = f"{'-' if descending else ''}{name}"
            sorted_ = rows.order_by(order_by(name, descending=descending), "pk")
            expected = list(sorted_.values_list("pk", flat=True))
            found = colonnes.lignes().rangees(name, descending=descending)
            for part in (slice(5), slice(3, 9), slice(20, 100), slice(0, 0)):
                assert found[part] == expected[part], (tri, part)
            table = client.get(f"{reverse('projets')}?tri={tri}").context["table"]
            slugs = [row.record["slug"] for row in table.rows]
            assert slugs == list(sorted_.values_list("slug", flat=True)[: len(slugs)]), tri


def test_words_are_looked_for_once_then_among_what_changed(monde, monkeypatch):
    draw = random.Random(13)
    projets = [f.ProjetFactory() for _ in range(8)]
    held = make()
    known = set()
    for _ in range(16):
        monkeypatch.setattr(index, "BEAUCOUP", draw.choice([2, 100]))
        for asked in draw.sample(["q=chaudiere", "q=four", "q=un+four", "q=rien"], 2):
            first = searches(asked, held)
            assert len(first) == 1
            assert ("identifiant" in first[0]) is (asked in known)
            known.add(asked)
            assert searches(asked, held) == []
            found = filtered(asked, Lignes(held)).retenues.cles.tolist()
            rows = filtered(asked, None).qs
            assert found == sorted(rows.values_list("pk", flat=True)), asked
        for projet in draw.sample(projets, 2):
            change(projet, draw, monde)
        held = copie._tenue = copie.lue()
    monkeypatch.setattr(colonnes, "TROP", 1)  # so many changed that all are read
    change(projets[0], draw, monde)
    held = held.suivre(held.retouche + 1, [projets[0].pk])
    assert [("identifiant" in sql) for sql in searches("q=four", held)] == [False]


def searches(asked, held):
    """The statements that look for words in the index of projects."""
    with CaptureQueriesContext(connection) as queries:
        assert filtered(asked, Lignes(held)).retenues.count() >= 0
    return [query["sql"] for query in queries if "programme_entreeindex" in query["sql"]]


def test_what_is_counted_once_is_nobody_s_to_change(monde):
    draw = random.Random(17)
    for _ in range(25):
        change(projet := f.ProjetFactory(), draw, monde)
        f.FinancementFactory(projet=projet, financeur=monde["financeurs"][0])
    held = make()
    for rows in (Lignes(held), Lignes(held).finances(["etat"]), Lignes(held).filter(filiere="")):
        again = type(rows)(held, rows.tenues, rows.sorte)
        first = rows.par("region")
        for row in first:
            row["projets"] = None
        assert again.par("region") == Lignes(held, rows.tenues).par("region") != first
        rows.nombres("filiere").clear()
        assert again.nombres("filiere") == Lignes(held, rows.tenues).nombres("filiere")
    assert Lignes(held).exclude(filiere="").sorte is None
    assert len({kept.sorte for kept in filters(held)}) == 4


def filters(held):
    rows = Lignes(held)
    yield rows.filter(filiere="Bois")
    yield rows.filter(filiere="Eau")
    yield rows.finances(["etat"])
    yield rows.finances(["etat"], dits=True)


def test_answers_are_kept_in_a_bounded_number():
    kept = Retenues(3)
    for number in (1, 2, 3, 4, 1):
        assert kept.lire(number, lambda number=number: [number]) == [number]
    assert [asked for asked, _ in kept.items()] == [3, 4, 1]


def test_a_page_of_a_filtered_list_is_found_from_its_first_rows(client, monde, monkeypatch):
    draw = random.Random(19)
    for _ in range(40):
        change(f.ProjetFactory(), draw, monde)
    held = make()
    rows = Projet.objects.published().order_by("code").values_list("pk", flat=True)
    for asked in ("filiere=Bois", "q=four", "emplois_crees_min=40&axe=innover", "q=rien"):
        kept = filtered(asked, Lignes(held)).retenues
        expected = list(rows.filter(pk__in=kept.cles.tolist()))
        for lot in (1, 60, 10_000):
            monkeypatch.setattr(colonnes, "LOT", lot)
            found = Parcourues(kept, rows, rows.filter(pk__in=kept.cles.tolist()))
            for part in (slice(5), slice(3, 9), slice(2, 100), slice(0, 0)):
                assert list(found[part]) == expected[part], (asked, lot, part)
        table = client.get(f"{reverse('projets')}?{asked}").context.get("table")
        slugs = [row.record["slug"] for row in table.rows] if table else []
        by_slug = Projet.objects.filter(pk__in=expected).order_by("code")
        assert slugs == list(by_slug.values_list("slug", flat=True)[:25])


def test_a_moment_is_read_by_queries(monde):
    projet = f.ProjetFactory()
    make()
    with moment.a(projet.history.latest().history_date):
        assert copie.lue() is None
    assert isinstance(colonnes.lignes(), Lignes)


def test_it_is_made_anew_when_it_cannot_follow(monde, monkeypatch):
    monkeypatch.setattr(colonnes, "BEAUCOUP", 1)

    def assert_lost_then_found():
        assert copie.lue() is None
        assert copie._appel.is_set()
        copie.tenir()
        copie._appel.clear()
        assert copie.lue() is not None

    f.ProjetFactory()
    make()
    assert copie.lue() is not None
    noter([None])
    assert_lost_then_found()
    Retouche.objects.all().delete()
    assert_lost_then_found()
    monkeypatch.setattr(colonnes, "TROP", 3)
    noter([1, 2, 3])
    assert_lost_then_found()


def test_a_base_that_grows_is_laid_out_without_a_restart(monde, monkeypatch):
    monkeypatch.setattr(colonnes, "BEAUCOUP", 3)
    for many in (False, False, True):
        f.ProjetFactory()
        assert isinstance(colonnes.lignes().all(), Lignes) is False
        copie.tenir()
        assert isinstance(colonnes.lignes(), Lignes) is many


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_it_is_tended_as_long_as_the_process_lives(monkeypatch):
    turns = Queue()

    def tenir():
        turns.put(None)
        if turns.qsize() == 3:
            raise SystemExit

    monkeypatch.setattr(copie, "tenir", tenir)
    monkeypatch.setattr(colonnes, "VEILLE", 0.01)
    copie.veiller()
    for _ in range(200):
        if turns.qsize() == 3:
            break
        sleep(0.05)
    assert turns.qsize() == 3


def test_what_is_not_committed_is_not_told_to_others(monde):
    projet = f.ProjetFactory(**dict.fromkeys(("commune", "departement", "territoire")))
    shared = make()
    with transaction.atomic():
        noter([projet.pk])
        assert copie.lue().retouche > shared.retouche
        assert copie._tenue is shared
    assert copie.lue() is copie._tenue is not shared


def test_the_upkeep_forgets_old_notes(monkeypatch):
    monkeypatch.setattr(Retouche, "GARDEES", 2)
    noter([1, 2, 3, 4])
    call_command("entretien", verbosity=0)
    assert list(Retouche.objects.order_by("pk").values_list("projet", flat=True))[-1] is None
    assert Retouche.objects.count() == 3
