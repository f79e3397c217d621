"""Laws of the client: total, the same in both colours, one segment for any run id, and no credential in any text."""

import gzip
import io
import json
import logging
import re
import traceback
from typing import Any
from urllib.parse import quote, unquote

import attrs
import httpx
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from cascades_sdk.client import CascadesClient
from cascades_sdk.contract import OPERATIONS, Operation
from cascades_sdk.errors import CascadesSDKError, ValidationError, raise_on_failure
from cascades_sdk.protocol.auth import CompositeAuth, HeaderAuth, SessionCookieAuth
from cascades_sdk.protocol.effects import Head, Response
from cascades_sdk.protocol.responses import outcome_of
from cascades_sdk.protocol.run_ids import run_id_in
from cascades_sdk.types import wire_keys
from openapi_witness import DOCUMENT, response_complaints
from wire.scripted import Body, Script, asked, client_of

SCHEMAS = DOCUMENT["components"]["schemas"]


def method_of(operation: Operation[Any]) -> str:
    """The client's method for an operation: its operationId in snake_case, but for the stream."""
    if operation.id == "streamRunTelemetry":
        return "iter_run_stream_events"
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), operation.id)


def arguments_of(operation: Operation[Any]) -> tuple[Any, ...]:
    """Arguments that are right: the example of the document as the body."""
    if operation.path.endswith("/stream"):
        return ("run-1",)
    return () if operation.body is None else (SCHEMAS[operation.body.schema.__name__]["example"],)


# --- Any answer ------------------------------------------------------------------------------------------

ROWS = st.sampled_from(OPERATIONS)
STATUSES = st.sampled_from([200, 400, 401, 404, 500, 502, 503]) | st.integers(100, 999)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


@st.composite
def near_bodies(draw: st.DrawFn) -> bytes:
    """The example of some schema, perhaps with one key changed: what almost is, or is, a right answer."""
    value = dict(draw(st.sampled_from([schema["example"] for schema in SCHEMAS.values()])))
    if draw(st.booleans()):
        value[draw(st.sampled_from(sorted(value)) | st.text())] = draw(JSON)
    return json.dumps(value).encode()


BODIES = near_bodies() | JSON.map(lambda value: json.dumps(value).encode()) | st.binary()
MEDIA = st.sampled_from(["application/json", "text/event-stream", "text/html", "Application/JSON; charset=x"])
HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
HEADERS = st.fixed_dictionaries(
    {"content-type": MEDIA | HEADER_TEXT},
    optional={
        "content-encoding": st.sampled_from(["gzip", "identity", "br", "x-gzip"]) | HEADER_TEXT,
        "retry-after": st.sampled_from(["1", "99", "Wed, 21 Oct 2015 07:28:00 GMT"]) | HEADER_TEXT,
        "location": st.sampled_from(["https://a:b@x/y?z", "http://[", "//"]) | HEADER_TEXT,
        "x-request-id": HEADER_TEXT,
    },
)
FAILURES = st.sampled_from(
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout(""),
        httpx.ReadError("reset"),
        httpx.ReadTimeout(""),
        httpx.ProxyError("a proxy"),
        httpx.RemoteProtocolError("no HTTP"),
        httpx.LocalProtocolError("ours"),
        httpx.UnsupportedProtocol("what"),
        httpx.DecodingError("undecodable"),
        httpx.InvalidURL("no URL"),
        OSError(113, "No route to host"),
        TimeoutError("too late"),
    ]
)


@attrs.frozen
class Answer:
    """What the wire does to one attempt: an answer in pieces, which may break off, or a failure at once."""

    status: int = 200
    headers: dict[str, str] = attrs.field(factory=dict)
    pieces: tuple[bytes, ...] = ()
    breaks: bool = False
    failure: Exception | None = None

    def given(self) -> httpx.Response | Exception:
        """The answer, to be read once."""
        if self.failure is not None:
            return self.failure

        def reset() -> None:
            raise httpx.ReadError("reset")

        chunks = (*self.pieces, reset) if self.breaks else self.pieces
        return httpx.Response(self.status, headers=self.headers, stream=Body(*chunks))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    if draw(st.integers(0, 5)) == 0:
        return Answer(failure=draw(FAILURES))
    headers, body = draw(HEADERS), draw(BODIES)
    if draw(st.booleans()):
        body = b"data: " + body + b"\n\n"
    if headers.get("content-encoding") == "gzip" and draw(st.booleans()):
        body = gzip.compress(body)
    cut = draw(st.integers(0, len(body)))
    pieces = tuple(piece for piece in (body[:cut], body[cut:]) if piece)
    return Answer(draw(STATUSES), headers, pieces, draw(st.integers(0, 5)) == 0)


SCRIPTS = st.lists(answers(), min_size=1, max_size=4)


