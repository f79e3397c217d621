"""A moment that is handed through httpx and httpcore as if it were a timeout.

Decided here: how much time is left for one operation of a socket. Never here: which moment it is.

httpx knows timeouts for single operations only, and a kept connection serves many calls. httpcore hands the
timeout of the request that it works on, untouched, to each operation of the network. So the timeout is a
float that also knows the moment: our network backend asks it for the time that is left *now*.
"""

from collections.abc import Callable
from math import isinf
from typing import Final

from cascades_sdk.transport.cancelling import CancelToken

__all__ = ["Until", "time_left"]

#: A socket's timeout may not be arbitrarily long (poll counts milliseconds in 32 bits).
_LONGEST: Final = 1_000_000.0

#: An operation whose time has passed still gets a moment: zero would mean a socket that does not block.
_SHORTEST: Final = 1e-6


class Until(float):
    """The seconds left when it was made (what a foreign transport sees), and the moment itself.

    ``moment`` is set anew before each read of a stream: the driver owns it and is one thread. A ``token`` ends what is
    blocked before its time.
    """

    __slots__ = ("_monotonic", "moment", "token")

    _monotonic: Callable[[], float]
    moment: float
    token: CancelToken | None

    def __new__(cls, moment: float, monotonic: Callable[[], float], token: CancelToken | None = None) -> "Until":
        new = super().__new__(cls, min(max(moment - monotonic(), _SHORTEST), _LONGEST))
        new._monotonic = monotonic
        new.moment = moment
        new.token = token
        return new

    def left(self) -> float | None:
        """The seconds left now, not above zero if the moment has passed; None if it never comes."""
        return None if isinf(self.moment) else min(self.moment - self._monotonic(), _LONGEST)


def time_left(timeout: float | None) -> float | None:
    """What is left of a timeout: of an :class:`Until` by the clock, of a plain number all of it."""
    return timeout.left() if isinstance(timeout, Until) else timeout
