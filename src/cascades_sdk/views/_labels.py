"""What nodes, groups and graphs are called in pictures.

Decided here: the words, their length, and how many columns of a terminal they take. Never here: where they stand, and
how a format escapes them.

Every text that is answered here is printable: what a terminal could act on is escaped.
"""

import json
import unicodedata
from collections.abc import Iterator
from typing import Final

from cascades_sdk.graph import (
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    InputReference,
    Map,
    Node,
    NodeReference,
    node_id,
)
from cascades_sdk.values import json_pointer, printable, thaw

__all__ = ["columns", "counted", "cut", "fitted", "group_title", "heading", "node_title"]

#: A name has at most this many characters in a picture; 60 are whole.
_LONGEST_NAME: Final = 72

#: The way to a part of a value has at most this many.
_LONGEST_PATH: Final = 24

#: A default value is shown with at most this many characters.
_LONGEST_DEFAULT: Final = 40

#: The inputs that a heading names; the others are counted.
_MOST_INPUTS: Final = 8

#: East Asian widths that take two columns (UAX #11).
_WIDE: Final = frozenset("WF")

#: Categories of characters that take no column: they stand over the one before.
_COMBINING: Final = frozenset(("Mn", "Me"))


def columns(text: str) -> int:
    """How many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(char) in _COMBINING else 2 if unicodedata.east_asian_width(char) in _WIDE else 1
        for char in text
    )


def cut(text: str, longest: int = _LONGEST_NAME) -> str:
    """A text, printable and on one line, with its end cut off where it is too long."""
    # What is cut anyway need not be escaped first: one character becomes ten at most, and none becomes fewer.
    shown = printable(text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def fitted(text: str, width: int) -> str:
    """A text filled up with blanks to so many columns."""
    return text + " " * (width - columns(text))


def counted(count: int, word: str) -> str:
    """``1 node``, ``2 nodes``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def node_title(dag: Dag, node: Node) -> str:
    """The task of a node, and whether it is called for each item; for a choice, what decides it."""
    if isinstance(node, Choice):
        return f"choice on {_condition(dag, dag.condition_of(node))}"
    return _task(node)


def _task(node: Call | Map) -> str:
    return cut(node.task) if isinstance(node, Call) else f"map {cut(node.task)}"


def group_title(dag: Dag, group: Group) -> str:
    """The flow that a group is of; for a branch, when its nodes are evaluated."""
    if group.guard is None:
        return cut(group.name)
    return f"{'if' if group.guard.branch else 'unless'} {_condition(dag, group.guard.condition)}"


def _condition(dag: Dag, condition: NodeReference | InputReference) -> str:
    """What decides: a node, by its id and its task, or an input; and the part of its value."""
    part = cut(json_pointer(condition.path), _LONGEST_PATH)
    if isinstance(condition, InputReference):
        return f"input {cut(condition.name)}{part}"
    node = dag.nodes[condition.node]
    return f"{node_id(condition.node)}{part} {'choice' if isinstance(node, Choice) else _task(node)}"


def heading(dag: Dag, layers: int) -> str:
    """The name of a graph, how much is in it, and its inputs."""
    inputs = [*map(_input, dag.inputs[:_MOST_INPUTS]), *_more(len(dag.inputs))]
    told = f"; inputs: {', '.join(inputs)}" if inputs else ""
    return f"{cut(dag.name)}: {counted(len(dag.nodes), 'node')} in {counted(layers, 'layer')}{told}"


def _more(inputs: int) -> Iterator[str]:
    if inputs > _MOST_INPUTS:
        yield f"and {inputs - _MOST_INPUTS} more"


def _input(given: FlowInput) -> str:
    if given.default is None:
        return cut(given.name)
    # JSON text escapes what terminals act on, and everything beyond ASCII.
    default = json.dumps(thaw(given.default.value))
    shown = default if len(default) <= _LONGEST_DEFAULT else default[: _LONGEST_DEFAULT - 1] + "…"
    return f"{cut(given.name)} = {shown}"
