"""Ending a sync wait from another thread.

Decided here: how whoever is blocked is woken. A socket that is shut down wakes its reader; closing it does not.
Never here: what a wait answers that was ended.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock

__all__ = ["CancelToken", "hang_up"]


def hang_up(blocked: socket.socket) -> None:
    """End a connection, and wake whoever reads or writes on it in another thread."""
    # The method of the plain class: that of a TLS socket would take its state away under the reader.
    with suppress(OSError):
        socket.socket.shutdown(blocked, socket.SHUT_RDWR)


class CancelToken:
    """Ends sync waits from another thread: those that it is given to, now and later.

    A wait that is ended answers ``Failure(WaitCancelledError)`` with its position, and leaves nothing behind. It ends
    at once while it reads, writes or pauses; a connection that is just being made is given up when it is there, or when
    the client's timeout has passed. A token is used up by :meth:`cancel`.
    """

    def __init__(self) -> None:
        self._event = Event()
        self._lock = Lock()
        self._sockets: set[socket.socket] = set()

    def cancel(self) -> None:
        """End what waits. May be called from any thread, from a signal handler's thread too, and again."""
        self._event.set()
        with self._lock:
            blocked = tuple(self._sockets)
        for each in blocked:
            hang_up(each)

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Let time pass, at most until it is cancelled."""
        self._event.wait(seconds)

    @contextmanager
    def waking(self, blocked: socket.socket) -> Iterator[None]:
        """A block that uses a socket, and that :meth:`cancel` ends."""
        with self._lock:
            self._sockets.add(blocked)
        try:
            if self.cancelled:
                # It may have looked before the socket was known.
                raise InterruptedError("cancelled")
            yield
        finally:
            with self._lock:
                self._sockets.discard(blocked)
