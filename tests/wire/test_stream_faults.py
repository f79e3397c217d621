"""What the wire does to waits: each row S of the table of faults, on raw sockets, in every colour."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from returns.result import Success

from cascades_sdk.client import CancelToken, CascadesClient
from cascades_sdk.errors import (
    AuthenticationError,
    DeadlineExceededError,
    LimitExceededError,
    NotFoundError,
    StreamLostError,
    UnexpectedResponseError,
    WaitCancelledError,
)
from cascades_sdk.pipelines import wait_for_completion, wait_for_completion_async
from cascades_sdk.protocol.limits import Limits
from wire.both import Authority, made, url_of
from wire.scripted import COLOURS, COOKIE, frame, log
from wire.sockets import STREAM, Handler, Server, Stopwatch, read_request, resets, sends

in_every_colour = pytest.mark.parametrize("colour", COLOURS)

STARTED = frame("run.started", status="RUNNING")
DONE = frame("run.completed", status="SUCCESS")
CHUNKED = STREAM.replace(b"Connection: close", b"Transfer-Encoding: chunked")


def fault(row: str) -> pytest.MarkDecorator:
    return pytest.mark.fault(row)


def waited(colour: str, server: Server, timeout: float = 30.0, limits: Limits | None = None, **options: Any) -> Any:
    """The outcome of a wait, by a client of this colour."""
    given = {} if limits is None else {"limits": limits}
    client = made(colour, url_of(server), COOKIE, **given)
    if isinstance(client, CascadesClient):
        with client:
            return wait_for_completion(client, "r", timeout, **options)

    async def wait() -> Any:
        async with client:
            return await wait_for_completion_async(client, "r", timeout, **options)

    return anyio.run(wait, backend=colour)


def stays_open(*parts: bytes) -> Handler:
    """Reads a request, sends the parts, and then nothing until the client hangs up."""

    def handler(connection: socket.socket) -> None:
        read_request(connection)
        for part in parts:
            connection.sendall(part)
        connection.recv(1)

    return handler


def rows_of(told: list[Any]) -> list[str]:
    return [event.data["id"] for event in told if event.type == "log.entry"]


@in_every_colour
class TestDeadlines:
    @fault("S1")
    @pytest.mark.parametrize("sent", [(), (STREAM,), (STREAM, STARTED)], ids=["nothing", "a head", "an event"])
    def test_silence_ends_at_the_deadline_with_the_position(self, colour: str, sent: tuple[bytes, ...]) -> None:
        with Server(stays_open(*sent)) as server, Stopwatch(0.4):
            error = waited(colour, server, 0.4).failure()
        assert isinstance(error, DeadlineExceededError)
        assert error.position is not None
        assert error.position.status == ("RUNNING" if len(sent) == 2 else None)

    @fault("S1")
    @pytest.mark.parametrize(
        "drop", [b": heartbeat\n\n", b"x", log(1), b"data: {}\n\n"], ids=["beat", "byte", "row", "bad"]
    )
    def test_what_drips_without_a_verdict_ends_at_the_deadline(self, colour: str, drop: bytes) -> None:
        server = Server(lambda connection: server.drip(STREAM + STARTED, drop)(connection))
        with server, Stopwatch(0.5):
            error = waited(colour, server, 0.5).failure()
        assert isinstance(error, DeadlineExceededError)
        assert error.position is not None
        assert error.position.run_id == "r"

    @fault("S1")
    def test_logs_without_end_end_at_the_deadline(self, colour: str) -> None:
        def pours(connection: socket.socket) -> None:
            read_request(connection)
            connection.sendall(STREAM + STARTED)
            for number in range(10_000_000):
                connection.sendall(frame("log.entry", id=f"log-{number}", message="x" * 100))

        with Server(pours) as server, Stopwatch(0.5):
            assert isinstance(waited(colour, server, 0.5).failure(), DeadlineExceededError)

    @fault("S1")
    @pytest.mark.parametrize("silence", ["byte_silence", "event_silence"])
    def test_each_silence_ends_a_connection_and_not_the_wait(self, colour: str, silence: str) -> None:
        first = Server(
            lambda connection: first.drip(STREAM + STARTED, b": beat\n\n" if silence == "event_silence" else b"")(
                connection
            ),
            sends(STREAM, DONE),
        )
        with first, Stopwatch(2.0):
            outcome = waited(colour, first, 30.0, **{silence: 0.2})
        assert outcome.unwrap().status == "SUCCESS"


@in_every_colour
class TestResuming:
    @fault("S2")
    @pytest.mark.parametrize("end", [sends, resets], ids=["end", "reset"])
    def test_a_cut_before_the_verdict_is_resumed_and_each_row_is_told_once(
        self, colour: str, end: Callable[..., Handler]
    ) -> None:
        told: list[Any] = []
        first, again = (STREAM, STARTED, log(1), log(2)[:25]), (STREAM, STARTED, log(1), log(2), DONE)
        with Server(end(*first), sends(*again)) as server:
            outcome = waited(colour, server, on_event=told.append)
        assert outcome.unwrap().status == "SUCCESS"
        assert rows_of(told) == ["log-1", "log-2"]

    @fault("S2")
    def test_the_cursors_of_what_was_heard_are_sent(self, colour: str) -> None:
        requests: list[bytes] = []

        def second(connection: socket.socket) -> None:
            requests.append(read_request(connection))
            connection.sendall(STREAM + DONE)

        task = frame("task.update", id="t", updatedAt="2026-01-01T00:00:03Z", status="RUNNING")
        first = resets(STREAM, STARTED, b"id: 7\n" + log(1), task)
        with Server(first, second) as server:
            assert isinstance(waited(colour, server), Success)
        head = requests[0].lower()
        assert b"since=2026-01-01t00%3a00%3a01z" in head
        assert b"tasksince=2026-01-01t00%3a00%3a03z" in head
        assert b"last-event-id: 7" in head

    @fault("S2")
    def test_a_reported_error_is_resumed(self, colour: str) -> None:
        with Server(stays_open(STREAM, STARTED, frame("stream.error", message="x")), sends(STREAM, DONE)) as server:
            assert isinstance(waited(colour, server), Success)

    @fault("S2")
    def test_a_stream_cut_inside_its_chunks_is_resumed(self, colour: str) -> None:
        cut = CHUNKED + b"%x\r\n" % (len(STARTED) + 500) + STARTED
        with Server(sends(cut), sends(STREAM, DONE)) as server:
            assert isinstance(waited(colour, server), Success)

    @fault("S3")
    @pytest.mark.parametrize("status", [b"503 Later", b"429 Slow"])
    @pytest.mark.parametrize("header", [b"Retry-After: 1\r\n", b""])
    def test_a_server_that_asks_to_come_back_is_asked_again(self, colour: str, status: bytes, header: bytes) -> None:
        busy = b"HTTP/1.1 %s\r\n%sContent-Length: 0\r\n\r\n" % (status, header)
        with Server(sends(busy), sends(STREAM, DONE)) as server, Stopwatch(2.0):
            assert isinstance(waited(colour, server), Success)

    @fault("S3")
    def test_a_time_to_come_back_that_is_too_late_is_not_waited_for(self, colour: str) -> None:
        busy = b"HTTP/1.1 503 Later\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
        with Server(sends(busy)) as server, Stopwatch(0.0):
            assert isinstance(waited(colour, server, 5.0).failure(), StreamLostError)

    @fault("S3")
    def test_a_server_that_hangs_up_for_ever_ends_at_the_deadline(self, colour: str) -> None:
        with Server(sends(STREAM, STARTED)) as server, Stopwatch(1.2):
            error = waited(colour, server, 1.2).failure()
            assert isinstance(error, DeadlineExceededError | StreamLostError)
            assert error.position is not None
            # Pauses grow: it is not asked in a tight loop.
            assert server.count <= 4

    @fault("S4")
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (b"200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", UnexpectedResponseError),
            (b"200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", UnexpectedResponseError),
            (
                b"200 OK\r\nContent-Type: application/text/event-streamx\r\nContent-Length: 0\r\n\r\n",
                UnexpectedResponseError,
            ),
            (b"204 No Content\r\n\r\n", UnexpectedResponseError),
            (b"401 No\r\nContent-Length: 0\r\n\r\n", AuthenticationError),
            (b"404 No\r\nContent-Length: 0\r\n\r\n", NotFoundError),
        ],
        ids=["page", "JSON", "another type", "204", "401", "404"],
    )
    def test_what_is_no_stream_ends_the_wait_at_once(self, colour: str, answer: bytes, kind: type) -> None:
        with Server(sends(b"HTTP/1.1 " + answer)) as server, Stopwatch(0.0):
            assert isinstance(waited(colour, server).failure(), kind)
            assert server.count == 1


def by_the_byte(*parts: bytes) -> Handler:
    """Reads a request, and sends the parts so that each byte is a packet of its own."""

    def handler(connection: socket.socket) -> None:
        read_request(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(parts[0])
        for byte in b"".join(parts[1:]):
            connection.sendall(bytes([byte]))

    return handler


@in_every_colour
class TestReading:
    @fault("S5")
    @pytest.mark.parametrize("ends", [b"\r", b"\r\n", b"\n"], ids=["CR", "CRLF", "LF"])
    @pytest.mark.parametrize("send", [sends, by_the_byte])
    def test_marks_and_line_ends_and_characters_are_read_rightly(
        self, colour: str, ends: bytes, send: Callable[..., Handler]
    ) -> None:
        told: list[Any] = []
        row = frame("log.entry", id="log-1", message="é\u2028\U0001f600").replace(b"\\u2028", "\u2028".encode())
        sent = b"\xef\xbb\xbf" + STARTED + row + b'data: {"type":"log.entry",\ndata: "data":{"id":"log-2"}}\n\n' + DONE
        with Server(send(STREAM, sent.replace(b"\n", ends))) as server:
            outcome = waited(colour, server, on_event=told.append)
        assert outcome.unwrap().status == "SUCCESS"
        assert rows_of(told) == ["log-1", "log-2"]
        assert next(event.data["message"] for event in told if event.type == "log.entry") == "é\u2028\U0001f600"

    @fault("S5")
    def test_a_bare_carriage_return_ends_an_event_at_once(self, colour: str) -> None:
        with Server(stays_open(STREAM, DONE.replace(b"\n", b"\r"))) as server, Stopwatch(0.0):
            assert isinstance(waited(colour, server), Success)

    @fault("S6")
    def test_a_large_event_is_read(self, colour: str) -> None:
        big = frame("log.entry", id="log-1", message="x" * 2_000_000)
        told: list[Any] = []
        with Server(sends(STREAM, STARTED, big, DONE)) as server, Stopwatch(2.0):
            assert isinstance(waited(colour, server, on_event=told.append), Success)
        assert rows_of(told) == ["log-1"]

    @fault("S6")
    def test_a_line_without_end_is_not_taken(self, colour: str) -> None:
        def pours(connection: socket.socket) -> None:
            read_request(connection)
            connection.sendall(STREAM + STARTED + b"data: ")
            for _ in range(1000):
                connection.sendall(b"x" * 65536)

        with Server(pours) as server, Stopwatch(5.0):
            error = waited(colour, server, limits=Limits(stream_line=2**20)).failure()
        assert isinstance(error, LimitExceededError)
        assert error.limit == "stream_line"

    @fault("S7")
    def test_frames_that_cannot_be_read_are_told_and_the_wait_goes_on(self, colour: str) -> None:
        bad = (
            b"data: {\n\n",
            b"data: []\n\n",
            b'data: {"type":"x"}\n\n',
            b"event: done\ndata: {}\n\n",
            b"data: \xff\n\n",
        )
        told: list[Any] = []
        unknown = frame("run.new-type", a=1).replace(b"event: telemetry", b"event: other")
        with Server(sends(STREAM, STARTED, *bad, unknown, DONE)) as server:
            outcome = waited(colour, server, on_event=told.append).unwrap()
        assert len(outcome.progress.problems) == len(bad)
        assert [event.type for event in told] == ["run.started", "run.new-type", "run.completed"]

    @fault("S8")
    @pytest.mark.parametrize("status", ["SUCCESS", "FAILED", "CANCELLED"])
    def test_a_verdict_in_the_first_snapshot_is_told_at_once(self, colour: str, status: str) -> None:
        with Server(stays_open(STREAM, frame("run.started", status=status))) as server, Stopwatch(0.0):
            assert waited(colour, server).unwrap().status == status

    @fault("S8")
    def test_a_verdict_on_a_connection_that_stays_open_is_told_at_once(self, colour: str) -> None:
        with Server(stays_open(CHUNKED, b"%x\r\n%s\r\n" % (len(DONE), DONE))) as server, Stopwatch(0.0):
            assert isinstance(waited(colour, server), Success)

    @fault("S9")
    def test_rows_come_twice_and_out_of_order_and_each_is_told_once(self, colour: str) -> None:
        told: list[Any] = []
        task = [
            frame("task.update", id="t", updatedAt=f"20{year}-01-01T00:00:00Z", status=status)
            for year, status in ((26, "RUNNING"), (27, "SUCCESS"), (25, "PENDING"))
        ]
        first = (STREAM, STARTED, log(3), log(1), log(3), *task)
        with Server(sends(*first), sends(STREAM, STARTED, log(1), *task, log(2), log(3), DONE)) as server:
            outcome = waited(colour, server, on_event=told.append).unwrap()
        assert rows_of(told) == ["log-3", "log-1", "log-2"]
        assert [each.status for each in outcome.progress.tasks] == ["SUCCESS"]


@in_every_colour
def test_an_event_is_told_before_the_next_one_comes(colour: str) -> None:
    """Nothing is held back: what is sent is heard while the connection is still open."""
    heard: list[float] = []

    def slow(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(STREAM + STARTED)
        end = time.monotonic() + 20
        while not heard and time.monotonic() < end:
            time.sleep(0.001)
        connection.sendall(DONE if heard else frame("run.failed", status="FAILED"))

    with Server(slow) as server:
        outcome = waited(colour, server, on_event=lambda _: heard.append(time.monotonic()))
    assert outcome.unwrap().status == "SUCCESS"


class TestCancelling:
    @fault("P1")
    @pytest.mark.parametrize(
        "sent", [(), (STREAM,), (STREAM, STARTED)], ids=["before the head", "before an event", "after an event"]
    )
    def test_a_sync_wait_is_ended_from_another_thread_at_once_and_hangs_up(self, sent: tuple[bytes, ...]) -> None:
        token, hung_up = CancelToken(), threading.Event()

        def handler(connection: socket.socket) -> None:
            read_request(connection)
            for part in sent:
                connection.sendall(part)
            token.cancel()  # another thread than the one that waits
            with suppress(ConnectionError):
                connection.recv(1)
            hung_up.set()

        with Server(handler) as server, made("sync", url_of(server), COOKIE) as client, Stopwatch(0.0):  # type: ignore[union-attr]
            error = wait_for_completion(client, "r", 30.0, cancel_token=token).failure()
            assert hung_up.wait(5.0)
        assert isinstance(error, WaitCancelledError)
        assert error.position.run_id == "r"

    def test_one_that_waits_in_a_tls_connection_too(self, tmp_path: Path) -> None:
        token, authority = CancelToken(), Authority(tmp_path)

        def handler(connection: socket.socket) -> None:
            read_request(connection)
            connection.sendall(STREAM + STARTED)
            token.cancel()
            with suppress(OSError):
                connection.recv(1)

        with Server(handler, tls=authority.server()) as server, Stopwatch(0.0):
            with made("sync", url_of(server, "https"), verify=authority.trusted) as client:  # type: ignore[union-attr]
                error = wait_for_completion(client, "r", 30.0, cancel_token=token).failure()
        assert isinstance(error, WaitCancelledError)

    def test_one_that_pauses_too(self) -> None:
        token = CancelToken()

        def handler(connection: socket.socket) -> None:
            sends(b"HTTP/1.1 503 Later\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n")(connection)
            token.cancel()

        with Server(handler) as server, made("sync", url_of(server)) as client, Stopwatch(0.0):  # type: ignore[union-attr]
            error = wait_for_completion(client, "r", 30.0, cancel_token=token).failure()
        assert isinstance(error, WaitCancelledError)

    @pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that signals")
    def test_one_that_is_ended_by_a_signal_handler_of_its_own_thread_too(self) -> None:
        token = CancelToken()
        before = signal.signal(signal.SIGALRM, lambda *_: token.cancel())
        try:
            with Server(stays_open(STREAM, STARTED)) as server, made("sync", url_of(server)) as client, Stopwatch(0.2):  # type: ignore[union-attr]
                signal.setitimer(signal.ITIMER_REAL, 0.2)
                error = wait_for_completion(client, "r", 30.0, cancel_token=token).failure()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
        assert isinstance(error, WaitCancelledError)

    def test_a_token_that_is_never_used_changes_nothing(self) -> None:
        with Server(sends(STREAM, STARTED, DONE)) as server, made("sync", url_of(server)) as client:  # type: ignore[union-attr]
            assert isinstance(wait_for_completion(client, "r", 30.0, cancel_token=CancelToken()), Success)

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_sync_client_is_waited_with_natively_in_a_loop(self, backend: str) -> None:
        threads: list[int] = []
        with Server(sends(STREAM, STARTED, DONE)) as server, made("sync", url_of(server), COOKIE) as client:  # type: ignore[union-attr]

            async def main() -> Any:
                return await wait_for_completion_async(
                    client, "r", 30.0, on_event=lambda _: threads.append(threading.get_ident())
                )

            outcome = anyio.run(main, backend=backend)
            client.close()
            with pytest.raises(RuntimeError, match="closed"):
                anyio.run(lambda: wait_for_completion_async(client, "r", 30.0), backend=backend)
        assert isinstance(outcome, Success)
        assert set(threads) == {threading.get_ident()}

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_cancelling_the_wait_of_a_sync_client_over_httpxs_own_transport_hangs_up_at_once(
        self, backend: str
    ) -> None:
        begun, hung_up = threading.Event(), threading.Event()

        def handler(connection: socket.socket) -> None:
            read_request(connection)
            connection.sendall(STREAM + STARTED)
            with suppress(ConnectionError):
                connection.recv(1)
            hung_up.set()

        with Server(handler) as server, CascadesClient(url_of(server), transport=httpx.HTTPTransport()) as client:

            async def main() -> None:
                async with anyio.create_task_group() as group:
                    group.start_soon(
                        lambda: wait_for_completion_async(client, "r", 3600.0, on_event=lambda _: begun.set())
                    )
                    while not begun.is_set():
                        await anyio.sleep(0.001)
                    group.cancel_scope.cancel()

            with Stopwatch(0.0):
                anyio.run(main, backend=backend)
            assert hung_up.wait(10.0)
        assert not [thread for thread in threading.enumerate() if thread.name == "cascades-wait" and thread.is_alive()]


@in_every_colour
def test_the_id_of_an_event_is_sent_back_in_utf_8(colour: str) -> None:
    requests: list[bytes] = []

    def handler(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(STREAM + ("id: zürich-7\n".encode() + STARTED if len(requests) == 1 else DONE))

    with Server(handler) as server:
        assert isinstance(waited(colour, server), Success)
    assert "\r\nlast-event-id: zürich-7\r\n".encode() in requests[1].replace(b"Last-Event-ID", b"last-event-id")
