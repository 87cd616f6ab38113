"""Why a recount differs: computed parts that add up to the gap, and what no record explains."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme.catalogue.pages.chiffres import comparer
from programme.catalogue.pages.recomptes import (
    Groupe,
    Recompte,
    Situation,
    admet,
    expliquer,
    note_des_sources,
    situation,
)
from programme.models import ChiffreAnnonce
from tests import factories as f

from .outils import texte

Nature = ChiffreAnnonce.Nature
COMITE = date(2019, 4, 30)
COMMUNIQUE = "002_0ed7243ed52be13f"


def annonce(**fields):
    """A figure that no database keeps."""
    usual = {"date": COMITE, "precision_date": "jour", "valeur": 136, "nature": Nature.EXACT}
    return ChiffreAnnonce(**usual | fields)


def compare(**fields):
    f.ChiffreAnnonceFactory(**fields)
    [found] = comparer(ChiffreAnnonce.objects.published())
    return found


counts = st.integers(0, 2_000)
groups = st.lists(st.builds(Groupe, counts, st.just("raison")), max_size=3).map(tuple)
recomptes = st.builds(
    Recompte,
    valeur=st.none() | counts,
    posterieures=st.none() | st.builds(Groupe, counts, st.just("après")),
    incertaines=groups,
    ecartees=groups,
)


class TestExpliquer:
    @given(recomptes, counts, st.sampled_from(Nature))
    def test_the_parts_add_up_to_the_gap(self, recompte, valeur, nature):
        said = annonce(valeur=valeur, nature=nature)
        found = expliquer(said, recompte)
        if recompte.valeur is None:
            assert found is None
            return
        assert found.ecart == recompte.valeur - valeur
        assert sum(part.nombre for part in found.parts) + found.reste == found.ecart
        assert all(part.nombre for part in found.parts)
        if found.compatible:
            assert admet(said, valeur + found.reste)

    @given(recomptes, counts)
    def test_no_part_goes_past_what_the_gap_needs(self, recompte, valeur):
        found = expliquer(annonce(valeur=valeur), recompte)
        if found is None:
            return
        later = sum(part.nombre for part in found.parts if part.raison == "après")
        others = [part.nombre for part in found.parts if part.raison != "après"]
        assert all(number < 0 for number in others) or all(number > 0 for number in others)
        assert abs(sum(others)) <= abs(found.ecart - later)

    def test_nothing_to_explain(self):
        found = expliquer(annonce(valeur=4), Recompte(4))
        assert (found.ecart, found.parts, found.reste, found.compatible) == (0, (), 0, True)

    def test_an_unknown_reason_is_left_over(self):
        found = expliquer(annonce(valeur=149), Recompte(146))
        assert (found.parts, found.reste, found.compatible) == ((), -3, False)

    def test_more_than_a_minimum_is_no_gap(self):
        more = annonce(valeur=1_400, nature=Nature.PLUS_DE)
        assert expliquer(more, Recompte(1_500)).compatible
        assert not expliquer(more, Recompte(1_400)).compatible
        assert expliquer(annonce(valeur=3, nature=Nature.AU_MOINS), Recompte(3)).compatible

    def test_later_records_prove_nothing(self):
        """1 500 for « plus de 1 400 », 300 of which are later: 1 200 by then."""
        more = annonce(valeur=1_400, nature=Nature.PLUS_DE)
        found = expliquer(more, Recompte(1_500, posterieures=Groupe(300, "après")))
        assert [part.nombre for part in found.parts] == [300]
        assert (found.ecart, found.reste, found.compatible) == (100, -200, False)

    def test_the_sign_says_which_records_are_asked(self):
        both = Recompte(10, incertaines=(Groupe(5, "dates"),), ecartees=(Groupe(5, "absents"),))
        [more] = expliquer(annonce(valeur=7), both).parts
        [less] = expliquer(annonce(valeur=13), both).parts
        assert (more.nombre, more.raison) == (3, "dates")
        assert (less.nombre, less.raison) == (-3, "absents")


class TestSituation:
    @pytest.mark.parametrize(
        ("day", "precision", "before", "with_the_day"),
        [
            (COMITE, "au plus tard", Situation.COMPTEE, Situation.COMPTEE),
            (COMITE, "jour", Situation.POSTERIEURE, Situation.COMPTEE),
            (date(2019, 4, 2), "jour", Situation.COMPTEE, Situation.COMPTEE),
            (date(2019, 6, 30), "au plus tard", Situation.OUVERTE, Situation.OUVERTE),
            (date(2019, 5, 1), "jour", Situation.POSTERIEURE, Situation.POSTERIEURE),
            (date(2019, 4, 1), "mois", Situation.OUVERTE, Situation.COMPTEE),
            (date(2019, 1, 1), "année", Situation.OUVERTE, Situation.OUVERTE),
            (date(2018, 1, 1), "année", Situation.COMPTEE, Situation.COMPTEE),
            (None, "", Situation.OUVERTE, Situation.OUVERTE),
        ],
    )
    def test_from_the_committee(self, day, precision, before, with_the_day):
        assert situation(annonce(date=COMITE, jour_compris=False), day, precision) == before
        assert situation(annonce(date=COMITE), day, precision) == with_the_day

    def test_a_month_lasts_to_its_end(self):
        month = annonce(date=date(2021, 11, 1), precision_date="mois")
        assert situation(month, date(2021, 11, 30), "jour") == Situation.COMPTEE
        assert situation(month, date(2021, 12, 1), "jour") == Situation.POSTERIEURE


@pytest.mark.django_db
class TestProtocoles:
    def sign(self, day, precision="jour", **fields):
        signed = {"type": "protocole", "date_signature": day, "precision_signature": precision}
        return f.ContratFactory(**signed | {"source": COMMUNIQUE} | fields)

    def test_none(self):
        found = compare(indicateur="protocoles_signes", date=COMITE, valeur=9)
        assert (found.calcule, found.ecart, found.explication.reste) == (0, -9, -9)

    def test_one_before_the_committee_one_with_it(self):
        self.sign(COMITE, "au plus tard")
        self.sign(COMITE)
        said = {"indicateur": "protocoles_signes", "date": COMITE}
        f.ChiffreAnnonceFactory(**said, valeur=1, jour_compris=False)
        f.ChiffreAnnonceFactory(**said, valeur=2)
        before, after = comparer(ChiffreAnnonce.objects.published())
        assert (before.calcule, before.ecart) == (1, 0)
        assert (after.calcule, after.ecart) == (2, 0)

    def test_an_act_that_two_sources_name_is_counted_once(self):
        first = self.sign(COMITE)
        self.sign(COMITE, territoire=first.territoire, meme_acte_que=first)
        assert compare(indicateur="protocoles_signes", date=COMITE, valeur=1).calcule == 1

    def test_a_protocol_that_may_be_a_contract_says_so(self):
        contrat = f.ContratFactory(type="contrat", intitule="Val de Forge")
        self.sign(COMITE, territoire=contrat.territoire, meme_acte_que=contrat)
        found = compare(indicateur="protocoles_signes", date=COMITE, valeur=1)
        [note] = [note for note in found.notes if "même acte" in note]
        assert note.startswith("1 de ces 1 protocoles est peut-être le même acte")
        assert "(Val de Forge)" in note

    def test_what_may_have_been_signed_fills_the_gap_and_no_more(self):
        self.sign(date(2019, 6, 30), "au plus tard")
        self.sign(COMITE, type="protocole ou contrat")
        self.sign(None, "")
        found = compare(indicateur="protocoles_signes", date=COMITE, valeur=2)
        [part] = found.explication.parts
        assert (found.calcule, part.nombre, found.explication.reste) == (0, -2, 0)
        assert part.raison.startswith("sur les 3 actes")

    def test_a_recount_drawn_from_the_announcement_says_so(self):
        self.sign(COMITE)
        self.sign(COMITE, source=f"{COMMUNIQUE} ; green-finance-1")
        found = compare(indicateur="protocoles_signes", date=COMITE, valeur=2, source=COMMUNIQUE)
        assert "1 des 2 fiches comptées ne reposent que sur l’annonce elle-même." in found.notes

    def test_regions_count_each_once(self):
        normandie = f.RegionFactory(code="28")
        shared = f.TerritoireFactory(region_porteuse=normandie)
        shared.regions.add(f.RegionFactory())
        self.sign(COMITE, territoire=shared)
        self.sign(COMITE, territoire=f.TerritoireFactory(region_porteuse=normandie))
        assert compare(indicateur="regions_protocoles", date=COMITE, valeur=7).calcule == 2
        ChiffreAnnonce.objects.all().delete()
        found = compare(indicateur="protocoles_signes_normandie", date=COMITE, valeur=2)
        assert found.calcule == 2


@pytest.mark.django_db
class TestFonds:
    def test_records_later_than_the_announcement_are_apart(self):
        fonds = f.FinanceurFactory(slug="etat-fonds-acceleration")
        days = [date(2021, 11, 9), date(2021, 12, 8), None]
        for rank, day in enumerate(days):
            projet = f.ProjetFactory(mise_a_jour=day, emplois_crees=10 * (rank + 1))
            f.FinancementFactory(projet=projet, financeur=fonds, enveloppe=None)
        month = {"date": date(2021, 11, 1), "precision_date": "mois"}
        found = compare(indicateur="projets_fonds_acceleration", valeur=10, **month)
        assert (found.calcule, found.ecart) == (3, -7)
        assert [part.nombre for part in found.explication.parts] == [1]
        assert found.explication.reste == -8
        ChiffreAnnonce.objects.all().delete()
        found = compare(indicateur="emplois_fonds_acceleration", valeur=100, **month)
        assert [part.nombre for part in found.explication.parts] == [20]
        assert (found.calcule, found.explication.reste) == (60, -60)

    def test_envelopes_of_the_same_announcement_prove_nothing(self):
        f.EnveloppeFactory(montant_eur=150, annee=2021, source="001_902e68a0463380e5")
        found = compare(
            indicateur="renforcement_fonds",
            date=date(2021, 9, 6),
            valeur=150,
            unite="EUR",
            source="001_902e68a0463380e5",
        )
        assert found.ecart == 0
        assert found.notes[0].startswith("Recompte circulaire")


class TestNoteDesSources:
    def test_nothing_counted_says_nothing(self):
        assert note_des_sources(None) == ""
        assert note_des_sources(Recompte(0)) == ""
        assert note_des_sources(Recompte(3, fiches=3)) == ""


@pytest.mark.django_db
class TestPage:
    def test_a_figure_of_a_day_to_come_is_not_recounted(self, client):
        coming = date.today() + timedelta(days=40)  # noqa: DTZ011 (any day to come)
        f.ContratFactory(type="protocole")
        found = compare(indicateur="protocoles_signes", date=coming, valeur=3)
        assert (found.calcule, found.explication, found.recomptable) == (None, None, False)
        assert "ne se recompte pas encore" in texte(client.get("/chiffres/"))

    def test_a_figure_without_recount(self, client):
        found = compare(indicateur="personnes_formees", valeur=2_000, unite="personnes")
        assert (found.calcule, found.explication) == (None, None)
        read = texte(client.get("/chiffres/"))
        assert "Aucune donnée publiée ne permet de recompter ce chiffre." in read
        assert "non recomptable" in read
        assert "non expliqué" not in read

    def test_an_unknown_reason_is_said_so(self, client):
        compare(indicateur="conventions_operateurs", valeur=4, unite="conventions")
        assert "Écart : −4 −4 : non expliqué" in texte(client.get("/chiffres/"))

    def test_each_figure_has_its_address_and_its_source(self, client):
        f.SourceFactory(code="adcf-2", titre="Assemblée de Mulhouse")
        chiffre = f.ChiffreAnnonceFactory(indicateur="territoires", source="adcf-2")
        page, _, anchor = chiffre.get_absolute_url().partition("#")
        body = client.get(page).content.decode()
        assert body.count(f'id="{anchor}"') == 1
        assert 'href="/sources/adcf-2/"' in body

    def test_other_sources_stand_beside_the_figure_and_by_theme(self, client):
        fait = f.FaitFactory(valeur=531, contexte="90 % PME et ETI")
        f.FaitFactory(valeur=999, publication="brouillon")
        f.ChiffreAnnonceFactory(indicateur=fait.indicateur)
        read = texte(client.get("/chiffres/"))
        assert "D’autres sources : 531 projets, 23 mars 2021" in read
        assert f"{fait.intitule} : 531 projets, 23 mars 2021, phase 1. 90 % PME et ETI." in read
        assert "999" not in read

    def test_only_a_true_disagreement_is_called_so(self, client):
        f.ConfrontationFactory(sujet="emplois annoncés", nature="désaccord")
        f.ConfrontationFactory(sujet="nouveaux territoires", nature="autre objet")
        f.ConfrontationFactory(sujet="deux fois 29", nature="piège")
        f.ConfrontationFactory(sujet="pas encore", publication="à valider")
        read = texte(client.get("/chiffres/"))
        disagree, _, others = read.partition("Ce qui n’en est pas un")
        assert "Emplois annoncés Désaccord." in disagree
        assert "Nouveaux territoires Deux objets différents." in others
        assert "Deux fois 29 Le même nombre, deux ensembles différents." in others
        assert "Désaccord." not in others
        assert "Pas encore" not in read
        # Both sources, both dates, both perimeters: what is not known is said so.
        assert "au plus tard le 24 avril 2023. Périmètre : 148 territoires." in disagree
        assert "Sans date ou sans périmètre : le document n’en donne pas." in disagree
