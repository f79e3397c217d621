"""A client that is closed while calls are under way: they end at once, and say why."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from cascades_sdk.client import AsyncCascadesClient, CancelToken, CascadesClient
from cascades_sdk.errors import AmbiguousSubmitError, NetworkError
from cascades_sdk.pipelines import wait_for_completion, wait_for_completion_async
from cascades_sdk.protocol.limits import RETRY
from cascades_sdk.transport.pooled_async import AsyncPooledTransport
from wire.both import Authority, made, url_of
from wire.scripted import frame
from wire.sockets import HEAD, STREAM, Server, Stopwatch, read_request, sends

#: Answers, each after which the server says no more.
SILENCES = {"before the head": b"", "in the body": HEAD + b"Content-Length: 99\r\n\r\n{"}


class Silent:
    """Reads a request, sends what it has, and says no more; others may wait until it is there."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.reached = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        for part in self.parts:
            connection.sendall(part)
        self.reached.set()
        connection.recv(1)


def ended_by_closing(handler: Silent, client: CascadesClient, use: Callable[[], Any]) -> Any:
    """What a use in another thread comes to when the client is closed under it."""
    told: list[Any] = []
    thread = threading.Thread(target=lambda: told.append(use()))
    thread.start()
    assert handler.reached.wait(10.0)
    client.close()
    thread.join(10.0)
    assert not thread.is_alive()
    return told[0]


def sync_client(url: str, **options: Any) -> CascadesClient:
    client = made("sync", url, timeout=60.0, **options)
    assert isinstance(client, CascadesClient)
    return client


class TestOtherThreads:
    @pytest.mark.parametrize("sent", SILENCES.values(), ids=SILENCES)
    @pytest.mark.parametrize("tls", [False, True])
    def test_a_call_ends_and_says_why(self, sent: bytes, tls: bool, tmp_path: Path) -> None:
        authority, handler = Authority(tmp_path), Silent(sent)
        with Server(handler, tls=authority.server() if tls else None) as server, Stopwatch(0.0, 10.0):
            client = sync_client(url_of(server, "https" if tls else "http"), verify=authority.trusted)
            error = ended_by_closing(handler, client, client.get_public_api_version).failure()
        assert isinstance(error, NetworkError)
        assert "the client was closed" in str(error)
        assert server.count == 1

    def test_a_submit_is_ambiguous(self) -> None:
        handler = Silent()
        with Server(handler) as server, Stopwatch(0.0, 10.0):
            client = sync_client(url_of(server))
            error = ended_by_closing(handler, client, client.submit_workflow_run).failure()
        assert isinstance(error, AmbiguousSubmitError)
        assert "the client was closed" in str(error)

    def test_a_stream_and_a_wait_end(self) -> None:
        uses: list[Callable[[CascadesClient], Any]] = [
            lambda client: list(client.iter_run_stream_events("r"))[-1],
            lambda client: wait_for_completion(client, "r", 600.0),
        ]
        for use in uses:
            handler = Silent(STREAM, frame("run.started", status="RUNNING"))
            with Server(handler) as server, Stopwatch(0.0, 10.0):
                client = sync_client(url_of(server))
                error = ended_by_closing(handler, client, lambda use=use, client=client: use(client)).failure()
            assert isinstance(error, NetworkError)
            assert "the client was closed" in str(error)

    def test_what_connects_afterwards_is_hung_up_on(self) -> None:
        from cascades_sdk.transport.network import DeadlineBackend

        with socket.create_server(("127.0.0.1", 0)) as listener:
            backend = DeadlineBackend()
            backend.hang_up()
            stream = backend.connect_tcp("127.0.0.1", listener.getsockname()[1], timeout=10.0)
            assert stream.read(1, timeout=10.0) == b""
            stream.close()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_tasks_of_an_async_client_end_alike(backend: str) -> None:
    handlers = Silent(), Silent(STREAM, frame("run.started", status="RUNNING"))
    told: dict[str, Any] = {}

    async def main() -> None:
        client = made("asyncio", url_of(server), timeout=60.0)
        assert isinstance(client, AsyncCascadesClient)

        async def submits() -> None:
            told["submit"] = await client.submit_workflow_run()

        async def waits() -> None:
            told["wait"] = await wait_for_completion_async(client, "r", 600.0)

        with anyio.fail_after(20.0):
            async with anyio.create_task_group() as group:
                for use, handler in zip((submits, waits), handlers, strict=True):
                    group.start_soon(use)
                    await anyio.to_thread.run_sync(handler.reached.wait, 10.0)
                await client.aclose()

    with Server(*handlers) as server:
        anyio.run(main, backend=backend)
    assert isinstance(told["submit"].failure(), AmbiguousSubmitError)
    assert isinstance(told["wait"].failure(), NetworkError)
    assert all("the client was closed" in str(outcome.failure()) for outcome in told.values())


LATER = b"HTTP/1.1 503 Later\r\nRetry-After: 500\r\nContent-Length: 0\r\n\r\n"


class TestPauses:
    """What waits to try again is ended, too, and sends nothing more."""

    @pytest.mark.parametrize("use", ["call", "wait"])
    @pytest.mark.parametrize("token", [None, CancelToken()])
    def test_of_other_threads(self, use: str, token: CancelToken | None) -> None:
        pausing = threading.Event()
        with Server(sends(LATER)) as server, Stopwatch(0.0, 10.0):
            owner = sync_client(url_of(server), retry=RETRY)
            client = owner.with_options(timeout=600.0, on_response=lambda _: pausing.set())
            told: list[Any] = []
            uses: dict[str, Callable[[], Any]] = {
                "call": client.submit_workflow_run,
                "wait": lambda: wait_for_completion(client, "r", 600.0, cancel_token=token),
            }
            thread = threading.Thread(target=lambda: told.append(uses[use]()))
            thread.start()
            assert pausing.wait(10.0)
            owner.close()
            thread.join(10.0)
            assert not thread.is_alive()
        (error,) = (outcome.failure() for outcome in told)
        assert isinstance(error, NetworkError)
        assert "the client is closed" in str(error)
        assert server.count == 1

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    @pytest.mark.parametrize("use", ["call", "wait"])
    def test_of_other_tasks(self, backend: str, use: str) -> None:
        told: list[Any] = []

        async def main() -> None:
            pausing = anyio.Event()
            client = made("asyncio", url_of(server), timeout=600.0, retry=RETRY, on_response=lambda _: pausing.set())
            assert isinstance(client, AsyncCascadesClient)

            async def uses() -> None:
                waits = use == "wait"
                told.append(
                    await (wait_for_completion_async(client, "r", 600.0) if waits else client.submit_workflow_run())
                )

            with anyio.fail_after(10.0):
                async with anyio.create_task_group() as group:
                    group.start_soon(uses)
                    await pausing.wait()
                    await anyio.wait_all_tasks_blocked()
                    await client.aclose()

        with Server(sends(LATER)) as server:
            anyio.run(main, backend=backend)
        (error,) = (outcome.failure() for outcome in told)
        assert isinstance(error, NetworkError)
        assert "the client is closed" in str(error)
        assert server.count == 1

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_of_a_client_that_is_closed_already_there_are_none(self, backend: str) -> None:
        async def main() -> None:
            transport = AsyncPooledTransport()
            with anyio.fail_after(10.0):
                await transport.pause(600.0)

        anyio.run(main, backend=backend)
