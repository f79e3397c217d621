"""The doors of a plane in this process: real clients over its transports and its ASGI application, in virtual time."""

import gc
import re
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import anyio
import httpx
import pytest
from returns.result import Success

from cascades_sdk.client import AsyncCascadesClient, CascadesClient
from cascades_sdk.compiler import flow, task
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    DeadlineExceededError,
    EngineUnavailableError,
    NetworkError,
    ServerError,
    StreamLostError,
    UnexpectedResponseError,
    ValidationError,
)
from cascades_sdk.pipelines import submit_and_wait, submit_and_wait_async, wait_for_completion
from cascades_sdk.protocol.auth import HeaderAuth
from cascades_sdk.protocol.limits import RetryPolicy
from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane import (
    Cut,
    Drip,
    Fault,
    Finish,
    Hangup,
    Latitude,
    MediaType,
    NothingDueError,
    PlaneState,
    Reset,
    Settings,
    Silence,
    Table,
    Update,
    Workflow,
    WrongLength,
)
from cascades_sdk.testing.plane._delivery import Mailbox
from openapi_witness import request_complaints, response_complaints
from wire.scripted import COLOURS, asked

DAY = 86_400.0
ONCE = RetryPolicy(retries=0)


@task
def double(number: int) -> int:
    return 2 * number


@task
async def halve(number: int) -> int:
    return number // 2


@task
def leave(number: int) -> int:
    raise SystemExit(number)


@task
def interrupt(number: int) -> int:
    raise KeyboardInterrupt


@flow
def sums(start: int = 21) -> int:
    return double(start)


@flow
async def halved(number: int = 42) -> int:
    return await halve(number)


@flow
def leaving(number: int = 1) -> int:
    return leave(number)


@flow
def interrupted(number: int = 1) -> int:
    return interrupt(number)


FLOWS: dict[str, Any] = {"sums": sums, "halved": halved, "leaving": leaving, "interrupted": interrupted}


def client_in(plane: ControlPlane, colour: str, **options: Any) -> CascadesClient | AsyncCascadesClient:
    return plane.client(**options) if colour == "sync" else plane.async_client(**options)


def ran(plane: ControlPlane, colour: str, body: dict[str, Any], timeout: float = 60.0, **options: Any) -> Any:
    """The outcome of submitting and waiting, in a colour."""
    if colour == "sync":
        with plane.client(**options) as client:
            return submit_and_wait(client, body, timeout)

    async def run() -> Any:
        async with plane.async_client(**options) as client:
            return await submit_and_wait_async(client, body, timeout)

    return anyio.run(run, backend=colour)


class TestIds:
    @pytest.mark.parametrize("ids", [False, True])
    @pytest.mark.parametrize("cursors", ["exclusive", "inclusive", "ignored"])
    @pytest.mark.parametrize("ahead", [0.0, 1.0])
    def test_a_wait_that_is_cut_off_has_all_rows_with_ids_and_without(
        self, ids: bool, cursors: Any, ahead: float
    ) -> None:
        with ControlPlane(latitude=Latitude(event_ids=ids, cursors=cursors)) as plane, plane.client() as client:
            plane.script("job", ["a", "b", 2, "c", "SUCCESS"])
            run_id = client.submit_workflow_run({"workflowId": "job"}).unwrap().run_id
            plane.advance(ahead)
            plane.faults(Cut(160), operation="streamRunTelemetry", times=1)
            told = wait_for_completion(client, run_id, 60).unwrap().progress.log_tail
            assert told == ("accepted a run of job", "a", "b", "c", "the run ended: SUCCESS")


