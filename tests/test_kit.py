"""The kit is used by the suites that it came from: every public name of it."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MODULES = [
    "cascades_sdk.testing",
    *(f"cascades_sdk.testing.{name}" for name in ("determinism", "faithfulness", "plane", "plugin", "snapshots")),
    "cascades_sdk.testing.strategies",
    "cascades_sdk_pytest",
]

#: Every word of the suites, but of this file, and of the lists that only repeat what there is.
WORDS = {
    word
    for folder in ("tests", "properties")
    for file in (ROOT / folder).rglob("*.py")
    if file != Path(__file__) and "node_modules" not in file.parts
    for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))
}


def test_the_modules_are_all_that_is_public_in_the_kit() -> None:
    folder = ROOT / "src" / "cascades_sdk" / "testing"
    found = {file.stem for file in folder.iterdir() if not file.stem.startswith(("_", "."))}
    assert {f"cascades_sdk.testing.{name}" for name in found} == {*MODULES[1:-1]}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in MODULES for name in import_module(module).__all__]
)
def test_a_public_name_of_the_kit_is_used_by_the_suites(module: str, name: str) -> None:
    assert name in WORDS
