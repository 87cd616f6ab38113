"""What the code of the back-office never does, read in its own text."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin

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
        if path.is_relative_to(ROOT / "programme" / "backoffice")
        for line in written_data(ast.parse(path.read_text()))
    ]
    assert not found


def _is_request(node):
    """Whether an expression is the request that a function or an object was given."""
    held = isinstance(node, ast.Attribute) and node.attr == "request"
    return held or (isinstance(node, ast.Name) and node.id == "request")


def _arguments(function):
    args = function.args
    return {arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)}


def written_requests(tree):
    """The lines that set something on a request, which they did not make."""
    made = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and "request" not in _arguments(function)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == "request"
    }
    for node in ast.walk(tree):
        for target in _targets(node):
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                written = isinstance(part, ast.Attribute) and part.value
                if written and _is_request(written) and id(written) not in made:
                    yield node.lineno
        called = node.func if isinstance(node, ast.Call) and node.args else None
        held = getattr(called, "value", None)
        inside = isinstance(held, ast.Attribute) and held.attr == "__dict__"
        if inside and called.attr in MUTATIONS and _is_request(held.value):
            yield node.lineno
        sets = isinstance(called, ast.Name) and called.id in {"setattr", "delattr", "vars"}
        if sets and _is_request(node.args[0]):
            yield node.lineno


@pytest.mark.parametrize(
    "text",
    [
        "def view(request): request.refus = 1",
        "def view(request): del request.refus",
        "def view(self): self.request.POST = 1",
        "def view(request): setattr(request, 'refus', 1)",
        "def view(request): request.__dict__.setdefault('memo', {})",
        "def view(request): a, request.refus = b",
    ],
)
def test_a_request_that_is_written_to_is_seen(text):
    assert list(written_requests(ast.parse(text))) == [1]


def test_nothing_travels_on_a_request():
    """What a turn of a form says is in its `Tour`; middlewares alone add to a request."""
    middlewares = {name.rpartition(".")[0] for name in settings.MIDDLEWARE}
    found = [
        f"{path.relative_to(ROOT)}, ligne {line}"
        for path in MODULES
        if ".".join(path.relative_to(ROOT).with_suffix("").parts) not in middlewares
        for line in written_requests(ast.parse(path.read_text()))
    ]
    assert not found


TOUR_DE_CLASSES = 8


@pytest.mark.parametrize("screen", admin.site._registry.values(), ids=lambda s: type(s).__name__)
def test_a_screen_is_composed_not_piled_up(screen):
    """What a screen has is a `Piece` that it declares: its classes stay few."""
    ours = [
        c for c in type(screen).__mro__ if c.__module__.startswith(("programme", "territoires"))
    ]
    assert len(ours) <= TOUR_DE_CLASSES, [c.__name__ for c in ours]
