"""The client's manners: what is sent, what comes back, what is tried again, what is refused."""

import gzip
import json
import ssl
from typing import Any

import httpx
import pytest
import respx
from returns.result import Failure, Success

from cascades_sdk.client import CascadeClient, CascadesClient
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    DeadlineExceededError,
    LimitExceededError,
    NetworkError,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
    ValidationError,
)
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.protocol.limits import Limits
from cascades_sdk.types import WorkflowRunRequestBody
from wire.scripted import ACCEPTED, BASE, COOKIE, Body, Script, breaks, frame, stream

VERSION = httpx.Response(200, json={"apiVersion": "v1"})


def zipped(content: bytes, *, cut: int | None = None, after: bytes = b"") -> httpx.Response:
    packed = gzip.compress(content)[:cut] + after
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return httpx.Response(200, headers=headers, stream=Body(packed))


class TestConstructor:
    @pytest.mark.parametrize(
        "arguments",
        [
            {"base_url": "ftp://x"},
            {"base_url": "https://xn--\udcff"},
            {"base_url": "https://\u00ad"},
            {"base_url": "https://xn--a.example.com"},
            {"base_url": "https://" + "ü" * 70 + ".example.com"},
            {"timeout": 0},
            {"timeout": float("nan")},
            {"timeout": float("inf")},
            {"timeout": True},
            {"timeout": "30"},
            {"user_agent": "a\r\nX: y"},
            {"user_agent": "ü"},
            {"base_url": "http://cascades.example.com", "auth": SessionCookieAuth(COOKIE)},
        ],
    )
    def test_a_client_that_cannot_be_is_refused_where_it_is_made(self, arguments: dict[str, Any]) -> None:
        with pytest.raises(ValidationError) as caught:
            CascadesClient(**{"base_url": BASE} | arguments)
        assert COOKIE not in str(caught.value)

    def test_its_text_shows_no_credential(self) -> None:
        client = CascadesClient("https://cascades.example.com/", SessionCookieAuth(COOKIE))
        assert "https://cascades.example.com" in repr(client)
        assert COOKIE not in repr(client)
        client.close()

    def test_it_has_a_second_name(self) -> None:
        assert CascadeClient is CascadesClient

    def test_a_closed_client_cannot_be_used(self) -> None:
        script = Script(VERSION)
        with script.client() as client:
            client.get_public_api_version()
        for use in (client.get_public_api_version, lambda: list(client.iter_run_stream_events("r"))):
            with pytest.raises(RuntimeError, match="closed"):
                use()


class TestCalls:
    def test_the_version_is_asked_for_without_a_credential(self) -> None:
        script = Script(VERSION)
        outcome = script.client().get_public_api_version()
        assert outcome.unwrap().api_version == "v1"
        (request,) = script.requests
        assert str(request.url) == f"{BASE}/api/system/version"
        assert "cookie" not in request.headers
        assert request.headers["user-agent"].startswith("cascades-sdk/")

    def test_a_user_agent_may_be_given(self) -> None:
        script = Script(VERSION)
        script.client(user_agent="mine/1").get_public_api_version()
        assert script.requests[0].headers["user-agent"] == "mine/1"

    def test_a_run_is_submitted_with_the_session(self) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED))
        outcome = script.client().submit_workflow_run(WorkflowRunRequestBody("w", {"n": 1}))
        assert outcome.unwrap().run_id == "run-1"
        (request,) = script.requests
        assert request.headers["cookie"] == f"__session={COOKIE}"
        assert json.loads(request.content) == {"workflowId": "w", "context": {"n": 1}}

    def test_a_path_in_the_base_url_is_kept(self) -> None:
        paths: list[bytes] = []

        def answers(request: httpx.Request) -> httpx.Response:
            paths.append(request.url.raw_path)
            return VERSION

        CascadesClient("https://x/base/", transport=httpx.MockTransport(answers)).get_public_api_version()
        assert paths == [b"/base/api/system/version"]

    def test_a_wrong_body_sends_nothing(self) -> None:
        script = Script(VERSION)
        outcome = script.client().submit_workflow_run({"workflow": "w"})
        assert outcome.failure().pointer == "/workflow"
        assert script.requests == []

    def test_nothing_is_kept_from_one_answer_for_the_next(self) -> None:
        answer = httpx.Response(401, headers={"Set-Cookie": "tracking=1"})
        script = Script(answer)
        client = script.client(auth=None)
        for _ in range(2):
            assert client.submit_workflow_run() == Failure(AuthenticationError("submitWorkflowRun"))
        assert "cookie" not in script.requests[1].headers

    def test_respx_sees_the_built_in_transport(self) -> None:
        with respx.mock() as routes:
            routes.get("https://cascades.example.com/api/system/version").respond(json={"apiVersion": "v1"})
            with CascadesClient("https://cascades.example.com") as client:
                assert client.get_public_api_version().unwrap().api_version == "v1"

    def test_a_context_of_ones_own_checks_the_certificate(self) -> None:
        context = ssl.create_default_context()
        with respx.mock() as routes:
            routes.get("https://cascades.example.com/api/system/version").respond(json={"apiVersion": "v1"})
            with CascadesClient("https://cascades.example.com", verify=context) as client:
                for _ in range(2):
                    assert isinstance(client.get_public_api_version(), Success)