def outcomes_of(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


class TestTotality:
    @given(ROWS, STATUSES, st.lists(st.tuples(st.text(), st.text())), st.binary() | BODIES, st.floats())
    def test_any_operation_status_headers_and_bytes_give_an_outcome(
        self, row: Operation[Any], status: int, headers: list[tuple[str, str]], body: bytes, wall: float
    ) -> None:
        for head in (Head(status, tuple(headers)), Head(status, (("content-type", row.media), *headers))):
            outcome = outcome_of(row, Response(head, body), wall=wall)
            assert isinstance(outcome, Success | Failure)
            if isinstance(outcome, Failure):
                error = outcome.failure()
                assert isinstance(error, CascadesSDKError)
                assert (error.operation, error.status) == (row.id, status)
                assert "\n" not in str(error)
            else:
                assert isinstance(outcome.unwrap(), row.answer)

    @given(ROWS, SCRIPTS)
    def test_any_exchange_gives_an_outcome_and_leaves_nothing_open(
        self, row: Operation[Any], script: list[Answer]
    ) -> None:
        given_answers = [answer.given() for answer in script]
        client = Script(*given_answers).client()
        for outcome in outcomes_of(asked("sync", client, method_of(row), *arguments_of(row))):
            assert isinstance(outcome, Success | Failure)
        bodies = [answer.stream for answer in given_answers if isinstance(answer, httpx.Response)]
        read = [body for body in bodies if isinstance(body, Body) and body.begun]
        assert all(body.closed for body in read)

    @given(ROWS, st.none() | JSON | st.builds(object))
    def test_any_body_is_sent_right_or_is_a_refusal_and_nothing_is_sent(self, row: Operation[Any], body: Any) -> None:
        if row.body is None:
            return
        script = Script(httpx.Response(401))
        outcome = asked("sync", script.client(), method_of(row), body)
        refused = isinstance(outcome.failure(), ValidationError)
        # What was sent was judged by the witness already.
        assert len(script.requests) == (0 if refused else 1)
        assert not refused or outcome.failure().pointer is not None


class TestTheContractDecides:
    @given(ROWS, BODIES)
    def test_what_is_taken_for_an_answer_is_one_for_the_witness(self, row: Operation[Any], body: bytes) -> None:
        if row.media != "application/json":
            return
        response = httpx.Response(200, headers={"content-type": row.media}, content=body)
        outcome = outcome_of(row, Response(Head(200, (("content-type", row.media),)), body), wall=0.0)
        request = httpx.Request(row.method, f"http://127.0.0.1:9{row.path}")
        if isinstance(outcome, Success):
            assert response_complaints(request, response) == []


class TestAcceptedRuns:
    @given(st.dictionaries(st.text(), JSON), st.from_regex(r"[a-z0-9/_-]{1,9}", fullmatch=True), st.floats(0, 1))
    def test_the_id_in_an_answer_is_found_wherever_it_stands_and_in_every_part_that_holds_it(
        self, others: dict[str, Any], run_id: str, share: float
    ) -> None:
        others.pop("runId", None)
        pairs = list(others.items())
        pairs.insert(int(share * len(pairs)), ("runId", run_id))
        body = json.dumps(dict(pairs)).encode()
        member = f'"runId": "{run_id}"'.encode()
        whole = len(json.dumps(dict(pairs[: pairs.index(("runId", run_id)) + 1])).encode()) - 1
        assert body[:whole].endswith(member)
        cut = int(share * len(body))
        assert run_id_in(body) == run_id
        assert run_id_in(body[:whole]) == run_id
        assert run_id_in(body[:cut]) == (run_id if cut >= whole else None)


class TestRunIds:
    @given(
        st.text()
        | st.sampled_from(["..", ".", "a/b", "%2e%2e", "a?b", "a#b", "a\r\nb", " ", "\u2028"])
        | st.builds(str.__mul__, st.sampled_from(["x", "/", "ü"]), st.integers(1, 70_000))
    )
    def test_any_run_id_is_one_segment_or_a_refusal(self, run_id: str) -> None:
        script = Script(httpx.Response(404))
        (outcome,) = asked("sync", script.client(), "iter_run_stream_events", run_id)
        if isinstance(outcome.failure(), ValidationError):
            assert script.requests == []
            assert outcome.failure().pointer == "/id"
            return
        before, segment, after = script.requests[0].url.raw_path.decode().rsplit("/", 2)
        assert (before, after) == ("/api/runs", "stream")
        assert unquote(segment) == run_id
        assert re.fullmatch(r"[A-Za-z0-9._~%-]+", segment)
        assert segment not in (".", "..")


def made(url: str, transport: httpx.BaseTransport) -> CascadesClient | ValidationError:
    try:
        return CascadesClient(url, transport=transport)
    except ValidationError as refused:
        return refused


HOSTS = st.text() | st.text(alphabet="xn-.a:[]%@1ü/", max_size=20)


class TestBaseURLs:
    @given(st.sampled_from(["http://", "https://", "HTTPS://", ""]), HOSTS, st.sampled_from(["", "/x/", ":80", ".org"]))
    def test_any_base_url_makes_a_client_that_works_or_a_refusal(self, scheme: str, host: str, rest: str) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(404))
        client = made(scheme + host + rest, transport)
        if isinstance(client, ValidationError):
            assert client.pointer == "/base_url"
            return
        assert repr(client).startswith(("CascadesClient('http", 'CascadesClient("http'))  # as the quotes in it ask for
        assert client.get_public_api_version().failure().status == 404


