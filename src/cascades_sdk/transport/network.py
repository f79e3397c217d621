"""The network under the sync pools: a backend whose every operation ends at the call's deadline.

Decided here: connecting to each address of a name in turn, clamping connect, TLS, write and read to the time left,
ending connections that another thread waits on, and telling a proxy that cannot be reached from a server that cannot.
Never here: HTTP.

The resolution of a name cannot be bounded in sync Python; deadlines are exact from then on.
"""

import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock
from typing import Any, Final
from weakref import WeakSet

import httpcore

from cascades_sdk.transport.cancelling import hang_up
from cascades_sdk.transport.surplus import Unasked, is_hidden
from cascades_sdk.transport.until import Until, time_left

__all__ = ["NO_TUNNEL", "DeadlineBackend", "as_proxy"]

#: No server speaks first where TLS is due: what comes after the answer to CONNECT is the proxy's own.
NO_TUNNEL: Final = "it opened no tunnel, but sent something of its own"

#: How much is handed to the socket between two looks at the clock.
_SLICE: Final = 65_536


def _clamped(timeout: float | None, expired: type[httpcore.TimeoutException]) -> float | None:
    left = time_left(timeout)
    if left is not None and left <= 0.0:
        raise expired("no time left")
    return left


class _DeadlineStream(httpcore.NetworkStream):
    """A connection. It keeps no deadline of its own: a later call may use it with another."""

    def __init__(self, inner: httpcore.NetworkStream, opened: "Opened") -> None:
        self._inner = inner
        self._opened = opened
        self._unasked = Unasked()
        opened.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unasked:
            return self._unasked.taken(max_bytes)
        with self._waking(timeout):
            data = self._inner.read(max_bytes, _clamped(timeout, httpcore.ReadTimeout))
        return self._unasked.came(data, max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._waking(timeout):
            for start in range(0, len(buffer), _SLICE):
                self._inner.write(buffer[start : start + _SLICE], _clamped(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        if self._unasked:
            raise httpcore.ProxyError(NO_TUNNEL)
        left = _clamped(timeout, httpcore.ConnectTimeout)
        with self._waking(timeout):
            return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left), self._opened)

    def _waking(self, timeout: float | None) -> AbstractContextManager[None]:
        """What a cancel token ends, where the call has one."""
        token = timeout.token if isinstance(timeout, Until) else None
        return nullcontext() if token is None else token.waking(self._inner.get_extra_info("socket"))

    def get_extra_info(self, info: str) -> Any:
        if info == "unasked":
            return self._unasked
        told = self._inner.get_extra_info(info)
        if info == "is_readable":
            return told or self._unasked or is_hidden(self._inner.get_extra_info("ssl_object"))
        return told


class Opened:
    """The connections that are open, so that another thread can end what waits on them.

    Closing a socket does not wake who reads it; shutting it down does.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._streams: WeakSet[_DeadlineStream] = WeakSet()
        self._over = False

    def add(self, stream: _DeadlineStream) -> None:
        with self._lock:
            self._streams.add(stream)
            over = self._over
        if over:
            hang_up(stream.get_extra_info("socket"))

    def hang_up(self) -> None:
        """End all of them, and whatever is opened from now on."""
        with self._lock:
            self._over = True
            streams = tuple(self._streams)
        for stream in streams:
            hang_up(stream.get_extra_info("socket"))


class DeadlineBackend(httpcore.NetworkBackend):
    """httpcore's own sockets, with the time of each operation cut to what is left of the call.

    With ``proxied`` all connections lead to a proxy, and one that fails is a ``ProxyError``.
    """

    def __init__(self, proxied: bool = False) -> None:
        self._inner = httpcore.SyncBackend()
        self._proxied = proxied
        self._opened = Opened()

    def hang_up(self) -> None:
        """End every connection, whoever waits on it."""
        self._opened.hang_up()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        # A name with several addresses: the whole list shares the time left, where the standard
        # library would give each address all of it.
        failure: httpcore.ConnectError | None = None
        with as_proxy(self._proxied):
            for address in _addresses(host, port):
                left = _clamped(timeout, httpcore.ConnectTimeout)
                try:
                    inner = self._inner.connect_tcp(address, port, left, local_address, socket_options)
                    return _DeadlineStream(inner, self._opened)
                except httpcore.ConnectError as problem:
                    failure = problem
            raise failure or httpcore.ConnectError("the name has no address")


@contextmanager
def as_proxy(proxied: bool) -> Iterator[None]:
    """A connection that fails, told as a failure of the proxy that it was to lead to."""
    try:
        yield
    except httpcore.ConnectError as problem:
        if proxied:
            raise httpcore.ProxyError(f"no connection ({problem})") from problem
        raise


def _addresses(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as problem:
        raise httpcore.ConnectError("no address is known") from problem
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
