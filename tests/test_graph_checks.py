"""What a ``Dag`` refuses to be, each rule with a witness and the pointer to the fault."""

import enum
from typing import Any

import attrs
import pytest
from returns.result import Failure, Success

from cascades_sdk.errors import InvalidDagError, Outcome
from cascades_sdk.graph import (
    MAX_GUARDS,
    MAX_LITERAL_BYTES,
    Binding,
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    Map,
    NodeReference,
    ObjectBinding,
    Parameter,
    TaskDefinition,
    TaskOptions,
    _limits,
    dag,
    oversized,
)
from cascades_sdk.graph._limits import canonical_size
from cascades_sdk.values import MAX_DEPTH, MAX_SAFE_INTEGER, FrozenDict, freeze

ADD = TaskDefinition("add", "sums:add", True, (Parameter("a"), Parameter("b", default=Literal(1))))
ONE = Call("add", (("a", Literal(1)),))


def refusal(make: Any) -> InvalidDagError:
    with pytest.raises(InvalidDagError) as raised:
        make()
    return raised.value


def refused(pointer: str, problem: str, **parts: Any) -> None:
    """The parts make no graph; the fault stands at the pointer."""
    fields: dict[str, Any] = {"name": "f", "tasks": (ADD,), "nodes": (ONE,), **parts}
    error = refusal(lambda: Dag(**fields))
    assert (error.pointer, problem in error.message()) == (pointer, True), error


def with_definition(**changes: Any) -> dict[str, Any]:
    return {"tasks": (attrs.evolve(ADD, **changes),)}


def with_call(**changes: Any) -> dict[str, Any]:
    return {"nodes": (ONE, attrs.evolve(ONE, **changes))}


def with_argument(binding: Any) -> dict[str, Any]:
    return with_call(arguments=(("a", binding),))


def nested(depth: int, leaf: Binding) -> Binding:
    binding = leaf
    for level in range(depth):
        binding = ListBinding((binding,)) if level % 2 else ObjectBinding((("k", binding),))
    return binding


class TestTheParts:
    @pytest.mark.parametrize("name", ["", 1, None, "\ud800"])
    def test_a_flow_has_a_name(self, name: Any) -> None:
        refused("/name", "a flow's name", name=name)

    @pytest.mark.parametrize("part", ["inputs", "tasks", "nodes", "groups"])
    def test_the_parts_are_tuples(self, part: str) -> None:
        refused(f"/{part}", "must be a tuple", **{part: []})

    def test_the_constructor_raises_and_the_function_answers(self) -> None:
        assert dag("f", (), (ADD,), (ONE,)) == Success(Dag("f", (), (ADD,), (ONE,)))
        assert dag("") == Failure(refusal(lambda: Dag("")))

    def test_the_returned_binding_is_checked_after_the_last_node(self) -> None:
        assert Dag("f", (), (ADD,), (ONE,), returns=NodeReference(0))
        refused("/returns/node", "earlier node", returns=NodeReference(1))
        refused("/returns", "must be a Binding", returns=None)


class TestInputs:
    def test_an_input_is_a_flow_input_with_a_name_of_its_own(self) -> None:
        refused("/inputs/0", "must be a FlowInput", inputs=("day",))
        refused("/inputs/0/name", "not empty", inputs=(FlowInput(""),))
        refused("/inputs/1/name", "'day' is repeated", inputs=(FlowInput("day"), FlowInput("day")))

    @pytest.mark.parametrize(
        ("default", "pointer", "problem"),
        [
            (1, "", "must be a Literal"),
            (Literal([1]), "", "frozen form"),  # type: ignore[arg-type]
            (Literal(1.0), "", "frozen form"),
            (Literal(({1},)), "/0", "a set"),  # type: ignore[arg-type]
            (Literal(2**53), "", "beyond"),
            (Literal("x" * MAX_LITERAL_BYTES), "", "larger than 262144"),
        ],
    )
    def test_a_default_is_a_literal_in_its_frozen_form(self, default: Any, pointer: str, problem: str) -> None:
        refused(f"/inputs/0/default{pointer}", problem, inputs=(FlowInput("day", default),))