class TestColours:
    @given(ROWS, SCRIPTS)
    def test_sync_and_async_agree_on_every_scripted_exchange(self, row: Operation[Any], script: list[Answer]) -> None:
        seen = [self.seen(colour, row, script) for colour in ("sync", "asyncio", "trio")]
        assert seen[0] == seen[1] == seen[2]

    @staticmethod
    def seen(colour: str, row: Operation[Any], answers_given: list[Answer]) -> Any:
        """All that one can see of a call: what was sent, what was told, how long was slept, what came of it."""
        script, told = Script(*[answer.given() for answer in answers_given]), list[object]()
        client = client_of(colour, script, on_request=told.append, on_response=told.append)
        outcomes = outcomes_of(asked(colour, client, method_of(row), *arguments_of(row)))
        sent = [
            (request.method, str(request.url), sorted(request.headers.multi_items()), request.content)
            for request in script.requests
        ]
        return outcomes, sent, script.time.slept, told


# --- No credential in any text ---------------------------------------------------------------------------

CANARIES = st.sampled_from(["Canary-7f3a9c-01", "Can4ry'quo\"ted\\x", "Can/ary~1%2F==", "C4n ary-with-space-x"])


def secret_body(row: Operation[Any], secret: str) -> dict[str, Any]:
    """The example of the document with the secret under every key that takes one."""
    assert row.body is not None
    body = dict(SCHEMAS[row.body.schema.__name__]["example"])
    return body | {key.name: secret for _, key in wire_keys(row.body.schema) if key.secret and key.name in body}


ECHOES = st.sampled_from(
    [
        '{"error":"%s","message":"%s","code":"%s","details":{"%s":["%s"]},"reason":"%s","workflowId":"x %s y"}',
        '{"error":"Workflow validation failed","message":"bad %s","code":"%s","details":{"%s":"%s%s"}}',
        '{"error":"Workflow not found","reason":"not_found","workflowId":"%s"}',
        '{"error":"Execution engine unavailable","message":"%s"}',
        '{"error":"provider_api_error","status":1,"detail":"%s"}',
        '{"ok":"%s","apiVersion":"%s","runId":["%s"],"%s":1}',
        '{"type":"%s","data":"%s"}',
        "<html><body>%s</body></html>",
        '{"a":1,"%s":NaN}',
        "data: {%s}\n\ndata: %s\n\n",
    ]
)


class TestCanaries:
    @given(ROWS, CANARIES, ECHOES, STATUSES, st.sampled_from(["sync", "asyncio"]), st.booleans(), st.booleans())
    def test_no_credential_is_in_any_text_that_leaves(
        self, row: Operation[Any], canary: str, echo: str, status: int, colour: str, fails: bool, quoted: bool
    ) -> None:
        cookie = "Cookie0-" + canary.replace(" ", "")
        token = "T0ken-" + canary
        auth = CompositeAuth(SessionCookieAuth(cookie), HeaderAuth({"Authorization": "Bearer " + token}))
        password = f"{canary}/0123456789012345"
        args = (secret_body(row, password),) if row.body else arguments_of(row)
        secrets = (cookie, token, password) if row.body and password in args[0].values() else (cookie, token)
        logged = io.StringIO()
        listener = logging.StreamHandler(logged)
        logger = logging.getLogger("cascades_sdk")
        logger.addHandler(listener)
        logger.setLevel(logging.DEBUG)
        told: list[Any] = []
        leaves: list[str] = []
        try:
            for secret in secrets:
                said = echo.replace("%s", json.dumps(secret)[1:-1])
                place = f"https://x/{quote(secret, safe='') if quoted else secret}"
                headers = {"content-type": row.media, "location": place, "x-request-id": secret}
                answer: Any = httpx.Response(status, headers=headers, content=said.encode())
                if fails:
                    answer = httpx.RemoteProtocolError(f"illegal header line: {bytearray(secret.encode())!r}")
                client = client_of(colour, Script(answer), auth=auth, on_request=told.append, on_response=told.append)
                leaves.append(repr(client))
                for outcome in outcomes_of(asked(colour, client, method_of(row), *args)):
                    if isinstance(outcome, Failure):
                        leaves += [str(outcome), repr(outcome.failure()), raised(outcome)]
        finally:
            logger.removeHandler(listener)
            logger.setLevel(logging.NOTSET)
        text = " ".join((*leaves, repr(told), logged.getvalue()))
        # Of the version call nothing secret was sent, so that nothing of it can come back.
        for secret in secrets if row.auth == "cookie" else ():
            for shown in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe="")):
                assert shown not in text


def raised(outcome: Any) -> str:
    """The traceback of the error, raised."""
    try:
        raise_on_failure(outcome)
    except CascadesSDKError as error:
        return "".join(traceback.format_exception(error))
    raise AssertionError("a Failure was not raised")
