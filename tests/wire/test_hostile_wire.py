"""The built-in transport on real sockets that misbehave."""

import socket
import ssl
import threading

import pytest
import trustme
from returns.result import Failure, Success

from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    DeadlineExceededError,
    NetworkError,
    UnexpectedResponseError,
)
from cascades_sdk.pipelines import wait_for_completion
from cascades_sdk.protocol.limits import RetryPolicy
from wire.scripted import frame, log
from wire.sockets import HEAD, STREAM, VERSION, Server, Stopwatch, keeps_alive, resets, sends

ONCE = RetryPolicy(retries=0)
STARTED = frame("run.started", status="RUNNING")
DONE = frame("run.completed", status="SUCCESS")


def client_of(server: Server, timeout: float = 10.0, **options: object) -> CascadesClient:
    return CascadesClient(f"http://127.0.0.1:{server.port}", timeout=timeout, retry=ONCE, **options)  # type: ignore[arg-type]


class TestCalls:
    def test_a_refused_connection_is_told(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with CascadesClient(f"http://127.0.0.1:{port}", retry=ONCE) as client, Stopwatch(0.0):
            error = client.get_public_api_version().failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "connect"

    def test_a_reset_after_accept_is_a_failure_of_the_network(self) -> None:
        with Server(resets(read=False)) as server, client_of(server) as client, Stopwatch(0.0):
            error = client.get_public_api_version().failure()
        assert isinstance(error, NetworkError)
        # A reset this early may be seen while the connection is still being set up.
        assert error.kind in ("broken", "connect")

    def test_a_reset_after_the_request_is_a_broken_connection(self) -> None:
        with Server(resets()) as server, client_of(server) as client, Stopwatch(0.0):
            error = client.get_public_api_version().failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "broken"

    def test_silence_ends_at_the_deadline(self) -> None:
        server = Server(lambda connection: server.silence(connection))
        with server, client_of(server, 0.3) as client, Stopwatch(0.3):
            assert client.get_public_api_version() == Failure(DeadlineExceededError("getPublicApiVersion", 0.3))

    @pytest.mark.parametrize(
        "parts",
        [
            (b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
            (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
            (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        ],
        ids=["headers", "informational", "body", "chunks"],
    )
    def test_a_drip_ends_at_the_deadline(self, parts: tuple[bytes, ...]) -> None:
        server = Server(lambda connection: server.drip(*parts)(connection))
        with server, client_of(server, 0.4) as client, Stopwatch(0.4):
            error = client.get_public_api_version().failure()
        assert isinstance(error, DeadlineExceededError)
        assert error.seconds == 0.4

    @pytest.mark.parametrize("end", [sends, resets])
    @pytest.mark.parametrize("framing", [b"Content-Length: 99\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n13\r\n"])
    def test_a_body_that_ends_early_is_never_its_prefix(self, framing: bytes, end: object) -> None:
        with Server(end(HEAD + framing + b'{"apiVersion":"v1"}')) as server, client_of(server) as client:  # type: ignore[operator]
            error = client.get_public_api_version().failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "broken"

    def test_what_is_no_http_is_a_broken_connection(self) -> None:
        with Server(sends(b"SSH-2.0-OpenSSH\r\n")) as server, client_of(server) as client:
            assert isinstance(client.get_public_api_version().failure(), NetworkError)

    def test_a_kept_connection_serves_calls_with_their_own_deadlines(self) -> None:
        server = Server(keeps_alive(VERSION, VERSION))
        with server, client_of(server, 1.0) as client:
            assert isinstance(client.get_public_api_version(), Success)
            assert isinstance(client.get_public_api_version(), Success)
            with Stopwatch(1.0):
                # The third request is read by nobody: its own deadline ends it.
                outcome = client.get_public_api_version()
            assert isinstance(outcome.failure(), DeadlineExceededError | NetworkError)
        assert server.count == 1

    def test_a_post_on_a_kept_connection_that_dies_is_ambiguous(self) -> None:
        def dies(connection: socket.socket) -> None:
            keeps_alive(VERSION)(connection)

        with Server(dies) as server, client_of(server) as client:
            assert isinstance(client.get_public_api_version(), Success)
            assert isinstance(client.submit_workflow_run().failure(), AmbiguousSubmitError)
        assert server.count == 1


class TestTLS:
    def test_an_unknown_authority_is_no_trust(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        with Server(sends(VERSION), tls=context) as server:
            with CascadesClient(f"https://127.0.0.1:{server.port}", retry=ONCE) as client:
                error = client.get_public_api_version().failure()
            assert isinstance(error, NetworkError)
            assert error.kind == "tls"
            with CascadesClient(f"https://127.0.0.1:{server.port}", retry=ONCE, verify=False) as client:
                assert isinstance(client.get_public_api_version(), Success)

    def test_a_known_authority_is_trusted(self) -> None:
        authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        with Server(sends(VERSION), tls=context) as server:
            with CascadesClient(f"https://127.0.0.1:{server.port}", verify=trust) as client:
                assert isinstance(client.get_public_api_version(), Success)

    def test_plain_text_where_tls_is_due_is_told(self) -> None:
        with Server(lambda connection: connection.sendall(VERSION)) as server:
            with CascadesClient(f"https://127.0.0.1:{server.port}", retry=ONCE) as client:
                error = client.get_public_api_version().failure()
        assert isinstance(error, NetworkError)
        assert error.kind == "tls"

    def test_a_silent_handshake_ends_at_the_deadline(self) -> None:
        server = Server(lambda connection: server.silence(connection))
        with server, Stopwatch(0.3):
            with CascadesClient(f"https://127.0.0.1:{server.port}", timeout=0.3) as client:
                assert isinstance(client.get_public_api_version().failure(), DeadlineExceededError)


class TestWaits:
    def test_a_stream_cut_in_the_middle_of_an_event_is_resumed(self) -> None:
        rows: list[object] = []
        first = sends(STREAM, STARTED, log(1), log(2)[:20])
        second = sends(STREAM, STARTED, log(1), log(2), DONE)
        with Server(first, second) as server, client_of(server) as client:
            outcome = wait_for_completion(
                client, "r", timeout=30.0, on_event=lambda event: rows.append(event.data.get("id"))
            )
        assert outcome.unwrap().status == "SUCCESS"
        assert [row for row in rows if row] == ["log-1", "log-2"]

    def test_a_reset_stream_is_resumed(self) -> None:
        with Server(resets(STREAM, STARTED), sends(STREAM, DONE)) as server, client_of(server) as client:
            assert isinstance(wait_for_completion(client, "r", timeout=30.0), Success)

    def test_a_verdict_on_a_stream_that_stays_open_is_told_at_once(self) -> None:
        server = Server(lambda connection: (sends(STREAM, DONE)(connection), server.silence(connection)) and None)
        with server, client_of(server) as client, Stopwatch(0.0):
            assert isinstance(wait_for_completion(client, "r", timeout=30.0), Success)

    @pytest.mark.parametrize("sent", [b": heartbeat\n\n", b"x", log(1)], ids=["comments", "a line", "rows"])
    def test_a_dripping_stream_ends_at_the_deadline(self, sent: bytes) -> None:
        server = Server(lambda connection: server.drip(STREAM + STARTED, sent)(connection))
        with server, client_of(server) as client, Stopwatch(0.5):
            error = wait_for_completion(client, "r", timeout=0.5).failure()
        assert isinstance(error, DeadlineExceededError)
        assert error.position is not None
        assert error.position.status == "RUNNING"

    @pytest.mark.parametrize("before", [b"", STREAM, STREAM + STARTED], ids=["nothing", "a head", "an event"])
    def test_a_silent_stream_ends_at_the_deadline(self, before: bytes) -> None:
        server = Server(lambda connection: (connection.sendall(before), server.silence(connection)) and None)
        with server, client_of(server) as client, Stopwatch(0.4):
            assert isinstance(wait_for_completion(client, "r", timeout=0.4).failure(), DeadlineExceededError)

    def test_a_stream_that_falls_silent_is_resumed(self) -> None:
        server = Server(
            lambda connection: (sends(STREAM, STARTED)(connection), server.silence(connection)) and None,
            sends(STREAM, DONE),
        )
        with server, client_of(server) as client:
            assert isinstance(wait_for_completion(client, "r", timeout=30.0, byte_silence=0.2), Success)

    def test_a_page_in_place_of_a_stream_ends_the_wait(self) -> None:
        page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
        with Server(sends(page)) as server, client_of(server) as client:
            assert isinstance(wait_for_completion(client, "r").failure(), UnexpectedResponseError)

    def test_many_open_streams_leave_room_for_a_call(self) -> None:
        server = Server(
            *[lambda connection: (sends(STREAM, STARTED)(connection), server.silence(connection)) and None] * 110,
            sends(VERSION),
        )
        opened = threading.Barrier(111, timeout=20)

        def listen() -> None:
            events = client.iter_run_stream_events("r")
            next(events)
            opened.wait()
            events.close()

        with server, client_of(server) as client:
            threads = [threading.Thread(target=listen) for _ in range(110)]
            for thread in threads:
                thread.start()
            # Which connection is which is known by their order: all streams are accepted before the call.
            while server.count < 110 and any(thread.is_alive() for thread in threads):
                server.stopped.wait(0.01)
            outcome = client.get_public_api_version()
            opened.wait()
            for thread in threads:
                thread.join()
        assert isinstance(outcome, Success)
