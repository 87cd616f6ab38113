"""On the real data: the past says the same for ever, and every answer of it says the same."""

import csv
import hashlib
import json
import random
import re
import shutil

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from programme.donnees.jeux import JEUX
from programme.models import Contrat, Financement, Projet
from territoires.models import Territoire

from .outils import ask, read_csv, read_geojson, read_xlsx, whole
from .test_donnees_reelles import MEASURES, values_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
    pytest.mark.lent,
]

SUIVIES = ("projets", "territoires", "contrats", "rattachements")
MOTS = ("industriel", "Saint", "boulangerie usine", "bois", "vallée")
TEXTES = ("Forges de l’Iton", "Scierie de la Vilaine", "Tannerie du Couesnon", "")


def draw(dice, liste, values_of=values_of):
    """Up to three filters with up to two values each, and sometimes words."""
    offered = values_of(liste)
    names = dice.sample(sorted(offered), dice.randint(0, min(3, len(offered))))
    asked = {}
    for name in names:
        values = offered[name]
        known = values == ["non renseigné"]  # the box of a range
        asked[name] = values[0] if known else dice.sample(values, min(len(values), 2))
    if liste != "rattachements" and dice.random() < 0.3:
        asked["q"] = dice.choice(MOTS)
    return asked


def digest(content):
    return hashlib.sha256(content).hexdigest()


def told(client, liste, asked):
    """What each kind of answer says of the rows of a list, and that all say the same."""
    page = ask(client, liste, **asked)
    assert page.status_code == 200, (liste, asked, page.context["erreurs"])
    totaux = page.context["totaux"]
    files = {f: ask(client, liste, format=f, **asked) for f in ("csv", "xlsx")}
    bodies = {"csv": whole(files["csv"])}
    rows = read_csv(ask(client, liste, format="csv", **asked))
    counts = {"csv": len(rows), "xlsx": len(read_xlsx(files["xlsx"]))}
    if JEUX[liste].geometrie:
        bodies["geojson"] = whole(ask(client, liste, format="geojson", **asked))
        counts["geojson"] = len(json.loads(bodies["geojson"])["features"])
        assert len(read_geojson(ask(client, liste, format="geojson", **asked))) == len(rows)
    answer = client.get(f"/api/v1/{liste}/", {"taille": 500, **asked}).json()
    counts |= {"api": answer["count"]}
    whole_json = json.loads(whole(ask(client, liste, format="json", **asked)))
    counts |= {"json": whole_json["count"]}
    assert set(counts.values()) == {totaux["lignes"]}, (liste, asked, counts)
    feed = ask(client, liste, format="atom", **asked) if "atom" in page.content.decode() else None
    return {
        "lignes": totaux["lignes"],
        "sommes": [totaux.get(measure) for measure in MEASURES],
        "facettes": [
            (critere.nom, [(m.valeur, m.nombre) for m in critere.modalites or ()])
            for critere in page.context["criteres"]
        ],
        "api": answer["results"],
        "json": whole_json["results"],
        "atom": re.findall(r"<id>([^<]*#[^<]*)</id>", feed.content.decode()) if feed else [],
        **{name: digest(content) for name, content in bodies.items()},
    }


def edit(dice, number):
    """So many edits of officers, of every kind."""
    projets, contrats = list(Projet.objects.all()), list(Contrat.objects.all())
    for _ in range(number):
        kind = dice.random()
        if kind < 0.1 and len(projets) > 500:
            gone = projets.pop(dice.randrange(len(projets)))
            Financement.objects.filter(projet=gone).delete()
            gone.delete()
        elif kind < 0.2:
            contrat = dice.choice(contrats)
            contrat.intitule = f"{dice.choice(TEXTES)} {dice.randint(1, 99)}"
            contrat.save()
        else:
            projet = dice.choice(projets)
            projet.beneficiaire = f"{dice.choice(TEXTES)} {dice.randint(1, 999)}"
            projet.emplois_crees = dice.choice([None, 0, dice.randint(1, 900)])
            projet.filiere = dice.choice(["Bois", "Cuir", ""])
            if dice.random() < 0.1:
                projet.publication = dice.choice(["retiré", "publié"])
            projet.save()
    territoire = Territoire.objects.order_by("code").first()
    territoire.nom, territoire.slug = "Pays d’Ouche renommé", "pays-d-ouche-renomme"
    territoire.save()


CHANGES = (
    ("phases.csv", "nom", "Phase {} renommée"),
    ("contrats.csv", "intitule", "Contrat relu {}"),
    ("projets.csv", "objet", "Objet relu {}"),
)


def import_again(folder):
    """A later edition of the files: other words in some rows of each."""
    shutil.copytree(settings.FIXTURES_ROOT, folder)
    for name, column, words in CHANGES:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), reader.fieldnames
        for rank, row in enumerate(rows):
            row[column] = words.format(rank) if rank % 3 == 1 else row[column]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    call_command("charger_donnees", dossier=folder, verbosity=0)


def values(client, **asked):
    """The digests of what the datasets of values and of phases' names say."""
    of = {"format": "csv", **asked}
    return [
        digest(whole(client.get("/api/v1/valeurs/", {"jeu": "contrats", **of}))),
        digest(whole(client.get("/api/v1/territoires/", {"departement": "61", **of}))),
    ]


@pytest.mark.parametrize(
    ("edits", "filters", "reimport"),
    [
        pytest.param(25, 4, False, id="échantillon"),
        pytest.param(1_000, 300, True, id="tout", marks=pytest.mark.epreuve),
    ],
)
def test_the_past_says_the_same_after_edits(edits, filters, reimport, tmp_path):
    dice, client = random.Random(20260501), Client()
    asked = [(liste, draw(dice, liste)) for _ in range(filters // 4) for liste in SUIVIES]
    before, values_before = [told(client, *each) for each in asked], values(client)
    then = timezone.localtime().isoformat()
    edit(dice, edits)
    if reimport:
        import_again(tmp_path / "fixtures")
        assert values(client) != values_before
    assert [told(client, *each) for each in asked] != before
    assert values(client, au=then) == values_before
    for (liste, parameters), known in zip(asked, before, strict=True):
        assert told(client, liste, {**parameters, "au": then}) == known, (liste, parameters)