@pytest.mark.parametrize("colour", COLOURS)
class TestRuns:
    @pytest.mark.parametrize(("workflow", "result"), [("sums", 42), ("halved", 21)])
    def test_a_flow_is_evaluated(self, colour: str, workflow: str, result: int) -> None:
        with ControlPlane(FLOWS, task_delay=5.0) as plane:
            outcome = ran(plane, colour, {"workflowId": workflow}).unwrap()
            assert (outcome.status, outcome.result) == ("SUCCESS", result)
            assert plane.clock.monotonic() == 5.0, "each task takes its delay, and nothing else takes time"

    def test_a_day_passes_while_nobody_looks(self, colour: str) -> None:
        with ControlPlane() as plane:
            plane.script("job", [Update("work"), "it goes on", DAY, Update("work", "SUCCESS"), Finish(result=[1])])
            outcome = ran(plane, colour, {"workflowId": "job"}, 2 * DAY).unwrap()
            assert (outcome.status, outcome.result) == ("SUCCESS", (1,))
            assert plane.clock.monotonic() == DAY

    def test_a_deadline_comes_in_the_time_of_the_plane(self, colour: str) -> None:
        with ControlPlane() as plane:
            plane.script("job", ["and then nothing"])
            error = ran(plane, colour, {"workflowId": "job"}, 3_600.0).failure()
            assert isinstance(error, DeadlineExceededError)
            assert plane.clock.monotonic() == 3_600.0

    def test_a_deadline_comes_although_there_is_no_sign_of_life(self, colour: str) -> None:
        with ControlPlane(heartbeat=None) as plane:
            plane.script("job", [])
            assert isinstance(ran(plane, colour, {"workflowId": "job"}, 60.0).failure(), DeadlineExceededError)

    def test_a_wait_without_any_end_is_told(self, colour: str) -> None:
        with ControlPlane(seed=11) as plane:
            plane.script("job", [])
            run_id = asked("sync", plane.client(), "submit_workflow_run", {"workflowId": "job"}).unwrap().run_id
            with pytest.raises(NothingDueError, match="seed 11"):
                _unwrapped(lambda: asked(colour, client_in(plane, colour), "iter_run_stream_events", run_id))

    def test_a_stream_that_breaks_is_resumed_and_each_row_comes_once(self, colour: str) -> None:
        with ControlPlane() as plane:
            plane.script("job", ["one", 1, "two", Hangup(), 1, "three", Hangup(reset=True), 1, "four", "SUCCESS"])
            outcome = ran(plane, colour, {"workflowId": "job"}).unwrap()
            tail = outcome.progress.log_tail
            assert tail[1:5] == ("one", "two", "three", "four")
            assert len(tail) == 6

    def test_a_task_that_leaves_ends_the_run(self, colour: str) -> None:
        with ControlPlane(FLOWS) as plane:
            outcome = ran(plane, colour, {"workflowId": "leaving"}).unwrap()
            assert outcome.status == "FAILED"
            assert "SystemExit" in str(outcome.event.data["error"])

    def test_a_plane_that_has_stopped_is_not_there(self, colour: str) -> None:
        plane = ControlPlane(FLOWS)
        client = client_in(plane, colour)
        plane.stop()
        plane.stop()
        error = asked(colour, client, "submit_workflow_run").failure()
        assert isinstance(error, NetworkError), "nothing was sent"
        assert error.kind == "connect"


def _unwrapped(call: Callable[[], object]) -> None:
    """Task groups of trio may wrap what is raised."""
    try:
        call()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


FAULTS: list[tuple[Fault, type]] = [
    (Reset(), NetworkError),
    (Reset(0), NetworkError),
    (Reset(3), NetworkError),
    (Cut(), NetworkError),
    (Cut(5), NetworkError),
    (Silence(), DeadlineExceededError),
    (Silence(4), DeadlineExceededError),
    (WrongLength(7), NetworkError),
    (WrongLength(-7), UnexpectedResponseError),
    (MediaType(), UnexpectedResponseError),
]


