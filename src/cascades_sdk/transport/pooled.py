"""The built-in transport: httpcore pools behind httpx's interface.

Decided here: pools, TLS contexts, and how httpcore's exceptions are called in httpx.
Never here: deadlines (the network backend obeys them), redirects, cookies, the environment (nothing is read from it).
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Final

import httpcore
import httpx

from cascades_sdk.transport.network import DeadlineBackend

__all__ = ["STREAM_EXTENSION", "PooledTransport"]

#: The request extension that marks a stream.
STREAM_EXTENSION: Final = "cascades_stream"

_MAX_CONNECTIONS: Final = 100
_MAX_IDLE: Final = 20
_IDLE_SECONDS: Final = 5.0

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


@cache
def _tls_context(verify: bool) -> ssl.SSLContext:
    # Built once for all clients: it costs tens of milliseconds. The environment is not asked for other CAs.
    return httpx.create_ssl_context(verify=verify, trust_env=False)


@contextmanager
def _httpx_exceptions() -> Iterator[None]:
    try:
        yield
    except Exception as problem:
        for theirs, ours in _IN_HTTPX:
            if isinstance(problem, theirs):
                raise ours(str(problem)) from problem
        raise


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_exceptions():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class PooledTransport(httpx.BaseTransport):
    """HTTP/1.1 over pooled connections. Streams have a pool of their own, without a bound: a hundred waits
    must not keep a call from being made.
    """

    def __init__(self, verify: bool | ssl.SSLContext = True) -> None:
        self._verify = verify
        self._lock = Lock()
        self._closed = False
        self._pools: dict[tuple[bool, bool], httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        pool = self._pool(url.scheme == "https", request.extensions.get(STREAM_EXTENSION, False))
        with _httpx_exceptions():
            answer = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=target,
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            pools, self._pools = tuple(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def _pool(self, tls: bool, stream: bool) -> httpcore.ConnectionPool:
        """The pool for a request, made when it is first needed: plain HTTP never builds a TLS context."""
        with self._lock:
            if self._closed:
                # A pool made now would never be closed. Our own fault, and nothing of the request has left.
                raise httpx.LocalProtocolError("the client is closed")
            pool = self._pools.get((tls, stream))
            if pool is None:
                pool = httpcore.ConnectionPool(
                    ssl_context=self._context() if tls else None,
                    max_connections=None if stream else _MAX_CONNECTIONS,
                    max_keepalive_connections=0 if stream else _MAX_IDLE,
                    keepalive_expiry=_IDLE_SECONDS,
                    network_backend=DeadlineBackend(),
                )
                self._pools[tls, stream] = pool
            return pool

    def _context(self) -> ssl.SSLContext:
        return _tls_context(self._verify) if isinstance(self._verify, bool) else self._verify
