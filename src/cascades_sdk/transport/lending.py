"""The connections of an async client, each lent to one request at a time.

Decided here: which connection a request gets, and when one is kept for the next. httpcore makes the connections and
speaks HTTP on them; its pool is not used, because asyncio's ``task.cancel()`` may end a request of it between any two
steps, and what it then holds is neither idle nor closed and stays so. Here every step that changes what is held is one
step of the loop, and what is closed is closed even for whoever is cancelled again. Never here: deadlines, and HTTP.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeAlias

import anyio
import attrs
import httpcore

from cascades_sdk.transport.carrying import carried_through

__all__ = ["Lender", "Loan"]

_Connection: TypeAlias = httpcore.AsyncConnectionInterface


class Lender:
    """All connections of one kind. ``most`` are lent at a time (None: any number), ``kept`` wait for a request."""

    def __init__(self, make: Callable[[httpcore.Origin], _Connection], most: int | None, kept: int) -> None:
        self._make = make
        self._free = float("inf") if most is None else most
        self._kept = kept
        self._idle: deque[_Connection] = deque()
        self._lent: set[_Connection] = set()
        # Whoever came first is served first; each may leave the queue from its middle.
        self._queue: OrderedDict[anyio.Event, None] = OrderedDict()
        self._over = False

    async def lend(self, request: httpcore.Request) -> "Loan":
        """A connection on which the request was sent, and the head of its answer came."""
        await self._room()
        stale = self._stale()
        connection = self._idle.pop() if self._idle else self._make(request.url.origin)
        self._lent.add(connection)
        try:
            if stale:
                await carried_through(_close(stale))
            return Loan(self, connection, await connection.handle_async_request(request))
        except BaseException:
            await self.returned(connection)
            raise

    def has_lent(self, connection: _Connection) -> bool:
        """Whether a request still uses it."""
        return connection in self._lent

    async def returned(self, connection: _Connection) -> None:
        """Keep a connection that has done its work, or else close it."""
        self._lent.remove(connection)
        if connection.is_idle() and len(self._idle) < self._kept and not self._over:
            self._idle.append(connection)
            self._vacate()
            return
        try:
            await carried_through(_close((connection,)))
        finally:
            self._vacate()

    async def aclose(self) -> None:
        """Close all connections, also under those who use them, and lend no more."""
        self._over = True
        held = (*self._lent, *self._idle)
        self._idle.clear()
        while self._queue:
            self._vacate()
        await carried_through(_close(held))

    def _stale(self) -> list[_Connection]:
        """Take out what is idle and can serve no more: it was closed by the other side, or waited for too long."""
        stale = []
        # Those at the left have waited longest; only the one at the right is used next.
        while self._idle and self._idle[0].has_expired():
            stale.append(self._idle.popleft())
        while self._idle and self._idle[-1].has_expired():
            stale.append(self._idle.pop())
        return stale

    async def _room(self) -> None:
        """Wait until one more may be lent."""
        if self._free:
            self._free -= 1
            return
        mine = anyio.Event()
        self._queue[mine] = None
        try:
            await mine.wait()
        except BaseException:
            if mine in self._queue:
                del self._queue[mine]
            else:  # it was our turn, and we leave
                self._vacate()
            raise
        if self._over:
            self._vacate()
            raise httpcore.ConnectError("the client was closed")

    def _vacate(self) -> None:
        """One fewer is lent: whoever has waited longest may come."""
        if self._queue:
            self._queue.popitem(last=False)[0].set()
        else:
            self._free += 1


@attrs.frozen
class Loan:
    """A connection, lent until the answer on it has been read or given up."""

    lender: Lender
    connection: _Connection
    response: httpcore.Response

    async def end(self) -> None:
        """Give it back. Done again it changes nothing."""
        if not self.lender.has_lent(self.connection):
            return
        try:
            await self.response.aclose()
        finally:
            await self.lender.returned(self.connection)


async def _close(connections: Iterable[_Connection]) -> None:
    for connection in connections:
        with suppress(Exception):  # what is given up may break
            await connection.aclose()
