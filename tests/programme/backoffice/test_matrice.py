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
from django.urls import reverse

from programme.backoffice.cadre.presence import battre
from programme.backoffice.verrou import parent_of
from programme.models import (
    Contrat,
    DecisionPreparee,
    Import,
    Proposition,
    Publication,
    VueDeListe,
)
from programme.models.base import Publiable
from territoires.ajustements import Ajustement
from territoires.models import Role
from tests import factories as f
from tests.fin_de_transaction import parenthese
from tests.programme.backoffice.monde import rows, texts
from tests.programme.backoffice.outils import address, form_data

TABLE = Path(__file__).parent / "matrice.md"
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.verbose_name)
HEADING = """# Qui peut quoi, porte par porte

Écrit par `test_matrice.py`, qui frappe à chaque porte. « oui » : la porte s’ouvre ; « non » : 403
ou 404, et la réponse ne nomme pas l’enregistrement ; « – » : la porte n’existe pas pour ce modèle.
« proposer » : ce qui est publié se propose dans le même formulaire, sans rien changer ;
« rétablir » : remettre une valeur de l’historique ; « fichier » : la pièce d’un document ;
« vues » : garder les filtres de la liste sous un nom ; « présence » : qui a la fiche ouverte ;
« présences » : la même question, de plusieurs fiches à la fois ; « autres pages » : celles qui ont
une clé à elles (un import, une vue gardée, une décision préparée…), ou qui n’en ont pas.
« Hors périmètre » : un enregistrement d’une autre région ou d’un autre opérateur, à toutes les
portes (page, modification forgée, suppression, historique, version, rétablissement, acte, choix,
export, fichier, présences, autres pages). « commun » : ce rôle voit les enregistrements de tous.
Une porte que ni ces tables ni la dernière, celle des pages communes, ne nomme fait échouer le test.
"""
COMMUNES = "pages communes à tous les écrans"
COLUMNS = [
    "modèle", "liste", "ajouter", "voir", "modifier (brouillon)", "modifier (publié)",
    "proposer (publié)",
    "supprimer (brouillon)", "supprimer (publié)", "historique", "suppressions",
    "rétablir (brouillon)", "rétablir (publié)", "importer", "exporter", "fichier", "choix",
    "lignes", "vues", "présence", "présences", "autres pages", "actes", "hors périmètre",
]  # fmt: skip
OPEN, CLOSED, ABSENT = "oui", "non", "–"
# A field of each form, and another value for it.
AUTREMENT = {
    **dict.fromkeys(("source", "objet", "texte", "fonction", "titre", "nom", "lieu"), "Précision"),
    "elu": "Camille Martin",
    "montant_verse_eur": "7",
}
# Pages of a record that have a column of their own, then of a list.
KNOWN = {"history", "delete", "change", "version", "presence"}
LISTED = {
    "add", "changelist", "supprimes", "retablir", "importer", "exporter", "garder_vue", "presences",
}  # fmt: skip
# The other pages, and what each is asked with: one's own things, or files that are nobody's…
SANS_FICHE = {
    "vue": lambda doors, row: [doors.own_view().pk],
    "import": lambda doors, row: [doors.own_import().pk],
    "import_colonnes": lambda doors, row: [doors.own_import().pk],
    "import_erreurs": lambda doors, row: [doors.own_import().pk],
    "import_modele": lambda doors, row: ["csv"],
    "faire": lambda doors, row: [],
    "occulter": lambda doors, row: [],
}
# … or the record itself.
DE_LA_FICHE = {
    "corriger": lambda doors, row: [row.pk],
    "carte": lambda doors, row: [row.pk],
    "acte": lambda doors, row: [row.pk, "ajouter"],
    "acte_territoire": lambda doors, row: [row.pk, "renommer", contract_of(row).territoire_id],
    "defaire": lambda doors, row: [row.pk, act_on_the_map(row).pk],
    "preparee": lambda doors, row: [row.pk, prepared(row).pk],
    "preparer_acte": lambda doors, row: [row.pk, "contrat", contract_of(row).pk, "abandonner"],
}
AUTRES = SANS_FICHE | DE_LA_FICHE
# Pages of the site that are about no model: what each is asked with, and how its query ends.
SITE = {
    "index": ([], ""),
    "app_list": (["programme"], ""),
    "jsi18n": ([], ""),
    "chercher": ([], "?q=alencon"),
    "lire": ([], "?genre=entier&texte=12"),
    "lieu": ([], "?commune=61001"),
    "pourquoi": ([], ""),
    "avis": ([], ""),
    "avis_rythme": ([], ""),
    "bureau_incomplets": ([], ""),
    "bureau_sommeil": ([], ""),
    "bureau_calendrier": ([], ""),
    "quitter_voir_comme": ([], ""),
}
POSTED = {"quitter_voir_comme"}
# « choix » asks the first of each relation; the others are anybody's way in, or one's own account.
HORS_TABLE = {"autocomplete", "login", "logout", "password_change", "password_change_done"}


