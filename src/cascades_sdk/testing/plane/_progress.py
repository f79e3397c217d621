"""How a run goes on: what its evaluation tells becomes rows, and rows become frames for those who watch.

Decided here: statuses, log lines, and when a stream is over. Never here: requests.
"""

from typing import Final, TypeAlias, assert_never

import attrs
from returns.result import Success

from cascades_sdk.evaluation import Evaluated, NodeFinished, NodeStarted
from cascades_sdk.testing.plane._events import Answer, StreamEnded, StreamSent, Told
from cascades_sdk.testing.plane._state import LOG_ROWS, LogRow, PlaneState, Run, TaskRow
from cascades_sdk.testing.plane._telemetry import new_rows, progress_frame, terminal_frame
from cascades_sdk.values import FrozenValue

__all__ = ["Stepped", "failed", "next_stamp", "told"]

Stepped: TypeAlias = tuple[PlaneState, tuple[Answer, ...]]

_NOTHING: Final[tuple[Answer, ...]] = ()


def next_stamp(state: PlaneState, at: float) -> int:
    """The stamp of the next row, later than every other."""
    # A clock that stands still or goes back must not give two rows one stamp.
    return max(int(at * 1_000_000), state.stamp + 1)


def told(state: PlaneState, news: Told) -> Stepped:
    """The run after what its evaluation told. News that does not fit the run changes nothing."""
    run = _under_way(state, news.run_id)
    if run is None:
        return state, _NOTHING
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
    run = _under_way(state, run_id)
    if run is None:
        return state, _NOTHING
    # A foreign exception's text may hold lone surrogates, which have no UTF-8 form.
    text = problem.encode(errors="replace").decode()
    stamp = next_stamp(state, at)
    ended = attrs.evolve(run, status="FAILED", error=text, active=None)
    rows = (LogRow(stamp, "error", text),)
    if run.active is None:
        return _told_on(state, ended, rows)
    return _told_on(state, ended, (TaskRow(stamp, run.active, "FAILED"), LogRow(stamp + 1, "error", text)))


def _under_way(state: PlaneState, run_id: str) -> Run | None:
    run = state.runs.get(run_id)
    return None if run is None or run.ended else run


def _started(state: PlaneState, at: float, run: Run, node: int) -> Stepped:
    if run.active is not None or not 0 <= node < len(run.names):
        return state, _NOTHING
    moved = attrs.evolve(run, status="RUNNING", active=node)
    return _told_on(state, moved, (TaskRow(next_stamp(state, at), node, "RUNNING"),))


def _finished(state: PlaneState, at: float, run: Run, node: int) -> Stepped:
    if run.active != node:
        return state, _NOTHING
    stamp = next_stamp(state, at)
    moved = attrs.evolve(run, active=None, done=run.done + 1)
    log = LogRow(stamp + 1, "info", f"{run.names[node]} (node-{node}) finished")
    return _told_on(state, moved, (TaskRow(stamp, node, "SUCCESS"), log))


def _succeeded(state: PlaneState, at: float, run: Run, value: FrozenValue) -> Stepped:
    ended = attrs.evolve(run, status="SUCCESS", result=value, active=None)
    return _told_on(state, ended, (LogRow(next_stamp(state, at), "info", "the flow finished"),))


def _told_on(state: PlaneState, run: Run, rows: tuple[LogRow | TaskRow, ...]) -> Stepped:
    """The run with its new rows, told to everyone who watches it."""
    logs = tuple(row for row in rows if type(row) is LogRow)
    tasks = tuple(row for row in rows if type(row) is TaskRow)
    written = attrs.evolve(
        run,
        logs=run.logs.plus(*logs).newest(LOG_ROWS),
        tasks=run.tasks.plus(*tasks),
        watchers=() if run.ended else run.watchers,
    )
    after = attrs.evolve(
        state,
        stamp=rows[-1].stamp,
        runs=state.runs.put(run.run_id, written),
        streams=state.streams.without(*(watcher.connection for watcher in run.watchers))
        if run.ended
        else state.streams,
    )
    snapshot = _snapshot_after(run, tasks)
    answers: list[Answer] = []
    for watcher in run.watchers:
        payload = new_rows(run, watcher, rows) + snapshot
        answers.extend([StreamSent(watcher.connection, payload)] if payload else [])
        answers.extend([StreamEnded(watcher.connection)] if run.ended else [])
    return after, tuple(answers)


def _snapshot_after(run: Run, tasks: tuple[TaskRow, ...]) -> bytes:
    if run.ended:
        return terminal_frame(run)
    return progress_frame(run) if any(row.status == "SUCCESS" for row in tasks) else b""
