"""The state of the plane: frozen values, all the way down.

Decided here: what the plane remembers, and how much of it. Never here: how it changes.

All stamps are microseconds since 1970 (UTC). Within one plane no two are equal, so that a cursor
divides the rows without doubt.
"""

import hmac
import re
from hashlib import sha256
from typing import Final, Literal, TypeAlias

import attrs

from cascades_sdk.testing.plane._beats import Beat
from cascades_sdk.testing.plane._faults import Failing, FaultPlan
from cascades_sdk.testing.plane._latitude import LATITUDE, Latitude
from cascades_sdk.testing.plane._table import Rows, Table
from cascades_sdk.values import FrozenDict, FrozenValue

__all__ = [
    "Integration",
    "LogRow",
    "PlaneState",
    "Run",
    "RunStatus",
    "TaskRow",
    "TaskStatus",
    "Watcher",
    "Workflow",
    "is_run_id",
]

RunStatus: TypeAlias = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELLED"]
TaskStatus: TypeAlias = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELLED"]

#: The rows of the execution log that a run keeps; older ones are forgotten.
LOG_ROWS: Final = 10_000


@attrs.frozen
class Workflow:
    """A catalog entry: a flow's document, and what the model needs to know of it.

    ``tasks`` has the name of each node's task, in the order of the nodes, and ``choice`` for a choice. ``problem``
    says why the document cannot be run, where it cannot (a run of it is answered 404 ``invalid_definition``). One that
    only ever follows a script has no document.
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
    not taken never changes, and is PENDING when the run has ended. A run with a ``script`` is not evaluated: ``beat``
    is the position of the next beat, which is due at ``due``, in seconds since 1970.
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
    script: tuple[Beat, ...] | None = None
    beat: int = 0
    due: float | None = None
    completion: float | None = None

    @property
    def ended(self) -> bool:
        """Whether the status is terminal."""
        return self.status in ("SUCCESS", "FAILED", "CANCELLED")


@attrs.frozen
class Integration:
    """A stored integration: what may be told of it, and the key of the stored secret, if it was given one.

    The credential itself is not kept.
    """

    id: str
    told: FrozenDict
    secret_key: str | None = attrs.field(default=None, repr=False)


@attrs.frozen
class PlaneState:
    """Everything that the plane knows. Equal states answer equal events equally.

    ``default`` is the workflow that runs where a request names none. A session shows ``cookie`` under
    ``cookie_name``, or one of the headers in ``tokens`` (names in lower case). At most ``max_runs`` are remembered: the
    oldest that has ended makes room, and where none has ended, a new run is answered 503. ``copies`` are cloned
    workflows, at most as many. ``secrets`` are those that integrations may name by key; ``providers`` are those that
    refuse a stored credential, with the status that they answer. ``scripts`` are those of workflows, by id.
    """

    workflows: Table[str, Workflow] = Table()  # noqa: RUF009 - immutable
    default: str = "demo"
    cookie: str = attrs.field(default="local-session", repr=False)
    cookie_name: str = "__session"
    tokens: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    seed: int = 0
    latitude: Latitude = LATITUDE
    max_runs: int = 1_000
    accepted: int = 0
    stamp: int = 0
    runs: Table[str, Run] = Table()  # noqa: RUF009 - immutable
    streams: Table[int, str] = Table()  # noqa: RUF009 - immutable
    copies: Table[str, Workflow] = Table()  # noqa: RUF009 - immutable
    cloned: int = 0
    secrets: Table[str, str] = attrs.field(default=Table(), repr=False)
    integrations: Table[str, Integration] = Table()  # noqa: RUF009 - immutable
    providers: Table[str, int] = Table()  # noqa: RUF009 - immutable
    scripts: Table[str, tuple[Beat, ...]] = Table()  # noqa: RUF009 - immutable
    failing: tuple[Failing, ...] = ()
    faults: tuple[FaultPlan, ...] = ()
    drawn: int = 0

    def workflow(self, key: str) -> Workflow | None:
        """The workflow of the catalog or the copy that has this id."""
        return self.workflows.get(key) or self.copies.get(key)

    def identity(self, kind: str, number: int | str) -> str:
        """An id: counted, not drawn, so that the same seed and the same events give the same ids."""
        return f"{kind}-{sha256(f'{self.seed}/{kind}/{number}'.encode()).hexdigest()[:20]}"

    def session_shown(self, headers: tuple[tuple[str, str], ...]) -> bool:
        """Whether these headers show a session. The comparison takes the same time for every wrong value."""
        # RFC 6265 §4.2.1: pairs divided by semicolons.
        sent = ";".join(value for name, value in headers if name == "cookie")
        pairs = (pair.strip().partition("=") for pair in sent.split(";"))
        cookies = (value for name, _, value in pairs if name == self.cookie_name)
        return any(_same(value, self.cookie) for value in cookies) or any(
            name == known and _same(value, token) for known, token in self.tokens for name, value in headers
        )


def is_run_id(key: str) -> bool:
    """Whether this is the id of a run of some plane: what :meth:`PlaneState.identity` may say."""
    return re.fullmatch("run-[0-9a-f]{20}", key) is not None


def _same(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.encode(), expected.encode())
