"""What the wire does to calls: each row of the table of faults, on raw sockets, in every colour."""

import datetime
import gzip
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import tracemalloc
import zlib
from email.utils import formatdate
from pathlib import Path
from typing import Any

import anyio
import pytest
import trustme
from returns.result import Failure, Success

from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    DeadlineExceededError,
    LimitExceededError,
    NetworkError,
    RateLimitError,
    RedirectedError,
    ServerError,
    UnexpectedResponseError,
    ValidationError,
)
from cascades_sdk.protocol.auth import CookieHeaderAuth, HeaderAuth, SessionCookieAuth
from cascades_sdk.protocol.limits import LIMITS, Limits, RetryPolicy
from wire.both import Authority, Twice, keeps, made, tunnels, url_of, version
from wire.scripted import COLOURS, COOKIE, asked
from wire.sockets import HEAD, STREAM, VERSION, Server, Stopwatch, keeps_alive, read_request, resets, sends

in_every_colour = pytest.mark.parametrize("colour", COLOURS)

MIB = 2**20


def fault(row: str) -> pytest.MarkDecorator:
    return pytest.mark.fault(row)


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK", media: bytes = b"application/json") -> bytes:
    """A whole answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    if media:
        lines.append(b"Content-Type: " + media)
    return b"\r\n".join([*lines, b"", body])


def told(colour: str, *parts: bytes, **options: Any) -> Any:
    """The outcome of asking for the version, where the server sends these parts and closes."""
    with Server(sends(*parts)) as server, Stopwatch(0.0, 10.0):
        return version(colour, url_of(server), **options)


@in_every_colour
class TestConnections:
    @fault("T1")
    def test_a_refusal_is_told(self, colour: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        error = version(colour, f"http://127.0.0.1:{port}").failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "connect"

    @fault("T1")
    @pytest.mark.parametrize("read", [False, True])
    def test_a_reset_is_told(self, colour: str, read: bool) -> None:
        with Server(resets(read=read)) as server:
            error = version(colour, url_of(server)).failure()
        assert isinstance(error, NetworkError)
        assert error.kind in ("broken", "connect")

    @fault("T1")
    @fault("T3")
    @pytest.mark.parametrize(
        "parts",
        [
            (b"", b""),
            (b"HTTP/1.1 200 OK\r\n", b"X"),
            (b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
            (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
            (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
            (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\n" + gzip.compress(b"")[:10], b""),
        ],
        ids=["silence", "a header", "headers", "body", "chunks", "gzip"],
    )
    def test_silence_and_drops_end_at_the_deadline(self, colour: str, parts: tuple[bytes, ...]) -> None:
        server = Server(lambda connection: server.drip(*parts)(connection))
        with server, Stopwatch(0.4):
            error = version(colour, url_of(server), timeout=0.4).failure()
        assert isinstance(error, DeadlineExceededError)
        assert error.seconds == 0.4

    @fault("T2")
    @pytest.mark.parametrize("end", [sends, resets])
    @pytest.mark.parametrize(
        "framing",
        [
            b"Content-Length: 99\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n13\r\n",
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        ],
    )
    def test_a_body_that_ends_early_is_never_its_prefix(self, colour: str, framing: bytes, end: Any) -> None:
        with Server(end(HEAD + framing + b'{"apiVersion":"v1"}')) as server:
            error = version(colour, url_of(server)).failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "broken"

    @fault("T2")
    def test_a_body_cut_at_any_byte_is_never_an_answer(self, colour: str) -> None:
        whole = HEAD + b"Transfer-Encoding: chunked\r\n\r\n13\r\n" + b'{"apiVersion":"v1"}\r\n0\r\n\r\n'
        cuts = range(len(HEAD), len(whole), 3)
        with Server(*(sends(whole[:cut]) for cut in cuts), sends(whole)) as server:
            outcomes = [version(colour, url_of(server)) for _ in cuts]
            assert all(isinstance(outcome.failure(), NetworkError) for outcome in outcomes)
            assert isinstance(version(colour, url_of(server)), Success)

    @fault("T4")
    def test_informational_answers_without_end_end_at_the_deadline(self, colour: str) -> None:
        server = Server(lambda connection: server.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n")(connection))
        with server, Stopwatch(0.4):
            assert isinstance(version(colour, url_of(server), timeout=0.4).failure(), DeadlineExceededError)

    @fault("T4")
    @pytest.mark.parametrize("line", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 twohundred OK\r\n\r\n", b"\0" * 64])
    def test_what_is_no_http_is_a_broken_connection(self, colour: str, line: bytes) -> None:
        error = told(colour, line).failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "broken"

    @fault("T4")
    def test_headers_without_end_are_not_taken_and_not_asked_for_again(self, colour: str) -> None:
        crossed = {
            name: LimitExceededError(name, "headers", LIMITS.headers)
            for name in ("getPublicApiVersion", "submitWorkflowRun", "streamRunTelemetry")
        }
        outcomes = []
        with Server(sends(b"HTTP/1.1 200 OK\r\n", *[b"X-A: %s\r\n" % (b"a" * 1000)] * 1000)) as server:
            for method, *arguments in (
                ("get_public_api_version",),
                ("submit_workflow_run",),
                ("iter_run_stream_events", "r"),
            ):
                client = made(colour, url_of(server), retry=RetryPolicy(retries=2))
                outcomes.append(asked(colour, client, method, *arguments))
            assert server.count == 3
        version, submit, (event,) = outcomes
        assert version == Failure(crossed["getPublicApiVersion"])
        assert submit == Failure(AmbiguousSubmitError("submitWorkflowRun", crossed["submitWorkflowRun"]))
        assert event == Failure(crossed["streamRunTelemetry"])

    @fault("T4")
    def test_more_headers_than_the_limit_are_told_by_its_name(self, colour: str) -> None:
        longer = answer(b'{"apiVersion":"v1"}', b"X-A: " + b"a" * 5000)
        limits = Limits(headers=4000)
        error = told(colour, longer, limits=limits).failure()
        assert error == LimitExceededError("getPublicApiVersion", "headers", 4000, 200)
        assert isinstance(told(colour, longer), Success)
        with Server(sends(STREAM[:-2] + b"X-A: " + b"a" * 5000 + b"\r\n\r\n")) as server:
            (outcome,) = asked(colour, made(colour, url_of(server), limits=limits), "iter_run_stream_events", "r")
        assert outcome == Failure(LimitExceededError("streamRunTelemetry", "headers", 4000, 200))

    @fault("T5")
    def test_a_post_on_a_kept_connection_that_dies_is_ambiguous_and_not_repeated(self, colour: str) -> None:
        requests: list[bytes] = []

        def serves_once(connection: socket.socket) -> None:
            keeps_alive(VERSION)(connection)  # reads what comes next, and hangs up without an answer

        with Server(serves_once, keeps(requests, VERSION)) as server:
            client = made(colour, url_of(server))
            if isinstance(client, CascadesClient):
                with client:
                    outcomes = [client.get_public_api_version(), client.submit_workflow_run()]
            else:
                outcomes = asked(colour, ThenSubmits(client), "ask")
        assert isinstance(outcomes[0], Success)
        assert isinstance(outcomes[1].failure(), AmbiguousSubmitError)
        assert requests == []

    @fault("T5")
    def test_a_kept_connection_that_was_closed_meanwhile_is_not_used(self, colour: str) -> None:
        with Server(sends(VERSION), sends(VERSION)) as server:
            client = made(colour, url_of(server))
            if isinstance(client, CascadesClient):
                with client:
                    outcomes = []
                    for _ in range(2):
                        outcomes.append(client.get_public_api_version())
                        time.sleep(0.05)  # the farewell of loopback arrives at once
            else:
                outcomes = asked(colour, Twice(client), "ask")
        assert all(isinstance(outcome, Success | Failure) for outcome in outcomes)
        assert isinstance(outcomes[0], Success)


class ThenSubmits(Twice):
    """A call of an async client that is answered, and then a submit."""

    async def ask(self) -> list[Any]:
        return [await self.client.get_public_api_version(), await self.client.submit_workflow_run()]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


def tls_of(authority: trustme.CA, *names: str, **options: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)
    return context


@in_every_colour
class TestTrust:
    @fault("T6")
    def test_an_unknown_host_is_named(self, colour: str) -> None:
        error = version(colour, "http://cascades.invalid").failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "name"
        assert "cascades.invalid" in str(error)

    @fault("T6")
    @pytest.mark.parametrize(
        ("what", "says"),
        [("unknown", "self-signed|self signed|local issuer"), ("expired", "expired"), ("name", "IP address mismatch")],
    )
    def test_a_certificate_that_proves_nothing_is_told(
        self, colour: str, authority: Authority, what: str, says: str
    ) -> None:
        yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        context = {
            "unknown": lambda: tls_of(trustme.CA(), "127.0.0.1"),
            "expired": lambda: tls_of(authority.authority, "127.0.0.1", not_after=yesterday),
            "name": lambda: tls_of(authority.authority, "elsewhere.example"),
        }[what]()
        with Server(sends(VERSION), tls=context) as server:
            error = version(colour, url_of(server, "https"), verify=authority.trusted).failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "tls"
        assert any(word in str(error) for word in says.split("|")), str(error)

    @fault("T6")
    def test_plain_text_where_tls_is_due_and_the_reverse(self, colour: str, authority: Authority) -> None:
        with Server(lambda connection: connection.sendall(VERSION)) as server:
            error = version(colour, url_of(server, "https")).failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "tls"
        with Server(sends(VERSION), tls=authority.server()) as server:
            error = version(colour, url_of(server)).failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "broken"

    @fault("T6")
    def test_switching_trust_off_for_one_client_leaves_the_others_as_they_are(
        self, colour: str, authority: Authority
    ) -> None:
        with Server(sends(VERSION), tls=authority.server()) as server:
            for _ in range(2):
                assert isinstance(version(colour, url_of(server, "https"), verify=False), Success)
                assert isinstance(version(colour, url_of(server, "https")).failure(), NetworkError)

    @fault("T7")
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_a_dead_proxy_is_named_without_its_password(self, colour: str, scheme: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        proxy = f"http://user:{COOKIE}@127.0.0.1:{port}"
        error = version(colour, f"{scheme}://cascades.invalid", proxy=proxy).failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "proxy"
        assert f"127.0.0.1:{port}" in str(error)
        assert COOKIE not in f"{error} {error!r}"

    @fault("T7")
    @pytest.mark.parametrize("scheme", ["http", "https"])
    @pytest.mark.parametrize("status", [b"407 canary", b"502 canary", b"200 OK"])
    def test_a_proxy_that_answers_by_itself_is_told(self, colour: str, scheme: str, status: bytes) -> None:
        page = answer(b"<html>canary</html>", status=status, media=b"text/html")
        with Server(sends(page)) as server:
            outcome = version(colour, f"{scheme}://cascades.invalid", proxy=url_of(server), timeout=3.0)
        error = outcome.failure()
        assert isinstance(error, NetworkError | ServerError | UnexpectedResponseError)
        if status.startswith(b"407"):
            assert isinstance(error, NetworkError)
            assert error.kind == "proxy"
        assert "canary" not in f"{error} {error!r}"

    @fault("T7")
    def test_a_proxy_that_lies_about_the_server_is_not_trusted(self, colour: str, authority: Authority) -> None:
        elsewhere = tls_of(trustme.CA(), "127.0.0.1")
        with Server(sends(VERSION), tls=elsewhere) as liar, Server(tunnels) as proxy:
            error = version(colour, url_of(liar, "https"), proxy=url_of(proxy), verify=authority.trusted).failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "tls"


def bomb(size: int) -> bytes:
    """So many zeros, compressed piece by piece."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


