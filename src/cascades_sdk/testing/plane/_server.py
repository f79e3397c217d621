"""The door on a loopback socket: an asyncio server in a thread of its own.

Decided here: connections, framing, and when a connection is given up. Never here: what an answer says.
"""

import asyncio
import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import attrs

from cascades_sdk.testing.plane._checks import PAUSE, checked_by, is_pause
from cascades_sdk.testing.plane._delivery import Broken, Data, Head, Later, Mailbox, Over, Piece
from cascades_sdk.testing.plane._events import Reply
from cascades_sdk.testing.plane._faults import BODILESS
from cascades_sdk.testing.plane._http import Incoming, Refused, read_request, response_head
from cascades_sdk.testing.plane._hub import Hub
from cascades_sdk.testing.plane._routes import MAX_BODY
from cascades_sdk.testing.plane._submission import refusal

__all__ = ["Listener", "Settings"]

#: How long at most the loop sleeps before it looks at the agenda again, in seconds.
_LONGEST: Final = 3_600.0

#: SO_LINGER, on and 0 seconds: closing is a reset (RFC 9293 §3.10.4, ABORT), where it would be an orderly end.
_ABRUPTLY: Final = struct.pack("HH" if sys.platform == "win32" else "ii", 1, 0)


_IS_PAUSE: Final = checked_by(is_pause, "Settings", PAUSE)


def _is_at_least(least: int) -> Any:
    return checked_by(
        lambda value: type(value) is int and value >= least, "Settings", f"a whole number from {least} on"
    )


@attrs.frozen
class Settings:
    """What the door is told. Times are in seconds, sizes in bytes.

    ``idle`` is how long a connection may take for its next request; ``linger`` how long one that was refused
    is still read; ``lag`` how much a stream's reader may leave unread before it is cut off (-1: it is at once).

    Raises:
        ValidationError: one of them is no such number.
    """

    idle: float = attrs.field(default=75.0, validator=_IS_PAUSE)
    linger: float = attrs.field(default=1.0, validator=_IS_PAUSE)
    max_head: int = attrs.field(default=32 * 1024, validator=_is_at_least(1))
    max_body: int = attrs.field(default=MAX_BODY, validator=_is_at_least(0))
    lag: int = attrs.field(default=64 * 1024 * 1024, validator=_is_at_least(-1))


