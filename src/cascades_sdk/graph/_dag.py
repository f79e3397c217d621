"""The ``Dag``: a value that exists only where its parts fit together.

Decided here: what a graph consists of, and that its constructor checks it. Never here: the rules of that check,
and bytes.
"""

from collections.abc import Mapping

import attrs
from returns.result import Failure, Success

from cascades_sdk.errors import InvalidDagError, Outcome
from cascades_sdk.graph._bindings import Binding, Literal
from cascades_sdk.graph._checks import first_fault
from cascades_sdk.graph._model import FlowInput, Group, Node, TaskDefinition

__all__ = ["Dag", "dag"]


@attrs.frozen
class Dag:
    """A compiled flow: a directed acyclic graph of task calls, immutable, equal by content.

    ``tasks`` are in RFC 8785 order of their names; ``nodes`` in the order of capture, so that a node
    refers to earlier ones only.

    Raises:
        InvalidDagError: the parts do not fit together; ``pointer`` leads to the fault. The check is linear.
    """

    name: str
    inputs: tuple[FlowInput, ...] = ()
    tasks: tuple[TaskDefinition, ...] = ()
    nodes: tuple[Node, ...] = ()
    groups: tuple[Group, ...] = ()
    returns: Binding = Literal(None)  # noqa: RUF009 - immutable
    doc: str | None = attrs.field(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        fault = first_fault(self.name, self.inputs, self.tasks, self.nodes, self.groups, self.returns)
        if fault is not None:
            raise InvalidDagError(fault.pointer, fault.problem, fault.advice)

    @property
    def definitions(self) -> Mapping[str, TaskDefinition]:
        """The task definitions by name; a fresh dict."""
        return {task.name: task for task in self.tasks}


def dag(
    name: str,
    inputs: tuple[FlowInput, ...] = (),
    tasks: tuple[TaskDefinition, ...] = (),
    nodes: tuple[Node, ...] = (),
    groups: tuple[Group, ...] = (),
    returns: Binding = Literal(None),  # noqa: B008 - immutable
    doc: str | None = None,
) -> Outcome[Dag, InvalidDagError]:
    """``Dag(...)`` of the same arguments as an Outcome.

    Returns:
        ``Success(Dag)``, or ``Failure(InvalidDagError)`` with the pointer to what does not fit.
    """
    try:
        return Success(Dag(name, inputs, tasks, nodes, groups, returns, doc))
    except InvalidDagError as refused:
        return Failure(refused)
