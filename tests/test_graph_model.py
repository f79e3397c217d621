"""The parts of a graph by example: bindings, options, dependencies, the reducer, and the deployed document."""

import copy
import pickle
from typing import Any

import attrs
import pytest
from returns.result import Success

from cascades_sdk import graph
from cascades_sdk.errors import InvalidDagError, SourceLine
from cascades_sdk.graph import (
    NO_OPTIONS,
    OPTION_NAMES,
    Branch,
    Call,
    CallRecorded,
    Choice,
    ChoiceRecorded,
    Dag,
    FlowEntered,
    FlowInput,
    Group,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    Log,
    Map,
    NodeReference,
    ObjectBinding,
    Parameter,
    Seen,
    TaskDefinition,
    TaskOptions,
    dag_from_log,
    deployed_document,
    list_binding,
    node_id,
    object_binding,
    options_from,
    references_of,
    step,
)
from cascades_sdk.graph._literal import is_sound
from cascades_sdk.graph._log import Placed
from cascades_sdk.values import FrozenDict, Refusal, thaw

JOIN = TaskDefinition("join", "m:join", True, (Parameter("parts", "var_positional"), Parameter("by", "var_keyword")))
LOAD = TaskDefinition("load", "m:load")


class TestLiterals:
    def test_equality_is_type_strict(self) -> None:
        assert Literal(1) == Literal(1)
        assert Literal(1) != Literal(True)
        assert Literal((0,)) != Literal((False,))
        assert Literal(1) != 1

    def test_equal_literals_hash_alike(self) -> None:
        assert len({Literal(FrozenDict({"a": (1,)})), Literal(FrozenDict({"a": (1,)})), Literal(True), Literal(1)}) == 3

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_it_pickles_and_copies(self, protocol: int) -> None:
        for literal in (Literal("a"), Literal(FrozenDict({"a": (1,)}))):
            twins = pickle.loads(pickle.dumps(literal, protocol)), copy.copy(literal), copy.deepcopy(literal)
            assert {*twins, literal} == {literal}

    @pytest.mark.parametrize("protocol", range(1, pickle.HIGHEST_PROTOCOL + 1))
    def test_one_that_comes_from_a_pickle_is_checked_anew(self, protocol: int) -> None:
        checked = Dag("f", returns=Literal("abc")).returns
        tampered = pickle.dumps(checked, protocol).replace(b"abc", "\ud800".encode(errors="surrogatepass"))
        with pytest.raises(InvalidDagError) as refused:
            Dag("f", returns=pickle.loads(tampered))
        assert refused.value.pointer == "/returns/literal"

    def test_no_copy_says_that_it_was_checked(self) -> None:
        checked = Dag("f", returns=Literal("abc")).returns
        assert isinstance(checked, Literal)
        assert is_sound(checked)
        twins = (copy.copy(checked), copy.deepcopy(checked), pickle.loads(pickle.dumps(checked)), attrs.evolve(checked))
        assert [twin for twin in twins if is_sound(twin)] == []

    def test_no_public_name_leads_around_the_check(self) -> None:
        assert [
            name for name in (*graph.__all__, *dir(graph), *dir(Literal)) if "sound" in name and name[0] != "_"
        ] == []


class TestContainers:
    def test_a_container_without_references_is_a_literal(self) -> None:
        assert list_binding(()) == Literal(())
        assert list_binding((Literal(1), list_binding((Literal(2),)))) == Literal((1, (2,)))
        assert object_binding({}) == Literal(FrozenDict())
        assert object_binding({"b": Literal(1), "a": Literal(2)}) == Literal(FrozenDict({"a": 2, "b": 1}))

    def test_a_container_with_a_reference_is_a_binding(self) -> None:
        reference = NodeReference(0)
        assert list_binding((Literal(1), reference)) == ListBinding((Literal(1), reference))
        assert object_binding({"b": reference, "a": Literal(2)}) == ObjectBinding((("a", Literal(2)), ("b", reference)))

    def test_references_are_found_depth_first_in_order_with_repeats(self) -> None:
        first, second, day = NodeReference(0), NodeReference(1, ("x",)), InputReference("day")
        binding = list_binding(
            (first, object_binding({"b": second, "a": list_binding((day, Literal(1), first))}), second)
        )
        assert list(references_of(binding)) == [first, day, first, second, second]
        assert list(references_of(Literal(1))) == []

    def test_a_node_is_named_by_its_position(self) -> None:
        assert [node_id(0), node_id(12)] == ["node-0", "node-12"]


