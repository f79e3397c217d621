"""The built-in sync transport: httpcore pools behind httpx's interface.

Decided here: which pools there are, and how httpcore's exceptions are called in httpx; the async transport shares both.
Never here: deadlines (the network backend obeys them), redirects, cookies.
"""

import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final, Generic, TypeVar
from weakref import WeakSet

import attrs
import httpcore
import httpx

from cascades_sdk.transport.cancelling import CancelToken
from cascades_sdk.transport.naming import STREAM_EXTENSION, ClosedError, named_if_closed
from cascades_sdk.transport.network import DeadlineBackend
from cascades_sdk.transport.passage import Passage
from cascades_sdk.transport.quiet import cover_httpcore
from cascades_sdk.transport.route import Proxy, Route

__all__ = [
    "PooledTransport",
    "Pools",
    "asked_for_credentials",
    "held_of",
    "httpx_exceptions",
    "refusal",
    "target_of",
]

_P = TypeVar("_P")

cover_httpcore()

_IN_HTTPX: Final[tuple[tuple[type[Exception], type[httpx.TransportError]], ...]] = (
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
)


_WANTS_CREDENTIALS: Final = 407


@contextmanager
def httpx_exceptions(proxy: Proxy | None = None, passage: Passage = Passage()) -> Iterator[None]:  # noqa: B008 - only read
    """What httpcore raises inside, as what httpx would raise; with a proxy it is named."""
    try:
        yield
    except httpcore.ProxyError as problem:
        raise httpx.ProxyError(_proxy_text(proxy, str(problem))) from problem
    except Exception as problem:
        if passage.asking and isinstance(problem, httpcore.TimeoutException):
            raise httpx.ConnectTimeout(str(problem)) from problem
        if passage.asking and isinstance(problem, httpcore.NetworkError | httpcore.ProtocolError):
            raise httpx.ProxyError(_proxy_text(proxy, "it opened no tunnel, but hung up or sent no HTTP")) from problem
        through = f"through the proxy {proxy.url}: " if proxy else ""
        for theirs, ours in _IN_HTTPX:
            if isinstance(problem, theirs):
                raise ours(through + str(problem)) from problem
        raise


def asked_for_credentials(proxy: Proxy | None, answer: httpcore.Response) -> bool:
    """Whether it is a proxy that answers: RFC 9110 §15.5.8, no server does so."""
    return proxy is not None and answer.status == _WANTS_CREDENTIALS


def refusal(proxy: Proxy | None) -> httpx.ProxyError:
    """What is raised then."""
    text = f"it answered {_WANTS_CREDENTIALS}; give credentials as in proxy='http://user:password@host'"
    return httpx.ProxyError(_proxy_text(proxy, text))


def _proxy_text(proxy: Proxy | None, told: str) -> str:
    # What a proxy answers to CONNECT is a status and a phrase of its own, which might echo anything.
    status = re.match(r"[1-5][0-9]{2}\b", told)
    return f"{proxy.url if proxy else 'a proxy'}: {f'it answered {status[0]}' if status else told}"


def target_of(url: httpx.URL) -> httpcore.URL:
    """A URL in httpcore's words."""
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def held_of(response: httpcore.Response) -> Callable[[], bool]:
    """Whether the next of a body is here already: the last byte of all that came, if the body was measured out.

    Joined with what came before it is one chunk less, which is a tenth of a call. Of other bodies the byte may be a
    part of their framing, and what follows it not be here yet.
    """
    stream = response.extensions.get("network_stream")  # there is none where respx answers
    if stream is None or not any(name.lower() == b"content-length" for name, _ in response.headers):
        return lambda: False
    unasked = stream.get_extra_info("unasked")
    return lambda: bool(unasked)


