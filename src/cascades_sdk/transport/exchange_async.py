"""One exchange at a time over an ``httpx.AsyncBaseTransport``: open, read, close.

Decided here: how the moments of effects become cancel scopes, which end anything that a transport does.
Never here: what follows from an answer or a failure.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from math import isinf
from typing import Final, TypeVar

import anyio
import httpx

from cascades_sdk.protocol.effects import Chunk, Ended, Head, Lost, Open
from cascades_sdk.transport.clock import SYSTEM_CLOCK, Clock
from cascades_sdk.transport.naming import FAILURES, head_of, http_request, lost, unsendable
from cascades_sdk.transport.passage import SENDING_EXTENSION, Sending
from cascades_sdk.transport.pooled_async import AsyncPooledTransport

__all__ = ["AsyncExchange"]

_T = TypeVar("_T")

_ENDED: Final = Ended()


class AsyncExchange:
    """What a driver holds of an open answer. Used by one task; the transport may be shared by many."""

    def __init__(self, transport: httpx.AsyncBaseTransport, base: httpx.URL, monotonic: Callable[[], float]) -> None:
        self._transport = transport
        self._base = base
        self._monotonic = monotonic
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._sending = Sending()

    async def open(self, effect: Open) -> Head | Lost:
        """Send the request, and wait for the head of its answer."""
        await self.close()
        self._sending = sending = Sending(until=effect.until)
        # No timeouts for single operations: the scope ends all of them in time.
        extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool")), SENDING_EXTENSION: sending}
        try:
            request = http_request(self._base, effect, extensions)
        except httpx.InvalidURL as problem:
            return unsendable(problem)
        try:
            response = await self._in_time(effect.until, self._transport.handle_async_request(request))
        except FAILURES as problem:
            return lost(problem, self._base)
        if response is None:
            return Lost("time", sending.begun)
        self._response, self._chunks = response, aiter(_stream_of(response))
        return head_of(response)

    async def read(self, until: float) -> Chunk | Ended | Lost:
        """The next bytes of the body, as they were sent."""
        if self._chunks is None:
            return _ENDED
        self._sending.until = until
        try:
            chunk = await self._in_time(until, anext(self._chunks, _ENDED))
        except FAILURES as problem:
            return lost(problem)
        if chunk is None:
            return Lost("time", sent=True)
        return chunk if isinstance(chunk, Ended) else Chunk(chunk)

    async def close(self) -> None:
        """Give up what is open. A body that was not read to its end takes its connection along."""
        response, self._response = self._response, None
        chunks, self._chunks = self._chunks, None
        # Also for those who are being cancelled: nothing is left behind.
        with anyio.CancelScope(shield=True):
            if isinstance(chunks, AsyncGenerator):
                # Whoever reads a generator in part has to close it; else the event loop's collector must.
                await chunks.aclose()
            if response is not None:
                with suppress(*FAILURES):  # what is given up may break
                    await response.aclose()

    async def pause(self, seconds: float, clock: Clock) -> None:
        """Let time pass; by the system's clock, and over our own transport, no longer than until that is closed."""
        if clock.sleep_async is SYSTEM_CLOCK.sleep_async and isinstance(self._transport, AsyncPooledTransport):
            await self._transport.pause(seconds)
        else:
            await clock.sleep_async(seconds)

    async def _in_time(self, until: float, awaited: Awaitable[_T]) -> _T | None:
        """What is awaited, or None: the moment has come first."""
        with anyio.move_on_after(None if isinf(until) else until - self._monotonic()):
            return await awaited
        return None


def _stream_of(response: httpx.Response) -> httpx.AsyncByteStream:
    # The stream itself, below httpx's decoders: they decompress without a bound.
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return response.stream
