"""How a run goes on: what its evaluation tells becomes rows, and rows become frames for those who watch.

Decided here: statuses, log lines, and when a stream is over. Never here: requests.
"""

from typing import Final, TypeAlias, assert_never

import attrs
from returns.result import Success

from cascades_sdk.evaluation import Evaluated, NodeFinished, NodeStarted
from cascades_sdk.testing.plane._events import Answer, StreamEnded, StreamSent, Told
from cascades_sdk.testing.plane._latitude import Latitude
from cascades_sdk.testing.plane._state import LOG_ROWS, LogRow, PlaneState, Run, TaskRow
from cascades_sdk.testing.plane._telemetry import LAST, new_rows, progress_frame, terminal_frame
from cascades_sdk.values import FrozenValue

__all__ = ["NOTHING", "Stepped", "cancelled", "ended", "failed", "next_stamp", "told", "under_way", "written"]

Stepped: TypeAlias = tuple[PlaneState, tuple[Answer, ...]]

#: No answer.
NOTHING: Final[tuple[Answer, ...]] = ()


def next_stamp(state: PlaneState, at: float) -> int:
    """The stamp of the next row, later than every other."""
    # A clock that stands still or goes back must not give two rows one stamp.
    # What is after the last stamp has that, because a float may be too large for its microseconds.
    return max(int(min(at, LAST / 1_000_000) * 1_000_000), state.stamp + 1)


def told(state: PlaneState, news: Told) -> Stepped:
    """The run after what its evaluation told. News that does not fit the run changes nothing."""
    run = under_way(state, news.run_id)
    if run is None or run.script is not None:
        return state, NOTHING
    match news.event:
        case NodeStarted(node=node):
            return _started(state, news.at, run, node)
        case NodeFinished(node=node):
            return _finished(state, news.at, run, node)
        case Evaluated(outcome=Success(value)):
            return _succeeded(state, news.at, run, value)
        case Evaluated(outcome=failure):
            return failed(state, news.at, news.run_id, str(failure.failure()))
        case _:
            assert_never(news.event)


def failed(state: PlaneState, at: float, run_id: str, problem: str) -> Stepped:
    """The run ended badly, and so did the task that was under way."""
    run = under_way(state, run_id)
    if run is None:
        return state, NOTHING
    # A foreign exception's text may hold lone surrogates, which have no UTF-8 form.
    text = problem.encode(errors="replace").decode()
    return ended(state, at, attrs.evolve(run, status="FAILED", error=text), LogRow(0, "error", text))


def cancelled(state: PlaneState, at: float, run_id: str) -> Stepped:
    """The run was cancelled, and so was the task that was under way."""
    run = under_way(state, run_id)
    if run is None:
        return state, NOTHING
    return ended(state, at, attrs.evolve(run, status="CANCELLED"), LogRow(0, "info", "the run was cancelled"))


def ended(state: PlaneState, at: float, run: Run, log: LogRow) -> Stepped:
    """A run whose status is terminal now, with a last row of its log, whose stamp is given here."""
    stamp = next_stamp(state, at)
    if run.active is None or run.status == "SUCCESS":
        return written(state, attrs.evolve(run, active=None, due=None), (attrs.evolve(log, stamp=stamp),))
    rows = (TaskRow(stamp, run.active, run.status), attrs.evolve(log, stamp=stamp + 1))
    return written(state, attrs.evolve(run, active=None, due=None), rows)


def under_way(state: PlaneState, run_id: str) -> Run | None:
    """The run, if there is one that has not ended."""
    run = state.runs.get(run_id)
    return None if run is None or run.ended else run


def _started(state: PlaneState, at: float, run: Run, node: int) -> Stepped:
    if run.active is not None or not 0 <= node < len(run.names):
        return state, NOTHING
    moved = attrs.evolve(run, status="RUNNING", active=node)
    return written(state, moved, (TaskRow(next_stamp(state, at), node, "RUNNING"),))


def _finished(state: PlaneState, at: float, run: Run, node: int) -> Stepped:
    if run.active != node:
        return state, NOTHING
    stamp = next_stamp(state, at)
    moved = attrs.evolve(run, active=None, done=run.done + 1)
    log = LogRow(stamp + 1, "info", f"{run.names[node]} (node-{node}) finished")
    return written(state, moved, (TaskRow(stamp, node, "SUCCESS"), log))


def _succeeded(state: PlaneState, at: float, run: Run, value: FrozenValue) -> Stepped:
    done = attrs.evolve(run, status="SUCCESS", result=value)
    return ended(state, at, done, LogRow(0, "info", "the flow finished"))


def written(state: PlaneState, run: Run, rows: tuple[LogRow | TaskRow, ...], *, snapshot: bool = False) -> Stepped:
    """The run with its new rows, told to everyone who watches it; with a snapshot where that is news."""
    logs = tuple(row for row in rows if type(row) is LogRow)
    tasks = tuple(row for row in rows if type(row) is TaskRow)
    hangs_up = run.ended and state.latitude.hangs_up
    kept = attrs.evolve(
        run,
        logs=run.logs.plus(*logs).newest(LOG_ROWS),
        tasks=run.tasks.plus(*tasks),
        watchers=() if run.ended else run.watchers,
    )
    over = (watcher.connection for watcher in run.watchers)
    after = attrs.evolve(
        state,
        stamp=rows[-1].stamp if rows else state.stamp,
        runs=state.runs.put(run.run_id, kept),
        streams=state.streams.without(*over) if run.ended else state.streams,
    )
    told = snapshot or any(row.status == "SUCCESS" for row in tasks)
    last = _snapshot(kept, after.stamp, after.latitude) if told or run.ended else b""
    answers: list[Answer] = []
    for watcher in run.watchers:
        payload = new_rows(run, watcher, rows, state.latitude) + last
        answers.extend([StreamSent(watcher.connection, payload)] if payload else [])
        answers.extend([StreamEnded(watcher.connection)] if hangs_up else [])
    return after, tuple(answers)


def _snapshot(run: Run, stamp: int, latitude: Latitude) -> bytes:
    return terminal_frame(run, stamp, latitude) if run.ended else progress_frame(run, stamp, latitude)
