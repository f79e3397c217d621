"""The table of faults is whole: every row has its tests, in every colour."""

import importlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wire.faults import BEFORE_SENDING, FAULTS
from wire.scripted import COLOURS


def marked() -> Iterator[tuple[str, frozenset[str]]]:
    """For each test with a mark: the row that it is about, and the colours in which it runs."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"wire.{path.stem}")
        holders: list[Any] = [module, *(each for each in vars(module).values() if isinstance(each, type))]
        for holder in holders:
            around = [] if holder is module else getattr(holder, "pytestmark", [])
            for name, function in vars(holder).items():
                if name.startswith("test_"):
                    marks = [*around, *getattr(function, "pytestmark", [])]
                    colours = frozenset(
                        colour
                        for mark in marks
                        if mark.name == "parametrize" and mark.args[0] == "colour"
                        for colour in mark.args[1]
                    )
                    yield from ((mark.args[0], colours) for mark in marks if mark.name == "fault")


def test_every_row_of_the_table_is_survived_in_every_colour() -> None:
    covered: defaultdict[str, set[str]] = defaultdict(set)
    for row, colours in marked():
        covered[row] |= colours
    missing = {row: set(COLOURS) - covered[row] for row in FAULTS if row not in BEFORE_SENDING}
    assert {row: colours for row, colours in missing.items() if colours} == {}
    assert set(covered) == set(FAULTS)


@pytest.mark.parametrize("row", sorted(BEFORE_SENDING))
def test_what_is_refused_before_sending_is_a_row(row: str) -> None:
    assert row in FAULTS
