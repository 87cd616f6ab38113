"""The catalogue of the datasets as DCAT-AP, in JSON-LD; `turtle.py` writes the same otherwise.

`absolute` turns a path into a full address. Nothing is said that the portal does not know: a
dataset without a dated source has no end, one of which no row is dated has no beginning.
"""

from django.conf import settings
from django.urls import reverse

from programme.donnees import horizon, modifications, provenance
from programme.donnees.exports import LICENCE, LICENCE_URL, TYPES
from programme.donnees.jeux import JEUX
from programme.models import FichierParution, Parution
from territoires.dates import connu, iso

EUROPE = "http://publications.europa.eu/resource/authority"
FRANCE = f"{EUROPE}/country/FRA"
THEME = f"{EUROPE}/data-theme/ECON"
LANGUE = f"{EUROPE}/language/FRA"
TYPES_DE_FICHIER = {"csv": "CSV", "xlsx": "XLSX", "json": "JSON", "geojson": "GEOJSON"}
JOUR = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}
"""The type of a day, by the length of what is known of it."""
CONTEXTE = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def document(absolute, version):
    """The whole catalogue; `version` is a `DonneesVersion`."""
    titles = horizon.titres()
    return {
        "@context": CONTEXTE,
        "@id": absolute(reverse("catalogue_dcat")),
        "@type": ["dcat:Catalog"],
        "dct:title": french(f"Données ouvertes – {settings.SITE['nom']}"),
        "dct:description": french("Les jeux de données du portail, sous licence ouverte."),
        "dct:publisher": publisher(absolute),
        "dct:license": licence(),
        "dct:language": {"@id": LANGUE},
        "dct:spatial": {"@id": FRANCE},
        "dct:modified": typed("xsd:dateTime", iso(version.modifie_le)),
        "dcat:themeTaxonomy": {"@id": f"{EUROPE}/data-theme"},
        "foaf:homepage": page(absolute(reverse("donnees"))),
        "dcat:dataset": [
            *(dataset(jeu, absolute, titles) for jeu in JEUX.values()),
            *_parutions(absolute),
        ],
    }


def dataset(jeu, absolute, titles):
    url = absolute(jeu.get_absolute_url())
    changed = modifications.jour(jeu)
    return {
        "@id": url,
        "@type": ["dcat:Dataset"],
        "dct:identifier": jeu.code,
        "dct:title": french(jeu.titre),
        "dct:description": french(jeu.description),
        "dct:publisher": {"@id": publisher(absolute)["@id"]},
        "dct:provenance": {
            "@type": ["dct:ProvenanceStatement"],
            "rdfs:label": french(provenance.of_files(jeu, titles)),
        },
        "dcat:contactPoint": contact(absolute),
        "dct:language": {"@id": LANGUE},
        "dct:spatial": {"@id": FRANCE},
        "dct:accrualPeriodicity": {"@id": f"{EUROPE}/frequency/{jeu.frequence}"},
        **({"dct:modified": typed("xsd:date", iso(changed))} if changed else {}),
        **_period(jeu),
        "dcat:theme": {"@id": THEME},
        "dcat:keyword": [french(word) for word in jeu.mots_cles],
        "dcat:landingPage": {"@id": url},
        "dcat:distribution": [_distribution(jeu, name, absolute) for name in jeu.formats],
    }


