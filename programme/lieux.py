"""A place never contradicts itself: commune, département, postcode, point, territory of a project.

One rule for the forms, the proposals, the imports and the loads, on many unsaved records at once: a
number of queries that does not grow with them. What was recorded before, as its source said it, is
left alone until somebody changes its place.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from django.db.models import Max, Min, Q

from programme.models import Projet
from territoires import moment
from territoires.models import (
    CodePostal,
    Commune,
    Departement,
    Intercommunalite,
    Phase,
    Rattachement,
    Territoire,
)
from territoires.recherche.commune import Appartenances
from territoires.recherche.texte import plier
from territoires.reponses import NON_RENSEIGNE

CHAMPS = frozenset({"commune", "departement", "code_postal", "lon", "lat", "territoire"})
RAYON_TERRESTRE = 6_371
LOIN = 30
"""Kilometres between a point and the centre of its commune, beyond which one doubts."""
MARGE = 0.3
"""Degrees around the communes of a département where a point may still lie."""
FRANCE = {
    "l’Hexagone et la Corse": (-5.5, 41.2, 9.8, 51.3),
    "la Guadeloupe, Saint-Martin et Saint-Barthélemy": (-63.3, 15.7, -60.9, 18.3),
    "la Martinique": (-61.4, 14.2, -60.7, 15.0),
    "la Guyane": (-54.8, 2.0, -51.4, 6.0),
    "La Réunion": (55.1, -21.5, 55.9, -20.8),
    "Mayotte": (44.9, -13.1, 45.4, -12.5),
    "Saint-Pierre-et-Miquelon": (-56.6, 46.6, -56.0, 47.3),
    "la Nouvelle-Calédonie": (157.9, -23.0, 172.1, -17.8),
    "Wallis-et-Futuna": (-178.4, -14.5, -176.0, -13.1),
    "la Polynésie française": (-155.0, -28.0, -134.0, -7.5),
}
"""Boxes (west, south, east, north), in degrees WGS84, overseas included."""


@dataclass(frozen=True)
class Ecart:
    """Two things that a record says of its place and that do not agree; `doute`: perhaps."""

    champ: str
    phrase: str
    doute: bool = False


def en_france(lon, lat):
    return any(
        west <= lon <= east and south <= lat <= north
        for west, south, east, north in FRANCE.values()
    )


def distance(lon, lat, autre_lon, autre_lat):
    """Kilometres between two points, on a sphere."""
    x, y, u, v = map(radians, (lon, lat, autre_lon, autre_lat))
    half = sin((y - v) / 2) ** 2 + cos(y) * cos(v) * sin((x - u) / 2) ** 2
    return 2 * RAYON_TERRESTRE * asin(sqrt(half))


def jour_du_lieu(projet, phases=None):
    """The day whose map says the territory of a project: today's.

    What a source of a phase that is over lists lies on the map of its reference. `phases`: those
    that are over, when they have been read.
    """
    if projet.mise_a_jour is None:
        return moment.today()
    phases = Phase.objects.filter(fin__isnull=False) if phases is None else phases
    over = (p.reference for p in phases if p.debut <= projet.mise_a_jour < p.fin)
    return next(over, moment.today())


class Lieux:
    """What the reference tables say of the places of `projets`."""

    def __init__(self, projets):
        self.communes = Commune.objects.in_bulk(_named(projets, "commune_id"))
        self.connues = Appartenances.of(self.communes.values())
        self.phases = list(Phase.objects.filter(fin__isnull=False))
        self.departements = Departement.objects.select_related("region").in_bulk()
        self._load_postcodes(_named(projets, "code_postal"))
        self._load_members(_named(projets, "territoire_id"))
        self._load_boxes(
            _named([row for row in projets if row.commune_id is None], "departement_id")
        )

    def _load_postcodes(self, postcodes):
        self.communes_du_code, self.codes_de_commune = defaultdict(set), defaultdict(set)
        known = CodePostal.objects.filter(Q(code__in=postcodes) | Q(commune__in=self.communes))
        rows = known.order_by().values_list("code", "commune", "commune__departement")
        for postcode, commune, departement in rows:
            self.communes_du_code[postcode].add((commune, departement))
            self.codes_de_commune[commune].add(postcode)

    def _load_members(self, territoires):
        """What the territories ever were made of, and the départements that they touch."""
        self.membres, self.territoires = defaultdict(set), {}
        rows = Rattachement.objects.filter(territoire__in=territoires).order_by()
        for code, nom, body, commune in rows.values_list(
            "territoire", "territoire__nom", "intercommunalite", "commune"
        ):
            self.territoires[code] = nom
            self.membres[code].add(body or commune)
        self.touches = defaultdict(set)
        touched = Territoire.departements.through.objects.filter(territoire__in=territoires)
        for code, departement in touched.values_list("territoire", "departement"):
            self.touches[code].add(departement)

    def _load_boxes(self, departements):
        rows = Commune.objects.filter(departement__in=departements).order_by()
        bounds = rows.values("departement").annotate(
            ouest=Min("lon"), sud=Min("lat"), est=Max("lon"), nord=Max("lat")
        )
        self.cadres = {
            departement: box
            for departement, *box in bounds.values_list(
                "departement", "ouest", "sud", "est", "nord"
            )
        }

    def completer(self, projet, changes):
        """The commune gives the rest: set what `changes` leave to contradict it, or to say nothing.

        Returns {field: (before, after)}, keys of rows. A postcode or a territory that the commune
        does not give by itself is emptied rather than left false: see `perdus`.
        """
        commune = self.communes.get(projet.commune_id)
        if commune is None:
            return {}
        found = {}
        before, after = projet.departement_id, commune.departement_id
        if before != after and (before is None or self._free("departement", changes)):
            found["departement"] = (before, after)
        if "commune" in changes:
            found |= self._given_by(projet, commune, changes)
        if projet.territoire_id is None and changes & {"commune", "territoire"}:
            deduced = self.territoire_at(commune, self.jour(projet))
            found |= {"territoire": (None, deduced.pk)} if deduced else {}
        for name, (_, after) in found.items():
            setattr(projet, projet._meta.get_field(name).attname, after)
        return found

    @staticmethod
    def _free(name, changes):
        """Whether a change of commune alone may change this field with it."""
        return "commune" in changes and name not in changes

    def _given_by(self, projet, commune, changes):
        found = {}
        if "code_postal" not in changes and any(self._du_code_postal(projet, changes)):
            codes = self.codes_de_commune[commune.code]
            after = next(iter(codes)) if len(codes) == 1 else ""
            found["code_postal"] = (projet.code_postal, after)
        free = "territoire" not in changes and projet.contrat_id is None
        if free and projet.territoire_id and any(self._du_territoire(projet, changes)):
            deduced = self.territoire_at(commune, self.jour(projet))
            found["territoire"] = (projet.territoire_id, deduced and deduced.pk)
        return found

    def perdus(self, found):
        """Of what `completer` returned, the sentences on what a commune alone may not take away."""
        before, after = found.get("territoire", (None, None))
        if before is None:
            return
        gone = f"« {self.territoires[before]} » ({before})"
        if after is None:
            yield Ecart(
                "territoire",
                f"la nouvelle commune n’est pas dans le territoire {gone}, ni dans aucun autre : "
                "videz le territoire, ou corrigez la commune.",
            )
        else:
            yield Ecart(
                "territoire",
                f"la nouvelle commune n’est pas dans le territoire {gone} mais dans {after} : "
                "vérifiez que c’est bien lui.",
            )

    def jour(self, projet):
        return jour_du_lieu(projet, self.phases)

    def territoire_at(self, commune, day):
        """The territory to which a commune belongs on `day`, or None."""
        rattachement = self.connues.rattachement(commune, day)
        return rattachement and rattachement.territoire

    def ecarts(self, projet, changes, dits=None):
        """The `Ecart`s that `changes`, names of fields, bring or keep.

        dits: {« region », « commune_nom », « territoire_nom »: what a file says of them}.
        """
        return [
            *self._du_departement(projet, changes),
            *self._du_code_postal(projet, changes),
            *self._du_point(projet, changes),
            *self._du_territoire(projet, changes),
            *self._des_mots(projet, changes, dits or {}),
        ]

    # --- One rule each ------------------------------------------------------------------------

    def _du_departement(self, projet, changes):
        commune = self.communes.get(projet.commune_id)
        if commune is None or not changes & {"commune", "departement"}:
            return
        if projet.departement_id not in {None, commune.departement_id}:
            right = self.departements[commune.departement_id]
            yield Ecart(
                "departement",
                f"{self._nom(projet.departement_id)} n’est pas le département de "
                f"{commune.nom} ({commune.code}) : choisissez {right}, ou changez la commune.",
            )

    def _du_code_postal(self, projet, changes):
        code, commune = projet.code_postal, self.communes.get(projet.commune_id)
        if not code or not changes & {"code_postal", "commune", "departement"}:
            return
        known = self.communes_du_code.get(code, set())
        if commune is not None and (known or not self._fits(code, commune.departement_id)):
            if commune.code not in {one for one, _ in known}:
                right = ", ".join(sorted(self.codes_de_commune[commune.code])) or "rien"
                yield Ecart(
                    "code_postal",
                    f"« {code} » n’est pas un code postal de {commune.nom} ({commune.code}) : "
                    f"écrivez {right}, ou changez la commune.",
                )
        elif commune is None and projet.departement_id is not None:
            places = {departement for _, departement in known}
            if projet.departement_id not in places and (
                places or not self._fits(code, projet.departement_id)
            ):
                yield Ecart(
                    "code_postal",
                    f"« {code} » n’est pas un code postal du département "
                    f"{self._nom(projet.departement_id)} : corrigez l’un ou l’autre.",
                )

    @staticmethod
    def _fits(postcode, departement):
        """Whether a postcode that no commune has, a CEDEX, may be of the département."""
        if departement in {"2A", "2B"}:
            return postcode.startswith("20")
        return postcode.startswith(departement)

    def _du_point(self, projet, changes):
        lon, lat = projet.lon, projet.lat
        if None in (lon, lat) or not changes & {"lon", "lat", "commune", "departement"}:
            return
        if not en_france(lon, lat):
            # Words of the form and of the file both.
            remedy = "vérifiez la longitude et la latitude."
            if en_france(lat, lon):
                remedy = (
                    "avez-vous inversé la longitude et la latitude ? Écrivez longitude "
                    f"{_degres(lat)} et latitude {_degres(lon)}."
                )
            point = f"({_degres(lon)} ; {_degres(lat)})"
            yield Ecart("lon", f"le point {point} est hors de France : {remedy}")
            return
        commune = self.communes.get(projet.commune_id)
        if commune is not None and commune.lon is not None:
            away = distance(lon, lat, commune.lon, commune.lat)
            if away > LOIN:
                yield Ecart(
                    "lon",
                    f"le point est à {away:.0f} km de {commune.nom} ({commune.code}) : vérifiez "
                    "la commune, la longitude et la latitude.",
                    doute=True,
                )
        elif box := self.cadres.get(projet.departement_id if commune is None else None):
            west, south, east, north = box
            if None not in box and not (
                west - MARGE <= lon <= east + MARGE and south - MARGE <= lat <= north + MARGE
            ):
                yield Ecart(
                    "lon",
                    f"le point est hors du département {self._nom(projet.departement_id)} : "
                    "vérifiez le département, la longitude et la latitude.",
                    doute=True,
                )

    def _du_territoire(self, projet, changes):
        if projet.territoire_id is None or not changes & {"territoire", "commune", "departement"}:
            return
        name = self.territoires.get(projet.territoire_id)
        commune = self.communes.get(projet.commune_id)
        if commune is not None:
            # A territory without members known has nothing to contradict.
            members = self.membres.get(projet.territoire_id)
            if members and not members & self.connues.geographies.tous_organismes(commune):
                right = self.territoire_at(commune, self.jour(projet))
                remedy = f"choisissez « {right} » ({right.pk})" if right else "videz le territoire"
                yield Ecart(
                    "territoire",
                    f"{commune.nom} ({commune.code}) n’est pas dans le territoire « {name} » : "
                    f"{remedy}, ou changez la commune.",
                )
            return
        touched = self.touches.get(projet.territoire_id)
        if touched and projet.departement_id not in {None, *touched}:
            yield Ecart(
                "departement",
                f"{self._nom(projet.departement_id)} n’est pas un département du territoire "
                f"« {name or projet.territoire_id} » : corrigez l’un ou l’autre.",
            )

    def _des_mots(self, projet, changes, dits):
        """What a file says beside: the région is that of the département, names go with codes."""
        place = self.departements.get(projet.departement_id)
        region = dits.get("region")
        if region and place and region != place.region_id and changes & {"departement", "commune"}:
            yield Ecart(
                "region",
                f"« {region} » n’est pas la région du département {place} : écrivez "
                f"{place.region_id} ({place.region.nom}), ou videz la cellule.",
            )
        commune = self.communes.get(projet.commune_id)
        known = {
            "commune_nom": commune.nom if commune else None,
            "territoire_nom": self.territoires.get(projet.territoire_id),
        }
        for name, right in known.items():
            said = dits.get(name)
            if said and right and name[:-4] in changes and plier(said) != plier(right):
                yield Ecart(
                    name,
                    f"« {said} » n’est pas le nom de ce que dit le code, {right} : vérifiez le "
                    "code.",
                    doute=True,
                )

    def _nom(self, departement):
        return str(self.departements.get(departement, departement))


def _degres(value):
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")


def _named(projets, name):
    return {getattr(projet, name) for projet in projets} - {None, ""}


def proposer(commune):
    """What a commune gives to a record typed today, as keys and words; None for what it does not.

    {field: {"valeur", "mots"}}, and what the record has no field for: région, intercommunalité.
    """
    lieux = Lieux([Projet(commune=commune)])
    territoire = lieux.territoire_at(commune, moment.today())
    siren = lieux.connues.geographies.intercommunalite(commune, moment.today())
    body = Intercommunalite.objects.filter(pk=siren).first()
    codes = lieux.codes_de_commune[commune.pk]
    departement = lieux.departements[commune.departement_id]
    point = f"{_degres(commune.lon)} ; {_degres(commune.lat)}" if commune.lon is not None else None
    return {
        "departement": {"valeur": departement.pk, "mots": str(departement)},
        "territoire": territoire and {"valeur": territoire.pk, "mots": str(territoire)},
        "code_postal": {"valeur": min(codes), "mots": min(codes)} if len(codes) == 1 else None,
        "region": departement.region.nom,
        "intercommunalite": body and body.nom,
        "point": point,
    }


def en_mots(given):
    """The same in a sentence: « Calvados (14), Normandie ; CU Caen la Mer ; hors territoire »."""
    return " ; ".join(
        (
            f"{given['departement']['mots']}, {given['region']}",
            given["intercommunalite"] or "aucune intercommunalité",
            f"territoire : {given['territoire']['mots']}"
            if given["territoire"]
            else "aucun territoire de la dernière liste connue",
            f"centre : {given['point'] or NON_RENSEIGNE}",
        )
    )


def controler(projets):
    """(index, field, sentence) of the records, not saved yet, whose place contradicts itself."""
    lieux = Lieux(projets)
    for index, projet in enumerate(projets):
        for ecart in lieux.ecarts(projet, {"commune", "departement", "territoire"}):
            if ecart.champ in {"departement", "territoire"} and not ecart.doute:
                yield index, ecart.champ, ecart.phrase
