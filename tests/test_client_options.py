"""What a client is configured with, sync and async alike: every option does what it says, or is refused."""

import logging
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from returns.result import Failure, Success

from cascades_sdk._meta import build_default_user_agent, vendor_telemetry_headers
from cascades_sdk.client import AsyncCascadeClient, AsyncCascadesClient, CascadesClient, ReceivedResponse, SentRequest
from cascades_sdk.errors import AuthenticationError, DeadlineExceededError, LimitExceededError, ValidationError
from cascades_sdk.protocol.auth import CompositeAuth, HeaderAuth, SessionCookieAuth
from cascades_sdk.protocol.limits import Limits, RetryPolicy
from cascades_sdk.types import SlackIntegrationSaveRequest
from wire.scripted import ACCEPTED, BASE, COLOURS, COOKIE, Body, Script, asked, client_of, frame, stream

VERSION = httpx.Response(200, json={"apiVersion": "v1"})
SLACK = {"webhookUrl": "https://slack.example.com/services/" + COOKIE}
SAVED = httpx.Response(200, json={"ok": True, "id": "1", "provider": "slack"})


async def later(told: object = None) -> None: ...


async def later_and_later(told: object) -> AsyncIterator[None]:
    yield


class Later:
    async def __call__(self, told: object) -> None: ...


@pytest.mark.parametrize("kind", [CascadesClient, AsyncCascadesClient])
class TestRefused:
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("auth", 7),
            ("timeout", 0),
            ("timeout", float("nan")),
            ("timeout", True),
            ("timeout", None),
            ("verify", 7),
            ("verify", None),
            ("verify", "/nowhere/at/all.pem"),
            ("verify", __file__),
            ("cert", "/nowhere/at/all.pem"),
            ("cert", ("/nowhere", "/nowhere", "canary")),
            ("cert", ()),
            ("cert", 7),
            ("proxy", "canary"),
            ("proxy", "socks5://user:canary@proxy.example"),
            ("proxy", "http://user:canary@"),
            ("proxy", "http://user:canary@x:99999999"),
            ("proxy", httpx.Proxy("http://proxy.example", headers={"X": "canary"})),
            ("proxy", 7),
            ("allow_insecure", "yes"),
            ("user_agent", "a\r\nX: y"),
            ("user_agent", ""),
            ("user_agent", " a"),
            ("user_agent", 7),
            ("vendor_headers", 1),
            ("trust_env", "no"),
            ("trust_env", None),
            ("base_url", "ftp://x"),
            ("base_url", "https://xn--a.example.com"),
            ("limits", {"body": 7}),
            ("retry", 2),
            ("transport", object()),
            ("clock", None),
            ("on_request", "print"),
            ("on_response", 7),
            ("on_request", later),
            ("on_response", partial(later)),
            ("on_request", Later()),
            ("on_response", Later().__call__),
            ("on_request", later_and_later),
            ("timeout", 10**400),
            ("timeout", -(10**400)),
        ],
    )
    def test_an_option_that_cannot_be_is_named(self, kind: Any, option: str, value: Any) -> None:
        with pytest.raises(ValidationError) as caught:
            kind(**{"base_url": BASE} | {option: value})
        assert caught.value.pointer == f"/{option}"
        # What an argument of another class cannot be, that class has said.
        assert caught.value.operation in (kind.__name__, "normalize_auth")
        told = caught.value
        while told is not None:
            assert "canary" not in f"{told} {told!r}"
            told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)  # type: ignore[assignment]

    def test_a_context_and_a_certificate_are_not_given_together(self, kind: Any) -> None:
        with pytest.raises(ValidationError, match="load_cert_chain"):
            kind(BASE, verify=ssl.create_default_context(), cert="x.pem")

    def test_a_transport_of_the_other_colour_is_refused(self, kind: Any) -> None:
        other = httpx.AsyncHTTPTransport() if kind is CascadesClient else httpx.HTTPTransport()
        with pytest.raises(ValidationError, match="expected an httpx"):
            kind(BASE, transport=other)

    def test_a_credential_does_not_travel_readable_to_another_machine(self, kind: Any) -> None:
        with pytest.raises(ValidationError, match="readable for all"):
            kind("http://10.0.0.1", COOKIE)
        client = kind("http://10.0.0.1")
        with pytest.raises(ValidationError, match="readable for all"):
            client.with_options(auth=COOKIE)
        assert client.with_options(auth=COOKIE, allow_insecure=True)


