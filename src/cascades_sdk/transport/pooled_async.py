"""The built-in async transport: httpcore's async pools behind httpx's interface.

Decided here: when some of a request may have left, which httpcore tells by its trace.
Never here: deadlines (the exchange's cancel scopes keep them), redirects, cookies.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpcore
import httpx

from cascades_sdk.transport.exchange_async import SENDING_EXTENSION, Sending
from cascades_sdk.transport.network_async import AsyncBackend
from cascades_sdk.transport.pooled import Pools, httpx_exceptions, target_of
from cascades_sdk.transport.route import Route

__all__ = ["AsyncPooledTransport"]


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = self._response.aiter_stream()
        try:
            with httpx_exceptions():
                async for chunk in chunks:
                    yield chunk
        finally:
            # Below are generators, one in the other, and closing the outermost leaves the others to the collector. A
            # body that is given up is closed first: then there is nothing more to read, and each of them ends alone.
            await self._response.aclose()
            with suppress(Exception):
                async for _ in chunks:
                    pass

    async def aclose(self) -> None:
        await self._response.aclose()


class AsyncPooledTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over pooled connections of one event loop."""

    def __init__(self, route: Route = Route()) -> None:  # noqa: B008 - a frozen value
        self._route = route
        self._pools = Pools(self._made)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pool = self._pools.pool_for(request)
        sending = request.extensions.get(SENDING_EXTENSION, Sending())
        sending.begun = False

        async def trace(event: str, _: object) -> None:
            # With a proxy the first head is that of CONNECT, and the answer is "perhaps" earlier than need be.
            if event.endswith(".send_request_headers.started"):
                sending.begun = True

        with httpx_exceptions(self._route.proxy):
            answer = await pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=target_of(request.url),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={**request.extensions, "trace": trace},
                )
            )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_AsyncBody(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        for pool in self._pools.taken():
            await pool.aclose()

    def _made(self, tls: bool, stream: bool) -> httpcore.AsyncConnectionPool:
        arguments: dict[str, Any] = self._route.pool_arguments(tls, stream)
        if self._route.proxy is None:
            return httpcore.AsyncConnectionPool(network_backend=AsyncBackend(), **arguments)
        return httpcore.AsyncHTTPProxy(network_backend=AsyncBackend(proxied=True), **arguments)
