"""The control plane as a pure function: a state and an event give the next state and what is to be done.

Two rules hold. Everything that decides what a run becomes, and what its streams say, is in this module and
those that it calls. Nothing there knows a socket, a thread or a clock: time comes with the events, and ids
are counted.

``step`` is total: an event about something that is unknown or over changes nothing and answers nothing.
"""

from itertools import count
from typing import assert_never

import attrs

from cascades_sdk.testing.plane._events import (
    Answer,
    Cancelled,
    Crashed,
    Disconnected,
    Due,
    EvaluationWanted,
    Event,
    Reply,
    Request,
    Restarted,
    Scripted,
    StreamEnded,
    StreamOpened,
    StreamSent,
    Tick,
    Told,
    Troubled,
    WakeWanted,
)
from cascades_sdk.testing.plane._faults import drawn
from cascades_sdk.testing.plane._integrations import Saving, saved
from cascades_sdk.testing.plane._progress import NOTHING, Stepped, cancelled, failed, next_stamp, told
from cascades_sdk.testing.plane._routes import Decision, Watching, decided, least_body, operation_at
from cascades_sdk.testing.plane._scripts import due, scripted
from cascades_sdk.testing.plane._state import LogRow, PlaneState, Run, TaskRow, Watcher
from cascades_sdk.testing.plane._submission import Cloning, Submission, engine_unavailable, run_not_found
from cascades_sdk.testing.plane._table import Rows, Table
from cascades_sdk.testing.plane._telemetry import frames_on_joining, heartbeat
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
            beat = heartbeat(state.latitude)
            return state, tuple(StreamSent(connection, beat) for connection in state.streams)
        case Disconnected():
            return _disconnected(state, event.connection), ()
        case Restarted():
            return _restarted(state, event.at)
        case Due():
            return due(state, event)
        case Scripted():
            return scripted(state, event)
        case Cancelled():
            return cancelled(state, event.at, event.run_id)
        case Troubled():
            return _troubled(state, event), NOTHING
        case _:
            assert_never(event)


def _requested(state: PlaneState, request: Request) -> Stepped:
    if request.connection in state.streams:
        return state, NOTHING
    operation, run_id = operation_at(request.target)
    if operation is None or request.method != operation.method:
        return _carried_out(state, request, decided(state, request, operation, run_id))
    if not state.faults and not state.failing:
        return _carried_out(state, request, decided(state, request, operation, run_id))
    fault, plan = drawn(state.seed, state.drawn, state.faults, operation.id)
    plans = (each.used() if index == plan else each for index, each in enumerate(state.faults))
    state = attrs.evolve(state, drawn=state.drawn + 1, faults=tuple(each for each in plans if each.times != 0))
    failing = next((index for index, each in enumerate(state.failing) if each.concerns(operation.id)), None)
    if failing is None:
        after, answers = _carried_out(state, request, decided(state, request, operation, run_id))
    else:
        told = state.failing[failing]
        left = attrs.evolve(told, times=told.times - 1)
        others = (left if index == failing else each for index, each in enumerate(state.failing))
        after = attrs.evolve(state, failing=tuple(each for each in others if each.times))
        body = least_body(operation, told.status) if told.body is None else told.body
        effects: tuple[Answer, ...] = ()
        decision = decided(after, request, operation, run_id) if told.carried_out else None
        if decision is not None and not isinstance(decision, Watching):
            after, effects = _carried_out(after, request, decision)
        # What else follows from it, as that a run begins, goes on.
        failed = Reply(request.connection, told.status, body, told.headers)
        answers = (failed, *(each for each in effects if not isinstance(each, Reply)))
    return after, tuple(
        attrs.evolve(answer, fault=fault) if isinstance(answer, Reply | StreamOpened) else answer for answer in answers
    )


def _carried_out(state: PlaneState, request: Request, decision: Decision) -> Stepped:
    match decision:
        case Reply():
            return state, (decision,)
        case Submission():
            return _accepted(state, request, decision)
        case Watching():
            return _watched(state, request, decision)
        case Cloning():
            return _cloned(state, request.connection, decision)
        case Saving():
            stored = state.integrations.put(decision.provider, decision.integration)
            return attrs.evolve(state, integrations=stored), (saved(request.connection, decision),)
        case _:
            assert_never(decision)