def test_limits_and_retries_that_cannot_be_are_refused_where_they_are_made() -> None:
    wrong: list[tuple[type, dict[str, Any]]] = [
        (Limits, {"body": -1}),
        (Limits, {"stream_line": 1.5}),
        (Limits, {"stream_event": True}),
        (Limits, {"headers": 64 * 1024 + 1}),
        (Limits, {"nesting": 65}),
        (Limits, {"digits": "1"}),
        (RetryPolicy, {"retries": -1}),
        (RetryPolicy, {"first_pause": float("nan")}),
        (RetryPolicy, {"longest_pause": float("inf")}),
        (RetryPolicy, {"first_pause": True}),
        (RetryPolicy, {"first_pause": "1"}),
        (RetryPolicy, {"first_pause": 10**400}),
    ]
    for kind, options in wrong:
        with pytest.raises(ValidationError) as caught:
            kind(**options)
        assert caught.value.pointer == "/" + next(iter(options))


def test_the_async_client_has_a_second_name() -> None:
    assert AsyncCascadeClient is AsyncCascadesClient


@pytest.mark.parametrize("colour", COLOURS)
class TestSent:
    def test_by_default_it_says_what_it_is_and_no_more(self, colour: str) -> None:
        script = Script(VERSION)
        asked(colour, client_of(colour, script), "get_public_api_version")
        assert dict(script.requests[0].headers) == {
            "host": "127.0.0.1:9",
            "user-agent": build_default_user_agent(),
            "accept": "application/json",
            "accept-encoding": "gzip",
        }

    def test_vendor_headers_are_sent_when_asked_for(self, colour: str) -> None:
        script = Script(VERSION)
        asked(colour, client_of(colour, script, vendor_headers=True), "get_public_api_version")
        sent = script.requests[0].headers
        assert {name: sent[name] for name in vendor_telemetry_headers()} == vendor_telemetry_headers()

    def test_a_credential_may_replace_what_the_client_says_of_itself(self, colour: str) -> None:
        script = Script(httpx.Response(200, json=ACCEPTED))
        auth = CompositeAuth(SessionCookieAuth(COOKIE), HeaderAuth({"user-agent": "mine", "X-A": "1"}))
        asked(colour, client_of(colour, script, auth=auth), "submit_workflow_run")
        headers = script.requests[0].headers
        assert (headers["cookie"], headers["x-a"]) == (f"__session={COOKIE}", "1")
        assert headers.get_list("user-agent") == ["mine"]

    def test_any_object_with_request_headers_is_a_credential_and_is_asked_for_each_call(self, colour: str) -> None:
        class Rotating:
            calls = 0

            def request_headers(self) -> dict[str, str]:
                self.calls += 1
                return {"Cookie": f"__session={self.calls}"} if self.calls < 3 else {"Cookie": "canary\n"}

        rotating = Rotating()
        script = Script(httpx.Response(200, json=ACCEPTED))
        for number in ("1", "2"):
            assert isinstance(asked(colour, client_of(colour, script, auth=rotating), "submit_workflow_run"), Success)
            assert script.requests[-1].headers["cookie"] == f"__session={number}"
        outcome = asked(colour, client_of(colour, script, auth=rotating), "submit_workflow_run")
        assert outcome.failure().pointer == "/auth"
        assert "canary" not in str(outcome.failure())
        assert len(script.requests) == 2

    def test_a_credential_in_a_body_does_not_travel_readable_either(self, colour: str) -> None:
        sent: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return SAVED

        for body in (SLACK, SlackIntegrationSaveRequest(webhook_url=SLACK["webhookUrl"])):
            for allowed in (False, True):
                sent.clear()
                kind = CascadesClient if colour == "sync" else AsyncCascadesClient
                client = kind("http://10.0.0.1", transport=httpx.MockTransport(answer), allow_insecure=allowed)
                outcome = asked(colour, client, "save_slack_integration", body)
                assert isinstance(outcome, Success) is allowed is bool(sent)
                assert allowed or outcome.failure().pointer == "/base_url"
                assert COOKIE not in str(outcome)


