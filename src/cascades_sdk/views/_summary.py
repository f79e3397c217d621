"""A graph that is too large to be drawn, layer by layer.

Decided here: what is told and what is only counted, so that the text stays short. Never here: names.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from cascades_sdk.graph import Dag
from cascades_sdk.views._labels import columns, counted, fitted, group_kind, node_kind

__all__ = ["summary_of"]

#: Lines of layers, or of groups, before the others are only counted.
_MOST_LINES: Final = 24

#: Kinds of calls that one layer names.
_MOST_KINDS: Final = 4


def summary_of(dag: Dag, layers: Sequence[Sequence[int]]) -> list[str]:
    """What stands in each layer, and in which groups; layers that hold the same and follow each other are one line."""
    told: list[tuple[str, str]] = []
    at = 0
    for text, alike in groupby(_layer(dag, layer) for layer in layers):
        last = at + sum(1 for _ in alike) - 1
        told.append((f"layer {at}" if at == last else f"layers {at}-{last}, each", text))
        at = last + 1
    lines = _shortened(told, "line of layers", "lines of layers")
    return [*lines, *_shortened(_groups(dag), "kind of group", "kinds of groups")]


def _groups(dag: Dag) -> list[tuple[str, str]]:
    sizes = Counter(group_kind(dag, group) for group in dag.groups)
    width = max(map(len, map(str, sizes.values())), default=0)
    return [("" if at else "groups", f"{sizes[kind]:>{width}} × {kind}") for at, kind in enumerate(sizes)]


def _layer(dag: Dag, layer: Sequence[int]) -> str:
    counts = Counter(node_kind(dag, dag.nodes[node]) for node in layer)
    named = counts.most_common(_MOST_KINDS)
    kinds = [f"{count} × {kind}" for kind, count in named]
    more, others = len(counts) - len(named), len(layer) - sum(count for _, count in named)
    if more:
        of = "" if more == others else f" of {counted(more, 'kind')}"
        kinds.append(f"and {counted(others, 'other')}{of}")
    return ", ".join(kinds)


def _shortened(told: Sequence[tuple[str, str]], one: str, many: str) -> Iterator[str]:
    shown = told[:_MOST_LINES]
    width = max((columns(what) for what, _ in shown), default=0)
    for what, text in shown:
        yield f"{fitted(what, width)}  {text}"
    more = len(told) - len(shown)
    if more:
        yield f"and {more} more {one if more == 1 else many}"
