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
    GuardChanged,
    ReturnsChanged,
)
from cascades_sdk.diff._comparison import (
    Sides,
    after_differences,
    argument_differences,
    option_differences,
    same_guards,
    value_differences,
)
from cascades_sdk.diff._definitions import definition_changes, input_changes, renamed_tasks
from cascades_sdk.diff._groups import branches_around, group_changes, partner_groups
from cascades_sdk.diff._nodes import Said, sayings
from cascades_sdk.diff._order import moved
from cascades_sdk.diff._text import call_text, guards_text, task_text
from cascades_sdk.graph import Dag, TaskOptions, check_is_dag, node_id
from cascades_sdk.values import FrozenValue

__all__ = ["dag_diff"]


def dag_diff(old: Dag, new: Dag) -> DagDiff:
    """What differs between two graphs; total.

    It is empty (and false) exactly when the two have one document digest. Causes are told, and consequences are not: a
    literal that changes at the head of a long chain is one change, and all that is downstream is in ``affected``.

    Nodes are matched by their digests first, and so whatever their numbers. ``dag_diff(b, a)`` is the mirror of
    ``dag_diff(a, b)``: what one has added, before and after, the other has removed, after and before. Where something
    is to be chosen, which of two calls moved past the other for one, the digests of the two graphs decide.

    The cost is linear in the size of the graphs, but for the sorting of the uses of each output, and of calls and
    groups where their order has changed (``n log n``). Like :func:`~cascades_sdk.encoding.dag_to_json` it needs
    300 frames of the stack at most.
    """
    check_is_dag(old)
    check_is_dag(new)
    renamed = renamed_tasks(old, new)
    matched = partners(old, new, renamed)
    said = (sayings(old), sayings(new))
    sides = Sides(matched.of_new, _names(said[0]), _labels(said[1], matched.of_new))
    groups = partner_groups(old, new, matched)
    calls = (
        *_removed(said[0], matched, sides),
        *_call_changes(old, new, said, matched, sides),
    )
    guards = tuple(_guard_changes(old, new, said, matched, sides, groups))
    changes = (
        *([FlowRenamed(old.name, new.name)] if old.name != new.name else []),
        *input_changes(old.inputs, new.inputs, matched.turned),
        *definition_changes(old, new, renamed),
        *calls,
        *guards,
        *group_changes(old.groups, new.groups, matched, groups),
        *_returns_changes(old, new, sides),
    )
    return DagDiff(changes, _affected(matched, (*calls, *guards)))


def _names(said: Sequence[Said]) -> list[str]:
    """What texts call the nodes of a graph."""
    short = {each.sort: _title(each) for each in said}
    return [short[each.sort] for each in said]


def _title(said: Said) -> str:
    return f"map {task_text(said.task)}" if said.kind == "map" else task_text(said.task)


def _labels(said: Sequence[Said], of_new: Sequence[int | None]) -> list[str]:
    """The same, and how the old graph calls a node, where that is not alike."""
    return [
        f"{name} (added)" if was is None else f"{name} (was {node_id(was)})" if was != now else name
        for now, (name, was) in enumerate(zip(_names(said), of_new, strict=True))
    ]


def _removed(said: Sequence[Said], matched: Partners, sides: Sides) -> Iterator[Change]:
    for at, each in enumerate(said):
        if matched.of_old[at] is None:
            yield CallRemoved(at, each.task, call_text(_whole_title(each), each.arguments, sides.old_names))


def _whole_title(said: Said) -> str:
    return {"call": "", "map": "map ", "choice": "choice"}[said.kind] + (said.task or "")


def _call_changes(
    old: Dag, new: Dag, said: tuple[Sequence[Said], Sequence[Said]], matched: Partners, sides: Sides
) -> Iterator[Change]:
    """Calls, in their new order, added, moved and changed."""
    names = _names(said[1])
    elsewhere = moved(matched.of_new, matched.turned)
    declared = ({task.name: task.options for task in old.tasks}, {task.name: task.options for task in new.tasks})
    for now, call in enumerate(said[1]):
        was = matched.of_new[now]
        if was is None:
            yield CallAdded(now, call.task, call_text(_whole_title(call), call.arguments, names))
            continue
        partner = said[0][was]
        if now in elsewhere:
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


def _effective(call: Said, declared: Mapping[str, TaskOptions]) -> dict[str, FrozenValue]:
    """The options that a call has."""
    own = call.options.declared()
    return own if call.task is None else {**declared[call.task].declared(), **own}


def _guard_changes(
    old: Dag,
    new: Dag,
    said: tuple[Sequence[Said], Sequence[Said]],
    matched: Partners,
    sides: Sides,
    groups: Sequence[int | None],
) -> Iterator[Change]:
    """Calls under other guards, because they are not in the partners of the branches that they were in."""
    branches = (branches_around(old), branches_around(new))
    for now, was in enumerate(matched.of_new):
        if was is None or branches[0][was] == tuple(groups[group] for group in branches[1][now]):
            continue
        before, after = said[0][was].guards, said[1][now].guards
        if not same_guards(before, after, sides):
            texts = guards_text(before, sides.old_names), guards_text(after, sides.new_names)
            yield GuardChanged(was, now, said[1][now].task, *texts)


def _returns_changes(old: Dag, new: Dag, sides: Sides) -> Iterator[Change]:
    differences = tuple(value_differences(("",), old.returns, new.returns, sides))
    if differences:
        yield ReturnsChanged(differences)


def _affected(matched: Partners, calls: tuple[Change, ...]) -> tuple[int, ...]:
    """The calls that compute something else without a change of their own."""
    changed = {change.new for change in calls if isinstance(change, CallRebound | CallOptionsChanged | GuardChanged)}
    return tuple(
        now
        for now, was in enumerate(matched.of_new)
        if was is not None and now not in changed and matched.old_digests[was] != matched.new_digests[now]
    )