@pytest.mark.parametrize("colour", COLOURS)
class TestFaults:
    @pytest.mark.parametrize(("fault", "kind"), FAULTS, ids=lambda value: repr(value))
    def test_each_has_its_error(self, colour: str, fault: Fault, kind: type) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.faults(fault)
            error = asked(colour, client_in(plane, colour, retry=ONCE), "get_public_api_version").failure()
            assert type(error) is kind
            assert plane.history[-1].fault == fault
            plane.faults()
            assert asked(colour, client_in(plane, colour), "get_public_api_version").unwrap().api_version == "v1"

    @pytest.mark.parametrize(
        "fault", [fault for fault, kind in FAULTS if kind is not UnexpectedResponseError], ids=repr
    )
    def test_a_post_is_ambiguous_then(self, colour: str, fault: Fault) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.faults(fault, operation="submitWorkflowRun")
            error = asked(colour, client_in(plane, colour), "submit_workflow_run").failure()
            assert isinstance(error, AmbiguousSubmitError)
            assert len(plane.state.runs) == 1, "it was carried out"

    def test_a_get_is_tried_again(self, colour: str) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.faults(Reset(), times=2)
            assert isinstance(asked(colour, client_in(plane, colour), "get_public_api_version"), Success)
            assert [record.fault for record in plane.history] == [Reset(), Reset(), None]
            assert plane.clock.monotonic() > 1.0, "the pauses passed"

    @pytest.mark.parametrize("seconds", [1_000.0, 5.0])
    def test_what_drips_comes_in_its_time(self, colour: str, seconds: float) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.faults(Drip(2, every=1.5))
            outcome = asked(colour, client_in(plane, colour, timeout=seconds, retry=ONCE), "get_public_api_version")
            assert isinstance(outcome, Success) is (seconds > 100)
            assert plane.clock.monotonic() == (13.5 if seconds > 100 else 5.0)

    @pytest.mark.parametrize(
        "fault", [Reset(300), Cut(300), Drip(200, 0.1), Silence(300), WrongLength(200), WrongLength(0)], ids=repr
    )
    def test_a_wait_survives_what_passes(self, colour: str, fault: Fault) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.faults(fault, operation="streamRunTelemetry", times=2)
            outcome = ran(plane, colour, {"workflowId": "sums"}, DAY).unwrap()
            assert (outcome.status, outcome.result) == ("SUCCESS", 42)

    def test_a_wait_gives_up_what_does_not(self, colour: str) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.faults(Reset(), operation="streamRunTelemetry")
            assert isinstance(ran(plane, colour, {"workflowId": "sums"}, DAY).failure(), StreamLostError)

    def test_the_next_answers_fail_as_told(self, colour: str) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.fail_next(503, operation="submitWorkflowRun", retry_after=2, times=2)
            assert ran(plane, colour, {"workflowId": "sums"}).unwrap().status == "SUCCESS"
            assert [record.status for record in plane.history] == [503, 503, 200, 200]
            assert plane.clock.monotonic() == 4.0
            plane.fail_next(
                500, operation="saveSlackIntegration", body={"error": "odd"}, headers={"X-Request-Id": "r-1"}
            )
            body = {"webhookUrl": "https://hooks.example.com/services/0000"}
            error = asked(colour, client_in(plane, colour), "save_slack_integration", body).failure()
            assert isinstance(error, ServerError)
            assert error.request_id == "r-1"
            plane.fail_next()
            error = asked(colour, client_in(plane, colour), "submit_workflow_run").failure()
            assert isinstance(error, EngineUnavailableError)

    @pytest.mark.parametrize("body", [b"", b"<h1>Bad gateway</h1>"])
    @pytest.mark.parametrize("status", [401, 404, 500])
    def test_failures_have_a_body_of_another_kind_or_none(self, colour: str, status: int, body: bytes) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.fail_next(status, body=body)
            error = asked(colour, client_in(plane, colour), "get_public_api_version").failure()
            assert error.status == status
            assert (plane.history[-1].status, plane.history[-1].answer) == (status, None)
            with httpx.Client(transport=plane.transport, base_url="http://here") as raw:
                plane.fail_next(status, body=body, headers={"Content-Type": "text/plain"})
                answer = raw.get("/api/system/version")
            assert (answer.content, answer.headers["content-type"]) == (body, "text/plain")

    def test_a_failure_may_have_had_an_effect(self, colour: str) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.fail_next(500, operation="submitWorkflowRun", carried_out=True)
            error = asked(colour, client_in(plane, colour), "submit_workflow_run", {"workflowId": "sums"}).failure()
            assert isinstance(error, ServerError)
            (run_id,) = plane.state.runs
            plane.fail_next(503, operation="streamRunTelemetry", carried_out=True, times=2)  # no stream is opened so
            with plane.client() as client:
                assert wait_for_completion(client, run_id).unwrap().result == 42
            plane.fail_next(502, operation="submitWorkflowRun")
            asked(colour, client_in(plane, colour), "submit_workflow_run", {"workflowId": "sums"}).failure()
            assert [*plane.state.runs] == [run_id]

    def test_a_failure_whose_body_is_no_json_is_refused(self, colour: str) -> None:
        with ControlPlane(FLOWS) as plane, pytest.raises(ValidationError) as raised:
            plane.fail_next(body={"x": {1, 2}})
        assert raised.value.pointer == "/body/x"


class TestAuth:
    def test_a_header_is_a_session_too(self) -> None:
        with ControlPlane(FLOWS, headers={"X-Token": "let-me-in-1234"}, cookie="other", cookie_name="sid") as plane:
            assert isinstance(asked("sync", plane.client(), "submit_workflow_run"), Success)
            token = HeaderAuth({"X-Token": "let-me-in-1234"})
            assert isinstance(asked("sync", plane.client(auth=token), "submit_workflow_run"), Success)
            for auth in (None, HeaderAuth({"X-Token": "wrong"}), "other"):
                error = asked("sync", plane.client(auth=auth), "submit_workflow_run").failure()
                assert isinstance(error, AuthenticationError)
            assert "let-me-in-1234" not in repr(plane) + repr(plane.history) + repr(plane.state)


class TestIntegrations:
    def test_they_are_stored_and_tried(self) -> None:
        with ControlPlane(secrets={"known": "stored-secret-0123"}) as plane, plane.client() as client:
            assert client.test_hubspot_integration().failure().code == "not_configured"
            assert client.save_hubspot_integration({"secretKey": "known"}).unwrap().token_last_four == "0123"
            assert isinstance(client.test_hubspot_integration(), Success)
            plane.provider_answers("hubspot", 403)
            assert client.test_hubspot_integration().failure().status == 502
            plane.provider_answers("hubspot", None)
            plane.forget_secret("known")
            assert client.test_hubspot_integration().failure().code == "missing_token"


