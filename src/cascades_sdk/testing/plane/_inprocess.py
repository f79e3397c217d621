"""The door for clients of this process: httpx transports, frame by frame, and a clock.

Decided here: what a client of httpx would see of a socket, for each piece. Never here: time and answers.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from math import inf
from random import Random
from typing import Any

import httpx

from cascades_sdk.testing.plane._delivery import Broken, Data, Head, Mailbox, Piece
from cascades_sdk.testing.plane._hub import Hub
from cascades_sdk.testing.plane._waiting import wait, wait_async
from cascades_sdk.transport.clock import Clock
from cascades_sdk.transport.passage import SENDING_EXTENSION
from cascades_sdk.transport.until import time_left

__all__ = ["AsyncPlaneTransport", "PlaneTransport", "clock_of"]


def clock_of(hub: Hub, monotonic: Callable[[], float] | None = None) -> Clock:
    """The plane's time, for a client: whoever sleeps lets it pass. The jitter comes from the seed.

    ``monotonic`` is ``hub.touch`` for whoever is not to be overtaken between reading the time and asking.
    """

    def sleep(seconds: float) -> None:
        wait(hub, None, hub.monotonic() + seconds)

    async def sleep_async(seconds: float) -> None:
        await wait_async(hub, None, hub.monotonic() + seconds)

    # Chance that can be repeated is what is wanted here.
    jitter = Random(hub.state.seed).random  # noqa: S311  # nosec
    return Clock(monotonic or hub.monotonic, hub.wall, sleep, jitter, sleep_async)


class _Conversation:
    """One request and its answer, as far as it has come."""

    def __init__(self, hub: Hub, request: httpx.Request, body: bytes, *, threaded: bool = False) -> None:
        if hub.halted.is_set():
            raise httpx.ConnectError("the control plane has stopped")
        self.hub = hub
        self.mailbox = Mailbox()
        self.number = hub.connect(self.mailbox, threaded=threaded)
        self._left: int | None = None
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.headers.raw
        )
        hub.request(self.number, request.method, request.url.raw_path.decode("ascii"), headers, body)

    def head(self, piece: Piece | None) -> Head:
        """The head that a piece is.

        Raises:
            httpx.TransportError: it is none; the connection is given up.
        """
        if isinstance(piece, Head):
            length = next((value for name, value in piece.headers if name == "Content-Length"), None)
            self._left = None if length is None else int(length)
            return piece
        self.close()
        raise self._failure(piece)

    def payload(self, piece: Piece | None) -> bytes | None:
        """The bytes that a piece adds to the body; None: it is complete.

        Raises:
            httpx.TransportError: it will never be.
        """
        if isinstance(piece, Data):
            # What is beyond the length that was claimed belongs to no answer (RFC 9112 §6.3).
            payload = piece.payload[: self._left]
            self._left = None if self._left is None else self._left - len(payload)
            return payload
        if piece is None or isinstance(piece, Broken) or self._left:
            raise self._failure(piece)
        return None

    @property
    def complete(self) -> bool:
        """Whether the length that was claimed has come."""
        return self._left == 0

    def close(self) -> None:
        """Hang up."""
        self.hub.disconnect(self.number)

    def _failure(self, piece: Piece | None) -> httpx.TransportError:
        if self.hub.halted.is_set():
            return httpx.ReadError("the control plane has stopped")
        if piece is None:
            return httpx.ReadTimeout("timed out, in the time of the control plane")
        if isinstance(piece, Broken) and piece.reset:
            return httpx.ReadError("connection reset by the control plane")
        return httpx.RemoteProtocolError("the control plane closed the connection before the answer was complete")


def _until(hub: Hub, timeouts: dict[str, Any]) -> float:
    left = time_left(timeouts.get("read"))
    return inf if left is None else hub.monotonic() + left


class _Body(httpx.SyncByteStream):
    def __init__(self, conversation: _Conversation, timeouts: dict[str, Any]) -> None:
        self._conversation = conversation
        self._timeouts = timeouts

    def __iter__(self) -> Iterator[bytes]:
        talk = self._conversation
        while not talk.complete:
            # Looked up for each piece: the client moves the moment on as it reads.
            piece = wait(talk.hub, talk.mailbox, _until(talk.hub, self._timeouts))
            payload = talk.payload(piece)
            if payload is None:
                return
            yield payload

    def close(self) -> None:
        self._conversation.close()


class PlaneTransport(httpx.BaseTransport):
    """An ``httpx`` transport whose other end is a plane in this process. Nothing is buffered but what is there."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        talk = _Conversation(self._hub, request, request.read(), threaded=True)
        timeouts = request.extensions.get("timeout", {})
        head = talk.head(wait(self._hub, talk.mailbox, _until(self._hub, timeouts)))
        return httpx.Response(head.status, headers=list(head.headers), stream=_Body(talk, timeouts))


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, conversation: _Conversation, extensions: dict[str, Any]) -> None:
        self._conversation = conversation
        self._extensions = extensions

    async def __aiter__(self) -> AsyncIterator[bytes]:
        talk = self._conversation
        while not talk.complete:
            payload = talk.payload(await wait_async(talk.hub, talk.mailbox, _until_of(talk.hub, self._extensions)))
            if payload is None:
                return
            yield payload

    async def aclose(self) -> None:
        self._conversation.close()


def _until_of(hub: Hub, extensions: dict[str, Any]) -> float:
    # Our client says so itself, because its cancel scopes know the time of the event loop only; others give timeouts.
    sending = extensions.get(SENDING_EXTENSION)
    return _until(hub, extensions.get("timeout", {})) if sending is None else float(sending.until)


class AsyncPlaneTransport(httpx.AsyncBaseTransport):
    """The same for an async client, in asyncio or trio."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        talk = _Conversation(self._hub, request, await request.aread())
        extensions = request.extensions
        try:
            piece = await wait_async(self._hub, talk.mailbox, _until_of(self._hub, extensions))
        except BaseException:
            talk.close()
            raise
        head = talk.head(piece)
        return httpx.Response(head.status, headers=list(head.headers), stream=_AsyncBody(talk, extensions))
