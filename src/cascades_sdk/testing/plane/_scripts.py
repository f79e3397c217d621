"""How a scripted run goes on: beat after beat, up to the next pause.

Decided here: what each beat makes of a run. Never here: what beats there are, and who waits for the next one.
"""

from typing import assert_never

import attrs

from cascades_sdk.testing.plane._beats import (
    Finish,
    Hangup,
    Log,
    Progress,
    Send,
    SendBytes,
    Update,
    Wait,
)
from cascades_sdk.testing.plane._events import Answer, Due, Scripted, StreamEnded, StreamSent, WakeWanted
from cascades_sdk.testing.plane._progress import NOTHING, Stepped, ended, next_stamp, under_way, written
from cascades_sdk.testing.plane._state import LogRow, PlaneState, Run, TaskRow, Workflow
from cascades_sdk.testing.plane._telemetry import frame
from cascades_sdk.values import thaw

__all__ = ["due", "scripted"]


def scripted(state: PlaneState, event: Scripted) -> Stepped:
    """The run, or the workflow whose new runs, follow the beats. A workflow that is not known comes to be by it."""
    run = under_way(state, event.key)
    if run is not None:
        kept = attrs.evolve(run, script=event.beats, beat=0, due=event.at)
        after = attrs.evolve(state, runs=state.runs.put(run.run_id, kept))
        return after, (WakeWanted(run.run_id, event.at),)
    workflows, key = state.workflows, event.key
    if state.workflow(key) is None:
        workflows = workflows.put(key, Workflow(key, b"", f"sha256:{'0' * 64}", key))
    return attrs.evolve(state, workflows=workflows, scripts=state.scripts.put(key, event.beats)), NOTHING


def due(state: PlaneState, event: Due) -> Stepped:
    """What happens at this moment. A moment that is not the run's changes nothing."""
    run = under_way(state, event.run_id)
    if run is None or run.script is None or run.due is None or event.at < run.due:
        return state, NOTHING
    # Counted from the moment that was due, not from the one at which somebody came to it: pauses add up exactly.
    moment, answers = run.due, list[Answer]()
    for number, beat in enumerate(run.script[run.beat :], run.beat + 1):
        run = attrs.evolve(run, beat=number, due=None)
        if isinstance(beat, Wait):
            run = attrs.evolve(run, due=moment + beat.seconds)
            answers.append(WakeWanted(run.run_id, moment + beat.seconds))
            return attrs.evolve(state, runs=state.runs.put(run.run_id, run)), tuple(answers)
        state, more = _played(state, event.at, run, beat)
        answers.extend(more)
        found = under_way(state, event.run_id)
        if found is None:
            break
        run = found
    else:
        # The script is over, and the run is not: it stays as it is.
        state = attrs.evolve(state, runs=state.runs.put(run.run_id, attrs.evolve(run, due=None)))
    return state, tuple(answers)


def _played(
    state: PlaneState, at: float, run: Run, beat: Log | Update | Progress | Finish | Send | SendBytes | Hangup
) -> Stepped:
    stamp = next_stamp(state, at)
    match beat:
        case Log():
            return written(state, _running(run), (LogRow(stamp, beat.level, beat.message),))
        case Update():
            return _updated(state, stamp, run, beat)
        case Progress():
            return written(state, attrs.evolve(_running(run), completion=beat.completion), (), snapshot=True)
        case Finish():
            return _finished(state, at, run, beat)
        case Send():
            data = thaw(beat.data)
            assert isinstance(data, dict)
            return _sent(state, run, frame(beat.type, data, state.stamp, state.latitude))
        case SendBytes():
            return _sent(state, run, beat.payload)
        case Hangup():
            return _hung_up(state, run, beat)
        case _:
            assert_never(beat)


def _running(run: Run) -> Run:
    return attrs.evolve(run, status="RUNNING")


def _updated(state: PlaneState, stamp: int, run: Run, beat: Update) -> Stepped:
    names = run.names
    if isinstance(beat.task, str):
        node = names.index(beat.task) if beat.task in names else len(names)
        names = names if node < len(names) else (*names, beat.task)
    else:
        node = beat.task
        names = (*names, *(f"task-{number}" for number in range(len(names), node + 1)))
    done = run.done + (beat.status == "SUCCESS")
    moved = attrs.evolve(_running(run), names=names, done=min(done, len(names)))
    return written(state, moved, (TaskRow(stamp, node, beat.status),))


def _finished(state: PlaneState, at: float, run: Run, beat: Finish) -> Stepped:
    over = attrs.evolve(run, status=beat.status, result=beat.result, error=beat.error)
    text = beat.error or f"the run ended: {beat.status}"
    return ended(state, at, over, LogRow(0, "error" if beat.status == "FAILED" else "info", text))


def _sent(state: PlaneState, run: Run, payload: bytes) -> Stepped:
    after = attrs.evolve(state, runs=state.runs.put(run.run_id, run))
    return after, tuple(StreamSent(watcher.connection, payload) for watcher in run.watchers)


def _hung_up(state: PlaneState, run: Run, beat: Hangup) -> Stepped:
    after = attrs.evolve(
        state,
        runs=state.runs.put(run.run_id, attrs.evolve(run, watchers=())),
        streams=state.streams.without(*(watcher.connection for watcher in run.watchers)),
    )
    return after, tuple(StreamEnded(watcher.connection, beat.reset) for watcher in run.watchers)