class TestBodies:
    def test_a_gzip_body_is_read(self) -> None:
        outcome = Script(zipped(b'{"apiVersion":"v1"}')).client().get_public_api_version()
        assert outcome.unwrap().api_version == "v1"

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            (zipped(b'{"apiVersion":"v1"}', after=b"more"), "data after the gzip body"),
            (httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Body(b"plain")), "a malformed gzip body"),
            (httpx.Response(200, headers={"Content-Encoding": "br"}, stream=Body(b"x")), "a Content-Encoding"),
        ],
    )
    def test_a_body_that_cannot_be_decoded_is_unexpected(self, answer: httpx.Response, problem: str) -> None:
        error = Script(answer).client().get_public_api_version().failure()
        assert isinstance(error, UnexpectedResponseError)
        assert error.problem.startswith(problem)

    def test_a_gzip_body_that_is_cut_short_is_a_broken_connection(self) -> None:
        script = Script(*[zipped(b'{"apiVersion":"v1"}', cut=-9) for _ in range(3)])
        error = script.client().get_public_api_version().failure()
        assert error == NetworkError("getPublicApiVersion", "broken", "the gzip body is cut short", 200)
        assert len(script.requests) == 3

    def test_an_empty_body_has_no_coding(self) -> None:
        answer = httpx.Response(401, headers={"Content-Encoding": "gzip"}, stream=Body(b""))
        assert isinstance(Script(answer).client().get_public_api_version().failure(), AuthenticationError)

    @pytest.mark.parametrize("status", [200, 500])
    @pytest.mark.parametrize("packed", [True, False])
    def test_a_body_beyond_the_limit_is_not_taken(self, status: int, packed: bool) -> None:
        content = b" " * 10_001
        body = Body(gzip.compress(content) if packed else content)
        headers = {"Content-Encoding": "gzip"} if packed else {}
        script = Script(httpx.Response(status, headers=headers, stream=body))
        outcome = script.client(limits=Limits(body=10_000)).get_public_api_version()
        assert outcome == Failure(LimitExceededError("getPublicApiVersion", "body", 10_000, status))
        assert body.closed


