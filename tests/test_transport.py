"""The edge: deadlines as timeouts, addresses in turn, exceptions by name, a driver that leaves nothing open."""

import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import anyio
import httpcore
import httpx
import pytest

from cascades_sdk.contract import GET_PUBLIC_API_VERSION
from cascades_sdk.errors import DeadlineExceededError, NetworkError
from cascades_sdk.protocol.calls import Terms, call
from cascades_sdk.protocol.effects import Ended, Head, Look, Lost, Open, Read, Reading, Reply, Request, lost_of
from cascades_sdk.protocol.limits import LIMITS, RetryPolicy
from cascades_sdk.transport.clock import SYSTEM_CLOCK, Clock
from cascades_sdk.transport.driver import drive
from cascades_sdk.transport.exchange import Exchange
from cascades_sdk.transport.exchange_async import AsyncExchange
from cascades_sdk.transport.naming import ClosedError
from cascades_sdk.transport.network import DeadlineBackend
from cascades_sdk.transport.network_async import AsyncBackend
from cascades_sdk.transport.pooled import PooledTransport, _Body
from cascades_sdk.transport.pooled_async import _AsyncBody
from cascades_sdk.transport.until import Until, time_left
from wire.scripted import Body, VirtualTime

BASE = httpx.URL("http://127.0.0.1:9")
REQUEST = Request("getPublicApiVersion", "GET", "/x")


class TestUntil:
    def test_it_is_the_time_left_when_made_and_knows_the_time_left_now(self) -> None:
        time = VirtualTime()
        until = Until(time.now + 10.0, time.clock.monotonic)
        time.sleep(4.0)
        assert (float(until), time_left(until)) == (10.0, 6.0)
        time.sleep(7.0)
        assert time_left(until) == -1.0

    def test_its_moment_can_move_or_never_come(self) -> None:
        time = VirtualTime()
        until = Until(time.now + 10.0, time.clock.monotonic)
        until.moment = time.now + 50.0
        assert time_left(until) == 50.0
        until.moment = float("inf")
        assert time_left(until) is None

    def test_other_timeouts_are_what_they_are(self) -> None:
        assert time_left(3.0) == 3.0
        assert time_left(None) is None

    def test_it_is_never_too_short_or_too_long_for_a_socket(self) -> None:
        time = VirtualTime()
        assert 0.0 < float(Until(0.0, time.clock.monotonic)) < 0.001
        assert float(Until(float("inf"), time.clock.monotonic)) == 1_000_000.0


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        numeric = (host,) if host[0].isdigit() else addresses
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in numeric]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


class TestNetwork:
    def test_a_second_address_is_tried_when_the_first_refuses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            resolves_to(monkeypatch, "127.0.0.2", "127.0.0.1")
            stream = DeadlineBackend().connect_tcp("two.example", listener.getsockname()[1], timeout=10.0)
            assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
            stream.close()

    def test_a_name_without_an_address_is_no_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        resolves_to(monkeypatch)
        with pytest.raises(httpcore.ConnectError, match="no address"):
            DeadlineBackend().connect_tcp("none.example", 1)

    def test_what_is_sent_and_read_is_what_is_given(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            stream = DeadlineBackend().connect_tcp("127.0.0.1", listener.getsockname()[1], timeout=10.0)
            peer, _ = listener.accept()
            content = bytes(range(256)) * 600
            received = b""
            stream.write(content, timeout=10.0)
            while len(received) < len(content):
                received += peer.recv(65536)
            peer.sendall(b"back")
            assert received == content
            assert b"".join(stream.read(100, timeout=10.0) for _ in range(2)) == b"back"
            peer.close()
            stream.close()

    def test_no_operation_begins_after_the_deadline(self) -> None:
        passed = Until(-1.0, lambda: 0.0)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            backend, port = DeadlineBackend(), listener.getsockname()[1]
            with pytest.raises(httpcore.ConnectTimeout):
                backend.connect_tcp("127.0.0.1", port, timeout=passed)
            stream = backend.connect_tcp("127.0.0.1", port)
            for operation, expired in (
                (lambda: stream.read(1, passed), httpcore.ReadTimeout),
                (lambda: stream.write(b"x", passed), httpcore.WriteTimeout),
                (lambda: stream.start_tls(ssl.create_default_context(), None, passed), httpcore.ConnectTimeout),
            ):
                with pytest.raises(expired):
                    operation()
            stream.close()


class TestAsyncNetwork:
    def test_what_openssl_raises_after_the_handshake_has_httpcores_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Alerted(httpcore.AsyncNetworkStream):
            async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
                raise ssl.SSLError("alert: certificate required")

            async def write(self, buffer: bytes, timeout: float | None = None) -> None:
                raise OSError("no route")

        async def connected(*_: object, **__: object) -> httpcore.AsyncNetworkStream:
            return Alerted()

        monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connected)

        async def main() -> None:
            stream = await AsyncBackend().connect_tcp("x", 1)
            with pytest.raises(httpcore.ReadError, match="certificate required"):
                await stream.read(1)
            with pytest.raises(httpcore.WriteError, match="no route"):
                await stream.write(b"x")

        anyio.run(main)

    def test_what_the_system_says_is_told_and_what_it_does_not_say_is_not_made_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(problem: BaseException, cause: BaseException | None) -> str:
            async def fails(*_: object, **__: object) -> httpcore.AsyncNetworkStream:
                raise problem from cause

            monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", fails)

            async def main() -> str:
                with pytest.raises(httpcore.ConnectError) as caught:
                    await AsyncBackend().connect_tcp("x", 1)
                return str(caught.value)

            return anyio.run(main)

        refused = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed")
        text = f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"
        assert failing(httpcore.ConnectError("all failed"), ExceptionGroup("all", [refused])) == text
        assert failing(httpcore.ConnectError("all failed"), OSError("all failed")) == "all failed"
        assert failing(httpcore.ConnectError("x"), socket.gaierror(-2, "not known")) == "[Errno -2] not known"
        assert failing(httpcore.ConnectError("alone"), None) == "alone"


