"""What the colours of the map of France say, and their legend."""

from datetime import date

import pytest
from django.template.loader import render_to_string

from programme.catalogue.carte import Theme, carte_de_france
from programme.models import Contrat, Publication
from territoires.carte import carte_at
from territoires.models import Certitude
from tests.factories import ContratFactory, ProjetFactory, TerritoireFactory

from .outils import CERGY, GRAND_ORLY, MULHOUSE, PAU, SACLAY, member


@pytest.mark.django_db
class TestThemes:
    def test_presence_hatches_the_possible_and_hides_the_absent(self):
        seen = member(TerritoireFactory(rattachement=None, nom="Pau"), PAU)
        later = TerritoireFactory(rattachement=None, nom="Orly")
        member(later, GRAND_ORLY, debut=date(2020, 10, 15))
        exact = TerritoireFactory(rattachement=None, nom="Cergy")
        member(exact, CERGY, debut=date(2020, 10, 15), certitude=Certitude.RECONSTITUEE)
        carte = carte_de_france(carte_at(MULHOUSE))
        assert [(f.titre, f.classe) for f in carte.dessin.formes] == [
            ("Orly : possible : entrée attestée au plus tard le 15 octobre 2020", "carte-possible"),
            ("Pau : attesté, depuis le 14 novembre 2019 au plus tard", "carte-atteste"),
        ]
        assert [(cle.classe, cle.nombre) for cle in carte.cles] == [
            ("carte-atteste", 1),
            ("carte-possible", 1),
        ]
        assert carte.libelles == {
            later.code: "possible : entrée attestée au plus tard le 15 octobre 2020",
            seen.code: "attesté, depuis le 14 novembre 2019 au plus tard",
        }

    def test_most_advanced_published_contract(self):
        pau = member(TerritoireFactory(rattachement=None, nom="Pau"), PAU)
        orly = member(TerritoireFactory(rattachement=None, nom="Orly"), GRAND_ORLY)
        ContratFactory(territoire=pau, statut=Contrat.Statut.EN_COURS)
        ContratFactory(territoire=pau, statut=Contrat.Statut.SIGNE)
        ContratFactory(territoire=orly, publication=Publication.BROUILLON)
        carte = carte_de_france(carte_at(MULHOUSE), Theme.CONTRATS)
        assert carte.libelles == {
            pau.code: "contrat en cours",
            orly.code: "aucun contrat publié",
        }

    @pytest.mark.parametrize(
        ("nombre", "classe", "libelle"),
        [
            (0, "carte-n1", "aucun projet publié"),
            (1, "carte-n2", "1 projet"),
            (3, "carte-n2", "3 projets"),
            (4, "carte-n3", "4 projets"),
            (8, "carte-n4", "8 projets"),
        ],
    )
    def test_number_of_published_projects(self, nombre, classe, libelle):
        pau = member(TerritoireFactory(rattachement=None, nom="Pau"), PAU)
        ProjetFactory.create_batch(nombre, territoire=pau)
        ProjetFactory(territoire=pau, publication=Publication.BROUILLON)
        carte = carte_de_france(carte_at(MULHOUSE), Theme.PROJETS)
        [forme] = carte.dessin.formes
        assert (forme.classe, carte.libelles[pau.code]) == (classe, libelle)

    @pytest.mark.parametrize("count", [1, 3])
    @pytest.mark.parametrize(
        ("theme", "queries"), [(Theme.PRESENCE, 4), (Theme.CONTRATS, 6), (Theme.PROJETS, 6)]
    )
    def test_queries_do_not_grow(self, count, theme, queries, django_assert_num_queries):
        for siren in (PAU, GRAND_ORLY, SACLAY)[:count]:
            territoire = member(TerritoireFactory(rattachement=None), siren)
            ContratFactory(territoire=territoire)
            ProjetFactory(territoire=territoire)
        with django_assert_num_queries(queries):
            carte = carte_de_france(carte_at(MULHOUSE), theme)
        assert len(carte.dessin.formes) == count

    def test_legend_has_the_classes_and_patterns_of_the_map(self):
        member(TerritoireFactory(rattachement=None), PAU)
        carte = carte_de_france(carte_at(MULHOUSE), Theme.PROJETS)
        html = render_to_string(
            "partials/carte_legende.html", {"cles": carte.cles, "dessin": carte.dessin}
        )
        assert 'class="carte-n1"' in html
        assert "aucun projet publié (1)" in " ".join(html.split())
