"""Laws of the reducer: the fast scan is the textbook fold, and a longer log keeps what its prefix made."""

from functools import reduce
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from cascades_sdk.errors import InvalidDagError, Outcome
from cascades_sdk.graph import Call, CallRecorded, Dag, Event, FlowEntered, Group, Literal, Log, dag, dag_from_log
from strategies_of_dags import alike_names, bindings, definitions, logs_and_dags
from strategies_of_values import alike_values

Parts = tuple[tuple[Call, ...], tuple[Group, ...], tuple[Any, ...]]


def textbook(parts: Parts, event: Event) -> Parts:
    """Everything that was produced is in the state: plain, and quadratic."""
    nodes, groups, definitions = parts
    if isinstance(event, FlowEntered):
        return nodes, (*groups, Group(event.name, event.parent)), definitions
    call = Call(event.definition.name, event.arguments, event.after, event.options, event.source)
    known = tuple(sorted({*definitions, event.definition}, key=lambda task: task.name.encode("utf-16-be")))
    grown = tuple(
        attrs.evolve(group, nodes=(*group.nodes, len(nodes))) if position == event.group else group
        for position, group in enumerate(groups)
    )
    return (*nodes, call), grown, known


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
        st.lists(st.tuples(alike_names, bindings(2, (), alike_names, alike_values)), max_size=2).map(tuple),
        st.lists(numbers, max_size=2).map(tuple),
        group=st.none() | numbers,
    )
    entered = st.builds(FlowEntered, alike_names, st.none() | numbers)
    return Log("f", (), tuple(draw(st.lists(recorded | entered, max_size=4))))


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
    def test_a_longer_log_keeps_the_nodes_of_its_prefix(self, pair: tuple[Log, Dag], cut: int) -> None:
        log, whole = pair
        events = log.events[: cut % (len(log.events) + 1)]
        prefix = dag_from_log(attrs.evolve(log, events=events, returns=Literal(None))).unwrap()
        assert whole.nodes[: len(prefix.nodes)] == prefix.nodes
        assert set(prefix.tasks) <= set(whole.tasks)

    @given(logs_and_dags(), st.integers(0))
    def test_and_its_groups_only_grow(self, pair: tuple[Log, Dag], cut: int) -> None:
        log, whole = pair
        events = log.events[: cut % (len(log.events) + 1)]
        prefix = dag_from_log(attrs.evolve(log, events=events, returns=Literal(None))).unwrap()
        for before, after in zip(prefix.groups, whole.groups, strict=False):
            assert (before.name, before.parent) == (after.name, after.parent)
            assert after.nodes[: len(before.nodes)] == before.nodes
