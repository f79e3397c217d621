"""What nodes, groups and graphs are called in pictures.

Decided here: the words, their length, and how many columns of a terminal they take. Never here: where they stand, and
how a format escapes them.

Every text that is answered here is printable: what a terminal could act on, or not show, is escaped. One character
that is not seen is let through, and only where it is seen what it does: the joiner that makes one emoji of two.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from cascades_sdk.graph import (
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    Map,
    Node,
    NodeReference,
    node_id,
)
from cascades_sdk.values import json_pointer, printable, thaw

__all__ = [
    "columns",
    "counted",
    "cut",
    "fitted",
    "group_kind",
    "group_title",
    "heading",
    "legible",
    "node_kind",
    "node_title",
]

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

#: What makes one emoji of the two that it stands between, or of the sign before it; and what colours the one before.
_JOINER: Final = "\u200d"
_AS_EMOJI: Final = "\ufe0f"
_SKINS: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))

#: These are emoji too, on keys.
_KEYS: Final = frozenset("0123456789#*")

#: What is an emoji by itself where it is wide, and before U+FE0F or the colour of a skin where it is not (UTS #51).
_EMOJI: Final = re.compile(
    "[\xa9\xae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2"
    "\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    # What colours a skin is none: it stands in the middle of its block.
    "\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
)

#: Narrow signs that are joined to an emoji before them without U+FE0F, too.
_BARE: Final = frozenset("♀♂⚕⚖⚧✈❤☠⛓↔↕➡")


def columns(text: str) -> int:
    """How many columns of a terminal a printable text takes; an emoji that is made of several takes two."""
    if text.isascii():
        return len(text)
    taken = last = 0
    for at in range(len(text)):
        last = _columns_at(text, at, last)
        taken += last
    return taken


def _columns_at(text: str, at: int, last: int) -> int:
    """How many more columns a character takes behind one that took ``last``."""
    char, before = text[at], text[at - 1 : at]
    if (char in _SKINS and _is_emoji(before)) or (char == _AS_EMOJI and (_is_emoji(before) or before in _KEYS)):
        # Emoji are two columns wide, also those that began as a narrow sign.
        return int(last == 1)
    if char == _JOINER or unicodedata.category(char) in _COMBINING or (before == _JOINER and _joins(text, at - 1)):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def _joins(text: str, at: int) -> bool:
    """Whether the joiner at a position makes one emoji of what stands on both sides of it."""
    before, after = text[max(0, at - 2) : at], text[at + 1 : at + 3]
    left = before if _is_shown_so(before[-1:]) else before[-1:]
    return _is_whole(left) and (after[:1] in _BARE or _is_whole(after if _is_shown_so(after[1:]) else after[:1]))


def _is_whole(signs: str) -> bool:
    """Whether this is an emoji, and would be none with less."""
    return _is_emoji(signs[:1]) and (len(signs) == 2 or unicodedata.east_asian_width(signs) in _WIDE)


def _is_shown_so(char: str) -> bool:
    return char == _AS_EMOJI or char in _SKINS


def _is_emoji(char: str) -> bool:
    return _EMOJI.fullmatch(char) is not None


def cut(text: str, longest: int = _LONGEST_NAME) -> str:
    """A text, printable and on one line, with its end cut off where it is too long."""
    # What is cut anyway need not be escaped first: one character becomes ten at most, and none becomes fewer.
    shown = legible(text[: longest + 1])
    return shown if len(shown) <= longest else _whole(shown[: longest - 1]) + "…"


def _whole(begun: str) -> str:
    """The beginning of a text without a joiner at its end that joins nothing any more."""
    at = begun.rfind(_JOINER)
    return begun if at < 0 or _joins(begun, at) else begun[:at]


def legible(text: str) -> str:
    """A text that is printable but for joiners between two emoji."""
    if _JOINER not in text:
        return printable(text)
    return "".join(char if char == _JOINER and _joins(text, at) else printable(char) for at, char in enumerate(text))


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


def node_kind(dag: Dag, node: Node) -> str:
    """What a node has in common with others where they are counted: its title without the id of what decides."""
    if isinstance(node, Choice):
        return f"choice on {_kind(dag, dag.condition_of(node))}"
    return _task(node)


def _task(node: Call | Map) -> str:
    return cut(node.task) if isinstance(node, Call) else f"map {cut(node.task)}"


def group_title(dag: Dag, group: Group) -> str:
    """The flow that a group is of; for a branch, when its nodes are evaluated."""
    if group.guard is None:
        return cut(group.name)
    return f"{_word(group.guard)} {_condition(dag, group.guard.condition)}"


def group_kind(dag: Dag, group: Group) -> str:
    """What a group has in common with others where they are counted: its title without the id of what decides."""
    if group.guard is None:
        return cut(group.name)
    return f"{_word(group.guard)} {_kind(dag, group.guard.condition)}"


def _word(guard: Guard) -> str:
    return "if" if guard.branch else "unless"


def _kind(dag: Dag, condition: NodeReference | InputReference) -> str:
    if isinstance(condition, InputReference):
        return _condition(dag, condition)
    return f"{_decider(dag, condition)}{_part(condition)}"


def _condition(dag: Dag, condition: NodeReference | InputReference) -> str:
    """What decides: a node, by its id and its task, or an input; and the part of its value."""
    if isinstance(condition, InputReference):
        return f"input {cut(condition.name)}{_part(condition)}"
    return f"{node_id(condition.node)}{_part(condition)} {_decider(dag, condition)}"


def _part(condition: NodeReference | InputReference) -> str:
    return cut(json_pointer(condition.path), _LONGEST_PATH)


def _decider(dag: Dag, condition: NodeReference) -> str:
    node = dag.nodes[condition.node]
    return "choice" if isinstance(node, Choice) else _task(node)


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
