"""The lines of a picture: what leads to what, each once.

Decided here: which edges of a graph are drawn, and as what. Never here: where, and how they look.

What decides a branch leads to the box of the branch, and not to each node in it: twenty lines that say the same are no
help. So the lines are fewer than the edges of ``Dag.upstream``, and say the same.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from typing import Literal as Word

import attrs

from cascades_sdk.graph import Choice, Dag, Node, NodeReference

__all__ = ["Link", "depths_of", "is_wide", "layers_of", "links_of"]

#: So many boxes side by side are still readable.
_WIDEST: Final = 8


@attrs.frozen
class Link:
    """A line from a node to a node, or to the box of a group.

    ``data`` where the output is used, ``order`` where it is only waited for, ``condition`` where it decides.
    """

    source: int
    target: int
    kind: Word["data", "order", "condition"] = "data"
    to_group: bool = False


def links_of(dag: Dag) -> Iterator[Link]:
    """The lines of a graph: those to groups in their order, then those to nodes in theirs; linear."""
    for position, group in enumerate(dag.groups):
        if group.guard is not None and isinstance(group.guard.condition, NodeReference):
            yield Link(group.guard.condition.node, position, "condition", to_group=True)
    for ordinal, node in enumerate(dag.nodes):
        yield from _links_to(dag, ordinal, node)


def _links_to(dag: Dag, ordinal: int, node: Node) -> Iterator[Link]:
    if isinstance(node, Choice):
        condition = dag.condition_of(node)
        decides = condition.node if isinstance(condition, NodeReference) else None
        if decides is not None:
            yield Link(decides, ordinal, "condition")
        yield from (Link(source, ordinal) for source in node.upstream if source != decides)
        return
    ordered = len(node.after)
    used = frozenset(node.dependencies[:-ordered] if ordered else node.dependencies)
    yield from (Link(source, ordinal, "data" if source in used else "order") for source in node.upstream)


def layers_of(upstreams: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """The nodes by the length of the longest path that leads to them; linear."""
    # A node refers to earlier nodes only, so one pass in order knows every depth that it needs.
    depths: list[int] = []
    layers: list[list[int]] = []
    for ordinal, upstreams_of_it in enumerate(upstreams):
        depth = 1 + max((depths[upstream] for upstream in upstreams_of_it), default=-1)
        depths.append(depth)
        if depth == len(layers):
            layers.append([])
        layers[depth].append(ordinal)
    return layers


def is_wide(layers: Sequence[Sequence[int]]) -> bool:
    """Whether layers are drawn from left to right: boxes are wider than high, and many side by side are no picture."""
    return max(map(len, layers), default=0) > _WIDEST


def depths_of(dag: Dag) -> list[int]:
    """How many groups stand around each group; linear."""
    depths: list[int] = []
    for group in dag.groups:
        depths.append(0 if group.parent is None else depths[group.parent] + 1)
    return depths
