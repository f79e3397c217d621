"""The threads that use a plane in process: who waits, and who is at work and must not find that time ran away.

Decided here: which threads are let go on before virtual time moves, and for how long. Never here: moving it.

A thread is at work from the moment at which it reads the time of its client, or opens an exchange, until it waits for
the plane. What it does after an exchange is over cannot be known: it may call again, or never. So it is let go on for a
while of real time, and then forgotten until it comes back.
"""

import threading
import time
from collections import Counter
from math import inf
from typing import Final, Protocol

import attrs

from cascades_sdk.testing.plane._delivery import Mailbox

__all__ = ["LOOK", "Crew", "Turn", "Waiter"]

#: How long a thread may be at work with an exchange open, in seconds of real time.
_OPEN: Final = 5.0

#: How long without one: it may be about to call.
_BETWEEN: Final = 0.25

#: How often at least it is looked at again whether the others wait by now.
LOOK: Final = 0.02


class Turn(Protocol):
    """How somebody is told, within the lock and from any thread, that there may be something for him."""

    def notify(self) -> object: ...


@attrs.frozen(eq=False)
class Waiter:
    """Somebody who waits for a mailbox, up to a moment of the plane's monotonic time; ``turn`` tells him of it."""

    thread: threading.Thread
    mailbox: Mailbox | None
    until: float
    turn: Turn

    @property
    def moment(self) -> float:
        """When he is to go on, as far as it is known now."""
        return self.until if self.mailbox is None else min(self.until, self.mailbox.due)


class Crew:
    """The threads at work, and the exchanges that they have open. The lock of the hub guards it."""

    def __init__(self) -> None:
        self._until: dict[threading.Thread, float] = {}
        self._open: dict[int, threading.Thread] = {}
        self._counts = Counter[threading.Thread]()

    def at_work(self) -> None:
        """This thread does something with the plane."""
        mine = threading.current_thread()
        self._until[mine] = time.monotonic() + (_OPEN if mine in self._counts else _BETWEEN)

    def rests(self) -> None:
        """This thread waits for the plane."""
        self._until.pop(threading.current_thread(), None)

    def opened(self, number: int) -> None:
        """This thread has opened an exchange."""
        mine = threading.current_thread()
        self._open[number] = mine
        self._counts[mine] += 1
        self.at_work()

    def closed(self, number: int) -> None:
        """An exchange is over, whoever ends it. Saying it twice is no error."""
        owner = self._open.pop(number, None)
        if owner is not None:
            self._counts -= Counter((owner,))  # what has come to nothing is dropped
            self.at_work()

    def pause(self) -> float:
        """For how long the other threads are to be let go on, until it is looked again; 0: none is at work."""
        if not self._until:
            return 0.0
        now, mine = time.monotonic(), threading.current_thread()
        self._until = {thread: until for thread, until in self._until.items() if until > now and thread.is_alive()}
        longest = max((until for thread, until in self._until.items() if thread is not mine), default=-inf)
        return max(0.0, min(LOOK, longest - now))
