"""Write docs/rgaa.md: our assessment of the 106 criteria of RGAA 4.1, from its data."""

from django.conf import settings
from django.core.management.base import BaseCommand

from programme import accessibilite

FICHIER = settings.BASE_DIR / "docs/rgaa.md"
TETE = """# L’accessibilité, critère par critère

Écrit par `python manage.py ecrire_rgaa` à partir de `programme/accessibilite/rgaa.csv` ; un essai
refuse qu’il retarde. C’est **notre propre évaluation** des 106 critères du RGAA 4.1, sans audit
d’un tiers ni lecteur d’écran réel ; les titres sont abrégés avec nos mots. Ce qui n’est pas
vérifié en entier est compté non conforme. Une preuve est un essai de ce dépôt, ou une vérification
faite à la main, avec son jour.

Le validateur est le Nu Html Checker (paquet npm `vnu-jar`), que `make epreuves` installe et lance,
là où Java et npm sont présents, sur un millier de pages des visiteurs et des agents, refus et
formulaires mal remplis compris. La suite cherche sur chaque page les fautes qu’il y avait trouvées.
"""


class Command(BaseCommand):
    help = "Écrit docs/rgaa.md, l’évaluation de l’accessibilité."

    def handle(self, *args, **options):
        FICHIER.write_text(document(), encoding="utf-8")
        self.stdout.write(f"{FICHIER.relative_to(settings.BASE_DIR)} : écrit.")


def document():
    counts = ", ".join(
        f"{len(accessibilite.en_etat(etat))} {words}"
        for etat, words in (
            ("C", "critères conformes"),
            ("NC", "non conformes"),
            ("NA", "non applicables"),
        )
    )
    parts = [TETE, f"**{counts} : {accessibilite.taux()} % des critères applicables.**\n"]
    parts += ["## L’échantillon\n", "| Page | Adresse |", "|---|---|"]
    parts += [f"| {name} | `{url}` |" for name, url in accessibilite.ECHANTILLON.items()]
    parts.append("\nChacune est lue aussi telle qu’elle s’imprime.\n")
    for number, theme in enumerate(accessibilite.THEMES, start=1):
        parts += [f"## {number}. {theme}\n", "| Critère | | État | Preuves |", "|---|---|---|---|"]
        parts += [_line(c) for c in accessibilite.criteres() if c.theme == number]
        parts.append("")
    return "\n".join(parts)


def _line(critere):
    told = [f"`{proof}`" if "::" in proof else proof for proof in critere.preuves]
    if critere.remarque:
        told.append(critere.remarque)
    return f"| {critere.code} | {critere.titre} | {critere.etat} | {'<br>'.join(told)} |"
