"""How somebody waits for a plane, sync and async.

Decided here: when time moves on. Never here: what is waited for.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Final

import anyio
import anyio.lowlevel

from cascades_sdk.testing.plane._crew import Waiter
from cascades_sdk.testing.plane._delivery import Mailbox, Piece
from cascades_sdk.testing.plane._hub import Hub

__all__ = ["wait", "wait_async"]

#: How many rounds of the event loop in which nothing happened mean that every task waits. What awaits something outside
#: of the plane (a thread, a socket) is not waited for.
_QUIET_ROUNDS: Final = 8

#: How often a plane whose time moves by itself is looked at, in seconds.
_POLL: Final = 0.002


class _Bell:
    """What tells a task that there may be something for it: whoever keeps watch in its event loop passes that on."""

    def __init__(self, watch: "_Watch") -> None:
        self._watch = watch
        self._event = anyio.Event()

    def notify(self) -> None:
        """There may be something; called within the lock, from any thread."""
        self._watch.rung.append(self)

    def ring(self) -> None:
        """Wake the task; called from its event loop."""
        self._event.set()

    async def heard(self) -> None:
        """Sleep until it rings."""
        await self._event.wait()
        self._event = anyio.Event()


class _Watch:
    """The tasks that wait in one thread. One of them looks round after round; the others sleep until it wakes them."""

    def __init__(self) -> None:
        self.rung: deque[_Bell] = deque()
        self._bells: dict[_Bell, None] = {}
        self._keeper: _Bell | None = None

    @contextmanager
    def attended(self, bell: _Bell) -> Iterator[None]:
        """A block in which this one waits. Who leaves the watch without a keeper wakes the next one."""
        self._bells[bell] = None
        try:
            yield
        finally:
            del self._bells[bell]
            if self._keeper in (None, bell):
                self._keeper = None
                for heir in islice(self._bells, 1):
                    heir.ring()

    def kept_by(self, bell: _Bell) -> bool:
        """Whether this one keeps the watch, which it takes on if nobody does."""
        self._keeper = self._keeper or bell
        return self._keeper is bell

    def pass_on(self) -> bool:
        """Wake the others for whom there may be something; whether there were any."""
        rung = [bell for bell in self.rung if bell is not self._keeper]
        self.rung.clear()
        for bell in rung:
            bell.ring()
        return bool(rung)


def wait(hub: Hub, mailbox: Mailbox | None, until: float) -> Piece | None:
    """The next piece in a mailbox by the moment ``until`` of the plane's monotonic time; None: there is none.

    Without a mailbox, time just passes until that moment.

    Raises:
        NothingDueError: nothing will ever happen.
    """
    with hub.lock:
        found, over = hub.look(mailbox, until)
        if over:  # there is something already, and he waits for nobody
            hub.touch()
            return found
        turn = threading.Condition(hub.lock)
        waiter = Waiter(threading.current_thread(), mailbox, until, turn)
        hub.awaits(waiter, rests=True)
        try:
            while not over:
                pause = hub.pause(waiter) if hub.skips else None
                if pause == 0:
                    hub.skip(waiter, alone=True)
                else:
                    turn.wait(pause)
                found, over = hub.look(mailbox, until)
            return found
        finally:
            # Before the lock is free, so that nobody sees a moment of his that has passed.
            hub.leaves(waiter)
            hub.touch()


async def wait_async(hub: Hub, mailbox: Mailbox | None, until: float) -> Piece | None:
    """The same for a task; other tasks go on meanwhile, and time moves when all of them wait.

    Raises:
        NothingDueError: nothing will ever happen.
    """
    with hub.lock:
        watch: _Watch = hub.watches.setdefault(threading.current_thread(), _Watch())
    bell = _Bell(watch)
    waiter = Waiter(threading.current_thread(), mailbox, until, bell)
    with ExitStack() as left:
        left.callback(hub.leaves, waiter)
        hub.awaits(waiter)
        left.enter_context(watch.attended(bell))
        quiet, seen, pause = 0, -1, 0.0
        while True:
            with hub.lock:
                found, over = hub.look(mailbox, until)
                if over:
                    return found
                keeps = watch.kept_by(bell)
                if keeps:
                    told = watch.pass_on()
                    quiet, seen = (0 if told or hub.changes != seen else quiet + 1), hub.changes
                    still = hub.skips and quiet >= _QUIET_ROUNDS
                    pause = hub.pause(waiter) if still else 0.0
                    if still and not pause:
                        hub.skip(waiter)
            if not keeps:
                await bell.heard()
            elif hub.skips and not pause:
                await anyio.lowlevel.checkpoint()
            else:
                await anyio.sleep(_POLL)
