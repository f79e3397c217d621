"""The comparison of two graphs, part by part, in the order of the document.

Decided here: which changes are causes, and so are told. Never here: words, and which call is which.
"""

from collections.abc import Iterator, Mapping, Sequence

from cascades_sdk.diff._alignment import Partners, partners
from cascades_sdk.diff._changes import (
    CallAdded,
    CallOptionsChanged,
    CallRebound,
    CallRemoved,
    CallReordered,
    Change,
    DagDiff,
    FlowRenamed,
    ReturnsChanged,
)
from cascades_sdk.diff._comparison import (
    Sides,
    after_differences,
    argument_differences,
    option_differences,
    value_differences,
)
from cascades_sdk.diff._definitions import definition_changes, input_changes, renamed_tasks
from cascades_sdk.diff._groups import group_changes
from cascades_sdk.diff._order import out_of_order
from cascades_sdk.diff._text import call_text, cut
from cascades_sdk.graph import Call, Dag, TaskOptions, node_id
from cascades_sdk.values import FrozenValue

__all__ = ["dag_diff"]


def dag_diff(old: Dag, new: Dag) -> DagDiff:
    """What differs between two graphs; total.

    It is empty (and false) exactly when the two have one document digest. Causes are told, and consequences are not: a
    literal that changes at the head of a long chain is one change, and all that is downstream is in ``affected``.

    Calls are matched by their digests first, and so whatever their numbers. ``dag_diff(b, a)`` has added and removed
    what ``dag_diff(a, b)`` has removed and added. The cost is linear in the size of the graphs, but for the sorting
    of the uses of each output, and of calls and groups where their order has changed (``n log n``).
    """
    renamed = renamed_tasks(old, new)
    matched = partners(old, new, renamed)
    sides = Sides(matched.of_new, _names(old), _labels(new, matched.of_new))
    calls = tuple(_call_changes(old, new, matched, sides))
    changes = (
        *([FlowRenamed(old.name, new.name)] if old.name != new.name else []),
        *input_changes(old.inputs, new.inputs),
        *definition_changes(old, new, renamed),
        *calls,
        *group_changes(old.groups, new.groups, matched.of_new),
        *_returns_changes(old, new, sides),
    )
    return DagDiff(changes, _affected(matched, calls))


def _names(dag: Dag) -> list[str]:
    """What texts call the nodes of a graph."""
    short = {task.name: cut(task.name) for task in dag.tasks}
    return [short[call.task] for call in dag.nodes]


def _labels(dag: Dag, of_new: Sequence[int | None]) -> list[str]:
    """The same, and how the old graph calls a node, where that is not alike."""
    return [
        f"{name} (added)" if was is None else f"{name} (was {node_id(was)})" if was != now else name
        for now, (name, was) in enumerate(zip(_names(dag), of_new, strict=True))
    ]


def _call_changes(old: Dag, new: Dag, matched: Partners, sides: Sides) -> Iterator[Change]:
    """Calls removed, then, in their new order, added, moved and changed."""
    for at, call in enumerate(old.nodes):
        if matched.of_old[at] is None:
            yield CallRemoved(at, call.task, call_text(call.task, call.arguments, sides.old_names))
    names = _names(new)
    kept = [now for now, was in enumerate(matched.of_new) if was is not None]
    moved = {kept[index] for index in out_of_order([was for was in matched.of_new if was is not None])}
    declared = ({task.name: task.options for task in old.tasks}, {task.name: task.options for task in new.tasks})
    for now, call in enumerate(new.nodes):
        was = matched.of_new[now]
        if was is None:
            yield CallAdded(now, call.task, call_text(call.task, call.arguments, names))
            continue
        partner = old.nodes[was]
        if now in moved:
            yield CallReordered(was, now, call.task)
        bound = (
            *argument_differences(partner.arguments, call.arguments, sides),
            *after_differences(partner.after, call.after, sides),
        )
        if bound:
            yield CallRebound(was, now, call.task, bound)
        if partner.options != call.options:
            overridden = {**partner.options.declared(), **call.options.declared()}
            # What only the definition changed is told there.
            before, after = (
                {name: value for name, value in _effective(each, side).items() if name in overridden}
                for each, side in zip((partner, call), declared, strict=True)
            )
            options = tuple(option_differences(before, after))
            if options:
                yield CallOptionsChanged(was, now, call.task, options)


def _effective(call: Call, declared: Mapping[str, TaskOptions]) -> dict[str, FrozenValue]:
    """The options that a call has."""
    return {**declared[call.task].declared(), **call.options.declared()}


def _returns_changes(old: Dag, new: Dag, sides: Sides) -> Iterator[Change]:
    differences = tuple(value_differences((), old.returns, new.returns, sides))
    if differences:
        yield ReturnsChanged(differences)


def _affected(matched: Partners, calls: tuple[Change, ...]) -> tuple[int, ...]:
    """The calls that compute something else without a change of their own."""
    changed = {change.new for change in calls if isinstance(change, CallRebound | CallOptionsChanged)}
    return tuple(
        now
        for now, was in enumerate(matched.of_new)
        if was is not None and now not in changed and matched.old_digests[was] != matched.new_digests[now]
    )
