"""A graph as Mermaid's flowchart.

Decided here: the shapes, how much room lines have, and that no text of a flow is ever more than text. Never here:
which lines are drawn.

What is not a letter, a digit or one of a few harmless characters is written as ``#code;``, Mermaid's own escape: so no
name ends a label, begins a directive (``%%{``), Markdown or HTML, or names an icon (``fa:``).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cascades_sdk.graph import Call, Choice, Dag, Map, check_is_dag, node_id
from cascades_sdk.pipelines import TaskProgress
from cascades_sdk.views._boxes import below_titles, boxes_of
from cascades_sdk.views._labels import group_title, heading, node_title
from cascades_sdk.views._links import Link, is_wide, layers_of, links_of
from cascades_sdk.views._statuses import look_of, statuses_of

__all__ = ["to_mermaid"]

#: What is no letter, no digit and none of the harmless characters.
_ODD: Final = re.compile(r"[^\w ,=-]")

#: These are in what Mermaid looks for after its escapes: ``$$`` is a formula, ``fa:`` an icon, ``\\n`` a line end.
_LEADING: Final = frozenset("$:\\")

#: A blank without width, that nothing is found across.
_APART: Final = "#8203;"

#: Pixels between two layers: for each box of the widest one so many, but no less and no more than these.
_ROOM: Final = 40
_LEAST_ROOM: Final = 50
_MOST_ROOM: Final = 400

#: Pixels between boxes side by side.
_APART_BOXES: Final = 70

_SHAPES: Final[Mapping[type, tuple[str, str]]] = {Call: ("[", "]"), Map: ("[[", "]]"), Choice: ("{{", "}}")}

_ARROWS: Final = {"data": "-->", "order": "-.->", "condition": "-. decides .->"}


def to_mermaid(dag: Dag, tasks: Iterable[TaskProgress] = ()) -> str:
    """The graph as a flowchart for Mermaid; it ends with a line end.

    Calls are boxes, maps boxes with double sides, choices hexagons; flows that were called, and the branches of
    choices, are boxes around their nodes. A dotted line is order without data, or leads from a condition to what it
    decides. ``tasks`` (``progress.tasks`` of a run, say) colour the nodes by their status. A ``<`` in the title above
    is ``\\u003c``: Mermaid can show none there.

    Equal graphs give equal texts; linear. Mermaid itself refuses more than 500 lines, or 50,000 characters, unless its
    ``maxEdges`` and ``maxTextSize`` are raised; a line leads from the title of each box to what begins in it, unseen.

    Mermaid draws lines below boxes, and does not lead them around. The text asks for so much room that they pass beside
    boxes in most graphs of fifty nodes; with more than nine nodes side by side, or names as long as sixty characters
    on many of them, some may still run behind a box that they do not belong to. Graphviz leads lines around boxes: such
    a graph is better drawn from :func:`to_dot`.
    """
    check_is_dag(dag)
    statuses = statuses_of(dag, tasks)
    layers = layers_of(dag.upstream)
    title = _title(heading(dag, len(layers)))
    lines = ["---", f"title: {title}", _config(layers), "---", f"flowchart {'LR' if is_wide(layers) else 'TD'}"]
    lines += _boxes(dag, statuses)
    lines += (f"t{below.group} ~~~ {'n' if below.kind == 'node' else 't'}{below.at}" for below in below_titles(dag))
    lines += map(_line, links_of(dag))
    lines += ["classDef title fill:none,stroke:none"] * bool(dag.groups)
    lines += _classes(statuses)
    return "\n".join(lines) + "\n"


def _title(text: str) -> str:
    """A title of front matter.

    It stands in YAML, of which JSON text is a part. Mermaid knows no escape in titles, and where there is a ``<`` it
    takes all of it for HTML, of which it keeps what it likes; without one it shows every character as it is.
    """
    return json.dumps(text.replace("<", "\\u003c"))


def _config(layers: Sequence[Sequence[int]]) -> str:
    """The settings with which lines pass beside boxes.

    Mermaid clips a line that is aimed at the middle of a box: one that comes flat comes through the neighbours. So
    layers stand the further apart the wider they are, and lines bend towards them, and not as an arc across.
    """
    widest = max(map(len, layers), default=0)
    room = min(max(_LEAST_ROOM, _ROOM * widest), _MOST_ROOM)
    curve = "bumpX" if is_wide(layers) else "bumpY"
    return f"config: {{flowchart: {{curve: {curve}, nodeSpacing: {_APART_BOXES}, rankSpacing: {room}}}}}"


def _boxes(dag: Dag, statuses: Mapping[int, str]) -> Iterator[str]:
    for piece in boxes_of(dag):
        if piece.kind == "open":
            yield f'subgraph g{piece.at}[" "]'
            yield f't{piece.at}["{_escaped(group_title(dag, dag.groups[piece.at]))}"]:::title'
        elif piece.kind == "close":
            yield "end"
        else:
            yield _node(dag, piece.at, statuses.get(piece.at))


def _node(dag: Dag, ordinal: int, status: str | None) -> str:
    node = dag.nodes[ordinal]
    before, after = _SHAPES[type(node)]
    told = f"{node_id(ordinal)} {status}" if status else node_id(ordinal)
    label = f"{_escaped(node_title(dag, node))}<br>{_escaped(told)}"
    look = f":::{look_of(status).word}" if status else ""
    return f'n{ordinal}{before}"{label}"{after}{look}'


def _line(link: Link) -> str:
    return f"n{link.source} {_ARROWS[link.kind]} {'t' if link.to_group else 'n'}{link.target}"


def _classes(statuses: Mapping[int, str]) -> Iterator[str]:
    looks = {look.word: look for look in map(look_of, statuses.values())}
    for word in sorted(looks):
        yield f"classDef {word} fill:{looks[word].fill},stroke:{looks[word].line},color:#000000"


def _escaped(text: str) -> str:
    return _ODD.sub(_code, text)


def _code(odd: re.Match[str]) -> str:
    return f"#{ord(odd[0])};{_APART if odd[0] in _LEADING else ''}"
