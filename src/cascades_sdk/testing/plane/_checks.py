"""Refusing arguments that cannot be meant, where they are given and not where they would go wrong.

Decided here: how such an error reads. Never here: which argument has which bounds.
"""

from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.limits import is_seconds

__all__ = ["check", "is_pause"]


def is_pause(value: object) -> bool:
    """Whether a value is a finite number of seconds, 0 or more."""
    return is_seconds(value) or (value == 0 and not isinstance(value, bool))


def check(holds: bool, where: str, name: str, expected: str) -> None:
    """Nothing, where it holds.

    Raises:
        ValidationError: it does not.
    """
    if not holds:
        raise ValidationError(where, f"expected {expected}", pointer=f"/{name}")
