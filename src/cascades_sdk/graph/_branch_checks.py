"""What makes the choices of a ``Dag``, and the groups that they decide about, fit together.

Decided here: which group is a branch of which choice, and which node is seen from where. Never here: bytes, and what
makes a node or a group well formed by itself.

A *scope* is a group with a guard, or the whole flow. What is born in a scope is seen in it and in the scopes inside of
it; outside there is only the choice. That two branches have the same condition does not open one to the other. The
cost is linear: each scope keeps the scopes around it, so that one look tells what is seen.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from cascades_sdk.graph._binding_checks import binding_fault
from cascades_sdk.graph._bindings import Binding, ListBinding, NodeReference, ObjectBinding
from cascades_sdk.graph._limits import MAX_GUARDS
from cascades_sdk.graph._model import Branch, Choice, Group, Guard, Node
from cascades_sdk.values import Refusal, json_pointer

__all__ = ["branches_fault", "choice_fault"]

#: The groups with guards around a place, by position, outermost first.
Scope: TypeAlias = tuple[int, ...]

_FLOW: Final[Scope] = ()


def choice_fault(choice: Choice, ordinal: int, groups: int, inputs: frozenset[str]) -> Refusal | None:
    """The fault of a choice by itself, at the node ``ordinal`` of a graph with so many groups."""
    for word, branch in (("then", choice.then), ("otherwise", choice.otherwise)):
        if word == "otherwise" and branch is None:
            continue
        if type(branch) is not Branch:
            return Refusal(json_pointer([word]), "must be a Branch")
        group: object = branch.group
        if type(group) is not int or not 0 <= group < groups:
            return Refusal(json_pointer([word, "group"]), "must be the position of a group")
        fault = binding_fault(branch.returns, ordinal, inputs)
        if fault is not None:
            return fault.under(word, "returns")
    return None


def branches_fault(nodes: Sequence[Node], groups: Sequence[Group], returns: Binding) -> Refusal | None:
    """The first fault of choices, guards and what they hide. Every part is well formed by itself already."""
    if Choice not in set(map(type, nodes)) and not any(group.guard is not None for group in groups):
        return None  # nearly every graph
    homes: list[int | None] = [None] * len(nodes)
    for position, group in enumerate(groups):
        for node in group.nodes:
            homes[node] = position
    return _choices_fault(nodes, groups, homes) or _sight_fault(nodes, groups, homes, returns)


# -- which group is a branch of which choice -----------------------------------------------------------


def _choices_fault(nodes: Sequence[Node], groups: Sequence[Group], homes: Sequence[int | None]) -> Refusal | None:
    spans = _spans(groups)
    claimed: set[int] = set()
    for ordinal, node in enumerate(nodes):
        if type(node) is not Choice:
            continue
        for word, branch in zip(("then", "otherwise"), node.branches, strict=False):
            problem = _claim_problem(groups, word, branch.group, homes[ordinal], claimed)
            if problem is None and spans[branch.group][1] >= ordinal:
                problem = "a choice comes after the nodes of its branches"
            if problem is not None:
                return Refusal(json_pointer(["nodes", ordinal, word, "group"]), problem)
            claimed.add(branch.group)
        if len({_condition(groups, branch) for branch in node.branches}) > 1:
            return Refusal(json_pointer(["nodes", ordinal, "otherwise", "group"]), "both branches have one condition")
        condition = _condition(groups, node.then)
        first = min(ordinal, *(spans[branch.group][0] for branch in node.branches))
        if type(condition) is NodeReference and condition.node >= first:
            pointer = json_pointer(["groups", node.then.group, "guard", "condition", "node"])
            return Refusal(pointer, "must refer to a node before all that it decides about")
    for position, group in enumerate(groups):
        if group.guard is not None and position not in claimed:
            return Refusal(json_pointer(["groups", position, "guard"]), "no choice has this branch")
    return None


def _claim_problem(
    groups: Sequence[Group], word: str, position: int, home: int | None, claimed: set[int]
) -> str | None:
    """Why a group cannot be that branch of a choice that stands in the group ``home``."""
    guard = groups[position].guard
    if guard is None or guard.branch is not (word == "then"):
        return f"must be a group whose guard has the branch {'true' if word == 'then' else 'false'}"
    if position in claimed:
        return "this branch belongs to an earlier choice"
    return None if groups[position].parent == home else "a choice stands where its branches do"


def _condition(groups: Sequence[Group], branch: Branch) -> Binding:
    guard = groups[branch.group].guard
    assert type(guard) is Guard  # claimed already
    return guard.condition


def _spans(groups: Sequence[Group]) -> list[tuple[int, int]]:
    """The first and the last node of each group, those of the groups in it included; none is before, and after, all."""
    spans: list[tuple[int, int]] = [(group.nodes[0], group.nodes[-1]) if group.nodes else _NONE for group in groups]
    for position in range(len(groups) - 1, -1, -1):  # a parent stands before its groups
        parent = groups[position].parent
        if parent is not None:
            (first, last), (inner_first, inner_last) = spans[parent], spans[position]
            spans[parent] = (min(first, inner_first), max(last, inner_last))
    return spans


_NONE: Final[Any] = (float("inf"), -1)


# -- what is seen from where ---------------------------------------------------------------------------


def _sight_fault(
    nodes: Sequence[Node], groups: Sequence[Group], homes: Sequence[int | None], returns: Binding
) -> Refusal | None:
    inside: list[Scope] = []
    for position, group in enumerate(groups):
        around = _FLOW if group.parent is None else inside[group.parent]
        if group.guard is None:
            inside.append(around)
            continue
        if len(around) == MAX_GUARDS:
            return Refusal(json_pointer(["groups", position, "guard"]), f"nested deeper than {MAX_GUARDS}")
        inside.append((*around, position))
    births = [_FLOW if home is None else inside[home] for home in homes]

    def hidden(node: int, scope: Scope) -> bool:
        birth = births[node]
        return bool(birth) and (len(birth) > len(scope) or scope[len(birth) - 1] != birth[-1])

    for pointer, node, scope in _references(nodes, groups, returns, births, inside):
        if hidden(node, scope):
            problem = f"node-{node} is seen in its branch only"
            return Refusal(json_pointer(pointer), problem, "return it from the branch, and refer to the choice")
    return None


_Pointer: TypeAlias = tuple[str | int, ...]


def _references(
    nodes: Sequence[Node], groups: Sequence[Group], returns: Binding, births: Sequence[Scope], inside: Sequence[Scope]
) -> Iterator[tuple[_Pointer, int, Scope]]:
    """Everything that names a node, with where it stands in the document and in which scope."""
    for ordinal, node in enumerate(nodes):
        if type(node) is Choice:
            for word, branch in zip(("then", "otherwise"), node.branches, strict=False):
                for path, named in _named(branch.returns):
                    yield ("nodes", ordinal, word, "returns", *path), named, inside[branch.group]
            continue
        scope = births[ordinal]
        for name, binding in node.arguments:  # type: ignore[union-attr]  # no choice
            for path, named in _named(binding):
                yield ("nodes", ordinal, "arguments", name, *path), named, scope
        for index, named in enumerate(node.after):  # type: ignore[union-attr]
            yield ("nodes", ordinal, "after", index), named, scope
    for position, group in enumerate(groups):
        if group.guard is not None:
            for path, named in _named(group.guard.condition):
                yield ("groups", position, "guard", "condition", *path), named, inside[position][:-1]
    for path, named in _named(returns):
        yield ("returns", *path), named, _FLOW


def _named(binding: Binding) -> Iterator[tuple[_Pointer, int]]:
    """The nodes that a binding names, each with the way to it; containers nest no deeper than values."""
    if type(binding) is NodeReference:
        yield ("node",), binding.node
    elif type(binding) is ListBinding:
        for index, item in enumerate(binding.items):
            for path, named in _named(item):
                yield ("list", index, *path), named
    elif type(binding) is ObjectBinding:
        for key, entry in binding.entries:
            for path, named in _named(entry):
                yield ("object", key, *path), named
