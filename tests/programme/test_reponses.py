"""Value, zero, « non renseigné », « sans objet »: no answer of ours is zero when nobody told.

The worlds below never tell a zero: each amount, count and share is missing, or one at least. So
a zero in a page, a file or an answer of the API is one that nobody told.
"""

import csv
import io
import json
import re
from html import unescape

import pytest
from django.urls import reverse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from programme.models import Contrat, Projet
from tests import factories as f
from tests.adresses import fichiers, pages, texte

ZERO = re.compile(r"(?<![\w.,:/\-–])0(?![\w.,:/\-–])")
"""A zero that stands alone, whatever follows: « 0 % », « 0 € », « 0 sur 146 », a cell."""
SAID = re.compile(
    r"<(script|style|svg|code|pre)\b.*?</\1>"
    r"|[Dd]e 0 à [19]",
    re.DOTALL,
)
COUNTED = {
    # Rows of an answer, and classes of the map: what the records hold, not what nobody told.
    "count", "lignes", "attestes", "possibles", "absents", "derniers_connus",
    # Of this dataset alone: its dictionary says so.
    "nb_projets",
    # Of the map, whose lists are complete: empty while there is none.
    "nb_territoires", "nb_territoires_portes",
}  # fmt: skip


def zeros_of_page(body):
    text = unescape(re.sub(r"<[^>]+>", "\n", SAID.sub(" ", body)))
    text = " ".join(text.split())
    return [text[max(0, m.start() - 60) : m.end() + 40] for m in ZERO.finditer(text)]


def zeros_of_json(value, name=""):
    if isinstance(value, dict):
        return [zero for key, one in value.items() for zero in zeros_of_json(one, key)]
    if isinstance(value, list):
        return [zero for one in value for zero in zeros_of_json(one, name)]
    zero = value == 0 and not isinstance(value, bool)
    return [name] if zero and name not in COUNTED else []


def zeros_of_csv(body):
    rows = csv.DictReader(io.StringIO(body.removeprefix("\ufeff")))
    return sorted({name for row in rows for name, cell in row.items() if cell == "0"} - COUNTED)


def zeros_of(response, page):
    kind, body = response["Content-Type"], texte(response)
    if "html" in kind or "atom" in kind:
        return zeros_of_page(body)
    if "/valeurs/" in page:
        return []  # it writes « non » as 0, from the columns that the other files give
    if "csv" in kind:
        return zeros_of_csv(body)
    return zeros_of_json(json.loads(body)) if "json" in kind and "openapi" not in page else []


def doors():
    """Every page, file and answer of the records that there are."""
    return [*pages(), *fichiers("json", "geojson", "csv")]


def check(client, addresses=None):
    """What pages, files and answers say that nobody told; every one, without `addresses`."""
    found = {}
    for page in addresses or doors():
        response = client.get(page)
        assert response.status_code == 200, page
        found[page] = zeros_of(response, page)
    told = [f"{page} : {zeros}" for page, zeros in found.items() if zeros]
    assert told == [], "\n".join(told)


def agree(client):
    """The commune of a project gives its département and its région, in any answer."""
    rows = client.get(reverse("projets"), {"format": "json"})
    for row in json.loads(texte(rows))["results"]:
        projet = Projet.objects.select_related("commune__departement__region").get(code=row["code"])
        told = {row["departement"], row["region"], row["departement_nom"], row["region_nom"]}
        place = projet.commune and projet.commune.departement
        if place:
            assert told == {place.code, place.region.code, place.nom, place.region.nom}
        if projet.territoire_id:
            assert row["territoire"] == projet.territoire_id


# --- Worlds -----------------------------------------------------------------------------------

told = st.none() | st.integers(1, 9)


def some(**columns):
    return st.lists(st.fixed_dictionaries(columns), max_size=2)


