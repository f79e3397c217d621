"""The network under the sync pools: a backend whose every operation ends at the call's deadline.

Decided here: connecting to each address of a name in turn, clamping connect, TLS, write and read to the time left,
ending connections that another thread waits on, and telling a proxy that cannot be reached from a server that cannot.
Never here: HTTP.

The resolution of a name cannot be ended in Python, but it can be left: it is done in a thread of its own, one for each
connection to a name. Of a call that gives up nothing stays but that thread, until the resolver answers.
"""

import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from ipaddress import ip_address
from math import inf
from threading import Lock, Thread
from typing import Any, Final
from weakref import WeakSet

import httpcore

from cascades_sdk.transport.cancelling import CancelToken, hang_up, wait_for
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
        self._closing = CancelToken()

    def hang_up(self) -> None:
        """End every connection, whoever waits on it, or for an address."""
        self._closing.cancel()
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
            for address in self._resolved(host, port, timeout):
                left = _clamped(timeout, httpcore.ConnectTimeout)
                try:
                    inner = self._inner.connect_tcp(address, port, left, local_address, socket_options)
                    return _DeadlineStream(inner, self._opened)
                except httpcore.ConnectError as problem:
                    failure = problem
            raise failure or httpcore.ConnectError("the name has no address")

    def _resolved(self, host: str, port: int, timeout: float | None) -> tuple[str, ...]:
        if _is_known(host):
            return _addresses(host, port)
        asking = _Asking(host, port)
        try:
            asking.start()
        except RuntimeError:  # no thread is to be had, as when the interpreter ends
            return _addresses(host, port)
        token = timeout.token if isinstance(timeout, Until) else None
        left = _clamped(timeout, httpcore.ConnectTimeout)
        wait_for(asking.done, inf if left is None else left, (self._closing, token) if token else (self._closing,))
        return asking.told()


class _Asking(Thread):
    """Asks for the addresses of a name, for as long as the resolver takes."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(name=f"addresses of {host}", daemon=True)
        self._asks = partial(_addresses, host, port)
        self._answer: tuple[str, ...] | Exception | None = None
        self.done = Lock()
        self.done.acquire()

    def run(self) -> None:
        try:
            self._answer = self._asks()
        except Exception as problem:  # noqa: BLE001 - raised again where it was asked for
            self._answer = problem
        finally:
            with suppress(RuntimeError):  # whoever waited was woken by another
                self.done.release()

    def told(self) -> tuple[str, ...]:
        """What it was told, if anything."""
        if self._answer is None:
            raise httpcore.ConnectTimeout("no address came in time")
        self.join()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def _is_known(host: str) -> bool:
    """Whether nobody has to be asked: an address, or this machine."""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


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