def _parutions(absolute):
    """The releases of all datasets as one more, each a distribution; nothing before the first."""
    archives = FichierParution.objects.filter(
        genre=FichierParution.Genre.ARCHIVE, parution__in=Parution.objects.en_vigueur()
    ).select_related("parution")
    archives = list(archives.order_by("-parution__numero"))
    if not archives:
        return
    url = absolute(reverse("parutions"))
    yield {
        "@id": url,
        "@type": ["dcat:Dataset"],
        "dct:identifier": "parutions",
        "dct:title": french("Parutions"),
        "dct:description": french(
            "Tous les jeux de données d’un même instant, numérotés, datés et gardés sans fin."
        ),
        "dct:publisher": {"@id": publisher(absolute)["@id"]},
        "dcat:contactPoint": contact(absolute),
        "dct:language": {"@id": LANGUE},
        "dct:spatial": {"@id": FRANCE},
        "dct:accrualPeriodicity": {"@id": f"{EUROPE}/frequency/IRREG"},
        "dct:modified": typed("xsd:dateTime", iso(archives[0].parution.faite_le)),
        "dcat:theme": {"@id": THEME},
        "dcat:landingPage": {"@id": url},
        "dcat:distribution": [_archive(fichier, absolute) for fichier in archives],
    }


def _archive(fichier, absolute):
    url = absolute(fichier.adresse)
    return {
        "@id": url,
        "@type": ["dcat:Distribution"],
        "dct:title": french(f"Parution n° {fichier.parution.numero}"),
        "dct:issued": typed("xsd:dateTime", iso(fichier.parution.faite_le)),
        "dct:license": {"@id": LICENCE_URL},
        "dct:format": {"@id": f"{EUROPE}/file-type/ZIP"},
        "dcat:mediaType": {"@id": "https://www.iana.org/assignments/media-types/application/zip"},
        "dcat:accessURL": {"@id": absolute(fichier.parution.get_absolute_url())},
        "dcat:downloadURL": {"@id": url},
        "dcat:byteSize": typed("xsd:nonNegativeInteger", str(fichier.octets)),
        "spdx:checksum": {
            "@type": ["spdx:Checksum"],
            "spdx:algorithm": {"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"},
            "spdx:checksumValue": typed("xsd:hexBinary", fichier.sha256),
        },
    }


def publisher(absolute):
    return {
        "@id": absolute(reverse("mentions_legales")) + "#editeur",
        "@type": ["foaf:Agent"],
        "foaf:name": french(settings.SITE["editeur"] or settings.SITE["nom"]),
    }


def contact(absolute):
    """Whom to write to; without an address, the page that says who answers for the site."""
    mail = settings.SITE["contact"]
    how = (
        {"vcard:hasEmail": {"@id": f"mailto:{mail}"}}
        if mail
        else {"vcard:hasURL": {"@id": absolute(reverse("mentions_legales"))}}
    )
    return {"@type": ["vcard:Kind"], "vcard:fn": french(settings.SITE["nom"]), **how}


def licence():
    return {"@id": LICENCE_URL, "@type": ["dct:LicenseDocument"], "rdfs:label": french(LICENCE)}


def page(url):
    return {"@id": url, "@type": ["foaf:Document"]}


def _period(jeu):
    """From the first day that a row tells to the last on which a source states the facts."""
    last, first = horizon.whole(jeu.code), horizon.debut(jeu.code)
    told = {}
    if first:
        told["dcat:startDate"] = _day(first)
    if last:
        told["dcat:endDate"] = _day(last.jour)
    return {"dct:temporal": {"@type": ["dct:PeriodOfTime"], **told}} if told else {}


def _day(jour):
    text = connu(jour.date, jour.precision)
    return typed(JOUR[len(text)], text)


def _distribution(jeu, name, absolute):
    url = absolute(jeu.get_file_url(name))
    kind = TYPES_DE_FICHIER[name]
    return {
        "@id": url,
        "@type": ["dcat:Distribution"],
        "dct:title": french(f"{jeu.titre} ({kind})"),
        "dct:license": {"@id": LICENCE_URL},
        "dct:format": {"@id": f"{EUROPE}/file-type/{kind}"},
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{TYPES[name].split(';')[0]}"
        },
        "dcat:accessURL": {"@id": url},
        "dcat:downloadURL": {"@id": url},
        "dct:conformsTo": {"@id": absolute(reverse("donnees_schema", args=[jeu.code]))},
    }


def french(text):
    return {"@language": "fr", "@value": text}


def typed(kind, text):
    return {"@type": kind, "@value": text}
