"""The kit is used by the suites that it came from: every public name of it."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from cascades_sdk.testing import plane
from cascades_sdk.testing.strategies._parts import names, references

ROOT = Path(__file__).parents[1]

MODULES = [
    "cascades_sdk.testing",
    *(f"cascades_sdk.testing.{name}" for name in ("determinism", "faithfulness", "plane", "plugin", "snapshots")),
    "cascades_sdk.testing.strategies",
    "cascades_sdk_hypothesis",
    "cascades_sdk_pytest",
]


def modules_of(package: str) -> set[str]:
    """The modules in a package, as it is installed."""
    return {module.name for module in pkgutil.iter_modules(import_module(package).__path__)}


def used_in(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that code uses, each with the module that it is taken from: imported, or read from a module that was.

    A parameter is how pytest is asked for a fixture; its module is not told.
    """
    modules: dict[str, str] = {}
    attributes: list[tuple[str, str]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                modules |= {alias.asname: alias.name for alias in names if alias.asname is not None}
                modules |= {alias.name: alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names):
                modules |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
                yield from ((module, alias.name) for alias in names)
            case ast.Attribute(value=ast.Name(id=holder), attr=name):
                attributes.append((holder, name))
            case ast.arg(arg=name):
                yield PARAMETER, name
    yield from ((modules[holder], name) for holder, name in attributes if holder in modules)


#: Where a parameter comes from.
PARAMETER = "a parameter"

#: What the suites use, but for this file.
USED = {
    used
    for folder in ("tests", "properties")
    for file in (ROOT / folder).rglob("*.py")
    if file != Path(__file__) and "node_modules" not in file.parts
    for used in used_in(ast.parse(file.read_text(encoding="utf-8")))
}


def test_the_modules_are_all_that_is_public_in_the_kit() -> None:
    found = {module for module in modules_of("cascades_sdk.testing") if not module.startswith("_")}
    assert {f"cascades_sdk.testing.{name}" for name in found} == {*MODULES[1:-2]}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in MODULES for name in import_module(module).__all__]
)
def test_a_public_name_of_the_kit_is_used_by_the_suites(module: str, name: str) -> None:
    # A name may be taken from whichever module has it.
    homes = [home for home, used in USED if used == name and home.startswith("cascades_sdk")]
    fixture = module == "cascades_sdk_pytest" and (PARAMETER, name) in USED
    value = getattr(import_module(module), name)
    assert fixture or any(getattr(import_module(home), name) is value for home in homes)


def test_words_in_strings_and_comments_are_no_use_and_nor_are_the_like_elsewhere() -> None:
    code = """
import kit.doors
import kit.rooms as rooms
from kit import windows
windows.opened, rooms.entered, windows.opened.wide, other.attribute

# kit.commented
def test(fixture):
    "kit.documented"
    other("kit.quoted").windows
"""
    assert {*used_in(ast.parse(code))} == {
        ("kit", "windows"),
        ("kit.windows", "opened"),
        ("kit.rooms", "entered"),
        (PARAMETER, "fixture"),
    }


def test_the_parts_of_the_plane_are_listed_all_of_them() -> None:
    parts = {module for module in modules_of("cascades_sdk.testing.plane") if module.startswith("_")}
    assert sorted(re.findall(r"``(_[a-z]+)``", str(plane.__doc__))) == sorted(parts)


def test_where_nothing_is_seen_there_are_no_references() -> None:
    assert references((), (), names()).is_empty
    assert not references((0,), (), names()).is_empty
