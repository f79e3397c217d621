"""The fields of a document's objects, and the way to what is wrong with one.

Decided here: how a reader of a part asks for keys, lists and texts, and how a fault learns where it stands. Never here:
which part has which keys.

A reader of a part takes the part alone. Where it refuses something it raises a fault that knows the way from that part;
whoever reads the whole puts its own token before it while the fault passes. So a document without faults costs nothing
for pointers.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import attrs

from cascades_sdk.values import FrozenValue, Refusal, freeze, json_pointer, shown

__all__ = [
    "Fault",
    "Shape",
    "each_of",
    "fields_of",
    "frozen_of",
    "list_of",
    "present_list",
    "read_at",
    "shape",
    "shown_part",
    "text_of",
]

_T = TypeVar("_T")


class Fault(Exception):
    """Unwinds from a fault to the reader; made into a value there. Tokens are collected from the inside out."""

    def __init__(self, problem: str, *path: str | int, advice: str = "", inner: str = "") -> None:
        super().__init__(problem)
        self.problem, self.advice = problem, advice
        self.tokens: list[str | int] = [*reversed(path)]
        #: The rest of the pointer, where a value was refused for a part of it.
        self.inner = inner

    def stands_under(self, *tokens: str | int) -> None:
        """Put tokens before the way that is known."""
        self.tokens.extend(reversed(tokens))

    @property
    def pointer(self) -> str:
        return json_pointer(reversed(self.tokens)) + self.inner


@attrs.frozen
class Shape:
    """The keys of one kind of object. ``usual`` are those of canonical objects, in order: one look-up tells them."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    usual: frozenset[tuple[str, ...]]


def shape(required: tuple[str, ...], *optional: str) -> Shape:
    chosen: list[tuple[str, ...]] = [()]
    for name in optional:
        chosen += [(*names, name) for names in chosen]
    return Shape(required, optional, frozenset(tuple(sorted((*required, *names))) for names in chosen))


def fields_of(value: Any, shape: Shape) -> Mapping[str, Any]:
    if type(value) is dict:
        if tuple(value) in shape.usual:
            return value
        for name in shape.required:
            if name not in value:
                raise Fault(f"the key {name!r} is missing")
        for name in value:
            if name not in shape.required and name not in shape.optional:
                raise Fault("this key is unknown", name)
        return value
    raise Fault(f"expected an object, found {shown_part(value)}")


def shown_part(value: Any) -> str:
    return "an object" if type(value) is dict else "a list" if type(value) is list else shown(value)


def list_of(value: Any, *path: str) -> list[Any]:
    if type(value) is not list:
        raise Fault(f"expected a list, found {shown_part(value)}", *path)
    return value


def read_at(token: str, read: Callable[[Any], _T], value: Any) -> _T:
    """What stands at a key, read."""
    try:
        return read(value)
    except Fault as fault:
        fault.stands_under(token)
        raise


def each_of(read: Callable[[Any], _T], value: Any, *path: str) -> tuple[_T, ...]:
    made: list[_T] = []
    try:
        for item in list_of(value):
            made.append(read(item))  # noqa: PERF401 - how far it came is the token of a fault
    except Fault as fault:
        # A list that is none has no place of its own to tell.
        fault.stands_under(*path, *([len(made)] if type(value) is list else []))
        raise
    return tuple(made)


def present_list(fields: Mapping[str, Any], name: str) -> Any:
    """A list that is left out where it is empty, and so is never empty where it is written."""
    value = fields.get(name, _ABSENT)
    if value == []:
        raise Fault("what is empty is left out", name)
    return [] if value is _ABSENT else value


_ABSENT: Final = object()


def text_of(value: Any, *path: str) -> str:
    if type(value) is not str:
        raise Fault(f"expected text, found {shown_part(value)}", *path)
    return value


def frozen_of(value: Any, *path: str) -> FrozenValue:
    frozen = freeze(value)
    if isinstance(frozen, Refusal):
        raise Fault(frozen.problem, *path, advice=frozen.advice, inner=frozen.pointer)
    return frozen
