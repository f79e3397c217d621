"""A server of raw sockets that does what a test tells it, connection by connection."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

Handler = Callable[[socket.socket], None]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
VERSION = HEAD + b'Content-Length: 19\r\n\r\n{"apiVersion":"v1"}'
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class Server:
    """Listens on loopback; connection n is given to handler n, the last handler serves all others."""

    def __init__(self, *handlers: Handler, tls: ssl.SSLContext | None = None) -> None:
        self._handlers = handlers
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        # What has ended is kept no longer, so that a test may count what thousands of connections leave.
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self.count = 0
        self.stopped = threading.Event()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> "Server":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        # Shutting down wakes whoever is blocked in accept or recv; closing alone does not.
        for open_socket in (self._listener, *tuple(self._connections)):
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        for thread in tuple(self._threads):
            thread.join(10)
        for open_socket in (self._listener, *tuple(self._connections)):
            open_socket.close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=self._run, args=(target, *arguments), daemon=True)
        self._threads.add(thread)
        thread.start()

    def _run(self, target: Callable[..., None], *arguments: object) -> None:
        try:
            target(*arguments)
        finally:
            self._threads.discard(threading.current_thread())

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            handler = self._handlers[min(self.count, len(self._handlers) - 1)]
            self.count += 1
            self._connections.add(connection)
            self._start(self._serve, handler, connection)

    def _serve(self, handler: Handler, connection: socket.socket) -> None:
        try:
            with suppress(OSError):
                if self._tls is not None:
                    self._connections.discard(connection)
                    connection = self._tls.wrap_socket(connection, server_side=True)
                    self._connections.add(connection)
                handler(connection)
                connection.shutdown(socket.SHUT_RDWR)
        finally:
            connection.close()
            self._connections.discard(connection)

    def silence(self, _: socket.socket) -> None:
        """Says nothing for as long as the test runs."""
        self.stopped.wait(30)

    def drip(self, *parts: bytes) -> Handler:
        """The first part at once, then the others again and again, every twentieth of a second."""

        def handler(connection: socket.socket) -> None:
            read_request(connection)
            connection.sendall(parts[0])
            while not self.stopped.is_set():
                for part in parts[1:]:
                    connection.sendall(part)
                    self.stopped.wait(0.05)

        return handler


def read_request(connection: socket.socket) -> bytes:
    """The head of a request, and its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            raise ConnectionResetError
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def sends(*parts: bytes) -> Handler:
    """Reads a request, sends the parts, and closes."""

    def handler(connection: socket.socket) -> None:
        read_request(connection)
        for part in parts:
            connection.sendall(part)

    return handler


def resets(*parts: bytes, read: bool = True) -> Handler:
    """Reads a request, sends the parts, and resets the connection."""

    def handler(connection: socket.socket) -> None:
        if read:
            read_request(connection)
        for part in parts:
            connection.sendall(part)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return handler


def keeps_alive(*answers: bytes) -> Handler:
    """One answer for each request on the same connection."""

    def handler(connection: socket.socket) -> None:
        for answer in answers:
            read_request(connection)
            connection.sendall(answer)
        connection.recv(1)

    return handler


class Stopwatch:
    """Asserts that a block took no longer than a deadline and a generous bound."""

    def __init__(self, deadline: float, generous: float = 3.0) -> None:
        self._bound = deadline + generous
        self._deadline = deadline

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, kind: object, *_: object) -> None:
        took = time.monotonic() - self._began
        if kind is None:
            assert took < self._bound, f"took {took:.2f} s"
