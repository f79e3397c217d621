"""Laws of the reducer: the fast scan is the textbook fold, and a longer log keeps what its prefix made."""

import re
from functools import reduce
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from cascades_sdk.errors import InvalidDagError, Outcome
from cascades_sdk.graph import (
    Branch,
    Call,
    CallRecorded,
    Choice,
    ChoiceRecorded,
    Dag,
    Event,
    FlowEntered,
    Group,
    Guard,
    Literal,
    Log,
    Map,
    Node,
    NodeReference,
    Seen,
    dag,
    dag_from_log,
    step,
)
from strategies_of_dags import alike_names, bindings, definitions, logs_and_dags
from strategies_of_values import alike_values

Parts = tuple[tuple[Node, ...], tuple[Group, ...], tuple[Any, ...]]


def textbook(parts: Parts, event: Event) -> Parts:
    """Everything that was produced is in the state: plain, and quadratic."""
    nodes, groups, definitions = parts
    if isinstance(event, FlowEntered):
        return nodes, (*groups, Group(event.name, event.parent, guard=event.guard)), definitions
    if isinstance(event, ChoiceRecorded):
        node: Node = Choice(event.then, event.otherwise, event.source)
        known = definitions
    else:
        kind = Map if event.mapped else Call
        node = kind(event.definition.name, event.arguments, event.after, event.options, event.source)
        known = tuple(sorted({*definitions, event.definition}, key=lambda task: task.name.encode("utf-16-be")))
    grown = tuple(
        attrs.evolve(group, nodes=(*group.nodes, len(nodes))) if position == event.group else group
        for position, group in enumerate(groups)
    )
    return (*nodes, node), grown, known


def folded(log: Log) -> Outcome[Dag, InvalidDagError]:
    nodes, groups, definitions = reduce(textbook, log.events, ((), (), ()))
    return dag(log.flow, log.inputs, definitions, nodes, groups, log.returns, log.doc)


@st.composite
def wild_logs(draw: st.DrawFn) -> Log:
    """Logs of well-typed events that need not fit together."""
    known = [draw(definitions(name, alike_names, alike_values)) for name in ("a", "a", "b")]
    numbers = st.integers(-2, 3)
    recorded = st.builds(
        CallRecorded,
        st.sampled_from(known),
        st.lists(st.tuples(alike_names, bindings(range(2), (), alike_names, alike_values)), max_size=2).map(tuple),
        st.lists(numbers, max_size=2).map(tuple),
        group=st.none() | numbers,
        mapped=st.booleans(),
    )
    guards = st.builds(Guard, st.builds(NodeReference, numbers), st.booleans())
    entered = st.builds(FlowEntered, alike_names, st.none() | numbers, st.none() | guards)
    branches = st.builds(Branch, numbers, bindings(range(2), (), alike_names, alike_values))
    chosen = st.builds(ChoiceRecorded, branches, st.none() | branches, st.none() | numbers)
    return Log("f", (), tuple(draw(st.lists(recorded | entered | chosen, max_size=4))))


def prefix_of(log: Log, cut: int) -> Outcome[Dag, InvalidDagError]:
    """The graph of the first events of a log."""
    return dag_from_log(attrs.evolve(log, events=log.events[: cut % (len(log.events) + 1)], returns=Literal(None)))


def emitted(events: tuple[Event, ...]) -> list[Any]:
    """Everything that the steps add."""
    seen, found = Seen(), []
    for event in events:
        seen, each = step(seen, event)
        found.append(each)
    return found


class TestTheFold:
    @given(logs_and_dags())
    def test_a_log_folds_to_the_graph_that_it_tells_of(self, pair: tuple[Log, Dag]) -> None:
        log, expected = pair
        assert dag_from_log(log) == Success(expected)

    @given(logs_and_dags())
    def test_the_scan_is_the_textbook_fold(self, pair: tuple[Log, Dag]) -> None:
        assert dag_from_log(pair[0]) == folded(pair[0])

    @given(wild_logs())
    def test_any_log_gets_an_answer_and_a_good_one_that_of_the_textbook(self, log: Log) -> None:
        answer = dag_from_log(log)
        if isinstance(answer, Failure):
            assert type(answer.failure()) is InvalidDagError
        else:
            assert answer == folded(log)


class TestPrefixes:
    @given(logs_and_dags(), st.integers(0))
    def test_a_longer_log_keeps_what_its_prefix_added(self, pair: tuple[Log, Dag], cut: int) -> None:
        events = pair[0].events
        cut %= len(events) + 1
        assert emitted(events[:cut]) == emitted(events)[:cut]

    @given(logs_and_dags(), st.integers(0))
    def test_a_longer_log_keeps_the_nodes_of_its_prefix(self, pair: tuple[Log, Dag], cut: int) -> None:
        log, whole = pair
        prefix = prefix_of(log, cut)
        if isinstance(prefix, Failure):
            # The only prefixes without a graph are those that end inside of a branch.
            assert re.fullmatch("/groups/[0-9]+/guard(/condition/node)?", prefix.failure().pointer)
            return
        assert whole.nodes[: len(prefix.unwrap().nodes)] == prefix.unwrap().nodes
        assert set(prefix.unwrap().tasks) <= set(whole.tasks)

    @given(logs_and_dags(), st.integers(0))
    def test_and_its_groups_only_grow(self, pair: tuple[Log, Dag], cut: int) -> None:
        log, whole = pair
        prefix = prefix_of(log, cut).map(lambda dag: dag.groups).value_or(())
        for before, after in zip(prefix, whole.groups, strict=False):
            assert (before.name, before.parent, before.guard) == (after.name, after.parent, after.guard)
            assert after.nodes[: len(before.nodes)] == before.nodes
