"""One async client in several runs of event loops: each has connections of its own, and takes them along at its end."""

import asyncio
import gc
import socket
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from returns.result import Success

from cascades_sdk.client import AsyncCascadesClient
from cascades_sdk.protocol.effects import Chunk, Head, Lost, Open, Request
from cascades_sdk.transport.clock import SYSTEM_CLOCK
from cascades_sdk.transport.exchange_async import AsyncExchange
from cascades_sdk.transport.pooled_async import AsyncPooledTransport
from wire.both import made, url_of
from wire.sockets import VERSION, Server, read_request

#: How a coroutine function is run: by either library, and by asyncio alone.
RUNS: dict[str, Callable[[Callable[[], Awaitable[Any]]], Any]] = {
    "anyio": anyio.run,
    "trio": partial(anyio.run, backend="trio"),
    "asyncio": lambda main: asyncio.run(main()),
}


class Ends:
    """Answers every request of a connection, and says when the client has hung up."""

    def __init__(self) -> None:
        self.ended = threading.Semaphore(0)

    def __call__(self, connection: socket.socket) -> None:
        try:
            while True:
                read_request(connection)
                connection.sendall(VERSION)
        except OSError:
            self.ended.release()

    def seen(self) -> bool:
        return self.ended.acquire(timeout=10.0)


def async_client(server: Server) -> AsyncCascadesClient:
    client = made("asyncio", url_of(server))
    assert isinstance(client, AsyncCascadesClient)
    return client


@pytest.mark.parametrize(
    "order", [["asyncio", "asyncio", "anyio"], ["trio", "trio", "asyncio"], ["anyio", "trio", "anyio"]], ids="-".join
)
def test_one_client_in_three_runs_keeps_connections_within_each_and_none_beyond(order: list[str]) -> None:
    ends = Ends()
    with Server(ends) as server:
        client = async_client(server)

        async def twice() -> list[bool]:
            return [isinstance(await client.get_public_api_version(), Success) for _ in range(2)]

        for number, run in enumerate(order, 1):
            assert RUNS[run](twice) == [True, True]
            assert ends.seen(), "the run is over, and its connection is still there"
            assert server.count == number
        RUNS[order[0]](client.aclose)
        gc.collect()  # what was left open would warn here


def test_a_loop_that_is_closed_by_hand_is_not_used_again() -> None:
    with Server(Ends()) as server:
        client = async_client(server)
        for _ in range(3):
            loop = asyncio.new_event_loop()
            assert isinstance(loop.run_until_complete(client.get_public_api_version()), Success)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
        assert server.count == 3


def exchange(transport: AsyncPooledTransport, server: Server) -> AsyncExchange:
    return AsyncExchange(transport, httpx.URL(url_of(server)), SYSTEM_CLOCK.monotonic)


async def asked(transport: AsyncPooledTransport, server: Server) -> Head | Lost:
    one = exchange(transport, server)
    head = await one.open(Open(Request("getPublicApiVersion", "GET", "/x"), float("inf")))
    while isinstance(await one.read(float("inf")), Chunk):
        pass
    return head


def test_closed_in_one_loop_a_transport_takes_no_more_requests_in_another_and_ends_with_it() -> None:
    ends, warm, closed = Ends(), threading.Event(), threading.Event()
    told: list[Head | Lost] = []
    with Server(ends) as server:
        transport = AsyncPooledTransport()

        async def elsewhere() -> None:
            told.append(await asked(transport, server))
            warm.set()
            closed.wait(10.0)
            told.append(await asked(transport, server))

        thread = threading.Thread(target=anyio.run, args=(elsewhere,))
        thread.start()
        assert warm.wait(10.0)

        async def here() -> None:
            assert isinstance(await asked(transport, server), Head)
            await transport.aclose()
            # Closed again, and asked again, also where nothing was asked before.
            await transport.aclose()
            told.append(await asked(transport, server))

        anyio.run(here)
        assert ends.seen()
        closed.set()
        thread.join(10.0)
        assert ends.seen()
        lost = Lost("closed", sent=False, detail=f"{url_of(server)}: the client is closed")
        assert isinstance(told[0], Head)
        assert told[1:] == [lost, lost]
        assert server.count == 2