class TestDefinitions:
    def test_a_definition_has_a_name(self) -> None:
        refused("/tasks/0", "must be a TaskDefinition", tasks=("add",))
        refused("/tasks/0", "not empty", **with_definition(name=""))

    def test_definitions_are_in_order_and_each_is_there_once(self) -> None:
        other = attrs.evolve(ADD, name="a/b")
        calls = (ONE, attrs.evolve(ONE, task="a/b"))
        assert Dag("f", (), (other, ADD), calls)
        refused("/tasks/a~1b", "RFC 8785 order", tasks=(ADD, other), nodes=calls)
        refused("/tasks/add", "each once", tasks=(ADD, ADD))

    def test_a_definition_that_no_node_calls_is_refused(self) -> None:
        refused("/tasks/add", "no node calls", nodes=())

    @pytest.mark.parametrize("reference", ["sums", "", None, (10**5000,)])
    def test_a_reference_names_a_module_and_a_function_in_it(self, reference: Any) -> None:
        refused("/tasks/add/reference", "write module:qualname", **with_definition(reference=reference))

    def test_whether_it_can_be_imported_is_a_bool(self) -> None:
        refused("/tasks/add/importable", "must be a bool", **with_definition(importable=1))

    @pytest.mark.parametrize(
        ("options", "pointer", "problem"),
        [
            ({}, "", "must be a TaskOptions"),
            (TaskOptions(retries=-1), "/retries", "an int of at least 0"),
            (TaskOptions(timeout=10**400), "/timeout", "pass it as a str"),
            (TaskOptions(timeout=1.0), "/timeout", "frozen form"),
            (TaskOptions(labels={"a": "b"}), "/labels", "frozen form"),  # type: ignore[arg-type]
            (TaskOptions(labels=FrozenDict.of_frozen({"a": "\ud800"})), "/labels/a", "surrogate"),
        ],
    )
    def test_options_are_checked_and_frozen(self, options: Any, pointer: str, problem: str) -> None:
        refused(f"/tasks/add/options{pointer}", problem, **with_definition(options=options))


class Kind(enum.StrEnum):
    PLAIN = "keyword_only"


class TestParameters:
    @pytest.mark.parametrize(
        ("parameters", "pointer", "problem"),
        [
            ([], "", "must be a tuple"),
            (("a",), "/0", "must be a Parameter"),
            ((Parameter(""),), "/0", "not empty"),
            ((Parameter("a"), Parameter("a")), "/1", "'a' is repeated"),
            ((Parameter("a", "odd"),), "/0/kind", "'odd' cannot stand here"),  # type: ignore[arg-type]
            ((Parameter("a", []),), "/0/kind", "the kinds are, in order"),  # type: ignore[arg-type]
            ((Parameter("a", Kind.PLAIN),), "/0/kind", "cannot stand here"),  # type: ignore[arg-type]
            ((Parameter("a", "keyword_only"), Parameter("b")), "/1/kind", "cannot stand here"),
            ((Parameter("a", "var_positional"), Parameter("b", "var_positional")), "/1/kind", "cannot stand here"),
            ((Parameter("a", "var_keyword"), Parameter("b", "var_keyword")), "/1/kind", "cannot stand here"),
            ((Parameter("a", "var_keyword", Literal(1)),), "/0/default", "has no default"),
            ((Parameter("a", default=Literal((1.0,))),), "/0/default", "frozen form"),
        ],
    )
    def test_what_no_signature_has_is_refused(self, parameters: Any, pointer: str, problem: str) -> None:
        refused(f"/tasks/add/parameters{pointer}", problem, **with_definition(parameters=parameters))

    def test_every_kind_has_its_place(self) -> None:
        parameters = (
            Parameter("a", "positional_only"),
            Parameter("b", "positional_only", Literal(1)),
            Parameter("c"),
            Parameter("d", "var_positional"),
            Parameter("e", "keyword_only", Literal(1)),
            Parameter("f", "keyword_only"),
            Parameter("g", "var_keyword"),
        )
        arguments = (("a", Literal(1)), ("c", Literal(2)), ("f", Literal(3)))
        assert Dag("f", (), (attrs.evolve(ADD, parameters=parameters),), (Call("add", arguments),))


class TestCalls:
    def test_a_node_is_a_call_of_a_task_that_is_defined(self) -> None:
        refused("/nodes/0", "must be a Call", nodes=("add",))
        refused("/nodes/1/task", "no definition of the task 'sub'", **with_call(task="sub"))
        refused("/nodes/1/task", "no definition of the task ['add']", **with_call(task=["add"]))

    @pytest.mark.parametrize("arguments", [[], (1,), (("a",),), ((1, Literal(1)),)])
    def test_arguments_are_pairs_of_a_name_and_a_binding(self, arguments: Any) -> None:
        refused("/nodes/1/arguments", "pairs of a name and a binding", **with_call(arguments=arguments))

    def test_arguments_name_parameters_in_their_order(self) -> None:
        one = Literal(1)
        refused("/nodes/1/arguments/c", "no such parameter", **with_call(arguments=(("c", one),)))
        refused("/nodes/1/arguments/a", "in the order", **with_call(arguments=(("b", one), ("a", one))))
        refused("/nodes/1/arguments/a", "each once", **with_call(arguments=(("a", one), ("a", one))))

    def test_a_parameter_without_a_default_is_bound(self) -> None:
        refused("/nodes/1/arguments", "'a' is not bound", **with_call(arguments=()))
        refused("/nodes/1/arguments", "'a' is not bound", **with_call(arguments=(("b", Literal(2)),)))

    @pytest.mark.parametrize(
        ("after", "pointer"),
        [([0], ""), ((1,), "/0"), ((0, 0), "/1"), ((-1,), "/0"), ((False,), "/0"), (("node-0",), "/0")],
    )
    def test_what_a_call_comes_after_are_earlier_nodes_in_order(self, after: Any, pointer: str) -> None:
        refused(f"/nodes/1/after{pointer}", "must", **with_call(after=after))

    def test_earlier_nodes_pass(self) -> None:
        assert Dag("f", (), (ADD,), (ONE, ONE, attrs.evolve(ONE, after=(0, 1)))).nodes[2].upstream == (0, 1)


