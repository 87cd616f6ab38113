"""Every figure and chart of every public page is cited, or says here why it is not."""

from collections import defaultdict

import pytest

from tests.adresses import echantillon
from tests.chiffres_des_pages import chiffres, lue

pytestmark = [
    pytest.mark.une_base(ensemble=True),
    pytest.mark.lent,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]
ANGLAIS = "un lien vers la page française où ce chiffre se cite"
LEGENDE = "ce que vaut une couleur du dessin, que son tableau dit territoire par territoire"
ENUMERE = "le compte de ce que la page nomme ensuite, une chose après l’autre"
ETAPES = "ce qui fut annoncé à chaque date : chacune mène à sa carte, qui se cite"
ANNONCE = "ce qu’une source énonce, avec sa date et son lien : c’est elle qui se cite"
RECHERCHE = "ce que trouvent des mots tapés, où rien n’est mesuré"
FICHIER = "ce que pèse un fichier, prouvé par son empreinte et cité par sa parution"
CODE = "un code ou un jour, qui ne compte rien"
LIEN = "le nombre de lignes d’une liste, où mène ce lien et où il se cite"
ACTE = "ce que dit un contrat, où mène ce lien et où il se cite, ou que sa fiche cite plus bas"
CARTE = "le compte de la carte d’un des deux jours, où mène sa date et où il se cite"
CADRE = "dans un autre site, le cadre mène à la page où il se cite"
REPONSES = "le compte des réponses de la page, où chacune a son adresse"
SANS_CITATION = {
    ("accueil", "phrase", "projets"): LEGENDE,
    ("accueil", "phrase", "à projets"): LEGENDE,
    ("accueil", "phrase", ""): LIEN,
    ("accueil", "titre", ""): LIEN,
    ("anglais", "terme", ""): ANGLAIS,
    ("carte", "phrase", "projets"): LEGENDE,
    ("carte", "phrase", "à projets"): LEGENDE,
    ("carte", "phrase", "annoncés"): ANNONCE,
    ("integrer_carte", "phrase", ""): CADRE,
    ("carte_projets", "tableau", "Par département"): ENUMERE,
    ("chiffres", "titre", ""): ENUMERE,
    ("commune", "tableau", "Situation aux dates"): ETAPES,
    ("commune", "terme", "Codes postaux"): CODE,
    ("intercommunalite", "tableau", "Situation aux dates"): ETAPES,
    ("intercommunalite", "terme", "SIREN"): CODE,
    ("intercommunalite", "terme", "Communes"): ENUMERE,
    ("intercommunalite", "phrase", "projet"): LIEN,
    ("commune", "phrase", "projet"): LIEN,
    ("differences", "phrase", "annoncés"): ANNONCE,
    ("differences", "phrase", "territoires en place"): CARTE,
    ("intercommunalite", "terme", "Pour quoi"): LIEN,
    ("commune", "terme", "Pour quoi"): LIEN,
    ("differences", "titre", ""): ENUMERE,
    ("differences", "tableau", ""): ENUMERE,
    ("donnees", "tableau", "Jeux de données"): FICHIER,
    ("donnees_jeu", "terme", "Lignes"): FICHIER,
    ("glossaire", "titre", "mot"): ENUMERE,
    ("journal", "terme", ""): ENUMERE,
    ("programme", "phrase", ""): ANNONCE,
    ("programme", "terme", ""): ANNONCE,
    ("programme", "titre", ""): ENUMERE,
    ("projet", "terme", "Porteur"): CODE,
    ("projet", "terme", "SIREN"): CODE,
    ("projet", "terme", "Code postal"): CODE,
    ("recherche", "phrase", ""): RECHERCHE,
    ("recherche", "titre", ""): RECHERCHE,
    ("signaler", "chiffre", ""): REPONSES,
    ("source", "terme", ""): LIEN,
    ("portrait", "phrase", "membre"): ENUMERE,
    ("territoire", "phrase", "action"): ACTE,
    ("territoire", "phrase", "M€"): ACTE,
    ("contrat", "phrase", "action"): ACTE,
    ("contrat", "phrase", "M€"): ACTE,
}
"""{(URL name, kind of figure, first words of what it counts): why it is not cited}."""


def reason(name, kind, words):
    """Why such a figure is not cited; None when nothing says so."""
    for (page, of_kind, beginning), why in SANS_CITATION.items():
        if (page, of_kind) == (name, kind) and words.startswith(beginning):
            return why
    return None


def uncited(client, addresses):
    """`{(URL name, kind, words): addresses}` of the figures neither cited nor told apart."""
    found = defaultdict(list)
    for address in addresses:
        response = client.get(address)
        if response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        name = response.resolver_match.url_name
        for kind, words, cited in chiffres(lue(response.text)):
            if not cited and reason(name, kind, words) is None:
                found[name, kind, words].append(address)
    return found


def test_every_figure_of_a_public_page_is_cited_or_says_why(client):
    assert uncited(client, echantillon(de_chaque=2)) == {}
