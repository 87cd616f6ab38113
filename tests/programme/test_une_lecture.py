"""One reader: what people write is read, or refused, in the same way by every door.

A door is a form of the back-office, a file of projects, a filter of a list. The table says what
each thing is read as, or the words of its refusal; `SANS_OBJET`, why one comes not by a door.
"""

import unicodedata
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from programme.models import Import, Projet, Publication
from territoires import liste_membres
from territoires.lecture.tables import OLE
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    appliquer,
    deposer,
    dits,
    importer,
    refus,
)
from tests.programme.backoffice.outils import address, form_data
from tests.territoires.lecture.outils import HEADER, STRICT, archive, classeur, parts

pytestmark = pytest.mark.django_db


class Lu:
    """What was written is this value."""

    def __init__(self, valeur):
        self.valeur = valeur


class Refus:
    """What was written is no value: these words say why, or what to write."""

    def __init__(self, mots):
        self.mots = mots


def nfd(text):
    return unicodedata.normalize("NFD", text)


# (kind, field, what was written, answer)
CAS = [
    ("montant", "investissement_eur", "1 500 000 €", Lu(1_500_000)),
    ("montant", "investissement_eur", "1500000,00", Lu(1_500_000)),
    ("montant", "investissement_eur", "12 k€", Lu(12_000)),
    ("montant", "investissement_eur", "1,2 M€", Lu(1_200_000)),
    ("montant", "investissement_eur", "1\u202f500\u202f000\xa0€", Lu(1_500_000)),
    ("montant", "investissement_eur", "1,5", Refus("pour 1,5 million, 1 500 000")),
    ("montant", "investissement_eur", "1.500", Refus("se lit de deux façons")),
    ("montant", "investissement_eur", "-5", Refus("est négatif")),
    ("nombre", "emplois_crees", "1 234", Lu(1234)),
    ("nombre", "emplois_crees", "12\u200b", Lu(12)),
    ("nombre", "emplois_crees", "12 k€", Refus("Écrivez le nombre seul, 12 000")),
    ("immense", "emplois_crees", "3000000000", Refus("dépasse 2 147 483 647")),
    ("nombre", "emplois_crees", "١٢", Refus("avec les chiffres 0 à 9")),
    ("date", "mise_a_jour", "31.12.2024", Lu(date(2024, 12, 31))),
    ("date", "mise_a_jour", "1er mars 2024", Lu(date(2024, 3, 1))),
    ("date", "mise_a_jour", "29/02/2024 00:00", Lu(date(2024, 2, 29))),
    ("date", "mise_a_jour", "31/02/2024", Refus("n’existe pas au calendrier")),
    ("date", "mise_a_jour", "mars 2024", Refus("par exemple 01/03/2024")),
    ("siren", "siren", "327 834 214", Lu("327834214")),
    ("siren", "siren", "327834214\u200b", Lu("327834214")),
    ("siren", "siren", "356000000", Lu("356000000")),
    ("siren", "siren", "356 000 000 00048", Lu("356000000")),
    ("siren", "siren", "327834215", Refus("son dernier chiffre, la clé, ne correspond pas")),
    ("code", "departement", "2a", Lu("2A")),
    ("code", "departement", "1", Lu("01")),
    ("code", "departement", " 01\u200b ", Lu("01")),
    ("commune", "commune", "75113", Lu("75056")),
    ("commune", "commune", "69123\ufeff", Lu("69123")),
    ("texte", "filiere", nfd("Mécanique"), Lu("Mécanique")),
    ("texte", "filiere", "Méca\u00adnique\u200b", Lu("Mécanique")),
    ("texte", "filiere", "M\ufffdcanique", Refus("�")),
    ("texte", "filiere", "MÃ©canique", Refus("MÃ©canique")),
    ("mot", "axe", "INNOVER", Lu("innover")),
    ("mot", "axe", nfd("innover") + "\u200b", Lu("innover")),
]


@pytest.fixture
def monde(db):
    """A world for every door: a project as it is before, and an agent who sees it all."""
    ile = f.RegionFactory(code="11")
    for code in ("01", "2A", "75", "69"):
        f.DepartementFactory(code=code, region=ile)
    paris = f.CommuneFactory(code="75056", nom="Paris", departement_id="75", lon=None, lat=None)
    f.CommuneFactory(code="69123", nom="Lyon", departement_id="69", lon=None, lat=None)
    f.CommuneAncienneFactory(code="75113", nom="Paris 13e", commune=paris)
    projet = f.ProjetFactory(
        code="p-1",
        territoire=None,
        commune=None,
        departement_id="75",
        code_postal="",
        filiere="Bois",
        siren="",
        axe="attirer",
        mise_a_jour="2021-03-02",
        publication=Publication.BROUILLON,
        statut="remonté",
    )
    client = Client()
    client.force_login(f.NationalFactory())
    return client, projet