class TestOverrides:
    def test_an_override_is_checked_as_options_are(self) -> None:
        refused("/nodes/1/options", "must be a TaskOptions", **with_call(options={"retries": 1}))
        refused("/nodes/1/options/retries", "an int of at least 0", **with_call(options=TaskOptions(retries=-1)))

    def test_an_override_that_says_what_the_definition_says_is_refused(self) -> None:
        declared = TaskOptions(retries=3, labels=FrozenDict({"team": "data"}))
        parts = {**with_definition(options=declared), **with_call(options=TaskOptions(retries=3))}
        refused("/nodes/1/options/retries", "the definition declares the same; leave it out", **parts)
        parts = {**parts, **with_call(options=TaskOptions(retries=2, labels=FrozenDict({"team": "data"})))}
        refused("/nodes/1/options/labels", "leave it out", **parts)

    def test_an_override_that_says_something_else_passes(self) -> None:
        definition = attrs.evolve(ADD, options=TaskOptions(retries=3, cache=True))
        override = TaskOptions(version="2", retries=0)
        assert Dag("f", (), (definition,), (attrs.evolve(ONE, options=override),))


class TestVariadicParameters:
    DEFINITION = TaskDefinition(
        "add", "sums:add", True, (Parameter("args", "var_positional"), Parameter("kwargs", "var_keyword"))
    )

    @pytest.mark.parametrize(
        ("name", "binding", "problem"),
        [
            ("args", Literal(1), "takes a list or an object"),
            ("args", Literal(FrozenDict({"a": 1})), "takes a list or an object"),
            ("args", NodeReference(0), "takes a list or an object"),
            ("args", Literal(()), "is left out"),
            ("kwargs", Literal((1,)), "takes a list or an object"),
            ("kwargs", ListBinding((NodeReference(0),)), "takes a list or an object"),
            ("kwargs", Literal(FrozenDict()), "is left out"),
            ("kwargs", Literal(FrozenDict({"b": 1, "a": 1})), "the keyword 'a' belongs to a parameter of that name"),
            ("kwargs", ObjectBinding((("a", NodeReference(0)),)), "the keyword 'a' belongs to a parameter"),
        ],
    )
    def test_it_takes_its_own_container_and_no_empty_one(self, name: str, binding: Any, problem: str) -> None:
        named = Parameter("a", "keyword_only", Literal(None))
        args, kwargs = self.DEFINITION.parameters
        tasks = (attrs.evolve(self.DEFINITION, parameters=(args, named, kwargs)),)
        nodes = (Call("add"), Call("add", ((name, binding),)))
        refused(f"/nodes/1/arguments/{name}", problem, tasks=tasks, nodes=nodes)

    def test_lists_and_objects_pass(self) -> None:
        plain = Call("add", (("args", Literal((1,))), ("kwargs", Literal(FrozenDict({"a": 1})))))
        arguments = (("args", ListBinding((NodeReference(0),))), ("kwargs", ObjectBinding((("a", NodeReference(0)),))))
        assert Dag("f", (), (self.DEFINITION,), (plain, Call("add", arguments)))


