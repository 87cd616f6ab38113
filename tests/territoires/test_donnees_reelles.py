"""The loaded facts agree with each other and with what the sources announce."""

import csv
import re
from collections import Counter, defaultdict
from datetime import date

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count, F, OuterRef, Q, Sum

from programme.models import (
    BassinEmploi,
    BesoinMainOeuvre,
    ChiffreAnnonce,
    Contrat,
    Convention,
    Engagement,
    Enveloppe,
    Financement,
    Jalon,
    MesureEmploi,
    Projet,
    Seance,
    Source,
)
from territoires.models import (
    CodePostal,
    Commune,
    CommuneAncienne,
    Departement,
    Intercommunalite,
    Rattachement,
    Region,
    Territoire,
)
from territoires.situation import situer
from tests.territoires.test_depuis_quand import compare

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.usefixtures("donnees_reelles"),
]

LISTE_148, BILAN = date(2020, 10, 15), date(2021, 11, 22)


def rows(name):
    with (settings.FIXTURES_ROOT / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_files_situate_each_territory_as_its_members_do():
    assert situer() == []


# --- Counts -----------------------------------------------------------------------------------


def test_geography_is_whole():
    counts = {model: model.objects.count() for model in (Region, Departement, Intercommunalite)}
    assert list(counts.values()) == [18, 101, 1268]
    assert [Commune.objects.du_millesime(year).count() for year in (2022, 2023, 2024, 2026)] == [
        34_955,
        34_945,
        34_935,
        34_875,
    ]
    assert Commune.objects.count() == 34_955 + 12
    parties = CommuneAncienne.objects.filter(nature__in=CommuneAncienne.PARTIES)
    assert parties.count() == 2_645
    since = CommuneAncienne.objects.filter(jusqu_en__gt=date(2022, 1, 1)).exclude(
        nature__in=CommuneAncienne.PARTIES
    )
    # 102 names, 92 codes of communes that are gone, ten of them without a known successor.
    assert since.count() == 102 + 92 - 10
    assert CommuneAncienne.objects.count() == 2_645 + 4_110 + since.count()
    assert CodePostal.objects.count() == 35_434 + 9


@pytest.mark.parametrize(
    ("day", "count"),
    [(date(2019, 11, 14), 146), (LISTE_148, 148), (date(2021, 11, 21), 148), (BILAN, 146)],
)
def test_the_map_has_as_many_territories_as_announced(day, count):
    assert Territoire.objects.at(day).count() == count


def test_the_two_phases_had_152_and_183_territories_in_all():
    assert [Territoire.objects.filter(phase=phase).count() for phase in (1, 2)] == [152, 183]
    assert [Rattachement.objects.filter(phase=phase).count() for phase in (1, 2)] == [602, 643]
    assert [Territoire.objects.catalogue(phase).count() for phase in (1, 2)] == [146, 183]
    assert Territoire.objects.filter(rattachements=None).count() == 0


def test_announced_counts_are_those_of_the_milestones():
    stated = Jalon.objects.filter(nb_territoires__isnull=False).order_by("date")
    assert list(stated.values_list("nb_territoires", flat=True)) == [
        124,
        136,
        141,
        144,
        146,
        148,
        146,
        149,
        183,
    ]
    figures = dict(
        ChiffreAnnonce.objects.filter(indicateur="territoires").values_list("date", "valeur")
    )
    for jalon in stated:
        assert str(jalon.nb_territoires) in jalon.intitule
        assert figures.get(jalon.date, jalon.nb_territoires) == jalon.nb_territoires


# --- The map ----------------------------------------------------------------------------------


def test_territory_dates_are_those_the_sources_state():
    """The map is computed from the members; these are the dates that the sources give."""
    dated = Territoire.objects.with_dates().values_list("debut", "debut_certitude", "sortie")
    assert Counter(dated) == {
        (date(2018, 11, 22), "au plus tard", None): 38,
        (date(2019, 3, 6), "au plus tard", None): 10,
        (date(2019, 7, 1), "au plus tard", None): 11,
        (date(2019, 9, 24), "exacte", None): 3,
        (date(2019, 11, 14), "au plus tard", None): 81,
        (date(2019, 11, 14), "au plus tard", BILAN): 3,
        (LISTE_148, "reconstituée", None): 2,
        (BILAN, "reconstituée", None): 1,
        (date(2022, 12, 31), "au plus tard", None): 3,
        (date(2023, 11, 9), "exacte", None): 183,
    }


def test_sql_and_memory_say_the_same_of_every_real_territory():
    compare()


def test_first_members_of_a_territory_enter_together():
    """Its certitude is that of its first day, whichever of them is read."""
    firsts = Rattachement.objects.filter(
        debut__in=Territoire.objects.filter(pk=OuterRef("territoire")).with_dates().values("debut")
    )
    stated = firsts.values("territoire").annotate(n=Count("certitude", distinct=True))
    assert stated.count() == 152 + 183
    assert not stated.exclude(n=1)


def test_finistere_took_over_brest_morlaix_and_quimper():
    left = Territoire.objects.filter(successeur__isnull=False)
    assert set(left.values_list("code", "successeur", "successeur__nom")) == {
        (code, "ti-5313", "Finistère") for code in ("ti-5305", "ti-5307", "ti-5308")
    }
    assert not left & Territoire.objects.at(BILAN)
    before = Rattachement.objects.at(LISTE_148).filter(territoire__in=left)
    after = Rattachement.objects.at(BILAN).filter(territoire="ti-5313")
    assert set(after.values_list("intercommunalite")) == set(before.values_list("intercommunalite"))


@pytest.mark.parametrize("day", [date(2019, 11, 14), LISTE_148, BILAN])
def test_no_commune_is_counted_twice(day):
    """Neither twice in a territory (alone and with its body), nor in two territories."""
    members = Rattachement.objects.at(day)
    bodies = Q(intercommunalite__in=members.values("intercommunalite"))
    reached = Counter(members.filter(commune__isnull=False).values_list("commune", flat=True))
    reached.update(Commune.objects.filter(bodies).values_list("code", flat=True))
    reached.update(
        Commune.objects.filter(ept__in=members.values("intercommunalite")).values_list(
            "code", flat=True
        )
    )
    assert [code for code, times in reached.items() if times > 1] == []
    total = Territoire.objects.at(day).with_members(day).aggregate(n=Sum("nb_communes"))["n"]
    # Two bodies of 2021 have no commune of 2022 any more: only their own count is known.
    old = members.filter(intercommunalite__communes=None, intercommunalite__communes_ept=None)
    gone = old.aggregate(n=Sum("intercommunalite__nb_communes"))["n"] or 0
    assert total == len(reached) + gone


def test_a_body_has_the_population_and_number_of_its_communes():
    measured = {"habitants": Sum("communes__population"), "nombre": Count("communes")}
    bodies = Intercommunalite.objects.exclude(nature="EPT").annotate(**measured)
    differing = bodies.exclude(habitants=F("population"), nombre=F("nb_communes"))
    # The two bodies of 2021, kept because former members name them.
    assert set(differing.values_list("siren", "nombre")) == {("200067221", 0), ("200071157", 0)}


def test_population_of_the_map_adds_up():
    row = Territoire.objects.with_members(BILAN).get(code="ti-2807")
    members = Rattachement.objects.at(BILAN).filter(territoire=row)
    assert row.population == sum(member.membre.population for member in members) > 0
    national = Territoire.objects.at(BILAN).with_members(BILAN).aggregate(total=Sum("population"))
    sums = Rattachement.objects.at(BILAN).aggregate(
        bodies=Sum("intercommunalite__population"), communes=Sum("commune__population")
    )
    assert national["total"] == sums["bodies"] + sums["communes"]


def test_a_territory_lists_the_departements_and_regions_of_its_members():
    places, ends = defaultdict(list), defaultdict(list)
    for member in ("intercommunalite__departements", "commune__departement"):
        rows = Rattachement.objects.exclude(**{member: None})
        for code, fin, departement in rows.values_list("territoire", "fin", member):
            places[code].append((fin or date.max, departement))
            ends[code].append(fin or date.max)
    for territoire in Territoire.objects.prefetch_related("departements", "regions"):
        # Its members of now, else those that it had to the end: who left before counts no more.
        last = max(ends[territoire.pk])
        touched = {departement for fin, departement in places[territoire.pk] if fin == last}
        assert {d.pk for d in territoire.departements.all()} == touched, territoire.code
        followed = {d.region_id for d in territoire.departements.all()}
        assert {r.code for r in territoire.regions.all()} == followed, territoire.code
        assert territoire.region_porteuse_id in followed


def test_lacq_pau_tarbes_is_shared():
    territoire = Territoire.objects.get(code="ti-7505")
    assert {r.nom for r in territoire.regions.all()} == {"Nouvelle-Aquitaine", "Occitanie"}


# --- The programme ----------------------------------------------------------------------------


def test_projects_are_all_public_and_placed_as_the_source_says():
    published = Projet.objects.published()
    assert published.count() == 1_158
    assert published.filter(territoire__isnull=False).count() == 760
    assert published.filter(territoire=None).count() == 398
    assert published.filter(statut="").count() == 1_158
    overseas = published.filter(departement=None)
    assert overseas.count() == 9
    assert set(overseas.values_list("departement_cite", flat=True)) == {"98", "987", "988"}


def test_sums_of_projects_are_those_of_the_file():
    file = rows("projets")
    totals = Projet.objects.totaux()
    for measure in ("emplois_crees", "emplois_maintenus", "investissement_eur"):
        stated = [int(row[measure]) for row in file if row[measure]]
        assert totals[measure] == sum(stated)
        assert totals[f"{measure}_renseignes"] == len(stated)


def test_a_project_in_a_territory_lies_in_one_of_its_communes():
    inside = Projet.objects.filter(territoire__isnull=False)
    known = inside.filter(
        Q(commune__rattachements__territoire=F("territoire"))
        | Q(commune__intercommunalite__rattachements__territoire=F("territoire"))
        | Q(commune__ept__rattachements__territoire=F("territoire"))
    )
    assert set(inside.values_list("code", flat=True)) == set(known.values_list("code", flat=True))


def test_no_aid_is_invented():
    amounts = ("montant_demande_eur", "montant_accorde_eur", "montant_verse_eur")
    assert Financement.objects.count() == Projet.objects.filter(financements__isnull=False).count()
    assert Financement.objects.count() == 1_158
    for amount in amounts:
        assert not Financement.objects.filter(**{f"{amount}__isnull": False}).exists()


def test_envelopes_are_the_announced_reinforcement_once():
    announced = ChiffreAnnonce.objects.get(indicateur="renforcement_fonds").valeur
    assert Enveloppe.objects.aggregate(total=Sum("montant_eur"))["total"] == announced
    assert announced == 150_000_000


def test_contracts_are_signed_and_their_dates_say_what_they_are_worth():
    assert Contrat.objects.published().filter(statut="signé").count() == 28
    assert Contrat.objects.filter(date_signature=None).count() == 0
    assert Counter(Contrat.objects.values_list("precision_signature", flat=True)) == Counter(
        row["precision_signature"] for row in rows("contrats")
    )


def test_a_territory_was_on_the_map_when_it_signed_or_may_have_been():
    for contrat in Contrat.objects.select_related("territoire"):
        dated = Territoire.objects.with_dates().get(pk=contrat.territoire_id)
        assert dated.debut <= contrat.date_signature or dated.debut_certitude != "exacte"


def test_operators_committed_on_the_day_of_their_conventions():
    assert Engagement.objects.published().count() == 11
    assert Engagement.objects.filter(operateur=None).count() == 1
    figure = ChiffreAnnonce.objects.get(indicateur="conventions_operateurs")
    assert Convention.objects.published().filter(signee_le=figure.date).count() == figure.valeur


def test_national_meetings_are_milestones():
    for seance in Seance.objects.published():
        jalon = Jalon.objects.get(date=seance.date, precision_date=seance.precision)
        assert jalon.lieu == seance.lieu
        assert "omité de pilotage" in jalon.intitule


def test_needs_keep_secrets_apart():
    needs = BesoinMainOeuvre.objects
    assert needs.count() == 7_013
    file = rows("besoins_main_oeuvre")
    for measure in ("projets", "difficiles", "saisonniers"):
        secret = sum(row[measure] == "*" for row in file)
        assert needs.filter(**{f"{measure}__isnull": True}).count() == secret > 0
        assert not needs.filter(**{measure: 0}).exists()


def test_every_commune_lies_in_one_basin():
    known = Commune.objects.du_millesime(2022)
    assert known.count() == known.exclude(bassin_commune=None).count() == 34_955
    assert BassinEmploi.objects.count() == 403
    assert BassinEmploi.objects.filter(besoins=None).count() == 90


def test_jobs_of_france_are_those_of_the_file():
    """Its isolated communes, which are no intercommunalité, are within its total."""
    jobs = MesureEmploi.objects.filter(indicateur=MesureEmploi.Indicateur.SALARIES_PRIVES)
    assert sorted(set(jobs.values_list("annee", flat=True))) == list(range(2014, 2025))
    for france in jobs.filter(intercommunalite=None):
        told = jobs.filter(annee=france.annee).exclude(intercommunalite=None)
        assert told.count() == 1_250
        assert 900 < france.valeur - told.aggregate(total=Sum("valeur"))["total"] < 1_100


def test_cited_sources_exist():
    """Whatever looks like a code of a source, in any file, is one."""
    codes = set(Source.objects.values_list("code", flat=True))
    for name in ("territoires", "rattachements", "contrats", "chiffres_annonces", "jalons"):
        for row in rows(name):
            for column in ("source", "source_entree", "source_sortie"):
                for part in row.get(column, "").split(" ; "):
                    if re.fullmatch(r"[0-9]{3}_[0-9a-f]{16}|anct-[a-z0-9-]+", part):
                        assert part in codes, (name, part)
    assert set(Projet.objects.values_list("source", flat=True)) <= codes


def test_everything_loaded_is_in_history():
    for model in (Territoire, Rattachement, Projet, Contrat, Financement):
        reasons = model.history.values("history_change_reason", "history_type")
        assert list(reasons.annotate(n=Count("pk"))) == [
            {
                "history_change_reason": "chargement initial",
                "history_type": "+",
                "n": model.objects.count(),
            }
        ]


def test_a_second_load_changes_nothing(capsys):
    call_command("charger_donnees")
    assert re.fullmatch(r"Aucun changement \([0-9]+ lignes relues\)\.\n", capsys.readouterr().out)
