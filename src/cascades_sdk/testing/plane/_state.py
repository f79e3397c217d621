"""The state of the plane: frozen values, all the way down.

Decided here: what the plane remembers, and how much of it. Never here: how it changes.

All stamps are microseconds since 1970 (UTC). Within one plane no two are equal, so that a cursor
divides the rows without doubt.
"""

from typing import Final, Literal, TypeAlias

import attrs

from cascades_sdk.testing.plane._table import Rows, Table
from cascades_sdk.values import FrozenDict, FrozenValue

__all__ = ["LogRow", "PlaneState", "Run", "RunStatus", "TaskRow", "TaskStatus", "Watcher", "Workflow"]

RunStatus: TypeAlias = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED"]
TaskStatus: TypeAlias = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED"]

#: The rows of the execution log that a run keeps; older ones are forgotten.
LOG_ROWS: Final = 10_000


@attrs.frozen
class Workflow:
    """A catalog entry: a flow's document, and what the model needs to know of it.

    ``tasks`` has the name of each node's task, in the order of the nodes, and ``choice`` for a choice. ``problem``
    says why the document cannot be run, where it cannot (a run of it is answered 404 ``invalid_definition``).
    """

    workflow_id: str
    document: bytes = attrs.field(repr=False)
    digest: str = ""
    name: str = ""
    tasks: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    problem: str | None = None


@attrs.frozen
class LogRow:
    """A row of a run's execution log."""

    stamp: int
    level: Literal["info", "error"]
    message: str


@attrs.frozen
class TaskRow:
    """What a run's task row became at that moment. The task is named by the position of its node."""

    stamp: int
    node: int
    status: TaskStatus


@attrs.frozen
class Watcher:
    """An open stream of a run: where its answers go, and the cursors that it was opened with."""

    connection: int
    since: int | None = None
    task_since: int | None = None


@attrs.frozen
class Run:
    """A run: accepted, under way or ended.

    ``names`` has the name of each node's task; ``done`` counts the nodes that are finished, and ``active``
    is the one under way. The task rows are kept as the sequence of their changes; that of a node in a branch that was
    not taken never changes, and is PENDING when the run has ended.
    """

    run_id: str
    workflow_id: str
    digest: str
    names: tuple[str, ...]
    inputs: FrozenDict
    status: RunStatus = "PENDING"
    done: int = 0
    active: int | None = None
    logs: Rows[LogRow] = Rows()  # noqa: RUF009 - immutable
    tasks: Rows[TaskRow] = Rows()  # noqa: RUF009 - immutable
    result: FrozenValue = None
    error: str | None = None
    watchers: tuple[Watcher, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the status is terminal."""
        return self.status in ("SUCCESS", "FAILED")


@attrs.frozen
class PlaneState:
    """Everything that the plane knows. Equal states answer equal events equally.

    ``default`` is the workflow that runs where a request names none. ``cookie`` is what a session must
    show under ``cookie_name``. At most ``max_runs`` are remembered: the oldest that has ended makes
    room, and where none has ended, a new run is answered 503.
    """

    workflows: Table[str, Workflow] = Table()  # noqa: RUF009 - immutable
    default: str = "demo"
    cookie: str = attrs.field(default="local-session", repr=False)
    cookie_name: str = "__session"
    seed: int = 0
    max_runs: int = 1_000
    accepted: int = 0
    stamp: int = 0
    runs: Table[str, Run] = Table()  # noqa: RUF009 - immutable
    streams: Table[int, str] = Table()  # noqa: RUF009 - immutable
