"""A graph as text for people: a drawing where it is small, a summary beyond.

Decided here: which of the two, and what stands above and below. Never here: I/O, colours, terminals.
"""

from collections.abc import Iterable

from cascades_sdk.graph import Dag, check_is_dag
from cascades_sdk.pipelines import TaskProgress
from cascades_sdk.views._drawing import drawing_of
from cascades_sdk.views._labels import heading
from cascades_sdk.views._links import layers_of
from cascades_sdk.views._statuses import statuses_of, tally
from cascades_sdk.views._summary import summary_of

__all__ = ["to_text"]


def to_text(dag: Dag, tasks: Iterable[TaskProgress] = ()) -> str:
    """The graph as a drawing for terminals, and beyond fifty nodes a summary of its layers; it ends with a line end.

    Each node has a row, below everything that it depends on and otherwise where the program has it, with its lines on
    the left. What needs something has an arrow, and its lines come in at ``├``, ``┼``, ``╰`` or ``┴``; an output begins
    a line at ``╭`` or ``┬``, or at ``●`` enters that of others whom the same rows need. Boxes are the flows that were
    called, and the branches of choices. ``○`` is a call, ``≡`` a map, ``◇`` a choice; with ``tasks``, as in the
    ``progress.tasks`` of a run, these are marks of statuses.

    A flow or a branch without a node has no box here, unlike in the other formats: a box stands around rows, and each
    row is a node. So a branch of a choice that has no box evaluates nothing.

    Equal graphs give equal texts. The cost is linear in nodes and edges.
    """
    check_is_dag(dag)
    statuses = statuses_of(dag, tasks)
    layers = layers_of(dag.upstream)
    drawing = drawing_of(dag)
    lines = [heading(dag, len(layers))]
    lines += summary_of(dag, layers) if drawing is None else [line.text(statuses) for line in drawing.lines]
    if statuses:
        lines.append(tally(statuses.values()))
    return "\n".join(lines) + "\n"
