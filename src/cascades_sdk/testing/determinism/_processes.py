"""Fresh processes: a few at a time, each for a bounded time, and none left behind.

Decided here: what a fresh process inherits and what is set for it, and what is told of one that came to no answer.
Never here: what it does.
"""

import contextlib
import os
import signal
import subprocess  # nosec B404  # other hash seeds need other processes
import sys
import sysconfig
import tempfile
import time
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from cascades_sdk.protocol.hiding import SHORTEST, hidden
from cascades_sdk.testing.determinism._child import (
    BOOTSTRAP,
    INSIDE,
    WITHOUT_PACKAGE,
    answer_from,
    request_text,
)
from cascades_sdk.testing.determinism._model import (
    Environment,
    FlowNotFoundError,
    FreshProcessError,
    UnfitPythonError,
)
from cascades_sdk.testing.determinism._observing import Observation
from cascades_sdk.testing.determinism._places import FlowPlace
from cascades_sdk.values import printable

__all__ = ["Asked", "answers", "environments"]

_Answer: TypeAlias = Observation | FlowNotFoundError | FreshProcessError | UnfitPythonError

#: How many processes run at a time.
_TOGETHER: Final = min(4, os.cpu_count() or 1)

#: How many characters of what a process said are told: the end of a traceback is its last line.
_SAID: Final = 500

#: The local time is 26 hours apart in these two, so the local date is never the same. POSIX writes them so, and no
#: database of zones is needed.
_TIME_ZONES: Final = ("UTC+12", "UTC-14")

#: What a variable is called whose value is not repeated.
_SECRET_WORDS: Final = ("TOKEN", "SECRET", "PASS", "KEY", "COOKIE", "SESSION", "AUTH", "CREDENTIAL")


@attrs.frozen
class Asked:
    """What all processes of a check are asked."""

    place: FlowPlace
    inputs: Mapping[str, Any]
    repeats: int
    timeout: float


@attrs.frozen
class _Running:
    environment: Environment
    process: "subprocess.Popen[bytes]"
    answered: Path
    said: Path
    until: float


def environments(pythons: Sequence[str], hash_seeds: int) -> tuple[Environment, ...]:
    """This interpreter and the others, each with every hash seed; every other one in another time zone."""
    return tuple(
        Environment(python, seed, _TIME_ZONES[seed % 2])
        for python in (sys.executable, *pythons)
        for seed in range(hash_seeds)
    )


def answers(asked: Asked, wanted: Sequence[Environment]) -> Generator[tuple[Environment, _Answer], None, None]:
    """What each environment saw, in order. Lazy; whoever stops asking ends what is running."""
    waiting, running = deque(enumerate(wanted)), deque[_Running | UnfitPythonError]()
    with tempfile.TemporaryDirectory(prefix="cascades-determinism-", ignore_cleanup_errors=True) as folder:
        try:
            while waiting or running:
                while waiting and len(running) < _TOGETHER:
                    number, environment = waiting.popleft()
                    running.append(_started(asked, environment, Path(folder) / str(number)))
                first = running[0]
                yield wanted[len(wanted) - len(waiting) - len(running)], _answer(asked, first)
                _end(running.popleft())
        finally:
            for each in running:
                _end(each)


def _started(asked: Asked, environment: Environment, stem: Path) -> _Running | UnfitPythonError:
    request, answered, said = (stem.with_suffix(suffix) for suffix in (".request", ".answer", ".said"))
    same = environment.python == sys.executable
    path = [str(Path(entry).absolute()) for entry in sys.path if same or _is_the_users(entry)]
    request.write_text(request_text(asked.place, asked.inputs, asked.repeats, path, same), encoding="utf-8")
    try:
        process = _process(environment, [str(answered), str(request)], said)
    except (OSError, ValueError) as fault:  # a path that no system could have, as with a zero byte, is a ValueError
        return UnfitPythonError(environment.python, f"it cannot be started ({fault})")
    return _Running(environment, process, answered, said, time.monotonic() + asked.timeout)


def _process(environment: Environment, arguments: list[str], said: Path) -> "subprocess.Popen[bytes]":
    with said.open("wb") as errors:
        return subprocess.Popen(  # noqa: S603  # nosec B603  # an interpreter that the caller named, no shell
            [environment.python, "-c", BOOTSTRAP, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={
                **os.environ,
                "PYTHONHASHSEED": str(environment.hash_seed),
                "PYTHONDONTWRITEBYTECODE": "1",
                "TZ": str(environment.time_zone),
                INSIDE: "1",
            },
            start_new_session=True,
        )


def _is_the_users(entry: str) -> bool:
    """Whether a folder of the search path holds the user's modules: not this interpreter's, nor this package."""
    folder = Path(entry).absolute()
    library = Path(sysconfig.get_path("stdlib"))
    return (
        folder.name not in ("site-packages", "dist-packages")
        and folder.suffix != ".zip"
        and folder != library
        and library not in folder.parents
        and not (folder / "cascades_sdk").is_dir()
    )


def _answer(asked: Asked, running: _Running | UnfitPythonError) -> _Answer:
    if isinstance(running, UnfitPythonError):
        return running
    environment = running.environment
    try:
        status = running.process.wait(max(0.0, running.until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return FreshProcessError(
            asked.place.flow, environment, f"no answer in {asked.timeout:g} s, and ended", _said(running.said)
        )
    if status == WITHOUT_PACKAGE:
        return UnfitPythonError(environment.python, f"it has no such cascades-sdk ({_said(running.said)})")
    if not running.answered.exists():
        problem = f"it ended with status {status} and without an answer"
        return FreshProcessError(asked.place.flow, environment, problem, _said(running.said))
    return answer_from(running.answered.read_text(encoding="utf-8"))


def _said(file: Path) -> str:
    """The end of what a process said, on one printable line, without what variables called secret hold."""
    secrets = tuple(
        value
        for name, value in os.environ.items()
        if len(value) >= SHORTEST and any(word in name.upper() for word in _SECRET_WORDS)
    )
    with file.open("rb") as said:
        said.seek(max(0, file.stat().st_size - 2**20))
        text = hidden(said.read().decode("utf-8", "replace"), secrets)
    line = printable(" ".join(text.split()))
    return line if len(line) <= _SAID else "…" + line[1 - _SAID :]


def _end(running: _Running | UnfitPythonError) -> None:
    """End a process, and whatever it started itself, where the system knows groups of processes."""
    if isinstance(running, _Running):
        with contextlib.suppress(AttributeError, ProcessLookupError, PermissionError):
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.kill()
        running.process.wait()
