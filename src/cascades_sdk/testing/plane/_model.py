"""The control plane as a pure function: a state and an event give the next state and what is to be done.

Two rules hold. Everything that decides what a run becomes, and what its streams say, is in this module and
those that it calls. Nothing there knows a socket, a thread or a clock: time comes with the events, and ids
are counted.

``step`` is total: an event about something that is unknown or over changes nothing and answers nothing.
"""

from hashlib import sha256
from typing import assert_never

import attrs

from cascades_sdk.testing.plane._events import (
    Answer,
    Crashed,
    Disconnected,
    EvaluationWanted,
    Event,
    Reply,
    Request,
    Restarted,
    StreamEnded,
    StreamOpened,
    StreamSent,
    Tick,
    Told,
)
from cascades_sdk.testing.plane._progress import Stepped, failed, next_stamp, told
from cascades_sdk.testing.plane._routes import Watching, decided
from cascades_sdk.testing.plane._state import LogRow, PlaneState, Run, TaskRow, Watcher
from cascades_sdk.testing.plane._submission import Submission, engine_unavailable, run_not_found
from cascades_sdk.testing.plane._table import Rows, Table
from cascades_sdk.testing.plane._telemetry import HEARTBEAT, frames_on_joining
from cascades_sdk.values import FrozenDict

__all__ = ["step"]


def step(state: PlaneState, event: Event) -> Stepped:
    """The state after an event, and what is to be done because of it, in order."""
    match event:
        case Request():
            return _requested(state, event)
        case Told():
            return told(state, event)
        case Crashed():
            return failed(state, event.at, event.run_id, event.problem)
        case Tick():
            return state, tuple(StreamSent(connection, HEARTBEAT) for connection in state.streams)
        case Disconnected():
            return _disconnected(state, event.connection), ()
        case Restarted():
            return _restarted(state, event.at)
        case _:
            assert_never(event)


def _requested(state: PlaneState, request: Request) -> Stepped:
    if request.connection in state.streams:
        return state, ()
    decision = decided(state, request)
    match decision:
        case Reply():
            return state, (decision,)
        case Submission():
            return _accepted(state, request, decision)
        case Watching():
            return _watched(state, request, decision)
        case _:
            assert_never(decision)


def _accepted(state: PlaneState, request: Request, asked: Submission) -> Stepped:
    runs = _with_room(state)
    if runs is None:
        return state, (engine_unavailable(request.connection, state.max_runs),)
    workflow = asked.workflow
    run_id = _identity(state, "run")
    stamp = next_stamp(state, request.at)
    log = LogRow(stamp, "info", f"accepted a run of {workflow.workflow_id}")
    pending = (TaskRow(stamp + 1 + node, node, "PENDING") for node in range(len(workflow.tasks)))
    run = Run(
        run_id=run_id,
        workflow_id=workflow.workflow_id,
        digest=workflow.digest,
        names=workflow.tasks,
        inputs=asked.inputs,
        logs=Rows[LogRow]().plus(log),
        tasks=Rows[TaskRow]().plus(*pending),
    )
    after = attrs.evolve(
        state,
        accepted=state.accepted + 1,
        stamp=stamp + len(workflow.tasks),
        runs=runs.put(run_id, run),
    )
    accepted = {
        "runId": run_id,
        "workflowId": workflow.workflow_id,
        "workflowDefinitionSnapshotId": _identity(state, "snapshot"),
        "definitionHash": workflow.digest,
        "message": "accepted by the local control plane",
        "taskRuns": len(workflow.tasks),
        "executionMode": "inline",
        "catalogItemId": workflow.workflow_id,
    }
    reply = Reply(request.connection, 200, FrozenDict(accepted))
    return after, (reply, EvaluationWanted(run_id, workflow.workflow_id, asked.inputs))


def _with_room(state: PlaneState) -> Table[str, Run] | None:
    """The runs, less the oldest that has ended where there is no room for another; ``None`` if none has."""
    if len(state.runs) < state.max_runs:
        return state.runs
    oldest = next((run.run_id for run in state.runs.values() if run.ended), None)
    return None if oldest is None else state.runs.without(oldest)


def _identity(state: PlaneState, kind: str) -> str:
    # Counted, not drawn: the same seed and the same events give the same ids.
    return f"{kind}-{sha256(f'{state.seed}/{kind}/{state.accepted}'.encode()).hexdigest()[:20]}"


def _watched(state: PlaneState, request: Request, asked: Watching) -> Stepped:
    run = state.runs.get(asked.run_id)
    if run is None:
        return state, (run_not_found(request.connection),)
    watcher = Watcher(request.connection, asked.since, asked.task_since)
    frames = frames_on_joining(run, watcher)
    opened = (StreamOpened(request.connection), StreamSent(request.connection, frames))
    if run.ended:
        return state, (*opened, StreamEnded(request.connection))
    watched = attrs.evolve(run, watchers=(*run.watchers, watcher))
    after = attrs.evolve(
        state,
        runs=state.runs.put(run.run_id, watched),
        streams=state.streams.put(request.connection, run.run_id),
    )
    return after, opened


def _disconnected(state: PlaneState, connection: int) -> PlaneState:
    run_id = state.streams.get(connection)
    if run_id is None:
        return state
    run = state.runs[run_id]
    left = tuple(watcher for watcher in run.watchers if watcher.connection != connection)
    return attrs.evolve(
        state,
        runs=state.runs.put(run_id, attrs.evolve(run, watchers=left)),
        streams=state.streams.without(connection),
    )


def _restarted(state: PlaneState, at: float) -> Stepped:
    """Every run that has not ended is evaluated again, from its first task: nothing was kept of its values.

    A run whose workflow is not there any more, or is another by now, fails.
    """
    runs = {run.run_id: attrs.evolve(run, watchers=()) for run in state.runs.values()}
    after = attrs.evolve(state, runs=Table(runs), streams=Table())
    answers: list[Answer] = []
    for run in runs.values():
        workflow = state.workflows.get(run.workflow_id)
        if run.ended:
            continue
        if workflow is None or workflow.digest != run.digest:
            after, _ = failed(after, at, run.run_id, f"workflow {run.workflow_id!r} is not what it was")
            continue
        again = attrs.evolve(run, done=0, active=None)
        after = attrs.evolve(after, runs=after.runs.put(run.run_id, again))
        answers.append(EvaluationWanted(run.run_id, run.workflow_id, run.inputs))
    return after, tuple(answers)
