"""Time and chance, as one value that a client is given.

Decided here: which clocks the world has. Never here: how long anything takes.
"""

import random
import time
from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from cascades_sdk.protocol.effects import Reading

__all__ = ["SYSTEM_CLOCK", "Clock"]


async def _sleep_async(seconds: float) -> None:
    import anyio  # a sync client never needs it

    await anyio.sleep(seconds)


@attrs.frozen
class Clock:
    """Where time comes from. All in seconds; ``jitter`` answers a random number in [0, 1).

    ``sleep`` is a sync client's, ``sleep_async`` an async one's.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    jitter: Callable[[], float] = random.random
    sleep_async: Callable[[float], Awaitable[object]] = _sleep_async

    def read(self) -> Reading:
        """All of it, read once."""
        return Reading(self.monotonic(), self.wall(), self.jitter())


SYSTEM_CLOCK: Final = Clock()