class TestDependencies:
    CALL = Call(
        "join",
        (("parts", list_binding((NodeReference(2), NodeReference(0), InputReference("day"), NodeReference(2)))),),
        (0, 1),
    )

    def test_there_is_one_for_each_reference_then_what_the_call_comes_after(self) -> None:
        assert self.CALL.dependencies == (2, 0, 2, 0, 1)

    def test_the_upstream_nodes_are_these_each_once(self) -> None:
        assert self.CALL.upstream == (2, 0, 1)
        assert Call("load").upstream == ()


class TestOptions:
    @pytest.mark.parametrize(
        "declared",
        [
            {"version": "2"},
            {"retries": 0},
            {"timeout": 0.5},
            {"cache": False},
            {"cache": "daily"},
            {"labels": {}},
            {"labels": {"b": "1", "a": "2"}},
            {"version": "1", "retries": 3, "timeout": 60, "cache": True, "labels": {"team": "data"}},
        ],
    )
    def test_what_is_declared_is_kept(self, declared: dict[str, Any]) -> None:
        checked = options_from(declared)
        assert isinstance(checked, TaskOptions)
        assert {name: thaw(value) for name, value in checked.declared().items()} == declared

    @pytest.mark.parametrize(
        ("declared", "pointer", "advice"),
        [
            ({"retry": 1}, "/retry", "the options are version, retries, timeout, cache, labels"),
            ({"a/b": 1}, "/a~1b", "the options are"),
            ({"version": ""}, "/version", "not empty"),
            ({"version": 2}, "/version", "give a str"),
            ({"retries": True}, "/retries", "an int of at least 0"),
            ({"retries": -1}, "/retries", "an int of at least 0"),
            ({"retries": 10**5000}, "/retries", "an int of at least 0"),
            ({"timeout": 0}, "/timeout", "a positive number of seconds"),
            ({"timeout": float("inf")}, "/timeout", "a positive number of seconds"),
            ({"timeout": float("nan")}, "/timeout", "a positive number of seconds"),
            ({"timeout": True}, "/timeout", "a positive number of seconds"),
            ({"timeout": 10**400}, "/timeout", "pass it as a str"),
            ({"cache": 1}, "/cache", "a bool, or a cache key"),
            ({"cache": ""}, "/cache", "a bool, or a cache key"),
            ({"labels": ["a"]}, "/labels", "a dict of str to str"),
            ({"labels": {"a": 1}}, "/labels", "a dict of str to str"),
            ({"labels": {"a": "\ud800"}}, "/labels/a", "decode bytes"),
            ({"labels": {1: "a"}}, "/labels", "use str keys"),
        ],
    )
    def test_what_is_not_an_option_is_refused_with_the_way_out(
        self, declared: dict[str, Any], pointer: str, advice: str
    ) -> None:
        refusal = options_from(declared)
        assert isinstance(refusal, Refusal)
        assert refusal.pointer == pointer
        assert advice in refusal.advice

    def test_none_stands_for_what_is_not_declared(self) -> None:
        assert options_from(dict.fromkeys(OPTION_NAMES)) is NO_OPTIONS
        assert options_from({}) is NO_OPTIONS
        assert NO_OPTIONS.declared() == {}

    def test_a_whole_number_of_seconds_has_one_form(self) -> None:
        assert options_from({"timeout": 60.0}) == options_from({"timeout": 60}) == TaskOptions(timeout=60)


