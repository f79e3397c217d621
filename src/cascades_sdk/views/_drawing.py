"""A small graph drawn with characters: a row for each node, lines on the left, boxes around groups.

Decided here: the characters. Never here: where a line runs, what a node is called, and terminals.

Edges are single lines and boxes double ones, so that no crossing is taken for anything else. In each row, the lines
at ``├``, ``┼``, ``╰`` and ``┴`` lead to what stands there; what stands there begins a line at ``╭`` or ``┬``, or enters
one at ``●``. A line that is crossed and not met goes straight through.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from cascades_sdk.graph import Call, Choice, Dag, Map, node_id
from cascades_sdk.views._boxes import Piece
from cascades_sdk.views._labels import columns, fitted, group_title, node_title
from cascades_sdk.views._lanes import Lane, Lanes, lanes_of
from cascades_sdk.views._links import links_of
from cascades_sdk.views._rows import is_drawable, rows_of
from cascades_sdk.views._statuses import NOT_BEGUN, look_of

__all__ = ["Drawing", "Line", "drawing_of"]

_KINDS: Final[Mapping[type, str]] = {Call: "○", Map: "≡", Choice: "◇"}

#: What a row crosses on its way and does not meet.
_CROSSED: Final = {" ": "─", "║": "╫"}

#: Where a line arrives: by whether it goes on below, and whether the row goes on to the left of it.
_ARRIVING: Final = {(True, False): "├", (False, False): "╰", (True, True): "┼", (False, True): "┴"}

#: Where a line begins: by whether the row goes on to the left of it.
_BEGUN: Final = {False: "╭", True: "┬"}

#: Where a row enters a line that is there already.
_ENTERED: Final = "●"


@attrs.frozen
class Line:
    """A line of a drawing: what stands before a node, the mark of the node, its label, and what follows."""

    before: str
    node: int | None = None
    mark: str = ""
    label: str = ""
    after: str = ""

    def text(self, statuses: Mapping[int, str]) -> str:
        """The line as text, with the marks of these statuses."""
        return f"{self.before}{self.mark_in(statuses)}{self.label}{self.after}".rstrip()

    def mark_in(self, statuses: Mapping[int, str]) -> str:
        """The mark of the node at the status that it has; what has not begun keeps the mark of its kind."""
        status = "PENDING" if self.node is None else statuses.get(self.node, "PENDING")
        return self.mark if status in NOT_BEGUN else look_of(status).mark


@attrs.frozen
class Drawing:
    """The lines of a drawing, and how many columns of a terminal they take; the status of a node changes no place."""

    lines: tuple[Line, ...]
    width: int


def drawing_of(dag: Dag) -> Drawing | None:
    """A graph row by row; None where it has no node, more than fifty, or more than a dozen boxes inside each other."""
    if not is_drawable(dag):
        return None
    rows = rows_of(dag)
    lanes = lanes_of(rows, links_of(dag))
    width = len(node_id(len(dag.nodes) - 1))
    labels = [_label(dag, piece, width) for piece in rows]
    depths = _depths(rows)
    canvas = _Canvas(lanes, labels, depths, _frames(rows, labels, depths, 2 * lanes.width))
    lines = tuple(canvas.line(dag, row, piece) for row, piece in enumerate(rows))
    return Drawing(lines, max(columns(line.text({})) for line in lines))


def _label(dag: Dag, piece: Piece, width: int) -> str:
    if piece.kind == "close":
        return ""
    if piece.kind == "node":
        return f" {fitted(node_id(piece.at), width)} {node_title(dag, dag.nodes[piece.at])}"
    again = " (continued)" if piece.kind == "again" else ""
    return f" {group_title(dag, dag.groups[piece.at])}{again} "


def _depths(rows: Sequence[Piece]) -> list[int]:
    """How many boxes stand around what each row shows."""
    depths, boxes = list[int](), 0
    for piece in rows:
        boxes -= piece.kind == "close"
        depths.append(boxes)
        boxes += piece.kind in ("open", "again")
    return depths


@attrs.frozen
class _Frame:
    """The right side of an outermost box: the first column after all that is in it, and how deep it is."""

    edge: int = 0
    deepest: int = 0

    def border(self, depth: int) -> int:
        """The column of the right border of a box inside of so many others."""
        return self.edge + 2 * (self.deepest - 1 - depth)

    def around(self, depth: int, end: int) -> "_Frame":
        """The frame that has room for one more label that ends before a column."""
        return _Frame(max(self.edge, end), max(self.deepest, depth))


def _frames(rows: Sequence[Piece], labels: Sequence[str], depths: Sequence[int], left: int) -> list[_Frame]:
    """The frame of each row: that of the outermost box that it is in, which counts for no row outside of boxes."""
    frames: list[_Frame] = []
    since, frame = 0, _Frame()
    for row, (piece, label, depth) in enumerate(zip(rows, labels, depths, strict=True)):
        # One column more than the label takes: a node has a mark before it, a box a corner after it.
        frame = frame.around(depth, left + 2 * depth + 3 + columns(label))
        if depth == 0 and piece.kind != "open" and piece.kind != "again":
            frames.extend([frame] * (row + 1 - since))
            since, frame = row + 1, _Frame()
    return frames


@attrs.frozen
class _Canvas:
    """Where things stand: for each row its label, the boxes around it, and those of the whole row of boxes it is in."""

    lanes: Lanes
    labels: Sequence[str]
    depths: Sequence[int]
    frames: Sequence["_Frame"]

    def line(self, dag: Dag, row: int, piece: Piece) -> Line:
        into, label, depth = self.lanes.into.get(row, ()), self.labels[row], self.depths[row]
        left = self._left(depth)
        if piece.kind == "node":
            wires = self._wires(row, into, self.lanes.out_of.get(row), left + 1, "▶" if into else "─")
            right = self._right(row, left + 2 + columns(label))
            return Line(wires, piece.at, _KINDS[type(dag.nodes[piece.at])], label, right)
        wires = self._wires(row, into, None, left, "▶")
        border = self.frames[row].border(depth)
        right = self._right(row, border + 1)
        if piece.kind == "close":
            return Line(f"{wires}╚{'═' * (border - left - 1)}╝{right}")
        return Line(f"{wires}╔{label}{'═' * (border - left - 1 - columns(label))}╗{right}")

    def _left(self, depth: int) -> int:
        """The column of the left border of a box inside of so many others; the mark of a node is one further."""
        return 2 * self.lanes.width + 2 * depth

    def _wires(self, row: int, into: Sequence[Lane], out: Lane | None, width: int, end: str) -> str:
        """The first columns of a row: all lines, and those that it meets led on to the ``end``."""
        cells = [" "] * width
        for lane in self.lanes.lanes:
            if lane.top <= row <= lane.bottom:
                cells[2 * lane.column] = "│"
        for box in range(self.depths[row]):
            cells[self._left(box)] = "║"
        met = into if out is None else (*into, out)
        if not met:
            return "".join(cells)
        first = min(2 * lane.column for lane in met)
        cells[first:] = [_CROSSED.get(cell, cell) for cell in cells[first:]]
        for lane in into:
            cells[2 * lane.column] = _ARRIVING[row < lane.bottom, 2 * lane.column > first]
        if out is not None:
            cells[2 * out.column] = _ENTERED if out.top < row else _BEGUN[2 * out.column > first]
        cells[-1] = end
        return "".join(cells)

    def _right(self, row: int, end: int) -> str:
        """What stands right of a row from the column ``end`` on: the borders of the boxes around it."""
        frame, cells = self.frames[row], ""
        for box in reversed(range(self.depths[row])):
            cells += "║".rjust(frame.border(box) + 1 - end - len(cells))
        return cells