class Pools(Generic[_P]):
    """The pools of one transport, each made when it is first needed, and anew in a process that was forked off.

    Streams have pools of their own, without a bound: a hundred waits must not keep a call from being made.
    """

    def __init__(self, make: Callable[[bool, bool], _P]) -> None:
        self._make = make
        self._closed = False
        self.forget()
        _KNOWN.add(self)

    def forget(self) -> None:
        """Begin anew with no pool, and with a lock that nobody holds.

        What was pooled is dropped and not closed: closing would say farewell on connections that others speak on.
        """
        self._lock = Lock()
        self._pools: dict[tuple[bool, bool], _P] = {}

    def pool_for(self, request: httpx.Request) -> _P:
        """The pool for a request: by TLS, and by whether it is a stream."""
        key = request.url.scheme == "https", bool(request.extensions.get(STREAM_EXTENSION, False))
        with self._lock:
            if self._closed:
                # A pool made now would never be closed. Our own fault, and nothing of the request has left.
                raise ClosedError("the client is closed", sent=False)
            if key not in self._pools:
                self._pools[key] = self._make(*key)
            return self._pools[key]

    def is_closed(self) -> bool:
        """Whether no more requests are taken."""
        return self._closed

    def end(self) -> None:
        """Take no more requests. What is pooled stays, for whoever may close it."""
        self._closed = True

    def taken(self) -> tuple[_P, ...]:
        """All pools, to be closed by the caller; there will be no others."""
        with self._lock:
            self.end()
            pools, self._pools = tuple(self._pools.values()), {}
        return pools


#: All that there are in this process.
_KNOWN: Final[WeakSet[Pools[Any]]] = WeakSet()


# A child of a fork has copies of the sockets, and of locks that are held by threads which it does not have.
getattr(os, "register_at_fork", dict)(after_in_child=lambda: deque(map(Pools.forget, tuple(_KNOWN)), 0))


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, is_closed: Callable[[], bool]) -> None:
        self._response = response
        self._is_closed = is_closed

    def __iter__(self) -> Iterator[bytes]:
        with named_if_closed(self._is_closed), httpx_exceptions():
            chunks, held = self._response.iter_stream(), held_of(self._response)
            for chunk in chunks:
                yield chunk + next(chunks, b"") if held() else chunk
            # A body without a length ends where the connection does, also where it is this end that hung up.
            if self._is_closed():
                raise ClosedError("the client was closed", sent=True)

    def close(self) -> None:
        self._response.close()


@attrs.frozen
class _Reach:
    """A pool, and the network under it, which ends what threads wait for."""

    pool: httpcore.ConnectionPool
    backend: DeadlineBackend

    def close(self) -> None:
        self.backend.hang_up()
        self.pool.close()


class PooledTransport(httpx.BaseTransport):
    """HTTP/1.1 over pooled connections. Closing it ends the requests of other threads."""

    def __init__(self, route: Route = Route()) -> None:  # noqa: B008 - a frozen value
        self.route = route
        self.closing = CancelToken()  # ends pauses, too
        self._pools = Pools(self._made)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        pool = self._pools.pool_for(request).pool
        passage, extensions = Passage(), request.extensions
        if self.route.proxy is not None:
            extensions = {**extensions, "trace": passage.told}
        with named_if_closed(self._pools.is_closed), httpx_exceptions(self.route.proxy, passage):
            answer = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=target_of(request.url),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=extensions,
                )
            )
        if asked_for_credentials(self.route.proxy, answer):
            answer.close()
            raise refusal(self.route.proxy)
        body = _Body(answer, self._pools.is_closed)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    def close(self) -> None:
        for pool in self._pools.taken():
            pool.close()
        self.closing.cancel()

    def _made(self, tls: bool, stream: bool) -> _Reach:
        arguments: dict[str, Any] = self.route.pool_arguments(tls, stream)
        proxied = self.route.proxy is not None
        backend = DeadlineBackend(proxied)
        kind = httpcore.HTTPProxy if proxied else httpcore.ConnectionPool
        return _Reach(kind(network_backend=backend, **arguments), backend)
