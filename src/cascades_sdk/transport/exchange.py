"""One exchange at a time over an ``httpx.BaseTransport``: open, read, close.

Decided here: how a request is put into httpx's words, and what each of httpx's exceptions is called in ours,
in one table. Never here: what follows from an answer or a failure.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Final

import httpx

from cascades_sdk.errors import NetworkErrorKind
from cascades_sdk.protocol.effects import Chunk, Ended, Head, Lost, Open
from cascades_sdk.transport.pooled import STREAM_EXTENSION
from cascades_sdk.transport.until import Until

__all__ = ["Exchange"]

#: The class of the failure, what it is called, and whether some of the request may have left.
_LOST: Final[tuple[tuple[type[Exception], NetworkErrorKind | str, bool], ...]] = (
    (httpx.PoolTimeout, "time", False),
    (httpx.ConnectTimeout, "time", False),
    (httpx.TimeoutException, "time", True),
    (httpx.ConnectError, "connect", False),
    (httpx.UnsupportedProtocol, "connect", False),
    (httpx.LocalProtocolError, "broken", False),
    (httpx.TransportError, "broken", True),
    (httpx.StreamError, "broken", True),
)


class Exchange:
    """What a driver holds of an open answer. Used by one thread; the transport may be shared by many."""

    def __init__(self, transport: httpx.BaseTransport, base: httpx.URL, monotonic: Callable[[], float]) -> None:
        self._transport = transport
        self._base = base
        self._monotonic = monotonic
        self._response: httpx.Response | None = None
        self._chunks: Iterator[bytes] = iter(())
        self._until = Until(0.0, monotonic)

    def open(self, effect: Open) -> Head | Lost:
        """Send the request, and wait for the head of its answer."""
        self.close()
        until = self._until = Until(effect.until, self._monotonic)
        asked = effect.request
        request = httpx.Request(
            asked.method,
            self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + asked.target.encode()),
            headers=list(asked.headers),
            content=asked.body,
            extensions={
                "timeout": dict.fromkeys(("connect", "read", "write", "pool"), until),
                STREAM_EXTENSION: effect.stream,
            },
        )
        try:
            response = self._transport.handle_request(request)
        except (httpx.TransportError, httpx.StreamError) as problem:
            return _lost(problem, f"{self._base.scheme}://{self._base.netloc.decode()}: ")
        self._response, self._chunks = response, _chunks(response)
        headers = tuple((name.lower(), value) for name, value in response.headers.multi_items())
        return Head(response.status_code, headers)

    def read(self, until: float) -> Chunk | Ended | Lost:
        """The next bytes of the body, as they were sent."""
        self._until.moment = until
        try:
            chunk = next(self._chunks, None)
        except (httpx.TransportError, httpx.StreamError) as problem:
            return _lost(problem, "")
        return Ended() if chunk is None else Chunk(chunk)

    def close(self) -> None:
        """Give up what is open. A body that was not read to its end takes its connection along."""
        response, self._response, self._chunks = self._response, None, iter(())
        if response is not None:
            response.close()


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    # The stream itself, below httpx's decoders: they decompress without a bound.
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)
    yield from stream


def _lost(problem: Exception, where: str) -> Lost:
    detail = where + (str(problem) or type(problem).__name__)
    kind, sent = next((kind, sent) for theirs, kind, sent in _LOST if isinstance(problem, theirs))
    if kind == "time":
        return Lost("time", sent)
    if kind == "connect":
        return _unconnected(problem, detail)
    return Lost("broken", sent, detail)


def _unconnected(problem: BaseException, detail: str) -> Lost:
    """Why no connection was made: httpx tells only in its causes."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, socket.gaierror | UnicodeError):
            return Lost("name", sent=False, detail=detail)
        if isinstance(cause, ssl.SSLError):
            return Lost("tls", sent=False, detail=detail)
        cause = cause.__cause__ or cause.__context__
    return Lost("connect", sent=False, detail=detail)
