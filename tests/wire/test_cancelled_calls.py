"""A call, a stream or a wait that is cancelled at any turn of the event loop: nothing of it is left.

The server runs in the same loop, so that a turn means the same each time; the pool has room for one connection, so that
one which is left behind keeps the next call from being made.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import anyio.abc
import anyio.lowlevel
import pytest
from anyio.streams.tls import TLSListener
from returns.result import Success

from cascades_sdk.client import AsyncCascadesClient
from cascades_sdk.pipelines import wait_for_completion_async
from cascades_sdk.transport import route
from wire.both import ONCE, Authority
from wire.scripted import frame
from wire.sockets import STREAM, VERSION

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to count sockets")

Use: TypeAlias = Callable[[AsyncCascadesClient], Awaitable[object]]
Cancelled: TypeAlias = Callable[[Callable[[], Awaitable[object]], int], Awaitable[bool]]

#: No call may take so many turns: the walk would not end.
MANY = 2000

RUN = STREAM + frame("run.started", status="RUNNING") + frame("run.completed", status="SUCCESS")
CLOSING = VERSION.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


def sockets() -> int:
    """How many are open; nothing is collected first, which would close what was forgotten."""
    return sum(os.readlink(link).startswith("socket:") for link in Path("/proc/self/fd").iterdir() if link.is_symlink())


async def natively(use: Callable[[], Awaitable[object]], turns: int, again: int = 0) -> bool:
    """Cancelled by asyncio's own means after so many turns, and again; whether it had ended before."""
    task = asyncio.ensure_future(use())
    for _ in range(turns):
        await asyncio.sleep(0)
    ended = task.done()
    for _ in range(1 + again):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return ended


async def again_and_again(use: Callable[[], Awaitable[object]], turns: int) -> bool:
    return await natively(use, turns, again=5)


async def by_a_scope(use: Callable[[], Awaitable[object]], turns: int) -> bool:
    """The same by a scope, as of a task group that ends."""
    ended = False

    async def uses() -> None:
        nonlocal ended
        await use()
        ended = True

    async with anyio.create_task_group() as group:
        group.start_soon(uses)
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        before = ended
        group.cancel_scope.cancel()
    return before


WAYS: dict[str, tuple[str, Cancelled]] = {
    "asyncio": ("asyncio", natively),
    "asyncio, again and again": ("asyncio", again_and_again),
    "asyncio, by a scope": ("asyncio", by_a_scope),
    "trio": ("trio", by_a_scope),
}

in_every_way = pytest.mark.parametrize(("backend", "cancelled"), WAYS.values(), ids=WAYS)


@asynccontextmanager
async def served(answer: bytes, tls: Any = None) -> AsyncIterator[str]:
    """The URL of a server in this loop, which answers each request alike, on as many connections as there are."""

    async def serves(connection: anyio.abc.ByteStream) -> None:
        async with connection:
            try:
                while request := await connection.receive():
                    if b"/stream" in request:
                        await connection.send(RUN)
                        return
                    await connection.send(answer)
                    if answer is CLOSING:
                        return
            except (anyio.EndOfStream, anyio.BrokenResourceError, OSError):
                return

    (listener,) = (await anyio.create_tcp_listener(local_host="127.0.0.1")).listeners
    async with listener, anyio.create_task_group() as group:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        accepting: Any = listener if tls is None else TLSListener(listener, tls, standard_compatible=False)
        group.start_soon(accepting.serve, serves)
        yield f"http{'' if tls is None else 's'}://127.0.0.1:{port}"
        group.cancel_scope.cancel()


async def walked(client: AsyncCascadesClient, use: Use, cancelled: Cancelled) -> int:
    """At which turn a use was over before it was cancelled; after each earlier one there is nothing left of it."""
    for turn in range(MANY):
        ended = await cancelled(lambda: use(client), turn)
        assert isinstance(await client.get_public_api_version(timeout=5.0), Success), turn
        if ended:
            return turn
    raise AssertionError


async def walked_anew(url: str, use: Use, cancelled: Cancelled, most: int) -> int:
    """The same, each time with a client that has made no connection yet."""
    for turn in range(MANY):
        async with AsyncCascadesClient(url, timeout=20.0, retry=ONCE) as client:
            ended = await cancelled(lambda client=client: use(client), turn)
            await few(most)
            assert isinstance(await client.get_public_api_version(timeout=5.0), Success), turn
        if ended:
            return turn
    raise AssertionError


async def few(most: int) -> None:
    """Until so few sockets are open: the other side of a connection needs some turns to see its end."""
    with anyio.move_on_after(5.0):
        while sockets() > most:
            await anyio.lowlevel.checkpoint()
    assert sockets() <= most


async def calls(client: AsyncCascadesClient) -> None:
    assert isinstance(await client.get_public_api_version(), Success)


async def streams(client: AsyncCascadesClient) -> None:
    async with client.iter_run_stream_events("r") as events:
        assert [type(event) async for event in events] == [Success, Success]


async def waits(client: AsyncCascadesClient) -> None:
    assert isinstance(await wait_for_completion_async(client, "r"), Success)


async def calls_behind_another(client: AsyncCascadesClient) -> None:
    """Two calls, where there is room for one."""
    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(calls, client)


@in_every_way
@pytest.mark.parametrize("use", [calls, streams, waits, calls_behind_another])
@pytest.mark.parametrize("answer", [VERSION, CLOSING], ids=["kept", "closed"])
@pytest.mark.parametrize("warm", [False, True])
def test_nothing_is_left_of_what_is_cancelled_at_any_turn(
    backend: str, cancelled: Cancelled, use: Use, answer: bytes, warm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "_MAX_CONNECTIONS", 1)

    # Both ends of one connection, which may be kept for the next call.
    kept = 2 if answer is VERSION else 0

    async def main() -> None:
        async with served(answer) as url:
            before = sockets()
            if warm:
                async with AsyncCascadesClient(url, timeout=20.0, retry=ONCE) as client:
                    assert await walked(client, use, cancelled)
                    await few(before + kept)
            else:
                assert await walked_anew(url, use, cancelled, before + kept)
            await few(before)

    anyio.run(main, backend=backend)


@in_every_way
def test_nothing_is_left_of_a_handshake(
    backend: str, cancelled: Cancelled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "_MAX_CONNECTIONS", 1)
    authority = Authority(tmp_path)

    async def main() -> None:
        async with served(CLOSING, authority.server()) as url:
            async with AsyncCascadesClient(url, timeout=20.0, retry=ONCE, verify=authority.trusted) as client:
                before = sockets()
                assert await walked(client, calls, cancelled)
                await few(before)

    anyio.run(main, backend=backend)
