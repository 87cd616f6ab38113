"""The whole matrix of rights: role × model × door, as a table kept in the repository.

`matrice.md` is what this test finds by asking every door; a right that changes shows in its diff.
To write it again: `ECRIRE_MATRICE=1 pytest tests/programme/backoffice/test_matrice.py`.
"""

import os
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.db.models.fields.files import FieldFile
from django.test import Client

from programme.backoffice.verrou import parent_of
from programme.models import Proposition, Publication
from programme.models.base import Publiable
from territoires.models import Role
from tests import factories as f
from tests.programme.backoffice.monde import rows, texts
from tests.programme.backoffice.outils import address, form_data

TABLE = Path(__file__).parent / "matrice.md"
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.verbose_name)
HEADING = """# Qui peut quoi, porte par porte

Écrit par `test_matrice.py`, qui frappe à chaque porte. « oui » : la porte s’ouvre ; « non » : 403
ou 404, et la réponse ne nomme pas l’enregistrement ; « – » : la porte n’existe pas pour ce modèle.
« proposer » : ce qui est publié se propose dans le même formulaire, sans rien changer ;
« rétablir » : remettre une valeur de l’historique ; « fichier » : la pièce d’un document.
« Hors périmètre » : un enregistrement d’une autre région ou d’un autre opérateur, à toutes les
portes (page, modification forgée, suppression, historique, version, rétablissement, acte, choix,
export, fichier). « commun » : ce rôle voit les enregistrements de tous.
"""
COLUMNS = [
    "modèle", "liste", "ajouter", "voir", "modifier (brouillon)", "modifier (publié)",
    "proposer (publié)",
    "supprimer (brouillon)", "supprimer (publié)", "historique", "suppressions",
    "rétablir (brouillon)", "rétablir (publié)", "importer", "exporter", "fichier", "choix",
    "lignes", "actes", "hors périmètre",
]  # fmt: skip
OPEN, CLOSED, ABSENT = "oui", "non", "–"
# A field of each form, and another value for it.
AUTREMENT = {
    **dict.fromkeys(("source", "objet", "texte", "fonction", "titre", "nom", "lieu"), "Précision"),
    "elu": "Camille Martin",
    "montant_verse_eur": "7",
}
# Pages of a record that have a column of their own.
KNOWN = {"history", "delete", "change", "version"}


def agent_of(role, region, operateur):
    if role == Role.REFERENT:
        return f.ReferentAgentFactory(operateur=operateur)
    return f.AgentFactory(role=role, regions=[] if role == Role.NATIONAL else [region])


