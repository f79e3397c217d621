"""The boxes of a picture: groups inside of groups, and nodes in them, one after the other.

Decided here: in which order they come, for pictures that others lay out. Never here: how a box looks.

Those others lead lines around nodes, but straight through the title of a box. So a title is a node of its own there,
which lines that are not seen keep before all others in the box, and what leads to the box ends there.
"""

from collections.abc import Iterator
from typing import Literal as Word

import attrs

from cascades_sdk.graph import Dag

__all__ = ["Below", "Piece", "below_titles", "boxes_of"]


@attrs.frozen
class Piece:
    """A node is placed, or the box of a group is opened, opened once more, or closed; ``at`` is its position."""

    kind: Word["node", "open", "again", "close"]
    at: int


@attrs.frozen
class Below:
    """What stands below the title of a ``group``: a node, or a group in it; ``at`` is its position."""

    group: int
    kind: Word["node", "group"]
    at: int


def boxes_of(dag: Dag) -> Iterator[Piece]:
    """Every node once, inside of the boxes of its groups; every group once. Linear, and no recursion."""
    inner: list[list[int]] = [[] for _ in dag.groups]
    outermost: list[int] = []
    for position, group in enumerate(dag.groups):
        (outermost if group.parent is None else inner[group.parent]).append(position)
    housed = {node for group in dag.groups for node in group.nodes}
    yield from (Piece("node", node) for node in range(len(dag.nodes)) if node not in housed)
    # What is still to be said, the next thing last.
    due = [Piece("open", group) for group in reversed(outermost)]
    while due:
        piece = due.pop()
        yield piece
        if piece.kind == "open":
            yield from (Piece("node", node) for node in dag.groups[piece.at].nodes)
            due.append(Piece("close", piece.at))
            due.extend(Piece("open", group) for group in reversed(inner[piece.at]))


def below_titles(dag: Dag) -> Iterator[Below]:
    """Each group, with the groups in it, and with the nodes that begin in it; linear."""
    upstreams = dag.upstream
    for position, group in enumerate(dag.groups):
        if group.parent is not None:
            yield Below(group.parent, "group", position)
        inside = frozenset(group.nodes)
        yield from (Below(position, "node", node) for node in group.nodes if inside.isdisjoint(upstreams[node]))
