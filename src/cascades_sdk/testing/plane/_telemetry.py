"""What a run's stream says: rows and snapshots as frames of the contract.

Decided here: the keys of ``data``, times on the wire, and the order of a stream that is joined late.
Never here: who listens.
"""

import json
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Final

from cascades_sdk.testing.plane._state import LogRow, Run, TaskRow, Watcher
from cascades_sdk.values import FrozenDict, JSONValue, thaw

__all__ = [
    "HEARTBEAT",
    "cursor_from",
    "frames_on_joining",
    "json_body",
    "new_rows",
    "progress_frame",
    "terminal_frame",
    "time_text",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: A comment: it keeps the connection alive and is no event (HTML Standard §9.2.6).
HEARTBEAT: Final = b": heartbeat\n\n"


def time_text(stamp: int) -> str:
    """A stamp in microseconds as ISO 8601 in UTC, always with six decimals so that texts sort like times."""
    moment = _EPOCH + timedelta(microseconds=stamp)
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


def new_rows(run: Run, watcher: Watcher, rows: tuple[LogRow | TaskRow, ...]) -> bytes:
    """The frames of the rows that lie behind the watcher's cursors."""
    return b"".join(
        _row_frame(run, row)
        for row in rows
        if _comes_after(row.stamp, watcher.since if type(row) is LogRow else watcher.task_since)
    )


def progress_frame(run: Run) -> bytes:
    """A later snapshot."""
    return _frame("run.progress", _snapshot(run, "RUNNING", run.done))


def terminal_frame(run: Run) -> bytes:
    """The last snapshot of a run that has ended. ``data.result`` is an extension of this local plane."""
    data = _snapshot(run, run.status, run.done)
    if run.status == "SUCCESS":
        return _frame("run.completed", data | {"completion": 1, "result": thaw(run.result)})
    return _frame("run.failed", data | {"error": run.error})


def frames_on_joining(run: Run, watcher: Watcher) -> bytes:
    """What a stream says when it is opened: a snapshot, what came after its cursors, and how the run is now.

    The story is told in order: the first snapshot is that of the cursors' moment, so a run that ended before
    the stream was opened is followed like any other, with all its rows. A task row is told once, as it
    is now, however often it changed.
    """
    done_before = sum(
        1
        for row in run.tasks
        if row.status == "SUCCESS" and watcher.task_since is not None and row.stamp <= watcher.task_since
    )
    status = "PENDING" if run.status == "PENDING" else "RUNNING"
    started = _frame("run.started", _snapshot(run, status, min(done_before, run.done)))
    told = b"".join(_row_frame(run, row) for row in _rows_after(run, watcher))
    if run.ended:
        return started + told + terminal_frame(run)
    return started + told + (progress_frame(run) if run.done else b"")


def _comes_after(stamp: int, cursor: int | None) -> bool:
    return cursor is None or stamp > cursor


def _rows_after(run: Run, watcher: Watcher) -> list[LogRow | TaskRow]:
    latest = {row.node: row for row in run.tasks.after(watcher.task_since)}
    rows: list[LogRow | TaskRow] = [*run.logs.after(watcher.since), *latest.values()]
    return sorted(rows, key=attrgetter("stamp"))


def _snapshot(run: Run, status: str, done: int) -> dict[str, JSONValue]:
    completion = done / len(run.names) if run.names else 0
    return {"runId": run.run_id, "status": status, "completion": completion}


def _row_frame(run: Run, row: LogRow | TaskRow) -> bytes:
    if type(row) is LogRow:
        return _frame(
            "log.entry",
            {
                "id": f"{run.run_id}/log/{row.stamp}",
                "createdAt": time_text(row.stamp),
                "level": row.level,
                "message": row.message,
            },
        )
    assert type(row) is TaskRow
    return _frame(
        "task.update",
        {
            "id": f"node-{row.node}",
            "name": run.names[row.node],
            "status": row.status,
            "updatedAt": time_text(row.stamp),
        },
    )


def _frame(kind: str, data: dict[str, JSONValue]) -> bytes:
    # JSON text has no raw line ends, so one `data` field always holds it.
    text = json.dumps({"type": kind, "data": data}, ensure_ascii=False, separators=(",", ":"))
    return b"event: telemetry\ndata: " + text.encode() + b"\n\n"


def json_body(body: FrozenDict) -> bytes:
    """The bytes of a JSON answer."""
    return json.dumps(thaw(body), ensure_ascii=False, separators=(",", ":")).encode()
