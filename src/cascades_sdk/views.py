"""A ``Dag`` as text for people.

Decided here: the layout. Never here: I/O, colours, terminals.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from cascades_sdk.graph import Call, Choice, Dag, FlowInput, Guard, InputReference, Node, NodeReference, node_id
from cascades_sdk.values import json_pointer, printable, thaw

__all__ = ["printable", "to_text"]

#: A name is padded to at most this many columns, so that one long name does not widen every line.
_WIDEST_COLUMN: Final = 28

#: A default value is shown with at most this many characters.
_LONGEST_DEFAULT: Final = 40


def to_text(dag: Dag) -> str:
    """The graph as a listing in layers, one line per node; it ends with a line end.

    A node's layer is the length of the longest path that leads to it, so it stands below everything that it
    depends on. A node in a branch names the conditions around it, outermost first. Equal graphs give equal texts. The
    cost is linear in nodes and edges.
    """
    upstreams = dag.upstream
    layers = _layers(upstreams)
    names = list(map(_title, dag.nodes))
    guards = dag.guards
    width = min(_WIDEST_COLUMN, max(map(len, names), default=0))
    id_width = len(node_id(max(0, len(names) - 1)))
    lines = [_heading(dag, len(layers))]
    for depth, layer in enumerate(layers):
        lines.append(f"layer {depth}")
        for node in layer:
            upstream = ", ".join(map(node_id, sorted(upstreams[node])))
            told = f"  <- {upstream}" if upstream else ""
            lines.append(f"  {node_id(node):<{id_width}}  {names[node]:<{width}}{told}{_when(guards[node])}".rstrip())
    return "\n".join(lines) + "\n"


def _title(node: Node) -> str:
    if isinstance(node, Choice):
        return "choice"
    return printable(node.task) if isinstance(node, Call) else f"map {printable(node.task)}"


def _when(guards: tuple[Guard, ...]) -> str:
    told = (f"{'if' if guard.branch else 'unless'} {_condition(guard.condition)}" for guard in guards)
    return f"  {', '.join(told)}" if guards else ""


def _condition(condition: NodeReference | InputReference) -> str:
    source = node_id(condition.node) if isinstance(condition, NodeReference) else f"input {condition.name}"
    return printable(source + json_pointer(condition.path))


def _layers(upstreams: Sequence[tuple[int, ...]]) -> list[list[int]]:
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


def _heading(dag: Dag, depth: int) -> str:
    inputs = ", ".join(_inputs(dag.inputs))
    told = f"; inputs: {inputs}" if inputs else ""
    choices = sum(isinstance(node, Choice) for node in dag.nodes)
    tasks = _counted(len(dag.nodes) - choices, "task")
    if choices:
        tasks += f" and {_counted(choices, 'choice')}"
    return f"{printable(dag.name)}: {tasks} in {_counted(depth, 'layer')}{told}"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _inputs(inputs: tuple[FlowInput, ...]) -> Iterator[str]:
    for given in inputs:
        if given.default is None:
            yield printable(given.name)
            continue
        # JSON text escapes what terminals act on, and everything beyond ASCII.
        default = json.dumps(thaw(given.default.value))
        shown = default if len(default) <= _LONGEST_DEFAULT else default[: _LONGEST_DEFAULT - 1] + "…"
        yield f"{printable(given.name)} = {shown}"
