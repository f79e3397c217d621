"""The socket edge of the plane: an asyncio server that executes what the model decides.

Decided here: connections, threads and the clock that events carry. Never here: what an answer says.

Everything but the evaluations happens in the thread of one event loop. Each evaluation has a daemon thread
of its own, which gives its news to that loop; so a task may take its time without holding anybody up.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import Any, Final, assert_never

import attrs

from cascades_sdk.errors import cause_text
from cascades_sdk.evaluation import NodeStarted, steps
from cascades_sdk.graph import Dag
from cascades_sdk.testing.plane._events import (
    Answer,
    Crashed,
    Disconnected,
    Due,
    EvaluationWanted,
    Event,
    Reply,
    Request,
    Restarted,
    StreamEnded,
    StreamOpened,
    StreamSent,
    Tick,
    Told,
    WakeWanted,
)
from cascades_sdk.testing.plane._http import Incoming, Refused, read_request, response_head
from cascades_sdk.testing.plane._model import step
from cascades_sdk.testing.plane._state import PlaneState
from cascades_sdk.testing.plane._submission import refusal
from cascades_sdk.testing.plane._telemetry import json_body

__all__ = ["Edge", "Settings"]

_JSON: Final = ("Content-Type", "application/json")
_FRESH: Final = ("Cache-Control", "no-store")


@attrs.frozen
class Settings:
    """What the edge is told. Times are in seconds, sizes in bytes.

    ``idle`` is how long a connection may take for its next request; ``linger`` how long one that was refused
    is still read; ``lag`` how much a stream's reader may leave unread before it is cut off.
    """

    task_delay: float = 0.0
    heartbeat: float = 15.0
    idle: float = 75.0
    linger: float = 1.0
    max_head: int = 32 * 1024
    max_body: int = 1024 * 1024
    lag: int = 64 * 1024 * 1024


class _Connection:
    """A connection in its present state: what the model's answers to it are written to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.chunked = True
        self.keep_alive = True
        self.streaming = False


