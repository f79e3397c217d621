"""A graph in Graphviz's DOT.

Decided here: the shapes, and that no text of a flow is ever more than text. Never here: which lines are drawn.

A quoted string of DOT ends at a quote, a label has escapes (``\\N``, ``\\l``) and HTML entities; so quotes, backslashes
and ampersands are escaped, and nothing else means anything there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cascades_sdk.graph import Call, Choice, Dag, Map, check_is_dag, node_id
from cascades_sdk.pipelines import TaskProgress
from cascades_sdk.views._boxes import below_titles, boxes_of
from cascades_sdk.views._labels import group_title, heading, node_title
from cascades_sdk.views._links import Link, is_wide, layers_of, links_of
from cascades_sdk.views._statuses import look_of, statuses_of

__all__ = ["to_dot"]

_SHAPES: Final[Mapping[type, str]] = {
    Call: 'shape=box style="rounded,filled"',
    Map: "shape=box peripheries=2 style=filled",
    Choice: "shape=hexagon style=filled",
}

_TITLE: Final = "shape=plaintext height=0.2 margin=0"

_LINES: Final = {"data": "", "order": "style=dashed", "condition": "style=dotted"}


def to_dot(dag: Dag, tasks: Iterable[TaskProgress] = ()) -> str:
    """The graph in DOT, for Graphviz; it ends with a line end.

    Calls are rounded boxes, maps double ones, choices hexagons; flows that were called, and the branches of choices,
    are clusters. A dashed line is order without data, a dotted one leads from a condition to what it decides. ``tasks``
    (``progress.tasks`` of a run, say) colour the nodes by their status. Equal graphs give equal texts; linear.
    """
    check_is_dag(dag)
    statuses = statuses_of(dag, tasks)
    layers = layers_of(dag.upstream)
    lines = [
        "digraph {",
        f"label={_quoted(heading(dag, len(layers)))}",
        f"labelloc=t compound=true rankdir={'LR' if is_wide(layers) else 'TB'}",
        'graph [fontname="Helvetica" style=rounded color="#8c8c8c"]',
        'node [fontname="Helvetica" fillcolor="#ffffff"]',
        'edge [fontname="Helvetica" fontsize=10]',
        *_boxes(dag, statuses),
    ]
    lines += (
        f"g{below.group} -> {'n' if below.kind == 'node' else 'g'}{below.at} [style=invis]"
        for below in below_titles(dag)
    )
    lines += map(_line, links_of(dag))
    return "\n".join((*lines, "}")) + "\n"


def _boxes(dag: Dag, statuses: Mapping[int, str]) -> Iterator[str]:
    for piece in boxes_of(dag):
        if piece.kind == "open":
            yield f"subgraph cluster_{piece.at} {{"
            # What the graph is called would be inherited.
            yield 'label=""'
            yield f"g{piece.at} [label={_quoted(group_title(dag, dag.groups[piece.at]))} {_TITLE}]"
        elif piece.kind == "close":
            yield "}"
        else:
            yield _node(dag, piece.at, statuses.get(piece.at))


def _node(dag: Dag, ordinal: int, status: str | None) -> str:
    node = dag.nodes[ordinal]
    told = f"{node_id(ordinal)} {status}" if status else node_id(ordinal)
    # The escape for a line end stands between two texts that are escaped themselves.
    label = f'"{_escaped(node_title(dag, node))}\\n{_escaped(told)}"'
    look = f' fillcolor="{look_of(status).fill}" color="{look_of(status).line}"' if status else ""
    return f"n{ordinal} [label={label} {_SHAPES[type(node)]}{look}]"


def _line(link: Link) -> str:
    if link.to_group:
        return f"n{link.source} -> g{link.target} [{_LINES[link.kind]} lhead=cluster_{link.target}]"
    style = _LINES[link.kind]
    return f"n{link.source} -> n{link.target}" + (f" [{style}]" if style else "")


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
