"""Ending a sync wait from another thread.

Decided here: how whoever is blocked is woken. A socket that is shut down wakes its reader; closing it does not.
Never here: what a wait answers that was ended.
"""

import socket
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import TIMEOUT_MAX, Lock

__all__ = ["CancelToken", "hang_up", "pause", "wait_for"]


def hang_up(blocked: socket.socket) -> None:
    """End a connection, and wake whoever reads or writes on it in another thread."""
    # The method of the plain class: that of a TLS socket would take its state away under the reader.
    with suppress(OSError):
        socket.socket.shutdown(blocked, socket.SHUT_RDWR)


def wait_for(sleeper: Lock, seconds: float, tokens: "Collection[CancelToken]") -> None:
    """Wait until a lock that is held is released, so long, or until one of the tokens is cancelled."""
    with ExitStack() as known:
        for token in tokens:
            known.enter_context(token.releasing(sleeper))
        # Whoever cancels now knows the lock; whoever did before is seen here.
        if not any(token.cancelled for token in tokens):
            sleeper.acquire(timeout=min(seconds, TIMEOUT_MAX))


def pause(seconds: float, tokens: "Collection[CancelToken]") -> None:
    """Let time pass, at most until one of the tokens is cancelled."""
    sleeper = Lock()
    sleeper.acquire()
    wait_for(sleeper, seconds, tokens)


class CancelToken:
    """Ends sync waits from another thread: those that it is given to, now and later.

    A wait that is ended answers ``Failure(WaitCancelledError)`` with its position, and leaves nothing behind. It ends
    at once while it reads, writes, pauses or asks for an address; a connection that is just being made is given up when
    it is there, or when the client's timeout has passed. A token is used up by :meth:`cancel`.
    """

    def __init__(self) -> None:
        # No lock guards these sets: each use of them is one step of the interpreter. So a signal handler, which
        # interrupts its own thread anywhere, never waits for what that thread holds.
        self._cancelled = False
        self._sockets: set[socket.socket] = set()
        self._sleepers: set[Lock] = set()

    def cancel(self) -> None:
        """End what waits. May be called from any thread, from a signal handler, and again."""
        # Whoever blocks is known first and looks then; so either it sees this, or it is seen here.
        self._cancelled = True
        for blocked in tuple(self._sockets):
            hang_up(blocked)
        for sleeper in tuple(self._sleepers):
            with suppress(RuntimeError):  # it was woken before
                sleeper.release()

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._cancelled

    @contextmanager
    def releasing(self, sleeper: Lock) -> Iterator[None]:
        """A block that waits for a lock which :meth:`cancel` releases."""
        self._sleepers.add(sleeper)
        try:
            yield
        finally:
            self._sleepers.discard(sleeper)

    @contextmanager
    def waking(self, blocked: socket.socket) -> Iterator[None]:
        """A block that uses a socket, and that :meth:`cancel` ends."""
        self._sockets.add(blocked)
        try:
            if self._cancelled:
                raise InterruptedError("cancelled")
            yield
        finally:
            self._sockets.discard(blocked)
