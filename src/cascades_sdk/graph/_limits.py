"""How large a literal may be, and how much one argument may hold.

Decided here: the limits, and how size is counted: a literal by the bytes of its canonical JSON (RFC 8785), an argument
that holds references by its parts and its characters. Never here: those bytes.

A list that holds another list many times over is small in memory and large when it is written: twenty of them
inside each other are a million items. So no size is counted by writing, and what one argument holds is bounded.
"""

import re
from typing import Any, Final

from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, number_text

__all__ = [
    "MAX_CHARACTERS",
    "MAX_GUARDS",
    "MAX_LITERAL_BYTES",
    "MAX_PARTS",
    "canonical_size",
    "extent",
    "overfull",
    "oversized",
    "surely_fits",
    "surely_small",
]

#: 256 KiB: enough for a configuration; data belongs in a store that a task reads.
MAX_LITERAL_BYTES: Final = 256 * 1024

#: How many parts one argument (or a flow's return) may hold: items and entries, in literals too, however deep.
MAX_PARTS: Final = 2**20

#: How many characters of keys and texts may stand in them together.
MAX_CHARACTERS: Final = 2**24

#: How many guards may stand around a node: so deep a capture lets flows and branches nest.
MAX_GUARDS: Final = 64

_SHORT_ESCAPES: Final = re.compile(r'["\\\b\t\n\f\r]')
_LONG_ESCAPES: Final = re.compile(r"[\x00-\x07\x0b\x0e-\x1f]")


def canonical_size(value: FrozenValue) -> int:
    """The length in bytes of the value's canonical JSON. Linear in what is there in memory, not in that length."""
    return _size(value, {})


def _size(value: FrozenValue, known: dict[int, int]) -> int:
    # `known` are the sizes of containers by identity; the whole value keeps them all alive.
    if type(value) is str:
        return _size_of_text(value)
    if type(value) is tuple:
        size = known.get(id(value))
        if size is None:
            size = max(2, 1 + len(value) + sum([_size(item, known) for item in value]))
            known[id(value)] = size
        return size
    if type(value) is FrozenDict:
        size = known.get(id(value))
        if size is None:
            # Per entry: the key, a colon, the value, and a comma or the closing brace.
            size = max(2, 1 + sum([2 + _size_of_text(key) + _size(item, known) for key, item in value.items()]))
            known[id(value)] = size
        return size
    if type(value) is bool:
        return 4 if value else 5
    return 4 if value is None else len(number_text(value))  # type: ignore[arg-type]  # int or float is left


def _size_of_text(text: str) -> int:
    size = len(text.encode()) + 2
    if text.isprintable() and '"' not in text and "\\" not in text:
        return size
    return size + len(_SHORT_ESCAPES.findall(text)) + 5 * len(_LONG_ESCAPES.findall(text))


def extent(value: Any) -> tuple[int, int, int]:
    """How many parts stand inside a frozen value, how many characters they have, how many containers it is deep.

    Linear in the size of the value written out, so it is asked of literals only.
    """
    if type(value) is str:
        return 0, len(value), 0
    if type(value) is not tuple and type(value) is not FrozenDict:
        return 0, 0, 0
    parts, characters, depth = len(value), 0, 0
    inside: Any = value
    if type(value) is FrozenDict:
        characters = sum(map(len, value))
        inside = value.values()
    for item in inside:
        more_parts, more_characters, inner = extent(item)
        parts += more_parts
        characters += more_characters
        depth = max(depth, inner)
    return parts, characters, depth + 1


def overfull(parts: int, characters: int) -> Refusal | None:
    """Why an argument holds too much, or ``None`` where it does not."""
    if parts <= MAX_PARTS and characters <= MAX_CHARACTERS:
        return None
    return Refusal(
        "",
        f"holds more than {MAX_PARTS} parts or {MAX_CHARACTERS} characters",
        "store it, and pass the task its address",
    )


def surely_fits(value: object) -> bool:
    """Whether one look in native code tells that a plain value is small enough to be a literal.

    Canonical JSON has at most six bytes for each character of a ``repr``: a character above U+FFFF has four, a control
    character six for four, ``1e20`` twenty-one for five.
    """
    return 6 * len(repr(value)) <= MAX_LITERAL_BYTES


def surely_small(parts: int, characters: int) -> bool:
    """The same of what has so many parts and characters: at most 25 bytes for a number, and four around each part."""
    return 6 * characters + 32 * parts <= MAX_LITERAL_BYTES


def oversized(value: FrozenValue) -> Refusal | None:
    """Why a value is too large to be a literal, or ``None`` where it is not."""
    # Texts and containers only: no number is long. A short text cannot be too large, at six bytes a character.
    kind = type(value)
    if kind is not str and kind is not tuple and kind is not FrozenDict:
        return None
    if kind is str and 6 * len(value) < MAX_LITERAL_BYTES:  # type: ignore[arg-type]
        return None
    size = canonical_size(value)
    if size <= MAX_LITERAL_BYTES:
        return None
    return Refusal(
        "",
        f"a literal of {size} bytes is larger than {MAX_LITERAL_BYTES}",
        "store it, and pass the task its address",
    )