def agent_of(role, region, operateur):
    if role == Role.REFERENT:
        return f.ReferentAgentFactory(operateur=operateur)
    return f.AgentFactory(role=role, regions=[] if role == Role.NATIONAL else [region])


def says(page, word):
    """Whether a page says this, and not a longer word: « Camille Martin 2 » is not in « … 21 »."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", page) is not None


def contract_of(seance):
    """A draft that its committee follows."""
    region = seance.comite_regional.region
    return Contrat.objects.filter(territoire__region_porteuse=region).order_by("pk").first()


def prepared(seance):
    contrat = contract_of(seance)
    rows = DecisionPreparee.objects
    return rows.filter(seance=seance).first() or f.DecisionPrepareeFactory(
        seance=seance, contrat=contrat
    )


def act_on_the_map(seance):
    """What it decided of the map, and has not applied."""
    known = seance.decisions.filter(ajustement__isnull=False).first()
    if known is not None:
        return known
    act = Ajustement.renommer(contract_of(seance).territoire, "Autre nom", le=seance.date)
    return f.DecisionFactory(seance=seance, type="carte", ajustement=act.to_json())


def pages_of(screen):
    """{name: names of what its address is asked with}: all the pages of one screen."""
    prefix = f"{screen.opts.app_label}_{screen.opts.model_name}_"
    return {
        pattern.name.removeprefix(prefix): list(pattern.pattern.converters)
        for pattern in screen.get_urls()
        if pattern.name
    }


class Doors:
    """Knocks at the doors of one model for one client; every refusal is checked for leaks."""

    def __init__(self, client, agent, model, *, hidden, ours, other):
        self.client, self.agent, self.model = client, agent, model
        self.hidden, self.other = hidden, other
        # What the agent's own rows say too betrays nothing; the key was in the address.
        self.innocent = {text for row in ours for text in texts(row)}
        self.admin = admin.site._registry[model]
        self.pages = pages_of(self.admin)
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

    def presence(self, row):
        """Who has a record open: asked, then said."""
        if not self._has("presence"):
            return ABSENT
        page = address(self.model, "presence", row.pk)
        answers = {self._answer(self._get(page), row), self._answer(self._post(page, {}), row)}
        return " / ".join(sorted(answers, reverse=True))

    def presences(self, row):
        """Who has records open, asked then said of many; nothing of a row that is elsewhere."""
        if not self._has("presences"):
            return ABSENT
        page = address(self.model, "presences")
        battre(row, f.AgentFactory(role=Role.NATIONAL, nom="Sacha Ailleurs"))
        asked = {"QUERY_STRING": f"fiches={row.pk}"}
        shown = [self.client.get(page, **asked), self._post(page, {}, **asked)]
        known = OPEN in {self._answer(one) for one in shown}
        inside = self.model._default_manager.visible_to(self.agent).filter(pk=row.pk).exists()
        for one in shown:
            assert ("Sacha Ailleurs" in one.content.decode()) == (known and inside), self.model
        return " / ".join(sorted({self._answer(one) for one in shown}, reverse=True))

    def others(self, row):
        """Names of the pages that open, of those that no column asks for."""
        names = [name for name in self.pages if name in AUTRES]
        opened = [
            name for name in names if self.get(name, *AUTRES[name](self, row), row=row) == OPEN
        ]
        if not names:
            return ABSENT
        return ", ".join(sorted(name.replace("_", " ") for name in opened)) or CLOSED

    def own_view(self):
        kept = VueDeListe.objects.filter(agent=self.agent, liste=self.model._meta.label_lower)
        return kept.first() or f.VueDeListeFactory(
            agent=self.agent, liste=self.model._meta.label_lower, filtres=[["q", "forge"]]
        )

    def own_import(self):
        genre = self.admin.importation.nom
        kept = Import.objects.filter(agent=self.agent, genre=genre)
        return kept.first() or f.ImportFactory(agent=self.agent, genre=genre)

    def file(self, row):
        """The one door of the documents' files."""
        if not isinstance(getattr(row, "fichier", None), FieldFile):
            return ABSENT
        return self._answer(self.client.get(f"/documents/{row.pk}/"), row)

    def _has(self, page):
        return page in self.pages

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
        found = [name for name, keys in self.pages.items() if keys == ["object_id"]]
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
    answers |= {doors.file(row), doors.presence(row)} - {ABSENT}
    about_it = [name for name in doors.pages if name in DE_LA_FICHE]
    answers |= {doors.get(name, *DE_LA_FICHE[name](doors, row), row=row) for name in about_it}
    doors.presences(row)  # it opens on any key, and tells of none that is elsewhere
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
        doors.get("garder_vue"),
        doors.presence(draft[model]),
        doors.presences(draft[model]),
        doors.others(draft[model]),
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
            Doors(
                client,
                agent,
                model,
                hidden=hidden,
                ours=[draft[model], published[model]],
                other=other[model],
            ),
            agent,
            **world,
        )
        for model in MODELS
    ]
    cells = [COLUMNS, ["---"] * len(COLUMNS), *body]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in cells)