worlds = st.fixed_dictionaries(
    {
        "territoires": st.integers(0, 2),
        "projets": some(
            emplois_crees=told,
            emplois_maintenus=told,
            investissement_eur=told,
            axe=st.sampled_from(["", *Projet.Axe.values]),
            statut=st.sampled_from(["", "remonté", "abandonné"]),
        ),
        "contrats": some(nb_actions=told, montant_eur=told),
        "engagements": some(cible=told, valeur=told),
        "enveloppes": some(montant_eur=told, montant_accorde_eur=told),
        "referents": st.integers(0, 1),
        "chiffres": st.lists(
            st.sampled_from(
                [
                    "territoires",
                    "projets_fonds_acceleration",
                    "chefs_de_projet",
                    "protocoles_signes",
                ]
            ),
            max_size=2,
            unique=True,
        ),
    }
)


def name_nothing_zero():
    """Factories number their names: from one on."""
    for factory in vars(f).values():
        if isinstance(factory, type) and issubclass(factory, f.Fabrique):
            factory.reset_sequence(1, force=True)


def make(world):
    name_nothing_zero()
    region = f.RegionFactory(code="28")
    operateur = f.OperateurFactory()
    land = f.TerritoireFactory.create_batch(world["territoires"], region_porteuse=region)
    for row in world["projets"]:
        f.ProjetFactory(**row, territoire=land[0] if land else None)
    for row in world["contrats"] if land else ():
        f.ContratFactory(**row, territoire=land[0], statut=Contrat.Statut.SIGNE)
    for row in world["engagements"]:
        valeur = row.pop("valeur")
        engagement = f.EngagementFactory(**row, operateur=operateur)
        f.RealisationFactory(engagement=engagement, operateur=operateur, valeur=valeur)
    for row in world["enveloppes"]:
        accorde = row.pop("montant_accorde_eur")
        enveloppe = f.EnveloppeFactory(**row, region=region)
        f.FinancementFactory(
            enveloppe=enveloppe, montant_accorde_eur=accorde, montant_verse_eur=None
        )
    if world["referents"] and land:
        f.ReferentFactory(territoire=land[-1], operateur=operateur)
    for indicateur in world["chiffres"]:
        f.ChiffreAnnonceFactory(indicateur=indicateur, valeur=29)


class TestNoZeroForTheUnknown(TestCase):
    def test_an_empty_base(self):
        check(self.client)

    def test_one_row_of_each(self):
        make(
            {
                "territoires": 1,
                "projets": [{}],
                "contrats": [{"nb_actions": None, "montant_eur": None}],
                "engagements": [{"valeur": None}],
                "enveloppes": [{"montant_eur": None, "montant_accorde_eur": None}],
                "referents": 0,
                "chiffres": ["chefs_de_projet"],
            }
        )
        check(self.client)

    def test_what_was_promised_is_what_was_delivered(self):
        """A gap between two told numbers is none, which no page says as a zero."""
        make(
            {
                "territoires": 1,
                "projets": [],
                "contrats": [],
                "engagements": [{"cible": 3, "valeur": 3}],
                "enveloppes": [],
                "referents": 0,
                "chiffres": [],
            }
        )
        check(self.client)

    @pytest.mark.lent
    @settings(max_examples=20, phases=[Phase.generate], derandomize=True)
    @given(worlds, st.randoms(use_true_random=False))
    def test_any_set_of_records(self, world, chance):
        self.judge(world, chance, 6)

    @pytest.mark.epreuve
    @settings(max_examples=300, phases=[Phase.generate])  # a smaller world costs as many pages
    @given(worlds, st.randoms(use_true_random=False))
    def test_very_many_sets_of_records(self, world, chance):
        self.judge(world, chance, 12)

    def judge(self, world, chance, number):
        """A world behind some of its doors: many worlds find what one behind all would not."""
        make(world)
        check(self.client, chance.sample(doors(), number))
        agree(self.client)


@pytest.mark.django_db
def test_the_desk_counts_no_referent_that_nobody_reported(client):
    name_nothing_zero()
    comite = f.ComiteRegionalFactory()
    f.TerritoireFactory(region_porteuse=comite.region)
    f.OperateurFactory()
    client.force_login(f.NationalFactory(nom="Nadia"))
    page = reverse("admin:programme_comiteregional_dossier", args=[comite.pk])
    assert zeros_of_page(texte(client.get(page))) == []
