"""The steps that services put together: ends of runs, definitions, clones, many runs, events across reconnects."""

import asyncio
import pickle
import threading
from typing import Any

import anyio
import httpx
import httpx_sse
import pytest
from returns.result import Success

from cascades_sdk.client import AsyncCascadesClient, CancelToken, CascadesClient
from cascades_sdk.errors import (
    AuthenticationError,
    DeadlineExceededError,
    DefinitionMismatchError,
    NotFoundError,
    RunCancelledError,
    RunFailedError,
    UnexpectedResponseError,
    ValidationError,
    WaitCancelledError,
    WaitPosition,
    position_from_text,
)
from cascades_sdk.pipelines import (
    as_server_sent_event,
    clone_and_submit,
    clone_and_submit_async,
    expect_definition,
    follow_run,
    follow_run_async,
    require_success,
    submit,
    submit_and_wait,
    submit_and_wait_async,
    submit_and_wait_many,
    submit_and_wait_many_async,
    wait_for_completion,
    wait_for_completion_async,
)
from cascades_sdk.protocol.event_stream import START, feed
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.values import FrozenDict
from wire.scripted import ACCEPTED, BASE, COLOURS, COOKIE, Script, frame, log, stream

DONE = frame("run.completed", status="SUCCESS")
ENDS = {
    "SUCCESS": DONE,
    "FAILED": frame("run.failed", status="FAILED", why="x"),
    "CANCELLED": frame("run.progress", status="CANCELLED"),
}
PLACE = WaitPosition("r", "RUNNING", "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z", "7 &=é\n")


def ended(status: str) -> RunOutcome:
    return wait_for_completion(Script(stream(ENDS[status])).client(), "r").unwrap()


class TestSteps:
    def test_only_a_success_is_one(self) -> None:
        run = ended("SUCCESS")
        assert require_success(run) == Success(run)
        failed = require_success(ended("FAILED")).failure()
        assert failed == RunFailedError("require_success", "r", FrozenDict({"status": "FAILED", "why": "x"}))
        cancelled = require_success(ended("CANCELLED")).failure()
        assert isinstance(cancelled, RunCancelledError)
        assert "'r'" in str(failed)
        assert "'r'" in str(cancelled)

    def test_a_run_of_the_reviewed_definition_passes_and_another_is_told_with_both_hashes(self) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED))
        checked = submit(script.client())(None).bind(expect_definition("sha256:00"))
        assert checked.map(lambda accepted: accepted.run_id) == Success("run-1")
        error = submit(script.client())(None).bind(expect_definition("sha256:ff")).failure()
        assert error == DefinitionMismatchError("expect_definition", "sha256:ff", "sha256:00", "run-1")
        assert "sha256:00" in str(error)
        assert "sha256:ff" in str(error)

    @pytest.mark.parametrize("context", [None, {"a": 1}, FrozenDict({"a": 1})])
    @pytest.mark.parametrize("colour", COLOURS)
    def test_a_clone_is_what_is_run(self, colour: str, context: Any) -> None:
        cloned = {"catalogItemId": "db-9", "workflowRowId": "9", "definitionId": "d", "name": "mine"}
        script = Script(httpx.Response(200, json=cloned), httpx.Response(200, json=ACCEPTED))
        outcome = cloned_and_submitted(colour, script, context)
        assert isinstance(outcome, Success)
        sent = script.requests[1].read()
        assert b'"workflowId":"db-9"' in sent
        assert (b'"context":{"a":1}' in sent) is (context is not None)

    @pytest.mark.parametrize("colour", COLOURS)
    def test_what_cannot_be_cloned_is_not_run(self, colour: str) -> None:
        script = Script(httpx.Response(404))
        assert isinstance(cloned_and_submitted(colour, script).failure(), NotFoundError)
        assert len(script.requests) == 1


def cloned_and_submitted(colour: str, script: Script, context: Any = None) -> Any:
    if colour == "sync":
        return clone_and_submit(script.client(), {"catalogItemId": "w"}, context)
    client = script.async_client()
    return anyio.run(lambda: clone_and_submit_async(client, {"catalogItemId": "w"}, context), backend=colour)


