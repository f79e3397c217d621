"""What a comparison of two graphs says: a closed union of changes, each of which is one line of text.

Decided here: the kinds of changes, what each tells, and its words. Never here: how changes are found.

Where a change speaks of calls, it means every kind of node; ``task`` is ``None`` for a choice.

Positions count from 0. ``old`` is a position in the old graph, ``new`` one in the new graph; lines name a node as the
new graph does, and as the old one does where that differs. ``before`` and ``after`` hold whole texts; the
lines cut them.
"""

from typing import TypeAlias, Union

import attrs

from cascades_sdk.diff._text import cut, cut_pair, node_text, some_of, task_text
from cascades_sdk.graph import node_id

__all__ = [
    "CallAdded",
    "CallOptionsChanged",
    "CallRebound",
    "CallRemoved",
    "CallReordered",
    "CallsRegrouped",
    "Change",
    "DagDiff",
    "DefinitionAdded",
    "DefinitionChanged",
    "DefinitionRemoved",
    "DefinitionRenamed",
    "Difference",
    "FlowRenamed",
    "GroupAdded",
    "GroupPlace",
    "GroupRemoved",
    "GroupRenamed",
    "GroupReordered",
    "GroupReparented",
    "GuardChanged",
    "InputAdded",
    "InputDefaultChanged",
    "InputRemoved",
    "InputReordered",
    "ReturnsChanged",
]


@attrs.frozen
class Difference:
    """One place that differs, and what stands there as text; ``None`` where nothing does.

    The place in an argument is the JSON Pointer to the part of the value that differs (``/rows/0``: the first item of
    what the parameter ``rows`` gets); that in a flow's return is the pointer from the whole of it. A pointer
    cuts keys beyond 60 characters.
    """

    place: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        before, after = cut_pair(self.before or "", self.after or "")
        told = f"{_or_absent(self.before, before)} -> {_or_absent(self.after, after)}"
        return f"{cut(self.place)} {told}" if self.place else told


def _or_absent(text: str | None, shown: str) -> str:
    return "absent" if text is None else shown


def _all_of(differences: tuple[Difference, ...]) -> str:
    return some_of(map(str, differences), "; ")


@attrs.frozen
class FlowRenamed:
    """The flow has another name."""

    before: str
    after: str

    def __str__(self) -> str:
        before, after = cut_pair(self.before, self.after)
        return f"flow renamed: {before} -> {after}"


@attrs.frozen
class InputAdded:
    """The flow has one more input; ``default`` is its JSON, or ``None`` where a run must give it."""

    name: str
    default: str | None

    def __str__(self) -> str:
        told = "required" if self.default is None else f"default {cut(self.default)}"
        return f"input {cut(self.name)}: added, {told}"


@attrs.frozen
class InputRemoved:
    """The flow has one input less."""

    name: str

    def __str__(self) -> str:
        return f"input {cut(self.name)}: removed"


@attrs.frozen
class InputDefaultChanged:
    """An input has another default, or has one only before or after; as JSON."""

    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"input {cut(self.name)}: {Difference('default', self.before, self.after)}"


@attrs.frozen
class InputReordered:
    """An input stands elsewhere among those that both flows have."""

    name: str
    old: int
    new: int

    def __str__(self) -> str:
        if self.old == self.new:
            return f"input {cut(self.name)}: moved past others, still /inputs/{self.new}"
        return f"input {cut(self.name)}: moved from /inputs/{self.old} to /inputs/{self.new}"


@attrs.frozen
class DefinitionAdded:
    """A task is in use that was not."""

    name: str
    reference: str

    def __str__(self) -> str:
        return f"task {cut(self.name)}: added ({cut(self.reference)})"


@attrs.frozen
class DefinitionRemoved:
    """A task is no longer in use."""

    name: str
    reference: str

    def __str__(self) -> str:
        return f"task {cut(self.name)}: removed ({cut(self.reference)})"


@attrs.frozen
class DefinitionRenamed:
    """A task has another name. Its calls are compared as calls of one task, and what else changed is told beside."""

    before: str
    after: str

    def __str__(self) -> str:
        before, after = cut_pair(self.before, self.after)
        return f"task {before}: renamed to {after}"


@attrs.frozen
class DefinitionChanged:
    """A task of the same name has another reference, signature, default or declared option."""

    name: str
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        return f"task {cut(self.name)}: {_all_of(self.differences)}"


@attrs.frozen
class CallAdded:
    """A node that the old graph has no partner for; ``call`` is its text."""

    new: int
    task: str | None
    call: str

    def __str__(self) -> str:
        return f"{node_id(self.new)}: added, {cut(self.call)}"


@attrs.frozen
class CallRemoved:
    """A node that the new graph has no partner for; ``call`` is its text."""

    old: int
    task: str | None
    call: str

    def __str__(self) -> str:
        return f"{node_id(self.old)}: removed, {cut(self.call)}"


@attrs.frozen
class CallRebound:
    """A call gets something else, or comes after something else (at the place ``after``).

    Of a choice the places are ``/condition``, ``/then`` and ``/otherwise``.
    """

    old: int
    new: int
    task: str | None
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        return f"{node_text(self.old, self.new, self.task)}: {_all_of(self.differences)}"


@attrs.frozen
class CallOptionsChanged:
    """A call overrides other options, and so has others; what its definition declares is told there."""

    old: int
    new: int
    task: str | None
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        return f"{node_text(self.old, self.new, self.task)}: {_all_of(self.differences)}"


