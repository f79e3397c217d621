"""Comparing graphs by example: what a user is told of an edit, line by line."""

import copy
import pickle
from typing import Any, assert_never

import attrs
import pytest

from cascades_sdk import diff as room
from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.diff import (
    CallAdded,
    CallOptionsChanged,
    CallRebound,
    CallRemoved,
    CallReordered,
    CallsRegrouped,
    Change,
    DagDiff,
    DefinitionAdded,
    DefinitionChanged,
    DefinitionRemoved,
    DefinitionRenamed,
    Difference,
    FlowRenamed,
    GroupAdded,
    GroupPlace,
    GroupRemoved,
    GroupRenamed,
    GroupReordered,
    GroupReparented,
    GuardChanged,
    InputAdded,
    InputDefaultChanged,
    InputRemoved,
    InputReordered,
    ReturnsChanged,
    dag_diff,
)
from cascades_sdk.diff._order import out_of_order
from cascades_sdk.graph import (
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    Literal,
    Map,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
)
from cascades_sdk.values import FrozenDict, sorted_names


@task
def load(day: Any, limit: int = 10) -> Any: ...


@task
def clean(rows: Any) -> Any: ...


@task
def join(*parts: Any, by: float = 0.5) -> Any: ...


def graph(body: Any) -> Dag:
    """The graph of a flow named ``report``, from a function of its inputs."""
    body.__name__ = "report"
    return build_dag_from_flow(flow(body)).unwrap()


def lines(old: Dag, new: Dag) -> list[str]:
    return str(dag_diff(old, new)).splitlines()


def with_task(dag: Dag, name: str, **parts: Any) -> Dag:
    """The graph with a definition changed."""
    return attrs.evolve(
        dag, tasks=tuple(attrs.evolve(each, **parts) if each.name == name else each for each in dag.tasks)
    )


def renamed(dag: Dag, old: str, new: str, **parts: Any) -> Dag:
    """The graph with a task under another name."""
    known = {each.name: each for each in dag.tasks if each.name != old}
    known[new] = attrs.evolve(dag.definitions[old], name=new, **parts)
    nodes = tuple(attrs.evolve(call, task=new) if call.task == old else call for call in dag.nodes)
    return attrs.evolve(dag, tasks=tuple(known[name] for name in sorted_names(known)), nodes=nodes)


def chain(length: int, first: Any = 1, inserted: int | None = None, cached: int | None = None) -> Dag:
    """Calls of one task, each of the one before, all alike."""

    def body() -> Any:
        rows = load(first)
        for at in range(length):
            if at == inserted:
                rows = join(rows)
            rows = (clean.with_options(cache=True) if at == cached else clean)(rows)
        return rows

    return graph(body)


def base(day: Any) -> Any:
    rows = load(day)
    tidy = clean(rows)
    return join(rows, tidy)


BASE = graph(base)