def texts_in(holder: object) -> list[str]:
    """Every text that an object holds, through whatever it holds; modules and classes are everybody's."""
    passed = {id(vars(module)) for module in [*sys.modules.values()]}
    found, left = [], [holder]
    while left:
        each = left.pop()
        if id(each) in passed or isinstance(each, ModuleType | type):
            continue
        passed.add(id(each))
        found.append(each.pattern if isinstance(each, re.Pattern) else each)
        left += gc.get_referents(each)
    return [each for each in found if isinstance(each, str)]


class TestHistory:
    def test_it_shows_no_credential(self) -> None:
        canary = "canary-7f3a9c-canary-7f3a9c"
        sent = {
            "instanceUrl": f"https://me:{canary}@example.my.salesforce.com/a?token={canary}",
            "username": canary,
            "clientId": "id",
            "clientSecret": canary,
            "password": f"x{canary}",
            "loginHost": "https://login.example.com",
        }
        with ControlPlane(FLOWS, cookie=canary, secrets={"k": canary}, headers={"X-T": canary}) as plane:
            with plane.client() as client:
                client.save_salesforce_integration(sent).unwrap()
                client.submit_workflow_run({"workflowId": canary, "context": {"text": [canary]}})
            http = httpx.Client(transport=plane.transport, base_url="http://plane.example")
            headers = {"Cookie": f"__session={canary}", "X-T": canary, "Authorization": f"Bearer {canary}"}
            for content in (b"", f'{{"token": "{canary}", "{canary}": 1}}'.encode(), f'"{canary}"'.encode(), b"{"):
                http.post("/api/integrations/github", headers=headers, content=content)
            http.get(f"/api/runs/{canary}/stream?since={canary}", headers=headers)
            http.get(f"/{canary}", headers=headers)
            http.close()
            told = repr(plane.history) + repr(plane) + repr(plane.state)
            assert canary not in told
            first = plane.history[0]
            assert first.body["username"] == "[hidden]"  # type: ignore[index, call-overload]
            assert first.body["clientId"] == "id"  # type: ignore[index, call-overload]
            assert first.body["loginHost"] == "https://login.example.com"  # type: ignore[index, call-overload]
            assert (first.operation, first.method, first.status) == ("saveSalesforceIntegration", "POST", 200)
            assert plane.history[-1].operation is None
            assert "canary" not in str(client)

    def test_a_credential_that_only_a_request_shows_is_kept_nowhere(self) -> None:
        canary = "canary-7f3a9c-canary-7f3a9c"
        with ControlPlane(FLOWS) as plane:
            for cookie in ("local-session", canary):
                with httpx.Client(transport=plane.transport, base_url="http://plane.example") as http:
                    http.get("/api/system/version", headers={"Cookie": f"__session={cookie}"})
            assert len(plane.history) == 2
            texts = texts_in(plane)
        assert any("local-session" in text for text in texts)
        assert [text for text in texts if "canary" in text] == []

    def test_it_tells_what_was_asked_and_answered(self) -> None:
        with ControlPlane(FLOWS, seed=3) as plane, plane.client() as client:
            submit_and_wait(client, {"workflowId": "sums", "context": {"start": 1}})
            submitted, streamed = plane.history
            assert submitted.body["context"]["start"] == 1  # type: ignore[index, call-overload]
            assert submitted.answer is not None
            assert submitted.answer["runId"] in streamed.target
            assert (streamed.answer, streamed.status, streamed.body) == (None, 200, None)
            assert dict(streamed.headers)["accept"] == "text/event-stream"
            assert dict(streamed.headers)["cookie"] == "[hidden]"

    def test_a_context_may_hold_what_no_input_takes(self) -> None:
        body = b'{"context": {"b": [{"n": %d}], "a": 0.5}}' % 2**80
        with ControlPlane(FLOWS) as plane:
            with httpx.Client(transport=plane.transport, cookies={"__session": plane.cookie}) as http:
                assert http.post("http://plane.example/api/workflows/run", content=body).status_code == 200
            assert plane.history[-1].body["context"]["b"][0]["n"] == 2**80  # type: ignore[index, call-overload]

    def test_a_connection_that_is_busy_or_gone_changes_nothing(self) -> None:
        with ControlPlane() as plane:
            plane.script("job", [])
            hub, box = plane._hub, Mailbox()
            cookie = (("cookie", f"__session={plane.cookie}"),)
            number = hub.connect(box)
            hub.request(number, "POST", "/api/workflows/run", cookie, b'{"workflowId": "job"}')
            (run_id,) = plane.state.runs
            for _ in range(2):
                hub.request(number, "GET", f"/api/runs/{run_id}/stream", cookie, b"")
            assert len(plane.history) == 2
            hub.disconnect(number)
            hub.disconnect(number)
            hub.request(number, "GET", "/api/system/version", (), b"")
            assert plane.history[-1].status == 200, "it is answered, to nobody"