class TestExchange:
    @staticmethod
    def opened(handler: Callable[[httpx.Request], httpx.Response]) -> tuple[Exchange, Head | Lost]:
        exchange = Exchange(httpx.MockTransport(handler), BASE, SYSTEM_CLOCK.monotonic)
        return exchange, exchange.open(Open(REQUEST, float("inf")))

    @pytest.mark.parametrize(
        ("problem", "cause", "lost"),
        [
            (httpx.PoolTimeout("x"), None, ("time", False)),
            (httpx.ConnectTimeout("x"), None, ("time", False)),
            (httpx.WriteTimeout("x"), None, ("time", True)),
            (httpx.ConnectError("x"), None, ("connect", False)),
            (httpx.ConnectError("x"), socket.gaierror("x"), ("name", False)),
            (httpx.ConnectError("x"), UnicodeError("x"), ("name", False)),
            (httpx.ConnectError("x"), ssl.SSLError("x"), ("tls", False)),
            (httpx.UnsupportedProtocol("x"), None, ("connect", False)),
            (httpx.LocalProtocolError("x"), None, ("broken", True)),
            (httpx.RemoteProtocolError(""), None, ("broken", True)),
            (httpx.StreamClosed(), None, ("broken", True)),
        ],
    )
    def test_each_exception_has_its_name(self, problem: Exception, cause: Exception | None, lost: Any) -> None:
        def fails(_: httpx.Request) -> httpx.Response:
            raise problem from cause

        _, answer = self.opened(fails)
        assert isinstance(answer, Lost)
        assert (answer.kind, answer.sent) == lost
        assert answer.detail or answer.kind == "time"

    def test_what_is_open_is_closed_before_the_next(self) -> None:
        bodies = [Body(b"one"), Body(b"two")]
        answers = iter(bodies)
        exchange, _ = self.opened(lambda _: httpx.Response(200, stream=next(answers)))
        exchange.open(Open(REQUEST, float("inf")))
        assert bodies[0].closed
        exchange.close()
        exchange.close()
        assert bodies[1].closed

    def test_after_its_end_a_body_has_ended_for_good(self) -> None:
        exchange, head = self.opened(lambda _: httpx.Response(200, headers={"X-A": "b"}, stream=Body(b"one")))
        assert isinstance(head, Head)
        assert head.header("x-a") == "b"
        exchange.read(1.0)
        assert [exchange.read(1.0) for _ in range(2)] == [Ended(), Ended()]