class TestWhatAUserIsTold:
    def test_nothing_of_equal_graphs(self) -> None:
        diff = dag_diff(BASE, attrs.evolve(BASE, doc="another text"))
        assert (bool(diff), str(diff), diff) == (False, "", DagDiff())

    def test_a_literal_at_the_head_of_a_long_chain_is_one_line(self) -> None:
        diff = dag_diff(chain(1_000), chain(1_000, first=2))
        assert str(diff) == "node-0 load: /day 1 -> 2"
        assert diff.affected == tuple(range(1, 1_001))

    def test_a_task_inserted_into_a_chain_is_told_with_its_successor(self) -> None:
        old, new = chain(10), chain(10, inserted=5)
        assert lines(old, new) == [
            f"task join: added ({__name__}:join)",
            "node-6: added, join(parts=[node-5 clean])",
            "node-7 clean (was node-6): /rows node-5 clean -> node-6 join (added)",
        ]
        assert lines(new, old) == [
            f"task join: removed ({__name__}:join)",
            "node-6: removed, join(parts=[node-5 clean])",
            "node-6 clean (was node-7): /rows node-6 join -> node-5 clean",
        ]

    def test_an_equal_call_inserted_among_others_is_found(self) -> None:
        def longer(day: Any) -> Any:
            rows = load(day)
            tidy = clean(clean(rows))
            return join(rows, tidy)

        assert lines(BASE, graph(longer)) == [
            "node-2: added, clean(rows=node-1 clean)",
            "node-3 join (was node-2): /parts/1 node-1 clean -> node-2 clean (added)",
        ]

    def test_an_option_of_one_of_many_calls_that_are_alike(self) -> None:
        assert lines(chain(100), chain(100, cached=50)) == ["node-51 clean: option cache absent -> true"]

    def test_a_task_under_another_name_is_one_line(self) -> None:
        diff = dag_diff(BASE, renamed(BASE, "clean", "tidy"))
        assert str(diff) == "task clean: renamed to tidy"
        assert diff.affected == (1, 2)

    def test_so_where_the_function_has_the_other_name_too(self) -> None:
        assert lines(BASE, renamed(BASE, "clean", "tidy", reference="n:tidy")) == [
            "task clean: renamed to tidy",
            f"task tidy: reference {__name__}:clean -> n:tidy",
        ]

    def test_where_it_cannot_be_known_which_task_was_renamed_none_was(self) -> None:
        def pair(first: str, second: str) -> Dag:
            tasks = tuple(TaskDefinition(name, f"m:{name}") for name in (first, second))
            return Dag("f", (), tasks, (Call(first), Call(second)))

        old, new = pair("a", "b"), pair("c", "d")
        assert {type(change) for change in dag_diff(old, new).changes} == {
            *(DefinitionRemoved, DefinitionAdded, CallRemoved, CallAdded),
        }

    def test_another_default_is_told_once_whatever_the_number_of_calls(self) -> None:
        def many(day: Any) -> Any:
            return [load(day), load(day, 3), load(day)]

        old = graph(many)
        parameters = (Parameter("day"), Parameter("limit", default=Literal(20)))
        diff = dag_diff(old, with_task(old, "load", parameters=parameters))
        assert str(diff) == "task load: default of limit 10 -> 20"
        assert diff.affected == (0, 2)

    def test_what_a_definition_declares_is_told_there_and_what_a_call_overrides_is_told_with_the_call(self) -> None:
        def some(day: Any) -> Any:
            return [load(day), load.with_options(retries=5, version="1")(day)]

        old = graph(some)
        new = with_task(old, "load", options=TaskOptions("2", 3, timeout=1))
        new = attrs.evolve(new, nodes=(new.nodes[0], attrs.evolve(new.nodes[1], options=TaskOptions("1"))))
        diff = dag_diff(old, new)
        assert str(diff).splitlines() == [
            'task load: option retries absent -> 3; option timeout absent -> 1; option version absent -> "2"',
            "node-1 load: option retries 5 -> 3",
        ]
        assert diff.affected == (0,)

    def test_an_override_that_became_the_declared_value_changes_nothing_for_the_call(self) -> None:
        def one(day: Any) -> Any:
            return load.with_options(retries=5)(day)

        old = graph(one)
        new = attrs.evolve(
            old,
            tasks=(attrs.evolve(old.tasks[0], options=TaskOptions(retries=5)),),
            nodes=(attrs.evolve(old.nodes[0], options=TaskOptions()),),
        )
        diff = dag_diff(old, new)
        assert (str(diff), diff.affected) == ("task load: option retries absent -> 5", ())

    def test_every_part_of_a_definition_is_told(self) -> None:
        new = with_task(
            BASE,
            "load",
            reference="reports:load",
            importable=False,
            parameters=(Parameter("more", "keyword_only", Literal(1)), Parameter("day", "keyword_only")),
        )
        (change,) = dag_diff(BASE, new).changes
        assert isinstance(change, DefinitionChanged)
        assert change.differences == (
            Difference("reference", f"{__name__}:load", "reports:load"),
            Difference("importable", "true", "false"),
            Difference("parameter more", None, "keyword_only = 1"),
            Difference("kind of day", "positional_or_keyword", "keyword_only"),
            Difference("parameter limit", "positional_or_keyword = 10", None),
        )
        assert str(change).endswith("; and 1 more")

    def test_the_order_of_parameters_is_told(self) -> None:
        def one(day: Any) -> Any:
            return load(day)

        old = graph(one)
        new = with_task(old, "load", parameters=old.tasks[0].parameters[::-1])
        # Optional before required is not Python, but a document may say so.
        assert lines(old, new) == ["task load: order of parameters day, limit -> limit, day"]

    def test_names_that_python_does_not_know_are_told_as_texts(self) -> None:
        def ordered(*names: str) -> Dag:
            return Dag("f", (), (TaskDefinition("t", "m:t", True, tuple(map(Parameter, names))),), (call,))

        call = Call("t", (("a", Literal(1)), ("a, a", Literal(2))))
        other = attrs.evolve(call, arguments=call.arguments[::-1])
        new = attrs.evolve(
            ordered("a", "a, a"),
            tasks=(TaskDefinition("t", "m:t", True, tuple(map(Parameter, ("a, a", "a")))),),
            nodes=(other,),
        )
        assert lines(ordered("a", "a, a"), new) == ['task t: order of parameters a, "a, a" -> "a, a", a']

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("x" * 70, "x" * 80, "…xxxxxxxxxxxx -> …" + "x" * 22),
            ("a\x85", "a\\x85", "a\\x85 -> a\\\\x85"),
            ("x" * 70 + "a", "x" * 70 + "b", "…xxxxxxxxxxxxa -> …xxxxxxxxxxxxb"),
        ],
    )
    def test_names_that_a_line_could_show_alike_are_told_apart(self, old: str, new: str, told: str) -> None:
        assert lines(Dag(old), Dag(new)) == [f"flow renamed: {told}"]

    def test_two_calls_that_changed_places_are_one_that_moved(self) -> None:
        def first(day: Any) -> Any:
            rows = load(day)
            more = load(day, 3)
            return join(rows, more)

        def second(day: Any) -> Any:
            more = load(day, 3)
            rows = load(day)
            return join(rows, more)

        # Which of the two it is has no meaning, and does not depend on the direction.
        assert lines(graph(first), graph(second)) == ["node-1 load: moved, was node-0"]
        assert lines(graph(second), graph(first)) == ["node-0 load: moved, was node-1"]

    def test_an_extra_dependency_and_one_less(self) -> None:
        def more(day: Any) -> Any:
            rows = load(day)
            tidy = clean(rows)
            return join.after(tidy)(rows, tidy)

        assert lines(BASE, graph(more)) == ["node-2 join: after absent -> node-1 clean"]
        assert lines(graph(more), BASE) == ["node-2 join: after node-1 clean -> absent"]

    def test_calls_that_became_a_flow_of_their_own_are_a_group(self) -> None:
        @flow
        def tidy(rows: Any) -> Any:
            return clean(rows)

        def nested(day: Any) -> Any:
            rows = load(day)
            return join(rows, tidy(rows))

        assert lines(BASE, graph(nested)) == ["group 0 tidy: added around node-1"]
        assert lines(graph(nested), BASE) == ["group 0 tidy: removed around node-1"]

    def test_another_reference_part_default_or_return(self) -> None:
        def other(day: Any) -> Any:
            rows = load(day["iso"], 3)
            tidy = clean(rows["rows"][0])
            return {"total": join(rows, tidy, by=1)}

        assert lines(BASE, graph(other)) == [
            'node-0 load: /day input day -> input day["iso"]; /limit absent -> 3',
            'node-1 clean: /rows node-0 load -> node-0["rows"][0] load',
            "node-2 join: /by absent -> 1",
            'returns: node-2 join -> {"total": node-2 join}',
        ]

    def test_the_flow_and_its_inputs(self) -> None:
        old = Dag("f", (FlowInput("a"), FlowInput("b", Literal(1)), FlowInput("c", Literal(2)), FlowInput("d")))
        new = Dag("g", (FlowInput("e"), FlowInput("c"), FlowInput("b", Literal(True)), FlowInput("x", Literal(0))))
        assert lines(old, new) == [
            "flow renamed: f -> g",
            "input a: removed",
            "input d: removed",
            "input e: added, required",
            "input c: default 2 -> absent",
            "input b: default 1 -> true",
            "input b: moved from /inputs/1 to /inputs/2",
            "input x: added, default 0",
        ]


