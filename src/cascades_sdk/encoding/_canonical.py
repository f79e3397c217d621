"""Canonical JSON of a value (RFC 8785).

Decided here: the bytes of values, one production each. Never here: what a document holds.
"""

from json.encoder import encode_basestring
from typing import Final

from returns.result import Failure, Success

from cascades_sdk.errors import InvalidValueError, Outcome
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze, number_text

__all__ = ["canonical_json", "frozen_text", "string_text"]

#: §3.2.2.2: only ``"``, ``\\`` and the controls are escaped, with the short forms where there are any. The
#: encoder of the standard library without ``ensure_ascii`` writes exactly that; a property compares.
string_text: Final = encode_basestring

_WORDS: Final = {None: "null", True: "true", False: "false"}


def canonical_json(value: object) -> Outcome[str, InvalidValueError]:
    """The canonical JSON text of any value of the model.

    Returns:
        ``Success(text)``, or ``Failure(InvalidValueError)`` with the pointer to what is not in the model.
    """
    frozen = freeze(value)
    if isinstance(frozen, Refusal):
        return Failure(InvalidValueError(frozen.pointer, frozen.problem, frozen.advice))
    return Success(frozen_text(frozen))


def frozen_text(value: FrozenValue) -> str:
    """The canonical JSON text of a frozen value; total."""
    kind = type(value)
    if kind is str:
        return string_text(value)  # type: ignore[arg-type]  # by kind
    if kind is int or kind is float:
        return number_text(value)  # type: ignore[arg-type]
    if kind is tuple:
        return "[" + ",".join(map(frozen_text, value)) + "]"  # type: ignore[arg-type]
    if kind is FrozenDict:
        # §3.2.3: a FrozenDict is in the order of its names' UTF-16 code units already.
        entries = [f"{string_text(name)}:{frozen_text(inner)}" for name, inner in value.items()]  # type: ignore[union-attr]
        return "{" + ",".join(entries) + "}"
    return _WORDS[value]  # type: ignore[index]  # None and the two bools are left
