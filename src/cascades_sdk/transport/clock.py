"""Time and chance, as one value that a client is given.

Decided here: which clocks the world has. Never here: how long anything takes.
"""

import random
import time
from collections.abc import Callable
from typing import Final

import attrs

from cascades_sdk.protocol.effects import Reading

__all__ = ["SYSTEM_CLOCK", "Clock"]


@attrs.frozen
class Clock:
    """Where time comes from. All in seconds; ``jitter`` answers a random number in [0, 1)."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def read(self) -> Reading:
        """All of it, read once."""
        return Reading(self.monotonic(), self.wall(), self.jitter())


SYSTEM_CLOCK: Final = Clock()
