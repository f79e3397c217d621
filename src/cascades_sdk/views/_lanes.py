"""The vertical lines of a drawing: from the rows of nodes down to the rows that need them.

Decided here: which edges share a line, and in which column it runs. Never here: characters.

Nodes that the very same rows need share one line: a hundred outputs in one list are one line and no hundred. Such a
line says nothing that is not so: all who enter it stand above all who leave it, for each of these needs each of those.
"""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from cascades_sdk.views._boxes import Piece
from cascades_sdk.views._links import Link

__all__ = ["Lane", "Lanes", "lanes_of"]


@attrs.frozen
class Lane:
    """A line from the row ``top`` to the row ``bottom`` in a column; all count from 0."""

    column: int
    top: int
    bottom: int


@attrs.frozen
class Lanes:
    """All lines, and for each row those that lead to it, and the one that it starts or enters."""

    lanes: tuple[Lane, ...]
    into: Mapping[int, tuple[Lane, ...]]
    out_of: Mapping[int, Lane]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return 1 + max((lane.column for lane in self.lanes), default=-1)


def lanes_of(rows: Sequence[Piece], links: Iterable[Link]) -> Lanes:
    """The lines of a drawing with these rows. Links to boxes that have no row are passed over."""
    nodes = {piece.at: row for row, piece in enumerate(rows) if piece.kind == "node"}
    boxes = {piece.at: row for row, piece in enumerate(rows) if piece.kind == "open"}
    targets: dict[int, set[int]] = {}
    for link in links:
        row = boxes.get(link.target) if link.to_group else nodes[link.target]
        if row is not None:
            targets.setdefault(nodes[link.source], set()).add(row)
    # Who needs the same, from the top.
    shared: dict[frozenset[int], list[int]] = {}
    for source in sorted(targets):
        shared.setdefault(frozenset(targets[source]), []).append(source)
    lanes = _in_columns({ends: (sources[0], max(ends)) for ends, sources in shared.items()})
    into: dict[int, tuple[Lane, ...]] = {}
    for ends, lane in lanes.items():
        for row in ends:
            into[row] = (*into.get(row, ()), lane)
    out_of = {source: lanes[ends] for ends, sources in shared.items() for source in sources}
    return Lanes(tuple(lanes.values()), into, out_of)


def _in_columns(spans: Mapping[frozenset[int], tuple[int, int]]) -> dict[frozenset[int], Lane]:
    """Long lines to the left, short ones close to what they join; two in one column never touch."""
    columns: list[list[tuple[int, int]]] = []
    lanes: dict[frozenset[int], Lane] = {}
    for ends, (top, bottom) in sorted(spans.items(), key=lambda each: (each[1][0] - each[1][1], each[1])):
        column = next(
            (at for at, taken in enumerate(columns) if all(bottom < above or below < top for above, below in taken)),
            len(columns),
        )
        if column == len(columns):
            columns.append([])
        columns[column].append((top, bottom))
        lanes[ends] = Lane(column, top, bottom)
    return lanes
