"""What is told of the figures: a table for each case, and how they grow.

Decided here: words, units and columns. Never here: what is measured, and what a figure is.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from measuring import Case, growth, median, spread

__all__ = ["growths", "lines_of"]

FACTORS: Final = {"s": (1e3, "ms"), "ms": (1.0, "ms"), "MB": (1.0, "MB"), "KiB": (1.0, "KiB"), "bytes": (1.0, "B")}


def verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def lines_of(case: Case) -> Iterator[str]:
    """A case as a table: median, spread, ratio, goal."""
    factor, unit = FACTORS.get(case.unit, (1.0, case.unit))
    yield f"{case.family}: {case.name}" + (f", {case.size:,}" if case.size is not None else "")
    for subject, values in case.measured.items():
        own, ratio = median(values), case.ratio(subject)
        if unit == "ms" and own * factor < 1.0:
            told = f"{own * factor * 1e3:10.0f} us"
        else:
            told = f"{own * factor:10.1f} {unit}"
        line = f"  {subject:<32} {told:<14} ±{spread(values) * 100:3.0f} %"
        line += f"  {ratio:8.2f} x" if ratio is not None else ""
        goal, figure = case.goals.get(subject), own if case.beside is None else ratio
        if goal is not None and figure is not None:
            line += f"  (goal {goal * (factor if case.beside is None else 1):g}: {verdict(figure <= goal)})"
        yield line
    yield from (f"  {told}" for told in case.left_out)
    for peer, lead in case.leads.items():
        for subject in case.goals:
            if subject in case.measured and median(case.measured[subject]) > 0:
                ahead = median(case.measured[peer]) / median(case.measured[subject])
                yield f"  {subject} is {ahead:.1f} times as fast as {peer} (goal {lead:g}: {verdict(ahead >= lead)})"


def growths(cases: Sequence[Case]) -> Iterator[str]:
    """The exponents, from the smallest to the largest size."""
    goals = {(case.family, case.name): case.exponents for case in cases}
    for (family, name, subject), (small, large, exponent) in growth(cases).items():
        goal = goals[family, name].get(subject)
        told = "" if goal is None else f"  (goal {goal:g}: {verdict(exponent <= goal)})"
        yield f"  {f'{family}: {name}, {subject}':<56} {small:,} to {large:,}: {exponent:.2f}{told}"
