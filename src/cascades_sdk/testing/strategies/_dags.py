"""Valid graphs.

Decided here: how one is put together, step by step. Never here: its parts.
"""

from typing import Final

from hypothesis import strategies as st

from cascades_sdk.graph import Choice, Dag, FlowInput, Guard
from cascades_sdk.testing.strategies._arguments import refuse_strangers, refused
from cascades_sdk.testing.strategies._growing import Growing, Place
from cascades_sdk.testing.strategies._parts import (
    PLAIN_KINDS,
    Names,
    Values,
    bindings,
    calls,
    defaults,
    definitions,
    references,
)
from cascades_sdk.testing.strategies._parts import names as _names
from cascades_sdk.testing.strategies._values import frozen_values
from cascades_sdk.values import shown, utf16_order

__all__ = ["PLAIN_STEPS", "STEPS", "dags"]

#: What may happen next in a graph, as often as it stands here.
STEPS: Final = "call call call call map map group branch branch close"

#: The same without what the document knows since it has maps and choices.
PLAIN_STEPS: Final = "call call call group"


def dags(
    names: Names | None = None, values: Values | None = None, *, max_nodes: int = 5, steps: str = STEPS
) -> st.SearchStrategy[Dag]:
    """Valid graphs with everything that a graph can have: calls, maps, choices, groups, inputs, defaults, options.

    They are valid, and no more: names of tasks lead nowhere, so nothing runs them (:func:`programs` are what runs).
    Leaves out source lines and doc texts, which are no part of a document, and graphs of many nodes. Shrinks to a graph
    without nodes that returns a small literal.

    Args:
        names: what things are called; any text by default.
        values: the literals.
        max_nodes: how many steps are taken; closing a choice adds its node.
        steps: what may happen, as often as it stands there: ``call``, ``map``, ``group``, ``branch``, ``close``.

    Raises:
        InvalidValueError: a step is none of these, or there is none; or ``max_nodes`` is no number of them.
    """
    if type(max_nodes) is not int or max_nodes < 0:
        raise refused("dags", "/max_nodes", f"{shown(max_nodes)} is no whole number of 0 or more", "give one")
    if type(steps) is not str or not steps.split():
        raise refused("dags", "/steps", f"{shown(steps)} names no step", "give their names, with spaces between them")
    known = [*dict.fromkeys(STEPS.split())]
    refuse_strangers("dags", "steps", steps.split(), known, f"the steps are: {', '.join(known)}")
    return _dags(_names() if names is None else names, frozen_values() if values is None else values, max_nodes, steps)


@st.composite
def _dags(draw: st.DrawFn, names: Names, values: Values, max_nodes: int, steps: str) -> Dag:
    inputs = tuple(FlowInput(name, draw(defaults(values))) for name in draw(st.lists(names, max_size=3, unique=True)))
    taken = draw(st.integers(0, max_nodes))
    spelled = draw(st.lists(names, min_size=1, max_size=3, unique=True)) if taken else []
    known = [draw(definitions(name, names, values)) for name in spelled]
    mappable = [task for task in known if task.parameters and task.parameters[0].kind in PLAIN_KINDS[:2]]
    growing = Growing()

    def close() -> None:
        choice = draw(st.sampled_from(growing.closable()))
        growing.close(choice, [draw(bindings(growing.seen(branch), inputs, names, values)) for branch in choice[1]])

    for _ in range(taken):
        place = draw(st.sampled_from(growing.places))
        seen = growing.seen(place)
        step = draw(st.sampled_from(steps.split()))
        if step == "map" and mappable:
            growing.put(draw(calls(seen, draw(st.sampled_from(mappable)), inputs, names, values, mapped=True)), place)
        elif step == "group":
            growing.open(draw(names), place)
        elif step == "close" and growing.choices:
            close()
        elif step == "branch" and (seen or inputs):
            condition = draw(references(seen, inputs, names))
            sides = draw(st.sampled_from([(True,), (True, False), (False, True)]))
            opened = {side: growing.open(draw(names), place, Guard(condition, side)) for side in sides}
            growing.choices.append((place, tuple(opened[side] for side in sorted(opened, reverse=True))))
        else:
            growing.put(draw(calls(seen, draw(st.sampled_from(known)), inputs, names, values)), place)
    while growing.choices:
        close()
    used = {node.task for node in growing.nodes if not isinstance(node, Choice)}
    return Dag(
        draw(names),
        inputs,
        tuple(task for task in sorted(known, key=lambda task: utf16_order(task.name)) if task.name in used),
        tuple(growing.nodes),
        tuple(growing.groups),
        draw(bindings(growing.seen(Place()), inputs, names, values)),
    )