@attrs.frozen
class CallReordered:
    """A call stands before calls that it stood after, or the other way round."""

    old: int
    new: int
    task: str | None

    def __str__(self) -> str:
        told = f", was {node_id(self.old)}" if self.old != self.new else " past others"
        return f"{node_id(self.new)} {task_text(self.task)}: moved{told}"


@attrs.frozen
class GuardChanged:
    """A call is evaluated under other guards, because it is in another branch, or in none any more; as texts.

    Where only the condition of a choice changed, the choice tells it, and what is in its branches is affected.
    """

    old: int
    new: int
    task: str | None
    before: str
    after: str

    def __str__(self) -> str:
        return f"{node_text(self.old, self.new, self.task)}: {Difference('', self.before, self.after)}"


@attrs.frozen
class GroupAdded:
    """A group that the old graph has no partner for, with the nodes and the groups directly in it."""

    new: int
    name: str
    parent: int | None
    nodes: tuple[int, ...]
    groups: tuple[int, ...]

    def __str__(self) -> str:
        return f"group {self.new} {cut(self.name)}: added{_around(self.nodes, self.groups)}"


@attrs.frozen
class GroupRemoved:
    """A group that the new graph has no partner for, with the nodes and the groups that were directly in it."""

    old: int
    name: str
    parent: int | None
    nodes: tuple[int, ...]
    groups: tuple[int, ...]

    def __str__(self) -> str:
        return f"group {self.old} {cut(self.name)}: removed{_around(self.nodes, self.groups)}"


def _around(nodes: tuple[int, ...], groups: tuple[int, ...]) -> str:
    inside = some_of([*map(node_id, nodes), *(f"group {group}" for group in groups)])
    return f" around {inside}" if inside else ", empty"


@attrs.frozen
class GroupPlace:
    """A group of one of the two graphs: its position there, its name, and its position in the other graph.

    ``other`` is ``None`` where the other graph has no such group.
    """

    group: int
    name: str
    other: int | None


def _inside(place: GroupPlace | None, known: str, alone: str) -> str:
    """Where something was or is. ``known`` and ``alone`` say that the other graph has the group, or not."""
    if place is None:
        return "in no group"
    if place.other == place.group:
        return f"in group {place.group} {cut(place.name)}"
    return f"in group {place.group} {cut(place.name)} ({alone if place.other is None else f'{known} {place.other}'})"


def _from_to(before: GroupPlace | None, after: GroupPlace | None) -> str:
    return f"{_inside(before, 'now group', 'removed')} -> {_inside(after, 'was group', 'added')}"


def _group_text(old: int, new: int, name: str) -> str:
    return f"group {new} {cut(name)}" + (f" (was group {old})" if old != new else "")


@attrs.frozen
class GroupRenamed:
    """A group around the same calls has another name."""

    old: int
    new: int
    before: str
    after: str

    def __str__(self) -> str:
        before, after = cut_pair(self.before, self.after)
        return f"{_group_text(self.old, self.new, after)}: renamed from {before}"


@attrs.frozen
class GroupReparented:
    """A group stands in another group, or at the top (``None``)."""

    old: int
    new: int
    name: str
    before: GroupPlace | None
    after: GroupPlace | None

    def __str__(self) -> str:
        return f"{_group_text(self.old, self.new, self.name)}: {_from_to(self.before, self.after)}"


@attrs.frozen
class GroupReordered:
    """A group stands before groups that it stood after, or the other way round."""

    old: int
    new: int
    name: str

    def __str__(self) -> str:
        told = f", was group {self.old}" if self.old != self.new else " past others"
        return f"group {self.new} {cut(self.name)}: moved{told}"


@attrs.frozen
class CallsRegrouped:
    """Calls, by their new positions, that went from one group to another; ``None`` is outside of all groups."""

    nodes: tuple[int, ...]
    before: GroupPlace | None
    after: GroupPlace | None

    def __str__(self) -> str:
        return f"{some_of(map(node_id, self.nodes))}: {_from_to(self.before, self.after)}"


@attrs.frozen
class ReturnsChanged:
    """The flow returns something else."""

    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        return f"returns: {_all_of(self.differences)}"


#: A closed sum: a ``match`` over it ends in ``assert_never``. A new kind of change is told here; CONTRIBUTING
#: names what else it needs ("A line of a comparison").
Change: TypeAlias = Union[  # noqa: UP007
    FlowRenamed,
    InputAdded,
    InputRemoved,
    InputDefaultChanged,
    InputReordered,
    DefinitionAdded,
    DefinitionRemoved,
    DefinitionRenamed,
    DefinitionChanged,
    CallAdded,
    CallRemoved,
    CallRebound,
    CallOptionsChanged,
    CallReordered,
    GuardChanged,
    GroupAdded,
    GroupRemoved,
    GroupRenamed,
    GroupReparented,
    GroupReordered,
    CallsRegrouped,
    ReturnsChanged,
]


@attrs.frozen
class DagDiff:
    """What differs between two graphs: the causes, each once, in the order of the document.

    ``affected`` are the calls, by their new positions, that are the same in themselves and compute something else,
    because something upstream of them or their definition changed.

    A comparison without changes is false, and its text is empty; otherwise ``str`` is one line for each change.
    """

    changes: tuple[Change, ...] = ()
    affected: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.changes))
