"""What stands between our words and httpx's, for both exchanges.

Decided here: how a request is put into httpx's words, and what each of httpx's exceptions is called in ours,
in one table. Never here: sending, and what follows from an answer or a failure.
"""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import httpx

from cascades_sdk.errors import NetworkErrorKind
from cascades_sdk.protocol.effects import Head, Lost, Open

__all__ = [
    "FAILURES",
    "STREAM_EXTENSION",
    "ClosedError",
    "head_of",
    "http_request",
    "lost",
    "named_if_closed",
    "unsendable",
]

#: The request extension that marks a stream.
STREAM_EXTENSION: Final = "cascades_stream"

#: What a transport may raise when an exchange fails: all that httpx has a name for, and what the operating system
#: raises, TimeoutError among it. Anything else is a bug of the transport's, or an interruption, and passes on.
FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError)

#: The class of the failure, what it is called, and whether some of the request may have left.
_LOST: Final[tuple[tuple[type[Exception], NetworkErrorKind | str, bool], ...]] = (
    (httpx.PoolTimeout, "time", False),
    (httpx.ConnectTimeout, "time", False),
    (httpx.TimeoutException, "time", True),
    (httpx.ConnectError, "connect", False),
    (httpx.ProxyError, "proxy", False),
    (httpx.UnsupportedProtocol, "connect", False),
    # A LocalProtocolError proves nothing: HTTP/2 of a foreign transport calls a malformed answer so, too.
    (TimeoutError, "time", True),
    (Exception, "broken", True),
)


#: RFC 6585 §5: the fields of the head are too large.
_TOO_LONG: Final = 431


class ClosedError(httpx.TransportError):
    """The client was closed before a request, or in the middle of one; ``sent``: some of it may have left."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


#: What is raised where nothing of a request has left.
_UNSENT: Final = (
    httpx.PoolTimeout,
    httpx.ConnectTimeout,
    httpx.ConnectError,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@contextmanager
def named_if_closed(is_closed: Callable[[], bool]) -> Iterator[None]:
    """A failure that comes of closing the client, told as that."""
    try:
        yield
    except httpx.TransportError as problem:
        if is_closed():
            raise ClosedError("the client was closed", sent=not isinstance(problem, _UNSENT)) from problem
        raise


def http_request(base: httpx.URL, effect: Open, extensions: Mapping[str, Any]) -> httpx.Request:
    """The request of an effect, to the origin of ``base`` and under its path."""
    asked = effect.request
    return httpx.Request(
        asked.method,
        _url(base, asked.target),
        # Ids of events are sent back in UTF-8; all else is ASCII.
        headers=httpx.Headers(list(asked.headers), encoding="utf-8"),
        content=asked.body,
        extensions={STREAM_EXTENSION: effect.stream, **extensions},
    )


@lru_cache(maxsize=32)
def _url(base: httpx.URL, target: str) -> httpx.URL:
    """Where a request goes. httpx parses what it puts together, which is a twentieth of a call: most are made again."""
    return base.copy_with(raw_path=base.raw_path.rstrip(b"/") + target.encode())


def head_of(response: httpx.Response) -> Head:
    """The head of an answer, its header names in lower case."""
    headers = tuple((name.lower(), value) for name, value in response.headers.multi_items())
    return Head(response.status_code, headers)


def lost(problem: Exception, base: httpx.URL | None = None) -> Lost:
    """What one of :data:`FAILURES` is called; where a connection was to be made, with the origin."""
    where = "" if base is None else f"{base.scheme}://{base.netloc.decode()}: "
    detail = where + (str(problem) or type(problem).__name__)
    if isinstance(problem, ClosedError):
        return Lost("closed", problem.sent, detail)
    kind, sent = next((kind, sent) for theirs, kind, sent in _LOST if isinstance(problem, theirs))
    if kind == "time":
        return Lost("time", sent)
    if kind == "connect":
        return Lost(_unconnected(problem), sent=False, detail=detail)
    crossed = isinstance(problem, httpx.RemoteProtocolError) and _gave_up_head(problem)
    return Lost("proxy" if kind == "proxy" else "broken", sent, detail, "headers" if crossed else None)


def _gave_up_head(problem: httpx.RemoteProtocolError) -> bool:
    """Whether h11 found a head too long, which it calls by the status that a server would send for it."""
    return any(getattr(cause, "error_status_hint", None) == _TOO_LONG for cause in _causes(problem))


def unsendable(problem: httpx.InvalidURL) -> Lost:
    """What a request is called that cannot be put into httpx's words."""
    return Lost("broken", sent=False, detail=str(problem))


def _unconnected(problem: BaseException) -> NetworkErrorKind:
    """Why no connection was made: httpx tells only in its causes."""
    for cause in _causes(problem):
        if isinstance(cause, socket.gaierror | UnicodeError):
            return "name"
        if isinstance(cause, ssl.SSLError):
            return "tls"
    return "connect"


def _causes(problem: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = problem
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