def _troubled(state: PlaneState, event: Troubled) -> PlaneState:
    providers, secrets = state.providers, state.secrets
    if event.provider is not None:
        name, status = event.provider
        providers = providers.without(name) if status is None else providers.put(name, status)
    if event.forgotten_secret is not None:
        secrets = secrets.without(event.forgotten_secret)
    return attrs.evolve(
        state,
        failing=state.failing if event.failing is None else event.failing,
        faults=state.faults if event.faults is None else event.faults,
        providers=providers,
        secrets=secrets,
    )


def _cloned(state: PlaneState, connection: int, asked: Cloning) -> Stepped:
    """A copy under an id of its own; the oldest copy makes room where there are as many as runs may be."""
    row = next(number for number in count(state.cloned + 1) if f"db-{number}" not in state.workflows)
    key = f"db-{row}"
    copies = state.copies.put(key, attrs.evolve(asked.workflow, workflow_id=key))
    after = attrs.evolve(state, cloned=row, copies=copies.without(*tuple(copies)[: -state.max_runs]))
    script = state.scripts.get(asked.workflow.workflow_id)
    if script is not None:
        after = attrs.evolve(after, scripts=state.scripts.put(key, script))
    body = {
        "catalogItemId": key,
        "workflowRowId": str(row),
        "definitionId": state.identity("definition", row),
        "name": asked.workflow.name or key,
    }
    return after, (Reply(connection, 200, FrozenDict(body)),)


def _accepted(state: PlaneState, request: Request, asked: Submission) -> Stepped:
    runs = _with_room(state)
    if runs is None:
        return state, (engine_unavailable(state, request.connection),)
    workflow = asked.workflow
    script = state.scripts.get(workflow.workflow_id)
    run_id = state.identity("run", state.accepted)
    stamp = next_stamp(state, request.at)
    log = LogRow(stamp, "info", f"accepted a run of {workflow.workflow_id}")
    pending = (TaskRow(stamp + 1 + node, node, "PENDING") for node in range(len(workflow.tasks)))
    run = Run(
        run_id=run_id,
        workflow_id=workflow.workflow_id,
        digest=workflow.digest,
        names=workflow.tasks,
        inputs=asked.inputs,
        script=script,
        due=None if script is None else request.at,
        logs=Rows[LogRow]().plus(log),
        tasks=Rows[TaskRow]().plus(*pending),
    )
    after = attrs.evolve(
        state,
        accepted=state.accepted + 1,
        stamp=stamp + len(workflow.tasks),
        runs=runs.put(run_id, run),
    )
    accepted: dict[str, object] = {
        "runId": run_id,
        "workflowId": workflow.workflow_id,
        "workflowDefinitionSnapshotId": state.identity("snapshot", state.accepted),
        "definitionHash": workflow.digest,
        "message": "accepted by the local control plane",
        "taskRuns": len(workflow.tasks),
        "executionMode": state.latitude.execution_mode,
    }
    if state.latitude.catalog_item_id:
        accepted["catalogItemId"] = workflow.workflow_id
    reply = Reply(request.connection, 200, FrozenDict(accepted))
    if script is not None:
        return after, (reply, WakeWanted(run_id, request.at))
    return after, (reply, EvaluationWanted(run_id, workflow.workflow_id, asked.inputs))


def _with_room(state: PlaneState) -> Table[str, Run] | None:
    """The runs, less the oldest that has ended where there is no room for another; ``None`` if none has."""
    if len(state.runs) < state.max_runs:
        return state.runs
    oldest = next((run.run_id for run in state.runs.values() if run.ended), None)
    return None if oldest is None else state.runs.without(oldest)


def _watched(state: PlaneState, request: Request, asked: Watching) -> Stepped:
    run = state.runs.get(asked.run_id)
    if run is None:
        return state, (run_not_found(request.connection),)
    watcher = Watcher(request.connection, asked.since, asked.task_since)
    frames = frames_on_joining(run, watcher, state.stamp, state.latitude)
    opened = (StreamOpened(request.connection), StreamSent(request.connection, frames))
    if run.ended:
        return state, ((*opened, StreamEnded(request.connection)) if state.latitude.hangs_up else opened)
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
        workflow = state.workflow(run.workflow_id)
        if run.ended:
            continue
        if run.script is not None:
            answers.extend([] if run.due is None else [WakeWanted(run.run_id, max(at, run.due))])
            continue
        if workflow is None or workflow.digest != run.digest:
            after, _ = failed(after, at, run.run_id, f"workflow {run.workflow_id!r} is not what it was")
            continue
        again = attrs.evolve(run, done=0, active=None)
        after = attrs.evolve(after, runs=after.runs.put(run.run_id, again))
        answers.append(EvaluationWanted(run.run_id, run.workflow_id, run.inputs))
    return after, tuple(answers)
