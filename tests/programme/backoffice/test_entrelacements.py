"""Two officers, many interleavings: nothing typed is lost unseen, nothing is overwritten unseen.

The suite draws `ECHANTILLON` of them, `make epreuves` `ENTRELACEMENTS`.

Every value is a token found nowhere else, so that a page shows a value when its text holds it.
"""

import re
from collections import Counter

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    rule,
    run_state_machine_as_test,
)

from programme.models import Avenant, Contrat, Financement, Projet, Signataire
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data

ECHANTILLON, ENTRELACEMENTS, PAS = 20, 200, 10
TEXTES, NOMBRES = "textes", "nombres"
# What may be typed on each page, by the end of the field's name.
CHAMPS = {
    Contrat: {"lieu": TEXTES, "nb_actions": NOMBRES, "-0-fonction": TEXTES, "-0-objet": TEXTES},
    Projet: {"objet": TEXTES, "investissement_eur": NOMBRES, "-0-montant_demande_eur": NOMBRES},
}
SUIVIS = {
    Contrat: ["lieu", "source", "nb_actions"],
    Signataire: ["organisme", "fonction"],
    Avenant: ["objet", "montant_eur"],
    Projet: ["objet", "filiere", "investissement_eur"],
    Financement: ["montant_demande_eur"],
}
EN_NOMBRES = {"nb_actions", "montant_eur", "investissement_eur", "montant_demande_eur"}
ACTES = st.sampled_from(["type"] * 4 + ["save"] * 2 + ["answer"] * 2 + ["add", "delete"])
WHO, PAGE = st.integers(0, 1), st.sampled_from([0] * 8 + [1, 2])
PICK = st.integers(0, 11)


def stored():
    """{(model, key): {field: value}} of all that the two officers change."""
    return {
        (model, row["pk"]): {name: str(row[name] or "") for name in names}
        for model, names in SUIVIS.items()
        for row in model.objects.values("pk", *names)
    }


def text_of(response):
    """What the page says, without the spaces that group the digits of a number."""
    return re.sub(r"[\s\u00a0\u202f]+", "", response.content.decode())


class Tokens:
    """Values found nowhere else: a word, or a number of seven digits."""

    def __init__(self):
        self.count = 0

    def new(self, kind):
        self.count += 1
        return str(7_000_000 + self.count) if kind == NOMBRES else f"mot{self.count:05d}x"


class Formulaire:
    """One page open in one browser: what it would send, what was typed, what it has shown."""

    def __init__(self, data, shown):
        self.data, self.shown, self.typed = data, shown, {}

    def names(self, endings):
        found = [(n, kind) for n in sorted(self.data) for e, kind in endings.items()
                 if (n.endswith(e) if e.startswith("-") else n == e)]  # fmt: skip
        return [(name, kind) for name, kind in found if not self.is_deleted(name)]

    def rows(self):
        """Prefixes of the rows that exist."""
        return sorted(n[:-3] for n, v in self.data.items() if n.endswith("-id") and v)

    def blank_rows(self):
        return sorted(n[:-3] for n, v in self.data.items() if n.endswith("-id") and not v)

    def is_deleted(self, name):
        return f"{name.rpartition('-')[0]}-DELETE" in self.data

    def came_back(self, response):
        """The page after a refusal; every typed value must be in it."""
        text = text_of(response)
        lost = {name: value for name, value in self.typed.items() if value not in text}
        assert not lost, f"typed, neither saved nor shown: {lost}"
        self.shown += text
        self.data = form_data(response)
        values = set(self.typed.values())
        self.typed = {
            name: value
            for name, value in self.data.items()
            if isinstance(value, str) and value in values
        }