def says(page, word):
    """Whether a page says this, and not a longer word: « Camille Martin 2 » is not in « … 21 »."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", page) is not None


class Doors:
    """Knocks at the doors of one model for one client; every refusal is checked for leaks."""

    def __init__(self, client, model, hidden, ours, other):
        self.client, self.model, self.hidden, self.other = client, model, hidden, other
        # What the agent's own rows say too betrays nothing; the key was in the address.
        self.innocent = {text for row in ours for text in texts(row)}
        self.admin = admin.site._registry[model]
        self.urls = self.admin.get_urls()
        self.versioned = hasattr(model, "history")
        self.shown = {}

    def _get(self, page):
        """What a page answers; asked once for as long as nothing is sent."""
        if page not in self.shown:
            self.shown[page] = self.client.get(page)
        return self.shown[page]

    def _post(self, page, data, **options):
        self.shown.clear()
        return self.client.post(page, data, **options)

    def _answer(self, response, row=None):
        assert response.status_code in {200, 302, 403, 404}, response
        if response.status_code in {200, 302}:
            return OPEN
        if row is not None and self.hidden.get(type(row)) == str(row.pk):
            self._check_leaks(response, row)
        return CLOSED

    def _check_leaks(self, response, row):
        body = response.content.decode()
        words = texts(row) - self.innocent - {str(row.pk)}
        leaks = [word for word in words if says(body, word)]
        if leaks:
            any_page = self.client.get("/nulle-part/").content.decode()
            leaks = [word for word in leaks if not says(any_page, word)]
        assert not leaks, f"{response.wsgi_request.path} : {leaks}"

    def get(self, page, *args, row=None):
        return self._answer(self._get(address(self.model, page, *args)), row)

    def view(self, row):
        return self.get("change", row.pk, row=row)

    def history(self, row):
        return self.get("history", row.pk, row=row) if self.versioned else ABSENT

    def version(self, row):
        record = row.history.first()
        return self.get("version", row.pk, record.history_id, row=row)

    def change(self, row):
        """The form is sent as it was shown; where none is shown, a forged post."""
        page = address(self.model, "change", row.pk)
        shown = self._get(page)
        if b'name="_proposer"' in shown.content:
            return self._forged_save(page, shown, row)
        editable = shown.status_code == 200 and b'name="_save"' in shown.content
        data = form_data(shown) if editable else {"version_vue": getattr(row, "version", 1)}
        data.pop("password", None)
        response = self._post(page, data)
        if editable:
            assert response.status_code == 302, (self.model, response.context["errors"])
        return self._answer(response, row)

    def _forged_save(self, page, shown, row):
        """A form that only proposes saves nothing, even when it is told to save."""
        response = self._post(page, {**form_data(shown), "source": "x", "_save": "on"})
        assert "_proposer" in response.content.decode()
        assert self.model._base_manager.get(pk=row.pk).version == row.version
        return CLOSED

    def propose(self, row):
        """Whether the form of a published row makes a proposal, which changes nothing."""
        page = address(self.model, "change", row.pk)
        shown = self._get(page)
        known = Proposition.objects.count()
        data = form_data(shown) if b'name="_proposer"' in shown.content else {}
        name = next((name for name in AUTREMENT if name in data), "source")
        data |= {name: AUTREMENT[name], "motif_proposition": "Vu", "_proposer": "on"}
        self._post(page, data)
        assert self.model._base_manager.get(pk=row.pk).version == row.version
        return OPEN if Proposition.objects.count() > known else CLOSED

    def delete(self, row):
        return self.get("delete", row.pk, row=row)

    def deleted(self):
        return self.get("supprimes") if self.versioned else ABSENT

    def restore(self, row):
        if not self.versioned:
            return ABSENT
        return self.get("retablir", row.pk, row.history.first().history_id, row=row)

    def imports(self):
        return self.get("importer") if self._has("importer") else ABSENT

    def export(self):
        """The file of the list; nothing hidden is in it."""
        if not self._has("exporter"):
            return ABSENT
        response = self.client.get(address(self.model, "exporter", "csv"))
        if response.status_code == 200:
            file = b"".join(response).decode()
            words = texts(self.other) - self.innocent if self.model in self.hidden else set()
            assert not [word for word in words if says(file, word)], self.model
        return self._answer(response)

    def file(self, row):
        """The one door of the documents' files."""
        if not isinstance(getattr(row, "fichier", None), FieldFile):
            return ABSENT
        return self._answer(self.client.get(f"/documents/{row.pk}/"), row)

    def _has(self, page):
        suffix = f"{self.model._meta.app_label}_{self.model._meta.model_name}_{page}"
        return any(pattern.name == suffix for pattern in self.urls)

    def choices(self):
        """The autocomplete of each relation; nothing hidden is in the answers."""
        fields = self.admin.autocomplete_fields
        if not fields:
            return ABSENT
        answers = set()
        for field in fields:
            query = {
                "app_label": self.model._meta.app_label,
                "model_name": self.model._meta.model_name,
                "field_name": field,
                "term": "",
            }
            response = self.client.get("/admin/autocomplete/", query)
            answers.add(self._answer(response))
            if response.status_code == 200:
                target = self.model._meta.get_field(field).related_model
                found = {result["id"] for result in response.json()["results"]}
                assert self.hidden.get(target) not in found, field
        return " / ".join(sorted(answers, reverse=True))

    def acts(self, row):
        page = address(self.model, "changelist")
        response = self._get(page)
        form = response.context.get("action_form") if response.status_code == 200 else None
        names = [name for name, _ in form.fields["action"].choices if name] if form else []
        names += [name for name in self.own_pages() if self.get(name, row.pk, row=row) == OPEN]
        names = [name.replace("delete_selected", "supprimer").replace("_", " ") for name in names]
        return ", ".join(sorted(names)) or CLOSED

    def own_pages(self):
        """Names of the pages that this model's screen alone has, for one record."""
        prefix = f"{self.model._meta.app_label}_{self.model._meta.model_name}_"
        found = [
            pattern.name.removeprefix(prefix)
            for pattern in self.urls
            if pattern.name and list(pattern.pattern.converters) == ["object_id"]
        ]
        return [name for name in found if name not in KNOWN]

    def forged_act(self, row):
        """An act on a row that the list does not show: no effect, and nothing told."""
        before = type(row)._base_manager.get(pk=row.pk)
        for act in ("delete_selected", "publier"):
            data = {"action": act, "_selected_action": [row.pk], "post": "yes"}
            response = self._post(address(self.model, "changelist"), data, follow=True)
            self._check_leaks(response, row)
        after = type(row)._base_manager.get(pk=row.pk)
        assert getattr(before, "version", 1) == getattr(after, "version", 1)
        return CLOSED


def rows_in_pages(client, inside):
    """{model of the rows: oui | voir | non}: what the inlines of other pages let do."""
    found = {}
    for parent, row in inside.items():
        inlines = admin.site._registry[parent].inlines
        if not inlines:
            continue
        response = client.get(address(parent, "change", row.pk))
        shown = {}
        if response.status_code == 200:
            for inline in response.context["inline_admin_formsets"]:
                shown[inline.opts.model] = OPEN if inline.has_change_permission else "voir"
        for inline in inlines:
            found.setdefault(inline.model, set()).add(shown.get(inline.model, CLOSED))
    return {model: " / ".join(sorted(answers, reverse=True)) for model, answers in found.items()}


