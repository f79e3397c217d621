"""The built-in async transport: httpcore's async connections behind httpx's interface.

Decided here: to which run of an event loop a connection belongs.
Never here: deadlines (the exchange's cancel scopes keep them), redirects, cookies.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import anyio
import attrs
import httpcore
import httpx
from anyio.lowlevel import RunVar

from cascades_sdk.transport.lending import Lender, Loan
from cascades_sdk.transport.naming import ClosedError, named_if_closed
from cascades_sdk.transport.network_async import AsyncBackend
from cascades_sdk.transport.passage import SENDING_EXTENSION, Passage, Sending
from cascades_sdk.transport.pooled import Pools, asked_for_credentials, held_of, httpx_exceptions, refusal, target_of
from cascades_sdk.transport.route import Route

__all__ = ["AsyncPooledTransport"]


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, loan: Loan, is_closed: Callable[[], bool]) -> None:
        self._loan = loan
        self._is_closed = is_closed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks, held = self._loan.response.aiter_stream(), held_of(self._loan.response)
        try:
            with named_if_closed(self._is_closed), httpx_exceptions():
                async for chunk in chunks:
                    yield chunk + await anext(chunks, b"") if held() else chunk
                if self._is_closed():
                    raise ClosedError("the client was closed", sent=True)
        finally:
            # Below are generators, one in the other, and closing the outermost leaves the others to the collector. A
            # body that is given up is closed first: then there is nothing more to read, and each of them ends alone.
            try:
                await self._loan.end()
            finally:
                with suppress(Exception):
                    async for _ in chunks:
                        pass

    async def aclose(self) -> None:
        await self._loan.end()


class _Run:
    """Stands for one run of an event loop, and lives as long as its loop."""


_RUN: Final = RunVar[_Run]("cascades_sdk.run")


def _this_run() -> _Run:
    run = _RUN.get(None)
    if run is None:
        run = _Run()
        _RUN.set(run)
    return run


_Pools: TypeAlias = Pools[Lender]


async def _close(pools: _Pools) -> None:
    for pool in pools.taken():
        await pool.aclose()


async def _kept(pools: _Pools) -> AsyncGenerator[None, None]:
    """Begun in a run, it closes the pools when the run ends: asyncio and trio close what generators are left then."""
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await _close(pools)


@attrs.frozen
class _Held:
    """What a run has of its own: pools, what closes them with the run, and what ends pauses when they are closed."""

    pools: _Pools
    keeper: AsyncGenerator[None, None]
    closing: anyio.Event = attrs.field(factory=anyio.Event)


class AsyncPooledTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over pooled connections, which belong to the event loop that made them: each run has pools of its own.

    They are closed with the transport, or when their run ends; those of other runs that still go on when the
    transport is closed take no more requests, and are closed when these end.
    """

    def __init__(self, route: Route = Route()) -> None:  # noqa: B008 - a frozen value
        self.route = route
        self._closed = False
        self._runs: WeakKeyDictionary[_Run, _Held] = WeakKeyDictionary()

    async def _pools(self) -> _Pools:
        """The pools of this run."""
        run = _this_run()
        found = self._runs.get(run)
        if found is not None:
            return found.pools
        pools = Pools(self._made)
        if self._closed:
            pools.end()
            return pools
        keeper = _kept(pools)
        self._runs[run] = _Held(pools, keeper)  # before anything is awaited: other tasks share them
        await anext(keeper)
        return pools

    async def pause(self, seconds: float) -> None:
        """Let time pass, at most until it is closed; whoever pauses has sent something in this run."""
        here = self._runs.get(_this_run())
        if here is not None:
            with anyio.move_on_after(seconds):
                await here.closing.wait()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pools = await self._pools()
        lender = pools.pool_for(request)
        sending = request.extensions.get(SENDING_EXTENSION, Sending())
        sending.begun = False

        passage = Passage()

        async def trace(event: str, about: Mapping[str, Any]) -> None:
            passage.told(event, about)
            if passage.left and not sending.begun:
                if pools.is_closed():  # while the connection was made, which closing does not end
                    raise httpcore.ConnectError("the client was closed")
                sending.begun = True

        with named_if_closed(pools.is_closed), httpx_exceptions(self.route.proxy, passage):
            loan = await lender.lend(
                httpcore.Request(
                    method=request.method,
                    url=target_of(request.url),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={**request.extensions, "trace": trace},
                )
            )
        if asked_for_credentials(self.route.proxy, loan.response):
            await loan.end()
            raise refusal(self.route.proxy)
        answer, body = loan.response, _AsyncBody(loan, pools.is_closed)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    async def aclose(self) -> None:
        self._closed = True
        here = self._runs.pop(_this_run(), None)
        for held in tuple(self._runs.values()):
            held.pools.end()
        if here is None:
            return
        await _close(here.pools)
        here.closing.set()
        with suppress(RuntimeError):  # the run is ending, and closes it already
            await here.keeper.aclose()

    def _made(self, tls: bool, stream: bool) -> Lender:
        arguments: dict[str, Any] = self.route.pool_arguments(tls, stream)
        proxied = self.route.proxy is not None
        # Never asked for anything but a connection: one through a tunnel, or whatever else the way demands.
        kind = httpcore.AsyncHTTPProxy if proxied else httpcore.AsyncConnectionPool
        maker = kind(network_backend=AsyncBackend(proxied), **arguments)
        most, kept = arguments["max_connections"], arguments["max_keepalive_connections"]
        return Lender(maker.create_connection, most, kept)