class TestPositions:
    def test_its_text_is_one_line_and_reads_back(self) -> None:
        for place in (PLACE, WaitPosition("r"), WaitPosition("a&b=c%", last_event_id="")):
            assert position_from_text(place.text()) == Success(place)
            assert place.text().isprintable()
            assert pickle.loads(pickle.dumps(place)) == place

    @pytest.mark.parametrize("text", ["", "r", "status=RUNNING", "run_id=", "run_id=r&more=1", "run_id=r&status"])
    def test_what_is_no_position_is_refused_unseen(self, text: str) -> None:
        error = position_from_text(text).failure()
        assert error.pointer == "/resume_from"

    def test_what_is_shown_holds_only_what_looks_as_it_should(self) -> None:
        place = WaitPosition("r\n" + "x" * 200, f"{COOKIE}\x1b[2J", COOKIE, "2026-01-01\n00:00", COOKIE)
        for text in (str(place), repr(place), str(DeadlineExceededError("op", 1.0, place))):
            assert COOKIE not in text
            assert text.isprintable()
            assert len(text) < 200
        assert str(PLACE) == "run r status=RUNNING since=2026-01-01T00:00:01Z task_since=2026-01-01T00:00:02Z"

    @pytest.mark.parametrize("given", [PLACE, PLACE.text()])
    @pytest.mark.parametrize("colour", ["sync", "async"])
    def test_a_wait_goes_on_from_one(self, given: Any, colour: str) -> None:
        script = Script(stream(log(3), DONE))
        if colour == "sync":
            outcome = wait_for_completion(script.client(), "r", resume_from=given)
        else:
            outcome = anyio.run(lambda: wait_for_completion_async(script.async_client(), "r", resume_from=given))
        assert outcome.unwrap().status == "SUCCESS"
        asked = script.requests[0]
        assert asked.url.params["since"] == PLACE.since
        assert asked.url.params["taskSince"] == PLACE.task_since

    @pytest.mark.parametrize("run_id", [{"runId": "r"}, 5, None, b"r", Success("r")])
    def test_what_is_no_id_is_refused_with_the_way_to_one(self, run_id: Any) -> None:
        script = Script(stream(DONE))
        for outcome in (
            wait_for_completion(script.client(), run_id),
            anyio.run(lambda: wait_for_completion_async(script.async_client(), run_id)),
            *follow_run(script.client(), run_id),
        ):
            error = outcome.failure()
            assert isinstance(error, ValidationError)
            assert error.pointer == "/run_id"
            assert str(error).endswith(f"found a value of {type(run_id).__name__}; an acceptance has it as run_id")
        assert "run 5" in str(WaitPosition(5))  # type: ignore[arg-type]  # a text at least

    def test_what_is_no_position_at_all_is_refused(self) -> None:
        given: Any = {"run_id": "r"}
        error = wait_for_completion(Script().client(), "r", resume_from=given).failure()
        assert isinstance(error, ValidationError)
        assert (error.pointer, "WaitPosition" in str(error)) == ("/resume_from", True)

    @pytest.mark.parametrize("given", [WaitPosition("other"), "nonsense", WaitPosition("other").text()])
    def test_that_of_another_run_is_refused(self, given: Any) -> None:
        script = Script(stream(DONE))
        for outcome in (
            wait_for_completion(script.client(), "r", resume_from=given),
            anyio.run(lambda: wait_for_completion_async(script.async_client(), "r", resume_from=given)),
            *follow_run(script.client(), "r", resume_from=given),
        ):
            assert isinstance(outcome.failure(), ValidationError)
        assert script.requests == []