def value_of(projet, field):
    return getattr(projet, projet._meta.get_field(field).attname)


def by_form(monde, typed):
    client, projet = monde
    url = address(Projet, "change", projet.pk)
    # A row among many is typed beside its list.
    names = {name: f"{name}_code" if name in {"commune", "departement"} else name for name in typed}
    sent = {names[name]: text for name, text in typed.items()}
    response = client.post(url, form_data(client.get(url)) | sent)
    if response.status_code == 302:
        projet.refresh_from_db()
        return {name: Lu(value_of(projet, name)) for name in typed}
    errors = response.context["adminform"].form.errors
    assert set(errors) <= set(typed), errors
    return {name: Refus(" ".join(errors.get(name, ()))) for name in typed}


def by_file(monde, typed):
    client, projet = monde
    content = classeur(["code", *typed], [projet.code, *typed.values()])
    depot = importer(client, "projets", content)
    if depot.nb_erreurs:
        rows = depot.lignes.all()
        said = {name: [row.motif for row in rows if row.colonne == name] for name in typed}
        return {name: Refus(" ".join(told)) for name, told in said.items()}
    appliquer(client, "projets", depot)
    projet.refresh_from_db()
    return {name: Lu(value_of(projet, name)) for name in typed}


BORNES = {
    "investissement_eur": "investissement_eur_min",
    "emplois_crees": "emplois_crees_min",
    "mise_a_jour": "mise_a_jour_du",
}


def by_filter(monde, typed):
    Projet.objects.update(publication=Publication.PUBLIE, filiere="Mécanique")
    asked = {BORNES.get(name, name): text for name, text in typed.items()}
    response = Client().get("/projets/", asked)
    if response.status_code == 400:
        told = dict.fromkeys(typed, "") | {
            error.parametre: error.message for error in response.context["erreurs"]
        }
        return {name: Refus(told[name]) for name in typed}
    cleaned = response.context["vue"].filterset.form.cleaned_data
    return {name: Lu(asked_of(cleaned[name])) for name in typed}


def asked_of(value):
    """The one value, bound or row that a filter keeps."""
    value = value[0] if isinstance(value, list) else getattr(value, "debut", value)
    return getattr(value, "pk", value)


PORTES = {"formulaire": by_form, "fichier": by_file, "filtre": by_filter}
SANS_OBJET = {
    ("siren", "filtre"): "the search reads it, among other words",
    ("mot", "formulaire"): "a drop-down: nobody writes there",
    ("immense", "filtre"): "a bound may be beyond what a record holds",
}


def together(porte, kind):
    """Cases of one kind of answer that one sending may hold: each field once."""
    found = []
    for nature, field, typed, answer in CAS:
        if (nature, porte) in SANS_OBJET or not isinstance(answer, kind):
            continue
        apart = (
            {"commune", "departement"} - {field} if field in {"commune", "departement"} else set()
        )
        batch = next((b for b in found if field not in b and not apart & b.keys()), None)
        if batch is None:
            found.append(batch := {})
        batch[field] = (typed, answer)
    return found


def sendings():
    return [
        pytest.param(porte, batch, id=f"{porte}-{kind.__name__}-{rank}")
        for porte in PORTES
        for kind in (Lu, Refus)
        for rank, batch in enumerate(together(porte, kind))
    ]


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("porte", "batch"), sendings())
def test_what_is_written_is_read_so_by_every_door(monde, porte, batch):
    found = PORTES[porte](monde, {field: typed for field, (typed, _) in batch.items()})
    for field, (typed, answer) in batch.items():
        told = found[field]
        if isinstance(answer, Lu):
            assert isinstance(told, Lu), (typed, {n: plain(r.mots) for n, r in found.items()})
            assert told.valeur == answer.valeur, typed
        else:
            assert isinstance(told, Refus), typed
            assert answer.mots in plain(told.mots), (typed, told.mots)


def test_each_thing_comes_by_each_door_or_says_why_not():
    natures = {nature for nature, *_ in CAS}
    assert {nature for nature, _ in SANS_OBJET} <= natures
    sent = {
        (typed, porte)
        for porte in PORTES
        for kind in (Lu, Refus)
        for batch in together(porte, kind)
        for typed, _ in batch.values()
    }
    expected = {
        (typed, porte)
        for nature, _, typed, _ in CAS
        for porte in PORTES
        if (nature, porte) not in SANS_OBJET
    }
    assert sent == expected


