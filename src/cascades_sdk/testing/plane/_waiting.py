"""How somebody waits for a plane, sync and async.

Decided here: when time moves on. Never here: what is waited for.
"""

from typing import Final

import anyio
import anyio.lowlevel

from cascades_sdk.testing.plane._delivery import Mailbox, Piece
from cascades_sdk.testing.plane._hub import Hub

__all__ = ["wait", "wait_async"]

#: How many rounds of the event loop in which nothing happened mean that every task waits. What awaits something outside
#: of the plane (a thread, a socket) is not waited for.
_QUIET_ROUNDS: Final = 8

#: How often a plane whose time moves by itself is looked at, in seconds.
_POLL: Final = 0.002


def wait(hub: Hub, mailbox: Mailbox | None, until: float) -> Piece | None:
    """The next piece in a mailbox by the moment ``until`` of the plane's monotonic time; None: there is none.

    Without a mailbox, time just passes until that moment.

    Raises:
        NothingDueError: nothing will ever happen.
    """
    # Who got his piece is no waiter any more before the lock is free: nobody sees a moment of his that has passed.
    with hub.lock, hub.resting(), hub.waiting(mailbox, until) as waiter:
        while True:
            found, over = hub.look(waiter)
            if over:
                return found
            pause = hub.pause(waiter) if hub.skips else None
            if pause == 0:
                hub.skip(waiter, alone=True)
            else:
                waiter.turn.wait(pause)


async def wait_async(hub: Hub, mailbox: Mailbox | None, until: float) -> Piece | None:
    """The same for a task; other tasks go on meanwhile, and time moves when all of them wait.

    Raises:
        NothingDueError: nothing will ever happen.
    """
    with hub.waiting(mailbox, until) as waiter:
        quiet, seen = 0, -1
        while True:
            with hub.lock:
                found, over = hub.look(waiter)
                if over:
                    return found
                quiet, seen = (quiet + 1 if hub.changes == seen else 0), hub.changes
                pause = hub.pause(waiter) if hub.skips and quiet >= _QUIET_ROUNDS else 0.0
                if hub.skips and quiet >= _QUIET_ROUNDS and not pause:
                    hub.skip(waiter)
            if hub.skips and not pause:
                await anyio.lowlevel.checkpoint()
            else:
                await anyio.sleep(_POLL)