class TestPool:
    def test_an_unknown_exception_passes_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def breaks(*_: object, **__: object) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr(httpcore.ConnectionPool, "handle_request", breaks)
        with pytest.raises(ZeroDivisionError):
            PooledTransport().handle_request(httpx.Request("GET", BASE))

    @pytest.mark.parametrize("used", [True, False])
    def test_a_closed_one_opens_nothing_more(self, monkeypatch: pytest.MonkeyPatch, used: bool) -> None:
        asked: list[object] = []

        def fails(_: object, request: object) -> Any:
            asked.append(request)
            raise httpcore.ConnectError("refused")

        monkeypatch.setattr(httpcore.ConnectionPool, "handle_request", fails)
        transport = PooledTransport()
        exchange = Exchange(transport, BASE, SYSTEM_CLOCK.monotonic)
        if used:
            exchange.open(Open(REQUEST, float("inf")))
        asked.clear()
        transport.close()
        transport.close()
        for stream in (True, False):
            lost = exchange.open(Open(REQUEST, float("inf"), stream))
            assert lost == Lost("closed", sent=False, detail=f"{BASE}: the client is closed")
        assert asked == []

    def test_a_name_that_is_not_resolved_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(*_: object, **__: object) -> Any:
            raise socket.gaierror("not known")

        monkeypatch.setattr(socket, "getaddrinfo", fails)
        exchange = Exchange(PooledTransport(), httpx.URL("http://none.example"), SYSTEM_CLOCK.monotonic)
        lost = exchange.open(Open(REQUEST, float("inf")))
        assert isinstance(lost, Lost)
        assert (lost.kind, lost.detail) == ("name", "http://none.example: no address is known")


class TestDriver:
    def test_the_clock_is_read_with_every_reply(self) -> None:
        reading = Clock(monotonic=lambda: 1.0, wall=lambda: 2.0, jitter=lambda: 0.5).read()
        assert reading == Reading(1.0, 2.0, 0.5)

    def test_a_program_that_is_stopped_early_leaves_nothing_open(self) -> None:
        body = Body(b"x")
        exchange = Exchange(httpx.MockTransport(lambda _: httpx.Response(200, stream=body)), BASE, lambda: 0.0)
        ended: list[bool] = []

        def program() -> Any:
            from cascades_sdk.protocol.effects import Tell

            try:
                yield Open(REQUEST, 1.0)
                while True:
                    yield Tell("on")
            finally:
                ended.append(True)

        told = drive(program(), exchange, SYSTEM_CLOCK, lambda _: None)
        assert next(told) == "on"
        told.close()
        assert body.closed
        assert ended == [True]


class TestFaultyDrivers:
    """A program is total over what it is sent, too."""

    def test_an_answer_of_the_wrong_kind_is_a_lost_exchange(self) -> None:
        terms = Terms(10.0, LIMITS, RetryPolicy(retries=0))
        now = Reading(0.0, 0.0, 0.0)
        for answers, status in (([Ended()], None), ([Head(200), None], 200)):
            program = call(GET_PUBLIC_API_VERSION, REQUEST, terms)
            assert isinstance(next(program), Look)
            effect: Any = program.send(Reply(None, now))
            left = list(answers)
            try:
                while True:
                    answer = left.pop(0) if isinstance(effect, Open | Read) else None
                    effect = program.send(Reply(answer, now))
            except StopIteration as end:
                outcome = end.value
            assert outcome.failure() == NetworkError("getPublicApiVersion", "broken", "no answer", status)
            assert left == []

    def test_a_failure_stays_what_it_is(self) -> None:
        assert lost_of(Lost("time", sent=False)) == Lost("time", sent=False)
        assert issubclass(DeadlineExceededError, TimeoutError)


class Whole:
    """An answer whose body ends where its connection does."""

    extensions: Mapping[str, Any] = {}

    def iter_stream(self) -> Iterator[bytes]:
        yield b"some"

    async def aiter_stream(self) -> AsyncIterator[bytes]:
        yield b"some"

    async def aclose(self) -> None:
        pass


class AllOfIt:
    """A loan of it."""

    def __init__(self, response: Any) -> None:
        self.response = response

    async def end(self) -> None:
        pass


@pytest.mark.parametrize("closed", [True, False])
def test_the_end_that_this_side_made_by_closing_is_no_end_of_a_body(closed: bool) -> None:
    answer: Any = Whole()
    lent: Any = AllOfIt(answer)
    heard: list[bytes] = []

    async def main() -> None:
        async for chunk in _AsyncBody(lent, lambda: closed):
            heard.append(chunk)

    def hear() -> None:
        heard.extend(_Body(answer, lambda: closed))

    for read in (hear, lambda: anyio.run(main)):
        if closed:
            with pytest.raises(ClosedError, match="the client was closed"):
                read()
        else:
            read()
    assert b"".join(heard).startswith(b"some")


def test_over_a_foreign_transport_the_systems_clock_lets_time_pass() -> None:
    foreign, base = httpx.MockTransport(lambda _: httpx.Response(200)), httpx.URL("http://127.0.0.1:9")
    Exchange(foreign, base, SYSTEM_CLOCK.monotonic).pause(0.0, SYSTEM_CLOCK)
    anyio.run(AsyncExchange(foreign, base, SYSTEM_CLOCK.monotonic).pause, 0.0, SYSTEM_CLOCK)