def with_argument(binding: Any) -> Dag:
    return Dag(
        "f",
        (FlowInput("x"),),
        (TaskDefinition("t", "m:t", True, (Parameter("a", default=Literal(None)),)),),
        (Call("t"), Call("t", (("a", binding),))),
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (Literal(1), Literal(True), "/a 1 -> true"),
        (Literal((1, 2, 3)), Literal((1, 5, 3)), "/a/1 2 -> 5"),
        (Literal((1, 2, 3)), Literal((1, 3)), "/a/1 2 -> absent"),
        (Literal((1, 3)), Literal((1, 2, 3)), "/a/1 absent -> 2"),
        (Literal((1, 1)), Literal((1, 1, 1)), "/a/2 absent -> 1"),
        (Literal((1, 2, 9)), Literal((1, 3, 4, 9)), "/a/1 2 -> 3; /a/2 absent -> 4"),
        (Literal(()), Literal((1,)), "/a [] -> [1]"),
        (Literal((1,)), Literal(FrozenDict({"0": 1})), '/a [1] -> {"0":1}'),
        (Literal(FrozenDict({"k": {"z": 1, "y": 2}})), Literal(FrozenDict({"k": {"z": 2, "y": 2}})), "/a/k/z 1 -> 2"),
        (Literal(FrozenDict({"k/": 1})), Literal(FrozenDict({"z": 1})), "/a/k~1 1 -> absent; /a/z absent -> 1"),
        (Literal((1, 2)), list_binding((Literal(1), NodeReference(0))), "/a/1 2 -> node-0 t"),
        (
            object_binding({"k": NodeReference(0, ("n", 0)), "l": Literal(1)}),
            object_binding({"k": NodeReference(0, ("n", "0")), "l": Literal(1)}),
            '/a/k node-0["n"][0] t -> node-0["n"]["0"] t',
        ),
        (Literal(FrozenDict({"k" * 99: 1})), Literal(FrozenDict({"k" * 99: 2})), f"/a/{'k' * 57}… 1 -> 2"),
        (InputReference("x"), Literal("x"), '/a input x -> "x"'),
        (
            list_binding((list_binding((NodeReference(0),)), Literal(1))),
            list_binding((list_binding((NodeReference(0),)), Literal(1), object_binding({"k": InputReference("x")}))),
            '/a/2 absent -> {"k": input x}',
        ),
        (
            list_binding((object_binding({"k": NodeReference(0)}), Literal(1))),
            list_binding((object_binding({"l": NodeReference(0)}),)),
            "/a/0/k node-0 t -> absent; /a/0/l absent -> node-0 t; /a/1 1 -> absent",
        ),
        (
            Literal(("a",) * 9),
            Literal(("b",) * 9),
            "; ".join(f'/a/{at} "a" -> "b"' for at in range(4)) + "; and 5 more",
        ),
        (Literal("x" * 99), Literal("x" * 98 + "y"), '/a …xxxxxxxxxxxxx" -> …xxxxxxxxxxxxy"'),
        (Literal("z" + "x" * 99), Literal("y" + "x" * 99), f'/a "z{"x" * 58}… -> "y{"x" * 58}…'),
        (Literal("x" * 40), Literal("x" * 80), f'/a "{"x" * 40}" -> "{"x" * 59}…'),
        (InputReference("x"), InputReference("x", ("y",)), '/a input x -> input x["y"]'),
        (Literal("a\x85\u2028"), Literal("\x1b[2J"), '/a "a\\x85\\u2028" -> "\\u001b[2J"'),
    ],
)
def test_a_difference_is_told_as_deep_as_it_lies_and_as_short_as_a_line_allows(old: Any, new: Any, told: str) -> None:
    assert lines(with_argument(old), with_argument(new)) == [f"node-1 t: {told}"]