class TestBindings:
    @pytest.mark.parametrize("node", [1, 2, -1, True, "node-0"])
    def test_a_reference_points_to_an_earlier_node(self, node: Any) -> None:
        refused("/nodes/1/arguments/a/node", "earlier node", **with_argument(NodeReference(node)))

    def test_a_reference_to_an_input_names_one(self) -> None:
        refused("/nodes/1/arguments/a/input", "no input 'day'", **with_argument(InputReference("day")))
        refused("/nodes/1/arguments/a/input", "no input ['day']", **with_argument(InputReference(["day"])))  # type: ignore[arg-type]
        assert Dag("f", (FlowInput("day"),), (ADD,), (Call("add", (("a", InputReference("day", ("x", 0))),)),))

    @pytest.mark.parametrize("path", [[], ["a"], (-1,), (True,), (0.5,), ("\ud800",), (MAX_SAFE_INTEGER + 1,), (None,)])
    def test_a_path_holds_keys_and_indexes(self, path: Any) -> None:
        refused("/nodes/1/arguments/a/path", "keys and of indexes", **with_argument(NodeReference(0, path)))
        inputs = (FlowInput("day"),)
        parts = with_argument(InputReference("day", path))
        refused("/nodes/1/arguments/a/path", "keys and of indexes", inputs=inputs, **parts)

    @pytest.mark.parametrize(
        ("binding", "pointer", "problem"),
        [
            (3, "", "must be a Binding"),
            (ListBinding([NodeReference(0)]), "/list", "must be a tuple"),  # type: ignore[arg-type]
            (ListBinding((NodeReference(0), NodeReference(1))), "/list/1/node", "earlier node"),
            (ListBinding((Literal(1),)), "", "a container without references is a literal"),
            (ListBinding(()), "", "a container without references is a literal"),
            (ListBinding((NodeReference(0), ListBinding((Literal(1),)))), "/list/1", "is a literal"),
            (ObjectBinding([]), "/object", "pairs of a key"),  # type: ignore[arg-type]
            (ObjectBinding((1,)), "/object", "pairs of a key"),  # type: ignore[arg-type]
            (ObjectBinding((("a",),)), "/object", "pairs of a key"),  # type: ignore[arg-type]
            (ObjectBinding(((1, NodeReference(0)),)), "/object", "the key 1 is not text"),  # type: ignore[arg-type]
            (ObjectBinding((("\ud800", NodeReference(0)),)), "/object", "is not text"),
            (ObjectBinding((("b", NodeReference(0)), ("a", Literal(1)))), "/object/a", "RFC 8785 order"),
            (ObjectBinding((("a", NodeReference(0)), ("a", Literal(1)))), "/object/a", "each once"),
            (ObjectBinding((("\uffff", Literal(1)), ("😀", NodeReference(0)))), "/object/😀", "RFC 8785 order"),
            (ObjectBinding((("a", NodeReference(0)), ("b", 1))), "/object/b", "must be a Binding"),  # type: ignore[arg-type]
            (ObjectBinding((("a", Literal(1)),)), "", "a container without references is a literal"),
            (Literal(((), {1})), "/literal/1", "a set"),  # type: ignore[arg-type]
            (Literal([1]), "/literal", "frozen form"),  # type: ignore[arg-type]
        ],
    )
    def test_what_has_another_form_or_none_is_refused(self, binding: Any, pointer: str, problem: str) -> None:
        refused(f"/nodes/1/arguments/a{pointer}", problem, **with_argument(binding))

    def test_the_empty_key_stands_first(self) -> None:
        entries = (("", NodeReference(0)), ("a", Literal(1)))
        assert Dag("f", (), (ADD,), (ONE, Call("add", (("a", ObjectBinding(entries)),))))

    def test_bindings_are_as_deep_as_values_may_be(self) -> None:
        deepest = with_argument(nested(MAX_DEPTH, NodeReference(0)))
        assert Dag("f", (), (ADD,), **deepest)
        error = refusal(lambda: Dag("f", (), (ADD,), **with_argument(nested(MAX_DEPTH + 1, NodeReference(0)))))
        assert "nested deeper than 64" in error.problem
        assert error.pointer.startswith("/nodes/1/arguments/a/object/k/list/0/")

    def test_a_literal_counts_from_the_binding_that_holds_it(self) -> None:
        def holding(value: Any) -> dict[str, Any]:
            return with_argument(nested(MAX_DEPTH - 2, ListBinding((NodeReference(0), Literal(value)))))

        assert Dag("f", (), (ADD,), **holding((1,)))
        assert Dag("f", (), (ADD,), **holding(FrozenDict({"a": 1})))
        for value in (((1,),), FrozenDict({"a": FrozenDict()})):
            error = refusal(lambda value=value: Dag("f", (), (ADD,), **holding(value)))
            assert error.pointer.endswith("/list/1/literal")
            assert "nested deeper than 64" in error.problem

    @pytest.mark.parametrize(
        "around",
        [
            lambda inner: ListBinding((inner, inner)),
            lambda inner: ObjectBinding((("a", inner), ("b", inner))),
            lambda inner: ListBinding((inner, Literal(((0,) * 1000,)), inner)),
        ],
        ids=["lists", "objects", "with literals"],
    )
    def test_a_binding_that_shares_one_part_many_times_is_refused_at_once(self, around: Any) -> None:
        shared: Any = NodeReference(0)
        for _ in range(60):
            shared = around(shared)
        error = refusal(lambda: Dag("f", (), (ADD,), **with_argument(shared)))
        assert error.pointer.startswith("/nodes/1/arguments/a/")
        assert "holds more than 1048576 parts" in error.problem
        assert "store it" in error.advice
        assert "holds more" in refusal(lambda: Dag("f", (), (ADD,), (ONE,), (), shared)).problem

    def test_a_literal_that_shares_one_part_many_times_is_refused_at_once(self) -> None:
        shared: Any = 0
        for _ in range(30):
            shared = (shared, FrozenDict.of_frozen({"a": shared, "b": shared}))
        for literal in (Literal(shared), Literal([shared])):  # type: ignore[arg-type]
            error = refusal(lambda literal=literal: Dag("f", (), (ADD,), **with_argument(literal)))
            assert error.pointer.startswith("/nodes/1/arguments/a/literal")

    def test_an_argument_holds_parts_and_characters_up_to_a_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fits(*rest: Any) -> bool:
            binding = ListBinding((NodeReference(0), *rest))
            return isinstance(dag("f", (), (ADD,), (ONE, ONE), (), binding), Success)

        # The return, its items, and what stands in them; texts and keys by their characters.
        monkeypatch.setattr(_limits, "MAX_PARTS", 5)
        assert fits(Literal(1), Literal(2), Literal(3))
        assert fits(Literal(1), Literal((2,)))
        assert fits(ListBinding((NodeReference(0), Literal(1))))
        assert not fits(Literal(1), Literal(2), Literal(3), Literal(4))
        assert not fits(Literal(1), Literal((2, 3)))
        assert not fits(ListBinding((NodeReference(0), Literal(1), NodeReference(0))))
        monkeypatch.setattr(_limits, "MAX_CHARACTERS", 4)
        assert fits(Literal("ab"), Literal("cd"))
        assert fits(Literal("ab"), ObjectBinding((("cd", NodeReference(0)),)))
        assert fits(Literal(FrozenDict({"abc": "d"})))
        assert not fits(Literal("ab"), Literal("cde"))
        assert not fits(Literal("ab"), ObjectBinding((("cde", NodeReference(0)),)))
        assert not fits(Literal(FrozenDict({"abc": "de"})))