@pytest.mark.parametrize("colour", COLOURS)
class TestTimeouts:
    @pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), True, "1", 10**400])
    def test_a_calls_own_timeout_is_judged_before_anything_is_sent(self, colour: str, timeout: Any) -> None:
        script = Script(VERSION)
        calls: list[tuple[str, tuple[Any, ...]]] = [("get_public_api_version", ()), ("iter_run_stream_events", ("r",))]
        for name, args in calls:
            answer = asked(colour, client_of(colour, script), name, *args, timeout=timeout)
            outcome = answer[0] if isinstance(answer, list) else answer
            assert outcome.failure().pointer == "/timeout"
        assert script.requests == []

    def test_a_calls_own_timeout_holds_in_place_of_the_clients(self, colour: str) -> None:
        script = Script()
        drip = Body(*[part for _ in range(99) for part in (b" ", lambda: script.time.sleep(1.0))])
        script.answers = (httpx.Response(200, stream=drip),)
        outcome = asked(colour, client_of(colour, script), "get_public_api_version", timeout=3.0)
        assert outcome == Failure(DeadlineExceededError("getPublicApiVersion", 3.0, status=200))

    def test_a_streams_timeout_runs_until_the_head_only(self, colour: str) -> None:
        script = Script()
        script.answers = (stream(frame("a"), lambda: script.time.sleep(99.0), frame("b")),)
        events = asked(colour, client_of(colour, script), "iter_run_stream_events", "r", timeout=3.0)
        assert [event.unwrap().type for event in events] == ["a", "b"]


def test_a_foreign_transport_is_told_of_no_timeout_once_the_stream_is_open() -> None:
    seen: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        timeouts = request.extensions["timeout"]
        seen.append(timeouts["read"])
        return stream(frame("a"), lambda: seen.append(timeouts["read"]), frame("b"))

    script = Script(answer)
    assert len(asked("sync", script.client(), "iter_run_stream_events", "r", timeout=3.0)) == 2
    assert seen == [3.0, 1_000_000.0]


@pytest.mark.parametrize("colour", COLOURS)
class TestObserving:
    def test_hooks_are_told_of_each_attempt_and_nothing_secret(self, colour: str) -> None:
        told: list[SentRequest | ReceivedResponse] = []
        script = Script(httpx.ConnectError("refused"), httpx.Response(401, headers={"X-Request-Id": "r-1"}))
        client = client_of(colour, script, on_request=told.append, on_response=told.append)
        asked(colour, client, "submit_workflow_run", {"workflowId": "w"})
        common = ("submitWorkflowRun", "POST", "/api/workflows/run")
        assert told[0] == SentRequest(*common, 1)
        assert isinstance(told[1], ReceivedResponse)
        assert (told[1].status, told[1].attempt, type(told[1].error).__name__) == (None, 1, "NetworkError")
        assert told[2] == SentRequest(*common, 2)
        error = AuthenticationError("submitWorkflowRun", request_id="r-1")
        assert told[3] == ReceivedResponse(*common, 2, 401, 0.0, "r-1", error)

    def test_of_a_stream_the_head_is_told_and_no_run_id(self, colour: str) -> None:
        told: list[SentRequest | ReceivedResponse] = []
        script = Script(stream(frame("a")))
        client = client_of(colour, script, on_request=told.append, on_response=told.append)
        asked(colour, client, "iter_run_stream_events", COOKIE)
        assert [type(one).__name__ for one in told] == ["SentRequest", "ReceivedResponse"]
        assert told[1] == ReceivedResponse("streamRunTelemetry", "GET", "/api/runs/{id}/stream", 1, 200, 0.0)
        assert COOKIE not in repr(told)

    def test_what_a_hook_raises_passes_and_nothing_is_left_open(self, colour: str) -> None:
        def fails(_: object) -> None:
            raise ZeroDivisionError

        answer = httpx.Response(200, headers={"Content-Type": "application/json"}, stream=Body(b'{"apiVersion":"v1"}'))
        for options in ({"on_request": fails}, {"on_response": fails}):
            with pytest.raises(ZeroDivisionError):
                asked(colour, client_of(colour, Script(answer), **options), "get_public_api_version")
        assert answer.stream.closed  # type: ignore[attr-defined]

    def test_the_log_has_method_template_status_duration_and_attempt(
        self, colour: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        script = Script(httpx.ConnectError(COOKIE), httpx.Response(200, json=ACCEPTED))
        with caplog.at_level(logging.DEBUG):
            asked(colour, client_of(colour, script), "submit_workflow_run", {"workflowId": COOKIE})
            asked(colour, client_of(colour, Script(stream())), "iter_run_stream_events", COOKIE, since=COOKIE)
        lines = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "cascades_sdk"]
        assert lines == [
            ("DEBUG", "POST /api/workflows/run: attempt 1"),
            ("INFO", "POST /api/workflows/run: no answer (NetworkError) after 0.000 s, attempt 1"),
            ("DEBUG", "POST /api/workflows/run: attempt 2"),
            ("DEBUG", "POST /api/workflows/run: status 200 after 0.000 s, attempt 2"),
            ("DEBUG", "GET /api/runs/{id}/stream: attempt 1"),
            ("DEBUG", "GET /api/runs/{id}/stream: status 200 after 0.000 s, attempt 1"),
        ]
        assert COOKIE not in caplog.text


