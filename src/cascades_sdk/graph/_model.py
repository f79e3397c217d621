"""What a ``Dag`` is made of: frozen values that compare by content.

Decided here: which facts of a flow are part of its graph, and which only stand beside it (``eq=False``).
Never here: whether the parts fit together, bytes, and how a graph comes to be.
"""

from typing import Literal as Word
from typing import TypeAlias

import attrs

from cascades_sdk.errors import SourceLine
from cascades_sdk.graph._bindings import Binding, Literal, NodeReference, references_of
from cascades_sdk.graph._options import NO_OPTIONS, TaskOptions

__all__ = ["Call", "FlowInput", "Group", "Node", "Parameter", "ParameterKind", "TaskDefinition"]

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
class Call:
    """A call of a task. Parameters that ``arguments`` leaves out take the default of the definition.

    ``arguments`` are in the order of the task's parameters; ``after`` lists, ascending, the nodes that must
    be done before although nothing of theirs is used; ``options`` overrides what the definition declares.
    """

    task: str
    arguments: tuple[tuple[str, Binding], ...] = ()
    after: tuple[int, ...] = ()
    options: TaskOptions = NO_OPTIONS
    source: SourceLine | None = attrs.field(default=None, eq=False)

    @property
    def dependencies(self) -> tuple[int, ...]:
        """The upstream nodes, one for each reference, in order, repeats kept; then :attr:`after`."""
        return (
            *(
                reference.node
                for _, binding in self.arguments
                for reference in references_of(binding)
                if type(reference) is NodeReference
            ),
            *self.after,
        )

    @property
    def upstream(self) -> tuple[int, ...]:
        """The nodes that this one depends on, each once, in the order in which they arise."""
        return tuple(dict.fromkeys(self.dependencies))


#: A closed sum; so far a node is a call.
Node: TypeAlias = Call


@attrs.frozen
class FlowInput:
    """An input that a run may give; a ``default`` of ``None`` means that it must."""

    name: str
    default: Literal | None = None


@attrs.frozen
class Group:
    """The calls of a flow that was called inside another, in place. ``parent`` is the position of a group."""

    name: str
    parent: int | None = None
    nodes: tuple[int, ...] = ()