class TestGroups:
    @pytest.mark.parametrize(
        ("groups", "pointer", "problem"),
        [
            (("g",), "/0", "must be a Group"),
            ((Group(""),), "/0", "not empty"),
            ((Group("g", 0),), "/0/parent", "earlier group"),
            ((Group("g"), Group("h", True)), "/1/parent", "earlier group"),
            ((Group("g"), Group("h", -1)), "/1/parent", "earlier group"),
            ((Group("g", None, []),), "/0/nodes", "must be a tuple"),  # type: ignore[arg-type]
            ((Group("g", None, (1,)),), "/0/nodes/0", "nodes of the DAG"),
            ((Group("g", None, (-1,)),), "/0/nodes/0", "nodes of the DAG"),
            ((Group("g", None, ("node-0",)),), "/0/nodes/0", "nodes of the DAG"),  # type: ignore[arg-type]
            ((Group("g", None, (0, 0)),), "/0/nodes/1", "ascending"),
            ((Group("g", None, (0,)), Group("h", 0, (0,))), "/1/nodes/0", "each in one group"),
        ],
    )
    def test_what_is_no_group_of_nodes_is_refused(self, groups: Any, pointer: str, problem: str) -> None:
        refused(f"/groups{pointer}", problem, groups=groups)

    def test_groups_in_groups_pass(self) -> None:
        groups = (Group("outer", None, (1,)), Group("inner", 0, (0,)), Group("empty"))
        assert Dag("f", (), (ADD,), (ONE, ONE), groups).groups == groups


class TestMaps:
    def test_what_is_mapped_over_is_a_reference_or_a_list(self) -> None:
        for items in (
            Literal((1, 2)),
            Literal(()),
            NodeReference(0),
            NodeReference(0, ("k",)),
            ListBinding((NodeReference(0),)),
        ):
            assert Dag("f", (), (ADD,), (ONE, Map("add", (("a", items),))))
        assert Dag("f", (FlowInput("x"),), (ADD,), (Map("add", (("a", InputReference("x")),)),))

    @pytest.mark.parametrize(
        "items", [Literal(1), Literal("ab"), Literal(FrozenDict({"a": 1})), ObjectBinding((("k", NodeReference(0)),))]
    )
    def test_a_text_an_object_and_a_number_are_not_mapped_over(self, items: Any) -> None:
        refused("/nodes/1/arguments/a", "is a reference or a list", nodes=(ONE, Map("add", (("a", items),))))

    def test_it_is_checked_as_a_call_is(self) -> None:
        items = ("a", Literal((1,)))
        refused("/nodes/0/task", "no definition of the task 'sub'", nodes=(Map("sub"),))
        refused("/nodes/0/arguments/c", "no such parameter", nodes=(Map("add", (("c", Literal(1)),)),))
        refused("/nodes/0/after/0", "earlier nodes", nodes=(Map("add", (items,), (0,)),))
        refused("/nodes/0/options", "must be a TaskOptions", nodes=(Map("add", (items,), (), {}),))  # type: ignore[arg-type]

    def test_the_first_parameter_is_bound_whether_or_not_it_has_a_default(self) -> None:
        parameters = (Parameter("a", default=Literal((1,))), Parameter("b", default=Literal(1)))
        nodes = (Map("add", (("b", Literal((1,))),)),)
        refused(
            "/nodes/0/arguments",
            "'a', which is mapped over, is not bound",
            nodes=nodes,
            **with_definition(parameters=parameters),
        )

    @pytest.mark.parametrize(
        ("parameters", "arguments"),
        [
            ((), ()),
            ((Parameter("a", "var_positional"),), (("a", Literal((1,))),)),
            ((Parameter("a", "keyword_only"),), (("a", Literal((1,))),)),
        ],
    )
    def test_the_first_parameter_takes_one_argument_by_its_position(self, parameters: Any, arguments: Any) -> None:
        parts = with_definition(parameters=parameters)
        refused("/nodes/0/task", "takes an argument by its position", nodes=(Map("add", arguments),), **parts)


