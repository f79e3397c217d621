"""A module of flows, as a user has one, in a file of its own for each test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

__all__ = ["FLOWS", "folder_with_flows", "one_line_on_stderr"]

FLOWS = """
from cascades_sdk.compiler import flow, task, when

@task
def halve(number: int) -> float:
    return number / 2

@task
def fail(number: int) -> int:
    raise ValueError(f"no {number}\\nat all")

@task
def is_odd(number: int) -> bool:
    return number % 2 == 1

@flow
def halved(number: int = 84) -> float:
    return halve(number)

@flow
def failing(number: int = 1) -> int:
    return fail(number)

@flow
def branching(number: int = 1) -> int:
    return halve(number) if number else 0

@flow
def larger(number: int = 84, times: int = 2) -> object:
    parts = halve.map([number, 2])
    return when(is_odd(number), then=lambda: halve(number), otherwise=lambda: parts)

not_a_flow = 5
"""


def folder_with_flows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a module of flows, which is the working directory."""
    (folder / "flows_of_a_user.py").write_text(FLOWS, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != ""])
    yield folder
    for name in [name for name, module in sys.modules.items() if str(folder) in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]


def one_line_on_stderr(capsys: "pytest.CaptureFixture[str]") -> str:
    """The one line on stderr, where nothing stands on stdout."""
    out, told = capsys.readouterr()
    assert out == ""
    assert told.count("\n") == 1, told
    assert told.startswith("cascades: ")
    return told.strip()
