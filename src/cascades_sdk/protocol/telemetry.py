"""A run's telemetry: stream frames to events, and what the keys inside ``data`` may be called.

Decided here: when a frame is an event, which status ends a run, and the one table of accepted keys (the
contract promises none but ``status``). The event name of a frame decides nothing, ``data`` does.
Never here: what follows from an event.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Final, Literal, cast

from returns.result import Failure, Success

from cascades_sdk.errors import LimitExceededError, Outcome, UnexpectedResponseError
from cascades_sdk.protocol.bodies import Crossed, json_bytes, read_body, read_json
from cascades_sdk.protocol.event_stream import Frame
from cascades_sdk.protocol.hiding import hidden_pointer
from cascades_sdk.protocol.limits import LIMITS, Limits
from cascades_sdk.protocol.sendable import is_cursor
from cascades_sdk.types import RunStreamEvent
from cascades_sdk.values import MAX_SAFE_INTEGER, FrozenDict, Refusal

__all__ = [
    "KEYS",
    "SNAPSHOT_TYPES",
    "RunStreamEvent",
    "TerminalStatus",
    "completion_of",
    "event_of",
    "is_later",
    "row_key",
    "terminal_status",
    "text_of",
    "time_of",
]

TerminalStatus = Literal["SUCCESS", "FAILED", "CANCELLED"]

TERMINAL: Final[tuple[TerminalStatus, ...]] = ("SUCCESS", "FAILED", "CANCELLED")

#: The types whose ``data`` is a snapshot of the run; only in these does ``status`` speak of the run.
SNAPSHOT_TYPES: Final = frozenset({"run.started", "run.progress", "run.completed", "run.failed"})

_TYPE_STATUS: Final[Mapping[str, TerminalStatus]] = {"run.completed": "SUCCESS", "run.failed": "FAILED"}

#: What may be called what, the first one found wins.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "log_id": ("id", "logId", "entryId"),
    "log_time": ("createdAt", "timestamp", "time", "loggedAt"),
    "message": ("message", "text", "msg"),
    "level": ("level", "severity"),
    "run_id": ("runId",),
    "task_id": ("id", "taskId", "taskRunId", "nodeId"),
    "task_name": ("name", "taskName", "title"),
    "task_time": ("updatedAt", "timestamp", "createdAt", "time"),
    "status": ("status", "state"),
    "completion": ("completion", "progress"),
}


def event_of(
    frame: Frame, operation: str, secrets: tuple[str, ...] = (), limits: Limits = LIMITS
) -> Outcome[RunStreamEvent, UnexpectedResponseError | LimitExceededError]:
    """The event that a frame carries, or what is wrong with it: one bad frame is never the end of a stream.

    What the frame echoes of the ``secrets`` is hidden in the error.
    """
    # The reader decodes with U+FFFD, so the text always has a UTF-8 form.
    value = read_json(frame.data.encode(), limits)
    if isinstance(value, Crossed):
        return Failure(LimitExceededError(operation, value.limit, value.maximum, 200))
    event = value if isinstance(value, Refusal) else read_body(RunStreamEvent, value, secrets=secrets)
    if isinstance(event, Refusal):
        pointer = hidden_pointer(event.pointer, secrets)
        return Failure(UnexpectedResponseError(operation, event.problem, 200, pointer))
    return Success(event)


def terminal_status(event: RunStreamEvent) -> TerminalStatus | None:
    """How the run ended, if this event says so: a terminal status in a snapshot wins, else the type tells."""
    if event.type not in SNAPSHOT_TYPES:
        return None
    status = event.data.get("status")
    if status in TERMINAL:
        return cast("TerminalStatus", status)
    return _TYPE_STATUS.get(event.type)


def text_of(data: FrozenDict, what: str) -> str | None:
    """The first text under one of the accepted keys of ``what``."""
    for key in KEYS[what]:
        value = data.get(key)
        if type(value) is str:
            return value
    return None


def time_of(data: FrozenDict, what: str) -> str | None:
    """The first ISO 8601 time under one of the accepted keys, as it was sent: it goes back as a cursor.

    One that could not be sent is none: ISO 8601 has no bound for its digits, and Python takes any separator.
    """
    for key in KEYS[what]:
        value = data.get(key)
        if type(value) is str and is_cursor(value) and _instant(value) is not None:
            return value
    return None


def is_later(left: str, right: str) -> bool:
    """Whether one ISO 8601 time is after another; False where the two cannot be compared."""
    one, other = _instant(left), _instant(right)
    if one is None or other is None or (one.tzinfo is None) is not (other.tzinfo is None):
        return False
    return one > other


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def completion_of(data: FrozenDict) -> float | None:
    """How much of the run is done, as the server counts; the local control plane counts from 0 to 1."""
    for key in KEYS["completion"]:
        value = data.get(key)
        # What a server sends may be an integer that no float is near.
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_SAFE_INTEGER:
            return float(value)
    return None


def row_key(event: RunStreamEvent) -> bytes:
    """By what a row is known again: a log row by its id, everything else by the digest of its content.

    A task's id stays while its row changes, so that a task row is known by all that it says. Where a server tells no
    time in it, a task that comes back to a state cannot be told from a row that came twice, and is taken for one.
    """
    known_as = text_of(event.data, "log_id") if event.type == "log.entry" else None
    content = ("log", known_as) if known_as is not None else (event.type, event.data)
    return blake2b(json_bytes(content), digest_size=16).digest()