def branch_of(condition: Any, side: bool, *nodes: int, parent: int | None = None) -> Group:
    return Group("then" if side else "otherwise", parent, nodes, Guard(condition, side))


def chosen(**changes: Any) -> dict[str, Any]:
    """A choice by the first node, with a node in each branch, and what changes in it."""
    parts = {
        "nodes": (ONE, ONE, ONE, Choice(Branch(0, NodeReference(1)), Branch(1, NodeReference(2)))),
        "groups": (branch_of(NodeReference(0), True, 1), branch_of(NodeReference(0), False, 2)),
        "returns": NodeReference(3),
    }
    return {**parts, **changes}


def with_choice(*nodes: Any, **changes: Any) -> dict[str, Any]:
    """The same with another choice, and with what comes after it."""
    return chosen(nodes=(ONE, ONE, ONE, *nodes), **changes)


def using(binding: Any) -> Call:
    return Call("add", (("a", binding),))


class TestChoices:
    THEN, OTHERWISE = Branch(0, NodeReference(1)), Branch(1, NodeReference(2))

    def test_a_choice_of_two_branches_passes(self) -> None:
        assert Dag("f", (), (ADD,), **chosen()).nodes[3] == Choice(self.THEN, self.OTHERWISE)

    def test_a_branch_may_answer_what_stands_outside_or_a_literal_and_have_no_nodes(self) -> None:
        groups = (branch_of(InputReference("x"), True), branch_of(InputReference("x"), False))
        nodes = (ONE, Choice(Branch(0, NodeReference(0)), Branch(1, Literal(1))))
        assert Dag("f", (FlowInput("x"),), (ADD,), nodes, groups)

    @pytest.mark.parametrize(
        ("choice", "pointer", "problem"),
        [
            (Choice(None), "/then", "must be a Branch"),  # type: ignore[arg-type]
            (Choice(THEN, 1), "/otherwise", "must be a Branch"),  # type: ignore[arg-type]
            (Choice(Branch("then")), "/then/group", "the position of a group"),  # type: ignore[arg-type]
            (Choice(Branch(True)), "/then/group", "the position of a group"),
            (Choice(Branch(2)), "/then/group", "the position of a group"),
            (Choice(Branch(-1)), "/then/group", "the position of a group"),
            (Choice(THEN, Branch(1, NodeReference(3))), "/otherwise/returns/node", "an earlier node"),
            (Choice(THEN, Branch(1, None)), "/otherwise/returns", "must be a Binding"),  # type: ignore[arg-type]
            (Choice(OTHERWISE), "/then/group", "the branch true"),
            (Choice(THEN, THEN), "/otherwise/group", "the branch false"),
        ],
    )
    def test_what_is_no_choice_is_refused(self, choice: Any, pointer: str, problem: str) -> None:
        refused(f"/nodes/3{pointer}", problem, **with_choice(choice))

    def test_a_branch_is_a_group_with_a_guard(self) -> None:
        plain = (Group("then", None, (1,)), branch_of(NodeReference(0), False, 2))
        refused("/nodes/3/then/group", "whose guard has the branch true", **chosen(groups=plain))
        refused("/nodes/0/then/group", "the position of a group", tasks=(), nodes=(Choice(Branch(0)),))
        refused("/nodes/0/then/group", "whose guard", tasks=(), nodes=(Choice(Branch(0)),), groups=(Group("g"),))

    def test_each_branch_belongs_to_one_choice(self) -> None:
        refused(
            "/nodes/4/then/group",
            "belongs to an earlier choice",
            **with_choice(Choice(self.THEN, self.OTHERWISE), Choice(self.THEN)),
        )
        refused("/groups/1/guard", "no choice has this branch", **with_choice(Choice(self.THEN)))

    def test_both_branches_have_one_condition(self) -> None:
        groups = (branch_of(NodeReference(0), True, 1), branch_of(NodeReference(0, ("k",)), False, 2))
        refused("/nodes/3/otherwise/group", "one condition", **chosen(groups=groups))

    def test_a_choice_stands_where_its_branches_do(self) -> None:
        groups = chosen()["groups"]
        refused(
            "/nodes/3/then/group", "stands where its branches do", **chosen(groups=(*groups, Group("g", None, (3,))))
        )
        inner = (
            Group("g", None, (3,)),
            branch_of(NodeReference(0), True, 1, parent=0),
            branch_of(NodeReference(0), False, 2, parent=0),
        )
        choice = Choice(Branch(1, NodeReference(1)), Branch(2, NodeReference(2)))
        assert Dag("f", (), (ADD,), **with_choice(choice, groups=inner))

    def test_a_choice_comes_after_the_nodes_of_its_branches_and_of_the_groups_in_them(self) -> None:
        groups = chosen()["groups"]
        late = (groups[0], groups[1], Group("inner", 1, (4,)))
        refused(
            "/nodes/3/otherwise/group",
            "after the nodes of its branches",
            **with_choice(chosen()["nodes"][3], ONE, groups=late),
        )

    @pytest.mark.parametrize(("condition", "nodes"), [(1, (0,)), (2, (1,)), (2, ())])
    def test_a_condition_comes_before_all_that_it_decides_about(self, condition: int, nodes: tuple[int, ...]) -> None:
        groups = (Group("then", None, (), Guard(NodeReference(condition), True)), Group("inner", 0, nodes))
        refused(
            "/groups/0/guard/condition/node",
            "before all that it decides about",
            nodes=(ONE, ONE, Choice(Branch(0)), ONE),
            groups=groups,
        )

    @pytest.mark.parametrize(
        ("guard", "pointer", "problem"),
        [
            (True, "", "must be a Guard"),
            (Guard(NodeReference(0), 1), "/branch", "must be a bool"),  # type: ignore[arg-type]
            (Guard(Literal(True), True), "/condition", "must refer to a node or to an input"),  # type: ignore[arg-type]
            (Guard(None, True), "/condition", "must refer to a node or to an input"),  # type: ignore[arg-type]
            (Guard(InputReference("x"), True), "/condition/input", "no input 'x'"),
            (Guard(NodeReference(4), True), "/condition/node", "earlier node"),
            (Guard(NodeReference(0, (-1,)), True), "/condition/path", "keys and of indexes"),
        ],
    )
    def test_what_is_no_guard_is_refused(self, guard: Any, pointer: str, problem: str) -> None:
        refused(
            f"/groups/0/guard{pointer}",
            problem,
            **chosen(groups=(Group("then", None, (1,), guard), chosen()["groups"][1])),
        )


