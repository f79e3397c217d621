"""The binding grammar: what an argument, or a flow's return, can be.

Decided here: the five forms, their equality, and what they refer to. Edges are derived from bindings and
recorded nowhere else. Never here: where bindings come from.

A container without references is one :class:`Literal`; so each argument has exactly one form.
"""

from collections.abc import Iterator
from typing import Final, NewType, TypeAlias, Union

import attrs

from cascades_sdk.graph._literal import Literal
from cascades_sdk.values import FrozenDict, sorted_names

__all__ = [
    "Binding",
    "InputReference",
    "ListBinding",
    "Literal",
    "NodeId",
    "NodeReference",
    "ObjectBinding",
    "Path",
    "list_binding",
    "node_id",
    "object_binding",
    "ordinal_of",
    "references_of",
]

#: ``node-0``, ``node-1``, …: a node's position in the order of capture.
NodeId = NewType("NodeId", str)

#: Keys and indexes from a value to a part of it.
Path: TypeAlias = tuple[str | int, ...]


def node_id(ordinal: int) -> NodeId:
    """The id of the node at a position, counted from 0."""
    return NodeId(f"node-{ordinal}")


def ordinal_of(identity: object) -> int | None:
    """The position that an id names; ``None`` for what is no id (``node-01`` is none)."""
    digits = identity[5:] if type(identity) is str and identity.startswith("node-") else ""
    # No id of a graph that fits into memory has more digits; longer ones are not worth the conversion.
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        return None
    return int(digits) if node_id(int(digits)) == identity else None


@attrs.frozen
class NodeReference:
    """The output of an earlier node (by position), or the part of it that ``path`` leads to."""

    node: int
    path: Path = ()


@attrs.frozen
class InputReference:
    """An input of the flow (by name), or the part of it that ``path`` leads to."""

    name: str
    path: Path = ()


@attrs.frozen
class ListBinding:
    """A list in which at least one item refers to something."""

    items: tuple["Binding", ...]


@attrs.frozen
class ObjectBinding:
    """An object in which at least one entry refers to something; entries in RFC 8785 order of their keys."""

    entries: tuple[tuple[str, "Binding"], ...]


Binding: TypeAlias = Union[Literal, NodeReference, InputReference, ListBinding, ObjectBinding]  # noqa: UP007

_REFERENCES: Final = (NodeReference, InputReference)


def list_binding(items: tuple[Binding, ...]) -> Literal | ListBinding:
    """A list of bindings in its one form: a literal when nothing in it refers to anything."""
    values = [item.value for item in items if type(item) is Literal]
    return Literal(tuple(values)) if len(values) == len(items) else ListBinding(items)


def object_binding(entries: dict[str, Binding]) -> Literal | ObjectBinding:
    """An object of bindings in its one form: ordered, and a literal when nothing in it refers to anything."""
    ordered = tuple((name, entries[name]) for name in sorted_names(entries))
    values = {name: entry.value for name, entry in ordered if type(entry) is Literal}
    if len(values) == len(ordered):
        return Literal(FrozenDict.of_frozen(values))
    return ObjectBinding(ordered)


def references_of(binding: Binding) -> Iterator[NodeReference | InputReference]:
    """Every reference in a binding, depth first, in order, repeats kept."""
    stack: list[Binding] = [binding]
    while stack:
        current = stack.pop()
        if isinstance(current, _REFERENCES):
            yield current
        elif type(current) is ListBinding:
            stack.extend(reversed(current.items))
        elif type(current) is ObjectBinding:
            stack.extend(entry for _, entry in reversed(current.entries))
