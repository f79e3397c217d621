"""The flows that are measured: functions over tasks, so that every capture runs the same Python.

A chain, a fan-in of an input, a fan-out of a task and back, and a mix of what real flows hold: loading with literals of
some size, cleaning, joining over lists of references, scoring over objects of them.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

__all__ = ["SHAPES", "TASKS", "Shape", "Tasks"]

Tasks: TypeAlias = dict[str, Callable[..., Any]]
#: A flow: from tasks, how many calls to make and the input of the flow to what it returns.
Shape: TypeAlias = Callable[[Tasks, int, Any], Any]


def add(a: int, b: int = 1) -> int:
    return a + b


def total(items: list[int]) -> int:
    return sum(items)


def load(path: str, columns: list[str], limit: int = 1000) -> int:
    return len(path) + len(columns) + limit


def clean(rows: int, drop: str) -> int:
    return rows - len(drop)


def join(parts: list[int], by: str, how: str) -> int:
    return sum(parts) + len(by + how)


def score(features: dict[str, int], threshold: float, day: int) -> int:
    return features["base"] + day if threshold else features["weight"]


TASKS: Final[Tasks] = {each.__name__: each for each in (add, total, load, clean, join, score)}


def chain(tasks: Tasks, size: int, n: Any) -> Any:
    add = tasks["add"]
    for step in range(size):
        n = add(n, step)
    return n


def fan_in(tasks: Tasks, size: int, n: Any) -> Any:
    add = tasks["add"]
    return tasks["total"]([add(n, step) for step in range(size - 1)])


def fan_out(tasks: Tasks, size: int, n: Any) -> Any:
    add = tasks["add"]
    first = add(n, 0)
    return tasks["total"]([add(first, step) for step in range(size - 2)])


def mix(tasks: Tasks, size: int, n: Any) -> Any:
    load, clean, join, score = (tasks[name] for name in ("load", "clean", "join", "score"))
    scored = None
    for at in range(0, size, 4):
        loaded = load(f"warehouse/raw/table-{at:06d}.parquet", ["id", "name", "amount", "currency"])
        cleaned = clean(loaded, "empty lines")
        joined = join([cleaned, loaded if scored is None else scored], "id", how="left")
        scored = score({"base": joined, "weight": at}, 0.5, n)
    return scored


SHAPES: Final[dict[str, Shape]] = {"chain": chain, "fan_in": fan_in, "fan_out": fan_out, "mix": mix}