class Edge:
    """A plane that runs: made and used in one event loop."""

    def __init__(
        self,
        state: PlaneState,
        settings: Settings,
        dags: Mapping[str, Dag],
        tasks: Mapping[str, Callable[..., Any]] | None,
        clock: Callable[[], float],
    ) -> None:
        self.state = state
        self._settings = settings
        self._dags = dags
        self._tasks = tasks or {}
        self._clock = clock
        self._numbers = count(1)
        self._connections: dict[int, _Connection] = {}
        self._conversations: set[asyncio.Task[None]] = set()
        self._halted = threading.Event()

    async def serve(self, listening: socket.socket, stop: asyncio.Event) -> None:
        """Serve those who connect to a listening socket, until ``stop`` is set."""
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, sock=listening, limit=self._settings.max_head)
        pulse = loop.create_task(self._tick())
        try:
            self.feed(Restarted(self._clock()))
            await stop.wait()
        finally:
            self._halted.set()
            server.close()
            pulse.cancel()
            for connection in self._connections.values():
                connection.writer.transport.abort()
            await asyncio.gather(pulse, *self._conversations, return_exceptions=True)

    def feed(self, event: Event) -> None:
        """Let the model take an event, and carry out what it answers."""
        self.state, answers = step(self.state, event)
        for answer in answers:
            self._carry_out(answer)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._settings.heartbeat)
            self.feed(Tick(self._clock()))

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A plain callback, so that the tasks are ours to end.
        task = asyncio.get_running_loop().create_task(self._converse(_Connection(reader, writer)))
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)

    async def _converse(self, connection: _Connection) -> None:
        number = next(self._numbers)
        self._connections[number] = connection
        try:
            # A connection that breaks or falls asleep ends the conversation, and nothing else.
            with contextlib.suppress(OSError):
                while await self._exchanged(number, connection):
                    pass
        finally:
            self.feed(Disconnected(self._clock(), number))
            del self._connections[number]
            connection.writer.close()

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
        self._take(number, connection, request)
        await connection.writer.drain()
        if connection.streaming:
            # The other side has nothing more to say: the end of what it sends is the end of the stream.
            while not connection.reader.at_eof():
                await connection.reader.read(65536)
        return connection.keep_alive

    def _take(self, number: int, connection: _Connection, request: Incoming) -> None:
        head = request.head
        connection.keep_alive = head.keep_alive
        connection.chunked = head.minor_version == 1
        self.feed(Request(self._clock(), number, head.method, head.target, head.headers, request.body))

    async def _refuse(self, number: int, connection: _Connection, refused: Refused) -> None:
        connection.keep_alive = False
        self._reply(connection, Reply(number, refused.status, refusal("Bad request", refused.problem)))
        await connection.writer.drain()
        # Closing with unread bytes would reset the connection, and the answer could be lost with it
        # (RFC 9112 §9.6); so what is still on its way is read for a moment.
        connection.writer.write_eof()
        async with asyncio.timeout(self._settings.linger):
            while not connection.reader.at_eof():
                await connection.reader.read(65536)

    def _carry_out(self, answer: Answer) -> None:
        if isinstance(answer, EvaluationWanted):
            threading.Thread(
                target=self._evaluate,
                args=(asyncio.get_running_loop(), answer),
                name=f"evaluation of {answer.run_id}",
                daemon=True,
            ).start()
            return
        if isinstance(answer, WakeWanted):
            pause = max(0.0, answer.moment - self._clock())
            asyncio.get_running_loop().call_later(pause, self._wake, answer.run_id)
            return
        connection = self._connections[answer.connection]
        match answer:
            case Reply():
                self._reply(connection, answer)
            case StreamOpened():
                self._open_stream(connection)
            case StreamSent():
                self._send(connection, answer.payload)
            case StreamEnded():
                self._end_stream(connection)
            case _:
                assert_never(answer)

    def _wake(self, run_id: str) -> None:
        if not self._halted.is_set():
            self.feed(Due(self._clock(), run_id))

    def _reply(self, connection: _Connection, answer: Reply) -> None:
        body = json_body(answer.body)
        closing = () if connection.keep_alive else (("Connection", "close"),)
        headers = (*answer.headers, _JSON, _FRESH, ("Content-Length", str(len(body))), *closing)
        connection.writer.write(response_head(answer.status, headers) + body)

    def _open_stream(self, connection: _Connection) -> None:
        connection.streaming = True
        connection.keep_alive = False
        coding = (("Transfer-Encoding", "chunked"),) if connection.chunked else ()
        headers = (("Content-Type", "text/event-stream"), _FRESH, ("Connection", "close"), *coding)
        connection.writer.write(response_head(200, headers))

    def _send(self, connection: _Connection, payload: bytes) -> None:
        transport = connection.writer.transport
        if transport.is_closing() or transport.get_write_buffer_size() > self._settings.lag:
            # Nobody is there any more, or a reader that does not read costs memory: it can come back with cursors.
            transport.abort()
        elif connection.chunked:
            connection.writer.write(b"%x\r\n%b\r\n" % (len(payload), payload))
        else:
            connection.writer.write(payload)

    def _end_stream(self, connection: _Connection) -> None:
        if connection.chunked:
            connection.writer.write(b"0\r\n\r\n")
        connection.writer.close()

    def _evaluate(self, loop: asyncio.AbstractEventLoop, wanted: EvaluationWanted) -> None:
        """Run a flow's tasks, in a thread of its own, and tell the loop each step."""
        run_id = wanted.run_id
        try:
            dag = self._dags[wanted.workflow_id]
            # What a plane is given is for all of its flows, and a graph takes what is for itself.
            tasks = {task.name: self._tasks[task.name] for task in dag.tasks if task.name in self._tasks}
            for event in steps(dag, wanted.inputs, tasks):
                if self._halted.is_set():
                    return
                self._post(loop, partial(Told, run_id=run_id, event=event))
                if isinstance(event, NodeStarted):
                    self._halted.wait(self._settings.task_delay)
        except BaseException as problem:  # noqa: BLE001 - a task may even ask to exit; the run must end all the same
            text = f"{type(problem).__name__}: {cause_text(problem)}"
            self._post(loop, partial(Crashed, run_id=run_id, problem=text))

    def _post(self, loop: asyncio.AbstractEventLoop, event: Callable[[float], Event]) -> None:
        # The clock is read in the loop, so that events are stamped in the order in which they are taken.
        # A loop that is closed by now is a plane that has stopped: nobody waits for the news.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: self.feed(event(self._clock())))
