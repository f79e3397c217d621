"""What a node says, told alike for calls, maps and choices.

Decided here: that a choice says its condition and what its branches answer, as a call says its arguments. Never here:
what differs.
"""

from collections.abc import Mapping
from typing import Literal as Word
from typing import TypeAlias

import attrs

from cascades_sdk.graph import NO_OPTIONS, Binding, Call, Choice, Dag, Guard, Node, TaskOptions

__all__ = ["Said", "sayings"]

Kind: TypeAlias = Word["call", "map", "choice"]


@attrs.frozen
class Said:
    """A node in itself, and the guards around it, outermost first. A choice calls no task.

    Nodes of one ``kind`` and one ``task`` are of one sort: a node is never the same as one of another sort.
    """

    kind: Kind
    task: str | None
    arguments: tuple[tuple[str, Binding], ...]
    after: tuple[int, ...]
    options: TaskOptions
    guards: tuple[Guard, ...]

    def renamed(self, names: Mapping[str, str]) -> "Said":
        """The same under the new name of its task."""
        new = None if self.task is None else names.get(self.task)
        return self if new is None else attrs.evolve(self, task=new)

    @property
    def sort(self) -> tuple[Kind, str | None]:
        """What nodes have in common that may be the same."""
        return self.kind, self.task


def sayings(dag: Dag) -> tuple[Said, ...]:
    """What each node of a graph says, in order; linear."""
    return tuple(_said(dag, node, guards) for node, guards in zip(dag.nodes, dag.guards, strict=True))


def _said(dag: Dag, node: Node, guards: tuple[Guard, ...]) -> Said:
    if isinstance(node, Choice):
        answers = {word: branch.returns for word, branch in zip(("then", "otherwise"), node.branches, strict=False)}
        bindings = {"condition": dag.condition_of(node), **answers}
        return Said("choice", None, tuple(bindings.items()), (), NO_OPTIONS, guards)
    kind: Kind = "call" if isinstance(node, Call) else "map"
    return Said(kind, node.task, node.arguments, node.after, node.options, guards)