class DeuxAgents(RuleBasedStateMachine):
    world = None

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.open, self.tokens, self.saved = {}, Tokens(), False
        self.tokens.count = self.world["count"]
        for who in range(2):
            # Both are typing, in some of the same fields: they will meet.
            self.type(who, 0, self.form(who, 0), who)

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- What an officer does ---------------------------------------------------------------------

    def form(self, who, page):
        if (who, page) not in self.open:
            self.open[who, page] = Formulaire(*self.read(who, page))
        return self.open[who, page]

    def read(self, who, page):
        """(data of the form, text of the page); read once for all while nothing is saved."""
        fresh = self.world["fresh"]
        if self.saved or (who, page) not in fresh:
            response = self.world["clients"][who].get(self.world["pages"][page])
            read = form_data(response), text_of(response)
            if self.saved:
                return read
            fresh[who, page] = read
        data, text = fresh[who, page]
        return {**data}, text

    @rule(act=ACTES, who=WHO, page=PAGE, pick=PICK)
    def do(self, act, who, page, pick):
        getattr(self, act)(who, page, self.form(who, page), pick)

    def type(self, who, page, form, pick):
        names = form.names(CHAMPS[Projet if page else Contrat])
        # Several fields at a time, or the two would seldom type in the same.
        for shift in range(min(len(names), 3)):
            name, kind = names[(pick + shift) % len(names)]
            form.data[name] = form.typed[name] = self.tokens.new(kind)

    def add(self, who, page, form, pick):
        if page or not (blank := form.blank_rows()):
            return
        row = blank[pick % len(blank)]
        if row.startswith("avenants"):
            form.data[f"{row}-numero"] = str(100 + self.tokens.count)
        name = f"{row}-{'objet' if row.startswith('avenants') else 'organisme'}"
        form.data[name] = form.typed[name] = self.tokens.new(TEXTES)

    def delete(self, who, page, form, pick):
        if rows := form.rows():
            row = rows[pick % len(rows)]
            form.data[f"{row}-DELETE"] = "on"
            form.typed = {n: v for n, v in form.typed.items() if not n.startswith(f"{row}-")}

    def answer(self, who, page, form, pick):
        """Whoever was refused and waits for a choice chooses and saves; else one saves."""
        for (one, where), waiting in self.open.items():
            if any(name.endswith("-choix") for name in waiting.data):
                return self.save(one, where, waiting, pick)
        return self.save(who, page, form, pick)

    def save(self, who, page, form, pick):
        given_up = self.choose(form, pick)
        before, self.saved = stored(), True
        response = self.world["clients"][who].post(self.world["pages"][page], form.data)
        assert response.status_code in {200, 302}
        after = stored()
        self.check_no_silent_overwrite(form, before, after)
        told = " ".join(str(message) for message in get_messages(response.wsgi_request))
        if response.status_code == 200:
            self.world["seen"]["conflit"] += bool(response.context["conflits"])
            self.world["seen"]["fusion"] += bool(response.context["reprises"])
            assert after == before
            form.came_back(response)
            if pick % 2:  # chooses at once; else others may act in between
                self.save(who, page, form, pick >> 1)
            return
        self.world["seen"]["fusion"] += "Fusionné" in told
        for whose in ("leur", "mienne"):
            self.world["seen"][whose] += any(
                name.endswith("-choix") and value.startswith(f"{whose}:")
                for name, value in form.data.items()
            )
        values = {value for row in after.values() for value in row.values()}
        lost = {n: v for n, v in form.typed.items() if v not in values and v not in given_up}
        assert not lost, f"typed, saved says the page, and nowhere: {lost}"
        assert not values & given_up
        del self.open[who, page]

    # --- What must hold ---------------------------------------------------------------------------

    def choose(self, form, theirs):
        """Take the other's value in some of the conflicts; the typed values thus given up."""
        given_up = set()
        choices = sorted(name for name in form.data if name.endswith("-choix"))
        for rank, name in enumerate(choices):
            if theirs >> rank % 4 & 1:
                form.data[name] = form.data[name].replace("mienne:", "leur:")
            if form.data[name].startswith("leur:"):
                given_up |= {form.typed.get(name.removesuffix("-choix"))} - {None}
        # A value typed after the choice was offered is not given up: the page asks again.
        return {value for value in given_up if value in form.shown}

    def check_no_silent_overwrite(self, form, before, after):
        for key, values in before.items():
            for name, value in values.items():
                now = after.get(key, {}).get(name)
                if now != value:
                    assert value in form.shown, f"{key}.{name}: {value} → {now}, never shown"


@pytest.fixture
def world(db, normandie):
    tokens = Tokens()
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    agents = [
        f.SecretariatFactory(regions=[normandie], nom="Sacha Secrétariat"),
        f.RedacteurFactory(regions=[normandie], nom="René Rédacteur"),
    ]

    def values(model):
        return {
            name: tokens.new(NOMBRES if name in EN_NOMBRES else TEXTES) for name in SUIVIS[model]
        }

    contrat = f.ContratFactory(territoire=territoire, publication="brouillon", **values(Contrat))
    for _ in range(2):
        f.SignataireFactory(contrat=contrat, **values(Signataire))
        f.AvenantFactory(contrat=contrat, **values(Avenant))
    pages = [address(Contrat, "change", contrat.pk)]
    for _ in range(2):
        projet = f.ProjetFactory(
            territoire=territoire, contrat=contrat, publication="brouillon", **values(Projet)
        )
        for _ in range(2):
            f.FinancementFactory(projet=projet, **values(Financement))
        pages.append(address(Projet, "change", projet.pk))
    clients = [Client(), Client()]
    for client, agent in zip(clients, agents, strict=True):
        client.force_login(agent)
    return {
        "pages": pages,
        "clients": clients,
        "count": tokens.count,
        "fresh": {},
        "seen": Counter(),
    }


@pytest.mark.lent
@pytest.mark.parametrize(
    "number", [ECHANTILLON, pytest.param(ENTRELACEMENTS, marks=pytest.mark.epreuve)]
)
def test_nothing_is_lost_and_nothing_is_overwritten_unseen(world, number):
    machine = type("DeuxAgents", (DeuxAgents,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=number,
            stateful_step_count=PAS,
            deadline=None,
            phases=[Phase.generate],  # to shrink a failure takes longer than to read it
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Officers who never met would prove nothing.
    seen = world["seen"]
    assert min(seen["conflit"], seen["fusion"]) >= number // 10
    # So would conflicts that were all decided the same way.
    assert min(seen["leur"], seen["mienne"]) >= number // 20
