"""Two officers, many interleavings: nothing typed is lost unseen, nothing is overwritten unseen.

Beside their pages, they give one value to several records, import a file, undo both, make one
record of two, prepare a séance, try it and apply it; an administrator corrects those. The suite
draws `ECHANTILLON` of them, `make epreuves` `ENTRELACEMENTS`.

Every value is a token found nowhere else, so that a page shows a value when its text holds it.
"""

import random
import re
from collections import Counter

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from programme.models import Avenant, Contrat, Financement, Import, Projet, Seance, Signataire
from territoires.models import Modification
from tests import factories as f
from tests.fin_de_transaction import parenthese
from tests.programme.backoffice.imports.outils import agir, fichier, importer
from tests.programme.backoffice.imports.outils import page as apercu
from tests.programme.backoffice.outils import address, form_data

ECHANTILLON, ENTRELACEMENTS, PAS = 20, 200, 12
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
    Projet: ["beneficiaire", "objet", "filiere", "investissement_eur", "statut"],
    Financement: ["montant_demande_eur"],
}
EN_NOMBRES = {"nb_actions", "montant_eur", "investissement_eur", "montant_demande_eur"}
PORTES = ["deposer", "appliquer", "annuler", "fusionner", "corriger"]
SEANCE = ["preparer", "decider", "defaire"]
ACTES = ["type"] * 5 + ["save"] * 2 + ["answer"] * 2 + ["add", "delete", *PORTES, *SEANCE]
# The last is that of the project that a file brought, once there is one.
PAGES = [0] * 6 + [1, 2, 2, 3]
APPORTE, CHOIX = 3, 12


def stored():
    """{(model, key): {field: value}} of all that the two officers change."""
    return {
        (model, row["pk"]): {name: str(row[name] or "") for name in names}
        for model, names in SUIVIS.items()
        for row in model.objects.values("pk", *names)
    }


def sans_espace(text):
    """Without the spaces that group the digits of a number."""
    return re.sub(r"[\s\u00a0\u202f]+", "", text)


def text_of(response):
    """What the page says."""
    return sans_espace(response.content.decode())


class Tokens:
    """Values found nowhere else: a word, or a number of seven digits."""

    def __init__(self):
        self.count = 0

    def new(self, kind):
        self.count += 1
        return str(7_000_000 + self.count) if kind == NOMBRES else f"mot{self.count:05d}x"


class Acte:
    """What wrote several records at once: the state before and after it, and how it is undone."""

    def __init__(self, before, after):
        self.before, self.after = before, after

    def check_undone(self, before, after):
        """Undoing it overwrites nothing but what it wrote, and gives back all that stood before."""
        for key, name in sorted(differences(before, after), key=str):
            assert told(before, key, name) == told(self.after, key, name), (key, name)
        for key, name in differences(self.before, self.after):
            assert told(after, key, name) == told(self.before, key, name), (key, name)


def told(state, key, name):
    """A value of what `stored` gave; None for a record that is not there."""
    return state.get(key, {}).get(name)


def differences(one, other):
    """{(record, field)} of the values that differ between two states."""
    return {
        (key, name)
        for key in {**one, **other}
        for name in SUIVIS[key[0]]
        if told(one, key, name) != told(other, key, name)
    }


class Formulaire:
    """One page open in one browser: what it would send, what was typed, what it has shown."""

    def __init__(self, data, shown):
        self.data, self.shown, self.typed, self.leurs = data, shown, {}, {}

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
        conflits = response.context["conflits"]
        self.leurs = {f"{one.adresse}-choix": sans_espace(one.leur) for one in conflits}
        values = set(self.typed.values())
        self.typed = {
            name: value
            for name, value in self.data.items()
            if isinstance(value, str) and value in values
        }