class TestTheReducer:
    def test_a_call_becomes_a_node_at_the_next_position(self) -> None:
        event = CallRecorded(LOAD, (), (1,), TaskOptions(retries=2), 0, SourceLine("a.py", 3))
        seen, emitted = step(Seen(4, 1), event)
        assert seen == Seen(5, 1)
        assert emitted == Placed(4, Call("load", (), (1,), TaskOptions(retries=2)), LOAD, 0)
        assert emitted.node.source == SourceLine("a.py", 3)

    def test_an_entered_flow_becomes_a_group(self) -> None:
        assert step(Seen(4, 1), FlowEntered("inner", 0)) == (Seen(4, 2), Group("inner", 0))

    def test_a_log_folds_to_a_graph(self) -> None:
        events = (
            CallRecorded(LOAD),
            FlowEntered("inner"),
            CallRecorded(JOIN, (("parts", list_binding((NodeReference(0),))),), (), NO_OPTIONS, 0),
            FlowEntered("innermost", 0),
            CallRecorded(attrs.evolve(LOAD, doc="another text"), (), (0,), NO_OPTIONS, 1),
            CallRecorded(LOAD, (), (), NO_OPTIONS, 0),
        )
        log = Log("outer", (FlowInput("day"),), events, NodeReference(1), "The text.")
        graph = Dag(
            "outer",
            (FlowInput("day"),),
            (JOIN, LOAD),
            (
                Call("load"),
                Call("join", (("parts", ListBinding((NodeReference(0),))),)),
                Call("load", (), (0,)),
                Call("load"),
            ),
            (Group("inner", None, (1, 3)), Group("innermost", 0, (2,))),
            NodeReference(1),
        )
        assert dag_from_log(log) == Success(graph)
        assert dag_from_log(log).unwrap().doc == "The text."

    def test_an_empty_log_is_an_empty_graph(self) -> None:
        assert dag_from_log(Log("f")) == Success(Dag("f"))

    @pytest.mark.parametrize(
        ("events", "pointer", "problem"),
        [
            ((CallRecorded(LOAD, group=0),), "/nodes/0", "there is no group 0 yet"),
            ((FlowEntered("g"), CallRecorded(LOAD, group=-1)), "/nodes/0", "there is no group -1 yet"),
            (
                (CallRecorded(LOAD), CallRecorded(attrs.evolve(LOAD, reference="n:load"))),
                "/tasks/load",
                "two definitions",
            ),
            ((CallRecorded(LOAD, after=(0,)),), "/nodes/0/after/0", "earlier nodes"),
        ],
    )
    def test_a_log_that_no_recorder_writes_is_refused(self, events: Any, pointer: str, problem: str) -> None:
        error = dag_from_log(Log("f", (), events)).failure()
        assert type(error) is InvalidDagError
        assert error.pointer == pointer
        assert problem in error.problem


class TestTheReducerOfBranches:
    GUARD = Guard(NodeReference(0, ("ok",)), True)

    def test_a_mapped_call_becomes_a_map(self) -> None:
        event = CallRecorded(LOAD, (), (1,), TaskOptions(retries=2), 0, SourceLine("a.py", 3), mapped=True)
        _, emitted = step(Seen(4, 1), event)
        assert emitted == Placed(4, Map("load", (), (1,), TaskOptions(retries=2)), LOAD, 0)
        assert emitted.node.source == SourceLine("a.py", 3)

    def test_a_branch_that_is_entered_becomes_a_group_with_a_guard(self) -> None:
        entered = FlowEntered("then", 0, self.GUARD)
        assert step(Seen(4, 1), entered) == (Seen(4, 2), Group("then", 0, (), self.GUARD))

    def test_a_choice_becomes_a_node_without_a_definition(self) -> None:
        then, otherwise = Branch(0, NodeReference(1)), Branch(1)
        seen, emitted = step(Seen(4, 2), ChoiceRecorded(then, otherwise, 0, SourceLine("a.py", 3)))
        assert (seen, emitted) == (Seen(5, 2), Placed(4, Choice(then, otherwise), None, 0))
        assert emitted.node.source == SourceLine("a.py", 3)

    def test_a_log_with_a_choice_folds_to_a_graph(self) -> None:
        events = (
            CallRecorded(LOAD),
            FlowEntered("then", None, self.GUARD),
            CallRecorded(LOAD, group=0),
            ChoiceRecorded(Branch(0, NodeReference(1))),
        )
        graph = dag_from_log(Log("f", (), events, NodeReference(2))).unwrap()
        assert graph.nodes == (Call("load"), Call("load"), Choice(Branch(0, NodeReference(1))))
        assert graph.groups == (Group("then", None, (1,), self.GUARD),)
        assert graph.condition_of(graph.nodes[2]) == NodeReference(0, ("ok",))  # type: ignore[arg-type]
        assert graph.upstream == ((), (0,), (0, 1))

    def test_a_choice_in_no_group_that_there_is_is_refused(self) -> None:
        error = dag_from_log(Log("f", (), (ChoiceRecorded(Branch(0), group=0),))).failure()
        assert (error.pointer, error.problem) == ("/nodes/0", "there is no group 0 yet")

    def test_a_choice_names_what_its_branches_answer(self) -> None:
        both = list_binding((NodeReference(2), NodeReference(0)))
        choice = Choice(Branch(0, both), Branch(1, NodeReference(2)))
        assert (choice.dependencies, choice.upstream) == ((2, 0, 2), (2, 0))
        assert Choice(Branch(0, Literal(1))).dependencies == ()

    def test_a_map_is_no_call(self) -> None:
        assert Map("load") != Call("load")
        assert len({Map("load"), Call("load"), Map("load", source=SourceLine("a.py", 1))}) == 2
        assert pickle.loads(pickle.dumps(Map("load"))) == copy.deepcopy(Map("load")) == Map("load")


