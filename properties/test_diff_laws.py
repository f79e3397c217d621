"""Laws of comparing graphs: empty exactly when the digests are equal, and causes without consequences."""

from collections import Counter
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.diff import (
    CallAdded,
    CallOptionsChanged,
    CallRebound,
    CallRemoved,
    CallReordered,
    DagDiff,
    DefinitionChanged,
    ReturnsChanged,
    dag_diff,
)
from cascades_sdk.encoding import dag_digest, dag_from_json, dag_to_json, node_digests
from cascades_sdk.graph import Choice, Dag
from edits import CHANGES, doubled, shuffled, some_dag
from mirrors import agrees, has_equal_halves, mirrored, nodes_before, seen
from programs import flow_of, generate
from strategies_of_dags import alike_dags, dags
from strategies_of_values import alike_values


def judged(old: Dag, new: Dag) -> DagDiff:
    """The comparison of two graphs, once it has kept every law that holds of any two."""
    diff = dag_diff(old, new)
    back = dag_diff(new, old)
    assert (diff == DagDiff()) == (not diff) == (not back) == (dag_digest(old) == dag_digest(new))
    assert len(str(diff).splitlines()) == len(diff.changes)
    assert all(str(change).isprintable() for change in diff.changes)
    agrees(diff, old, new)
    assert seen(back) == mirrored(diff, old, new)
    assert seen(diff) == mirrored(back, new, old)
    assert nodes_before(diff, old, new, diff.affected) == list(back.affected)
    for change in diff.changes:
        assert not has_equal_halves(change)
        if isinstance(change, CallRebound | CallOptionsChanged | DefinitionChanged | ReturnsChanged):
            assert change.differences
            assert all(each.before != each.after for each in change.differences)
    return diff


class TestEmptiness:
    @given(alike_dags, alike_dags)
    def test_a_comparison_is_empty_exactly_when_the_digests_are_equal(self, old: Dag, new: Dag) -> None:
        judged(old, new)

    @given(dags(), dags())
    def test_so_for_graphs_that_have_little_in_common(self, old: Dag, new: Dag) -> None:
        judged(old, new)

    @given(dags())
    def test_a_graph_does_not_differ_from_itself_written_and_read(self, dag: Dag) -> None:
        assert judged(dag, dag_from_json(dag_to_json(dag)).unwrap()) == DagDiff()

    @pytest.mark.parametrize("kind", CHANGES)
    def test_so_for_graphs_that_are_one_change_apart(self, kind: str) -> None:
        random = Random(kind)
        tried = 0
        while tried < 200:
            dag = some_dag(random)
            changed = CHANGES[kind](dag, random)
            if changed is not None:
                tried += 1
                assert judged(dag, changed)
                assert not judged(dag, attrs.evolve(dag))

    def test_so_for_graphs_that_are_some_changes_apart(self) -> None:
        random = Random(5)
        for _ in range(1500):
            dag = changed = some_dag(random)
            for _ in range(random.randrange(1, 5)):
                changed = random.choice(list(CHANGES.values()))(changed, random) or changed
            judged(dag, changed)

    @given(st.integers(0, 2**32))
    def test_so_for_the_graphs_of_programs_that_are_neighbours(self, seed: int) -> None:
        random = Random(seed)
        judged(
            *(
                build_dag_from_flow(flow_of(each), each.bound).unwrap()
                for each in (generate(random, small=True), generate(random, small=True))
            )
        )


def sort_of(dag: Dag, at: int) -> tuple[type, str]:
    """The kind of a node, and its task where it has one."""
    node = dag.nodes[at]
    return type(node), "" if isinstance(node, Choice) else node.task


def without_groups(dag: Dag) -> Dag:
    """The graph without those groups that guard nothing; where one guards, with all."""
    return dag if any(group.guard for group in dag.groups) else attrs.evolve(dag, groups=())


#: What one character is for another, where a line shows both: names that a line could show alike.
CLOSE_NAMES = (
    *("a", "b", "a\x85", "a\\x85", "a (added)", "a -> b", "a, b", 'a["k"]', "x" * 60 + "a", "x" * 60 + "b", "x" * 70),
    *("x" * 80, "a\n", "input a"),
)


class TestHalves:
    """A line of two halves says what differs between them, whatever the names."""

    @given(
        dags(st.sampled_from(CLOSE_NAMES), alike_values, max_nodes=4),
        dags(st.sampled_from(CLOSE_NAMES), alike_values, max_nodes=4),
    )
    def test_the_halves_of_a_line_differ(self, old: Dag, new: Dag) -> None:
        judged(old, new)

    @pytest.mark.parametrize("before", CLOSE_NAMES)
    @pytest.mark.parametrize("after", CLOSE_NAMES)
    def test_so_do_two_names_of_a_flow(self, before: str, after: str) -> None:
        told = str(dag_diff(Dag(before), Dag(after)))
        assert told.isprintable()
        assert (before == after) == (told == "")
        if told:
            judged(Dag(before), Dag(after))


class TestMatching:
    def test_a_task_has_added_or_removed_calls_and_as_many_as_the_numbers_of_calls_say(self) -> None:
        random = Random(6)
        for _ in range(500):
            old, new = some_dag(random), some_dag(random)
            diff = dag_diff(old, new)
            told = Counter(sort_of(new, change.new) for change in diff.changes if isinstance(change, CallAdded))
            told.subtract(sort_of(old, change.old) for change in diff.changes if isinstance(change, CallRemoved))
            counts = Counter(sort_of(new, at) for at in range(len(new.nodes)))
            counts.subtract(sort_of(old, at) for at in range(len(old.nodes)))
            assert {task: count for task, count in told.items() if count} == {
                task: count for task, count in counts.items() if count
            }

    def test_calls_in_another_order_are_moved_and_nothing_else(self) -> None:
        random = Random(7)
        for _ in range(500):
            dag = without_groups(some_dag(random))
            # Without equal calls it is known which call is which.
            if len(set(node_digests(dag))) == len(dag.nodes):
                diff = dag_diff(dag, shuffled(dag, random))
                assert {type(change) for change in diff.changes} <= {CallReordered}
                assert diff.affected == ()

    def test_what_is_affected_is_downstream_of_what_changed(self) -> None:
        random = Random(8)
        for _ in range(500):
            dag = some_dag(random)
            changed = CHANGES["argument changed"](dag, random)
            if changed is not None:
                diff = dag_diff(dag, changed)
                causes = {change.new for change in diff.changes if isinstance(change, CallRebound)}
                for node in diff.affected:
                    assert set(changed.upstream[node]) & (causes | set(diff.affected))

    def test_a_change_of_one_argument_is_one_line(self) -> None:
        random = Random(9)
        for _ in range(500):
            dag = some_dag(random)
            changed = CHANGES["argument changed"](dag, random)
            if changed is not None and len(set(node_digests(dag))) == len(dag.nodes):
                assert len(dag_diff(dag, changed).changes) == 1

    def test_an_equal_call_beside_a_call_is_one_line(self) -> None:
        random = Random(10)
        for _ in range(500):
            dag = without_groups(some_dag(random))
            at = random.randrange(len(dag.nodes))
            if len(set(node_digests(dag))) == len(dag.nodes) and not isinstance(dag.nodes[at], Choice):
                diff = dag_diff(dag, doubled(dag, at))
                assert [type(change) for change in diff.changes] == [CallAdded]