class TestMany:
    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            body = request.read()
            status = 401 if b"bad" in body else 200
            return httpx.Response(status, json=ACCEPTED | {"runId": body.decode().split('"')[3]})
        return stream(ENDS["FAILED" if "/w1/" in request.url.path else "SUCCESS"])

    @pytest.mark.parametrize("colour", ["sync", "asyncio", "trio"])
    @pytest.mark.parametrize("limit", [1, 3, 100])
    def test_each_body_has_its_outcome_in_order(self, colour: str, limit: int) -> None:
        bodies: list[Any] = [{"workflowId": name} for name in ("w0", "w1", "bad", "w3")]
        transport = httpx.MockTransport(self.answer)  # threads share it, where a script would not know whose turn it is
        if colour == "sync":
            outcomes = submit_and_wait_many(CascadesClient(BASE, transport=transport), bodies, limit=limit)
        else:
            client = AsyncCascadesClient(BASE, transport=transport)
            outcomes = anyio.run(lambda: submit_and_wait_many_async(client, bodies, limit=limit), backend=colour)
        assert [outcome.map(lambda run: run.run_id).value_or("") for outcome in outcomes] == ["w0", "w1", "", "w3"]
        assert outcomes[1].unwrap().status == "FAILED"
        assert isinstance(outcomes[2].failure(), AuthenticationError)

    @pytest.mark.parametrize("limit", [0, -1, True, 1.5])
    def test_a_limit_that_is_none_sends_nothing(self, limit: Any) -> None:
        script = Script(self.answer)
        for outcomes in (
            submit_and_wait_many(script.client(), [None, None], limit=limit),
            anyio.run(lambda: submit_and_wait_many_async(script.async_client(), [None, None], limit=limit)),
        ):
            assert [outcome.failure().pointer for outcome in outcomes] == ["/limit", "/limit"]
        assert script.requests == []

    def test_what_interrupts_the_caller_ends_all_waits(self) -> None:
        token = CancelToken()

        def interrupt(_: httpx.Request) -> httpx.Response:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            submit_and_wait_many(Script(interrupt).client(), [None] * 3, limit=1, cancel_token=token)
        assert token.cancelled


class TestEvents:
    def test_they_come_once_across_reconnects_and_end_with_the_verdict(self) -> None:
        script = Script(stream(log(1), log(2)), stream(log(2), log(3), DONE))
        told = [event.unwrap() for event in follow_run(script.client(), "r")]
        assert [event.data.get("id") for event in told] == ["log-1", "log-2", "log-3", None]
        assert told[-1].type == "run.completed"

    def test_async_alike(self) -> None:
        script = Script(stream(log(1)), stream(log(1), DONE))

        async def main() -> list[Any]:
            return [event.unwrap().type async for event in follow_run_async(script.async_client(), "r")]

        assert anyio.run(main) == ["log.entry", "run.completed"]

    @pytest.mark.parametrize("answer", [httpx.Response(401), httpx.Response(404)])
    def test_a_failure_is_the_last_of_them(self, answer: httpx.Response) -> None:
        async def main() -> list[Any]:
            return [event async for event in follow_run_async(Script(answer).async_client(), "r")]

        for told in (list(follow_run(Script(answer).client(), "r")), anyio.run(main)):
            assert len(told) == 1
            assert isinstance(told[0].failure(), AuthenticationError | NotFoundError)

    @pytest.mark.parametrize("timeout", [0, float("nan")])
    def test_a_time_that_is_none_is_refused(self, timeout: float) -> None:
        async def main() -> list[Any]:
            return [event async for event in follow_run_async(Script().async_client(), "r", timeout)]

        for told in (list(follow_run(Script().client(), "r", timeout)), anyio.run(main)):
            assert told[0].failure().pointer == "/timeout"

    def test_a_stream_is_a_context_that_hangs_up(self) -> None:
        script = Script(stream(log(1), log(2)))
        with script.client().iter_run_stream_events("r") as events:
            assert next(events).unwrap().type == "log.entry"
        assert script.last.stream.closed  # type: ignore[attr-defined]
        with pytest.raises(StopIteration):
            next(events)

        async def main() -> None:
            script = Script(stream(log(1), log(2)))
            async with script.async_client().iter_run_stream_events("r") as events:
                assert (await anext(events)).unwrap().type == "log.entry"
            assert script.last.stream.closed  # type: ignore[attr-defined]
            with pytest.raises(StopAsyncIteration):
                await anext(events)

        anyio.run(main)

    def test_what_is_thrown_into_a_stream_comes_out_of_it(self) -> None:
        events = Script(stream(log(1))).client().iter_run_stream_events("r")
        next(events)
        with pytest.raises(KeyError):
            events.throw(KeyError("x"))

        async def main() -> None:
            events = Script(stream(log(1))).async_client().iter_run_stream_events("r")
            await anext(events)
            with pytest.raises(KeyError):
                await events.athrow(KeyError("x"))

        anyio.run(main)

    def test_a_frame_is_one_of_httpx_sse_for_those_who_want_it(self) -> None:
        _, (one,) = feed(START, b"id: 5\n" + log(1))
        event = as_server_sent_event(one)
        assert isinstance(event, httpx_sse.ServerSentEvent)
        assert (event.event, event.id, event.json()["type"]) == ("telemetry", "5", "log.entry")


