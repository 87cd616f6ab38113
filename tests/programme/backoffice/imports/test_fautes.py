"""The file of 1 158 projects with thirty kinds of faults: thirty sentences, nothing imported."""

import pytest
from django.test import Client

from programme.models import Import, Projet
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    appliquer,
    changes,
    dits,
    ecrire,
    exporter,
    importer,
    lire,
    modifier,
    page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles"), pytest.mark.lent]
FAUTES = {
    (2, "emplois_crees"): ("douze", "« douze » n’est pas un nombre : écrivez un nombre entier"),
    (3, "emplois_crees"): ("12,5", "« 12,5 » : arrondissez-le à l’unité, ce nombre est entier."),
    (4, "emplois_crees"): ("-3", "« -3 » est négatif"),
    (5, "investissement_eur"): ("1,5", "« 1,5 » : les montants sont en euros entiers"),
    (6, "investissement_eur"): ("1,5E+06", "« 1,5E+06 » est une écriture abrégée"),
    (7, "investissement_eur"): ("1.500", "« 1.500 » se lit de deux façons"),
    (8, "investissement_eur"): ("9" * 25, "le plus grand nombre admis ici"),
    (9, "mise_a_jour"): ("31/02/2021", "« 31/02/2021 » n’existe pas au calendrier"),
    (10, "mise_a_jour"): ("mars 2021", "« mars 2021 » n’est pas une date complète"),
    (11, "mise_a_jour"): ("02/03/0221", "l’année 221 est invraisemblable"),
    (12, "siren"): ("33140833", "« 33140833 » n’est pas un SIREN de neuf chiffres"),
    (13, "siren"): ("3,31E+08", "le tableur a remplacé le code par un nombre arrondi"),
    (14, "siren"): ("33140833600017", "leur clé est fausse : écrivez son SIREN seul"),
    (15, "siren"): ("ABCDEFGHI", "« ABCDEFGHI » n’est pas un SIREN de neuf chiffres"),
    (16, "commune"): ("99999", "« 99999 » ne désigne aucun enregistrement de votre périmètre (com"),
    (17, "departement"): ("99", "de votre périmètre (département) : vérifiez le code."),
    (18, "territoire"): ("ti-0000", "« ti-0000 » ne désigne aucun enregistrement"),
    (19, "contrat"): ("inconnu", "(contrat) : vérifiez l’adresse."),
    (20, "axe"): ("vendre", "« vendre » n’est pas un des mots admis. Écrivez : attirer, "),
    (21, "localisation"): ("gps", "Écrivez : coordonnées, code postal."),
    (22, "longitude"): ("2539250", "est hors des bornes (-180 à 180) : la virgule manque-t-elle ?"),
    (23, "latitude"): ("nord", "« nord » n’est pas un nombre : écrivez-le comme 48,75."),
    (24, "beneficiaire"): ("", "« porteur » est obligatoire"),
    (25, "beneficiaire"): ("A" * 201, "au plus 200 caractères (actuellement 201)"),
    (26, "objet"): ("#REF!", "« #REF! » est une erreur du tableur"),
    (27, "filiere"): ("Bois\x07", "contient un caractère invisible (U+0007)"),
    (28, "code"): ("fai-9999", "le code désigne le projet partout où il est cité"),
    (29, "statut"): ("réalisé", "le statut se change par les actes de la page du projet"),
    (30, "publication"): ("brouillon", "« brouillon » au lieu de « publié » : la publication"),
    (31, "slug"): ("ailleurs", "l’adresse de la page est composée une fois pour toutes"),
    (33, "identifiant"): ("99999999", "ne désigne aucun enregistrement de votre périmètre"),
    (34, "version"): ("7", "la version 7 n’a pas existé"),
}


@pytest.fixture
def client():
    made = Client()
    made.force_login(f.NationalFactory())
    return made


def test_thirty_kinds_of_faults_are_thirty_sentences_and_nothing_is_imported(client):
    assert len(FAUTES) >= 30
    before = list(Projet.objects.order_by("pk").values())
    cells = {place: text for place, (text, _) in FAUTES.items()} | {(32, "region"): "28"}
    content = modifier(exporter(client, "projets"), cells)
    header, rows = lire(content, ";")
    # Four more kinds that are of rows: twice the same, too long, a row without its key, a new one
    # that says what only an act may.
    rows.append(rows[-1])
    rows.append([*rows[100], "de trop"])
    new = dict.fromkeys(header, "")
    rows += [
        [*{**new, "beneficiaire": "Sans code"}.values()],
        [*{**new, "code": "neuf-1", "beneficiaire": "N", "statut": "réalisé"}.values()],
    ]
    rows[-3][header.index("identifiant")] = rows[-3][header.index("code")] = ""
    rows[-3][header.index("version")] = rows[-3][header.index("publication")] = ""
    rows[-3][header.index("slug")] = ""
    depot = importer(client, "projets", ecrire(header, rows))
    said = dits(depot)
    for (number, column), (_, sentence) in FAUTES.items():
        found = [line for line in said if line.startswith(f"Ligne {number}, {column} (")]
        assert len(found) == 1, (number, column, [s for s in said if f"Ligne {number}," in s])
        assert sentence in found[0]
    last = len(rows) + 1
    more = [
        (last - 3, "désigne le même enregistrement que la ligne 1159"),
        (last - 2, "« de trop » est dans une colonne sans nom"),
        (last - 1, "cette ligne serait nouvelle, et « code » est obligatoire"),
        (last, "« réalisé » : rien dans votre périmètre ne correspond à cette ligne"),
    ]
    for number, sentence in more:
        assert any(line.startswith(f"Ligne {number}, ") and sentence in line for line in said), said
    assert depot.etat == Import.Etat.ERRONE
    assert any(
        "« region », est mise de côté : elle est calculée d’après « departement »" in told
        and told.endswith("autre chose que la base : ligne 32.")
        for told in depot.lecture
    ), depot.lecture
    assert depot.nb_erreurs >= len(FAUTES) + len(more)
    assert changes(depot) == {}
    assert appliquer(client, "projets", depot).status_code == 409
    assert list(Projet.objects.order_by("pk").values()) == before

    shown = client.get(page("projets", depot)).content.decode()
    assert "Rien ne peut être importé" in shown
    assert "Appliquer l’import" not in shown
    listed = client.get(page("projets", depot) + "erreurs.csv").content.decode("utf-8-sig")
    assert len(lire(listed.encode(), ";")[1]) == len(said)
    assert "33140833" in listed


def test_what_excel_does_to_a_file_is_repaired(client):
    """No change: dates in French, decimal commas, blanks, zeros that were eaten."""
    header, rows = lire(exporter(client, "projets"))
    for row in rows:
        record = dict(zip(header, row, strict=True))
        for name in ("siren", "commune", "departement", "code_postal", "departement_cite"):
            record[name] = record[name].lstrip("0")
        for name in ("longitude", "latitude"):
            record[name] = record[name].replace(".", ",")
        if record["mise_a_jour"]:
            year, month, day = record["mise_a_jour"].split("-")
            record["mise_a_jour"] = f"{day}/{month}/{year}"
        for name in ("emplois_crees", "emplois_maintenus", "investissement_eur"):
            if record[name]:
                record[name] = f"{int(record[name]):,} €".replace(",", "\u202f")
        row[:] = record.values()
    depot = importer(client, "projets", ecrire(header, rows, codec="utf-16"))
    assert dits(depot) == []
    assert (depot.lignes.count(), depot.nb_inchanges) == (0, len(rows))
