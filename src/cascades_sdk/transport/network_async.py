"""The network under the async pools: httpcore's own sockets, which leave nothing behind.

Decided here: what is closed when a handshake is cancelled, and telling a proxy out of reach from a server out of
reach. Never here: HTTP, and deadlines: cancel scopes end every operation.
"""

import os
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from socket import gaierror
from typing import Any, Final

import httpcore

from cascades_sdk.transport.carrying import carried_through
from cascades_sdk.transport.network import NO_TUNNEL, as_proxy
from cascades_sdk.transport.surplus import Unasked, is_hidden

__all__ = ["AsyncBackend"]

#: What asyncio reads at once; anyio would keep what it was not asked for, where nobody sees it.
_ALL: Final = 2**18


@contextmanager
def _named(ours: type[httpcore.NetworkError]) -> Iterator[None]:
    """What the operating system and OpenSSL raise, in httpcore's words, and with what the system said."""
    try:
        yield
    except OSError as problem:
        raise ours(str(problem)) from problem
    except httpcore.NetworkError as problem:
        # anyio tells of an attempt to connect that all attempts failed, and of a reset nothing at all.
        raise type(problem)(_system_text(problem)) from problem


def _system_text(problem: BaseException) -> str:
    """What the operating system said of a failure, found in its causes; the failure's own text if it said nothing."""
    left: list[BaseException | None] = [problem]
    while left:
        cause = left.pop()
        if isinstance(cause, ssl.SSLError | gaierror):
            return str(cause)
        if isinstance(cause, OSError) and cause.errno is not None:
            # Not its own text: that of asyncio names the address, and not what became of it.
            return f"[Errno {cause.errno}] {os.strerror(cause.errno)}"
        if cause is not None:
            left += cause.exceptions if isinstance(cause, BaseExceptionGroup) else ()
            left.append(cause.__cause__ or cause.__context__)
    return str(problem)


class _AsyncStream(httpcore.AsyncNetworkStream):
    """A connection that does not outlive a handshake which is cancelled, and whose every failure has httpcore's name.

    httpcore's own closes on errors only, and lets an alert pass as it is that a server sends after the handshake.
    """

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._unasked = Unasked()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unasked:
            return self._unasked.taken(max_bytes)
        with _named(httpcore.ReadError):
            data = await self._inner.read(max(max_bytes, _ALL), timeout)
        return self._unasked.came(data, max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _named(httpcore.WriteError):
            await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        if self._unasked:
            raise httpcore.ProxyError(NO_TUNNEL)
        try:
            return _AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            await carried_through(self._inner.aclose())
            raise

    def get_extra_info(self, info: str) -> Any:
        if info == "unasked":
            return self._unasked
        told = self._inner.get_extra_info(info)
        if info == "is_readable":
            return told or self._unasked or is_hidden(self._inner.get_extra_info("ssl_object"))
        return told


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """httpcore's own async sockets: asyncio's or trio's, whichever runs."""

    def __init__(self, proxied: bool = False) -> None:
        # pyright sees the stand-in that httpcore has for installations without anyio.
        self._connect = httpcore.AnyIOBackend().connect_tcp  # pyright: ignore[reportAttributeAccessIssue]
        self._proxied = proxied

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        with as_proxy(self._proxied), _named(httpcore.ConnectError):
            return _AsyncStream(await self._connect(host, port, timeout, local_address, socket_options))