class TestCancelling:
    def test_a_token_that_is_used_up_ends_a_wait_before_anything_is_sent(self) -> None:
        token, script = CancelToken(), Script(stream(DONE))
        token.cancel()
        error = wait_for_completion(script.client(), "r", cancel_token=token, resume_from=PLACE).failure()
        assert error == WaitCancelledError("streamRunTelemetry", PLACE)
        assert "resume_from" in str(error)
        assert script.requests == []

    def test_between_the_chunks_of_a_foreign_transport_it_is_looked_at(self) -> None:
        token = CancelToken()
        script = Script(stream(log(1), token.cancel, log(2), DONE))
        error = wait_for_completion(script.client(), "r", cancel_token=token).failure()
        assert isinstance(error, WaitCancelledError)
        assert error.position.since == "2026-01-01T00:00:01Z"

    def test_a_foreign_transport_that_fails_meanwhile_changes_nothing(self) -> None:
        token = CancelToken()

        def fails(_: httpx.Request) -> httpx.Response:
            token.cancel()
            raise httpx.ReadError("gone")

        def breaks() -> None:
            token.cancel()
            raise httpx.ReadError("gone")

        for answer in (fails, stream(log(1), breaks)):
            token = CancelToken()
            told: list[Any] = []
            client = Script(answer).client(on_response=lambda received: told.append(received.error))  # noqa: B023
            error = wait_for_completion(client, "r", cancel_token=token).failure()
            assert isinstance(error, WaitCancelledError)

    def test_submit_and_wait_takes_one(self) -> None:
        token = CancelToken()
        script = Script(httpx.Response(200, json=ACCEPTED), stream(token.cancel))
        error = submit_and_wait(script.client(), cancel_token=token).failure()
        assert isinstance(error, WaitCancelledError)
        assert error.position.run_id == "run-1"


class TestColours:
    """A client of the other colour is told before anything is sent."""

    def test_a_sync_function_takes_a_sync_client(self) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED), stream(DONE))
        client: Any = script.async_client()
        answers = [
            wait_for_completion(client, "r"),
            submit_and_wait(client),
            *submit_and_wait_many(client, [None]),
            *follow_run(client, "r"),
            clone_and_submit(client, {"catalogItemId": "w"}),
        ]
        assert [answer.failure().pointer for answer in answers] == ["/client"] * 5  # type: ignore[union-attr]
        assert "functions that end in _async" in str(answers[0].failure())
        assert script.requests == []

    def test_an_async_function_takes_an_async_client(self) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED), stream(DONE))
        client: Any = script.client()

        async def main() -> list[Any]:
            return [
                await wait_for_completion_async(object(), "r"),  # type: ignore[arg-type]
                await submit_and_wait_async(client),
                *await submit_and_wait_many_async(client, [None]),
                *[event async for event in follow_run_async(client, "r")],
                await clone_and_submit_async(client, {"catalogItemId": "w"}),
            ]

        answers = anyio.run(main)
        assert [answer.failure().pointer for answer in answers] == ["/client"] * 5
        assert script.requests == []