def outside(doors, agent, row):
    """« commun », or « non » when every door of a row outside the perimeter is closed."""
    model = type(row)
    if model._default_manager.visible_to(agent).filter(pk=row.pk).exists():
        return "commun"
    answers = {doors.view(row), doors.change(row), doors.delete(row), doors.forged_act(row)}
    if doors.versioned:
        answers |= {doors.history(row), doors.version(row), doors.restore(row)}
    answers |= {doors.get(page, row.pk, row=row) for page in doors.own_pages()}
    if (file := doors.file(row)) != ABSENT:
        answers.add(file)
    return " / ".join(sorted(answers, reverse=True))


def line(doors, agent, *, draft, published, other, lines):
    model = doors.model
    follows = issubclass(model, Publiable) or getattr(model, "publication_lookups", ())
    return [
        model._meta.verbose_name,
        doors.get("changelist"),
        doors.get("add"),
        doors.view(draft[model]),
        doors.change(draft[model]),
        doors.change(published[model]) if follows else ABSENT,
        doors.propose(published[model]) if parent_of(model) is not None else ABSENT,
        doors.delete(draft[model]),
        doors.delete(published[model]) if follows else ABSENT,
        doors.history(draft[model]),
        doors.deleted(),
        doors.restore(draft[model]),
        doors.restore(published[model]) if follows else ABSENT,
        doors.imports(),
        doors.export(),
        doors.file(draft[model]),
        doors.choices(),
        lines.get(model, ABSENT),
        doors.acts(draft[model]),
        outside(doors, agent, other[model]),
    ]


def table_of(role):
    """The lines of a role's table, as Markdown."""
    ours, theirs = f.RegionFactory(code="28"), f.RegionFactory(code="53")
    operateur = f.OperateurFactory(nom="Notre opérateur")
    draft = rows(ours, operateur, Publication.BROUILLON)
    published = rows(ours, operateur, Publication.PUBLIE)
    other = rows(theirs, f.OperateurFactory(nom="Autre opérateur"), Publication.BROUILLON)
    agent = agent_of(role, ours, operateur)
    hidden = {
        model: str(row.pk)
        for model, row in other.items()
        if not model._default_manager.visible_to(agent).filter(pk=row.pk).exists()
    }
    client = Client()
    client.force_login(agent)
    lines = rows_in_pages(client, draft)
    world = {"draft": draft, "published": published, "other": other, "lines": lines}
    body = [
        line(
            Doors(client, model, hidden, [draft[model], published[model]], other[model]),
            agent,
            **world,
        )
        for model in MODELS
    ]
    cells = [COLUMNS, ["---"] * len(COLUMNS), *body]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in cells)


def kept():
    """{role: table} of the file."""
    text = TABLE.read_text() if TABLE.exists() else ""
    return dict(re.findall(r"^## (.+)\n\n((?:\|.*\n)+)", text, re.MULTILINE))


# What a door answers follows `visible_to`, which each database proves by itself
# (test_models_perimetre): the same answers need not be asked of both.
@pytest.mark.une_base
@pytest.mark.lent
@pytest.mark.parametrize("role", Role)
def test_the_matrix_is_what_the_doors_answer(db, role):
    found = table_of(role) + "\n"
    tables = kept()
    if os.environ.get("ECRIRE_MATRICE"):
        tables[role.value] = found
        sections = [f"## {name}\n\n{tables[name]}" for name in Role.values if name in tables]
        TABLE.write_text("\n".join([HEADING, *sections]))
    else:
        assert found.splitlines() == tables[role.value].splitlines()


@pytest.mark.lent
def test_nobody_enters_without_signing_in(db, client):
    made = rows(f.RegionFactory(code="28"), f.OperateurFactory(), Publication.BROUILLON)
    for model, row in made.items():
        pages = [address(model, "changelist"), address(model, "add")]
        pages += [address(model, page, row.pk) for page in ("change", "delete", "history")]
        for page in pages:
            for response in (client.get(page), client.post(page, {"post": "yes"})):
                assert response.status_code == 302
                assert response.url == f"/admin/login/?next={page}"


def test_the_matrix_says_what_the_rule_says(db):
    """The two sentences that officers ask first, read from the file itself."""
    tables = {role: table.splitlines() for role, table in kept().items()}
    contract = next(row for row in tables["rédacteur régional"] if row.startswith("| contrat |"))
    cells = dict(
        zip(COLUMNS, [cell.strip() for cell in contract.strip("|").split("|")], strict=True)
    )
    assert (cells["modifier (brouillon)"], cells["modifier (publié)"]) == ("oui", "non")
    assert cells["hors périmètre"] == "non"
    for role, table in tables.items():
        if role != "administrateur national":
            agents = next(row for row in table if row.startswith("| agent |"))
            assert "oui" not in agents
