"""From an accepted preview to the database: analysed once more, compared, then applied."""

from programme.backoffice.cadre.historique import who_and_when
from programme.backoffice.imports.analyse import Analyse
from programme.backoffice.imports.application import (
    DejaFait,
    LignesContradictoires,
    ModifieEntreTemps,
    appliquer,
)
from programme.backoffice.imports.plan import garder
from programme.models import LigneImport

CITEES = 20
A_ECRIRE = (LigneImport.Nature.NOUVEAU, LigneImport.Nature.MODIFIE)


def confirmer(depot, genre, admin, request, refuses):
    """Apply the rows of `depot` whose numbers are not in `refuses`; yields sentences of progress.

    When the file would not do now what its preview showed, nothing is written and the preview is
    made again, with what changed in `depot.remarques`.
    """
    analyse = Analyse.de(depot, genre, admin, request)
    yield from analyse.etapes()
    shown = _shown(depot)
    changed = _differences(shown, analyse.plan)
    if not changed and not analyse.plan.fautes:
        retained = [row for row in analyse.plan.retenues if row.numero not in refuses]
        try:
            yield from appliquer(depot, genre, retained, request.user)
            yield "L’import est appliqué."
            return
        except DejaFait:
            yield "Cet import est déjà appliqué : rien n’a été fait une seconde fois."
            return
        except LignesContradictoires as error:
            depot.remarques = [str(error)]
            depot.save(update_fields=["remarques"])
            yield str(error)
            return
        except ModifieEntreTemps as late:
            changed = late.numeros
            analyse = Analyse.de(depot, genre, admin, request)
            yield from analyse.etapes()
    depot.remarques = _told(genre, changed, shown)
    garder(depot, analyse.plan)
    yield "Des enregistrements ont changé depuis l’aperçu : rien n’a été enregistré, relisez-le."


def _shown(depot):
    """{number: what the preview showed of each row to write}."""
    fields = ("nature", "objet", "version", "changements")
    rows = depot.lignes.filter(nature__in=A_ECRIRE)
    return {row.numero: tuple(getattr(row, name) for name in fields) for row in rows}


def _differences(shown, plan):
    """The numbers of the rows that would not do now what was shown."""
    now = {
        row.numero: (
            row.nature,
            "" if row.est_nouvelle else str(row.instance.pk),
            row.version,
            row.changements,
        )
        for row in plan.retenues
    }
    return sorted(
        number for number in shown.keys() | now.keys() if shown.get(number) != now.get(number)
    )


def _told(genre, numbers, shown):
    """Sentences: which rows changed since the preview, and by whom."""
    listed = ", ".join(map(str, numbers[:CITEES]))
    more = f" et {len(numbers) - CITEES} autres" if len(numbers) > CITEES else ""
    pk = genre.modele._meta.pk
    versions = {
        pk.to_python(shown[n][1]): shown[n][2] for n in numbers if n in shown and shown[n][1]
    }
    key = pk.attname
    records = genre.modele.history.filter(**{f"{key}__in": versions})
    records = records.select_related("history_user")
    since = [one for one in records if one.version > versions[getattr(one, key)]]
    who = f"{who_and_when(since)} a modifié des enregistrements de ce fichier. " if since else ""
    lines = "ligne" if len(numbers) == 1 else "lignes"
    told = (
        f"Rien n’a été enregistré. {who}Depuis votre aperçu, ce que ferait le fichier a changé : "
        f"{lines} {listed}{more}. Relisez l’aperçu ci-dessous, puis confirmez de nouveau."
    )
    return [told]
