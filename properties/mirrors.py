"""What a comparison must say, worked out from the two graphs and from nothing but what it says.

A comparison tells what came, went and moved; so it tells which is which: what is left is the same, one by one. By
these pairs the oracle looks at both graphs itself. The mirror of a comparison is what it says read from the other side.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, assert_never

import attrs

from cascades_sdk.diff import (
    CallAdded,
    CallOptionsChanged,
    CallRebound,
    CallRemoved,
    CallReordered,
    CallsRegrouped,
    Change,
    DagDiff,
    DefinitionAdded,
    DefinitionChanged,
    DefinitionRemoved,
    DefinitionRenamed,
    Difference,
    FlowRenamed,
    GroupAdded,
    GroupPlace,
    GroupRemoved,
    GroupRenamed,
    GroupReordered,
    GroupReparented,
    GuardChanged,
    InputAdded,
    InputDefaultChanged,
    InputRemoved,
    InputReordered,
    ReturnsChanged,
)
from cascades_sdk.encoding import canonical_json
from cascades_sdk.graph import Dag, Group, Literal

__all__ = ["agrees", "has_equal_halves", "mirrored", "nodes_before", "seen"]

_T = TypeVar("_T")


def _told(diff: DagDiff, kind: type[_T]) -> list[_T]:
    return [change for change in diff.changes if isinstance(change, kind)]


def _partners_told(
    old: int, new: int, removed: Iterable[int], added: Iterable[int], moved: Iterable[tuple[int, int]]
) -> dict[int, int]:
    """The old position of each new thing that is in both, where so many are old and new, and these are told."""
    pairs = {now: was for was, now in moved}
    gone, came = {*removed, *pairs.values()}, {*added, *pairs}
    left = [was for was in range(old) if was not in gone]
    right = [now for now in range(new) if now not in came]
    return {**pairs, **dict(zip(right, left, strict=True))}


def _nodes(diff: DagDiff, old: Dag, new: Dag) -> dict[int, int]:
    return _partners_told(
        len(old.nodes),
        len(new.nodes),
        [change.old for change in _told(diff, CallRemoved)],
        [change.new for change in _told(diff, CallAdded)],
        [(change.old, change.new) for change in _told(diff, CallReordered)],
    )


def _groups(diff: DagDiff, old: Dag, new: Dag) -> dict[int, int]:
    return _partners_told(
        len(old.groups),
        len(new.groups),
        [change.old for change in _told(diff, GroupRemoved)],
        [change.new for change in _told(diff, GroupAdded)],
        [(change.old, change.new) for change in _told(diff, GroupReordered)],
    )


def agrees(diff: DagDiff, old: Dag, new: Dag) -> None:
    """Asserts that what is told of inputs, definitions and groups is so, and that all of it is told."""
    _inputs_agree(diff, old, new)
    _definitions_agree(diff, old, new)
    _groups_agree(diff, old, new)


def _text(default: Literal | None) -> str | None:
    return None if default is None else canonical_json(default.value).unwrap()


def _inputs_agree(diff: DagDiff, old: Dag, new: Dag) -> None:
    before = {entry.name: _text(entry.default) for entry in old.inputs}
    after = {entry.name: _text(entry.default) for entry in new.inputs}
    assert [change.name for change in _told(diff, InputRemoved)] == [name for name in before if name not in after]
    assert _told(diff, InputAdded) == [InputAdded(name, after[name]) for name in after if name not in before]
    assert _told(diff, InputDefaultChanged) == [
        InputDefaultChanged(name, before[name], after[name])
        for name in after
        if name in before and before[name] != after[name]
    ]
    moved = _told(diff, InputReordered)
    for change in moved:
        assert old.inputs[change.old].name == new.inputs[change.new].name == change.name
    names = {change.name for change in moved}
    assert [name for name in before if name in after and name not in names] == [
        name for name in after if name in before and name not in names
    ]


def _definitions_agree(diff: DagDiff, old: Dag, new: Dag) -> None:
    before, after = old.definitions, new.definitions
    renamed = {change.after: change.before for change in _told(diff, DefinitionRenamed)}
    kept = {name: renamed.get(name, name) for name in after if name in renamed or name in before}
    assert not set(renamed) & set(before)
    assert not set(renamed.values()) & set(after)
    assert _told(diff, DefinitionRemoved) == [
        DefinitionRemoved(name, before[name].reference) for name in before if name not in kept.values()
    ]
    assert _told(diff, DefinitionAdded) == [
        DefinitionAdded(name, after[name].reference) for name in after if name not in kept
    ]
    assert [change.name for change in _told(diff, DefinitionChanged)] == [
        now for now, was in kept.items() if attrs.evolve(before[was], name=now) != after[now]
    ]


def _around(groups: Sequence[Group], kept: Iterable[int]) -> list[int | None]:
    """For each group itself, or the nearest around it, that is kept."""
    there = set(kept)
    found: list[int | None] = []
    for start in range(len(groups)):
        at: int | None = start
        while at is not None and at not in there:
            at = groups[at].parent
        found.append(at)
    return found


def _groups_agree(diff: DagDiff, old: Dag, new: Dag) -> None:
    pairs = _groups(diff, old, new)
    nearest = _around(old.groups, pairs.values()), _around(new.groups, pairs)

    def moved(was: int | None, now: int | None) -> bool:
        before = None if was is None else nearest[0][was]
        after = None if now is None else nearest[1][now]
        return before != (None if after is None else pairs[after])

    for change in (*_told(diff, GroupRemoved), *_told(diff, GroupAdded)):
        at, dag = (change.old, old) if isinstance(change, GroupRemoved) else (change.new, new)
        group = dag.groups[at]
        assert (change.name, change.parent, change.nodes) == (group.name, group.parent, group.nodes)
        assert change.groups == tuple(inner for inner, each in enumerate(dag.groups) if each.parent == at)
    assert {(change.old, change.new, change.before, change.after) for change in _told(diff, GroupRenamed)} == {
        (was, now, old.groups[was].name, new.groups[now].name)
        for now, was in pairs.items()
        if old.groups[was].name != new.groups[now].name
    }
    assert {(change.old, change.new) for change in _told(diff, GroupReparented)} == {
        (was, now) for now, was in pairs.items() if moved(old.groups[was].parent, new.groups[now].parent)
    }
    for told in (*_told(diff, GroupReparented), *_told(diff, CallsRegrouped)):
        _place_agrees(told.before, old, {was: now for now, was in pairs.items()})
        _place_agrees(told.after, new, pairs)
    homes = [{node: at for at, group in enumerate(dag.groups) for node in group.nodes} for dag in (old, new)]
    assert sorted(node for change in _told(diff, CallsRegrouped) for node in change.nodes) == sorted(
        now for now, was in _nodes(diff, old, new).items() if moved(homes[0].get(was), homes[1].get(now))
    )


def _place_agrees(place: GroupPlace | None, dag: Dag, others: Mapping[int, int]) -> None:
    if place is not None:
        assert (place.name, place.other) == (dag.groups[place.group].name, others.get(place.group))


#: How the new side calls a node that the old one calls otherwise, or not at all.
_LABEL = re.compile(r" \((?:added|was node-[0-9]+)\)")


def _turned(differences: Iterable[Difference]) -> frozenset[Hashable]:
    return _plain(Difference(each.place, each.after, each.before) for each in differences)


def _plain(differences: Iterable[Difference]) -> frozenset[Hashable]:
    return frozenset(
        Counter(
            (each.place, *(None if text is None else _LABEL.sub("", text) for text in (each.before, each.after)))
            for each in differences
        ).items()
    )


def seen(diff: DagDiff) -> Counter[Hashable]:
    """What is told, without its order, and without what only the texts of the new side say."""
    return Counter(_seen(change) for change in diff.changes)


def _seen(change: Change) -> Hashable:
    if isinstance(change, CallRebound | CallOptionsChanged | DefinitionChanged | ReturnsChanged):
        return attrs.evolve(change, differences=()), _plain(change.differences)
    if isinstance(change, GuardChanged):
        return attrs.evolve(change, before=_LABEL.sub("", change.before), after=_LABEL.sub("", change.after))
    if isinstance(change, InputAdded):
        return attrs.evolve(change, default=None)  # what is removed is told without its default
    return change


def has_equal_halves(change: Change) -> bool:
    """Whether a line says that something became what it was."""
    return any(_repeats(text, joint) for text, joint in _halves(change))


def _repeats(text: str, joint: str) -> bool:
    half = text[: (len(text) - len(joint)) // 2]
    return text == half + joint + half


def _halves(change: Change) -> Iterator[tuple[str, str]]:
    """What of a line has two halves, and what stands between them."""
    told = str(change)
    match change:
        case FlowRenamed():
            yield told.removeprefix("flow renamed: "), " -> "
        case DefinitionRenamed():
            yield told.removeprefix("task "), ": renamed to "
        case GroupRenamed():
            number = f" (was group {change.old})" if change.old != change.new else ""
            yield told.removeprefix(f"group {change.new} ").replace(f"{number}: ", ": ", 1), ": renamed from "
        case CallRebound() | CallOptionsChanged() | DefinitionChanged() | ReturnsChanged():
            yield from ((str(attrs.evolve(each, place="")), " -> ") for each in change.differences)
        case InputDefaultChanged() | GuardChanged():
            yield str(Difference("", change.before, change.after)), " -> "
        case GroupReparented() | CallsRegrouped():
            yield str(CallsRegrouped((0,), change.before, change.after)).removeprefix("node-0: "), " -> "
        case InputReordered():
            yield told.rpartition(": moved from ")[2], " to "
        case CallReordered() | GroupReordered():
            word = "node-" if isinstance(change, CallReordered) else "group "
            yield word + str(change.new) + told.rpartition(": moved")[2], ", was "
        case InputAdded() | InputRemoved() | DefinitionAdded() | DefinitionRemoved():
            pass
        case CallAdded() | CallRemoved() | GroupAdded() | GroupRemoved():
            pass
        case _ as never:
            assert_never(never)


def nodes_before(diff: DagDiff, old: Dag, new: Dag, nodes: Iterable[int]) -> list[int]:
    """The old positions of nodes that both graphs have, ascending."""
    pairs = _nodes(diff, old, new)
    return sorted(pairs[node] for node in nodes)


def mirrored(diff: DagDiff, old: Dag, new: Dag) -> Counter[Hashable]:
    """What the comparison of ``new`` with ``old`` must say, given what that of ``old`` with ``new`` says."""
    names = {change.after: change.before for change in _told(diff, DefinitionRenamed)}
    nodes = _nodes(diff, old, new)
    return Counter(_mirror(change, old, names, nodes) for change in diff.changes)


def _mirror(change: Change, old: Dag, names: Mapping[str, str], nodes: Mapping[int, int]) -> Hashable:
    match change:
        case InputAdded(name=name):
            return InputRemoved(name)
        case InputRemoved(name=name):
            return InputAdded(name, None)
        case DefinitionAdded() | DefinitionRemoved():
            other: Any = DefinitionRemoved if isinstance(change, DefinitionAdded) else DefinitionAdded
            return other(change.name, change.reference)  # type: ignore[no-any-return]
        case CallAdded(new=at, task=task, call=call):
            return CallRemoved(at, task, call)
        case CallRemoved(old=at, task=task, call=call):
            return CallAdded(at, task, call)
        case GroupAdded(new=at):
            return GroupRemoved(at, change.name, change.parent, change.nodes, change.groups)
        case GroupRemoved(old=at):
            return GroupAdded(at, change.name, change.parent, change.nodes, change.groups)
        case DefinitionChanged(name=name):
            return DefinitionChanged(names.get(name, name), ()), _turned(change.differences)
        case ReturnsChanged():
            return ReturnsChanged(()), _turned(change.differences)
        case CallRebound() | CallOptionsChanged():
            task = None if change.task is None else names.get(change.task, change.task)
            turned = attrs.evolve(change, old=change.new, new=change.old, task=task, differences=())
            return turned, _turned(change.differences)
        case CallsRegrouped():
            was = tuple(sorted(nodes[node] for node in change.nodes))
            return CallsRegrouped(was, change.after, change.before)
        case GuardChanged():
            task = None if change.task is None else names.get(change.task, change.task)
            before, after = (_LABEL.sub("", text) for text in (change.before, change.after))
            return GuardChanged(change.new, change.old, task, after, before)
        case CallReordered():
            task = None if change.task is None else names.get(change.task, change.task)
            return CallReordered(change.new, change.old, task)
        case InputReordered():
            return attrs.evolve(change, old=change.new, new=change.old)
        case FlowRenamed() | InputDefaultChanged() | DefinitionRenamed():
            return attrs.evolve(change, before=change.after, after=change.before)
        case GroupRenamed():
            return GroupRenamed(change.new, change.old, change.after, change.before)
        case GroupReordered():
            return GroupReordered(change.new, change.old, old.groups[change.old].name)
        case GroupReparented():
            return GroupReparented(change.new, change.old, old.groups[change.old].name, change.after, change.before)
        case _ as never:
            assert_never(never)