class TestEqualCalls:
    """Calls that share a digest are told apart where something refers to one of them."""

    TWINS = Dag(
        "f",
        (),
        (TaskDefinition("t", "m:t"), TaskDefinition("u", "m:u", True, (Parameter("a"),))),
        (
            Call("t"),
            Call("t"),
            Call("u", (("a", NodeReference(0)),), (0,)),
            Call("u", (("a", NodeReference(1)),), (1,)),
        ),
        (Group("g", None, (0,)),),
        list_binding((NodeReference(0), NodeReference(1))),
    )

    def changed(self, **parts: Any) -> list[str]:
        return lines(self.TWINS, attrs.evolve(self.TWINS, **parts))

    def test_in_an_argument(self) -> None:
        call = attrs.evolve(self.TWINS.nodes[2], arguments=(("a", NodeReference(1)),))
        assert self.changed(nodes=(*self.TWINS.nodes[:2], call, self.TWINS.nodes[3])) == [
            "node-2 u: /a node-0 t -> node-1 t"
        ]

    def test_in_what_a_call_comes_after(self) -> None:
        call = attrs.evolve(self.TWINS.nodes[2], after=(1,))
        assert self.changed(nodes=(*self.TWINS.nodes[:2], call, self.TWINS.nodes[3])) == [
            "node-2 u: after node-0 t -> absent; after absent -> node-1 t"
        ]

    def test_in_the_return(self) -> None:
        returns = list_binding((NodeReference(1), NodeReference(1)))
        assert self.changed(returns=returns) == ["returns: /0 node-0 t -> node-1 t"]

    def test_in_a_group(self) -> None:
        assert self.changed(groups=(Group("g", None, (1,)),)) == [
            "node-0: in group 0 g -> in no group",
            "node-1: in no group -> in group 0 g",
        ]