# --- Files --------------------------------------------------------------------------------------

FRANCAIS = "Capacité d’un bâtiment à l’été, cœur d’îlot"
ANCIEN = "Capacité d'un bâtiment à l'été, 15 salariés formés"


def csv_of(grid, separateur=";", fin="\r\n"):
    return fin.join(separateur.join(map(str, row)) for row in grid) + fin


def encoded(codec, **options):
    return lambda grid: csv_of(grid, **options).encode(codec)


def hidden(grid):
    def hide(book):
        book.active.row_dimensions[2].hidden = True

    return classeur(*grid, change=hide)


# (name, how the file is made, text that it holds, answer, sentence of the preview)
FICHIERS = [
    ("utf-8", encoded("utf-8"), FRANCAIS, Lu(FRANCAIS), "Encodage lu : UTF-8"),
    ("excel-windows", encoded("cp1252"), FRANCAIS, Lu(FRANCAIS), "Encodage lu : Windows-1252"),
    ("excel-mac", encoded("mac_roman"), ANCIEN, Lu(ANCIEN), "Encodage lu : Mac Roman"),
    ("ms-dos", encoded("cp850"), ANCIEN, Lu(ANCIEN), "Encodage lu : CP850"),
    ("unicode", encoded("utf-16", separateur="\t"), FRANCAIS, Lu(FRANCAIS), "UTF-16"),
    ("fins-de-mac", encoded("utf-8", fin="\r"), FRANCAIS, Lu(FRANCAIS), "Encodage lu : UTF-8"),
    ("decompose", encoded("utf-8"), nfd(FRANCAIS), Lu(FRANCAIS), "Encodage lu : UTF-8"),
    ("classeur", lambda grid: classeur(*grid), f" {FRANCAIS}\u200b", Lu(FRANCAIS), ""),
    ("lettre-perdue", encoded("utf-8"), "capacit\ufffd", Refus("une lettre perdue"), ""),
    ("deux-fois", encoded("utf-8"), "capacitÃ©", Refus("impossible en français"), ""),
    (
        "coupe",
        lambda grid: encoded("utf-8")(grid).replace("à".encode(), b"\xc3"),
        FRANCAIS,
        Refus("un caractère y est abîmé ou coupé"),
        "",
    ),
    (
        "strict",
        lambda grid: archive(parts(HEADER, namespace=STRICT)),
        "",
        Refus("« Classeur Excel (.xlsx) »"),
        "",
    ),
    ("ancien-excel", lambda grid: OLE + b"\0" * 600, "", Refus("ancien format d’Excel (.xls)"), ""),
]


def import_of(monde, make, text):
    client, projet = monde
    response = deposer(client, "projets", make([["code", "objet"], [projet.code, text]]))
    if response.status_code == 400:
        return Refus(" ".join(refus(response))), ""
    depot = Import.objects.latest("pk")
    if depot.nb_erreurs:
        return Refus(" ".join(dits(depot))), ""
    appliquer(client, "projets", depot)
    projet.refresh_from_db()
    return Lu(projet.objet), " ".join(depot.lecture)


def list_of(monde, make, text):
    row = ["ti-7505", text, "11", "327834214", "", "CC", ""]
    try:
        liste = liste_membres.read(make([liste_membres.COLUMNS, row]))
    except ValidationError as error:
        return Refus(" ".join(error.messages)), ""
    return Lu(liste.rows[0]["lib_ti"]), " ".join(liste.remarques)


@pytest.mark.parametrize("porte", [import_of, list_of], ids=["import", "liste de membres"])
@pytest.mark.parametrize("fichier", FICHIERS, ids=lambda fichier: fichier[0])
def test_a_file_is_read_so_by_every_door(monde, porte, fichier):
    _, make, text, answer, told = fichier
    found, said = porte(monde, make, text)
    if isinstance(answer, Lu):
        assert isinstance(found, Lu), found.mots
        assert found.valeur == answer.valeur
        assert told in said
    else:
        assert isinstance(found, Refus), found.valeur
        assert answer.mots in found.mots


def test_what_the_spreadsheet_hides_is_told_by_every_door(monde):
    client, projet = monde
    depot = importer(client, "projets", hidden([["code", "objet"], [projet.code, "Neuf"]]))
    assert not depot.lignes.get().acceptee
    assert "masquée" in dits(depot)[0]
    found, _ = list_of(monde, hidden, "Pays")
    assert "la ligne est masquée dans le classeur" in found.mots
