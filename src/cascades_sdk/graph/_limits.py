"""How large a literal may be.

Decided here: the limit and how size is counted: the bytes of the value's canonical JSON (RFC 8785).
Never here: those bytes.
"""

import re
from typing import Final

from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, number_text

__all__ = ["MAX_LITERAL_BYTES", "canonical_size", "oversized"]

#: 256 KiB: enough for a configuration; data belongs in a store that a task reads.
MAX_LITERAL_BYTES: Final = 256 * 1024

_SHORT_ESCAPES: Final = re.compile(r'["\\\b\t\n\f\r]')
_LONG_ESCAPES: Final = re.compile(r"[\x00-\x07\x0b\x0e-\x1f]")


def canonical_size(value: FrozenValue) -> int:
    """The length in bytes of the value's canonical JSON. Linear."""
    if type(value) is str:
        size = len(value.encode()) + 2
        if value.isprintable() and '"' not in value and "\\" not in value:
            return size
        return size + len(_SHORT_ESCAPES.findall(value)) + 5 * len(_LONG_ESCAPES.findall(value))
    if type(value) is tuple:
        return max(2, 1 + len(value) + sum(map(canonical_size, value)))
    if type(value) is FrozenDict:
        # Per entry: the key, a colon, the value, and a comma or the closing brace.
        return max(2, 1 + sum(2 + canonical_size(key) + canonical_size(item) for key, item in value.items()))
    if type(value) is bool:
        return 4 if value else 5
    return 4 if value is None else len(number_text(value))  # type: ignore[arg-type]  # int or float is left


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
