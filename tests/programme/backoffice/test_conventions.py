"""What the code of the back-office never does, read in its own text."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
MODULES = sorted((ROOT / "programme").rglob("*.py"))
MUTATIONS = {"setlist", "setlistdefault", "setdefault", "appendlist", "pop", "popitem", "update"}


def _targets(node):
    """The expressions that a statement writes to or deletes."""
    if isinstance(node, ast.Assign | ast.Delete):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def _is_data(node):
    """Whether an expression is the data that a form received."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "data"
        and isinstance(node.value, ast.Name)
        and node.value.id in {"self", "form", "formset"}
    )


def written_data(tree):
    """The lines that change the data of a form, once it is bound."""
    for node in ast.walk(tree):
        for target in _targets(node):
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                if _is_data(part) or (isinstance(part, ast.Subscript) and _is_data(part.value)):
                    yield node.lineno
        called = node.func if isinstance(node, ast.Call) else None
        if (
            isinstance(called, ast.Attribute)
            and called.attr in MUTATIONS
            and _is_data(called.value)
        ):
            yield node.lineno


@pytest.mark.parametrize(
    "text",
    [
        "self.data = 1",
        "self.data['a'] = 1",
        "del self.data['a']",
        "self.data |= {}",
        "form.data.pop('a')",
        "a, self.data = b",
    ],
)
def test_a_form_that_rewrites_its_data_is_seen(text):
    assert list(written_data(ast.parse(text))) == [1]


def test_no_form_rewrites_its_data():
    """What was sent stays as it was sent: another value stands beside it, in `retenu`."""
    found = [
        f"{path.relative_to(ROOT)}, ligne {line}"
        for path in MODULES
        for line in written_data(ast.parse(path.read_text()))
    ]
    assert not found
