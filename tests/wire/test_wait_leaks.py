"""After a thousand waits and two hundred that are ended early, nothing is left: no socket, thread, task or memory."""

import asyncio
import gc
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio
import pytest
from returns.result import Success

from cascades_sdk.client import AsyncCascadesClient, CancelToken, CascadesClient
from cascades_sdk.errors import WaitCancelledError
from cascades_sdk.pipelines import wait_for_completion, wait_for_completion_async
from wire.both import url_of
from wire.scripted import frame, log
from wire.sockets import STREAM, Server, read_request, sends
from wire.test_leaks import open_sockets

WAITS, CANCELLED, AT_ONCE = 1000, 200, 20
KIB = 1024
OURS = {"cascades_sdk", "httpx", "httpcore", "h11", "anyio", "returns"}

STARTED = frame("run.started", status="RUNNING")
RUN = (STREAM, STARTED, log(1), log(2), frame("run.completed", status="SUCCESS"))

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to count sockets")


class Unfinished:
    """Streams that say nothing more after their first event, and how many of them there are and were hung up on."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.hung_up = threading.Semaphore(0)

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(STREAM + STARTED)
        self.begun.release()
        with suppress(ConnectionError):
            connection.recv(1)
        self.hung_up.release()

    def all_begun(self, number: int) -> bool:
        return all(self.begun.acquire(timeout=10.0) for _ in range(number))

    def all_hung_up(self, number: int) -> bool:
        return all(self.hung_up.acquire(timeout=10.0) for _ in range(number))


async def told(times: int, signal: threading.Semaphore) -> None:
    """Until the other side has said so; asked again and again, as a thread that waits would stay for a while."""
    with anyio.fail_after(10.0):
        for _ in range(times):
            while not signal.acquire(blocking=False):
                await anyio.sleep(0.001)


@contextmanager
def nothing_is_left() -> Iterator[None]:
    """What tests before left to the collector may have gone meanwhile: nothing more is left than there was."""
    threads, sockets = threading.active_count(), open_sockets()
    yield
    assert threading.active_count() <= threads
    assert open_sockets() <= sockets


#: trio forgets the deadlines of scopes that have ended when a thousand of them have come together.
STALE = {"sync": 0, "asyncio": 0, "trio": 240 * KIB}


def held() -> tuple[int, int]:
    """The bytes that are held, and how many objects of this package and of what it stands on.

    Coverage keeps something for each thread that there ever was, and the server has one for each connection.
    """
    gc.collect()
    ours = sum(str(type(each).__module__).partition(".")[0] in OURS for each in gc.get_objects())
    snapshot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, "*coverage*")])
    return sum(trace.size for trace in snapshot.traces), ours


def nothing_grew(after: list[tuple[int, int]], backend: str) -> None:
    """The first waits fill what is kept; the last four hundred add nothing that a wait would keep."""
    assert after[-1][0] - after[-3][0] < 16 * KIB + STALE[backend]
    assert after[-1][1] <= after[-3][1] + AT_ONCE  # those who finished last may still be on the stack


def test_a_thousand_sync_waits_leave_nothing() -> None:
    with nothing_is_left(), Server(sends(*RUN)) as server, CascadesClient(url_of(server), timeout=10.0) as client:
        tracemalloc.start()
        after = []
        for _ in range(5):
            for _ in range(WAITS // 5):
                assert isinstance(wait_for_completion(client, "r", 60.0), Success)
            after.append(held())
        tracemalloc.stop()
        assert server.count == WAITS
    nothing_grew(after, "sync")


def test_two_hundred_sync_waits_that_are_ended_from_another_thread_leave_nothing() -> None:
    unfinished = Unfinished()
    with nothing_is_left(), Server(unfinished) as server, CascadesClient(url_of(server), timeout=10.0) as client:
        for _ in range(CANCELLED // AT_ONCE):
            token = CancelToken()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                waits = [
                    pool.submit(wait_for_completion, client, "r", 60.0, cancel_token=token) for _ in range(AT_ONCE)
                ]
                assert unfinished.all_begun(AT_ONCE)
                token.cancel()
            assert all(isinstance(each.result().failure(), WaitCancelledError) for each in waits)
            assert unfinished.all_hung_up(AT_ONCE)
        assert server.count == CANCELLED


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_thousand_async_waits_and_two_hundred_that_are_cancelled_leave_nothing(backend: str) -> None:
    unfinished = Unfinished()

    async def waits_well(client: AsyncCascadesClient) -> None:
        assert isinstance(await wait_for_completion_async(client, "r", 60.0), Success)

    async def a_thousand(url: str) -> None:
        after = []
        async with AsyncCascadesClient(url, timeout=10.0) as client:
            for _ in range(5):
                for _ in range(WAITS // 5 // AT_ONCE):
                    async with anyio.create_task_group() as group:
                        for _ in range(AT_ONCE):
                            group.start_soon(waits_well, client)
                after.append(held())
        nothing_grew(after, backend)

    async def two_hundred(url: str) -> None:
        async with AsyncCascadesClient(url, timeout=10.0) as client:
            for _ in range(CANCELLED // AT_ONCE):
                async with anyio.create_task_group() as group:
                    for _ in range(AT_ONCE):
                        group.start_soon(wait_for_completion_async, client, "r", 60.0)
                    await told(AT_ONCE, unfinished.begun)
                    group.cancel_scope.cancel()
                await told(AT_ONCE, unfinished.hung_up)
        if backend == "asyncio":
            assert len(asyncio.all_tasks()) == 1

    with nothing_is_left(), Server(sends(*RUN)) as server, Server(unfinished) as silent:
        tracemalloc.start()
        anyio.run(a_thousand, url_of(server), backend=backend)
        tracemalloc.stop()
        anyio.run(two_hundred, url_of(silent), backend=backend)
        assert (server.count, silent.count) == (WAITS, CANCELLED)