class _Connection:
    """A connection in its present state."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.mailbox = Mailbox()
        self.minor_version = 1
        self.keep_alive = True
        self.bodiless = False
        self.streaming = False
        self.chunked = False
        self.waking = False
        self.answered = False
        self.late = False


class Listener:
    """A server that runs, and the thread that it runs in."""

    def __init__(self, hub: Hub, settings: Settings, listening: socket.socket) -> None:
        self._hub = hub
        self._settings = settings
        self._listening = listening
        self.address: tuple[str, int] = listening.getsockname()[:2]
        self._connections: dict[int, _Connection] = {}
        self._conversations: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._timer = self._loop.call_later(_LONGEST, self._strike)
        self._thread = threading.Thread(target=self._run, name="local control plane", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The base URL for a client."""
        host, port = self.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def stop(self) -> None:
        """Stop at once. Stopping twice is no error."""
        self._soon(self._stop.set)
        self._thread.join()

    def _soon(self, call: Callable[[], object]) -> None:
        # The loop of a server that has stopped is closed.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, sock=self._listening, limit=self._settings.max_head)
        try:
            self._hub.agenda_changed = partial(self._soon, self._arm)
            self._hub.start()
            self._arm()
            await self._stop.wait()
        finally:
            self._hub.halt()
            self._hub.agenda_changed = lambda: None
            server.close()
            self._timer.cancel()
            for connection in self._connections.values():
                connection.writer.transport.abort()
            await asyncio.gather(*self._conversations, return_exceptions=True)

    def _arm(self) -> None:
        """Set the timer to the next moment of the agenda."""
        self._timer.cancel()
        pause = min(self._hub.next_due - self._hub.monotonic(), _LONGEST)
        self._timer = self._loop.call_later(max(0.0, pause), self._strike)

    def _strike(self) -> None:
        self._hub.run_due()
        self._arm()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Heads and frames are small, and each is to leave at once: by Nagle's algorithm it would wait for an answer to
        # the one before. asyncio sees to that only for sockets that name their protocol.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A plain callback, so that the tasks are ours to end.
        task = asyncio.get_running_loop().create_task(self._converse(_Connection(reader, writer)))
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)

    async def _converse(self, connection: _Connection) -> None:
        connection.mailbox = Mailbox(partial(self._notified, connection))
        number = self._hub.connect(connection.mailbox)
        self._connections[number] = connection
        try:
            # A connection that breaks or falls asleep ends the conversation, and nothing else.
            with contextlib.suppress(OSError):
                while await self._exchanged(number, connection):
                    pass
        finally:
            self._hub.disconnect(number)
            connection.writer.close()
            # It is one of those that a stop ends until it is really closed: what is still to be sent may take long.
            with contextlib.suppress(OSError):
                await connection.writer.wait_closed()
            del self._connections[number]

    async def _exchanged(self, number: int, connection: _Connection) -> bool:
        """Read one request and answer it; whether another may follow."""
        ask = partial(connection.writer.write, b"HTTP/1.1 100 Continue\r\n\r\n")
        async with asyncio.timeout(self._settings.idle):
            request = await read_request(connection.reader, self._settings.max_body, ask)
        if request is None:
            return False
        if isinstance(request, Refused):
            await self._refuse(number, connection, request)
            return False
        await self._take(number, connection, request)
        return connection.keep_alive

    async def _take(self, number: int, connection: _Connection, request: Incoming) -> None:
        head = request.head
        connection.keep_alive = head.keep_alive
        connection.minor_version = head.minor_version
        connection.bodiless = head.method == "HEAD"
        connection.answered = False
        self._hub.request(number, head.method, head.target, head.headers, request.body)
        await connection.writer.drain()
        # What is not answered at once is a stream, or befallen by a fault: such a connection is closed afterwards. The
        # other side has nothing more to say: the end of what it sends is the end of the conversation.
        connection.late = not connection.answered
        while connection.late and not connection.reader.at_eof():
            await connection.reader.read(65536)
        connection.keep_alive = connection.keep_alive and not connection.late

    async def _refuse(self, number: int, connection: _Connection, refused: Refused) -> None:
        connection.keep_alive = False
        connection.mailbox.take(Reply(number, refused.status, refusal("Bad request", refused.problem)))
        await connection.writer.drain()
        # Closing with unread bytes would reset the connection, and the answer could be lost with it
        # (RFC 9112 §9.6); so what is still on its way is read for a moment.
        connection.writer.write_eof()
        async with asyncio.timeout(self._settings.linger):
            while not connection.reader.at_eof():
                await connection.reader.read(65536)

    def _notified(self, connection: _Connection) -> None:
        if threading.get_ident() == self._thread.ident:
            self._flush(connection)
        elif not connection.waking:
            connection.waking = True
            self._soon(partial(self._flush, connection))

    def _flush(self, connection: _Connection) -> None:
        """Write what there is to be written now."""
        connection.waking = False
        now = self._hub.monotonic()
        while (piece := connection.mailbox.next(now)) is not None:
            if isinstance(piece, Later):
                self._loop.call_later(piece.moment - now, self._flush, connection)
                return
            self._write(connection, piece)

    def _write(self, connection: _Connection, piece: Piece) -> None:
        transport = connection.writer.transport
        lags = connection.streaming and transport.get_write_buffer_size() > self._settings.lag
        if transport.is_closing() or lags:
            # Nobody is there any more, or a reader that does not read costs memory: it can come back with cursors.
            transport.abort()
            return
        match piece:
            case Head():
                self._write_head(connection, piece)
            case Data():
                connection.writer.write(self._framed(connection, piece.payload))
            case Over():
                connection.writer.write(b"0\r\n\r\n" if connection.chunked else b"")
                connection.answered = True
                if connection.streaming or connection.late:
                    connection.writer.close()
            case Broken(True):
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABRUPTLY)
                transport.abort()
            case _:
                connection.writer.close()

    def _framed(self, connection: _Connection, payload: bytes) -> bytes:
        if connection.bodiless:
            return b""
        return b"%x\r\n%b\r\n" % (len(payload), payload) if connection.chunked else payload

    def _write_head(self, connection: _Connection, head: Head) -> None:
        connection.streaming = head.stream
        connection.keep_alive = connection.keep_alive and not head.stream
        counted = any(name == "Content-Length" for name, _ in head.headers)
        connection.chunked = connection.minor_version == 1 and not counted and head.status not in BODILESS
        coding = (("Transfer-Encoding", "chunked"),) if connection.chunked else ()
        closing = () if connection.keep_alive else (("Connection", "close"),)
        connection.writer.write(response_head(head.status, (*head.headers, *coding, *closing)))
