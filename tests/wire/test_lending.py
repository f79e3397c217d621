"""The connections of an async client: what is closed meanwhile is not used; closing reaches whoever has none yet."""

import socket
import threading
from typing import Any

import anyio
import httpcore
import pytest
from returns.result import Success

from cascades_sdk.client import AsyncCascadesClient
from cascades_sdk.errors import AmbiguousSubmitError, NetworkError
from cascades_sdk.transport import route
from wire.both import made, url_of
from wire.sockets import VERSION, Server, keeps_alive, read_request

pytestmark = pytest.mark.parametrize("backend", ["asyncio", "trio"])


def async_client(url: str) -> AsyncCascadesClient:
    client = made("asyncio", url, timeout=60.0)
    assert isinstance(client, AsyncCascadesClient)
    return client


class Answers:
    """Answers when it is told to; hangs up when it is told to; answers what comes instead."""

    def __init__(self) -> None:
        self.asked, self.answers, self.closes, self.closed, self.ended = (threading.Event() for _ in range(5))

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        self.asked.set()
        self.answers.wait(10.0)
        connection.sendall(VERSION)
        self.closes.wait(10.0)
        if not self.ended.is_set():
            connection.shutdown(socket.SHUT_WR)
        self.closed.set()
        while connection.recv(65536):
            connection.sendall(VERSION)
        self.ended.set()


@pytest.mark.parametrize("gone", [{0}, {1}, {0, 1}], ids=["the older", "the newer", "both"])
def test_what_the_server_closed_meanwhile_is_closed_and_not_used(backend: str, gone: set[int]) -> None:
    handlers = Answers(), Answers()

    async def main() -> None:
        async with async_client(url_of(server)) as client:
            answered = anyio.Event(), anyio.Event()

            async def calls(number: int) -> None:
                assert isinstance(await client.get_public_api_version(), Success)
                answered[number].set()

            async with anyio.create_task_group() as group:
                for number, handler in enumerate(handlers):  # at work at the same time, and done one after the other
                    group.start_soon(calls, number)
                    await anyio.to_thread.run_sync(handler.asked.wait, 10.0)
                for number, handler in enumerate(handlers):
                    handler.answers.set()
                    await answered[number].wait()
            for handler in handlers:
                if handlers.index(handler) not in gone:
                    handler.ended.set()
                handler.closes.set()
                assert handler.closed.wait(10.0)
            assert isinstance(await client.get_public_api_version(), Success)
            for each in gone:
                assert handlers[each].ended.wait(10.0)

    with Server(*handlers, keeps_alive(VERSION)) as server:
        anyio.run(main, backend=backend)
        assert server.count == 2 + (len(gone) == 2)


def test_closing_ends_whoever_waits_for_a_connection(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "_MAX_CONNECTIONS", 1)
    reached = threading.Event()
    told: list[Any] = []

    def silent(connection: socket.socket) -> None:
        read_request(connection)
        reached.set()
        connection.recv(1)

    async def main() -> None:
        client = async_client(url_of(server))

        async def submits() -> None:
            told.append((await client.submit_workflow_run()).failure())

        with anyio.fail_after(20.0):
            async with anyio.create_task_group() as group:
                group.start_soon(submits)
                await anyio.to_thread.run_sync(reached.wait, 10.0)
                group.start_soon(submits)
                await anyio.wait_all_tasks_blocked()
                await client.aclose()

    with Server(silent) as server:
        anyio.run(main, backend=backend)
    assert {type(error) for error in told} == {AmbiguousSubmitError, NetworkError}
    assert all("the client was closed" in str(error) for error in told)
    assert server.count == 1


def test_closing_while_a_connection_is_made_sends_nothing(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # pyright sees the stand-in that httpcore has for installations without anyio.
    connect = httpcore.AnyIOBackend.connect_tcp  # pyright: ignore[reportAttributeAccessIssue]

    async def main() -> None:
        begun, goes_on = anyio.Event(), anyio.Event()

        async def late(*arguments: Any, **named: Any) -> Any:
            begun.set()
            await goes_on.wait()
            return await connect(*arguments, **named)

        monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", late)
        client = async_client(url_of(server))

        async def submits() -> None:
            error = (await client.submit_workflow_run()).failure()
            assert isinstance(error, NetworkError)
            assert "the client was closed" in str(error)

        async with anyio.create_task_group() as group:
            group.start_soon(submits)
            await begun.wait()
            await client.aclose()
            goes_on.set()

    heard: list[bytes] = []
    ended = threading.Event()

    def hears(connection: socket.socket) -> None:
        heard.append(connection.recv(1))
        ended.set()

    with Server(hears) as server:
        anyio.run(main, backend=backend)
        assert ended.wait(10.0)
    assert heard == [b""]
