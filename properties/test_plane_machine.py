"""The state machine of the local plane: real clients through every door, and the pure model beside them.

Whatever is asked, in whatever order, each door answers what the model answers, read by the contract's rules; and at the
end every door's plane has come to the model's state. Real sockets are used here, and no time is asserted.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from typing import Any

import anyio
import attrs
import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule
from returns.result import Failure, Success

from cascades_sdk import contract
from cascades_sdk.client import CascadesClient
from cascades_sdk.compiler import flow, task
from cascades_sdk.contract import OPERATIONS, Operation
from cascades_sdk.encoding import dag_from_json
from cascades_sdk.errors import ValidationError
from cascades_sdk.evaluation import steps
from cascades_sdk.pipelines import wait_for_completion, wait_for_completion_async
from cascades_sdk.protocol.effects import Head, Response
from cascades_sdk.protocol.limits import RetryPolicy
from cascades_sdk.protocol.responses import outcome_of
from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane import (
    Cancelled,
    Due,
    EvaluationWanted,
    Failing,
    Fault,
    FaultPlan,
    Finish,
    Hangup,
    MediaType,
    PlaneState,
    Reply,
    Request,
    Reset,
    Run,
    Scripted,
    Table,
    Told,
    Troubled,
    Update,
    Wait,
    WakeWanted,
    beats_of,
    step,
    workflow_from,
)
from cascades_sdk.transport.clock import SYSTEM_CLOCK
from cascades_sdk.types import fault_of
from cascades_sdk.values import FrozenDict, freeze, thaw
from test_manners import bodies, method_of

SEED = 7
AT_MOST = 30.0
#: A clock by which nobody pauses: it is the plane's socket that is tried, and not patience.
HASTY = attrs.evolve(SYSTEM_CLOCK, sleep=lambda _: None)
AT_ONCE = RetryPolicy(retries=2, first_pause=0.0, longest_pause=0.0)


@task
def double(number: int) -> int:
    return 2 * number


@task
def refuse(number: int) -> int:
    raise ValueError(f"{number} is no good")


@flow
def sums(start: int = 3) -> int:
    return double(double(start))


@flow
def needy(start: int) -> list[int]:
    return [double(start), 1]


@flow
def failing(start: int = 1) -> int:
    return refuse(double(start))


CATALOG: dict[str, Any] = {"sums": sums, "needy": needy, "failing": failing, "odd": b"{}"}
SECRETS = {"known": "stored-secret-0123456789"}


@cache
def beginning() -> PlaneState:
    workflows = Table({name: workflow_from(name, entry) for name, entry in CATALOG.items()})
    return PlaneState(workflows=workflows, default="sums", seed=SEED, secrets=Table(SECRETS))


class Model:
    """The pure model, asked directly. What it wants evaluated is evaluated at once, and no moment is waited for."""

    def __init__(self) -> None:
        self.state = beginning()
        self.at = 1.7e9

    def feed(self, event: Any) -> Reply | None:
        self.state, answers = step(self.state, event)
        for answer in answers:
            if isinstance(answer, EvaluationWanted):
                workflow = self.state.workflow(answer.workflow_id)
                assert workflow is not None
                for each in steps(dag_from_json(workflow.document).unwrap(), answer.inputs):
                    self.feed(Told(self.at, answer.run_id, each))
            if isinstance(answer, WakeWanted):
                self.at = max(self.at, answer.moment)
                self.feed(Due(self.at, answer.run_id))
        return next((answer for answer in answers if isinstance(answer, Reply)), None)

    def call(self, operation: Operation[Any], body: Any, cookie: str | None) -> Any:
        """The outcome of a call; a client refuses what the contract forbids, and asks nobody."""
        if operation.body is not None and body is not None:
            frozen = freeze(body)
            if fault_of(operation.body.schema, frozen) is not None:  # type: ignore[arg-type]  # no refusal
                return ValidationError
        headers = () if cookie is None else (("cookie", f"__session={cookie}"),)
        data = b"" if body is None else json.dumps(body).encode()
        reply = self.feed(Request(self.at, 1, operation.method, operation.path, headers, data))
        assert reply is not None
        fields = (("content-type", "application/json"), *((name.lower(), value) for name, value in reply.headers))
        response = Response(Head(reply.status, fields), json.dumps(thaw(reply.body)).encode())
        return outcome_of(operation, response, wall=0.0, secrets=() if cookie is None else (cookie,))


class Door:
    """How an operation of a plane is called, and how a run is waited for."""

    def __init__(self, plane: ControlPlane, call: Callable[..., Any], wait: Callable[[str], Any]) -> None:
        self.plane = plane
        self.call = call
        self.wait = wait


def sync_door(plane: ControlPlane, close: ExitStack, **options: Any) -> Door:
    client = close.enter_context(plane.client(retry=AT_ONCE, **options))

    def call(name: str, body: Any, auth: Any) -> Any:
        using: CascadesClient = client if auth is None else client.with_options(auth=auth)
        return getattr(using, name)(*(() if body is None else (body,)))

    return Door(plane, call, lambda run_id: wait_for_completion(client, run_id, AT_MOST))


def async_door(plane: ControlPlane, **options: Any) -> Door:
    client = plane.async_client(retry=AT_ONCE, **options)

    def call(name: str, body: Any, auth: Any) -> Any:
        using = client if auth is None else client.with_options(auth=auth)
        return anyio.run(lambda: getattr(using, name)(*(() if body is None else (body,))))

    return Door(plane, call, lambda run_id: anyio.run(lambda: wait_for_completion_async(client, run_id, AT_MOST)))


CALLS = [operation for operation in OPERATIONS if operation.media == "application/json"]
SAVES = [operation for operation in CALLS if "/integrations/" in operation.path and operation.body is not None]
TESTS = [operation for operation in CALLS if operation.path.endswith("/test")]
WORKFLOWS = st.sampled_from([*CATALOG, "job", "db-1", "nobody"])
BEATS = st.lists(
    st.sampled_from(
        [
            Wait(0),
            Wait(0.001),
            "a line",
            Update("double"),
            Update("double", "SUCCESS"),
            Update("another", "FAILED"),
            Hangup(),
            Hangup(reset=True),
        ]
    ),
    max_size=5,
)
ENDS = st.sampled_from([Finish(), Finish(result=[1]), Finish("FAILED", error="it is broken"), Finish("CANCELLED")])


class PlaneMachine(RuleBasedStateMachine):
    runs = Bundle("runs")

    @initialize()
    def begin(self) -> None:
        self.close = ExitStack()
        self.model = Model()
        made = [
            self.close.enter_context(make(state=beginning()))
            for make in (ControlPlane, ControlPlane, ControlPlane, ControlPlane.serve)
        ]
        in_process, in_tasks, by_asgi, on_socket = made
        self.doors = {
            "in process": sync_door(in_process, self.close),
            "in tasks": async_door(in_tasks),
            "ASGI": async_door(by_asgi, transport=httpx.ASGITransport(by_asgi.asgi)),
            "socket": sync_door(on_socket, self.close, clock=HASTY),
        }

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        try:
            for run_id in self.model.state.runs:
                self.waited(run_id)
            for name, door in self.doors.items():
                assert told(door.plane.state) == told(self.model.state), name
                assert calls_to(door.plane) == calls_to(self.doors["in process"].plane), name
        finally:
            self.close.close()

    def asked(self, operation: Operation[Any], body: Any = None, auth: str | None = None) -> Any:
        """What everybody answers alike."""
        needs = operation.auth == "cookie"
        expected = self.model.call(operation, body, (auth or "local-session") if needs else None)
        for name, door in self.doors.items():
            outcome = door.call(method_of(operation), body, auth)
            if expected is ValidationError:
                assert isinstance(outcome.failure(), ValidationError), name
                assert outcome.failure().status is None, name
            else:
                assert outcome == expected, name
        return expected

    def waited(self, run_id: str) -> None:
        run = self.model.state.runs[run_id]
        for name, door in self.doors.items():
            outcome = door.wait(run_id).unwrap()
            assert (outcome.run_id, outcome.status) == (run_id, run.status), name
            assert outcome.result == (run.result if run.status == "SUCCESS" else None), name
            assert outcome.progress.log_tail == tuple(row.message for row in run.logs)[-20:], name
            latest = {f"node-{row.node}": (run.names[row.node], row.status) for row in run.tasks}
            assert {each.id: (each.name, each.status) for each in outcome.progress.tasks} == latest, name

    @rule(
        target=runs, workflow=WORKFLOWS, context=st.sampled_from([None, {}, {"start": 5}, {"start": "x", "odd": [1]}])
    )
    def submit(self, workflow: str, context: Any) -> str | None:
        body = {"workflowId": workflow} | ({} if context is None else {"context": context})
        outcome = self.asked(contract.SUBMIT_WORKFLOW_RUN, body)
        return outcome.unwrap().run_id if isinstance(outcome, Success) else None

    @rule(run_id=runs)
    def wait(self, run_id: str | None) -> None:
        if run_id is not None:
            self.waited(run_id)

    @rule()
    def version(self) -> None:
        self.asked(contract.GET_PUBLIC_API_VERSION)

    @rule(item=WORKFLOWS)
    def clone(self, item: str) -> None:
        self.asked(contract.CLONE_CATALOG_WORKFLOW, {"catalogItemId": item})

    @rule(operation=st.sampled_from(SAVES), data=st.data())
    def save(self, operation: Operation[Any], data: st.DataObject) -> None:
        body = dict(data.draw(st.sampled_from(bodies(operation))))
        stored = next((key for key in body if key in ("secretKey", "webhookSecretKey")), None)
        if stored is not None:
            body[stored] = data.draw(st.sampled_from(["known", "unknown", ""]))
        self.asked(operation, body)

    @rule(operation=st.sampled_from(TESTS))
    def try_out(self, operation: Operation[Any]) -> None:
        self.asked(operation)

    @rule(operation=st.sampled_from(CALLS))
    def ask_with_a_wrong_cookie(self, operation: Operation[Any]) -> None:
        body = next(iter(bodies(operation)), None)
        self.asked(operation, body, auth="wrong-cookie-0123")

    @rule(operation=st.sampled_from(CALLS), data=st.data())
    def fail_the_next(self, operation: Operation[Any], data: st.DataObject) -> None:
        status = data.draw(st.sampled_from([status for status, _ in operation.errors] or [404]))
        failing = (*self.model.state.failing, Failing(status, operation.id))
        self.model.feed(Troubled(self.model.at, failing=failing))
        for door in self.doors.values():
            door.plane.fail_next(status, operation=operation.id)

    @rule(provider=st.sampled_from(["hubspot", "salesforce", "vercel"]), status=st.sampled_from([403, 500, None]))
    def let_a_provider_answer(self, provider: str, status: int | None) -> None:
        self.model.feed(Troubled(self.model.at, provider=(provider, status)))
        for door in self.doors.values():
            door.plane.provider_answers(provider, status)

    @precondition(lambda self: hasattr(self, "model") and "known" in self.model.state.secrets)
    @rule()
    def forget_a_secret(self) -> None:
        self.model.feed(Troubled(self.model.at, forgotten_secret="known"))
        for door in self.doors.values():
            door.plane.forget_secret("known")

    @rule(key=st.sampled_from(["job", "sums"]), beats=BEATS, end=ENDS)
    def write_a_script(self, key: str, beats: list[Any], end: Finish) -> None:
        self.model.feed(Scripted(self.model.at, key, beats_of([*beats, end])))
        for door in self.doors.values():
            door.plane.script(key, [*beats, end])

    @rule(run_id=runs)
    def cancel_what_has_ended(self, run_id: str | None) -> None:
        if run_id is not None:
            self.waited(run_id)
            self.model.feed(Cancelled(self.model.at, run_id))
            for door in self.doors.values():
                door.plane.cancel(run_id)

    @rule(fault=st.sampled_from([Reset(), MediaType()]), operation=st.sampled_from(CALLS))
    def let_an_answer_go_wrong(self, fault: Fault, operation: Operation[Any]) -> None:
        """Texts differ between doors, kinds of errors do not; and what was asked has had its effect, everywhere."""
        if any(each.concerns(operation.id) for each in self.model.state.failing):
            return
        plan = FaultPlan((fault,), operation.id, 1)
        self.model.feed(Troubled(self.model.at, faults=(plan,)))
        body = next(iter(bodies(operation)), None)
        repeated = operation.method == "GET" and not isinstance(fault, MediaType)
        for _ in range(1 + repeated):
            assert self.model.call(operation, body, "local-session") is not ValidationError
        kinds = set()
        for door in self.doors.values():
            door.plane.faults()
            door.plane.faults(fault, operation=operation.id, times=1)
            outcome = door.call(method_of(operation), body, None)
            assert isinstance(outcome, Success) is repeated
            kinds.add(type(outcome.failure()) if isinstance(outcome, Failure) else Success)
        assert len(kinds) == 1

    @invariant()
    def the_planes_know_the_same_runs(self) -> None:
        if hasattr(self, "model"):
            for name, door in self.doors.items():
                assert list(door.plane.state.runs) == list(self.model.state.runs), name


def told(state: PlaneState) -> object:
    """A state without the times in it, and without the count of requests, because the model is asked for no stream."""
    return attrs.evolve(state, stamp=0, drawn=0, runs=Table({key: story(run) for key, run in state.runs.items()}))  # type: ignore[dict-item]


def story(run: Run) -> object:
    bare = attrs.evolve(run, logs=FrozenDict(), tasks=FrozenDict(), due=None)  # type: ignore[arg-type]
    rows = sorted([*run.logs, *run.tasks], key=lambda row: row.stamp)
    return bare, tuple(attrs.evolve(row, stamp=0) for row in rows)


def calls_to(plane: ControlPlane) -> list[object]:
    """The history without times and headers, and without streams: how often one is opened depends on when."""
    calls = (record for record in plane.history if record.operation != contract.STREAM_RUN_TELEMETRY.id)
    return [attrs.evolve(record, at=0.0, headers=()) for record in calls]


PlaneMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
TestEveryDoorAnswersWhatTheModelAnswers = PlaneMachine.TestCase
