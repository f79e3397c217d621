"""Refusing arguments that cannot be meant, where they are given and not where they would go wrong.

Decided here: how such an error reads, and what is a text, a pause or a header. Never here: which argument has which
bounds.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import attrs

from cascades_sdk.errors import ValidationError
from cascades_sdk.values import freeze

__all__ = ["PAUSE", "check", "checked_by", "is_flag", "is_header_name", "is_header_value", "is_pause", "is_text"]

#: The longest pause, in seconds: some three hundred years. The years of a time on the wire have four digits.
_LONGEST: Final = 1e10

#: How a pause is told.
PAUSE: Final = "a number of seconds from 0 to 1e10"

#: RFC 9110 §5.6.2.
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

#: RFC 9110 §5.5, in ASCII: no control character but the tab, so that a value is never a line of its own.
_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")


def is_pause(value: object) -> bool:
    """Whether a value is a number of seconds that may pass."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST


def is_text(value: object) -> bool:
    """Whether a value is a text that can be sent: lone surrogates have no UTF-8 form."""
    return isinstance(freeze(value), str)


def is_flag(value: object) -> bool:
    """Whether a value is True or False."""
    return isinstance(value, bool)


def is_header_name(value: object) -> bool:
    """Whether a value can be the name of a header."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def is_header_value(value: object) -> bool:
    """Whether a value can be that of a header."""
    return isinstance(value, str) and _VALUE.fullmatch(value) is not None


def check(holds: bool, where: str, name: str, expected: str) -> None:
    """Nothing, where it holds.

    Raises:
        ValidationError: it does not.
    """
    if not holds:
        raise ValidationError(where, f"expected {expected}", pointer=f"/{name}")


def checked_by(
    holds: Callable[[Any], bool], where: str, expected: str
) -> Callable[[Any, "attrs.Attribute[Any]", Any], None]:
    """The same as a validator of a field."""

    def validator(_: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
        check(holds(value), where, field.name, expected)

    return validator