class TestTheGraph:
    GRAPH = Dag("f", (FlowInput("day", Literal("today")),), (LOAD,), (Call("load"),), (), NodeReference(0))

    def test_texts_and_lines_stand_outside_of_equality(self) -> None:
        node = Call("load", source=SourceLine("a.py", 3))
        told = attrs.evolve(self.GRAPH, doc="text", nodes=(node,), tasks=(attrs.evolve(LOAD, doc="text"),))
        assert told == self.GRAPH
        assert hash(told) == hash(self.GRAPH)

    def test_it_is_frozen_hashable_picklable_and_copyable(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            self.GRAPH.name = "g"  # type: ignore[misc]
        assert pickle.loads(pickle.dumps(self.GRAPH)) == copy.deepcopy(self.GRAPH) == self.GRAPH
        assert len({self.GRAPH, copy.copy(self.GRAPH)}) == 1

    def test_a_default_of_none_is_not_the_absence_of_a_default(self) -> None:
        assert FlowInput("day", Literal(None)) != FlowInput("day")
        assert Parameter("day", default=Literal(None)) != Parameter("day")

    def test_definitions_are_found_by_name(self) -> None:
        assert self.GRAPH.definitions == {"load": LOAD}

    def test_a_long_chain_is_normal(self) -> None:
        definition = TaskDefinition("next", "m:next", True, (Parameter("a", default=Literal(0)),))
        nodes = (Call("next"), *(Call("next", (("a", NodeReference(at)),)) for at in range(20_000)))
        assert Dag("f", (), (definition,), nodes, returns=NodeReference(20_000)).nodes[-1].upstream == (19_999,)


class TestTheDeployedDocument:
    def test_it_is_the_projection_that_deployments_know(self) -> None:
        parts = list_binding((NodeReference(1), NodeReference(0, ("rows",)), NodeReference(1)))
        graph = Dag(
            "report",
            (FlowInput("day"),),
            (JOIN, LOAD),
            (
                Call("load", options=TaskOptions(retries=1)),
                Call("load", after=(0,)),
                Call("join", (("parts", parts), ("by", object_binding({"k": NodeReference(0)}))), (0, 1)),
            ),
            (Group("inner", None, (0,)),),
            NodeReference(2),
        )
        assert thaw(deployed_document(graph).unwrap()) == {
            "nodes": [
                {"id": "node-0", "task_name": "load", "dependencies": []},
                {"id": "node-1", "task_name": "load", "dependencies": ["node-0"]},
                {
                    "id": "node-2",
                    "task_name": "join",
                    "dependencies": ["node-1", "node-0", "node-1", "node-0", "node-0", "node-1"],
                },
            ],
            "edges": [
                {"from": "node-0", "to": "node-1"},
                {"from": "node-1", "to": "node-2"},
                {"from": "node-0", "to": "node-2"},
            ],
            "return_node": "node-2",
            "entrypoints": {"default": {"node": "node-0"}},
        }

    def test_without_nodes_it_has_no_entry(self) -> None:
        assert thaw(deployed_document(Dag("f")).unwrap()) == {"nodes": [], "edges": []}

    @pytest.mark.parametrize(
        "returns",
        [Literal(None), NodeReference(0, ("total",)), list_binding((NodeReference(0),)), InputReference("day")],
    )
    def test_a_flow_that_returns_something_else_has_no_return_node(self, returns: Any) -> None:
        graph = Dag("f", (FlowInput("day"),), (LOAD,), (Call("load"),), (), returns)
        assert "return_node" not in deployed_document(graph).unwrap()

    def test_maps_and_choices_are_told_by_their_pointer(self) -> None:
        definition = TaskDefinition("load", "m:load", True, (Parameter("x", default=Literal(1)),))
        mapped = Dag("f", (), (definition,), (Call("load"), Map("load", (("x", Literal((1,))),))))
        error = deployed_document(mapped).failure()
        assert (error.pointer, error.problem) == ("/nodes/1", "deployments know calls only, and this is a map")
        group = Group("then", None, (), Guard(InputReference("x"), True))
        chosen = Dag("f", (FlowInput("x"),), (), (Choice(Branch(0)),), (group,))
        error = deployed_document(chosen).failure()
        assert (error.pointer, error.problem) == ("/nodes/0", "deployments know calls only, and this is a choice")
