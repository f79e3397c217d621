"""A ``Dag`` as text for people.

Decided here: the layout. Never here: I/O, colours, terminals.
"""

import json
from collections.abc import Iterator
from typing import Final

from cascades_sdk.graph import Dag, FlowInput, node_id
from cascades_sdk.values import printable, thaw

__all__ = ["printable", "to_text"]

#: A name is padded to at most this many columns, so that one long name does not widen every line.
_WIDEST_COLUMN: Final = 28

#: A default value is shown with at most this many characters.
_LONGEST_DEFAULT: Final = 40


def to_text(dag: Dag) -> str:
    """The graph as a listing in layers, one line per node; it ends with a line end.

    A node's layer is the length of the longest path that leads to it, so it stands below everything that it
    depends on. Equal graphs give equal texts. The cost is linear in nodes and edges.
    """
    layers = _layers(dag)
    names = [printable(node.task) for node in dag.nodes]
    width = min(_WIDEST_COLUMN, max(map(len, names), default=0))
    id_width = len(node_id(max(0, len(names) - 1)))
    lines = [_heading(dag, len(layers))]
    for depth, layer in enumerate(layers):
        lines.append(f"layer {depth}")
        for node in layer:
            upstream = ", ".join(map(node_id, sorted(dag.nodes[node].upstream)))
            told = f"  <- {upstream}" if upstream else ""
            lines.append(f"  {node_id(node):<{id_width}}  {names[node]:<{width}}{told}".rstrip())
    return "\n".join(lines) + "\n"


def _layers(dag: Dag) -> list[list[int]]:
    # A node refers to earlier nodes only, so one pass in order knows every depth that it needs.
    depths: list[int] = []
    layers: list[list[int]] = []
    for ordinal, node in enumerate(dag.nodes):
        depth = 1 + max((depths[upstream] for upstream in node.upstream), default=-1)
        depths.append(depth)
        if depth == len(layers):
            layers.append([])
        layers[depth].append(ordinal)
    return layers


def _heading(dag: Dag, depth: int) -> str:
    inputs = ", ".join(_inputs(dag.inputs))
    told = f"; inputs: {inputs}" if inputs else ""
    tasks = "1 task" if len(dag.nodes) == 1 else f"{len(dag.nodes)} tasks"
    layers = "1 layer" if depth == 1 else f"{depth} layers"
    return f"{printable(dag.name)}: {tasks} in {layers}{told}"


def _inputs(inputs: tuple[FlowInput, ...]) -> Iterator[str]:
    for given in inputs:
        if given.default is None:
            yield printable(given.name)
            continue
        # JSON text escapes what terminals act on, and everything beyond ASCII.
        default = json.dumps(thaw(given.default.value))
        shown = default if len(default) <= _LONGEST_DEFAULT else default[: _LONGEST_DEFAULT - 1] + "…"
        yield f"{printable(given.name)} = {shown}"
