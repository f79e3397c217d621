"""The optional accelerator (the extra ``fast``, orjson): the same bytes sooner, or no answer.

Decided here: where what orjson does is known to be RFC 8785. It writes texts and safe integers as the RFC asks. Floats
it writes otherwise below 1e-5 and from 2**53 on; names it sorts by code points, which is another order than that of
UTF-16 code units only where a name has a character from U+E000 on. A law compares it with
the writer and the reader that need no accelerator. Never here: a rule about documents, bytes of our own.
"""

import re
from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from itertools import count
from typing import Any, Final

from cascades_sdk.encoding._canonical import frozen_text
from cascades_sdk.encoding._forms import forms
from cascades_sdk.graph import Binding, Dag, ListBinding, ObjectBinding, TaskDefinition
from cascades_sdk.values import FrozenDict, FrozenValue

__all__ = ["dag_bytes", "plain_value"]

orjson: Any
try:
    orjson = import_module("orjson")
except ImportError:
    orjson = None


def plain_value(data: bytes) -> Any:
    """Plain Python of canonical JSON; ``None`` where the accelerator is missing, or cannot tell.

    For bytes without characters above U+FFFF, whose nesting is bounded.
    """
    if orjson is None:
        return None
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != data or _OTHER_FLOAT.search(data):
        return None
    return value


#: What may be a number that orjson writes otherwise than RFC 8785: with an exponent, or a fraction that is zero.
_OTHER_FLOAT: Final = re.compile(rb"[:\[,]-?[0-9]+(?:\.[0-9]+e|e|\.0[,}\]])")


def dag_bytes(dag: Dag) -> bytes | None:
    """The canonical JSON of a graph; ``None`` where the accelerator is missing, or not known to be right."""
    if orjson is None or not all(map(_sorts_alike, dag.tasks)):
        return None
    try:
        data: bytes = orjson.dumps(dag, default=_former(), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # a name in a binding, far down
        return None
    return data


def _sorts_alike(task: TaskDefinition) -> bool:
    return _are_plain((task.name, *[parameter.name for parameter in task.parameters]))


def _are_plain(names: Iterable[str]) -> bool:
    """Whether the names sort by code points as they do by UTF-16 code units, as far as one look at all tells."""
    text = "".join(names)
    return text.isascii() or max(text) < "\ue000"


def _former() -> Callable[[Any], dict[str, Any]]:
    """The form of each part of one graph, for which orjson asks in the order of the text."""
    of_kind = forms(_value, count())

    def form(part: Any) -> dict[str, Any]:
        kind = type(part)
        if (kind is ObjectBinding or kind is ListBinding) and not _is_shallow(part):
            raise TypeError
        return of_kind[kind](part)

    return form


def _is_shallow(part: ListBinding | ObjectBinding) -> bool:
    """Whether a container of bindings may go through native code, which recurses, and its names may be sorted there.

    The greatest depth that the model allows ends the process in a thread with a stack of 32 KiB.
    """
    if type(part) is ObjectBinding and not _are_plain(name for name, _ in part.entries):
        return False
    return not any(type(below) in _CONTAINERS for inner in _inside(part) for below in _inside(inner))


def _inside(binding: Binding) -> Iterable[Binding]:
    kind = type(binding)
    if kind is ListBinding:
        return binding.items  # type: ignore[union-attr]  # by kind
    return [inner for _, inner in binding.entries] if kind is ObjectBinding else ()  # type: ignore[union-attr]


_CONTAINERS: Final = (ListBinding, ObjectBinding)


def _value(value: FrozenValue) -> Any:
    """What orjson is given for a value: itself, or its text where that is not known to be the same."""
    kind = type(value)
    if kind in _ALIKE:
        return value
    if kind is tuple:
        alike = _are_alike(value)  # type: ignore[arg-type]  # by kind
    elif kind is FrozenDict:
        alike = _are_plain(value) and _are_alike(value.values())  # type: ignore[union-attr, arg-type]
    else:
        alike = _is_alike(value)  # type: ignore[arg-type]
    if not alike:
        return orjson.Fragment(frozen_text(value))
    return dict(value) if kind is FrozenDict else value  # type: ignore[arg-type]


def _are_alike(values: Collection[FrozenValue]) -> bool:
    kinds = set(map(type, values))
    if float not in kinds:
        return kinds <= _ALIKE
    return kinds <= _WITH_FLOATS and all(_is_alike(value) for value in values if type(value) is float)


def _is_alike(number: float) -> bool:
    return 1e-5 <= abs(number) < 2.0**53


_ALIKE: Final = frozenset({str, int, bool, type(None)})
_WITH_FLOATS: Final = _ALIKE | {float}