class TestGroups:
    OLD = Dag(
        "f",
        (),
        (TaskDefinition("t", "m:t", True, (Parameter("a"),)),),
        tuple(Call("t", (("a", Literal(at)),)) for at in range(6)),
        (Group("outer", None, (0,)), Group("inner", 0, (1, 2)), Group("inner", 0, (3, 4)), Group("empty")),
    )

    def told(self, *groups: Group) -> list[str]:
        new = attrs.evolve(self.OLD, groups=groups)
        assert bool(dag_diff(new, self.OLD)) == bool(dag_diff(self.OLD, new))
        return lines(self.OLD, new)

    def test_which_group_is_which_follows_from_its_calls(self) -> None:
        outer, first, second, empty = self.OLD.groups
        assert self.told(outer, second, empty) == [
            "group 1 inner: removed around node-1, node-2",
            "node-1, node-2: in group 1 inner (removed) -> in no group",
        ]
        assert self.told(outer, second, first, empty) == ["group 2 inner: moved, was group 1"]
        assert self.told(outer, first, second, empty, Group("new", None, (5,))) == ["group 4 new: added around node-5"]

    def test_a_group_has_another_name_or_another_place(self) -> None:
        outer, first, second, empty = self.OLD.groups
        assert self.told(attrs.evolve(outer, name="out"), first, second, empty) == ["group 0 out: renamed from outer"]
        assert self.told(outer, attrs.evolve(first, parent=None), second, empty) == [
            "group 1 inner: in group 0 outer -> in no group"
        ]
        assert self.told(outer, first, second, attrs.evolve(empty, parent=2)) == [
            "group 3 empty: in no group -> in group 2 inner"
        ]

    def test_a_group_without_calls_is_known_by_the_groups_in_it(self) -> None:
        _, first, second, empty = self.OLD.groups
        assert self.told(Group("out"), first, second, empty) == [
            "group 0 out: renamed from outer",
            "node-0: in group 0 outer -> in no group",
        ]

    def test_what_a_removed_group_held_is_in_the_one_around_it(self) -> None:
        outer, first, second, empty = self.OLD.groups
        around = [attrs.evolve(each, parent=None) for each in (first, second)]
        assert self.told(*around, empty) == ["group 0 outer: removed around node-0, group 1, group 2"]
        assert self.told(attrs.evolve(outer, nodes=(0, 1, 2)), second, empty) == [
            "group 1 inner: removed around node-1, node-2"
        ]

    def test_calls_that_went_the_same_way_are_told_together(self) -> None:
        outer, first, second, empty = self.OLD.groups
        into_outer = (
            *(attrs.evolve(outer, nodes=(0, 2, 4)), attrs.evolve(first, nodes=(1,))),
            *(attrs.evolve(second, nodes=(3,)), empty),
        )
        assert self.told(*into_outer) == [
            "node-2: in group 1 inner -> in group 0 outer",
            "node-4: in group 2 inner -> in group 0 outer",
        ]
        into_empty = (
            *(attrs.evolve(outer, nodes=()), first),
            *(attrs.evolve(second, nodes=()), attrs.evolve(empty, nodes=(0, 3, 4))),
        )
        assert self.told(*into_empty) == [
            "node-0: in group 0 outer -> in group 3 empty",
            "node-3, node-4: in group 2 inner -> in group 3 empty",
        ]

    def test_a_group_with_another_number_is_told_by_both(self) -> None:
        outer, first, second, empty = self.OLD.groups
        shifted = [attrs.evolve(each, parent=1) for each in (attrs.evolve(first, nodes=(1,)), second)]
        assert self.told(Group("new"), attrs.evolve(outer, nodes=(0, 2)), *shifted, empty) == [
            "group 0 new: added, empty",
            "node-2: in group 1 inner (now group 2) -> in group 1 outer (was group 0)",
        ]
        assert self.told(attrs.evolve(outer, nodes=(0,)), attrs.evolve(second, nodes=(3,)), Group("new", 0, (4,))) == [
            "group 1 inner: removed around node-1, node-2",
            "group 3 empty: removed, empty",
            "group 2 new: added around node-4",
            "node-1, node-2: in group 1 inner (removed) -> in no group",
            "node-4: in group 2 inner (now group 1) -> in group 2 new (added)",
        ]

    def test_what_moved_and_has_its_number_still_moved_past_others(self) -> None:
        inputs = tuple(map(FlowInput, "abc"))
        groups = tuple(map(Group, "abc"))
        load = TaskDefinition("load", "m:load", True, (Parameter("a"),))
        calls = tuple(Call("load", (("a", Literal(at)),)) for at in range(3))
        told = lines(
            Dag("f", inputs, (load,), calls, groups), Dag("f", inputs[::-1], (load,), calls[::-1], groups[::-1])
        )
        assert [line for line in told if "past" in line] == [
            "input b: moved past others, still /inputs/1",
            "node-1 load: moved past others",
            "group 1 b: moved past others",
        ]

    def test_an_added_group_without_anything_in_it(self) -> None:
        assert self.told(*self.OLD.groups, Group("more", 3)) == ["group 4 more: added, empty"]
        assert self.told(*self.OLD.groups[:3]) == ["group 3 empty: removed, empty"]


