"""Waiting for a run, over scripted streams and on a virtual clock."""

import ssl
from typing import Any

import httpx
import pytest
from returns.result import Failure, Success

from cascades_sdk.errors import (
    AuthenticationError,
    DeadlineExceededError,
    LimitExceededError,
    NetworkError,
    NotFoundError,
    StreamLostError,
    UnexpectedResponseError,
    ValidationError,
    WaitPosition,
)
from cascades_sdk.pipelines import submit_and_wait, wait_for_completion
from cascades_sdk.protocol.following import RunProgress
from cascades_sdk.protocol.limits import Limits
from cascades_sdk.types import RunStreamEvent
from cascades_sdk.values import FrozenDict
from wire.scripted import ACCEPTED, Script, breaks, frame, log, stream

STARTED = frame("run.started", status="RUNNING")
DONE = frame("run.completed", status="SUCCESS", result={"words": 7})


class TestOutcomes:
    @pytest.mark.parametrize("status", ["SUCCESS", "FAILED", "CANCELLED"])
    def test_every_end_of_a_run_is_an_answer(self, status: str) -> None:
        script = Script(stream(STARTED, frame("run.progress", status=status)))
        outcome = wait_for_completion(script.client(), "run-1")
        assert outcome.unwrap().status == status

    def test_a_run_that_ended_long_ago_is_known_from_the_first_snapshot(self) -> None:
        outcome = wait_for_completion(Script(stream(frame("run.started", status="FAILED"))).client(), "run-1")
        assert outcome.unwrap().status == "FAILED"

    def test_submit_and_wait_follows_the_run_that_was_accepted(self) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED), stream(STARTED, DONE))
        outcome = submit_and_wait(script.client(), {"workflowId": "w"})
        assert outcome.unwrap().result == FrozenDict({"words": 7})
        assert script.requests[1].url.path == "/api/runs/run-1/stream"

    def test_a_submit_that_fails_is_the_answer(self) -> None:
        script = Script(httpx.Response(401))
        assert submit_and_wait(script.client()) == Failure(AuthenticationError("submitWorkflowRun"))
        assert len(script.requests) == 1

    @pytest.mark.parametrize("timeout", [0, -1.0, float("nan"), float("inf"), None, "x", True, 10**400])
    def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(self, timeout: Any) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED))
        error = submit_and_wait(script.client(), {"workflowId": "w"}, timeout).failure()
        assert isinstance(error, ValidationError)
        assert error.pointer == "/timeout"
        assert script.requests == []

    @pytest.mark.parametrize("name", ["on_event", "on_progress"])
    def test_a_listener_that_nobody_would_await_is_refused_before_anything_is_sent(self, name: str) -> None:
        async def later(_: object) -> None: ...

        script = Script(httpx.Response(200, json=ACCEPTED))
        for outcome in (
            submit_and_wait(script.client(), **{name: later}),
            wait_for_completion(script.client(), "r", **{name: later}),
        ):
            error = outcome.failure()
            assert isinstance(error, ValidationError)
            assert (error.pointer, error.detail) == ("/" + name, "expected a plain function, not an async one")
        assert script.requests == []

    def test_what_happens_on_the_way_is_told(self) -> None:
        events: list[RunStreamEvent] = []
        progress: list[RunProgress] = []
        script = Script(stream(STARTED, log(1), b"data: {\n\n", DONE))
        wait_for_completion(script.client(), "run-1", on_event=events.append, on_progress=progress.append)
        assert [event.type for event in events] == ["run.started", "log.entry", "run.completed"]
        assert progress[0] == RunProgress("run-1")
        assert progress[-1].status == "SUCCESS"
        assert isinstance(progress[-1].problems[0], UnexpectedResponseError)

    def test_an_exception_of_the_caller_passes_and_hangs_up(self) -> None:
        answer = stream(STARTED, DONE)
        with pytest.raises(ZeroDivisionError):
            wait_for_completion(Script(answer).client(), "run-1", on_event=lambda _: 1 / 0)
        assert answer.stream.closed  # type: ignore[attr-defined]


