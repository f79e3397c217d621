"""The kit's strategies of graphs, under the names that the laws call them by; and the logs that fold to graphs."""

from hypothesis import strategies as st

from cascades_sdk.graph import (
    Branch,
    CallRecorded,
    Choice,
    ChoiceRecorded,
    Dag,
    Event,
    FlowEntered,
    Log,
    Map,
    Node,
)
from cascades_sdk.testing.strategies import PLAIN_STEPS, bindings, dags, definitions
from cascades_sdk.testing.strategies._growing import Growing, Place
from strategies_of_values import alike_values, plain_ascii_values

__all__ = [
    "Growing",
    "Place",
    "alike_dags",
    "alike_names",
    "ascii_dags",
    "bindings",
    "branches_of",
    "dags",
    "definitions",
    "logs_and_dags",
    "plain_dags",
]

alike_names: st.SearchStrategy[str] = st.sampled_from(["a", "b", "ab"])

#: Small graphs over few names and values: two draws are often equal, and often nearly so.
alike_dags = dags(alike_names, alike_values, max_nodes=2)

#: Graphs of calls and flows alone, such as deployments know.
plain_dags = dags(steps=PLAIN_STEPS)

#: Graphs of ASCII text and of numbers that Python writes as RFC 8785 does.
ascii_dags = dags(st.text(st.characters(codec="ascii"), min_size=1), plain_ascii_values)


def branches_of(node: Node) -> tuple[Branch, ...]:
    """The branches of a choice; no other node has any."""
    return node.branches if isinstance(node, Choice) else ()


@st.composite
def logs_and_dags(draw: st.DrawFn) -> tuple[Log, Dag]:
    """A log as a recorder writes it, and the graph that it tells of."""
    dag = draw(dags())
    homes = {node: position for position, group in enumerate(dag.groups) for node in group.nodes}
    waiting = [FlowEntered(group.name, group.parent, group.guard) for group in dag.groups]
    entered = 0
    events: list[Event] = []
    for ordinal, node in enumerate(dag.nodes):
        # A flow is entered before its calls, and a branch before its choice; it may be long before.
        needed = [homes.get(ordinal, -1), *(branch.group for branch in branches_of(node))]
        until = max(entered, 1 + max(needed), draw(st.integers(0, len(waiting))))
        events.extend(waiting[entered:until])
        entered = until
        events.append(_recorded(node, dag, homes.get(ordinal)))
    events.extend(waiting[entered:])
    return Log(dag.name, dag.inputs, tuple(events), dag.returns), dag


def _recorded(node: Node, dag: Dag, home: int | None) -> Event:
    if isinstance(node, Choice):
        return ChoiceRecorded(node.then, node.otherwise, home)
    definition = dag.definitions[node.task]
    return CallRecorded(definition, node.arguments, node.after, node.options, home, mapped=isinstance(node, Map))