class TestTryingAgain:
    def test_a_get_is_tried_again_after_growing_pauses(self) -> None:
        script = Script(httpx.ConnectError("refused"), httpx.ReadError("reset"), VERSION)
        assert isinstance(script.client().get_public_api_version(), Success)
        assert script.time.slept == [0.5, 1.0]

    def test_two_retries_and_no_more(self) -> None:
        script = Script(httpx.ConnectError("refused"))
        error = script.client().get_public_api_version().failure()
        assert error == NetworkError("getPublicApiVersion", "connect", f"{BASE}: refused")
        assert len(script.requests) == 3

    def test_a_post_that_never_left_is_tried_again(self) -> None:
        script = Script(httpx.ConnectError("refused"), httpx.Response(200, json=ACCEPTED))
        assert isinstance(script.client().submit_workflow_run(), Success)

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.ReadError("reset"),
            httpx.RemoteProtocolError("server disconnected"),
            httpx.Response(200, headers={"Content-Type": "application/json"}, stream=Body(b"{", breaks)),
        ],
    )
    def test_a_post_without_an_answer_is_ambiguous_and_never_repeated(self, answer: Any) -> None:
        script = Script(answer)
        error = script.client().submit_workflow_run().failure()
        assert isinstance(error, AmbiguousSubmitError)
        assert isinstance(error.cause, NetworkError)
        assert len(script.requests) == 1

    def test_so_is_a_post_whose_time_ran_out_or_whose_answer_is_too_long(self) -> None:
        error = Script(httpx.ReadTimeout("")).client().submit_workflow_run().failure()
        assert error == AmbiguousSubmitError("submitWorkflowRun", DeadlineExceededError("submitWorkflowRun", 30.0))
        script = Script(httpx.Response(200, json=ACCEPTED))
        error = script.client(limits=Limits(body=9)).submit_workflow_run().failure()
        cause = LimitExceededError("submitWorkflowRun", "body", 9, 200)
        assert error == AmbiguousSubmitError("submitWorkflowRun", cause, 200, run_id="run-1")

    def test_a_post_that_had_no_time_to_connect_is_not_ambiguous(self) -> None:
        for problem in (httpx.ConnectTimeout(""), httpx.PoolTimeout("")):
            outcome = Script(problem).client().submit_workflow_run()
            assert outcome == Failure(DeadlineExceededError("submitWorkflowRun", 30.0))

    @pytest.mark.parametrize("status", [429, 503])
    def test_the_server_may_ask_to_come_back(self, status: int) -> None:
        script = Script(httpx.Response(status, headers={"Retry-After": "3"}), httpx.Response(200, json=ACCEPTED))
        assert isinstance(script.client().submit_workflow_run(), Success)
        assert script.time.slept == [3.0]

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (httpx.Response(429), RateLimitError("submitWorkflowRun")),
            (httpx.Response(503), ServerError("submitWorkflowRun", 503)),
            (httpx.Response(500, headers={"Retry-After": "1"}), ServerError("submitWorkflowRun", 500, 1.0)),
            (httpx.Response(429, headers={"Retry-After": "99"}), RateLimitError("submitWorkflowRun", retry_after=99.0)),
        ],
    )
    def test_not_without_being_asked_and_not_past_the_deadline(self, answer: httpx.Response, error: Any) -> None:
        script = Script(answer)
        assert script.client().submit_workflow_run() == Failure(error)
        assert len(script.requests) == 1

    def test_between_chunks_of_a_foreign_transport_the_deadline_is_looked_at(self) -> None:
        script = Script()
        drip = Body(*[part for _ in range(99) for part in (b" ", lambda: script.time.sleep(1.0))])
        script.answers = (httpx.Response(200, stream=drip),)
        outcome = script.client(timeout=5.0).get_public_api_version()
        assert outcome == Failure(DeadlineExceededError("getPublicApiVersion", 5.0, status=200))
        assert drip.closed


class TestStreams:
    def test_events_come_as_they_are_sent_and_bad_frames_among_them(self) -> None:
        script = Script(stream(frame("run.started", status="RUNNING"), b"data: {\n\n", frame("later")))
        events = list(script.client().iter_run_stream_events("r", since="s", task_since="t"))
        assert [isinstance(event, Success) for event in events] == [True, False, True]
        assert script.requests[0].url.query == b"since=s&taskSince=t"

    def test_closing_early_hangs_up(self) -> None:
        body = Body(frame("run.started"), frame("run.progress"))
        script = Script(httpx.Response(200, headers={"Content-Type": "Text/Event-Stream; x=y"}, stream=body))
        events = script.client().iter_run_stream_events("r")
        assert next(events).unwrap().type == "run.started"
        events.close()
        assert body.closed

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (httpx.Response(401), AuthenticationError("streamRunTelemetry")),
            (httpx.ConnectTimeout(""), DeadlineExceededError("streamRunTelemetry", 30.0)),
            (stream(breaks), NetworkError("streamRunTelemetry", "broken", "connection reset", 200)),
            (
                stream(b"data: {}\n"),
                NetworkError("streamRunTelemetry", "broken", "the stream ended in the middle of an event", 200),
            ),
            (stream(b"data: " + b"x" * 99), LimitExceededError("streamRunTelemetry", "stream_line", 50)),
            (
                stream(**{"Content-Encoding": "gzip"}),
                UnexpectedResponseError("streamRunTelemetry", "a Content-Encoding that was not asked for", 200),
            ),
        ],
    )
    def test_a_stream_that_is_refused_or_breaks_ends_with_a_failure(self, answer: Any, error: Any) -> None:
        client = Script(answer).client(limits=Limits(stream_line=50))
        assert list(client.iter_run_stream_events("r")) == [Failure(error)]

    def test_a_run_id_that_cannot_be_is_refused_before_sending(self) -> None:
        script = Script(VERSION)
        (outcome,) = script.client().iter_run_stream_events("..")
        assert outcome.failure().pointer == "/id"
        assert script.requests == []
