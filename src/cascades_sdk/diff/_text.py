"""How values, references and nodes read in one short line.

Decided here: the words and their length. Never here: what has changed.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from cascades_sdk.encoding._canonical import frozen_text
from cascades_sdk.graph import (
    Binding,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    NodeReference,
    Path,
    node_id,
)
from cascades_sdk.values import printable

__all__ = [
    "call_text",
    "cut",
    "cut_pair",
    "guards_text",
    "literal_text",
    "names_text",
    "node_text",
    "readable_binding",
    "some_of",
    "task_text",
]

#: Characters of one thing in a line.
_LONGEST: Final = 60

#: A text that differs far from its beginning is shown from this many characters before.
_CONTEXT: Final = 12

#: Things in one line; the others are counted.
_MOST: Final = 4


def literal_text(literal: Literal | None) -> str | None:
    """The canonical JSON of a default, or ``None`` where there is none."""
    return None if literal is None else frozen_text(literal.value)


def readable_binding(binding: Binding, names: Sequence[str]) -> str:
    """A binding as text, whole: JSON, with references by the node and its task (``names`` has them in order)."""
    if isinstance(binding, Literal):
        return frozen_text(binding.value)
    if isinstance(binding, NodeReference):
        return f"{node_id(binding.node)}{_path(binding.path)} {names[binding.node]}"
    if isinstance(binding, InputReference):
        return f"input {_name(binding.name)}{_path(binding.path)}"
    if isinstance(binding, ListBinding):
        return f"[{', '.join(readable_binding(item, names) for item in binding.items)}]"
    entries = (f"{frozen_text(key)}: {readable_binding(inner, names)}" for key, inner in binding.entries)
    return f"{{{', '.join(entries)}}}"


def call_text(title: str, arguments: tuple[tuple[str, Binding], ...], names: Sequence[str]) -> str:
    """A node as it would be written, whole: ``clean(rows=node-3 load, limit=2)``, ``choice(condition=input day)``."""
    return f"{title}({', '.join(f'{name}={readable_binding(binding, names)}' for name, binding in arguments)})"


def guards_text(guards: tuple[Guard, ...], names: Sequence[str]) -> str:
    """When a node is evaluated: ``if node-0 check, unless input quick``; ``always`` where nothing guards it."""
    told = (f"{'if' if guard.branch else 'unless'} {readable_binding(guard.condition, names)}" for guard in guards)
    return ", ".join(told) or "always"


def _name(name: str) -> str:
    # A name that is none in Python could be taken for a name and a path, or for more than one name.
    return name if name.isidentifier() else frozen_text(name)


def names_text(names: Sequence[str]) -> str:
    """Names, in order."""
    return ", ".join(map(_name, names))


def _path(path: Path) -> str:
    # As in Python, because a JSON Pointer does not tell the index 0 from the key "0".
    return "".join(f"[{frozen_text(token)}]" for token in path)


def node_text(old: int, new: int, task: str | None) -> str:
    """A node by its position after the change, and by that before it where it is another."""
    return f"{node_id(new)} {task_text(task)}" + (f" (was {node_id(old)})" if old != new else "")


def task_text(task: str | None) -> str:
    """The task of a node; a choice has none."""
    return "choice" if task is None else cut(task)


def some_of(words: Iterable[str], joint: str = ", ") -> str:
    """The first few of some words, and how many more there are."""
    listed = list(words)
    more = len(listed) - _MOST
    return joint.join(listed[:_MOST]) + (f"{joint}and {more} more" if more > 0 else "")


def cut(text: str, start: int = 0) -> str:
    """At most so much of a text as a line has room for, safe to print, from a character on."""
    shown = printable(text)
    end = start + _LONGEST
    return ("…" if start else "") + shown[start:end] + ("…" if end < len(shown) else "")


def cut_pair(before: str, after: str) -> tuple[str, str]:
    """Two texts cut alike, so that the first place at which they differ is seen: different texts stay different."""
    shown = printable(before), printable(after)
    if before != after and shown[0] == shown[1]:
        # One has what the other tells: a control character, and its escape.
        shown = _escaped(before), _escaped(after)
    common = next(
        (at for at, (left, right) in enumerate(zip(*shown, strict=False)) if left != right), min(map(len, shown))
    )
    start = common - _CONTEXT if common >= _LONGEST - _CONTEXT else 0
    return cut(shown[0], start), cut(shown[1], start)


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")