class TestResuming:
    @pytest.mark.parametrize(
        "time", ["2026-01-01T00:00:00." + "0" * 70_000 + "Z", "2026-01-01\n00:00:00", "2026-01-01\x0000:00:00"]
    )
    def test_a_cursor_that_could_not_be_sent_is_none(self, time: str) -> None:
        rows = frame("log.entry", id="a", createdAt=time) + frame("task.update", id="b", updatedAt=time)
        script = Script(stream(STARTED, rows), stream(DONE))
        outcome = wait_for_completion(script.client(), "run-1")
        assert outcome.unwrap().status == "SUCCESS"
        assert [request.url.query for request in script.requests] == [b"", b""]

    def test_an_event_id_that_no_header_can_hold_is_passed_over(self) -> None:
        rows = b"id: 7\n" + log(1) + b"id: " + b"8" * 70_000 + b"\n" + log(2)
        script = Script(stream(STARTED, rows), stream(DONE))
        assert isinstance(wait_for_completion(script.client(), "run-1"), Success)
        assert script.requests[1].headers["last-event-id"] == "7"

    @pytest.mark.parametrize(
        ("bad", "told"),
        [
            (b"data: {\n\n", "not JSON: Expecting property name"),
            (b'data: {"type":7}\n\n', "expected a string, found 7 at /type"),
            (b"data: " + b"[" * 99 + b"\n\n", "it exceeds the limit nesting=64"),
        ],
    )
    def test_a_stream_that_is_given_up_tells_of_the_last_frame_that_could_not_be_read(
        self, bad: bytes, told: str
    ) -> None:
        error = wait_for_completion(Script(stream(bad)).client(), "run-1").failure()
        assert isinstance(error, StreamLostError)
        assert f"; the last frame that could not be read: {told}" in str(error)

    def test_a_run_id_that_is_too_long_is_refused_before_anything_is_sent(self) -> None:
        script = Script(stream(DONE))
        error = wait_for_completion(script.client(), "r" * 70_000).failure()
        assert isinstance(error, ValidationError)
        assert (error.pointer, script.requests) == ("/id", [])

    @pytest.mark.parametrize(
        "cut",
        [
            stream(STARTED, log(1), log(2)),
            stream(STARTED, log(1), log(2), log(3)[:-1]),
            stream(STARTED, log(1), log(2), breaks),
            stream(STARTED, log(1), log(2), frame("stream.error", message="db")),
        ],
        ids=["ended", "cut", "reset", "stream.error"],
    )
    def test_a_stream_without_a_verdict_is_resumed_and_each_row_told_once(self, cut: httpx.Response) -> None:
        rows: list[Any] = []
        script = Script(cut, stream(STARTED, log(2), log(3), DONE))
        outcome = wait_for_completion(
            script.client(), "run-1", on_event=lambda event: rows.append(event.data.get("id"))
        )
        assert isinstance(outcome, Success)
        assert [row for row in rows if row] == ["log-1", "log-2", "log-3"]
        assert script.requests[1].url.params["since"] == "2026-01-01T00:00:02Z"

    def test_the_last_event_id_and_the_pause_of_the_server_are_obeyed(self) -> None:
        script = Script(stream(b"id: 7\nretry: 4000\n\n"), stream(DONE))
        assert isinstance(wait_for_completion(script.client(), "run-1"), Success)
        assert script.requests[1].headers["last-event-id"] == "7"
        assert script.time.slept == [4.0]

    @pytest.mark.parametrize(
        "trouble",
        [
            httpx.ConnectError("refused"),
            httpx.ConnectTimeout(""),
            httpx.Response(429),
            httpx.Response(502),
            httpx.Response(503, headers={"Retry-After": "2"}),
            httpx.Response(500, stream=stream(breaks).stream),
        ],
        ids=str,
    )
    def test_trouble_that_may_pass_is_waited_out(self, trouble: Any) -> None:
        script = Script(trouble, stream(STARTED, DONE))
        assert isinstance(wait_for_completion(script.client(), "run-1"), Success)

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (httpx.Response(401), AuthenticationError),
            (httpx.Response(404), NotFoundError),
            (httpx.Response(204), UnexpectedResponseError),
            (httpx.Response(200, html="<html>"), UnexpectedResponseError),
            (httpx.Response(200, json={}), UnexpectedResponseError),
            (httpx.Response(500, content=b"x" * 99), LimitExceededError),
        ],
        ids=str,
    )
    def test_an_answer_that_no_repeat_changes_ends_the_wait(self, answer: httpx.Response, error: type) -> None:
        script = Script(answer)
        outcome = wait_for_completion(script.client(limits=Limits(body=50)), "run-1")
        assert isinstance(outcome.failure(), error)
        assert len(script.requests) == 1

    def test_a_tls_failure_ends_the_wait(self) -> None:
        problem = httpx.ConnectError("certificate verify failed")
        problem.__cause__ = ssl.SSLError("self-signed")
        outcome = wait_for_completion(Script(problem).client(), "run-1")
        assert isinstance(outcome.failure(), NetworkError)
        assert outcome.failure().kind == "tls"

    def test_an_endless_line_ends_the_wait(self) -> None:
        script = Script(stream(STARTED, b"data: " + b"x" * 200))
        outcome = wait_for_completion(script.client(limits=Limits(stream_line=100)), "run-1")
        position = WaitPosition("run-1", "RUNNING")
        assert outcome == Failure(LimitExceededError("streamRunTelemetry", "stream_line", 100, position=position))

    def test_a_verdict_before_an_endless_line_counts(self) -> None:
        script = Script(stream(DONE + b"data: " + b"x" * 200 + b"\n"))
        outcome = wait_for_completion(script.client(limits=Limits(stream_line=100)), "run-1")
        assert outcome.unwrap().status == "SUCCESS"


