"""How the nodes of a graph stand in a run, and how that looks.

Decided here: which task of a run is which node, and the mark and the colours of each status. Never here: a picture.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import attrs

from cascades_sdk.graph import Choice, Dag, ordinal_of
from cascades_sdk.pipelines import TaskProgress
from cascades_sdk.views._labels import cut

__all__ = ["NOT_BEGUN", "NOT_RUN", "Look", "look_of", "statuses_of", "tally"]


#: What waits still, and what it is called in a run that has ended: the branch that was not taken, say.
NOT_BEGUN: Final = ("PENDING", "QUEUED")
NOT_RUN: Final = "NOT RUN"


@attrs.frozen
class Look:
    """How a status looks: its word in pictures, a mark of one column, and its colours: as in CSS, and on a terminal."""

    word: str
    mark: str
    fill: str
    line: str
    terminal: str


#: Told apart by lightness too, and always beside the mark or the word: colour alone does not tell everybody.
_LOOKS: Final = {
    "PENDING": Look("pending", "○", "#f2f2f2", "#8c8c8c", "dim"),
    "QUEUED": Look("queued", "○", "#f2f2f2", "#8c8c8c", "dim"),
    "RUNNING": Look("running", "◐", "#fff3bf", "#b08800", "yellow"),
    "SUCCESS": Look("success", "✓", "#d3f9d8", "#2b8a3e", "green"),
    "FAILED": Look("failed", "✗", "#ffc9c9", "#c92a2a", "red"),
    NOT_RUN: Look("notrun", "–", "#f2f2f2", "#8c8c8c", "dim"),
    "CANCELLED": Look("cancelled", "⊘", "#e5dbff", "#5f3dc4", "red"),
}

#: Servers may add statuses.
_OTHER: Final = Look("other", "?", "#d0ebff", "#1971c2", "cyan")


def look_of(status: str) -> Look:
    """How a status looks."""
    return _LOOKS.get(status, _OTHER)


def statuses_of(dag: Dag, tasks: Iterable[TaskProgress]) -> dict[int, str]:
    """The status of each node of which a run told one, as a short printable text; linear.

    A task of a run is the node whose id it bears; where it bears none, the only one with its name. Others are passed
    over: a server may count what no graph knows.

    Raises:
        TypeError: something else stands in place of the tasks, or of one of them. A bug of the caller's.
    """
    if not isinstance(tasks, Iterable):
        raise _no_tasks(tasks)
    named = _only_ones(dag)
    found: dict[int, str] = {}
    for task in tasks:
        if not isinstance(task, TaskProgress):
            raise _no_tasks(task)
        ordinal = ordinal_of(task.id)
        if ordinal is None:
            ordinal = named.get(task.name or "")
        if ordinal is not None and ordinal < len(dag.nodes) and task.status:
            found[ordinal] = cut(task.status, 20)
    return found


def _no_tasks(found: object) -> TypeError:
    told = "expected TaskProgress in tasks, as in the progress.tasks of a run"
    return TypeError(f"{told}; found a {type(found).__name__}")


def _only_ones(dag: Dag) -> dict[str, int]:
    names = [None if isinstance(node, Choice) else node.task for node in dag.nodes]
    counts = Counter(names)
    return {name: ordinal for ordinal, name in enumerate(names) if name is not None and counts[name] == 1}


def tally(statuses: Iterable[str]) -> str:
    """How many of some statuses there are: ``✓ 3 SUCCESS, ◐ 1 RUNNING``."""
    counts = Counter(statuses)
    return ", ".join(f"{look_of(status).mark} {counts[status]} {status}" for status in sorted(counts))
