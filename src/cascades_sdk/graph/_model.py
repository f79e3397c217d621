"""What a ``Dag`` is made of: frozen values that compare by content.

Decided here: which facts of a flow are part of its graph, and which only stand beside it (``eq=False``).
Never here: whether the parts fit together, bytes, and how a graph comes to be.
"""

from collections.abc import Iterable
from typing import Literal as Word
from typing import TypeAlias, Union

import attrs

from cascades_sdk.errors import SourceLine
from cascades_sdk.graph._bindings import Binding, InputReference, Literal, NodeReference, references_of
from cascades_sdk.graph._options import NO_OPTIONS, TaskOptions

__all__ = [
    "Branch",
    "Call",
    "Choice",
    "FlowInput",
    "Group",
    "Guard",
    "Map",
    "Node",
    "Parameter",
    "ParameterKind",
    "TaskDefinition",
]

#: As :mod:`inspect` names them, in lower case.
ParameterKind: TypeAlias = Word[
    "positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword"
]


@attrs.frozen
class Parameter:
    """A parameter of a task. A ``default`` of ``None`` means that every call must bind it."""

    name: str
    kind: ParameterKind = "positional_or_keyword"
    default: Literal | None = None


@attrs.frozen
class TaskDefinition:
    """A task as it was defined; it stands once in a ``Dag``, whatever the number of calls.

    ``reference`` is ``module:qualname``. ``importable`` is false for local functions and lambdas, which
    only the process that defined them can run.
    """

    name: str
    reference: str
    importable: bool = True
    parameters: tuple[Parameter, ...] = ()
    options: TaskOptions = NO_OPTIONS
    doc: str | None = attrs.field(default=None, eq=False)


@attrs.frozen
class _Invocation:
    """What a call and a map say alike.

    Parameters that ``arguments`` leaves out take the default of the definition. ``arguments`` are in the order of the
    task's parameters; ``after`` lists, ascending, the nodes that must be done before although nothing of theirs is
    used; ``options`` overrides what the definition declares.
    """

    task: str
    arguments: tuple[tuple[str, Binding], ...] = ()
    after: tuple[int, ...] = ()
    options: TaskOptions = NO_OPTIONS
    source: SourceLine | None = attrs.field(default=None, eq=False)

    @property
    def dependencies(self) -> tuple[int, ...]:
        """The nodes that this one names: one for each reference, in order, repeats kept; then :attr:`after`."""
        return (*_nodes_of(binding for _, binding in self.arguments), *self.after)

    @property
    def upstream(self) -> tuple[int, ...]:
        """The nodes that this one names, each once, in the order in which they arise."""
        return tuple(dict.fromkeys(self.dependencies))


@attrs.frozen
class Call(_Invocation):
    """A call of a task."""


@attrs.frozen
class Map(_Invocation):
    """A call of a task for each item of a list; its output is the list of what the calls return.

    What is mapped over is the argument of the task's first parameter: a reference, or a list. All calls get the same
    other arguments.
    """


@attrs.frozen
class Branch:
    """One side of a choice: the group of its nodes, by position, and what it answers."""

    group: int
    returns: Binding = Literal(None)  # noqa: RUF009 - immutable


@attrs.frozen
class Choice:
    """What a condition decides between: the output is that of one branch; null where ``otherwise`` is left out.

    The condition is that of the guards of its groups (:meth:`~cascades_sdk.graph.Dag.condition_of`).
    """

    then: Branch
    otherwise: Branch | None = None
    source: SourceLine | None = attrs.field(default=None, eq=False)

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The branches that there are."""
        return (self.then,) if self.otherwise is None else (self.then, self.otherwise)

    @property
    def dependencies(self) -> tuple[int, ...]:
        """The nodes that this one names: one for each reference in what the branches answer, in order, repeats kept."""
        return _nodes_of(branch.returns for branch in self.branches)

    @property
    def upstream(self) -> tuple[int, ...]:
        """The nodes that this one names, each once. That of the condition stands in ``Dag.upstream``."""
        return tuple(dict.fromkeys(self.dependencies))


def _nodes_of(bindings: Iterable[Binding]) -> tuple[int, ...]:
    return tuple(
        reference.node
        for binding in bindings
        for reference in references_of(binding)
        if type(reference) is NodeReference
    )


#: A closed sum: a ``match`` over it ends in ``assert_never``.
Node: TypeAlias = Union[Call, Map, Choice]  # noqa: UP007


@attrs.frozen
class FlowInput:
    """An input that a run may give; a ``default`` of ``None`` means that it must."""

    name: str
    default: Literal | None = None


@attrs.frozen
class Guard:
    """When the nodes of a group, and of the groups in it, are evaluated: where the condition is exactly this bool."""

    condition: NodeReference | InputReference
    branch: bool


@attrs.frozen
class Group:
    """The nodes of a flow that was called inside another, in place, or, with a guard, those of a branch.

    ``parent`` is the position of a group.
    """

    name: str
    parent: int | None = None
    nodes: tuple[int, ...] = ()
    guard: Guard | None = None
