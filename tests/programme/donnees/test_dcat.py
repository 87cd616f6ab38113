"""The catalogue for harvesters: what RDF readers find in it, in both writings."""

import pytest
import rdflib
from django.urls import reverse
from django.utils import timezone
from pyshacl import validate
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, XSD

from programme.donnees import turtle
from programme.donnees.jeux import JEUX
from tests import factories
from tests.programme.donnees.outils import FABRIQUES

pytestmark = [
    pytest.mark.django_db,
    # Of the readers themselves, which are not ours.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
VCARD = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
FORMES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<#Jour> sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYearMonth ] [ sh:datatype xsd:gYear ]
    [ sh:datatype xsd:dateTime ] ) .
<#Texte> sh:datatype rdf:langString .

<#Catalogue> a sh:NodeShape ; sh:targetClass dcat:Catalog ;
    sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:node <#Texte> ],
        [ sh:path dct:description ; sh:minCount 1 ; sh:node <#Texte> ],
        [ sh:path dct:publisher ; sh:minCount 1 ; sh:maxCount 1 ; sh:class foaf:Agent ],
        [ sh:path dcat:dataset ; sh:minCount 1 ; sh:class dcat:Dataset ],
        [ sh:path dct:license ; sh:maxCount 1 ; sh:class dct:LicenseDocument ],
        [ sh:path dct:language ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path dct:spatial ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path foaf:homepage ; sh:maxCount 1 ; sh:class foaf:Document ],
        [ sh:path dct:modified ; sh:minCount 1 ; sh:maxCount 1 ; sh:node <#Jour> ] .

<#Jeu> a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:nodeKind sh:IRI ;
    sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:node <#Texte> ],
        [ sh:path dct:description ; sh:minCount 1 ; sh:node <#Texte> ],
        [ sh:path dct:identifier ; sh:minCount 1 ; sh:maxCount 1 ],
        [ sh:path dct:publisher ; sh:minCount 1 ; sh:maxCount 1 ; sh:class foaf:Agent ],
        [ sh:path dcat:contactPoint ; sh:minCount 1 ; sh:class vcard:Kind ],
        [ sh:path dct:spatial ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path dct:accrualPeriodicity ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ;
          sh:pattern "/authority/frequency/(CONT|ANNUAL|IRREG)$" ],
        [ sh:path dct:modified ; sh:maxCount 1 ; sh:node <#Jour> ],
        [ sh:path dct:temporal ; sh:maxCount 1 ; sh:class dct:PeriodOfTime ],
        [ sh:path dcat:theme ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path dcat:keyword ; sh:node <#Texte> ],
        [ sh:path dcat:landingPage ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path dcat:distribution ; sh:minCount 1 ; sh:class dcat:Distribution ] .

<#Periode> a sh:NodeShape ; sh:targetClass dct:PeriodOfTime ;
    sh:or ( [ sh:property [ sh:path dcat:startDate ; sh:minCount 1 ] ]
            [ sh:property [ sh:path dcat:endDate ; sh:minCount 1 ] ] ) ;
    sh:property [ sh:path dcat:startDate ; sh:maxCount 1 ; sh:node <#Jour> ],
        [ sh:path dcat:endDate ; sh:maxCount 1 ; sh:node <#Jour> ] .

<#Contact> a sh:NodeShape ; sh:targetClass vcard:Kind ;
    sh:property [ sh:path vcard:fn ; sh:minCount 1 ] ;
    sh:or ( [ sh:property [ sh:path vcard:hasEmail ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ]
            [ sh:property [ sh:path vcard:hasURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ] ) .

<#Editeur> a sh:NodeShape ; sh:targetClass foaf:Agent ;
    sh:property [ sh:path foaf:name ; sh:minCount 1 ] .

<#Fichier> a sh:NodeShape ; sh:targetClass dcat:Distribution ; sh:nodeKind sh:IRI ;
    sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path dcat:downloadURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path dct:format ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path dcat:mediaType ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ],
        [ sh:path dct:license ; sh:minCount 1 ; sh:maxCount 1 ; sh:class dct:LicenseDocument ],
        [ sh:path dct:conformsTo ; sh:nodeKind sh:IRI ] .
"""
"""What DCAT-AP asks of a catalogue, and what this one promises beside it."""


def read(client):
    """The catalogue as a graph, from its JSON-LD and from its Turtle."""
    jsonld = client.get(reverse("catalogue_dcat"))
    text = client.get(reverse("catalogue_turtle"))
    assert jsonld["Content-Type"] == "application/ld+json"
    assert text["Content-Type"] == "text/turtle; charset=utf-8"
    return (
        rdflib.Graph().parse(data=jsonld.content, format="json-ld"),
        rdflib.Graph().parse(data=text.content, format="turtle"),
    )


def faults(graph):
    shapes = rdflib.Graph().parse(data=FORMES, format="turtle")
    _, _, told = validate(graph, shacl_graph=shapes)
    return told if "Conforms: False" in told else ""


def value(graph, code, *path):
    """What a path of properties leads to, from the dataset of that code."""
    node = graph.value(predicate=DCTERMS.identifier, object=rdflib.Literal(code))
    for step in path:
        node = graph.value(node, step)
    return node


def test_both_writings_say_the_same_of_every_dataset(client):
    for factory in FABRIQUES.values():
        factory()
    graph, other = read(client)
    assert isomorphic(graph, other)
    assert faults(graph) == ""
    found = graph.subjects(RDF.type, DCAT.Dataset)
    assert {str(url) for url in found} == {
        f"http://testserver{jeu.get_absolute_url()}" for jeu in JEUX.values()
    }
    for code, jeu in JEUX.items():
        node = value(graph, code)
        assert len(list(graph.objects(node, DCAT.distribution))) == len(jeu.formats)


def test_each_parution_in_force_is_a_distribution(client):
    archive = {"genre": "archive", "jeu": "", "format": "zip", "lignes": None}
    kept = factories.FichierParutionFactory(parution__numero=1, **archive)
    gone = {"etat": "retirée", "motif": "Faux.", "retiree_le": timezone.now(), "numero": 2}
    factories.FichierParutionFactory(parution=factories.ParutionFactory(**gone), **archive)
    graph, other = read(client)
    assert isomorphic(graph, other)
    assert faults(graph) == ""
    (one,) = graph.objects(value(graph, "parutions"), DCAT.distribution)
    assert str(one) == f"http://testserver{kept.adresse}"
    (size,) = graph.objects(one, DCAT.byteSize)
    assert int(size) == kept.octets
    assert value(graph, "parutions", DCAT.distribution, SPDX.checksum, SPDX.checksumValue)


@pytest.mark.parametrize(
    "triple",
    [DCTERMS.publisher, DCAT.contactPoint, DCTERMS.spatial, DCTERMS.title, DCAT.theme],
)
def test_the_shapes_see_what_lacks(client, triple):
    graph, _ = read(client)
    graph.remove((value(graph, "projets"), triple, None))
    assert faults(graph)


def test_an_empty_base_is_described_too(client):
    graph, other = read(client)
    assert isomorphic(graph, other)
    assert faults(graph) == ""
    assert value(graph, "projets", DCTERMS.temporal) is None
    assert value(graph, "projets", DCTERMS.modified) is None


def test_a_dataset_has_its_own_period_and_its_own_last_change(client, settings):
    settings.SITE = {**settings.SITE, "contact": "donnees@portail.example", "editeur": "L’éditeur"}
    factories.JalonFactory(date="2018-11-22", precision_date="jour")
    factories.JalonFactory(date="2021-09-01", precision_date="mois")
    graph, _ = read(client)
    period = value(graph, "jalons", DCTERMS.temporal)
    assert graph.value(period, DCAT.startDate) == rdflib.Literal("2018-11-22", datatype=XSD.date)
    end = graph.value(period, DCAT.endDate)
    assert (str(end), end.datatype) == ("2021-09", XSD.gYearMonth)
    assert value(graph, "jalons", DCTERMS.modified).datatype == XSD.date
    assert value(graph, "projets", DCTERMS.modified) is None
    assert str(value(graph, "emploi", DCTERMS.accrualPeriodicity)).endswith("/ANNUAL")
    mail = value(graph, "jalons", DCAT.contactPoint, VCARD.hasEmail)
    assert mail == rdflib.URIRef("mailto:donnees@portail.example")
    assert str(value(graph, "jalons", DCTERMS.publisher, FOAF.name)) == "L’éditeur"
    assert str(value(graph, "jalons", DCTERMS.provenance, RDFS.label))


def test_a_draft_is_no_modification(client):
    factories.ProjetFactory(publication="brouillon")
    graph, _ = read(client)
    assert value(graph, "projets", DCTERMS.modified) is None


def test_any_text_is_written(client):
    text = 'Un « mot », un "guillemet", une \\barre\\,\nune ligne, une\ttabulation, 🏭'
    document = {
        "@context": {"dct": str(DCTERMS)},
        "@id": "http://exemple.fr/a b>c",
        "@type": ["dct:Agent"],
        "dct:title": [{"@language": "fr", "@value": text}, text],
        "dct:subject": [],
    }
    graph = rdflib.Graph().parse(data=turtle.write(document), format="turtle")
    node = rdflib.URIRef("http://exemple.fr/a%20b%3Ec")
    titles = set(graph.objects(node, DCTERMS.title))
    assert titles == {rdflib.Literal(text), rdflib.Literal(text, lang="fr")}
