"""The ``Dag``: a value that exists only where its parts fit together.

Decided here: what a graph consists of, and that its constructor checks it. Never here: the rules of that check,
and bytes.
"""

from collections.abc import Mapping

import attrs
from returns.result import Failure, Success

from cascades_sdk.errors import STACK_ADVICE, STACK_PROBLEM, InvalidDagError, Outcome, stack_safe
from cascades_sdk.graph._bindings import Binding, InputReference, Literal, NodeReference
from cascades_sdk.graph._checks import first_fault
from cascades_sdk.graph._model import Choice, FlowInput, Group, Guard, Node, TaskDefinition

__all__ = ["Dag", "check_is_dag", "dag"]


@attrs.frozen
class Dag:
    """A compiled flow: a directed acyclic graph of calls, maps and choices, immutable, equal by content.

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

    @property
    def guards(self) -> tuple[tuple[Guard, ...], ...]:
        """The guards of each node, those of its group and of the groups around that one, outermost first; linear."""
        if not any(group.guard is not None for group in self.groups):
            return ((),) * len(self.nodes)
        inside: list[tuple[Guard, ...]] = []
        of_nodes: list[tuple[Guard, ...]] = [()] * len(self.nodes)
        for group in self.groups:
            around = () if group.parent is None else inside[group.parent]
            inside.append(around if group.guard is None else (*around, group.guard))
            for node in group.nodes:
                of_nodes[node] = inside[-1]
        return tuple(of_nodes)

    def condition_of(self, choice: Choice) -> NodeReference | InputReference:
        """What decides a choice of this graph: the condition of the guards of its branches."""
        guard = self.groups[choice.then.group].guard
        assert guard is not None  # the constructor has looked
        return guard.condition

    @property
    def upstream(self) -> tuple[tuple[int, ...], ...]:
        """For each node the nodes that must be done before it, each once; linear.

        First those that decide whether it is evaluated, outermost first; then the one that decides a choice; then
        those that it names.
        """
        return tuple(
            tuple(
                dict.fromkeys(
                    (
                        *(guard.condition.node for guard in guards if type(guard.condition) is NodeReference),
                        *self._deciding(node),
                        *node.dependencies,
                    )
                )
            )
            for node, guards in zip(self.nodes, self.guards, strict=True)
        )

    def _deciding(self, node: Node) -> tuple[int, ...]:
        condition = self.condition_of(node) if type(node) is Choice else None
        return (condition.node,) if type(condition) is NodeReference else ()


@stack_safe(InvalidDagError("", STACK_PROBLEM, STACK_ADVICE))
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


def check_is_dag(value: object) -> None:
    """Raise what says that something else stands in place of a graph: mostly an outcome that nobody unwrapped.

    Raises:
        TypeError: it is no :class:`Dag`. A bug of the caller's, which type checkers see.
    """
    if type(value) is not Dag:
        advice = "; unwrap() the outcome" if isinstance(value, Success | Failure) else ""
        raise TypeError(f"expected a Dag, found a {type(value).__name__}{advice}")