def site_pages():
    """Names of the pages of the admin that are about no model."""
    models = tuple(f"{m._meta.app_label}_{m._meta.model_name}_" for m in admin.site._registry)
    names = {pattern.name for pattern in admin.site.get_urls() if getattr(pattern, "name", None)}
    return sorted(name for name in names if not name.startswith(models))


def site_answers(role):
    """[oui | non] of each page of `SITE`, in order; none of them names what is elsewhere."""
    ours, theirs = f.RegionFactory(code="28"), f.RegionFactory(code="53")
    agent = agent_of(role, ours, f.OperateurFactory(nom="Notre opérateur"))
    f.CommuneFactory(code="61001", departement=f.DepartementFactory(region=ours))
    elsewhere = f.ContratFactory(
        territoire=f.TerritoireFactory(region_porteuse=theirs), intitule="Alençon ailleurs"
    )
    reads = Contrat.objects.visible_to(agent).filter(pk=elsewhere.pk).exists()
    client = Client()
    client.force_login(agent)
    answers = []
    for name, (args, query) in SITE.items():
        ask = client.post if name in POSTED else client.get
        response = ask(reverse(f"admin:{name}", args=args) + query)
        assert response.status_code in {200, 302, 403, 404}, name
        page = response.content.decode()
        assert reads or address(Contrat, "change", elsewhere.pk) not in page, name
        answers.append(OPEN if response.status_code in {200, 302} else CLOSED)
    return answers


def kept():
    """{role: table} of the file."""
    text = TABLE.read_text() if TABLE.exists() else ""
    return dict(re.findall(r"^## (.+)\n\n((?:\|.*\n)+)", text, re.MULTILINE))


def compare(title, found):
    """The table is that of the file, or becomes it."""
    tables = kept()
    if os.environ.get("ECRIRE_MATRICE"):
        tables[title] = found
        order = [name for name in (*Role.values, COMMUNES) if name in tables]
        sections = [f"## {name}\n\n{tables[name]}" for name in order]
        TABLE.write_text("\n".join([HEADING, *sections]))
    else:
        assert found.splitlines() == tables[title].splitlines()


# What a door answers follows `visible_to`, which each database proves by itself
# (test_models_perimetre): the same answers need not be asked of both.
@pytest.mark.une_base
@pytest.mark.lent
@pytest.mark.parametrize("role", Role)
def test_the_matrix_is_what_the_doors_answer(db, role):
    compare(role.value, table_of(role) + "\n")


@pytest.mark.une_base
def test_the_pages_of_the_site_are_in_the_matrix(db):
    answers = {}
    for role in Role:
        with parenthese():
            answers[role.value] = site_answers(role)
    cells = [["page", *answers], ["---"] * (len(answers) + 1)]
    cells += [[name, *row] for name, *row in zip(SITE, *answers.values(), strict=True)]
    compare(COMMUNES, "\n".join(f"| {' | '.join(row)} |" for row in cells) + "\n")


def test_no_door_is_left_out_of_the_matrix():
    """A page that a screen, or the site, gains is asked for by a column or by `AUTRES`, `SITE`."""
    for screen in admin.site._registry.values():
        for name, keys in pages_of(screen).items():
            asked = name in KNOWN | LISTED or name in AUTRES or keys == ["object_id"]
            assert asked, f"{screen.opts.model_name} : {name}, {keys}"
    assert set(site_pages()) == set(SITE) | HORS_TABLE


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
        if role not in {"administrateur national", COMMUNES}:
            agents = next(row for row in table if row.startswith("| agent |"))
            assert "oui" not in agents
