"""After a thousand calls and two hundred that are cancelled, nothing is left: no socket, thread, task or memory."""

import asyncio
import gc
import os
import socket
import threading
import tracemalloc
from pathlib import Path

import anyio
import pytest
from returns.result import Success

from cascades_sdk.client import AsyncCascadesClient, CascadesClient
from cascades_sdk.protocol.limits import RetryPolicy
from wire.both import url_of
from wire.sockets import VERSION, Server, read_request

CALLS, CANCELLED = 1000, 200
KIB = 1024


def answers_for_ever(connection: socket.socket) -> None:
    """Every request on the connection is answered."""
    while True:
        read_request(connection)
        connection.sendall(VERSION)


def open_sockets() -> int:
    gc.collect()
    return sum(os.readlink(link).startswith("socket:") for link in Path("/proc/self/fd").iterdir() if link.is_symlink())


pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to count sockets")


def test_a_thousand_sync_calls_leave_nothing() -> None:
    threads, sockets = threading.active_count(), open_sockets()
    with Server(answers_for_ever) as server:
        with CascadesClient(url_of(server), timeout=10.0) as client:
            tracemalloc.start()
            held = []
            for _ in range(5):
                for _ in range(CALLS // 5):
                    assert isinstance(client.get_public_api_version(), Success)
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
            tracemalloc.stop()
        assert server.count == 1
    # The first calls fill what is kept; the last four hundred add nothing that a call would keep.
    assert held[-1] - held[-3] < 16 * KIB
    # What tests before this one left to the collector may have gone meanwhile: nothing more is left than there was.
    assert threading.active_count() <= threads
    assert open_sockets() <= sockets


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_thousand_async_calls_and_two_hundred_that_are_cancelled_leave_nothing(backend: str) -> None:
    threads, sockets = threading.active_count(), open_sockets()
    with Server(answers_for_ever) as server, Server(lambda connection: silent.silence(connection)) as silent:

        async def main() -> None:
            async with AsyncCascadesClient(url_of(server), timeout=10.0) as client:
                for _ in range(CALLS // 50):
                    async with anyio.create_task_group() as group:
                        for _ in range(50):
                            group.start_soon(client.get_public_api_version)
            mute = AsyncCascadesClient(url_of(silent), timeout=30.0, retry=RetryPolicy(retries=0))
            async with mute:
                for _ in range(CANCELLED // 20):
                    before = silent.count
                    with anyio.CancelScope() as scope:
                        async with anyio.create_task_group() as group:
                            for _ in range(20):
                                group.start_soon(mute.submit_workflow_run)
                            while silent.count < before + 20:
                                await anyio.sleep(0.001)
                            scope.cancel()
                if backend == "asyncio":
                    assert len(asyncio.all_tasks()) == 1

        anyio.run(main, backend=backend)
        assert silent.count == CANCELLED
    # What tests before this one left to the collector may have gone meanwhile: nothing more is left than there was.
    assert threading.active_count() <= threads
    assert open_sockets() <= sockets


def test_a_cancelled_call_closes_its_socket_at_once() -> None:
    ends: list[bytes] = []
    heard = threading.Event()

    def listens(connection: socket.socket) -> None:
        read_request(connection)
        ends.append(connection.recv(1))  # an end of the stream, when the client hangs up
        heard.set()

    with Server(listens) as server:

        async def main() -> None:
            async with AsyncCascadesClient(url_of(server), timeout=30.0) as client:
                with anyio.move_on_after(0.2):
                    await client.submit_workflow_run()
                assert await anyio.to_thread.run_sync(heard.wait, 5.0)

        anyio.run(main)
    assert ends == [b""]
