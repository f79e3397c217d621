"""Canonical CBOR of values and graphs: RFC 8949 §4.2.1, core deterministic encoding.

Decided here: the bytes, one production each: shortest heads, shortest floats that keep the value, names in
the bytewise order of their encodings, no tags, no indefinite lengths. Never here: what a document holds.

Containers are not left to the encoder of cbor2, which gives the same bytes (tests compare) but recurses in native
code: a document of the depth that the model allows ends the process in a thread with a stack of 64 KiB. Floats are.
"""

import struct
from collections.abc import Mapping
from itertools import count
from typing import Any, Final

import cbor2
from returns.result import Failure, Success

from cascades_sdk.encoding._forms import Form, forms
from cascades_sdk.errors import STACK_ADVICE, STACK_PROBLEM, InvalidValueError, Outcome, stack_safe
from cascades_sdk.graph import Dag, Literal, check_is_dag
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze

__all__ = ["canonical_cbor", "dag_to_cbor", "float_item"]


@stack_safe(InvalidValueError("", STACK_PROBLEM, STACK_ADVICE))
def canonical_cbor(value: object) -> Outcome[bytes, InvalidValueError]:
    """The canonical CBOR of any value of the model, or of a :class:`~cascades_sdk.graph.Dag`.

    Linear in what is written, and not in what is there in memory: a container that stands in many places is written out
    in each of them, so a small value may have a large encoding.

    Returns:
        ``Success(data)``, or ``Failure(InvalidValueError)`` with the pointer to what is not in the model.
    """
    if type(value) is Dag:
        return Success(dag_to_cbor(value))
    frozen = freeze(value)
    if isinstance(frozen, Refusal):
        return Failure(InvalidValueError(frozen.pointer, frozen.problem, frozen.advice))
    return Success(_item(frozen, {}))


def dag_to_cbor(dag: Dag) -> bytes:
    """The canonical CBOR of a graph: the same value as its canonical JSON. Total, linear.

    Like :func:`~cascades_sdk.encoding.dag_to_json` it needs 300 frames of the stack at most.
    """
    check_is_dag(dag)
    return _item(dag, forms(_itself, count()))


def _itself(value: FrozenValue) -> FrozenValue:
    return value


def _item(value: Any, of_kind: Mapping[type, Form]) -> bytes:
    """The encoding of a frozen value, or of a part of a graph, whose forms are told by kind."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is Literal:
        return _LITERAL + _item(value.value, of_kind)  # its form, without the detour: most of what a graph holds
    form = of_kind.get(kind)
    if form is not None:
        return _map(form(value), of_kind)
    if kind is dict or kind is FrozenDict:
        return _map(value, of_kind)
    if kind is tuple or kind is list:
        return _head(0x80, len(value)) + b"".join([_item(item, of_kind) for item in value])
    if kind is int:
        return _head(0x00, value) if value >= 0 else _head(0x20, -1 - value)
    if kind is float:
        return float_item(value)
    return _SIMPLE[value]


def _map(entries: Any, of_kind: Mapping[type, Form]) -> bytes:
    """§4.2.1: entries in the bytewise order of their names' encodings."""
    names = tuple(entries)
    order = _ORDERS.get(names) or sorted([(_text(name), name) for name in names])
    parts = [_head(0xA0, len(names))]
    for encoded, name in order:
        parts.append(encoded)
        parts.append(_item(entries[name], of_kind))
    return b"".join(parts)


def _text(text: str) -> bytes:
    data = text.encode()
    size = len(data)
    return _BYTES[0x60 | size] + data if size < 24 else _head(0x60, size) + data


def _head(major: int, argument: int) -> bytes:
    """§3: a major type and its argument, in the fewest bytes."""
    if argument < 24:
        return _BYTES[major | argument]
    if argument < 0x100:
        return bytes((major | 24, argument))
    if argument < 0x10000:
        return _HALF.pack(major | 25, argument)
    if argument < 0x100000000:
        return _SINGLE.pack(major | 26, argument)
    return _DOUBLE.pack(major | 27, argument)


def float_item(value: float) -> bytes:
    """§4.2.1: the shortest of half, single and double precision that keeps the value."""
    return cbor2.dumps(value, canonical=True)


_BYTES: Final = [bytes((byte,)) for byte in range(256)]
_HALF: Final = struct.Struct(">BH")
_SINGLE: Final = struct.Struct(">BI")
_DOUBLE: Final = struct.Struct(">BQ")
_SIMPLE: Final = {False: b"\xf4", True: b"\xf5", None: b"\xf6"}
_LITERAL: Final = b"\xa1" + _text("literal")

#: The order of the names that occur most, by the names as their form has them: looked up, not sorted each time.
_ORDERS: Final = {
    names: sorted([(_text(name), name) for name in names])
    for names in (
        ("id", "kind", "task", "arguments"),
        ("id", "kind", "task", "arguments", "after"),
        ("node",),
        ("node", "path"),
        ("input",),
        ("list",),
        ("object",),
    )
}