class TestSeeds:
    def test_one_seed_reproduces_everything(self) -> None:
        def told(seed: int) -> object:
            with ControlPlane(FLOWS, seed=seed) as plane:
                plane.faults(Reset(100), Cut(50), Silence(), Drip(40), rate=0.4)
                outcomes = [ran(plane, "sync", {"workflowId": "sums"}) for _ in range(8)]
                return plane.history, str(outcomes), plane.clock.monotonic()

        assert told(1) == told(1)
        assert told(1) != told(2)

    def test_it_is_printed_when_a_test_fails(self) -> None:
        with pytest.raises(ZeroDivisionError) as raised, ControlPlane(FLOWS, seed=77):
            raise ZeroDivisionError
        assert "ControlPlane(seed=77, in process, 0 runs)" in "".join(traceback.format_exception(raised.value))


class TestTime:
    def test_it_can_be_moved_by_hand(self) -> None:
        with ControlPlane(skips_time=False) as plane, plane.client() as client:
            plane.script("job", [DAY, "SUCCESS"])
            outcomes: list[Any] = []
            waiting = threading.Thread(
                target=lambda: outcomes.append(submit_and_wait(client, {"workflowId": "job"}, 2 * DAY))
            )
            waiting.start()
            while not plane.state.streams:
                time.sleep(0.001)
            plane.advance(DAY - 1)
            assert not outcomes
            # A client whose connection was silent for long pauses, and comes back when its time has come.
            while waiting.is_alive():
                plane.advance(1)
                time.sleep(0.001)
            assert outcomes[0].unwrap().status == "SUCCESS"

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_it_can_be_moved_by_hand_from_a_task(self, backend: str) -> None:
        async def main() -> None:
            async with plane.async_client() as client, anyio.create_task_group() as group:

                async def move() -> None:
                    while not outcomes:
                        plane.advance(100)
                        await anyio.sleep(0.001)

                group.start_soon(move)
                outcomes.append(await submit_and_wait_async(client, {"workflowId": "job"}, DAY))

        outcomes: list[Any] = []
        with ControlPlane(skips_time=False) as plane:
            plane.script("job", [1_000, "SUCCESS"])
            anyio.run(main, backend=backend)
            assert outcomes[0].unwrap().status == "SUCCESS"
            assert plane.clock.monotonic() >= 1_000

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_many_wait_at_once_and_time_passes_once(self, backend: str) -> None:
        async def main() -> list[Any]:
            outcomes: list[Any] = []

            async def one(client: AsyncCascadesClient) -> None:
                outcomes.append(await submit_and_wait_async(client, {"workflowId": "job"}, 60.0))

            async with plane.async_client() as client, anyio.create_task_group() as group:
                for _ in range(50):
                    group.start_soon(one, client)
            return outcomes

        with ControlPlane() as plane:
            plane.script("job", [0.5, "half", 0.5, "SUCCESS"])
            assert {outcome.unwrap().status for outcome in anyio.run(main, backend=backend)} == {"SUCCESS"}
            assert plane.clock.monotonic() == 1.0

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_wait_that_is_cancelled_leaves_nothing_behind(self, backend: str) -> None:
        async def main() -> None:
            async with plane.async_client() as client:
                with anyio.move_on_after(0.05):
                    await submit_and_wait_async(client, {"workflowId": "job"}, DAY)
            with anyio.move_on_after(0.05):
                plane.faults(Silence())
                async with plane.async_client() as client:
                    await client.get_public_api_version()

        with ControlPlane(skips_time=False) as plane:
            plane.script("job", [])
            anyio.run(main, backend=backend)
            assert plane.state.streams == Table()
            assert plane._hub._mailboxes == {}
            assert plane._hub._waiters == set()

    def test_who_waits_when_a_plane_stops_is_told(self) -> None:
        with ControlPlane(skips_time=False) as plane, plane.client(retry=ONCE) as client:
            plane.faults(Silence())
            errors: list[Any] = []
            waiting = threading.Thread(target=lambda: errors.append(client.get_public_api_version()))
            waiting.start()
            while not plane.history:
                time.sleep(0.001)
            plane.stop()
            waiting.join(10)
            assert "stopped" in errors[0].failure().detail

    def test_an_interrupt_passes(self) -> None:
        with ControlPlane(FLOWS) as plane, pytest.raises(KeyboardInterrupt):
            ran(plane, "sync", {"workflowId": "interrupted"})

    def test_a_plain_client_of_httpx_waits_in_it_too(self) -> None:
        with ControlPlane(FLOWS) as plane:
            plane.faults(Silence())
            with (
                httpx.Client(transport=plane.transport, base_url="http://plane.example", timeout=50.0) as client,
                pytest.raises(httpx.ReadTimeout),
            ):
                client.get("/api/system/version")
            assert plane.clock.monotonic() == 50.0

            async def ask() -> None:
                async with httpx.AsyncClient(transport=plane.async_transport, timeout=50.0) as client:
                    with pytest.raises(httpx.ReadTimeout):
                        await client.get("http://plane.example/api/system/version")

            anyio.run(ask)
            assert plane.clock.monotonic() == 100.0


