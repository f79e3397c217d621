"""What is measured, and how: interleaved rounds, CPU time, peaks of memory in processes of their own.

A case is one question, answered by several subjects in the same rounds. What is told of a subject is the median of its
rounds and their spread (half of the range between the quartiles); a ratio is between medians of one run.
"""

import gc
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

__all__ = [
    "Case",
    "Settings",
    "cpu",
    "growth",
    "in_fresh_process",
    "interleaved",
    "median",
    "peak_memory",
    "spread",
]

HERE: Final = Path(__file__).parent


@attrs.frozen
class Settings:
    """How much is measured. ``sizes`` are tasks or nodes of a graph; ``peers`` are other libraries, by name."""

    sizes: tuple[int, ...]
    rounds: int
    #: How many calls, events, waits and streams, as a share of the usual numbers.
    share: float = 1.0
    peers: Mapping[str, Any] = attrs.field(factory=dict)
    #: The tasks of the graphs that are measured as a whole process, memory and time.
    whole: int = 1_000_000

    def some(self, usual: int) -> int:
        """So many of what is usually measured so often; at least one."""
        return max(1, round(usual * self.share))


@attrs.frozen
class Case:
    """One question: by subject, one figure for each round.

    A goal is the most that a subject may have: of its ratio to ``beside``, where the case has one, else of its median.
    ``exponents`` are goals for the growth over the sizes of one name.
    """

    family: str
    name: str
    unit: str
    measured: Mapping[str, Sequence[float]]
    size: int | None = None
    beside: str | None = None
    goals: Mapping[str, float] = attrs.field(factory=dict)
    #: By subject: how many times as much another must have at least.
    leads: Mapping[str, float] = attrs.field(factory=dict)
    exponents: Mapping[str, float] = attrs.field(factory=dict)
    #: Who was not asked, and why.
    left_out: tuple[str, ...] = ()

    def ratio(self, subject: str) -> float | None:
        """The median of a subject over that of the one beside which all are told.

        None, too, where that one was too quick for the clock: that of Windows goes by 15 ms.
        """
        unit = 0.0 if self.beside is None else median(self.measured[self.beside])
        return median(self.measured[subject]) / unit if unit > 0 else None


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> float:
    """Half of the range between the quartiles, over the median."""
    if len(values) < 3 or not median(values):
        return 0.0
    lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
    return (upper - lower) / 2 / median(values)


def growth(cases: Iterable[Case]) -> dict[tuple[str, str, str], tuple[int, int, float]]:
    """By family, name and subject: the smallest and the largest size, and the exponent of the growth between them.

    A subject that was too quick for the clock at one of them is left out.
    """
    series: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for case in cases:
        if case.size is not None and case.unit == "s":
            for subject, values in case.measured.items():
                series.setdefault((case.family, case.name, subject), []).append((case.size, median(values)))
    grown = {}
    for key, points in series.items():
        (small, before), (large, after) = min(points), max(points)
        if small < large and before > 0 and after > 0:
            grown[key] = small, large, math.log(after / before) / math.log(large / small)
    return grown


def cpu(work: Callable[[], object], *, collector: bool = True) -> float:
    """The CPU seconds (user and system) of some work in this process, after a collection; with the collector or not."""
    gc.collect()
    if not collector:
        gc.disable()
    try:
        before = time.process_time()
        work()
        return time.process_time() - before
    finally:
        gc.enable()


def interleaved(works: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """By name what each round gave; all take turns, and a first round that warms up is left out."""
    measured: dict[str, list[float]] = {name: [] for name in works}
    for each in range(rounds + 1):
        for name, work in works.items():
            figure = work()
            if each:
                measured[name].append(figure)
    return measured


def peak_memory() -> float:
    """The most memory that this process had so far, in MB.

    Of Linux from its own page: what ``getrusage`` tells there begins with what the parent had when this process began.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return float(found.split()[1]) / 1024
    try:
        import resource
    except ImportError:  # on Windows; nothing of the standard library tells there
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def in_fresh_process(program: str, *arguments: str) -> dict[str, float]:
    """What a program in a fresh interpreter tells by printing JSON; it finds the modules of this folder."""
    completed = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(HERE)!r})\n{program}", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, float] = json.loads(completed.stdout)
    return told
