"""Write docs/modeles.md: the models and what ties them, drawn from Django's own registry."""

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand

FICHIER = settings.BASE_DIR / "docs/modeles.md"
APPS = {"territoires": "La carte : où, et qui", "programme": "Le programme : ce qui s’y fait"}
TETE = """# Les modèles

Écrit par `python manage.py dessiner_modeles` à partir du registre de Django ; un essai refuse qu’il
retarde. Un trait joint un modèle à celui qui le nomme : `||` toujours, `|o` peut-être, `}o` des
deux côtés pour plusieurs.
Les tables d’historique, une par modèle suivi, n’y sont pas.
"""


class Command(BaseCommand):
    help = "Dessine les modèles dans docs/modeles.md (Mermaid)."

    def handle(self, *args, **options):
        FICHIER.write_text(document(), encoding="utf-8")
        self.stdout.write(f"{FICHIER.relative_to(settings.BASE_DIR)} : écrit.")


def document():
    """The whole file: one drawing and one table an application."""
    parts = [TETE]
    for label, title in APPS.items():
        models = ours(label)
        parts += [f"## {title} (`{label}`)\n", *drawing(models), "", *table(models), ""]
    return "\n".join(parts)


def ours(label):
    models = apps.get_app_config(label).get_models()
    return sorted(
        (model for model in models if not model.__name__.startswith("Historical")),
        key=lambda model: model.__name__,
    )


def relations(model):
    """The fields of the model itself that name a row of another, in order of declaration."""
    fields = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return [field for field in fields if field.is_relation and field.related_model]


def drawing(models):
    yield "```mermaid"
    yield "erDiagram"
    for model in models:
        for field in relations(model):
            named, by = field.related_model.__name__, model.__name__
            yield f'    {named} {tie(field)} {by} : "{field.name}"'
    yield "```"


def tie(field):
    """In Mermaid's signs: how many of the other model, then how many of this one."""
    if field.many_to_many:
        return "}o--o{"
    other = "|o" if field.null else "||"
    return f"{other}--{'o|' if field.one_to_one else 'o{'}"


def table(models):
    yield "| modèle | ce que c’est | ses champs |"
    yield "| --- | --- | --- |"
    for model in models:
        names = (
            f.name for f in model._meta.local_fields if not f.primary_key or not f.auto_created
        )
        yield f"| `{model.__name__}` | {model._meta.verbose_name} | {', '.join(names)} |"