class Counting(httpx.MockTransport):
    """Counts how often it is closed."""

    closed = 0

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


class TestWithOptions:
    def test_some_options_change_and_the_connections_are_shared_and_never_closed(self) -> None:
        script = Script(VERSION)
        transport = Counting(script)
        with CascadesClient(BASE, COOKIE, transport=transport, user_agent="first") as client:
            with client.with_options(auth=None, timeout=1.0, user_agent="second", vendor_headers=True) as other:
                assert type(other) is CascadesClient
                assert COOKIE not in repr(other)
                assert isinstance(other.get_public_api_version(), Success)
            assert transport.closed == 0
            with pytest.raises(RuntimeError, match="closed"):
                other.get_public_api_version()
            assert isinstance(client.get_public_api_version(), Success)
            third = client.with_options(limits=Limits(body=1), retry=RetryPolicy(retries=0))
            assert isinstance(third.get_public_api_version().failure(), LimitExceededError)
        assert transport.closed == 1
        assert [request.headers["user-agent"] for request in script.requests] == ["second", "first", "first"]

    def test_it_ends_with_the_client_whose_connections_it_shares(self) -> None:
        with CascadesClient(BASE, transport=Counting(Script(VERSION))) as client:
            other = client.with_options(timeout=1.0).with_options(timeout=2.0)
        with pytest.raises(RuntimeError, match="closed"):
            other.get_public_api_version()

    def test_async_alike(self) -> None:
        transport = Counting(Script(VERSION))

        async def main() -> None:
            async with AsyncCascadesClient(BASE, COOKIE, transport=transport) as client:
                async with client.with_options(timeout=1.0) as other:
                    assert isinstance(await other.get_public_api_version(), Success)
                assert transport.closed == 0
                for use in (other.get_public_api_version, anext_of(other)):
                    with pytest.raises(RuntimeError, match="closed"):
                        await use()
                assert isinstance(await client.get_public_api_version(), Success)
            assert transport.closed == 1

        anyio.run(main)

    def test_what_stays_is_said_in_one_word(self) -> None:
        from cascades_sdk.client._settings import KEEP

        assert repr(KEEP) == "KEEP"


def anext_of(client: AsyncCascadesClient) -> Any:
    return lambda: anext(client.iter_run_stream_events("r"))


class TestThreads:
    def test_a_client_is_shared_by_threads(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=ACCEPTED | {"workflowId": request.headers["x-number"]})

        with CascadesClient(BASE, transport=httpx.MockTransport(answer)) as client, ThreadPoolExecutor(8) as pool:

            def submit(number: int) -> str:
                mine = client.with_options(auth=HeaderAuth({"X-Number": str(number)}))
                return mine.submit_workflow_run().unwrap().workflow_id

            assert list(pool.map(submit, range(200))) == [str(number) for number in range(200)]