class TestSyncClientsInALoop:
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_one_with_a_transport_of_its_own_is_waited_with_in_a_thread(self, backend: str) -> None:
        script, told = Script(stream(log(1), DONE)), []
        client = script.client()

        async def main() -> Any:
            return await wait_for_completion_async(client, "r", on_event=lambda event: told.append(event.type))

        assert anyio.run(main, backend=backend).unwrap().status == "SUCCESS"
        assert told == ["log.entry", "run.completed"]

    def test_what_a_callback_raises_passes_as_it_is(self) -> None:
        def fails(_: object) -> None:
            raise ZeroDivisionError

        client = Script(stream(DONE)).client()
        with pytest.raises(ZeroDivisionError):
            anyio.run(lambda: wait_for_completion_async(client, "r", on_event=fails))

    def test_cancelling_it_ends_the_thread(self) -> None:
        cancelled: list[Any] = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            with anyio.CancelScope() as scope:

                def cancel() -> None:
                    loop.call_soon_threadsafe(scope.cancel)
                    for _ in range(10):  # turns of the loop, in which the cancellation arrives
                        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()

                script = Script(stream(log(1), cancel, log(2), DONE))
                cancelled.append(await wait_for_completion_async(script.client(), "r"))
            assert scope.cancelled_caught

        anyio.run(main)
        assert cancelled == []

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_transport_that_nothing_wakes_is_left_to_itself_and_tells_nobody_more(self, backend: str) -> None:
        begun, go_on, told = threading.Event(), threading.Event(), list[str]()

        def blocks() -> None:
            begun.set()
            assert go_on.wait(30.0)

        client = Script(stream(log(1), blocks, log(2), DONE)).client()

        async def main() -> None:
            async with anyio.create_task_group() as group:
                on_event = lambda event: told.append(event.type)  # noqa: E731
                group.start_soon(lambda: wait_for_completion_async(client, "r", on_event=on_event))
                while not begun.is_set():
                    await anyio.sleep(0.001)
                group.cancel_scope.cancel()

        anyio.run(main, backend=backend)
        [left] = [thread for thread in threading.enumerate() if thread.name == "cascades-wait"]
        assert left.daemon
        go_on.set()
        left.join(30.0)
        assert not left.is_alive()
        assert told == ["log.entry"]

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_they_wait_beside_each_other_and_take_no_place_from_other_threads(self, backend: str) -> None:
        together = threading.Barrier(3, timeout=30.0)
        client = CascadesClient(BASE, transport=httpx.MockTransport(lambda _: stream(together.wait, DONE)))

        async def main() -> None:
            anyio.to_thread.current_default_thread_limiter().total_tokens = 1
            async with anyio.create_task_group() as group:
                for _ in range(3):
                    group.start_soon(wait_for_completion_async, client, "r", 60.0)

        anyio.run(main, backend=backend)
        assert not together.broken


class TestRunsThatWereAccepted:
    @pytest.mark.parametrize("status", [401, 403, 404, 302, 304, 400, 409, 413, 422, 431])
    def test_an_error_that_ends_the_wait_names_the_run(self, status: int) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED), stream(log(1)), httpx.Response(status))
        error = submit_and_wait(script.client()).failure()
        assert error.status == status
        assert error.position == WaitPosition("run-1", since="2026-01-01T00:00:01Z")  # type: ignore[union-attr]
        assert "run run-1 since=" in str(error)

    @pytest.mark.parametrize("status", [408, 425])
    def test_a_status_that_means_again_is_no_end(self, status: int) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED), httpx.Response(status), stream(DONE))
        assert submit_and_wait(script.client()).unwrap().status == "SUCCESS"

    @pytest.mark.parametrize("status", [201, 202])
    def test_an_acceptance_of_another_status_names_the_run(self, status: int) -> None:
        error = submit_and_wait(Script(httpx.Response(status, json=ACCEPTED)).client()).failure()
        assert isinstance(error, UnexpectedResponseError)
        assert error.run_id == "run-1"
        assert "follow it with wait_for_completion" in str(error)

    def test_304_is_no_redirect(self) -> None:
        error = Script(httpx.Response(304)).client().get_public_api_version().failure()
        assert error == UnexpectedResponseError("getPublicApiVersion", "a status that the contract does not know", 304)

    def test_what_a_server_chose_is_a_short_part_of_one_line(self) -> None:
        away = httpx.Response(302, headers={"Location": "http://h/" + "a" * 50_000})
        body = '{"apiVersion":"v1","a\\n\\u001b[31m' + "k" * 5000 + '":NaN}'
        wrong = httpx.Response(200, headers={"Content-Type": "application/json"}, content=body)
        for answer in (away, wrong):
            text = str(Script(answer).client().get_public_api_version().failure())
            assert text.isprintable()
            assert len(text) < 600