NAN, ENDLESS = float("nan"), float("inf")


class TestTheHandle:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *(("task_delay", value) for value in (-1.0, NAN, ENDLESS, "1", False)),
            *(("heartbeat", value) for value in (0, -1.0, NAN, ENDLESS, "1", 1e-6)),
            *(("max_runs", value) for value in (0, -1, 1.5, "x", True)),
            *(("latitude", value) for value in ({}, 5)),
            *(("state", value) for value in ({}, 5)),
            *(("headers", value) for value in ({"A": 5}, "abc", {"a b": "c"}, {"a": "b\r\nc: d"})),
            *(("secrets", value) for value in ({1: 2}, ["a"], {"a": ""}, {"a": 5})),
            *(("cookie", value) for value in ("", "a;b", "é", 5, "__session=a")),
            *(("cookie_name", value) for value in ("", "a b", 5)),
            *(("tasks", value) for value in (5, {"sums": 5})),
            *(("seed", value) for value in (1.5, "1", True)),
            *(("catalog", value) for value in ([sums], (), sums, {"x": b"{}"}, {"x": b""})),
        ],
    )
    def test_is_not_made_with_what_cannot_be_meant(self, name: str, value: Any) -> None:
        for make in (ControlPlane, ControlPlane.serve):
            with pytest.raises(ValidationError) as raised:
                make(**{name: value})
            assert raised.value.pointer == f"/{name}"

    def test_in_process_it_skips_time_or_does_not(self) -> None:
        with pytest.raises(ValidationError) as raised:
            ControlPlane(skips_time="no")  # type: ignore[arg-type]
        assert raised.value.pointer == "/skips_time"

    def test_is_told_faults_of_which_none_hides_another_for_ever(self) -> None:
        with ControlPlane() as plane:
            plane.faults(Reset())
            plane.faults(Cut(1))
            plane.faults(Cut(2), operation="submitWorkflowRun")
            plane.faults(Drip(), times=1)
            plane.faults(Silence(), times=1)
            told = [(each.faults, each.operation) for each in plane.state.faults]
            assert told == [
                ((Drip(),), None),
                ((Silence(),), None),
                ((Cut(2),), "submitWorkflowRun"),
                ((Cut(1),), None),
            ]
            plane.faults(MediaType())
            assert [each.faults[0] for each in plane.state.faults] == [Drip(), Silence(), MediaType()]
            plane.faults()
            assert plane.state.faults == ()

    @pytest.mark.parametrize("status", [204, 304])
    def test_says_nothing_in_an_answer_that_has_no_body(self, status: int) -> None:
        with ControlPlane() as plane, httpx.Client(transport=plane.transport, base_url="http://here") as raw:
            for fault in ((), (WrongLength(3),)):
                plane.faults(*fault, times=1)
                plane.fail_next(status)
                answer = raw.get("/api/system/version")
                assert (answer.status_code, answer.content) == (status, b"")
                assert not {"content-type", "content-length"} & {*answer.headers}

    def test_takes_headers_in_place_of_its_own(self) -> None:
        with ControlPlane() as plane, httpx.Client(transport=plane.transport, base_url="http://here") as raw:
            own = {"content-type": "text/html", "Cache-Control": "max-age=1", "Odd": "1"}
            plane.fail_next(500, headers=own)
            told = raw.get("/api/system/version").headers
            assert [told.get_list(name) for name in own] == [[value] for value in own.values()]
            plane.fail_next(500, headers=own)
            plane.faults(MediaType("text/plain"))
            assert raw.get("/api/system/version").headers.get_list("content-type") == ["text/plain"]

    @pytest.mark.parametrize("name", ["clock", "settings", "port", "host"])
    @pytest.mark.parametrize("value", [-5, {}, "5", lambda: NAN, lambda: "now"])
    def test_does_not_listen_with_what_cannot_be_meant(self, name: str, value: Any) -> None:
        if (name, value) == ("host", "5"):
            return
        with pytest.raises(ValidationError) as raised:
            ControlPlane.serve(**{name: value})
        assert raised.value.pointer == f"/{name}"

    @pytest.mark.parametrize("name", ["idle", "linger", "max_head", "max_body", "lag"])
    def test_has_no_settings_that_cannot_be_meant(self, name: str) -> None:
        for value in ("1", -2, NAN, None):
            with pytest.raises(ValidationError) as raised:
                Settings(**{name: value})  # type: ignore[arg-type]
            assert raised.value.pointer == f"/{name}"

    @pytest.mark.parametrize(
        ("ask", "pointer"),
        [
            (lambda plane: plane.advance(-1), "/seconds"),
            (lambda plane: plane.advance(3e11), "/seconds"),
            (lambda plane: plane.fail_next(headers={"a": 5}), "/headers"),
            (lambda plane: plane.fail_next(headers={"a": "b\r\nc: d"}), "/headers"),
            (lambda plane: plane.fail_next(headers="abc"), "/headers"),
            (lambda plane: plane.fail_next(headers={"content-Length": "3"}), "/headers"),
            (lambda plane: plane.fail_next(204, body={}), "/body"),
            (lambda plane: plane.fail_next(body=[1]), "/body"),
            (lambda plane: plane.script(5, []), "/key"),
            (lambda plane: plane.script("job", 5), "/beats"),
            (lambda plane: plane.advance(NAN), "/seconds"),
            (lambda plane: plane.advance(ENDLESS), "/seconds"),
            (lambda plane: plane.fail_next(status=999), "/status"),
            (lambda plane: plane.fail_next(retry_after=-1), "/retry_after"),
            (lambda plane: plane.fail_next(retry_after=NAN), "/retry_after"),
            (lambda plane: plane.faults(Reset(), rate=2), "/rate"),
            (lambda plane: plane.provider_answers("bitbucket", 401), "/provider"),
            (lambda plane: plane.provider_answers("github", 401), "/provider"),
            (lambda plane: plane.provider_answers(["hubspot"], 401), "/provider"),
            (lambda plane: plane.provider_answers("hubspot", 99), "/status"),
            (lambda plane: plane.provider_answers("hubspot", 600), "/status"),
            (lambda plane: plane.provider_answers("hubspot", "401"), "/status"),
            (lambda plane: plane.cancel("run-typo"), "/run_id"),
            (lambda plane: plane.cancel(["run"]), "/run_id"),
            (lambda plane: plane.forget_secret("typo"), "/key"),
            (lambda plane: plane.forget_secret(["typo"]), "/key"),
            (lambda plane: plane.script("run-0123456789abcdef0123", ["SUCCESS"]), "/key"),
        ],
    )
    def test_is_not_asked_what_cannot_be_meant(self, ask: Any, pointer: str) -> None:
        with ControlPlane(FLOWS) as plane:
            before = plane.state
            with pytest.raises(ValidationError) as raised:
                ask(plane)
            assert raised.value.pointer == pointer
            assert plane.state == before
            plane.advance(0)
            plane.provider_answers("hubspot", None)

    def test_gives_no_script_to_a_run_that_has_ended_and_leaves_it_as_it_is_when_it_is_cancelled(self) -> None:
        with ControlPlane(FLOWS) as plane:
            run_id = ran(plane, "sync", {"workflowId": "sums"}).unwrap().run_id
            before = plane.state
            plane.cancel(run_id)
            with pytest.raises(ValidationError) as raised:
                plane.script(run_id, ["SUCCESS"])
            assert raised.value.pointer == "/key"
            assert plane.state == before

    def test_a_state_goes_on_in_another_plane(self) -> None:
        with ControlPlane(FLOWS, seed=5, latitude=Latitude(result=False), max_runs=9) as first:
            run_id = asked("sync", first.client(), "submit_workflow_run").unwrap().run_id
        with ControlPlane(state=first.state) as second, second.client() as client:
            outcome = wait_for_completion(client, run_id).unwrap()
            assert (outcome.status, outcome.result) == ("SUCCESS", None)
            assert (second.seed, second.state.max_runs) == (5, 9)

    def test_a_document_that_cannot_be_read_fails_the_run(self) -> None:
        state = PlaneState(workflows=Table({"odd": Workflow("odd", b"{}", "sha256:1")}), default="odd")
        with ControlPlane(state=state) as plane:
            outcome = ran(plane, "sync", {"workflowId": "odd"}).unwrap()
            assert outcome.status == "FAILED"
            assert "InvalidDocumentError" in str(outcome.event.data["error"])

    def test_a_run_is_cancelled_from_outside(self) -> None:
        with ControlPlane(task_delay=10) as plane, plane.client() as client:
            plane.script("job", [])
            run_id = client.submit_workflow_run({"workflowId": "job"}).unwrap().run_id
            plane.cancel(run_id)
            assert wait_for_completion(client, run_id).unwrap().status == "CANCELLED"

    def test_in_process_there_is_no_address_and_on_a_socket_no_transport(self) -> None:
        with ControlPlane(FLOWS) as plane, pytest.raises(RuntimeError, match="no address"):
            plane.url


