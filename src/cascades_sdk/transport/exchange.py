"""One exchange at a time over an ``httpx.BaseTransport``: open, read, close.

Decided here: how the moments of effects become timeouts. Never here: what follows from an answer or a failure.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress

import httpx

from cascades_sdk.protocol.effects import Chunk, Ended, Head, Lost, Open
from cascades_sdk.transport.cancelling import CancelToken, pause
from cascades_sdk.transport.clock import SYSTEM_CLOCK, Clock
from cascades_sdk.transport.naming import FAILURES, head_of, http_request, lost, unsendable
from cascades_sdk.transport.pooled import PooledTransport
from cascades_sdk.transport.until import Until

__all__ = ["Exchange"]


class Exchange:
    """What a driver holds of an open answer. Used by one thread; the transport may be shared by many."""

    def __init__(
        self,
        transport: httpx.BaseTransport,
        base: httpx.URL,
        monotonic: Callable[[], float],
        token: CancelToken | None = None,
    ) -> None:
        self._transport = transport
        self._token = token
        self._base = base
        self._monotonic = monotonic
        self._response: httpx.Response | None = None
        self._chunks: Iterator[bytes] = iter(())
        self._timeouts: dict[str, Until] = {}
        self._until: Until | None = None

    def open(self, effect: Open) -> Head | Lost:
        """Send the request, and wait for the head of its answer."""
        self.close()
        if self._cancelled():
            return Lost("cancelled", sent=False)
        until = Until(effect.until, self._monotonic, self._token)
        self._timeouts, self._until = dict.fromkeys(("connect", "read", "write", "pool"), until), None
        try:
            request = http_request(self._base, effect, {"timeout": self._timeouts})
        except httpx.InvalidURL as problem:
            return unsendable(problem)
        try:
            response = self._transport.handle_request(request)
        except FAILURES as problem:
            return Lost("cancelled", sent=True) if self._cancelled() else lost(problem, self._base)
        self._response, self._chunks = response, _chunks(response)
        return head_of(response)

    def read(self, until: float) -> Chunk | Ended | Lost:
        """The next bytes of the body, as they were sent."""
        if self._until is None:
            # The time until the head is over. A transport looks here when it begins with the body: ours sees the moment
            # move on with each read, any other sees what is left now.
            self._until = self._timeouts["read"] = Until(until, self._monotonic, self._token)
        self._until.moment = until
        try:
            if self._token is None:
                chunk = next(self._chunks, None)
            else:
                with self._waking(self._token):
                    chunk = None if self._cancelled() else next(self._chunks, None)
        except FAILURES as problem:
            if not self._cancelled():
                return lost(problem)
            chunk = None
        if self._cancelled():
            # Whatever came of it: a reader that was woken may see an end, an error or bytes.
            return Lost("cancelled", sent=True)
        return Ended() if chunk is None else Chunk(chunk)

    def _waking(self, token: CancelToken) -> AbstractContextManager[object]:
        """What the token ends, where the transport tells its socket, as httpx's own does."""
        extensions = {} if self._response is None else self._response.extensions
        tell = getattr(extensions.get("network_stream"), "get_extra_info", None)
        blocked = tell("socket") if callable(tell) else None
        return token.waking(blocked) if isinstance(blocked, socket.socket) else nullcontext()

    def pause(self, seconds: float, clock: Clock) -> None:
        """Let time pass; by the system's clock no longer than until the caller gives up or our transport is closed."""
        if clock.sleep is not SYSTEM_CLOCK.sleep:
            clock.sleep(seconds)
            return
        tokens = () if self._token is None else (self._token,)
        pause(seconds, (*tokens, self._transport.closing) if isinstance(self._transport, PooledTransport) else tokens)

    def _cancelled(self) -> bool:
        return self._token is not None and self._token.cancelled

    def close(self) -> None:
        """Give up what is open. A body that was not read to its end takes its connection along."""
        response, self._response, self._chunks = self._response, None, iter(())
        if response is not None:
            with suppress(*FAILURES):  # what is given up may break
                response.close()


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    # The stream itself, below httpx's decoders: they decompress without a bound.
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)
    yield from stream
