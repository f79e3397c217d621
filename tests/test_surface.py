"""The public surface: what is promised, that it is documented, and that nothing else shows."""

import difflib
import inspect
import re
from importlib import import_module
from typing import Any

import pytest

import surface

CALLABLES = [
    (f"{module}.{name}", value)
    for module in surface.PUBLIC
    for name, value in surface.public_names(module).items()
    if inspect.isfunction(value) or isinstance(value, type)
]
# A name that two modules promise is looked at once.
CALLABLES = [(name, value) for at, (name, value) in enumerate(CALLABLES) if value not in [v for _, v in CALLABLES[:at]]]
METHODS = [
    (f"{name}.{member}", inside.fget if isinstance(inside, property) else inside)
    for name, value in CALLABLES
    if isinstance(value, type) and value.__module__.startswith("cascades_sdk")
    for member, inside in surface.members(value)
    if inspect.isfunction(inside) or isinstance(inside, property)
]


def test_it_is_what_was_agreed_on() -> None:
    agreed, found = surface.FILE.read_text(encoding="utf-8").splitlines(), surface.text().splitlines()
    changes = "\n".join(difflib.unified_diff(agreed, found, "agreed", "found", lineterm="", n=0))
    assert not changes, (
        f"the public surface changed:\n{changes}\nIf that is meant, run `python tests/surface.py`, and say in "
        ".github/CHANGELOG.md what users will see."
    )


def test_every_module_without_an_underscore_is_promised_or_said_to_be_none() -> None:
    inner = {name for name in surface.walked() if any(f"{name}.".startswith(f"{room}.") for room in surface.INNER)}
    assert inner - set(surface.PUBLIC) == set(surface.walked()) - set(surface.PUBLIC)
    assert set(surface.PUBLIC) <= set(surface.walked())
    assert set(surface.INNER) <= inner


@pytest.mark.parametrize("module", surface.PUBLIC)
def test_a_module_promises_public_names_and_says_what_it_is(module: str) -> None:
    loaded = import_module(module)
    assert all(not name.startswith("_") or name == "__version__" for name in loaded.__all__)
    assert len(inspect.getdoc(loaded) or "") > 60


def test_no_public_thing_shows_that_it_lives_in_a_private_place_by_its_name() -> None:
    assert [name for name, value in CALLABLES if value.__name__.startswith("_")] == []


@pytest.mark.parametrize(("name", "value"), CALLABLES + METHODS, ids=[name for name, _ in CALLABLES + METHODS])
def test_everything_is_documented(name: str, value: Any) -> None:
    assert inspect.getdoc(value)


ANSWERING = [
    (name, value)
    for name, value in CALLABLES + METHODS
    if inspect.isfunction(value) and re.search("Outcome|Result", str(value.__annotations__.get("return")))
]


@pytest.mark.parametrize(("name", "value"), ANSWERING, ids=[name for name, _ in ANSWERING])
def test_what_answers_an_outcome_says_what_is_in_it(name: str, value: Any) -> None:
    told = inspect.getdoc(value) or ""
    if "Returns:" not in told:
        # Or by the one that it is like, for the other kind of client.
        [like, *_] = re.findall(r":(?:func|meth):`(?:~?[\w.]+\.)?(\w+)`", told) or [""]
        told = next((inspect.getdoc(other) or "" for name, other in ANSWERING if name.endswith(f".{like}")), "")
    ends = told.partition("Returns:\n")[2]
    assert re.search(r"Success|Failure|Error|:func:|:meth:|``client\.", ends), told
