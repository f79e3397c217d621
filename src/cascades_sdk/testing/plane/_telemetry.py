"""What a run's stream says: rows and snapshots as frames of the contract.

Decided here: the keys of ``data``, times on the wire, and the order of a stream that is joined late.
Never here: who listens.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Final

from cascades_sdk.testing.plane._latitude import Cursors, Latitude
from cascades_sdk.testing.plane._state import LogRow, Run, TaskRow, Watcher
from cascades_sdk.values import FrozenDict, JSONValue, thaw

__all__ = [
    "cursor_from",
    "frame",
    "frames_on_joining",
    "heartbeat",
    "json_body",
    "new_rows",
    "progress_frame",
    "terminal_frame",
    "time_text",
]

_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: The last stamp that has a text.
LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def heartbeat(latitude: Latitude) -> bytes:
    """A comment: it keeps the connection alive and is no event (HTML Standard §9.2.6)."""
    return f": heartbeat{2 * latitude.line_end}".encode()


def time_text(stamp: int) -> str:
    """A stamp in microseconds as ISO 8601 in UTC, always with six decimals so that texts sort like times.

    What is later than the year 9999, to which virtual time may come, is the last moment of it.
    """
    moment = _EPOCH + timedelta(microseconds=min(stamp, LAST))
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def cursor_from(text: str | None) -> int | None:
    """The stamp of an ISO 8601 cursor, or ``None`` where there is none or it cannot be read.

    The contract documents no status for an unreadable cursor; the whole story is the safe answer, because
    clients know rows again. A time without an offset is taken as UTC.
    """
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def new_rows(run: Run, watcher: Watcher, rows: tuple[LogRow | TaskRow, ...], latitude: Latitude) -> bytes:
    """The frames of the rows that lie behind the watcher's cursors."""
    return b"".join(
        _row_frame(run, row, latitude)
        for row in rows
        if _comes(row.stamp, watcher.since if type(row) is LogRow else watcher.task_since, latitude.cursors)
    )


def progress_frame(run: Run, stamp: int, latitude: Latitude) -> bytes:
    """A later snapshot."""
    return frame("run.progress", _snapshot(run, "RUNNING", run.done, latitude), stamp, latitude)


def terminal_frame(run: Run, stamp: int, latitude: Latitude, kind: str | None = None) -> bytes:
    """The last snapshot of a run that has ended. ``data.result`` is an extension of this local plane."""
    data = _snapshot(run, run.status, run.done, latitude)
    if run.status == "CANCELLED":
        return frame(kind or latitude.cancelled_as, data, stamp, latitude)
    if run.status == "FAILED":
        return frame(kind or "run.failed", data | {"error": run.error}, stamp, latitude)
    whole = {} if latitude.completion is None else {latitude.completion: latitude.whole}
    result = {"result": thaw(run.result)} if latitude.result else {}
    return frame(kind or "run.completed", data | whole | result, stamp, latitude)


def frames_on_joining(run: Run, watcher: Watcher, stamp: int, latitude: Latitude) -> bytes:
    """What a stream says when it is opened: a snapshot, what came after its cursors, and how the run is now.

    The story is told in order: the first snapshot is that of the cursors' moment, so a run that ended before
    the stream was opened is followed like any other, with all its rows. A task row is told once, as it
    is now, however often it changed. The id of the first snapshot is that moment too: whoever comes back with it is
    told all of the story.
    """
    mark = b"\xef\xbb\xbf" if latitude.byte_order_mark else b""
    if run.ended and latitude.terminal_first:
        return mark + terminal_frame(run, stamp, latitude, "run.started")
    done_before = sum(
        1
        for row in run.tasks
        if row.status == "SUCCESS" and watcher.task_since is not None and row.stamp <= watcher.task_since
    )
    status = "PENDING" if run.status == "PENDING" else "RUNNING"
    first = _snapshot(run, status, min(done_before, run.done), latitude)
    heard = max(0, min(watcher.since or 0, watcher.task_since or 0))
    started = mark + frame("run.started", first, heard, latitude)
    told = b"".join(_row_frame(run, row, latitude) for row in _rows_after(run, watcher, latitude.cursors))
    if run.ended:
        return started + told + terminal_frame(run, stamp, latitude)
    return started + told + (progress_frame(run, stamp, latitude) if run.done or run.completion else b"")


def _comes(stamp: int, cursor: int | None, cursors: Cursors) -> bool:
    return cursor is None or cursors == "ignored" or stamp > cursor or (cursors == "inclusive" and stamp == cursor)


def _rows_after(run: Run, watcher: Watcher, cursors: Cursors) -> list[LogRow | TaskRow]:
    logs = [row for row in run.logs if _comes(row.stamp, watcher.since, cursors)]
    latest = {row.node: row for row in run.tasks if _comes(row.stamp, watcher.task_since, cursors)}
    rows: list[LogRow | TaskRow] = [*logs, *latest.values()]
    return sorted(rows, key=attrgetter("stamp"))


def _snapshot(run: Run, status: str, done: int, latitude: Latitude) -> dict[str, JSONValue]:
    completion = done / len(run.names) if run.names else 0
    if run.completion is not None:
        completion = run.completion
    return _named(
        {
            "runId" if latitude.run_id else None: run.run_id,
            "status": status,
            latitude.completion: completion * latitude.whole,
        }
    )


def _row_frame(run: Run, row: LogRow | TaskRow, latitude: Latitude) -> bytes:
    data: dict[str | None, JSONValue]
    if type(row) is LogRow:
        kind = "log.entry"
        data = {
            latitude.log_id: f"{run.run_id}/log/{row.stamp}",
            latitude.log_time: time_text(row.stamp),
            "level": row.level,
            latitude.log_message: row.message,
        }
    else:
        assert type(row) is TaskRow
        kind = "task.update"
        data = {
            latitude.task_id: f"node-{row.node}",
            latitude.task_name: run.names[row.node],
            latitude.task_status: row.status,
            latitude.task_time: time_text(row.stamp),
        }
    return frame(kind, _named(data), row.stamp, latitude)


def _named(data: dict[str | None, JSONValue]) -> dict[str, JSONValue]:
    return {key: value for key, value in data.items() if key is not None}


def frame(kind: str, data: Mapping[str, JSONValue], stamp: int, latitude: Latitude) -> bytes:
    """A frame of the stream. ``stamp``, that of the last row told by then, is its id where frames have ids."""
    # JSON text has no raw line ends, so one `data` field always holds it.
    text = _json({"type": kind, "data": data})
    lines = (
        *((f"id: {stamp}",) if latitude.event_ids else ()),
        *(() if latitude.event_name is None else (f"event: {latitude.event_name}",)),
        f"data: {text}",
    )
    return (latitude.line_end.join(lines) + 2 * latitude.line_end).encode()


def json_body(body: FrozenDict) -> bytes:
    """The bytes of a JSON answer."""
    return _json(thaw(body)).encode()