class TestGivingUp:
    def test_a_server_that_accepts_and_hangs_up_is_not_asked_for_ever(self) -> None:
        script = Script(stream(STARTED, log(1)))
        error = wait_for_completion(script.client(), "run-1").failure()
        assert isinstance(error, StreamLostError)
        assert error.position == WaitPosition("run-1", "RUNNING", "2026-01-01T00:00:01Z")
        assert len(script.requests) == 26
        assert script.time.slept[:7] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0]

    @pytest.mark.parametrize("sent", [b": heartbeat\n", b"d", log(1), frame("log.entry", createdAt="x")])
    def test_a_dripping_stream_ends_at_the_deadline(self, sent: bytes) -> None:
        script = Script()
        pause = lambda: script.time.sleep(0.5)  # noqa: E731 - a chunk that lets time pass
        script.answers = (lambda _: stream(STARTED, *[sent, pause] * 1000),)
        error = wait_for_completion(script.client(), "run-1", timeout=60.0).failure()
        assert isinstance(error, DeadlineExceededError)
        assert error.position is not None
        assert error.position.status == "RUNNING"
        assert script.time.now <= 1061.0

    def test_a_silent_stream_is_left_and_the_wait_ends_at_the_deadline(self) -> None:
        script = Script()

        def silence() -> None:
            script.time.now += 5.0
            raise httpx.ReadTimeout("")

        script.answers = (lambda _: stream(STARTED, silence),)
        error = wait_for_completion(
            script.client(), "run-1", timeout=60.0, event_silence=5.0, byte_silence=5.0
        ).failure()
        assert isinstance(error, DeadlineExceededError | StreamLostError)
        assert script.time.now <= 1061.0

    def test_no_time_is_left_to_connect(self) -> None:
        script = Script()

        def slow(_: httpx.Request) -> httpx.Response:
            script.time.now += 20.0
            raise httpx.ConnectTimeout("")

        script.answers = (slow,)
        error = wait_for_completion(script.client(timeout=20.0), "run-1", timeout=50.0).failure()
        assert error == DeadlineExceededError("streamRunTelemetry", 50.0, WaitPosition("run-1"))

    @pytest.mark.parametrize("name", ["timeout", "event_silence", "byte_silence"])
    def test_a_length_of_time_is_a_number_above_zero(self, name: str) -> None:
        script = Script(stream(DONE))
        for seconds in (0, -1.0, float("nan"), "60"):
            outcome = wait_for_completion(script.client(), "run-1", **{name: seconds})
            assert outcome.failure().pointer == f"/{name}"
        assert script.requests == []

    def test_a_run_id_that_cannot_be_is_refused_before_sending(self) -> None:
        script = Script(stream(DONE))
        assert wait_for_completion(script.client(), "").failure().pointer == "/id"
        assert script.requests == []
