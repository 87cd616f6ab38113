"""A citation in words: short, long, BibTeX, JSON. Made from what it kept; nothing is typed here."""

import re
import unicodedata

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from programme.catalogue.citer.citable import plain
from programme.donnees import provenance
from programme.donnees.exports import LICENCE, LICENCE_URL
from programme.donnees.horizon import titres
from programme.enonces import NBSP
from territoires.dates import date_in_words, iso, moment_in_words

_BIBTEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "{}$&%#_"},
}
_SPECIAL = re.compile("|".join(re.escape(char) for char in _BIBTEX))


def ligne(text):
    """One line without control or formatting characters: for a title, a file, a picture."""
    kept = (char if unicodedata.category(char)[0] != "C" else " " for char in str(text))
    return re.sub(r"[ \t]+", " ", "".join(kept)).strip()


def bibtex_of(text):
    """`text` as a BibTeX value may hold it."""
    return _SPECIAL.sub(lambda match: _BIBTEX[match[0]], ligne(text))


class Enonces:
    """What pages, files and the picture say of one `Citation`.

    citable: its figure; None when the registry has it no more. lecture: what it kept; its words
    may be those of today, if its query still reads.
    """

    def __init__(self, citation, citable, lecture):
        self.citation, self.citable, self.lecture = citation, citable, lecture

    @property
    def adresse(self):
        return settings.SITE["url"] + self.citation.get_absolute_url()

    @property
    def image(self):
        return settings.SITE["url"] + reverse("citation_image", args=[self.citation.code])

    @property
    def valeur(self):
        return self.citable.dire(self.lecture.mesure)

    @property
    def nom(self):
        return self.lecture.nom or self.citable.titre

    @property
    def definition(self):
        return self.lecture.definition or self.citable.definition

    @property
    def unite(self):
        return self.lecture.mesure.unite or self.citable.unite

    @property
    def titre(self):
        """« Emplois créés – Projets : Bretagne »."""
        return ligne(f"{self.nom} – {self.lecture.titre}")

    @property
    def retenus(self):
        return self.citable.retenus(self.lecture.mesure)

    @property
    def jour(self):
        return timezone.localdate(self.citation.moment)

    @property
    def sources(self):
        """Titles of the sources, each once."""
        known = titres()
        texts = (piece.strip() for text in self.lecture.sources for piece in text.split(" ; "))
        return [provenance.in_words(text, known) for text in dict.fromkeys(texts)]

    @property
    def court(self):
        nom = settings.SITE["nom"]
        return f"{self.titre} : {self.valeur}. {nom}, {date_in_words(self.jour)}, {self.adresse}"

    @property
    def long(self):
        """With the definition, what is counted and left out, the horizon, the version."""
        left = "".join(f" ; {words} : {number}" for words, number in self.lecture.ecartes)
        horizon = f" {self.lecture.horizon}." if self.lecture.horizon else ""
        moment = moment_in_words(self.citation.moment)
        return (
            f"« {self.titre} » : {self.valeur}. {self.definition} Enregistrements : "
            f"{self.retenus}{left}.{horizon} {settings.SITE['nom']}, version "
            f"{self.citation.version} des données, au {moment}. {LICENCE}. {self.adresse}"
        ).replace(" :", f"{NBSP}:")

    @property
    def bibtex(self):
        year, month, day = iso(self.jour).split("-")
        left = "".join(f" ; {w} : {n}" for w, n in self.lecture.ecartes)
        fields = {
            "title": f"{{{bibtex_of(f'{self.titre} : {self.valeur}')}}}",
            "author": f"{{{bibtex_of(settings.SITE['nom'])}}}",
            "year": year,
            "month": month,
            "day": day,
            "note": bibtex_of(
                f"Version {self.citation.version} des données. {self.retenus}{left}. "
                f"{self.lecture.horizon}. {LICENCE}"
            ),
            "url": ligne(self.adresse).replace("{", "%7B").replace("}", "%7D"),
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@misc{{{self.citation.code},\n{lines}\n}}\n"

    def as_json(self, aujourdhui=None):
        """aujourdhui: the `Mesure` of now, None when its query reads no more."""
        mesure, lecture = self.lecture.mesure, self.lecture
        return {
            "adresse": self.adresse,
            "code": self.citation.code,
            "chiffre": self.citation.citable,
            "titre": self.titre,
            "definition": self.definition,
            "valeur": plain(mesure.valeur),
            "unite": self.unite,
            "en_toutes_lettres": self.valeur,
            "enregistrements": mesure.fiches,
            "renseignes": mesure.dites,
            "sans_reponse": mesure.fiches - mesure.dites,
            "ecartes": [{"quoi": words, "nombre": number} for words, number in lecture.ecartes],
            "constat": mesure.constat,
            "tableau": [list(row) for row in mesure.tableau],
            "requete": lecture.requete,
            "filtres": [{"filtre": f.libelle, "valeur": f.texte} for f in lecture.filtres],
            "sources": self.sources,
            "horizon": lecture.horizon,
            "version": self.citation.version,
            "moment": iso(self.citation.moment),
            "citee_le": iso(self.citation.citee_le),
            "aujourdhui": aujourdhui
            and {
                "valeur": plain(aujourdhui.valeur),
                "enregistrements": aujourdhui.fiches,
                "renseignes": aujourdhui.dites,
            },
            "licence": LICENCE_URL,
            "image": self.image,
        }