class TestSight:
    """What is born in a branch is seen in it, and nowhere else."""

    CHOICE = Choice(Branch(0, NodeReference(1)), Branch(1, NodeReference(2)))

    @pytest.mark.parametrize(
        ("node", "pointer"),
        [
            (using(NodeReference(1)), "/arguments/a/node"),
            (
                using(ListBinding((Literal(1), ObjectBinding((("a/b", NodeReference(2)),))))),
                "/arguments/a/list/1/object/a~1b/node",
            ),
            (attrs.evolve(ONE, after=(0, 1)), "/after/1"),
            (Map("add", (("a", NodeReference(1, ("k",))),)), "/arguments/a/node"),
        ],
    )
    def test_a_node_of_a_branch_is_not_seen_outside(self, node: Any, pointer: str) -> None:
        refused(f"/nodes/4{pointer}", "is seen in its branch only", **with_choice(self.CHOICE, node))

    def test_nor_in_the_return(self) -> None:
        refused("/returns/node", "node-2 is seen in its branch only", **chosen(returns=NodeReference(2)))
        refused("/returns/list/0/node", "return it from the branch", **chosen(returns=ListBinding((NodeReference(1),))))

    def test_nor_in_the_other_branch(self) -> None:
        refused(
            "/nodes/2/arguments/a/node",
            "seen in its branch",
            **chosen(nodes=(ONE, ONE, using(NodeReference(1)), self.CHOICE)),
        )
        crossed = Choice(Branch(0, NodeReference(2)), Branch(1, NodeReference(1)))
        refused("/nodes/3/then/returns/node", "node-2 is seen", **with_choice(crossed))

    def test_nor_by_another_condition(self) -> None:
        groups = (*chosen()["groups"], branch_of(NodeReference(1), True))
        refused(
            "/groups/2/guard/condition/node",
            "seen in its branch",
            **with_choice(self.CHOICE, Choice(Branch(2)), groups=groups),
        )

    def test_nor_in_a_branch_of_the_same_condition(self) -> None:
        groups = (*chosen()["groups"], branch_of(NodeReference(0), True, 4))
        parts = with_choice(self.CHOICE, using(NodeReference(1)), Choice(Branch(2)), groups=groups)
        refused("/nodes/4/arguments/a/node", "seen in its branch", **parts)

    def test_in_the_branch_and_in_all_that_is_in_it_it_is_seen(self) -> None:
        groups = (
            branch_of(NodeReference(0), True, 1, 5),
            Group("inner", 0, (2,)),
            branch_of(NodeReference(1), True, 3, parent=0),
            branch_of(NodeReference(1), False, 4, parent=0),
        )
        inner = Choice(Branch(2, NodeReference(3)), Branch(3, NodeReference(1)))
        nodes = (ONE, ONE, using(NodeReference(1)), using(NodeReference(2)), attrs.evolve(ONE, after=(0, 1, 2)), inner)
        graph = Dag("f", (), (ADD,), (*nodes, Choice(Branch(0, NodeReference(5)))), groups, NodeReference(6))
        outer, inside = groups[0].guard, groups[2].guard
        assert graph.guards == ((), (outer,), (outer,), (outer, inside), (outer, groups[3].guard), (outer,), ())
        assert graph.upstream == ((), (0,), (0, 1), (0, 1, 2), (0, 1, 2), (0, 1, 3), (0, 5))

    def test_branches_nest_as_deep_as_a_capture_lets_them_and_no_deeper(self) -> None:
        def nest(depth: int) -> Outcome[Dag, InvalidDagError]:
            guard = Guard(InputReference("x"), True)
            # Each group holds the choice of the next, which is recorded before its own.
            homes = [(depth - 2 - at,) if at < depth - 1 else () for at in range(depth)]
            groups = tuple(Group("then", at - 1 if at else None, homes[at], guard) for at in range(depth))
            nodes = tuple(Choice(Branch(depth - 1 - at)) for at in range(depth))
            return dag("f", (FlowInput("x"),), (), nodes, groups)

        assert isinstance(nest(MAX_GUARDS), Success)
        error = nest(MAX_GUARDS + 1).failure()
        assert (error.pointer, error.problem) == ("/groups/64/guard", "nested deeper than 64")


