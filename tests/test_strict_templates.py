"""The rule of `strict_templates` itself: what fails, and what may be absent."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Engine

OURS = str(settings.BASE_DIR / "templates" / "essai.html")
THEIRS = "paquet/essai.html"


def render(source, name=OURS, **context):
    loader = ("django.template.loaders.locmem.Loader", {name: source})
    return Engine(loaders=[loader]).get_template(name).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        "{{ absent }}",
        "{{ absent|default:'x' }}",
        "{{ objet.absent }}",
        "{% for x in absent %}{% endfor %}",
        "{% with x=absent %}{% endwith %}",
        "{% if objet.absent %}{% endif %}",
        "{% if objet.absent == 1 %}{% endif %}",
        "{% if not objet.absent %}{% endif %}",
    ],
)
def test_undefined_variable_fails(source):
    with pytest.raises(pytest.fail.Exception, match="absent"):
        render(source, objet=SimpleNamespace(nom="x"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% if absent %}oui{% else %}non{% endif %}", "non"),
        ("{% if rien.nom %}oui{% else %}non{% endif %}", "non"),
        ("{% if table.cle %}oui{% else %}non{% endif %}", "non"),
        ("{% if liste.3 %}oui{% else %}non{% endif %}", "non"),
        ("{% firstof absent 'non' %}", "non"),
        ("{{ objet.nom|upper|default:'x' }}", "NOM"),
        ("{% for x in liste %}{{ forloop.counter }}{% endfor %}", "12"),
    ],
)
def test_what_is_defined_or_optional_renders(source, expected):
    context = {"rien": None, "table": {}, "liste": [1, 2], "objet": SimpleNamespace(nom="nom")}
    assert render(source, **context) == expected


def test_templates_of_packages_keep_the_lenient_rule():
    assert render("[{{ absent }}]", name=THEIRS) == "[]"
