"""The log of a capture and the pure reducer that folds it into a ``Dag``.

Decided here: what is recorded, and how a record becomes a graph. Never here: who records.

The log is a value. ``step(seen, event) -> (seen, emitted)`` reads one event; ``seen`` holds only what later
steps read, and what is produced is emitted, so that the fold is linear. A property ties it to the
textbook fold, which keeps all that it produced in its state.
"""

from typing import TypeAlias, Union

import attrs
from returns.result import Failure

from cascades_sdk.errors import STACK_ADVICE, STACK_PROBLEM, InvalidDagError, Outcome, SourceLine, stack_safe
from cascades_sdk.graph._bindings import Binding, Literal
from cascades_sdk.graph._dag import Dag, dag
from cascades_sdk.graph._model import Branch, Call, Choice, FlowInput, Group, Guard, Map, Node, TaskDefinition
from cascades_sdk.graph._options import NO_OPTIONS, TaskOptions
from cascades_sdk.values import json_pointer, sorted_names

__all__ = ["CallRecorded", "ChoiceRecorded", "Event", "FlowEntered", "Log", "Seen", "dag_from_log", "step"]


@attrs.frozen
class CallRecorded:
    """A task was called, or mapped. References in ``arguments`` count nodes from 0; ``group`` counts entered flows.

    ``options`` are those in which the call differs from the definition.
    """

    definition: TaskDefinition
    arguments: tuple[tuple[str, Binding], ...] = ()
    after: tuple[int, ...] = ()
    options: TaskOptions = NO_OPTIONS
    group: int | None = None
    source: SourceLine | None = None
    mapped: bool = False


@attrs.frozen
class FlowEntered:
    """A flow was called inside a flow; its calls, and those of the flows in it, come with its number.

    With a guard it is a branch that was entered.
    """

    name: str
    parent: int | None = None
    guard: Guard | None = None


@attrs.frozen
class ChoiceRecorded:
    """The branches of a choice have been called; ``group`` is where the choice stands, not what it decides about."""

    then: Branch
    otherwise: Branch | None = None
    group: int | None = None
    source: SourceLine | None = None


Event: TypeAlias = Union[CallRecorded, ChoiceRecorded, FlowEntered]  # noqa: UP007


@attrs.frozen
class Log:
    """All that a capture learned: the flow's name, its symbolic inputs, what happened, what it returned."""

    flow: str
    inputs: tuple[FlowInput, ...] = ()
    events: tuple[Event, ...] = ()
    returns: Binding = Literal(None)  # noqa: RUF009 - immutable
    doc: str | None = None


@attrs.frozen
class Seen:
    """What later steps read: how many nodes and groups there are."""

    nodes: int = 0
    groups: int = 0


#: What a step adds to the graph: a node, the definition that it uses and the group it is in; or a group.
Emitted: TypeAlias = Union["Placed", Group]


@attrs.frozen
class Placed:
    """A node at its position, inside a group or none; a choice uses no definition."""

    ordinal: int
    node: Node
    definition: TaskDefinition | None
    group: int | None


def step(seen: Seen, event: Event) -> tuple[Seen, Emitted]:
    """What one event adds. Positions come from ``seen`` alone, so a longer log keeps the nodes of its prefix."""
    if type(event) is FlowEntered:
        return Seen(seen.nodes, seen.groups + 1), Group(event.name, event.parent, (), event.guard)
    after = Seen(seen.nodes + 1, seen.groups)
    if type(event) is ChoiceRecorded:
        choice = Choice(event.then, event.otherwise, event.source)
        return after, Placed(seen.nodes, choice, None, event.group)
    assert type(event) is CallRecorded
    kind = Map if event.mapped else Call
    node = kind(event.definition.name, event.arguments, event.after, event.options, event.source)
    return after, Placed(seen.nodes, node, event.definition, event.group)


@stack_safe(InvalidDagError("", STACK_PROBLEM, STACK_ADVICE))
def dag_from_log(log: Log) -> Outcome[Dag, InvalidDagError]:
    """The graph of a log. Linear.

    Returns:
        ``Success(Dag)``, or ``Failure(InvalidDagError)`` for a log that no recorder writes.
    """
    seen = Seen()
    nodes: list[Node] = []
    groups: list[Group] = []
    members: list[list[int]] = []
    definitions: dict[str, TaskDefinition] = {}
    for event in log.events:
        seen, emitted = step(seen, event)
        if type(emitted) is Group:
            groups.append(emitted)
            members.append([])
            continue
        assert type(emitted) is Placed
        nodes.append(emitted.node)
        if emitted.definition is not None:
            definition = definitions.setdefault(emitted.definition.name, emitted.definition)
            if definition is not emitted.definition and definition != emitted.definition:
                return _refused(["tasks", definition.name], "two definitions have this name")
        if emitted.group is not None:
            if not 0 <= emitted.group < len(groups):
                return _refused(["nodes", emitted.ordinal], f"there is no group {emitted.group} yet")
            members[emitted.group].append(emitted.ordinal)
    return dag(
        log.flow,
        log.inputs,
        tuple(definitions[name] for name in sorted_names(definitions)),
        tuple(nodes),
        tuple(attrs.evolve(group, nodes=tuple(inside)) for group, inside in zip(groups, members, strict=True)),
        log.returns,
        log.doc,
    )


def _refused(path: list[str | int], problem: str) -> Failure[InvalidDagError]:
    return Failure(InvalidDagError(json_pointer(path), problem))
