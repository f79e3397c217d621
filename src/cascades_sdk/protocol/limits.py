"""How much is taken from a server, and how often something is tried again: settings, with safe defaults.

Decided here: the numbers. Never here: what happens when one is crossed.
"""

from collections.abc import Callable
from sys import float_info
from typing import Final

import attrs

from cascades_sdk.errors import ValidationError
from cascades_sdk.values import MAX_DEPTH

__all__ = ["FOLLOWING", "LIMITS", "RETRY", "FollowPolicy", "Limits", "RetryPolicy", "is_seconds"]

_MIB: Final = 2**20

#: The HTTP library gives up by itself somewhat later, and calls it a broken connection.
_MOST_HEADERS: Final = 64 * 2**10

#: Longer ones Python does not read (sys.int_info.default_max_str_digits).
_MOST_DIGITS: Final = 4_300


def is_seconds(value: object) -> bool:
    """Whether a value is a usable length of time: a finite number above zero."""
    return _is_number(value) and value != 0


def _is_number(value: object) -> bool:
    # Comparing is exact for any integer, where turning one into a float may overflow; NaN is in no order.
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= float_info.max


def _count(holder: object, field: "attrs.Attribute[int]", value: object) -> None:
    if type(value) is not int or value < 0:
        raise ValidationError(type(holder).__name__, "expected a whole number of 0 or more", pointer=f"/{field.name}")


def _pause(holder: object, field: "attrs.Attribute[float]", value: object) -> None:
    if not _is_number(value):
        problem = "expected a finite number of seconds, 0 or more"
        raise ValidationError(type(holder).__name__, problem, pointer=f"/{field.name}")


def _up_to(most: int) -> Callable[[object, "attrs.Attribute[int]", object], None]:
    def check(holder: object, field: "attrs.Attribute[int]", value: object) -> None:
        if type(value) is not int or not 0 <= value <= most:
            problem = f"expected a whole number from 0 to {most}"
            raise ValidationError(type(holder).__name__, problem, pointer=f"/{field.name}")

    return check


@attrs.frozen
class Limits:
    """Upper bounds of what a server may send. Crossing one is a ``LimitExceededError``.

    ``body`` (after decompression), ``headers`` (names and values of one answer, together), ``stream_line`` and
    ``stream_event`` are bytes; ``nesting`` is how many arrays and objects may enclose each other in a JSON body or
    frame, ``digits`` how long an integer in it may be. Integers are exact up to there, also beyond 2**53 - 1.

    Raises:
        ValidationError: a bound is no whole number of 0 or more, or beyond what can be kept: 64 KiB of headers, a
            nesting of 64 (the value model's), 4,300 digits (Python's).
    """

    body: int = attrs.field(default=8 * _MIB, validator=_count)
    headers: int = attrs.field(default=_MOST_HEADERS, validator=_up_to(_MOST_HEADERS))
    nesting: int = attrs.field(default=MAX_DEPTH, validator=_up_to(MAX_DEPTH))
    digits: int = attrs.field(default=1_000, validator=_up_to(_MOST_DIGITS))
    stream_line: int = attrs.field(default=10 * _MIB, validator=_count)
    stream_event: int = attrs.field(default=10 * _MIB, validator=_count)


@attrs.frozen
class RetryPolicy:
    """How often a call is tried again, and the bounds of the pause before it, in seconds.

    What is tried again: a GET where the network failed, a POST that provably never left, and any call that was answered
    429 or 503 with a ``Retry-After``. The pauses double from ``first_pause`` to ``longest_pause``, less up to a quarter
    by chance; none leads past the deadline.

    Raises:
        ValidationError: a number is negative, or none.
    """

    retries: int = attrs.field(default=2, validator=_count)
    first_pause: float = attrs.field(default=0.5, validator=_pause)
    longest_pause: float = attrs.field(default=8.0, validator=_pause)


@attrs.frozen
class FollowPolicy:
    """How patiently a run is followed. All times are seconds.

    ``attempts`` connections in a row may bring nothing new before the run's stream is given up, which takes some ten
    minutes with the pauses between them; one that stayed open for ``settled`` is not counted, because a quiet run is no
    fault.
    ``event_silence`` and ``byte_silence`` end a connection on which nothing is heard any more.
    """

    attempts: int = 25
    first_pause: float = 0.5
    longest_pause: float = 30.0
    settled: float = 10.0
    event_silence: float = 300.0
    byte_silence: float = 90.0
    log_tail: int = 20


LIMITS: Final = Limits()
RETRY: Final = RetryPolicy()
FOLLOWING: Final = FollowPolicy()