BOMB = bomb(300 * MIB)


@in_every_colour
class TestAnswers:
    @fault("A1")
    @pytest.mark.parametrize(
        "sent",
        [
            answer(b"<html>sign in</html>", media=b"text/html"),
            answer(b'{"apiVersion":"v1"}', media=b"application/problem+json"),
            answer(b'{"apiVersion":"v1"}', media=b""),
            answer(b""),
            answer(b"", status=b"204 No Content"),
            answer(b'{"apiVersion":"v1"}', status=b"201 Created"),
            answer(b'{"apiVersion":"v1"}', status=b"206 Partial Content"),
        ],
        ids=["login page", "problem", "no media type", "empty", "204", "201", "206"],
    )
    def test_another_answer_than_is_due_is_unexpected(self, colour: str, sent: bytes) -> None:
        assert isinstance(told(colour, sent).failure(), UnexpectedResponseError)

    @fault("A2")
    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (b"null", ""),
            (b'["v1"]', ""),
            (b"{}", "/apiVersion"),
            (b'{"apiVersion":1}', "/apiVersion"),
            (b'{"apiVersion":"v1","apiVersion":"v1"}', "/apiVersion"),
            (b'{"apiVersion":"v1","a":[{"b":NaN}]}', "/a/0/b"),
            (b'{"apiVersion":"v1","a":[{"b":-Infinity}]}', "/a/0/b"),
            (b'{"apiVersion":"v1","a":1e400}', "/a"),
            (b'{"apiVersion":"v\xff"}', ""),
            (b'{"apiVersion":"v1","a":"\\ud800"}', "/a"),
            (b'\xef\xbb\xbf{"apiVersion":"v1"}', ""),
            (b'{"apiVersion":"v1"}{', ""),
        ],
    )
    def test_a_body_of_the_wrong_shape_is_unexpected_with_the_pointer(
        self, colour: str, body: bytes, pointer: str
    ) -> None:
        error = told(colour, answer(body)).failure()
        assert isinstance(error, UnexpectedResponseError)
        assert error.pointer == pointer

    @fault("A2")
    def test_order_and_space_are_free_and_integers_are_exact(self, colour: str) -> None:
        body = told(
            colour, answer(b' {"z" : [1.0,\t-0.0],\r\n"n": 12345678901234567891 , "apiVersion":"v1"}\n')
        ).unwrap()
        assert list(body.wire) == ["apiVersion", "n", "z"]
        assert body.wire["n"] == 12345678901234567891
        assert body.wire["z"] == (1, 0)

    @fault("A3")
    @pytest.mark.parametrize(
        ("value", "limit", "maximum"),
        [
            (b"[" * 100_000 + b"]" * 100_000, "nesting", 64),
            (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nesting", 64),
            (b"[" * 100_000, "nesting", 64),
            (b"1" * 10_000, "digits", 1_000),
            (b"-" + b"9" * 2_000_000, "digits", 1_000),
        ],
        ids=["arrays", "objects", "open arrays", "digits", "a megabyte of digits"],
    )
    def test_nesting_and_digits_are_bounded(self, colour: str, value: bytes, limit: str, maximum: int) -> None:
        error = told(colour, answer(b'{"apiVersion":"v1","a":' + value + b"}")).failure()
        assert error == LimitExceededError("getPublicApiVersion", limit, maximum, 200)

    @fault("A3")
    def test_the_bounds_are_settings(self, colour: str) -> None:
        sent = answer(b'{"apiVersion":"v1","a":[[12345]]}')
        assert told(colour, sent, limits=Limits(nesting=3, digits=5)).unwrap().wire["a"] == ((12345,),)
        for limits in (Limits(nesting=2), Limits(digits=4), Limits(body=10)):
            assert isinstance(told(colour, sent, limits=limits).failure(), LimitExceededError)

    @fault("A4")
    @pytest.mark.parametrize("body", [b"", b"<html>" + b"x" * 5000])
    def test_an_error_needs_no_body_to_be_told(self, colour: str, body: bytes) -> None:
        for status, kind in (
            (b"401 No", AuthenticationError),
            (b"400 No", ValidationError),
            (b"500 No", ServerError),
            (b"502 No", ServerError),
            (b"503 No", ServerError),  # an engine that is unavailable says so in the contract's words
            (b"429 No", RateLimitError),
        ):
            assert isinstance(told(colour, answer(body, status=status, media=b"text/html")).failure(), kind)

    @fault("A4")
    @pytest.mark.parametrize(("status", "kind"), [(b"429 No", RateLimitError), (b"503 No", ServerError)])
    def test_both_forms_of_retry_after_are_read(self, colour: str, status: bytes, kind: type) -> None:
        for text, least, most in ((b"120", 120.0, 120.0), (formatdate(time.time() + 90, usegmt=True).encode(), 30, 91)):
            error = told(colour, answer(b"", b"Retry-After: " + text, status=status)).failure()
            assert isinstance(error, kind)
            assert least <= error.retry_after <= most  # type: ignore[attr-defined]
        assert told(colour, answer(b"", b"Retry-After: soon", status=status)).failure().retry_after is None

    @fault("A5")
    @pytest.mark.parametrize("status", [b"200 OK", b"400 No", b"500 No"])
    @pytest.mark.parametrize("packed", [True, False])
    def test_a_body_without_measure_is_not_taken_and_takes_little_memory(
        self, colour: str, status: bytes, packed: bool
    ) -> None:
        def pours(connection: socket.socket) -> None:
            read_request(connection)
            coding = b"Content-Encoding: gzip\r\n" if packed else b""
            size = len(BOMB) if packed else 300 * MIB
            head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
            connection.sendall(head % (status, coding, size))
            for _ in range(1 if packed else 300):
                connection.sendall(BOMB if packed else bytes(MIB))

        with Server(pours) as server, Stopwatch(0.0, 20.0):
            tracemalloc.start()
            error = version(colour, url_of(server)).failure()
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert isinstance(error, LimitExceededError)
        assert (error.limit, error.maximum) == ("body", LIMITS.body)
        assert peak < 32 * MIB

    @fault("A5")
    @pytest.mark.parametrize("coding", [b"br", b"deflate", b"gzip, gzip", b"zstd"])
    def test_a_coding_that_was_not_asked_for_is_unexpected(self, colour: str, coding: bytes) -> None:
        error = told(colour, answer(gzip.compress(b"{}"), b"Content-Encoding: " + coding)).failure()
        assert isinstance(error, UnexpectedResponseError)

    @fault("A5")
    def test_a_body_that_is_not_what_its_coding_says_is_unexpected(self, colour: str) -> None:
        error = told(colour, answer(b'{"apiVersion":"v1"}', b"Content-Encoding: gzip")).failure()
        assert isinstance(error, UnexpectedResponseError)
        packed = gzip.compress(b'{"apiVersion":"v1"}')
        assert isinstance(told(colour, answer(packed, b"Content-Encoding: gzip")), Success)
        assert isinstance(
            told(colour, answer(packed + b"x", b"Content-Encoding: gzip")).failure(), UnexpectedResponseError
        )
        assert isinstance(told(colour, answer(packed[:-3], b"Content-Encoding: gzip")).failure(), NetworkError)

    @fault("A6")
    def test_not_ok_with_status_200_is_no_success(self, colour: str) -> None:
        for method, body in (
            ("test_hubspot_integration", b'{"ok":false}'),
            ("save_slack_integration", b'{"ok":false,"configured":true}'),
        ):
            arguments = () if method.startswith("test") else ({"webhookUrl": "https://hooks.slack.com/" + "x" * 30},)
            with Server(sends(answer(body))) as server:
                error = asked(colour, made(colour, url_of(server), COOKIE), method, *arguments).failure()
            cause = error.cause if isinstance(error, AmbiguousSubmitError) else error
            assert isinstance(cause, UnexpectedResponseError)
            assert cause.pointer == "/ok"


@in_every_colour
class TestRoutes:
    @fault("R1")
    @pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
    @pytest.mark.parametrize("where", ["same", "other", "downgrade", "loop", "userinfo", "none", "nonsense"])
    def test_no_redirect_is_followed(self, colour: str, status: int, where: str) -> None:
        sent_on: list[bytes] = []
        with Server(keeps(sent_on, VERSION)) as other:
            location = {
                "same": "/elsewhere?token=canary",
                "other": url_of(other) + "/x?token=canary#canary",
                "downgrade": "http://example.com/?canary",
                "loop": "/api/workflow-runs/submit",
                "userinfo": f"http://user:canary@127.0.0.1:{other.port}/",
                "none": None,
                "nonsense": "http://[canary/\x7f",
            }[where]
            header = (b"Location: " + location.encode(),) if location else ()
            requests: list[bytes] = []
            with Server(keeps(requests, answer(b"", *header, status=b"%d Away" % status))) as server:
                error = asked(colour, made(colour, url_of(server), COOKIE), "submit_workflow_run").failure()
        assert isinstance(error, RedirectedError)
        assert "canary" not in f"{error} {error!r}".replace(COOKIE, "")
        assert (len(requests), sent_on) == (1, [])

    @fault("R2")
    @pytest.mark.parametrize("run_id", ["a/b", "..", ".", "%2e%2e", "a?b", "a#b", "a b", "é", "a%2Fb", "a;b", "a\\b"])
    def test_a_run_id_is_one_segment_of_the_path_or_nothing_is_sent(self, colour: str, run_id: str) -> None:
        requests: list[bytes] = []
        with Server(keeps(requests, STREAM)) as server:
            outcomes = asked(colour, made(colour, url_of(server), COOKIE), "iter_run_stream_events", run_id)
        if requests:
            target = requests[0].split(b" ")[1]
            segment = target.removeprefix(b"/api/runs/").removesuffix(b"/stream")
            assert target == b"/api/runs/%s/stream" % segment
            assert segment not in (b"", b".", b"..")
            assert not set(segment) & set(b"/?# ;\\\r\n")
        else:
            assert isinstance(outcomes[0].failure(), ValidationError)

    @fault("R2")
    @pytest.mark.parametrize("run_id", ["", "a\r\nX-Evil: 1", "a\nb", "a\0b"])
    def test_a_run_id_that_is_none_sends_nothing(self, colour: str, run_id: str) -> None:
        requests: list[bytes] = []
        with Server(keeps(requests, STREAM)) as server:
            (outcome,) = asked(colour, made(colour, url_of(server), COOKIE), "iter_run_stream_events", run_id)
        assert isinstance(outcome.failure(), ValidationError)
        assert requests == []

    @fault("R3")
    def test_the_environment_is_not_looked_at(
        self, colour: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login user password canary\n")
        (tmp_path / ".netrc").chmod(0o600)
        for name, value in {
            "HOME": str(tmp_path),
            "NETRC": str(tmp_path / ".netrc"),
            "SSL_CERT_FILE": str(tmp_path / "none.pem"),
            "SSL_CERT_DIR": str(tmp_path),
            "SSLKEYLOGFILE": str(tmp_path / "keys"),
            "REQUESTS_CA_BUNDLE": str(tmp_path / "none.pem"),
            **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"), "http://127.0.0.1:9"),
        }.items():
            monkeypatch.setenv(name, value)
        requests: list[bytes] = []
        with Server(keeps(requests, VERSION)) as server:
            assert isinstance(version(colour, url_of(server)), Success)
        assert b"uthorization" not in requests[0]
        assert not (tmp_path / "keys").exists()

    @fault("R4")
    @pytest.mark.parametrize("character", ["\r", "\n", "\0", "\r\nX-Evil: 1", ";", "é", "\x7f"])
    def test_what_would_end_a_cookie_or_a_header_is_refused_unseen(self, colour: str, character: str) -> None:
        value = f"canary{character}canary"
        makers: list[Any] = [lambda: SessionCookieAuth(value)]
        if character != ";":  # which is fine in a header, and stands between cookies
            makers += [lambda: HeaderAuth({"X-Token": value})]
            makers += [lambda: HeaderAuth({value: "x"}), lambda: CookieHeaderAuth(f"session={value}")]
        for make in makers:
            with pytest.raises(ValidationError) as caught:
                made(colour, "http://127.0.0.1:9", make())
            assert "canary" not in str(caught.value)

    @fault("R5")
    def test_a_credential_does_not_travel_readable_to_another_machine(self, colour: str) -> None:
        with pytest.raises(ValidationError):
            made(colour, "http://cascades.example.com", COOKIE)
        assert made(colour, "http://cascades.example.com", COOKIE, allow_insecure=True)
        assert made(colour, "https://cascades.example.com", COOKIE)

    @fault("R6")
    @pytest.mark.parametrize("status", [b"200 OK", b"302 Away", b"400 No", b"401 No", b"404 No", b"500 No", b"503 No"])
    def test_an_echoed_credential_is_in_no_text(self, colour: str, status: bytes) -> None:
        echo = COOKIE.encode()
        bodies = (
            b'{"error":"%s","message":"session=%s","runId":"%s","ok":true}' % (echo, echo, echo),
            b"<pre>Cookie: session=%s</pre>" % echo,
        )
        for body in bodies:
            sent = answer(body, b"X-Request-Id: " + echo, b"Location: /x/" + echo, status=status)
            with Server(sends(sent)) as server:
                outcome = asked(colour, made(colour, url_of(server), COOKIE), "submit_workflow_run")
            error = outcome.failure()
            assert COOKIE not in f"{error} {error!r} {error.__dict__ if hasattr(error, '__dict__') else ''}"


@in_every_colour
class TestProcesses:
    @fault("P1")
    def test_who_is_cancelled_leaves_no_connection(self, colour: str) -> None:
        server = Server(lambda connection: (connection.sendall(STREAM), connection.recv(65536), connection.recv(1)))
        with server:
            client = made(colour, url_of(server), timeout=30.0)
            if isinstance(client, CascadesClient):
                # A sync stream is ended by whoever reads it.
                with client, Stopwatch(0.0):
                    events = client.iter_run_stream_events("r")
                    events.close()
                return

            async def main() -> None:
                async with client:
                    with anyio.move_on_after(0.2) as scope:
                        await client.submit_workflow_run()
                    assert scope.cancelled_caught
                    with anyio.move_on_after(0.2):
                        async for _ in client.iter_run_stream_events("r"):
                            raise AssertionError

            with Stopwatch(0.4):
                anyio.run(main, backend=colour)

    @fault("P2")
    def test_an_interrupt_passes_and_the_client_goes_on(self, colour: str) -> None:
        silent = Server(lambda connection: silent.silence(connection), sends(VERSION))
        before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
        # Whoever starts programs in the background may have told them to ignore it.
        ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with silent:
                client = made(colour, url_of(silent), timeout=30.0)
                if isinstance(client, CascadesClient):
                    signal.setitimer(signal.ITIMER_REAL, 0.2)
                    with client:
                        with pytest.raises(KeyboardInterrupt):
                            client.submit_workflow_run()
                        assert isinstance(client.get_public_api_version(), Success)
                else:
                    signal.setitimer(signal.ITIMER_REAL, 0.2)
                    with pytest.raises(KeyboardInterrupt):
                        asked(colour, client, "submit_workflow_run")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
            signal.signal(signal.SIGINT, ignored)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("colour", ["sync", "asyncio"])  # trio's connections end with each run
class TestForks:
    @fault("P2")
    def test_a_child_of_a_fork_makes_connections_of_its_own(self, colour: str) -> None:
        with Server(keeps_alive(VERSION, VERSION), keeps_alive(VERSION, VERSION)) as server:
            ran = subprocess.run(
                [sys.executable, str(Path(__file__).with_name("forks.py")), colour, url_of(server)],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            # Two calls over the parent's connection, one before the fork and one after, two over the child's.
            assert ran.stdout.split() == ["warm", "1", "child", "2", "parent", "1"]
            assert server.count == 2
