"""JSON read strictly, and typed bodies read from it.

Decided here: which bytes are a JSON value (RFC 8259, and nothing beside it), and when a value has the shape
of a class of :mod:`cascades_sdk.types`. What is wrong is a :class:`Refusal` with the JSON Pointer to it.
Never here: statuses, headers, what an error means for a call.
"""

import json
import re
from functools import cache, partial
from math import isfinite
from typing import Any, Final, Literal, TypeVar

import attrs

from cascades_sdk._nesting import nesting_of
from cascades_sdk.protocol.hiding import hidden
from cascades_sdk.protocol.limits import LIMITS, Limits
from cascades_sdk.types import fault_of, wire_keys
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze, sorted_names, thaw

__all__ = ["Crossed", "json_bytes", "read_body", "read_json"]

_T = TypeVar("_T")

_NOT_JSON: Final = "no control plane answers so"
_SURROGATE: Final = "a lone surrogate has no UTF-8 form"
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@attrs.frozen
class Crossed(Refusal):
    """The refusal of what is larger than the client was set to take."""

    limit: Literal["nesting", "digits"] = "nesting"
    maximum: int = 0


@attrs.frozen(eq=False)
class _Unreadable:
    """Stands where the parser met something that is not taken, until the walk that knows its pointer."""

    refusal: Refusal


@attrs.frozen(eq=False)
class _Members:
    """The members of an object as they came: a dict would have lost the duplicates already."""

    pairs: list[tuple[str, Any]]


def _number(text: str) -> object:
    value = float(text)
    return value if isfinite(value) else _Unreadable(Refusal("", "a number beyond binary64", _NOT_JSON))


def _constant(name: str) -> object:
    return _Unreadable(Refusal("", f"{name} is not JSON", _NOT_JSON))


@cache
def _decoder(most_digits: int) -> json.JSONDecoder:
    def integer(text: str) -> object:
        digits = len(text) - text.startswith("-")
        if digits > most_digits:
            return _Unreadable(Crossed("", f"an integer of {digits} digits", "", "digits", most_digits))
        return int(text)

    return json.JSONDecoder(
        object_pairs_hook=_Members, parse_int=integer, parse_float=_number, parse_constant=_constant
    )


def read_json(data: bytes, limits: Limits = LIMITS) -> FrozenValue | Refusal:
    """The frozen value of a JSON text in UTF-8, or what is wrong and where. Linear in the size of ``data``.

    Refused beside bad syntax: a byte order mark, malformed UTF-8, duplicate keys, NaN and infinities, numbers
    that binary64 cannot hold at all, and lone surrogates; and with :class:`Crossed` what the limits of ``nesting`` and
    ``digits`` forbid. Integers are exact, also those beyond the value model's, which no document may hold.
    No text of ``data`` is in the problem, and no more of it than keys in the pointer: it may hold a credential.
    """
    if nesting_of(data) > limits.nesting:
        return Crossed("", "nested too deep", "", "nesting", limits.nesting)
    try:
        return _frozen(_decoder(limits.digits).decode(data.decode()))
    except UnicodeDecodeError as problem:
        return Refusal("", f"not UTF-8 at byte {problem.start}", _NOT_JSON)
    except json.JSONDecodeError as problem:
        # The parser's message never quotes the text.
        return Refusal("", f"not JSON: {problem.msg} at character {problem.pos}", _NOT_JSON)


def _frozen(value: Any) -> FrozenValue | Refusal:
    """The parsed value, frozen, or the refusal of the first thing in it that is not taken."""
    kind = type(value)
    if kind is _Members:
        return _frozen_object(value.pairs)
    if kind is list:
        return _frozen_list(value)
    if kind is str and not _is_utf8(value):
        return Refusal("", _SURROGATE, _NOT_JSON)
    if kind is float:
        return freeze(value)
    return value.refusal if kind is _Unreadable else value  # type: ignore[no-any-return]  # a scalar


def _is_utf8(text: str) -> bool:
    return text.isascii() or not _SURROGATES.search(text)


def _frozen_object(pairs: list[tuple[str, Any]]) -> FrozenDict | Refusal:
    found: dict[str, FrozenValue] = {}
    for name, member in pairs:
        if not _is_utf8(name):
            return Refusal("", f"the name of a member: {_SURROGATE}", _NOT_JSON)
        if name in found:
            return Refusal("", "a duplicate key", _NOT_JSON).under(name)
        inner = _frozen(member)
        if isinstance(inner, Refusal):
            return inner.under(name)
        found[name] = inner
    return FrozenDict.of_frozen({name: found[name] for name in sorted_names(found)})


def _frozen_list(items: list[Any]) -> tuple[FrozenValue, ...] | Refusal:
    found: list[FrozenValue] = []
    for index, item in enumerate(items):
        inner = _frozen(item)
        if isinstance(inner, Refusal):
            return inner.under(index)
        found.append(inner)
    return tuple(found)


def read_body(schema: type[_T], value: FrozenValue, *, secrets: tuple[str, ...] = ()) -> _T | Refusal:
    """``value`` as an instance of ``schema``, or the first key that is missing or wrong.

    Keys that the schema does not know are kept in ``.wire``. The problem shows no ``secrets``; the pointer may.
    """
    refusal = fault_of(schema, value, partial(hidden, secrets=secrets))
    if refusal is not None:
        return refusal
    assert type(value) is FrozenDict  # anything else has a fault
    found: dict[str, Any] = {field: value[key.name] for field, key in wire_keys(schema) if key.name in value}
    return schema(**found | {"wire": value})


def json_bytes(value: FrozenValue) -> bytes:
    """The value as JSON in UTF-8, without spaces, keys in the order of the value model."""
    return json.dumps(thaw(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
