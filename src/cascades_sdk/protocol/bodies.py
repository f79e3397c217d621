"""JSON read strictly, and typed bodies read from it.

Decided here: which bytes are a JSON value (RFC 8259, and nothing beside it), and when a value has the shape
of a class of :mod:`cascades_sdk.types`. What is wrong is a :class:`Refusal` with the JSON Pointer to it.
Never here: statuses, headers, what an error means for a call.
"""

import json
import re
from math import isfinite
from typing import Any, Final, TypeVar

import attrs

from cascades_sdk.types import fault_of, wire_keys
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze, thaw

__all__ = ["json_bytes", "read_body", "read_json"]

_T = TypeVar("_T")

_MANY_DIGITS: Final = 20
_NOT_JSON: Final = "no control plane answers so"
_SURROGATE: Final = "a lone surrogate has no UTF-8 form"
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@attrs.frozen(eq=False)
class _Unreadable:
    """Stands where the parser met something that is not JSON, until the walk that knows its pointer."""

    problem: str


@attrs.frozen(eq=False)
class _Members:
    """The members of an object as they came: a dict would have lost the duplicates already."""

    pairs: list[tuple[str, Any]]


def _integer(digits: str) -> object:
    # Beyond 2**53 - 1 the value model refuses anyway; int() itself is quadratic in the number of digits.
    return int(digits) if len(digits) < _MANY_DIGITS else _Unreadable(f"an integer of {len(digits)} digits")


def _number(text: str) -> object:
    value = float(text)
    return value if isfinite(value) else _Unreadable("a number beyond binary64")


def _constant(name: str) -> object:
    return _Unreadable(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_Members, parse_int=_integer, parse_float=_number, parse_constant=_constant
)


def read_json(data: bytes) -> FrozenValue | Refusal:
    """The frozen value of a JSON text in UTF-8, or what is wrong and where. Linear in the size of ``data``.

    Refused beside bad syntax: a byte order mark, malformed UTF-8, duplicate keys, NaN and infinities, numbers
    that binary64 cannot hold exactly or at all, lone surrogates, and nesting deeper than the value model's limit.
    No text of ``data`` is in the problem, and no more of it than keys in the pointer: it may hold a credential.
    """
    try:
        plain = _plain(_DECODER.decode(data.decode()))
    except UnicodeDecodeError as problem:
        return Refusal("", f"not UTF-8 at byte {problem.start}", _NOT_JSON)
    except json.JSONDecodeError as problem:
        # The parser's message never quotes the text.
        return Refusal("", f"not JSON: {problem.msg} at character {problem.pos}", _NOT_JSON)
    except RecursionError:
        return Refusal("", "nested too deep", _NOT_JSON)
    return plain if isinstance(plain, Refusal) else freeze(plain)


def _plain(value: Any) -> Any:
    """The parsed value as dicts and lists, or the refusal of the first thing in it that is not JSON."""
    kind = type(value)
    if kind is _Members:
        return _plain_object(value.pairs)
    if kind is list:
        return _plain_list(value)
    if kind is str and not _is_utf8(value):
        # The value model would say so, too, and would show a part of the text.
        return Refusal("", _SURROGATE, _NOT_JSON)
    return Refusal("", value.problem, _NOT_JSON) if kind is _Unreadable else value


def _is_utf8(text: str) -> bool:
    return text.isascii() or not _SURROGATES.search(text)


def _plain_object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Refusal:
    plain: dict[str, Any] = {}
    for name, member in pairs:
        if not _is_utf8(name):
            return Refusal("", f"the name of a member: {_SURROGATE}", _NOT_JSON)
        if name in plain:
            return Refusal("", "a duplicate key", _NOT_JSON).under(name)
        inner = _plain(member)
        if type(inner) is Refusal:
            return inner.under(name)
        plain[name] = inner
    return plain


def _plain_list(items: list[Any]) -> list[Any] | Refusal:
    plain: list[Any] = []
    for index, item in enumerate(items):
        inner = _plain(item)
        if type(inner) is Refusal:
            return inner.under(index)
        plain.append(inner)
    return plain


def read_body(schema: type[_T], value: FrozenValue, *, secrets: tuple[str, ...] = ()) -> _T | Refusal:
    """``value`` as an instance of ``schema``, or the first key that is missing or wrong.

    Keys that the schema does not know are kept in ``.wire``. Of a text that is wrong the ``secrets`` are not shown.
    """
    refusal = fault_of(schema, value, secrets)
    if refusal is not None:
        return refusal
    assert type(value) is FrozenDict  # anything else has a fault
    found: dict[str, Any] = {field: value[key.name] for field, key in wire_keys(schema) if key.name in value}
    return schema(**found | {"wire": value})


def json_bytes(value: FrozenValue) -> bytes:
    """The value as JSON in UTF-8, without spaces, keys in the order of the value model."""
    return json.dumps(thaw(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
