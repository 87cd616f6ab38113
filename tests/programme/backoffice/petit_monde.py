"""Two phases on some twenty members, cut at random: a world as small as the real one is large."""

import random
from datetime import timedelta

from territoires.carte import code_membre
from territoires.models import Certitude, Liste, Phase, Territoire
from territoires.signaux import donnees_chargees
from territoires.situation import situer
from tests import factories as f
from tests.programme.backoffice.liste_183 import OUVERTURE, PHASE_2, SOURCES, SUIVANTE

TARD = Certitude.AU_PLUS_TARD


def batir(graine):
    """Make it, as the fixtures would hold it after both lists of phase 2."""
    tirage = random.Random(graine)
    regions = [f.RegionFactory(code=code) for code in ("28", "53")]
    membres = _membres(tirage, regions)
    tirage.shuffle(membres)
    reserve = [membres.pop() for _ in range(5)]
    groups = _couper(tirage, membres)
    _phase_1(tirage, regions, groups)
    # Two stay as they were, three members leave, two enter; the others are cut anew.
    others = [membre for group in groups[2:] for membre in group][3:]
    others += [reserve.pop(), reserve.pop()]
    tirage.shuffle(others)
    _phase_2(tirage, regions, [*groups[:2], *_couper(tirage, others)], reserve)
    situer()
    donnees_chargees.send(sender=None)


def _membres(tirage, regions):
    """Intercommunalités of one or two départements with their communes, and communes alone."""
    places = [f.DepartementFactory(region=region) for region in regions for _ in range(2)]
    found = []
    for rank in range(18):
        around = tirage.sample(places, tirage.choice([1, 1, 2]))
        here = {"lon": rank * 0.37 - 4, "lat": 43 + rank * rank * 0.02}  # no two as near
        epci = f.IntercommunaliteFactory(departements=around, **here)
        for place in around:
            f.CommuneFactory(departement=place, intercommunalite=epci, **here)
        found.append({"intercommunalite": epci})
    for rank in range(4):
        here = {"lon": rank * 0.41 + 3, "lat": 49.5}
        alone = f.CommuneFactory(departement=tirage.choice(places), **here)
        found.append({"intercommunalite": None, "commune": alone})
    return found


def _couper(tirage, membres):
    """Groups of one to four members."""
    left, groups = list(membres), []
    while left:
        size = min(len(left), tirage.randint(1, 4))
        groups.append([left.pop() for _ in range(size)])
    return groups


def _phase_1(tirage, regions, groups):
    for rank, group in enumerate(groups):
        region = tirage.choice(regions)
        made = f.TerritoireFactory(
            code=f"ti-{region.pk}{rank + 1:02}",
            nom=f"Bassin {rank}",
            slug=f"bassin-{rank}",
            region_porteuse=region,
            rattachement=None,
        )
        for membre in group:
            f.RattachementFactory(territoire=made, **membre)


def _phase_2(tirage, regions, groups, reserve):
    """The first territory is renamed and gains a member, another loses one, the last is merged."""
    Phase.objects.filter(pk=2).update(
        nom=PHASE_2["nom_phase"], reference=SUIVANTE, source=SOURCES[OUVERTURE]
    )
    Phase.objects.filter(pk=1).update(fin=OUVERTURE, fin_certitude=Certitude.RECONSTITUEE)
    Liste.objects.filter(phase=2).delete()
    largest = sorted(groups, key=len)
    *stay, leaves, gains = largest
    merged = stay.pop(0)
    codes = list(range(1, 90))
    tirage.shuffle(codes)

    def territoire(nom, day, **facts):
        region, rank = tirage.choice(regions), codes.pop()
        facts = {"nom": nom, "slug": Territoire.slug_de(nom), **facts}
        return f.TerritoireFactory(
            code=f"ti2-{region.pk}{rank:02}",
            code_anct=f"ti-{region.pk}{rank:02}",
            phase_id=2,
            region_porteuse=region,
            source_entree=SOURCES[day],
            rattachement=None,
            **facts,
        )

    for rank, group in enumerate(stay):
        # Some keep a name of phase 1, under another code.
        _entrent(
            territoire(f"Bassin {rank}" if rank % 2 else f"Vallées de l’Orne {rank}", OUVERTURE),
            group,
        )
    grown = territoire("Terres d’acier et de lin", OUVERTURE, slug="pays-de-lin")
    f.AutreNomFactory(territoire=grown, nom="Pays de Lin", fin=SUIVANTE)
    _entrent(grown, gains)
    _sortent(_entrent(territoire("Bocage", OUVERTURE), leaves)[:1])
    heir = territoire("Collines", OUVERTURE)
    _entrent(heir, [reserve.pop()])
    gone = territoire("Petit bassin", OUVERTURE, source_sortie=SOURCES[SUIVANTE], successeur=heir)
    _sortent(_entrent(gone, merged))
    _entrent(heir, merged, SUIVANTE)
    _entrent(grown, [reserve.pop()], SUIVANTE)
    _entrent(territoire("Nouveau venu", SUIVANTE), [reserve.pop()], SUIVANTE)
    first = len(stay) + 4
    for day, number in ((OUVERTURE, first), (SUIVANTE, first)):
        f.ListeFactory(date=day, phase_id=2, nombre=number, source=SOURCES[day])


def _entrent(territoire, membres, day=OUVERTURE):
    surely = {"certitude": Certitude.EXACTE}
    if day == SUIVANTE:
        surely = {"certitude": TARD, "pas_avant": OUVERTURE + timedelta(days=1)}
    common = {"debut": day, "source": SOURCES[day], **surely}
    rows = [f.RattachementFactory(territoire=territoire, **common, **m) for m in membres]
    return sorted(rows, key=code_membre)


def _sortent(rows):
    for row in rows:
        row.fin, row.fin_certitude = SUIVANTE, TARD
        row.source = " ; ".join(SOURCES.values())
        row.save()
