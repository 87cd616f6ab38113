"""The lock files hold exactly what pyproject.toml asks for, with hashes: no network needed.

Walks the requirements from pyproject.toml through the metadata of the installed packages, for this
platform; a pin that nothing asks for, a missing one or one outside its range fails.
"""

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REMEDY = "run `make lock`"
LOCKS = {
    "requirements.txt": PROJECT["dependencies"],
    "requirements-dev.txt": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"],
}


def read_lock(name):
    """{package: version} pinned for this platform; every pin must carry a hash."""
    joined = re.sub(r"\\\n\s*", "", (ROOT / name).read_text())
    pins = {}
    for line in joined.splitlines():
        if not line or line.lstrip().startswith("#"):
            continue
        text, *hashes = re.split(r"\s*--hash=", line)
        assert hashes, f"{name}: {text} has no hash, {REMEDY}"
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate():
            (pin,) = requirement.specifier
            assert pin.operator == "==", f"{name}: {text} is not pinned, {REMEDY}"
            pins[canonicalize_name(requirement.name)] = pin.version
    return pins


def applies(requirement, extras):
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_exactly_what_is_asked_for(name):
    pins = read_lock(name)
    waiting = [Requirement(text) for text in LOCKS[name]]
    seen = {}
    while waiting:
        requirement = waiting.pop()
        package = canonicalize_name(requirement.name)
        assert package in pins, f"{name}: {requirement} is not locked, {REMEDY}"
        assert requirement.specifier.contains(pins[package], prereleases=True), (
            f"{name}: {package} {pins[package]} does not satisfy {requirement}, {REMEDY}"
        )
        extras = set(requirement.extras)
        if extras <= seen.get(package, set()) and package in seen:
            continue
        seen[package] = seen.get(package, set()) | extras
        asked = [Requirement(text) for text in distribution(package).requires or []]
        waiting += [one for one in asked if applies(one, extras)]
    assert seen.keys() == pins.keys(), (
        f"{name}: nothing asks for {sorted(pins.keys() - seen.keys())}, {REMEDY}"
    )


def test_both_locks_agree():
    runtime, development = map(read_lock, LOCKS)
    assert runtime.items() <= development.items()


@pytest.mark.parametrize("name", LOCKS)
def test_installed_versions_are_the_locked_ones(name):
    pins = read_lock(name)
    assert {package: distribution(package).version for package in pins} == pins


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_machine(name):
    assert not re.search(r"://|file:|--(extra-)?index-url|--find-links", (ROOT / name).read_text())