async def _over_asgi(plane: ControlPlane, use: Callable[[AsyncCascadesClient], Awaitable[Any]], app: Any = None) -> Any:
    transport = httpx.ASGITransport(app or plane.asgi)
    async with plane.async_client(transport=transport) as client:
        return await use(client)


@pytest.mark.parametrize("backend", ["asyncio"])
class TestASGI:
    def test_a_run_is_submitted_and_waited_for(self, backend: str) -> None:
        async def use(client: AsyncCascadesClient) -> Any:
            return await submit_and_wait_async(client, {"workflowId": "sums"}, 60.0)

        with ControlPlane(FLOWS, task_delay=3.0) as plane:
            outcome = anyio.run(_over_asgi, plane, use, backend=backend).unwrap()
            assert (outcome.status, outcome.result) == ("SUCCESS", 42)

    def test_it_can_be_mounted_below_a_path(self, backend: str) -> None:
        async def mounted(scope: Any, receive: Any, send: Any) -> None:
            await plane.asgi({**scope, "root_path": "/below"}, receive, send)

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(mounted)) as client:
                return await client.get("http://here/below/api/system/version?x=1")

        with ControlPlane(FLOWS) as plane:
            assert anyio.run(ask, backend=backend).json() == {"apiVersion": "v1"}
            assert plane.history[0].target == "/api/system/version?x=1"

    @pytest.mark.parametrize("fault", [Reset(), Cut(3)], ids=repr)
    def test_what_breaks_off_is_raised_to_the_server(self, backend: str, fault: Fault) -> None:
        async def use(client: AsyncCascadesClient) -> Any:
            return await client.submit_workflow_run()

        with ControlPlane(FLOWS) as plane:
            plane.faults(fault)
            error = anyio.run(_over_asgi, plane, use, backend=backend).failure()
            assert isinstance(error, AmbiguousSubmitError)

    def test_other_scopes_are_answered(self, backend: str) -> None:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message["type"])

        async def talk(scope: dict[str, Any], *messages: dict[str, Any]) -> list[Any]:
            left = list(messages)

            async def receive() -> Any:
                return left.pop(0)

            sent.clear()
            await plane.asgi(scope, receive, send)
            return list(sent)

        async def main() -> None:
            life = ({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
            assert await talk({"type": "lifespan"}, *life) == [
                "lifespan.startup.complete",
                "lifespan.shutdown.complete",
            ]
            assert await talk({"type": "websocket"}) == ["websocket.close"]
            asking = {"type": "http", "method": "POST", "path": "/x", "headers": []}
            assert await talk(asking, {"type": "http.disconnect"}) == []
            parts = [{"type": "http.request", "body": b" " * 2**19, "more_body": True}] * 5
            last = {"type": "http.request"}
            answered = await talk(asking, *parts, last, last, {"type": "http.disconnect"})
            assert answered[0] == "http.response.start"

        with ControlPlane(FLOWS) as plane:
            anyio.run(main, backend=backend)

    def test_who_hangs_up_is_forgotten(self, backend: str) -> None:
        async def main() -> None:
            run_id = (
                await _over_asgi(plane, lambda client: client.submit_workflow_run({"workflowId": "job"}))
            ).unwrap()
            path = f"/api/runs/{run_id.run_id}/stream"
            heard = anyio.Event()
            messages = [{"type": "http.request"}]

            async def receive() -> Any:
                if messages:
                    return messages.pop()
                await heard.wait()
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                if message["type"] == "http.response.body":
                    heard.set()

            cookie = f"__session={plane.cookie}".encode()
            scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"cookie", cookie)]}
            await plane.asgi(scope, receive, send)

        with ControlPlane(skips_time=False) as plane:
            plane.script("job", [])
            anyio.run(main, backend=backend)
            assert plane.state.streams == Table()


@pytest.mark.witness("openapi-core: every exchange with a plane in process")
def test_the_contract_judges_every_exchange() -> None:
    class Judged(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = inner.handle_request(request)
            assert request_complaints(request) == []
            if request.url.path.endswith("/stream") and answer.status_code == 200:
                return answer
            answer.read()
            assert response_complaints(request, answer) == []
            return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))

    from cascades_sdk.contract import OPERATIONS
    from test_manners import bodies, method_of

    with ControlPlane(FLOWS, secrets={"github-credential": "x" * 20}) as plane:
        inner = plane.transport
        with plane.client(transport=Judged()) as client:
            for auth in (True, False):
                for operation in OPERATIONS:
                    using = client if auth else client.with_options(auth=None)
                    for body in bodies(operation) or [None]:
                        arguments = ("run-1",) if "{id}" in operation.path else () if body is None else (body,)
                        answer = getattr(using, method_of(operation))(*arguments)
                        assert list(answer) if "{id}" in operation.path else answer
            assert submit_and_wait(client, {"workflowId": "sums"}).unwrap().status == "SUCCESS"
