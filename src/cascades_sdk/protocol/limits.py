"""How much is taken from a server, and how often something is tried again: settings, with safe defaults.

Decided here: the numbers. Never here: what happens when one is crossed.
"""

from typing import Final

import attrs

__all__ = ["FOLLOWING", "LIMITS", "RETRY", "FollowPolicy", "Limits", "RetryPolicy"]

_MIB: Final = 2**20


@attrs.frozen
class Limits:
    """Upper bounds in bytes, each after decompression. Crossing one is a ``LimitExceededError``."""

    body: int = 8 * _MIB
    stream_line: int = 10 * _MIB
    stream_event: int = 10 * _MIB


@attrs.frozen
class RetryPolicy:
    """How often a call is tried again, and the bounds of the pause before it, in seconds."""

    retries: int = 2
    first_pause: float = 0.5
    longest_pause: float = 8.0


@attrs.frozen
class FollowPolicy:
    """How patiently a run is followed. All times are seconds.

    ``attempts`` connections in a row may bring nothing new before the run's stream is given up; one that
    stayed open for ``settled`` is not counted, because a quiet run is no fault.
    ``event_silence`` and ``byte_silence`` end a connection on which nothing is heard any more.
    """

    attempts: int = 10
    first_pause: float = 0.5
    longest_pause: float = 30.0
    settled: float = 10.0
    event_silence: float = 300.0
    byte_silence: float = 90.0
    log_tail: int = 20


LIMITS: Final = Limits()
RETRY: Final = RetryPolicy()
FOLLOWING: Final = FollowPolicy()