class DeuxAgents:
    """One interleaving, drawn from its rank alone: the same on every machine and database."""

    def __init__(self, world, rank):
        self.world, self.draw, self.acts = world, random.Random(rank), []
        self.open, self.tokens, self.saved = {}, Tokens(), False
        # What several records were given at once: waiting, done; the page of a merge; the merge.
        self.deposes, self.appliques, self.face_a_face, self.fusion = [], [], {}, None
        self.apporte = None
        # What a trial of the séance has shown; what it did, once applied.
        self.essai, self.seances = None, []
        self.tokens.count = self.world["count"]
        for who in range(2):
            # Both are typing, in some of the same fields: they will meet.
            self.type(who, 0, self.form(who, 0), who)
        # One has a project open, which may be merged in the other meanwhile.
        self.type(0, 2, self.form(0, 2), 0)

    def meet(self):
        """Do `PAS` acts."""
        for _ in range(PAS):
            self.acts.append(
                (
                    self.draw.choice(ACTES),
                    self.draw.randrange(2),
                    self.draw.choice(PAGES),
                    self.draw.randrange(CHOIX),
                )
            )
            self.do(*self.acts[-1])

    # --- What an officer does ---------------------------------------------------------------------

    def form(self, who, page):
        if (who, page) not in self.open:
            self.open[who, page] = Formulaire(*self.read(who, page))
        return self.open[who, page]

    def read(self, who, page):
        """(data of the form, text of the page); read once for all while nothing is saved."""
        fresh = self.world["fresh"]
        if self.saved or (who, page) not in fresh:
            response = self.world["clients"][who].get(self.address(page))
            read = form_data(response), text_of(response)
            if self.saved:
                return read
            fresh[who, page] = read
        data, text = fresh[who, page]
        return {**data}, text

    def address(self, page):
        if page == APPORTE:
            return address(Projet, "change", self.apporte)
        return self.world["pages"][page]

    def do(self, act, who, page, pick):
        if act in PORTES + SEANCE:
            return getattr(self, act)(who, pick)
        if page == APPORTE and not self.may_open_apporte(who):
            page = 0
        return getattr(self, act)(who, page, self.form(who, page), pick)

    def may_open_apporte(self, who):
        """Whether the project of a file is there, or is still on the officer's screen."""
        there = Projet.objects.filter(pk=self.apporte).exists()
        return there or (who, APPORTE) in self.open

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
        response = self.world["clients"][who].post(self.address(page), form.data)
        after = stored()
        if response.status_code in {403, 409}:
            self.given_back(who, page, form, response)
            assert after == before
            return
        assert response.status_code in {200, 302}
        self.check_no_silent_overwrite(form, before, after)
        said = " ".join(str(message) for message in get_messages(response.wsgi_request))
        if response.status_code == 200:
            self.world["seen"]["conflit"] += bool(response.context["conflits"])
            self.world["seen"]["fusion"] += bool(response.context["reprises"])
            assert after == before
            form.came_back(response)
            if pick % 2:  # chooses at once; else others may act in between
                self.save(who, page, form, pick >> 1)
            return
        self.world["seen"]["fusion"] += "Fusionné" in said
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

    def given_back(self, who, page, form, response):
        """The record is another's, or gone: all that was typed is said, and the page is left."""
        text = text_of(response)
        lost = {name: value for name, value in form.typed.items() if value not in text}
        assert not lost, f"typed, and lost with its record: {lost}"
        self.world["seen"]["rendu"] += bool(form.typed)
        del self.open[who, page]

    # --- What an officer does to several records at once ------------------------------------------

    def deposer(self, who, pick):
        """A file that changes one project and brings another, or one value for both projects."""
        client, projets = self.world["clients"][who], self.world["projets"]
        if pick % 2:
            changed = Projet.objects.get(pk=projets[pick // 2 % 2].pk)
            objet, montant, new = map(self.tokens.new, (TEXTES, NOMBRES, TEXTES))
            rows = (changed.code, changed.beneficiaire, objet, montant), (new, new, "", "")
            names = "code", "beneficiaire", "objet", "investissement_eur", "territoire"
            here = changed.territoire_id
            content = fichier(*(dict(zip(names, (*row, here), strict=True)) for row in rows))
            depot = importer(client, "projets", content)
            written = {changed.beneficiaire, objet, montant, new}
        else:
            written = {self.tokens.new(TEXTES)}
            asked = {
                "action": "modifier_ensemble",
                ACTION_CHECKBOX_NAME: [projet.pk for projet in projets],
                "colonne": "filiere",
                "valeur": [*written],
            }
            client.post(address(Projet, "changelist"), asked)
            depot = Import.objects.latest("pk")
        self.deposes.append((who, depot, written))

    def appliquer(self, who, pick):
        """Apply what waits, as its preview said, without what is refused."""
        if not self.deposes:
            self.deposer(who, pick)
        who, depot, written = self.deposes.pop(pick % len(self.deposes))
        client, before = self.world["clients"][who], stored()
        for _ in range(3):
            shown = text_of(client.get(apercu("projets", depot)))
            depot.refresh_from_db()
            if depot.etat == Import.Etat.ERRONE and depot.est_groupee:
                agir(client, "projets", depot, "ecarter")
            elif depot.etat == Import.Etat.A_CONFIRMER:
                agir(client, "projets", depot, "appliquer")
        after, self.saved = stored(), True
        self.check_seen(shown, before, after)
        if depot.etat != Import.Etat.APPLIQUE:
            assert after == before
            return
        changed = differences(before, after)
        assert {told(after, *one) for one in changed if told(after, *one)} <= written
        self.appliques.append((who, depot, Acte(before, after)))
        self.world["seen"]["ensemble" if depot.est_groupee else "import"] += bool(changed)
        if new := {key for key, _ in changed if key not in before}:
            self.open = {at: form for at, form in self.open.items() if at[1] != APPORTE}
            self.apporte = new.pop()[1]

    def annuler(self, who, pick):
        """Undo the last that was applied, or read why it cannot be any more."""
        if not self.appliques:
            self.appliquer(who, pick)
        if not self.appliques:
            return
        who, depot, acte = self.appliques.pop()
        before, self.saved = stored(), True
        agir(self.world["clients"][who], "projets", depot, "annuler")
        after = stored()
        if depot.etat == Import.Etat.ANNULE:
            acte.check_undone(before, after)
            self.world["seen"]["annulé"] += 1
        else:
            assert depot.remarques
            assert after == before

    def fusionner(self, who, pick):
        """Open the two projects side by side, then make them one: at once, or later."""
        garde, absorbe = self.world["projets"]
        client = self.world["clients"][who]
        page = f"{address(Projet, 'fusionner', garde.pk)}?avec={absorbe.pk}"
        if who not in self.face_a_face:
            response = client.get(page)
            if response.status_code == 403:
                # Merged already; or decided by a séance, which a rédacteur no longer changes.
                decides = Projet.objects.filter(statut=Projet.Statut.CONTRACTUALISE)
                assert self.fusion is not None or (who == 1 and decides.exists())
                return
            form = response.context["form"]
            data = {name: form[name].value() for name in form.fields}
            for rank, name in enumerate(sorted(data.keys() - {"empreinte"})):
                data[name] = ("garde", "absorbe")[pick >> rank % 4 & 1]
            self.face_a_face[who] = data, text_of(response)
            if pick % 3:
                return
        data, shown = self.face_a_face.pop(who)
        before, self.saved = stored(), True
        response = client.post(page, data)
        after = stored()
        self.check_seen(shown, before, after)
        if response.status_code == 302:
            self.fusion = Acte(before, after)
            self.world["seen"]["fusionné"] += 1
            if pick % 2 and (0, 2) in self.open:
                # Whoever still has the other one open saves it now.
                self.save(0, 2, self.open[0, 2], pick)
        else:
            assert response.status_code in {400, 403, 409}
            assert response.context["empechement"] or response.context["form"].errors
            assert after == before

    def corriger(self, who, pick):
        """An administrator says that the two are not the same, or reads why it is too late."""
        if self.fusion is None:
            self.fusionner(who, 3 * (pick % 4))  # at once
        if self.fusion is None:
            return
        acte = Modification.objects.filter(acte="fusionner").latest("pk")
        page = reverse("admin:territoires_modification_corriger", args=[acte.pk])
        before, self.saved = stored(), True
        response = self.world["national"].post(page, {"motif": "Ce sont deux projets."})
        after = stored()
        if response.status_code == 302:
            self.fusion.check_undone(before, after)
            self.fusion = None
            self.world["seen"]["corrigé"] += 1
        else:
            assert response.status_code == 409
            assert after == before

    # --- What a séance does -----------------------------------------------------------------------

    def preparer(self, who, pick):
        """Add one of the projects to what the séance decides, or read why it cannot be."""
        projet = self.world["projets"][pick % 2]
        page = address(Seance, "preparer", self.world["seance"].pk)
        offre = f"projet:{projet.pk}:contractualiser"
        before = stored()
        response = self.world["clients"][who].post(page, {"offre": offre})
        assert response.status_code in {302, 409}
        assert stored() == before

    def decider(self, who, pick):
        """Try what it has prepared, then apply what was read: at once, or later."""
        if self.essai is None:
            self.preparer(who, pick)
            self.essayer()
            if pick % 3 == 1:
                return
        shown, empreinte = self.essai
        self.essai, before, self.saved = None, stored(), True
        page = address(Seance, "essayer", self.world["seance"].pk)
        data = {"appliquer": "oui", "empreinte": empreinte}
        response = self.world["clients"][0].post(page, data)
        after = stored()
        if response.status_code == 302:
            self.check_seen(shown, before, after)
            self.seances.append(Acte(before, after))
            self.world["seen"]["appliqué"] += before != after
        else:
            assert response.status_code == 409
            assert response.context["dit"]
            assert after == before

    def essayer(self):
        page, before = address(Seance, "essayer", self.world["seance"].pk), stored()
        response = self.world["clients"][0].post(page)
        assert stored() == before
        self.essai = text_of(response), response.context["essai"].empreinte

    def defaire(self, who, pick):
        """An administrator says that the séance was a mistake, or reads why it is too late."""
        if not self.seances:
            self.decider(who, 0)
        if not self.seances:
            return
        acts = Modification.objects.filter(acte="seance", correction__isnull=True)
        page = reverse("admin:territoires_modification_corriger", args=[acts.latest("pk").pk])
        before, self.saved = stored(), True
        response = self.world["national"].post(page, {"motif": "Rien n’a été décidé."})
        after = stored()
        if response.status_code == 302:
            self.seances.pop().check_undone(before, after)
            self.world["seen"]["défait"] += 1
        else:
            assert response.status_code == 409
            assert after == before

    # --- What must hold ---------------------------------------------------------------------------

    def check_seen(self, shown, before, after):
        """What was overwritten was on the page that asked for it."""
        for key, name in differences(before, after):
            value = told(before, key, name)
            assert not value or value in shown, f"{key}.{name}: {value}, never shown"

    def choose(self, form, theirs):
        """Take the other's value in some of the conflicts; the typed values thus given up."""
        given_up = set()
        now = {value for row in stored().values() for value in row.values()}
        choices = sorted(name for name in form.data if name.endswith("-choix"))
        for rank, name in enumerate(choices):
            if theirs >> rank % 4 & 1:
                form.data[name] = form.data[name].replace("mienne:", "leur:")
            # What its author took back since is contested no more: the typed value stands.
            if form.data[name].startswith("leur:") and form.leurs.get(name) in now:
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
            name: tokens.new(NOMBRES if name in EN_NOMBRES else TEXTES)
            for name in SUIVIS[model]
            if name != "statut"
        }

    contrat = f.ContratFactory(territoire=territoire, publication="brouillon", **values(Contrat))
    for _ in range(2):
        f.SignataireFactory(contrat=contrat, **values(Signataire))
        f.AvenantFactory(contrat=contrat, **values(Avenant))
    pages, projets = [address(Contrat, "change", contrat.pk)], []
    for _ in range(2):
        projet = f.ProjetFactory(
            territoire=territoire,
            contrat=contrat,
            publication="brouillon",
            statut=Projet.Statut.REMONTE,
            **values(Projet),
        )
        for _ in range(2):
            f.FinancementFactory(projet=projet, **values(Financement))
        pages.append(address(Projet, "change", projet.pk))
        projets.append(projet)
    *clients, national = Client(), Client(), Client()
    for client, agent in zip([*clients, national], [*agents, f.NationalFactory()], strict=True):
        client.force_login(agent)
    return {
        "pages": pages,
        "projets": projets,
        "seance": f.SeanceFactory(comite_regional__region=normandie, date=timezone.localdate()),
        "clients": clients,
        "national": national,
        "count": tokens.count,
        "fresh": {},
        "seen": Counter(),
    }


@pytest.mark.lent
@pytest.mark.parametrize(
    "number", [ECHANTILLON, pytest.param(ENTRELACEMENTS, marks=pytest.mark.epreuve)]
)
def test_nothing_is_lost_and_nothing_is_overwritten_unseen(world, number):
    for rank in range(number):
        with parenthese():
            agents = DeuxAgents(world, rank)
            try:
                agents.meet()
            except Exception as fault:
                fault.add_note(f"interleaving {rank}: {agents.acts}")
                raise
    # Officers who never met would prove nothing.
    seen = world["seen"]
    assert min(seen["conflit"], seen["fusion"]) >= number // 10
    # So would conflicts that were all decided the same way.
    assert min(seen["leur"], seen["mienne"]) >= number // 20
    # And doors that never opened.
    doors = "import", "ensemble", "annulé", "fusionné", "corrigé", "rendu", "appliqué", "défait"
    assert min(seen[door] for door in doors) >= number // 20, seen
