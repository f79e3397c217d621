"""A module of flows, as a user has one, in a file of its own for each test."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from cascades_sdk.cli import main

__all__ = ["FLOWS", "folder_with_flows", "interrupted", "one_line_on_stderr", "until"]

FLOWS = """
import os
import time
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

@task
def wait_for(gate: str, number: float) -> float:
    deadline = time.monotonic() + 60
    while not os.path.exists(gate):
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return number

@flow
def gated(gate: str, number: int = 84) -> float:
    return halve(wait_for(gate, halve(number)))

@flow
def by_chance(number: int = 84) -> float:
    for letter in {"a", "b", "c", "d", "e", "f", "g", "h"}:
        halve(ord(letter))
    return halve(number)

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


def until(ready: Callable[[], object], told: Callable[[], str] = str) -> None:
    """Wait for a condition, at most ten seconds."""
    deadline = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < deadline, told()
        time.sleep(0.002)


def interrupted(
    arguments: list[str], lines: int, visit: Callable[[list[str]], object], printed: StringIO | None = None
) -> int:
    """Run a command that does not end; visit it when it has printed so many lines, then press Ctrl-C."""
    printed = StringIO() if printed is None else printed
    faults: list[BaseException] = []

    def look_in() -> None:
        try:
            until(lambda: printed.getvalue().count("\n") >= lines, printed.getvalue)
            visit(printed.getvalue().splitlines())
        except BaseException as fault:
            faults.append(fault)
        os.kill(os.getpid(), signal.SIGINT)

    visitor = threading.Thread(target=look_in)
    visitor.start()
    with redirect_stdout(printed):
        code = main(arguments)
    visitor.join()
    if faults:
        raise faults[0]
    return code