class TestMatching:
    """A task has added or removed calls and never both, also where each call seems to be wanted for another."""

    @staticmethod
    def graph(*calls: tuple[str, Any]) -> Dag:
        tasks = sorted({name for name, _ in calls})
        given = {"a": Parameter("a", default=Literal(None))}
        return Dag(
            "f",
            tasks=tuple(TaskDefinition(name, f"m:{name}", True, tuple(given.values())) for name in tasks),
            nodes=tuple(Call(name, (("a", argument),)) for name, argument in calls),
        )

    # Two calls of "inc", used by "a" and by "b"; what they are given, and what uses them, changes crosswise.
    OLD = (
        *(("src", Literal(1)), ("src", Literal(2)), ("inc", NodeReference(0)), ("inc", NodeReference(1))),
        *(("a", NodeReference(2)), ("b", NodeReference(3))),
    )

    @pytest.mark.parametrize("changed", range(3, 13))  # the way in which graphs are looked at depends on digests
    def test_what_was_kept_for_other_calls_is_paired_in_the_end(self, changed: int) -> None:
        new = self.graph(
            *(("src", Literal(changed)), ("src", Literal(20)), ("more", Literal(None)), ("inc", NodeReference(2))),
            *(("inc", NodeReference(0)), ("inc", NodeReference(2))),
            *(("c", NodeReference(3)), ("b", NodeReference(4)), ("a", NodeReference(5))),
        )
        for diff in (dag_diff(self.graph(*self.OLD), new), dag_diff(new, self.graph(*self.OLD))):
            told = [change for change in diff.changes if isinstance(change, CallAdded | CallRemoved)]
            assert sorted(change.task for change in told) == ["c", "inc", "more"]

    @pytest.mark.parametrize("changed", range(3, 13))
    def test_so_where_calls_with_other_arguments_take_their_places(self, changed: int) -> None:
        old = self.graph(*self.OLD, ("inc", Literal("m")), ("inc", Literal("n")))
        new = self.graph(
            *(("src", Literal(changed)), ("src", Literal(20)), ("more", Literal(None)), ("inc", NodeReference(2))),
            *(("inc", NodeReference(0)), ("inc", NodeReference(2)), ("inc", Literal("w"))),
            *(("c", NodeReference(3)), ("b", NodeReference(4)), ("a", NodeReference(5))),
        )
        for diff in (dag_diff(old, new), dag_diff(new, old)):
            told = [change for change in diff.changes if isinstance(change, CallAdded | CallRemoved)]
            assert sorted(change.task for change in told) == ["c", "more"]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], []),
        ([3, 5, 9], []),
        ([1, 0], [0]),
        ([0, 3, 1, 2], [1]),
        ([3, 0, 1, 2], [0]),
        ([1, 2, 3, 0], [3]),
        ([4, 3, 2, 1, 0], [0, 1, 2, 3]),
        ([2, 5, 3, 7, 11, 8, 10, 13, 6], [1, 4, 8]),
    ],
)
def test_as_few_as_possible_have_moved(places: list[int], expected: list[int]) -> None:
    assert out_of_order(places) == expected


