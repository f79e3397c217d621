"""What an event of a run's telemetry says, typed: a closed sum over the types that the contract names.

Decided here: which values an event's ``data`` gives, whatever its keys are called.
Never here: what follows from them.
"""

import attrs

from cascades_sdk.protocol.telemetry import (
    SNAPSHOT_TYPES,
    RunStreamEvent,
    completion_of,
    terminal_status,
    text_of,
    time_of,
)

__all__ = ["EventDetails", "LogRow", "OtherEvent", "RunSnapshot", "StreamTrouble", "TaskRow", "details_of"]


@attrs.frozen
class RunSnapshot:
    """The run as it stands: ``run.started``, ``run.progress``, ``run.completed``, ``run.failed``.

    ``status`` is what counts: a terminal status wins, else the event's type tells. ``completion`` is as the server
    counts it; the local control plane counts from 0 to 1.
    """

    run_id: str | None = None
    status: str | None = None
    completion: float | None = None


@attrs.frozen
class LogRow:
    """A row of the execution log, ``log.entry``. ``time`` is ISO 8601 as it was sent: it can be a cursor."""

    id: str | None = None
    time: str | None = None
    level: str | None = None
    message: str | None = None


@attrs.frozen
class TaskRow:
    """A changed task row, ``task.update``. ``time`` is ISO 8601 as it was sent: it can be a cursor."""

    id: str | None = None
    name: str | None = None
    status: str | None = None
    time: str | None = None


@attrs.frozen
class StreamTrouble:
    """The server had trouble reading or sending, ``stream.error``: a wait resumes the stream."""

    message: str | None = None


@attrs.frozen
class OtherEvent:
    """A type that this version does not know; ``event.data`` has what it says."""

    type: str


EventDetails = RunSnapshot | LogRow | TaskRow | StreamTrouble | OtherEvent


def details_of(event: RunStreamEvent) -> EventDetails:
    """The typed content of an event, for a ``match``.

    The contract promises no key but ``status`` in snapshots, so what is missing, or is of another type than it should
    be, is ``None``; all of it stays in ``event.data``. Constant cost.
    """
    data = event.data
    if event.type in SNAPSHOT_TYPES:
        status = terminal_status(event) or text_of(data, "status")
        return RunSnapshot(text_of(data, "run_id"), status, completion_of(data))
    match event.type:
        case "log.entry":
            return LogRow(
                text_of(data, "log_id"), time_of(data, "log_time"), text_of(data, "level"), text_of(data, "message")
            )
        case "task.update":
            return TaskRow(
                text_of(data, "task_id"),
                text_of(data, "task_name"),
                text_of(data, "status"),
                time_of(data, "task_time"),
            )
        case "stream.error":
            return StreamTrouble(text_of(data, "message"))
        case other:
            return OtherEvent(other)
