"""The rows of a drawing: one for each node, in boxes.

Decided here: the order, which is that of the program wherever it can be. Never here: lines and columns.

A node stands below everything that it depends on, and the nodes of a group stand together wherever that is possible.
Where it is not (calls of two async flows that wait for each other), a box is closed and opened again further down.
"""

from collections.abc import Sequence
from typing import Final

from cascades_sdk.graph import Dag
from cascades_sdk.views._boxes import Piece
from cascades_sdk.views._links import depths_of

__all__ = ["is_drawable", "rows_of"]

#: More nodes, or boxes around one, than this are no help in a terminal.
_MOST_NODES: Final = 50
_DEEPEST: Final = 12


def is_drawable(dag: Dag) -> bool:
    """Whether a graph is small enough to be drawn row by row."""
    return 0 < len(dag.nodes) <= _MOST_NODES and max(depths_of(dag), default=0) < _DEEPEST


def rows_of(dag: Dag) -> list[Piece]:
    """The rows from the top; groups in which there is no node have none.

    It looks at all nodes for each row: a drawable graph has fifty.
    """
    homes = _homes(dag)
    upstreams = dag.upstream
    waiting = list(range(len(dag.nodes)))
    placed: set[int] = set()
    open_boxes: tuple[int, ...] = ()
    opened: set[int] = set()
    rows: list[Piece] = []
    while waiting:
        ready = [node for node in waiting if placed.issuperset(upstreams[node])]
        node = _next(ready, homes, open_boxes)
        shared = _shared(open_boxes, homes[node])
        rows.extend(Piece("close", group) for group in reversed(open_boxes[shared:]))
        for group in homes[node][shared:]:
            rows.append(Piece("again" if group in opened else "open", group))
            opened.add(group)
        rows.append(Piece("node", node))
        open_boxes = homes[node]
        placed.add(node)
        waiting.remove(node)
    rows.extend(Piece("close", group) for group in reversed(open_boxes))
    return rows


def _homes(dag: Dag) -> list[tuple[int, ...]]:
    """The groups around each node, outermost first."""
    paths: list[tuple[int, ...]] = []
    homes: list[tuple[int, ...]] = [()] * len(dag.nodes)
    for position, group in enumerate(dag.groups):
        paths.append((*(paths[group.parent] if group.parent is not None else ()), position))
        for node in group.nodes:
            homes[node] = paths[position]
    return homes


def _next(ready: Sequence[int], homes: Sequence[tuple[int, ...]], inside: tuple[int, ...]) -> int:
    """The first of the ready nodes that lie inside of as many of the open boxes as can be."""
    return max(ready, key=lambda node: (_shared(inside, homes[node]), -node))


def _shared(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """The length of the common beginning of two paths."""
    return next(
        (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right),
        min(len(one), len(other)),
    )
