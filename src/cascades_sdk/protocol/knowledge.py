"""What is known of a run from its telemetry: a fold over events.

Decided here: what each event changes, which rows were seen already, and from where a reconnect goes on.
Never here: connections, time, what to do next.

Rows that arrive twice change nothing and are told once. Whether cursors are inclusive is not promised, so a
cursor is the time of the last *new* row, as the server wrote it, and repeats are expected.
"""

from collections import Counter
from typing import Final

import attrs
from returns.result import Failure

from cascades_sdk.errors import LimitExceededError, Outcome, UnexpectedResponseError, WaitPosition
from cascades_sdk.protocol.details import LogRow, RunSnapshot, TaskRow, details_of
from cascades_sdk.protocol.ledger import Ledger
from cascades_sdk.protocol.telemetry import RunStreamEvent, TerminalStatus, is_later, row_key
from cascades_sdk.values import FrozenDict, FrozenValue

__all__ = [
    "Known",
    "New",
    "RunOutcome",
    "RunProgress",
    "TaskProgress",
    "fold",
    "known_from",
    "position_of",
    "progress_of",
]

#: How many rows are known again, and how many tasks are held. Beyond that the oldest half is forgotten.
_ROWS: Final = 2**17
_TASKS: Final = 2**20

_PROBLEMS: Final = 8


@attrs.frozen
class TaskProgress:
    """The last known state of one task of a run."""

    id: str
    name: str | None = None
    status: str | None = None


@attrs.frozen
class RunProgress:
    """What a screen needs: status, completion as the server counts it, tasks, the last log messages, cursors.

    ``problems`` are the last frames that could not be read; the wait went on.
    """

    run_id: str
    status: str | None = None
    completion: float | None = None
    tasks: tuple[TaskProgress, ...] = ()
    log_tail: tuple[str, ...] = ()
    since: str | None = None
    task_since: str | None = None
    problems: tuple[UnexpectedResponseError | LimitExceededError, ...] = ()

    @property
    def counts(self) -> FrozenDict:
        """How many tasks have each status, by its name; those of unknown status are left out.

        Linear in the number of tasks.
        """
        return FrozenDict(Counter(task.status for task in self.tasks if task.status is not None))


@attrs.frozen
class RunOutcome:
    """How a run ended: its status, the event that said so, and all that was known by then."""

    run_id: str
    status: TerminalStatus
    event: RunStreamEvent
    progress: RunProgress

    @property
    def result(self) -> FrozenValue:
        """``data.result`` of the terminal event, or None: the contract does not promise one."""
        return self.event.data.get("result")


@attrs.frozen
class _TaskRow:
    task: TaskProgress
    time: str | None


@attrs.frozen
class Known:
    """All that following a run remembers. Cheap to change: see :class:`Ledger`."""

    run_id: str
    status: str | None = None
    completion: float | None = None
    snapshot: FrozenDict | None = None
    tasks: Ledger[str, _TaskRow] = attrs.field(factory=lambda: Ledger[str, _TaskRow](_TASKS))
    seen: Ledger[bytes, None] = attrs.field(factory=lambda: Ledger[bytes, None](_ROWS))
    log_tail: tuple[str, ...] = ()
    problems: tuple[UnexpectedResponseError | LimitExceededError, ...] = ()
    since: str | None = None
    task_since: str | None = None
    last_event_id: str | None = None


@attrs.frozen
class New:
    """What an event brought: what is to be told, and whether it is news of the run."""

    events: tuple[RunStreamEvent, ...] = ()
    news: bool = False


_NOTHING_NEW: Final = New()


def known_from(position: WaitPosition) -> Known:
    """What is known at a position that somebody kept. The rows before it are not known again."""
    return Known(
        position.run_id,
        position.status,
        since=position.since,
        task_since=position.task_since,
        last_event_id=position.last_event_id,
    )


def position_of(known: Known) -> WaitPosition:
    """From where following can go on."""
    return WaitPosition(known.run_id, known.status, known.since, known.task_since, known.last_event_id)


def progress_of(known: Known) -> RunProgress:
    """The public view. Linear in the number of tasks."""
    return RunProgress(
        run_id=known.run_id,
        status=known.status,
        completion=known.completion,
        tasks=tuple(row.task for row in known.tasks.values()),
        log_tail=known.log_tail,
        since=known.since,
        task_since=known.task_since,
        problems=known.problems,
    )


def fold(
    known: Known, event: Outcome[RunStreamEvent, UnexpectedResponseError | LimitExceededError], log_tail: int
) -> tuple[Known, New]:
    """What is known after ``event``, and what of it is new. An unreadable frame is kept as a problem."""
    if isinstance(event, Failure):
        problems = (*known.problems, event.failure())[-_PROBLEMS:]
        return attrs.evolve(known, problems=problems), _NOTHING_NEW
    read = event.unwrap()
    details = details_of(read)
    if isinstance(details, RunSnapshot):
        return _fold_snapshot(known, read, details)
    key = row_key(read)
    if key in known.seen:
        return known, _NOTHING_NEW
    known = attrs.evolve(known, seen=known.seen.plus(key, None))
    if isinstance(details, LogRow):
        return _fold_log(known, details, log_tail), New((read,), news=True)
    if isinstance(details, TaskRow):
        return _fold_task(known, details), New((read,), news=True)
    # Told, because it may matter to somebody; no news, because it may be a heartbeat.
    return known, New((read,))


def _fold_snapshot(known: Known, event: RunStreamEvent, snapshot: RunSnapshot) -> tuple[Known, New]:
    """The first snapshot of a connection is no new start: one that says nothing new is not told again."""
    status = snapshot.status or known.status
    if event.data == known.snapshot and status == known.status:
        return known, _NOTHING_NEW
    completion = known.completion if snapshot.completion is None else snapshot.completion
    news = (status, completion) != (known.status, known.completion)
    after = attrs.evolve(known, snapshot=event.data, status=status, completion=completion)
    return after, New((event,), news=news)


def _fold_log(known: Known, row: LogRow, log_tail: int) -> Known:
    tail = known.log_tail if row.message is None else (*known.log_tail, row.message)
    # Counted from the front: [-0:] would keep all of it.
    tail = tail[max(0, len(tail) - log_tail) :]
    return attrs.evolve(known, log_tail=tail, since=row.time or known.since)


def _fold_task(known: Known, row: TaskRow) -> Known:
    known = attrs.evolve(known, task_since=row.time or known.task_since)
    if row.id is None:
        return known
    before = known.tasks.get(row.id)
    if before is not None and before.time and row.time and is_later(before.time, row.time):
        # Rows may overtake each other: an older one does not undo a newer one.
        return known
    name, status = row.name, row.status
    if before is not None:
        name, status = name or before.task.name, status or before.task.status
    return attrs.evolve(known, tasks=known.tasks.plus(row.id, _TaskRow(TaskProgress(row.id, name, status), row.time)))