class TestTheSizeOfALiteral:
    @pytest.mark.parametrize(
        ("value", "size"),
        [
            (None, 4),
            (True, 4),
            (False, 5),
            (-12, 3),
            (1e-7, 4),
            ("", 2),
            ("é", 4),
            ('"\\', 6),
            ("\n\x00\x7f", 11),
            ((), 2),
            ((1, 2), 5),
            (FrozenDict(), 2),
            (FrozenDict({"a": 1, "b": ()}), 14),
        ],
    )
    def test_it_is_counted_in_bytes_of_canonical_json(self, value: Any, size: int) -> None:
        assert canonical_size(value) == size

    def test_a_literal_at_the_limit_passes_and_one_byte_more_is_refused(self) -> None:
        assert oversized("x" * (MAX_LITERAL_BYTES - 2)) is None
        too_large = oversized("x" * (MAX_LITERAL_BYTES - 1))
        assert too_large is not None
        assert "262145 bytes" in too_large.problem
        assert oversized(freeze(["x" * (MAX_LITERAL_BYTES - 4)])) is None  # type: ignore[arg-type]
        assert oversized(freeze(["x" * (MAX_LITERAL_BYTES - 3)])) is not None  # type: ignore[arg-type]

    def test_it_is_counted_without_writing_what_is_shared_many_times(self) -> None:
        value: Any = freeze([1])
        for times in range(60):
            assert canonical_size(value) == 3 + 6 * (2**times - 1)
            value = (value, value)

    def test_escapes_count(self) -> None:
        assert oversized("\x00" * (MAX_LITERAL_BYTES // 6 + 1)) is not None


def test_a_keyword_that_belongs_to_a_parameter_is_refused() -> None:
    parameters = (Parameter("p", "positional_only"), Parameter("k", "keyword_only"), Parameter("rest", "var_keyword"))
    definition = TaskDefinition("t", "m:t", True, parameters)

    def bound(rest: Binding) -> Outcome[Dag, InvalidDagError]:
        one = Literal(1)
        nodes = (Call("t", (("p", one), ("k", one))), Call("t", (("p", one), ("k", one), ("rest", rest))))
        return dag("f", tasks=(definition,), nodes=nodes)

    assert isinstance(bound(Literal(FrozenDict({"p": 1, "rest": 2}))), Success)
    for rest in (Literal(FrozenDict({"k": 2})), ObjectBinding((("k", NodeReference(0)),))):
        assert bound(rest).failure().pointer == "/nodes/1/arguments/rest"
