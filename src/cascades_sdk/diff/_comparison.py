"""Where two bindings differ, given which nodes of the two graphs are the same call.

Decided here: that a difference is told as deep inside of a value as it can be. Never here: which nodes are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from cascades_sdk.diff._changes import Difference
from cascades_sdk.diff._text import readable_binding
from cascades_sdk.encoding._canonical import frozen_text
from cascades_sdk.graph import Binding, Guard, ListBinding, Literal, NodeReference, ObjectBinding, node_id
from cascades_sdk.values import FrozenDict, FrozenValue, json_pointer, same_value, sorted_names

__all__ = [
    "Place",
    "Sides",
    "after_differences",
    "argument_differences",
    "option_differences",
    "same_guards",
    "value_differences",
]

#: Characters of one key in a pointer.
_LONGEST_KEY: Final = 60


#: Where something stands: the pointer to what is around it, written once for all that is in there, and the token that
#: leads on; the pointer alone is the whole.
Place: TypeAlias = tuple[str] | tuple[str, str | int]


@attrs.frozen
class Sides:
    """How references compare: ``partners`` has the old position of each new node, or ``None`` where it is added.

    The names are what texts call the nodes of each side.
    """

    partners: Sequence[int | None]
    old_names: Sequence[str]
    new_names: Sequence[str]


def argument_differences(
    old: tuple[tuple[str, Binding], ...], new: tuple[tuple[str, Binding], ...], sides: Sides
) -> Iterator[Difference]:
    """Where the arguments of a call differ, parameter by parameter."""
    before, after = dict(old), dict(new)
    for name in dict.fromkeys((*after, *before)):
        yield from value_differences(("", name), before.get(name), after.get(name), sides)


def after_differences(old: tuple[int, ...], new: tuple[int, ...], sides: Sides) -> Iterator[Difference]:
    """What a call comes after on one side only."""
    kept = {sides.partners[node] for node in new}
    known = set(old)
    for node in old:
        if node not in kept:
            yield Difference("after", f"{node_id(node)} {sides.old_names[node]}", None)
    for node in new:
        if sides.partners[node] not in known:
            yield Difference("after", None, f"{node_id(node)} {sides.new_names[node]}")


def same_guards(old: tuple[Guard, ...], new: tuple[Guard, ...], sides: Sides) -> bool:
    """Whether two calls are evaluated under the same conditions."""
    return len(old) == len(new) and all(
        before.branch is after.branch and _same(before.condition, after.condition, sides)
        for before, after in zip(old, new, strict=True)
    )


def option_differences(old: Mapping[str, FrozenValue], new: Mapping[str, FrozenValue]) -> Iterator[Difference]:
    """Which options differ."""
    for name in sorted_names({**old, **new}):
        if name not in old or name not in new or not same_value(old[name], new[name]):
            before, after = (frozen_text(side[name]) if name in side else None for side in (old, new))
            yield Difference(f"option {name}", before, after)


def value_differences(place: Place, old: Binding | None, new: Binding | None, sides: Sides) -> Iterator[Difference]:
    """Where two bindings differ; inside of them where both are lists, or both are objects."""
    if old is None or new is None:
        yield _difference(place, old, new, sides)
        return
    old_items, new_items = _items(old), _items(new)
    if old_items and new_items:
        yield from _list_differences(_pointer(place), old_items, new_items, sides)
        return
    old_entries, new_entries = _entries(old), _entries(new)
    if old_entries and new_entries:
        around = _pointer(place)
        for key in sorted_names({**old_entries, **new_entries}):
            yield from value_differences((around, key), old_entries.get(key), new_entries.get(key), sides)
        return
    if not _same(old, new, sides):
        yield _difference(place, old, new, sides)


def _list_differences(
    around: str, old: Sequence[Binding], new: Sequence[Binding], sides: Sides
) -> Iterator[Difference]:
    """Position by position where the lists are of one length; otherwise between what begins and what ends alike."""
    shorter = min(len(old), len(new))
    head = tail = 0
    if len(old) != len(new):
        while head < shorter and _same(old[head], new[head], sides):
            head += 1
        while tail < shorter - head and _same(old[-1 - tail], new[-1 - tail], sides):
            tail += 1
    for at in range(head, max(len(old), len(new)) - tail):
        before = old[at] if at < len(old) - tail else None
        after = new[at] if at < len(new) - tail else None
        yield from value_differences((around, at), before, after, sides)


def _difference(place: Place, old: Binding | None, new: Binding | None, sides: Sides) -> Difference:
    return Difference(
        _pointer(place),
        None if old is None else readable_binding(old, sides.old_names),
        None if new is None else readable_binding(new, sides.new_names),
    )


def _pointer(place: Place) -> str:
    around, *tokens = place
    return around + json_pointer(map(_short, tokens))


def _short(token: str | int) -> str:
    # A pointer stands at each difference: with a key as long as a literal may be, they would grow with its square.
    text = str(token)
    return text if len(text) <= _LONGEST_KEY else f"{text[:_LONGEST_KEY]}…"


def _items(binding: Binding) -> Sequence[Binding]:
    """The items of a list that has any."""
    if isinstance(binding, ListBinding):
        return binding.items
    if isinstance(binding, Literal) and type(binding.value) is tuple:
        return [Literal(item) for item in binding.value]
    return ()


def _entries(binding: Binding) -> Mapping[str, Binding]:
    """The entries of an object that has any."""
    if isinstance(binding, ObjectBinding):
        return dict(binding.entries)
    if isinstance(binding, Literal) and type(binding.value) is FrozenDict:
        return {key: Literal(item) for key, item in binding.value.items()}
    return {}


def _same(old: Binding, new: Binding, sides: Sides) -> bool:
    """Whether two bindings are the same, where references to the same call are."""
    if isinstance(old, NodeReference) and isinstance(new, NodeReference):
        return sides.partners[new.node] == old.node and old.path == new.path
    if isinstance(old, ListBinding) and isinstance(new, ListBinding):
        return len(old.items) == len(new.items) and all(
            _same(left, right, sides) for left, right in zip(old.items, new.items, strict=True)
        )
    if isinstance(old, ObjectBinding) and isinstance(new, ObjectBinding):
        return len(old.entries) == len(new.entries) and all(
            key == other and _same(left, right, sides)
            for (key, left), (other, right) in zip(old.entries, new.entries, strict=True)
        )
    return old == new