class TestBranches:
    SURE = InputReference("sure")
    STEP = TaskDefinition("step", "m:step", True, (Parameter("x", default=Literal(1)),))
    NODES = (
        Call("step"),
        Call("step", (("x", NodeReference(0)),)),
        Map("step", (("x", Literal((1, 2))),)),
        Choice(Branch(0, NodeReference(1)), Branch(1, NodeReference(2))),
        Call("step", (("x", NodeReference(3)),)),
    )

    def graph(self, condition: Any = SURE, nodes: Any = NODES, **parts: Any) -> Dag:
        groups = (
            Group("then", None, (1,), Guard(condition, True)),
            Group("otherwise", None, (2,), Guard(condition, False)),
        )
        return Dag("f", (FlowInput("sure"),), (self.STEP,), nodes, **{"groups": groups, **parts})

    def lines(self, new: Dag) -> list[str]:
        return str(dag_diff(self.graph(), new)).splitlines()

    def test_another_condition_is_told_by_the_choice_and_what_is_in_its_branches_is_affected(self) -> None:
        diff = dag_diff(self.graph(), self.graph(NodeReference(0, ("ok",))))
        assert str(diff) == 'node-3 choice: /condition input sure -> node-0["ok"] step'
        assert diff.changes == (
            CallRebound(3, 3, None, (Difference("/condition", "input sure", 'node-0["ok"] step'),)),
        )
        assert diff.affected == (1, 2, 4)

    def test_another_answer_is_told_by_the_choice(self) -> None:
        other = (*self.NODES[:3], Choice(Branch(0, Literal(None)), Branch(1, NodeReference(2))), self.NODES[4])
        assert self.lines(self.graph(nodes=other)) == ["node-3 choice: /then node-1 step -> null"]

    def test_a_branch_that_is_left_out(self) -> None:
        other = (*self.NODES[:3], Choice(Branch(0, NodeReference(1))), self.NODES[4])
        groups = (self.graph().groups[0], Group("otherwise", None, (2,)))
        assert self.lines(self.graph(nodes=other, groups=groups)) == [
            "node-3 choice: /otherwise node-2 map step -> absent",
            "node-2 step: unless input sure -> always",
            "group 1 otherwise: removed around node-2",
            "group 1 otherwise: added around node-2",
        ]

    def test_a_call_that_goes_into_a_branch_is_under_other_guards(self) -> None:
        then = attrs.evolve(self.graph().groups[0], nodes=(1, 2))
        otherwise = attrs.evolve(self.graph().groups[1], nodes=())
        other = (*self.NODES[:3], Choice(Branch(0, NodeReference(1)), Branch(1, NodeReference(0))), self.NODES[4])
        old = self.graph(nodes=other)
        diff = dag_diff(old, self.graph(nodes=other, groups=(then, otherwise)))
        assert diff.changes == (
            GuardChanged(2, 2, "step", "unless input sure", "if input sure"),
            CallsRegrouped((2,), GroupPlace(1, "otherwise", 1), GroupPlace(0, "then", 0)),
        )
        assert diff.affected == ()

    def test_what_a_guard_asks_a_node_for_is_told_with_its_task(self) -> None:
        condition = NodeReference(0, ("ok",))
        then, otherwise = self.graph(condition).groups
        other = (*self.NODES[:3], Choice(Branch(0, NodeReference(1)), Branch(1, NodeReference(0))), self.NODES[4])
        moved = (attrs.evolve(then, nodes=(1, 2)), attrs.evolve(otherwise, nodes=()))
        diff = dag_diff(self.graph(condition, other), self.graph(condition, other, groups=moved))
        assert diff.changes[0] == GuardChanged(2, 2, "step", 'unless node-0["ok"] step', 'if node-0["ok"] step')

    def test_what_is_referred_to_now_is_told_with_where_it_was(self) -> None:
        def steps(answer: int, *values: int) -> Dag:
            nodes = tuple(Call("step", (("x", Literal(value)),)) for value in values)
            return Dag("f", (), (self.STEP,), nodes, returns=NodeReference(answer))

        assert str(dag_diff(steps(0, 1, 2), steps(2, 9, 1, 2))).splitlines() == [
            "node-0: added, step(x=9)",
            "returns: node-0 step -> node-2 step (was node-1)",
        ]

    def test_a_call_in_another_branch_of_the_same_condition_is_regrouped_only(self) -> None:
        groups = self.graph().groups
        again = (Group("then", None, (), groups[0].guard), Group("otherwise", None, (), groups[1].guard))
        free = (*self.NODES[:3], Choice(Branch(0), Branch(1)), Choice(Branch(2), Branch(3)))
        old = self.graph(nodes=free, groups=(*groups, *again))
        emptied = tuple(attrs.evolve(each, nodes=()) for each in groups)
        filled = tuple(attrs.evolve(each, nodes=(at,)) for at, each in enumerate(again, 1))
        diff = dag_diff(old, self.graph(nodes=free, groups=(*emptied, *filled)))
        assert diff.changes == (
            CallsRegrouped((1,), GroupPlace(0, "then", 0), GroupPlace(2, "then", 2)),
            CallsRegrouped((2,), GroupPlace(1, "otherwise", 1), GroupPlace(3, "otherwise", 3)),
        )
        assert diff.affected == ()

    def test_a_call_that_became_a_map_is_another_node(self) -> None:
        step = Call("step", (("x", Literal((1, 2))),))
        assert self.lines(self.graph(nodes=(*self.NODES[:2], step, *self.NODES[3:]))) == [
            "node-2: removed, map step(x=[1,2])",
            "node-2: added, step(x=[1,2])",
            "node-3 choice: /otherwise node-2 map step -> node-2 step (added)",
        ]

    def test_a_choice_that_came_is_told_with_what_it_says(self) -> None:
        without = self.graph(nodes=self.NODES[:3], groups=())
        assert str(dag_diff(without, self.graph(nodes=self.NODES[:4]))).splitlines() == [
            "node-3: added, choice(condition=input sure, then=node-1 step, otherwise=nod…",
            "node-1 step: always -> if input sure",
            "node-2 step: always -> unless input sure",
            "group 0 then: added around node-1",
            "group 1 otherwise: added around node-2",
        ]


def kind_of(change: Change) -> str:
    """What kind of thing has changed: a ``match`` that a type checker knows to be exhaustive."""
    match change:
        case FlowRenamed() | InputAdded() | InputRemoved() | InputDefaultChanged() | InputReordered():
            return "flow"
        case DefinitionAdded() | DefinitionRemoved() | DefinitionRenamed() | DefinitionChanged():
            return "task"
        case CallAdded() | CallRemoved() | CallRebound() | CallOptionsChanged() | CallReordered() | GuardChanged():
            return "call"
        case GroupAdded() | GroupRemoved() | GroupRenamed() | GroupReparented() | GroupReordered() | CallsRegrouped():
            return "group"
        case ReturnsChanged():
            return "return"
        case _ as never:
            assert_never(never)


class TestTheValue:
    def test_its_changes_are_a_closed_union(self) -> None:
        diff = dag_diff(BASE, attrs.evolve(chain(3, first=9), groups=(Group("g"),)))
        assert [kind_of(change) for change in diff.changes] == [
            *("flow", "task", "call", "call", "call", "call", "group", "return")
        ]

    def test_every_change_is_public_and_documented(self) -> None:
        for each in Change.__args__:  # type: ignore[attr-defined]
            assert each.__name__ in room.__all__
            assert each.__doc__

    def test_it_is_frozen_hashable_picklable_and_copyable(self) -> None:
        diff = dag_diff(BASE, chain(3))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            diff.changes = ()  # type: ignore[misc]
        assert pickle.loads(pickle.dumps(diff)) == copy.deepcopy(diff) == diff
        assert len({diff, dag_diff(BASE, chain(3))}) == 1
